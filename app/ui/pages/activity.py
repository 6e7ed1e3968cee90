"""Activity: what happened, newest first, day by day."""

from __future__ import annotations

from itertools import groupby

from PySide6.QtCore import Qt

from app.ui import words
from app.ui.controls import Notice, Page, Panel, clear, column, label, line, row
from app.ui.desk import Desk
from app.ui.jobs import Failure
from app.ui.theme import text_scale


class Activity(Page):
    """The person's own record; it never leaves their wallet."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.title.setText(self.tr("Activity"))
        self.setAccessibleName(self.tr("Activity"))
        self.notice = Notice()
        self.days = column(gap=24)
        self.column.addWidget(self.title)
        self.column.addWidget(self.notice)
        self.column.addLayout(self.days)
        self.column.addStretch(1)
        desk.studies_changed.connect(self.refresh)

    def refresh(self) -> None:
        self._desk.jobs.read(self, lambda _: self._desk.wallet.activity(), self._show, self._failed)

    def _failed(self, error: Failure) -> None:
        self.notice.say(words.failure(error))

    def _show(self, entries: tuple[tuple[int, str], ...]) -> None:
        clear(self.days)
        self.notice.say("")
        if not entries:
            self.days.addWidget(label(self.tr("Nothing has happened yet."), "quiet"))
        for _, group in groupby(entries, key=lambda entry: words.date_of(entry[0])):
            panel = Panel(gap=0)
            panel.column.setContentsMargins(16, 4, 16, 4)
            last_at = 0
            for number, (at, sentence) in enumerate(group):
                last_at = at
                if number:
                    panel.column.addWidget(line())
                when = label(words.clock(at), "quiet")
                when.setFixedWidth(round(72 * text_scale()))
                said = label(sentence, wrap=True)
                entry = row(gap=8)
                entry.addWidget(when, 0, Qt.AlignmentFlag.AlignTop)
                entry.addWidget(said, 1_000)
                entry.addStretch(1)
                entry.setContentsMargins(0, 12, 0, 12)
                panel.column.addLayout(entry)
            heading = words.on(last_at)
            heading = heading[:1].upper() + heading[1:]
            self.days.addLayout(column(label(heading, "strong"), panel, gap=8))
