"""The steps of the first window, one question each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from app.ui.controls import Notice, Panel, button, clear, column, label, row
from app.ui.ticks import Radio

PASSPHRASE_LEAST = 8


class Welcome(QWidget):
    """What this is, and the two ways in."""

    def __init__(self) -> None:
        super().__init__()
        self.make = button(self.tr("Make my wallet"), lambda: None, "accent")
        self.restore = button(self.tr("I have my words already"), lambda: None)
        said = self.tr(
            "Keep your X-rays, CT and MR scans in one place that belongs to you. "
            "Show them to whom you like, for as long as you like. "
            "They are locked on this computer, and only you hold the keys."
        )
        self.setLayout(
            column(
                label("Rayfolio", "label"),
                label(self.tr("Your scans, in your own hands"), "title"),
                label(said, "reading", wrap=True),
                16,
                row(self.make, self.restore, 0),
                0,
            )
        )


class ShowWords(QWidget):
    """The 24 words, hidden until the person is ready to write."""

    def __init__(self) -> None:
        super().__init__()
        self._listed: list[str] = []
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.reveal = button(self.tr("Show the words"), self._toggle)
        self.back = button(self.tr("Back"), lambda: None, "plain")
        self.onward = button(self.tr("I have written them down"), lambda: None, "accent")
        self.onward.setEnabled(False)
        self.first = self.reveal
        said = self.tr(
            "These 24 words open your wallet on any computer. Write them on paper, in this order, "
            "and keep the paper where you keep your passport."
        )
        warning = self.tr(
            "Nobody can give you new words if they are lost, and whoever reads them "
            "has all your scans. Do not photograph them."
        )
        panel = Panel(self._grid, margin=24)
        self.setLayout(
            column(
                label(self.tr("Your words"), "title"),
                label(said, "reading", wrap=True),
                8,
                panel,
                Notice(warning, "shared"),
                8,
                row(self.back, 0, self.reveal, self.onward),
                0,
                gap=12,
            )
        )

    def show_list(self, listed: Sequence[str]) -> None:
        """Take other words, hidden."""
        self._listed = list(listed)
        self.onward.setEnabled(False)
        self._draw(hidden=True)

    def _toggle(self) -> None:
        hide = self.onward.isEnabled()
        self.onward.setEnabled(not hide)
        self._draw(hidden=hide)
        if not hide:
            self.onward.setFocus()

    def _draw(self, hidden: bool) -> None:
        self.reveal.setText(self.tr("Show the words") if hidden else self.tr("Hide the words"))
        clear(self._grid)
        rows = -(-len(self._listed) // 4)
        for number, word in enumerate(self._listed):
            place = label(str(number + 1), "quiet")
            place.setFixedWidth(24)
            text = label("•••••" if hidden else word, "words")
            text.setMinimumWidth(96)
            text.ensurePolished()  # or the letters that reach below the line are cut
            text.setMinimumHeight(text.fontMetrics().height())
            cell = QWidget()
            cell.setLayout(row(place, text, 0, gap=4))
            self._grid.addWidget(cell, number % rows, number // rows)


class CheckWords(QWidget):
    """Three of the words, to be typed from the paper."""

    passed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[QLineEdit] = []
        self._right: list[str] = []
        self._fields = column(gap=12)
        self.notice = Notice()
        self.back = button(self.tr("Show them again"), lambda: None, "plain")
        self.onward = button(self.tr("Continue"), self._check, "accent")
        self.first: QWidget = self.onward
        self.setLayout(
            column(
                label(self.tr("Check your paper"), "title"),
                label(self.tr("Type these three words from it."), "reading", wrap=True),
                8,
                self._fields,
                self.notice,
                16,
                row(self.back, 0, self.onward),
                0,
            )
        )

    def ask(self, listed: Sequence[str], asked: Sequence[int]) -> None:
        """Ask for the words at these places."""
        clear(self._fields)
        self.notice.say("")
        self.fields = []
        self._right = [listed[place] for place in asked]
        for place in asked:
            field = QLineEdit()
            name = self.tr("Word %1").replace("%1", str(place + 1))
            field.setAccessibleName(name)
            field.setMaximumWidth(280)
            field.returnPressed.connect(self._check)
            holder = QWidget()
            holder.setLayout(column(label(name, "label"), field, gap=4))
            self._fields.addWidget(holder)
            self.fields.append(field)
        self.first = self.fields[0] if self.fields else self.onward

    def _check(self) -> None:
        for field, right in zip(self.fields, self._right, strict=True):
            if field.text().strip().casefold() != right:
                self.notice.say(
                    self.tr("%1 is not as we showed it. Look at your paper again.").replace(
                        "%1", field.accessibleName()
                    )
                )
                field.setFocus()
                field.selectAll()
                return
        self.passed.emit()


class RestoreWords(QWidget):
    """The words of a wallet that exists already."""

    typed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(self.tr("Your words"))
        self.text.setPlaceholderText(self.tr("all words in order, with blanks between them"))
        self.text.setFixedHeight(120)
        self.text.setTabChangesFocus(True)
        self.first = self.text
        self.back = button(self.tr("Back"), lambda: None, "plain")
        self.onward = button(
            self.tr("Continue"), lambda: self.typed.emit(self.text.toPlainText()), "accent"
        )
        said = self.tr("They bring back your scans, and who may see them.")
        self.setLayout(
            column(
                label(self.tr("Type your words"), "title"),
                label(said, "reading", wrap=True),
                8,
                self.text,
                16,
                row(self.back, 0, self.onward),
                0,
            )
        )


class Protect(QWidget):
    """A name for others, and what unlocks the wallet on this computer."""

    decided = Signal(str, str)  # name, passphrase ("" for the keyring)

    def __init__(self) -> None:
        super().__init__()
        self.name = QLineEdit()
        self.name.setAccessibleName(self.tr("Your name, as others shall see it"))
        self.first = self.name
        self.with_passphrase = Radio(self.tr("A passphrase that I type each time"))
        self.with_keyring = Radio(self.tr("This computer, while I am signed in"))
        self._kinds = QButtonGroup(self)
        self._kinds.addButton(self.with_passphrase)
        self._kinds.addButton(self.with_keyring)
        self.with_passphrase.setChecked(True)
        self.passphrase = _secret(self.tr("Passphrase"))
        self.again = _secret(self.tr("The passphrase once more"))
        self.notice = Notice()
        self.back = button(self.tr("Back"), lambda: None, "plain")
        self.make = button(self.tr("Open my wallet"), self._decide, "accent")
        self._secrets = QWidget()
        both = column(
            label(self.tr("Passphrase, at least 8 characters"), "label"),
            self.passphrase,
            4,
            label(self.tr("The passphrase once more"), "label"),
            self.again,
            gap=4,
        )
        both.setContentsMargins(28, 0, 0, 0)
        self._secrets.setLayout(both)
        self.setLayout(
            column(
                label(self.tr("Almost done"), "title"),
                8,
                label(self.tr("Your name, as others shall see it"), "label"),
                self.name,
                16,
                label(self.tr("What unlocks your wallet on this computer?"), "label"),
                self.with_passphrase,
                self._secrets,
                self.with_keyring,
                self.notice,
                16,
                row(self.back, 0, self.make),
                0,
                gap=4,
            )
        )
        self.with_passphrase.toggled.connect(self._secrets.setVisible)
        self.again.returnPressed.connect(self._decide)

    def forget(self) -> None:
        self.passphrase.clear()
        self.again.clear()

    def busy(self, busy: bool) -> None:
        self.make.setEnabled(not busy)
        self.back.setEnabled(not busy)
        self.make.setText(self.tr("Opening…") if busy else self.tr("Open my wallet"))

    def _decide(self) -> None:
        wrong = self._what_is_wrong()
        self.notice.say(wrong)
        if not wrong:
            typed = self.passphrase.text() if self.with_passphrase.isChecked() else ""
            self.decided.emit(self.name.text().strip(), typed)

    def _what_is_wrong(self) -> str:
        if not self.name.text().strip():
            self.name.setFocus()
            return self.tr("Type your name first.")
        if self.with_keyring.isChecked():
            return ""
        if len(self.passphrase.text()) < PASSPHRASE_LEAST:
            self.passphrase.setFocus()
            return self.tr("The passphrase is too short. Four words that you remember are good.")
        if self.passphrase.text() != self.again.text():
            self.again.setFocus()
            return self.tr("The two passphrases differ. Type the second one again.")
        return ""


class Unlock(QWidget):
    """The door of a wallet that is there."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.passphrase = _secret(self.tr("Passphrase"))
        self.passphrase.setMaximumWidth(360)
        self.enter = button(self.tr("Unlock"), self._ask, "accent")
        self.first: QWidget = self.enter
        self._label = label(self.tr("Passphrase"), "label")
        self.setLayout(
            column(
                label("Rayfolio", "label"),
                label(self.tr("Your wallet is locked"), "title"),
                8,
                self._label,
                self.passphrase,
                16,
                row(self.enter, 0),
                0,
                gap=4,
            )
        )
        self.passphrase.returnPressed.connect(self._ask)

    def ask(self, wants_passphrase: bool) -> None:
        """Show the passphrase field, or only the button."""
        self.passphrase.clear()
        self.passphrase.setVisible(wants_passphrase)
        self._label.setVisible(wants_passphrase)
        self.first = self.passphrase if wants_passphrase else self.enter

    def busy(self, busy: bool) -> None:
        self.enter.setEnabled(not busy)
        self.enter.setText(self.tr("Opening…") if busy else self.tr("Unlock"))
        if not busy:
            self.passphrase.setFocus()
            self.passphrase.selectAll()

    def _ask(self) -> None:
        if self.enter.isEnabled():
            self.asked.emit(self.passphrase.text())


def _secret(name: str) -> QLineEdit:
    made = QLineEdit()
    made.setEchoMode(QLineEdit.EchoMode.Password)
    made.setAccessibleName(name)
    return made
