"""One decoded frame and all that the way from stored values to the screen needs to know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.dicom.calibration import Calibration

Values = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Lut:
    """A lookup table as stored. Source: PS3.3 C.11.1.1, C.11.2.1.1, C.7.6.3.1.5."""

    first: int  # the stored value that maps to entry 0; what lies below maps to it too
    bits: int  # of each entry
    values: npt.NDArray[np.uint16]
    explanation: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """Three tables that make a colour of one stored value."""

    red: Lut
    green: Lut
    blue: Lut


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """A plane of one bit a pixel that belongs over the picture. Source: PS3.3 C.9.2.

    Only what lies within the picture is kept.
    """

    bits: npt.NDArray[np.bool_]  # rows x columns
    row: int  # of the picture on which its first row lies, from 0
    column: int
    kind: str  # G: graphics, such as letters; R: a region of interest
    label: str = ""


@dataclass(frozen=True, slots=True)
class Pixels:
    """A frame: stored values after the codec, never rescaled or windowed.

    Colour is RGB already, whatever it was stored as; a palette is still to be applied.
    """

    array: Values = field(repr=False, compare=False)  # rows x columns, or rows x columns x 3
    photometric: str  # MONOCHROME1, MONOCHROME2, PALETTE COLOR or RGB
    bits_stored: int
    signed: bool
    rescale_slope: float = 1.0
    rescale_intercept: float = 0.0
    rescale_type: str = ""
    modality_lut: Lut | None = None
    windows: tuple[tuple[float, float, str], ...] = ()  # centre, width, explanation
    voi_function: str = "LINEAR"  # LINEAR, LINEAR_EXACT or SIGMOID
    voi_luts: tuple[Lut, ...] = ()
    palette: Palette | None = None
    padding: tuple[float, float] | None = None  # lowest and highest stored value that is no image
    presentation_shape: str = ""  # IDENTITY or INVERSE; empty if the file says neither
    presentation_lut: Lut | None = None  # of the whole range that the window gives
    overlays: tuple[Overlay, ...] = field(default=(), repr=False, compare=False)
    aspect: float = 1.0  # height of a pixel over its width
    spacing_mm: tuple[float, float] | None = None  # between rows, between columns
    modality: str = ""
    lossy: bool = False
    lossy_ratios: tuple[float, ...] = ()  # of each compression with loss, in their order
    lossy_methods: tuple[str, ...] = ()  # of each, such as ISO_10918_1
    colour_profile: str = ""  # "applied", or "ignored" because it is damaged or of another kind
    calibration: Calibration = field(default_factory=Calibration)

    @property
    def rows(self) -> int:
        return int(self.array.shape[0])

    @property
    def columns(self) -> int:
        return int(self.array.shape[1])

    @property
    def lossy_ratio(self) -> float | None:
        """Return N of N:1, the strongest compression with loss that the file admits."""
        return max(self.lossy_ratios, default=None)
