"""What a person draws to measure with.

Points are (column, row) in pixels; (0, 0) is the middle of the first pixel, so the picture reaches
from -0.5 to `columns` - 0.5. An ellipse has four points: the ends of one axis, then of the other.
Because its axes are taken as conjugate diameters, all of it holds on pixels that are not square.
"""

from __future__ import annotations

import enum
import functools
import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Point = tuple[float, float]
Outline = npt.NDArray[np.float64]  # points x 2
POINTS_MOST = 4096  # of an outline
GRID = 64  # steps a pixel


class Kind(enum.Enum):
    """The sorts of measurement."""

    LENGTH = "length"
    ANGLE = "angle"  # its vertex is the second point
    COBB = "cobb"  # between two lines
    ELLIPSE = "ellipse"
    RECTANGLE = "rectangle"
    POLYGON = "polygon"
    FREEHAND = "freehand"
    PROBE = "probe"


POINTS: dict[Kind, int | None] = {  # None: three or more
    Kind.LENGTH: 2,
    Kind.ANGLE: 3,
    Kind.COBB: 4,
    Kind.ELLIPSE: 4,
    Kind.RECTANGLE: 4,
    Kind.POLYGON: None,
    Kind.FREEHAND: None,
    Kind.PROBE: 1,
}
AREAS = frozenset({Kind.ELLIPSE, Kind.RECTANGLE, Kind.POLYGON, Kind.FREEHAND})


@dataclass(frozen=True, slots=True)
class Measurement:
    """One shape on one frame; what it measures follows from the frame."""

    uid: str  # its own, for ever
    kind: Kind
    points: tuple[Point, ...]
    sop_uid: str = ""
    frame: int = 0  # counted from 0
    label: str = ""  # what a person calls it

    def __post_init__(self) -> None:
        wanted = POINTS[self.kind]
        count = len(self.points)
        if count != wanted if wanted else not 3 <= count <= POINTS_MOST:
            raise ValueError("a shape with a wrong number of points")
        if not all(math.isfinite(x) and math.isfinite(y) for x, y in self.points):
            raise ValueError("a shape without a place")


def settled(measurement: Measurement) -> Measurement:
    """Return it on a grid of 1/64 pixel, which files hold exactly: they keep 32-bit numbers."""
    points = tuple((round(x * GRID) / GRID, round(y * GRID) / GRID) for x, y in measurement.points)
    return replace(measurement, points=points)


def ellipse_in(one: Point, other: Point) -> tuple[Point, ...]:
    """Return the points of the ellipse in the box between two corners."""
    (x0, y0), (x1, y1) = one, other
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return (min(x0, x1), y), (max(x0, x1), y), (x, min(y0, y1)), (x, max(y0, y1))


def rectangle_of(one: Point, other: Point) -> tuple[Point, ...]:
    """Return the corners of the box between two of them, in turn."""
    (x0, y0), (x1, y1) = one, other
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def axes(points: tuple[Point, ...]) -> tuple[Point, Point, Point]:
    """Return an ellipse's middle and its two half axes."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
    middle = (ax + bx + cx + dx) / 4, (ay + by + cy + dy) / 4
    return middle, ((bx - ax) / 2, (by - ay) / 2), ((dx - cx) / 2, (dy - cy) / 2)


def outline(kind: Kind, points: tuple[Point, ...], corners: int = 96) -> Outline:
    """Return the edge of an area as a polygon, for drawing it."""
    if kind is not Kind.ELLIPSE:
        return np.asarray(points, np.float64)
    middle, u, v = axes(points)
    turn = np.linspace(0.0, 2 * np.pi, corners, endpoint=False)[:, None]
    edge: Outline = np.cos(turn) * np.asarray(u) + np.sin(turn) * np.asarray(v)
    edge += np.asarray(middle)
    return edge


@functools.lru_cache(64)
def crosses_itself(points: tuple[Point, ...]) -> bool:
    """Whether two sides of a polygon that are not neighbours cross, so that it has no one area."""
    start = np.asarray(points, np.float64)
    count = len(start)
    side = np.roll(start, -1, axis=0) - start
    for first in range(count - 2):
        others = np.arange(first + 2, count - (first == 0))
        gap = start[others] - start[first]
        cross = side[first, 0] * side[others, 1] - side[first, 1] * side[others, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            along = (gap[:, 0] * side[others, 1] - gap[:, 1] * side[others, 0]) / cross
            across = (gap[:, 0] * side[first, 1] - gap[:, 1] * side[first, 0]) / cross
        if bool(np.any((along > 0) & (along < 1) & (across > 0) & (across < 1))):
            return True
    return False
