"""Tools as functions from view to view."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from viewer.render.pipeline import Window
from viewer.ui.view_state import (
    ZOOM_MOST,
    Drag,
    ViewState,
    drag_pan,
    drag_window,
    drag_zoom,
    fit,
    flipped_over,
    flipped_sideways,
    inverted,
    leaning,
    panned,
    reset,
    resized,
    shown,
    to_image,
    to_screen,
    turned,
    windowed,
    zoomed,
)

EIGHT = [(rotation, flipped) for rotation in (0, 90, 180, 270) for flipped in (False, True)]
VIEW = fit(ViewState(image=(512, 256), viewport=(1000, 800)))


def test_fitting_shows_all_of_the_picture_as_large_as_it_goes() -> None:
    assert to_screen(VIEW, (0, 0)) == (0, 150)
    assert to_screen(VIEW, (512, 256)) == (1000, 650)


def test_places_go_to_the_screen_and_back() -> None:
    view = panned(zoomed(VIEW, 3, (100, 200)), (17, -9))
    assert to_image(view, to_screen(view, (33, 44))) == pytest.approx((33, 44))


@pytest.mark.parametrize("factor", [0.5, 1.1, 4])
def test_zooming_keeps_what_is_under_the_pointer(factor: float) -> None:
    at = (620, 380)
    assert to_image(zoomed(VIEW, factor, at), at) == pytest.approx(to_image(VIEW, at))


def test_zooming_has_an_end() -> None:
    assert zoomed(VIEW, 1e9, (500, 400)).zoom == ZOOM_MOST
    assert 0 < zoomed(VIEW, 1e-9, (500, 400)).zoom <= 0.02


def test_a_picture_cannot_be_lost_by_moving_it() -> None:
    assert panned(VIEW, (1e6, -1e6)).center == (0, 256)


def test_a_fitting_picture_follows_the_window_and_a_zoomed_one_stays() -> None:
    assert resized(VIEW, (500, 400)).zoom == pytest.approx(VIEW.zoom / 2)
    near = zoomed(VIEW, 2, (500, 400))
    assert resized(near, (500, 400)).zoom == near.zoom
    assert fit(near) == VIEW


def test_a_viewport_of_nothing_does_no_harm() -> None:
    assert resized(VIEW, (0, 0)).zoom > 0


def test_resetting_undoes_everything() -> None:
    view = inverted(windowed(zoomed(VIEW, 3, (0, 0)), Window(1, 2)))
    assert reset(view) == VIEW


def test_the_next_image_of_a_size_is_seen_the_same_way_and_another_afresh() -> None:
    near = zoomed(VIEW, 3, (0, 0))
    assert shown(near, (512, 256)) == near
    assert shown(near, (100, 100)).fits


def drag(x: float, y: float, window: Window | None = None) -> Drag:
    return Drag((500, 400), (x, y), 600, window or Window(40, 400))


def test_dragging_right_widens_and_dragging_down_darkens() -> None:
    assert drag_window(VIEW, drag(10, 0)).window == Window(40, 410)
    assert drag_window(VIEW, drag(0, 10)).window == Window(50, 400)


def test_dragging_never_makes_a_window_that_cannot_be_drawn() -> None:
    assert drag_window(VIEW, drag(-5000, 0)).window == Window(40, 0.6)
    tiny = Drag((0, 0), (-5000, 0), 0.01, Window(0, 0.01, "LINEAR_EXACT"))
    window = drag_window(VIEW, tiny).window
    assert window is not None
    assert window.is_usable


def test_dragging_keeps_the_function_of_the_window() -> None:
    window = drag_window(VIEW, drag(1, 1, Window(40, 400, "SIGMOID"))).window
    assert window is not None
    assert window.function == "SIGMOID"


def test_dragging_up_zooms_in_about_where_it_began() -> None:
    view = drag_zoom(VIEW, drag(0, -100))
    assert view.zoom > VIEW.zoom
    assert to_image(view, (500, 400)) == pytest.approx(to_image(VIEW, (500, 400)))


def test_a_dragged_picture_goes_with_the_pointer() -> None:
    point = to_image(VIEW, (500, 400))
    assert to_screen(drag_pan(VIEW, drag(12, 7)), point) == pytest.approx((512, 407))


def displayed(array: np.ndarray, rotation: int, flipped: bool) -> np.ndarray:
    """Turned clockwise, then flipped left to right. Source: PS3.3 C.10.6."""
    array = np.rot90(array, -rotation // 90)
    return np.fliplr(array) if flipped else array


@pytest.mark.parametrize(("rotation", "flipped"), EIGHT)
def test_each_pixel_is_where_turning_and_flipping_the_array_puts_it(
    rotation: int, flipped: bool
) -> None:
    numbers = np.arange(6).reshape(2, 3)
    view = ViewState(image=(3, 2), viewport=(3, 3), rotation=rotation, flipped=flipped)
    view = replace(view, center=(1.5, 1.0), fits=False)
    shown_numbers = displayed(numbers, rotation, flipped)
    assert view.seen_size == shown_numbers.shape[::-1]
    left, top = 1.5 - view.seen_size[0] / 2, 1.5 - view.seen_size[1] / 2
    for row, column in np.ndindex(2, 3):
        x, y = to_screen(view, (column + 0.5, row + 0.5))
        assert shown_numbers[int(y - top), int(x - left)] == numbers[row, column]


@pytest.mark.parametrize(("rotation", "flipped"), EIGHT)
def test_places_of_a_turned_picture_go_to_the_screen_and_back(rotation: int, flipped: bool) -> None:
    turned_view = replace(VIEW, rotation=rotation, flipped=flipped)
    view = panned(zoomed(turned_view, 3, (100, 200)), (17, -9))
    assert to_image(view, to_screen(view, (33, 44))) == pytest.approx((33, 44))


@pytest.mark.parametrize(("rotation", "flipped"), EIGHT)
def test_a_turned_picture_zooms_and_moves_under_the_pointer(rotation: int, flipped: bool) -> None:
    view = replace(VIEW, rotation=rotation, flipped=flipped)
    at = (520.0, 380.0)
    assert to_image(zoomed(view, 3, at), at) == pytest.approx(to_image(view, at))
    point = to_image(view, at)
    assert to_screen(drag_pan(view, drag(12, 7)), point) == pytest.approx((532, 387))


@pytest.mark.parametrize(("rotation", "flipped"), EIGHT)
def test_turning_and_flipping_are_of_what_is_seen(rotation: int, flipped: bool) -> None:
    view = replace(VIEW, rotation=rotation, flipped=flipped)
    picture = np.arange(6).reshape(2, 3)
    before = displayed(picture, rotation, flipped)
    for after, expected in (
        (turned(view, 90), np.rot90(before, -1)),
        (turned(view, -90), np.rot90(before)),
        (flipped_sideways(view), np.fliplr(before)),
        (flipped_over(view), np.flipud(before)),
    ):
        assert np.array_equal(displayed(picture, after.rotation, after.flipped), expected)


def test_a_turned_picture_fits_as_it_lies() -> None:
    lying = turned(VIEW, 90)
    assert lying.zoom == 800 / 512
    assert to_screen(lying, (0, 0)) == pytest.approx((500 + 128 * 800 / 512, 0))
    assert turned(turned(turned(lying, 90), 90), 90) == VIEW


def test_turning_keeps_the_middle_and_the_zoom_of_a_picture_that_does_not_fit() -> None:
    near = zoomed(VIEW, 3, (100, 100))
    assert turned(near, 90) == replace(near, rotation=90)


def test_resetting_turns_back() -> None:
    assert reset(flipped_sideways(turned(VIEW, 270))) == VIEW


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("lean", [-1, 0, 1])
def test_a_picture_that_fits_lies_at_the_edge_it_leans_to(
    lean: int, rotation: int, flipped: bool
) -> None:
    view = ViewState(image=(40.0, 30.0), viewport=(400.0, 200.0), rotation=rotation)
    view = leaning(fit(replace(view, flipped=flipped)), lean)
    corners = [to_screen(view, (x, y)) for x in (0.0, 40.0) for y in (0.0, 30.0)]
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    room = 400 - (right - left)
    assert room > 0
    assert left == pytest.approx({-1: 0, 0: room / 2, 1: room}[lean])
    assert min(y for _, y in corners) == pytest.approx(0)
    assert max(y for _, y in corners) == pytest.approx(200)
