"""What is odd about all that was opened, said once above the pictures until it is put away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from viewer.ui import theme


class NotesBar(QFrame):
    """Sentences such as that files are missing; never a dialog, and it does not come back."""

    put_away = Signal()

    def __init__(self, notes: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notes")
        self.setAccessibleName("About what was opened")
        self._left = bool(notes)
        self.words = QLabel(" ".join(notes))
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = QPushButton("Understood")
        self.button.setAccessibleDescription("Put this note away")
        self.button.clicked.connect(self._put_away)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP_PX, theme.UNIT_PX, theme.GAP_PX, theme.UNIT_PX)
        row.setSpacing(theme.GAP_PX)
        row.addWidget(self.words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_where(self, there_is_room: bool) -> None:
        """Show what is not put away yet, unless all but the picture is hidden."""
        self.setVisible(self._left and there_is_room)

    def _put_away(self) -> None:
        self._left = False
        self.hide()
        self.put_away.emit()
