"""Then and now: lays an older study beside the one that was opened, and says which is which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.errors import NothingBefore
from viewer.priors import OtherStudy, PriorStudies
from viewer.ui import plain
from viewer.ui.cell import Cell
from viewer.ui.comparing import Comparing
from viewer.ui.grid import Layout
from viewer.ui.study import OpenStudy

if TYPE_CHECKING:
    from viewer.ui.viewer import Viewer


class Beside(QObject):
    """Compares what a viewer shows with older studies."""

    def __init__(self, viewer: Viewer, given: PriorStudies | None) -> None:
        super().__init__(viewer)
        self._viewer = viewer
        self.comparing = Comparing(given, self) if given else None
        if self.comparing is not None:
            self.comparing.found.connect(self._lay)
            self.comparing.failed.connect(self._say)

    def close(self) -> None:
        """Stop looking; nothing is laid beside any more."""
        if self.comparing is not None:
            self.comparing.close()

    def compare(self, chosen: OtherStudy | None = None) -> None:
        """Lay the older picture beside the one that is seen, or say why there is none."""
        cell, shelf = self._viewer.cell, self._viewer.shelf
        if self.comparing is None or cell.series is None or cell.study is not shelf.studies[0]:
            self._say(str(NothingBefore()))
            return
        self._say("Looking for the pictures from before…")
        self.comparing.compare(cell.series, len(shelf.studies), chosen)

    def _say(self, sentence: str) -> None:
        self._viewer.cell.flash(sentence)

    def _lay(self, found: OpenStudy, series: int) -> None:
        """Show then at the left and now at the right."""
        viewer, frame = self._viewer, self._viewer.frame
        if frame is None or frame.study != viewer.study.number:
            return  # a person went on to something else meanwhile
        other = self._on_shelf(found)
        place = viewer.cell.place
        viewer.cell.image.show_hint("")
        viewer.grid.show_layout(Layout(1, 2))
        left, right = viewer.grid.cells
        left.show_series(other, series)
        right.show_series(viewer.study, frame.series)
        right.show_place(place)
        viewer.grid.choose(right)

    def _on_shelf(self, found: OpenStudy) -> OpenStudy:
        """Return the study as it lies in the strip, put there unless it was before."""
        shelf = self._viewer.shelf
        header = found.series[0].headers[0]
        for each in shelf.studies[1:]:
            if each.series[0].headers[0].study_uid == header.study_uid:
                return each
        shelf.add(found, self._viewer.loader, plain.short_date(header.study_date))
        self._viewer.look_through(found)
        return found

    def role(self, cell: Cell) -> str:
        """Return what a picture is beside those of another time; "" if there are none."""
        studies = self._viewer.shelf.studies
        if len(studies) < 2 or cell.study is None or cell.header is None:
            return ""
        if cell.study is studies[0]:
            return "Now"
        ours = studies[0].series[0].headers[0]
        return "Later" if cell.header.study_date > ours.study_date else "Before"
