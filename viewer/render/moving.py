"""Films of finished frames, which open without us: GIF, and Motion JPEG in AVI.

A GIF shows in every browser, mail and slide. Grey is exact in it; colours are brought to 256 a
frame, and no frame lasts less than 20 ms. An AVI keeps colours and the rate, at the price of JPEG,
for players and slides. Frames are written as they come: memory holds one of them.
"""

from __future__ import annotations

import contextlib
import io
import secrets
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
from PIL import GifImagePlugin, Image

from viewer.dicom.header import Header
from viewer.dicom.series import frame_order
from viewer.errors import FilmTooLong
from viewer.render.finish import resized
from viewer.render.pipeline import Bytes8

FRAME_MS = 100.0  # of a stack, which says nothing
QUALITY = 95
LEAST_CS = 2  # browsers slow down what is faster
AVI_MOST_BYTES = 2_000_000_000  # what every reader of the first AVI can address
KINDS = (".gif", ".avi")


Progress = Callable[[str, int, int], None]


class Film(Protocol):
    """A file that takes frames one after another; the first decides over the size."""

    def add(self, frame: Bytes8) -> None:
        """Raises: FilmTooLong."""
        ...

    def end(self) -> None:
        """Write what only the end can say."""
        ...


def film(file: BinaryIO, kind: str, frame_ms: float = FRAME_MS) -> Film:
    """Return an empty film.

    Args:
        file: open for writing, and seekable.
        kind: one of KINDS.
        frame_ms: how long each frame lasts.
    """
    if kind not in KINDS or not frame_ms > 0:
        raise ValueError("a film is of a kind, and its frames last longer than nothing")
    return Gif(file, frame_ms) if kind == ".gif" else Avi(file, frame_ms)


def save_film(
    path: Path,
    frames: Iterable[Bytes8],
    count: int,
    frame_ms: float,
    progress: Progress,
    replace: bool = False,
) -> None:
    """Write a film of the kind that the file's name asks for.

    Args:
        count: how many frames come, for the progress.
        progress: what it raises ends the film, and nothing of it stays.
        replace: put it in the place of a file of that name.

    Raises: FilmTooLong, FileExistsError, OSError, and what `frames` raises.
    """
    with new_file(path, replace) as file:
        made = film(file, kind_of(path), frame_ms)
        progress("Saving the film", 0, count)
        for done, frame in enumerate(frames, start=1):
            made.add(frame)
            progress("Saving the film", done, count)
        made.end()


def film_places(headers: Sequence[Header], instance: int) -> list[tuple[int, int]]:
    """Return what runs as a film, as (instance, frame): the frames of a multi-frame image, else
    all single images of its series."""
    header = headers[instance]
    if header.frames > 1:
        return [(instance, frame) for frame in frame_order(header)]
    singles = (n for n, each in enumerate(headers) if each.drawable and each.frames == 1)
    return [(n, 0) for n in singles]


def kind_of(path: Path) -> str:
    """Return the kind of film that a file's name asks for, or nothing."""
    ending = path.suffix.lower()
    return ending if ending in KINDS else ""


