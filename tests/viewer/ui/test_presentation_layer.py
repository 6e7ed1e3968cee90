"""A presentation state on the screen, checked dot by dot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from viewer.dicom.documents import Reference
from viewer.dicom.pixels import Pixels
from viewer.dicom.presentation import (
    Annotation,
    Area,
    Graphic,
    GraphicLayer,
    PresentationState,
    Shutter,
    Words,
)
from viewer.ui import view_state
from viewer.ui.image_view import ImageView
from viewer.ui.presentation_layer import PresentationLayer, outline, seen

HERE = (Reference("", "1.2"),)
STATE = PresentationState("", references=HERE)
RED = GraphicLayer("RED", 1, (255, 0, 0))
Show = Callable[..., ImageView]


@pytest.fixture
def shown(qtbot: QtBot) -> Show:
    def show(state: PresentationState, aspect: float = 1.0) -> ImageView:
        view = ImageView()
        qtbot.addWidget(view)
        view.set_overlay_shown(True)
        view.resize(400, 400)
        view.show()
        grey = np.full((100, 100), 128, np.uint8)
        view.set_pixels(
            Pixels(grey, "MONOCHROME2", 8, False, windows=((128.0, 256.0, ""),), aspect=aspect)
        )
        view.set_view(seen(view.view, state, "1.2", 0, aspect=aspect))
        view.set_layers([PresentationLayer(state, "1.2", 0)])
        return view

    return show


def _drawn(*graphics: Graphic, words: tuple[Words, ...] = ()) -> PresentationState:
    return replace(STATE, layers=(RED,), annotations=(Annotation((), "RED", graphics, words),))


def _colour(view: ImageView, x: float, y: float) -> QColor:
    """Return what is seen at a place in the picture's pixels, from its corner."""
    aspect = view.drawable.pixels.aspect if view.drawable else 1.0
    at = view_state.to_screen(view.view, (x, y * aspect))
    return view.grab().toImage().pixelColor(round(at[0]), round(at[1]))


def _is_red(colour: QColor) -> bool:
    return colour.red() > 150 and colour.green() < 80


def test_a_line_lies_where_its_pixels_are(shown: Show) -> None:
    view = shown(_drawn(Graphic("POLYLINE", "PIXEL", (20.0, 30.0, 80.0, 30.0))))
    assert _is_red(_colour(view, 50, 30))
    assert not _is_red(_colour(view, 50, 40))
    assert not _is_red(_colour(view, 90, 30))


@pytest.mark.parametrize("rotation", (0, 90, 180, 270))
@pytest.mark.parametrize("flipped", (False, True))
def test_drawings_turn_with_the_picture(shown: Show, rotation: int, flipped: bool) -> None:
    drawn = _drawn(Graphic("POLYLINE", "PIXEL", (10.0, 30.0, 40.0, 30.0)))
    view = shown(replace(drawn, rotation=rotation, flipped=flipped))
    assert (view.view.rotation, view.view.flipped) == (rotation, flipped)
    assert _is_red(_colour(view, 25, 30))
    assert not _is_red(_colour(view, 75, 30))
    # By hand: where the middle of the line, at a quarter and three tenths, is on a square screen.
    x, y = {0: (0.25, 0.3), 90: (0.7, 0.25), 180: (0.75, 0.7), 270: (0.3, 0.75)}[rotation]
    x = 1 - x if flipped else x
    assert _is_red(view.grab().toImage().pixelColor(round(400 * x), round(400 * y)))


def test_a_filled_drawing_is_filled(shown: Show) -> None:
    square = (20.0, 20.0, 60.0, 20.0, 60.0, 60.0, 20.0, 60.0, 20.0, 20.0)
    view = shown(_drawn(Graphic("POLYLINE", "PIXEL", square, filled=True)))
    assert _is_red(_colour(view, 40, 40)) and not _is_red(_colour(view, 70, 40))
    view = shown(_drawn(Graphic("POLYLINE", "PIXEL", square)))
    assert not _is_red(_colour(view, 40, 40))


@pytest.mark.parametrize("aspect", (1.0, 2.0))
def test_a_circle_is_round_whatever_the_shape_of_pixels(shown: Show, aspect: float) -> None:
    view = shown(_drawn(Graphic("CIRCLE", "PIXEL", (50.0, 50.0, 70.0, 50.0))), aspect)
    assert _is_red(_colour(view, 70, 50))
    assert _is_red(_colour(view, 50, 50 + 20 / aspect))
    assert not _is_red(_colour(view, 50, 50))


