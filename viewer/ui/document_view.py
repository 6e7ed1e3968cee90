"""A document in place of a picture: a report, a letter, or the pages of a PDF.

Read and drawn off the interface's thread. `load` is for what is still to be read, `show_document`
for what has been.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.dicom.documents import Document, Pdf
from viewer.ui import theme
from viewer.ui.paper_view import ZOOM_STEP, DrawPage, PaperView
from viewer.ui.report_text import DARK, Ink, ReportText

UNKNOWN_ERROR = "This document could not be shown."
NO_WORDS = "There are no letters on this page, only a picture of it."


class _Relay(QObject):
    finished = Signal(object)  # Future


class DocumentView(QWidget):
    """Shows one document at a time."""

    followed = Signal(object)  # Reference: a picture that the document points at was asked for
    shown = Signal()  # the document is there
    failed = Signal(str)  # the sentence that stands in its place

    def __init__(self, ink: Ink = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ink = ink
        self._document: Document | None = None
        self._draw: DrawPage | None = None
        self._wanted: Future[Document] | None = None
        self._told = ""
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="document")
        self._relay = _Relay()
        self._relay.finished.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._build()

    def _build(self) -> None:
        self.setObjectName("document")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(_style(self._ink))
        self.text, self.paper = ReportText(self._ink), PaperView(self._ink)
        self.message = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self._stack = QStackedWidget()
        for each in (self.message, self.text, self.paper):
            self._stack.addWidget(each)
        self.notice = QLabel(wordWrap=True)
        self.notice.setObjectName("notice")
        self.notice.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._build_bar())
        column.addWidget(self.notice)
        column.addWidget(self._stack, 1)
        self.text.followed.connect(self.followed)
        self.paper.told.connect(self._tell)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.paper)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self._copy_page)
        self._tell()

    def _build_bar(self) -> QWidget:
        self.bar = QWidget()
        self.bar.setObjectName("bar")
        self.where = QLabel()
        self._smaller = self._button("−", "Smaller", lambda: self.paper.zoom_by(1 / ZOOM_STEP))
        self._larger = self._button("+", "Larger", lambda: self.paper.zoom_by(ZOOM_STEP))
        self._width = self._button("Fit width", "As wide as the window", self.paper.fit_width)
        self._as_text = self._button("Text", "Show this page as text", self._toggle_text)
        self._as_text.setCheckable(True)
        self._details = self._button("Details", "Show identifiers and outlines too", self._detail)
        self._details.setCheckable(True)
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(theme.GAP_PX, 4, theme.UNIT_PX, 4)
        row.setSpacing(theme.UNIT_PX)
        row.addWidget(self.where, 1)
        for each in (self._smaller, self._larger, self._width, self._as_text, self._details):
            row.addWidget(each)
        return self.bar

    def _button(self, words: str, says: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setText(words)
        button.setToolTip(says)
        button.setAccessibleName(says)
        button.clicked.connect(lambda _=False: act())
        return button

    # -- what is shown ------------------------------------------------------------------------

    @property
    def document(self) -> Document | None:
        return self._document

    def load(self, read: Callable[[], Document], draw: DrawPage | None = None) -> None:
        """Show what `read` returns, once it has.

        Args:
            read: called in a thread; may raise what has a sentence.
            draw: of a page, counted from 0, and px a point; called in a thread.
        """
        self.say("Loading…")
        self._draw = draw
        self._wanted = self._pool.submit(read)
        relay = self._relay
        self._wanted.add_done_callback(
            lambda done: None if done.cancelled() else relay.finished.emit(done)
        )

    def show_document(self, document: Document, draw: DrawPage | None = None) -> None:
        """Show a document that has been read; `draw` as for `load`, for the pages of a PDF."""
        self._document, self._draw, self._wanted, self._told = document, draw, None, ""
        self._as_text.setChecked(False)
        if isinstance(document, Pdf) and draw is not None:
            self.paper.show_pages(document, draw)
            self._turn_to(self.paper)
        else:
            self.text.show_lines(document)
            self._turn_to(self.text)
        self._tell()
        self.shown.emit()

    def say(self, sentence: str) -> None:
        """Show a sentence in place of a document."""
        self._document, self._wanted = None, None
        self.message.setText(sentence)
        self._turn_to(self.message)
        self._tell()

    def tell(self, sentence: str) -> None:
        """Say something above the document, until another one comes."""
        self._told = sentence
        self._tell()

    def close_document(self) -> None:
        """Let go of the document and the threads; nothing is shown after."""
        self.say("")
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.paper.close_pages()

    def _take(self, future: Future[Document]) -> None:
        if future is not self._wanted:
            return
        error = future.exception()
        if error is None:
            self.show_document(future.result(), self._draw)
            return
        has_sentence = isinstance(getattr(error, "text", None), str)
        self.say(str(error) if has_sentence else UNKNOWN_ERROR)
        self.failed.emit(self.message.text())
        if not has_sentence:
            raise error

    def _turn_to(self, part: QWidget) -> None:
        self._stack.setCurrentWidget(part)
        self.setFocusProxy(part)

    # -- what a person does -------------------------------------------------------------------

    def _toggle_text(self) -> None:
        if self._as_text.isChecked():
            self.text.show_words(self.paper.said or NO_WORDS)
            self._turn_to(self.text)
        else:
            self._turn_to(self.paper)
        self._tell()

    def _detail(self) -> None:
        self.text.show_details(self._details.isChecked())

    def _copy_page(self) -> None:
        QGuiApplication.clipboard().setText(self.paper.said)

    def _tell(self) -> None:
        """Say where a person is, and what is not seen."""
        document = self._document
        is_pdf = isinstance(document, Pdf)
        is_page = is_pdf and self._stack.currentWidget() is self.paper
        self.bar.setVisible(document is not None)
        for button in (self._smaller, self._larger, self._width):
            button.setVisible(is_page)
        self._as_text.setVisible(is_pdf)
        self._details.setVisible(document is not None and not is_pdf)
        place = f"Page {self.paper.current + 1} of {self.paper.count}" if is_pdf else ""
        zoom = f"{self.paper.zoom:.0%}" if is_page else ""
        self.where.setText("    ".join(each for each in (place, zoom) if each))
        missing = (self.paper.missing or document.missing) if isinstance(document, Pdf) else ""
        said = "  ".join(each for each in (self._told, missing) if each)
        self.notice.setText(said)
        self.notice.setVisible(bool(said))
        self.paper.setAccessibleName(place or "Pages")
        self.paper.setAccessibleDescription(self.paper.said)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_document()
        super().closeEvent(event)


def _style(ink: Ink) -> str:
    return f"""
