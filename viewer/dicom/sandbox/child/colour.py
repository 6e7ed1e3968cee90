"""Colour as stored to RGB. Source: PS3.3 C.7.6.3.1.2, PS3.5 8.2.1."""

from __future__ import annotations

import struct

import numpy as np

from viewer.dicom.pixels import Values
from viewer.dicom.sandbox.child.facts import Facts

_FULL = np.array([[1.0, 1.0, 1.0], [0.0, -0.344136, 1.772], [1.402, -0.714136, 0.0]], np.float32)
_PARTIAL = np.array(
    [[1.164384, 1.164384, 1.164384], [0.0, -0.391762, 2.017232], [1.596027, -0.812968, 0.0]],
    np.float32,
)
_ROWS = 256  # at a time: the floats of a large picture would not fit


def to_rgb(values: Values, known: Facts) -> Values:
    """Convert what the codec left as luminance and chrominance."""
    if known.photometric not in ("YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_PARTIAL_420"):
        return values
    partial = known.photometric.startswith("YBR_PARTIAL")
    scale = float(1 << (known.stored - 8)) if known.stored >= 8 else 1.0
    zero = np.array([16 * scale if partial else 0, 128 * scale, 128 * scale], np.float32)
    matrix, top = (_PARTIAL if partial else _FULL), float((1 << known.stored) - 1)
    found = np.empty_like(values)
    for at in range(0, values.shape[0], _ROWS):
        block = (values[at : at + _ROWS].astype(np.float32) - zero) @ matrix
        np.rint(block, out=block)
        found[at : at + _ROWS] = np.clip(block, 0, top, out=block)
    return found


def from_422(values: Values, known: Facts) -> Values:
    """Unfold native Y Y Cb Cr, then convert."""
    quads = values.reshape(-1, 4)
    found = np.empty((quads.shape[0], 2, 3), values.dtype)
    found[:, 0, 0], found[:, 1, 0] = quads[:, 0], quads[:, 1]
    found[:, :, 1], found[:, :, 2] = quads[:, 2:3], quads[:, 3:4]
    return to_rgb(found.reshape(known.rows, known.columns, 3), known)


def jpeg_is_ybr(data: bytes, known: Facts) -> bool:
    """Whether a JPEG's components are luminance and chrominance.

    Its own marks go before the header's word, which is wrong in many files: components called
    R, G and B; JFIF, which is always YCbCr; Adobe's transform 1; chrominance at a lower resolution.
    """
    at = 2
    adobe: int | None = None
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, (length,) = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])
        body = data[at + 4 : at + 2 + length]
        if marker == 0xE0 and body.startswith(b"JFIF"):
            return True
        if marker == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
            adobe = body[11]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _frame_is_ybr(body, adobe, known)
        at += 2 + length
    return known.photometric != "RGB"


def _frame_is_ybr(body: bytes, adobe: int | None, known: Facts) -> bool:
    components = [body[i : i + 3] for i in range(6, len(body) - 2, 3)]
    if bytes(each[0] for each in components).upper() == b"RGB":
        return False
    if adobe == 1 or len({each[1] for each in components}) > 1:
        return True
    return known.photometric != "RGB"
