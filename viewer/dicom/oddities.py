"""What is odd about a series, in plain words: for the person who looks, and for who measures."""

from __future__ import annotations

import collections
import itertools
import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from viewer.dicom.geometry import Vector, dot, minus
from viewer.dicom.header import Header
from viewer.dicom.ordering import (
    are_parallel,
    normal_of,
    orientation_of,
    position_of,
    ranks,
    viewing_order,
)
from viewer.dicom.people import count_people

PLACED = frozenset({"CT", "MR", "PT", "NM"})  # whose slices should say where they lie
SECONDARY = "1.2.840.10008.5.1.4.1.1.7"  # captured from a screen: it lies nowhere
LEAST_TILT_DEG = 0.5
UNEVEN_SHARE, UNEVEN_MM = 0.02, 0.11  # of the spacing; what positions are rounded to
MULTIPLE_OFF = 0.1  # of the spacing, by which a gap may miss a multiple of it
FEW = 1 / 3  # of the steps: more that are odd are no gaps
GAP_SHARE = 1.5  # of the thickness, from which slices lie apart


@dataclass(frozen=True, slots=True)
class Oddity:
    """One thing that is odd: a word or three for beside a picture if it matters there."""

    short: str
    sentence: str
    matters: bool = False  # to the person themselves, and not only to who reads or measures


class HasHeaders(Protocol):
    """A series, however it is held."""

    @property
    def headers(self) -> Sequence[Header]: ...


@dataclass(frozen=True, slots=True)
class _Steps:
    """The places of parallel slices, one each, along their normal."""

    points: tuple[tuple[float, ...], ...]
    depths: tuple[float, ...]

    @property
    def widths(self) -> list[float]:
        return [b - a for a, b in itertools.pairwise(self.depths)]

    @property
    def usual(self) -> float:
        return statistics.median(self.widths)


def notes(series: HasHeaders) -> tuple[str, ...]:
    """Return a sentence for each thing that is odd about a series; none if all is well."""
    return tuple(each.sentence for each in oddities(series))


def oddities(series: HasHeaders) -> tuple[Oddity, ...]:
    """Return each thing that is odd about a series, the gravest first; none if all is well."""
    headers = series.headers
    if not headers:
        return ()
    found = [*_people(headers), *_twins(headers), *_sizes(headers), *_unplaced(headers)]
    steps = _steps(headers)
    if steps is not None:
        found += [*_tilt(steps, headers), *_spacing(steps, headers)]
        if len(steps.points) == len(headers):
            found += _numbers(headers)
    return (*found, *_same_numbers(headers))


def whole_notes(headers: Sequence[Header]) -> tuple[str, ...]:
    """Return what is odd about all that lies together, such as on one disc."""
    return tuple(each.sentence for each in _people(headers))


def _people(headers: Sequence[Header]) -> Iterator[Oddity]:
    people = count_people(headers)
    if people > 1:
        yield Oddity(
            f"{people} people",
            f"These are images of {people} different people; they are kept apart.",
            matters=True,
        )


def _twins(headers: Sequence[Header]) -> Iterator[Oddity]:
    counts = collections.Counter(each.sop_uid for each in headers if each.sop_uid)
    twins = sum(count for count in counts.values() if count > 1)
    if twins:
        yield Oddity(
            "Identities shared",
            f"{twins} images carry the identity of another one but differ; all are shown.",
        )


def _sizes(headers: Sequence[Header]) -> Iterator[Oddity]:
    if len({(each.rows, each.columns) for each in headers if each.drawable}) > 1:
        yield Oddity("Several sizes", "The images are not all of one size.")


def _unplaced(headers: Sequence[Header]) -> Iterator[Oddity]:
    expected = [
        each
        for each in headers
        if each.modality in PLACED and each.drawable and not each.sop_class.startswith(SECONDARY)
    ]
    lost = sum(each.position is None or each.orientation is None for each in expected)
    if len(expected) < 2 or not lost:
        return
    if lost == len(expected):
        yield Oddity(
            "No positions",
            "The images do not say where in the body they lie; they are shown by number.",
        )
    else:
        yield Oddity(
            "Positions missing",
            f"{lost} of {len(expected)} images do not say where in the body they lie.",
        )


# -- places -----------------------------------------------------------------------------------


