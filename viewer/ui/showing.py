"""Pictures as somebody wanted them to be seen: presentation states, found, chosen and applied."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from viewer.dicom import presentation
from viewer.dicom.kinds import Content
from viewer.dicom.pixels import Pixels
from viewer.dicom.presentation import PresentationState
from viewer.dicom.reader import Reader
from viewer.ui import plain, view_state
from viewer.ui.cell import Cell
from viewer.ui.frames import Frame, FrameLoader
from viewer.ui.grid import Grid
from viewer.ui.presentation_layer import PresentationLayer, seen
from viewer.ui.read_through import ReadThrough
from viewer.ui.study import PREVIEW, OpenStudy

HEADING = "As others wanted it seen"
OWN = "As the picture itself says"


class Showing(QObject):
    """The states of the studies that are shown, and the one that each is seen by."""

    found = Signal()  # there are more states to choose from

    def __init__(
        self,
        grid: Grid,
        loader: FrameLoader,
        studies: Callable[[], tuple[OpenStudy, ...]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._grid, self._loader, self._studies = grid, loader, studies
        self._chosen: dict[int, PresentationState] = {}
        self._applied: dict[Cell, PresentationState] = {}
        self._states = ReadThrough(Content.PRESENTATION, Reader.state, self.found.emit)
        grid.added.connect(self._watch)
        for cell in grid.made:
            self._watch(cell)

    def _watch(self, cell: Cell) -> None:
        cell.shown.connect(lambda frame: self._see(cell, frame))

    # -- finding ------------------------------------------------------------------------------

    def look_through(self, study: OpenStudy) -> None:
        """Read the states of a study, one after another."""
        self._states.look_through(study)

    def offered(self, cell: Cell) -> list[PresentationState]:
        """Return the states of the picture in a cell, the latest first."""
        if cell.study is None or cell.frame is None:
            return []
        uid = cell.study.header(cell.frame).sop_uid
        return presentation.states_for(self._states.of(cell.study), uid, cell.frame.frame)

    def fill(self, menu: QMenu, cell: Cell) -> None:
        """Offer the ways of showing the picture in a cell."""
        states, study = self.offered(cell), cell.study
        if not states or study is None:
            return
        menu.addSection(HEADING)
        choices: list[tuple[str, PresentationState | None]] = [(OWN, None)]
        choices += [(_words(each), each) for each in states]
        for words, state in choices:
            act = menu.addAction(words)
            act.setCheckable(True)
            act.setChecked(self._chosen.get(study.number) is state)
            act.triggered.connect(lambda _=False, state=state: self.choose(study, state))

    # -- applying -----------------------------------------------------------------------------

    def choose(self, study: OpenStudy, state: PresentationState | None) -> None:
        """See the pictures of a study by a state; None for their own way."""
        if state is None:
            self._chosen.pop(study.number, None)
        else:
            self._chosen[study.number] = state
        self._loader.start_over()
        for cell in self._grid.made:
            if cell.study is study:
                cell.show_again()

    def apply(self, frame: Frame, pixels: Pixels) -> Pixels:
        """Return a frame's pixels by the state that was chosen; in a thread."""
        state = self._chosen.get(frame.study)
        if state is None or frame.instance == PREVIEW:
            return pixels
        header = self._studies()[frame.study].header(frame)
        if not state.covers(header.sop_uid, frame.frame):
            return pixels
        return presentation.applied(state, pixels, header.sop_uid, frame.frame)

    def _see(self, cell: Cell, frame: Frame) -> None:
        """Lay over a picture what belongs there, and turn it once when its state is new."""
        old = [each for each in cell.image.layers if isinstance(each, PresentationLayer)]
        if old:
            cell.take_away(*old)
        state = self._chosen.get(frame.study)
        uid = cell.study.header(frame).sop_uid if cell.study else ""
        if state is None or not state.covers(uid, frame.frame):
            if self._applied.pop(cell, None) is not None:
                cell.image.set_view(view_state.reset(cell.image.view))
            return
        cell.lay(PresentationLayer(state, uid, frame.frame))
        if self._applied.get(cell) is not state:
            self._applied[cell] = state
            self._turn(cell, state, uid, frame.frame)

    def _turn(self, cell: Cell, state: PresentationState, uid: str, frame: int) -> None:
        image = cell.image
        true_zoom = image.true_zoom
        aspect = image.drawable.pixels.aspect if image.drawable else 1.0
        known = true_zoom if isinstance(true_zoom, float) else None
        image.set_view(seen(image.view, state, uid, frame, aspect=aspect, true_zoom=known))
        cell.flash(" ".join((f"Seen as: {_words(state)}.", *state.missing)))

    def close(self) -> None:
        """Stop reading."""
        self._states.close()


def _words(state: PresentationState) -> str:
    """Return what to call a state: its label or what it is for, and who made it."""
    name = plain.plain(state.description) or plain.plain(state.label) or "Without a name"
    who, when = plain.person(state.creator), plain.date(state.created[:8]) if state.created else ""
    return "  ·  ".join(each for each in (name, who, when) if each)
