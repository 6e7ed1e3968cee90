"""What a header says, in words for a person: names, dates; nothing in it can act on the window."""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import QDate, QLocale

from viewer.dicom.header import Header

TEXT_LENGTH_MOST = 80


def plain(text: str) -> str:
    """Return `text` on one line, without characters that steer what is around it."""
    spaced = "".join(" " if each.isspace() else each for each in text)
    kept = "".join(each for each in spaced if unicodedata.category(each)[0] != "C")
    kept = " ".join(kept.split())
    return kept if len(kept) <= TEXT_LENGTH_MOST else kept[: TEXT_LENGTH_MOST - 1] + "…"


def person(name: str) -> str:
    """Return a DICOM person name in the order in which it is spoken. Source: PS3.5 6.2.1."""
    for group in name.split("="):
        parts = [plain(each) for each in group.split("^")] + [""] * 5
        family, given, middle, prefix, suffix = parts[:5]
        spoken = " ".join(each for each in (prefix, given, middle, family, suffix) if each)
        if spoken:
            return plain(spoken)
    return ""


def short_date(value: str) -> str:
    """Return a DICOM date in few letters, such as 12 Jun 2024, or as it stands if it is none."""
    found = QDate.fromString(value[:8], "yyyyMMdd")
    return QLocale().toString(found, "d MMM yyyy") if found.isValid() else plain(value)


def date(value: str) -> str:
    """Return a DICOM date in the person's language, or as it stands if it is none."""
    found = QDate.fromString(value[:8], "yyyyMMdd")
    if not found.isValid():
        return plain(value)
    return QLocale().toString(found, QLocale.FormatType.LongFormat)


def study(header: Header) -> str:
    """Return what was looked at, such as "CT Head"."""
    if header.study_description:
        return plain(header.study_description)
    body = plain(header.body_part).capitalize()
    return " ".join(each for each in (plain(header.modality), body) if each)
