"""From pixels to units, where they are known, for a shape at its place in the picture."""

from __future__ import annotations

from dataclasses import dataclass

from viewer.dicom.calibration import Basis
from viewer.dicom.pixels import Pixels
from viewer.dicom.regions import UNITS, Region, region_for
from viewer.measure.shapes import Point

ACROSS_AREAS = "It goes from one measured area into another"
LEAVES_AREA = "It leaves the area that can be measured"


@dataclass(frozen=True, slots=True)
class Scale:
    """How much a pixel to the right and a pixel down are, and in what."""

    across: float
    down: float
    units: tuple[str, str]
    basis: Basis
    region: Region | None = None

    @property
    def is_even(self) -> bool:
        """Whether both axes measure the same, so that lengths in any direction mean something."""
        return self.units[0] == self.units[1]

    @property
    def unit(self) -> str:
        return self.units[0]

    def vector(self, one: Point, other: Point) -> Point:
        """Return the way from one point to another, in units."""
        return (other[0] - one[0]) * self.across, (other[1] - one[1]) * self.down


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no number, as a sentence without its full stop."""

    why: str


def scale_for(pixels: Pixels, points: tuple[Point, ...]) -> Scale | Refusal:
    """Return the scale that holds for a shape; a refusal where parts of it measure differently."""
    found = pixels.calibration
    if found.regions:
        return _in_regions(pixels, points)
    if found.spacing_mm is not None:
        down, across = found.spacing_mm
        return Scale(across, down, ("mm", "mm"), found.basis)
    return _in_pixels(pixels)


def _in_pixels(pixels: Pixels) -> Scale:
    """One is the width of a pixel; pixels that are not square are as high as they are drawn."""
    return Scale(1.0, pixels.aspect, ("px", "px"), Basis.NONE)


def _in_regions(pixels: Pixels, points: tuple[Point, ...]) -> Scale | Refusal:
    regions = pixels.calibration.regions
    found = region_for(regions, points)
    if found is not None:
        (by_x, unit_x), (by_y, unit_y) = UNITS[found.units[0]], UNITS[found.units[1]]
        across, down = abs(found.delta[0]) * by_x, abs(found.delta[1]) * by_y
        return Scale(across, down, (unit_x, unit_y), Basis.REGIONS, found)
    inside = [any(each.holds(point) for each in regions) for point in points]
    if not any(inside):
        return _in_pixels(pixels)
    return Refusal(ACROSS_AREAS if all(inside) else LEAVES_AREA)
