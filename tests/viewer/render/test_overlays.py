"""Overlays at every size, and over every kind of picture."""

from __future__ import annotations

import numpy as np
import pytest

from viewer.dicom.pixels import Overlay, Pixels
from viewer.render.overlays import GRAPHICS, NOTHING, REGION, half, plane
from viewer.render.pipeline import picture
from viewer.render.pyramid import prepare


def pixels(array: np.ndarray, *overlays: Overlay) -> Pixels:
    kind = "RGB" if array.ndim == 3 else "MONOCHROME2"
    return Pixels(array, kind, 8 * array.dtype.itemsize, False, overlays=overlays)


MARK = Overlay(np.eye(3, dtype=bool), 2, 4, "G")
REGION_OVER_IT = Overlay(np.ones((1, 2), bool), 4, 6, "R", "lesion")


def test_planes_lie_over_one_another_where_they_belong() -> None:
    codes = plane(pixels(np.zeros((8, 9), np.uint8), MARK, REGION_OVER_IT))
    assert codes is not None
    assert [codes[2, 4], codes[3, 5], codes[4, 6], codes[4, 7]] == [GRAPHICS] * 2 + [REGION] * 2
    assert np.count_nonzero(codes) == 4


def test_nothing_lies_over_most_pictures() -> None:
    assert plane(pixels(np.zeros((8, 9), np.uint8))) is None
    assert prepare(pixels(np.zeros((800, 900), np.uint8))).overlays == ()


@pytest.mark.parametrize("shape", [(8, 9), (8, 9, 3)])
def test_overlays_are_drawn_in_white_if_they_are_wanted(shape: tuple[int, ...]) -> None:
    array = np.full(shape, 40, np.uint8)
    given = pixels(array, MARK)
    assert np.array_equal(picture(given), picture(pixels(array)))
    drawn = picture(given, overlays=True)
    assert (drawn[[2, 3, 4], [4, 5, 6]] == 255).all()
    drawn[[2, 3, 4], [4, 5, 6]] = picture(given)[0, 0]
    assert np.array_equal(drawn, picture(given))


def test_a_line_of_one_pixel_is_seen_at_every_size() -> None:
    line = Overlay(np.ones((1, 1301), bool), 701, 100, "G")
    drawable = prepare(pixels(np.zeros((1403, 1501), np.uint16), line))
    assert len(drawable.overlays) == len(drawable.levels)
    for codes, level in zip(drawable.overlays, drawable.levels, strict=True):
        assert codes.shape == level.shape[:2]
        assert np.count_nonzero(codes.max(axis=0)) >= 0.8 * codes.shape[1]
    assert drawable.size_bytes > prepare(pixels(np.zeros((1403, 1501), np.uint16))).size_bytes


def test_the_higher_code_survives() -> None:
    codes = np.array([[NOTHING, GRAPHICS, 0], [REGION, 0, 0]], np.uint8)
    assert half(codes).tolist() == [[REGION]]
