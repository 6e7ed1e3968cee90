"""What the actions of the table do to the picture that they are meant for, and when they cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from viewer.ui import view_state
from viewer.ui.image_view import KEY_ZOOM, ImageView

TRUE_SIZE = "True size, if the screen’s own size is right"


def one_to_one(image: ImageView) -> None:
    """Show each pixel of the picture on one of the screen."""
    zoom = 1 / image.devicePixelRatioF()
    image.set_view(replace(image.view, zoom=zoom, fits=False))


def true_size(image: ImageView) -> None:
    """Show a millimetre as long as it is, or say why that cannot be."""
    zoom = image.true_zoom
    if isinstance(zoom, str):
        image.flash(f"{zoom}.")
        return
    zoom = min(max(zoom, view_state.ZOOM_LEAST), view_state.ZOOM_MOST)
    image.set_view(replace(image.view, zoom=zoom, fits=False))
    image.flash(f"{TRUE_SIZE}.")


def why_not(image: ImageView, name: str) -> str:
    """Return in plain words why an action does nothing now; empty if it does something."""
    if image.drawable is None:
        return "There is no picture"
    if name == "true_size":
        zoom = image.true_zoom
        return zoom if isinstance(zoom, str) else ""
    if name in OF_WINDOWS and image.seen_window is None:
        return "A colour picture has its own brightness"
    return ""


OF_WINDOWS = frozenset({"window", "part", "presets"})
ACTS: dict[str, Callable[[ImageView], None]] = {
    "invert": ImageView.invert,
    "fit": ImageView.fit,
    "zoom_in": lambda image: image.zoom_by(KEY_ZOOM),
    "zoom_out": lambda image: image.zoom_by(1 / KEY_ZOOM),
    "one_to_one": one_to_one,
    "true_size": true_size,
    "turn_left": lambda image: image.turn(-90),
    "turn_right": lambda image: image.turn(90),
    "flip_sideways": ImageView.flip_sideways,
    "flip_over": ImageView.flip_over,
    "reset": ImageView.reset,
}
