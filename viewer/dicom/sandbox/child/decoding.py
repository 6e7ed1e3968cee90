"""One frame's bytes to stored values: rows x columns, or rows x columns x 3 in RGB."""

from __future__ import annotations

import itertools
import struct
import sys
import zlib

import imagecodecs
import numpy as np

from viewer.dicom.pixels import Values
from viewer.dicom.sandbox.child import colour, framing
from viewer.dicom.sandbox.child.bytes_in import Bytes
from viewer.dicom.sandbox.child.facts import (
    DEFLATED_FRAMES,
    HTJ2K,
    JPEG,
    JPEG_2000,
    JPEG_LS,
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
            found = _native(data, known, frame, file.little)
        else:
            data = framing.compressed(file, source, known, frame)
            found = _decompressed(data, known)
    except MALFORMED as error:
        raise CannotDraw(_DAMAGED) from error
    if found.shape[:2] != (known.rows, known.columns) or found.ndim != (2 + (known.samples == 3)):
        raise CannotDraw(_DAMAGED)
    return np.ascontiguousarray(found)


def _decompressed(data: bytes, known: Facts) -> Values:
    if known.syntax in _ENDED and b"\xff\xd9" not in data.rstrip(b"\0")[-_SLACK:]:
        # JPEG and HTJ2K that are cut decode to part of a picture, silently; JPEG-LS takes seconds.
        raise CannotDraw(_CUT)
    if known.syntax in JPEG:
        return _signed(_jpeg(data, known), known, known.stored)
    if known.syntax in JPEG_LS:
        return _jpeg_ls(data, known)
    if known.syntax in JPEG_2000 | HTJ2K:
        return _jpeg_2000(data, known)
    if known.syntax == RLE:
        return _rle(data, known)
    if known.syntax == DEFLATED_FRAMES:
        return _native(_inflated(data, known), known, 0, True)
    raise CannotDraw("its compression is not known to us")


# -- native -----------------------------------------------------------------------------------


def _dtype(known: Facts, little: bool) -> np.dtype:
    kind = "f" if known.is_float else "i" if known.signed else "u"
    return np.dtype(f"{'<' if little else '>'}{kind}{known.allocated // 8}")


def _native(data: bytes, known: Facts, frame: int, little: bool) -> Values:
    rows, columns = known.rows, known.columns
    if known.allocated == 1:
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        skip = frame * known.frame_bits % 8
        found: Values = bits[skip : skip + rows * columns].reshape(rows, columns)
        return found
    values: Values = np.frombuffer(data, _dtype(known, little))
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    if known.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422") and known.is_native:
        return colour.from_422(values, known)
    if known.samples == 1:
        return _used_bits(values.reshape(rows, columns), known)
    if known.planar:
        values = values.reshape(known.samples, rows, columns).transpose(1, 2, 0)
    else:
        values = values.reshape(rows, columns, known.samples)
    return colour.to_rgb(_used_bits(values, known), known)


def _used_bits(values: Values, known: Facts) -> Values:
    """Drop what lies beside the stored bits: old files keep overlays there. PS3.5 8.1.1."""
    if known.is_float or known.stored == known.allocated:
        return values
    shift = max(known.high + 1 - known.stored, 0)
    left = known.allocated - known.stored - shift
    if known.signed:  # two shifts in a signed type extend the sign
        values = (values << left) >> (left + shift)
    else:
        values = (values >> shift) & values.dtype.type((1 << known.stored) - 1)
    return values


def _signed(values: Values, known: Facts, precision: int) -> Values:
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


# -- compressed -------------------------------------------------------------------------------


def _jpeg(data: bytes, known: Facts) -> Values:
    if known.samples == 1:
        found = imagecodecs.jpeg8_decode(data)
    elif colour.jpeg_is_ybr(data, known):
        found = imagecodecs.jpeg8_decode(data, colorspace="YCBCR", outcolorspace="RGB")
    else:
        found = imagecodecs.jpeg8_decode(data, colorspace="RGB", outcolorspace="RGB")
    return np.asarray(found)


def _jpeg_ls(data: bytes, known: Facts) -> Values:
    found = _signed(np.asarray(imagecodecs.jpegls_decode(data)), known, known.stored)
    return colour.to_rgb(found, known) if found.ndim == 3 else found


def _jpeg_2000(data: bytes, known: Facts) -> Values:
    start = data.find(b"\xff\x4f\xff\x51")
    if start < 0 or len(data) < start + 42:
        raise CannotDraw(_DAMAGED)
    height, width = struct.unpack(
        ">LL", data[start + 12 : start + 16] + data[start + 8 : start + 12]
    )
    if height > 65535 or width > 65535:
        raise CannotDraw(_DAMAGED)
    precision = (data[start + 42] & 0x7F) + 1
    stream = data[start:]
    htj2k = known.syntax in HTJ2K
    found = imagecodecs.htj2k_decode(stream) if htj2k else imagecodecs.jpeg2k_decode(stream)
    values = _signed(np.asarray(found), known, precision)
    if values.ndim == 3 and not _transforms_components(stream):
        return colour.to_rgb(values, known)
    return values


def _transforms_components(stream: bytes) -> bool:
    """Whether the codestream itself turns its components into RGB (COD: SGcod)."""
    at = stream.find(b"\xff\x52")
    return at >= 0 and len(stream) > at + 8 and stream[at + 8] == 1


def _rle(data: bytes, known: Facts) -> Values:
    """Source: PS3.5 Annex G."""
    count, *offsets = struct.unpack("<16L", data[:64])
    packed = known.allocated == 1
    planes = 1 if packed else known.samples * known.allocated // 8
    if count != planes:
        raise CannotDraw(_DAMAGED)
    pixels = known.rows * known.columns
    length = -(-pixels // 8) if packed else pixels
    bounds = [*offsets[:count], len(data)]
    segments = [data[a:b] for a, b in itertools.pairwise(bounds)]
    planes_found = [_unpacked(each, length) for each in segments]
    if packed:
        return _native(planes_found[0].tobytes(), known, 0, True)
    depth = known.allocated // 8  # the most significant byte comes first
    stacked = np.stack(planes_found).reshape(known.samples, depth, pixels)
    if sys.byteorder == "little":
        stacked = stacked[:, ::-1]
    values = np.ascontiguousarray(stacked.transpose(2, 0, 1)).view(
        f"{'i' if known.signed else 'u'}{depth}"
    )
    if known.samples == 1:
        return _used_bits(values.reshape(known.rows, known.columns), known)
    return colour.to_rgb(
        _used_bits(values.reshape(known.rows, known.columns, known.samples), known), known
    )


def _unpacked(segment: bytes, length: int) -> Values:
    # A run is at most 128 of two bytes, so what can come out is bounded by what went in.
    found = imagecodecs.packbits_decode(segment)
    if len(found) < length:
        raise CannotDraw(_CUT)
    return np.frombuffer(found, np.uint8)[:length]


def _inflated(data: bytes, known: Facts) -> bytes:
    need = -(-known.frame_bits // 8)
    found = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, need + 1)[:need]
    if len(found) < need:
        raise CannotDraw(_CUT)
    return found
