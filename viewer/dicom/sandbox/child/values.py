"""Single values out of a data set, straight from the raw bytes: bounded, and never an exception."""

from __future__ import annotations

import functools
import math
import struct
import sys
from typing import Any

from pydicom.charset import convert_encodings, decode_bytes
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import convert_raw_data_element
from pydicom.dataset import Dataset

from viewer.dicom.header import MAX_PLACED, MAX_TEXT
from viewer.dicom.sandbox.child.elements import Elements, Unusual
from viewer.dicom.sandbox.child.reading import MALFORMED

MAX_LIST = MAX_PLACED
# The images of a series share most values: what short ones mean is kept.
_CACHED, _ENTRIES = 8 * MAX_TEXT, 1024
_TEXT_ENDS = {"\r", "\n", "\t", "\f", "\\"}
_NAME_ENDS = {"\\", "^", "="}
_BINARY = {"FD": "d", "FL": "f", "UL": "L", "SL": "l", "US": "H", "SS": "h"}


def raw(dataset: Dataset | None, tag: int) -> bytes:
    """Return the bytes of an element, or none."""
    if isinstance(dataset, Elements):
        return dataset.raw(tag)
    if dataset is None or tag not in dataset:
        return b""
    element = dataset.get_item(tag, keep_deferred=True)
    value = element.value
    if isinstance(value, bytes):
        return value
    return str(value).encode("latin-1", "replace") if isinstance(value, str | int | float) else b""


def _vr(dataset: Dataset, tag: int) -> str:
    if isinstance(dataset, Elements):
        return dataset.vr(tag)
    return str(getattr(dataset.get_item(tag, keep_deferred=True), "VR", "") or "")


def little(dataset: Dataset, tag: int) -> bool:
    """Whether an element's numbers have their least significant byte first."""
    if isinstance(dataset, Elements):
        return True
    return bool(getattr(dataset.get_item(tag, keep_deferred=True), "is_little_endian", True))


@functools.lru_cache(64)
def _encodings(value: bytes) -> tuple[str, ...]:
    names = [each.strip() for each in value.decode("latin-1").strip("\0 ").split("\\")]
    try:
        return tuple(convert_encodings(names if len(names) > 1 else names[0]))
    except MALFORMED:
        return ("iso8859",)


def charset(dataset: Dataset, parent: tuple[str, ...] = ("iso8859",)) -> tuple[str, ...]:
    """Return Python's encodings for the texts of a data set."""
    return _encodings(raw(dataset, 0x00080005)) if 0x00080005 in dataset else parent


def code(dataset: Dataset | None, tag: int) -> str:
    """Return the first of ASCII codes: a UID, a date, a code string."""
    return _code(raw(dataset, tag)[:_CACHED])


@functools.lru_cache(_ENTRIES)
def _code(value: bytes) -> str:
    return value.split(b"\\", 1)[0].decode("ascii", "replace").strip("\0 ")[:MAX_TEXT]


def codes(dataset: Dataset, tag: int) -> list[str]:
    """Return all of a list of codes, sixteen at most."""
    text = raw(dataset, tag).decode("ascii", "replace").strip("\0 ")
    return [each.strip()[:MAX_TEXT] for each in text.split("\\")[:16]] if text else []


def text(
    dataset: Dataset | None, tag: int, encodings: tuple[str, ...], is_name: bool = False
) -> str:
    """Return the first value of a text, decoded, without control characters."""
    value = raw(dataset, tag)[:_CACHED]
    return _text(value, encodings, is_name) if value else ""


@functools.lru_cache(_ENTRIES)
def _text(value: bytes, encodings: tuple[str, ...], is_name: bool) -> str:
    try:
        found = decode_bytes(value, encodings, _NAME_ENDS if is_name else _TEXT_ENDS)
    except MALFORMED:
        found = value.decode("latin-1")
    found = found.split("\\", 1)[0].strip("\0 ")
    found = found.rstrip("=") if is_name else found  # forms of the name that are empty
    if not found.isprintable():
        found = "".join(each if each.isprintable() else " " for each in found)
    return str(found)[:MAX_TEXT].encode("utf-8", "replace").decode().strip()


