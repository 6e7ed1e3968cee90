"""The cells of a viewer: made, filled with series, dropped on, and led to by documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from viewer.dicom.documents import Reference
from viewer.ui.cell import Cell
from viewer.ui.grid import Layout

if TYPE_CHECKING:
    from viewer.ui.viewer import Viewer


class Cells:
    """Joins each cell with the viewer that it is in."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer

    def make(self) -> Cell:
        """Return a new cell, for the grid."""
        viewer = self._viewer
        cell = Cell(viewer.loader)
        cell.image.set_hand(viewer.hand)
        cell.wanted.connect(viewer.want)
        cell.shown.connect(viewer.shown)
        cell.failed.connect(viewer.failed)
        cell.told.connect(lambda: viewer.tell(cell))
        cell.played.connect(lambda playing: self._tell_playing(cell, playing))
        cell.given.connect(lambda place: self._give(cell, place))
        cell.followed.connect(lambda reference: self._follow(cell, reference))
        return cell

    @property
    def from_here(self) -> list[Cell]:
        """The cells in sight, the one that has the focus first."""
        here = self._viewer.cell
        return [here, *(each for each in self._viewer.grid.in_sight if each is not here)]

    def fill(self) -> None:
        """Say in each cell whose picture it is if there are several, and leave none empty."""
        viewer, shelf, grid = self._viewer, self._viewer.shelf, self._viewer.grid
        cells, studies = grid.cells, shelf.studies
        unseen = iter(shelf.unseen([cell.frame for cell in cells]) if studies else ())
        for cell in cells:
            cell.title.set_large(len(studies) > 1)
            cell.show_title(len(cells) > 1 or len(studies) > 1)
            cell.set_chrome_shown(viewer.chrome_shown)
            if cell.study is None and len(cells) > 1:
                place = next(unseen, None)
                if place is None:
                    cell.clear("Drag a series here.")
                else:
                    cell.show_series(*shelf.at(place))
        for cell in grid.made:
            if cell not in grid.in_sight:
                cell.stop()
        viewer.tell(viewer.cell)
        viewer.want()

    def _tell_playing(self, cell: Cell, playing: bool) -> None:
        if cell is self._viewer.cell:
            self._viewer.tools.set_playing(playing)

    def _give(self, cell: Cell, place: int) -> None:
        """Show a series in the cell it was dropped on."""
        shelf = self._viewer.shelf
        if 0 <= place < len(shelf):
            self._viewer.grid.choose(cell)
            cell.image.setFocus()
            cell.show_series(*shelf.at(place))

    def _follow(self, cell: Cell, reference: Reference) -> None:
        """Show a picture that a document points at, beside it."""
        study, grid = cell.study, self._viewer.grid
        found = study.find(reference) if study else None
        if study is None or found is None:
            cell.paper.tell("That picture is not among those of this study.")
            return
        if len(grid.in_sight) == 1:
            grid.make_large(None)
            grid.show_layout(Layout(1, 2))
        beside = next(each for each in grid.in_sight if each is not cell)
        beside.show_series(study, found[0])
        beside.show_place(found[1])
