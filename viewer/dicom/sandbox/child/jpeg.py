"""JPEG of all processes to stored values, with a proof that all of the picture was there.

The decoder fills what a scan lacks with grey and tells nobody. So the scan is given a little more
data, and the picture a little more height: what the decoder makes of that tells whether it came
to the end of the picture before it came to the end of the scan. Source: ISO 10918-1 Annexes B, F,
H.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

import imagecodecs
import numpy as np

from viewer.dicom.pixels import Values
from viewer.dicom.sandbox.child import colour
from viewer.dicom.sandbox.child.bits import with_sign
from viewer.dicom.sandbox.child.facts import Facts
from viewer.errors import CannotDraw

_DAMAGED, _CUT = "its picture is damaged", "its picture is cut short"
_BASELINE, _EXTENDED, _LOSSLESS = 0xC0, 0xC1, 0xC3
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN, _END, _INTERVAL = 0xDA, 0xD9, 0xDD
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
_LITTLE_MORE = {_BASELINE: b"\x5a", _EXTENDED: b"\x5a", _LOSSLESS: b"\x5a\xa5"}
_MUCH_MORE = bytes((37 * i + 11) % 251 for i in range(96))  # no FF among them


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the markers before the first scan say."""

    process: int
    precision: int
    rows_at: int  # where the height stands
    rows: int
    columns: int
    sampling: tuple[tuple[int, int], ...]  # across, down; of each component
    interval: int  # of restarts, in units of the scan; 0 for none
    predictor: int  # of a lossless scan
    components: int  # of the first scan
    data_at: int  # where the first scan's data start


def decode(data: bytes, known: Facts) -> Values:
    """Return a frame in grey or RGB.

    Raises: CannotDraw if its size is another than the header's, or part of it is missing.
    """
    frame = _frame(data)
    if (frame.rows, frame.columns) != (known.rows, known.columns):
        raise CannotDraw(_DAMAGED)
    ends = _scan_ends(data, frame.data_at)
    _check_restarts(data, frame, ends)
    ybr = known.samples == 3 and colour.jpeg_is_ybr(data, known)
    found = _grown(data, frame, ends, ybr) if _can_grow(frame, ends) else None
    if found is None:
        found = _decoded(data, known.samples, ybr)
        if not np.array_equal(found, _decoded(_filled(data, frame, ends), known.samples, ybr)):
            raise CannotDraw(_CUT)
    return with_sign(found, known, known.stored)


def _decoded(data: bytes, samples: int, ybr: bool) -> Values:
    if samples == 1:
        return np.asarray(imagecodecs.jpeg8_decode(data))
    space = "YCBCR" if ybr else "RGB"
    return np.asarray(imagecodecs.jpeg8_decode(data, colorspace=space, outcolorspace="RGB"))


def _frame(data: bytes) -> _Frame:
    at, interval, found = 2, 0, None
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if marker == _INTERVAL:
            (interval,) = struct.unpack(">H", data[at + 4 : at + 6])
        elif marker in _FRAMES:
            found = (marker, at)
        elif marker == _SCAN and found is not None:
            return _described(data, *found, interval, at, at + 2 + length)
        at += 2 + length
    raise CannotDraw(_DAMAGED)


def _described(
    data: bytes, process: int, at: int, interval: int, scan_at: int, data_at: int
) -> _Frame:
    precision, rows, columns, count = struct.unpack(">BHHB", data[at + 4 : at + 10])
    factors = data[at + 11 : at + 10 + 3 * count : 3]
    in_scan = data[scan_at + 4]
    return _Frame(
        process=process,
        precision=precision,
        rows_at=at + 5,
        rows=rows,
        columns=columns,
        sampling=tuple((max(each >> 4, 1), max(each & 15, 1)) for each in factors),
        interval=interval,
        predictor=data[scan_at + 5 + 2 * in_scan],
        components=in_scan,
        data_at=data_at,
    )


