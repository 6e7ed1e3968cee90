"""A header from the first bytes of a file, if the file is as most are.

It takes little endian files with DICM and a known transfer syntax whose elements have known VRs
and even lengths, stand in order and end within the file. Anything else is `Unusual`, and left to
pydicom: another byte order or none said, deflated data, a data set that is not encoded as declared,
unknown character sets, sequences within sequences of undefined length, elements beyond the window.
"""

from __future__ import annotations

import functools
import struct

from pydicom.charset import python_encoding

from viewer.dicom.header import DEFLATED
from viewer.dicom.sandbox.child.bytes_in import Bytes
from viewer.dicom.sandbox.child.elements import (
    EXPLICIT,
    HEADS,
    LONG,
    UNDEFINED,
    Elements,
    Unusual,
)
from viewer.dicom.sandbox.child.facts import DRAWN
from viewer.dicom.sandbox.child.reading import (
    BIG_ENDIAN,
    IMPLICIT,
    PIXELS,
    File,
    Place,
)
from viewer.dicom.sandbox.protocol import MEDIA_DIRECTORY

WINDOWS = 1 << 14, 1 << 18  # bytes; the second for files with much before their pixels
TAKEN = DRAWN - {"", DEFLATED, BIG_ENDIAN}
_SQ = int.from_bytes(b"SQ", "little")
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_FIRST = 0x00080000  # what comes before is of directories and commands
_LAST = min(PIXELS)
_implicit = struct.Struct("<HHL").unpack_from


class _Beyond(Unusual):
    """An element begins, or a value ends, beyond the window."""


def parse(source: Bytes) -> File:
    """Return the file as `reading.parse` does, with `Elements` for its data set.

    Raises: Unusual.
    """
    for window in WINDOWS:
        try:
            return _parse(source.at(0, window), source.size)
        except _Beyond:
            if window >= source.size:
                break
    raise Unusual


def _parse(data: bytes, size: int) -> File:
    if data[128:132] != b"DICM":
        raise Unusual
    syntax, at = _meta(data)
    letters = data[at + 4 : at + 6]
    has_letters = letters.isalpha() and letters.isupper()
    if syntax not in TAKEN or has_letters == (syntax == IMPLICIT):
        raise Unusual
    found = Elements(data, not has_letters)
    walk = _walk if has_letters else _walk_plain
    try:
        end = walk(data, at, found)
    except struct.error:
        raise _Beyond from None
    place = end if isinstance(end, Place) else None
    if place is None and end != size:  # a data set without pixels ends where the file ends
        raise _Beyond
    if not _is_known_charset(found.raw(0x00080005)):
        raise Unusual
    return File(size, found, syntax, True, any(data[:128]), place)


@functools.lru_cache(64)
def _is_known_charset(value: bytes) -> bool:
    names = value.decode("latin-1").rstrip(" \0").split("\\")
    return all(each.strip(" ") in python_encoding for each in names)


def _meta(data: bytes) -> tuple[str, int]:
    """Return the transfer syntax, and where the data set begins. Source: PS3.10 7.1."""
    at, last, syntax = 132, 0x0001FFFF, b""
    while data[at : at + 2] == b"\x02\0":
        tag, letters, start, length = _element(data, at)
        at = start + length
        if tag <= last or letters == _SQ or length & 1:
            raise Unusual
        if tag == 0x00020010:
            syntax = data[start:at]
        elif tag == 0x00020002 and data[start:at].strip(b"\0 ") == MEDIA_DIRECTORY.encode():
            raise Unusual
        last = tag
    return syntax.decode("latin-1").strip("\0 "), at


def _element(data: bytes, at: int) -> tuple[int, int, int, int]:
    """Return tag, VR, where the value starts and its length."""
    try:
        group, element, letters, length = EXPLICIT(data, at)
        head = HEADS[letters]
        if head == 12:
            (length,) = LONG(data, at + 8)
    except struct.error:
        raise _Beyond from None
    if not head:
        raise Unusual
    return group << 16 | element, letters, at + head, length


def _walk(data: bytes, at: int, found: Elements) -> Place | int:
    """Note every element up to the pixels, or return the end. Of a disc, it sees each element."""
    have, last = len(data), _FIRST - 1
    while at != have:
        group, element, letters, length = EXPLICIT(data, at)
        tag = group << 16 | element
        head = HEADS[letters]
        if tag <= last or not head:
            raise Unusual
        if head == 12:
            (length,) = LONG(data, at + 8)
        if tag >= _LAST:
            return _place(data, tag, at, head, length)
        found[tag] = at
        if length & 1:
            if length != UNDEFINED or letters != _SQ:
                raise Unusual
            at = _past_items(data, at + head)
        else:
            at += head + length
        last = tag
    return at


def _place(data: bytes, tag: int, at: int, head: int, length: int) -> Place:
    if tag not in PIXELS:
        raise Unusual
    return Place(tag, data[at + 4 : at + 6].decode("ascii"), at, at + head, length)


def _walk_plain(data: bytes, at: int, found: Elements) -> Place | int:
    """Do the same where no VR is written."""
    have, last = len(data), _FIRST - 1
    while at != have:
        group, element, length = _implicit(data, at)
        tag = group << 16 | element
        if tag <= last or (tag >= _LAST and tag not in PIXELS):
            raise Unusual
        if tag >= _LAST:
            return Place(tag, "", at, at + 8, length)
        if length & 1:
            raise Unusual
        found[tag] = at
        at += 8 + length
        last = tag
    return at


def _past_items(data: bytes, at: int) -> int:
    """Return where a sequence of undefined length ends; its items are simple, or it is unusual."""
    while True:
        if at + 8 > len(data):
            raise _Beyond
        group, element, length = _implicit(data, at)
        tag, at = group << 16 | element, at + 8
        if tag == _SEQUENCE_END and length == 0:
            return at
        if tag != _ITEM:
            raise Unusual
        at = _past_item(data, at, length)


def _past_item(data: bytes, at: int, length: int) -> int:
    end = None if length == UNDEFINED else at + length
    last = -1
    while at != end:
        if at + 8 > len(data):
            raise _Beyond
        group, element, length = _implicit(data, at)
        if end is None and group << 16 | element == _ITEM_END:
            if length:
                raise Unusual
            return at + 8
        tag, _, start, length = _element(data, at)
        at = start + length
        if tag <= last or length & 1 or (end is not None and at > end):
            raise Unusual
        if at > len(data):
            raise _Beyond
        last = tag
    return at
