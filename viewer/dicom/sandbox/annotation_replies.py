"""The check of what a child reads of reports and key objects."""

from __future__ import annotations

from typing import Any

from viewer.dicom.annotations import Annotations, Drawn
from viewer.dicom.header import CHECKS, MAX_FRAMES
from viewer.dicom.sandbox.protocol import KEPT_MARKS, KEPT_POINTS, KEPT_SHAPES
from viewer.dicom.sandbox.replies import Malformed, ReadRing, failure

_TEXTS = ("graphic", "sop_uid", "uid", "tracking", "label", "concept")
_number, _text = CHECKS["slice_location"], CHECKS["modality"]


def read(reply: Any, _ring: ReadRing) -> Annotations:
    """Return the shapes and marks.

    Raises: Malformed, and what the child reports: NotDicom, ReaderFailed.
    """
    if not isinstance(reply, dict):
        raise Malformed
    if reply.keys() != {"annotations"}:
        raise failure(reply)
    try:
        return _annotations(reply["annotations"])
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise Malformed from error


def _annotations(given: Any) -> Annotations:
    if not isinstance(given, dict) or given.keys() != {"shapes", "marks", "left_out"}:
        raise Malformed
    return Annotations(
        shapes=tuple(_drawn(each) for each in _list(given["shapes"], KEPT_SHAPES)),
        marks=tuple(
            (_text(each["sop_uid"]), _whole(each["frame"]))
            for each in _list(given["marks"], KEPT_MARKS)
        ),
        left_out=_whole(given["left_out"]),
    )


def _drawn(given: Any) -> Drawn:
    if not isinstance(given, dict) or given.keys() != {*_TEXTS, "points", "frame"}:
        raise Malformed
    values = [_number(each) for each in _list(given["points"], 2 * KEPT_POINTS)]
    points = tuple(zip(values[0::2], values[1::2], strict=True))
    texts = {name: _text(given[name]) for name in _TEXTS}
    return Drawn(points=points, frame=_whole(given["frame"]), **texts)


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise Malformed
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MAX_FRAMES:
        raise Malformed
    return value
