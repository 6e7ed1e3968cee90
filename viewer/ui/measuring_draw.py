"""Measurements on the screen: lines that show on black and on white, and labels beside them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from viewer.measure.editing import handles, segments
from viewer.measure.shapes import Kind, Measurement, Point
from viewer.ui import theme, view_state
from viewer.ui.image_view import ImageView
from viewer.ui.overlay import Lettering

LINE_PX, HALO_PX = 1.6, 4.0
HANDLE_PX = 4.5
GAP_PX = 10.0
PROBE_PX = 9.0
MARGIN_PX = 8.0
LINE_HEIGHT = 1.4
PLAIN, CHOSEN = QColor(theme.ACCENT), QColor(theme.NOTICE)
HALO = QColor(0, 0, 0, 170)
BEHIND_LABEL = QColor(0, 0, 0, 120)
Segment = tuple[QPointF, QPointF]


def to_screen(image: ImageView, pixel: Point) -> QPointF:
    """Return where a column and row are on the screen."""
    return QPointF(*view_state.to_screen(image.view, image.from_pixel(pixel)))


@dataclass(frozen=True, slots=True)
class Look:
    """How one measurement is drawn."""

    measurement: Measurement
    lines: tuple[str, ...]
    chosen: bool = False
    handle: int | None = None  # the one that keys move


def on_screen(image: ImageView, measurement: Measurement) -> list[Segment]:
    """Return the lines of a shape in screen px."""
    if measurement.kind is Kind.PROBE:
        middle = to_screen(image, measurement.points[0])
        return [
            (middle + QPointF(dx * 3, dy * 3), middle + QPointF(dx * PROBE_PX, dy * PROBE_PX))
            for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1))
        ]
    return [(to_screen(image, a), to_screen(image, b)) for a, b in segments(measurement)]


def paint(painter: QPainter, image: ImageView, looks: Sequence[Look], lettering: Lettering) -> None:
    """Draw all measurements of a picture, the chosen one last."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ordered = sorted(looks, key=lambda each: each.chosen)
    drawn = [on_screen(image, each.measurement) for each in ordered]
    for look, lines in zip(ordered, drawn, strict=True):
        _paint_shape(painter, lines, CHOSEN if look.chosen else PLAIN)
        if look.chosen:
            _paint_handles(painter, image, look)
    _paint_labels(painter, image, ordered, drawn, lettering)


