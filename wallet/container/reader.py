"""Reading a sealed study: any piece of any file, fetched, checked and opened alone.

Sections and segments that were opened are kept, bounded; everything may be called from any thread.
"""

from __future__ import annotations

import bisect
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from wallet.container import sealing
from wallet.container.envelope import Range
from wallet.container.head import Head
from wallet.container.index import FileRow, Segment, SeriesRows, unpack
from wallet.container.sealing import Codec, Epoch, Kind, OpenRun, open_object
from wallet.errors import Damaged
from wallet.ports import Block, BlockSource, Cid
from wallet.storage.cid import parse
from wallet.storage.unixfs import File, decode_node

_CACHE_BYTES = 64 << 20
_KEPT_FILES = 6  # index, preview, and a part for each of four readers


class SealedStudy:
    """The series of a study that its keys open."""

    def __init__(
        self,
        source: BlockSource,
        head: Head,
        study_key: bytes | None,
        series_keys: Mapping[bytes, bytes] | None,
        ranges: tuple[Range, ...],
    ) -> None:
        """Give the study key, or the keys of the series in `ranges`; one of the two is None."""
        if (study_key is None) == (series_keys is None):
            raise ValueError("a study key or series keys")
        self.head, self.ranges = head, ranges
        self._source, self._study_key, self._series_keys = source, study_key, series_keys
        self._epoch = Epoch(head.container, head.epoch)
        self._by_id = {each.series_id: each for each in ranges}
        self._lock = threading.RLock()
        self._files: OrderedDict[Cid, File] = OrderedDict()
        self._rows: dict[bytes, SeriesRows] = {}
        self._runs: dict[tuple[bytes, int], OpenRun] = {}
        self._opened = _Opened(_CACHE_BYTES)

    def __repr__(self) -> str:
        return f"SealedStudy({len(self.ranges)} series)"

    @property
    def series(self) -> tuple[SeriesRows, ...]:
        """All series, in the study's order. Raises: Damaged, BlockUnreachable."""
        return tuple(self.rows(each.series_id) for each in self.ranges)

    def rows(self, series_id: bytes) -> SeriesRows:
        """Return one series' table, fetched when first asked for. Raises: Damaged, ..."""
        with self._lock:
            known = self._rows.get(series_id)
        if known is None:
            place = self._by_id[series_id]
            sealed = self._file(self.head.index).read(place.index_offset, place.index_length)
            known = SeriesRows.open(self._key(series_id), self._epoch, sealed)
            if known.series_id != series_id or not self._fits(known):
                raise Damaged(Kind.INDEX.noun)
            with self._lock:
                self._rows[series_id] = known
        return known

    def preview(self, series_id: bytes) -> bytes:
        """Return the series' PNG, or nothing if it has none. Raises: Damaged, BlockUnreachable."""
        _, sealed = self.sections(series_id, index=False)
        return open_object(self._key(series_id), Kind.PREVIEW, self._epoch, sealed)

    def sections(self, series_id: bytes, index: bool = True) -> tuple[bytes, bytes]:
        """Return what of index and preview is the series', still sealed."""
        place = self._by_id[series_id]
        table = b""
        if index:
            table = self._file(self.head.index).read(place.index_offset, place.index_length)
        preview = self._file(self.head.preview)
        return table, preview.read(place.preview_offset, place.preview_length)

    @property
    def bytes_stored(self) -> int:
        """How long all files of the study are as they are stored."""
        head = self.head
        roots = (head.self_, head.index, head.preview, head.grants, *head.data)
        return sum(File(self._source, root).size for root in roots)

    def blocks(self) -> Iterator[Block]:
        """Yield every block of the study once: the head, then file by file, the images last.

        Raises: BlockUnreachable, StoreUnreachable, Damaged.
        """
        head = self.head
        yield head.encode()
        seen: set[Cid] = set()
        for root in (head.self_, head.index, head.preview, head.grants, *head.data):
            node = self._source.get(root)
            below = decode_node(node).leaves if parse(root).codec != "raw" else ()
            if root not in seen:
                yield Block(root, node)
            for leaf in below:
                if leaf not in seen:
                    yield Block(leaf, self._source.get(leaf))
            seen |= {root, *below}

    def read(self, series_id: bytes, file_number: int, offset: int, length: int) -> bytes:
        """Return a range of a file, shorter where the file ends. Raises: Damaged, ..."""
        row = self.rows(series_id).files[file_number]
        if offset < 0 or length < 0:
            raise ValueError("a range begins in the file and has a length")
        end = min(offset + length, row.size)
        found = []
        for segment in _between(row, offset, end):
            plain = self._segment(series_id, segment)
            first = max(offset - segment.file_offset, 0)
            found.append(plain[first : end - segment.file_offset])
        return found[0] if len(found) == 1 else b"".join(found)

    def copy_file(self, series_id: bytes, file_number: int, out: BinaryIO) -> None:
        """Write a whole file, segment by segment.

        Raises: Damaged, after writing, if its digest is not that of the index, or the index is
            wrong about its preamble; BlockUnreachable.
        """
        row = self.rows(series_id).files[file_number]
        digest, start = hashlib.sha256(), b""
        for segment in row.segments:
            plain = self._segment(series_id, segment, keep=False)
            start += plain[: 132 - len(start)]
            digest.update(plain)
            out.write(plain)
        preamble = start[128:] == b"DICM" and any(start[:128])
        if digest.digest() != row.sha256 or preamble != row.preamble:
            raise Damaged("a file of the study")

    def _segment(self, series_id: bytes, segment: Segment, keep: bool = True) -> bytes:
        name = (series_id, segment.run, segment.number)
        with self._lock:
            known = self._opened.get(name)
        if known is not None:
            return known
        part = self._file(self.head.data[segment.part])
        sealed = part.read(segment.offset, segment.sealed_length)
        run = self._run(series_id, segment.run)
        plain = run.open(sealed, segment.number, segment.codec, segment.plain_length)
        if segment.codec is Codec.ZSTD:
            try:
                plain = unpack(plain, segment.plain_length, sealing.MAX_SEGMENT)
            except ValueError:
                raise Damaged(Kind.RUN.noun) from None
        if keep:
            with self._lock:
                self._opened.put(name, plain)
        return plain

    def _run(self, series_id: bytes, number: int) -> OpenRun:
        with self._lock:
            known = self._runs.get((series_id, number))
        if known is None:
            row = self.rows(series_id).runs[number]
            known = OpenRun.of(self._key(series_id), self._epoch, row.salt, row.commitment)
            with self._lock:
                self._runs[series_id, number] = known
        return known

    def _key(self, series_id: bytes) -> bytes:
        if self._series_keys is not None:
            return self._series_keys[series_id]
        assert self._study_key is not None
        return sealing.series_key(self._study_key, self.head.container, series_id)

    def _file(self, root: Cid) -> File:
        """Return a file of the study; few are kept, because each keeps some of its leaves."""
        with self._lock:
            if root not in self._files:
                self._files[root] = File(self._source, root)
            self._files.move_to_end(root)
            if len(self._files) > _KEPT_FILES:
                self._files.popitem(last=False)
            return self._files[root]

    def _fits(self, rows: SeriesRows) -> bool:
        parts = len(self.head.data)
        return all(s.part < parts for row in rows.files for s in row.segments)


def _between(row: FileRow, offset: int, end: int) -> list[Segment]:
    """Return the segments that hold bytes from `offset` to `end`."""
    if offset >= end:
        return []
    first = bisect.bisect_right(row.segments, offset, key=lambda s: s.file_offset) - 1
    last = bisect.bisect_left(row.segments, end, key=lambda s: s.file_offset)
    return list(row.segments[first:last])


class _Opened:
    """Plain segments, the least recently used dropped first. Not locked."""

    def __init__(self, at_most_bytes: int) -> None:
        self._at_most, self._held = at_most_bytes, 0
        self._segments: OrderedDict[tuple[bytes, int, int], bytes] = OrderedDict()

    def get(self, name: tuple[bytes, int, int]) -> bytes | None:
        if name in self._segments:
            self._segments.move_to_end(name)
        return self._segments.get(name)

    def put(self, name: tuple[bytes, int, int], plain: bytes) -> None:
        if name not in self._segments:
            self._segments[name] = plain
            self._held += len(plain)
        while self._held > self._at_most and len(self._segments) > 1:
            self._held -= len(self._segments.popitem(last=False)[1])
