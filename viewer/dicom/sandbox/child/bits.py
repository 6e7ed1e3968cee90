"""Which bits of a stored value count, and its sign. Source: PS3.5 8.1.1."""

from __future__ import annotations

import dataclasses

from viewer.dicom.pixels import Values
from viewer.dicom.sandbox.child.facts import Facts


def used_bits(values: Values, known: Facts) -> Values:
    """Drop what lies beside the stored bits: old files keep overlays there."""
    if known.is_float or known.stored == known.allocated or values.dtype.kind not in "iu":
        return values
    width = values.dtype.itemsize * 8
    shift = max(known.high + 1 - known.stored, 0)
    left = width - known.stored - shift
    if left < 0:
        return values
    if known.signed:  # two shifts in a signed type extend the sign
        found: Values = (values.view(f"i{values.dtype.itemsize}") << left) >> (left + shift)
    else:
        found = values >> shift if shift else values
        found = found & values.dtype.type((1 << known.stored) - 1)
    return found


def with_all_bits(known: Facts) -> Facts:
    """Return the same picture with nothing beside its values."""
    return dataclasses.replace(
        known, stored=known.allocated, high=known.allocated - 1, signed=False
    )


def with_sign(values: Values, known: Facts, precision: int) -> Values:
    """Give integers the sign that the header tells; codecs decode to unsigned, or wrongly."""
    if values.dtype.kind not in "iu":
        return values
    width = values.dtype.itemsize * 8
    precision = min(max(precision, 1), width)
    if not known.signed:
        if values.dtype.kind == "u":
            return values
        values = values.view(f"u{values.dtype.itemsize}")
        values &= values.dtype.type((1 << precision) - 1)
        return values
    shift = width - precision
    signed: Values = values.view(f"i{values.dtype.itemsize}") << shift
    signed >>= shift
    return signed
