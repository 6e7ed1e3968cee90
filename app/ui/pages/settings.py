"""Settings: how it looks, when it locks, and the parts that it works with."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from app.ui import words
from app.ui.controls import Chip, Notice, Page, Panel, button, clear, column, label, line, role, row
from app.ui.desk import Desk
from app.ui.jobs import Failure
from app.ui.preferences import LOCK_AFTER_MINUTES, SCALES, Preferences
from app.ui.theme import CONTENT_PX, Choice, Theme
from app.ui.ticks import Choices


class Settings(Page):
    """Everything that can be chosen; each takes effect at once."""

    lock_after_changed = Signal(int)

    def __init__(self, desk: Desk, theme: Theme, preferences: Preferences) -> None:
        super().__init__()
        self._desk = desk
        self._theme = theme
        self._preferences = preferences
        self.title.setText(self.tr("Settings"))
        self.setAccessibleName(self.tr("Settings"))
        self.scheme = QButtonGroup(self)
        self.size_group = QButtonGroup(self)
        self.lock_after = Choices()
        self.notice = Notice()
        self.parts = column(gap=0)
        self._build()

    def _build(self) -> None:
        schemes = row(gap=8)
        for number, (choice, said) in enumerate(
            (
                (Choice.SYSTEM, self.tr("As the system")),
                (Choice.LIGHT, self.tr("Light")),
                (Choice.DARK, self.tr("Dark")),
            )
        ):
            made = _choice(said, self.scheme, number)
            made.setChecked(choice is self._theme.choice)
            schemes.addWidget(made)
        sizes = row(gap=8)
        names = (self.tr("Normal"), self.tr("Larger"), self.tr("Largest"))
        for number, (said, scale) in enumerate(zip(names, SCALES, strict=True)):
            made = _choice(said, self.size_group, number)
            made.setChecked(scale == self._theme.scale)
            sizes.addWidget(made)
        for minutes in LOCK_AFTER_MINUTES:
            self.lock_after.addItem(
                words.counted(minutes, "1 minute", "%1 minutes") if minutes else self.tr("Never"),
                minutes,
            )
        self.lock_after.setCurrentIndex(
            LOCK_AFTER_MINUTES.index(self._preferences.lock_after_minutes)
        )
        self.lock_after.setAccessibleName(self.tr("Lock when nobody has touched it for"))
        self.lock_after.setFixedWidth(200)
        look = Panel(gap=0, margin=16)
        look.column.setContentsMargins(16, 4, 16, 4)
        for number, (said, control) in enumerate(
            (
                (self.tr("Colours"), schemes),
                (self.tr("Size of text"), sizes),
                (self.tr("Lock when nobody has touched it for"), row(self.lock_after)),
            )
        ):
            if number:
                look.column.addWidget(line())
            look.column.addLayout(_setting(said, control))
        works = Panel(gap=0, margin=16)
        works.column.setContentsMargins(16, 4, 16, 4)
        works.column.addLayout(self.parts)
        self.again = button(self.tr("Check again"), self.refresh)
        self.column.addWidget(self.title)
        self.column.addWidget(look)
        self.column.addLayout(
            column(
                row(label(self.tr("What Rayfolio works with"), "section"), 0, self.again),
                self.notice,
                works,
                gap=12,
            )
        )
        self.column.addStretch(1)
        self.scheme.idClicked.connect(self._choose_scheme)
        self.size_group.idClicked.connect(self._choose_size)
        self.lock_after.currentIndexChanged.connect(self._choose_lock)

    def refresh(self) -> None:
        self._desk.jobs.read(self, lambda _: self._desk.wallet.parts(), self._show, self._failed)

    def _failed(self, error: Failure) -> None:
        self.notice.say(words.failure(error))

    def _show(self, parts: tuple[tuple[str, str, str], ...]) -> None:
        clear(self.parts)
        self.notice.say("")
        for number, (name, state, advice) in enumerate(parts):
            if number:
                self.parts.addWidget(line())
            holder = QWidget()
            texts = column(label(words.part(name), "strong"), gap=2)
            if advice and state == "missing":
                said = label(advice, "quiet", wrap=True)
                said.setMaximumWidth(CONTENT_PX)
                texts.addWidget(said)
            entry = row(gap=16)
            entry.addLayout(texts, 1)
            entry.addWidget(Chip(*words.part_state(state)), 0, Qt.AlignmentFlag.AlignTop)
            entry.setContentsMargins(0, 12, 0, 12)
            holder.setLayout(entry)
            self.parts.addWidget(holder)

    def _choose_scheme(self, number: int) -> None:
        choice = (Choice.SYSTEM, Choice.LIGHT, Choice.DARK)[number]
        self._preferences.choice = choice
        self._theme.choose(choice)

    def _choose_size(self, number: int) -> None:
        self._preferences.scale = SCALES[number]
        self._theme.set_scale(SCALES[number])

    def _choose_lock(self) -> None:
        minutes = int(self.lock_after.currentData())
        self._preferences.lock_after_minutes = minutes
        self.lock_after_changed.emit(minutes)


def _choice(text: str, group: QButtonGroup, number: int) -> QPushButton:
    made = role(QPushButton(text), "choice")
    made.setCheckable(True)
    made.setAutoDefault(False)
    group.addButton(made, number)
    return made


def _setting(text: str, control: QHBoxLayout) -> QHBoxLayout:
    made = row(label(text), 0, control)
    made.setContentsMargins(0, 10, 0, 10)
    return made
