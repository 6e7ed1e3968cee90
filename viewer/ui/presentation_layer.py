"""A presentation state on the screen: its turn and part of the picture, its shutters and drawings.

Source: PS3.3 C.10.4, C.10.5, C.10.6, C.7.6.11.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QTransform,
)

from viewer.dicom.presentation import Area, Graphic, PresentationState, Shutter, Words
from viewer.ui import theme, view_state
from viewer.ui.image_view import ImageView
from viewer.ui.layer import OnlyDrawn
from viewer.ui.view_state import Point, ViewState

LINE_PX, HALO_PX = 1.6, 4.0
POINT_PX = 4.0
WORDS_PX = 14
HALO = QColor(0, 0, 0, 170)
PLAIN = QColor(theme.NOTICE)
BEHIND_WORDS = QColor(0, 0, 0, 120)
FITS = 1e-3  # of a picture


def seen(
    view: ViewState,
    state: PresentationState,
    sop_uid: str,
    frame: int,
    *,
    aspect: float = 1.0,
    true_zoom: float | None = None,
) -> ViewState:
    """Return a view turned, and of the part, as a state has it.

    Args:
        view: of the picture that is shown.
        aspect: height of a pixel over its width.
        true_zoom: screen px an image unit at true size, if known.
    """
    view = replace(
        view, rotation=state.rotation, flipped=state.flipped, window=None, inverted=False
    )
    area = state.area(sop_uid, frame)
    if area is None or _is_whole(area, view, aspect):
        return view_state.fit(view)
    left, right = area.left, area.right
    top, bottom = area.top * aspect, area.bottom * aspect
    width, height = max(right - left, 1e-6), max(bottom - top, 1e-6)
    across, down = (height, width) if state.rotation % 180 else (width, height)
    zoom = min(view.viewport[0] / across, view.viewport[1] / down)
    if area.mode == "MAGNIFY" and area.magnification:
        zoom = area.magnification
    elif area.mode == "TRUE SIZE" and true_zoom:
        zoom = true_zoom
    return view_state.seen_at(view, zoom, ((left + right) / 2, (top + bottom) / 2))


def _is_whole(area: Area, view: ViewState, aspect: float) -> bool:
    width, height = view.image
    edges = (area.left, area.top * aspect, area.right - width, area.bottom * aspect - height)
    return area.mode == "SCALE TO FIT" and all(
        abs(each) <= FITS * max(width, height) for each in edges
    )


class PresentationLayer(OnlyDrawn):
    """What a state lays over one frame; it is not taken hold of."""

    def __init__(self, state: PresentationState, sop_uid: str, frame: int) -> None:
        self.state = state
        self._sop_uid, self._frame = sop_uid, frame
        self._drawn = state.drawn(sop_uid, frame)

    def paint(self, painter: QPainter, image: ImageView) -> None:
        """Draw the shutters, then the layers in their order."""
        drawable = image.drawable
        if drawable is None:
            return
        aspect = drawable.pixels.aspect
        pixel = _to_screen(image.view, aspect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_shutters(painter, pixel, aspect, drawable.columns, drawable.rows)
        size = (float(drawable.columns), float(drawable.rows))
        places = {"PIXEL": pixel, "DISPLAY": self._display(pixel, size)}
        for layer, annotation in self._drawn:
            colour = QColor(*layer.colour) if layer.colour else PLAIN
            for graphic in annotation.graphics:
                _paint_graphic(painter, graphic, places[graphic.units], colour, aspect)
            for words in annotation.words:
                _paint_words(painter, words, places, colour)

    def _paint_shutters(
        self, painter: QPainter, pixel: QTransform, aspect: float, columns: int, rows: int
    ) -> None:
        if not self.state.shutters:
            return
        left = QPainterPath()
        left.addRect(0, 0, columns, rows)
        whole = QPainterPath(left)
        for shutter in self.state.shutters:
            left = left.intersected(_opening(shutter, aspect))
        grey = self.state.shutter_grey
        painter.fillPath(pixel.map(whole.subtracted(left)), QColor(grey, grey, grey))

    def _display(self, pixel: QTransform, size: Point) -> QTransform:
        """Return the way from parts of the area in sight to the screen."""
        area = self.state.area(self._sop_uid, self._frame)
        part = QRectF(0, 0, *size)
        if area is not None:
            part = QRectF(QPointF(area.left, area.top), QPointF(area.right, area.bottom))
        on_screen = pixel.mapRect(part)
        found = QTransform.fromTranslate(on_screen.left(), on_screen.top())
        return found.scale(on_screen.width(), on_screen.height())


def _to_screen(view: ViewState, aspect: float) -> QTransform:
    """Return the way from pixels, from the corner of the first one, to the screen."""
    x0, y0 = view_state.to_screen(view, (0.0, 0.0))
    x1, y1 = view_state.to_screen(view, (1.0, 0.0))
    x2, y2 = view_state.to_screen(view, (0.0, aspect))
    return QTransform(x1 - x0, y1 - y0, x2 - x0, y2 - y0, x0, y0)


def _opening(shutter: Shutter, aspect: float) -> QPainterPath:
    """Return what stays in sight; edges and vertices are pixels, which count from 1."""
    path, numbers = QPainterPath(), shutter.numbers
    if shutter.shape == "RECTANGULAR":
        left, upper, right, lower = numbers
        path.addRect(QRectF(QPointF(left - 1, upper - 1), QPointF(right, lower)).normalized())
    elif shutter.shape == "CIRCULAR":
        centre = QPointF(numbers[0] - 0.5, numbers[1] - 0.5)
        path.addEllipse(centre, numbers[2], numbers[2] / aspect)
    else:
        path.addPolygon([each - QPointF(0.5, 0.5) for each in _points(numbers)])
        path.closeSubpath()
    return path


def _points(numbers: Sequence[float]) -> list[QPointF]:
    return [QPointF(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=False)]


def _paint_graphic(
    painter: QPainter, graphic: Graphic, place: QTransform, colour: QColor, aspect: float
) -> None:
    points = _points(graphic.points)
    if graphic.kind == "POINT":
        path = QPainterPath()
        for each in points:
            path.addEllipse(place.map(each), POINT_PX, POINT_PX)
    else:
        # A circle is round on the screen, whatever the shape of pixels.
        ratio = aspect if graphic.units == "PIXEL" else 1.0
        path = place.map(outline(graphic.kind, points, ratio))
    is_filled = graphic.filled and graphic.kind != "POINT"
    for width, pen in ((HALO_PX, HALO), (LINE_PX, colour)):
        painter.setPen(QPen(pen, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.setBrush(colour if is_filled else Qt.BrushStyle.NoBrush)
        painter.drawPath(path)


def outline(kind: str, points: Sequence[QPointF], ratio: float = 1.0) -> QPainterPath:
    """Return a drawing in its own units. Source: PS3.3 C.10.5.2.

    Args:
        ratio: how much higher than wide a unit is.
    """
    path = QPainterPath(points[0])
    if kind == "CIRCLE" and len(points) > 1:
        step = points[1] - points[0]
        radius = math.hypot(step.x(), step.y() * ratio)
        path = QPainterPath()
        path.addEllipse(points[0], radius, radius / ratio)
    elif kind == "ELLIPSE" and len(points) > 3:
        path = _ellipse(points)
    elif kind == "INTERPOLATED" and len(points) > 2:
        _curve(path, points)
    else:
        for each in points[1:]:
            path.lineTo(each)
    return path


def _ellipse(points: Sequence[QPointF]) -> QPainterPath:
    """Return the ellipse of the ends of its longer and of its shorter axis."""
    middle = (points[0] + points[1]) / 2
    longer, shorter = (points[1] - points[0]) / 2, (points[3] - points[2]) / 2
    path = QPainterPath()
    path.addEllipse(QPointF(0, 0), 1, 1)
    way = QTransform(longer.x(), longer.y(), shorter.x(), shorter.y(), middle.x(), middle.y())
    return way.map(path)


def _curve(path: QPainterPath, points: Sequence[QPointF]) -> None:
    """Go on through all points, smoothly; around, if the last is the first."""
    is_closed = points[0] == points[-1]
    before = points[-2] if is_closed else points[0]
    after = points[1] if is_closed else points[-1]
    all_points = [before, *points, after]
    for a, b, c, d in zip(all_points, all_points[1:], all_points[2:], all_points[3:], strict=False):
        path.cubicTo(b + (c - a) / 6, c - (d - b) / 6, c)


def _paint_words(
    painter: QPainter, words: Words, places: dict[str, QTransform], colour: QColor
) -> None:
    font = theme.text_font(WORDS_PX)
    metrics = QFontMetricsF(font)
    needed = metrics.boundingRect(
        QRectF(0, 0, 4000, 4000), int(Qt.AlignmentFlag.AlignLeft), words.text
    )
    anchor = None
    if words.anchor:
        anchor = places[words.anchor_units].map(QPointF(*words.anchor))
    if words.box:
        corners = _points(words.box)
        box = places[words.box_units].mapRect(QRectF(*corners).normalized())
        place = QRectF(box)
        place.setSize(needed.size().expandedTo(box.size()))
    elif anchor is not None:
        place = needed.translated(anchor - needed.topLeft() + QPointF(8, 8))
    else:
        return
    if anchor is not None and words.anchor_visible:
        _paint_leader(painter, place, anchor, colour)
    painter.setFont(font)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(BEHIND_WORDS)
    painter.drawRoundedRect(place.adjusted(-4, -2, 4, 2), 4, 4)
    painter.setPen(colour)
    sides = {"LEFT": "AlignLeft", "CENTER": "AlignHCenter", "RIGHT": "AlignRight"}
    flags = Qt.AlignmentFlag[sides[words.justification]] | Qt.AlignmentFlag.AlignTop
    painter.drawText(place, int(flags), words.text)


def _paint_leader(painter: QPainter, place: QRectF, anchor: QPointF, colour: QColor) -> None:
    nearest = QPointF(
        min(max(anchor.x(), place.left()), place.right()),
        min(max(anchor.y(), place.top()), place.bottom()),
    )
    for width, pen in ((HALO_PX, HALO), (LINE_PX, colour)):
        painter.setPen(QPen(pen, width))
        painter.drawLine(nearest, anchor)
