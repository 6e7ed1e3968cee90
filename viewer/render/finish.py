"""A frame finished for leaving the viewer: windowed, sized, turned, with nothing over it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from viewer.dicom.pixels import Pixels
from viewer.render.pipeline import Bytes8, is_colour, to_grey8, to_rgb8
from viewer.render.voi import Voi


@dataclass(frozen=True, slots=True)
class Look:
    """How a frame is seen, apart from any screen; the default is what the file asks for."""

    window: Voi | None = None  # for monochrome
    inverted: bool = False
    rotation: int = 0  # degrees clockwise: 0, 90, 180 or 270
    flipped: bool = False  # left for right, after the rotation
    side_px: int | None = None  # the longer side; None for the picture's own size
    square: bool = False  # stretch pixels that are not square; so they are with `side_px`

    def seen_by(self, window: Voi) -> Look:
        """Return the same look through another window."""
        return replace(self, window=window)


def finished(pixels: Pixels, look: Look) -> Bytes8:
    """Return rows x columns of grey, or rows x columns x 3 of red, green and blue."""
    if is_colour(pixels):
        array = to_rgb8(pixels)
        array = 255 - array if look.inverted else array
    else:
        array = to_grey8(pixels, look.window, look.inverted)
    if look.side_px is not None or look.square:
        array = resized(array, *_size(pixels, look.side_px))
    array = np.rot90(array, -look.rotation // 90)
    return np.ascontiguousarray(array[:, ::-1] if look.flipped else array)


def _size(pixels: Pixels, side_px: int | None) -> tuple[int, int]:
    """Return rows and columns with square pixels; only enlarged where no side is given."""
    height = pixels.rows * max(1.0, pixels.aspect)
    width = pixels.columns / min(1.0, pixels.aspect)
    scale = 1.0 if side_px is None else side_px / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def resized(array: Bytes8, rows: int, columns: int) -> Bytes8:
    """Return `array` in another size, without values that its neighbours do not have."""
    if array.shape[:2] == (rows, columns):
        return array
    image = Image.fromarray(array).resize((columns, rows), Image.Resampling.BILINEAR)
    return np.asarray(image)
