"""A segmented palette to its entries. Source: PS3.3 C.7.9.2."""

from __future__ import annotations

DISCRETE, LINEAR, INDIRECT = 0, 1, 2
MAX_STEPS = 1 << 17  # segments may be empty and copied over and over


def expand(codes: list[int], wide: bool, room: int) -> list[int]:
    """Return `room` entries, or as many as the segments give before something is wrong.

    Args:
        codes: the data, of 16 bits if `wide`, else of 8.
        wide: whether an entry has more than 8 bits.
        room: how many entries are wanted.
    """
    found: list[int] = []
    at = steps = 0
    while at + 2 < len(codes) and len(found) < room and steps < MAX_STEPS:
        if codes[at] != INDIRECT:
            at, done = _segment(codes, at, found), 1
        else:
            at, done = _copy(codes, at, found, wide, room)
        if not done:
            break
        steps += done
    return found


def _segment(codes: list[int], at: int, found: list[int]) -> int:
    """Append one segment and return where the next one starts; the end if this is none."""
    kind, length = codes[at], codes[at + 1]
    if kind == DISCRETE:
        found += codes[at + 2 : at + 2 + length]
        return at + 2 + length
    if kind == LINEAR and found:
        start, end = found[-1], codes[at + 2]
        found += [round(start + (end - start) * i / length) for i in range(1, length + 1)]
        return at + 3
    return len(codes)


def _copy(codes: list[int], at: int, found: list[int], wide: bool, room: int) -> tuple[int, int]:
    """Append earlier segments once more; return where the next one starts, and how many.

    Copies may not hold copies, so what can come out is bounded.
    """
    after = at + (4 if wide else 6)
    pieces = codes[at + 2 : after]  # a count of bytes, the least significant piece first
    offset = sum(each << ((16 if wide else 8) * i) for i, each in enumerate(pieces))
    source, done = offset // 2 if wide else offset, 0
    while done < codes[at + 1] and source + 2 < at and len(found) < room:
        if codes[source] == INDIRECT:
            return after, 0
        source = _segment(codes, source, found)
        done += 1
    return after, done
