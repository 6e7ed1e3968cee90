"""The window that shows a part of a picture best."""

from __future__ import annotations

import math

import numpy as np

from viewer.dicom.pixels import Pixels
from viewer.render.modality import modality_values
from viewer.render.voi import Window, padding_mask

SAMPLES_MOST = 1 << 18  # bounds the time; a part this large has no small percentiles to miss
TAIL = 2.0  # percent of the values that are left out at each end
PIXELS_LEAST = 4


def region_window(
    pixels: Pixels, first: tuple[float, float], last: tuple[float, float]
) -> Window | None:
    """Return the window from the 2nd to the 98th percentile of a part's modality values.

    Args:
        first: column and row of a corner; (0, 0) is the middle of the first pixel.
        last: of the corner across.

    Returns:
        None if the part holds hardly a pixel of the picture.
    """
    columns = _inside(first[0], last[0], pixels.columns)
    rows = _inside(first[1], last[1], pixels.rows)
    part = pixels.array[rows, columns]
    if part.ndim != 2 or part.size < PIXELS_LEAST:
        return None
    step = math.ceil(math.sqrt(part.size / SAMPLES_MOST))
    part = part[::step, ::step]
    part = part[~padding_mask(pixels, part)]
    values = modality_values(pixels, part)
    values = values[np.isfinite(values)]
    if values.size < PIXELS_LEAST:
        return None
    low, high = (float(each) for each in np.percentile(values, (TAIL, 100 - TAIL)))
    least = abs(pixels.rescale_slope) if pixels.array.dtype.kind in "iub" else 1e-6
    width = max(high - low, least)
    return Window(low / 2 + high / 2, width, "LINEAR_EXACT")


def _inside(one: float, other: float, size: int) -> slice:
    """Return the pixels whose middles lie between two places."""
    low, high = sorted((one, other))
    return slice(max(0, math.ceil(low)), max(0, min(size, math.floor(high) + 1)))
