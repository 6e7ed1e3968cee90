"""A frame on a painter: of what is in sight only, looked up in one table, turned as it is seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter, QTransform

from viewer.render.pipeline import Bytes8
from viewer.render.pyramid import Drawable
from viewer.render.voi import Voi
from viewer.ui import view_state
from viewer.ui.view_state import Point, ViewState

CRISP_ZOOM = 8.0  # from here on each pixel is shown as a square


class Picture:
    """Draws frames, and keeps the last one looked up: what lies over it changes far more often."""

    def __init__(self) -> None:
        self._table: tuple[tuple[Drawable, Voi | None, bool], Bytes8 | None] | None = None
        self._last: tuple[tuple[object, ...], QImage] | None = None
        self._array_drawn: tuple[Drawable, float, npt.NDArray[Any]] | None = None

    def forget(self) -> None:
        """Let go of the last frame."""
        self._table, self._last, self._array_drawn = None, None, None

    def draw(self, painter: QPainter, drawable: Drawable, view: ViewState) -> None:
        """Draw what the viewport shows: choose the level, crop it, and only then look up."""
        aspect = drawable.pixels.aspect
        scale = view.zoom * painter.device().devicePixelRatio()
        step = drawable.step_for(scale * max(1.0, aspect))
        level = self._at_step(drawable, step)
        left, right, top, bottom = in_sight(view)
        high = step * aspect
        x0, x1 = within(left / step, right / step, level.shape[1])
        y0, y1 = within(top / high, bottom / high, level.shape[0])
        if x0 >= x1 or y0 >= y1:
            return
        part = (slice(y0, y1), slice(x0, x1))
        wanted = (drawable, view.window, view.inverted, view.rotation, step, x0, x1, y0, y1)
        if self._last is None or self._last[0] != wanted:
            self._last = wanted, self._looked_up(drawable, level[part], view)
        corners = ((x0 * step, y0 * high), (x1 * step, y1 * high))
        smooth = scale < CRISP_ZOOM and scale * step != 1.0
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        draw_between(painter, view, corners, self._last[1])

    def _at_step(self, drawable: Drawable, step: float) -> npt.NDArray[Any]:
        """Return an array of the pyramid; the last one is kept."""
        last = self._array_drawn
        if last is None or last[0] is not drawable or last[1] != step:
            last = self._array_drawn = drawable, step, drawable.at_step(step)
        return last[2]

    def _looked_up(self, drawable: Drawable, part: npt.NDArray[Any], view: ViewState) -> QImage:
        """Return a part of a level as it is seen, turned but not flipped."""
        table = self._current_table(drawable, view)
        seen = drawable.draw(part, table, view.window, view.inverted)
        grey, rgb = QImage.Format.Format_Grayscale8, QImage.Format.Format_RGB888
        # Qt enlarges 32 bits so much faster that to make them first pays.
        turned = as_turned(seen, view, rgb if seen.ndim == 3 else grey)
        return turned.convertToFormat(QImage.Format.Format_RGB32)

    def _current_table(self, drawable: Drawable, view: ViewState) -> Bytes8 | None:
        wanted = (drawable, view.window, view.inverted)
        if self._table is None or self._table[0] != wanted:
            self._table = (wanted, drawable.table(view.window, view.inverted))
        return self._table[1]


def as_turned(
    seen: Bytes8, view: ViewState, form: QImage.Format, colours: Sequence[int] = ()
) -> QImage:
    """Return an image over `seen`, or a turned copy: three times faster than a turned painter.

    Args:
        colours: of the codes of an indexed picture.
    """
    rows, columns = seen.shape[:2]
    image = QImage(seen.data, columns, rows, seen.strides[0], form)
    if colours:
        image.setColorTable(colours)
    return image.transformed(QTransform().rotate(view.rotation)) if view.rotation else image


def draw_between(
    painter: QPainter, view: ViewState, corners: tuple[Point, Point], image: QImage
) -> None:
    """Draw a turned image between two image points; a mirrored painter flips it at no cost."""
    first, last = (QPointF(*view_state.to_screen(view, corner)) for corner in corners)
    target = QRectF(first, last).normalized()
    if view.flipped:
        painter.scale(-1, 1)
        target.moveLeft(-target.right())
    painter.drawImage(target, image)
    if view.flipped:
        painter.scale(-1, 1)


def in_sight(view: ViewState) -> tuple[float, float, float, float]:
    """Return the left, right, top and bottom of the viewport in the picture, image units."""
    (xa, ya), (xb, yb) = (view_state.to_image(view, each) for each in ((0.0, 0.0), view.viewport))
    return min(xa, xb), max(xa, xb), min(ya, yb), max(ya, yb)


def within(start: float, end: float, size: int) -> tuple[int, int]:
    """Return the whole pixels from `start` to `end` and one more at each side, for smoothing."""
    return max(0, math.floor(start) - 1), min(size, math.ceil(end) + 1)
