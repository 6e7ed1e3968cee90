"""What was before: which older series of the same person a series is compared with.

A prior counts only if both say whose they are and say the same. Of those, it must be of the same
modality, and of no other part, side or view. Then the best is the one that is alike in what is
known, cut in the same direction, closest in its description, and last the most recent.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from viewer.dicom.geometry import dot
from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.dicom.reader import Reader
from viewer.dicom.source import SeriesView, StudySource
from viewer.errors import OtherPerson

Decode = Callable[[SeriesView, int, int], Pixels]

LEAST_PARALLEL = 0.9  # cosine between rows, and between columns
STEPS = 4  # descriptions that differ by less than a quarter count as equally close
SIDES = {"L": "L", "LEFT": "L", "R": "R", "RIGHT": "R", "B": "B", "BOTH": "B"}


@dataclass(frozen=True, slots=True)
class Opened:
    """What shows a study and, with a reader, its documents; called in threads."""

    source: StudySource
    decode: Decode
    reader: Reader | None = None


@dataclass(frozen=True, slots=True)
class OtherStudy:
    """A study that can be laid beside the one that is looked at."""

    title: str
    date: str  # of the study, as DICOM writes it or with hyphens
    open: Callable[[], Opened]  # in a thread; may raise what has a sentence


class PriorStudies(Protocol):
    """Further studies of the same person, by what the caller knows."""

    def offered(self) -> Sequence[OtherStudy]:
        """Return them in any order. Called in a thread; may raise what has a sentence."""
        ...


def day(date: str) -> str:
    """Return a date as DICOM writes it."""
    return date.replace("-", "")[:8]


def before(offered: Sequence[OtherStudy], date: str) -> list[OtherStudy]:
    """Return those before a date, the most recent first; all of them if there is no date."""
    older = [each for each in offered if day(each.date) and (not date or day(each.date) < date)]
    return sorted(older, key=lambda each: day(each.date), reverse=True)


def check_person(ours: Header, theirs: Header) -> None:
    """Raises: OtherPerson if the two are not known to be of one person. Source: PS3.5 6.2.1."""
    said = (ours.patient_id.strip(), theirs.patient_id.strip())
    names = (_name(ours), _name(theirs))
    births = {ours.patient_birth_date, theirs.patient_birth_date} - {""}
    if not all(said) or not all(names) or said[0] != said[1] or names[0] != names[1]:
        raise OtherPerson
    if len(births) > 1:
        raise OtherPerson


def _name(header: Header) -> tuple[str, ...]:
    """Return the parts of a name in the first group of letters, without what is only filling."""
    parts = [" ".join(each.split()) for each in header.patient_name.split("=")[0].split("^")]
    while parts and not parts[-1]:
        parts.pop()
    return tuple(each.casefold() for each in parts)


def pick(current: SeriesView, others: Sequence[SeriesView]) -> int | None:
    """Return which of `others` the series is best compared with; None if none will do."""
    ranked = [
        (_rank(current, each), -n) for n, each in enumerate(others) if _will_do(current, each)
    ]
    return -max(ranked)[1] if ranked else None


def _will_do(current: SeriesView, other: SeriesView) -> bool:
    ours, theirs = current.headers[0], other.headers[0]
    if not any(each.drawable for each in other.headers) or ours.modality != theirs.modality:
        return False
    if ours.is_localizer != theirs.is_localizer:
        return False
    pairs = (
        (_part(ours), _part(theirs)),
        (_side(ours), _side(theirs)),
        (_view(ours), _view(theirs)),
    )
    return all(a == b or not a or not b for a, b in pairs)


def _rank(current: SeriesView, other: SeriesView) -> tuple[int, int, int, int, int, str, float]:
    ours, theirs = current.headers[0], other.headers[0]
    alike = difflib.SequenceMatcher(None, _said(current), _said(other)).ratio()
    return (
        bool(_part(ours)) and _part(ours) == _part(theirs),
        bool(_side(ours)) and _side(ours) == _side(theirs),
        bool(_view(ours)) and _view(ours) == _view(theirs),
        _is_cut_alike(ours, theirs),
        round(alike * STEPS),
        theirs.study_date,
        alike,
    )


def _said(series: SeriesView) -> str:
    header = series.headers[0]
    return " ".join(f"{header.series_description} {header.protocol}".casefold().split())


def _part(header: Header) -> str:
    return header.body_part.strip().upper()


def _side(header: Header) -> str:
    return SIDES.get(header.laterality.strip().upper(), "")


def _view(header: Header) -> str:
    return header.view_position.strip().upper()


def _is_cut_alike(ours: Header, theirs: Header) -> bool:
    if ours.orientation is None or theirs.orientation is None:
        return ours.orientation is theirs.orientation
    halves = ((ours.orientation[i : i + 3], theirs.orientation[i : i + 3]) for i in (0, 3))
    return all(dot(a, b) >= LEAST_PARALLEL for a, b in halves)
