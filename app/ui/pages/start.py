"""The first window: unlock a wallet, make one with its 24 words, or restore one from them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.ui import words as say
from app.ui.controls import Notice, Page, column, label
from app.ui.door import Door
from app.ui.jobs import Failure, Jobs
from app.ui.pages.start_steps import (
    CheckWords,
    Protect,
    RestoreWords,
    ShowWords,
    Unlock,
    Welcome,
)
from wallet.errors import PassphraseMissing, WordsInvalid

if TYPE_CHECKING:
    from app.service import Wallet

CHECKED_WORDS = 3
COLUMN_PX = 640


class Start(QWidget):
    """Leads to an unlocked wallet. `load_door` may be slow: it runs off the interface thread."""

    entered = Signal(object)

    def __init__(self, jobs: Jobs, load_door: Callable[[], Door], home: Path) -> None:
        super().__init__()
        self.setObjectName("window")
        self._jobs = jobs
        self._load_door = load_door
        self._home = home
        self._door: Door | None = None
        self._words = ""
        self._is_new = True
        self.welcome = Welcome()
        self.show_words = ShowWords()
        self.check_words = CheckWords()
        self.restore_words = RestoreWords()
        self.protect = Protect()
        self.unlock = Unlock()
        self.notice = Notice()
        self.steps = QStackedWidget()
        page = Page(width_px=COLUMN_PX)
        page.column.addSpacing(96)
        page.column.addWidget(self.notice)
        page.column.addWidget(self.steps)
        page.column.addStretch(2)
        blank = QWidget()
        blank.setLayout(column(label("Rayfolio", "label"), label(self.tr("Opening…"), "title"), 0))
        for step in (
            blank,
            self.welcome,
            self.show_words,
            self.check_words,
            self.restore_words,
            self.protect,
            self.unlock,
        ):
            self.steps.addWidget(step)
        self.setLayout(column(page))
        self._connect()

    def _connect(self) -> None:
        self.welcome.make.clicked.connect(self._make)
        self.welcome.restore.clicked.connect(lambda: self._to(self.restore_words))
        self.show_words.back.clicked.connect(self._back_to_welcome)
        self.show_words.onward.clicked.connect(self._ask_words)
        self.check_words.back.clicked.connect(lambda: self._to(self.show_words))
        self.check_words.passed.connect(lambda: self._to(self.protect))
        self.restore_words.back.clicked.connect(self._back_to_welcome)
        self.restore_words.typed.connect(self._restore)
        self.protect.back.clicked.connect(self._back_from_protect)
        self.protect.decided.connect(self._create)
        self.unlock.asked.connect(self._unlock)

    # -- finding out ----------------------------------------------------------------------------

    def begin(self, at_once: bool = True) -> None:
        """Find out what is in the folder; `at_once` unlocks if that needs no passphrase."""

        def look() -> tuple[Door, bool, bool]:
            door = self._door or self._load_door()
            there = door.exists(self._home)
            return door, there, there and door.needs_passphrase(self._home)

        def found(seen: tuple[Door, bool, bool]) -> None:
            self._door, there, wants_passphrase = seen
            if not there:
                self._to(self.welcome)
                return
            self.unlock.ask(wants_passphrase)
            self._to(self.unlock)
            if at_once and not wants_passphrase:
                self._unlock("")

        self._jobs.read(self, lambda _: look(), found, self._failed)

    def _to(self, step: QWidget) -> None:
        self.notice.say("")
        self.steps.setCurrentWidget(step)
        first = getattr(step, "first", None)
        if isinstance(first, QWidget):
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _back_to_welcome(self) -> None:
        self._forget()
        self._to(self.welcome)

    def _back_from_protect(self) -> None:
        self._to(self.show_words if self._is_new else self.restore_words)

    def _forget(self) -> None:
        self._words = ""
        self.show_words.show_list([])
        self.check_words.ask([], [])
        self.restore_words.text.clear()

    # -- making one -----------------------------------------------------------------------------

    def _make(self) -> None:
        door = self._door
        assert door is not None
        self._is_new = True
        self._jobs.read(self, lambda _: door.new_words(), self._made_words, self._failed)

    def _made_words(self, made: str) -> None:
        self._words = made
        self.show_words.show_list(made.split())
        self._to(self.show_words)

    def _ask_words(self) -> None:
        listed = self._words.split()
        asked = sorted(secrets.SystemRandom().sample(range(len(listed)), CHECKED_WORDS))
        self.check_words.ask(listed, asked)
        self._to(self.check_words)

    def _restore(self, typed: str) -> None:
        self._is_new = False
        self._words = " ".join(typed.casefold().split())
        count = len(self._words.split())
        if count not in (12, 15, 18, 21, 24):
            self.notice.say(
                say.counted(
                    count,
                    "This is 1 word. A wallet has 24, or 12 to 21 if another program made it.",
                    "These are %1 words. A wallet has 24, or 12 to 21 if another program made it.",
                )
            )
            return
        self._to(self.protect)

    def _create(self, name: str, passphrase: str) -> None:
        door, home, phrase = self._door, self._home, self._words
        assert door is not None
        self.protect.busy(True)
        self.notice.say("")
        self._jobs.read(
            self,
            lambda _: door.create(home, phrase, name, passphrase or None),
            self._enter,
            self._failed,
        )

    # -- unlocking ------------------------------------------------------------------------------

    def _unlock(self, passphrase: str) -> None:
        door, home = self._door, self._home
        assert door is not None
        self.unlock.busy(True)
        self.notice.say("")
        self._jobs.read(
            self, lambda _: door.unlock(home, passphrase or None), self._enter, self._failed
        )

    def _enter(self, wallet: Wallet) -> None:
        self._forget()
        self.protect.forget()
        self.protect.busy(False)
        self.unlock.busy(False)
        self.entered.emit(wallet)

    def _failed(self, error: Failure) -> None:
        self.protect.busy(False)
        self.unlock.busy(False)
        if isinstance(error, PassphraseMissing):
            self.unlock.ask(True)
        if isinstance(error, WordsInvalid) and not self._is_new:
            self._to(self.restore_words)
        self.notice.say(say.failure(error))
