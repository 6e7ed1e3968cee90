"""Pages on paper: the same drawing as a PDF, to a printer, and as a preview on the screen.

A PDF holds the pictures bit for bit and the words as text. Of its own it says that Rayfolio made
it, when, and the title that is printed too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextDocument,
)

from viewer.render.pipeline import Bytes8
from viewer.ui.leaflet import Figure, Leaflet, Paper

MARGIN_PT = 42.0
GAP_PT = 12.0
TITLE_PT, TEXT_PT, SMALL_PT = 18, 11, 9
NOTES_SHARE = 0.4  # of a page, beside pictures
RESOLUTION_DPI = 600
INK = QColor("#14181D")
QUIET_INK = QColor("#5A6572")
LINE = QColor("#C9D0D8")
_GRID = {1: (1, 1), 2: (2, 1), 4: (2, 2), 6: (3, 2)}  # rows and columns of figures


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: figures, or a part of a text, or figures and a short text below them."""

    figures: tuple[Figure, ...] = ()
    text: str = ""
    part: int = 0  # which page's worth of `text`


def sheets(leaflet: Leaflet) -> list[Sheet]:
    """Return the pages, in order; at least one."""
    per_page = leaflet.per_page
    groups = [
        leaflet.figures[at : at + per_page] for at in range(0, len(leaflet.figures), per_page)
    ]
    found = [Sheet(figures) for figures in groups]
    for text in (leaflet.notes, leaflet.report):
        if not text.strip():
            continue
        last = found[-1] if found else Sheet()
        room = NOTES_SHARE * _inner(leaflet).height()
        fits = last.figures and not last.text and text is leaflet.notes
        if fits and _text_height(text, _inner(leaflet).width()) <= room:
            found[-1] = Sheet(last.figures, text)
        else:
            found += [Sheet((), text, part) for part in range(_parts(leaflet, text))]
    return found or [Sheet()]


