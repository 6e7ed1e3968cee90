"""What a child may answer. A child may be in the hands of the file that it read: check it all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from viewer.dicom import told
from viewer.dicom.calibration import calibrate
from viewer.dicom.header import CHECKS, Header
from viewer.dicom.pixels import Lut, Overlay, Palette, Pixels, Values
from viewer.dicom.record import Record
from viewer.dicom.sandbox.protocol import (
    LONG_BYTES,
    MOST_LISTED,
    OVERLAY_PIXELS,
    RING_BYTES,
)
from viewer.errors import (
    CannotDraw,
    CannotShow,
    MediaDirectory,
    NotDicom,
    ReaderFailed,
    ViewerError,
)

T = TypeVar("T")
ReadRing = Callable[[int, int], bytes]
_DTYPES = frozenset(["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"])
_ATTRIBUTES: dict[str, Callable[[Any], Any]] = {
    "photometric": CHECKS["photometric"],
    "bits_stored": CHECKS["bits_stored"],
    "signed": CHECKS["signed"],
    "rescale_slope": CHECKS["rescale_slope"],
    "rescale_intercept": CHECKS["rescale_intercept"],
    "rescale_type": CHECKS["rescale_type"],
    "windows": CHECKS["windows"],
    "voi_function": CHECKS["voi_function"],
    "presentation_shape": CHECKS["voi_function"],
    "lossy_methods": CHECKS["image_type"],
    "aspect": CHECKS["slice_location"],
    "modality": CHECKS["modality"],
    "lossy": CHECKS["lossy"],
}
_PIXELS_ONLY = frozenset(
    {
        "padding",
        "spacing_mm",
        "calibration",
        "lossy_ratios",
        "colour_profile",
        "shape",
        "dtype",
        "tables",
        "overlays",
    }
)
_NUMBER = CHECKS["slice_location"]
_TABLE = frozenset({"name", "first", "bits", "explanation", "at", "entries"})
DEPTH = 16  # of lists and maps within one another
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_OPENING, _CLOSING = (np.frombuffer(each, np.uint8) for each in (b"[{", b"]}"))
_OVERLAY = frozenset({"row", "column", "rows", "columns", "kind", "label", "at"})
_NAMES = ("modality", "voi", "presentation", "red", "green", "blue")


class Malformed(Exception):
    """A reply that no honest child gives."""


def read(text: bytes, ring: ReadRing) -> Any:
    """Return a reply's JSON, fetched from the ring if it is a long one.

    Raises: Malformed.
    """
    try:
        reply = _shallow(text)
        if isinstance(reply, dict) and reply.keys() == {"long"}:
            reply = _shallow(ring(0, _whole(reply["long"], 1, LONG_BYTES)))
    except (ValueError, RecursionError) as error:
        raise Malformed from error
    return reply


def _shallow(text: bytes) -> Any:
    """Return JSON that nests no deeper than replies do: a deeper one would use up the stack."""
    if text.count(b"[") + text.count(b"{") <= DEPTH:
        return json.loads(text)
    marks = np.frombuffer(_STRING.sub(b"", text), np.uint8)
    steps = np.isin(marks, _OPENING).astype(np.int8) - np.isin(marks, _CLOSING)
    if np.max(np.cumsum(steps, dtype=np.int32), initial=0) > DEPTH:
        raise Malformed
    return json.loads(text)


def headers(reply: Any, count: int) -> list[Header | ViewerError]:
    """Return one header or the reason why not for each file.

    Raises: Malformed.
    """
    return _each(reply, count, "header", Header.from_map)


def records(reply: Any, count: int) -> list[Record | ViewerError]:
    """Return one record or the reason why not for each file.

    Raises: Malformed.
    """
    return _each(reply, count, "record", Record.from_map)


def _each(reply: Any, count: int, name: str, read_map: Callable[[Any], T]) -> list[T | ViewerError]:
    if isinstance(reply, dict):
        return [failure(reply)] * count
    if not isinstance(reply, list) or len(reply) != count:
        raise Malformed
    return [_one(each, name, read_map) for each in reply]


def _one(reply: Any, name: str, read_map: Callable[[Any], T]) -> T | ViewerError:
    if not isinstance(reply, dict):
        raise Malformed
    if reply.keys() != {name}:
        return failure(reply)
    try:
        return read_map(reply[name])
    except NotDicom as error:
        raise Malformed from error


def failure(reply: dict[str, Any]) -> ViewerError:
    """Return the error that a child reports.

    Raises: Malformed.
    """
    kinds: dict[str, Callable[[str], ViewerError]] = {
        "not_dicom": NotDicom,
        "cannot_draw": CannotDraw,
        "cannot_show": CannotShow,
        "failed": ReaderFailed,
    }
    if len(reply) != 1:
        raise Malformed
    ((kind, why),) = reply.items()
    if kind == "directory":
        return MediaDirectory(_listed(why))
    if kind not in kinds or type(why) is not str or len(why) > 100 or not why.isprintable():
        raise Malformed
    return kinds[kind](why)


def _listed(given: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Check what the index of a disc names: a UID each, and short names that lead to a file."""
    if not isinstance(given, list) or len(given) > MOST_LISTED:
        raise Malformed
    found = []
    for each in given:
        if not isinstance(each, list) or len(each) != 2 or not isinstance(each[1], list):
            raise Malformed
        uid, names = each
        if not 1 <= len(names) <= 8:
            raise Malformed
        if any(type(one) is not str or len(one) > 64 for one in (uid, *names)):
            raise Malformed
        found.append((uid, tuple(names)))
    return tuple(found)


