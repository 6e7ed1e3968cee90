"""Where a viewer gets its instances: a folder, or anything else that can hand over descriptors."""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable

from viewer.dicom.file_set import Original
from viewer.dicom.header import Header
from viewer.dicom.oddities import whole_notes
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.sandbox.protocol import FOOTER_MAGIC
from viewer.dicom.scan import ScannedFile, scan
from viewer.dicom.series import group
from viewer.dicom.twins import file_digest, once
from viewer.errors import ReaderFailed

_OPEN = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_SEALS = 1 | 2 | 4 | 8  # F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A series as it is listed and scrolled through: its instances in viewing order."""

    uid: str
    title: str
    modality: str
    headers: tuple[Header, ...]


class StudySource(Protocol):
    """Series, and the bytes of their frames."""

    def series(self) -> Sequence[SeriesView]: ...

    def open(self, series: int, instance: int, frame: int) -> int:
        """Return a read-only descriptor, which the caller closes, that `Sandbox.decode` takes.

        It holds the whole file, or its header and this frame. Raises: ViewerError.
        """
        ...


@runtime_checkable
class HasOriginals(Protocol):
    """A source whose files can be copied whole."""

    def originals(self) -> list[Original]:
        """Return the files as they are to be copied, in viewing order."""
        ...


def title_of(header: Header) -> str:
    """Return what to call a series."""
    said = header.series_description or header.protocol or header.body_part
    if said:
        return said
    number = f" {header.series_number}" if header.series_number is not None else ""
    return f"{header.modality or 'Series'}{number}"


class FolderSource:
    """Files and folders on this machine."""

    def __init__(
        self, paths: Sequence[Path], sandbox: Sandbox | None = None, shows_twins: bool = False
    ) -> None:
        """Read what is at and below `paths`.

        Args:
            shows_twins: an image that lies in two files with the same bytes is there twice.
        """
        with contextlib.ExitStack() as own:
            found = scan(paths, sandbox or own.enter_context(Sandbox()))
        self.skipped = found.skipped
        members = [(each, each.header) for each in found.files]
        if not shows_twins:
            members = once(members, lambda each: file_digest(each.path))
        self.notes = (*found.notes, *whole_notes([header for _, header in members]))
        shown = {id(file) for file, _ in members}
        self._again = [each for each in found.files if id(each) not in shown]
        grouped = group(members)
        self._files: list[tuple[ScannedFile, ...]] = [each.keys for each in grouped]
        self._views = tuple(
            SeriesView(
                each.uid, title_of(each.headers[0]), each.headers[0].modality, tuple(each.headers)
            )
            for each in grouped
        )

    def series(self) -> Sequence[SeriesView]:
        return self._views

    def originals(self) -> list[Original]:
        """Return all files as they are to be copied, in viewing order; the twins come last."""
        files = [file for series in self._files for file in series] + self._again
        return [Original(each.header, each.relative, partial(_copy, each.path)) for each in files]

    def open(self, series: int, instance: int, frame: int) -> int:
        """Return the whole file; the sandbox picks the frame."""
        del frame
        path = self._files[series][instance].path
        try:
            return os.open(path, _OPEN)
        except OSError as error:
            raise ReaderFailed("it cannot be opened any more") from error


def _copy(path: Path, target: BinaryIO) -> None:
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
        shutil.copyfileobj(file, target, 1 << 20)


def frame_file(header: Header, frame: int, read: Callable[[int, int], bytes]) -> int:
    """Return a descriptor of a file that holds only the header and one frame.

    On Linux it is memory, sealed; elsewhere an unnamed temporary file.

    Args:
        read: returns `length` bytes at `offset` of the whole file.
    """
    span = header.frame_span(frame) if header.frames > 1 else None
    fd = _memory()
    try:
        os.ftruncate(fd, header.size)
        for offset, length in header.spans_for(frame):
            _write(fd, offset, read(offset, length))
        if span is not None:
            _write(fd, header.size, FOOTER_MAGIC + struct.pack(">QQ", *span))
        if hasattr(os, "memfd_create"):
            import fcntl

            fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _memory() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("frame", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _write(fd: int, offset: int, data: bytes) -> None:
    os.lseek(fd, offset, os.SEEK_SET)
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
