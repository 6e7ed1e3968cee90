"""The table of a series: its files, and where each of their segments lies.

    section     = object of kind 2 under the series key; payload = one zstd frame of a map
    map         = v, series_id, attributes (a map of the application's), runs, files
    run         = [salt[32], commitment[32]]
    file        = [path, size, sha256, preamble, header (a map of the application's), segments]
    segment     = [run, number, part, offset, sealed length, codec, plain length, file offset]

The segments of a file follow one another without a gap from 0 to its size.
A path is relative and safe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import zstandard

from wallet.container import cbor
from wallet.container.checks import byte_string, count, exact_map, flag, listed, text
from wallet.container.head import MAX_PARTS
from wallet.container.paths import MAX_PATH_BYTES, is_safe_path
from wallet.container.sealing import (
    ID_LENGTH,
    MAX_SEGMENT,
    TAG_LENGTH,
    Codec,
    Epoch,
    Kind,
    open_object,
    seal_object,
)
from wallet.errors import Damaged

MAX_PART = 256 << 20  # bytes
MAX_TABLE = 256 << 20  # bytes of a section, unpacked
MAX_FILES = 1 << 20
MAX_SEGMENTS = 1 << 20
MAX_RUNS = 64

_LEVEL = 9


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run of segments."""

    salt: bytes
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Segment:
    """Where one segment lies, and what it is of."""

    run: int  # position in the series' runs
    number: int  # within the run
    part: int  # position in the head's data
    offset: int  # within the part
    sealed_length: int
    codec: Codec
    plain_length: int
    file_offset: int

    @property
    def file_end(self) -> int:
        return self.file_offset + self.plain_length

    def to_list(self) -> list[int]:
        place = [self.run, self.number, self.part, self.offset, self.sealed_length]
        return [*place, int(self.codec), self.plain_length, self.file_offset]


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file of a series."""

    path: str = field(repr=False)  # clean and relative
    size: int
    sha256: bytes = field(repr=False)
    preamble: bool  # its first 128 bytes are not zero: they can hide a program
    header: dict[str, Any] = field(repr=False)
    segments: tuple[Segment, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SeriesRows:
    """One series: what it is, and its files in viewing order."""

    series_id: bytes = field(repr=False)
    attributes: dict[str, Any] = field(repr=False)
    runs: tuple[RunRow, ...]
    files: tuple[FileRow, ...] = field(repr=False)

    def encode(self) -> bytes:
        """Return the payload of the series' section."""
        table = cbor.encode(
            {
                "v": 1,
                "series_id": self.series_id,
                "attributes": self.attributes,
                "runs": [[run.salt, run.commitment] for run in self.runs],
                "files": [_file_list(row) for row in self.files],
            }
        )
        if len(table) > MAX_TABLE:
            raise ValueError("the table of a series has at most 256 MiB")
        return zstandard.ZstdCompressor(level=_LEVEL).compress(table)

    @classmethod
    def decode(cls, payload: bytes) -> SeriesRows:
        """Read the payload of a section. Raises: Damaged."""
        try:
            return _typed(cbor.decode(unpack(payload, None, MAX_TABLE)))
        except (Damaged, ValueError, TypeError, KeyError):
            raise Damaged(Kind.INDEX.noun) from None

    def seal(self, series_key: bytes, epoch: Epoch) -> bytes:
        """Return the series' section of the index."""
        return seal_object(series_key, Kind.INDEX, epoch, self.encode())

    @classmethod
    def open(cls, series_key: bytes, epoch: Epoch, sealed: bytes) -> SeriesRows:
        """Open a section. Raises: Damaged."""
        return cls.decode(open_object(series_key, Kind.INDEX, epoch, sealed))


def unpack(packed: bytes, expected: int | None, at_most: int) -> bytes:
    """Return the content of exactly one zstd frame that says its length.

    Raises: ValueError if it is another, or longer than `at_most`.
    """
    try:
        length = zstandard.frame_content_size(packed)
        if length != expected if expected is not None else not 0 < length <= at_most:
            raise ValueError("a frame of another length")
        unpacker = zstandard.ZstdDecompressor()
        content = unpacker.decompress(packed, max_output_size=length, allow_extra_data=False)
    except zstandard.ZstdError:
        raise ValueError("not a frame") from None
    if len(content) != length:
        raise ValueError("a frame that lies about its length")
    return content


def _file_list(row: FileRow) -> list[Any]:
    segments = [segment.to_list() for segment in row.segments]
    return [row.path, row.size, row.sha256, row.preamble, row.header, segments]


def _typed(value: Any) -> SeriesRows:
    found = exact_map(value, {"v", "series_id", "attributes", "runs", "files"})
    if count(found["v"]) != 1 or type(found["attributes"]) is not dict:
        raise ValueError("another version")
    runs = tuple(listed(found["runs"], _run, 0, MAX_RUNS))
    files = tuple(listed(found["files"], lambda each: _file(each, len(runs)), 0, MAX_FILES))
    series_id = byte_string(found["series_id"], ID_LENGTH)
    return SeriesRows(series_id, found["attributes"], runs, files)


def _run(value: Any) -> RunRow:
    salt, commitment = listed(value, byte_string, 2, 2)
    return RunRow(byte_string(salt, 32), byte_string(commitment, 32))


def _file(value: Any, runs: int) -> FileRow:
    path, size, sha256, preamble, header, rows = listed(value, lambda each: each, 6, 6)
    segments = tuple(listed(rows, lambda each: _segment(each, runs), 0, MAX_SEGMENTS))
    if not is_safe_path(text(path, MAX_PATH_BYTES)) or type(header) is not dict:
        raise ValueError("not a safe path")
    _check_gapless(segments, count(size))
    return FileRow(path, size, byte_string(sha256, 32), flag(preamble), header, segments)


def _check_gapless(segments: Sequence[Segment], size: int) -> None:
    at = 0
    for segment in segments:
        if segment.file_offset != at:
            raise ValueError("a gap between segments")
        at = segment.file_end
    if at != size:
        raise ValueError("segments of another length than the file")


def _segment(value: Any, runs: int) -> Segment:
    if type(value) is not list or len(value) != 8 or not {*map(type, value)} <= {int}:
        raise ValueError("not eight numbers")
    run, number, part, offset, sealed_length, codec, plain_length, file_offset = value
    packed_length = sealed_length - TAG_LENGTH
    in_range = (
        0 <= run < runs
        and 0 <= number < 1 << 53
        and 0 <= part < MAX_PARTS
        and 0 <= offset <= MAX_PART - sealed_length
        and 0 < plain_length <= MAX_SEGMENT
        and 0 <= file_offset < 1 << 53
        and 0 < packed_length <= plain_length
        and (codec == Codec.ZSTD) == (packed_length < plain_length)
    )
    if not in_range:
        raise ValueError("a segment out of range")
    return Segment(
        run, number, part, offset, sealed_length, Codec(codec), plain_length, file_offset
    )
