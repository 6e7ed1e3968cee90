"""What buttons and movements do to a picture: its layers are asked first, then the hand."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from viewer.ui import view_state
from viewer.ui.layer import Layer
from viewer.ui.tools import Loupe, Part
from viewer.ui.view_state import Point

if TYPE_CHECKING:
    from viewer.ui.image_view import ImageView


class Hand(enum.Enum):
    """What the left button does."""

    WINDOW = "window"
    PAN = "pan"
    ZOOM = "zoom"
    SCROLL = "scroll"
    LOUPE = "loupe"
    PART = "part"
    LENGTH = "length"  # from here on what a layer of measurements does
    ANGLE = "angle"
    COBB = "cobb"
    ELLIPSE = "ellipse"
    BOX = "box"
    OUTLINE = "outline"
    FREEHAND = "freehand"
    PROBE = "probe"


CURSORS = {
    Hand.WINDOW: Qt.CursorShape.ArrowCursor,
    Hand.PAN: Qt.CursorShape.OpenHandCursor,
    Hand.ZOOM: Qt.CursorShape.SizeVerCursor,
    Hand.SCROLL: Qt.CursorShape.SplitVCursor,
}
TOOLS: dict[Hand, Callable[[], Layer]] = {Hand.LOUPE: Loupe, Hand.PART: Part}
OF_OTHER_BUTTONS = {
    Qt.MouseButton.RightButton: Hand.ZOOM,
    Qt.MouseButton.MiddleButton: Hand.PAN,
}


@dataclass(frozen=True, slots=True)
class _Grip:
    """A drag that goes on."""

    hand: Hand
    button: Qt.MouseButton
    start: Point
    last: Point


class Pointer:
    """The pointer over one picture."""

    def __init__(self, image: ImageView) -> None:
        self._image = image
        self._hand = Hand.WINDOW
        self._before_loupe: Hand | None = None  # while it is only held
        self._layers: tuple[Layer, ...] = ()
        self._tool: Layer | None = None  # of a hand that draws
        self._holder: Layer | None = None  # who took the press
        self._held_button = Qt.MouseButton.NoButton
        self._grip: _Grip | None = None
        self._moves_picture = False
        self._last: Point = (0.0, 0.0)

    @property
    def hand(self) -> Hand:
        return self._hand

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The lowest first."""
        return self._layers

    @property
    def tool(self) -> Layer | None:
        """What the hand draws with, if it does."""
        return self._tool

    def set_hand(self, hand: Hand) -> None:
        self._hand, self._before_loupe = hand, None
        made = TOOLS.get(hand)
        if self._holder is self._tool:
            self._holder = None
        self._tool = made() if made else None
        self._image.update()
        self.show_cursor()

    def hold_loupe(self, held: bool) -> None:
        """Look through the magnifier for as long as a key is held."""
        before = self._before_loupe
        if held and before is None and self._hand is not Hand.LOUPE:
            before = self._hand
            self.set_hand(Hand.LOUPE)
            self._before_loupe = before
            if isinstance(self._tool, Loupe):
                self._tool.put(self._image, self._at(self._last))
        elif not held and before is not None:
            self.set_hand(before)

    def set_layers(self, layers: Sequence[Layer]) -> None:
        self._layers = tuple(layers)
        if self._holder is not self._tool and self._holder not in self._layers:
            self._holder = None
        self.show_cursor()

    def set_moves_picture(self, moves: bool) -> None:
        """Let the left button move the picture, whatever the hand."""
        self._moves_picture = moves
        self.show_cursor()

    # -- events -------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> None:
        if self._grip is not None or self._holder is not None:
            return
        screen = self._note(event)
        if not self._moves_picture:
            at = self._at(screen)
            self._holder = next(
                (o for o in self._offered() if o.press(self._image, at, event)), None
            )
        if self._holder is not None:
            self._held_button = event.button()
        else:
            self._take_grip(event.button(), screen)
        self.show_cursor()

    def double_click(self, event: QMouseEvent) -> None:
        """Ask the layers; else see the picture as it was first seen."""
        self.press(event)
        if self._holder is None and event.button() == Qt.MouseButton.LeftButton:
            self._grip = None
            self._image.reset()

    def _take_grip(self, button: Qt.MouseButton, screen: Point) -> None:
        hand = OF_OTHER_BUTTONS.get(button)
        if button == Qt.MouseButton.LeftButton:
            hand = Hand.PAN if self._moves_picture else self._hand
        if hand is not None:
            self._grip = _Grip(hand, button, screen, screen)

    def move(self, event: QMouseEvent) -> None:
        screen = self._note(event)
        at, grip = self._at(screen), self._grip
        if self._holder is not None:
            self._holder.move(self._image, at, event)
        elif grip is not None:
            step = (screen[0] - grip.last[0], screen[1] - grip.last[1])
            self._grip = _Grip(grip.hand, grip.button, grip.start, screen)
            self._image.use(grip.hand, grip.start, step)
        else:
            any(each.move(self._image, at, event) for each in self._offered())
            self.show_cursor()

    def release(self, event: QMouseEvent) -> None:
        screen = self._note(event)
        if self._holder is not None and event.button() == self._held_button:
            holder, self._holder = self._holder, None
            holder.release(self._image, self._at(screen), event)
        elif self._grip is not None and event.button() == self._grip.button:
            self._grip = None
        self.show_cursor()

    def leave(self) -> None:
        for each in (*self._layers, *([self._tool] if self._tool else [])):
            each.leave(self._image)

    # -- parts --------------------------------------------------------------------------------

    def _offered(self) -> tuple[Layer, ...]:
        """Return the layers that can be seen, the uppermost first; then the hand's own."""
        layers = self._layers[::-1] if self._image.shows_layers else ()
        return layers if self._tool is None else (*layers, self._tool)

    def _note(self, event: QMouseEvent) -> Point:
        self._last = point(event.position())
        return self._last

    def _at(self, screen: Point) -> Point:
        return view_state.to_image(self._image.view, screen)

    def show_cursor(self) -> None:
        """Show by the pointer's shape what a press would do."""
        self._image.setCursor(self._cursor())

    def _cursor(self) -> Qt.CursorShape:
        if self._grip is not None and self._grip.hand is Hand.PAN:
            return Qt.CursorShape.ClosedHandCursor
        if self._moves_picture:
            return Qt.CursorShape.OpenHandCursor
        at = self._at(self._last)
        asked = (each.cursor(self._image, at) for each in self._offered())
        of_hand = CURSORS.get(self._hand, Qt.CursorShape.CrossCursor)
        return next((each for each in asked if each is not None), of_hand)


def point(position: QPointF) -> Point:
    """Return a position of Qt's as ours."""
    return position.x(), position.y()
