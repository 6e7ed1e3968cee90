"""Run-length frames to stored values. Source: PS3.5 Annex G."""

from __future__ import annotations

import itertools
import struct

import imagecodecs
import numpy as np

from viewer.dicom.pixels import Values
from viewer.dicom.sandbox.child import colour, native
from viewer.dicom.sandbox.child.bits import used_bits
from viewer.dicom.sandbox.child.facts import Facts
from viewer.errors import CannotDraw


def decode(data: bytes, known: Facts) -> Values:
    """Return a frame: a segment for each byte of each sample, the most significant first."""
    count, *offsets = struct.unpack("<16L", data[:64])
    packed = known.allocated == 1
    depth = 1 if packed else known.allocated // 8
    if count != known.samples * depth:
        raise CannotDraw("its picture is damaged")
    pixels = known.rows * known.columns
    length = -(-pixels // 8) if packed else pixels
    bounds = itertools.pairwise([*offsets[:count], len(data)])
    view = memoryview(data)
    planes = [_unpacked(view[start:end], length) for start, end in bounds]
    if packed:
        return native.values(planes[0].tobytes(), known, 0, True)
    samples = [_joined(planes[at : at + depth], known) for at in range(0, count, depth)]
    if known.samples == 1:
        return used_bits(samples[0].reshape(known.rows, known.columns), known)
    whole = np.empty((known.rows, known.columns, known.samples), samples[0].dtype)
    for i, sample in enumerate(samples):
        whole[..., i] = sample.reshape(known.rows, known.columns)
    return colour.to_rgb(used_bits(whole, known), known)


def _unpacked(segment: memoryview, length: int) -> Values:
    # A run is at most 128 of two bytes, so what can come out is bounded by what went in.
    found = imagecodecs.packbits_decode(segment)
    if len(found) < length:
        raise CannotDraw("its picture is cut short")
    return np.frombuffer(found, np.uint8)[:length]


def _joined(planes: list[Values], known: Facts) -> Values:
    """Return the bytes of values as values; a shift is several times as fast as interleaving."""
    found = planes[0].astype(f"u{len(planes)}")
    for plane in planes[1:]:
        found <<= 8
        found |= plane
    return found.view(f"i{len(planes)}") if known.signed else found
