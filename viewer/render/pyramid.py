"""A frame made ready to be drawn at any zoom: the values themselves, and halves of halves."""

from __future__ import annotations

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
from viewer.render.voi import Voi, default_window

SMALLEST_PX = 128  # no level below this side
KEPT_FROM_PX = 1 << 20  # halves of smaller pictures are made as they are drawn, and not kept
LEVEL_MIN = 0.9  # a level serves down to this share of the resolution asked for


@dataclass(frozen=True, slots=True, eq=False)
class Drawable:
    """A frame with its pyramid; immutable, made off the interface's thread."""

    pixels: Pixels
    levels: tuple[npt.NDArray[Any], ...] = field(repr=False)  # stored values, or RGB; those kept
    default: Voi = field(repr=False)
    colour: bool
    overlays: tuple[Bytes8, ...] = field(default=(), repr=False)  # codes, of each level

    @property
    def size_bytes(self) -> int:
        own = sum(level.nbytes for level in (*self.levels, *self.overlays))
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
    return Drawable(pixels, tuple(levels), default_window(pixels), colour, tuple(over))


def depth(shape: tuple[int, ...]) -> int:
    """Return how many levels a picture of so many rows and columns has."""
    rows, columns, count = shape[0], shape[1], 1
    while max(rows, columns) >= 2 * SMALLEST_PX and min(rows, columns) >= 2:
        rows, columns, count = rows // 2, columns // 2, count + 1
    return count


def half(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return means of 2 x 2, in the same type; an odd last row or column is left out."""
    kind, size = array.dtype.kind, array.dtype.itemsize
    rows, columns = array.shape[0] // 2 * 2, array.shape[1] // 2 * 2
    wide = np.dtype(f"{kind}{min(8, 2 * size)}")  # four of the same do not overflow it
    both = np.add(array[0:rows:2, :columns], array[1:rows:2, :columns], dtype=wide)
    total: npt.NDArray[Any] = np.add(both[:, 0::2], both[:, 1::2], dtype=wide)
    if kind == "f":
        total *= 0.25
    else:
        total >>= 2
    return total.astype(array.dtype)
