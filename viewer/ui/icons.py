"""Icons as strokes on a square of 24, so that they are sharp at any size and need no files."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from viewer.ui import theme

STROKE = 1.75
SCALES = (1, 2, 3)
Lines = tuple[tuple[float, ...], ...]  # each x, y, x, y, ...


def icon(name: str) -> QIcon:
    """Return the icon for a tool, plain, chosen and disabled."""
    found = QIcon()
    for mode, state, colour in (
        (QIcon.Mode.Normal, QIcon.State.Off, theme.TEXT),
        (QIcon.Mode.Normal, QIcon.State.On, theme.ACCENT),
        (QIcon.Mode.Disabled, QIcon.State.Off, theme.DISABLED_TEXT),
    ):
        for scale in SCALES:
            found.addPixmap(_pixmap(name, scale, QColor(colour)), mode, state)
    return found


def draw(painter: QPainter, name: str, colour: QColor) -> None:
    """Draw an icon on the square from 0 to 24 of `painter`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(colour, STROKE)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    DRAWINGS[name](painter, colour)


def _pixmap(name: str, scale: int, colour: QColor) -> QPixmap:
    pixmap = QPixmap(QSize(24, 24) * scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.scale(scale, scale)
        draw(painter, name, colour)
    pixmap.setDevicePixelRatio(scale)
    return pixmap


def _strokes(lines: Lines) -> Callable[[QPainter, QColor], None]:
    def draw(painter: QPainter, colour: QColor) -> None:
        del colour
        for line in lines:
            points = [QPointF(*line[i : i + 2]) for i in range(0, len(line), 2)]
            painter.drawPolyline(points)

    return draw


def _brightness(painter: QPainter, colour: QColor) -> None:
    circle = QRectF(4, 4, 16, 16)
    painter.drawEllipse(circle)
    filled = QPainterPath(QPointF(12, 12))
    filled.arcTo(circle, 90, -180)
    painter.fillPath(filled, colour)


def _zoom(painter: QPainter, colour: QColor) -> None:
    painter.drawEllipse(QRectF(4, 4, 12, 12))
    _strokes(((14.5, 14.5, 20, 20), (7.5, 10, 12.5, 10), (10, 7.5, 10, 12.5)))(painter, colour)


def _invert(painter: QPainter, colour: QColor) -> None:
    painter.drawRoundedRect(QRectF(4, 4, 16, 16), 2, 2)
    filled = QPainterPath(QPointF(4, 20))
    filled.lineTo(20, 4)
    filled.lineTo(20, 20)
    filled.closeSubpath()
    painter.fillPath(filled, colour)


def _reset(painter: QPainter, colour: QColor) -> None:
    painter.drawArc(QRectF(4.5, 4.5, 15, 15), 120 * 16, -300 * 16)
    _strokes(((8, 2.5, 8.3, 6, 11.5, 5.6),))(painter, colour)


def _play(painter: QPainter, colour: QColor) -> None:
    shape = QPainterPath(QPointF(7, 5))
    shape.lineTo(19, 12)
    shape.lineTo(7, 19)
    shape.closeSubpath()
    painter.fillPath(shape, colour)
    painter.drawPath(shape)


def _presets(painter: QPainter, colour: QColor) -> None:
    _strokes(((4, 7, 20, 7), (4, 12, 20, 12), (4, 17, 20, 17)))(painter, colour)
    for x, y in ((9, 7), (15, 12), (8, 17)):
        spot = QPainterPath()
        spot.addEllipse(QPointF(x, y), 2.4, 2.4)
        painter.fillPath(spot, colour)


def _loupe(painter: QPainter, colour: QColor) -> None:
    del colour
    painter.drawEllipse(QRectF(3.5, 3.5, 14, 14))
    painter.drawEllipse(QRectF(7.5, 7.5, 6, 6))
    painter.drawLine(QPointF(15.5, 15.5), QPointF(20.5, 20.5))


def _part(painter: QPainter, colour: QColor) -> None:
    for x, y in ((4, 4), (20, 4), (4, 20), (20, 20)):
        across, down = (4 if x < 12 else -4), (4 if y < 12 else -4)
        painter.drawPolyline([QPointF(x + across, y), QPointF(x, y), QPointF(x, y + down)])
    circle = QRectF(8.5, 8.5, 7, 7)
    painter.drawEllipse(circle)
    filled = QPainterPath(QPointF(12, 12))
    filled.arcTo(circle, 90, -180)
    painter.fillPath(filled, colour)


def _turn(painter: QPainter, colour: QColor) -> None:
    del colour
    painter.drawRoundedRect(QRectF(4, 10, 11, 10), 1.5, 1.5)
    painter.drawArc(QRectF(9, 3.5, 11, 12), 0, 110 * 16)
    _strokes(((17, 8, 20, 11, 22.5, 7.8),))(painter, QColor())


def _flip(painter: QPainter, colour: QColor) -> None:
    left = QPainterPath(QPointF(9.5, 6))
    left.lineTo(9.5, 18)
    left.lineTo(3, 18)
    left.closeSubpath()
    right = QPainterPath(QPointF(14.5, 6))
    right.lineTo(14.5, 18)
    right.lineTo(21, 18)
    right.closeSubpath()
    painter.drawPath(left)
    painter.fillPath(right, colour)
    painter.drawPath(right)
    _strokes(((12, 3, 12, 6), (12, 10.5, 12, 13.5), (12, 18, 12, 21)))(painter, colour)


def _keys(painter: QPainter, colour: QColor) -> None:
    painter.drawRoundedRect(QRectF(2.5, 6, 19, 12.5), 2, 2)
    for x, y in ((6.5, 9.8), (10.2, 9.8), (13.8, 9.8), (17.5, 9.8)):
        spot = QPainterPath()
        spot.addEllipse(QPointF(x, y), 1.0, 1.0)
        painter.fillPath(spot, colour)
    painter.drawLine(QPointF(8, 14.8), QPointF(16, 14.8))


def _speed(painter: QPainter, colour: QColor) -> None:
    painter.drawArc(QRectF(3.5, 5, 17, 17), -20 * 16, 220 * 16)
    painter.drawLine(QPointF(12, 13.5), QPointF(16.5, 9))
    spot = QPainterPath()
    spot.addEllipse(QPointF(12, 13.5), 1.8, 1.8)
    painter.fillPath(spot, colour)


def _hide(painter: QPainter, colour: QColor) -> None:
    eye = QPainterPath(QPointF(2.5, 12))
    eye.quadTo(12, 1.5, 21.5, 12)
    eye.quadTo(12, 22.5, 2.5, 12)
    painter.drawPath(eye)
    painter.drawEllipse(QPointF(12, 12), 2.8, 2.8)
    _strokes(((4.5, 20, 19.5, 4),))(painter, colour)


def _cobb(painter: QPainter, colour: QColor) -> None:
    _strokes(((4, 9, 19, 4.5), (4, 16, 19, 20)))(painter, colour)
    painter.drawArc(QRectF(2, 6.5, 12, 12), -38 * 16, 76 * 16)


def _ellipse(painter: QPainter, colour: QColor) -> None:
    del colour
    painter.drawEllipse(QRectF(3, 6, 18, 12))


def _freehand(painter: QPainter, colour: QColor) -> None:
    del colour
    line = QPainterPath(QPointF(7, 6))
    line.cubicTo(15, 0, 23, 9, 18, 13)
    line.cubicTo(14, 16, 20, 20, 12, 20.5)
    line.cubicTo(1, 21, 2, 10, 7, 6)
    painter.drawPath(line)


def _probe(painter: QPainter, colour: QColor) -> None:
    lines = ((12, 3, 12, 9), (12, 15, 12, 21), (3, 12, 9, 12), (15, 12, 21, 12))
    _strokes(lines)(painter, colour)
    spot = QPainterPath()
    spot.addEllipse(QPointF(12, 12), 1.4, 1.4)
    painter.fillPath(spot, colour)


def _undo(painter: QPainter, colour: QColor) -> None:
    painter.drawArc(QRectF(5, 7, 15, 12), -90 * 16, 180 * 16)
    _strokes(((12.5, 7, 5, 7), (8, 3.5, 4.5, 7, 8, 10.5), (12.5, 19, 8, 19)))(painter, colour)


def _star(painter: QPainter, at: QPointF, size: float) -> None:
    turns = [math.radians(-90 + 36 * n) for n in range(10)]
    reach = [size if n % 2 == 0 else 0.42 * size for n in range(10)]
    points = zip(turns, reach, strict=True)
    painter.drawPolygon(
        [at + QPointF(r * math.cos(turn), r * math.sin(turn)) for turn, r in points]
    )


def _marked(painter: QPainter, colour: QColor) -> None:
    _star(painter, QPointF(8, 8.5), 5.5)
    _strokes(((16, 6, 21, 6), (16, 12, 21, 12), (4, 18, 21, 18)))(painter, colour)


def _letters(painter: QPainter, colour: QColor) -> None:
    painter.drawRoundedRect(QRectF(3, 3, 18, 18), 2, 2)
    _strokes(((7.5, 17, 12, 6.5, 16.5, 17), (9.3, 13.2, 14.7, 13.2)))(painter, colour)


DRAWINGS: dict[str, Callable[[QPainter, QColor], None]] = {
    "cobb": _cobb,
    "ellipse": _ellipse,
    "freehand": _freehand,
    "probe": _probe,
    "undo": _undo,
    "length": _strokes(((4, 20, 20, 4), (2, 16, 8, 22), (16, 2, 22, 8))),
    "angle": _strokes(((19, 5, 4, 19, 21, 19), (12, 11.8, 14.2, 15, 14.5, 19))),
    "box": _strokes(((4, 6, 20, 6, 20, 18, 4, 18, 4, 6),)),
    "outline": _strokes(((5, 8, 13, 3.5, 20.5, 11, 16, 20, 6, 18, 5, 8),)),
    "mark": _strokes(
        (
            (
                12,
                3,
                14.6,
                9,
                21,
                9.6,
                16.2,
                13.9,
                17.6,
                20.3,
                12,
                17,
                6.4,
                20.3,
                7.8,
                13.9,
                3,
                9.6,
                9.4,
                9,
                12,
                3,
            ),
        )
    ),
    "window": _brightness,
    "zoom": _zoom,
    "invert": _invert,
    "reset": _reset,
    "play": _play,
    "presets": _presets,
    "hide": _hide,
    "save": _strokes(
        ((4, 15, 4, 20, 20, 20, 20, 15), (12, 4, 12, 15), (7.5, 10.5, 12, 15, 16.5, 10.5))
    ),
    "loupe": _loupe,
    "part": _part,
    "turn_right": _turn,
    "flip_sideways": _flip,
    "keys": _keys,
    "speed": _speed,
    "marked": _marked,
    "letters": _letters,
    "compare": _strokes(
        (
            (3, 5, 10, 5, 10, 19, 3, 19, 3, 5),
            (14, 5, 21, 5, 21, 19, 14, 19, 14, 5),
            (5, 12, 8, 12),
            (16, 12, 19, 12),
        )
    ),
    "one_to_one": _strokes(
        (
            (3.5, 8, 6, 6.5, 6, 17.5),
            (16.5, 8, 19, 6.5, 19, 17.5),
            (12, 9.5, 12, 9.6),
            (12, 14.5, 12, 14.6),
        )
    ),
    "true_size": _strokes(
        (
            (2.5, 8.5, 21.5, 8.5, 21.5, 16.5, 2.5, 16.5, 2.5, 8.5),
            (6.5, 8.5, 6.5, 11.5),
            (10.2, 8.5, 10.2, 13),
            (13.8, 8.5, 13.8, 11.5),
            (17.5, 8.5, 17.5, 13),
        )
    ),
    "layout": _strokes(((4, 5, 20, 5, 20, 19, 4, 19, 4, 5), (12, 5, 12, 19), (4, 12, 20, 12))),
    "pause": _strokes(((8, 5, 8, 19), (16, 5, 16, 19))),
    "pan": _strokes(
        (
            (12, 3, 12, 21),
            (3, 12, 21, 12),
            (9.5, 5.5, 12, 3, 14.5, 5.5),
            (9.5, 18.5, 12, 21, 14.5, 18.5),
            (5.5, 9.5, 3, 12, 5.5, 14.5),
            (18.5, 9.5, 21, 12, 18.5, 14.5),
        )
    ),
    "scroll": _strokes(
        (
            (4, 15.5, 12, 20, 20, 15.5),
            (4, 11.5, 12, 16, 20, 11.5),
            (12, 3.5, 20, 7.7, 12, 12, 4, 7.7, 12, 3.5),
        )
    ),
    "sides": _strokes(
        (
            (4, 8, 12, 4, 20, 8, 12, 12, 4, 8),
            (4, 8, 4, 16, 12, 20, 20, 16, 20, 8),
            (12, 12, 12, 20),
        )
    ),
    "document": _strokes(
        (
            (6, 3, 14, 3, 18, 7, 18, 21, 6, 21, 6, 3),
            (14, 3, 14, 7, 18, 7),
            (9, 12, 15, 12),
            (9, 16, 15, 16),
        )
    ),
    "fit": _strokes(
        (
            (4, 9, 4, 4, 9, 4),
            (15, 4, 20, 4, 20, 9),
            (20, 15, 20, 20, 15, 20),
            (9, 20, 4, 20, 4, 15),
        )
    ),
}
