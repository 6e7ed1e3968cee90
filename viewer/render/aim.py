"""Three pictures of a volume that cross in one point: where they lie, how they move and turn.

At first they follow the volume's own axes, named by the axes of the person that these are nearest
to; where the gantry was tilted, they are true to the table instead. Each is seen as is usual: from
the feet, from the front, and from the left.
"""

from __future__ import annotations

import enum
import functools
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from viewer.dicom.geometry import Plane, Vector, cross, dot, minus
from viewer.render.lattice import Lattice

LEANS_FROM_DEG = 0.1
SIDE_MOST_PX = 1024
ROUNDING = 1e-6  # px; a picture's size does not change while it is scrolled
ALONG = 1e-10  # by which the cosine of a direction along the lattice may be off


class View(enum.Enum):
    """One of the three pictures."""

    AXIAL = "Axial"
    CORONAL = "Coronal"
    SAGITTAL = "Sagittal"


@dataclass(frozen=True, slots=True)
class Facing:
    """How a picture lies: unit vectors along its rows and down its columns."""

    row: Vector
    column: Vector

    @property
    def normal(self) -> Vector:
        return cross(self.row, self.column)


@dataclass(frozen=True, slots=True)
class Aim:
    """The point that all three pictures show, and how each of them faces."""

    lattice: Lattice
    point_mm: Vector
    facing: Mapping[View, Facing]

    def is_turned(self, view: View) -> bool:
        """Whether a picture lies otherwise than at first."""
        return self.facing[view] != start(self.lattice).facing[view]

    def plane(self, view: View) -> Plane:
        """Return where a picture lies: all of the volume, or what of it can lie in the plane."""
        facing = self.facing[view]
        return _along(self.lattice, self.point_mm, facing) or _across(
            self.lattice, self.point_mm, facing
        )

    def moved(self, point_mm: Vector) -> Aim:
        """Return the aim at another point inside the volume.

        What is seen as slices lie is seen in the middle of a slice.
        """
        index = [
            min(max(at, 0.0), size - 1.0)
            for at, size in zip(self.lattice.to_index(point_mm), self.lattice.sizes, strict=True)
        ]
        for facing in self.facing.values():
            axes = _axis(self.lattice, facing.row), _axis(self.lattice, facing.column)
            if axes[0] is not None and axes[1] is not None:
                through = 3 - axes[0] - axes[1]
                index[through] = float(round(index[through]))
        return replace(self, point_mm=self.lattice.to_patient(index))

    def scrolled(self, view: View, steps: int) -> Aim:
        """Return the aim so many slices further along a picture's normal, or at its end."""
        sign = 1.0 if steps > 0 else -1.0
        x, y, z = (sign * each for each in self.facing[view].normal)
        through = self.lattice.turned((x, y, z))
        wanted_mm = abs(steps) / max(abs(each) for each in through)
        way_mm = min(wanted_mm, _room_mm(self.lattice, self.point_mm, through))
        a, b, c = self.point_mm
        return self.moved((a + way_mm * x, b + way_mm * y, c + way_mm * z))

    def turned(self, view: View, angle: float) -> Aim:
        """Return the other two pictures turned about this one's normal, as seen in it.

        Args:
            angle: radians, clockwise on the screen.
        """
        about = self.facing[view].normal
        facing = {
            other: each
            if other is view
            else Facing(_turned(each.row, about, angle), _turned(each.column, about, angle))
            for other, each in self.facing.items()
        }
        return replace(self, facing=facing)

    def straightened(self) -> Aim:
        """Return the aim with the pictures as they lay at first."""
        return replace(self, facing=start(self.lattice).facing).moved(self.point_mm)


@functools.lru_cache(maxsize=8)
def start(lattice: Lattice) -> Aim:
    """Return the aim at the middle of a volume, nothing turned."""
    left, back, head = _axes(lattice)
    feet = _times(head, -1.0)
    facing = {
        View.AXIAL: Facing(left, back),
        View.CORONAL: Facing(left, feet),
        View.SAGITTAL: Facing(back, feet),
    }
    return Aim(lattice, lattice.middle_mm, facing).moved(lattice.middle_mm)


def _room_mm(lattice: Lattice, point_mm: Vector, through: Vector) -> float:
    """Return how far a point can go in a direction (voxels a mm) until it leaves the volume."""
    index = lattice.to_index(point_mm)
    ends = (
        ((size - 1.0 if step > 0 else 0.0) - at) / step
        for at, step, size in zip(index, through, lattice.sizes, strict=True)
        if abs(step) > ALONG
    )
    return max(0.0, min(ends))


