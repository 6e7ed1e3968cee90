"""Shared with me: open a link, and find again what was opened before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from app.ui import words
from app.ui.controls import (
    Chip,
    Elided,
    Notice,
    Page,
    Panel,
    Picture,
    button,
    clear,
    column,
    label,
    line,
    role,
    row,
)
from app.ui.desk import Desk
from app.ui.jobs import Failure, Job
from wallet.errors import PasscodeMissing, PasscodeWrong

if TYPE_CHECKING:
    from app.service import OpenedStudy, ReceivedItem
    from wallet.ports import Progress


class SharedWithMe(Page):
    """Opens what others share."""

    opened_study = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._job: Job | None = None
        self.title.setText(self.tr("Shared with me"))
        self.setAccessibleName(self.tr("Shared with me"))
        self.link = QLineEdit()
        self.link.setPlaceholderText("rayfolio:…")
        self.link.setAccessibleName(self.tr("The link you were given"))
        self.link.setClearButtonEnabled(True)
        self.open = button(self.tr("Open"), self._open_typed, "accent")
        self.paste = button(self.tr("Paste"), self._paste)
        self.passcode = QLineEdit()
        self.passcode.setAccessibleName(self.tr("Passcode"))
        self.passcode.setPlaceholderText(self.tr("five words with dashes"))
        self._ask = QWidget()
        self.notice = Notice()
        self.result = column(gap=16)
        self.received = column(gap=0)
        self._received_panel = Panel(gap=0)
        self._build()

    def _build(self) -> None:
        self.column.addWidget(self.title)
        ask = column(
            label(
                self.tr("This link needs a passcode. The sender tells it by another way."),
                wrap=True,
            ),
            self.passcode,
            gap=6,
        )
        self._ask.setLayout(ask)
        self._ask.hide()
        self.column.addWidget(
            Panel(
                label(self.tr("Paste the link that somebody sent you"), "strong"),
                row(self.link, self.paste, self.open),
                self._ask,
                self.notice,
                gap=12,
                margin=24,
            )
        )
        self.column.addLayout(self.result)
        self._received_title = label(self.tr("Opened before"), "section")
        self._received_panel.column.addLayout(self.received)
        self._received_panel.column.setContentsMargins(16, 4, 16, 4)
        self.column.addLayout(column(self._received_title, self._received_panel, gap=12))
        self.column.addStretch(1)
        self._received_title.hide()
        self._received_panel.hide()
        self.link.returnPressed.connect(self._open_typed)
        self.passcode.returnPressed.connect(self._open_typed)
        self.link.textChanged.connect(self._link_changed)

    def refresh(self) -> None:
        self._desk.jobs.read(
            self, lambda _: self._desk.wallet.received(), self._show_received, self._failed
        )

    def open_link(self, link: str, passcode: str | None = None) -> None:
        """Open a link; asks for a passcode only if it needs one."""
        if self._job is not None:
            return
        wallet = self._desk.wallet
        self.link.setText(link)
        self.link.setCursorPosition(0)
        self.notice.say("")
        clear(self.result)

        def call(progress: Progress) -> OpenedStudy:
            return wallet.open_link(link, passcode, progress)

        self.open.setEnabled(False)
        self.open.setText(self.tr("Opening…"))
        self._job = self._desk.jobs.change(
            self, self.tr("Opening what was shared with you"), call, self._opened, self._failed
        )

    def _open_typed(self) -> None:
        link = self.link.text().strip()
        if not link:
            self.notice.say(self.tr("Paste the link first."), "shared")
            self.link.setFocus()
            return
        passcode = self.passcode.text().strip() if self._ask.isVisibleTo(self) else ""
        self.open_link(link, passcode or None)

    def _paste(self) -> None:
        self.link.setText(QGuiApplication.clipboard().text().strip())
        self._open_typed()

    def _link_changed(self, text: str) -> None:
        self._ask.hide()
        if text:
            role(self.open, "accent")

    def _idle(self) -> None:
        self._job = None
        self.open.setEnabled(True)
        self.open.setText(self.tr("Open"))

    def _failed(self, error: Failure) -> None:
        self._idle()
        if isinstance(error, PasscodeMissing):
            self.passcode.clear()
            self._ask.show()
            self.passcode.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if isinstance(error, PasscodeWrong):
            self._ask.show()
            self.passcode.selectAll()
            self.passcode.setFocus(Qt.FocusReason.OtherFocusReason)
        self.notice.say(words.failure(error))

    def _opened(self, opened: OpenedStudy) -> None:
        self._idle()
        self._ask.hide()
        self.passcode.clear()
        self.link.clear()
        clear(self.result)
        card = OpenedCard(opened)
        card.look.clicked.connect(
            lambda: self._desk.viewer_wanted.emit(opened.source, opened.title, "")
        )
        card.save.clicked.connect(lambda: self._choose_export(opened))
        self.result.addWidget(card)
        role(self.open, "normal")  # the one thing to do now is to look
        card.look.setFocus(Qt.FocusReason.OtherFocusReason)
        self.refresh()
        self.opened_study.emit(opened)

    def _show_received(self, items: tuple[ReceivedItem, ...]) -> None:
        clear(self.received)
        self._received_title.setVisible(bool(items))
        self._received_panel.setVisible(bool(items))
        for number, item in enumerate(items):
            if number:
                self.received.addWidget(line())
            self.received.addWidget(self._row(item))

    def _row(self, item: ReceivedItem) -> QWidget:
        made = QWidget()
        over = item.until is not None and item.until < words.now()
        when = (
            self.tr("ended %1").replace("%1", words.on(item.until))
            if over and item.until is not None
            else words.until(item.until)
        )
        under = " · ".join(
            (
                self.tr("from %1").replace("%1", item.sender),
                when,
                self.tr("opened %1").replace("%1", words.on(item.opened_at)),
            )
        )
        texts = column(Elided(item.title, "strong"), Elided(under, "quiet"), gap=2)
        again = button(self.tr("Open again"), lambda: self.open_link(item.link))
        again.setAccessibleName(self.tr("Open %1 again").replace("%1", item.title))
        layout = row(gap=16)
        layout.addLayout(texts, 1)
        layout.addWidget(Chip(self.tr("Ended"), "quiet", "clock") if over else again)
        layout.setContentsMargins(0, 12, 0, 12)
        made.setLayout(layout)
        return made

    def _choose_export(self, opened: OpenedStudy) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Where should the copy go?"))
        if folder:
            self.export(opened, Path(folder))

    def export(self, opened: OpenedStudy, folder: Path) -> None:
        """Write what was shared into `folder`."""
        wallet = self._desk.wallet

        def call(progress: Progress) -> int:
            return wallet.export_opened(opened, folder, progress)

        def saved(files: int) -> None:
            said = words.counted(files, "1 file was saved.", "%1 files were saved.")
            self.notice.say(said, "safe", "check")

        self._desk.jobs.change(self, self.tr("Saving a copy"), call, saved, self._failed)


class OpenedCard(Panel):
    """A study that was just opened: what it is, who sent it, until when."""

    def __init__(self, opened: OpenedStudy) -> None:
        super().__init__(gap=16, margin=24)
        best = next((each.preview_png for each in opened.series if each.preview_png), b"")
        picture = Picture(best, self.tr("Picture of %1").replace("%1", opened.title))
        picture.setFixedSize(256, 192)
        facts = (
            opened.patient,
            words.iso_day(opened.date),
            words.pictures(opened.instances),
        )
        if opened.sender_known:
            sender = self.tr("From %1, whom you know").replace("%1", opened.sender)
            chip = Chip(sender, "safe", "check")
        else:
            sender = self.tr("From “%1”, who is not among your people").replace("%1", opened.sender)
            chip = Chip(sender, "shared", "warn")
        self.look = button(self.tr("Look at the pictures"), lambda: None, "accent")
        self.save = button(self.tr("Save a copy"), lambda: None)
        until = self.tr("You can open it %1.").replace("%1", words.until(opened.until))
        texts = column(
            label(opened.title, "section"),
            label(" · ".join(part for part in facts if part), "quiet", wrap=True),
            label(until),
            8,
            row(chip, 0),
            0,
            row(self.look, self.save, 0),
            gap=4,
        )
        layout = row(picture, gap=24)
        layout.addLayout(texts, 1)
        self.column.addLayout(layout)