def _steps(headers: Sequence[Header]) -> _Steps | None:
    """Return where the slices lie, if all have places and are parallel, and there are several."""
    order = viewing_order(headers)
    points = [position_of(headers[i], frame) for i, frame in order]
    directions = [orientation_of(headers[i], frame) for i, frame in order]
    first = directions[0]
    if first is None or any(each is None or not are_parallel(first, each) for each in directions):
        return None
    normal = normal_of(first)
    length = math.hypot(*normal)
    if length < 0.5:
        return None
    places: dict[int, tuple[tuple[float, ...], float]] = {}
    known = [each for each in points if each is not None]
    if len(known) < len(points):
        return None
    depths = [dot(normal, each) / length for each in known]
    for rank, point, depth in zip(ranks(depths), known, depths, strict=True):
        places.setdefault(rank, (point, depth))
    if len(places) < 2:
        return None
    along = [places[rank] for rank in sorted(places)]
    return _Steps(tuple(point for point, _ in along), tuple(depth for _, depth in along))


def _tilt(steps: _Steps, headers: Sequence[Header]) -> Iterator[Oddity]:
    """Slices that do not stand above one another, as from a tilted gantry."""
    away: Vector = minus(steps.points[-1], steps.points[0])
    along = steps.depths[-1] - steps.depths[0]
    aside = math.sqrt(max(dot(away, away) - along * along, 0.0))
    angle = math.degrees(math.atan2(aside, along))
    if angle < LEAST_TILT_DEG:
        return
    if headers[0].modality == "CT":
        yield Oddity(
            f"Tilted by {angle:.1f}°",
            f"The scanner was tilted by {angle:.1f} degrees: slices are shifted sideways.",
        )
    else:
        yield Oddity(
            f"Slanted by {angle:.1f}°",
            f"The slices are shifted sideways, by {angle:.1f} degrees against straight ahead.",
        )


def _spacing(steps: _Steps, headers: Sequence[Header]) -> Iterator[Oddity]:
    usual, widths = steps.usual, steps.widths
    off = max(UNEVEN_SHARE * usual, UNEVEN_MM)
    odd = [each for each in widths if abs(each - usual) > off]
    missing = [round(each / usual) - 1 for each in odd]
    are_multiples = all(
        more > 0 and abs(each / usual - more - 1) <= MULTIPLE_OFF
        for each, more in zip(odd, missing, strict=True)
    )
    if odd and are_multiples and len(odd) <= FEW * len(widths):
        count, gaps = sum(missing), len(odd)
        where = "in one place" if gaps == 1 else f"in {gaps} places"
        slices, seem = ("slice", "seems") if count == 1 else ("slices", "seem")
        yield Oddity(
            f"{count} {slices} missing",
            f"{count} {slices} {seem} to be missing, {where}.",
            matters=True,
        )
    elif odd:
        spread = f"{min(widths):.1f} to {max(widths):.1f} mm apart"
        yield Oddity("Uneven spacing", f"The slices are not evenly spaced: {spread}.")
    thickness = headers[0].slice_thickness_mm or 0.0
    if thickness > 0 and usual >= GAP_SHARE * thickness:
        yield Oddity(
            f"Gaps of {usual - thickness:.1f} mm",
            f"Slices of {thickness:.1f} mm are taken every {usual:.1f} mm: "
            "what lies between them is not seen.",
        )


# -- numbers ----------------------------------------------------------------------------------


def _numbers(headers: Sequence[Header]) -> Iterator[Oddity]:
    """One slice in each place, whose numbers should run with the places."""
    numbers = [each.instance_number for each in headers if each.instance_number is not None]
    pairs = list(itertools.pairwise(numbers))
    if len(numbers) < max(len(headers), 2) or len(set(numbers)) < len(numbers):
        return
    if all(a > b for a, b in pairs):
        yield Oddity(
            "",
            "The slices are numbered from the other end; they are shown by where they lie.",
        )
    elif not all(a < b for a, b in pairs):
        yield Oddity(
            "Numbers out of order",
            "The numbers of the slices do not follow where they lie; they are shown by place.",
        )


def _same_numbers(headers: Sequence[Header]) -> Iterator[Oddity]:
    told = [each for each in headers if each.instance_number is not None]
    apart = {
        (
            each.instance_number,
            each.acquisition_number,
            each.temporal_position,
            each.echo_number,
            each.sop_uid if not each.drawable else "",
        )
        for each in told
    }
    if len(apart) < len(told):
        yield Oddity("", "Several images carry the same number.")
