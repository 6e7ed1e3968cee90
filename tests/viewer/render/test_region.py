"""The window of a part of a picture, beside numpy's own percentiles."""

from __future__ import annotations

import numpy as np
import pytest

from viewer.dicom.pixels import Lut, Pixels
from viewer.render.region import region_window
from viewer.render.voi import Window

STORED = np.random.default_rng(5).integers(0, 4000, (60, 80)).astype(np.int16)
PIXELS = Pixels(STORED, "MONOCHROME2", 12, True, rescale_slope=2.0, rescale_intercept=-1000.0)


def edges(window: Window | None) -> tuple[float, float]:
    assert window is not None
    assert window.function == "LINEAR_EXACT"
    return window.center - window.width / 2, window.center + window.width / 2


def test_it_reaches_from_the_2nd_to_the_98th_percentile_of_the_modality_values() -> None:
    hounsfield = STORED[10:31, 20:51] * 2.0 - 1000.0
    expected = np.percentile(hounsfield, [2, 98])
    assert edges(region_window(PIXELS, (20, 10), (50, 30))) == pytest.approx(expected)


def test_the_corners_can_be_drawn_in_any_order_and_beyond_the_picture() -> None:
    expected = edges(region_window(PIXELS, (0, 0), (50, 30)))
    assert edges(region_window(PIXELS, (50, -9), (-7, 30))) == expected


def test_a_pixel_counts_if_its_middle_is_inside() -> None:
    expected = np.percentile(STORED[11:31, 21:51] * 2.0 - 1000.0, [2, 98])
    assert edges(region_window(PIXELS, (20.1, 10.1), (50.9, 30.9))) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("first", "last"), [((3.2, 3.2), (3.4, 9)), ((90, 5), (99, 9)), ((-20, -20), (-5, -5))]
)
def test_a_part_without_pixels_has_no_window(
    first: tuple[float, float], last: tuple[float, float]
) -> None:
    assert region_window(PIXELS, first, last) is None


def test_padding_does_not_count() -> None:
    stored = STORED.copy()
    stored[:, :40] = -2000
    padded = Pixels(stored, "MONOCHROME2", 12, True, padding=(-2000, -2000))
    assert edges(region_window(padded, (0, 0), (79, 59))) == pytest.approx(
        np.percentile(STORED[:, 40:], [2, 98])
    )
    assert region_window(padded, (0, 0), (30, 59)) is None


def test_one_value_alone_can_be_drawn() -> None:
    flat = Pixels(np.full((9, 9), 7, np.uint16), "MONOCHROME2", 12, False)
    low, high = edges(region_window(flat, (0, 0), (8, 8)))
    assert low < 7 < high


def test_values_that_are_no_numbers_do_not_count() -> None:
    floats = STORED.astype(np.float32)
    floats[::2] = np.nan
    floats[1, 1] = np.inf
    window = region_window(Pixels(floats, "MONOCHROME2", 32, True), (0, 0), (79, 59))
    expected = np.delete(STORED[1::2].ravel(), 1)
    assert edges(window) == pytest.approx(np.percentile(expected, [2, 98]))


def test_a_modality_table_counts() -> None:
    table = Lut(0, 16, np.arange(4096, dtype=np.uint16)[::-1].copy())
    pixels = Pixels(STORED, "MONOCHROME2", 12, True, modality_lut=table)
    expected = np.percentile(4095 - STORED, [2, 98])
    assert edges(region_window(pixels, (0, 0), (79, 59))) == pytest.approx(expected)


def test_of_a_large_part_a_grid_of_values_is_enough() -> None:
    large = np.tile(STORED, (50, 50))
    window = region_window(Pixels(large, "MONOCHROME2", 12, True), (0, 0), (3999, 2999))
    assert edges(window) == pytest.approx(np.percentile(large, [2, 98]), abs=40)


def test_colour_has_no_window() -> None:
    colour = Pixels(np.zeros((9, 9, 3), np.uint8), "RGB", 8, False)
    assert region_window(colour, (0, 0), (8, 8)) is None
