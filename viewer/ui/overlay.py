"""Words over a picture: corners, edges, a sentence in its place; readable on black and white."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from viewer.render.orientation import Edges
from viewer.ui import theme
from viewer.ui.scale import Bar

MARGIN_PX = 14.0
LINE_FACTOR = 1.45
PAD_PX = 3  # room for the outline
KEPT_MOST = 64
BAR_GAP_PX = 6  # over the words below
BAR_END_PX = 6  # how far its ends go up


@dataclass(frozen=True, slots=True)
class Corners:
    """Lines of text for the four corners, and one notice at the foot."""

    top_left: tuple[str, ...] = ()
    top_right: tuple[str, ...] = ()
    bottom_left: tuple[str, ...] = ()
    bottom_right: tuple[str, ...] = ()
    notice: str = ""


class Lettering:
    """Outlined text, kept as small pictures: outlining anew costs ten times a frame's drawing."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, int, float], QImage] = {}

    def draw(self, painter: QPainter, font: QFont, at: QPointF, text: str, colour: QColor) -> None:
        """Draw `text` with its base line beginning at `at`."""
        if not text:
            return
        ratio = painter.device().devicePixelRatio()
        place = text, font.key(), colour.rgba(), ratio
        image = self._kept.get(place)
        if image is None:
            if len(self._kept) >= KEPT_MOST:
                self._kept.clear()
            image = self._kept[place] = _outlined(font, text, colour, ratio)
        corner = QPointF(at.x() - PAD_PX, at.y() - PAD_PX - math.ceil(QFontMetricsF(font).ascent()))
        painter.drawImage(_whole(corner), image)