def fitted(frame: Bytes8, rows: int, columns: int) -> Bytes8:
    """Return `frame` whole and in its proportions in the middle of black."""
    if frame.shape[:2] == (rows, columns):
        return frame
    scale = min(rows / frame.shape[0], columns / frame.shape[1])
    inner = resized(
        frame, max(1, round(frame.shape[0] * scale)), max(1, round(frame.shape[1] * scale))
    )
    out = np.zeros((rows, columns, *frame.shape[2:]), dtype=np.uint8)
    top, left = (rows - inner.shape[0]) // 2, (columns - inner.shape[1]) // 2
    out[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
    return out


class Gif:
    """Source: GIF89a specification, and the looping of Netscape 2.0."""

    def __init__(self, file: BinaryIO, frame_ms: float) -> None:
        self._file, self._frame_ms = file, frame_ms
        self._size = (0, 0)
        self._count = 0
        self._told_cs = 0  # how long the frames until now last

    def add(self, frame: Bytes8) -> None:
        if not self._count:
            self._size = frame.shape[:2]
            self._begin()
        frame = fitted(frame, *self._size)
        self._count += 1
        wait_cs = max(LEAST_CS, round(self._count * self._frame_ms / 10) - self._told_cs)
        wait_cs = min(wait_cs, 0xFFFF)
        self._told_cs += wait_cs
        self._file.write(b"!\xf9\x04\x04" + struct.pack("<HBB", wait_cs, 0, 0))
        image = Image.fromarray(frame)
        if frame.ndim == 3:
            # other ways lose colours that are few: a mark, a vessel among greys
            image = image.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1)
        for block in GifImagePlugin.getdata(image, include_color_table=frame.ndim == 3):
            self._file.write(block)

    def _begin(self) -> None:
        rows, columns = self._size
        if max(rows, columns) > 0xFFFF:
            raise ValueError("a GIF has at most 65535 pixels a side")
        greys = np.repeat(np.arange(256, dtype=np.uint8), 3).tobytes()
        self._file.write(b"GIF89a" + struct.pack("<HHBBB", columns, rows, 0xF7, 0, 0) + greys)
        self._file.write(b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0")

    def end(self) -> None:
        if not self._count:
            raise ValueError("a film has at least one frame")
        self._file.write(b";")


class Avi:
    """One stream of Motion JPEG. Source: Microsoft's AVI RIFF reference.

    Every frame is stored with colours, grey ones too, because some decoders take no other.
    """

    def __init__(self, file: BinaryIO, frame_ms: float) -> None:
        self._file, self._frame_ms = file, frame_ms
        self._size = (0, 0)
        self._lengths: list[int] = []
        self._header_bytes = len(self._header(0))

    def add(self, frame: Bytes8) -> None:
        if not self._lengths:
            rows, columns = frame.shape[:2]
            self._size = (rows + rows % 2, columns + columns % 2)
            self._file.write(bytes(self._header_bytes))
        even = _even(fitted(frame, *self._size) if self._lengths else frame)
        out = io.BytesIO()
        Image.fromarray(even).convert("RGB").save(out, "JPEG", quality=QUALITY, subsampling=1)
        data = out.getvalue()
        if self._file.tell() + len(data) + 16 * len(self._lengths) > AVI_MOST_BYTES:
            raise FilmTooLong
        self._file.write(_chunk(b"00dc", data))
        self._lengths.append(len(data))

    def end(self) -> None:
        if not self._lengths:
            raise ValueError("a film has at least one frame")
        at, entries = 4, []  # places count from "movi"
        for length in self._lengths:
            entries.append(struct.pack("<4sIII", b"00dc", 0x10, at, length))
            at += 8 + length + length % 2
        self._file.write(_chunk(b"idx1", b"".join(entries)))
        end = self._file.tell()
        self._file.seek(0)
        self._file.write(self._header(at, end))
        self._file.seek(end)

    def _header(self, movi_bytes: int, file_bytes: int = 8) -> bytes:
        rows, columns = self._size
        count, most = len(self._lengths), max(self._lengths, default=0)
        rate, scale = 1_000_000, max(1, round(self._frame_ms * 1000))
        per_second = min(0xFFFFFFFF, most * rate // scale)
        avih = struct.pack(
            "<14I", scale, per_second, 0, 0x10, count, 0, 1, most, columns, rows, 0, 0, 0, 0
        )
        strh = struct.pack(
            "<4s4sIHHIIIIIIIIhhhh", b"vids", b"MJPG", 0, 0, 0, 0, scale, rate, 0, count, most,
            0xFFFFFFFF, 0, 0, 0, columns & 0x7FFF, rows & 0x7FFF,
        )  # fmt: skip
        strf = struct.pack(
            "<IiiHH4sIiiII", 40, columns, rows, 1, 24, b"MJPG", rows * columns * 3, 0, 0, 0, 0
        )
        stream = _list(b"strl", _chunk(b"strh", strh) + _chunk(b"strf", strf))
        return (
            struct.pack("<4sI4s", b"RIFF", file_bytes - 8, b"AVI ")
            + _list(b"hdrl", _chunk(b"avih", avih) + stream)
            + struct.pack("<4sI4s", b"LIST", movi_bytes, b"movi")
        )


def _even(frame: Bytes8) -> Bytes8:
    """Repeat the last row or column where there is an odd number: decoders halve colours."""
    rows, columns = frame.shape[:2]
    beside: list[tuple[int, int]] = [(0, rows % 2), (0, columns % 2)]
    return np.pad(frame, [*beside, (0, 0)][: frame.ndim], mode="edge")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack("<4sI", name, len(data)) + data + bytes(len(data) % 2)


def _list(name: bytes, data: bytes) -> bytes:
    return struct.pack("<4sI4s", b"LIST", len(data) + 4, name) + data


@contextlib.contextmanager
def new_file(path: Path, replace: bool = False) -> Iterator[BinaryIO]:
    """Open a file for writing; nothing of it stays if what is written to it fails.

    Args:
        replace: let it take the place of a file of that name, once it is whole.

    Raises: FileExistsError, OSError.
    """
    there = path.with_name(f".{secrets.token_hex(8)}.part") if replace else path
    with there.open("x+b") as file:
        try:
            yield file
        except BaseException:
            there.unlink(missing_ok=True)
            raise
    if replace:
        there.replace(path)
