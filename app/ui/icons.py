"""Our own icons: strokes on a 24 by 24 grid, drawn in the colour of their role."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from app.ui.theme import tokens

GRID = 24.0
STROKE = 1.7


def _lines(*strokes: tuple[tuple[float, float], ...]) -> QPainterPath:
    path = QPainterPath()
    for stroke in strokes:
        path.moveTo(QPointF(*stroke[0]))
        for point in stroke[1:]:
            path.lineTo(QPointF(*point))
    return path


def _scans() -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(3, 4, 18, 16), 2.5, 2.5)
    path.addEllipse(QRectF(8, 7.5, 8, 9))
    path.addPath(_lines(((12, 7.5), (12, 16.5))))
    return path


def _received() -> QPainterPath:
    path = QPainterPath()
    path.moveTo(3, 13.5)
    path.lineTo(3, 18)
    path.quadTo(3, 20, 5, 20)
    path.lineTo(19, 20)
    path.quadTo(21, 20, 21, 18)
    path.lineTo(21, 13.5)
    path.addPath(_lines(((12, 4), (12, 14.5)), ((7.8, 10.5), (12, 14.7), (16.2, 10.5))))
    return path


def _people() -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QRectF(5.5, 4.5, 7, 7))
    path.moveTo(2.5, 20)
    path.cubicTo(2.5, 13, 15.5, 13, 15.5, 20)
    path.moveTo(16, 5)
    path.cubicTo(19.7, 6, 19.7, 10.5, 16, 11.5)
    path.moveTo(18, 14.8)
    path.cubicTo(20.3, 15.6, 21.5, 17.4, 21.5, 20)
    return path


def _activity() -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QRectF(3.5, 3.5, 17, 17))
    path.addPath(_lines(((12, 7.5), (12, 12.3), (15.3, 14.2))))
    return path


def _settings() -> QPainterPath:
    path = QPainterPath()
    for y, x in ((6.5, 15.0), (12.0, 8.0), (17.5, 13.0)):
        path.addPath(_lines(((3, y), (x - 2.2, y)), ((x + 2.2, y), (21, y))))
        path.addEllipse(QPointF(x, y), 2.2, 2.2)
    return path


def _lock() -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(5, 10.5, 14, 10), 2.2, 2.2)
    path.moveTo(8, 10.5)
    path.lineTo(8, 8)
    path.cubicTo(8, 2.6, 16, 2.6, 16, 8)
    path.lineTo(16, 10.5)
    path.addPath(_lines(((12, 14.2), (12, 16.8))))
    return path


def _eye() -> QPainterPath:
    path = QPainterPath()
    path.moveTo(2.5, 12)
    path.cubicTo(6.5, 4.4, 17.5, 4.4, 21.5, 12)
    path.cubicTo(17.5, 19.6, 6.5, 19.6, 2.5, 12)
    path.addEllipse(QPointF(12, 12), 2.9, 2.9)
    return path


def _link() -> QPainterPath:
    path = QPainterPath()
    path.moveTo(10, 7.5)
    path.lineTo(12.4, 5.1)
    path.cubicTo(15.8, 1.9, 22, 8, 18.9, 11.6)
    path.lineTo(16.5, 14)
    path.moveTo(14, 16.5)
    path.lineTo(11.6, 18.9)
    path.cubicTo(8.2, 22.1, 2, 16, 5.1, 12.4)
    path.lineTo(7.5, 10)
    path.addPath(_lines(((9.3, 14.7), (14.7, 9.3))))
    return path


def _copies() -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(3.5, 3.5, 12, 12), 2, 2)
    path.addPath(_lines(((19, 8.5), (20.5, 8.5), (20.5, 20.5), (8.5, 20.5), (8.5, 19))))
    return path


def _check() -> QPainterPath:
    return _lines(((4.5, 12.8), (9.7, 18), (19.5, 6.8)))


def _warn() -> QPainterPath:
    path = _lines(((12, 3.5), (21.5, 20), (2.5, 20), (12, 3.5)), ((12, 9.8), (12, 14)))
    path.addEllipse(QPointF(12, 17), 0.3, 0.3)
    return path


def _person() -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QRectF(8, 4, 8, 8))
    path.moveTo(4.5, 20.5)
    path.cubicTo(4.5, 13, 19.5, 13, 19.5, 20.5)
    return path


def _disc() -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(12, 12), 8.7, 8.7)
    path.addEllipse(QPointF(12, 12), 2.4, 2.4)
    return path


def _computer() -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(3, 4.5, 18, 11.5), 2, 2)
    path.addPath(_lines(((8, 20), (16, 20)), ((12, 16), (12, 20))))
    return path


SHAPES: dict[str, Callable[[], QPainterPath]] = {
    "scans": _scans,
    "received": _received,
    "people": _people,
    "activity": _activity,
    "settings": _settings,
    "lock": _lock,
    "eye": _eye,
    "link": _link,
    "copies": _copies,
    "check": _check,
    "warn": _warn,
    "person": _person,
    "disc": _disc,
    "computer": _computer,
    "clock": _activity,
    "add": lambda: _lines(((12, 5), (12, 19)), ((5, 12), (19, 12))),
    "back": lambda: _lines(((14.5, 5), (7.5, 12), (14.5, 19))),
    "close": lambda: _lines(((6, 6), (18, 18)), ((18, 6), (6, 18))),
    "down": lambda: _lines(((6, 9.5), (12, 15.5), (18, 9.5))),
}


def draw(painter: QPainter, name: str, box: QRectF, colour: QColor) -> None:
    """Stroke the icon `name` into `box`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    painter.scale(box.width() / GRID, box.height() / GRID)
    pen = QPen(colour, STROKE * (GRID / box.width()) ** 0.35)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(SHAPES[name]())
    painter.restore()


class _Engine(QIconEngine):
    """Draws an icon in the colour that its role has when it is painted."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self._name = name
        self._role = role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        role = "quiet" if mode is QIcon.Mode.Disabled else self._role
        side = float(rect.height())  # what is wider than high is the gap before the text
        box = QRectF(rect.x(), rect.y(), side, side)
        draw(painter, self._name, box, QColor(getattr(tokens(), role)))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        with QPainter(picture) as painter:
            self.paint(painter, picture.rect(), mode, state)
        return picture

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._role)


def icon(name: str, role: str = "text") -> QIcon:
    """Return an icon for a button; it follows the scheme."""
    return QIcon(_Engine(name, role))


class Glyph(QWidget):
    """An icon that stands in a layout. It says nothing alone: words stand beside it."""

    def __init__(self, name: str, role: str = "text", side_px: int = 20) -> None:
        super().__init__()
        self._name = name
        self._role = role
        self.setFixedSize(side_px, side_px)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_as(self, name: str, role: str) -> None:
        self._name, self._role = name, role
        self.update()

    def paintEvent(self, _event: object) -> None:
        with QPainter(self) as painter:
            colour = QColor(getattr(tokens(), self._role))
            draw(painter, self._name, QRectF(self.rect()), colour)
