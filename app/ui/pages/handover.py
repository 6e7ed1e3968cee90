"""After sharing: the link and the passcode, each to be sent by its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from app.ui import words
from app.ui.controls import Notice, button, column, label, role, row
from app.ui.sheet import Sheet

if TYPE_CHECKING:
    from app.service import Shared


class Handover(Sheet):
    """What to send, and how. `to` is the contact's name, or "" for a grant by link."""

    def __init__(self, shared: Shared, to: str) -> None:
        super().__init__("")
        title = self.tr("Shared with %1").replace("%1", to) if to else self.tr("Your link is ready")
        self.title.setText(title)
        self.setAccessibleName(title)
        said = (
            self.tr("Send this link to %1. Only %1 can open it.").replace("%1", to)
            if to
            else self.tr("Whoever has what is below can see the study %1.").replace(
                "%1", words.until(shared.until)
            )
        )
        self.column.addWidget(label(said, "reading", wrap=True))
        self.link = _field(shared.link, self.tr("Link"))
        self.copy_link = button(
            self.tr("Copy link"), lambda: self._copy(shared.link, self.copy_link), "accent"
        )
        number = "1  " if shared.passcode else ""
        self.column.addLayout(
            column(
                label(number + self.tr("The link, for example by e-mail"), "label"),
                row(self.link, self.copy_link),
                gap=6,
            )
        )
        self.passcode: QLineEdit | None = None
        self.copy_passcode: QPushButton | None = None
        if shared.passcode:
            self.passcode = _field(shared.passcode, self.tr("Passcode"))
            copy = button(self.tr("Copy passcode"), lambda: self._copy(shared.passcode, copy))
            self.copy_passcode = copy
            self.column.addLayout(
                column(
                    label("2  " + self.tr("The passcode, by another way: on the phone"), "label"),
                    row(self.passcode, copy),
                    gap=6,
                )
            )
            self.column.addWidget(
                Notice(
                    self.tr(
                        "Never send both in one message: whoever reads it could see your study."
                    ),
                    "shared",
                )
            )
            width = max(self.copy_link.sizeHint().width(), copy.sizeHint().width())
            self.copy_link.setFixedWidth(width)
            copy.setFixedWidth(width)
        self.done = button(self.tr("Done"), self.close_sheet)
        self.foot.addLayout(row(0, self.done))

    def first_focus(self) -> QWidget:
        return self.copy_link

    def _copy(self, text: str, pressed: QPushButton) -> None:
        QGuiApplication.clipboard().setText(text)
        for each in (self.copy_link, self.copy_passcode):
            if each is not None:
                what = self.tr("Copy link") if each is self.copy_link else self.tr("Copy passcode")
                each.setText(self.tr("Copied") if each is pressed else what)


def _field(text: str, name: str) -> QLineEdit:
    made = role(QLineEdit(text), "well")
    made.setReadOnly(True)
    made.setCursorPosition(0)
    made.setAccessibleName(name)
    return made