def _axes(lattice: Lattice) -> tuple[Vector, Vector, Vector]:
    """Return the volume's directions that are nearest to left, back and head, at right angles."""
    across, down, on = (_unit(each) for each in lattice.steps)
    if lattice.tilt_deg > LEANS_FROM_DEG:
        # The table moves along the slices' way; what is seen along it is not foreshortened.
        across = _unit(_without(across, on))
        down = cross(on, across)
    axes = across, down, on
    best = max(
        itertools.permutations(range(3)),
        key=lambda order: sum(abs(axes[own][each]) for each, own in enumerate(order)),
    )
    left, back, head = (
        axes[own] if axes[own][each] > 0 else _times(axes[own], -1.0)
        for each, own in enumerate(best)
    )
    return left, back, head


def _along(lattice: Lattice, point_mm: Vector, facing: Facing) -> Plane | None:
    """Return the voxels' own slice nearest to a point, if what faces so follows the lattice."""
    across, down = _axis(lattice, facing.row), _axis(lattice, facing.column)
    if across is None or down is None:
        return None
    index = [float(round(each)) for each in lattice.to_index(point_mm)]
    for axis, way in ((across, facing.row), (down, facing.column)):
        is_forward = dot(lattice.steps[axis], way) > 0
        index[axis] = 0.0 if is_forward else lattice.sizes[axis] - 1.0
    gaps = lattice.spacing_mm[down], lattice.spacing_mm[across]
    rows, columns = (round(gap / min(gaps)) for gap in gaps)  # for pixels that are nearly square
    return Plane(
        origin_mm=lattice.to_patient(index),
        row=facing.row,
        column=facing.column,
        spacing_mm=(gaps[0] / rows, gaps[1] / columns),
        rows=(lattice.sizes[down] - 1) * rows + 1,
        columns=(lattice.sizes[across] - 1) * columns + 1,
        frame_of_reference=lattice.frame_of_reference,
    )


def _axis(lattice: Lattice, direction: Vector) -> int | None:
    """Return the axis of the lattice that a direction goes along."""
    for axis, step in enumerate(lattice.steps):
        if abs(abs(dot(_unit(step), direction)) - 1) < ALONG:
            return axis
    return None


def _across(lattice: Lattice, point_mm: Vector, facing: Facing) -> Plane:
    """Return a picture of square pixels that holds all of the volume that can lie in it."""
    corners = [minus(each, point_mm) for each in lattice.corners_mm]
    gap = min(lattice.spacing_mm)
    spans = []
    for way in (facing.row, facing.column):
        seen = [dot(each, way) for each in corners]
        spans.append((min(seen) - gap / 2, max(seen) + gap / 2))
    gap = max(gap, max(high - low for low, high in spans) / SIDE_MOST_PX)
    (left, right), (top, bottom) = spans
    x, y, z = (
        p + left * r + top * c for p, r, c in zip(point_mm, facing.row, facing.column, strict=True)
    )
    return Plane(
        origin_mm=(x, y, z),
        row=facing.row,
        column=facing.column,
        spacing_mm=(gap, gap),
        rows=math.ceil((bottom - top) / gap - ROUNDING) + 1,
        columns=math.ceil((right - left) / gap - ROUNDING) + 1,
        frame_of_reference=lattice.frame_of_reference,
    )


def _unit(way: Vector) -> Vector:
    return _times(way, 1 / math.hypot(*way))


def _times(way: Vector, factor: float) -> Vector:
    x, y, z = (each * factor for each in way)
    return x, y, z


def _without(way: Vector, other: Vector) -> Vector:
    """Return what of a way is at a right angle to a unit vector."""
    share = dot(way, other)
    x, y, z = (a - share * b for a, b in zip(way, other, strict=True))
    return x, y, z


def _turned(way: Vector, about: Vector, angle: float) -> Vector:
    """Return a way turned about a unit vector, by the right hand. Source: Rodrigues' formula."""
    c, s = math.cos(angle), math.sin(angle)
    beside, share = cross(about, way), dot(about, way)
    x, y, z = (
        a * c + b * s + o * share * (1 - c) for a, b, o in zip(way, beside, about, strict=True)
    )
    return x, y, z