def _outlined(font: QFont, text: str, colour: QColor, ratio: float) -> QImage:
    metrics = QFontMetricsF(font)
    width = math.ceil(metrics.horizontalAdvance(text)) + 2 * PAD_PX
    height = math.ceil(metrics.ascent()) + math.ceil(metrics.descent()) + 2 * PAD_PX
    image = QImage(
        math.ceil(width * ratio),
        math.ceil(height * ratio),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    path = QPainterPath()
    path.addText(PAD_PX, PAD_PX + math.ceil(metrics.ascent()), font, text)
    pen = QPen(theme.OUTLINE, theme.OUTLINE_PX)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.strokePath(path, pen)
        painter.fillPath(path, colour)
    return image


def _whole(point: QPointF) -> QPointF:
    """Text stays sharp on whole pixels only."""
    return QPointF(round(point.x()), round(point.y()))


def draw_corners(painter: QPainter, area: QRect, corners: Corners, lettering: Lettering) -> None:
    """Draw the four corners and the notice."""
    font = theme.text_font(theme.CORNER_TEXT_PX, QFont.Weight.Medium)
    metrics = QFontMetricsF(font)
    notice_px = metrics.horizontalAdvance(corners.notice)
    beside_px = (area.width() - notice_px) / 2 - 2 * MARGIN_PX
    for lines, is_right, is_bottom in (
        (corners.top_left, False, False),
        (corners.top_right, True, False),
        (corners.bottom_left, False, True),
        (corners.bottom_right, True, True),
    ):
        if is_bottom and corners.notice and lines:
            # In a narrow view the last line would run into the notice, which matters more.
            fits = metrics.horizontalAdvance(lines[-1]) <= beside_px
            lines = lines if fits else (*lines[:-1], "")  # noqa: PLW2901
        _draw_lines(painter, area, font, lines, is_right, is_bottom, lettering)
    if corners.notice:
        x = area.center().x() - notice_px / 2
        y = area.bottom() - MARGIN_PX - metrics.descent()
        lettering.draw(painter, font, QPointF(x, y), corners.notice, theme.NOTICE_TEXT)


def _draw_lines(
    painter: QPainter,
    area: QRect,
    font: QFont,
    lines: tuple[str, ...],
    is_right: bool,
    is_bottom: bool,
    lettering: Lettering,
) -> None:
    metrics = QFontMetricsF(font)
    pitch = theme.CORNER_TEXT_PX * LINE_FACTOR
    y = area.top() + MARGIN_PX + metrics.ascent()
    if is_bottom:
        y = area.bottom() - MARGIN_PX - metrics.descent() - pitch * (len(lines) - 1)
    most = area.width() / 2 - 2 * MARGIN_PX
    for number, line in enumerate(lines):
        text = metrics.elidedText(line, Qt.TextElideMode.ElideRight, most)
        x = area.left() + MARGIN_PX
        if is_right:
            x = area.right() - MARGIN_PX - metrics.horizontalAdvance(text)
        lettering.draw(painter, font, QPointF(x, y + number * pitch), text, theme.CORNER_TEXT)


def draw_edges(painter: QPainter, area: QRect, edges: Edges, lettering: Lettering) -> None:
    """Draw the orientation letters in the middle of each edge."""
    font = theme.text_font(theme.LETTER_TEXT_PX, QFont.Weight.DemiBold)
    metrics = QFontMetricsF(font)
    middle_x, middle_y = area.center().x(), area.center().y() + metrics.capHeight() / 2
    right = area.right() - MARGIN_PX - metrics.horizontalAdvance(edges.right)
    bottom = area.bottom() - MARGIN_PX - 2 * theme.CORNER_TEXT_PX - metrics.descent()
    for text, x, y in (
        (edges.left, area.left() + MARGIN_PX, middle_y),
        (edges.right, right, middle_y),
        (edges.top, middle_x - metrics.horizontalAdvance(edges.top) / 2, _first(area, metrics)),
        (edges.bottom, middle_x - metrics.horizontalAdvance(edges.bottom) / 2, bottom),
    ):
        lettering.draw(painter, font, QPointF(x, y), text, theme.CORNER_TEXT)


def _first(area: QRect, metrics: QFontMetricsF) -> float:
    return area.top() + MARGIN_PX + metrics.ascent()


def draw_bar(painter: QPainter, area: QRect, bar: Bar, lines: int, lettering: Lettering) -> None:
    """Draw the scale above the lines of the lower right corner."""
    font = theme.text_font(theme.CORNER_TEXT_PX, QFont.Weight.Medium)
    metrics = QFontMetricsF(font)
    right = area.right() - MARGIN_PX
    y = round(area.bottom() - MARGIN_PX - theme.CORNER_TEXT_PX * LINE_FACTOR * lines) - BAR_GAP_PX
    left = right - round(bar.length_px)
    path = QPainterPath(QPointF(left, y - BAR_END_PX))
    for x, end in ((left, y), (right, y), (right, y - BAR_END_PX)):
        path.lineTo(x, end)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((theme.OUTLINE, theme.OUTLINE_PX + 1.5), (theme.CORNER_TEXT, 1.5)):
        pen = QPen(colour, width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.strokePath(path, pen)
    x = (left + right) / 2 - metrics.horizontalAdvance(bar.words) / 2
    at = QPointF(min(x, right - metrics.horizontalAdvance(bar.words)), y - BAR_END_PX)
    lettering.draw(painter, font, at, bar.words, theme.CORNER_TEXT)


def draw_message(painter: QPainter, area: QRect, sentence: str) -> None:
    """Draw a sentence in place of a picture."""
    width = min(theme.MESSAGE_WIDTH_PX, area.width() - 2 * MARGIN_PX)
    place = QRectF(0, 0, width, area.height())
    place.moveCenter(QRectF(area).center())
    painter.setFont(theme.text_font(theme.MESSAGE_TEXT_PX))
    painter.setPen(theme.CORNER_TEXT)
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(place, int(flags), sentence)


def draw_hint(painter: QPainter, area: QRect, words: str) -> None:
    """Draw a few words in a pill above the foot."""
    font = theme.text_font(theme.CORNER_TEXT_PX, QFont.Weight.Medium)
    metrics = QFontMetricsF(font)
    pill = QRectF(0, 0, metrics.horizontalAdvance(words) + 28, 28)
    pill.moveCenter(QPointF(area.center().x(), area.bottom() - 76))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(theme.LINE))
    painter.setBrush(QColor(theme.RAISED))
    painter.drawRoundedRect(pill, 14, 14)
    painter.setFont(font)
    painter.setPen(theme.CORNER_TEXT)
    painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), words)
