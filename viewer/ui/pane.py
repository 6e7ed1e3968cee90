"""One of the pictures that are cut from a volume: it stays where it is while its shape changes."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from viewer.dicom.geometry import Plane, Vector
from viewer.render.aim import View
from viewer.render.pyramid import Drawable
from viewer.ui import view_state
from viewer.ui.cross_lines import COLOURS, on_screen
from viewer.ui.cutter import Cut
from viewer.ui.image_view import WHEEL_STEP, ImageView

EDGE_PX, CHOSEN_EDGE_PX = 2, 5


class Pane(ImageView):
    """One of the three pictures."""

    touched = Signal()  # a person turned to it
    thickened = Signal(int)  # by so many steps

    def __init__(self, view: View, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.side = view
        self.cut: Cut | None = None  # what is shown
        self.is_chosen = view is View.AXIAL  # tools and keys act on it
        self.setAccessibleName(f"{view.value} picture")

    def show_cut(self, cut: Cut, drawable: Drawable, point_mm: Vector) -> None:
        """Show a picture; if it has another shape, a point stays where it is and its size too."""
        before, self.cut = self.cut, cut
        if before is not None and not _is_alike(before.plane, cut.plane):
            at = on_screen(self, before.plane, point_mm)
            size = (float(drawable.columns), drawable.rows * drawable.pixels.aspect)
            zoom = self.view.zoom * cut.plane.spacing_mm[1] / before.plane.spacing_mm[1]
            seen = replace(self.view, image=size, zoom=zoom, fits=False)
            column, row, _ = cut.plane.to_image(point_mm)
            point = column + 0.5, (row + 0.5) * drawable.pixels.aspect
            seen = view_state.seen_at(seen, zoom, point)
            middle = seen.viewport[0] / 2, seen.viewport[1] / 2
            self.set_view(view_state.panned(seen, (at[0] - middle[0], at[1] - middle[1])))
        self.show_drawable(drawable)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            delta = event.angleDelta().y() or event.angleDelta().x()
            self.thickened.emit(round(delta / WHEEL_STEP) or (1 if delta > 0 else -1))
            event.accept()
        else:
            super().wheelEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            high = CHOSEN_EDGE_PX if self.is_chosen else EDGE_PX
            painter.fillRect(0, 0, self.width(), high, COLOURS[self.side])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.touched.emit()
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.touched.emit()
        super().focusInEvent(event)


def _is_alike(one: Plane, other: Plane) -> bool:
    """Whether two pictures have one size and shape of pixels."""
    return (one.rows, one.columns, one.spacing_mm) == (other.rows, other.columns, other.spacing_mm)