def paint_draft(painter: QPainter, image: ImageView, points: Sequence[Point]) -> None:
    """Draw what is not a shape yet."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    places = [to_screen(image, each) for each in points]
    _paint_shape(painter, list(itertools.pairwise(places)), CHOSEN)


def _paint_shape(painter: QPainter, lines: list[Segment], colour: QColor) -> None:
    path = QPainterPath()
    for start, end in lines:
        if path.isEmpty() or path.currentPosition() != start:
            path.moveTo(start)
        path.lineTo(end)
    for ink, width in ((HALO, HALO_PX), (colour, LINE_PX)):
        pen = QPen(ink, width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, pen)


def _paint_handles(painter: QPainter, image: ImageView, look: Look) -> None:
    for each in handles(look.measurement):
        place = to_screen(image, look.measurement.points[each])
        painter.setPen(QPen(HALO, HALO_PX))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(place, HANDLE_PX, HANDLE_PX)
        painter.setPen(QPen(CHOSEN, LINE_PX))
        painter.setBrush(CHOSEN if each == look.handle else Qt.GlobalColor.black)
        painter.drawEllipse(place, HANDLE_PX, HANDLE_PX)


def _paint_labels(
    painter: QPainter,
    image: ImageView,
    looks: Sequence[Look],
    drawn: list[list[Segment]],
    lettering: Lettering,
) -> None:
    font = theme.text_font(theme.CORNER_TEXT_PX, QFont.Weight.DemiBold)
    metrics = QFontMetricsF(font)
    pitch = theme.CORNER_TEXT_PX * LINE_HEIGHT
    area = QRectF(image.rect()).adjusted(MARGIN_PX, MARGIN_PX, -MARGIN_PX, -MARGIN_PX)
    taken: list[QRectF] = []
    for look, lines in zip(looks, drawn, strict=True):
        if not look.lines or not lines:
            continue
        width = max(metrics.horizontalAdvance(each) for each in look.lines)
        place = label_place(lines, (width, pitch * len(look.lines)), area, taken, drawn)
        taken.append(place)
        _paint_leader(painter, lines, place)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(BEHIND_LABEL)
        painter.drawRoundedRect(place.adjusted(-5, -1, 5, 2), 4, 4)
        colour = CHOSEN if look.chosen else QColor(theme.TEXT)
        for number, line in enumerate(look.lines):
            at = QPointF(place.left(), place.top() + number * pitch + metrics.ascent())
            lettering.draw(painter, font, at, line, colour)


def label_place(
    lines: list[Segment],
    size: tuple[float, float],
    area: QRectF,
    taken: Sequence[QRectF] = (),
    others: Sequence[list[Segment]] = (),
) -> QRectF:
    """Return where a label stands best: in sight, on no line, on no other label, near its shape.

    Args:
        lines: of its own shape, screen px.
        area: what of the screen there is.
        others: the lines of all shapes, its own among them.
    """
    points = [point for line in lines for point in line]
    box = QRectF(
        QPointF(min(p.x() for p in points), min(p.y() for p in points)),
        QPointF(max(p.x() for p in points), max(p.y() for p in points)),
    )
    candidates = _around(box, size, area)
    dots = [dot for shape in (others or [lines]) for dot in _dots(shape)]

    def cost(place: QRectF) -> float:
        wide = place.adjusted(-2, -2, 2, 2)
        covered = sum(wide.contains(dot) for dot in dots)
        overlap = sum(_shared(wide, each) for each in taken)
        away = math.dist(_xy(place.center()), _xy(box.center()))
        inside = 60 if wide.intersects(box) else 0
        return covered * 40 + overlap + inside + away * 0.05

    return min(candidates, key=cost)


def _around(box: QRectF, size: tuple[float, float], area: QRectF) -> list[QRectF]:
    """Return places right, left, below, above and in the corners, all moved into sight."""
    width, height = size
    middle_x, middle_y = box.center().x() - width / 2, box.center().y() - height / 2
    columns = (box.right() + GAP_PX, box.left() - GAP_PX - width, middle_x)
    rows = (middle_y, box.bottom() + GAP_PX, box.top() - GAP_PX - height)
    found = [QRectF(x, y, width, height) for x in columns for y in rows]
    for place in found:
        place.moveLeft(min(max(place.left(), area.left()), max(area.left(), area.right() - width)))
        place.moveTop(min(max(place.top(), area.top()), max(area.top(), area.bottom() - height)))
    return found


def _dots(lines: list[Segment]) -> list[QPointF]:
    """Return points along lines, close enough that no label slips between them."""
    found = []
    for start, end in lines:
        count = min(64, max(2, int(QLineF(start, end).length() / 8)))
        found += [start + (end - start) * (n / (count - 1)) for n in range(count)]
    return found


def _shared(one: QRectF, other: QRectF) -> float:
    both = one.intersected(other)
    return max(0.0, both.width()) * max(0.0, both.height())


def _xy(point: QPointF) -> tuple[float, float]:
    return point.x(), point.y()


def _paint_leader(painter: QPainter, lines: list[Segment], place: QRectF) -> None:
    """Join a label that had to stand apart with its shape."""
    near, edge = min(
        ((dot, _nearest(place, dot)) for dot in _dots(lines)),
        key=lambda pair: math.dist(_xy(pair[0]), _xy(pair[1])),
    )
    if math.dist(_xy(edge), _xy(near)) < 3 * GAP_PX:
        return
    painter.setPen(QPen(QColor(theme.QUIET_TEXT), 1.0, Qt.PenStyle.DotLine))
    painter.drawLine(edge, near)


def _nearest(place: QRectF, point: QPointF) -> QPointF:
    return QPointF(
        min(max(point.x(), place.left()), place.right()),
        min(max(point.y(), place.top()), place.bottom()),
    )
