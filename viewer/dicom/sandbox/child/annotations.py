"""Measurements and marks out of reports and key objects: shapes, pictures, labels; nothing more.

Reads TID 1500 groups whoever wrote them: shapes that numbers are inferred from, and regions. What
has three dimensions, or too many points, is left out and counted.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from pydicom.dataset import Dataset

from viewer.dicom.sandbox.child.reading import File
from viewer.dicom.sandbox.child.values import (
    charset,
    code,
    item,
    items,
    numbers,
    raw,
    text,
)
from viewer.dicom.sandbox.protocol import KEPT_MARKS, KEPT_POINTS, KEPT_SHAPES

DEEPEST = 12
_CONTENT, _TYPE, _NAME, _CODE = 0x0040A730, 0x0040A040, 0x0040A043, 0x0040A168
_VALUE, _SCHEME, _MEANING = 0x00080100, 0x00080102, 0x00080104
_TEXT, _UID, _GRAPHIC, _DATA = 0x0040A160, 0x0040A124, 0x00700023, 0x00700022
_SOPS, _SOP, _FRAMES = 0x00081199, 0x00081155, 0x00081160
_KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"


def annotated(file: File) -> dict[str, Any]:
    """Return the map that `viewer.dicom.kept.read` checks."""
    found = file.dataset
    reply: dict[str, Any] = {"shapes": [], "marks": [], "left_out": 0}
    if code(found, 0x00080016) == _KEY_OBJECTS:
        reply["marks"] = list(_marks(found))[:KEPT_MARKS]
        return {"annotations": reply}
    encodings = charset(found)
    for group in _groups(found, 0):
        for shape in _shapes(group, encodings):
            if shape is None or len(reply["shapes"]) >= KEPT_SHAPES:
                reply["left_out"] += 1
            else:
                reply["shapes"].append(shape)
    return {"annotations": reply}


def _named(dataset: Dataset) -> tuple[str, str]:
    name = item(dataset, _NAME)
    return code(name, _VALUE), code(name, _SCHEME)


def _groups(dataset: Dataset, depth: int) -> Iterator[Dataset]:
    """Yield the measurement groups, wherever they stand."""
    if depth > DEEPEST:
        return
    for each in items(dataset, _CONTENT):
        if _named(each) == ("125007", "DCM"):
            yield each
        else:
            yield from _groups(each, depth + 1)


def _shapes(group: Dataset, encodings: tuple[str, ...]) -> Iterator[dict[str, Any] | None]:
    """Yield the shapes of a group once each, though several numbers are inferred from one."""
    about: dict[str, Any] = {"tracking": "", "uid": "", "label": ""}
    for each in items(group, _CONTENT):
        name = _named(each)[0]
        if name == "112039":
            about["tracking"] = text(each, _TEXT, encodings)
        elif name == "112040":
            about["uid"] = code(each, _UID)
        elif name == "121071":
            about["label"] = text(item(each, _CODE), _MEANING, encodings)
    seen: set[Any] = set()
    for place, concept in _places(group):
        shape = _shape(place)
        if shape is None:
            yield None
            continue
        key = shape["graphic"], tuple(shape["points"]), shape["sop_uid"], shape["frame"]
        if key not in seen:
            seen.add(key)
            yield about | shape | {"concept": concept}


def _places(group: Dataset) -> Iterator[tuple[Dataset, str]]:
    """Yield each place in a picture, and the code of the number that was inferred from it."""
    for each in items(group, _CONTENT):
        kind = code(each, _TYPE)
        if kind in ("SCOORD", "SCOORD3D"):
            yield each, ""
        elif kind == "NUM":
            for below in items(each, _CONTENT):
                if code(below, _TYPE) in ("SCOORD", "SCOORD3D"):
                    yield below, _named(each)[0]


def _shape(place: Dataset) -> dict[str, Any] | None:
    """Return type, points and picture; None for what cannot be drawn on one."""
    if code(place, _TYPE) != "SCOORD":
        return None
    values = _floats(place)
    picture = next((each for each in items(place, _CONTENT) if item(each, _SOPS)), None)
    sop = item(picture, _SOPS)
    if not values or len(values) % 2 or len(values) > 2 * KEPT_POINTS or sop is None:
        return None
    frames = numbers(sop, _FRAMES) or [1.0]
    return {
        "graphic": code(place, _GRAPHIC),
        "points": values,
        "sop_uid": code(sop, _SOP),
        "frame": max(0, int(frames[0]) - 1) if abs(frames[0]) < 1 << 31 else 0,
    }


def _floats(place: Dataset) -> list[float]:
    """Return FL values; implicit files do not say that they are."""
    value = raw(place, _DATA)[: 8 * KEPT_POINTS + 4]
    element = place.get_item(_DATA, keep_deferred=True) if _DATA in place else None
    order = "<" if getattr(element, "is_little_endian", True) else ">"
    found = struct.unpack(f"{order}{len(value) // 4}f", value[: len(value) // 4 * 4])
    return [each if abs(each) < 1e6 else 1e6 for each in found]


def _marks(found: Dataset) -> Iterator[dict[str, Any]]:
    """Yield the pictures that a key object document points at, frame by frame."""
    for each in items(found, _CONTENT):
        sop = item(each, _SOPS)
        if code(each, _TYPE) != "IMAGE" or sop is None:
            continue
        for frame in (numbers(sop, _FRAMES) or [1.0])[:KEPT_MARKS]:
            at = max(0, int(frame) - 1) if abs(frame) < 1 << 31 else 0
            yield {"sop_uid": code(sop, _SOP), "frame": at}
