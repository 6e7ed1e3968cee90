"""What stands on a page for printing: pictures with captions, words, and whose they are or not."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field

from viewer.dicom import names
from viewer.dicom.header import Header
from viewer.dicom.names import Secrets
from viewer.errors import StillNamed
from viewer.render.pipeline import Bytes8
from viewer.ui import plain

NOTICE = "Not for diagnosis"
WITHOUT = "Names left out"
PER_PAGE = (1, 2, 4, 6)


class Paper(enum.Enum):
    """Width and height, points of 1/72 inch."""

    A4 = (595.276, 841.890)
    LETTER = (612.0, 792.0)


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture that is to be printed, and where it is from."""

    image: Bytes8 = field(repr=False)  # square pixels
    header: Header
    series: str  # the title of its series
    which: str  # of its series: "image 3 of 54"


def which(place: int, count: int) -> str:
    """Return which image of a series it is; `place` counts from 0."""
    return f"image {place + 1} of {count}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture and the words below it."""

    image: Bytes8 = field(repr=False)
    caption: str


@dataclass(frozen=True, slots=True)
class Leaflet:
    """All that is printed."""

    figures: tuple[Figure, ...]
    title: str = ""
    who: tuple[str, ...] = ()  # lines; none without names
    notes: str = ""
    report: str = ""
    foot: str = NOTICE
    paper: Paper = Paper.A4
    per_page: int = 1


def leaflet(
    shots: Sequence[Shot],
    *,
    title: str = "",
    notes: str = "",
    report: str = "",
    with_names: bool = True,
    paper: Paper = Paper.A4,
    per_page: int | None = None,
) -> Leaflet:
    """Return the pages of some pictures.

    Args:
        title: what a person calls it; empty for what was looked at.
        report: the text of reports; only with names, because it can name people anywhere.
        per_page: one of PER_PAGE; as many as there are pictures, up to six, if None.

    Raises:
        StillNamed: names were to be left out, and the title or the notes have one.
    """
    hidden = Secrets() if with_names else names.secrets(each.header for each in shots)
    for what, text in (("title", title), ("notes", notes)):
        if hidden.are_in(text):
            raise StillNamed(what)
    first = shots[0].header if shots else Header()
    title = title or _without(plain.study(first), hidden) or "Pictures"
    return Leaflet(
        figures=tuple(Figure(each.image, _caption(each, title, hidden)) for each in shots),
        title=title,
        who=_who(first) if with_names else (),
        notes=notes,
        report=report if with_names else "",
        foot=NOTICE if with_names else f"{NOTICE} · {WITHOUT}",
        paper=paper,
        per_page=per_page or next((n for n in PER_PAGE if n >= len(shots)), PER_PAGE[-1]),
    )


def _caption(shot: Shot, title: str, hidden: Secrets) -> str:
    """Return what a picture is, without what the title of the page says already."""
    said = (
        _without(plain.study(shot.header), hidden),
        plain.date(shot.header.study_date) if shot.header.study_date else "",
        _without(plain.plain(shot.series), hidden),
        shot.which,
    )
    return " · ".join(dict.fromkeys(each for each in said if each and each != title))


def _without(text: str, hidden: Secrets) -> str:
    """Return nothing if a text names somebody: what is left of it would tell as much."""
    return "" if hidden.are_in(text) else text


def _who(header: Header) -> tuple[str, ...]:
    born = header.patient_birth_date
    person = (
        plain.person(header.patient_name),
        f"born {plain.date(born)}" if born else "",
        f"number {plain.plain(header.patient_id)}" if header.patient_id else "",
    )
    lines = (", ".join(each for each in person if each), plain.plain(header.institution))
    return tuple(each for each in lines if each)
