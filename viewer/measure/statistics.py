"""The values in an area: of the pixels whose middle lies in it, and that are picture.

An ellipse holds its edge; a polygon is half open (its left and top edges belong to it), so that two
that share a side share no pixel. The deviation is the population's (divided by n), as Weasis and
OHIF show it; ImageJ divides by n - 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.dicom.pixels import Pixels
from viewer.measure.shapes import Kind, Outline, Point, axes, outline
from viewer.render.modality import modality_values
from viewer.render.voi import padding_mask

PIXELS_A_TIME = 1 << 19  # bounds memory
ROWS_A_TIME = 256  # of a polygon
Span = tuple[int, int, int]  # row, first column, and the one after the last
Whole = npt.NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of modality values."""

    count: int
    mean: float
    deviation: float
    least: float
    most: float


def statistics(pixels: Pixels, kind: Kind, points: tuple[Point, ...]) -> Statistics | None:
    """Return the statistics of an area; None if it holds no pixel, or the picture has colours."""
    if pixels.array.ndim != 2 or pixels.palette is not None:
        return None
    found = _Sum()
    for stored in _stored(pixels, spans(kind, points, pixels.rows, pixels.columns)):
        values = modality_values(pixels, stored)
        keep = np.isfinite(values)
        if pixels.padding is not None:
            keep &= ~padding_mask(pixels, stored)
        found.add(values if keep.all() else values[keep])
    return found.result()


class _Sum:
    """Running statistics, merged part by part so that no precision is lost."""

    def __init__(self) -> None:
        self.count, self.mean, self.squares = 0, 0.0, 0.0
        self.least, self.most = math.inf, -math.inf

    def add(self, values: npt.NDArray[np.float64]) -> None:
        count = len(values)
        if count == 0:
            return
        mean = float(values.mean())
        apart, total = mean - self.mean, self.count + count
        self.squares += float(np.square(values - mean).sum())
        self.squares += apart * apart * self.count * count / total
        self.mean += apart * count / total
        self.count = total
        self.least = min(self.least, float(np.min(values)))
        self.most = max(self.most, float(np.max(values)))

    def result(self) -> Statistics | None:
        if self.count == 0:
            return None
        deviation = math.sqrt(self.squares / self.count)
        return Statistics(self.count, self.mean, deviation, self.least, self.most)


def _stored(pixels: Pixels, found: Iterator[Span]) -> Iterator[npt.NDArray[Any]]:
    """Return the stored values of spans, many at a time."""
    parts: list[npt.NDArray[Any]] = []
    waiting = 0
    for row, start, end in found:
        parts.append(pixels.array[row, start:end])
        waiting += end - start
        if waiting >= PIXELS_A_TIME:
            yield np.concatenate(parts)
            parts, waiting = [], 0
    if parts:
        yield np.concatenate(parts)


def box_pixels(kind: Kind, points: tuple[Point, ...]) -> float:
    """Return about how many pixels the box around an area holds: what it costs to look at it."""
    edge = outline(kind, points)
    width, height = np.ptp(edge, axis=0)
    return float(width * height)


def spans(kind: Kind, points: tuple[Point, ...], rows: int, columns: int) -> Iterator[Span]:
    """Return the pixels of an area, as stretches of rows."""
    if kind is Kind.ELLIPSE:
        yield from _of_ellipse(points, rows, columns)
    else:
        yield from _of_polygon(np.asarray(points, np.float64), rows, columns)


def _of_ellipse(points: tuple[Point, ...], rows: int, columns: int) -> Iterator[Span]:
    """Solve |s|² <= 1 for x in each row, where s are coordinates along the half axes."""
    (cx, cy), (ux, uy), (vx, vy) = axes(points)
    det = ux * vy - uy * vx
    if abs(det) < 1e-12:
        return
    # Along the axes a step right is (vy, -uy) / det, a step down (-vx, ux) / det.
    square = (vy * vy + uy * uy) / det**2
    high = math.hypot(uy, vy)
    row = np.arange(max(0, math.ceil(cy - high)), min(rows - 1, math.floor(cy + high)) + 1)
    dy = row - cy
    half = -(vy * vx + uy * ux) * dy / det**2
    inside = half * half - square * ((vx * vx + ux * ux) * dy * dy / det**2 - 1.0)
    met = inside >= 0
    row, half, root = row[met], half[met], np.sqrt(inside[met])
    left, right = cx + (-half - root) / square, cx + (-half + root) / square
    slack = 1e-9 * np.maximum(1.0, np.abs(right))  # a middle on the edge counts
    yield from _within(row, np.ceil(left - slack), np.floor(right + slack) + 1, columns)


def _of_polygon(points: Outline, rows: int, columns: int) -> Iterator[Span]:
    """Cross each row with the sides, and pair the crossings; some rows at a time."""
    ends = np.stack((points, np.roll(points, -1, axis=0)))
    first = max(0, math.ceil(float(np.min(points[:, 1]))))
    last = min(rows - 1, math.floor(float(np.max(points[:, 1]))))
    for start in range(first, last + 1, ROWS_A_TIME):
        row, place = _crossings(ends, start, min(start + ROWS_A_TIME, last + 1))
        yield from _within(row[::2], np.ceil(place[0::2]), np.ceil(place[1::2]), columns)


def _crossings(ends: Outline, first: int, end: int) -> tuple[Whole, Outline]:
    """Return where rows from `first` up to `end` cross the sides, row by row from the left.

    A side holds its upper end and not its lower one, so that each row is crossed an even number
    of times.
    """
    heights: Whole = np.ceil(np.clip(ends[..., 1], first, end)).astype(int)
    begin, stop = np.min(heights, axis=0), np.max(heights, axis=0)
    counts = stop - begin
    side = np.repeat(np.arange(len(counts)), counts)
    row = np.arange(len(side)) - np.repeat(np.cumsum(counts) - counts - begin, counts)
    (xa, ya), (xb, yb) = ends[0, side].T, ends[1, side].T
    place = xa + (row - ya) * (xb - xa) / (yb - ya)
    order = np.lexsort((place, row))
    return row[order], place[order]


def _within(row: Whole, start: Outline, end: Outline, columns: int) -> Iterator[Span]:
    """Return stretches as far as they lie in the picture."""
    found = np.stack((row, np.maximum(start, 0), np.minimum(end, columns)), axis=-1).astype(int)
    yield from map(tuple, found[found[:, 1] < found[:, 2]].tolist())
