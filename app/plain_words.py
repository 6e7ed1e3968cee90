"""DICOM's codes as words that a person uses."""

from __future__ import annotations

from collections.abc import Sequence

_KINDS = {
    "CR": "X-ray", "DX": "X-ray", "CT": "CT", "MR": "MRI", "US": "ultrasound", "MG": "mammogram",
    "NM": "nuclear scan", "PT": "PET", "XA": "angiogram", "RF": "fluoroscopy", "OP": "eye photo",
    "OPT": "eye scan", "ES": "endoscopy", "SM": "microscopy", "SR": "report", "ECG": "ECG",
    "DOC": "document", "SEG": "segmentation", "RTSTRUCT": "treatment plan",
    "RTPLAN": "treatment plan", "RTDOSE": "treatment plan", "IO": "dental X-ray",
    "PX": "dental X-ray", "OT": "picture", "SC": "picture",
}  # fmt: skip
_PARTS = {
    "HEAD": "Head", "BRAIN": "Head", "SKULL": "Head", "CHEST": "Chest", "THORAX": "Chest",
    "LUNG": "Chest", "ABDOMEN": "Abdomen", "ABD": "Abdomen", "PELVIS": "Pelvis", "KNEE": "Knee",
    "HIP": "Hip", "SHOULDER": "Shoulder", "HAND": "Hand", "WRIST": "Wrist", "FOOT": "Foot",
    "ANKLE": "Ankle", "ELBOW": "Elbow", "BREAST": "Breast", "HEART": "Heart", "NECK": "Neck",
    "CSPINE": "Neck", "TSPINE": "Back", "LSPINE": "Lower back", "SPINE": "Back", "EYE": "Eye",
}  # fmt: skip


def study_title(modalities: Sequence[str], body_part: str, description: str) -> str:
    """Return "Head CT", or as much of it as is known."""
    kind = next((_KINDS[m] for m in modalities if m in _KINDS), "")
    part = _PARTS.get(body_part.upper().replace(" ", ""), "")
    if not part:
        words = description.upper().replace("_", " ").split()
        part = next((_PARTS[w] for w in words if w in _PARTS), "")
    if not kind and not part:
        return "Study"
    if not part or kind.startswith(part.lower() + " "):  # "Eye photo" says it already
        return kind[0].upper() + kind[1:]
    return f"{part} {kind or 'study'}"


def series_title(title: str, number: int | None) -> str:
    """Return the series' own description, or its number."""
    return title.strip() or (f"Series {number}" if number is not None else "Series")


def iso_date(dicom: str) -> str:
    """Return "2024-03-01" for "20240301", and nothing for what is no date."""
    compact = dicom.replace(".", "")[:8]
    if len(compact) != 8 or not compact.isdigit():
        return ""
    return f"{compact[:4]}-{compact[4:6]}-{compact[6:]}"


def person(dicom: str) -> str:
    """Return "Ada Lovelace" for "Lovelace^Ada"."""
    family, _, given = dicom.partition("=")[0].partition("^")
    return " ".join(each for each in (*given.split("^")[:1], family) if each).strip()
