"""Which stored values become black, which white: windows, tables, presets, and what is the default.

The default is the header's first window, else its first table, else minimum to maximum. Source:
PS3.3 C.11.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.dicom.pixels import Lut, Pixels
from viewer.render.modality import modality_values

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Window:
    """The values from `center - width/2` to `center + width/2`, after the modality step."""

    center: float
    width: float
    function: str = "LINEAR"  # LINEAR, LINEAR_EXACT or SIGMOID

    @property
    def is_usable(self) -> bool:
        return math.isfinite(self.center) and math.isfinite(self.width) and self.width > 0


Voi = Window | Lut

# Keys 1 to 5 in a CT. Plain name, window.
CT_PRESETS: tuple[tuple[str, Window], ...] = (
    ("Soft tissue", Window(40, 400)),
    ("Lungs", Window(-600, 1500)),
    ("Liver", Window(90, 150)),
    ("Bones", Window(480, 2500)),
    ("Brain", Window(40, 80)),
)


def header_windows(pixels: Pixels) -> tuple[tuple[str, Window], ...]:
    """Return the windows that the header names and that can be used, with their explanations."""
    found = (
        (explanation, Window(center, width, pixels.voi_function))
        for center, width, explanation in pixels.windows
    )
    return tuple(each for each in found if each[1].is_usable)


def header_vois(pixels: Pixels) -> tuple[tuple[str, Voi], ...]:
    """Return all that the header offers to see the picture by, with their explanations.

    Each is an alternative view; windows come first. Source: PS3.3 C.11.2.1.
    """
    tables = ((each.explanation, each) for each in pixels.voi_luts if len(each.values))
    return (*header_windows(pixels), *tables)


def default_window(pixels: Pixels, whole: Window | None = None) -> Voi:
    """Return what the picture is first seen by: a Window, or the header's own table.

    Args:
        whole: its full range, if that is known already.
    """
    offered = header_vois(pixels)
    return offered[0][1] if offered else whole or full_range(pixels)


def full_range(pixels: Pixels) -> Window:
    """Return the window from the least to the greatest value, padding left out."""
    low, high = value_range(pixels)
    if low == high:  # one value alone is the least
        high = low + 1
    return Window(low / 2 + high / 2, high - low, "LINEAR_EXACT")


def value_range(pixels: Pixels) -> tuple[float, float]:
    """Return the least and greatest modality value that is neither padding nor infinite."""
    seen = pixels.array[~padding_mask(pixels)] if pixels.padding else pixels.array
    if seen.dtype.kind == "f":
        seen = seen[np.isfinite(seen)]
    if not seen.size:
        return 0.0, 0.0
    if pixels.modality_lut is None:  # monotonic: the ends suffice
        seen = np.array([np.min(seen), np.max(seen)])
    values = modality_values(pixels, seen)
    return float(np.min(values)), float(np.max(values))


def padding_mask(pixels: Pixels, stored: npt.NDArray[Any] | None = None) -> npt.NDArray[np.bool_]:
    """Return where there is no image. Source: PS3.3 C.7.5.1.1.2."""
    values = pixels.array if stored is None else stored
    if pixels.padding is None:
        return np.zeros(values.shape, dtype=bool)
    low, high = pixels.padding
    return np.asarray((values >= low) & (values <= high))


def as_window(voi: Voi) -> Window:
    """Return the window that is nearest to `voi`, to go on from by hand."""
    if isinstance(voi, Window):
        return voi
    width = max(1, len(voi.values) - 1)
    return Window(voi.first + width / 2, width, "LINEAR_EXACT")


def apply_voi(values: Floats, voi: Voi) -> Floats:
    """Return `values` as brightness from 0 to 1.

    Source: PS3.3 C.11.2.1.1, C.11.2.1.2, C.11.2.1.3.
    """
    if isinstance(voi, Lut):
        steps = np.rint(np.nan_to_num(values) - voi.first)
        place = np.clip(steps, 0, len(voi.values) - 1).astype(np.intp)
        scale = 1.0 / (2 ** entry_bits(voi) - 1)
        return np.asarray(voi.values.astype(np.float64).take(place) * scale)
    if not voi.is_usable:
        raise ValueError("a window must be finite and wider than 0")
    if voi.function == "SIGMOID":
        power = np.clip(-4.0 / voi.width * (values - voi.center), -700, 700)
        return np.asarray(1.0 / (1.0 + np.exp(power)))
    center, width = voi.center, voi.width
    if voi.function != "LINEAR_EXACT" and width >= 1:  # under 1, LINEAR has no meaning
        center, width = center - 0.5, width - 1
    if width == 0:
        return np.asarray(values > center, dtype=np.float64)
    out = values * (1.0 / width)
    out += 0.5 - center / width
    return np.asarray(np.clip(out, 0.0, 1.0, out=out))


def entry_bits(table: Lut) -> int:
    """Return the bits of an entry; if a table holds more than it says, what it holds counts."""
    return min(16, max(table.bits, int(np.max(table.values)).bit_length(), 1))
