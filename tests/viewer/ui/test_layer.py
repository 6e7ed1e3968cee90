"""Layers over a picture: drawn above it, and asked before its own tools."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from viewer.dicom.pixels import Pixels
from viewer.ui import view_state
from viewer.ui.image_view import Hand, ImageView
from viewer.ui.layer import Layer
from viewer.ui.view_state import Point

GREY = Pixels(np.full((100, 200), 100, np.uint8), "MONOCHROME2", 8, False, aspect=1.5)
LEFT = Qt.MouseButton.LeftButton


class Square:
    """A square of 20 image units that can be dragged."""

    def __init__(self, corner: Point, colour: str) -> None:
        self.corner, self.colour = corner, QColor(colour)
        self.told: list[str] = []
        self._held = False

    def _holds(self, at: Point) -> bool:
        return all(0 <= a - b < 20 for a, b in zip(at, self.corner, strict=True))

    def paint(self, painter: QPainter, image: ImageView) -> None:
        far = (self.corner[0] + 20, self.corner[1] + 20)
        first, last = (QPointF(*view_state.to_screen(image.view, p)) for p in (self.corner, far))
        painter.setOpacity(1.0)
        painter.fillRect(QRectF(first, last).normalized(), self.colour)
        painter.translate(1000, 1000)  # what a layer leaves behind concerns nobody
        painter.setOpacity(0.1)

    def press(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        del image
        self._held = self._holds(at)
        if self._held:
            is_double = event.type() == QEvent.Type.MouseButtonDblClick
            self.told.append("double" if is_double else "press")
        return self._held

    def move(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        del event
        if self._held:
            self.corner = at
            self.told.append("drag")
            image.update()
            return True
        if self._holds(at):
            self.told.append("over")
        return self._holds(at)

    def release(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        del image, at, event
        self._held = False
        self.told.append("release")
        return True

    def leave(self, image: ImageView) -> None:
        del image
        self.told.append("leave")

    def cursor(self, image: ImageView, at: Point) -> Qt.CursorShape | None:
        del image
        return Qt.CursorShape.CrossCursor if self._holds(at) else None


@pytest.fixture
def image(qtbot: QtBot) -> ImageView:
    made = ImageView()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.set_pixels(GREY)
    made.set_view(dataclasses.replace(made.view, zoom=1.0, fits=False))
    return made


def on_screen(image: ImageView, at: Point) -> QPoint:
    x, y = view_state.to_screen(image.view, at)
    return QPoint(round(x), round(y))


def colour_at(image: ImageView, at: Point) -> str:
    place = on_screen(image, at)
    return image.grab().toImage().pixelColor(place).name()


def laid(image: ImageView, *layers: Layer) -> None:
    image.set_layers(layers)


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_layers_are_drawn_over_the_picture_where_they_belong(
    image: ImageView, rotation: int, flipped: bool
) -> None:
    view = dataclasses.replace(image.view, rotation=rotation, flipped=flipped)
    image.set_view(view)
    laid(image, Square((10, 10), "red"), Square((20, 20), "blue"))
    assert colour_at(image, (15, 15)) == "#ff0000"
    assert colour_at(image, (25, 25)) == "#0000ff"
    assert colour_at(image, (50, 50)) not in {"#ff0000", "#0000ff"}
    image.set_overlay_shown(False)
    assert colour_at(image, (15, 15)) != "#ff0000"


def test_what_is_taken_by_a_layer_does_nothing_to_the_picture(
    qtbot: QtBot, image: ImageView
) -> None:
    square = Square((10, 10), "red")
    laid(image, square)
    before = image.view
    qtbot.mousePress(image, LEFT, pos=on_screen(image, (15, 15)))
    qtbot.mouseMove(image, on_screen(image, (150, 100)))
    qtbot.mouseRelease(image, LEFT, pos=on_screen(image, (150, 100)))
    assert square.told == ["press", "drag", "release"]
    assert square.corner == pytest.approx((150, 100))
    assert image.view == before


def test_what_no_layer_takes_is_for_the_tool(qtbot: QtBot, image: ImageView) -> None:
    square = Square((10, 10), "red")
    laid(image, square)
    start = on_screen(image, (100, 100))
    qtbot.mousePress(image, LEFT, pos=start)
    qtbot.mouseMove(image, on_screen(image, (15, 15)))
    qtbot.mouseRelease(image, LEFT, pos=start)
    assert square.told == []
    assert image.view.window is not None


def test_the_uppermost_layer_is_asked_first(qtbot: QtBot, image: ImageView) -> None:
    low, high = Square((10, 10), "red"), Square((20, 20), "blue")
    laid(image, low, high)
    qtbot.mouseClick(image, LEFT, pos=on_screen(image, (25, 25)))
    assert (low.told, high.told) == ([], ["press", "release"])
    qtbot.mouseClick(image, LEFT, pos=on_screen(image, (12, 12)))
    assert low.told == ["press", "release"]


def test_a_layer_is_told_when_the_pointer_goes_over_it_and_away(
    qtbot: QtBot, image: ImageView
) -> None:
    square = Square((10, 10), "red")
    laid(image, square)
    qtbot.mouseMove(image, on_screen(image, (15, 15)))
    assert image.cursor().shape() == Qt.CursorShape.CrossCursor
    qtbot.mouseMove(image, on_screen(image, (100, 100)))
    assert image.cursor().shape() == Qt.CursorShape.ArrowCursor
    QApplication.sendEvent(image, QEvent(QEvent.Type.Leave))
    assert square.told == ["over", "leave"]


def test_a_double_click_on_a_layer_is_the_layers(qtbot: QtBot, image: ImageView) -> None:
    square = Square((10, 10), "red")
    laid(image, square)
    before = image.view
    qtbot.mouseDClick(image, LEFT, pos=on_screen(image, (15, 15)))
    assert "double" in square.told
    assert image.view == before


def test_what_is_hidden_is_not_taken_hold_of(qtbot: QtBot, image: ImageView) -> None:
    square = Square((10, 10), "red")
    laid(image, square)
    image.set_overlay_shown(False)
    qtbot.mouseClick(image, LEFT, pos=on_screen(image, (15, 15)))
    assert square.told == []


def test_a_layer_that_is_taken_away_while_held_lets_go(qtbot: QtBot, image: ImageView) -> None:
    square = Square((10, 10), "red")
    laid(image, square)
    qtbot.mousePress(image, LEFT, pos=on_screen(image, (15, 15)))
    laid(image)
    qtbot.mouseMove(image, on_screen(image, (100, 100)))
    qtbot.mouseRelease(image, LEFT, pos=on_screen(image, (100, 100)))
    assert square.told == ["press"]


def test_another_tool_does_not_take_away_what_is_held(qtbot: QtBot, image: ImageView) -> None:
    square = Square((10, 10), "red")
    laid(image, square)
    qtbot.mousePress(image, LEFT, pos=on_screen(image, (15, 15)))
    image.set_hand(Hand.LOUPE)
    qtbot.mouseRelease(image, LEFT, pos=on_screen(image, (15, 15)))
    assert square.told == ["press", "release"]


def test_rows_and_columns_are_counted_from_the_middle_of_the_first_pixel(image: ImageView) -> None:
    assert image.to_pixel((0.5, 0.75)) == (0, 0)
    assert image.to_pixel((200, 150)) == (199.5, 99.5)
    assert image.to_pixel(image.from_pixel((17.25, 42))) == pytest.approx((17.25, 42))
