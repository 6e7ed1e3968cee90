"""JPEG 2000 and HTJ2K codestreams to stored values. Source: ISO 15444-1 Annex A."""

from __future__ import annotations

import math
import struct

import imagecodecs
import numpy as np

from viewer.dicom.pixels import Values
from viewer.dicom.sandbox.child import colour
from viewer.dicom.sandbox.child.bits import with_sign
from viewer.dicom.sandbox.child.facts import HTJ2K, Facts
from viewer.errors import CannotDraw

_START = b"\xff\x4f\xff\x51"  # SOC, then SIZ
_SOT, _COD, _EOC = 0xFF90, 0xFF52, 0xFFD9
_DAMAGED, _CUT = "its picture is damaged", "its picture is cut short"


def decode(data: bytes, known: Facts) -> Values:
    """Return a frame, in RGB if the codestream or the header says how to get there."""
    start = data.find(_START)
    if start < 0 or len(data) < start + 44:
        raise CannotDraw(_DAMAGED)
    stream = data[start:]
    width, height = struct.unpack(">LL", stream[8:16])
    if height > 65535 or width > 65535:
        raise CannotDraw(_DAMAGED)
    precision = (stream[42] & 0x7F) + 1
    transforms, reversible = _checked(stream)
    # What rounding carries past the greatest value OpenJPH lets overflow, to black; OpenJPEG, which
    # is slower, holds it there. Without loss nothing is carried past.
    fast = known.syntax in HTJ2K and reversible
    found = imagecodecs.htj2k_decode(stream) if fast else imagecodecs.jpeg2k_decode(stream)
    values = with_sign(np.asarray(found), known, precision)
    return values if transforms or values.ndim != 3 else colour.to_rgb(values, known)


def _checked(stream: bytes) -> tuple[bool, bool]:
    """Return whether the codestream turns its components into RGB itself, and loses nothing (COD).

    Raises: CannotDraw if a tile is not there in full; HTJ2K decodes what there is of it.
    """
    at, transforms, reversible = 2, False, False
    while (marker := _word(stream, at)) != _SOT:
        if marker == _COD and len(stream) > at + 13:
            transforms, reversible = stream[at + 8] == 1, stream[at + 13] == 1
        at += 2 + _word(stream, at + 2)
    if _tiles(stream, at) != _tiles_told(stream):
        raise CannotDraw(_CUT)
    return transforms, reversible


def _word(stream: bytes, at: int) -> int:
    if at + 2 > len(stream):
        raise CannotDraw(_CUT)
    return stream[at] << 8 | stream[at + 1]


def _tiles(stream: bytes, at: int) -> int:
    """Return how many tiles are there; each of their parts says how long it is."""
    found = set()
    while at + 12 <= len(stream) and _word(stream, at) == _SOT:
        number, length = struct.unpack(">HL", stream[at + 4 : at + 10])
        found.add(number)
        if length == 0:  # up to the end
            return len(found)
        if length < 14:
            raise CannotDraw(_DAMAGED)
        at += length
    if _word(stream, at) != _EOC:
        raise CannotDraw(_CUT)
    return len(found)


def _tiles_told(stream: bytes) -> int:
    sides: tuple[int, ...] = struct.unpack(">8L", stream[8:40])  # SIZ: image, tiles, and offsets
    width, height, _, _, tile_width, tile_height, left, top = sides
    if not tile_width or not tile_height:
        raise CannotDraw(_DAMAGED)
    across = math.ceil((width - left) / tile_width)
    return across * math.ceil((height - top) / tile_height)
