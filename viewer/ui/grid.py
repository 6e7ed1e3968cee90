"""The cells side by side: how many there are, which one has the focus, which one is made large."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from viewer.ui.cell import Cell


@dataclass(frozen=True, slots=True)
class Layout:
    """So many rows of so many cells."""

    rows: int = 1
    columns: int = 1

    def __len__(self) -> int:
        return self.rows * self.columns

    def __str__(self) -> str:
        return f"{self.rows} × {self.columns}"


ONE = Layout()
LAYOUTS = (
    ONE,
    Layout(1, 2),
    Layout(2, 1),
    Layout(2, 2),
    Layout(1, 3),
    Layout(2, 3),
    Layout(3, 2),
    Layout(3, 3),
)


class Grid(QWidget):
    """Cells in rows. They are made when first needed, and keep what they show when hidden."""

    added = Signal(object)  # a Cell that was made
    chosen = Signal(object)  # the Cell that has the focus now
    arranged = Signal()  # other cells are in sight than before

    def __init__(self, make: Callable[[], Cell], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._all: list[Cell] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self.layout_shown = ONE
        self._large: Cell | None = None
        self.cell = self._more(1)[0]  # that tools and keys act on
        self._arrange()

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells of the layout, row by row, whether in sight or behind one made large."""
        return tuple(self._all[: len(self.layout_shown)])

    @property
    def in_sight(self) -> tuple[Cell, ...]:
        return (self._large,) if self._large else self.cells

    @property
    def made(self) -> tuple[Cell, ...]:
        """Every cell there has been, in sight or not."""
        return tuple(self._all)

    @property
    def is_large(self) -> bool:
        """Whether one cell is made large over the others."""
        return self._large is not None

    def show_layout(self, layout: Layout) -> None:
        """Show so many cells; the one with the focus stays in sight."""
        self._more(len(layout))
        at = self._all.index(self.cell)
        if at >= len(layout):
            last = len(layout) - 1
            self._all[at], self._all[last] = self._all[last], self._all[at]
        self.layout_shown, self._large = layout, None
        self._arrange()

    def make_large(self, cell: Cell | None) -> None:
        """Let one cell fill the grid; None for all of them again."""
        self._large = cell if len(self.layout_shown) > 1 else None
        self._arrange()
        if cell is not None:
            self.choose(cell)

    def choose(self, cell: Cell) -> None:
        """Give the focus to a cell."""
        if cell is not self.cell:
            self.cell = cell
            self._mark()
            self.chosen.emit(cell)

    def choose_next(self, by: int) -> None:
        """Give the focus to the cell so many further (or back), around the end."""
        cells = self.in_sight
        at = cells.index(self.cell) if self.cell in cells else 0
        self.choose(cells[(at + by) % len(cells)])
        self.cell.image.setFocus()

    def _more(self, count: int) -> list[Cell]:
        while len(self._all) < count:
            cell = self._make()
            cell.setParent(self)
            cell.touched.connect(lambda cell=cell: self.choose(cell))
            cell.title.opened.connect(
                lambda cell=cell: self.make_large(None if self.is_large else cell)
            )
            self._all.append(cell)
            self.added.emit(cell)
        return self._all

    def _arrange(self) -> None:
        for cell in self._all:
            self._grid.removeWidget(cell)
        columns = self.layout_shown.columns
        for place, cell in enumerate(self.cells):
            self._grid.addWidget(cell, place // columns, place % columns)
        for cell in self._all:
            cell.setVisible(cell in self.in_sight)
        self._stretch()
        self._mark()
        self.arranged.emit()

    def _stretch(self) -> None:
        """Share the room evenly among what is in sight."""
        seen = [divmod(n, self.layout_shown.columns) for n, each in enumerate(self.cells)
                if each in self.in_sight]  # fmt: skip
        for row in range(max(self._grid.rowCount(), self.layout_shown.rows)):
            self._grid.setRowStretch(row, row in {r for r, _ in seen})
        for column in range(max(self._grid.columnCount(), self.layout_shown.columns)):
            self._grid.setColumnStretch(column, column in {c for _, c in seen})

    def _mark(self) -> None:
        self.setFocusProxy(self.cell)
        several = len(self.in_sight) > 1
        for cell in self._all:
            cell.mark(is_chosen=several and cell is self.cell, is_among_others=several)
