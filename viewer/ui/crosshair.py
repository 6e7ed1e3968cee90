"""One point of the person in all pictures of its space: click it in one, see it in the others."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPen

from viewer.dicom.geometry import Plane, Vector
from viewer.ui import theme, view_state
from viewer.ui.cell import Cell
from viewer.ui.grid import Grid
from viewer.ui.image_view import ImageView
from viewer.ui.view_state import Point

GAP_PX, ARM_PX = 6.0, 14.0
OUTLINE_PX, LINE_PX = 3.5, 1.5


class Crosshair(QObject):
    """The point, and whether the left button sets it."""

    changed = Signal()

    def __init__(self, grid: Grid) -> None:
        super().__init__(grid)
        self._grid = grid
        self.is_on = False
        self.point_mm: Vector | None = None
        self.frame_of_reference = ""

    def turn_on(self, on: bool) -> None:
        """Let the left button set the point; or take it away."""
        self.is_on = on
        if not on:
            self.point_mm = None
        self._repaint()

    def set_point(self, cell: Cell, pixel: Point) -> None:
        """Go to a point of the picture in `cell` with all others of its space."""
        plane = cell.plane
        if plane is None or not plane.frame_of_reference:
            cell.flash("The file does not say where in the body this picture lies")
            return
        self.point_mm = plane.to_patient(*pixel)
        self.frame_of_reference = plane.frame_of_reference
        for other in self._grid.in_sight:
            stack = other.stack
            if other is cell or stack is None:
                continue
            depth_mm = stack.depth_of(self.point_mm)
            if stack.frame_of_reference == self.frame_of_reference and depth_mm is not None:
                place = stack.nearest(depth_mm, other.place)
                if place is not None:
                    other.go_along(place)
        self._repaint()

    def _repaint(self) -> None:
        self.changed.emit()
        for cell in self._grid.made:
            cell.image.update()


class CrosshairLayer:
    """The point in one cell."""

    def __init__(self, cell: Cell, crosshair: Crosshair) -> None:
        self._cell, self._crosshair = cell, crosshair
        self._is_held = False

    def found(self) -> tuple[Point, bool] | None:
        """Return the point's pixel, and whether it lies in this very slice."""
        point_mm, plane = self._crosshair.point_mm, self._cell.plane
        if point_mm is None or plane is None:
            return None
        if plane.frame_of_reference != self._crosshair.frame_of_reference:
            return None
        column, row, away_mm = plane.to_image(point_mm)
        if not (-0.5 <= column <= plane.columns - 0.5 and -0.5 <= row <= plane.rows - 0.5):
            return None
        return (column, row), abs(away_mm) <= self._reach_mm(plane)

    def _reach_mm(self, plane: Plane) -> float:
        stack = self._cell.stack
        step_mm = stack.step_mm if stack else 0.0
        return max(step_mm / 2, min(plane.spacing_mm) / 2) * 1.001

    def paint(self, painter: QPainter, image: ImageView) -> None:
        found = self.found()
        if found is None:
            return
        pixel, is_here = found
        x, y = view_state.to_screen(image.view, image.from_pixel(pixel))
        style = Qt.PenStyle.SolidLine if is_here else Qt.PenStyle.DotLine
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pen in (QPen(theme.OUTLINE, OUTLINE_PX), QPen(theme.NOTICE_TEXT, LINE_PX, style)):
            painter.setPen(pen)
            for right, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                painter.drawLine(
                    QPointF(x + right * GAP_PX, y + down * GAP_PX),
                    QPointF(
                        x + right * (GAP_PX + ARM_PX),
                        y + down * (GAP_PX + ARM_PX),
                    ),
                )

    def press(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        if not self._crosshair.is_on or event.button() != Qt.MouseButton.LeftButton:
            return False
        self._is_held = True
        self._crosshair.set_point(self._cell, image.to_pixel(at))
        return True

    def move(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        if self._is_held:
            self._crosshair.set_point(self._cell, image.to_pixel(at))
        return self._is_held

    def release(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        was_held, self._is_held = self._is_held, False
        return was_held

    def leave(self, image: ImageView) -> None:
        """The point stays where it was set."""

    def cursor(self, image: ImageView, at: Point) -> Qt.CursorShape | None:
        return Qt.CursorShape.CrossCursor if self._crosshair.is_on else None
