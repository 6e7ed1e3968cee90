"""One picture: drawn from the part that is in sight, moved by tools, with words in its corners."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
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
from viewer.render.pipeline import Voi, Window, as_window
from viewer.render.pyramid import Drawable, prepare
from viewer.ui import overlay, picture_keys, theme, view_state
from viewer.ui.layer import Layer
from viewer.ui.picture import Picture
from viewer.ui.pointer import Hand, Pointer, point
from viewer.ui.scale import Scale, bar, scale, true_zoom
from viewer.ui.view_state import Drag, Point, Tool, ViewState

__all__ = ["Hand", "ImageView"]

KEY_ZOOM = 1.25
SCROLL_PX = 8.0  # of dragging, an image
WHEEL_STEP = 120  # eighths of a degree
SPAN_OF_DEFAULT = 1.5
FLASH_MS = 3000
TOOLS: dict[Hand, Tool] = {
    Hand.WINDOW: view_state.drag_window,
    Hand.PAN: view_state.drag_pan,
    Hand.ZOOM: view_state.drag_zoom,
}


class ImageView(QWidget):
    """Shows one frame, or a sentence in place of one."""

    changed = Signal()  # the view: window, zoom, middle, inversion, rotation, flip
    scrolled = Signal(int)  # by so many images

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
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
        self._notice_stays = False
        self._lettering = overlay.Lettering()
        self._picture = Picture()
        self._pointer = Pointer(self)
        self._scroll_rest = 0.0
        self._flash = QTimer(self, singleShot=True, interval=FLASH_MS)
        self._flash.timeout.connect(lambda: self.show_hint(""))

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
    def hint(self) -> str:
        return self._hint

    @property
    def corners(self) -> overlay.Corners:
        return self._corners

    @property
    def edges(self) -> Edges | None:
        """The letters at the edges as the picture is turned now."""
        if self._drawable is None or self._edges is None:
            return None
        return self._edges.seen(self._view.rotation, self._view.flipped)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What lies over the picture, the lowest first."""
        return self._pointer.layers

    @property
    def shows_layers(self) -> bool:
        """Whether what lies over the picture can be seen, and so be taken hold of."""
        return self._overlay_shown and self._drawable is not None

    @property
    def seen_window(self) -> Window | None:
        """The window that is seen by, default or not; None where windows mean nothing."""
        if self._drawable is None or self._drawable.colour:
            return None
        return as_window(self._view.window or self._drawable.default)

    @property
    def scale(self) -> Scale | None:
        """How large what is in the middle of the viewport is; None where nothing says so."""
        return scale(self._drawable.pixels, self._view) if self._drawable else None

    @property
    def true_zoom(self) -> float | str:
        """The zoom at which a millimetre is one, by what the screen says; or why there is none."""
        return true_zoom(self.scale, self.screen().physicalDotsPerInchX())

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
        self._picture.forget()
        self.update()

    def show_hint(self, words: str) -> None:
        """Show a few words at the foot of the picture until the next one; "" for none."""
        self._flash.stop()
        self._hint = words
        self.update()

    def flash(self, words: str) -> None:
        """Show a few words for a moment."""
        self.show_hint(words)
        self._flash.start()

    def set_overlay(self, corners: overlay.Corners, edges: Edges | None) -> None:
        """Say what stands in the corners and at the edges."""
        self._corners, self._edges = corners, edges
        self.update()

    def set_overlay_shown(self, shown: bool, notice_stays: bool = False) -> None:
        """Show what lies over the picture, or hide it; all of it, or all but the notice."""
        self._overlay_shown, self._notice_stays = shown, notice_stays
        self.update()

    def set_view(self, view: ViewState) -> None:
        """See the picture in another way."""
        changed, self._view = view != self._view, view
        self.update()
        if changed:
            self.changed.emit()

    def set_hand(self, hand: Hand) -> None:
        """Choose what the left button does."""
        self._pointer.set_hand(hand)

    def set_layers(self, layers: Sequence[Layer]) -> None:
        """Lay these over the picture, the lowest first; the pointer is offered to them first."""
        self._pointer.set_layers(layers)
        self.update()

    def to_pixel(self, at: Point) -> Point:
        """Return column and row at an image point; (0, 0) is the middle of the first pixel."""
        return at[0] - 0.5, at[1] / self._aspect - 0.5

    def from_pixel(self, pixel: Point) -> Point:
        """Return the image point of a column and row, which may lie between pixels."""
        return pixel[0] + 0.5, (pixel[1] + 0.5) * self._aspect

    @property
    def _aspect(self) -> float:
        return 1.0 if self._drawable is None else self._drawable.pixels.aspect

    def fit(self) -> None:
        self.set_view(view_state.fit(self._view))

    def reset(self) -> None:
        self.set_view(view_state.reset(self._view))

    def invert(self) -> None:
        self.set_view(view_state.inverted(self._view))

    def set_window(self, window: Voi | None) -> None:
        self.set_view(view_state.windowed(self._view, window))

    def turn(self, degrees: int) -> None:
        """Turn the picture clockwise, by a multiple of 90."""
        self.set_view(view_state.turned(self._view, degrees))

    def flip_sideways(self) -> None:
        self.set_view(view_state.flipped_sideways(self._view))

    def flip_over(self) -> None:
        self.set_view(view_state.flipped_over(self._view))

    def zoom_by(self, factor: float) -> None:
        """Zoom about the middle."""
        middle = (self._view.viewport[0] / 2, self._view.viewport[1] / 2)
        self.set_view(view_state.zoomed(self._view, factor, middle))

    # -- drawing ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.AROUND_PICTURES)
            self.draw(painter, self._view)
            if self._message:
                overlay.draw_message(painter, self.rect(), self._message)
            if self.shows_layers:
                self._draw_layers(painter, self.layers)
            if self._overlay_shown:
                self._draw_words(painter)
            elif self._notice_stays:
                notice = overlay.Corners(notice=self._corners.notice)
                overlay.draw_corners(painter, self.rect(), notice, self._lettering)
            if self._pointer.tool is not None:
                self._draw_layers(painter, [self._pointer.tool])
            if self._hint:
                overlay.draw_hint(painter, self.rect(), self._hint)

    def draw(self, painter: QPainter, view: ViewState) -> None:
        """Draw the picture alone as it is seen in another view."""
        if self._drawable is not None:
            self._picture.draw(painter, self._drawable, view)

    def _draw_layers(self, painter: QPainter, layers: Sequence[Layer]) -> None:
        for layer in layers:
            painter.save()
            layer.paint(painter, self)
            painter.restore()

    def _draw_words(self, painter: QPainter) -> None:
        overlay.draw_corners(painter, self.rect(), self._corners, self._lettering)
        edges = self.edges
        if edges is not None:
            overlay.draw_edges(painter, self.rect(), edges, self._lettering)
        ruler = bar(self.scale, self._view) if self.scale else None
        if ruler is not None:
            lines = len(self._corners.bottom_right)
            overlay.draw_bar(painter, self.rect(), ruler, lines, self._lettering)

    def resizeEvent(self, event: QResizeEvent) -> None:
        size = event.size()
        self.set_view(view_state.resized(self._view, (float(size.width()), float(size.height()))))

    # -- pointer ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pointer.double_click(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer.leave()
        super().leaveEvent(event)

    def use(self, hand: Hand, start: Point, step: Point) -> None:
        """Apply a movement of the pointer (screen px), or of the keys in its place."""
        if hand is Hand.SCROLL:
            self._scroll(step[1] / SCROLL_PX)
            return
        window = self.seen_window
        is_idle = hand not in TOOLS or (hand is Hand.WINDOW and window is None)
        if self._drawable is None or is_idle:
            return
        span = SPAN_OF_DEFAULT * as_window(self._drawable.default).width
        drag = Drag(start, step, span, window or Window(0, 1))
        self.set_view(TOOLS[hand](self._view, drag))

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            factor = KEY_ZOOM ** (delta / WHEEL_STEP)
            self.set_view(view_state.zoomed(self._view, factor, point(event.position())))
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
                at = point(event.position())
                self.set_view(view_state.zoomed(self._view, 1.0 + event.value(), at))
            return True
        return super().event(event)

    # -- keys ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not picture_keys.pressed(self, self._pointer, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        picture_keys.released(self._pointer, event)
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        picture_keys.forgotten(self._pointer)
        super().focusOutEvent(event)
