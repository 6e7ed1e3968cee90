"""Planes beside arithmetic by hand and highdicom; lines of crossing beside the corners."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from highdicom.spatial import ImageToReferenceTransformer, ReferenceToPixelTransformer
from hypothesis import given
from hypothesis import strategies as st

from viewer.dicom.geometry import Plane, crossing, plane
from viewer.dicom.header import Header

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


def _header(position: Any, orientation: Any, **more: Any) -> Header:
    given: dict[str, Any] = {
        "spacing_mm": (0.5, 2.0),
        "rows": 40,
        "columns": 20,
        "frame_of_reference": "1.2",
    }
    return Header(position=position, orientation=orientation, **(given | more))


def _plane(position: Any, orientation: Any, **more: Any) -> Plane:
    found = plane(_header(position, orientation, **more))
    assert found is not None
    return found


turns = st.tuples(*[st.floats(-math.pi, math.pi)] * 3)
places = st.tuples(*[st.floats(-500, 500)] * 3)
gaps = st.tuples(*[st.floats(0.05, 8)] * 2)


def _orientation(turn: tuple[float, ...]) -> tuple[float, ...]:
    """Two columns of a rotation, by angles about x, y and z."""
    (ca, cb, cc), (sa, sb, sc) = [[f(each) for each in turn] for f in (math.cos, math.sin)]
    return (cb * cc, cb * sc, -sb, sa * sb * cc - ca * sc, sa * sb * sc + ca * cc, sa * cb)


def test_a_pixel_lies_where_the_standards_equation_puts_it() -> None:
    found = _plane((-10.0, 20.0, 30.0), CORONAL)
    # Column 3 is 6 mm toward the left, row 8 is 4 mm toward the feet.
    assert found.to_patient(3, 8) == (-4.0, 20.0, 26.0)
    assert found.normal == (0.0, 1.0, 0.0)
    assert found.to_image((-4.0, 25.0, 26.0)) == (3.0, 8.0, 5.0)


@given(places, turns, gaps, st.floats(-50, 600), st.floats(-50, 600))
def test_points_agree_with_highdicom(
    position: tuple[float, ...],
    turn: tuple[float, ...],
    spacing: tuple[float, ...],
    column: float,
    row: float,
) -> None:
    orientation = _orientation(turn)
    found = _plane(position, orientation, spacing_mm=spacing)
    there = ImageToReferenceTransformer(position, orientation, spacing)
    # Its images begin at the corner of the first pixel.
    expected = there(np.array([[column + 0.5, row + 0.5]]))[0]
    assert found.to_patient(column, row) == pytest.approx(tuple(expected), abs=1e-6)


@given(places, turns, gaps, places)
def test_points_of_the_person_come_back_and_agree_with_highdicom(
    position: tuple[float, ...],
    turn: tuple[float, ...],
    spacing: tuple[float, ...],
    point: tuple[float, float, float],
) -> None:
    orientation = _orientation(turn)
    found = _plane(position, orientation, spacing_mm=spacing)
    column, row, distance = found.to_image(point)
    foot = found.to_patient(column, row)
    back = [f + distance * n for f, n in zip(foot, found.normal, strict=True)]
    assert back == pytest.approx(point, abs=1e-6)
    back_there = ReferenceToPixelTransformer(
        position, orientation, spacing, round_output=False, spacing_between_slices=1.0
    )
    expected = back_there(np.array([point]))[0]
    assert (column, row, distance) == pytest.approx(tuple(expected), abs=1e-5)


def test_rounded_directions_are_made_square() -> None:
    found = _plane((0.0, 0.0, 0.0), (0.9999, 0.0002, 0.0, 0.0001, 0.9999, 0.0))
    assert math.hypot(*found.row) == pytest.approx(1, abs=1e-12)
    assert math.hypot(*found.column) == pytest.approx(1, abs=1e-12)
    assert sum(a * b for a, b in zip(found.row, found.column, strict=True)) == pytest.approx(0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"position": None},
        {"orientation": None},
        {"spacing_mm": None},
        {"spacing_mm": (0.0, 1.0)},
        {"spacing_mm": (1.0, -1.0)},
        {"rows": 0},
        {"orientation": (0.0,) * 6},
        {"orientation": (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)},
        {"orientation": (2.0, 0.0, 0.0, 0.0, 1.0, 0.0)},
        {"frames": 3},
    ],
)
def test_what_is_not_said_or_is_nonsense_is_no_plane(wrong: dict[str, Any]) -> None:
    said = {"position": (0.0, 0.0, 0.0), "orientation": AXIAL} | wrong
    assert plane(_header(**said)) is None


def test_an_upright_plane_cuts_a_flat_one_in_a_line_down_the_picture() -> None:
    flat = _plane((0.0, 0.0, 0.0), AXIAL)  # to x = 38, y = 19.5
    upright = _plane((10.0, -50.0, 50.0), SAGITTAL, rows=400, columns=200)
    found = crossing(flat, upright)
    assert found is not None
    assert sorted(found) == [pytest.approx((5.0, -0.5)), pytest.approx((5.0, 39.5))]


def test_a_small_plane_cuts_only_as_far_as_it_reaches() -> None:
    flat = _plane((0.0, 0.0, 0.0), AXIAL)
    small = _plane((10.0, 4.0, 1.0), SAGITTAL, rows=4, columns=3, spacing_mm=(0.5, 2.0))
    found = crossing(flat, small)
    assert found is not None
    # y from 3 to 9 mm, which is row 6 to 18
    assert sorted(found) == [pytest.approx((5.0, 6.0)), pytest.approx((5.0, 18.0))]


@pytest.mark.parametrize(
    "other",
    [
        _plane((0.0, 0.0, 5.0), AXIAL),
        _plane((-5.0, 0.0, 10.0), SAGITTAL),
        _plane((10.0, 0.0, 200.0), SAGITTAL),
        _plane((10.0, -50.0, 50.0), SAGITTAL, rows=400, columns=200, frame_of_reference="9"),
        _plane((10.0, -50.0, 50.0), SAGITTAL, rows=400, columns=200, frame_of_reference=""),
    ],
    ids=["parallel", "beside it", "above it", "another space", "no space"],
)
def test_planes_that_do_not_meet_have_no_line(other: Plane) -> None:
    assert crossing(_plane((0.0, 0.0, 0.0), AXIAL), other) is None


@given(places, turns, places, turns)
def test_a_line_lies_in_both_planes_and_ends_at_an_edge(
    here: tuple[float, ...],
    turned: tuple[float, ...],
    there: tuple[float, ...],
    turned_there: tuple[float, ...],
) -> None:
    near = tuple(each / 20 for each in here)
    also_near = tuple(each / 20 for each in there)
    a, b = _plane(near, _orientation(turned)), _plane(also_near, _orientation(turned_there))
    found = crossing(a, b)
    if found is None:
        return
    for end in found:
        column, row, distance = b.to_image(a.to_patient(*end))
        assert distance == pytest.approx(0, abs=1e-6)
        reaches = [
            (end[0], a.columns),
            (end[1], a.rows),
            (column, b.columns),
            (row, b.rows),
        ]
        assert all(-0.5 - 1e-6 <= at <= size - 0.5 + 1e-6 for at, size in reaches)
        assert any(min(abs(at + 0.5), abs(at - size + 0.5)) < 1e-6 for at, size in reaches)
