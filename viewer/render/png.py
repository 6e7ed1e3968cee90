"""PNG files, written by hand: 8-bit grey or RGB, nothing else in them. Source: RFC 2083."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB = 0, 2
UP = 2  # each row as its difference to the one above: small for smooth pictures


def png(array: npt.NDArray[np.uint8]) -> bytes:
    """Return a PNG file of rows x columns (grey) or rows x columns x 3 (RGB)."""
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or array.shape[2:] not in ((), (3,)):
        raise ValueError("a picture has 8 bits, and one channel or three")
    rows, columns = array.shape[:2]
    if not rows or not columns:
        raise ValueError("a picture has at least one pixel")
    flat = array.reshape(rows, -1)
    lines = np.empty((rows, flat.shape[1] + 1), dtype=np.uint8)
    lines[:, 0] = UP
    lines[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=lines[1:, 1:])
    kind = GREY if array.ndim == 2 else RGB
    head = struct.pack(">IIBBBBB", columns, rows, 8, kind, 0, 0, 0)
    body = zlib.compress(lines.tobytes(), 3)
    return SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
