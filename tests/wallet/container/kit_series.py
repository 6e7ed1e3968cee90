"""Cases of tests/vectors/kit: index, segments and previews."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import zstandard
from forge import IDS, Turns, known
from kit_case import (
    DAMAGED,
    Case,
    always,
    flipped,
    packings,
    put,
    sealed,
    sealings,
    swap,
    without,
)


def indexes() -> Iterator[Case]:
    for name, turns in sealings("section:0", "seal:index:0"):
        yield Case(f"a section {name}", turns, files=DAMAGED)
    for name, turn in packings():
        yield Case(f"a section whose zstd frame {name}", {"packed:0": turn}, files=DAMAGED)
    for name, turn in _tables():
        yield Case(f"a table {name}", {"table:0": turn}, files=DAMAGED)
    for name, turn in _table_encodings():
        yield Case(f"a table {name}", {"table bytes:0": turn}, files=DAMAGED)
    for name, turn in _rows():
        yield Case(f"a row {name}", {"rows:0": turn}, files=DAMAGED)
    for name, turn in _segment_rows():
        yield Case(f"a row of a segment {name}", {"rows:0": turn}, files=DAMAGED)
    for path in ("../out", "/A/IM1", "A//IM1", "A/./IM1", "A\\IM1", "C:IM1", "A/\n", "A/\x7f", "",
                 "A/", "ä" * 501):  # fmt: skip
        turn = _file_row(0, 0, path)
        yield Case(f"a path {path[:8]!r} of {len(path.encode())} bytes", {"rows:0": turn},
                   files=DAMAGED)  # fmt: skip
    yield Case("a range a byte later", {"ranges": _range(0, 1, 1)}, files=DAMAGED)
    yield Case("a range a byte shorter", {"ranges": _range(0, 2, -1)}, files=DAMAGED)
    yield Case("a range that ends behind the index", {"ranges": _range(1, 2, 1 << 20)},
               files=DAMAGED)  # fmt: skip
    yield Case("ranges of two series exchanged", {"ranges": _exchanged}, files=DAMAGED,
               previews=DAMAGED)  # fmt: skip


def _range(series: int, at: int, more: int) -> Callable[[Any], Any]:
    def turn(ranges: list[Any]) -> list[Any]:
        found = [list(each) for each in ranges]
        found[series][at] += more
        return found

    return turn


def _exchanged(ranges: list[Any]) -> list[Any]:
    first, second = ranges
    return [[first[0], *second[1:]], [second[0], *first[1:]]]


def _tables() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    yield "of version 2", put(v=2)
    yield "of another series", put(series_id=IDS[1])
    yield "with one key more", put(more=1)
    yield "without runs", without("runs")
    yield "with attributes that are a list", put(attributes=[])
    yield "with 65 runs", lambda right: right | {"runs": right["runs"] * 65}
    yield (
        "with a salt of 31 bytes",
        lambda r: r | {"runs": [[r["runs"][0][0][1:], r["runs"][0][1]]]},
    )
    yield "with another salt", lambda r: r | {"runs": [[bytes(32), r["runs"][0][1]]]}
    yield "with another commitment", lambda r: r | {"runs": [[r["runs"][0][0], bytes(32)]]}
    yield "with files that are a map", put(files={})
    yield "that is a list", lambda right: list(right.values())


def _table_encodings() -> Iterator[tuple[str, Callable[[bytes], bytes]]]:
    v = b"\x61v\x01"
    header = b"\xa1\x68modality\x62CT"
    yield "with a number in two bytes", swap(v, b"\x61v\x18\x01")
    yield "with a key twice", lambda data: b"\xa6" + v + data[1:]
    yield "with bytes behind it", lambda data: data + b"\0"
    yield "with a float that is not a number", _first(header, b"\xa1\x61n\xfb\x7f\xf8" + bytes(6))
    yield "with an infinite float", _first(header, b"\xa1\x61n\xfb\x7f\xf0" + bytes(6))
    yield "with a list of indefinite length", _first(header, b"\xa1\x61n\x9f\xff")
    yield "with a text that is no UTF-8", _first(header, b"\xa1\x61n\x61\xff")
    yield "nested 33 deep", _first(header, b"\xa1\x61n" + b"\x81" * 33 + b"\x01")
    yield "with a big number", _first(header, b"\xa1\x61n\xc2\x41\x01")


def _first(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        if old not in data:
            raise ValueError("not there")
        return data.replace(old, new, 1)

    return change


def _file_row(file: int, at: int, value: Any) -> Callable[[Any], Any]:
    def turn(rows: list[Any]) -> list[Any]:
        return [[*row[:at], value, *row[at + 1 :]] if n == file else row
                for n, row in enumerate(rows)]  # fmt: skip

    return turn


def _rows() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    yield "of seven", lambda rows: [[*row, 0] for row in rows]
    yield "with a path of bytes", _file_row(0, 0, b"A/IM1.dcm")
    yield "with another size", _file_row(0, 1, 1331)
    yield "with a size below 0", _file_row(2, 1, -1)
    yield "with an empty file of one byte", _file_row(2, 1, 1)
    yield "with another digest", _file_row(0, 2, bytes(32))
    yield "with a digest of 31 bytes", _file_row(0, 2, bytes(31))
    yield "with another digest of an empty file", _file_row(2, 2, bytes(32))
    yield "with a preamble that is not there", _file_row(0, 3, True)
    yield "without the preamble that is there", _file_row(1, 3, False)
    yield "with 1 for a preamble", _file_row(0, 3, 1)
    yield "with a header that is a list", _file_row(0, 4, [])


def _segment(number: int, *changes: tuple[int, Callable[[int], Any]]) -> Callable[[Any], Any]:
    """Change fields of the row of a segment of the first file."""

    def turn(rows: list[Any]) -> list[Any]:
        segments = [list(each) for each in rows[0][5]]
        for at, change in changes:
            segments[number][at] = change(segments[number][at])
        return [[*rows[0][:5], segments], *rows[1:]]

    return turn


def _segment_rows() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    def more(by: int) -> Callable[[int], int]:
        return lambda right: right + by

    yield "in another run", _segment(0, (0, always(1)))
    yield "with the number of another", _segment(0, (1, always(1)))
    yield "in a part that is not there", _segment(0, (2, always(1)))
    yield "in part 64", _segment(0, (2, always(64)))
    yield "a byte later", _segment(0, (3, more(1)))
    yield "behind the end of the part", _segment(0, (3, always(1 << 20)))
    yield "at an offset below 0", _segment(0, (3, always(-1)))
    yield "a byte shorter", _segment(0, (4, more(-1)))
    yield "of codec 2", _segment(0, (5, always(2)))
    yield "of codec 0 that is packed", _segment(0, (5, always(0)))
    yield "with true for a codec", _segment(0, (5, always(True)))
    yield "with another plain length", _segment(1, (6, more(1)))
    yield "with a plain length of 0", _segment(0, (6, always(0)))
    yield "of more than 64 MiB", _segment(1, (6, always((64 << 20) + 1)))
    yield "with a gap before it", _segment(1, (7, more(1)))
    yield "that overlaps the one before", _segment(1, (7, more(-1)))
    yield "of seven numbers", lambda rows: [[*r[:5], [s[:7] for s in r[5]]] for r in rows]
    yield "exchanged with the next", lambda rows: [[*rows[0][:5], rows[0][5][::-1]], *rows[1:]]
    yield "with a float", _segment(0, (3, float))
    yield "that is not there", lambda rows: [[*rows[0][:5], rows[0][5][:1]], *rows[1:]]


def segments() -> Iterator[Case]:
    for name, turns in _segments():
        yield Case(f"a segment {name}", turns, files=DAMAGED)


def _segments() -> Iterator[tuple[str, Turns]]:
    yield "with another first byte", {"segment:0": flipped(0)}
    yield "with another last byte", {"segment:3": flipped(-1)}
    yield "of zeros", {"segment:0": lambda data: bytes(len(data))}
    yield "that is another one", {"seal:segment:2": sealed(segment=1)}
    yield "of another kind", {"seal:segment:0": sealed(kind=2)}
    yield "of another epoch", {"seal:segment:0": sealed(epoch=2)}
    yield (
        "of another container",
        {"seal:segment:0": sealed(container=known("another container", 16))},
    )
    yield "of another run", {"seal:segment:0": sealed(salt=known("another salt"))}
    yield "of another series", {"seal:segment:4": sealed(role_key=known("another key"))}
    yield "of another codec", {"seal:segment:0": sealed(codec=0)}
    yield "of another plain length", {"seal:segment:3": sealed(plain_length=1)}
    for name, turn in packings():
        if name not in ("is of nothing",):
            yield f"whose zstd frame {name}", {"packed segment:1": turn}
    yield (
        "whose frame holds another length than its row says",
        {"packed segment:1": always(zstandard.ZstdCompressor().compress(bytes(99)))},
    )
    yield (
        "with other bytes, packed and sealed rightly",
        {"packed segment:3": flipped(7)},
    )


def previews() -> Iterator[Case]:
    for name, turns in sealings("picture:0", "seal:preview:0"):
        yield Case(f"a preview {name}", turns, previews=DAMAGED)
    yield Case("a preview's range a byte later", {"ranges": _range(0, 3, 1)}, previews=DAMAGED)
    yield Case("a preview's range a byte shorter", {"ranges": _range(1, 4, -1)}, previews=DAMAGED)
    yield Case("a preview's range of nothing", {"ranges": _range(1, 4, -84)}, previews=DAMAGED)
    yield Case("a preview for the section of an index", {"seal:preview:0": sealed(kind=2)},
               previews=DAMAGED)  # fmt: skip
