"""Taking hold of a shape: its handles, and what becomes of it when one moves."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np

from viewer.measure.shapes import AREAS, Kind, Measurement, Point, axes, outline

HANDLES_MOST = 64  # of an outline that was drawn freely, fewer are shown than it has points


def handles(measurement: Measurement) -> tuple[int, ...]:
    """Return which points can be taken hold of."""
    count = len(measurement.points)
    step = max(1, math.ceil(count / HANDLES_MOST))
    return tuple(range(0, count, step))


def moved_handle(
    measurement: Measurement, handle: int, to: Point, aspect: float = 1.0, turned: bool = False
) -> Measurement:
    """Return the shape with one point moved; an ellipse about its middle, a box by its corner.

    Args:
        aspect: height over width of a pixel as it is drawn.
        turned: let an ellipse turn after the point, and not only grow.
    """
    points = list(measurement.points)
    if measurement.kind is Kind.ELLIPSE:
        return replace(measurement, points=_ellipse(measurement.points, handle, to, aspect, turned))
    if measurement.kind is Kind.RECTANGLE:
        return replace(measurement, points=_box(measurement.points, handle, to))
    points[handle] = to
    return replace(measurement, points=tuple(points))


def _box(points: tuple[Point, ...], handle: int, to: Point) -> tuple[Point, ...]:
    """Keep the opposite corner, and the sides' directions."""
    opposite = np.asarray(points[(handle + 2) % 4])
    one = np.asarray(points[(handle + 1) % 4]) - opposite
    other = np.asarray(points[(handle + 3) % 4]) - opposite
    det = float(one[0] * other[1] - one[1] * other[0])
    if det == 0:
        return points
    way = np.asarray(to) - opposite
    along = float(way[0] * other[1] - way[1] * other[0]) / det or 1e-6
    across = float(one[0] * way[1] - one[1] * way[0]) / det or 1e-6
    found = list(points)
    found[handle] = to
    found[(handle + 1) % 4] = _pair(opposite + along * one)
    found[(handle + 3) % 4] = _pair(opposite + across * other)
    return tuple(found)


def _pair(point: np.ndarray) -> Point:
    return float(point[0]), float(point[1])


def _ellipse(
    points: tuple[Point, ...], handle: int, to: Point, aspect: float, turned: bool
) -> tuple[Point, ...]:
    (cx, cy), u, v = axes(points)
    own, other = (u, v) if handle < 2 else (v, u)
    square = own[0] ** 2 + (own[1] * aspect) ** 2
    way = to[0] - cx, (to[1] - cy) * aspect
    sign = -1.0 if handle in (0, 2) else 1.0
    if turned and math.hypot(*way) > 0:
        high = math.hypot(other[0], other[1] * aspect) / math.hypot(*way)
        side = 1.0 if own[0] * other[1] - own[1] * other[0] > 0 else -1.0
        own = sign * way[0], sign * way[1] / aspect
        other = -own[1] * aspect * side * high, own[0] * side * high / aspect
    elif square > 0:
        by = sign * (way[0] * own[0] + way[1] * own[1] * aspect) / square
        by = by if abs(by) > 1e-6 else 1e-6
        own = own[0] * by, own[1] * by
    u, v = (own, other) if handle < 2 else (other, own)
    return (
        (cx - u[0], cy - u[1]), (cx + u[0], cy + u[1]),
        (cx - v[0], cy - v[1]), (cx + v[0], cy + v[1]),
    )  # fmt: skip


def shifted(measurement: Measurement, step: Point) -> Measurement:
    """Return the shape moved as a whole."""
    points = tuple((x + step[0], y + step[1]) for x, y in measurement.points)
    return replace(measurement, points=points)


def held_in(measurement: Measurement, rows: int, columns: int) -> Measurement:
    """Return the shape moved back into the picture, as far as it fits."""
    step = []
    for values, size in zip(zip(*measurement.points, strict=True), (columns, rows), strict=True):
        least, most = min(values) + 0.5, max(values) + 0.5
        step.append(max(0.0, -least) or min(0.0, size - most))
    return shifted(measurement, (step[0], step[1])) if any(step) else measurement


def inside_picture(point: Point, rows: int, columns: int) -> Point:
    """Return the place of the picture that is nearest."""
    x, y = point
    return min(max(x, -0.5), columns - 0.5), min(max(y, -0.5), rows - 0.5)


def segments(measurement: Measurement) -> list[tuple[Point, Point]]:
    """Return the lines that a shape is drawn with."""
    kind, points = measurement.kind, measurement.points
    if kind is Kind.COBB:
        return [(points[0], points[1]), (points[2], points[3])]
    if kind in AREAS:
        points = tuple((float(x), float(y)) for x, y in outline(kind, points))
        points = (*points, points[0])
    return list(itertools.pairwise(points))
