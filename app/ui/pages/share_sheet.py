"""The share sheet: who, what, until when, why; one sentence that says what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QPushButton,
    QWidget,
)

from app.ui import words
from app.ui.controls import Notice, button, column, label, role, row
from app.ui.desk import Desk
from app.ui.jobs import Failure, Job
from app.ui.pages.handover import Handover
from app.ui.sheet import Sheet
from app.ui.ticks import Choices, Day, Radio, Tick

if TYPE_CHECKING:
    from app.service import ContactItem, Shared, StudyDetail
    from wallet.ports import Progress

LENGTHS_DAYS = (7, 14, 30)
LINK_DAYS = 7
PERSON_DAYS = 30
NO_END = 1_000
CHOSEN_DAY = 1_001


class ShareSheet(Sheet):
    """Takes the choices and gives the consent; then shows what to hand over."""

    shared = Signal(object)

    def __init__(self, desk: Desk, detail: StudyDetail) -> None:
        super().__init__("")
        self.title.setText(self.tr("Share “%1”").replace("%1", detail.study.title))
        self.setAccessibleName(self.title.text())
        self._desk = desk
        self._detail = detail
        self._job: Job | None = None
        self._length_chosen = False
        self._contacts: tuple[ContactItem, ...] = ()
        self.notice = Notice()
        self.people = column(gap=0)
        self._who = QButtonGroup(self)
        self.by_link = Radio(self.tr("Anyone who has a link"))
        self.passcode = Tick(self.tr("Ask for a passcode as well"))
        self.whole = Radio(
            self.tr("The whole study: %1, %2")
            .replace("%1", words.series(len(detail.series)))
            .replace("%2", words.pictures(detail.study.instances))
        )
        self.part = Radio(self.tr("Only some series"))
        self.series = [Tick(f"{each.title} · {each.modality}") for each in detail.series]
        self.lengths = QButtonGroup(self)
        self.day = Day(QDate.currentDate().addMonths(2))
        self.purpose = Choices()
        self.sentence = label("", "reading", wrap=True)
        self.give = button(self.tr("Share"), self._give, "accent")
        self.cancel = button(self.tr("Cancel"), self.close_sheet, "plain")
        self._build()
        self._say()
        desk.jobs.read(self, lambda _: desk.wallet.contacts(), self._fill_people, self._failed)

    def _build(self) -> None:
        self._who.addButton(self.by_link, 0)
        self.passcode.setChecked(True)
        indented = row(28, self.passcode, 0, gap=0)
        self.column.addLayout(
            column(label(self.tr("Who"), "label"), self.people, self.by_link, indented, gap=0)
        )
        what = QButtonGroup(self)
        what.addButton(self.whole)
        what.addButton(self.part)
        self.whole.setChecked(True)
        self._series_box = QWidget()
        picks = column(gap=0)
        picks.setContentsMargins(28, 0, 0, 0)
        for box in self.series:
            picks.addWidget(box)
            box.toggled.connect(self._say)
        self._series_box.setLayout(picks)
        self._series_box.hide()
        self.part.setVisible(len(self.series) > 1)
        self.column.addLayout(
            column(label(self.tr("What"), "label"), self.whole, self.part, self._series_box, gap=0)
        )
        choices = row(gap=8)
        for days in LENGTHS_DAYS:
            said = (
                words.counted(days // 7, "1 week", "%1 weeks")
                if days < 28
                else words.counted(days // 30, "1 month", "%1 months")
            )
            choices.addWidget(self._length(said, days))
        choices.addWidget(self._length(self.tr("Choose a day"), CHOSEN_DAY))
        choices.addWidget(self._length(self.tr("No end"), NO_END))
        choices.addStretch(1)
        self.lengths.button(LINK_DAYS).setChecked(True)
        self.day.setCalendarPopup(True)
        self.day.setMinimumDate(QDate.currentDate())
        self.day.setAccessibleName(self.tr("Last day"))
        self.day.hide()
        self.column.addLayout(
            column(label(self.tr("Until when"), "label"), choices, self.day, gap=6)
        )
        for code, said in words.purposes():
            self.purpose.addItem(said, code)
        self.purpose.setAccessibleName(self.tr("Why"))
        self.column.addLayout(column(label(self.tr("Why"), "label"), self.purpose, gap=6))
        self.column.addWidget(self.notice)
        self.foot.addWidget(self.sentence)
        self.foot.addLayout(row(0, self.cancel, self.give))
        self._who.idToggled.connect(self._who_changed)
        self.lengths.idClicked.connect(self._length_clicked)
        self.lengths.idToggled.connect(self._say)
        self.day.dateChanged.connect(self._say)
        self.passcode.toggled.connect(self._say)
        self.part.toggled.connect(self._series_box.setVisible)
        self.part.toggled.connect(self._say)

    def _length(self, text: str, days: int) -> QPushButton:
        made = role(QPushButton(text), "choice")
        made.setCheckable(True)
        made.setAutoDefault(False)
        self.lengths.addButton(made, days)
        return made

    def first_focus(self) -> QWidget | None:
        return self.by_link

    def _fill_people(self, contacts: tuple[ContactItem, ...]) -> None:
        self._contacts = contacts
        for number, contact in enumerate(contacts, 1):
            made = Radio(contact.name)
            self._who.addButton(made, number)
            self.people.addWidget(made)
            if number == 1:
                made.setFocus(Qt.FocusReason.OtherFocusReason)
        if not contacts:
            self.by_link.setChecked(True)
        self._say()
        self.fit()

    # -- what was chosen ------------------------------------------------------------------------

    def contact(self) -> ContactItem | None:
        """Return who was chosen, or None for a link."""
        number = self._who.checkedId()
        return self._contacts[number - 1] if number > 0 else None

    def until(self) -> int | None:
        """Return the chosen end as Unix time, or None for no end."""
        days = self.lengths.checkedId()
        if days == NO_END:
            return None
        if days == CHOSEN_DAY:
            return words.end_of(self.day.date())
        return words.end_of(QDate.currentDate().addDays(days))

    def chosen_series(self) -> tuple[str, ...]:
        """Return the ids of the chosen series; none means the whole study."""
        if self.whole.isChecked():
            return ()
        pairs = zip(self.series, self._detail.series, strict=True)
        return tuple(each.uid for box, each in pairs if box.isChecked())

    def _who_changed(self) -> None:
        if not self._length_chosen:
            days = LINK_DAYS if self.by_link.isChecked() else PERSON_DAYS
            self.lengths.button(days).setChecked(True)
        self._say()

    def _length_clicked(self) -> None:
        self._length_chosen = True

    def _say(self, *_: object) -> None:
        contact, until = self.contact(), self.until()
        self.passcode.setEnabled(self.by_link.isChecked())
        self.day.setVisible(self.lengths.checkedId() == CHOSEN_DAY)
        if contact is not None:
            who = contact.name
        elif self.passcode.isChecked():
            who = self.tr("Anyone with the link and the passcode")
        else:
            who = self.tr("Anyone who gets the link")
        some = self.part.isChecked()
        picked = len(self.chosen_series())
        self.give.setEnabled(self._job is None and (not some or picked > 0))
        if self._who.checkedButton() is None:
            self.give.setEnabled(False)
            self.sentence.setText(self.tr("Choose who may see this study."))
            return
        if some and not picked:
            self.sentence.setText(self.tr("Choose at least one series."))
            return
        what = (
            self.tr("%1 of this study").replace("%1", words.series(picked))
            if some
            else self.tr("this study")
        )
        when = (
            self.tr(" until %1").replace("%1", words.day(words.date_of(until)))
            if until is not None
            else self.tr(", with no end date")
        )
        self.sentence.setText(
            self.tr(
                "%1 can see %2%3. You can stop it at any time; "
                "what was already copied cannot be called back."
            )
            .replace("%1", who, 1)
            .replace("%2%3", what + when, 1)
        )

    # -- giving it ------------------------------------------------------------------------------

    def _give(self) -> None:
        wallet, study = self._desk.wallet, self._detail.study.study
        contact, until, series = self.contact(), self.until(), self.chosen_series()
        purpose = str(self.purpose.currentData())
        with_passcode = self.passcode.isChecked()

        def call(progress: Progress) -> Shared:
            if contact is None:
                return wallet.share_by_link(study, with_passcode, series, until, purpose, progress)
            return wallet.share_with(study, contact.account, series, until, purpose, progress)

        self.notice.say("")
        self.give.setEnabled(False)
        self.give.setText(self.tr("Sharing…"))
        whom = contact.name if contact is not None else self.tr("a link")
        self._job = self._desk.jobs.change(
            self, self.tr("Sharing with %1").replace("%1", whom), call, self._given, self._failed
        )

    def _given(self, shared: Shared) -> None:
        self._job = None
        contact = self.contact()
        self.close_sheet()
        self._desk.studies_changed.emit()
        self._desk.sheet_wanted.emit(Handover(shared, contact.name if contact else ""))
        self.shared.emit(shared)

    def _failed(self, error: Failure) -> None:
        self._job = None
        self.give.setText(self.tr("Share"))
        self.notice.say(words.failure(error))
        self._say()
        self.fit()
