"""From bytes to a data set that ends before the pixels, whatever is wrong with the file.

A file counts as DICOM if it has DICM at 128, or if it starts like a data set (group 2 or 8) and
then names an instance. What breaks later leaves the elements that were read until then.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

from pydicom import filereader
from pydicom.dataset import Dataset
from pydicom.filereader import data_element_generator

from viewer.dicom.header import DEFLATED
from viewer.dicom.sandbox.child.bytes_in import Bytes, Input
from viewer.dicom.sandbox.protocol import INFLATE_BYTES, MEDIA_DIRECTORY
from viewer.errors import CannotDraw, NotDicom

MALFORMED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,  # RecursionError, NotImplementedError, and what imagecodecs raises
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
MAX_ELEMENTS = 100_000
MAX_VALUE = 64 << 20
MAX_DEPTH = 64
IMPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
LONG_VR = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})
IDENTITY = (0x00080016, 0x00080018, 0x00080060, 0x0020000D, 0x0020000E)
DIRECTORY = (0x00041130, 0x00041200, 0x00041220)


class IsDirectory(Exception):
    """A DICOMDIR, with its data set."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pixel data element lies."""

    tag: int
    vr: str
    start: int  # of its tag
    value: int
    length: int  # 0xFFFFFFFF: undefined, that is, fragments


@dataclass(slots=True)
class File:
    """A parsed file. `inflated` is the data set of a deflated one; places count within it."""

    size: int
    dataset: Dataset
    syntax: str
    little: bool
    preamble: bool
    place: Place | None = None
    inflated: bytes | None = field(default=None, repr=False)
    broken: str = ""
    starts: list[int] | None = field(default=None, repr=False)  # of compressed frames, once known
    meta: dict[int, str] = field(default_factory=dict, repr=False)  # group 2

    def bytes(self, source: Bytes, offset: int, length: int) -> bytes:
        """Return up to `length` bytes of the data set's file from `offset`."""
        if self.inflated is not None:
            return self.inflated[offset : offset + max(0, length)]
        return source.at(offset, length)


def parse(source: Bytes) -> File:
    """Return the file's data set.

    Raises: NotDicom, IsDirectory.
    """
    head = source.at(0, 132)
    declared = head[128:132] == b"DICM"
    if not declared and not _starts_plausibly(head):
        raise NotDicom("It is not a DICOM file")
    stream = source.stream()
    stream.seek(132 if declared else 0)
    file = File(source.size, Dataset(), "", True, declared and any(head[:128]))
    meta = file.meta = _meta(stream, file)
    file.syntax = str(meta.get(0x00020010, ""))
    _body(stream, file)
    known = file.dataset
    if meta.get(0x00020002) == MEDIA_DIRECTORY or any(tag in known for tag in DIRECTORY):
        raise IsDirectory(known)
    if not declared and not any(tag in known for tag in IDENTITY):
        raise NotDicom("It is not a DICOM file")
    return file


def bound_nesting() -> None:
    """Make pydicom give up on sequences of undefined length that nest deeper than any real one.

    Each level takes several frames of Python's stack, and what it does not end takes long.
    """
    unbounded, depth = filereader.read_sequence, 0

    def read_sequence(*given: Any, **named: Any) -> Any:
        nonlocal depth
        if depth == MAX_DEPTH:
            raise RecursionError
        depth += 1
        try:
            return unbounded(*given, **named)
        finally:
            depth -= 1

    filereader.read_sequence = read_sequence


def _starts_plausibly(head: bytes) -> bool:
    if len(head) < 16:
        return False
    group, element, vr, length = struct.unpack("<HH2sH", head[:8])
    if head[4:6].isalpha() and head[4:6].isupper():
        if group == 0x0800:
            element, length = struct.unpack(">2xH2xH", head[:8])
        return group in (2, 8, 0x0800) and element < 0x3000 and length < 1024
    return group in (2, 8) and element < 0x3000 and int.from_bytes(vr, "little") < 1024


def _clean(value: Any) -> str:
    raw = value if isinstance(value, bytes) else str(value or "").encode("latin-1", "replace")
    return raw.decode("latin-1").strip("\0 ")


def _meta(stream: Input, file: File) -> dict[int, str]:
    """Read group 2, which is explicit little endian, and in some files is not."""
    start = stream.tell()
    letters = stream.read(6)[4:6]
    stream.seek(start)
    found: dict[int, str] = {}
    try:
        for each in data_element_generator(
            stream, not letters.isalpha(), True, stop_when=lambda tag, _vr, _n: tag >> 16 != 2
        ):
            found[int(each.tag)] = _clean(each.value) if each.VR != "SQ" else ""
    except MALFORMED:
        file.broken = "its first bytes are damaged"
    return found


def _encoding(stream: Input, file: File) -> tuple[bool, bool]:
    """Return whether the data set is implicit, and little endian; the bytes decide over the UID."""
    start = stream.tell()
    first = stream.read(6)
    stream.seek(start)
    implicit = not (len(first) == 6 and first[4:6].isalpha() and first[4:6].isupper())
    if file.syntax:
        return implicit, file.syntax != BIG_ENDIAN
    little = implicit or struct.unpack("<H", first[:2])[0] < 0x0400
    return implicit, little


def _inflate(stream: Input, file: File) -> bytes:
    """Inflate with a bound, which pydicom does not have."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    parts: list[bytes] = []
    room = INFLATE_BYTES
    try:
        while room and not inflater.eof:
            data = inflater.unconsumed_tail or stream.read(1 << 18)
            parts.append(inflater.decompress(data, min(room, 1 << 20)))
            room -= len(parts[-1])
            if not data and not parts[-1]:
                break
    except zlib.error:
        file.broken = "its compression is damaged"
    if not room:
        raise CannotDraw("it unpacks to more than we allow")
    if not inflater.eof and not file.broken:
        file.broken = "it is cut short"
    return b"".join(parts)


def _body(stream: Input, file: File) -> None:
    if file.syntax == DEFLATED:
        try:
            file.inflated = _inflate(stream, file)
        except CannotDraw as error:
            file.broken, file.inflated = error.why, b""
        stream = io.BytesIO(file.inflated)
    implicit, file.little = _encoding(stream, file)
    seen: list[tuple[int, str, int]] = []
    size = file.size if file.inflated is None else len(file.inflated)

    def stop(tag: Any, vr: str | None, length: int) -> bool:
        if tag in PIXELS:
            seen.append((int(tag), vr or "", length))
            return True
        return False

    elements: dict[Any, Any] = {}
    try:
        for each in data_element_generator(
            stream, implicit, file.little, stop_when=stop, defer_size=MAX_VALUE
        ):
            if len(elements) >= MAX_ELEMENTS:
                file.broken = "it has too many elements"
                break
            if each.is_raw and each.value_tell + each.length > size:
                file.broken = file.broken or "it is cut short"
            if not (each.is_raw and each.value is None and each.length):
                elements[each.tag] = each
    except RecursionError:
        file.broken = "it is nested too deeply"
    except MALFORMED:
        file.broken = file.broken or "it is damaged"
    file.dataset = Dataset(elements)
    if seen:
        tag, vr, length = seen[0]
        start = stream.tell()
        file.place = Place(tag, vr, start, start + (12 if vr in LONG_VR else 8), length)