def pdf(leaflet: Leaflet) -> bytes:
    """Return a PDF file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(leaflet.title)
    writer.setCreator("Rayfolio")
    writer.setResolution(RESOLUTION_DPI)
    put_on(writer, leaflet)
    buffer.close()
    return bytes(buffer.data().data())


def put_on(device: QPagedPaintDevice, leaflet: Leaflet) -> None:
    """Draw all pages on a PDF or a printer."""
    size = QPageSize(QSizeF(*leaflet.paper.value), QPageSize.Unit.Point)
    device.setPageLayout(
        QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF(), QPageLayout.Unit.Point)
    )
    every = sheets(leaflet)
    with QPainter(device) as painter:
        painter.scale(device.logicalDpiX() / 72, device.logicalDpiY() / 72)
        for number, sheet in enumerate(every):
            if number:
                device.newPage()
            draw(painter, leaflet, sheet, number, len(every))


def preview(leaflet: Leaflet, number: int, scale: float) -> QImage:
    """Return a page as it will be printed.

    Args:
        number: of the page, from 0.
        scale: px a point.
    """
    width, height = leaflet.paper.value
    image = QImage(round(width * scale), round(height * scale), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    every = sheets(leaflet)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.scale(scale, scale)
        draw(painter, leaflet, every[number], number, len(every))
    return image


# -- one page ---------------------------------------------------------------------------------


def draw(painter: QPainter, leaflet: Leaflet, sheet: Sheet, number: int, count: int) -> None:
    """Draw one page in points, from its upper left corner."""
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    area = _inner(leaflet)
    area.setTop(_draw_head(painter, leaflet, area, is_first=number == 0))
    _draw_foot(painter, leaflet, number, count)
    if sheet.figures:
        if sheet.text:
            height = _text_height(sheet.text, area.width())
            place = QRectF(area.left(), area.bottom() - height, area.width(), height)
            _draw_text(painter, _document(sheet.text, place.width()), place, 0)
            area.setBottom(place.top() - GAP_PT)
        for figure, place in zip(sheet.figures, _places(area, leaflet.per_page), strict=False):
            _draw_figure(painter, figure, place)
    elif sheet.text:
        page = _text_page(leaflet)
        _draw_text(painter, _document(sheet.text, page.width(), page.height()), page, sheet.part)


def _inner(leaflet: Leaflet) -> QRectF:
    """Return what is left between the margins, the foot taken off."""
    width, height = leaflet.paper.value
    foot = SMALL_PT + GAP_PT
    return QRectF(MARGIN_PT, MARGIN_PT, width - 2 * MARGIN_PT, height - 2 * MARGIN_PT - foot)


def _draw_head(painter: QPainter, leaflet: Leaflet, area: QRectF, is_first: bool) -> float:
    """Draw the title and whose it is, small from the second page on; return where they end."""
    top = area.top()
    size = TITLE_PT if is_first else SMALL_PT
    lines = [(leaflet.title, size, INK, QFont.Weight.DemiBold)]
    for line in leaflet.who:
        lines.append((line, TEXT_PT if is_first else SMALL_PT, QUIET_INK, QFont.Weight.Normal))
    for text, points, colour, weight in lines:
        font = _font(points, weight)
        metrics = QFontMetricsF(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(QRectF(area.left(), top, area.width(), metrics.height()), shown)
        top += metrics.height() + 1
    top += GAP_PT / 2
    painter.setPen(LINE)
    painter.drawLine(round(area.left()), round(top), round(area.right()), round(top))
    return top + GAP_PT


def _draw_foot(painter: QPainter, leaflet: Leaflet, number: int, count: int) -> None:
    width, height = leaflet.paper.value
    font = _font(SMALL_PT)
    line = QRectF(MARGIN_PT, height - MARGIN_PT - SMALL_PT, width - 2 * MARGIN_PT, 2 * SMALL_PT)
    painter.setFont(font)
    painter.setPen(QUIET_INK)
    painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft), leaflet.foot)
    if count > 1:
        page = f"Page {number + 1} of {count}"
        painter.drawText(line, int(Qt.AlignmentFlag.AlignRight), page)


def _places(area: QRectF, per_page: int) -> Iterator[QRectF]:
    """Yield where figures lie, row by row."""
    rows, columns = _GRID[per_page]
    width = (area.width() - (columns - 1) * GAP_PT) / columns
    height = (area.height() - (rows - 1) * GAP_PT) / rows
    for row in range(rows):
        for column in range(columns):
            left = area.left() + column * (width + GAP_PT)
            yield QRectF(left, area.top() + row * (height + GAP_PT), width, height)


def _draw_figure(painter: QPainter, figure: Figure, place: QRectF) -> None:
    """Draw a picture as large as it goes, in the middle, and its caption below it."""
    font = _font(SMALL_PT)
    flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop) | int(
        Qt.TextFlag.TextWordWrap
    )
    words = QFontMetricsF(font).boundingRect(place, flags, figure.caption)
    room = QSizeF(place.width(), max(1.0, place.height() - words.height() - GAP_PT / 2))
    image = as_image(figure.image)
    size = QSizeF(image.size()).scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
    target = QRectF(place.topLeft(), size)
    target.moveLeft(place.left() + (place.width() - size.width()) / 2)
    painter.drawImage(target, image)
    painter.setFont(font)
    painter.setPen(INK)
    below = QRectF(place.left(), target.bottom() + GAP_PT / 3, place.width(), words.height() + 2)
    painter.drawText(below, flags, figure.caption)


def as_image(array: Bytes8) -> QImage:
    """Return a copy as Qt draws it."""
    grey, rgb = QImage.Format.Format_Grayscale8, QImage.Format.Format_RGB888
    rows, columns = array.shape[:2]
    form = rgb if array.ndim == 3 else grey
    return QImage(array.data, columns, rows, array.strides[0], form).copy()


# -- text -------------------------------------------------------------------------------------


def _font(points: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return a font for a painter that counts in points."""
    font = QFont()
    font.setPixelSize(points)
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def _document(text: str, width: float, height: float = 0.0) -> QTextDocument:
    """Return plain text broken into lines, and into pages if a height is given."""
    found = QTextDocument()
    found.setUseDesignMetrics(True)
    found.setDocumentMargin(0)
    found.setDefaultFont(_font(TEXT_PT))
    found.setPlainText(text)
    if height:
        found.setPageSize(QSizeF(width, height))
    else:
        found.setTextWidth(width)
    return found


def _text_height(text: str, width: float) -> float:
    return float(_document(text, width).size().height())


def _text_page(leaflet: Leaflet) -> QRectF:
    """Return where text stands on a page of its own; the head is never higher than this leaves."""
    area = _inner(leaflet)
    is_first = not leaflet.figures
    title, who = (TITLE_PT, TEXT_PT) if is_first else (SMALL_PT, SMALL_PT)
    head = (title + who * len(leaflet.who)) * 1.4 + 2 * GAP_PT
    return area.adjusted(0, head, 0, 0)


def _parts(leaflet: Leaflet, text: str) -> int:
    page = _text_page(leaflet)
    return int(_document(text, page.width(), page.height()).pageCount())


def _draw_text(painter: QPainter, document: QTextDocument, place: QRectF, part: int) -> None:
    above = part * document.pageSize().height() if part else 0.0
    context = QAbstractTextDocumentLayout.PaintContext()
    context.palette.setColor(QPalette.ColorRole.Text, INK)  # never a dark scheme's white
    # a hair less: a line that only touches the page belongs to the one before or after
    context.clip = QRectF(0, above + 0.5, place.width(), place.height() - 1)
    painter.save()
    painter.translate(place.left(), place.top() - above)
    painter.setClipRect(context.clip)
    document.documentLayout().draw(painter, context)
    painter.restore()


__all__ = ["Paper", "Sheet", "as_image", "draw", "pdf", "preview", "put_on", "sheets"]
