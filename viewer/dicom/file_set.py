"""Originals copied byte for byte into a folder with a DICOMDIR, as a hospital's CD has them.

    DICOMDIR
    DICOM/ST000001/SE000001/IM000001    one folder a study, one a series
    OTHER/FILE0001                      what a DICOMDIR cannot name, bytes unchanged

Source: PS3.10 8.2, 8.5; PS3.11 D.3. The files are not parsed here: the sandbox's children do it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from viewer.dicom.header import Header
from viewer.dicom.record import Record, kind
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.sandbox.protocol import BATCH
from viewer.errors import ViewerError

Progress = Callable[[str, int, int], None]
WHAT = "Copying the originals"
NO_META = "it does not say in its first bytes what it is, as files on a DICOM disc must"
NO_PLACE = "it does not say to which study and series it belongs"
NO_KIND = "it is of a kind that a DICOM disc has no place for"
TWICE = "another file holds the same image"


@dataclass(frozen=True, slots=True)
class Original:
    """One file to be copied."""

    header: Header
    relative: str = field(repr=False)  # what it was called
    copy: Callable[[BinaryIO], None] = field(repr=False)  # writes all of its bytes


@dataclass(frozen=True, slots=True)
class Apart:
    """A file that was copied, but is not in the DICOMDIR."""

    relative: str = field(repr=False)
    copied_to: str
    reason: str


@dataclass(frozen=True, slots=True)
class FileSet:
    """What was written."""

    instances: int  # in the DICOMDIR
    apart: tuple[Apart, ...]


def write_file_set(
    originals: Sequence[Original], folder: Path, sandbox: Sandbox, progress: Progress
) -> FileSet:
    """Copy `originals`, in the order given, and write the DICOMDIR last.

    Args:
        folder: absent or empty.
        progress: called with bytes; what it raises ends it.

    Raises: ViewerError, OSError, and what a copy raises.
    """
    from viewer.dicom.directory import Listed, directory  # pydicom takes half a second

    folder.mkdir(parents=True, exist_ok=True)
    places = _Places()
    listed: list[Listed] = []
    apart: list[Apart] = []
    seen: set[str] = set()
    done_bytes, all_bytes = 0, sum(each.header.size for each in originals)
    for at in range(0, len(originals), BATCH):
        batch = originals[at : at + BATCH]
        file_ids = [places.next(each.header) for each in batch]
        for each, file_id in zip(batch, file_ids, strict=True):
            progress(WHAT, done_bytes, all_bytes)
            _copy(each, folder.joinpath(*file_id))
            done_bytes += each.header.size
        records = _records([folder.joinpath(*each) for each in file_ids], sandbox)
        for each, file_id, record in zip(batch, file_ids, records, strict=True):
            why = _why_apart(each.header, record, seen)
            if why or not isinstance(record, Record):
                place = _set_aside(folder, file_id, len(apart) + 1)
                apart.append(Apart(each.relative, place, why))
            else:
                seen.add(record.meta[1])
                listed.append(Listed(each.header, record, file_id))
    with (folder / "DICOMDIR").open("xb") as file:
        file.write(directory(listed))
    progress(WHAT, all_bytes, all_bytes)
    return FileSet(len(listed), tuple(apart))


class _Places:
    """Names of 8 characters of A to Z, 0 to 9 and _, counted from 1. Source: PS3.10 8.5."""

    def __init__(self) -> None:
        self._studies: dict[str, int] = {}
        self._series: dict[str, dict[str, int]] = {}
        self._counts: dict[tuple[str, str], int] = {}

    def next(self, header: Header) -> tuple[str, ...]:
        """Return the parts of the path of the next file."""
        study = self._studies.setdefault(header.study_uid, len(self._studies) + 1)
        all_series = self._series.setdefault(header.study_uid, {})
        series = all_series.setdefault(header.series_uid, len(all_series) + 1)
        place = (header.study_uid, header.series_uid)
        count = self._counts[place] = self._counts.get(place, 0) + 1
        return "DICOM", f"ST{study:06}", f"SE{series:06}", f"IM{count:06}"


def _copy(original: Original, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        original.copy(file)


def _records(paths: Sequence[Path], sandbox: Sandbox) -> list[Record | ViewerError]:
    fds: list[tuple[str, int]] = []
    try:
        for path in paths:
            fds.append((path.name, os.open(path, os.O_RDONLY)))
        return sandbox.records(fds)
    finally:
        for _, fd in fds:
            os.close(fd)


def _why_apart(header: Header, record: Record | ViewerError, seen: set[str]) -> str:
    """Return why a DICOMDIR cannot name a file, or nothing."""
    if not isinstance(record, Record):
        return header.why_not or str(getattr(record, "why", record))
    if not record.is_part_10:
        return NO_META
    if not (header.study_uid and header.series_uid):
        return NO_PLACE
    if not kind(header):
        return NO_KIND
    return TWICE if record.meta[1] in seen else ""


def _set_aside(folder: Path, file_id: tuple[str, ...], number: int) -> str:
    """Move a copy to where a DICOMDIR does not look; folders that it leaves empty go."""
    place = f"OTHER/FILE{number:04}"
    target, source = folder / place, folder.joinpath(*file_id)
    target.parent.mkdir(exist_ok=True)
    source.rename(target)
    for above in list(source.parents)[:3]:
        if any(above.iterdir()):
            break
        above.rmdir()
    return place
