"""Where a picture lies in the person: planes, points, and the line in which two of them cross.

Points of a picture are (column, row) in pixels: (0, 0) is the middle of its first pixel, so the
picture reaches from -0.5 to `columns` - 0.5. Points of the person are in mm along the axes toward
the left, the back and the head. Source: PS3.3 C.7.6.2.1.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from viewer.dicom.header import Header

UNIT_MOST_OFF = 0.01  # by which a direction's length may differ from 1
SQUARE_MOST_OFF = 1e-3  # cosine between row and column
LEAST_CROSSING = 0.01  # sine of the angle below which two planes count as parallel

Vector = tuple[float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plane:
    """One picture in the space of its frame of reference."""

    origin_mm: Vector  # the middle of the first pixel
    row: Vector  # unit vector along a row, toward higher columns
    column: Vector  # unit vector down a column, at a right angle to `row`
    spacing_mm: Point  # between rows, between columns
    rows: int
    columns: int
    frame_of_reference: str = ""

    @property
    def normal(self) -> Vector:
        """The unit vector away from who looks at the picture."""
        return cross(self.row, self.column)

    def to_patient(self, column_px: float, row_px: float) -> Vector:
        """Return the point in mm. Source: PS3.3 equation C.7.6.2.1-1."""
        right, down = column_px * self.spacing_mm[1], row_px * self.spacing_mm[0]
        x, y, z = (
            o + right * r + down * c
            for o, r, c in zip(self.origin_mm, self.row, self.column, strict=True)
        )
        return x, y, z

    def to_image(self, point_mm: Vector) -> tuple[float, float, float]:
        """Return (column, row) of the foot of a point, and its distance along the normal in mm."""
        away = minus(point_mm, self.origin_mm)
        return (
            dot(away, self.row) / self.spacing_mm[1],
            dot(away, self.column) / self.spacing_mm[0],
            dot(away, self.normal),
        )


def plane(header: Header, frame: int = 0) -> Plane | None:
    """Return where a frame lies, or None if the header does not say so, or says nonsense."""
    positions, orientations = header.frame_positions, header.frame_orientations
    position = positions[frame] if positions else header.position
    orientation = orientations[frame] if orientations else header.orientation
    if position is None or orientation is None or header.spacing_mm is None:
        return None
    if header.frames > 1 and not positions:
        return None  # one position for several frames places only the first
    row, column = unit(orientation[:3]), unit(orientation[3:])
    if row is None or column is None or abs(dot(row, column)) > SQUARE_MOST_OFF:
        return None
    if min(header.spacing_mm) <= 0 or not header.rows or not header.columns:
        return None
    between_rows, between_columns = header.spacing_mm
    x, y, z = position
    return Plane(
        origin_mm=(x, y, z),
        row=row,
        column=_square(column, row),
        spacing_mm=(between_rows, between_columns),
        rows=header.rows,
        columns=header.columns,
        frame_of_reference=header.frame_of_reference,
    )


def crossing(a: Plane, b: Plane) -> tuple[Point, Point] | None:
    """Return where picture `b` cuts picture `a`: the ends of the line, in pixels of `a`.

    None if they are parallel, do not meet, or are not known to lie in one space.
    """
    if not a.frame_of_reference or a.frame_of_reference != b.frame_of_reference:
        return None
    normal = b.normal
    slope = (dot(a.row, normal), dot(a.column, normal))  # of the distance from b, over a in mm
    steep = math.hypot(*slope)
    if steep < LEAST_CROSSING:
        return None
    away = dot(minus(a.origin_mm, b.origin_mm), normal) / steep**2
    foot = (-away * slope[0], -away * slope[1])
    along = (-slope[1] / steep, slope[0] / steep)
    start = tuple(o + foot[0] * r + foot[1] * c for o, r, c in _axes(a))
    step = tuple(along[0] * r + along[1] * c for _, r, c in _axes(a))
    span = _within(a, start, step, (-math.inf, math.inf))
    span = _within(b, start, step, span)
    if span[0] >= span[1]:
        return None
    first, last = (
        (
            (foot[0] + at * along[0]) / a.spacing_mm[1],
            (foot[1] + at * along[1]) / a.spacing_mm[0],
        )
        for at in span
    )
    return first, last


def _axes(plane: Plane) -> zip[tuple[float, float, float]]:
    return zip(plane.origin_mm, plane.row, plane.column, strict=True)


def _within(
    plane: Plane, start: Sequence[float], step: Sequence[float], span: tuple[float, float]
) -> tuple[float, float]:
    """Cut the part `span` of the line `start + t * step` to the edges of a picture."""
    away = minus(start, plane.origin_mm)
    sizes = (plane.columns, plane.rows)
    spacings = (plane.spacing_mm[1], plane.spacing_mm[0])
    low, high = span
    for axis, size, spacing in zip((plane.row, plane.column), sizes, spacings, strict=True):
        at, speed = dot(away, axis) / spacing + 0.5, dot(step, axis) / spacing
        if abs(speed) < 1e-12:
            if not 0 <= at <= size:
                return 0.0, 0.0
            continue
        ends = sorted((-at / speed, (size - at) / speed))
        low, high = max(low, ends[0]), min(high, ends[1])
    return low, high


def unit(direction: Sequence[float]) -> Vector | None:
    """Return a direction with length 1, or None if it is far from being one."""
    length = math.hypot(*direction)
    if not abs(length - 1) <= UNIT_MOST_OFF:
        return None
    x, y, z = direction
    return x / length, y / length, z / length


def _square(direction: Vector, to: Vector) -> Vector:
    """Return `direction` turned by what is missing to a right angle: rounding in the file."""
    off = dot(direction, to)
    x, y, z = (d - off * t for d, t in zip(direction, to, strict=True))
    length = math.hypot(x, y, z)
    return x / length, y / length, z / length


def dot(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the scalar product."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def minus(a: Sequence[float], b: Sequence[float]) -> Vector:
    """Return `a - b`."""
    x, y, z = (p - q for p, q in zip(a, b, strict=True))
    return x, y, z


def cross(a: Vector, b: Vector) -> Vector:
    """Return the vector product."""
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )
