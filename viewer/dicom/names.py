"""Who an instance names, so that nothing of it leaves where names were to be left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from viewer.dicom.header import Header

LEAST = 3  # letters; shorter ones are in too many words
_WORD = re.compile(r"\w+")
# Where names are often written into the picture itself.
_OFTEN_BURNED_IN = frozenset(
    {"ES", "GM", "IVUS", "OP", "OPT", "OT", "RF", "SC", "US", "VIDD", "XA", "XC", ""}
)
_SCREEN = frozenset({"SCREEN SAVE", "SCREENSHOT", "SCREEN CAPTURE"})
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7."
YES = "Names are written in the picture itself, as it says. They will be seen."
PERHAPS = "Names may be written in the picture itself. Look before you hand it on."


def burned_in(headers: Iterable[Header]) -> str:
    """Return what to say of names in the pictures themselves; nothing if there are none likely.

    Source: PS3.3 C.7.6.1.1.1 (Burned In Annotation).
    """
    said = {_burned_in(each) for each in headers}
    return YES if YES in said else PERHAPS if PERHAPS in said else ""


def _burned_in(header: Header) -> str:
    if header.burned_in == "YES":
        return YES
    if header.burned_in == "NO":
        return ""
    capture = f"{header.sop_class}.".startswith(_SECONDARY_CAPTURE)
    screen = not _SCREEN.isdisjoint(header.image_type)
    return PERHAPS if capture or screen or header.modality in _OFTEN_BURNED_IN else ""


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """What says who it is."""

    words: frozenset[str] = frozenset()  # parts of names, folded
    phrases: frozenset[str] = frozenset()  # numbers, birth dates, places, UIDs, folded

    def are_in(self, text: str) -> bool:
        """Whether `text` tells any of it, in whatever case and with whatever accents."""
        folded = _folded(text)
        if not self.words.isdisjoint(_WORD.findall(folded.replace("_", " "))):
            return True
        if any(each in folded for each in self.words if not each.isascii()):
            return True  # scripts without spaces between words
        return any(re.search(rf"(?<!\w){re.escape(each)}(?!\w)", folded) for each in self.phrases)


def secrets(headers: Iterable[Header]) -> Secrets:
    """Return what the instances say of the person: name, number, birth date, place, UIDs."""
    words: set[str] = set()
    phrases: set[str] = set()
    for each in headers:
        parts = _WORD.findall(_folded(each.patient_name).replace("_", " "))
        words |= {part for part in parts if len(part) >= LEAST or not part.isascii()}
        born = each.patient_birth_date
        if len(born) == 8:
            year, month, day = born[:4], born[4:6], born[6:]
            phrases |= {born, f"{year}-{month}-{day}", f"{day}.{month}.{year}"}
            phrases |= {f"{day}/{month}/{year}", f"{month}/{day}/{year}"}
        uids = (each.study_uid, each.series_uid, each.sop_uid, each.frame_of_reference)
        phrases |= {_folded(text) for text in (each.patient_id, each.institution, *uids)}
    return Secrets(frozenset(words), frozenset(each for each in phrases if len(each) >= LEAST))


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))
