"""Hands that draw over the picture while they work: the magnifier, and the window of a part."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPen

from viewer.render.region import region_window
from viewer.ui import theme, view_state
from viewer.ui.picture import Picture
from viewer.ui.view_state import Point, ViewState

if TYPE_CHECKING:
    from viewer.ui.image_view import ImageView

LOUPE_PX = 240.0  # across
LOUPE_ZOOM = 3.0
LOUPE_ZOOM_MOST = 120.0
PART_LEAST_PX = 4.0  # a shorter drag is a slip
LINE = QPen(QColor(theme.ACCENT), 1.5)
DARK = QPen(theme.OUTLINE, 4.0)


class Loupe:
    """What is under the pointer, three times as large."""

    def __init__(self) -> None:
        self._at: Point | None = None
        self._picture = Picture()

    def put(self, image: ImageView, at: Point | None) -> None:
        """Hold it over an image point; nowhere for None."""
        if at != self._at:
            self._at = at
            image.update()

    def paint(self, painter: QPainter, image: ImageView) -> None:
        drawable = image.drawable
        if self._at is None or drawable is None:
            return
        middle = QPointF(*view_state.to_screen(image.view, self._at))
        place = QRectF(0, 0, LOUPE_PX, LOUPE_PX)
        place.moveCenter(QPointF(round(middle.x()), round(middle.y())))
        round_place = QPainterPath()
        round_place.addEllipse(place)
        painter.setClipPath(round_place)
        painter.fillRect(place, theme.AROUND_PICTURES)
        painter.translate(place.topLeft())
        self._picture.draw(painter, drawable, _enlarged(image, self._at))
        painter.translate(-place.topLeft())
        painter.setClipping(False)
        _outline(painter, round_place)

    def press(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        self.put(image, at)
        return event.button() == Qt.MouseButton.LeftButton

    def move(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        del event
        self.put(image, at)
        return True

    def release(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        del event
        self.put(image, at)
        return True

    def leave(self, image: ImageView) -> None:
        self.put(image, None)

    def cursor(self, image: ImageView, at: Point) -> Qt.CursorShape | None:
        del image, at
        return Qt.CursorShape.CrossCursor


def _enlarged(image: ImageView, at: Point) -> ViewState:
    """Return the view in the loupe: the same, but larger and about `at`."""
    zoom = min(LOUPE_ZOOM * image.view.zoom, max(LOUPE_ZOOM_MOST, image.view.zoom))
    return replace(image.view, viewport=(LOUPE_PX, LOUPE_PX), zoom=zoom, center=at, fits=False)


class Part:
    """A rectangle is drawn; the picture is then seen by the window that suits what is in it."""

    def __init__(self) -> None:
        self._start: Point | None = None
        self._end: Point = (0.0, 0.0)

    def paint(self, painter: QPainter, image: ImageView) -> None:
        if self._start is None:
            return
        ends = (QPointF(*view_state.to_screen(image.view, p)) for p in (self._start, self._end))
        path = QPainterPath()
        path.addRect(QRectF(*ends).normalized())
        _outline(painter, path)

    def press(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        if event.button() != Qt.MouseButton.LeftButton or image.seen_window is None:
            return False
        self._start = self._end = at
        return True

    def move(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        del event
        if self._start is None:
            return False
        self._end = at
        image.update()
        return True

    def release(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        del event
        start, self._start = self._start, None
        image.update()
        if start is None or image.drawable is None or _is_slip(image, start, at):
            return True
        pixels = image.drawable.pixels
        window = region_window(pixels, image.to_pixel(start), image.to_pixel(at))
        if window is not None:
            image.set_window(window)
        return True

    def leave(self, image: ImageView) -> None:
        del image

    def cursor(self, image: ImageView, at: Point) -> Qt.CursorShape | None:
        del image, at
        return Qt.CursorShape.CrossCursor


def _is_slip(image: ImageView, start: Point, end: Point) -> bool:
    return any(
        abs(a - b) * image.view.zoom < PART_LEAST_PX for a, b in zip(start, end, strict=True)
    )


def _outline(painter: QPainter, path: QPainterPath) -> None:
    """Draw a line that is seen on black and on white."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.strokePath(path, DARK)
    painter.strokePath(path, LINE)
