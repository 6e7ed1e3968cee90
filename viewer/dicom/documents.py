"""What is read of an instance that is a document: a report, a letter, or pages that are drawn.

`Sandbox.document` and `Sandbox.page` return these; nothing else of the file is kept.
`viewer.dicom.lines` makes lines of a report or letter to be read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

MAX_ENTRIES = 20_000
MAX_DEPTH = 32
MAX_TEXT_LONG = 64_000  # characters of one text
MAX_PAGES = 2_000
MAX_REFERENCES = 4_096
MAX_POINTS = 4_096  # numbers of one outline
PAGE_SIDE_PX = 4_096
PAGE_SIDE_PT = 14_400.0  # the most that PDF allows
PAGE_TEXT = 16_000


@dataclass(frozen=True, slots=True)
class Reference:
    """Another instance that is pointed at."""

    sop_class: str
    sop_uid: str
    frames: tuple[int, ...] = ()  # counted from 1; none: all of it


@dataclass(frozen=True, slots=True)
class Entry:
    """One content item of a report. Source: PS3.3 C.17.3."""

    level: int  # 0 is the report itself
    relationship: str  # CONTAINS, HAS CONCEPT MOD...; empty for the report itself
    kind: str  # its value type: CONTAINER, TEXT, NUM, CODE...
    name: str  # the meaning of its concept name
    text: str = ""  # the value, in words
    unit: str = ""  # of a NUM
    code: str = ""  # of a CODE: "value, scheme"
    continuous: bool = False  # of a CONTAINER: what it contains reads as one text
    references: tuple[Reference, ...] = ()
    shape: str = ""  # of coordinates: POINT, POLYLINE, CIRCLE...
    points: tuple[float, ...] = ()  # pixels (column, row) or mm (x, y, z), one after another


@dataclass(frozen=True, slots=True)
class Report:
    """A Structured Report, its tree written down line by line."""

    title: str
    entries: tuple[Entry, ...] = field(repr=False)
    completion: str = ""  # COMPLETE or PARTIAL
    verification: str = ""  # VERIFIED or UNVERIFIED
    preliminary: str = ""  # PRELIMINARY or FINAL
    signed: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # who, when (DICOM DT)
    written: str = ""  # DICOM DT
    missing: str = ""  # in plain words, if it could not be read to its end


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is read."""

    kind: str  # title, heading, text, item, row, notice or detail
    level: int
    text: str
    value: str = ""  # of a row: what stands beside `text`
    unit: str = ""
    references: tuple[Reference, ...] = ()
    cells: tuple[str, ...] = ()  # of a table's row; then `text` is empty


@dataclass(frozen=True, slots=True)
class Letter:
    """A text in chapters (CDA)."""

    title: str
    lines: tuple[Line, ...] = field(repr=False)
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Pdf:
    """Pages that are drawn one by one: `Sandbox.page`."""

    title: str
    pages: tuple[tuple[float, float], ...]  # width and height, points (1/72 inch)
    missing: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One page as a picture, and what stands on it."""

    array: npt.NDArray[np.uint8] = field(repr=False)  # rows x columns x 3
    text: str = field(repr=False)
    missing: str = ""  # in plain words, if something on it may not be seen


Document = Report | Letter | Pdf


@dataclass(frozen=True, slots=True)
class KeyObjects:
    """Pictures that somebody marked. Source: PS3.3 A.35.4, PS3.16 TID 2010."""

    title: str  # why they are marked, such as "Of Interest"
    description: str
    marked_by: str
    references: tuple[Reference, ...]


def scale_for(size_pt: tuple[float, float], width_px: int) -> float:
    """Return the scale (px a point) that makes a page so wide, or the most that may be drawn."""
    return min(width_px / size_pt[0], *(PAGE_SIDE_PX / each for each in size_pt))


def key_objects(report: Report) -> KeyObjects:
    """Return what a Key Object Selection marks, out of its tree."""
    texts = (each.text for each in report.entries if each.kind == "TEXT" and each.level == 1)
    people = (each.text for each in report.entries if each.kind == "PNAME")
    pointed = [each for entry in report.entries if entry.level == 1 for each in entry.references]
    return KeyObjects(
        title=report.title,
        description="\n".join(texts),
        marked_by=next(people, ""),
        references=tuple(dict.fromkeys(pointed)),
    )
