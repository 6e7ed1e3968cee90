"""A frame made ready to be drawn at any zoom: the values themselves, and halves of halves; of what
is large, two thirds too, so that no zoom looks up far more values than the screen can show."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.dicom.pixels import Pixels
from viewer.render import overlays
from viewer.render.modality import modality_values
from viewer.render.pipeline import (
    Bytes8,
    has_table,
    is_colour,
    lut_for,
    places,
    shade,
    to_rgb8,
)
from viewer.render.voi import Voi, Window, default_window, full_range

SMALLEST_PX = 128  # no level below this side
KEPT_FROM_PX = 1 << 20  # halves of smaller pictures are made as they are drawn, and not kept
LARGE_PX = 1 << 21  # from here on a level has two thirds of itself beside it
LEVEL_MIN = 0.9  # a level serves down to this share of the resolution asked for


@dataclass(frozen=True, slots=True, eq=False)
class Drawable:
    """A frame with its pyramid; immutable, made off the interface's thread."""

    pixels: Pixels
    levels: tuple[npt.NDArray[Any], ...] = field(repr=False)  # stored values, or RGB; those kept
    default: Voi = field(repr=False)
    colour: bool
    overlays: tuple[Bytes8, ...] = field(default=(), repr=False)  # codes, of each level
    between: tuple[npt.NDArray[Any], ...] = field(default=(), repr=False)  # of the first levels
    whole: Window | None = None  # from the least to the greatest value; none of colours

    @property
    def size_bytes(self) -> int:
        own = sum(level.nbytes for level in (*self.levels, *self.between, *self.overlays))
        own += sum(each.bits.nbytes for each in self.pixels.overlays)
        return own + (0 if self.levels[0] is self.pixels.array else self.pixels.array.nbytes)

    @property
    def rows(self) -> int:
        return self.pixels.rows

    @property
    def columns(self) -> int:
        return self.pixels.columns

    @property
    def depth(self) -> int:
        """How many levels there are, kept or not."""
        return depth(self.levels[0].shape)

    def level(self, number: int) -> npt.NDArray[Any]:
        """Return a level, made now if it is not kept."""
        found = self.levels[min(number, len(self.levels) - 1)]
        for _ in range(number - len(self.levels) + 1):
            found = half(found)
        return found

    def level_for(self, scale: float) -> int:
        """Return the smallest level that is fine enough for `scale` screen px a pixel."""
        level = 0
        while level + 1 < self.depth and scale * 2 ** (level + 1) <= 1 / LEVEL_MIN:
            level += 1
        return level

    def step_for(self, scale: float) -> float:
        """Return how many pixels wide a value of the smallest array fine enough is: 1, 1.5, 2..."""
        number = self.level_for(scale)
        step = 1.5 * 2**number
        fits = number < len(self.between) and scale * step <= 1 / LEVEL_MIN
        return step if fits else float(2**number)

    def at_step(self, step: float) -> npt.NDArray[Any]:
        """Return the array whose values are so many pixels wide."""
        number = int(math.log2(step))
        return self.level(number) if step == 2**number else self.between[number]

    def table(self, voi: Voi | None, inverted: bool) -> Bytes8 | None:
        """Return what `draw` needs of window and inversion; None if there is no table."""
        if self.colour or not has_table(self.pixels):
            return None
        return lut_for(self.pixels, voi or self.default, inverted)

    def draw(
        self, part: npt.NDArray[Any], table: Bytes8 | None, voi: Voi | None, inverted: bool
    ) -> Bytes8:
        """Return a crop of a level as contiguous grey or RGB."""
        if self.colour:
            return np.ascontiguousarray(255 - part if inverted else part)
        if table is not None:
            return table.take(places(part))
        values = modality_values(self.pixels, part)
        return shade(self.pixels, part, values, voi or self.default, inverted)

    def small(self, side: int) -> Bytes8:
        """Return the whole picture from a level just over `side` px, by the default window."""
        longest = max(self.rows, self.columns)
        level = self.level(self.level_for(side / longest))
        return self.draw(level, self.table(None, False), None, False)


def prepare(pixels: Pixels) -> Drawable:
    """Return `pixels` ready to be drawn."""
    colour = is_colour(pixels)
    base = to_rgb8(pixels) if colour else np.ascontiguousarray(pixels.array)
    levels = [base]
    codes = overlays.plane(pixels)
    if codes is not None or base.shape[0] * base.shape[1] >= KEPT_FROM_PX:
        for _ in range(1, depth(base.shape)):
            levels.append(half(levels[-1]))
    over = [] if codes is None else [codes]
    while over and len(over) < len(levels):
        over.append(overlays.half(over[-1]))
    between = tuple(
        two_thirds(level) for level in levels if level.shape[0] * level.shape[1] >= LARGE_PX
    )
    whole = None if colour else full_range(pixels)
    default = default_window(pixels, whole)
    return Drawable(pixels, tuple(levels), default, colour, tuple(over), between, whole)


def depth(shape: tuple[int, ...]) -> int:
    """Return how many levels a picture of so many rows and columns has."""
    rows, columns, count = shape[0], shape[1], 1
    while max(rows, columns) >= 2 * SMALLEST_PX and min(rows, columns) >= 2:
        rows, columns, count = rows // 2, columns // 2, count + 1
    return count


def half(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return means of 2 x 2, in the same type; an odd last row or column is left out."""
    kind, wide = array.dtype.kind, _wide(array.dtype)
    rows, columns = array.shape[0] // 2 * 2, array.shape[1] // 2 * 2
    both = np.add(array[0:rows:2, :columns], array[1:rows:2, :columns], dtype=wide)
    total: npt.NDArray[Any] = np.add(both[:, 0::2], both[:, 1::2], dtype=wide)
    if kind == "f":
        total *= 0.25
    else:
        total >>= 2
    return total.astype(array.dtype)


def two_thirds(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return means of 1.5 x 1.5, in the same type; what is left over of three is left out."""
    kind, wide = array.dtype.kind, _wide(array.dtype)
    rows, columns = array.shape[0] // 3, array.shape[1] // 3
    part = array[: 3 * rows, : 3 * columns]
    tall = np.empty((2 * rows, *part.shape[1:]), wide)
    _weigh(part[0::3], part[1::3], tall[0::2])
    _weigh(part[2::3], part[1::3], tall[1::2])
    total = np.empty((2 * rows, 2 * columns, *part.shape[2:]), wide)
    _weigh(tall[:, 0::3], tall[:, 1::3], total[:, 0::2])
    _weigh(tall[:, 2::3], tall[:, 1::3], total[:, 1::2])
    if kind == "f":
        total *= 1 / 9
    else:
        total //= 9
    return total.astype(array.dtype)


def _weigh(twice: npt.NDArray[Any], once: npt.NDArray[Any], out: npt.NDArray[Any]) -> None:
    out[:] = twice
    out *= 2
    out += once


def _wide(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type that nine of the same do not overflow."""
    return np.dtype(f"{dtype.kind}{min(8, 2 * dtype.itemsize)}")
