"""Taking scans in: read in child processes, grouped into studies, sealed, stored, published."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from viewer.dicom.header import Header
from viewer.dicom.made import MadeFile, read_back
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.scan import ScannedFile, scan
from viewer.dicom.series import Series, group
from wallet.container import head
from wallet.container.paths import clean_path, distinct_paths
from wallet.container.sealing import Epoch, new_series_id
from wallet.container.self_record import SelfRecord
from wallet.container.writer import FileIn, Sealed, SeriesIn, append_series, seal_study
from wallet.errors import NothingReadable
from wallet.library.owner import Committed, Owner
from wallet.library.state import Entry
from wallet.ports import WORD_NONE, Address, Cid, Progress, Publish, Rotate, unwatched

Instance = ScannedFile | MadeFile
OneKind = TypeVar("OneKind", ScannedFile, MadeFile)
Preview = Callable[[int, Header], bytes]  # an open file and its header, to a small PNG
_ALREADY = "it is in this wallet already"
_READING = "Reading the files"


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did."""

    entries: tuple[Entry, ...]
    gas: dict[Address, int]
    skipped: tuple[tuple[Path, str], ...] = field(repr=False)


def import_paths(
    owner: Owner,
    paths: Sequence[Path],
    sandbox: Sandbox,
    preview: Preview,
    progress: Progress = unwatched,
) -> Taken:
    """Seal every DICOM instance below `paths`, a study at a time.

    Raises: NothingReadable if none of them is DICOM; LedgerError, StoreUnreachable.
    """
    found = scan(paths, sandbox, lambda _, done, total: progress(_READING, done, total))
    skipped = [(each.path, each.reason) for each in found.skipped]
    if not found.files:
        raise NothingReadable()
    by_study: dict[str, list[ScannedFile]] = defaultdict(list)
    for file in found.files:
        by_study[file.header.study_uid].append(file)
    entries, gas = [], {}
    for uid, files in by_study.items():
        known = _known(owner, uid)
        if known is not None:
            fresh, again = _new_ones(owner, known, files)
            skipped += [(each.path, _ALREADY) for each in again]
            if not fresh:
                entries.append(known)
                gas[known.study] = 0
                continue
            done = _add_to(owner, known, fresh, preview, progress)
        else:
            done = _take_new(owner, files, preview, progress)
        entries.append(done.entry)
        gas[done.entry.study] = done.receipt.gas
    return Taken(tuple(entries), gas, tuple(skipped))


def keep_made(
    owner: Owner,
    study: Address,
    files: Sequence[tuple[str, bytes]],
    sandbox: Sandbox,
    progress: Progress = unwatched,
) -> Taken:
    """Add (name, bytes) of our own making to a study, read back like any other files.

    Raises: StudyUnknown; LedgerError, StoreUnreachable; ViewerError if they cannot be read.
    """
    known = owner.confirm(owner.entry(study))
    progress(_READING, 0, len(files))
    made = read_back(files, sandbox)
    if any(each.header.study_uid != known.record.labels["uid"] for each in made):
        raise ValueError("made for another study")
    fresh, _ = _new_ones(owner, known, made)
    if not fresh:
        return Taken((known,), {known.study: 0}, ())
    said = "You kept measurements with a study."
    done = _add_to(owner, known, fresh, lambda _fd, _header: b"", progress, said)
    return Taken((done.entry,), {done.entry.study: done.receipt.gas}, ())


def _known(owner: Owner, study_uid: str) -> Entry | None:
    for entry in owner.state.studies.values():
        if entry.record.labels["uid"] == study_uid:
            return owner.confirm(entry)
    return None


def _new_ones(
    owner: Owner, entry: Entry, files: Sequence[OneKind]
) -> tuple[list[OneKind], list[OneKind]]:
    """Part files into those whose bytes the study does not hold yet and those it does."""
    held = {row.sha256 for series in owner.sealed(entry).series for row in series.files}
    fresh: list[OneKind] = []
    again: list[OneKind] = []
    for file in files:
        (again if _sha256(file) in held else fresh).append(file)
    return fresh, again


def _sha256(file: Instance) -> bytes:
    with file.open() as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def _take_new(
    owner: Owner,
    files: Sequence[Instance],
    preview: Preview,
    progress: Progress,
) -> Committed:
    index, study = _next_study(owner)
    study_key = secrets.token_bytes(32)
    epoch = Epoch(secrets.token_bytes(16), 1)
    series = _series_in(files, preview)
    sealed = seal_study([s for s, _ in series], study_key, epoch, owner.store().add, progress)
    layout = _layout(epoch, sealed)
    record = SelfRecord(
        index=index,
        study_key=study_key,
        sequence=1,
        previous=None,
        ranges=sealed.ranges,
        labels=_labels([f.header for f in files], series, sealed),
    )
    progress("Recording the study", 0, 0)
    entry = owner.compose(study, layout, record, WORD_NONE)
    said = "You took a study into your wallet."
    return owner.commit(entry, WORD_NONE, Publish(study, entry.word), said)