def test_an_ellipse_has_its_axes_where_they_end() -> None:
    ends = [QPointF(10, 20), QPointF(50, 20), QPointF(30, 10), QPointF(30, 30)]
    box = outline("ELLIPSE", ends).boundingRect()
    assert (box.left(), box.right(), box.top(), box.bottom()) == pytest.approx((10, 50, 10, 30))


def test_a_curve_goes_through_its_points() -> None:
    points = [QPointF(0, 0), QPointF(10, 10), QPointF(20, 0), QPointF(30, 10)]
    path = outline("INTERPOLATED", points)
    passed = [path.elementAt(n) for n in range(path.elementCount())]
    for each in points:
        assert any(abs(one.x - each.x()) + abs(one.y - each.y()) < 1e-9 for one in passed)


def test_display_units_are_parts_of_the_area_in_sight(shown: Show) -> None:
    area = Area((), 50.0, 50.0, 100.0, 100.0, "SCALE TO FIT")
    drawn = _drawn(Graphic("POLYLINE", "DISPLAY", (0.25, 0.5, 0.75, 0.5)))
    view = shown(replace(drawn, areas=(area,)))
    assert view.view.zoom == pytest.approx(8.0)
    assert _is_red(_colour(view, 75, 75))
    assert not _is_red(_colour(view, 55, 75))


def test_an_area_is_magnified_or_of_true_size(shown: Show) -> None:
    magnified = Area((), 0.0, 0.0, 50.0, 50.0, "MAGNIFY", magnification=3.0)
    view = shown(replace(STATE, areas=(magnified,)))
    assert view.view.zoom == pytest.approx(3.0)
    assert view.view.center == pytest.approx((25.0, 25.0))
    true = replace(STATE, areas=(replace(magnified, mode="TRUE SIZE"),))
    assert seen(view.view, true, "1.2", 0, true_zoom=2.5).zoom == pytest.approx(2.5)
    whole = replace(STATE, areas=(Area((), 0.0, 0.0, 100.0, 100.0, "SCALE TO FIT"),))
    assert seen(view.view, whole, "1.2", 0).fits


def test_all_outside_of_every_shutter_is_hidden(shown: Show) -> None:
    shutters = (
        Shutter("RECTANGULAR", (21.0, 21.0, 80.0, 80.0)),
        Shutter("CIRCULAR", (50.0, 50.0, 20.0)),
        Shutter("POLYGONAL", (1.0, 1.0, 100.0, 1.0, 100.0, 50.0, 1.0, 50.0)),
    )
    view = shown(replace(STATE, shutters=shutters, shutter_grey=255))
    assert _colour(view, 50, 40).red() == 128  # inside of all
    for x, y in ((10, 50), (25, 45), (50, 60), (90, 90)):
        assert _colour(view, x, y).red() == 255, (x, y)
    view = shown(replace(STATE, shutters=shutters[:1]))
    assert _colour(view, 19.5, 50).red() == 0 and _colour(view, 20.6, 50).red() == 128
    assert _colour(view, 79.4, 50).red() == 128 and _colour(view, 80.6, 50).red() == 0


def test_words_stand_in_their_box_and_point_at_their_place(shown: Show) -> None:
    said = Words("Mass", (10.0, 10.0, 40.0, 20.0), anchor=(80.0, 80.0), anchor_visible=True)
    with_words = shown(_drawn(words=(said,))).grab().toImage()
    without = shown(_drawn()).grab().toImage()
    changed = {
        (x // 40, y // 40)
        for x in range(0, 400, 2)
        for y in range(0, 400, 2)
        if with_words.pixel(x, y) != without.pixel(x, y)
    }
    assert (1, 1) in changed  # the box
    assert (6, 6) in changed  # the line to the anchor
    assert (9, 1) not in changed and (1, 9) not in changed


def test_what_is_absurd_is_drawn_without_harm(shown: Show) -> None:
    far = (1e9, -1e9, -1e9, 1e9)
    drawn = _drawn(
        *(Graphic(kind, units, far * 2, True) for kind in KINDS for units in ("PIXEL", "DISPLAY")),
        words=(Words("x" * 5000, far), Words("y", anchor=(1e9, 1e9), anchor_visible=True)),
    )
    area = Area((), 1e8, 1e8, 1e8, 1e8, "MAGNIFY", magnification=1e8)
    view = shown(replace(drawn, areas=(area,), shutters=(Shutter("CIRCULAR", (1e9, 1e9, 1e9)),)))
    assert view.grab().width() == 400


KINDS = ("POINT", "POLYLINE", "INTERPOLATED", "CIRCLE", "ELLIPSE")
