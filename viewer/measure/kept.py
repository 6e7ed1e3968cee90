"""From shapes that were kept, by us or by others, to measurements again."""

from __future__ import annotations

import math
from collections.abc import Iterable

from viewer.dicom.annotations import Annotations, Drawn
from viewer.dicom.writing.codes import QUANTITIES, TOOLS, TRACKING
from viewer.dicom.writing.uids import derived_uid
from viewer.measure.readings import Quantity
from viewer.measure.shapes import POINTS, Kind, Measurement, Point
from viewer.measure.sheet import State

CLOSED = 1e-3  # pixels between the first point and the last
COORDINATE_MOST = 1e5
_BY_TOOL = {f"{TRACKING}:{tool}": kind for kind, tool in TOOLS.items()}
_COBB = QUANTITIES[Quantity.COBB][0]


def state_of(found: Iterable[Annotations]) -> State:
    """Return all measurements and marks, each once."""
    measurements: dict[str, Measurement] = {}
    marks: dict[tuple[str, int], None] = {}
    for each in found:
        for drawn in each.shapes:
            for one in measurement_of(drawn, measurements.keys()):
                measurements[one.uid] = one
        marks.update(dict.fromkeys(each.marks))
    return State(tuple(measurements.values()), tuple(marks))


def measurement_of(drawn: Drawn, taken: Iterable[str] = ()) -> list[Measurement]:
    """Return what can be measured of a shape; several points are as many values."""
    points = tuple((x - 0.5, y - 0.5) for x, y in drawn.points)
    if not points or not all(_is_near(each) for each in points):
        return []
    if drawn.graphic == "MULTIPOINT":
        return [_made(drawn, Kind.PROBE, (each,), taken, n) for n, each in enumerate(points)]
    kind, points = _kind(drawn, points)
    if kind is None or not _fits(kind, points):
        return []
    return [_made(drawn, kind, points, taken)]


def _is_near(point: Point) -> bool:
    return all(math.isfinite(each) and abs(each) < COORDINATE_MOST for each in point)


def _made(
    drawn: Drawn, kind: Kind, points: tuple[Point, ...], taken: Iterable[str], place: int = 0
) -> Measurement:
    """Return it by its own UID, or by one that follows from the shape where that is taken."""
    uid = drawn.uid
    if not uid or uid in taken or place:
        uid = derived_uid(drawn.uid, drawn.sop_uid, str(drawn.frame), repr(points), str(place))
    return Measurement(uid, kind, points, drawn.sop_uid, drawn.frame, drawn.label)


def _fits(kind: Kind, points: tuple[Point, ...]) -> bool:
    wanted = POINTS[kind]
    return len(points) == wanted if wanted else len(points) >= 3


def _kind(drawn: Drawn, points: tuple[Point, ...]) -> tuple[Kind | None, tuple[Point, ...]]:
    """Tell a shape by its tool's name if we know it, else by its looks."""
    is_closed = len(points) > 3 and math.dist(points[0], points[-1]) < CLOSED
    named = _BY_TOOL.get(drawn.tracking)
    if drawn.graphic == "POINT":
        return Kind.PROBE, points[:1]
    if drawn.graphic == "ELLIPSE":
        return Kind.ELLIPSE, points
    if drawn.graphic == "CIRCLE" and len(points) == 2:
        return Kind.ELLIPSE, _circle(*points)
    if drawn.graphic != "POLYLINE":
        return None, points
    if is_closed:
        points = points[:-1]
        return (named if named and _fits(named, points) else Kind.POLYGON), points
    if len(points) == 4 and (named is Kind.COBB or drawn.concept == _COBB):
        return Kind.COBB, points
    by_count = {2: Kind.LENGTH, 3: Kind.ANGLE}
    return by_count.get(len(points), Kind.POLYGON), points


def _circle(middle: Point, edge: Point) -> tuple[Point, ...]:
    (x, y), radius = middle, math.dist(middle, edge)
    return (x - radius, y), (x + radius, y), (x, y - radius), (x, y + radius)
