"""One frame's bytes to stored values: rows x columns, or rows x columns x 3 in RGB."""

from __future__ import annotations

import zlib

import imagecodecs
import numpy as np

from viewer.dicom.pixels import Values
from viewer.dicom.sandbox.child import colour, framing, jpeg, jpeg_2000, limits, native, rle
from viewer.dicom.sandbox.child.bits import with_sign
from viewer.dicom.sandbox.child.bytes_in import Bytes
from viewer.dicom.sandbox.child.facts import (
    DEFLATED_FRAMES,
    HTJ2K,
    JPEG,
    JPEG_2000,
    JPEG_LS,
    JPEG_XL,
    RLE,
    Facts,
)
from viewer.dicom.sandbox.child.reading import MALFORMED, File
from viewer.errors import CannotDraw

_DAMAGED = "its picture is damaged"
_CUT = "its picture is cut short"
_ENDED = JPEG | JPEG_LS | JPEG_2000 | HTJ2K  # by FFD9, and at most a little after it
_SLACK = 16


def decode(file: File, source: Bytes, known: Facts, frame: int) -> Values:
    """Return a frame.

    Raises: CannotDraw.
    """
    try:
        if known.is_native:
            data = framing.native(file, source, known, frame)
            found = native.values(data, known, frame, file.little)
        else:
            data = framing.compressed(file, source, known, frame)
            pixels = known.rows * known.columns * known.samples
            with limits.processor(limits.allowed_s(len(data), pixels)):
                found = _decompressed(data, known)
    except MALFORMED as error:
        raise CannotDraw(_DAMAGED) from error
    if found.shape[:2] != (known.rows, known.columns) or found.ndim != (2 + (known.samples == 3)):
        raise CannotDraw(_DAMAGED)
    return np.ascontiguousarray(found)


def _decompressed(data: bytes, known: Facts) -> Values:
    if known.syntax in _ENDED and b"\xff\xd9" not in data.rstrip(b"\0")[-_SLACK:]:
        raise CannotDraw(_CUT)  # before a codec spends seconds on it
    if known.syntax in JPEG:
        return jpeg.decode(data, known)
    if known.syntax in JPEG_LS:
        return _jpeg_ls(data, known)
    if known.syntax in JPEG_2000 | HTJ2K:
        return jpeg_2000.decode(data, known)
    if known.syntax in JPEG_XL:
        return _jpeg_xl(data, known)
    if known.syntax == RLE:
        return rle.decode(data, known)
    if known.syntax == DEFLATED_FRAMES:
        return native.values(_inflated(data, known), known, 0, True)
    raise CannotDraw("its compression is not known to us")


def _jpeg_ls(data: bytes, known: Facts) -> Values:
    found = with_sign(np.asarray(imagecodecs.jpegls_decode(data)), known, known.stored)
    return colour.to_rgb(found, known) if found.ndim == 3 else found


def _jpeg_xl(data: bytes, known: Facts) -> Values:
    """Source: ISO 18181. A cut codestream is an error; colour comes out as RGB."""
    found = np.asarray(imagecodecs.jpegxl_decode(data, numthreads=1))
    return with_sign(found, known, known.stored)


def _inflated(data: bytes, known: Facts) -> bytes:
    need = -(-known.frame_bits // 8)
    found = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, need + 1)[:need]
    if len(found) < need:
        raise CannotDraw(_CUT)
    return found
