"""Sealing a study: series by series into parts of data, then its index and its previews.

Memory is bounded by one segment and the tables; the bytes of a study only pass through. A segment
never crosses parts; parts, index and preview end in random bytes, up to their Padmé length.
"""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import zstandard

from wallet.container.envelope import MAX_SERIES, Range
from wallet.container.head import MAX_PARTS
from wallet.container.index import MAX_PART, FileRow, RunRow, Segment, SeriesRows
from wallet.container.padding import padme
from wallet.container.reader import SealedStudy
from wallet.container.sealing import Codec, Epoch, Kind, Run, seal_object, series_key
from wallet.errors import RequestInvalid
from wallet.ports import Block, Cid, Progress, unwatched
from wallet.storage.unixfs import LEAF, FileBuilder

PIECE = 16 << 20  # bytes of plaintext that we put into one segment at most

_LEVEL = 1
_SAVED_SHARE = 10  # compression has to save a tenth
_RANDOM_CHUNK = 1 << 20
_SEALING = "Sealing the images"


@dataclass(frozen=True, slots=True)
class FileIn:
    """One file to seal."""

    path: str = field(repr=False)  # clean and relative
    size: int
    header: dict[str, Any] = field(repr=False)
    cuts: Sequence[int] = field(repr=False)  # offsets at which segments are cut, ascending
    compress: bool  # whether it is worth trying
    open: Callable[[], BinaryIO] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SeriesIn:
    """One series to seal, its files in viewing order."""

    series_id: bytes = field(repr=False)  # 16 bytes, secret, of this study only
    attributes: dict[str, Any] = field(repr=False)
    files: Sequence[FileIn] = field(repr=False)
    preview: bytes = field(repr=False)  # a PNG, or empty


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a head needs of a sealed study. Bytes are those of this sealing, not of earlier ones."""

    data: tuple[Cid, ...]
    index: Cid
    preview: Cid
    ranges: tuple[Range, ...] = field(repr=False)
    bytes_in: int
    bytes_stored: int


Sink = Callable[[Iterable[Block]], None]


def seal_study(
    series: Sequence[SeriesIn],
    study_key: bytes,
    epoch: Epoch,
    sink: Sink,
    progress: Progress = unwatched,
) -> Sealed:
    """Seal a study under a fresh study key and give its blocks to `sink`, which takes them all.

    Raises: RequestInvalid if it is too large or a file changed meanwhile; what `sink` and
        `progress` raise.
    """
    return _Sealing(study_key, epoch, progress).run(series, sink)


def append_series(
    previous: SealedStudy,
    series: Sequence[SeriesIn],
    study_key: bytes,
    epoch: Epoch,
    sink: Sink,
    progress: Progress = unwatched,
) -> Sealed:
    """Seal more series into new parts of the same epoch; what was sealed stays as it is.

    Args:
        previous: the study with the ranges of all its series, in order.
        series: under fresh ids, so that who had the study key before cannot derive their keys.

    Raises: as seal_study; BlockUnreachable, StoreUnreachable, Damaged.
    """
    if (previous.head.container, previous.head.epoch) != (epoch.container, epoch.epoch):
        raise ValueError("a study grows within its epoch")
    sealing = _Sealing(study_key, epoch, progress)
    sealing.data += previous.head.data
    for place in previous.ranges:
        sealing.ids.append(place.series_id)
        sealing.sections.append(previous.sections(place.series_id))
    return sealing.run(series, sink)


class _Sealing:
    """One sealing of a study, from files to blocks."""

    def __init__(self, study_key: bytes, epoch: Epoch, progress: Progress) -> None:
        self._study_key, self._epoch, self._progress = study_key, epoch, progress
        self.data: list[Cid] = []
        self.ids: list[bytes] = []
        self.sections: list[tuple[bytes, bytes]] = []  # of index and preview, sealed
        self._total = self._bytes_in = self._bytes_stored = 0
        self._builder: FileBuilder | None = None
        self._part_size = 0
        self._piece = bytearray()

    def run(self, series: Sequence[SeriesIn], sink: Sink) -> Sealed:
        self._check(series)
        self._total = sum(file.size for each in series for file in each.files)
        done: list[tuple[Cid, Cid, tuple[Range, ...]]] = []
        sink(self._blocks(series, done))
        if not done:
            raise ValueError("the sink did not take all blocks")
        index, preview, ranges = done[0]
        stored = self._bytes_stored
        return Sealed(tuple(self.data), index, preview, ranges, self._bytes_in, stored)

    def _check(self, series: Sequence[SeriesIn]) -> None:
        ids = [*self.ids, *(each.series_id for each in series)]
        if not series or len(set(ids)) != len(ids) or any(len(each) != 16 for each in ids):
            raise ValueError("a study has series, each under an id of its own")
        if len(ids) > MAX_SERIES:
            raise RequestInvalid(f"A study can have at most {MAX_SERIES:,} series")

    def _blocks(
        self, series: Sequence[SeriesIn], done: list[tuple[Cid, Cid, tuple[Range, ...]]]
    ) -> Iterator[Block]:
        for block in self._all(series, done):
            self._bytes_stored += len(block.data)
            yield block

    def _all(
        self, series: Sequence[SeriesIn], done: list[tuple[Cid, Cid, tuple[Range, ...]]]
    ) -> Iterator[Block]:
        for each in series:
            key = series_key(self._study_key, self._epoch.container, each.series_id)
            run = Run(key, self._epoch)
            files: list[FileRow] = []
            for file in each.files:
                yield from self._file(file, run, files)
            runs = (RunRow(run.salt, run.commitment),)
            rows = SeriesRows(each.series_id, each.attributes, runs, tuple(files))
            preview = seal_object(key, Kind.PREVIEW, self._epoch, each.preview)
            self.ids.append(each.series_id)
            self.sections.append((rows.seal(key, self._epoch), preview))
        yield from self._end_part()
        index = _Layout([index for index, _ in self.sections])
        preview_layout = _Layout([preview for _, preview in self.sections])
        yield from index.blocks()
        yield from preview_layout.blocks()
        ranges = tuple(
            Range(series_id, index.offsets[i], len(a), preview_layout.offsets[i], len(b))
            for i, (series_id, (a, b)) in enumerate(zip(self.ids, self.sections, strict=True))
        )
        done.append((index.root, preview_layout.root, ranges))

    def _file(self, file: FileIn, run: Run, rows: list[FileRow]) -> Iterator[Block]:
        digest = hashlib.sha256()
        segments: list[Segment] = []
        preamble = False
        with file.open() as source:
            for start, end in pieces(file.size, file.cuts):
                self._progress(_SEALING, self._bytes_in, self._total)
                plain = self._read(source, end - start)
                digest.update(plain)
                if start == 0:
                    preamble = bytes(plain[128:132]) == b"DICM" and any(plain[:128])
                codec, packed = _pack(plain, file.compress)
                sealed = run.seal(packed, codec, len(plain))
                yield from self._make_room(len(sealed))
                place = (len(self.data), self._part_size, len(sealed))
                segments.append(Segment(0, run.sealed - 1, *place, codec, len(plain), start))
                yield from self._put(sealed)
                self._bytes_in += len(plain)
                plain.release()
            if source.read(1):
                raise _changed()
        rows.append(
            FileRow(file.path, file.size, digest.digest(), preamble, file.header, tuple(segments))
        )

    def _read(self, source: BinaryIO, length: int) -> memoryview:
        """Return the next bytes of a file, in a buffer that the next call uses again."""
        if len(self._piece) < length:
            self._piece = bytearray(length)
        view = memoryview(self._piece)[:length]
        at = 0
        while at < length:
            data = source.read(min(length - at, _RANDOM_CHUNK))
            if not data:
                raise _changed()
            view[at : at + len(data)] = data
            at += len(data)
        return view

    # -- parts --------------------------------------------------------------------------------

    def _make_room(self, length: int) -> Iterator[Block]:
        if self._part_size + length > MAX_PART:
            yield from self._end_part()

    def _put(self, sealed: bytes) -> Iterator[Block]:
        if self._builder is None:
            if len(self.data) >= MAX_PARTS:
                raise RequestInvalid("This study has no room for more: it has 64 parts already")
            self._builder = FileBuilder()
        self._part_size += len(sealed)
        yield from self._builder.feed(sealed)

    def _end_part(self) -> Iterator[Block]:
        """Pad the part that is open with random bytes; a study has one part at least."""
        if self._builder is None and self.data:
            return
        target = min(padme(max(self._part_size, 1)), MAX_PART)
        for chunk in _random(target - self._part_size):
            yield from self._put(chunk)
        assert self._builder is not None
        yield from self._builder.finish()
        self.data.append(self._builder.root)
        self._builder, self._part_size = None, 0


class _Layout:
    """Sections one after another in one file. None crosses into a leaf needlessly."""

    def __init__(self, sections: Sequence[bytes]) -> None:
        self._sections = sections
        self.offsets: list[int] = []
        self._builder = FileBuilder()
        at = 0
        for section in sections:
            if at % LEAF + len(section) > LEAF:
                at += -at % LEAF
            self.offsets.append(at)
            at += len(section)
        self._end = at
        if padme(at) > MAX_PART:
            raise RequestInvalid("This study has too many images for one container")

    @property
    def root(self) -> Cid:
        return self._builder.root

    def blocks(self) -> Iterator[Block]:
        at = 0
        for offset, section in zip(self.offsets, self._sections, strict=True):
            for chunk in _random(offset - at):
                yield from self._builder.feed(chunk)
            yield from self._builder.feed(section)
            at = offset + len(section)
        for chunk in _random(padme(self._end) - self._end):
            yield from self._builder.feed(chunk)
        yield from self._builder.finish()


def pieces(size: int, cuts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of a file's segments: cut at `cuts`, and where one is above 16 MiB."""
    bounds = [0, *cuts, size]
    if any(b <= a for a, b in itertools.pairwise(bounds)) and size:
        raise ValueError("cuts ascend, within the file")
    for start, end in itertools.pairwise(bounds):
        for at in range(start, end, PIECE):
            yield at, min(at + PIECE, end)


def _pack(plain: memoryview, compress: bool) -> tuple[Codec, bytes | memoryview]:
    if compress:
        packed = zstandard.ZstdCompressor(level=_LEVEL).compress(plain)
        if len(packed) <= len(plain) - len(plain) // _SAVED_SHARE and len(packed) < len(plain):
            return Codec.ZSTD, packed
    return Codec.RAW, plain


def _random(length: int) -> Iterator[bytes]:
    for at in range(0, length, _RANDOM_CHUNK):
        yield secrets.token_bytes(min(_RANDOM_CHUNK, length - at))


def _changed() -> RequestInvalid:
    return RequestInvalid("A file changed while it was read. Take it in again")
