"""Instances to series, in the order in which a person looks through them.

A series is one series UID of one study of one person. What does not go together in it stands
apart: scouts, slices of several directions or sizes, and pictures without a place among slices.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from viewer.dicom.header import Header
from viewer.dicom.oddities import notes
from viewer.dicom.ordering import (
    MAX_STACKS,
    are_parallel,
    frame_order,
    ordered,
    shared_normal,
    viewing_order,
)
from viewer.dicom.people import person_keys

__all__ = ["Series", "Study", "frame_order", "group", "notes", "studies", "viewing_order"]

K = TypeVar("K")
Item = tuple[K, Header]


@dataclass(frozen=True, slots=True)
class Series(Generic[K]):
    """One series in viewing order; `keys` and `headers` run in step."""

    uid: str
    study_uid: str
    keys: tuple[K, ...]
    headers: tuple[Header, ...]

    @property
    def is_volume(self) -> bool:
        """Whether the order is by position, that is, all slices are parallel."""
        return len(self.headers) > 1 and shared_normal(self.headers) is not None


@dataclass(frozen=True, slots=True)
class Study(Generic[K]):
    """All series of one study of one person."""

    uid: str
    series: tuple[Series[K], ...]


def group(headers: Sequence[tuple[K, Header]]) -> list[Series[K]]:
    """Return the series, those of a study together, by number; equal input, equal order."""
    found: dict[tuple[str, str, int], list[tuple[K, Header]]] = {}
    people = person_keys([header for _, header in headers])
    for (key, header), person in zip(headers, people, strict=True):
        # Without a series UID nothing says what belongs together.
        uid = header.series_uid or header.sop_uid
        found.setdefault((header.study_uid, uid, person), []).append((key, header))
    series: list[tuple[int, Series[K]]] = []
    for (study, uid, person), members in found.items():
        for part in _apart(members):
            keys, these = zip(*ordered(part), strict=True)
            series.append((person, Series(uid, study, keys, these)))
    begun: dict[tuple[str, int], tuple[str, str]] = {}
    for person, each in series:
        first = each.headers[0]
        when = first.study_date, first.study_time
        place = each.study_uid, person
        begun[place] = min(when, begun.get(place, when))
    series.sort(
        key=lambda of: (begun[of[1].study_uid, of[0]], of[1].study_uid, of[0], _rank(of[1]))
    )
    return [each for _, each in series]


def studies(series: Sequence[Series[K]]) -> list[Study[K]]:
    """Return the studies of what `group` found, in its order."""
    found: dict[tuple[str, int], list[Series[K]]] = {}
    people = person_keys([each.headers[0] for each in series])
    for each, person in zip(series, people, strict=True):
        found.setdefault((each.study_uid, person), []).append(each)
    return [Study(uid, tuple(members)) for (uid, _), members in found.items()]


def _rank(series: Series[K]) -> tuple[int, str, str, bool]:
    first = series.headers[0]
    number = first.series_number if first.series_number is not None else 1 << 31
    return number, first.series_date, series.uid, not first.is_localizer


# -- what stands apart ------------------------------------------------------------------------


def _apart(members: list[Item[K]]) -> list[list[Item[K]]]:
    """Part the members of one series UID: scouts first, then stack by stack, then the rest."""
    scouts = [each for each in members if each[1].is_localizer]
    rest = [each for each in members if not each[1].is_localizer]
    return [part for each in (scouts, rest) for part in _stacks(each)]


def _stacks(members: list[Item[K]]) -> list[list[Item[K]]]:
    placed = [each for each in members if _is_placed(each[1])]
    others = [each for each in members if not _is_placed(each[1])]
    if len(placed) < 2:
        return [members] if members else []
    parts = [part for each in _by_direction(placed) for part in _by_size(each)]
    return [*parts, others] if others else parts


def _is_placed(header: Header) -> bool:
    return header.position is not None and header.orientation is not None


def _by_direction(members: list[Item[K]]) -> list[list[Item[K]]]:
    """Part what is not parallel, unless each picture has a direction of its own."""
    found: list[list[Item[K]]] = []
    # In the order of numbers, so that equal input gives equal parts.
    for each in ordered(members):
        directions = each[1].orientation or ()
        for part in found:
            if are_parallel(directions, part[0][1].orientation or ()):
                part.append(each)
                break
        else:
            found.append([each])
        if len(found) > MAX_STACKS:
            return [members]
    return found if len(found) < len(members) else [members]


def _by_size(members: list[Item[K]]) -> list[list[Item[K]]]:
    """Part slices of one direction whose pictures have several sizes."""
    if shared_normal([header for _, header in members]) is None:
        return [members]
    found = _parted(members, lambda header: (header.rows, header.columns))
    return found if len(found) <= MAX_STACKS and len(found) < len(members) else [members]


def _parted(members: list[Item[K]], by: Callable[[Header], Hashable]) -> list[list[Item[K]]]:
    found: dict[Hashable, list[Item[K]]] = {}
    for each in members:
        found.setdefault(by(each[1]), []).append(each)
    return list(found.values())