def _scan_ends(data: bytes, at: int) -> list[int]:
    """Return where the data of each scan end."""
    found = []
    for mark in _marks(data, at):
        if mark < at:  # within a segment between two scans
            continue
        at = end = mark
        while data[end - 1] == 0xFF:  # a marker may have more than one before it
            end -= 1
        found.append(end)
        while data[at + 1] not in (_SCAN, _END):
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
            if at + 4 > len(data) or data[at] != 0xFF:
                return found
        if data[at + 1] == _END:
            return found
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise CannotDraw(_CUT)


def _marks(data: bytes, at: int) -> list[int]:
    """Return where markers other than restarts stand; FF 00 stands for a plain FF."""
    values = np.frombuffer(data, np.uint8, offset=at)
    found = np.flatnonzero(values[:-1] == 0xFF)
    after = values[found + 1]
    ends = (after != 0) & (after != 0xFF) & ((after < 0xD0) | (after > 0xD7))
    marks: list[int] = (found[ends] + at).tolist()
    return marks


def _check_restarts(data: bytes, frame: _Frame, ends: list[int]) -> None:
    """Count the restarts of a picture in one scan; a lost one shifts all that follows."""
    if len(ends) != 1 or not frame.interval:
        return
    block = 1 if frame.process == _LOSSLESS else 8
    alone = frame.components == 1
    across = block * (1 if alone else max(each[0] for each in frame.sampling))
    down = block * (1 if alone else max(each[1] for each in frame.sampling))
    units = -(-frame.columns // across) * -(-frame.rows // down)
    marks = _RESTART.findall(data, frame.data_at, ends[0])
    wanted = -(-units // frame.interval) - 1
    if len(marks) != wanted or any(mark[0] != 0xD0 + i % 8 for i, mark in enumerate(marks)):
        raise CannotDraw(_CUT)


def _filled(data: bytes, frame: _Frame, ends: list[int]) -> bytes:
    """Return the same with more data wherever a scan or a part of one ends.

    A decoder that has all that it needs passes over them.
    """
    start, pieces = frame.data_at, [data[: frame.data_at]]
    for end in ends:
        pieces += [_RESTART.sub(lambda mark: _MUCH_MORE + mark[0], data[start:end]), _MUCH_MORE]
        start = end
    return b"".join([*pieces, data[start:]])


def _can_grow(frame: _Frame, ends: list[int]) -> bool:
    """Whether a taller picture has the same first rows, and we know what its last one would be."""
    tall = frame.rows + 8 <= 65535 and all(down == 1 for _, down in frame.sampling)
    plain = len(ends) == 1 and not frame.interval and frame.components == len(frame.sampling)
    return (
        tall
        and plain
        and (
            frame.process in (_BASELINE, _EXTENDED)
            or (frame.process == _LOSSLESS and frame.predictor in (1, 2, 4, 6))
        )
    )


def _grown(data: bytes, frame: _Frame, ends: list[int], ybr: bool) -> Values | None:
    """Decode with one row more; None if that row says that the data may have ended before it."""
    step = 1 if frame.process == _LOSSLESS else 8
    rows = -(-frame.rows // step) * step + 1
    at, end = frame.rows_at, ends[0]
    taller = b"".join(
        (
            data[:at],
            struct.pack(">H", rows),
            data[at + 2 : end],
            _LITTLE_MORE[frame.process],
            data[end:],
        )
    )
    found = _decoded(taller, len(frame.sampling), ybr)
    if len(found) != rows:
        raise CannotDraw(_DAMAGED)
    if frame.process != _LOSSLESS:
        without_data = np.asarray(1 << (frame.precision - 1))
    else:  # no differences: the values are what is predicted, from the left or from above
        without_data = found[-2, :1] if frame.predictor == 1 else found[-2]
    return None if (found[-1] == without_data).all() else found[: frame.rows]
