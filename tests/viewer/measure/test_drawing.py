"""Shapes as hands draw and change them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from viewer.measure.drawing import CLICKS, Draft, finished, move, press, release
from viewer.measure.editing import (
    HANDLES_MOST,
    handles,
    held_in,
    inside_picture,
    moved_handle,
    segments,
    shifted,
)
from viewer.measure.shapes import Kind, Measurement, Point, axes, ellipse_in, rectangle_of

NEAR = 4.0


def click(draft: Draft, at: Point) -> Draft:
    return release(press(move(draft, at, NEAR), at, NEAR), at, NEAR)


def drag(draft: Draft, one: Point, other: Point) -> Draft:
    return release(move(press(draft, one, NEAR), other, NEAR), other, NEAR)


@pytest.mark.parametrize("kind", [kind for kind, count in CLICKS.items() if count])
def test_every_shape_can_be_drawn_by_clicks_alone(kind: Kind) -> None:
    draft = Draft(kind)
    for at in ((0.0, 0.0), (50.0, 0.0), (50.0, 40.0), (10.0, 60.0)):
        if not draft.is_done:
            draft = click(draft, (at[0], at[1] + at[0] / 5))
    assert draft.is_done
    points = finished(draft)
    assert points is not None
    Measurement("2.25.1", kind, points)  # raises if they are not enough


def test_a_drag_draws_a_line() -> None:
    assert finished(drag(Draft(Kind.LENGTH), (1, 2), (30, 40))) == ((1, 2), (30, 40))


def test_a_drag_and_a_click_draw_an_angle_and_two_drags_a_cobb_angle() -> None:
    angle = click(drag(Draft(Kind.ANGLE), (0, 0), (50, 0)), (50, 50))
    assert finished(angle) == ((0, 0), (50, 0), (50, 50))
    cobb = drag(drag(Draft(Kind.COBB), (0, 0), (50, 5)), (0, 90), (50, 85))
    assert finished(cobb) == ((0, 0), (50, 5), (0, 90), (50, 85))


def test_a_drag_draws_an_ellipse_in_its_box() -> None:
    found = finished(drag(Draft(Kind.ELLIPSE), (30, 40), (10, 20)))
    assert found == ((10, 30), (30, 30), (20, 20), (20, 40))


@pytest.mark.parametrize("again", (0, 2))
def test_a_polygon_closes_where_it_began_or_where_it_ended(again: int) -> None:
    corners = ((0.0, 0.0), (50.0, 0.0), (25.0, 50.0))
    draft = Draft(Kind.POLYGON)
    for at in corners:
        draft = click(draft, at)
    assert not draft.is_done
    near = corners[again][0] + 2, corners[again][1] + 1
    assert finished(click(draft, near)) == corners


def test_a_free_line_closes_when_the_button_is_let_go() -> None:
    draft = press(Draft(Kind.FREEHAND), (0, 0), NEAR)
    for step in range(1, 100):
        turn = step / 100 * 2 * math.pi
        draft = move(draft, (30 * math.sin(turn), 30 - 30 * math.cos(turn)), NEAR)
    draft = release(draft, (0, 0), NEAR)
    points = finished(draft)
    assert points is not None
    assert 40 < len(points) <= 100


@pytest.mark.parametrize("kind", (Kind.LENGTH, Kind.ELLIPSE, Kind.FREEHAND, Kind.POLYGON))
def test_what_has_no_extent_is_not_kept(kind: Kind) -> None:
    draft = Draft(kind)
    for _ in range(4):
        draft = draft if draft.is_done else click(draft, (5, 5))
    assert finished(draft) is None


def test_the_shape_follows_the_pointer_before_it_is_done() -> None:
    draft = move(click(Draft(Kind.RECTANGLE), (0, 0)), (8, 6), NEAR)
    assert draft.points == rectangle_of((0, 0), (8, 6))
    assert not draft.is_done


# -- taking hold ------------------------------------------------------------------------------


def shape(kind: Kind, points: tuple[Point, ...]) -> Measurement:
    return Measurement("2.25.1", kind, points)


def test_a_box_keeps_its_opposite_corner() -> None:
    box = shape(Kind.RECTANGLE, rectangle_of((10, 10), (30, 20)))
    moved = moved_handle(box, 2, (50, 40))
    assert moved.points == rectangle_of((10, 10), (50, 40))
    assert moved_handle(moved, 0, (0, 5)).points == rectangle_of((0, 5), (50, 40))


def test_an_ellipse_grows_about_its_middle_and_stays_straight() -> None:
    ellipse = shape(Kind.ELLIPSE, ellipse_in((10, 10), (30, 20)))
    assert moved_handle(ellipse, 1, (40, 17)).points == ellipse_in((0, 10), (40, 20))
    assert moved_handle(ellipse, 2, (25, 5)).points == ellipse_in((10, 5), (30, 25))


def test_an_ellipse_turns_after_the_pointer_and_keeps_its_other_axis() -> None:
    ellipse = shape(Kind.ELLIPSE, ellipse_in((-20, -10), (20, 10)))
    turned = moved_handle(ellipse, 1, (12, 16), turned=True)
    _, u, v = axes(turned.points)
    assert u == pytest.approx((12, 16))
    assert math.hypot(*v) == pytest.approx(10)
    assert u[0] * v[0] + u[1] * v[1] == pytest.approx(0)
    # Pixels twice as high as wide: square on the screen, not in pixels.
    flat = moved_handle(ellipse, 1, (12, 8), aspect=2.0, turned=True)
    _, u, v = axes(flat.points)
    assert u == pytest.approx((12, 8))
    assert u[0] * v[0] + (2 * u[1]) * (2 * v[1]) == pytest.approx(0)
    assert math.hypot(v[0], 2 * v[1]) == pytest.approx(20)


def test_a_handle_can_never_flatten_an_area_to_nothing() -> None:
    ellipse = shape(Kind.ELLIPSE, ellipse_in((10, 10), (30, 20)))
    _, u, _ = axes(moved_handle(ellipse, 1, (20, 15)).points)
    assert u[0] != 0
    box = shape(Kind.RECTANGLE, rectangle_of((10, 10), (30, 20)))
    flat = moved_handle(box, 2, (10, 40))
    assert np.allclose(moved_handle(flat, 2, (30, 20)).points, box.points)


def test_a_shape_is_held_in_the_picture() -> None:
    line = shape(Kind.LENGTH, ((10.0, 10.0), (20.0, 20.0)))
    out = held_in(shifted(line, (-50, 90)), 60, 100)
    assert out.points == ((-0.5, 49.5), (9.5, 59.5))
    assert held_in(line, 60, 100) is line
    assert inside_picture((-9, 200), 60, 100) == (-0.5, 59.5)


def test_an_outline_of_many_points_has_few_handles() -> None:
    ring = tuple((math.cos(n), math.sin(n)) for n in range(1000))
    assert len(handles(shape(Kind.FREEHAND, ring))) <= HANDLES_MOST
    assert handles(shape(Kind.LENGTH, ((0, 0), (1, 1)))) == (0, 1)


def test_a_cobb_angle_is_drawn_as_two_lines_and_areas_are_closed() -> None:
    cobb = shape(Kind.COBB, ((0, 0), (1, 0), (0, 5), (1, 5)))
    assert segments(cobb) == [((0, 0), (1, 0)), ((0, 5), (1, 5))]
    box = segments(shape(Kind.RECTANGLE, rectangle_of((0, 0), (2, 1))))
    assert len(box) == 4
    assert box[-1][1] == box[0][0]
