"""Where the bytes of each frame lie.

Fragments map to frames by their number, else by an offset table, else by where codestreams end.
Source: PS3.5 A.4.
"""

from __future__ import annotations

import bisect
import itertools
import struct

from viewer.dicom.sandbox.child.bytes_in import Bytes
from viewer.dicom.sandbox.child.facts import UNDEFINED, Facts
from viewer.dicom.sandbox.child.reading import File
from viewer.dicom.sandbox.child.values import raw
from viewer.dicom.sandbox.protocol import RING_BYTES
from viewer.errors import CannotDraw

ITEM, END = 0xFFFEE000, 0xFFFEE0DD
MAX_FRAGMENTS = 1 << 21
Fragment = tuple[int, int]  # where the item's tag lies, length of its value
_CUT = "its picture is cut short"


def native_start(file: File) -> int:
    """Return where the first native frame starts."""
    return file.place.value if file.place else 0


def _item(file: File, source: Bytes, at: int) -> tuple[int, int]:
    data = file.bytes(source, at, 8)
    if len(data) < 8:
        return END, 0
    group, element, length = struct.unpack("<HHL", data)
    return group << 16 | element, length


def fragments(
    file: File, source: Bytes, end: int | None = None
) -> tuple[list[int], list[Fragment]]:
    """Return the basic offset table (absolute) and the fragments up to `end`."""
    if file.place is None or file.place.length != UNDEFINED:
        raise CannotDraw("its picture is missing or damaged")
    tag, length = _item(file, source, file.place.value)
    if tag != ITEM or length % 4:
        raise CannotDraw("its picture is damaged")
    at = file.place.value + 8 + length
    entries = file.bytes(source, file.place.value + 8, min(length, 4 * MAX_FRAGMENTS))
    table = [at + each for (each,) in struct.iter_unpack("<L", entries[: len(entries) // 4 * 4])]
    return table, walk(file, source, at, end)


def walk(file: File, source: Bytes, at: int, end: int | None = None) -> list[Fragment]:
    """Return the fragments from `at` on; what is cut off ends the list."""
    found: list[Fragment] = []
    while len(found) < MAX_FRAGMENTS and (end is None or at < end):
        tag, length = _item(file, source, at)
        if tag != ITEM or length == UNDEFINED or at + 8 + length > file.size:
            break
        found.append((at, length))
        at += 8 + length
    return found


def _extended(file: File, base: int) -> list[int]:
    value = raw(file.dataset, 0x7FE00001)
    return [base + each for (each,) in struct.iter_unpack("<Q", value[: len(value) // 8 * 8])]


def _ends_codestream(file: File, source: Bytes, fragment: Fragment) -> bool:
    at, length = fragment
    tail = file.bytes(source, at + 8 + max(0, length - 16), min(16, length))
    return b"\xff\xd9" in tail.rstrip(b"\0")[-3:]


def frame_starts(file: File, source: Bytes, frames: int) -> list[int]:
    """Return where each compressed frame's first item starts, and where the last one ends.

    Raises: CannotDraw if the fragments do not say so.
    """
    table, found = fragments(file, source)
    if not found:
        raise CannotDraw(_CUT)
    end = found[-1][0] + 8 + found[-1][1]
    if frames == 1:
        return [found[0][0], end]
    if len(found) == frames:
        return [*(at for at, _ in found), end]
    places = {at for at, _ in found}
    for candidate in (table, _extended(file, found[0][0])):
        if len(candidate) == frames and places.issuperset(candidate):
            starts = [*candidate, end]
            if all(a < b for a, b in itertools.pairwise(starts)):
                return starts
    last = [each for each in found if _ends_codestream(file, source, each)]
    if len(last) == frames:
        return [found[0][0], *(at + 8 + length for at, length in last[:-1]), end]
    raise CannotDraw(_CUT if len(found) < frames else "its frames cannot be told apart")


def compressed(file: File, source: Bytes, known: Facts, frame: int) -> bytes:
    """Return one frame's codestream."""
    if source.span is not None:
        start, end = source.span[0], source.span[0] + source.span[1]
    elif known.frames == 1:
        start, end = frame_starts(file, source, 1)
    else:
        start, end = _one_of_many(file, source, known, frame)
    if not 0 < end - start <= RING_BYTES:
        raise CannotDraw(_CUT)
    found = walk(file, source, start, end)
    data = b"".join(file.bytes(source, at + 8, length) for at, length in found)
    if not data or sum(length for _, length in found) != len(data):
        raise CannotDraw(_CUT)
    return data


def _one_of_many(file: File, source: Bytes, known: Facts, frame: int) -> tuple[int, int]:
    """Find a frame; those before a cut are there although the rest is not."""
    try:
        if file.starts is None:
            file.starts = frame_starts(file, source, known.frames)
        starts = file.starts
    except CannotDraw:
        table, found = fragments(file, source)
        places = [at for at, _ in found]
        if len(table) != known.frames or table[frame] not in places:
            raise
        after = table[frame + 1] if frame + 1 < len(table) else None
        if after is None or after not in places:
            raise
        return table[frame], places[bisect.bisect_left(places, after)]
    return starts[frame], starts[frame + 1]


def native(file: File, source: Bytes, known: Facts, frame: int) -> bytes:
    """Return one frame's bytes; of 1-bit frames those that hold its first to its last bit."""
    if file.place is None:
        raise CannotDraw(_CUT)
    first = frame * known.frame_bits // 8
    last = -(-(frame + 1) * known.frame_bits // 8)
    swap = not file.little and known.allocated == 8 and file.place.vr == "OW"
    low, high = (first // 2 * 2, last + last % 2) if swap else (first, last)
    data = file.bytes(source, file.place.value + low, min(high, file.place.length) - low)
    if swap:
        even = data[: len(data) // 2 * 2]
        data = b"".join((even[i + 1 : i + 2] + even[i : i + 1]) for i in range(0, len(even), 2))
        data = data[first - low :][: last - first]
    if len(data) < last - first:
        raise CannotDraw(_CUT)
    return data
