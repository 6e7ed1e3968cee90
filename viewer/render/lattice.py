"""Where the voxels of a volume lie: a lattice that may lean, as it does when the gantry is tilted.

An index is (column, row, slice), of middles of voxels; a point is in mm. Source: PS3.3 C.7.6.2.1.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from viewer.dicom.geometry import Vector, cross, dot

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """The voxels' places in the space of one frame of reference."""

    shape: tuple[int, int, int]  # slices, rows, columns
    affine: Matrix = field(repr=False)  # 4 x 4: index to point; its axes need not be square
    frame_of_reference: str = ""
    inverse: Matrix = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "inverse", np.linalg.inv(self.affine))

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Voxels along the axes of an index: columns, rows, slices."""
        slices, rows, columns = self.shape
        return columns, rows, slices

    @property
    def steps(self) -> tuple[Vector, Vector, Vector]:
        """From a voxel to the next one along each axis of an index, mm."""
        first, second, third = (_vector(self.affine[:3, axis]) for axis in range(3))
        return first, second, third

    @property
    def spacing_mm(self) -> Vector:
        """Distance of the middles of neighbours along each axis of an index."""
        x, y, z = (math.hypot(*each) for each in self.steps)
        return x, y, z

    @property
    def tilt_deg(self) -> float:
        """The angle by which the way from slice to slice leans from the slices' normal."""
        across, down, on = self.steps
        normal = cross(across, down)
        share = dot(normal, on) / (math.hypot(*normal) * math.hypot(*on))
        return math.degrees(math.acos(min(1.0, abs(share))))

    @property
    def middle_mm(self) -> Vector:
        """The point in the middle of all voxels."""
        x, y, z = ((size - 1) / 2 for size in self.sizes)
        return self.to_patient((x, y, z))

    @property
    def corners_mm(self) -> tuple[Vector, ...]:
        """The middles of the eight outermost voxels."""
        x, y, z = (size - 1 for size in self.sizes)
        return tuple(self.to_patient((i, j, k)) for i in (0, x) for j in (0, y) for k in (0, z))

    def to_patient(self, index: Sequence[float]) -> Vector:
        """Return the point of an index."""
        return _vector(self.affine[:3, :3] @ index + self.affine[:3, 3])

    def to_index(self, point_mm: Sequence[float]) -> Vector:
        """Return the index, not rounded, of a point."""
        return _vector(self.inverse[:3, :3] @ point_mm + self.inverse[:3, 3])

    def turned(self, way_mm: Sequence[float]) -> Vector:
        """Return by how much an index changes on a way."""
        return _vector(self.inverse[:3, :3] @ way_mm)


def _vector(found: npt.NDArray[np.float64]) -> Vector:
    x, y, z = (float(each) for each in found)
    return x, y, z
