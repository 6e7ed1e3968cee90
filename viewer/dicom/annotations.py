"""Shapes and marks that a report or key objects hold, as they were written by whomever."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A shape on a frame. Points count from the corner of the first pixel. PS3.3 C.18.6.1.2."""

    graphic: str  # POINT, MULTIPOINT, POLYLINE, CIRCLE or ELLIPSE
    points: tuple[Point, ...]
    sop_uid: str
    frame: int  # counted from 0
    uid: str = ""  # what it is tracked by
    tracking: str = ""  # what kind of thing is tracked, in its writer's words
    label: str = ""  # what was found
    concept: str = ""  # the code of the number that was inferred from it


@dataclass(frozen=True, slots=True)
class Annotations:
    """All of one instance."""

    shapes: tuple[Drawn, ...] = ()
    marks: tuple[tuple[str, int], ...] = ()  # SOP instance UIDs and frames
    left_out: int = 0  # shapes that cannot be drawn on a picture
