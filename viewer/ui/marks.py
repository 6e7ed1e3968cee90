"""Marked pictures: a star on each, a list of them, and the way from one to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QMenu

from viewer.dicom.kinds import Content
from viewer.dicom.reader import Reader
from viewer.ui import plain, theme
from viewer.ui.cell import Cell
from viewer.ui.image_view import ImageView
from viewer.ui.layer import OnlyDrawn
from viewer.ui.marked import Marked, marked_pictures, next_marked
from viewer.ui.measuring_desk import MeasuringDesk, place_in
from viewer.ui.read_through import ReadThrough
from viewer.ui.study import OpenStudy

if TYPE_CHECKING:
    from viewer.ui.viewer import Viewer

LISTED_MOST = 40
STAR_PX = 11.0
FROM_TOP_PX, FROM_RIGHT_PX = 62.0, 24.0
_OUTER = ((0.0, -1.0), (0.95, -0.31), (0.59, 0.81), (-0.59, 0.81), (-0.95, -0.31))
_INNER = ((0.22, -0.31), (0.36, 0.12), (0.0, 0.38), (-0.36, 0.12), (-0.22, -0.31))
_STAR = [point for pair in zip(_OUTER, _INNER, strict=True) for point in pair]


def is_marked(desk: MeasuringDesk, cell: Cell) -> bool:
    """Whether the picture on the screen is marked."""
    place = place_in(cell)
    return place is not None and desk.measuring.sheet.is_marked(*place)


class StarLayer(OnlyDrawn):
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


class Marks(QObject):
    """The marks of what a viewer shows: stars, words on buttons, and the list."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._viewer = viewer
        self._documents = ReadThrough(Content.KEY_OBJECTS, Reader.marked, self.tell)
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

    def look_through(self, study: OpenStudy) -> None:
        """Read what a study says of the pictures that are marked."""
        self._documents.look_through(study)

    def close(self) -> None:
        """Stop reading."""
        self._documents.close()

    def tell(self) -> None:
        """Offer to mark the picture that has the focus, or to take its mark away."""
        desk, tools, cell = self._viewer.desk, self._viewer.tools, self._viewer.cell
        tools.button("mark").setText("Unmark" if is_marked(desk, cell) else "Mark this")
        there = desk.measuring.sheet.state.marked or (cell.study and self._documents.of(cell.study))
        tools.set_reason("marked", "" if there else "Nothing is marked")

    @property
    def here(self) -> list[Marked]:
        """What is marked in the study that has the focus."""
        study = self._viewer.cell.study
        if study is None:
            return []
        return marked_pictures(self._viewer.desk, study, self._documents.of(study))

    def go_to_next(self) -> None:
        """Show the next picture that is marked."""
        cell = self._viewer.cell
        if cell.study is None or cell.frame is None:
            return
        found = next_marked(self.here, cell.study, cell.frame)
        if found is None:
            cell.flash("No picture of this study is marked")
        else:
            self._viewer.show_at(cell.study, found.series, found.place)

    def fill(self, menu: QMenu) -> None:
        """List the marked pictures, and offer to go through them."""
        menu.clear()
        cell, found = self._viewer.cell, self.here
        study = cell.study
        if study is None or not found:
            menu.addAction("No picture of this study is marked").setEnabled(False)
            return
        menu.addAction("Show the next one").triggered.connect(lambda _=False: self.go_to_next())
        menu.addSeparator()
        seen = (cell.frame.series, cell.place) if cell.frame else None
        for each in found[:LISTED_MOST]:
            act = menu.addAction(_words(study, each))
            act.setToolTip(each.description)
            act.setCheckable(True)
            act.setChecked((each.series, each.place) == seen)
            act.triggered.connect(
                lambda _=False, each=each: self._viewer.show_at(study, each.series, each.place)
            )
        if len(found) > LISTED_MOST:
            menu.addAction(f"and {len(found) - LISTED_MOST} more").setEnabled(False)


def _words(study: OpenStudy, marked: Marked) -> str:
    series, pile = study.series[marked.series], study.piles[marked.series]
    which = f", image {marked.place + 1}" if len(pile) > 1 else ""
    where = f"{plain.plain(series.title)}{which}"
    return "  ·  ".join(each for each in (where, marked.why) if each)
