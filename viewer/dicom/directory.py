"""The bytes of a DICOMDIR: patients, their studies, series and instances, as PS3.10 8 wants them.

Equal input gives equal bytes. What a file does not say is left empty and never invented, but for
numbers that only tell siblings apart, and the modality OT (other).

Source: PS3.3 F.3, F.5; PS3.10 8.6.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import dcmwrite, write_dataset
from pydicom.uid import ExplicitVRLittleEndian

from viewer.dicom.header import Header
from viewer.dicom.record import KEYS, NEEDED, OPTIONAL, TITLED, Code, Record, kind
from viewer.dicom.sandbox.protocol import MEDIA_DIRECTORY

IN_USE = 0xFFFF
ITEM_HEAD_BYTES = 8
SEQUENCE_HEAD_BYTES = 12
IMPLEMENTATION = "RAYFOLIO"
_LEGAL: dict[str, re.Pattern[str]] = {
    "CS": re.compile(r"[A-Z0-9_ ]{1,16}"),
    "DA": re.compile(r"[0-9]{8}"),
    "DT": re.compile(r"[0-9]{4,14}(\.[0-9]{1,6})?([+-][0-9]{4})?"),
    "IS": re.compile(r"[+-]?[0-9]{1,11}"),
    "TM": re.compile(r"([0-9]{2}){1,3}(\.[0-9]{1,6})?"),
    "UL": re.compile(r"[0-9]{1,10}"),
    "US": re.compile(r"[0-9]{1,5}"),
}
_LONGEST = {"LO": 64, "PN": 64, "SH": 16}


@dataclass(frozen=True, slots=True)
class Listed:
    """One file of the set."""

    header: Header
    record: Record
    file_id: tuple[str, ...]  # the parts of its path below the DICOMDIR


@dataclass(slots=True)
class _Node:
    """A record and those below it."""

    entry: Dataset
    below: list[_Node] = field(default_factory=list)
    at: int = 0  # where its item starts in the file


def directory(listed: Sequence[Listed]) -> bytes:
    """Return the DICOMDIR of a file-set, in the order given."""
    with disable_value_validation():  # what files hold is as legal as we could make it
        roots = _tree(listed)
        every = list(_walk(roots))
        start = len(_file([], roots, listed)) + SEQUENCE_HEAD_BYTES if every else 0
        for node in every:
            node.at = start
            start += ITEM_HEAD_BYTES + _length(node.entry)
        _link(roots)
        return _file([node.entry for node in every], roots, listed)


def _tree(listed: Sequence[Listed]) -> list[_Node]:
    """Put each instance below its series, that below its study, that below its patient."""
    roots: list[_Node] = []
    patients: dict[tuple[str, str], _Node] = {}
    studies: dict[str, _Node] = {}
    series: dict[tuple[str, str], _Node] = {}
    for each in listed:
        header, texts = each.header, each.record.texts
        study = studies.get(header.study_uid)
        if study is None:
            who = (texts.get("PatientID", ""), texts.get("PatientName", ""))
            if who not in patients:
                patients[who] = _add(roots, _patient(each, len(roots) + 1))
            study = _add(patients[who].below, _study(each, len(studies) + 1))
            studies[header.study_uid] = study
        place = (header.study_uid, header.series_uid)
        if place not in series:
            series[place] = _add(study.below, _series(each, len(study.below) + 1))
        _add(series[place].below, _instance(each, len(series[place].below) + 1))
    return roots


def _add(siblings: list[_Node], entry: Dataset) -> _Node:
    siblings.append(_Node(entry))
    return siblings[-1]


def _walk(nodes: Sequence[_Node]) -> Iterator[_Node]:
    for node in nodes:
        yield node
        yield from _walk(node.below)


def _link(nodes: Sequence[_Node]) -> None:
    """Say of each record where the next one and the first one below it lie."""
    for node, after in zip(nodes, [*nodes, None][1:], strict=True):
        node.entry.OffsetOfTheNextDirectoryRecord = after.at if after else 0
        below = node.below[0].at if node.below else 0
        node.entry.OffsetOfReferencedLowerLevelDirectoryEntity = below
        _link(node.below)


# -- records ----------------------------------------------------------------------------------


def _patient(each: Listed, number: int) -> Dataset:
    entry = _entry("PATIENT")
    _put(entry, each.record, "PatientName", "PatientBirthDate", "PatientSex")
    _put_or(entry, each.record, "PatientID", f"PATIENT{number}")
    return _spoken(entry)


def _study(each: Listed, number: int) -> Dataset:
    entry = _entry("STUDY")
    _put(entry, each.record, "StudyTime", "StudyDescription", "AccessionNumber")
    _put_or(entry, each.record, "StudyID", str(number))
    texts = each.record.texts
    dates = (texts.get(name, "") for name in ("StudyDate", "SeriesDate", "ContentDate"))
    entry.StudyDate = next((date for date in dates if legal("DA", date)), "")
    entry.StudyInstanceUID = each.header.study_uid
    return _spoken(entry)


def _series(each: Listed, number: int) -> Dataset:
    entry = _entry("SERIES")
    _put_or(entry, each.record, "Modality", "OT")
    _put_or(entry, each.record, "SeriesNumber", str(number))
    if each.record.texts.get("SeriesDescription"):
        _put(entry, each.record, "SeriesDescription")
    entry.SeriesInstanceUID = each.header.series_uid
    return _spoken(entry)


def _instance(each: Listed, number: int) -> Dataset:
    sort = kind(each.header)
    entry = _entry(sort)
    entry.ReferencedFileID = list(each.file_id)
    entry.ReferencedSOPClassUIDInFile = each.record.meta[0]
    entry.ReferencedSOPInstanceUIDInFile = each.record.meta[1]
    entry.ReferencedTransferSyntaxUIDInFile = each.record.meta[2]
    _put(entry, each.record, *NEEDED[sort])
    _put(entry, each.record, *(n for n in OPTIONAL.get(sort, ()) if each.record.texts.get(n)))
    if "InstanceNumber" in NEEDED[sort]:
        _put_or(entry, each.record, "InstanceNumber", str(number))
    if sort in TITLED:
        title = each.record.title
        entry.ConceptNameCodeSequence = [] if title is None else [_code(title)]
        if each.record.modifiers:
            entry.ContentSequence = [_modifier(*pair) for pair in each.record.modifiers]
    if sort == "PRESENTATION" and each.record.references:
        entry.ReferencedSeriesSequence = [_referenced(*pair) for pair in each.record.references]
    return _spoken(entry)


def _entry(sort: str) -> Dataset:
    entry = Dataset()
    entry.OffsetOfTheNextDirectoryRecord = 0
    entry.RecordInUseFlag = IN_USE
    entry.OffsetOfReferencedLowerLevelDirectoryEntity = 0
    entry.DirectoryRecordType = sort
    return entry


def _put(entry: Dataset, record: Record, *names: str) -> None:
    for name in names:
        tag, vr = KEYS[name]
        value = legal(vr, record.texts.get(name, ""))
        whole = vr in ("IS", "US", "UL") and value
        entry.add_new(tag, vr, int(value) if whole else value or None)


def _put_or(entry: Dataset, record: Record, name: str, otherwise: str) -> None:
    """Put a key that may not be empty."""
    tag, vr = KEYS[name]
    entry.add_new(tag, vr, legal(vr, record.texts.get(name, "")) or otherwise)


def legal(vr: str, text: str) -> str:
    """Return `text` as its VR allows it, shortened where it is long, or nothing."""
    if vr in _LEGAL:
        return text if _LEGAL[vr].fullmatch(text) else ""
    clean = text.replace("\\", " ")
    return clean[: _LONGEST.get(vr, 256)].strip()


def _code(code: Code) -> Dataset:
    """Source: PS3.3 8.8."""
    item = Dataset()
    value, item.CodingSchemeDesignator = code[0], legal("SH", code[1])
    if len(value) > 16:
        item.LongCodeValue = legal("UC", value)
    else:
        item.CodeValue = legal("SH", value)
    item.CodeMeaning = legal("LO", code[2])
    return item


def _modifier(name: Code, value: Code) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "HAS CONCEPT MOD", "CODE"
    item.ConceptNameCodeSequence, item.ConceptCodeSequence = [_code(name)], [_code(value)]
    return item


def _referenced(series: str, images: Sequence[tuple[str, str]]) -> Dataset:
    item = Dataset()
    item.SeriesInstanceUID = series
    item.ReferencedImageSequence = []
    for sop_class, sop_uid in images:
        image = Dataset()
        image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = sop_class, sop_uid
        item.ReferencedImageSequence.append(image)
    return item


def _spoken(entry: Dataset) -> Dataset:
    """Name the character set if a text needs one."""
    texts = [str(each.value) for each in entry.iterall() if each.VR != "SQ"]
    if not all(each.isascii() for each in texts):
        entry.SpecificCharacterSet = "ISO_IR 192"
    return entry


# -- bytes ------------------------------------------------------------------------------------


def _length(entry: Dataset) -> int:
    out = DicomBytesIO()
    out.is_implicit_VR, out.is_little_endian = False, True
    write_dataset(out, entry)
    return int(out.tell())


def _file(entries: Sequence[Dataset], roots: Sequence[_Node], listed: Sequence[Listed]) -> bytes:
    """Return the file; without its last element if there are no entries."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = MEDIA_DIRECTORY
    meta.MediaStorageSOPInstanceUID = _uid(listed)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationVersionName = IMPLEMENTATION
    found = FileDataset("", {}, preamble=bytes(128), file_meta=meta)
    found.FileSetID = IMPLEMENTATION
    found.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = roots[0].at if roots else 0
    found.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = roots[-1].at if roots else 0
    found.FileSetConsistencyFlag = 0
    if entries or not listed:
        found.DirectoryRecordSequence = list(entries)
    out = io.BytesIO()
    dcmwrite(out, found, enforce_file_format=True)
    return out.getvalue()


def _uid(listed: Sequence[Listed]) -> str:
    """Return a UID of this content: the same set has the same. Source: PS3.5 B.2."""
    digest = hashlib.sha256()
    for each in listed:
        digest.update("\\".join((*each.file_id, *each.record.meta)).encode() + b"\n")
    number = bytearray(digest.digest()[:16])
    number[6], number[8] = number[6] & 0x0F | 0x80, number[8] & 0x3F | 0x80  # a UUID, version 8
    return f"2.25.{int.from_bytes(number)}"
