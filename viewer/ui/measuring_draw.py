"""Measurements on the screen: lines that show on black and on white, and labels beside them.

Lines are arrays of screen px (lines x their two ends x 2): there are thousands of them, and all is
drawn anew at every movement of the pointer.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from viewer.measure.editing import handles, segments
from viewer.measure.shapes import Kind, Measurement, Point
from viewer.ui import theme, view_state
from viewer.ui.image_view import ImageView
from viewer.ui.overlay import Lettering

LINE_PX, HALO_PX = 1.6, 4.0
HANDLE_PX = 4.5
GAP_PX = 10.0
PROBE_PX = (3.0, 9.0)  # where its arms begin and end
MARGIN_PX = 8.0
LINE_HEIGHT = 1.4
DOT_PX = 8.0  # a label does not slip between dots so far apart
DOTS_MOST = 4096
PLAIN, CHOSEN = QColor(theme.ACCENT), QColor(theme.NOTICE)
HALO = QColor(0, 0, 0, 170)
BEHIND_LABEL = QColor(0, 0, 0, 120)
Floats = npt.NDArray[np.float64]
PaintShapes = Callable[[QPainter, ImageView, Sequence[Floats]], None]
_ARMS = np.array([(-1, 0), (1, 0), (0, -1), (0, 1)], float)[:, None, :]


@dataclass(frozen=True, slots=True)
class Look:
    """How one measurement is drawn."""

    measurement: Measurement
    lines: tuple[str, ...]
    chosen: bool = False
    handle: int | None = None  # the one that keys move


def to_screen(image: ImageView, pixel: Point) -> QPointF:
    """Return where a column and row are on the screen."""
    return QPointF(*view_state.to_screen(image.view, image.from_pixel(pixel)))


def all_to_screen(image: ImageView, pixels: Floats) -> Floats:
    """Return where columns and rows (... x 2) are: the way there is one and the same for all."""
    origin, right, down = (
        np.array(view_state.to_screen(image.view, image.from_pixel(each)))
        for each in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
    )
    found: Floats = pixels[..., :1] * (right - origin) + pixels[..., 1:] * (down - origin) + origin
    return found


def on_screen(image: ImageView, measurement: Measurement) -> Floats:
    """Return the lines of a shape in screen px."""
    if measurement.kind is Kind.PROBE:
        middle = all_to_screen(image, np.array(measurement.points))
        arms: Floats = middle + _ARMS * np.array(PROBE_PX)[:, None]
        return arms
    return all_to_screen(image, np.array(segments(measurement), float))


def paint(
    painter: QPainter,
    image: ImageView,
    looks: Sequence[Look],
    lettering: Lettering,
    paint_others: PaintShapes,
) -> None:
    """Draw all measurements of a picture, the chosen one last.

    Args:
        paint_others: draws those that are not chosen.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ordered = sorted(looks, key=lambda each: each.chosen)
    drawn = [on_screen(image, each.measurement) for each in ordered]
    both = list(zip(ordered, drawn, strict=True))
    paint_others(painter, image, [lines for look, lines in both if not look.chosen])
    for look, lines in both:
        if look.chosen:
            _paint_lines(painter, lines, CHOSEN)
            _paint_handles(painter, image, look)
    _paint_labels(painter, image, ordered, drawn, lettering)


def paint_still(painter: QPainter, shapes: Sequence[Floats]) -> None:
    """Draw shapes that are not chosen, each its lines in screen px."""
    for lines in shapes:
        _paint_lines(painter, lines, PLAIN)


def paint_draft(painter: QPainter, image: ImageView, points: Sequence[Point]) -> None:
    """Draw what is not a shape yet."""
    if len(points) > 1:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lines = np.array(list(itertools.pairwise(points)), float)
        _paint_lines(painter, all_to_screen(image, lines), CHOSEN)


def _paint_lines(painter: QPainter, lines: Floats, colour: QColor) -> None:
    path, last = QPainterPath(), None
    for start, end in lines.tolist():
        if start != last:
            path.moveTo(*start)
        path.lineTo(*end)
        last = end
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


# -- labels -----------------------------------------------------------------------------------