def _add_to(
    owner: Owner,
    known: Entry,
    files: Sequence[Instance],
    preview: Preview,
    progress: Progress,
    said: str = "You added images to a study.",
) -> Committed:
    """Later instances are sealed under series ids of their own, which no earlier grant holds."""
    before = known.record
    old = head.decode(known.head)
    epoch = Epoch(old.container, old.epoch)
    series = _series_in(files, preview)
    sealed = append_series(
        owner.sealed(known),
        [s for s, _ in series],
        before.study_key,
        epoch,
        owner.store().add,
        progress,
    )
    labels = _merge_labels(before.labels, _labels([f.header for f in files], series, sealed))
    record = replace(before, ranges=sealed.ranges, labels=labels, sequence=before.sequence + 1)
    progress("Recording the study", 0, 0)
    entry = owner.compose(known.study, _layout(epoch, sealed), record, known.word)
    change = Rotate(known.study, known.word, entry.word)
    return owner.commit(entry, known.word, change, said)


def _layout(epoch: Epoch, sealed: Sealed) -> head.Head:
    """Return a head whose self and grants are still to be sealed."""
    nothing = Cid("")
    return head.Head(
        epoch.container, epoch.epoch, sealed.data, sealed.index, sealed.preview, nothing, nothing
    )


def _next_study(owner: Owner) -> tuple[int, Address]:
    """Return the first study key that neither this home nor the chain has used."""
    used = {entry.record.index for entry in owner.state.studies.values()}
    used |= {pending.entry.record.index for pending in owner.state.pending.values()}
    index = max(used, default=-1) + 1
    while True:
        study = owner.identity.study(index).address
        if owner.words([study])[study] == WORD_NONE:
            return index, study
        index += 1


def _series_in(
    files: Sequence[Instance], preview: Preview
) -> list[tuple[SeriesIn, Series[Instance]]]:
    paths = distinct_paths([clean_path(file.relative) for file in files])
    by_file = {id(file): path for file, path in zip(files, paths, strict=True)}
    found = []
    for series in group([(file, file.header) for file in files]):
        files_in = [
            FileIn(
                path=by_file[id(file)],
                size=file.header.size,
                header=file.header.to_map(),
                cuts=file.header.cuts,
                compress=file.header.compressible,
                open=file.open,
            )
            for file in series.keys
        ]
        picture = _preview(series, preview)
        attributes = {"uid": series.uid}
        made = SeriesIn(new_series_id(), attributes, files_in, picture)
        found.append((made, series))
    return found


def _preview(series: Series[Instance], preview: Preview) -> bytes:
    """Return a picture of the middle of the series, or of the first that can be drawn."""
    on_disk = (file for file in series.keys if isinstance(file, ScannedFile))
    drawable = [file for file in on_disk if file.header.drawable]
    if not drawable:
        return b""
    middle = drawable[len(drawable) // 2]
    fd = os.open(middle.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return preview(fd, middle.header)
    finally:
        os.close(fd)


def _labels(
    headers: Sequence[Header],
    series: Sequence[tuple[SeriesIn, Series[Instance]]],
    sealed: Sealed,
) -> dict[str, Any]:
    """What a list of studies shows, without opening the study."""
    first = next((h for h in headers if h.drawable), headers[0])
    return {
        "uid": first.study_uid,
        "patient": first.patient_name,
        "date": first.study_date,
        "description": first.study_description,
        "body_part": first.body_part,
        "place": first.institution,
        "series": [
            {
                "id": made.series_id,
                "uid": each.uid,
                "modality": each.headers[0].modality,
                "title": each.headers[0].series_description,
                "number": each.headers[0].series_number,
                "instances": len(each.headers),
                "drawable": sum(h.drawable for h in each.headers),
            }
            for made, each in series
        ],
        "bytes_in": sealed.bytes_in,
        "bytes_stored": sealed.bytes_stored,
    }


def _merge_labels(before: dict[str, Any], added: dict[str, Any]) -> dict[str, Any]:
    return before | {
        "series": before["series"] + added["series"],
        "bytes_in": before["bytes_in"] + added["bytes_in"],
        "bytes_stored": before["bytes_stored"] + added["bytes_stored"],
    }