def texts(dataset: Dataset, tag: int, encodings: tuple[str, ...]) -> list[str]:
    """Return all values of a list of texts."""
    try:
        found = decode_bytes(raw(dataset, tag)[:8192], encodings, _TEXT_ENDS)
    except MALFORMED:
        found = ""
    clean = "".join(each if each.isprintable() else " " for each in found)
    return [each.strip()[:MAX_TEXT] for each in clean.split("\\")]


def numbers(dataset: Dataset | None, tag: int) -> list[float]:
    """Return the finite numbers of an element, as text or binary; none if one is malformed."""
    value = raw(dataset, tag)
    if not value or dataset is None:
        return []
    vr = _vr(dataset, tag) or "UN"
    form = _BINARY.get(_usual(tag) if vr == "UN" else vr, "")
    order = "<" if not form or little(dataset, tag) else ">"
    return list((_short_numbers if len(value) <= _CACHED else _numbers)(value, form, order))


def _numbers(value: bytes, form: str, order: str) -> tuple[float, ...]:
    try:
        if form:
            found = _binary(value, form, order)
        else:
            pieces = value.decode("ascii").strip("\0 ").split("\\")[:MAX_LIST]
            found = tuple(float(each) for each in pieces)
    except (ValueError, struct.error):
        return ()
    return found if all(map(math.isfinite, found)) else ()


_short_numbers = functools.lru_cache(_ENTRIES)(_numbers)


@functools.lru_cache(256)
def _usual(tag: int) -> str:
    """Return how the dictionary has an element whose file does not say."""
    try:
        return str(dictionary_VR(tag))
    except KeyError:
        return "UN"


def number(dataset: Dataset | None, tag: int) -> float | None:
    """Return the first number of an element."""
    found = numbers(dataset, tag)
    return found[0] if found else None


def whole(dataset: Dataset | None, tag: int) -> int | None:
    """Return the first of an IS element, if it fits 32 bits."""
    found = number(dataset, tag)
    return int(found) if found is not None and abs(found) < 1 << 31 else None


def _binary(value: bytes, form: str, order: str) -> tuple[float, ...]:
    size = struct.calcsize(order + form)
    count = min(len(value) // size, MAX_LIST)
    return tuple(map(float, struct.unpack(f"{order}{count}{form}", value[: count * size])))


def shorts(dataset: Dataset | None, tag: int, signed: bool = False) -> list[int]:
    """Return the 16-bit numbers of an element."""
    value = raw(dataset, tag)[: 2 * MAX_LIST]
    if dataset is None or not value:
        return []
    if not isinstance(dataset, Elements):
        element = dataset.get_item(tag, keep_deferred=True)
        if not isinstance(element.value, bytes):
            return [int(element.value)] if isinstance(element.value, int) else []
    form = ("<" if little(dataset, tag) else ">") + ("h" if signed else "H")
    return list((_short_words if len(value) <= _CACHED else _words)(value, form))


def _words(value: bytes, form: str) -> tuple[int, ...]:
    return struct.unpack(f"{form[0]}{len(value) // 2}{form[1]}", value[: len(value) // 2 * 2])


_short_words = functools.lru_cache(_ENTRIES)(_words)


def short(dataset: Dataset | None, tag: int, default: int = 0) -> int:
    """Return the first 16-bit number of an element."""
    found = shorts(dataset, tag)
    return found[0] if found else default


def items(dataset: Dataset | None, tag: int) -> Any:
    """Return the items of a sequence; none if there is none or it is malformed."""
    if dataset is None or tag not in dataset:
        return ()
    if isinstance(dataset, Elements):
        raise Unusual
    try:
        element = dataset.get_item(tag, keep_deferred=True)
        if element.is_raw:
            if element.VR not in (None, "SQ", "UN"):
                return ()
            element = convert_raw_data_element(element._replace(VR="SQ"))
            dataset[tag] = element
        return element.value if element.VR == "SQ" else ()
    except MALFORMED:
        return ()


def item(dataset: Dataset | None, tag: int) -> Dataset | None:
    """Return the first item of a sequence."""
    found = items(dataset, tag)
    return found[0] if len(found) else None


def same_order(little: bool) -> bool:
    """Whether values in that byte order can be used as they are."""
    return little == (sys.byteorder == "little")
