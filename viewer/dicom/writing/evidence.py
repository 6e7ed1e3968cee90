"""What a new instance takes over from the pictures it is about: identity, patient and study."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset

from viewer.dicom.header import Header
from viewer.dicom.writing.codes import OUR_MANUFACTURER
from viewer.dicom.writing.uids import is_uid, new_uid, series_uid
from viewer.errors import CannotKeep

CHARACTERS = "ISO_IR 192"
IMPLEMENTATION = "2.25.193029473180275915706205410163573420901"  # ours, drawn once
_DATE, _TIME = re.compile(r"[0-9]{8}"), re.compile(r"[0-9]{2,6}(\.[0-9]{1,6})?")
_SEXES = ("M", "F", "O")


@dataclass(frozen=True, slots=True)
class Identity:
    """The UIDs and numbers of one new instance."""

    series_uid: str
    series_number: int
    sop_uid: str
    instance_number: int


def identity(study_uid: str, kind: str, series_number: int, number: int) -> Identity:
    """Return that of one more instance in our series."""
    return Identity(series_uid(study_uid, kind), series_number, new_uid(), number)


def now_number() -> int:
    """Return an instance number that grows with time, so that the newest can be told."""
    return int(time.time())


def evidence(header: Header) -> Dataset:
    """Return a picture as highdicom wants to refer to it.

    Raises: CannotKeep if its UIDs are none.
    """
    uids = (header.study_uid, header.series_uid, header.sop_uid, header.sop_class)
    if not all(map(is_uid, uids)):
        raise CannotKeep("the picture's own numbers are not valid")
    found = Dataset()
    found.SpecificCharacterSet = CHARACTERS
    found.StudyInstanceUID, found.SeriesInstanceUID = header.study_uid, header.series_uid
    found.SOPInstanceUID, found.SOPClassUID = header.sop_uid, header.sop_class
    found.PatientName = _name(header.patient_name)
    found.PatientID = words(header.patient_id)
    found.PatientBirthDate = _matching(_DATE, header.patient_birth_date)
    found.PatientSex = header.patient_sex if header.patient_sex in _SEXES else ""
    found.StudyDate = _matching(_DATE, header.study_date) or None
    found.StudyTime = _matching(_TIME, header.study_time) or None
    found.AccessionNumber = found.StudyID = ""
    found.ReferringPhysicianName = ""
    if header.study_description:
        found.StudyDescription = words(header.study_description)
    found.Modality = words(header.modality)[:16]
    found.Rows, found.Columns = header.rows, header.columns
    found.SamplesPerPixel = header.samples
    found.PhotometricInterpretation = header.photometric
    found.NumberOfFrames = header.frames
    return found


def words(text: str) -> str:
    """Return a text as LO: 64 characters, none of which steers or parts."""
    kept = "".join(each if each.isprintable() and each != "\\" else " " for each in text)
    return kept.strip()[:64]


def _name(text: str) -> str:
    groups = (words(each.replace("=", " ")) for each in text.split("=")[:3])
    return "=".join(groups)


def _matching(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""


def by_picture(headers: Sequence[Header]) -> dict[str, Dataset]:
    """Return the evidence of each picture once, by its UID."""
    return {each.sop_uid: evidence(each) for each in headers}


def to_bytes(dataset: Dataset) -> bytes:
    """Return the instance as a file."""
    dataset.file_meta.ImplementationClassUID = IMPLEMENTATION
    dataset.file_meta.ImplementationVersionName = OUR_MANUFACTURER.upper()
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()
