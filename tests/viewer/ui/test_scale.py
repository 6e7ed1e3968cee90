"""The scale bar and the true size, by arithmetic that a hand can do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from viewer.dicom.calibration import Basis, Calibration
from viewer.dicom.pixels import Pixels
from viewer.dicom.regions import CM, SECONDS, Region
from viewer.ui import scale as scales
from viewer.ui.scale import bar, scale, told_length, true_zoom
from viewer.ui.view_state import ViewState, fit, turned

VIEW = fit(ViewState(image=(100, 100), viewport=(1000, 1000)))  # 10 px an image unit


def pixels(
    spacing: tuple[float, float] | None, basis: Basis = Basis.BODY, aspect: float = 1.0
) -> Pixels:
    array = np.zeros((100, 100), np.uint8)
    known = Calibration(basis, spacing)
    return Pixels(array, "MONOCHROME2", 8, False, calibration=known, aspect=aspect)


@pytest.mark.parametrize(
    ("spacing_mm", "words", "length_px"),
    [
        (0.7, "1 cm", 10 / 0.7 * 10),  # 180 px are 12.6 mm
        (0.5, "5 mm", 100.0),  # 9 mm
        (1.0, "1 cm", 100.0),  # 18 mm
        (2.5, "2 cm", 80.0),  # 45 mm
        (3.0, "5 cm", 5 / 3 * 100),  # 54 mm
        (100.0, "100 cm", 100.0),
        (0.0005, "5 µm", 100.0),
    ],
)
def test_the_bar_is_the_longest_round_length_that_does_not_cover_much(
    spacing_mm: float, words: str, length_px: float
) -> None:
    found = scale(pixels((spacing_mm, spacing_mm)), VIEW)
    assert found is not None
    ruler = bar(found, VIEW)
    assert ruler is not None
    assert (ruler.words, ruler.length_px) == (words, pytest.approx(length_px))


def test_the_bar_is_shorter_in_a_narrow_viewport() -> None:
    narrow = fit(replace(VIEW, viewport=(200, 1000)))  # 2 px a unit; 70 px are 35 mm
    found = scale(pixels((1.0, 1.0)), narrow)
    assert found is not None
    ruler = bar(found, narrow)
    assert ruler is not None
    assert (ruler.words, ruler.length_px) == ("2 cm", pytest.approx(40))


def test_a_turned_picture_is_measured_along_what_lies_across_the_screen() -> None:
    found = scale(pixels((2.0, 1.0)), VIEW)  # its pixels are drawn square and are not
    assert found is not None
    assert (found.on_screen_mm(VIEW), found.on_screen_mm(turned(VIEW, 90))) == (1.0, 2.0)


def test_pixels_that_are_not_square_are_as_long_as_they_are_drawn() -> None:
    found = scale(pixels((2.0, 1.0), aspect=2.0), VIEW)
    assert found is not None
    assert (found.across_mm, found.down_mm) == (1.0, 1.0)


def test_without_a_spacing_there_is_no_scale() -> None:
    assert scale(pixels(None, Basis.NONE), VIEW) is None


def test_every_basis_of_a_spacing_is_told() -> None:
    for basis in Basis:
        if basis is not Basis.NONE:
            assert scales.WORDS[basis].startswith("Scale: ")


def test_an_ultrasound_is_as_large_as_the_region_in_the_middle_says() -> None:
    tissue = Region(20, 20, 79, 79, (CM, CM), (0.05, 0.05))
    doppler = Region(0, 80, 99, 99, (SECONDS, CM), (0.01, 0.05))
    known = Calibration(Basis.REGIONS, regions=(tissue, doppler))
    picture = replace(pixels(None), calibration=known)
    found = scale(picture, VIEW)
    assert found is not None
    assert (found.across_mm, found.down_mm) == (0.5, 0.5)
    assert scale(picture, replace(VIEW, center=(50.0, 90.0))) is None
    assert scale(picture, replace(VIEW, center=(5.0, 5.0))) is None


def test_true_size_is_a_mm_for_a_mm_on_the_screen() -> None:
    found = scale(pixels((0.5, 0.5)), VIEW)
    zoom = true_zoom(found, 101.6)  # 4 px a mm
    assert zoom == pytest.approx(2.0)  # 1 unit is half a mm, which is 2 px


@pytest.mark.parametrize(
    ("spacing", "basis", "px_an_inch", "reason"),
    [
        (None, Basis.NONE, 100.0, scales.UNKNOWN_SIZE),
        ((0.1, 0.1), Basis.DETECTOR, 100.0, scales.NOT_THE_BODY),
        ((0.1, 0.1), Basis.SCANNED, 100.0, scales.NOT_THE_BODY),
        ((0.1, 0.2), Basis.BODY, 100.0, scales.NOT_ALIKE),
        ((0.1, 0.1), Basis.BODY, 0.0, scales.NO_SCREEN),
        ((0.1, 0.1), Basis.BODY, float("inf"), scales.NO_SCREEN),
    ],
)
def test_true_size_says_why_it_cannot_be(
    spacing: tuple[float, float] | None, basis: Basis, px_an_inch: float, reason: str
) -> None:
    assert true_zoom(scale(pixels(spacing, basis), VIEW), px_an_inch) == reason


@pytest.mark.parametrize(
    ("mm", "words"), [(10, "1 cm"), (200, "20 cm"), (5, "5 mm"), (1, "1 mm"), (0.2, "200 µm")]
)
def test_lengths_are_told_in_the_unit_that_suits_them(mm: float, words: str) -> None:
    assert told_length(mm) == words
