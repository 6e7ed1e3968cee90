"""Voxels gathered along a plane that lies anyhow: interpolated, or the nearest for while it moves.

Rows are taken a few at a time, so that what is gathered for them stays in the processor's cache;
only the columns that can meet the volume are looked at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.dicom.geometry import Plane, Vector
from viewer.render.lattice import Lattice

BLOCK_ROWS = 32
JUST_INSIDE = 1e-9  # of a voxel; keeps the last one's neighbour inside
Voxels = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ray:
    """How an index goes on over a picture: `start + column * right + row * down`."""

    start: Vector
    right: Vector  # voxels a column
    down: Vector  # voxels a row
    through: Vector  # voxels a mm along the normal

    def moved(self, way_mm: float) -> Ray:
        """Return the ray of the picture that lies so far along the normal."""
        x, y, z = (a + way_mm * b for a, b in zip(self.start, self.through, strict=True))
        return Ray((x, y, z), self.right, self.down, self.through)


def ray(lattice: Lattice, plane: Plane) -> Ray:
    """Return how a plane goes through the voxels."""
    return Ray(
        lattice.to_index(plane.origin_mm),
        lattice.turned([each * plane.spacing_mm[1] for each in plane.row]),
        lattice.turned([each * plane.spacing_mm[0] for each in plane.column]),
        lattice.turned(plane.normal),
    )


def linear(values: Voxels, along: Ray, size: Span, padding: Span | None) -> Floats:
    """Return interpolated values, rows x columns; NaN where the nearest voxel is no image.

    Args:
        size: rows and columns of the picture.
        padding: lowest and highest value that is no image; None if there is none such.
    """
    out = np.full(size, np.nan, dtype=np.float32)
    for first in range(0, size[0], BLOCK_ROWS):
        rows = np.arange(first, min(first + BLOCK_ROWS, size[0]), dtype=np.float64)
        low, high = _reach(along, rows, size[1], _sizes(values))
        if low < high:
            block = _Block(values, along, rows, np.arange(low, high, dtype=np.float64))
            found = block.linear() if padding is None else block.linear_beside(padding)
            out[first : first + len(rows), low:high] = found
    return out


def nearest(values: Voxels, along: Ray, size: Span, fill: int) -> Voxels:
    """Return the nearest voxels, rows x columns; `fill` where there are none."""
    out = np.full(size, fill, dtype=values.dtype)
    flat = values.reshape(-1)
    for first in range(0, size[0], BLOCK_ROWS):
        rows = np.arange(first, min(first + BLOCK_ROWS, size[0]), dtype=np.float64)
        low, high = _reach(along, rows, size[1], _sizes(values))
        if low >= high:
            continue
        columns = np.arange(low, high, dtype=np.float64)
        index, is_there = _nearest_index(along, rows, columns, _sizes(values))
        found = flat.take(index)
        if is_there is not None:
            found[~is_there] = fill
        out[first : first + len(rows), low:high] = found
    return out


def _sizes(values: Voxels) -> tuple[int, int, int]:
    slices, rows, columns = values.shape
    return columns, rows, slices


def _reach(along: Ray, rows: Places, columns: int, sizes: tuple[int, int, int]) -> Span:
    """Return from which to which column these rows can meet the volume; a few more do no harm."""
    low, high = 0.0, float(columns)
    for start, right, down, size in zip(along.start, along.right, along.down, sizes, strict=True):
        at = sorted((start + float(rows[0]) * down, start + float(rows[-1]) * down))
        if abs(right) < 1e-12:
            if at[1] < -0.5 or at[0] > size - 0.5:
                return 0, 0
            continue
        met = [(edge - each) / right for edge in (-0.5, size - 0.5) for each in at]
        low, high = max(low, min(met)), min(high, max(met) + 1)
    return max(0, math.floor(low)), min(columns, math.ceil(high))


def _is_inside(
    along: Ray,
    rows: Places,
    columns: Places,
    sizes: tuple[int, int, int],
    by: float = 0.0,
) -> bool:
    """Whether a block lies inside as a whole, as its corners do, and so far from every edge."""
    return all(
        by - 0.5 <= start + c * right + r * down < size - 0.5 - by
        for start, right, down, size in zip(
            along.start, along.right, along.down, sizes, strict=True
        )
        for c in (float(columns[0]), float(columns[-1]))
        for r in (float(rows[0]), float(rows[-1]))
    )


def _nearest_index(
    along: Ray, rows: Places, columns: Places, sizes: tuple[int, int, int]
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]:
    """Return flat places of the nearest voxels, by fixed point, and which of them exist."""
    inside = _is_inside(along, rows, columns, sizes)
    index: npt.NDArray[Any] = np.zeros(1, dtype=np.int32)
    is_there: npt.NDArray[np.bool_] | None = None
    stride = math.prod(sizes)
    for axis in (2, 1, 0):
        stride //= sizes[axis]
        start = (along.start[axis] + 0.5 + rows * along.down[axis]) * 65536
        step = columns * (along.right[axis] * 65536)
        at = np.add.outer(np.rint(start).astype(np.int32), np.rint(step).astype(np.int32))
        at >>= 16
        if not inside:
            here = at.view(np.uint32) < sizes[axis]
            is_there = here if is_there is None else is_there & here
            np.clip(at, 0, sizes[axis] - 1, out=at)
        at *= np.int32(stride)
        index = at if axis == 2 else np.add(index, at, out=index)
    return index, is_there


class _Block:
    """Some rows and columns of a picture, and the eight voxels around each of its pixels."""

    def __init__(self, values: Voxels, along: Ray, rows: Places, columns: Places) -> None:
        self._flat = values.reshape(-1)
        self._sizes = _sizes(values)
        self._place = along, rows, columns
        self._is_inside = _is_inside(along, rows, columns, self._sizes, 0.5)
        self._outside: npt.NDArray[np.bool_] | None = None
        self._strides = (1, self._sizes[0], self._sizes[0] * self._sizes[1])
        found = [self._go_along(axis) for axis in range(3)]
        self._weights = [weight for _, weight in found]
        before = found[0][0]
        for each, _ in found[1:]:
            before += each
        self._index: Index = before.astype(np.intp)

    def _go_along(self, axis: int) -> tuple[npt.NDArray[np.int32], Floats]:
        """Return the voxel before each pixel along an axis, and how far beyond the pixel lies."""
        along, rows, columns = self._place
        size = self._sizes[axis]
        at = np.add.outer(along.start[axis] + rows * along.down[axis], columns * along.right[axis])
        if not self._is_inside:
            outside = (at < -0.5) | (at > size - 0.5)
            self._outside = outside if self._outside is None else self._outside | outside
            np.clip(at, 0, size - 1 - JUST_INSIDE, out=at)
        before = at.astype(np.int32)
        beyond = np.subtract(at, before, out=at).astype(np.float32)
        before *= np.int32(self._strides[axis])
        return before, beyond

    def _corner(self, number: int) -> Floats:
        """Return one of the eight voxels: bits 0 to 2 say whether it lies beyond, along x to z."""
        beyond = sum(stride for bit, stride in enumerate(self._strides) if number >> bit & 1)
        # Wrapping is not asked for: of the ways to treat what is outside it is the fastest.
        return self._flat[beyond:].take(self._index, mode="wrap").astype(np.float32)

    def linear(self) -> Floats:
        """Return the values between the eight."""
        return self._finish(self._mix(self._corner))

    def linear_beside(self, padding: Span) -> Floats:
        """The same; what is padding takes the nearest voxel's value, unless that is padding."""
        index = self._index.copy()
        for weight, stride in zip(self._weights, self._strides, strict=True):
            index += (weight >= 0.5) * stride
        closest = self._flat.take(index).astype(np.float32)

        def corner(number: int) -> Floats:
            found = self._corner(number)
            np.copyto(found, closest, where=(found >= padding[0]) & (found <= padding[1]))
            return found

        found = self._mix(corner)
        found[(closest >= padding[0]) & (closest <= padding[1])] = np.nan
        return self._finish(found)

    def _mix(self, corner: Any) -> Floats:
        x, y, z = self._weights

        def edge(number: int) -> Floats:
            return _between(corner(number), corner(number + 1), x)

        near = _between(edge(0), edge(2), y)
        return _between(near, _between(edge(4), edge(6), y), z)

    def _finish(self, found: Floats) -> Floats:
        if self._outside is not None:
            found[self._outside] = np.nan
        return found


def _between(a: Floats, b: Floats, weight: Floats) -> Floats:
    """Return `a + (b - a) * weight`, in the place of `b`."""
    b -= a
    b *= weight
    b += a
    return b