#document, #document QLabel {{ background: {ink.page}; color: {ink.text}; font-size: 14px; }}
#document #bar {{ background: {ink.page}; border-bottom: 1px solid {ink.line}; }}
#document #bar QLabel {{ color: {ink.quiet}; }}
#document QLabel#notice {{ color: {ink.notice}; padding: 8px 16px;
    border-bottom: 1px solid {ink.line}; }}
#document QToolButton {{
    background: transparent; color: {ink.text}; border: 1px solid transparent;
    border-radius: 6px; padding: 5px 10px; min-height: 20px; min-width: 20px;
}}
#document QToolButton:hover {{ background: {ink.line}; }}
#document QToolButton:checked {{ background: {ink.line}; color: {ink.link}; }}
#document QToolButton:focus {{ border-color: {ink.link}; }}
#document QScrollBar:vertical {{ background: {ink.page}; width: 10px; }}
#document QScrollBar::handle:vertical {{
    background: {ink.quiet}; border-radius: 5px; min-height: 32px;
}}
#document QScrollBar:horizontal {{ background: {ink.page}; height: 10px; }}
#document QScrollBar::handle:horizontal {{
    background: {ink.quiet}; border-radius: 5px; min-width: 32px;
}}
#document QScrollBar::add-page, #document QScrollBar::sub-page {{ background: transparent; }}
#document QScrollBar::add-line, #document QScrollBar::sub-line {{ width: 0; height: 0; }}
"""
