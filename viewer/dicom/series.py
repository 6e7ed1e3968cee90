"""Instances to series, in the order in which a person looks through them.

A series is one series UID of one study; scouts among its slices stand apart. Slices go along their
common normal; where several lie in one place, by time, then echo, then number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from viewer.dicom.header import Header

K = TypeVar("K")
Item = tuple[K, Header]
_SAME_PLACE_MM = 0.01
_PARALLEL = 1e-3  # of direction cosines


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
        return len(self.headers) > 1 and _normal(self.headers) is not None


@dataclass(frozen=True, slots=True)
class Study(Generic[K]):
    """All series of one study."""

    uid: str
    series: tuple[Series[K], ...]


def group(headers: Sequence[tuple[K, Header]]) -> list[Series[K]]:
    """Return the series, those of a study together, by number; equal input, equal order."""
    found: dict[tuple[str, str], list[tuple[K, Header]]] = {}
    for key, header in headers:
        # Without a series UID nothing says what belongs together.
        uid = header.series_uid or header.sop_uid
        found.setdefault((header.study_uid, uid), []).append((key, header))
    series = []
    for (study, uid), members in found.items():
        series += [_series(uid, study, each) for each in _apart(members)]
    studies: dict[str, tuple[str, str]] = {}
    for each in series:
        first = each.headers[0]
        when = (first.study_date, first.study_time)
        studies[each.study_uid] = min(when, studies.get(each.study_uid, when))
    return sorted(series, key=lambda each: (studies[each.study_uid], _rank(each)))


def studies(series: Sequence[Series[K]]) -> list[Study[K]]:
    """Return the studies of what `group` found, in its order."""
    found: dict[str, list[Series[K]]] = {}
    for each in series:
        found.setdefault(each.study_uid, []).append(each)
    return [Study(uid, tuple(members)) for uid, members in found.items()]


def viewing_order(headers: Sequence[Header]) -> list[tuple[int, int]]:
    """Return every (instance, frame) of a series in the order of looking through it."""
    return [(i, frame) for i, header in enumerate(headers) for frame in frame_order(header)]


def frame_order(header: Header) -> Sequence[int]:
    """Return an instance's frames: stack by stack, along each normal, then by time and index.

    What cannot be drawn counts as one frame.
    """
    if not header.drawable:
        return range(1)
    frames = range(header.frames)
    if not (header.frame_positions or header.frame_indices):
        return frames
    stacks = _stacks(header)
    depths: dict[int, int] = {}
    for members in stacks:
        normal = _cross(_orientation(header, members[0]))
        exact = [_dot(normal, _position(header, frame)) for frame in members]
        depths |= dict(zip(members, _ranks(exact), strict=True))
    stack_of = {frame: rank for rank, members in enumerate(stacks) for frame in members}

    def place(frame: int) -> tuple[object, ...]:
        time = header.frame_temporal[frame] if header.frame_temporal else 0
        index = header.frame_indices[frame] if header.frame_indices else ()
        return stack_of[frame], depths[frame], time, index, frame

    return sorted(frames, key=place)


def _stacks(header: Header) -> list[list[int]]:
    """Return the frames that are parallel to one another, in order of their first."""
    if not header.frame_orientations:
        return [list(range(header.frames))]
    found: list[list[int]] = []
    for frame, directions in enumerate(header.frame_orientations):
        for members in found:
            if _are_parallel(directions, header.frame_orientations[members[0]]):
                members.append(frame)
                break
        else:
            found.append([frame])
    return found


def _orientation(header: Header, frame: int) -> tuple[float, ...]:
    found = header.frame_orientations[frame] if header.frame_orientations else header.orientation
    return found or (0.0,) * 6


def _position(header: Header, frame: int) -> tuple[float, ...]:
    found = header.frame_positions[frame] if header.frame_positions else header.position
    return found or (0.0,) * 3


def _rank(series: Series[K]) -> tuple[str, int, str, str, bool]:
    first = series.headers[0]
    number = first.series_number if first.series_number is not None else 1 << 31
    return series.study_uid, number, first.series_date, series.uid, not first.is_localizer


def _apart(members: list[tuple[K, Header]]) -> list[list[tuple[K, Header]]]:
    """Put scouts and slices of one series UID apart, if there are both."""
    scouts = [each for each in members if each[1].is_localizer]
    rest = [each for each in members if not each[1].is_localizer]
    return [each for each in (scouts, rest) if each]


def _series(uid: str, study: str, members: list[tuple[K, Header]]) -> Series[K]:
    normal = _normal([header for _, header in members])
    ordered = sorted(members, key=lambda each: _by_number(each[1]))
    if normal is not None:
        depths = _depths([header for _, header in ordered], normal)
        places = sorted(range(len(ordered)), key=lambda i: (depths[i], *_by_time(ordered[i][1]), i))
        ordered = [ordered[i] for i in places]
    return Series(uid, study, tuple(k for k, _ in ordered), tuple(h for _, h in ordered))


def _depths(headers: Sequence[Header], normal: tuple[float, ...]) -> list[int]:
    """Return the rank of each slice along the normal; places that differ by nothing rank equal."""
    return _ranks([_dot(normal, header.position or (0.0, 0.0, 0.0)) for header in headers])


def _ranks(exact: Sequence[float]) -> list[int]:
    """Return the rank of each depth in mm."""
    ranks = [0] * len(exact)
    rank, previous = -1, -math.inf
    for i in sorted(range(len(exact)), key=exact.__getitem__):
        if exact[i] - previous > _SAME_PLACE_MM:
            rank += 1
            previous = exact[i]
        ranks[i] = rank
    return ranks


def _by_time(header: Header) -> tuple[float, float, float]:
    """Order within one place."""
    return (
        float(header.temporal_position or 0),
        header.trigger_time_ms or 0.0,
        float(header.echo_number or 0),
    )


def _by_number(header: Header) -> tuple[float, float, str]:
    acquisition = header.acquisition_number
    number = header.instance_number
    return (
        float(number) if number is not None else math.inf,
        float(acquisition) if acquisition is not None else math.inf,
        header.sop_uid,
    )


def _normal(headers: Sequence[Header]) -> tuple[float, ...] | None:
    """Return the normal that all slices share, if they are parallel and lie apart."""
    first = headers[0].orientation
    if first is None or any(each.position is None for each in headers):
        return None
    for each in headers:
        if each.orientation is None or not _are_parallel(first, each.orientation):
            return None
    normal = _cross(first)
    return normal if _dot(normal, normal) > 0.25 else None


def _are_parallel(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(abs(a - b) <= _PARALLEL for a, b in zip(one, other, strict=True))


def _cross(directions: Sequence[float]) -> tuple[float, ...]:
    (a, b, c), (d, e, f) = directions[:3], directions[3:]
    return b * f - c * e, c * d - a * f, a * e - b * d


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))
