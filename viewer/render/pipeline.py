"""A decoded frame as a picture: modality, then window or table, then presentation.

Stored integers of 8 and 16 bits go through one table that holds all steps at once. Source: PS3.3
C.7.6.3.1.2, C.11.1, C.11.2, C.11.6.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.dicom.pixels import Lut, Pixels
from viewer.render.modality import modality_values
from viewer.render.overlays import burned_in
from viewer.render.png import png
from viewer.render.thumbnail import thumbnail
from viewer.render.voi import (
    CT_PRESETS,
    Floats,
    Voi,
    Window,
    apply_voi,
    as_window,
    default_window,
    entry_bits,
    full_range,
    header_vois,
    header_windows,
    padding_mask,
)

__all__ = [
    "CT_PRESETS",
    "Voi",
    "Window",
    "as_window",
    "default_window",
    "full_range",
    "header_vois",
    "header_windows",
    "is_colour",
    "lut_for",
    "picture",
    "png",
    "thumbnail",
    "to_grey8",
    "to_rgb8",
]

Bytes8 = npt.NDArray[np.uint8]
ROWS_A_TIME = 256  # bounds the memory that floating point takes


def is_colour(pixels: Pixels) -> bool:
    """Whether the picture has colours; windows mean nothing then."""
    return pixels.array.ndim == 3 or pixels.palette is not None


def has_table(pixels: Pixels) -> bool:
    """Whether the stored values are few enough to tabulate."""
    return pixels.array.dtype.kind in "iub" and pixels.array.dtype.itemsize <= 2


def places(stored: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return `stored` as places in a table: its bit patterns read as unsigned."""
    return stored.view(np.uint8 if stored.dtype.itemsize == 1 else np.uint16)


def every_value(dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Return each value that `dtype` (8 or 16 bits) can hold, in the order of `places`."""
    unsigned = np.uint8 if dtype.itemsize == 1 else np.uint16
    return np.arange(1 << 8 * dtype.itemsize, dtype=unsigned).view(dtype)


def lut_for(pixels: Pixels, window: Voi | None = None, inverted: bool = False) -> Bytes8:
    """Return the table from stored value (as in `places`) to brightness, all steps in one.

    Args:
        window: None for the default.
        inverted: the opposite of what the file asks for.
    """
    stored = every_value(pixels.array.dtype)
    values = modality_values(pixels, stored)
    voi = default_window(pixels) if window is None else window
    return shade(pixels, stored, values, voi, inverted)


def shade(
    pixels: Pixels, stored: npt.NDArray[Any], values: Floats, voi: Voi, inverted: bool = False
) -> Bytes8:
    """Return the brightness of `stored`, whose modality `values` are known."""
    bright = apply_voi(values, voi)
    if pixels.presentation_lut is not None:
        bright = _presented(bright, pixels.presentation_lut)
    if is_inverse(pixels) != inverted:
        bright = 1.0 - bright
    bright *= 255.0
    bright += 0.5
    if stored.dtype.kind == "f":
        bright[~np.isfinite(values)] = 0.0
    out = bright.astype(np.uint8)
    if pixels.padding is not None:
        out[padding_mask(pixels, stored)] = 0
    return out


def _presented(bright: Floats, table: Lut) -> Floats:
    """Spread 0 to 1 over the whole table. Source: PS3.3 C.11.6.1.1, PS3.4 N.2.4."""
    place = np.rint(bright * (len(table.values) - 1)).astype(np.intp)
    return np.asarray(table.values.astype(np.float64).take(place) / (2 ** entry_bits(table) - 1))


def is_inverse(pixels: Pixels) -> bool:
    """Whether low values are bright.

    A presentation step that the file names says so alone: it ends in P-values, of which the
    greatest is the brightest. Without one, the photometric interpretation does. Source: PS3.3
    C.7.6.3.1.2, C.8.11.3.1.2, C.11.6.
    """
    if pixels.presentation_lut is not None:
        return False
    if pixels.presentation_shape:
        return pixels.presentation_shape == "INVERSE"
    return pixels.photometric == "MONOCHROME1"


def to_grey8(pixels: Pixels, window: Voi | None = None, inverted: bool = False) -> Bytes8:
    """Return a monochrome frame as rows x columns of brightness."""
    if has_table(pixels):
        return lut_for(pixels, window, inverted).take(places(np.ascontiguousarray(pixels.array)))
    voi = default_window(pixels) if window is None else window
    out = np.empty(pixels.array.shape, dtype=np.uint8)
    for row in range(0, pixels.rows, ROWS_A_TIME):
        stored = pixels.array[row : row + ROWS_A_TIME]
        out[row : row + ROWS_A_TIME] = shade(
            pixels, stored, modality_values(pixels, stored), voi, inverted
        )
    return out


def to_rgb8(pixels: Pixels) -> Bytes8:
    """Return a frame as rows x columns x 3 of red, green and blue."""
    if pixels.palette is not None:
        return _through_palette(pixels)
    if pixels.array.ndim == 2:
        return np.repeat(to_grey8(pixels)[:, :, None], 3, axis=2)
    array = pixels.array
    if array.dtype == np.uint8 and pixels.bits_stored >= 8:
        return array
    if array.dtype.kind == "f":
        levels: Floats = np.rint(np.clip(np.nan_to_num(array), 0.0, 1.0) * 255)
        return levels.astype(np.uint8)
    array = np.clip(array, 0, (1 << pixels.bits_stored) - 1)
    if pixels.bits_stored > 8:
        return (array >> (pixels.bits_stored - 8)).astype(np.uint8)
    return (array.astype(np.uint16) * 255 // ((1 << pixels.bits_stored) - 1)).astype(np.uint8)


def _through_palette(pixels: Pixels) -> Bytes8:
    """Source: PS3.3 C.7.6.3.1.5, C.7.6.3.1.6."""
    assert pixels.palette is not None
    tables = (pixels.palette.red, pixels.palette.green, pixels.palette.blue)
    stored = pixels.array.astype(np.int64)
    # What a table holds counts, not what it says: entries of 16 bits with 8 used are common.
    shift = 8 if max(int(np.max(table.values, initial=0)) for table in tables) > 255 else 0
    out = np.empty((*stored.shape, 3), dtype=np.uint8)
    for channel, table in enumerate(tables):
        place = np.clip(stored - table.first, 0, len(table.values) - 1)
        out[..., channel] = (table.values >> shift).astype(np.uint8).take(place)
    return out


def picture(pixels: Pixels, window: Voi | None = None, overlays: bool = False) -> Bytes8:
    """Return the frame in its own size: rows x columns of grey, or rows x columns x 3.

    Args:
        window: for monochrome; None for the default.
        overlays: whether what the file lays over the picture is drawn, in white.
    """
    found = to_rgb8(pixels) if is_colour(pixels) else to_grey8(pixels, window)
    return burned_in(found, pixels) if overlays else found
