"""Small pictures of large ones, each pixel the mean of those it stands for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def thumbnail(
    array: npt.NDArray[np.uint8], side: int = 256, aspect: float = 1.0
) -> npt.NDArray[np.uint8]:
    """Return `array` no larger than `side` in either direction, in its proportions.

    Args:
        array: rows x columns, or rows x columns x 3.
        side: px.
        aspect: height of a pixel over its width; the result has square ones.
    """
    rows, columns = array.shape[:2]
    height, width = rows * max(aspect, 1.0), columns / min(aspect, 1.0)
    shrink = min(1.0, side / max(height, width))
    if shrink == 1.0 and aspect == 1.0:
        return array
    height_px = max(1, round(height * shrink))
    width_px = max(1, round(width * shrink))
    means: npt.NDArray[Any] = np.rint(_means(_means(array, height_px, 0), width_px, 1))
    return means.astype(np.uint8)


def _means(array: npt.NDArray[Any], size: int, axis: int) -> npt.NDArray[Any]:
    """Return `array` with `size` entries along `axis`."""
    have = array.shape[axis]
    if size == have:
        return array
    starts = np.arange(size) * have // size
    if size > have:
        return np.asarray(array.take(starts, axis=axis))
    sums = np.add.reduceat(array, starts, axis=axis, dtype=np.float32)
    counts = np.diff(np.append(starts, have)).astype(np.float32)
    shape = [1] * array.ndim
    shape[axis] = size
    return np.asarray(sums / counts.reshape(shape))
