"""Which pictures of a series make a volume, in which order, and why others make none.

Slices must be parallel, of one size, and evenly spaced by their positions: thickness and spacing as
told are not used. A volume that was taken several times is parted first. A picture must not lie
further from where an even lattice puts it than a tenth of the spacing.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from viewer.dicom.geometry import Plane, Vector, dot, minus, plane
from viewer.dicom.header import Header
from viewer.errors import NotAVolume
from viewer.render.lattice import Lattice

LEAST_SLICES = 3
MOST_BYTES = 2 << 30
SAME_PLACE_MM = 0.01
PARALLEL = 1e-3  # of direction cosines
SAME_SPACING = 1e-3  # of itself
OFF_MOST_MM = 0.1  # what positions are rounded to by some scanners
OFF_MOST_SHARE, OFF_ANYHOW_SHARE = 0.1, 0.02  # of the spacing
TILT_MOST_DEG = 60.0
NOT_IMAGES = frozenset({"SEG"})


@dataclass(frozen=True, slots=True)
class Member:
    """One picture of a series and its place."""

    instance: int
    frame: int
    header: Header
    plane: Plane

    @property
    def temporal(self) -> int | None:
        told = self.header.frame_temporal
        return told[self.frame] if told else self.header.temporal_position


@dataclass(frozen=True, slots=True)
class Slices:
    """The pictures of one volume, along their normal, and the lattice that they make."""

    members: tuple[Member, ...]
    lattice: Lattice

    @property
    def middle_first(self) -> tuple[int, ...]:
        """Places in the order in which to fetch them."""
        half = len(self.members) // 2
        return tuple(sorted(range(len(self.members)), key=lambda place: abs(place - half)))


def parted(headers: Sequence[Header]) -> tuple[Slices, ...]:
    """Return the volumes of a series, in order of time.

    Raises: NotAVolume, with the reason in plain words.
    """
    members = _members(headers)
    parts = _parts(members)
    found, why = [], None
    for part in parts:
        try:
            found.append(Slices(tuple(part), _lattice(part)))
        except NotAVolume as error:
            why = why or error
    if not found:
        raise why or NotAVolume("it has no pictures")
    return tuple(found)


def _members(headers: Sequence[Header]) -> list[Member]:
    """Return all pictures with their places, along their normal; refuse a mixture."""
    found = []
    for instance, header in enumerate(headers):
        if not header.drawable:
            raise NotAVolume("not all of its pictures can be shown")
        if header.modality in NOT_IMAGES:
            raise NotAVolume("its values are marks, not an image")
        if header.samples != 1 or not header.photometric.startswith("MONOCHROME"):
            raise NotAVolume("its pictures are in colour")
        for frame in range(header.frames):
            place = plane(header, frame)
            if place is None:
                raise NotAVolume("where its pictures lie in the body is not said")
            found.append(Member(instance, frame, header, place))
    if len(found) < LEAST_SLICES:
        raise NotAVolume(f"it has fewer than {LEAST_SLICES} slices")
    _check_alike([each.plane for each in found])
    normal = found[0].plane.normal
    return sorted(found, key=lambda each: dot(normal, each.plane.origin_mm))


def _check_alike(planes: Sequence[Plane]) -> None:
    first = planes[0]
    if min(first.rows, first.columns) < 2:
        raise NotAVolume("its pictures are single lines")
    for each in planes:
        if (each.rows, each.columns) != (first.rows, first.columns):
            raise NotAVolume("its pictures are not all of one size")
        if each.frame_of_reference != first.frame_of_reference:
            raise NotAVolume("its pictures do not lie in one space")
        if any(
            abs(a - b) > SAME_SPACING * b
            for a, b in zip(each.spacing_mm, first.spacing_mm, strict=True)
        ):
            raise NotAVolume("its pixels are not all of one size")
        if any(
            abs(a - b) > PARALLEL
            for a, b in zip((*each.row, *each.column), (*first.row, *first.column), strict=True)
        ):
            raise NotAVolume("its pictures are not parallel")


# -- what was taken several times ---------------------------------------------------------------

_PARTED_BY: tuple[Callable[[Member], object], ...] = (
    lambda each: each.temporal,
    lambda each: each.header.echo_number,
    lambda each: (each.temporal, each.header.echo_number),
    lambda each: each.header.trigger_time_ms,
    lambda each: (each.header.trigger_time_ms, each.header.echo_number),
    lambda each: each.header.acquisition_number,
)


def _parts(members: list[Member]) -> list[list[Member]]:
    """Part what lies in the same places, by the first attribute that tells it apart."""
    if _is_apart(members):
        return [members]
    for attribute in _PARTED_BY:
        parts: dict[object, list[Member]] = {}
        for each in members:
            parts.setdefault(attribute(each), []).append(each)
        if len(parts) > 1 and all(_is_apart(part) for part in parts.values()):
            return [parts[key] for key in sorted(parts, key=_none_first)]
    return _runs(members)


def _none_first(key: object) -> tuple[tuple[bool, float], ...]:
    each = key if isinstance(key, tuple) else (key,)
    return tuple((one is not None, float(one or 0)) for one in each)


def _is_apart(members: Sequence[Member]) -> bool:
    """Whether no two of these lie in one place."""
    depths = _depths(members)
    return all(b - a > SAME_PLACE_MM for a, b in itertools.pairwise(depths))


def _depths(members: Sequence[Member]) -> list[float]:
    normal = members[0].plane.normal
    return [dot(normal, each.plane.origin_mm) for each in members]


def _runs(members: list[Member]) -> list[list[Member]]:
    """Part by number, if the numbers run through all places again and again."""
    depths = _depths(members)
    places = 1 + sum(b - a > SAME_PLACE_MM for a, b in itertools.pairwise(depths))
    by_number = sorted(members, key=lambda each: (each.header.instance_number or 0, each.frame))
    parts = [by_number[at : at + places] for at in range(0, len(members), places)]
    for part in parts:
        part.sort(key=lambda each: dot(members[0].plane.normal, each.plane.origin_mm))
    if any(len(part) != places or not _is_apart(part) for part in parts):
        raise NotAVolume("several of its pictures lie in the same place")
    return parts


# -- the lattice ---------------------------------------------------------------------------------


def _lattice(members: Sequence[Member]) -> Lattice:
    """Return the lattice that the positions make."""
    first = members[0].plane
    if len(members) < LEAST_SLICES:
        raise NotAVolume(f"it has fewer than {LEAST_SLICES} slices")
    if len(members) * first.rows * first.columns * 2 > MOST_BYTES:
        raise NotAVolume("it is too large")
    _check_even(_depths(members))
    origin, step = _line([each.plane.origin_mm for each in members])
    between_rows, between_columns = first.spacing_mm
    affine = np.eye(4)
    affine[:3, 0] = np.multiply(first.row, between_columns)
    affine[:3, 1] = np.multiply(first.column, between_rows)
    affine[:3, 2] = step
    affine[:3, 3] = origin
    lattice = Lattice((len(members), first.rows, first.columns), affine, first.frame_of_reference)
    most_off_mm = _most_off_mm(lattice.spacing_mm[2])
    for place, each in enumerate(members):
        off = minus(each.plane.origin_mm, lattice.to_patient((0, 0, place)))
        if dot(off, off) > most_off_mm**2:
            raise NotAVolume("its slices do not lie in one line")
    if lattice.tilt_deg > TILT_MOST_DEG:
        raise NotAVolume("its slices lie beside one another")
    return lattice


def _most_off_mm(spacing_mm: float) -> float:
    least = max(OFF_MOST_MM, OFF_ANYHOW_SHARE * spacing_mm)
    return min(least, OFF_MOST_SHARE * spacing_mm)


def _check_even(depths: Sequence[float]) -> None:
    """Refuse gaps and uneven slices, by where they lie along the normal."""
    gaps = [b - a for a, b in itertools.pairwise(depths)]
    usual = statistics.median(gaps)
    missing = sum(round(gap / usual) - 1 for gap in gaps if gap > 1.5 * usual)
    if missing and all(abs(gap / usual - round(gap / usual)) < OFF_MOST_SHARE for gap in gaps):
        raise NotAVolume(
            "a slice is missing between the others"
            if missing == 1
            else f"{missing} slices are missing between the others"
        )
    spacing = (depths[-1] - depths[0]) / (len(depths) - 1)
    most_off_mm = _most_off_mm(spacing)
    even = [depths[0] + place * spacing for place in range(len(depths))]
    middle = (
        max(a - b for a, b in zip(depths, even, strict=True))
        + min(a - b for a, b in zip(depths, even, strict=True))
    ) / 2
    if any(abs(a - b - middle) > most_off_mm for a, b in zip(depths, even, strict=True)):
        raise NotAVolume("its slices are not evenly spaced")


def _line(points: Sequence[Vector]) -> tuple[Vector, Vector]:
    """Return start and step of the line through points at even places, by least squares."""
    places = np.arange(len(points)) - (len(points) - 1) / 2
    given = np.asarray(points)
    step = places @ (given - given.mean(axis=0)) / (places @ places)
    start = given.mean(axis=0) + places[0] * step
    return tuple(map(float, start)), tuple(map(float, step))  # type: ignore[return-value]