def pixels(reply: Any, ring: ReadRing) -> Pixels:
    """Return the frame, copied out of the ring.

    Raises: Malformed, and what the child reports: CannotDraw, NotDicom, ReaderFailed.
    """
    if not isinstance(reply, dict):
        raise Malformed
    if len(reply) == 1:
        raise failure(reply)
    if reply.keys() != _ATTRIBUTES.keys() | _PIXELS_ONLY:
        raise Malformed
    try:
        return _pixels(reply, ring)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise Malformed from error


def _pixels(reply: dict[str, Any], ring: ReadRing) -> Pixels:
    found = {name: check(reply[name]) for name, check in _ATTRIBUTES.items()}
    if reply["spacing_mm"] is not None:
        found["spacing_mm"] = CHECKS["spacing_mm"](reply["spacing_mm"])
    if found["presentation_shape"] not in ("", "IDENTITY", "INVERSE"):
        raise Malformed
    if reply["colour_profile"] not in ("", "applied", "ignored") or len(reply["lossy_ratios"]) > 16:
        raise Malformed
    found["colour_profile"] = reply["colour_profile"]
    found["lossy_ratios"] = tuple(map(_NUMBER, reply["lossy_ratios"]))
    array = _array(reply, ring)
    found["calibration"] = calibrate(told.read(reply["calibration"]), *array.shape[:2])
    found["padding"] = _padding(reply["padding"], array)
    if found["signed"] != (array.dtype.kind == "i") or not 0.001 < found["aspect"] < 1000:
        raise Malformed
    if (array.ndim == 3) != (found["photometric"] == "RGB"):
        raise Malformed
    found["overlays"] = _overlays(reply["overlays"], array, ring)
    return Pixels(array=array, **found, **_tables(reply["tables"], ring))


def _padding(given: Any, array: Values) -> tuple[float, float] | None:
    if given is None:
        return None
    low, high = given
    if array.dtype.kind == "f":
        return _NUMBER(low), _NUMBER(high)
    return _whole(low, -0x8000, 0xFFFF), _whole(high, -0x8000, 0xFFFF)


def _array(reply: dict[str, Any], ring: ReadRing) -> Values:
    shape = [_whole(each, 1, 65535) for each in reply["shape"]]
    if not (len(shape) == 2 or (len(shape) == 3 and shape[2] == 3)):
        raise Malformed
    if reply["dtype"] not in _DTYPES:
        raise Malformed
    dtype = np.dtype(reply["dtype"])
    length = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    if length > RING_BYTES:
        raise Malformed
    return np.frombuffer(ring(0, length), dtype).reshape(shape)


def _overlays(given: Any, array: Values, ring: ReadRing) -> tuple[Overlay, ...]:
    if not isinstance(given, list) or len(given) > 16:
        raise Malformed
    found, room = [], OVERLAY_PIXELS
    for each in given:
        if not isinstance(each, dict) or each.keys() != _OVERLAY or each["kind"] not in ("G", "R"):
            raise Malformed
        row, column = _whole(each["row"], 0, 65535), _whole(each["column"], 0, 65535)
        rows = _whole(each["rows"], 1, array.shape[0] - row)
        columns = _whole(each["columns"], 1, array.shape[1] - column)
        room -= rows * columns
        at, length = _whole(each["at"], 0, RING_BYTES), -(-rows * columns // 8)
        if room < 0 or at + length > RING_BYTES:
            raise Malformed
        packed = np.frombuffer(ring(at, length), np.uint8)
        bits = np.unpackbits(packed, count=rows * columns).reshape(rows, columns) > 0
        label = CHECKS["modality"](each["label"])
        found.append(Overlay(bits, row, column, each["kind"], label))
    return tuple(found)


def _tables(given: Any, ring: ReadRing) -> dict[str, Any]:
    if not isinstance(given, list) or len(given) > 40:
        raise Malformed
    found: dict[str, list[Lut]] = {name: [] for name in _NAMES}
    for each in given:
        if not isinstance(each, dict) or each.keys() != _TABLE:
            raise Malformed
        at = _whole(each["at"], 0, RING_BYTES)
        length = 2 * _whole(each["entries"], 1, 65536)
        if at + length > RING_BYTES:
            raise Malformed
        found[each["name"]].append(
            Lut(
                first=_whole(each["first"], -0x8000, 0xFFFF),
                bits=_whole(each["bits"], 1, 16),
                values=np.frombuffer(ring(at, length), np.uint16),
                explanation=CHECKS["modality"](each["explanation"]),
            )
        )
    colours = [found[name][0] for name in ("red", "green", "blue") if found[name]]
    return {
        "modality_lut": found["modality"][0] if found["modality"] else None,
        "voi_luts": tuple(found["voi"]),
        "presentation_lut": found["presentation"][0] if found["presentation"] else None,
        "palette": Palette(*colours) if len(colours) == 3 else None,
    }


def _whole(value: Any, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise Malformed
    return value
