"""What a DICOMDIR says of one instance: its kind of record, and the keys which that kind needs.

The keys come from a file that somebody else wrote, so a map of them is checked as a header is.
Source: PS3.3 F.3.2.2, F.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from viewer.dicom.header import MAX_TEXT, Header
from viewer.errors import NotDicom

MAX_REFERENCES = 4096  # images that one presentation state applies to
MAX_MODIFIERS = 16
STORAGE = "1.2.840.10008.5.1.4.1.1."
_UID = re.compile(r"[0-9.]{1,64}")

# By the end of the SOP class, or the start of that in whole components; the longest counts.
_KINDS: dict[str, str] = {
    "4.2": "SPECTROSCOPY",
    "9": "WAVEFORM",
    "11": "PRESENTATION",
    "66": "RAW DATA",
    "66.1": "REGISTRATION",
    "66.2": "FIDUCIAL",
    "66.3": "REGISTRATION",
    "66.4": "IMAGE",
    "66.5": "SURFACE",
    "66.6": "TRACT",
    "66.7": "IMAGE",
    "67": "VALUE MAP",
    "68": "SURFACE SCAN",
    "77.1.5.3": "STEREOMETRIC",
    "78": "MEASUREMENT",
    "78.6": "SR DOCUMENT",
    "79.1": "SR DOCUMENT",
    "80": "MEASUREMENT",
    "88": "SR DOCUMENT",
    "88.59": "KEY OBJECT DOC",
    "90": "ASSESSMENT",
    "91": "ANNOTATION",
    "104": "ENCAP DOC",
    "131": "PRESENTATION",
    "481.2": "RT DOSE",
    "481.3": "RT STRUCTURE SET",
    "481.4": "RT TREAT RECORD",
    "481.5": "RT PLAN",
    "481.6": "RT TREAT RECORD",
    "481.7": "RT TREAT RECORD",
    "481.8": "RT PLAN",
    "481.9": "RT TREAT RECORD",
} | {f"481.{each}": "RADIOTHERAPY" for each in range(10, 21)}
# The keys of each kind; what stands here is in every record, empty if the file has none.
_CONTENT = ("InstanceNumber", "ContentLabel", "ContentDescription", "ContentCreatorName")
_WHEN = ("ContentDate", "ContentTime")
NEEDED: dict[str, tuple[str, ...]] = {
    "IMAGE": ("InstanceNumber",),
    "RT DOSE": ("InstanceNumber", "DoseSummationType"),
    "RT STRUCTURE SET": (
        "InstanceNumber", "StructureSetLabel", "StructureSetDate", "StructureSetTime",
    ),
    "RT PLAN": ("InstanceNumber", "RTPlanLabel", "RTPlanDate", "RTPlanTime"),
    "RT TREAT RECORD": ("InstanceNumber", "TreatmentDate", "TreatmentTime"),
    "PRESENTATION": ("PresentationCreationDate", "PresentationCreationTime", *_CONTENT),
    "WAVEFORM": ("InstanceNumber", *_WHEN),
    "SR DOCUMENT": ("InstanceNumber", "CompletionFlag", "VerificationFlag", *_WHEN),
    "KEY OBJECT DOC": ("InstanceNumber", *_WHEN),
    "SPECTROSCOPY": (
        "ImageType", *_WHEN, "InstanceNumber", "NumberOfFrames", "Rows", "Columns",
        "DataPointRows", "DataPointColumns",
    ),
    "RAW DATA": (*_WHEN, "InstanceNumber"),
    "REGISTRATION": (*_WHEN, *_CONTENT),
    "FIDUCIAL": (*_WHEN, *_CONTENT),
    "ENCAP DOC": (*_WHEN, "InstanceNumber", "DocumentTitle", "MIMETypeOfEncapsulatedDocument"),
    "VALUE MAP": (*_WHEN, *_CONTENT),
    "STEREOMETRIC": (),
    "MEASUREMENT": _CONTENT,
    "SURFACE": (*_WHEN, *_CONTENT),
    "SURFACE SCAN": _WHEN,
    "TRACT": (*_WHEN, *_CONTENT),
    "ASSESSMENT": ("InstanceNumber", "InstanceCreationDate", "InstanceCreationTime"),
    "RADIOTHERAPY": ("InstanceNumber", "ContentDescription", "ContentCreatorName"),
    "ANNOTATION": (*_WHEN, *_CONTENT),
}  # fmt: skip
# And these only where the file has them.
OPTIONAL: dict[str, tuple[str, ...]] = {
    "SR DOCUMENT": ("VerificationDateTime",),
    "ENCAP DOC": ("HL7InstanceIdentifier",),
    "RADIOTHERAPY": ("UserContentLabel", "UserContentLongLabel"),
}
TITLED = frozenset({"SR DOCUMENT", "KEY OBJECT DOC", "ENCAP DOC"})  # have a coded title
ABOVE = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime",
    "StudyDescription", "StudyID", "AccessionNumber", "Modality", "SeriesNumber",
    "SeriesDescription", "SeriesDate",
)  # fmt: skip
# Keyword to tag and VR.
KEYS: dict[str, tuple[int, str]] = {
    "ImageType": (0x00080008, "CS"),
    "InstanceCreationDate": (0x00080012, "DA"),
    "InstanceCreationTime": (0x00080013, "TM"),
    "StudyDate": (0x00080020, "DA"),
    "SeriesDate": (0x00080021, "DA"),
    "ContentDate": (0x00080023, "DA"),
    "StudyTime": (0x00080030, "TM"),
    "ContentTime": (0x00080033, "TM"),
    "AccessionNumber": (0x00080050, "SH"),
    "Modality": (0x00080060, "CS"),
    "StudyDescription": (0x00081030, "LO"),
    "SeriesDescription": (0x0008103E, "LO"),
    "PatientName": (0x00100010, "PN"),
    "PatientID": (0x00100020, "LO"),
    "PatientBirthDate": (0x00100030, "DA"),
    "PatientSex": (0x00100040, "CS"),
    "StudyID": (0x00200010, "SH"),
    "SeriesNumber": (0x00200011, "IS"),
    "InstanceNumber": (0x00200013, "IS"),
    "NumberOfFrames": (0x00280008, "IS"),
    "Rows": (0x00280010, "US"),
    "Columns": (0x00280011, "US"),
    "DataPointRows": (0x00289001, "UL"),
    "DataPointColumns": (0x00289002, "UL"),
    "VerificationDateTime": (0x0040A030, "DT"),
    "CompletionFlag": (0x0040A491, "CS"),
    "VerificationFlag": (0x0040A493, "CS"),
    "HL7InstanceIdentifier": (0x0040E001, "ST"),
    "DocumentTitle": (0x00420010, "ST"),
    "MIMETypeOfEncapsulatedDocument": (0x00420012, "LO"),
    "ContentLabel": (0x00700080, "CS"),
    "ContentDescription": (0x00700081, "LO"),
    "PresentationCreationDate": (0x00700082, "DA"),
    "PresentationCreationTime": (0x00700083, "TM"),
    "ContentCreatorName": (0x00700084, "PN"),
    "DoseSummationType": (0x3004000A, "CS"),
    "StructureSetLabel": (0x30060002, "SH"),
    "StructureSetDate": (0x30060008, "DA"),
    "StructureSetTime": (0x30060009, "TM"),
    "TreatmentDate": (0x30080250, "DA"),
    "TreatmentTime": (0x30080251, "TM"),
    "RTPlanLabel": (0x300A0002, "SH"),
    "RTPlanDate": (0x300A0006, "DA"),
    "RTPlanTime": (0x300A0007, "TM"),
    "UserContentLabel": (0x30100033, "SH"),
    "UserContentLongLabel": (0x30100034, "LO"),
}
Code = tuple[str, str, str]  # value, scheme, meaning


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """What a child found in one file for its directory record."""

    meta: tuple[str, str, str] = ("", "", "")  # SOP class, SOP instance, transfer syntax
    texts: Mapping[str, str] = field(default_factory=dict)  # by keyword
    title: Code | None = None
    modifiers: tuple[tuple[Code, Code], ...] = ()  # what qualifies the title: name, value
    references: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()  # series, its images

    @property
    def is_part_10(self) -> bool:
        """Whether the file says itself what it is. Source: PS3.10 7.1."""
        return all(_UID.fullmatch(each) for each in self.meta)

    @classmethod
    def from_map(cls, given: Any) -> Record:
        """Return the record that `given` describes.

        Raises: NotDicom if a field is unknown, of another type or out of range.
        """
        try:
            if given.keys() != {"meta", "texts", "title", "modifiers", "references"}:
                raise ValueError("unknown fields")
            first, second, third = (_text(each) for each in _few(given["meta"], 3))
            return cls(
                (first, second, third),
                {_known(name): _text(value) for name, value in given["texts"].items()},
                None if given["title"] is None else _code(given["title"]),
                tuple((_code(a), _code(b)) for a, b in _few(given["modifiers"], MAX_MODIFIERS)),
                _references(given["references"]),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise NotDicom("its description is malformed") from error


def kind(header: Header) -> str:
    """Return the type of an instance's directory record, or nothing if there is none for it."""
    if not header.sop_class.startswith(STORAGE):
        return "IMAGE" if header.rows else ""
    parts = header.sop_class.removeprefix(STORAGE).split(".")
    for length in range(len(parts), 0, -1):
        found = _KINDS.get(".".join(parts[:length]))
        if found is not None:
            return found
    return "IMAGE"


def _text(value: Any) -> str:
    if type(value) is not str or len(value) > MAX_TEXT or not (value.isprintable() or not value):
        raise ValueError("not a short text")
    value.encode()
    return value


def _known(name: Any) -> str:
    if name not in KEYS:
        raise ValueError("unknown keyword")
    return str(name)


def _few(value: Any, most: int) -> Any:
    if type(value) is not list or len(value) > most:
        raise ValueError("not a short list")
    return value


def _code(value: Any) -> Code:
    first, second, third = (_text(each) for each in _few(value, 3))
    return first, second, third


def _uid(value: Any) -> str:
    if not _UID.fullmatch(_text(value)):
        raise ValueError("not a UID")
    return str(value)


def _references(value: Any) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    found = []
    for series, images in _few(value, MAX_REFERENCES):
        pairs = tuple((_uid(a), _uid(b)) for a, b in _few(images, MAX_REFERENCES))
        found.append((_uid(series), pairs))
    return tuple(found)
