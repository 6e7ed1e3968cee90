"""The star of a picture that a person marked, and the way to the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPen, QPolygonF

from viewer.ui import theme
from viewer.ui.cell import Cell
from viewer.ui.frames import Frame
from viewer.ui.image_view import ImageView
from viewer.ui.measuring_desk import MeasuringDesk, place_in
from viewer.ui.study import OpenStudy
from viewer.ui.view_state import Point

if TYPE_CHECKING:
    from viewer.ui.viewer import Viewer

STAR_PX = 11.0
FROM_TOP_PX, FROM_RIGHT_PX = 62.0, 24.0
_OUTER = ((0.0, -1.0), (0.95, -0.31), (0.59, 0.81), (-0.59, 0.81), (-0.95, -0.31))
_INNER = ((0.22, -0.31), (0.36, 0.12), (0.0, 0.38), (-0.36, 0.12), (-0.22, -0.31))
_STAR = [point for pair in zip(_OUTER, _INNER, strict=True) for point in pair]


def is_marked(desk: MeasuringDesk, cell: Cell) -> bool:
    """Whether the picture on the screen is marked."""
    place = place_in(cell)
    return place is not None and desk.measuring.sheet.is_marked(*place)


def next_marked(desk: MeasuringDesk, study: OpenStudy, frame: Frame) -> tuple[int, int] | None:
    """Return series and place of the next marked picture after `frame`, around the end."""
    marked = (desk.find(place) for place in desk.measuring.sheet.state.marked)
    found = sorted(each[1:] for each in marked if each is not None and each[0] is study)
    at = study.piles[frame.series].place_of(frame.instance, frame.frame)
    here = frame.series, -1 if at is None else at
    return next((each for each in found if each > here), found[0] if found else None)


class StarLayer:
    """A star in the corner of a picture that is marked."""

    def __init__(self, cell: Cell, desk: MeasuringDesk) -> None:
        self._cell, self._desk = cell, desk

    def paint(self, painter: QPainter, image: ImageView) -> None:
        if not is_marked(self._desk, self._cell):
            return
        x, y = image.width() - FROM_RIGHT_PX, FROM_TOP_PX
        star = QPolygonF([QPointF(x + STAR_PX * a, y + STAR_PX * b) for a, b in _STAR])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.OUTLINE, theme.OUTLINE_PX))
        painter.setBrush(theme.NOTICE_TEXT)
        painter.drawPolygon(star)

    def press(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        return False

    def move(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        return False

    def release(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        return False

    def leave(self, image: ImageView) -> None:
        """Nothing follows the pointer here."""

    def cursor(self, image: ImageView, at: Point) -> Qt.CursorShape | None:
        return None


class Marks(QObject):
    """The marks of what a viewer shows: stars, words on buttons, and the way to the next."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._viewer = viewer
        viewer.desk.measuring.changed.connect(self._see)
        viewer.grid.added.connect(self._adopt)
        for cell in viewer.grid.made:
            self._adopt(cell)

    def _adopt(self, cell: Cell) -> None:
        cell.lay(StarLayer(cell, self._viewer.desk))

    def _see(self) -> None:
        self.tell()
        for cell in self._viewer.grid.in_sight:
            cell.image.update()

    def tell(self) -> None:
        """Offer to mark the picture that has the focus, or to take its mark away."""
        desk, tools = self._viewer.desk, self._viewer.tools
        tools.button("mark").setText(
            "Unmark" if is_marked(desk, self._viewer.cell) else "Mark this"
        )
        there = desk.measuring.sheet.state.marked
        tools.set_reason("next_marked", "" if there else "Nothing is marked")

    def go_to_next(self) -> None:
        """Show the next picture that is marked."""
        cell = self._viewer.cell
        if cell.study is None or cell.frame is None:
            return
        found = next_marked(self._viewer.desk, cell.study, cell.frame)
        if found is None:
            cell.flash("No picture of this study is marked")
            return
        cell.show_series(cell.study, found[0])
        cell.show_place(found[1])
