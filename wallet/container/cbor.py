"""Strict dag-cbor: what decodes encodes to the same bytes, and anything else is damaged.

One encoding a value: shortest lengths, definite, map keys text and ordered by length, then by
bytes; floats of 64 bits and finite; the one tag is 42, a link. Lists nest at most 32 deep.

Source: RFC 8949, https://ipld.io/specs/codecs/dag-cbor/spec/.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wallet.errors import Damaged
from wallet.ports import Cid
from wallet.storage.cid import cid_bytes, cid_from_bytes

MAX_DEPTH = 32

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG, _SIMPLE = range(8)
_FALSE, _TRUE, _NULL, _FLOAT64 = 0xF4, 0xF5, 0xF6, 0xFB
_LINK_TAG = 42
_WIDTHS = {24: 1, 25: 2, 26: 4, 27: 8}  # bytes of an argument that follows the first byte
_DOUBLE = struct.Struct(">d")


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a block, which bytes that look like a CID are not."""

    cid: Cid


def encode(value: Any) -> bytes:
    """Return the one encoding of None, bool, int, float, bytes, str, Link, lists and maps of such.

    Raises: ValueError for what dag-cbor cannot say.
    """
    out = bytearray()
    _write(value, out, MAX_DEPTH)
    return bytes(out)


def decode(data: bytes) -> Any:
    """Return the value that `data` is the one encoding of.

    Raises: Damaged.
    """
    try:
        value, end = _read(data, 0, MAX_DEPTH)
    except (IndexError, ValueError, struct.error):
        raise Damaged("encoded data") from None
    if end != len(data):
        raise Damaged("encoded data")
    return value


def _write(value: Any, out: bytearray, depth: int) -> None:
    if depth < 0:
        raise ValueError("nested too deeply")
    match value:
        case None:
            out.append(_NULL)
        case bool():
            out.append(_TRUE if value else _FALSE)
        case int():
            _write_head(_NEGATIVE if value < 0 else _UNSIGNED, ~value if value < 0 else value, out)
        case str():
            text = value.encode()
            _write_head(_TEXT, len(text), out)
            out += text
        case bytes():
            _write_head(_BYTES, len(value), out)
            out += value
        case float():
            if not math.isfinite(value):
                raise ValueError("not a finite number")
            out.append(_FLOAT64)
            out += _DOUBLE.pack(value)
        case list() | tuple():
            _write_head(_LIST, len(value), out)
            for each in value:
                _write(each, out, depth - 1)
        case Mapping():
            _write_map(value, out, depth)
        case Link():
            named = b"\0" + cid_bytes(value.cid)
            _write_head(_TAG, _LINK_TAG, out)
            _write_head(_BYTES, len(named), out)
            out += named
        case _:
            raise ValueError(f"dag-cbor has no {type(value).__name__}")


def _write_map(value: Mapping[Any, Any], out: bytearray, depth: int) -> None:
    if not all(isinstance(key, str) for key in value):
        raise ValueError("keys of a map are text")
    named = sorted((len(name := key.encode()), name, each) for key, each in value.items())
    _write_head(_MAP, len(named), out)
    for length, name, each in named:
        _write_head(_TEXT, length, out)
        out += name
        _write(each, out, depth - 1)


def _write_head(major: int, argument: int, out: bytearray) -> None:
    if argument < 24:
        out.append(major << 5 | argument)
        return
    for code, width in _WIDTHS.items():
        if argument < 1 << 8 * width:
            out.append(major << 5 | code)
            out += argument.to_bytes(width)
            return
    raise ValueError("number of more than 64 bits")


def _read(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """Return the value that begins at `at`, and where it ends."""
    if depth < 0:
        raise ValueError("nested too deeply")
    major = data[at] >> 5
    if major == _SIMPLE:
        return _read_simple(data, at)
    argument, at = _read_head(data, at)
    match major:
        case 0:
            return argument, at
        case 1:
            return ~argument, at
        case 2:
            return _take(data, at, argument)
        case 3:
            raw, at = _take(data, at, argument)
            return raw.decode(), at
        case 4:
            return _read_list(data, at, argument, depth)
        case 5:
            return _read_map(data, at, argument, depth)
    return _read_link(data, at, argument)


def _read_head(data: bytes, at: int) -> tuple[int, int]:
    code = data[at] & 31
    if code < 24:
        return code, at + 1
    if code > 27:
        raise ValueError("indefinite or reserved length")
    width = _WIDTHS[code]
    raw, end = _take(data, at + 1, width)
    argument = int.from_bytes(raw)
    if argument < (24 if width == 1 else 1 << 4 * width):
        raise ValueError("not the shortest form")
    return argument, end


def _take(data: bytes, at: int, length: int) -> tuple[bytes, int]:
    end = at + length
    if end > len(data):
        raise ValueError("cut off")
    return data[at:end], end


def _read_simple(data: bytes, at: int) -> tuple[Any, int]:
    match data[at]:
        case 0xF4:
            return False, at + 1
        case 0xF5:
            return True, at + 1
        case 0xF6:
            return None, at + 1
        case 0xFB:
            raw, end = _take(data, at + 1, 8)
            number: float = _DOUBLE.unpack(raw)[0]
            if math.isfinite(number):
                return number, end
    raise ValueError("not a simple value of dag-cbor")


def _read_list(data: bytes, at: int, count: int, depth: int) -> tuple[list[Any], int]:
    if count > len(data) - at:  # each takes a byte at least
        raise ValueError("cut off")
    found = []
    for _ in range(count):
        value, at = _read(data, at, depth - 1)
        found.append(value)
    return found, at


def _read_map(data: bytes, at: int, count: int, depth: int) -> tuple[dict[str, Any], int]:
    if count > len(data) - at:
        raise ValueError("cut off")
    found: dict[str, Any] = {}
    before = (-1, b"")
    for _ in range(count):
        if data[at] >> 5 != _TEXT:
            raise ValueError("keys of a map are text")
        length, at = _read_head(data, at)
        name, at = _take(data, at, length)
        if before >= (length, name):
            raise ValueError("keys out of order")
        before = (length, name)
        found[name.decode()], at = _read(data, at, depth - 1)
    return found, at


def _read_link(data: bytes, at: int, tag: int) -> tuple[Link, int]:
    if tag != _LINK_TAG or data[at] >> 5 != _BYTES:
        raise ValueError("the one tag is a link")
    length, at = _read_head(data, at)
    named, at = _take(data, at, length)
    if named[:1] != b"\0":
        raise ValueError("a link begins with a zero byte")
    return Link(cid_from_bytes(named[1:])), at