def _paint_labels(
    painter: QPainter,
    image: ImageView,
    looks: Sequence[Look],
    drawn: list[Floats],
    lettering: Lettering,
) -> None:
    font = theme.text_font(theme.CORNER_TEXT_PX, QFont.Weight.DemiBold)
    metrics = QFontMetricsF(font)
    pitch = theme.CORNER_TEXT_PX * LINE_HEIGHT
    area = QRectF(image.rect()).adjusted(MARGIN_PX, MARGIN_PX, -MARGIN_PX, -MARGIN_PX)
    dots = dots_on(np.concatenate(drawn))
    taken: list[QRectF] = []
    for look, lines in zip(looks, drawn, strict=True):
        if not look.lines:
            continue
        width = max(metrics.horizontalAdvance(each) for each in look.lines)
        place = label_place(lines, (width, pitch * len(look.lines)), area, taken, dots)
        taken.append(place)
        _paint_leader(painter, lines, place)
        painter.fillRect(place.adjusted(-5, -1, 5, 2), BEHIND_LABEL)
        colour = CHOSEN if look.chosen else QColor(theme.TEXT)
        for number, line in enumerate(look.lines):
            at = QPointF(place.left(), place.top() + number * pitch + metrics.ascent())
            lettering.draw(painter, font, at, line, colour)


def label_place(
    lines: Floats,
    size: tuple[float, float],
    area: QRectF,
    taken: Sequence[QRectF] = (),
    dots: Floats | None = None,
) -> QRectF:
    """Return where a label stands best: in sight, on no line, on no other label, near its shape.

    Args:
        lines: of its own shape.
        area: what of the screen there is.
        dots: along the lines of all shapes, its own among them.
    """
    own = dots_on(lines)
    dots = own if dots is None else dots
    box = QRectF(
        QPointF(*lines.min(axis=(0, 1)).tolist()), QPointF(*lines.max(axis=(0, 1)).tolist())
    )
    end = QPointF(*lines[-1, 1].tolist())
    places = _around(box, size, area) + _around(QRectF(end, end), size, area)

    def cost(place: QRectF) -> float:
        wide = place.adjusted(-2, -2, 2, 2)
        overlap = sum(_shared(wide, each) for each in taken)
        inside = 60 if wide.intersects(box) and len(lines) > 2 else 0
        return _covered(wide, dots) * 40 + overlap + inside + _away(place, own)[0] * 0.2

    return min(places, key=cost)


def _away(place: QRectF, dots: Floats) -> tuple[float, Floats, Floats]:
    """Return how far a place is from the nearest of some dots, and where both are nearest."""
    edges = np.clip(dots, (place.left(), place.top()), (place.right(), place.bottom()))
    away = np.hypot(*(dots - edges).T)
    nearest = int(away.argmin())
    return float(away[nearest]), edges[nearest], dots[nearest]


def _covered(place: QRectF, dots: Floats) -> int:
    """Return how many dots lie in a place."""
    x, y = dots.T
    across = (x >= place.left()) & (x <= place.right())
    return int(np.count_nonzero(across & (y >= place.top()) & (y <= place.bottom())))


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


def dots_on(lines: Floats) -> Floats:
    """Return points along lines, `DOT_PX` apart at most unless there would be too many."""
    lengths = np.hypot(*(lines[:, 1] - lines[:, 0]).T)
    step = max(DOT_PX, float(lengths.sum()) / DOTS_MOST)
    counts = np.maximum(2, np.ceil(lengths / step).astype(int) + 1)
    which = np.repeat(np.arange(len(lines)), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    along = (np.arange(len(which)) - first) / (np.repeat(counts, counts) - 1)
    found: Floats = lines[which, 0] + (lines[which, 1] - lines[which, 0]) * along[:, None]
    return found


def _shared(one: QRectF, other: QRectF) -> float:
    both = one.intersected(other)
    return max(0.0, both.width()) * max(0.0, both.height())


def _paint_leader(painter: QPainter, lines: Floats, place: QRectF) -> None:
    """Join a label that had to stand apart with its shape."""
    away, edge, dot = _away(place, dots_on(lines))
    if away < 3 * GAP_PX:
        return
    painter.setPen(QPen(QColor(theme.QUIET_TEXT), 1.0, Qt.PenStyle.DotLine))
    painter.drawLine(QPointF(*edge.tolist()), QPointF(*dot.tolist()))
