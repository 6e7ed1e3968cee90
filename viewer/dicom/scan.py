"""Files and folders to headers: nothing outside is followed, and one bad file stops nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from io import BufferedReader
from itertools import islice
from pathlib import Path

from viewer.dicom.disc import count_missing
from viewer.dicom.header import Header
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.sandbox.protocol import BATCH
from viewer.errors import MediaDirectory, ReaderFailed, ViewerError

Progress = Callable[[str, int, int], None]
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_BROKEN = "it could not be read safely"


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file."""

    path: Path = field(repr=False)
    relative: str = field(repr=False)  # below what was given, with forward slashes


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A DICOM instance."""

    path: Path = field(repr=False)
    relative: str = field(repr=False)
    header: Header

    def open(self) -> BufferedReader:
        return self.path.open("rb")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is no DICOM instance, and why."""

    path: Path = field(repr=False)
    reason: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What was found, in the order of the paths."""

    files: list[ScannedFile]
    skipped: list[Skipped]
    missing: int = 0  # files that the index of a disc names and that are not here

    @property
    def notes(self) -> tuple[str, ...]:
        """Return a sentence if something should be here and is not."""
        if not self.missing:
            return ()
        files = "file that is" if self.missing == 1 else "files that are"
        return (f"The disc's index names {self.missing:,} more {files} not here.",)


def walk(paths: Sequence[Path]) -> Iterator[Found]:
    """Return the regular files at and below `paths`, sorted; no links, devices or pipes."""
    for path in paths:
        try:
            if path.is_dir():
                yield from _below(path, "")
            elif stat.S_ISREG(path.stat().st_mode):
                yield Found(path.resolve(), path.name)
        except OSError:
            continue


def _below(folder: Path, prefix: str) -> Iterator[Found]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        relative = prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path), relative + "/")
        elif entry.is_file(follow_symlinks=False):
            yield Found(Path(entry.path), relative)


def _unwatched(what: str, done: int, total: int) -> None:
    """A progress that nobody looks at."""


def scan(paths: Sequence[Path], sandbox: Sandbox, progress: Progress = _unwatched) -> Scan:
    """Read the header of every file below `paths`, two batches at a time.

    Args:
        progress: called with ("reading", files done, files found); what it raises ends the scan.
    """
    found = list(walk(paths))
    result = Scan([], [])
    indexes: list[tuple[str, MediaDirectory]] = []
    batches = iter([found[at : at + BATCH] for at in range(0, len(found), BATCH)])
    progress("reading", 0, len(found))
    with ThreadPoolExecutor(2, "scan") as threads:
        running = [(each, threads.submit(_read, each, sandbox)) for each in islice(batches, 2)]
        done = 0
        while running:
            batch, job = running.pop(0)
            headers = job.result()
            running += [(each, threads.submit(_read, each, sandbox)) for each in islice(batches, 1)]
            _sort_out(batch, headers, result)
            indexes += [
                (file.relative, each)
                for file, each in zip(batch, headers, strict=True)
                if isinstance(each, MediaDirectory)
            ]
            done += len(batch)
            progress("reading", done, len(found))
    uids = {each.header.sop_uid for each in result.files}
    return replace(result, missing=count_missing(indexes, {each.relative for each in found}, uids))


def _sort_out(batch: list[Found], headers: list[Header | ViewerError], result: Scan) -> None:
    for file, header in zip(batch, headers, strict=True):
        if isinstance(header, Header):
            result.files.append(ScannedFile(file.path, file.relative, header))
        elif isinstance(header, ReaderFailed) and (kept := _kept(file.path)) is not None:
            result.files.append(ScannedFile(file.path, file.relative, kept))
        else:
            result.skipped.append(Skipped(file.path, str(header)))


def _kept(path: Path) -> Header | None:
    """Return a header that says nothing: an instance is kept, whatever is wrong with it."""
    try:
        with path.open("rb") as file:
            head, size = file.read(132), file.seek(0, os.SEEK_END)
    except OSError:
        return None
    if head[128:] != b"DICM":
        return None
    return Header(size=size, why_not=_BROKEN, compressible=False, preamble=any(head[:128]))


def _read(batch: list[Found], sandbox: Sandbox) -> list[Header | ViewerError]:
    """Open, ask, close; a file that cannot be opened is skipped."""
    fds: list[tuple[str, int]] = []
    answers: dict[int, Header | ViewerError] = {}
    asked: list[int] = []
    try:
        for i, file in enumerate(batch):
            try:
                fds.append((file.relative, os.open(file.path, _OPEN)))
                asked.append(i)
            except OSError:
                answers[i] = ReaderFailed("it cannot be opened")
        answers.update(zip(asked, sandbox.headers(fds), strict=True))
    finally:
        for _, fd in fds:
            os.close(fd)
    return [answers[i] for i in range(len(batch))]
