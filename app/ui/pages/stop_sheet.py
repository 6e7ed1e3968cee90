"""Before sharing stops: what stopping does, and what it cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.ui import words
from app.ui.controls import button, label, row
from app.ui.sheet import Sheet

if TYPE_CHECKING:
    from app.service import GrantItem


class StopSheet(Sheet):
    """Asks once."""

    agreed = Signal()

    def __init__(self, grant: GrantItem) -> None:
        super().__init__("")
        if grant.by_link:
            title = self.tr("Stop the link?")
            said = self.tr("Nobody can open this study with the link any more.")
        else:
            title = self.tr("Stop sharing with %1?").replace("%1", grant.to)
            said = self.tr("%1 can no longer open this study.").replace("%1", grant.to)
        self.title.setText(title)
        self.setAccessibleName(title)
        honest = (
            self.tr(
                "It has not been reported opened. What was already copied cannot be called back."
            )
            if grant.opened_at is None
            else self.tr(
                "It was reported opened on %1. What was already copied cannot be called back."
            ).replace("%1", words.day(words.date_of(grant.opened_at)))
        )
        self.column.addWidget(label(said, "reading", wrap=True))
        self.column.addWidget(label(honest, "quiet", wrap=True))
        self.stop = button(self.tr("Stop sharing"), self._agree, "stop")
        self.keep = button(self.tr("Keep sharing"), self.close_sheet)
        self.foot.addLayout(row(0, self.keep, self.stop))

    def first_focus(self) -> QWidget:
        return self.keep

    def _agree(self) -> None:
        self.agreed.emit()
        self.close_sheet()
