"""People: one's own card to hand out, and the cards of others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from app.ui import words
from app.ui.controls import Notice, Page, Panel, button, clear, column, label, line, role, row
from app.ui.desk import Desk
from app.ui.icons import Glyph
from app.ui.jobs import Failure
from app.ui.qr import QrCode
from app.ui.sheet import Sheet
from app.ui.theme import SHEET_PX

if TYPE_CHECKING:
    from app.service import ContactItem, Wallet

CARD_LIMIT_BYTES = 65_536


class SafetyWords(QWidget):
    """Eight words in two rows of four, to be compared aloud."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self._words = code.replace("-", " ").split()
        self.setAccessibleName(self.tr("Safety words: %1").replace("%1", " ".join(self._words)))
        lines = column(gap=2)
        for start in range(0, len(self._words), 4):
            lines.addWidget(label("  ".join(self._words[start : start + 4]), "words"))
        self.setLayout(lines)


class People(Page):
    """Who can be shared with by name."""

    def __init__(self, desk: Desk) -> None:
        self.add = button("", lambda: None, "accent", "add")
        super().__init__()
        self._desk = desk
        self.title.setText(self.tr("People"))
        self.setAccessibleName(self.tr("People"))
        self.add.setText(self.tr("Add a person"))
        self.add.setShortcut("Ctrl+N")
        self.add.clicked.connect(self._add)
        self.column.addLayout(row(self.title, 0, self.add))
        self.notice = Notice()
        self.list = column(gap=0)
        self._people = Panel(gap=0)
        self._people.column.setContentsMargins(16, 4, 16, 4)
        self._people.column.addLayout(self.list)
        self.column.addWidget(self.notice)
        self.column.addWidget(self._people)
        self.column.addWidget(OwnCard(desk))
        self.column.addStretch(1)
        desk.people_changed.connect(self.refresh)

    def refresh(self) -> None:
        self._desk.jobs.read(self, lambda _: self._desk.wallet.contacts(), self._show, self._failed)

    def _failed(self, error: Failure) -> None:
        self.notice.say(words.failure(error))

    def _show(self, contacts: tuple[ContactItem, ...]) -> None:
        clear(self.list)
        if not contacts:
            said = self.tr(
                "Nobody yet. Ask your doctor for their card, or share by a link without one."
            )
            empty = label(said, "quiet", wrap=True)
            empty.setContentsMargins(0, 16, 0, 16)
            self.list.addWidget(empty)
        for number, contact in enumerate(contacts):
            if number:
                self.list.addWidget(line())
            self.list.addWidget(_contact_row(contact))

    def _add(self) -> None:
        self._desk.sheet_wanted.emit(AddPerson(self._desk))


class OwnCard(Panel):
    """What a person gives to others so that they can share with them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(margin=24)
        self._desk = desk
        wallet: Wallet = desk.wallet
        self.copy = button(self.tr("Copy my card"), self._copy)
        self.save = button(self.tr("Save as a file"), self._save)
        self.show_code = button(self.tr("Show to a camera"), self._show_code)
        said = self.tr(
            "Give it to people who want to share with you. Nothing on it opens your scans."
        )
        compare = self.tr("Your safety words. Compare them on the phone or face to face:")
        texts = column(
            label(self.tr("My card"), "section"),
            label(wallet.name, "strong"),
            label(said, "quiet", wrap=True),
            16,
            label(compare, "label", wrap=True),
            SafetyWords(wallet.safety_code),
            16,
            row(self.copy, self.save, self.show_code, 0),
            gap=4,
        )
        self.column.addLayout(texts)

    def _show_code(self) -> None:
        self._desk.sheet_wanted.emit(CardCode(self._desk.wallet.card))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._desk.wallet.card)
        self._desk.told.emit(self.tr("Your card is copied. Paste it into a message."), "safe")

    def _save(self) -> None:
        name = f"{self.tr('My Rayfolio card')}.txt"
        path, _ = QFileDialog.getSaveFileName(self, self.tr("Save as a file"), name)
        if path:
            Path(path).write_text(self._desk.wallet.card + "\n", encoding="ascii")
            self._desk.told.emit(self.tr("Your card is saved."), "safe")


class CardCode(Sheet):
    """One's own card, large enough for a camera."""

    def __init__(self, card: str) -> None:
        self.code = QrCode(card, QCoreApplication.translate("CardCode", "My card as a code"))
        super().__init__("", max(SHEET_PX, self.code.width() + 48))
        self.title.setText(self.tr("My card"))
        self.setAccessibleName(self.tr("My card"))
        self.column.addLayout(row(0, self.code, 0))
        if self.code.is_empty:
            said = self.tr("This card is too long for a code. Copy it, or save it as a file.")
        else:
            said = self.tr("Hold a camera before it. It may take a moment: there is much in it.")
        self.column.addWidget(label(said, "quiet", wrap=True))


