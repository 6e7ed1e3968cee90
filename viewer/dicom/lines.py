"""A document as lines to be read, the same for the window, for a text file and for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from viewer.dicom.documents import Document, Entry, Letter, Line, Report

_POINTING = {"IMAGE": "Picture", "WAVEFORM": "Recorded signal", "COMPOSITE": "Other object"}
_SHAPES = frozenset({"SCOORD", "SCOORD3D", "TCOORD"})
_ABOUT = frozenset({"HAS CONCEPT MOD", "HAS OBS CONTEXT", "HAS ACQ CONTEXT"})
_SAID = frozenset({"TEXT", "NUM", "CODE", "PNAME", "DATE", "TIME", "DATETIME"})
_TECHNICAL = frozenset({"Tracking Identifier", "Tracking Unique Identifier", "Country of Language"})
_LONG = 60  # a longer text stands below its name


def lines(document: Document) -> Iterator[Line]:
    """Return a report or letter line by line; of a PDF only its title and its number of pages."""
    yield Line("title", 0, document.title)
    if isinstance(document, Report):
        yield from _notices(document)
        yield from _gathered(_body(document.entries))
    elif isinstance(document, Letter):
        yield from document.lines
    else:
        yield Line("text", 0, f"{len(document.pages)} page{'s' * (len(document.pages) != 1)}")
    if document.missing:
        yield Line("notice", 0, document.missing)


def _notices(report: Report) -> Iterator[Line]:
    """What a reader must know before the first word."""
    if report.preliminary == "PRELIMINARY":
        yield Line("notice", 0, "This report is preliminary: it may still change.")
    if report.completion == "PARTIAL":
        yield Line("notice", 0, "This report is not complete.")
    if report.verification == "UNVERIFIED":
        yield Line("notice", 0, "Nobody has signed this report.")
    for who, when in report.signed:
        said = ", ".join(each for each in (person(who), moment(when)) if each)
        yield Line("row", 0, "Signed by", said)


def _body(entries: Sequence[Entry]) -> Iterator[Line]:
    """All but the report itself; what reads as one text is put together."""
    told: set[int] = set()
    below = _below_their_names(entries)
    for place, entry in enumerate(entries):
        if place and place not in told:
            yield from _passage(entry) if place in below else _entry_lines(entry)
        if entry.continuous:
            run = _prose(entries, place)
            if run:
                told.update(run)
                yield Line("text", entry.level, _joined(entries[each] for each in run))


def _below_their_names(entries: Sequence[Entry]) -> set[int]:
    """Return the places of texts that are long, or stand beside long ones under one heading."""
    beside: dict[int, list[int]] = {}
    above: list[int] = []  # the places of the containers that lead to an entry
    for place, entry in enumerate(entries):
        del above[entry.level :]
        if entry.kind == "TEXT" and entry.name not in _TECHNICAL and above:
            beside.setdefault(above[-1], []).append(place)
        above.append(place)
    found = [
        places for places in beside.values() if any(map(_is_long, (entries[p] for p in places)))
    ]
    return {place for places in found for place in places}


def _is_long(entry: Entry) -> bool:
    return len(entry.text) > _LONG or "\n" in entry.text


def _passage(entry: Entry) -> Iterator[Line]:
    if entry.name:
        yield Line("heading", entry.level + 1, entry.name)
    yield Line("text", entry.level, entry.text)


def _prose(entries: Sequence[Entry], place: int) -> list[int]:
    """Return the places of a continuous container's items that are mostly text, or none.

    Writers call lists of measurements continuous too. Source: PS3.3 C.18.8.
    """
    level = entries[place].level + 1
    found: list[int] = []
    for at in range(place + 1, len(entries)):
        each = entries[at]
        if each.level < level or (each.level == level and each.kind not in _SAID):
            break
        if each.level == level and each.relationship == "CONTAINS":
            found.append(at)
    texts = sum(entries[at].kind == "TEXT" for at in found)
    return found if texts >= 2 and 2 * texts >= len(found) else []


def _joined(entries: Iterator[Entry]) -> str:
    said = (" ".join(part for part in (_value(each), each.unit) if part) for each in entries)
    return re.sub(r" ([.,;:!?)])", r"\1", " ".join(said))


def _gathered(found: Iterator[Line]) -> Iterator[Line]:
    """Put pictures that follow one another in one line: a report may point at hundreds."""
    held: Line | None = None
    for line in found:
        same = held and held.references and (held.level, held.text) == (line.level, line.text)
        if held and same and line.references and not line.value:
            held = Line("row", held.level, held.text, "", "", held.references + line.references)
            continue
        if held:
            yield held
        held = line
    if held:
        yield held


def _entry_lines(entry: Entry) -> Iterator[Line]:
    level = entry.level
    if entry.kind == "CONTAINER":
        if entry.name:
            yield Line("heading", level, entry.name)
    elif entry.kind == "UIDREF" or entry.name in _TECHNICAL or entry.kind in _SHAPES:
        yield Line("detail", level, entry.name or "Outline", _value(entry))
    elif entry.relationship in _ABOUT and entry.kind == "CODE" and level == 1:
        yield Line("detail", level, entry.name, _value(entry))
    else:
        name = entry.name or _POINTING.get(entry.kind, "")
        yield Line("row", level, name, _value(entry), entry.unit, entry.references)


def _value(entry: Entry) -> str:
    if entry.kind in ("DATE", "DATETIME"):
        return moment(entry.text)
    if entry.kind == "TIME":
        return clock(entry.text)
    if entry.kind == "PNAME":
        return person(entry.text)
    return entry.text


def person(name: str) -> str:
    """Return a DICOM person name in the order in which it is spoken. Source: PS3.5 6.2.1."""
    for group in name.split("="):
        family, given, middle, prefix, suffix = (group.split("^") + [""] * 5)[:5]
        spoken = " ".join(each for each in (prefix, given, middle, family, suffix) if each)
        if spoken:
            return spoken
    return ""


def moment(value: str) -> str:
    """Return a DICOM date, or date and time, as 2024-03-01 14:05; else as it stands."""
    date = value[:8]
    if len(date) != 8 or not date.isdigit():
        return value
    said = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    return f"{said} {clock(value[8:])}".rstrip()


def clock(value: str) -> str:
    """Return a DICOM time as 14:05; else as it stands."""
    return f"{value[:2]}:{value[2:4]}" if len(value) >= 4 and value[:4].isdigit() else value


def as_text(document: Document) -> Iterator[str]:
    """Return lines of plain text, for a terminal or a file."""
    for line in lines(document):
        indent = "  " * max(0, line.level - 1)
        if line.kind in ("title", "heading"):
            yield ""
            yield indent + line.text
        elif line.cells:
            yield indent + "  ".join(line.cells)
        else:
            value = " ".join(each for each in (line.value, line.unit) if each)
            if len(line.references) > 1:
                value = value or f"{len(line.references)} in all"
            said = f"{line.text}: {value}" if line.text and value else line.text or value
            for row in said.split("\n"):
                yield indent + ("- " if line.kind == "item" else "") + row
