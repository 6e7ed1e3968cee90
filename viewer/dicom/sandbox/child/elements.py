"""Elements as places in the first bytes of a file: what the fast reader finds.

They stand in for a data set wherever single values are taken out of it. Whoever asks for the items
of a sequence that is there gets `Unusual`, and the file is read the slow way.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from viewer.dicom.sandbox.child.reading import LONG_VR

UNDEFINED = 0xFFFFFFFF
EXPLICIT = struct.Struct("<HHHH").unpack_from
LONG = struct.Struct("<L").unpack_from
_SHORT_VR = "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US"


def _heads() -> bytes:
    """Return, by the letters of a VR as a number, how long the head of an element is."""
    found = bytearray(1 << 16)
    for length, letters in ((8, _SHORT_VR.split()), (12, LONG_VR)):
        for each in letters:
            found[int.from_bytes(each.encode(), "little")] = length
    return bytes(found)


HEADS = _heads()  # 0 where there is no such VR


class Unusual(Exception):
    """Not a file for the fast reader; nothing is wrong with it for that."""


class Element(NamedTuple):
    """One element, as pydicom has it too."""

    VR: str
    value: bytes
    is_little_endian: bool = True
    is_raw: bool = True


class Elements(dict[int, int]):
    """By tag, where the element begins; little endian."""

    def __init__(self, data: bytes, is_implicit: bool) -> None:
        super().__init__()
        self._data, self._is_implicit = data, is_implicit

    def vr(self, tag: int) -> str:
        """Return the letters of an element that is there; none if the file has none."""
        at = self[tag]
        return "" if self._is_implicit else self._data[at + 4 : at + 6].decode("ascii")

    def raw(self, tag: int) -> bytes:
        """Return an element's bytes; none of one that is not there or of undefined length."""
        at = self.get(tag)
        if at is None:
            return b""
        start, data = at + 8, self._data
        if self._is_implicit:
            (length,) = LONG(data, at + 4)
        else:
            _, _, letters, length = EXPLICIT(data, at)
            if HEADS[letters] == 12:
                start, (length,) = at + 12, LONG(data, at + 8)
        return data[start : start + length] if length != UNDEFINED else b""

    def get_item(self, tag: int, *, keep_deferred: bool = True) -> Element:
        """Return an element that is there."""
        del keep_deferred
        return Element(self.vr(tag), self.raw(tag))
