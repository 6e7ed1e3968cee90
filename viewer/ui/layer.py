"""What lies over a picture and can be taken hold of: measurements, lines, marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent, QPainter

from viewer.ui.view_state import Point

if TYPE_CHECKING:
    from viewer.ui.image_view import ImageView


class Layer(Protocol):
    """Drawn over the picture; the pointer is offered to it before the picture's own tools.

    Points are in image units (`view_state`), inside the picture or not; `ImageView.to_pixel` and
    `from_pixel` go between them and rows and columns.
    """

    def paint(self, painter: QPainter, image: ImageView) -> None:
        """Draw in screen px; the painter's state is put back afterwards."""
        ...

    def press(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        """Say whether the press is taken; if so, what follows up to its release comes here only.

        A double click comes as a press too: `event.type()` tells them apart.
        """
        ...

    def move(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        """Say whether the movement is taken, with a button down or none."""
        ...

    def release(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        """Say whether the release is taken."""
        ...

    def leave(self, image: ImageView) -> None:
        """The pointer has left the picture."""
        ...

    def cursor(self, image: ImageView, at: Point) -> Qt.CursorShape | None:
        """Return the pointer's shape there; None if it is not this layer's to say."""
        ...


class OnlyDrawn:
    """The rest of a layer that is never taken hold of: all there is to it is `paint`."""

    def press(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        return False

    def move(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        return False

    def release(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        return False

    def leave(self, image: ImageView) -> None:
        """It follows no pointer."""

    def cursor(self, image: ImageView, at: Point) -> Qt.CursorShape | None:
        return None
