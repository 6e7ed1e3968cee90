"""What a cell says of its picture: title, corners, letters, and the words for a screen reader."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.dicom.header import Header
from viewer.dicom.ordering import orientation_of
from viewer.render.orientation import Edges, edges, told_edges
from viewer.ui import corners
from viewer.ui.face import Face
from viewer.ui.overlay import Corners

if TYPE_CHECKING:
    from viewer.ui.cell import Cell


class CellWords(QObject):
    """Says it anew whenever what is on the screen changes."""

    told = Signal()  # all of it, and not the corners alone

    def __init__(self, cell: Cell) -> None:
        super().__init__(cell)
        self._cell = cell
        self._face = Face.CLINICIAN
        self._title_shown = False
        self._told_edges: Edges | None = None

    def set_face(self, face: Face) -> None:
        """Say in the corners what a patient wants to know, or all of it."""
        self._face = face
        self.tell()

    def show_title(self, shown: bool) -> None:
        """Say above the picture whose it is; where nothing else does so."""
        self._title_shown = shown
        self.tell_title()

    def tell_title(self) -> None:
        cell, study = self._cell, self._cell.study
        cell.title.tell(cell.header if self._title_shown else None, study.title if study else "")

    def tell_waiting(self) -> None:
        """Say that a picture is on its way; what was there before stays in sight."""
        cell = self._cell
        if not cell.is_settled and cell.image.drawable is None:
            cell.image.show_message("Loading…")
        elif not cell.is_settled and cell.seen is not None:
            cell.image.show_hint(f"Loading image {cell.place + 1}…")

    def tell(self) -> None:
        """Say all of it."""
        self.tell_title()
        said, image = self.tell_corners(), self._cell.image
        if said is None:
            return
        sides = self._told_edges = image.edges
        in_words = [*said.top_left, *said.top_right, *said.bottom_left, image.message]
        in_words.append(sides.in_words if sides else "")
        image.setAccessibleDescription(". ".join(each for each in in_words if each))
        self.told.emit()

    def tell_view(self) -> None:
        """Say what has changed in how the picture is seen: the letters, if it was turned."""
        if self._cell.image.edges != self._told_edges:
            self.tell()
        else:
            self.tell_corners()

    def tell_corners(self) -> Corners | None:
        """Say in the corners, and by the letters at the edges, what is on the screen."""
        cell = self._cell
        header, seen = cell.header, cell.seen
        if seen is None or header is None:
            return None
        said = self._corners(header)
        sides = edges(orientation_of(header, max(seen.frame, 0))) or told_edges(
            header.patient_orientation
        )
        cell.image.set_overlay(said, sides)
        return said

    def _corners(self, header: Header) -> Corners:
        cell = self._cell
        study, seen = cell.study, cell.seen
        assert study is not None
        assert seen is not None
        series, odd = study.series[seen.series], study.oddities(seen.series)
        place, count = cell.seen_place, len(cell.pile)
        if self._face is Face.PATIENT:
            said = corners.tell_patient(series, header, place, count, cell.image)
            odd = tuple(each for each in odd if each.matters)
        else:
            said = corners.tell(series, header, place, count, cell.image, cell.player.words)
        shorts = (each.short for each in odd if each.short)
        return replace(said, top_left=(*said.top_left, *shorts))
