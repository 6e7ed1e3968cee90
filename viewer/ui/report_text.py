"""A report or letter as a page to be read: text that can be chosen and copied, and nothing else.

The page is put together word by word, never from markup, and nothing is ever loaded for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
    QTextTableFormat,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from viewer.dicom.documents import Document, Line, Reference
from viewer.dicom.kinds import Content, kind_of
from viewer.dicom.lines import lines
from viewer.ui import theme

CHUNK_LINES = 40  # set at once: some ms
INDENT_PX = 16
DEEPEST = 5
MOST_LINKS = 24  # of one line
TEXT_WIDTH_PX = 720
MARGIN_PX = 24
NAME_PER_CENT, VALUE_PER_CENT = 36, 64
TEXT_PX = 15
HEADINGS_PX = (22, 18, 16, 15)


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of a page, for a dark or a light window."""

    page: str
    text: str
    quiet: str
    line: str
    link: str
    notice: str


DARK = Ink("#121417", "#E9EDF2", "#9AA6B4", "#2C323A", "#4FC3C9", "#F2C66D")
LIGHT = Ink("#FFFFFF", "#14181D", "#5A6572", "#E1E5EA", "#0B6E74", "#8A5A00")


class ReportText(QTextBrowser):
    """Shows the lines of a document, the first of them at once and the rest soon after."""

    followed = Signal(object)  # Reference

    def __init__(self, ink: Ink = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ink = ink
        self._links: list[Reference] = []
        self._left: Iterator[Line] = iter(())
        self._details_shown = False
        self._document: Document | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setAccessibleName("Report")
        self.setStyleSheet(
            f"QTextBrowser {{ background: {ink.page}; color: {ink.text}; border: none;"
            f" selection-background-color: {ink.link}; selection-color: {ink.page}; }}"
        )
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._go_on)
        self.anchorClicked.connect(self._follow)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Load nothing: what a page needs is in it."""
        return None

    def show_lines(self, document: Document) -> None:
        """Show a report or a letter from its first line."""
        self._document = document
        self._links = []
        self._left = iter(_kept(lines(document), self._details_shown))
        self.clear()
        self._keep_narrow()
        self._go_on()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def show_words(self, text: str) -> None:
        """Show plain text."""
        self._document, self._left = None, iter(())
        self.clear()
        self._keep_narrow()
        QTextCursor(self.document()).insertText(text, self._letters(TEXT_PX))

    def show_details(self, shown: bool) -> None:
        """Show also what is of use to machines only: identifiers, outlines, languages."""
        self._details_shown = shown
        if self._document is not None:
            self.show_lines(self._document)

    @property
    def is_whole(self) -> bool:
        """Whether all lines are there."""
        return not self._next.isActive()

    # -- putting it together ------------------------------------------------------------------

    def _go_on(self) -> None:
        chunk = list(islice(self._left, CHUNK_LINES))
        if not chunk:
            return
        where = QTextCursor(self.document())
        where.beginEditBlock()
        for run in _runs(chunk):
            where.movePosition(QTextCursor.MoveOperation.End)
            if _columns(run[0]):
                self._put_table(where, run)
            else:
                self._put_block(where, run[0])
        where.endEditBlock()
        self._next.start()

    def _put_block(self, where: QTextCursor, line: Line) -> None:
        shape, letters = QTextBlockFormat(), self._letters(TEXT_PX)
        shape.setBottomMargin(6)
        shape.setLineHeight(120, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if line.kind in ("title", "heading"):
            level = 0 if line.kind == "title" else min(max(line.level, 1), len(HEADINGS_PX) - 1)
            letters = self._letters(HEADINGS_PX[level], QFont.Weight.DemiBold)
            shape.setHeadingLevel(level + 1)
            shape.setTopMargin((0, 20, 12, 8)[level])
            shape.setBottomMargin((12, 6, 4, 4)[level])
        else:
            shape.setLeftMargin(_indent(line))
        if line.kind == "notice":
            letters.setForeground(QColor(self._ink.notice))
        if line.kind == "item":
            shape.setLeftMargin(_indent(line) + INDENT_PX)
            shape.setTextIndent(-INDENT_PX)
        self._begin(where, shape)
        where.insertText(("•  " if line.kind == "item" else "") + line.text, letters)

    def _begin(self, where: QTextCursor, shape: QTextBlockFormat) -> None:
        if where.position() == 0 or (where.atBlockStart() and not where.block().text()):
            where.setBlockFormat(shape)
        else:
            where.insertBlock(shape)

    def _put_table(self, where: QTextCursor, rows: Sequence[Line]) -> None:
        width = _columns(rows[0])
        shape = QTextTableFormat()
        shape.setCellPadding(3)
        shape.setCellSpacing(0)
        shape.setBorderCollapse(True)
        shape.setTopMargin(2)
        shape.setBottomMargin(8)
        if rows[0].cells:
            shape.setBorder(1)
            shape.setBorderBrush(QColor(self._ink.line))
            shape.setCellPadding(6)
        else:
            shape.setBorder(0)
            shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
            shape.setColumnWidthConstraints(
                [
                    QTextLength(QTextLength.Type.PercentageLength, share)
                    for share in (NAME_PER_CENT, VALUE_PER_CENT)
                ]
            )
        table = where.insertTable(len(rows), width, shape)
        for number, line in enumerate(rows):
            if line.cells:
                for column, said in enumerate(line.cells):
                    _cell(table, number, column).insertText(said, self._letters(TEXT_PX))
            else:
                self._put_row(table, number, line)

    def _put_row(self, table: QTextTable, number: int, line: Line) -> None:
        quiet = self._letters(TEXT_PX)
        quiet.setForeground(QColor(self._ink.quiet))
        name = _cell(table, number, 0)
        shape = QTextBlockFormat()
        shape.setLeftMargin(_indent(line))
        name.setBlockFormat(shape)
        name.insertText(line.text, quiet)
        value = _cell(table, number, 1)
        said = "\u00a0".join(each for each in (line.value, line.unit) if each)
        value.insertText(said, self._letters(TEXT_PX))
        self._put_links(value, line, " " if said else "")

    def _put_links(self, where: QTextCursor, line: Line, before: str) -> None:
        """Put links to the pictures that a line points at."""
        pictures = [
            each
            for each in line.references
            if each.sop_uid and kind_of(each.sop_class).content is Content.PICTURE
        ]
        plain = self._letters(TEXT_PX)
        if not pictures:
            kinds = (kind_of(each.sop_class).name for each in line.references)
            where.insertText(before + ", ".join(dict.fromkeys(kinds)), plain)
            return
        where.insertText(before + ("Pictures " if len(pictures) > 1 else ""), plain)
        for number, each in enumerate(pictures[:MOST_LINKS], 1):
            letters = self._letters(TEXT_PX)
            letters.setAnchor(True)
            letters.setAnchorHref(f"picture:{len(self._links)}")
            letters.setForeground(QColor(self._ink.link))
            letters.setFontUnderline(True)
            self._links.append(each)
            where.insertText("Show picture" if len(pictures) == 1 else str(number), letters)
            where.insertText(" ", plain)
        if len(pictures) > MOST_LINKS:
            where.insertText(f"and {len(pictures) - MOST_LINKS} more", plain)

    def _letters(self, size_px: int, weight: QFont.Weight = QFont.Weight.Normal) -> QTextCharFormat:
        found = QTextCharFormat()
        found.setFont(theme.text_font(size_px, weight))
        found.setForeground(QColor(self._ink.text))
        return found

    # -- where it stands ----------------------------------------------------------------------

    def _keep_narrow(self) -> None:
        """Keep lines as long as eyes like them, in the middle of the window."""
        side = max(MARGIN_PX, (self.viewport().width() - TEXT_WIDTH_PX) / 2)
        frame = self.document().rootFrame()
        shape = QTextFrameFormat(frame.frameFormat())
        shape.setLeftMargin(side)
        shape.setRightMargin(side)
        shape.setTopMargin(MARGIN_PX)
        shape.setBottomMargin(MARGIN_PX)
        frame.setFrameFormat(shape)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._keep_narrow()
        super().resizeEvent(event)

    def _follow(self, url: QUrl) -> None:
        place = url.path()
        if url.scheme() == "picture" and place.isdigit() and int(place) < len(self._links):
            self.followed.emit(self._links[int(place)])


def _kept(found: Iterator[Line], details: bool) -> Iterator[Line]:
    return (each for each in found if details or each.kind != "detail")


def _columns(line: Line) -> int:
    """Return how many columns the table has that a line belongs to; 0 for none."""
    if line.cells:
        return len(line.cells)
    return 2 if line.kind in ("row", "detail") else 0


def _runs(chunk: Sequence[Line]) -> Iterator[list[Line]]:
    """Return each run of a table's rows together, and every other line alone."""
    run: list[Line] = []
    for line in chunk:
        kind = (bool(line.cells), _columns(line))
        if run and (not kind[1] or kind != (bool(run[-1].cells), _columns(run[-1]))):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _indent(line: Line) -> int:
    return INDENT_PX * min(max(line.level - 1, 0), DEEPEST)


def _cell(table: QTextTable, row: int, column: int) -> QTextCursor:
    return table.cellAt(row, column).firstCursorPosition()
