"""The way from a viewer's cells to the three sides of a volume, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from viewer.ui import acts

if TYPE_CHECKING:
    from viewer.ui.viewer import Viewer


class FromSides:
    """Shows either the cells or, in their place, one series from three sides."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        viewer.sides.left.connect(self.leave)
        viewer.sides.failed.connect(self._miss)

    def toggle(self) -> None:
        """See the series of the cell that has the focus from three sides, or as it was taken."""
        viewer, cell = self._viewer, self._viewer.cell
        if viewer.sides.is_open or cell.study is None or cell.frame is None:
            self.leave()
            return
        viewer.sides.show_series(cell.study, cell.frame.series)
        cell.stop()
        # The volume takes the room of what was kept of its slices.
        viewer.loader.want([])
        viewer.loader.cache.clear()
        viewer.sides.take_hand(viewer.hand)
        viewer.sides.set_chrome_shown(viewer.chrome_shown)
        self._tell()
        viewer.image.setFocus()

    def leave(self) -> None:
        """Show the cells again, if they are hidden."""
        viewer = self._viewer
        if viewer.sides.is_open:
            viewer.sides.clear()
            self._tell()
            viewer.want()
            viewer.image.setFocus()

    def _miss(self, sentence: str) -> None:
        self._tell()
        self._viewer.want()
        self._viewer.cell.flash(sentence)

    def _tell(self) -> None:
        """Show what is to be seen, and what can be done there."""
        viewer, is_open = self._viewer, self._viewer.sides.is_open
        viewer.sides.setVisible(is_open)
        viewer.grid.setVisible(not is_open)
        viewer.tools.button("sides").setChecked(is_open)
        viewer.tools.set_reason("layout", acts.NOT_FROM_SIDES if is_open else "")
        if not is_open:
            viewer.tell(viewer.cell)
