"""What a person has done to a picture, and the tools: functions from one view to the next.

Lengths are in image units: one is the width of a pixel, so that pixels that are not square
are drawn as they should be. Places in the picture are counted from its own upper left corner,
however it is turned; a picture is turned first and then flipped left to right, as presentation
states say it. Source: PS3.3 C.10.6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from viewer.render.pipeline import Voi, Window

ZOOM_MOST = 40.0  # screen px an image unit
ZOOM_LEAST = 0.02
WINDOW_WIDTH_LEAST = 1.0
DRAG_PX_FOR_SPAN = 600  # a drag this long moves the window by its reference span
ZOOM_PER_PX = 1.005

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ViewState:
    """How a picture is seen."""

    image: Point = (1.0, 1.0)  # width and height, image units
    viewport: Point = (1.0, 1.0)  # width and height, screen px
    zoom: float = 1.0  # screen px an image unit
    center: Point = (0.5, 0.5)  # the image point in the middle of the viewport
    fits: bool = True  # follows the viewport's size
    window: Voi | None = None  # None: what the file asks for
    inverted: bool = False
    rotation: int = 0  # degrees clockwise: 0, 90, 180 or 270
    flipped: bool = False  # left for right, after the rotation
    lean: int = 0  # where a picture that fits lies: -1 left, 1 right, 0 in the middle

    @property
    def seen_size(self) -> Point:
        """Width and height of the picture as it is turned, image units."""
        width, height = self.image
        return (height, width) if self.rotation % 180 else (width, height)


@dataclass(frozen=True, slots=True)
class Drag:
    """One movement of the pointer, screen px."""

    start: Point  # where the button went down
    step: Point  # since the last one
    span: float  # of values: how much a long drag changes the window by
    window: Window  # what is seen now


Tool = Callable[[ViewState, Drag], ViewState]


def to_screen(view: ViewState, point: Point) -> Point:
    """Return where an image point is on the screen."""
    x, y = _turned((point[0] - view.center[0], point[1] - view.center[1]), view.rotation)
    x = -x if view.flipped else x
    return x * view.zoom + view.viewport[0] / 2, y * view.zoom + view.viewport[1] / 2


def to_image(view: ViewState, point: Point) -> Point:
    """Return which image point is at a place of the screen."""
    x = (point[0] - view.viewport[0] / 2) / view.zoom
    y = (point[1] - view.viewport[1] / 2) / view.zoom
    x, y = _turned((-x if view.flipped else x, y), -view.rotation)
    return x + view.center[0], y + view.center[1]


def _turned(step: Point, degrees: int) -> Point:
    """Return a step turned clockwise on a screen, whose y goes down."""
    x, y = step
    return ((x, y), (-y, x), (-x, -y), (y, -x))[degrees % 360 // 90]


def fit(view: ViewState) -> ViewState:
    """All of the picture, as large as it goes."""
    width, height = view.seen_size
    zoom = min(view.viewport[0] / width, view.viewport[1] / height)
    zoom = max(zoom, 1e-6)
    room = view.viewport[0] / zoom - width  # beside the picture, image units
    middle = (view.viewport[0] - view.lean * room * zoom) / 2, view.viewport[1] / 2
    fitted = replace(view, zoom=zoom, center=(view.image[0] / 2, view.image[1] / 2), fits=True)
    return replace(fitted, center=to_image(fitted, middle))


def reset(view: ViewState) -> ViewState:
    """As it was first seen."""
    return fit(replace(view, window=None, inverted=False, rotation=0, flipped=False))


def resized(view: ViewState, viewport: Point) -> ViewState:
    """The same middle in a viewport of another size."""
    view = replace(view, viewport=(max(viewport[0], 1.0), max(viewport[1], 1.0)))
    return fit(view) if view.fits else _kept_in_sight(view)


def shown(view: ViewState, image: Point) -> ViewState:
    """Another picture seen the same way; afresh if its size differs."""
    if image == view.image:
        return view
    return fit(replace(view, image=image))


def zoomed(view: ViewState, factor: float, at: Point) -> ViewState:
    """Larger by `factor`; what is under `at` (screen px) stays there."""
    least = min(ZOOM_LEAST, fit(view).zoom)
    zoom = min(max(view.zoom * factor, least), ZOOM_MOST)
    x, y = to_image(view, at)
    view = replace(view, zoom=zoom, fits=False)
    moved_x, moved_y = to_image(view, at)
    center = (view.center[0] + x - moved_x, view.center[1] + y - moved_y)
    return _kept_in_sight(replace(view, center=center))


def panned(view: ViewState, step: Point) -> ViewState:
    """Moved by `step` (screen px)."""
    middle = (view.viewport[0] / 2 - step[0], view.viewport[1] / 2 - step[1])
    return _kept_in_sight(replace(view, center=to_image(view, middle), fits=False))


def seen_at(view: ViewState, zoom: float, center: Point) -> ViewState:
    """So large (screen px an image unit), and about this image point."""
    zoom = min(max(zoom, min(ZOOM_LEAST, fit(view).zoom)), ZOOM_MOST)
    return _kept_in_sight(replace(view, zoom=zoom, center=center, fits=False))


def turned(view: ViewState, degrees: int) -> ViewState:
    """Turned clockwise on the screen, whether it is flipped or not.

    Args:
        degrees: a multiple of 90.
    """
    by = -degrees if view.flipped else degrees
    view = replace(view, rotation=(view.rotation + by) % 360)
    return fit(view) if view.fits else view


def flipped_sideways(view: ViewState) -> ViewState:
    """Left for right on the screen."""
    return replace(view, flipped=not view.flipped)


def flipped_over(view: ViewState) -> ViewState:
    """Top for bottom on the screen."""
    return replace(view, flipped=not view.flipped, rotation=(view.rotation + 180) % 360)


def leaning(view: ViewState, lean: int) -> ViewState:
    """Where it fits, at the left (-1) or right (1) edge of the viewport; 0: in the middle."""
    view = replace(view, lean=lean)
    return fit(view) if view.fits else view


def windowed(view: ViewState, window: Voi | None) -> ViewState:
    """Seen by another window; None for what the file asks for."""
    return replace(view, window=window)


def inverted(view: ViewState) -> ViewState:
    """Black for white."""
    return replace(view, inverted=not view.inverted)


def drag_window(view: ViewState, drag: Drag) -> ViewState:
    """To the right more values between black and white, downward darker."""
    amount = drag.span / DRAG_PX_FOR_SPAN
    least = min(WINDOW_WIDTH_LEAST, drag.span / 1000)
    width = max(least, drag.window.width + drag.step[0] * amount)
    center = drag.window.center + drag.step[1] * amount
    return windowed(view, replace(drag.window, center=center, width=width))


def drag_zoom(view: ViewState, drag: Drag) -> ViewState:
    """Upward larger, about where the drag began."""
    return zoomed(view, ZOOM_PER_PX ** -drag.step[1], drag.start)


def drag_pan(view: ViewState, drag: Drag) -> ViewState:
    """The picture goes with the pointer."""
    return panned(view, drag.step)


def _kept_in_sight(view: ViewState) -> ViewState:
    """The middle of the viewport never leaves the picture."""
    x = min(max(view.center[0], 0.0), view.image[0])
    y = min(max(view.center[1], 0.0), view.image[1])
    return replace(view, center=(x, y))
