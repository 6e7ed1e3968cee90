"""Where the picture with the focus, and the ends of its stack, cut the pictures beside it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from viewer.dicom.geometry import Plane, crossing
from viewer.ui import theme, view_state
from viewer.ui.cell import Cell
from viewer.ui.image_view import ImageView
from viewer.ui.layer import OnlyDrawn
from viewer.ui.view_state import Point

HERE_PX, END_PX, OUTLINE_PX = 1.5, 1.0, 2.0
END_ALPHA = 170


class ReferenceLines(OnlyDrawn):
    """A layer over one cell: the line of the cell with the focus, and thin ones of its stack."""

    def __init__(self, cell: Cell, chosen: Callable[[], Cell]) -> None:
        self._cell, self._chosen = cell, chosen
        self.shown = True

    def lines(self) -> tuple[tuple[Point, Point, bool], ...]:
        """Return the lines in pixels of the picture; True for the picture itself."""
        mine, chosen = self._cell.plane, self._chosen()
        if not self.shown or mine is None or chosen is self._cell or chosen.plane is None:
            return ()
        ends: tuple[Plane, ...] = chosen.stack.ends if chosen.stack else ()
        planes = [*((each, False) for each in ends), (chosen.plane, True)]
        found = ((crossing(mine, each), is_here) for each, is_here in planes)
        return tuple((*line, is_here) for line, is_here in found if line is not None)

    def paint(self, painter: QPainter, image: ImageView) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for start, end, is_here in self.lines():
            first, last = (_on_screen(image, each) for each in (start, end))
            width = HERE_PX if is_here else END_PX
            painter.setPen(QPen(theme.OUTLINE, width + OUTLINE_PX))
            painter.drawLine(first, last)
            painter.setPen(_pen(width, is_here))
            painter.drawLine(first, last)


def _pen(width: float, is_here: bool) -> QPen:
    colour = QColor(theme.ACCENT)
    if is_here:
        return QPen(colour, width)
    colour.setAlpha(END_ALPHA)
    return QPen(colour, width, Qt.PenStyle.DashLine)


def _on_screen(image: ImageView, pixel: Point) -> QPointF:
    return QPointF(*view_state.to_screen(image.view, image.from_pixel(pixel)))
