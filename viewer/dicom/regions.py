"""The regions of an ultrasound picture: each a rectangle with axes of its own. PS3.3 C.8.5.5."""

from __future__ import annotations

import math
from dataclasses import dataclass

MOST = 64
CM, SECONDS, HERTZ, CM_A_SECOND, DEGREES = 3, 4, 5, 7, 12
UNITS = {  # of physical units: their factor and their name
    1: (1.0, "%"),
    2: (1.0, "dB"),
    CM: (10.0, "mm"),
    SECONDS: (1.0, "s"),
    HERTZ: (1.0, "Hz"),
    6: (1.0, "dB/s"),
    CM_A_SECOND: (1.0, "cm/s"),
    8: (1.0, "cm²"),
    9: (1.0, "cm²/s"),
    10: (1.0, "cm³"),
    11: (1.0, "cm³/s"),
    DEGREES: (1.0, "°"),
}
GRAPHICS = 5  # a spatial format without measures
_LOW = 1  # a flag: another region that overlaps goes first
DELTA_LEAST, DELTA_MOST = 1e-9, 1e4


@dataclass(frozen=True, slots=True)
class Region:
    """One region; pixels count from 0, edges belong to it."""

    left: int
    top: int
    right: int
    bottom: int
    units: tuple[int, int]  # across, down
    delta: tuple[float, float]  # a pixel to the right, a pixel down
    reference_px: tuple[int, int] | None = None  # counted from the region's corner
    reference: tuple[float, float] = (0.0, 0.0)  # the values there
    spatial_format: int = 0  # 1: two-dimensional, 2: M-mode, 3: spectral, 4: waveform
    data_type: int = 0  # 1: tissue, 2: colour flow, 3 and 4: Doppler, ...
    flags: int = 0

    def holds(self, point_px: tuple[float, float]) -> bool:
        """Whether a point (column, row) lies in it."""
        x, y = point_px
        return self.left - 0.5 <= x <= self.right + 0.5 and self.top - 0.5 <= y <= self.bottom + 0.5

    @property
    def is_plane(self) -> bool:
        """Whether lengths can be measured in every direction."""
        return self.units == (CM, CM)

    @property
    def rank(self) -> tuple[bool, int]:
        """Which of two that overlap is meant: that of higher priority, else the smaller one."""
        size = (self.right - self.left + 1) * (self.bottom - self.top + 1)
        return bool(self.flags & _LOW), size

    def values_at(self, point_px: tuple[float, float]) -> tuple[float, float] | None:
        """Return the physical values at a point, in `units`; None without a reference pixel."""
        if self.reference_px is None:
            return None
        x = point_px[0] - self.left - self.reference_px[0]
        y = point_px[1] - self.top - self.reference_px[1]
        return self.reference[0] + x * self.delta[0], self.reference[1] + y * self.delta[1]


def is_usable(region: Region, rows: int, columns: int) -> bool:
    """Whether it can be: within the picture, with axes that mean something."""
    inside = 0 <= region.left < region.right < columns and 0 <= region.top < region.bottom < rows
    sizes = all(
        math.isfinite(each) and DELTA_LEAST <= abs(each) <= DELTA_MOST for each in region.delta
    )
    known = all(each in UNITS for each in region.units)
    return inside and sizes and known and region.spatial_format != GRAPHICS


def region_for(
    regions: tuple[Region, ...], points_px: tuple[tuple[float, float], ...]
) -> Region | None:
    """Return the region that all points lie in."""
    around = [each for each in regions if all(map(each.holds, points_px))]
    return min(around, key=lambda each: each.rank, default=None)
