"""The marked pictures of a study: which they are, and what whoever marked them says of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from viewer.dicom.documents import KeyObjects
from viewer.measure.sheet import Place
from viewer.ui import plain
from viewer.ui.frames import Frame
from viewer.ui.measuring_desk import MeasuringDesk
from viewer.ui.study import OpenStudy


@dataclass(frozen=True, slots=True, order=True)
class Marked:
    """A marked picture, in the order in which they are gone through."""

    series: int
    place: int  # in its pile
    why: str = ""  # and who says so
    description: str = ""


def marked_pictures(
    desk: MeasuringDesk, study: OpenStudy, documents: Sequence[KeyObjects]
) -> list[Marked]:
    """Return what is marked in a study.

    Of the study that was opened the sheet knows all, and what was unmarked since; of others it
    knows only what was marked here.

    Args:
        documents: the study's own.
    """
    said: dict[Place, KeyObjects] = {}
    for each in documents:
        for place in _places(each):
            said.setdefault(place, each)
    marked = desk.measuring.sheet.state.marked
    found: dict[tuple[int, int], Marked] = {}
    for place in (*marked, *said) if study.number else marked:
        at = desk.find_in(study, place)
        if at is not None:
            found.setdefault(at, _told(at, said.get(place)))
    return sorted(found.values())


def next_marked(marked: Sequence[Marked], study: OpenStudy, frame: Frame) -> Marked | None:
    """Return the next one after a frame, around the end."""
    at = study.piles[frame.series].place_of(frame.instance, frame.frame)
    here = frame.series, -1 if at is None else at
    after = (each for each in marked if (each.series, each.place) > here)
    return next(after, marked[0] if marked else None)


def _places(document: KeyObjects) -> Iterator[Place]:
    for each in document.references:
        for frame in each.frames or (1,):
            yield each.sop_uid, frame - 1


def _told(at: tuple[int, int], document: KeyObjects | None) -> Marked:
    if document is None:
        return Marked(*at)
    words = (plain.plain(document.title), plain.person(document.marked_by))
    why = "  ·  ".join(each for each in words if each)
    return Marked(*at, why, plain.plain(document.description))
