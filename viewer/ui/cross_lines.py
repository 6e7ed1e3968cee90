"""The lines in which two pictures of a volume cut a third, to be moved and turned by hand.

The point where they cross moves all; a line moves its own picture; a ring at a line's end turns
both. Each line has its picture's colour and name.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPen

from viewer.dicom.geometry import Plane, Vector, cross, dot, minus
from viewer.render.aim import Aim, View
from viewer.ui import overlay, theme, view_state
from viewer.ui.image_view import ImageView
from viewer.ui.view_state import Point

COLOURS = {View.AXIAL: theme.AXIAL, View.CORONAL: theme.CORONAL, View.SAGITTAL: theme.SAGITTAL}
LINE_PX, OUTLINE_PX = 1.25, 3.0
GAP_PX = 14.0  # left free around the point
RING_PX = 5.0
RING_AT = 0.62  # of the way to the nearest edge
NEAR_POINT_PX, NEAR_RING_PX, NEAR_LINE_PX = 14.0, 12.0, 6.0
NAME_PX = 12.0  # from a ring


class _Part(enum.Enum):
    POINT = "point"
    LINE = "line"
    RING = "ring"


@dataclass(frozen=True, slots=True)
class _Hold:
    """What the pointer has taken hold of."""

    part: _Part
    view: View | None  # whose line
    last: Point  # screen px


@dataclass(frozen=True, slots=True)
class Line:
    """Where another picture cuts this one, screen px."""

    view: View
    point: Point
    way: Point  # a unit vector


class CrossLines(QObject):
    """A layer over one of the three pictures."""

    moved = Signal(object)  # Aim
    let_go = Signal()

    def __init__(self, view: View, aim: Callable[[], Aim | None], parent: QObject) -> None:
        super().__init__(parent)
        self._view, self._aim = view, aim
        self.plane: Plane | None = None  # of the picture that is shown
        self.shown = True
        self.is_everywhere = False  # a press anywhere moves the point
        self._hold: _Hold | None = None
        self._lettering = overlay.Lettering()

    # -- where they are -----------------------------------------------------------------------

    def point(self, image: ImageView) -> Point | None:
        """Return where on the screen the three pictures cross."""
        aim, plane = self._aim(), self.plane
        return None if aim is None or plane is None else on_screen(image, plane, aim.point_mm)

    def lines(self, image: ImageView) -> tuple[Line, ...]:
        """Return the lines of the other two pictures."""
        aim, plane, at = self._aim(), self.plane, self.point(image)
        if aim is None or plane is None or at is None:
            return ()
        found = []
        for other in (each for each in View if each is not self._view):
            way = cross(plane.normal, aim.facing[other].normal)
            x, y, z = (p + 10 * w for p, w in zip(aim.point_mm, way, strict=True))
            end = on_screen(image, plane, (x, y, z))
            length = math.hypot(end[0] - at[0], end[1] - at[1])
            if length > 0:
                unit = (end[0] - at[0]) / length, (end[1] - at[1]) / length
                found.append(Line(other, at, unit))
        return tuple(found)

    def rings(self, image: ImageView, line: Line) -> tuple[Point, Point]:
        """Return where a line can be turned by."""
        reach = RING_AT * min(image.width(), image.height()) / 2
        x, y = line.point
        return (
            (x + line.way[0] * reach, y + line.way[1] * reach),
            (x - line.way[0] * reach, y - line.way[1] * reach),
        )

    # -- drawing ------------------------------------------------------------------------------

    def paint(self, painter: QPainter, image: ImageView) -> None:
        if not self.shown:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        reach = float(image.width() + image.height())
        for line in self.lines(image):
            for sign in (1, -1):
                ends = [
                    QPointF(
                        line.point[0] + sign * far * line.way[0],
                        line.point[1] + sign * far * line.way[1],
                    )
                    for far in (GAP_PX, reach)
                ]
                for pen in _pens(COLOURS[line.view]):
                    painter.setPen(pen)
                    painter.drawLine(*ends)
            for ring in self.rings(image, line):
                painter.setBrush(theme.AROUND_PICTURES)
                for pen in _pens(COLOURS[line.view]):
                    painter.setPen(pen)
                    painter.drawEllipse(QPointF(*ring), RING_PX, RING_PX)
            self._name(painter, image, line)

    def _name(self, painter: QPainter, image: ImageView, line: Line) -> None:
        """Say whose line it is, beside the ring that lies higher, or further to the left."""
        font = theme.text_font(theme.CORNER_TEXT_PX, QFont.Weight.Medium)
        is_flat = abs(line.way[0]) > abs(line.way[1])
        x, y = min(self.rings(image, line), key=lambda ring: ring if is_flat else ring[::-1])
        away = QPointF(-NAME_PX / 3, -NAME_PX) if is_flat else QPointF(NAME_PX, NAME_PX / 3)
        at = QPointF(x, y) + away
        self._lettering.draw(painter, font, at, line.view.value, COLOURS[line.view])

    # -- the pointer --------------------------------------------------------------------------

    def press(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        if not self.shown or event.button() != Qt.MouseButton.LeftButton:
            return False
        screen = view_state.to_screen(image.view, at)
        jumps = self.is_everywhere or event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self._hold = self._found(image, screen)
        if self._hold is None and jumps:
            self._hold = _Hold(_Part.POINT, None, screen)
            self._follow(image, at, screen)
        return self._hold is not None

    def move(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        if self._hold is None:
            return False
        screen = view_state.to_screen(image.view, at)
        self._follow(image, at, screen)
        self._hold = _Hold(self._hold.part, self._hold.view, screen)
        return True

    def release(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        was_held, self._hold = self._hold is not None, None
        if was_held:
            self.let_go.emit()
        return was_held

    def leave(self, image: ImageView) -> None:
        """Nothing follows the pointer here."""

    def cursor(self, image: ImageView, at: Point) -> Qt.CursorShape | None:
        hold = self._hold or self._found(image, view_state.to_screen(image.view, at))
        if not self.shown or (hold is None and not self.is_everywhere):
            return None
        if hold is None or hold.part is _Part.POINT:
            return Qt.CursorShape.CrossCursor
        if hold.part is _Part.RING:
            return Qt.CursorShape.PointingHandCursor
        line = next((each for each in self.lines(image) if each.view is hold.view), None)
        is_flat = line is not None and abs(line.way[0]) > abs(line.way[1])
        return Qt.CursorShape.SplitVCursor if is_flat else Qt.CursorShape.SplitHCursor

    def _found(self, image: ImageView, screen: Point) -> _Hold | None:
        """Return what lies under a place of the screen."""
        lines = self.lines(image)
        if lines and _far(lines[0].point, screen) <= NEAR_POINT_PX:
            return _Hold(_Part.POINT, None, screen)
        for line in lines:
            if any(_far(ring, screen) <= NEAR_RING_PX for ring in self.rings(image, line)):
                return _Hold(_Part.RING, line.view, screen)
        for line in lines:
            step = screen[0] - line.point[0], screen[1] - line.point[1]
            if abs(step[0] * line.way[1] - step[1] * line.way[0]) <= NEAR_LINE_PX:
                return _Hold(_Part.LINE, line.view, screen)
        return None

    def _follow(self, image: ImageView, at: Point, screen: Point) -> None:
        """Do with the pointer's movement what was taken hold of is for."""
        aim, plane, hold = self._aim(), self.plane, self._hold
        if aim is None or plane is None or hold is None:
            return
        here = plane.to_patient(*image.to_pixel(at))
        if hold.part is _Part.RING:
            before = plane.to_patient(*image.to_pixel(view_state.to_image(image.view, hold.last)))
            angle = _angle(minus(before, aim.point_mm), minus(here, aim.point_mm), plane.normal)
            self.moved.emit(aim.turned(self._view, angle))
        elif hold.view is None:
            self.moved.emit(aim.moved(here))
        else:
            normal = aim.facing[hold.view].normal
            away = dot(minus(here, aim.point_mm), normal)
            x, y, z = (p + away * n for p, n in zip(aim.point_mm, normal, strict=True))
            self.moved.emit(aim.moved((x, y, z)))


def on_screen(image: ImageView, plane: Plane, point_mm: Vector) -> Point:
    """Return where on the screen the foot of a point lies."""
    column, row, _ = plane.to_image(point_mm)
    return view_state.to_screen(image.view, image.from_pixel((column, row)))


def _angle(before: Vector, after: Vector, about: Vector) -> float:
    """Return the angle from one way to another in the plane at a right angle to `about`."""
    return math.atan2(dot(about, cross(before, after)), dot(before, after))


def _far(a: Point, b: Point) -> float:
    return math.hypot(a[0] - b[0], a[1] - b[1])


def _pens(colour: QColor) -> tuple[QPen, QPen]:
    return QPen(theme.OUTLINE, OUTLINE_PX), QPen(colour, LINE_PX)
