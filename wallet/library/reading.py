"""A sealed study as files again: for the viewer, for sealing anew, and for export."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import BinaryIO

from viewer.dicom.file_set import Original
from viewer.dicom.header import Header
from viewer.dicom.series import group
from viewer.dicom.source import SeriesView, frame_file, title_of
from viewer.dicom.twins import once
from viewer.errors import NotDicom
from wallet.container.index import FileRow
from wallet.container.paths import clean_path, distinct_paths
from wallet.container.reader import SealedStudy
from wallet.container.writer import FileIn, SeriesIn
from wallet.errors import Damaged, ExportDamaged, RequestInvalid
from wallet.ports import Progress, unwatched

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies in a sealed study."""

    series_id: bytes
    number: int


class SealedFile(io.RawIOBase):
    """One file of a sealed study, opened segment by segment as it is read."""

    def __init__(self, study: SealedStudy, place: Place, size: int) -> None:
        self._study, self._place, self._size, self._at = study, place, size, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        data = self._study.read(self._place.series_id, self._place.number, self._at, wanted)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class SealedSource:
    """Implements viewer.dicom.source.StudySource over a sealed study; nothing touches the disk."""

    def __init__(self, study: SealedStudy) -> None:
        self._study = study

    @cached_property
    def _grouped(self) -> tuple[list[SeriesView], list[list[Place]]]:
        rows, digests = [], {}
        for series in self._study.series:
            for number, row in enumerate(series.files):
                place = Place(series.series_id, number)
                rows.append((place, _header(row)))
                digests[place] = row.sha256
        rows = once(rows, digests.__getitem__)
        views, places = [], []
        for each in group(rows):
            first = each.headers[0]
            views.append(SeriesView(each.uid, title_of(first), first.modality, each.headers))
            places.append(list(each.keys))
        return views, places

    def series(self) -> Sequence[SeriesView]:
        return self._grouped[0]

    def open(self, series: int, instance: int, frame: int) -> int:
        """Return a file in memory with what decoding this frame needs; the caller closes it."""
        views, places = self._grouped
        place = places[series][instance]

        def read(offset: int, length: int) -> bytes:
            return self._study.read(place.series_id, place.number, offset, length)

        return frame_file(views[series].headers[instance], frame, read)

    @property
    def sealed(self) -> SealedStudy:
        """The study as it is stored."""
        return self._study

    def originals(self) -> list[Original]:
        """Return the files as they are to be copied, in viewing order."""
        return originals(self._study)

    def previews(self) -> list[bytes]:
        """Return a PNG of each series, in step with them: stacks of one UID have one each."""
        return [self._study.preview(places[0].series_id) for places in self._grouped[1]]


def _header(row: FileRow) -> Header:
    try:
        return Header.from_map(row.header)
    except NotDicom:
        raise Damaged("the list of images") from None


def files_again(study: SealedStudy) -> list[SeriesIn]:
    """Return the study's series as the writer takes them, read from their ciphertext."""
    series_in = []
    for series in study.series:
        files = [
            FileIn(
                path=row.path,
                size=row.size,
                header=row.header,
                cuts=_header(row).cuts,
                compress=_header(row).compressible,
                open=partial(_open, study, Place(series.series_id, number), row.size),
            )
            for number, row in enumerate(series.files)
        ]
        preview = study.preview(series.series_id)
        series_in.append(SeriesIn(series.series_id, series.attributes, files, preview))
    return series_in


def _open(study: SealedStudy, place: Place, size: int) -> io.BufferedReader:
    return io.BufferedReader(SealedFile(study, place, size), _CHUNK)


def check_empty(folder: Path) -> None:
    """Raise RequestInvalid unless `folder` is absent or empty: nothing is ever overwritten."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise RequestInvalid("The target of an export must be a folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise RequestInvalid("The target folder of an export must be empty or new")


def originals(study: SealedStudy) -> list[Original]:
    """Return the study's files as they are to be copied, in the order they are looked through.

    A copy raises: ExportDamaged, BlockUnreachable.
    """
    rows = [
        ((Place(series.series_id, number), row.path), _header(row))
        for series in study.series
        for number, row in enumerate(series.files)
    ]
    found = [
        (place, path, header)
        for each in group(rows)
        for (place, path), header in zip(each.keys, each.headers, strict=True)
    ]
    return [
        Original(header, clean_path(path), partial(_copy, study, place, position))
        for position, (place, path, header) in enumerate(found)
    ]


def _copy(study: SealedStudy, place: Place, position: int, file: BinaryIO) -> None:
    try:
        study.copy_file(place.series_id, place.number, file)
    except Damaged:
        raise ExportDamaged(position) from None


def export(study: SealedStudy, folder: Path, progress: Progress = unwatched) -> int:
    """Write the original files byte for byte under their cleaned relative paths.

    Returns: how many. Raises: RequestInvalid, ExportDamaged, Damaged, BlockUnreachable.
    """
    check_empty(folder)
    files = [
        (Place(series.series_id, number), row)
        for series in study.series
        for number, row in enumerate(series.files)
    ]
    paths = distinct_paths([clean_path(row.path) for _, row in files])
    folder.mkdir(parents=True, exist_ok=True)
    done_bytes, all_bytes = 0, sum(row.size for _, row in files)
    for position, ((place, row), path) in enumerate(zip(files, paths, strict=True)):
        progress("Writing the files", done_bytes, all_bytes)
        _write(study, place, folder / path, position)
        done_bytes += row.size
    return len(files)


def _write(study: SealedStudy, place: Place, target: Path, position: int) -> None:
    """Write one file under a temporary name, and name it once its digest is right."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partly = target.with_name(f".{position}.part")
    try:
        with partly.open("xb") as file:
            _copy(study, place, position, file)
        os.link(partly, target)  # fails where something is; os.replace would not
    finally:
        partly.unlink(missing_ok=True)
