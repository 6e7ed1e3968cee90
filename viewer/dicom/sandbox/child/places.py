"""Where each frame of a multi-frame instance lies: in space, in time, and in its own order.

Enhanced objects say it in functional groups (PS3.3 C.7.6.16.2), nuclear medicine by a slice vector
(C.8.4.8, C.8.4.15), doses by offsets of their planes (C.8.8.3.2).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from pydicom.dataset import Dataset

from viewer.dicom.header import MAX_PLACED
from viewer.dicom.sandbox.child.values import codes, item, items, number, numbers, text

Numbers = Sequence[float]
_CONTENT, _POSITION, _ORIENTATION = 0x00209111, 0x00209113, 0x00209116
_VOLUME_POSITION, _VOLUME_ORIENTATION = 0x0020930E, 0x0020930F
_DETECTOR = 0x00540022


def places(found: Dataset, frames: int) -> dict[str, Any]:
    """Return the fields of a Header that tell of frames one by one."""
    if not 1 < frames <= MAX_PLACED:
        return {}
    own = items(found, 0x52009230)
    if len(own) >= frames:
        return _grouped(found, list(own)[:frames])
    return _planes_of_dose(found, frames) or _slices_of_nuclear(found, frames)


# -- functional groups ------------------------------------------------------------------------


def _grouped(found: Dataset, own: list[Dataset]) -> dict[str, Any]:
    shared = item(found, 0x52009229)
    positions = _each(own, shared, _POSITION, 0x00200032, 3)
    orientations = _each(own, shared, _ORIENTATION, 0x00200037, 6)
    contents = [item(each, _CONTENT) for each in own]
    temporal = [numbers(each, 0x00209128)[:1] for each in contents]
    indices = _in_volume(own, shared) or _indices(contents)
    is_file_order = all(a <= b for a, b in itertools.pairwise(indices))
    return {
        "frame_positions": positions if _differ(positions) else [],
        "frame_orientations": orientations if _differ(orientations) else [],
        "frame_temporal": _counts([each[0] for each in temporal]) if all(temporal) else [],
        "frame_indices": [] if is_file_order else indices,
    }


def _each(
    own: list[Dataset], shared: Dataset | None, group: int, tag: int, length: int
) -> list[list[float]]:
    """Return an attribute of every frame, or nothing if one of them lacks it."""
    common = numbers(item(shared, group), tag)
    found = [numbers(item(each, group), tag) or common for each in own]
    return found if all(len(each) == length for each in found) else []


def _differ(found: list[list[float]]) -> bool:
    return any(each != found[0] for each in found)


def _indices(contents: list[Dataset | None]) -> list[list[int]]:
    """Return each frame's place in the dimensions, or else in its stack. PS3.3 C.7.6.17."""
    found = [_counts(numbers(each, 0x00209157)[:16]) for each in contents]
    if all(found) and len({len(each) for each in found}) == 1:
        return found
    names = [text(each, 0x00209056, ("iso8859",)) for each in contents]
    stacks = {name: rank for rank, name in enumerate(dict.fromkeys(names))}
    within = [_counts(numbers(each, 0x00209057)[:1]) for each in contents]
    if not all(within):
        return []
    return [[stacks[name], each[0]] for name, each in zip(names, within, strict=True)]


def _counts(found: Numbers) -> list[int]:
    """Return what counts, or nothing if one of it is no count."""
    return [int(each) for each in found] if all(0 <= each < 1 << 32 for each in found) else []


def _in_volume(own: list[Dataset], shared: Dataset | None) -> list[list[int]]:
    """Return ranks of planes that lie in a volume of their own and not in the patient's."""
    positions = _each(own, shared, _VOLUME_POSITION, 0x00209301, 3)
    orientations = _each(own, shared, _VOLUME_ORIENTATION, 0x00209302, 6)
    if not positions or not orientations or _differ(orientations):
        return []
    normal = _normal(orientations[0])
    depths = [sum(a * b for a, b in zip(normal, each, strict=True)) for each in positions]
    ranks = {depth: rank for rank, depth in enumerate(sorted(set(depths)))}
    return [[ranks[depth]] for depth in depths]


# -- others -----------------------------------------------------------------------------------


def _planes_of_dose(found: Dataset, frames: int) -> dict[str, Any]:
    """Offsets from the first plane; if the first is not 0, places along z instead."""
    offsets = numbers(found, 0x3004000C)
    first, directions = numbers(found, 0x00200032), numbers(found, 0x00200037)
    if len(offsets) != frames or len(first) != 3 or len(directions) != 6:
        return {}
    if offsets[0] != 0:
        return {"frame_positions": [[first[0], first[1], each] for each in offsets]}
    return {"frame_positions": _along(first, directions, offsets)}


def _slices_of_nuclear(found: Dataset, frames: int) -> dict[str, Any]:
    """A reconstructed volume; the sign of its spacing says to which side the slices follow."""
    if "RECON" not in "".join(codes(found, 0x00080008)[2:3]):
        return {}
    detector = item(found, _DETECTOR)
    first = numbers(detector, 0x00200032) or numbers(found, 0x00200032)
    directions = numbers(detector, 0x00200037) or numbers(found, 0x00200037)
    numbered, spacing = numbers(found, 0x00540080), number(found, 0x00180088)
    if len(first) != 3 or len(directions) != 6 or len(numbered) != frames or not spacing:
        return {}
    offsets = [(each - 1) * spacing for each in numbered]
    slots = numbers(found, 0x00540070)
    return {
        "frame_positions": _along(first, directions, offsets),
        "frame_temporal": _counts(slots) if len(slots) == frames else [],
    }


def _along(first: Numbers, directions: Numbers, offsets: Numbers) -> list[list[float]]:
    normal = _normal(directions)
    found = [[a + each * b for a, b in zip(first, normal, strict=True)] for each in offsets]
    return found if all(math.isfinite(one) for each in found for one in each) else []


def _normal(directions: Numbers) -> list[float]:
    (a, b, c), (d, e, f) = directions[:3], directions[3:]
    return [b * f - c * e, c * d - a * f, a * e - b * d]