class AddPerson(Sheet):
    """Takes a card as text or as a file, then asks to compare the safety words."""

    added = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__("")
        self._desk = desk
        self.title.setText(self.tr("Add a person"))
        self.setAccessibleName(self.tr("Add a person"))
        self.text = QPlainTextEdit()
        self.text.setPlaceholderText(self.tr("rayfolio-card:…"))
        self.text.setAccessibleName(self.tr("Their card"))
        self.text.setFixedHeight(96)
        self.text.setTabChangesFocus(True)
        self.file = button(self.tr("Choose a file"), self._choose)
        self.name = QLineEdit()
        self.name.setPlaceholderText(self.tr("as on the card"))
        self.name.setAccessibleName(self.tr("What you call them"))
        self.notice = Notice()
        self.add: QPushButton = button(self.tr("Add"), self._add, "accent")
        self.cancel = button(self.tr("Cancel"), self.close_sheet, "plain")
        self.column.addLayout(
            column(label(self.tr("Their card"), "label"), self.text, row(self.file, 0), gap=6)
        )
        self.column.addLayout(
            column(label(self.tr("What you call them"), "label"), self.name, gap=6)
        )
        self.column.addWidget(self.notice)
        self.foot.addLayout(row(0, self.cancel, self.add))

    def first_focus(self) -> QWidget:
        return self.text

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a file"))
        if path:
            self.load(Path(path))

    def load(self, path: Path) -> None:
        """Take the card from a file."""
        with path.open("rb") as file:
            data = file.read(CARD_LIMIT_BYTES)
        self.text.setPlainText(data.decode("ascii", "replace").strip())

    def _add(self) -> None:
        card, name = self.text.toPlainText().strip(), self.name.text().strip() or None
        if not card:
            self.notice.say(self.tr("Paste the card, or choose its file."), "shared")
            self.text.setFocus()
            return
        wallet = self._desk.wallet
        self.add.setEnabled(False)
        self._desk.jobs.read(
            self, lambda _: wallet.add_contact(card, name), self._added, self._failed
        )

    def _failed(self, error: Failure) -> None:
        self.add.setEnabled(True)
        self.notice.say(words.failure(error))
        self.fit()

    def _added(self, contact: ContactItem) -> None:
        self.close_sheet()
        self._desk.people_changed.emit()
        self._desk.sheet_wanted.emit(CompareWords(contact))
        self.added.emit(contact)


class CompareWords(Sheet):
    """After adding somebody: the eight words that both sides must see."""

    def __init__(self, contact: ContactItem) -> None:
        super().__init__("")
        title = self.tr("%1 is among your people now").replace("%1", contact.name)
        self.title.setText(title)
        self.setAccessibleName(title)
        said = self.tr(
            "Before you share, ask %1 on the phone or face to face for their safety words. "
            "They must be these:"
        ).replace("%1", contact.name)
        self.column.addWidget(label(said, "reading", wrap=True))
        self.column.addWidget(Panel(SafetyWords(contact.safety_code)))
        other = self.tr("If they differ, the card is not theirs: do not share with it.")
        self.column.addWidget(label(other, "quiet", wrap=True))
        self.done = button(self.tr("Done"), self.close_sheet, "accent")
        self.foot.addLayout(row(0, self.done))

    def first_focus(self) -> QWidget:
        return self.done


def _contact_row(contact: ContactItem) -> QWidget:
    made = QWidget()
    code = label(contact.safety_code.replace("-", " "), "quiet")
    code.setAccessibleName(words.say("Safety words: %1").replace("%1", code.text()))
    texts = column(role(label(contact.name), "strong"), code, gap=2)
    layout = row(Glyph("person", "quiet"), gap=16)
    layout.addLayout(texts, 1)
    layout.setContentsMargins(0, 12, 0, 12)
    made.setLayout(layout)
    return made
