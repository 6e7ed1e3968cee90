"""The edge of a viewport: whether it has the focus, what is dropped on it, and the paging keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.ui import theme
from viewer.ui.series_strip import dragged_place

PAGE = 10
LEAST_PX = (200, 150)
PAGES = {
    Qt.Key.Key_PageUp: -PAGE,
    Qt.Key.Key_PageDown: PAGE,
    Qt.Key.Key_Home: -(1 << 30),
    Qt.Key.Key_End: 1 << 30,
}


class CellFrame(QWidget):
    """A widget among others of its kind, of which one has the focus."""

    touched = Signal()  # a person turned to it
    given = Signal(int)  # a series was dropped on it, by its place in the strip
    paged = Signal(int)  # by so many images

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.setMinimumSize(*LEAST_PX)  # whatever stands in the title: cells are of one size
        self._edge: QColor | None = None  # around a cell among others
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)

    def mark(self, is_chosen: bool, is_among_others: bool) -> None:
        """Show by the edge which cell has the focus, if there are several."""
        edge = theme.CHOSEN_EDGE if is_chosen else theme.OTHER_EDGE
        self._edge = edge if is_among_others else None
        width = theme.EDGE_PX if is_among_others else 0
        self.column.setContentsMargins(width, width, width, width)
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.MouseButtonPress):
            self.touched.emit()
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dragged_place(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        place = dragged_place(event.mimeData())
        if place is not None:
            event.acceptProposedAction()
            self.given.emit(place)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._edge is not None:
            with QPainter(self) as painter:
                painter.fillRect(self.rect(), self._edge)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = PAGES.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.paged.emit(step)
