"""Pixels that are not compressed to stored values. Source: PS3.5 8.1, 8.2."""

from __future__ import annotations

import numpy as np

from viewer.dicom.pixels import Values
from viewer.dicom.sandbox.child import colour
from viewer.dicom.sandbox.child.bits import used_bits
from viewer.dicom.sandbox.child.facts import Facts


def values(data: bytes, known: Facts, frame: int, little: bool) -> Values:
    """Return a frame.

    Args:
        frame: its number, which tells at which bit of the first byte 1-bit frames start.
        little: whether the least significant byte comes first.
    """
    rows, columns = known.rows, known.columns
    if known.allocated == 1:
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        skip = frame * known.frame_bits % 8
        found: Values = bits[skip : skip + rows * columns].reshape(rows, columns)
        return found
    found = np.frombuffer(data, _dtype(known, little))
    found = found.astype(found.dtype.newbyteorder("="), copy=False)
    if known.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422") and known.is_native:
        return colour.from_422(found, known)
    if known.samples == 1:
        return used_bits(found.reshape(rows, columns), known)
    if known.planar:
        found = found.reshape(known.samples, rows, columns).transpose(1, 2, 0)
    else:
        found = found.reshape(rows, columns, known.samples)
    return colour.to_rgb(used_bits(found, known), known)


def _dtype(known: Facts, little: bool) -> np.dtype:
    kind = "f" if known.is_float else "i" if known.signed else "u"
    return np.dtype(f"{'<' if little else '>'}{kind}{known.allocated // 8}")
