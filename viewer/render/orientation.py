"""Which side of the person each edge of a picture shows. Source: PS3.3 C.7.6.1.1.1, C.7.6.2.1.1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LETTERS = (("L", "R"), ("P", "A"), ("H", "F"))  # toward +x, -x; +y, -y; +z, -z
LEAST = 0.2  # a direction that turns less than this toward an axis does not name it
WORDS = {
    "L": "left",
    "R": "right",
    "P": "back",
    "A": "front",
    "H": "head",
    "F": "feet",
}


@dataclass(frozen=True, slots=True)
class Edges:
    """Letters for the four edges; the strongest direction first, such as "LP"."""

    left: str
    right: str
    top: str
    bottom: str

    def seen(self, rotation: int, flipped: bool) -> Edges:
        """Return the letters of the picture turned clockwise, then flipped left to right.

        Args:
            rotation: 0, 90, 180 or 270 degrees.
        """
        around = (self.top, self.right, self.bottom, self.left)
        first = -rotation // 90 % 4
        top, right, bottom, left = around[first:] + around[:first]
        return Edges(right, left, top, bottom) if flipped else Edges(left, right, top, bottom)

    @property
    def in_words(self) -> str:
        """Return what a screen reader says."""
        sides = (("Left", self.left), ("right", self.right), ("top", self.top))
        told = ((side, " and ".join(WORDS[each] for each in letters)) for side, letters in sides)
        return ", ".join(f"{side} edge: {words}" for side, words in told)


def edges(orientation: Sequence[float] | None) -> Edges | None:
    """Return the letters of ImageOrientationPatient, or None if it says nothing usable."""
    if orientation is None or len(orientation) != 6:
        return None
    along_row, down_column = _unit(orientation[:3]), _unit(orientation[3:])
    if along_row is None or down_column is None:
        return None
    return Edges(
        left=_letters([-each for each in along_row]),
        right=_letters(along_row),
        top=_letters([-each for each in down_column]),
        bottom=_letters(down_column),
    )


def told_edges(directions: Sequence[str]) -> Edges | None:
    """Return the letters of PatientOrientation: toward where rows and columns go.

    Source: PS3.3 C.7.6.1.1.1.
    """
    if len(directions) != 2 or not all(each and set(each) <= WORDS.keys() for each in directions):
        return None
    right, bottom = (each[:3] for each in directions)
    return Edges(left=_opposite(right), right=right, top=_opposite(bottom), bottom=bottom)


def _opposite(letters: str) -> str:
    pairs = dict(LETTERS) | {b: a for a, b in LETTERS}
    return "".join(pairs[each] for each in letters)


def _unit(direction: Sequence[float]) -> list[float] | None:
    length = math.hypot(*direction)
    if not math.isfinite(length) or not 0.5 < length < 2:
        return None
    return [each / length for each in direction]


def _letters(direction: Sequence[float]) -> str:
    strongest = sorted(range(3), key=lambda axis: -abs(direction[axis]))
    return "".join(
        LETTERS[axis][direction[axis] < 0] for axis in strongest if abs(direction[axis]) >= LEAST
    )
