"""A picture cut from a volume along any plane: as slices lie, or between them; thin, or as a slab.

Between the middles of voxels values are interpolated linearly along the three axes of the lattice;
a voxel reaches half a step around its middle. Where the nearest voxel is padding, or there is none,
the picture is padding: black, and not measured.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from viewer.dicom.geometry import Plane, Vector
from viewer.dicom.pixels import Pixels
from viewer.render.lattice import Lattice
from viewer.render.oblique import Floats, Voxels, linear, nearest, ray
from viewer.render.volume import Volume

FINER_MOST = 64  # parts of a voxel's step
ON_LATTICE = 1e-4  # voxels that a plane may lie off the middles and still be a plain slice


class Mode(enum.Enum):
    """What a slab shows of the values along its thickness."""

    GREATEST = "greatest"
    LEAST = "least"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Slab:
    """How thick a layer is seen at once."""

    thickness_mm: float = 0.0  # 0 for as thin as can be
    mode: Mode = Mode.GREATEST


THIN = Slab()


def reslice(volume: Volume, plane: Plane, slab: Slab = THIN, rough: bool = False) -> Pixels:
    """Return the picture on `plane`.

    Args:
        rough: the nearest voxels instead of interpolation, for while it moves.
    """
    layers = aligned(volume.lattice, plane, slab)
    if layers is not None:
        array = _finer(volume, _plain(volume, layers, slab.mode), layers.finer)
    elif rough and not slab.thickness_mm:
        along = ray(volume.lattice, plane)
        array = nearest(volume.values, along, (plane.rows, plane.columns), volume.fill)
    else:
        array = _stored(volume, sampled(volume, plane, slab))
    return volume.look(array, plane.spacing_mm)


def sampled(volume: Volume, plane: Plane, slab: Slab = THIN) -> Floats:
    """Return the interpolated stored values on `plane`; NaN where there is no image."""
    along = ray(volume.lattice, plane)
    padding = volume.padding if volume.has_padding else None
    gathered = _Gathered(slab.mode)
    for way_mm in _offsets(along.through, slab):
        there = along.moved(way_mm)
        gathered.add(linear(volume.values, there, (plane.rows, plane.columns), padding))
    return gathered.result


def _offsets(through: Vector, slab: Slab) -> list[float]:
    """Return where along the normal (mm) a slab is sampled: at least once a voxel."""
    count = max(1, math.ceil(slab.thickness_mm * max(map(abs, through)) - ON_LATTICE))
    step = slab.thickness_mm / count
    return [(n + 0.5) * step - slab.thickness_mm / 2 for n in range(count)]


def _stored(volume: Volume, found: Floats) -> Voxels:
    """Return `found` rounded to stored values; padding in place of NaN."""
    out = np.rint(found)
    np.copyto(out, volume.fill, where=np.isnan(found))
    return out.astype(volume.values.dtype)


# -- as slices lie --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Layers:
    """A plane that follows the lattice: which voxels, in order of slices, rows, columns."""

    cut: tuple[slice, slice, slice]
    through: int  # the axis of these three that the slab goes along
    is_turned: bool  # the picture's rows are the last of the two axes that remain
    finer: tuple[int, int] = (1, 1)  # rows and columns that a step of a voxel is parted into


def aligned(lattice: Lattice, plane: Plane, slab: Slab = THIN) -> Layers | None:
    """Return the voxels of a plane along the lattice, which needs hardly any interpolation.

    Between its rows, or its columns, others may lie. None if it lies otherwise.
    """
    along = ray(lattice, plane)
    finer = _parts(along.down), _parts(along.right)
    if finer != (1, 1):
        coarse = _coarse(plane, finer)
        found = aligned(lattice, coarse, slab) if coarse is not None else None
        return None if found is None else replace(found, finer=finer)
    across, down = _axis(along.right, plane.columns), _axis(along.down, plane.rows)
    if across is None or down is None or across == down:
        return None
    if any(abs(each - round(each)) > ON_LATTICE for each in along.start):
        return None
    through = 3 - across - down
    cuts = {
        across: _run(along.start[across], along.right[across], plane.columns),
        down: _run(along.start[down], along.down[down], plane.rows),
        through: _layers(along.start[through], along.through[through], slab),
    }
    kept = {axis: _inside(places, lattice.sizes[axis]) for axis, places in cuts.items()}
    if not len(kept[through]) or any(kept[axis] != cuts[axis] for axis in (across, down)):
        return None
    z, y, x = (_slice(kept[axis]) for axis in (2, 1, 0))
    return Layers((z, y, x), 2 - through, across > down)


def thickness_mm(lattice: Lattice, plane: Plane, slab: Slab) -> float:
    """Return how thick the layer that is shown is: whole slices where it follows the lattice."""
    layers = aligned(lattice, plane, THIN)
    if layers is None:
        return slab.thickness_mm
    through = abs(ray(lattice, plane).through[2 - layers.through])
    return max(1, round(slab.thickness_mm * through)) / through


def _parts(way: Vector) -> int:
    """Return into how many equal parts a way divides the step of a voxel."""
    most = max(abs(each) for each in way)
    return max(1, round(1 / most)) if most > 1 / FINER_MOST else 1


def _coarse(plane: Plane, finer: tuple[int, int]) -> Plane | None:
    """Return the plane with every so many-th row and column only; None if it ends between them."""
    (rows, rows_over), (columns, columns_over) = (
        divmod(count - 1, parts)
        for count, parts in zip((plane.rows, plane.columns), finer, strict=True)
    )
    if rows_over or columns_over:
        return None
    gaps = plane.spacing_mm[0] * finer[0], plane.spacing_mm[1] * finer[1]
    return replace(plane, spacing_mm=gaps, rows=rows + 1, columns=columns + 1)


def _finer(volume: Volume, array: Voxels, finer: tuple[int, int]) -> Voxels:
    """Return a picture with rows and columns between those that it has."""
    return _between(volume, _between(volume, array, finer[0]).T, finer[1]).T


def _between(volume: Volume, array: Voxels, parts: int) -> Voxels:
    """Return an array with `parts` - 1 rows between every two, interpolated."""
    if parts == 1:
        return array
    at = np.arange((len(array) - 1) * parts + 1)
    before, share = at // parts, (at % parts / parts).astype(np.float32)[:, None]
    after = np.minimum(before + 1, len(array) - 1)
    wide = array.astype(np.float32)
    if volume.has_padding:
        low, high = volume.padding
        wide[(array >= low) & (array <= high)] = np.nan
    first, second = wide[before], wide[after]
    found = first + (second - first) * share
    if volume.has_padding:  # what is padding takes the nearest one's value, or is the nearest
        found = np.where(np.isnan(found), np.where(share < 0.5, first, second), found)
    return _stored(volume, found)


def _axis(way: Vector, count: int) -> int | None:
    """Return the axis of the lattice that `count` steps go along from voxel to voxel."""
    axis = max(range(3), key=lambda each: abs(way[each]))
    exact = [math.copysign(1, each) if n == axis else 0.0 for n, each in enumerate(way)]
    off = max(abs(a - b) for a, b in zip(way, exact, strict=True))
    return axis if off * count < ON_LATTICE else None


def _run(start: float, step: float, count: int) -> range:
    first, by = round(start), round(step)
    return range(first, first + by * count, by)


def _layers(start: float, through: float, slab: Slab) -> range:
    """Return the slices of a slab about `start`."""
    count = max(1, round(slab.thickness_mm * abs(through)))
    first = round(start) - (count - 1) // 2
    return range(first, first + count)


def _inside(places: range, size: int) -> range:
    """Return those of the places that exist."""
    there = [each for each in (places[0], places[-1]) if 0 <= each < size]
    if len(there) == 2:
        return places
    first, stop = max(places.start, 0), min(places.stop, size)
    return range(first, max(first, stop)) if places.step == 1 else range(0)


def _slice(places: range) -> slice:
    return slice(places.start, places.stop if places.stop >= 0 else None, places.step)


def _plain(volume: Volume, layers: Layers, mode: Mode) -> Voxels:
    """Return a slice as it lies, or the greatest, the least or the mean of several."""
    part = volume.values[layers.cut]
    if part.shape[layers.through] == 1:
        array: Voxels = part.squeeze(layers.through)
    elif volume.has_padding:
        array = _padded_slab(volume, part, layers.through, mode)
    elif mode is Mode.MEAN:
        mean = part.mean(axis=layers.through, dtype=np.float32)
        array = np.rint(mean).astype(part.dtype)
    else:
        array = (np.max if mode is Mode.GREATEST else np.min)(part, axis=layers.through)
    return array.T if layers.is_turned else array


def _padded_slab(volume: Volume, part: Voxels, axis: int, mode: Mode) -> Voxels:
    """Return a slab in which padding counts for nothing."""
    gathered = _Gathered(mode)
    low, high = volume.padding
    for layer in np.moveaxis(part, axis, 0):
        values = layer.astype(np.float32)
        values[(layer >= low) & (layer <= high)] = np.nan
        gathered.add(values)
    return _stored(volume, gathered.result)


class _Gathered:
    """Layers seen as one; NaN counts for nothing."""

    def __init__(self, mode: Mode) -> None:
        self._mode = mode
        self._all: Floats | None = None
        self._count: Any = 0

    def add(self, layer: Floats) -> None:
        if self._mode is Mode.MEAN:
            is_there = ~np.isnan(layer)
            self._count = self._count + is_there
            layer = np.where(is_there, layer, np.float32(0))
        if self._all is None:
            self._all = layer
        else:
            _MIX[self._mode](self._all, layer, out=self._all)

    @property
    def result(self) -> Floats:
        assert self._all is not None
        if self._mode is not Mode.MEAN:
            return self._all
        return np.where(self._count, self._all / np.maximum(self._count, 1), np.float32(np.nan))


_MIX = {Mode.GREATEST: np.fmax, Mode.LEAST: np.fmin, Mode.MEAN: np.add}
