"""A page for printing, seen as it will be while a person writes what stands on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from PySide6.QtCore import QLocale, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QImage, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from viewer.dicom import names
from viewer.errors import ViewerError
from viewer.ui import printing, theme
from viewer.ui.leaflet import Leaflet, Paper, Shot, leaflet

PREVIEW_PX = 480  # of the page's width
FIELDS_PX = 320
SETTLED_MS = 150
NAMED = "Name, birth date, number and place stand on the page."
UNNAMED = "No name, number, birth date or place of the files stands on the page or in the PDF."


@dataclass(frozen=True, slots=True)
class Choice:
    """Pictures that can go on the page."""

    words: str
    take: Callable[[], Sequence[Shot]]  # off the interface's thread


class _Relay(QObject):
    """Brings a preview from its thread."""

    drawn = Signal(int, object, object)  # which, what came out, the leaflet


class PageSheet(QDialog):
    """Title, notes, paper, names; a preview; and two ways out: a PDF, or the printer."""

    save = Signal(object)  # Leaflet
    print = Signal(object)  # Leaflet

    def __init__(
        self,
        choices: Sequence[Choice],
        prints_first: bool = False,
        reports: Callable[[], str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Begin with the first of the choices.

        Args:
            reports: what the study's reports say, asked for in a thread; None without reports.
        """
        super().__init__(parent)
        self.setObjectName("sheet")
        self.setWindowTitle("Page for printing")
        self.setStyleSheet(theme.SHEET_STYLE)
        self.setModal(True)
        self._choices = tuple(choices)
        self._reports = reports
        self._said: str | None = None  # by the reports, once they were asked
        self._leaflet: Leaflet | None = None
        self._number, self._count = 0, 1
        self._asked = 0
        self._taken: dict[int, tuple[Shot, ...]] = {}
        self._thread = ThreadPoolExecutor(1, "page")
        self._relay = _Relay()
        self._relay.drawn.connect(self._show, Qt.ConnectionType.QueuedConnection)
        self._settled = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._settled.timeout.connect(self._draw)
        self._build(prints_first)
        self._draw()

    # -- parts --------------------------------------------------------------------------------

    def _build(self, prints_first: bool) -> None:
        self.page = QLabel()
        self.page.setFixedSize(PREVIEW_PX, round(PREVIEW_PX * 1.4145))
        self.page.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.page.setAccessibleName("The page as it will be")
        left = QVBoxLayout()
        left.addWidget(self.page)
        left.addLayout(self._turning())
        left.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 24, 24, 16)
        whole.setSpacing(theme.GAP_PX)
        both = QHBoxLayout()
        both.setSpacing(theme.GAP_PX * 2)
        both.addLayout(left)
        both.addLayout(self._fields(), 1)
        whole.addLayout(both)
        whole.addLayout(self._foot(prints_first))

    def _turning(self) -> QHBoxLayout:
        self.before, self.after, self.where = QPushButton("‹"), QPushButton("›"), QLabel("")
        for button, name, by in ((self.before, "Page before", -1), (self.after, "Next page", 1)):
            button.setAccessibleName(name)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, by=by: self._turn(by))
        row = QHBoxLayout()
        row.addStretch(1)
        for part in (self.before, self.where, self.after):
            row.addWidget(part)
            part.hide()
        row.addStretch(1)
        return row

    def _fields(self) -> QVBoxLayout:
        self.title, self.notes = QLineEdit(), QPlainTextEdit()
        self.title.setMaxLength(200)
        self.title.setPlaceholderText("What was looked at")
        self.notes.setPlaceholderText("What you want to say or ask")
        self.notes.setTabChangesFocus(True)
        self.pictures, self.paper = QComboBox(), QComboBox()
        self.pictures.addItems([each.words for each in self._choices])
        for each, words in ((Paper.A4, "A4"), (Paper.LETTER, "Letter")):
            self.paper.addItem(words, each)
        letter = QLocale().measurementSystem() == QLocale.MeasurementSystem.ImperialUSSystem
        self.paper.setCurrentIndex(int(letter))
        self.unnamed = QCheckBox("Leave names out")
        self.with_report = QCheckBox("With the report")
        self.with_report.setVisible(self._reports is not None)
        self.unnamed.toggled.connect(self.with_report.setDisabled)
        self.about_names = QLabel()
        self.about_names.setObjectName("said")
        self.about_names.setWordWrap(True)
        column = QVBoxLayout()
        column.setSpacing(theme.UNIT_PX)
        for words, field in (("Title", self.title), ("Notes", self.notes),
                             ("Pictures", self.pictures), ("Paper", self.paper)):  # fmt: skip
            label = QLabel(words)
            label.setObjectName("heading")
            label.setBuddy(field)
            field.setAccessibleName(words)
            field.setMinimumWidth(FIELDS_PX)
            column.addWidget(label)
            column.addWidget(field)
        column.addSpacing(theme.UNIT_PX)
        column.addWidget(self.with_report)
        column.addWidget(self.unnamed)
        column.addWidget(self.about_names)
        column.addStretch(1)
        for changed in (
            self.title.textChanged,
            self.notes.textChanged,
            self.with_report.toggled,
            self.unnamed.toggled,
            self.pictures.currentIndexChanged,
            self.paper.currentIndexChanged,
        ):
            changed.connect(self._settle)
        return column

    def _foot(self, prints_first: bool) -> QHBoxLayout:
        self.to_pdf, self.to_printer = QPushButton("Save as PDF…"), QPushButton("Print…")
        close = QPushButton("Close")
        close.clicked.connect(self.reject)
        self.to_pdf.clicked.connect(lambda: self.save.emit(self._leaflet))
        self.to_printer.clicked.connect(lambda: self.print.emit(self._leaflet))
        (self.to_printer if prints_first else self.to_pdf).setDefault(True)
        row = QHBoxLayout()
        row.addStretch(1)
        for button in (close, self.to_pdf, self.to_printer):
            row.addWidget(button)
        return row

    # -- the preview --------------------------------------------------------------------------

    @property
    def is_drawn(self) -> bool:
        """Whether the preview shows what is written now."""
        return not self._settled.isActive() and self._leaflet is not None

    def _settle(self) -> None:
        self._offer(None)
        self._settled.start()

    def _turn(self, by: int) -> None:
        self._number = min(max(self._number + by, 0), self._count - 1)
        self._draw()

    def _draw(self) -> None:
        self._asked += 1
        asked, number, chosen = self._asked, self._number, self.pictures.currentIndex()
        title, notes = self.title.text().strip(), self.notes.toPlainText().strip()
        paper, with_names = self.paper.currentData(), not self.unnamed.isChecked()
        reports = self._reports if self.with_report.isChecked() and with_names else None
        scale = PREVIEW_PX * self.devicePixelRatioF() / paper.value[0]

        def draw() -> tuple[Leaflet, QImage, int, str]:
            if chosen not in self._taken:
                self._taken[chosen] = tuple(self._choices[chosen].take())
            shots = self._taken[chosen]
            if reports is not None and self._said is None:
                self._said = reports()
            said = "" if reports is None else self._said or ""
            made = leaflet(
                shots, title=title, notes=notes, report=said, paper=paper, with_names=with_names
            )
            count = len(printing.sheets(made))
            caution = names.burned_in(each.header for each in shots)
            return made, printing.preview(made, min(number, count - 1), scale), count, caution

        relay = self._relay
        future = self._thread.submit(draw)

        def tell(done: Future[tuple[Leaflet, QImage, int, str]]) -> None:
            if not done.cancelled():
                relay.drawn.emit(asked, done, None)

        future.add_done_callback(tell)

    def _show(self, asked: int, done: Future[tuple[Leaflet, QImage, int, str]], _: object) -> None:
        if asked != self._asked:
            return
        error = done.exception()
        if isinstance(error, ViewerError):
            self.about_names.setText(str(error))
            return
        made, image, self._count, caution = done.result()
        self._number = min(self._number, self._count - 1)
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        self.page.setPixmap(pixmap)
        for part in (self.before, self.where, self.after):
            part.setVisible(self._count > 1)
        self.where.setText(f"Page {self._number + 1} of {self._count}")
        self.before.setEnabled(self._number > 0)
        self.after.setEnabled(self._number < self._count - 1)
        said = UNNAMED if self.unnamed.isChecked() else NAMED
        self.about_names.setText(f"{said} {caution}".strip() if self.unnamed.isChecked() else said)
        self._offer(made)

    def _offer(self, made: Leaflet | None) -> None:
        """Let go on only with what the preview shows."""
        self._leaflet = made
        for button in (self.to_pdf, self.to_printer):
            button.setEnabled(made is not None)

    def done(self, result: int) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
        super().closeEvent(event)
