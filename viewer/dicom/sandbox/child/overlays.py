"""Overlay planes: bits that belong over the picture, in elements of their own or beside its values.

Source: PS3.3 C.9.2, PS3.5 8.1.2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from viewer.dicom.pixels import Values
from viewer.dicom.sandbox.child.facts import Facts
from viewer.dicom.sandbox.child.values import (
    charset,
    code,
    little,
    raw,
    same_order,
    short,
    shorts,
    text,
    whole,
)
from viewer.dicom.sandbox.protocol import MAX_LABEL, OVERLAY_PIXELS

GROUPS = frozenset(0x60000000 | i << 17 for i in range(16))
ROWS, COLUMNS, FRAMES, KIND = 0x10, 0x11, 0x15, 0x40
ORIGIN, FIRST, ALLOCATED, POSITION, LABEL, DATA = 0x50, 0x51, 0x100, 0x102, 0x1500, 0x3000
Plane = tuple[dict[str, Any], Values]


def _groups(dataset: Dataset) -> list[int]:
    """Return the groups of overlays that are there; in most pictures none."""
    return sorted(GROUPS.intersection(tag & 0xFFFF0000 for tag in map(int, dataset.keys())))


def beside(dataset: Dataset, known: Facts) -> dict[int, int]:
    """Return which unused bit of a stored value holds which group's overlay."""
    if known.samples != 1 or known.is_float or known.allocated not in (8, 16):
        return {}
    used = range(max(known.high + 1 - known.stored, 0), known.high + 1)
    found = {}
    for group in _groups(dataset):
        has_own = group | DATA in dataset or group | POSITION not in dataset
        position = short(dataset, group | POSITION)
        said = short(dataset, group | ALLOCATED)
        if not has_own and said == known.allocated and position < said and position not in used:
            found[group] = position
    return found


def planes(dataset: Dataset, known: Facts, frame: int, stored: Values | None) -> list[Plane]:
    """Return what lies over a frame: attributes of `Overlay`, and its bits.

    Args:
        stored: all bits of the frame's values, if some of them are overlays.
    """
    found: list[Plane] = []
    room = OVERLAY_PIXELS
    hidden = beside(dataset, known) if stored is not None else {}
    for group in _groups(dataset):
        if group in hidden and stored is not None:
            plane: Values | None = (stored >> stored.dtype.type(hidden[group])) & 1 > 0
            row = column = 0
        else:
            plane, row, column = _own(dataset, group, known, frame)
        if plane is None or plane.size > room or not plane.any():
            continue
        room -= plane.size
        about = {
            "row": row,
            "column": column,
            "kind": "R" if code(dataset, group | KIND) == "R" else "G",
            "label": text(dataset, group | LABEL, charset(dataset))[:MAX_LABEL],
        }
        found.append((about, plane))
    return found


def _own(dataset: Dataset, group: int, known: Facts, frame: int) -> tuple[Values | None, int, int]:
    """Return the part of a group's plane that lies within the picture, and where it starts."""
    rows, columns = short(dataset, group | ROWS), short(dataset, group | COLUMNS)
    index = _index(dataset, group, frame)
    data = raw(dataset, group | DATA)
    if not data or not rows or not columns or index is None:
        return None, 0, 0
    plane = _unpacked(data, index * rows * columns, rows, columns, _is_swapped(dataset, group))
    origin = shorts(dataset, group | ORIGIN, signed=True)
    top, left = (origin[0] - 1, origin[1] - 1) if len(origin) == 2 else (0, 0)
    if plane is None:
        return None, 0, 0
    inside = plane[max(0, -top) : known.rows - top, max(0, -left) : known.columns - left]
    if top >= known.rows or left >= known.columns or not inside.size:
        return None, 0, 0
    return inside, max(0, top), max(0, left)


def _index(dataset: Dataset, group: int, frame: int) -> int | None:
    """Return which of a group's planes belongs to a frame; a single one belongs to all."""
    if group | FRAMES not in dataset and group | FIRST not in dataset:
        return 0
    count, first = whole(dataset, group | FRAMES) or 1, short(dataset, group | FIRST, 1) or 1
    if count == 1 and group | FIRST not in dataset:
        return 0
    index = frame - (first - 1)
    return index if 0 <= index < count else None


def _is_swapped(dataset: Dataset, group: int) -> bool:
    element = dataset.get_item(group | DATA, keep_deferred=True)
    return not little(dataset, group | DATA) and str(element.VR) == "OW"


def _unpacked(data: bytes, start: int, rows: int, columns: int, swapped: bool) -> Values | None:
    """Return `rows` x `columns` bits from bit `start` on; planes follow one another unpadded."""
    end = start + rows * columns
    if end > 8 * len(data) or rows * columns > 4 * OVERLAY_PIXELS:
        return None
    low, high = start // 16 * 2, -(-end // 16) * 2
    part = data[low:high]
    if swapped and len(part) % 2 == 0 and not same_order(False):
        part = np.frombuffer(part, np.uint16).byteswap().tobytes()
    bits = np.unpackbits(np.frombuffer(part, np.uint8), bitorder="little")
    return bits[start - 8 * low : end - 8 * low].reshape(rows, columns) > 0
