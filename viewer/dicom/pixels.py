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
    padding: tuple[int, int] | None = None  # lowest and highest stored value that is no image
    presentation_shape: str = "IDENTITY"  # or INVERSE
    aspect: float = 1.0  # height of a pixel over its width
    spacing_mm: tuple[float, float] | None = None  # between rows, between columns
    modality: str = ""
    lossy: bool = False
    calibration: Calibration = field(default_factory=Calibration)

    @property
    def rows(self) -> int:
        return int(self.array.shape[0])

    @property
    def columns(self) -> int:
        return int(self.array.shape[1])
