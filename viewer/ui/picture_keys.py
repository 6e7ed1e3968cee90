"""The keys that a picture has itself: arrows, and those that do something while they are held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent

from viewer.ui import view_state
from viewer.ui.pointer import Hand, Pointer

if TYPE_CHECKING:
    from viewer.ui.image_view import ImageView

PAN_PX = 40.0
WINDOW_PX = 12.0
ARROWS = {
    Qt.Key.Key_Up: QPoint(0, -1),
    Qt.Key.Key_Down: QPoint(0, 1),
    Qt.Key.Key_Left: QPoint(-1, 0),
    Qt.Key.Key_Right: QPoint(1, 0),
}
MOVE = Qt.Key.Key_Space
LOUPE = Qt.Key.Key_V


def pressed(image: ImageView, pointer: Pointer, event: QKeyEvent) -> bool:
    """Say whether the key meant something."""
    key, modifiers = Qt.Key(event.key()), event.modifiers()
    direction = ARROWS.get(key)
    if key == MOVE:
        pointer.set_moves_picture(True)
    elif key == LOUPE and not modifiers:
        pointer.hold_loupe(True)
    elif direction is None:
        return False
    elif modifiers & Qt.KeyboardModifier.ShiftModifier:
        step = (-direction.x() * PAN_PX, -direction.y() * PAN_PX)
        image.set_view(view_state.panned(image.view, step))
    elif modifiers & Qt.KeyboardModifier.ControlModifier:
        image.use(Hand.WINDOW, (0.0, 0.0), (direction.x() * WINDOW_PX, direction.y() * WINDOW_PX))
    else:
        image.scrolled.emit(direction.x() + direction.y())
    return True


def released(pointer: Pointer, event: QKeyEvent) -> None:
    """End what was held."""
    if event.key() == MOVE and not event.isAutoRepeat():
        pointer.set_moves_picture(False)
    elif event.key() == LOUPE and not event.isAutoRepeat():
        pointer.hold_loupe(False)


def forgotten(pointer: Pointer) -> None:
    """A key that is let go elsewhere is not held any more."""
    pointer.set_moves_picture(False)
    pointer.hold_loupe(False)
