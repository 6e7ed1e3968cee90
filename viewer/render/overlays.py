"""Overlays as one plane of codes over the picture, at every size that the picture is drawn at.

Source: PS3.3 C.9.2, PS3.4 N.2.6.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from viewer.dicom.pixels import Pixels

Bytes8 = npt.NDArray[np.uint8]
NOTHING, GRAPHICS, REGION = 0, 1, 2


def plane(pixels: Pixels) -> Bytes8 | None:
    """Return rows x columns of NOTHING, GRAPHICS or REGION; None if nothing lies over it."""
    if not pixels.overlays:
        return None
    found = np.zeros((pixels.rows, pixels.columns), np.uint8)
    for each in pixels.overlays:
        rows, columns = each.bits.shape
        part = found[each.row : each.row + rows, each.column : each.column + columns]
        part[each.bits] = REGION if each.kind == "R" else GRAPHICS
    return found


def half(codes: Bytes8) -> Bytes8:
    """Return the highest of 2 x 2, so that no line gets lost; odd last ones are left out."""
    rows, columns = codes.shape[0] // 2 * 2, codes.shape[1] // 2 * 2
    upper = np.maximum(codes[0:rows:2, :columns], codes[1:rows:2, :columns])
    return np.maximum(upper[:, 0::2], upper[:, 1::2])


def burned_in(picture: Bytes8, pixels: Pixels) -> Bytes8:
    """Return the picture, grey or RGB, with what lies over it in white."""
    codes = plane(pixels)
    if codes is None:
        return picture
    found = picture.copy()
    found[codes > NOTHING] = 255
    return found
