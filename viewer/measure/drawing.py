"""A shape while it is being drawn: by clicks, by drags, or by a mixture, whatever comes.

Two-point shapes take a drag or two clicks; an angle its first arm, its vertex, its second arm; a
Cobb angle two lines; a polygon clicks until the first point or the last one is clicked again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from viewer.measure.shapes import POINTS_MOST, Kind, Point, ellipse_in, rectangle_of

CLICKS: dict[Kind, int | None] = {  # None: until it is closed
    Kind.LENGTH: 2,
    Kind.ANGLE: 3,
    Kind.COBB: 4,
    Kind.ELLIPSE: 2,
    Kind.RECTANGLE: 2,
    Kind.POLYGON: None,
    Kind.FREEHAND: None,
    Kind.PROBE: 1,
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What has been drawn so far."""

    kind: Kind
    fixed: tuple[Point, ...] = ()
    at: Point = (0.0, 0.0)  # where the pointer is
    pressed: bool = False
    closed: bool = False

    @property
    def is_done(self) -> bool:
        return self.closed or len(self.fixed) == CLICKS[self.kind]

    @property
    def points(self) -> tuple[Point, ...]:
        """The points of the shape as it would be if the pointer were where it ends."""
        found = self.fixed if self.is_done else (*self.fixed, self.at)
        if self.kind in (Kind.ELLIPSE, Kind.RECTANGLE):
            if len(found) < 2:
                return ()
            shape = ellipse_in if self.kind is Kind.ELLIPSE else rectangle_of
            return shape(*found[:2])
        return found


def press(draft: Draft, at: Point, near: float) -> Draft:
    """Return the draft after the button went down.

    Args:
        near: how far apart two places may be to be the same one, pixels.
    """
    draft = replace(draft, at=at, pressed=True)
    enough = len(draft.fixed) >= 3
    if draft.kind is Kind.POLYGON and enough:
        ends = draft.fixed[0], draft.fixed[-1]
        if any(math.dist(at, each) <= near for each in ends):
            return replace(draft, closed=True)
    if len(draft.fixed) >= POINTS_MOST:
        return replace(draft, closed=True)
    return replace(draft, fixed=(*draft.fixed, at))


def move(draft: Draft, at: Point, near: float) -> Draft:
    """Return the draft after the pointer moved."""
    drawn = draft.kind is Kind.FREEHAND and draft.pressed and draft.fixed
    if drawn and math.dist(at, draft.fixed[-1]) >= near / 2 and len(draft.fixed) < POINTS_MOST:
        return replace(draft, at=at, fixed=(*draft.fixed, at))
    return replace(draft, at=at)


def release(draft: Draft, at: Point, near: float) -> Draft:
    """Return the draft after the button went up; a drag sets a point at its end."""
    draft = replace(draft, at=at, pressed=False)
    if draft.kind is Kind.FREEHAND:
        return replace(draft, closed=True)
    if draft.is_done or not draft.fixed or math.dist(at, draft.fixed[-1]) < near:
        return draft
    return replace(draft, fixed=(*draft.fixed, at))


def finished(draft: Draft) -> tuple[Point, ...] | None:
    """Return the points of a shape that is worth keeping; None for one without extent."""
    points = draft.points
    if draft.kind is Kind.PROBE:
        return points
    wide = max((x for x, _ in points), default=0) - min((x for x, _ in points), default=0)
    high = max((y for _, y in points), default=0) - min((y for _, y in points), default=0)
    if max(wide, high) <= 0 or (CLICKS[draft.kind] is None and len(points) < 3):
        return None
    if draft.kind in (Kind.ELLIPSE, Kind.RECTANGLE) and min(wide, high) <= 0:
        return None
    return points
