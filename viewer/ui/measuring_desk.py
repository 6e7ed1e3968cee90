"""Joins measuring with the cells of a viewer: layers over their pictures, the list, the tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QInputDialog

from viewer.measure.shapes import Kind
from viewer.measure.sheet import Place
from viewer.ui import measuring_words, plain
from viewer.ui.cell import Cell
from viewer.ui.grid import Grid
from viewer.ui.keeper import Keeper, ReadAnnotations
from viewer.ui.measuring import Measuring
from viewer.ui.measuring_keep import Keeping, left_out
from viewer.ui.measuring_layer import MeasuringLayer
from viewer.ui.measuring_panel import MeasuringPanel, Row
from viewer.ui.pointer import Hand
from viewer.ui.study import OpenStudy

KINDS: dict[Hand, Kind] = {
    Hand.LENGTH: Kind.LENGTH,
    Hand.ANGLE: Kind.ANGLE,
    Hand.COBB: Kind.COBB,
    Hand.ELLIPSE: Kind.ELLIPSE,
    Hand.BOX: Kind.RECTANGLE,
    Hand.OUTLINE: Kind.POLYGON,
    Hand.FREEHAND: Kind.FREEHAND,
    Hand.PROBE: Kind.PROBE,
}
NAME_LENGTH_MOST = 64  # what a code's meaning holds: PS3.5 6.2, LO
ICONS = {kind: hand.value for hand, kind in KINDS.items()}


class MeasuringDesk(QObject):
    """One for a viewer."""

    wanted = Signal(object, int, int)  # OpenStudy, series, place: show that picture

    def __init__(
        self, grid: Grid, studies: Callable[[], Sequence[OpenStudy]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._grid, self._studies = grid, studies
        self.measuring = Measuring(parent=self)
        self.panel = MeasuringPanel()
        self._panel_shown = True
        self.keeping: Keeping | None = None
        self._said: dict[str, str] = {}  # what each one last said
        self._index: dict[int, dict[str, tuple[int, int]]] = {}  # by the number of the study
        grid.added.connect(self._adopt)
        for cell in grid.made:
            self._adopt(cell)
        self.measuring.changed.connect(self._list)
        self.panel.chosen.connect(self._show)
        self.panel.removed.connect(self._remove)
        self.panel.named.connect(self._ask_name)

    def keep_with(
        self, study: OpenStudy, keeper: Keeper | None, read: ReadAnnotations | None
    ) -> None:
        """Show what was kept with a study, and keep with it what is new."""
        keeping = self.keeping = Keeping(self.measuring, study, keeper, read)
        self.panel.keep.connect(keeping.keep)
        keeping.changed.connect(self._list)
        keeping.told.connect(self._say)
        keeping.read()

    def _adopt(self, cell: Cell) -> None:
        cell.lay(MeasuringLayer(self.measuring, cell.image, lambda: place_in(cell)))
        cell.shown.connect(lambda _frame: self._list_shown(cell))

    def take(self, hand: Hand) -> None:
        """Take the tool of a hand, if it is one that measures."""
        self.measuring.take(KINDS.get(hand))

    def toggle_mark(self) -> None:
        """Mark the picture that has the focus, or take its mark away."""
        place = place_in(self._grid.cell)
        if place is not None:
            is_marked = self.measuring.toggle_mark(place)
            self._grid.cell.flash("Marked" if is_marked else "No longer marked")

    def choose_next(self) -> None:
        """Choose the next measurement of the picture that has the focus."""
        place = place_in(self._grid.cell)
        if place is not None:
            self.measuring.choose_next(place)

    def undo(self) -> None:
        self.measuring.sheet.undo()

    def redo(self) -> None:
        self.measuring.sheet.redo()

    def show_panel(self, shown: bool) -> None:
        """Let the list be seen while there is something in it, or not at all."""
        self._panel_shown = shown
        self._list()

    def close(self) -> None:
        if self.keeping is not None:
            self.keeping.close()
        self.measuring.close()

    def _say(self, sentence: str) -> None:
        """Say it on the picture that has the focus now."""
        self._grid.cell.flash(sentence)

    # -- the list -----------------------------------------------------------------------------

    def _list_shown(self, cell: Cell) -> None:
        """Take down what a picture says that has come into sight, if anything is measured on it."""
        place = place_in(cell)
        if place is not None and self.measuring.sheet.on(*place):
            self._list()

    def _list(self) -> None:
        chosen = self.measuring.chosen
        rows = list(self._rows())
        self.panel.show_rows(rows, chosen.uid if chosen else "")
        keeping, is_wanted = self.keeping, False
        if keeping is not None:
            is_wanted = keeping.is_wanted
            note = f"{keeping.note} {self._left_out() if keeping.is_offered else ''}".strip()
            self.panel.tell(note, keeping.is_offered, is_wanted)
        self.panel.setVisible((bool(rows) or is_wanted) and self._panel_shown)

    def _left_out(self) -> str:
        """Say how much of the list lies on pictures of studies that stand beside."""
        state = self.measuring.sheet.state
        places = [(each.sop_uid, each.frame) for each in state.measurements]
        found = [self.find(place) for place in (*places, *state.marked)]
        return left_out(sum(each is not None and each[0].number > 0 for each in found))

    def _rows(self) -> Iterator[Row]:
        state = self.measuring.sheet.state
        self._look()
        for each in state.measurements:
            place = each.sop_uid, each.frame
            words = each.label or measuring_words.NAMES[each.kind]
            said = self._said.get(each.uid, "")
            words = f"{words}: {said}" if said else words
            yield Row(ICONS[each.kind], words, self._where(place), place, each.uid)
        for place in state.marked:
            yield Row("mark", "Marked picture", self._where(place), place)

    def _look(self) -> None:
        """Take down what the measurements in sight say; others keep what they said."""
        for cell in self._grid.in_sight:
            place, drawable = place_in(cell), cell.image.drawable
            if place is None or drawable is None:
                continue
            for each in self.measuring.sheet.on(*place):
                lines = self.measuring.lines(each, drawable.pixels)
                self._said[each.uid] = lines[1 if each.label and len(lines) > 1 else 0]

    def _where(self, place: Place) -> str:
        found = self.find(place)
        if found is None:
            return "of a picture that is not here"
        study, series, at = found
        return f"{study.series[series].title}, image {at + 1}"

    def find(self, place: Place) -> tuple[OpenStudy, int, int] | None:
        """Return study, series and place in its pile of a picture."""
        for study in self._studies():
            found = self.find_in(study, place)
            if found is not None:
                return study, *found
        return None

    def find_in(self, study: OpenStudy, place: Place) -> tuple[int, int] | None:
        """Return series and place in its pile of a picture of one study."""
        found = self._index_of(study).get(place[0])
        if found is None:
            return None
        at = study.piles[found[0]].place_of(found[1], place[1])
        return (found[0], at) if at is not None else None

    def _index_of(self, study: OpenStudy) -> dict[str, tuple[int, int]]:
        """Return series and instance by SOP instance UID."""
        if study.number not in self._index:
            self._index[study.number] = {
                header.sop_uid: (number, instance)
                for number, series in enumerate(study.series)
                for instance, header in enumerate(series.headers)
                if header.sop_uid
            }
        return self._index[study.number]

    def _show(self, row: Row) -> None:
        found = self.find(row.place)
        if found is not None:
            self.wanted.emit(*found)
        self.measuring.choose(row.uid or None, 0 if row.uid else None)

    def _remove(self, row: Row) -> None:
        if row.uid:
            self.measuring.sheet.remove(row.uid)
        else:
            self.measuring.sheet.mark(*row.place, False)

    def _ask_name(self, row: Row) -> None:
        """Let a person say what was measured."""
        found = self.measuring.sheet.find(row.uid)
        if found is None:
            return
        box = QInputDialog(self.panel)
        box.setObjectName("name")
        box.setWindowTitle("Rayfolio")
        box.setLabelText("What did you measure?")
        box.setTextValue(found.label)
        box.textValueSelected.connect(lambda words: self.name(row.uid, words))
        box.open()

    def name(self, uid: str, words: str) -> None:
        """Call a measurement by these words; by its kind if there are none."""
        found = self.measuring.sheet.find(uid)
        if found is not None:
            self.measuring.sheet.put(replace(found, label=plain.plain(words)[:NAME_LENGTH_MOST]))


def place_in(cell: Cell) -> Place | None:
    """Return which picture is on the screen; None for none, or for a small one in its place."""
    study, frame = cell.study, cell.seen
    if study is None or frame is None or cell.image.drawable is None or frame.instance < 0:
        return None
    header = study.header(frame)
    return (header.sop_uid, frame.frame) if header.sop_uid else None


ACTS: dict[str, Callable[[MeasuringDesk], None]] = {
    "mark": MeasuringDesk.toggle_mark,
    "undo": MeasuringDesk.undo,
    "redo": MeasuringDesk.redo,
    "next_measurement": MeasuringDesk.choose_next,
}
