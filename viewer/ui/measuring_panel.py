"""The list of what was measured and marked: chosen here, it is shown on its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from viewer.measure.sheet import Place
from viewer.ui import icons, theme

WIDTH_PX = 232


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    icon: str
    words: str  # what it says
    where: str  # of which picture
    place: Place
    uid: str = ""  # of a measurement; none for a mark


class MeasuringPanel(QFrame):
    """Stands at the right of the pictures while there is something to list."""

    chosen = Signal(object)  # Row
    removed = Signal(object)  # Row
    named = Signal(object)  # Row: a person wants to say what it is
    keep = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("measured")
        self.setAccessibleName("Measurements")
        self.setFixedWidth(WIDTH_PX)
        self._rows: list[Row] = []
        self.title = QLabel("Measured")
        self.title.setObjectName("measured_title")
        self.list = QListWidget()
        self.list.setAccessibleName("Measurements and marked pictures")
        self.list.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setWordWrap(True)
        self.list.itemClicked.connect(lambda _item: self._choose())
        self.list.itemActivated.connect(lambda _item: self._choose())
        self.list.itemDoubleClicked.connect(lambda _item: self._tell(self.named))
        self.note = QLabel()
        self.note.setObjectName("measured_note")
        self.note.setWordWrap(True)
        self.button = QPushButton("Keep")
        self.button.setObjectName("keep")
        self.button.setMinimumHeight(theme.CONTROL_PX)
        self.button.clicked.connect(self.keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.UNIT_PX, theme.GAP_PX, theme.UNIT_PX, theme.GAP_PX)
        column.setSpacing(theme.UNIT_PX)
        foot = QHBoxLayout()
        foot.addWidget(self.button)
        for part in (self.title, self.list, self.note):
            column.addWidget(part, 1 if part is self.list else 0)
        column.addLayout(foot)
        self.tell("", False)
        self.hide()

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(self._rows)

    def show_rows(self, rows: Sequence[Row], chosen: str) -> None:
        """List these; the one of that UID is chosen."""
        if list(rows) != self._rows:
            self._fill(rows)
        at = next((n for n, each in enumerate(rows) if each.uid and each.uid == chosen), -1)
        with QSignalBlocker(self.list):
            self.list.setCurrentRow(at)

    def _fill(self, rows: Sequence[Row]) -> None:
        self._rows = list(rows)
        with QSignalBlocker(self.list):
            self.list.clear()
            for row in rows:
                item = QListWidgetItem(icons.icon(row.icon), f"{row.words}\n{row.where}")
                item.setToolTip("Show it on its picture; a double click says what it is")
                self.list.addItem(item)

    def tell(self, note: str, offered: bool, enabled: bool = True) -> None:
        """Say what becomes of the measurements, and offer to keep them where that can be."""
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.button.setVisible(offered)
        self.button.setEnabled(enabled)
        self.button.setText("Keep" if enabled else "Kept")

    def _choose(self) -> None:
        self._tell(self.chosen)

    def _tell(self, signal: SignalInstance) -> None:
        at = self.list.currentRow()
        if 0 <= at < len(self._rows):
            signal.emit(self._rows[at])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self._tell(self.removed)
        elif event.key() == Qt.Key.Key_F2:
            self._tell(self.named)
        else:
            super().keyPressEvent(event)
