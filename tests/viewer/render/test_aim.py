"""Three pictures that cross in a point: how they face, move and turn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.dicom.geometry import Vector
from viewer.render.aim import Aim, View, start
from viewer.render.lattice import Lattice
from viewer.render.orientation import edges
from viewer.render.reslice import aligned

SIZES = (20, 30, 40)  # columns, rows, slices


def lattice(*steps: Vector, origin: Vector = (-8.0, -9.0, 20.0)) -> Lattice:
    affine = np.eye(4)
    affine[:3, :3] = np.transpose(steps)
    affine[:3, 3] = origin
    return Lattice((SIZES[2], SIZES[1], SIZES[0]), affine, "1.2")


AXIAL = lattice((0.8, 0.0, 0.0), (0.0, 0.6, 0.0), (0.0, 0.0, 2.0))
TILT = math.radians(18)
TILTED = lattice(
    (0.8, 0.0, 0.0), (0.0, 0.6 * math.cos(TILT), 0.6 * math.sin(TILT)), (0.0, 0.0, 2.0)
)
ACQUIRED = {
    "axial": AXIAL,
    "axial, from the head": lattice((0.8, 0, 0), (0, 0.6, 0), (0, 0, -2.0)),
    "sagittal": lattice((0, 0.8, 0), (0, 0, -0.6), (2.0, 0, 0)),
    "coronal": lattice((0.8, 0, 0), (0, 0, -0.6), (0, 2.0, 0)),
    "prone": lattice((-0.8, 0, 0), (0, -0.6, 0), (0, 0, 2.0)),
    "tilted": TILTED,
}
USUAL = {View.AXIAL: ("R", "L", "A", "P"), View.CORONAL: ("R", "L", "H", "F")}
USUAL[View.SAGITTAL] = ("A", "P", "H", "F")


@pytest.mark.parametrize("name", ACQUIRED)
@pytest.mark.parametrize("view", list(View))
def test_pictures_are_seen_as_is_usual_however_they_were_taken(name: str, view: View) -> None:
    plane = start(ACQUIRED[name]).plane(view)
    sides = edges((*plane.row, *plane.column))
    assert sides is not None
    assert (sides.left, sides.right, sides.top, sides.bottom) == USUAL[view]


@pytest.mark.parametrize("name", [each for each in ACQUIRED if each != "tilted"])
@pytest.mark.parametrize("view", list(View))
def test_unturned_pictures_are_slices_as_they_lie(name: str, view: View) -> None:
    aim = start(ACQUIRED[name])
    assert aligned(aim.lattice, aim.plane(view))
    assert not aim.is_turned(view)


def test_an_oblique_acquisition_is_seen_along_its_own_axes_by_the_nearest_names() -> None:
    c, s = math.cos(math.radians(25)), math.sin(math.radians(25))
    aim = start(lattice((0.8, 0, 0), (0, 0.6 * c, 0.6 * s), (0, -2 * s, 2 * c)))
    assert all(aligned(aim.lattice, aim.plane(view)) for view in View)
    assert aim.facing[View.AXIAL].column == pytest.approx((0, c, s))


def test_a_tilted_volume_is_seen_true_to_the_table() -> None:
    aim = start(TILTED)
    assert aim.facing[View.AXIAL].normal == pytest.approx((0, 0, 1))
    assert aim.facing[View.SAGITTAL].row == pytest.approx((0, 1, 0))
    assert aligned(TILTED, aim.plane(View.CORONAL))
    assert not aligned(TILTED, aim.plane(View.SAGITTAL))


@pytest.mark.parametrize("name", ACQUIRED)
@pytest.mark.parametrize("view", list(View))
def test_a_picture_goes_through_the_point_and_holds_the_whole_cut(name: str, view: View) -> None:
    aim = start(ACQUIRED[name]).turned(View.AXIAL, 0.4).turned(View.SAGITTAL, -0.3)
    plane = aim.plane(view)
    assert plane.to_image(aim.point_mm)[2] == pytest.approx(0, abs=1e-6)
    ends = [plane.to_image(each)[:2] for each in aim.lattice.corners_mm]
    assert all(-0.5 <= column <= plane.columns - 0.5 for column, _ in ends)
    assert all(-0.5 <= row <= plane.rows - 0.5 for _, row in ends)


def test_the_point_stays_inside_and_in_the_middle_of_slices() -> None:
    aim = start(AXIAL).moved((-5.3, 2.17, 31.2))
    assert aim.lattice.to_index(aim.point_mm) == pytest.approx((3, 19, 6))
    outside = aim.moved((1e5, -1e5, 0.0))
    assert outside.lattice.to_index(outside.point_mm) == pytest.approx((19, 0, 0))


def test_scrolling_goes_slice_by_slice_and_stops_at_the_end() -> None:
    aim = start(AXIAL)
    column, row, place = aim.lattice.to_index(aim.point_mm)

    def index(view: View, steps: int) -> Vector:
        return aim.lattice.to_index(aim.scrolled(view, steps).point_mm)

    assert index(View.AXIAL, 3) == pytest.approx((column, row, place + 3))
    assert index(View.CORONAL, -2) == pytest.approx((column, row - 2, place))
    # A sagittal picture is seen from the left, so further is to the right.
    assert index(View.SAGITTAL, 900) == pytest.approx((0, row, place))
    assert index(View.SAGITTAL, -900) == pytest.approx((SIZES[0] - 1, row, place))


@given(st.floats(-1, 1), st.integers(-60, 60))
def test_a_turned_picture_is_scrolled_straight_on_and_ends_inside(angle: float, steps: int) -> None:
    aim = start(AXIAL).turned(View.SAGITTAL, angle).turned(View.AXIAL, angle)
    there = aim.scrolled(View.CORONAL, steps)
    way = [a - b for a, b in zip(there.point_mm, aim.point_mm, strict=True)]
    normal = aim.facing[View.CORONAL].normal
    length = sum(a * b for a, b in zip(way, normal, strict=True))
    assert way == pytest.approx([length * each for each in normal], abs=1e-3)
    assert length * steps >= 0
    index = there.lattice.to_index(there.point_mm)
    assert all(-1e-9 <= at <= size - 1 + 1e-9 for at, size in zip(index, SIZES, strict=True))
    before, after = aim.plane(View.CORONAL), there.plane(View.CORONAL)
    assert (before.rows, before.columns) == (after.rows, after.columns)


def test_turning_in_one_picture_turns_the_others_clockwise_as_seen_in_it() -> None:
    aim = start(AXIAL).turned(View.AXIAL, math.radians(30))
    assert aim.facing[View.AXIAL] == start(AXIAL).facing[View.AXIAL]
    # In the axial picture left is to the right and back is down: clockwise is from left to back.
    c, s = math.cos(math.radians(30)), math.sin(math.radians(30))
    assert aim.facing[View.CORONAL].row == pytest.approx((c, s, 0))
    assert aim.facing[View.SAGITTAL].row == pytest.approx((-s, c, 0))
    assert aim.is_turned(View.CORONAL)
    assert not aim.is_turned(View.AXIAL)
    assert aim.straightened().facing == start(AXIAL).facing


def test_what_is_still_a_slice_is_shown_where_its_line_is() -> None:
    aim = start(AXIAL).turned(View.AXIAL, 0.3).moved((0.0, 0.0, 33.3))
    assert aim.lattice.to_index(aim.point_mm)[2] == round((33.3 - 20) / 2)
    assert aim.plane(View.AXIAL).to_image(aim.point_mm)[2] == pytest.approx(0, abs=1e-9)


@given(st.lists(st.tuples(st.sampled_from(list(View)), st.floats(-3, 3)), max_size=8))
def test_however_they_are_turned_the_three_stay_at_right_angles(
    turns: list[tuple[View, float]],
) -> None:
    aim: Aim = start(TILTED)
    for view, angle in turns:
        aim = aim.turned(view, angle)
    normals = np.array([aim.facing[view].normal for view in View])
    assert np.abs(normals @ normals.T) == pytest.approx(np.eye(3), abs=1e-9)
