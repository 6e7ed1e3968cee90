"""What cells side by side have in common: going together, each other's lines, one point in all."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from viewer.ui.cell import Cell
from viewer.ui.crosshair import Crosshair, CrosshairLayer
from viewer.ui.grid import Grid
from viewer.ui.linking import Linking
from viewer.ui.reference_lines import ReferenceLines

Entry = tuple[str, bool, Callable[[bool], None]]  # word, whether it is on, what to do


class Together(QObject):
    """Joins the cells of a grid."""

    def __init__(self, grid: Grid) -> None:
        super().__init__(grid)
        self._grid = grid
        self.linking: Linking = Linking(grid)
        self.crosshair = Crosshair(grid)
        self.lines_shown = True
        self._lines: list[ReferenceLines] = []
        grid.added.connect(self._adopt)
        grid.chosen.connect(self._repaint)
        for cell in grid.made:
            self._adopt(cell)

    def _adopt(self, cell: Cell) -> None:
        lines = ReferenceLines(cell, lambda: self._grid.cell)
        lines.shown = self.lines_shown
        self._lines.append(lines)
        cell.lay(lines, CrosshairLayer(cell, self.crosshair))
        cell.told.connect(lambda: self._moved(cell))
        self.linking.add(cell)

    def _moved(self, cell: Cell) -> None:
        if cell is self._grid.cell:
            self._repaint()

    def _repaint(self) -> None:
        """Draw anew what the picture with the focus cuts."""
        for cell in self._grid.in_sight:
            if cell is not self._grid.cell:
                cell.image.update()

    def show_lines(self, shown: bool) -> None:
        """Show where the picture with the focus cuts the others, or not."""
        self.lines_shown = shown
        for each in self._lines:
            each.shown = shown
        self._repaint()

    def toggle_linked(self) -> None:
        self.linking.turn_on(not self.linking.is_on)

    def toggle_windows(self) -> None:
        self.linking.link_windows(not self.linking.windows)

    def toggle_lines(self) -> None:
        self.show_lines(not self.lines_shown)

    def toggle_crosshair(self) -> None:
        self.crosshair.turn_on(not self.crosshair.is_on)

    def fill(self, menu: QMenu) -> None:
        """Offer all of it in a menu."""
        entries: tuple[Entry, ...] = (
            ("Scroll and zoom together", self.linking.is_on, self.linking.turn_on),
            ("Same brightness", self.linking.windows, self.linking.link_windows),
            ("Lines of the other cells", self.lines_shown, self.show_lines),
            ("Crosshair: click a point", self.crosshair.is_on, self.crosshair.turn_on),
        )
        for word, is_on, act in entries:
            entry = menu.addAction(word)
            entry.setCheckable(True)
            entry.setChecked(is_on)
            entry.triggered.connect(act)
        by_hand = menu.addAction("Link by hand, as they stand now")
        by_hand.triggered.connect(lambda _=False: self.linking.link_here())
