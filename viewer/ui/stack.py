"""Where the pictures of a pile lie in the person, so that piles can be gone through together."""

from __future__ import annotations

import functools
import math

import numpy as np
import numpy.typing as npt

from viewer.dicom import geometry
from viewer.dicom.geometry import Plane, Vector, dot
from viewer.ui.pile import Pile

LEAST_PARALLEL = math.cos(math.radians(5))  # between normals; beyond it, slices mean other things
SAME_DEPTH_MM = 1e-3
PLANES_KEPT = 8


class Stack:
    """The planes of a pile. Parallel ones have a depth along their common normal."""

    def __init__(self, pile: Pile) -> None:
        self._pile = pile
        self._planes: dict[int, Plane | None] = {}
        first = self.plane(0) if len(pile) else None
        self.frame_of_reference = first.frame_of_reference if first else ""
        self.normal: Vector | None = first.normal if first else None
        self._depths = self._measure(first)
        if self._depths is None:
            self.normal = None

    def plane(self, place: int) -> Plane | None:
        """Return where the picture at a place lies; None if the file does not say."""
        if place not in self._planes:
            if len(self._planes) >= PLANES_KEPT:
                self._planes.clear()
            instance, frame = self._pile.at(place)
            self._planes[place] = geometry.plane(self._pile.headers[instance], frame)
        return self._planes[place]

    def _measure(self, first: Plane | None) -> npt.NDArray[np.float64] | None:
        """Return each place's depth in mm, or None if the pictures are not parallel."""
        if first is None or first.frame_of_reference == "":
            return None
        depths = np.empty(len(self._pile))
        known = self._pile.headers[self._pile.at(0)[0]].orientation
        for place in range(len(self._pile)):
            instance, frame = self._pile.at(place)
            header = self._pile.headers[instance]
            if header.frame_of_reference != first.frame_of_reference:
                return None
            position = header.frame_positions[frame] if header.frame_positions else header.position
            orientation = header.orientation
            if header.frame_orientations:
                orientation = header.frame_orientations[frame]
            if position is None or (header.frames > 1 and not header.frame_positions):
                return None
            if orientation != known and not self._is_alike(place, first):
                return None
            depths[place] = dot(first.normal, position)
        return depths

    def _is_alike(self, place: int, first: Plane) -> bool:
        plane = self.plane(place)
        return plane is not None and dot(plane.normal, first.normal) >= LEAST_PARALLEL

    def depth_mm(self, place: int) -> float | None:
        """Return how far along the normal a place lies."""
        return None if self._depths is None else float(self._depths[place])

    def nearest(self, depth_mm: float, near: int) -> int | None:
        """Return the place nearest to this depth, and of several there the one next to `near`.

        None if there are no depths.
        """
        if self._depths is None:
            return None
        away = np.abs(self._depths - depth_mm)
        places = np.flatnonzero(away <= float(away.min()) + SAME_DEPTH_MM)
        return int(places[np.argmin(np.abs(places - near))])

    def reaches(self, depth_mm: float) -> bool:
        """Whether there is a slice at this depth."""
        if self._depths is None:
            return False
        return float(np.abs(self._depths - depth_mm).min()) <= max(self.step_mm, SAME_DEPTH_MM)

    def depth_of(self, point_mm: Vector) -> float | None:
        """Return how far along the normal a point of the person lies."""
        return None if self.normal is None else dot(self.normal, point_mm)

    @functools.cached_property
    def step_mm(self) -> float:
        """The widest step from one depth to the next."""
        if self._depths is None:
            return 0.0
        steps = np.diff(np.unique(self._depths))
        return max(map(float, steps), default=0.0)

    @property
    def ends(self) -> tuple[Plane, ...]:
        """The first and the last plane of a stack of parallel ones."""
        if self._depths is None or len(self._pile) < 2:
            return ()
        found = (self.plane(0), self.plane(len(self._pile) - 1))
        return tuple(each for each in found if each is not None)

    def is_parallel(self, other: Stack) -> bool:
        """Whether both are cut in (nearly) the same direction, or its opposite."""
        if self.normal is None or other.normal is None:
            return False
        return abs(dot(self.normal, other.normal)) >= LEAST_PARALLEL

    def is_of_one_space(self, other: Stack) -> bool:
        """Whether a place in one is known to be a place in the other."""
        return bool(self.frame_of_reference) and (
            self.frame_of_reference == other.frame_of_reference
        )
