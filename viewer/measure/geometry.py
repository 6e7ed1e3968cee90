"""Lengths, angles and areas, by geometry alone."""

from __future__ import annotations

import math

from viewer.measure.scale import Scale
from viewer.measure.shapes import Kind, Point, axes


def length(one: Point, other: Point, scale: Scale) -> float:
    """Return the distance of two points."""
    return math.hypot(*scale.vector(one, other))


def angle_deg(one: Point, vertex: Point, other: Point, scale: Scale) -> float:
    """Return the angle at the vertex, 0 to 180."""
    return _between_deg(scale.vector(vertex, one), scale.vector(vertex, other))


def cobb_deg(points: tuple[Point, ...], scale: Scale) -> float:
    """Return by how much two lines are tilted to one another, 0 to 180.

    A line has no direction; both are taken across the way from one to the other, as end plates lie
    across the spine, so that tilts of 50 to either side make 100 and not 80, however they are
    drawn and however the picture is turned. Lines that share a middle make an acute angle.
    """
    a, b, c, d = points
    first, second = scale.vector(a, b), scale.vector(c, d)
    way = scale.vector(_middle(a, b), _middle(c, d))
    across = -way[1], way[0]
    if math.hypot(*way) < 1e-9:
        found = _between_deg(first, second)
        return min(found, 180.0 - found)
    return _between_deg(_along(first, across), _along(second, across))


def area(kind: Kind, points: tuple[Point, ...], scale: Scale) -> float:
    """Return what an outline encloses; of pixels it may hold more or fewer."""
    if kind is Kind.ELLIPSE:
        _, (ux, uy), (vx, vy) = axes(points)
        return math.pi * abs(ux * vy - uy * vx) * scale.across * scale.down
    twice = sum(
        x0 * y1 - x1 * y0
        for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True)
    )
    return abs(twice) / 2 * scale.across * scale.down


def _middle(one: Point, other: Point) -> Point:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def _along(line: Point, direction: Point) -> Point:
    forward = line[0] * direction[0] + line[1] * direction[1] >= 0
    return line if forward else (-line[0], -line[1])


def _between_deg(one: Point, other: Point) -> float:
    dot = one[0] * other[0] + one[1] * other[1]
    cross = one[0] * other[1] - one[1] * other[0]
    return abs(math.degrees(math.atan2(cross, dot)))
