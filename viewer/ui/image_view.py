"""One picture: drawn from the part that is in sight, moved by tools, with words in its corners."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.dicom.pixels import Pixels
from viewer.render.orientation import Edges
from viewer.render.pipeline import Bytes8, Voi, Window, as_window
from viewer.render.pyramid import Drawable, prepare
from viewer.ui import overlay, theme, view_state
from viewer.ui.view_state import Drag, Point, Tool, ViewState

CRISP_ZOOM = 8.0  # from here on each pixel is shown as a square
KEY_PAN_PX = 40.0
KEY_ZOOM = 1.25
KEY_WINDOW_PX = 12.0
SCROLL_PX = 8.0  # of dragging, an image
WHEEL_STEP = 120  # eighths of a degree
SPAN_OF_DEFAULT = 1.5


class Hand(enum.Enum):
    """What the left button does."""

    WINDOW = "window"
    PAN = "pan"
    ZOOM = "zoom"
    SCROLL = "scroll"


TOOLS: dict[Hand, Tool] = {
    Hand.WINDOW: view_state.drag_window,
    Hand.PAN: view_state.drag_pan,
    Hand.ZOOM: view_state.drag_zoom,
}
CURSORS = {
    Hand.WINDOW: Qt.CursorShape.ArrowCursor,
    Hand.PAN: Qt.CursorShape.OpenHandCursor,
    Hand.ZOOM: Qt.CursorShape.SizeVerCursor,
    Hand.SCROLL: Qt.CursorShape.SplitVCursor,
}


@dataclass(frozen=True, slots=True)
class _Grip:
    """A drag that goes on."""

    hand: Hand
    button: Qt.MouseButton
    start: Point
    last: Point


class ImageView(QWidget):
    """Shows one frame, or a sentence in place of one."""

    changed = Signal()  # the view: window, zoom, middle, inversion
    scrolled = Signal(int)  # by so many images

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setMinimumSize(160, 120)
        self.setAccessibleName("Picture")
        self._view = ViewState()
        self._drawable: Drawable | None = None
        self._message = ""
        self._hint = ""
        self._corners = overlay.Corners()
        self._edges: Edges | None = None
        self._overlay_shown = True
        self._lettering = overlay.Lettering()
        self._hand = Hand.WINDOW
        self._grip: _Grip | None = None
        self._space_held = False
        self._scroll_rest = 0.0
        self._table: tuple[tuple[Drawable, Voi | None, bool], Bytes8 | None] | None = None

    # -- what is shown ------------------------------------------------------------------------

    @property
    def view(self) -> ViewState:
        return self._view

    @property
    def drawable(self) -> Drawable | None:
        return self._drawable

    @property
    def message(self) -> str:
        return self._message

    @property
    def corners(self) -> overlay.Corners:
        return self._corners

    @property
    def seen_window(self) -> Window | None:
        """The window that is seen by, default or not; None where windows mean nothing."""
        if self._drawable is None or self._drawable.colour:
            return None
        return self._view.window or as_window(self._drawable.default)

    def set_pixels(self, pixels: Pixels) -> None:
        """Show a frame that is not prepared yet."""
        self.show_drawable(prepare(pixels))

    def show_drawable(self, drawable: Drawable) -> None:
        """Show a frame; zoom and window stay if it has the size of the one before."""
        self._drawable, self._message, self._hint = drawable, "", ""
        size = (float(drawable.columns), drawable.rows * drawable.pixels.aspect)
        self.set_view(view_state.shown(self._view, size))

    def show_message(self, sentence: str) -> None:
        """Show a sentence in place of a picture."""
        self._drawable, self._message, self._hint = None, sentence, ""
        self._table = None
        self.update()

    def show_hint(self, words: str) -> None:
        """Show a few words at the foot of the picture until the next one; "" for none."""
        self._hint = words
        self.update()

    def set_overlay(self, corners: overlay.Corners, edges: Edges | None) -> None:
        """Say what stands in the corners and at the edges."""
        self._corners, self._edges = corners, edges
        self.update()

    def set_overlay_shown(self, shown: bool) -> None:
        self._overlay_shown = shown
        self.update()

    def set_view(self, view: ViewState) -> None:
        """See the picture in another way."""
        changed, self._view = view != self._view, view
        self.update()
        if changed:
            self.changed.emit()

    def set_hand(self, hand: Hand) -> None:
        """Choose what the left button does."""
        self._hand = hand
        self.setCursor(CURSORS[hand])

    def fit(self) -> None:
        self.set_view(view_state.fit(self._view))

    def reset(self) -> None:
        self.set_view(view_state.reset(self._view))

    def invert(self) -> None:
        self.set_view(view_state.inverted(self._view))

    def set_window(self, window: Window | None) -> None:
        self.set_view(view_state.windowed(self._view, window))

    def zoom_by(self, factor: float) -> None:
        """Zoom about the middle."""
        middle = (self._view.viewport[0] / 2, self._view.viewport[1] / 2)
        self.set_view(view_state.zoomed(self._view, factor, middle))

    # -- drawing ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.AROUND_PICTURES)
            if self._drawable is not None:
                self._draw_picture(painter, self._drawable)
            if self._message:
                overlay.draw_message(painter, self.rect(), self._message)
            if self._overlay_shown:
                overlay.draw_corners(painter, self.rect(), self._corners, self._lettering)
                if self._drawable is not None and self._edges is not None:
                    overlay.draw_edges(painter, self.rect(), self._edges, self._lettering)
            if self._hint:
                overlay.draw_hint(painter, self.rect(), self._hint)

    def _draw_picture(self, painter: QPainter, drawable: Drawable) -> None:
        """Draw what is in sight: choose the level, crop it, and only then look values up."""
        view, aspect = self._view, drawable.pixels.aspect
        scale = view.zoom * self.devicePixelRatioF()
        number = drawable.level_for(scale * max(1.0, aspect))
        level, step = drawable.levels[number], 2**number
        left, top = view_state.to_image(view, (0.0, 0.0))
        right, bottom = view_state.to_image(view, view.viewport)
        high = step * aspect
        x0, x1 = _within(left / step, right / step, level.shape[1])
        y0, y1 = _within(top / high, bottom / high, level.shape[0])
        if x0 >= x1 or y0 >= y1:
            return
        part = level[y0:y1, x0:x1]
        seen = drawable.draw(part, self._current_table(drawable), view.window, view.inverted)
        grey, rgb = QImage.Format.Format_Grayscale8, QImage.Format.Format_RGB888
        image = QImage(
            seen.data, x1 - x0, y1 - y0, seen.strides[0], rgb if drawable.colour else grey
        )
        corner = view_state.to_screen(view, (x0 * step, y0 * high))
        target = QRectF(*corner, (x1 - x0) * step * view.zoom, (y1 - y0) * high * view.zoom)
        smooth = scale < CRISP_ZOOM and scale * step != 1.0
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(target, image)

    def _current_table(self, drawable: Drawable) -> Bytes8 | None:
        wanted = (drawable, self._view.window, self._view.inverted)
        if self._table is None or self._table[0] != wanted:
            self._table = (wanted, drawable.table(self._view.window, self._view.inverted))
        return self._table[1]

    def resizeEvent(self, event: QResizeEvent) -> None:
        size = event.size()
        self.set_view(view_state.resized(self._view, (float(size.width()), float(size.height()))))

    # -- pointer ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        hand = self._hand_for(event)
        if hand is None or self._grip is not None:
            return
        at = _point(event.position())
        self._grip = _Grip(hand, event.button(), at, at)
        if hand is Hand.PAN:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def _hand_for(self, event: QMouseEvent) -> Hand | None:
        if event.button() == Qt.MouseButton.LeftButton:
            return Hand.PAN if self._space_held else self._hand
        return {
            Qt.MouseButton.RightButton: Hand.ZOOM,
            Qt.MouseButton.MiddleButton: Hand.PAN,
        }.get(event.button())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        grip = self._grip
        if grip is None:
            return
        at = _point(event.position())
        step = (at[0] - grip.last[0], at[1] - grip.last[1])
        self._grip = _Grip(grip.hand, grip.button, grip.start, at)
        self._use(grip.hand, grip.start, step)

    def _use(self, hand: Hand, start: Point, step: Point) -> None:
        """Apply a movement of the pointer, or of the keys in its place."""
        if hand is Hand.SCROLL:
            self._scroll(step[1] / SCROLL_PX)
            return
        window = self.seen_window
        if self._drawable is None or (hand is Hand.WINDOW and window is None):
            return
        span = SPAN_OF_DEFAULT * as_window(self._drawable.default).width
        drag = Drag(start, step, span, window or Window(0, 1))
        self.set_view(TOOLS[hand](self._view, drag))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None and event.button() == self._grip.button:
            self._grip = None
            self.setCursor(CURSORS[self._hand])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = None
            self.reset()

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            factor = KEY_ZOOM ** (delta / WHEEL_STEP)
            self.set_view(view_state.zoomed(self._view, factor, _point(event.position())))
        else:
            self._scroll(-delta / WHEEL_STEP)
        event.accept()

    def _scroll(self, images: float) -> None:
        self._scroll_rest += images
        whole = math.trunc(self._scroll_rest)
        self._scroll_rest -= whole
        if whole:
            self.scrolled.emit(whole)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                at = _point(event.position())
                self.set_view(view_state.zoomed(self._view, 1.0 + event.value(), at))
            return True
        return super().event(event)

    # -- keys ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        direction = ARROWS.get(Qt.Key(key))
        if key == Qt.Key.Key_Space:
            self._space_held = True
            if not event.isAutoRepeat() and self._grip is None:
                self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif key in PLAIN_KEYS:
            PLAIN_KEYS[Qt.Key(key)](self)
        elif direction is None:
            super().keyPressEvent(event)
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            step = (-direction.x() * KEY_PAN_PX, -direction.y() * KEY_PAN_PX)
            self.set_view(view_state.panned(self._view, step))
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            step = (direction.x() * KEY_WINDOW_PX, direction.y() * KEY_WINDOW_PX)
            self._use(Hand.WINDOW, (0.0, 0.0), step)
        else:
            self.scrolled.emit(direction.x() + direction.y())

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space_held = False
            if self._grip is None:
                self.setCursor(CURSORS[self._hand])
        super().keyReleaseEvent(event)


ARROWS = {
    Qt.Key.Key_Up: QPoint(0, -1),
    Qt.Key.Key_Down: QPoint(0, 1),
    Qt.Key.Key_Left: QPoint(-1, 0),
    Qt.Key.Key_Right: QPoint(1, 0),
}
PLAIN_KEYS: dict[Qt.Key, Callable[[ImageView], None]] = {
    Qt.Key.Key_R: ImageView.reset,
    Qt.Key.Key_F: ImageView.fit,
    Qt.Key.Key_I: ImageView.invert,
    Qt.Key.Key_Plus: lambda self: self.zoom_by(KEY_ZOOM),
    Qt.Key.Key_Equal: lambda self: self.zoom_by(KEY_ZOOM),
    Qt.Key.Key_Minus: lambda self: self.zoom_by(1 / KEY_ZOOM),
}


def _within(start: float, end: float, size: int) -> tuple[int, int]:
    """Return the whole pixels from `start` to `end` and one more at each side, for smoothing."""
    return max(0, math.floor(start) - 1), min(size, math.ceil(end) + 1)


def _point(position: QPointF) -> Point:
    return position.x(), position.y()
