"""Cells that go together: through the slices, in zoom and middle, and in brightness.

Pictures of one frame of reference go by where they lie in the person, never by their number.
What lies in another space goes along only if a person says which slices belong together.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject

from viewer.ui import view_state
from viewer.ui.cell import Cell
from viewer.ui.grid import Grid
from viewer.ui.stack import Stack
from viewer.ui.view_state import Point, ViewState

OTHER_SPACE = "It was taken in another position. Link by hand to go through both together."
OTHER_DIRECTION = "It is cut in another direction."
NOT_KNOWN = "The file does not say where in the body it lies."
NOTHING_THERE = "It ends before this place."


@dataclass(frozen=True, slots=True)
class _Anchor:
    """Where a cell stood when a person linked it by hand."""

    place: int
    depth_mm: float | None
    center: Point  # of the view, image units
    series: tuple[int, str]  # study and series


class Linking(QObject):
    """Lets the cells in sight follow the one that a person moves."""

    def __init__(self, grid: Grid) -> None:
        super().__init__(grid)
        self._grid = grid
        self.is_on = True
        self.windows = False
        self._anchors: dict[Cell, _Anchor] = {}
        self._following = False
        self._views: dict[Cell, ViewState] = {}  # as they were last seen
        grid.arranged.connect(self.tell)
        grid.chosen.connect(self.tell)

    def add(self, cell: Cell) -> None:
        """Watch a cell."""
        cell.moved.connect(lambda: self._scroll(cell))
        cell.image.changed.connect(lambda: self._see(cell))
        cell.told.connect(self.tell)

    # -- what a person says -------------------------------------------------------------------

    def turn_on(self, on: bool) -> None:
        """Let cells of one space go together, or each for itself."""
        self.is_on = on
        self._anchors.clear()
        if on:
            self._scroll(self._grid.cell)
        self.tell()

    def link_here(self) -> None:
        """Let all cells in sight go together from where they stand now, whatever their space."""
        self.is_on = True
        self._anchors = {cell: _anchor(cell) for cell in self._grid.in_sight if cell.study}
        self.tell()

    @property
    def is_by_hand(self) -> bool:
        return bool(self._anchors)

    def link_windows(self, on: bool) -> None:
        """Let cells of one modality share their brightness."""
        self.windows = on
        self._spread(self._grid.cell)

    # -- going together -----------------------------------------------------------------------

    def _others(self, cell: Cell) -> list[Cell]:
        seen = self._grid.in_sight
        return [each for each in seen if each is not cell and each.study] if cell in seen else []

    @contextmanager
    def _once(self) -> Iterator[None]:
        """What follows is not followed again."""
        self._following = True
        try:
            yield
        finally:
            self._following = False

    def _scroll(self, cell: Cell) -> None:
        if not self.is_on or self._following:
            return
        with self._once():
            for other in self._others(cell):
                place = self._place_for(cell, other)
                if place is not None:
                    other.go_along(place)
        self.tell()

    def _place_for(self, cell: Cell, other: Cell) -> int | None:
        """Return where `other` belongs when `cell` stands where it does; None: on its own."""
        if self._is_by_hand(cell, other):
            return self._place_by_hand(cell, other)
        depth_mm = self._depth_for(cell, other)
        stack = other.stack
        return None if depth_mm is None or stack is None else stack.nearest(depth_mm, other.place)

    def _depth_for(self, cell: Cell, other: Cell) -> float | None:
        mine, theirs = cell.stack, other.stack
        if mine is None or theirs is None or why_alone(mine, theirs):
            return None
        plane = mine.plane(cell.place)
        if plane is None:
            return None
        middle = (plane.columns / 2, plane.rows / 2)
        if cell.image.drawable is not None:
            middle = cell.image.to_pixel(cell.image.view.center)
        return theirs.depth_of(plane.to_patient(*middle))

    def _is_by_hand(self, cell: Cell, other: Cell) -> bool:
        return all(
            each in self._anchors and self._anchors[each].series == _series(each)
            for each in (cell, other)
        )

    def _place_by_hand(self, cell: Cell, other: Cell) -> int | None:
        mine, theirs = cell.stack, other.stack
        here, there = self._anchors[cell], self._anchors[other]
        if mine is None or theirs is None:
            return None
        now_mm = mine.depth_mm(cell.place)
        if here.depth_mm is None or there.depth_mm is None or now_mm is None:
            return there.place + cell.place - here.place
        moved_mm = _sense(mine, theirs) * (now_mm - here.depth_mm)
        return theirs.nearest(there.depth_mm + moved_mm, other.place)

    def _see(self, cell: Cell) -> None:
        """Let the others be seen as this one is, unless it only got another size or picture."""
        view, before = cell.image.view, self._views.get(cell)
        self._views[cell] = view
        if before is None or (before.image, before.viewport) != (view.image, view.viewport):
            return
        if not self._following and cell.image.drawable is not None:
            self._spread(cell)

    def _spread(self, cell: Cell) -> None:
        with self._once():
            for other in self._others(cell):
                if other.image.drawable is not None:
                    other.image.set_view(self._view_for(cell, other))

    def _view_for(self, cell: Cell, other: Cell) -> ViewState:
        view, seen = other.image.view, cell.image.view
        if self.windows and _modality(cell) == _modality(other):
            view = replace(view, window=seen.window, inverted=seen.inverted)
        if not self.is_on:
            return view
        if self._is_by_hand(cell, other):
            return self._moved_by_hand(cell, other, view)
        mine, theirs = cell.plane, other.plane
        if mine is None or theirs is None or self._depth_for(cell, other) is None:
            return view
        point = theirs.to_image(mine.to_patient(*cell.image.to_pixel(seen.center)))
        ratio = theirs.spacing_mm[1] / mine.spacing_mm[1]
        return _as_large(seen, view, ratio, other.image.from_pixel(point[:2]))

    def _moved_by_hand(self, cell: Cell, other: Cell, view: ViewState) -> ViewState:
        seen, mine, theirs = cell.image.view, _pixel_mm(cell), _pixel_mm(other)
        ratio = theirs / mine if mine and theirs else seen.image[0] / view.image[0]
        here, there = self._anchors[cell].center, self._anchors[other].center
        step = ((seen.center[0] - here[0]) / ratio, (seen.center[1] - here[1]) / ratio)
        return _as_large(seen, view, ratio, (there[0] + step[0], there[1] + step[1]))

    # -- what is said -------------------------------------------------------------------------

    def tell(self) -> None:
        """Say in each cell whether it goes with the one that has the focus."""
        chosen = self._grid.cell
        for cell in self._grid.in_sight:
            words, why = self._said(chosen, cell)
            cell.title.tell_alone(words, why)

    def _said(self, chosen: Cell, cell: Cell) -> tuple[str, str]:
        mine, theirs = chosen.stack, cell.stack
        if cell is chosen or not self.is_on or mine is None or theirs is None:
            return "", ""
        if not (chosen.has_several and cell.has_several):
            return "", ""  # there is nowhere to go
        if self._is_by_hand(chosen, cell):
            return "Linked by hand", ""
        why = why_alone(mine, theirs)
        if why:
            return "Goes alone", why
        depth_mm = self._depth_for(chosen, cell)
        is_there = depth_mm is None or theirs.reaches(depth_mm)
        return ("", "") if is_there else ("No slice here", NOTHING_THERE)


def why_alone(mine: Stack, theirs: Stack) -> str:
    """Return why two stacks cannot go together; "" if they can."""
    if not mine.frame_of_reference or not theirs.frame_of_reference:
        return NOT_KNOWN
    if not mine.is_of_one_space(theirs):
        return OTHER_SPACE
    return "" if mine.is_parallel(theirs) else OTHER_DIRECTION


def _sense(mine: Stack, theirs: Stack) -> int:
    """Return -1 if the stacks are seen from opposite sides."""
    if mine.normal is None or theirs.normal is None:
        return 1
    return -1 if sum(a * b for a, b in zip(mine.normal, theirs.normal, strict=True)) < 0 else 1


def _anchor(cell: Cell) -> _Anchor:
    depth_mm = cell.stack.depth_mm(cell.place) if cell.stack else None
    return _Anchor(cell.place, depth_mm, cell.image.view.center, _series(cell))


def _series(cell: Cell) -> tuple[int, str]:
    return (cell.study.number if cell.study else -1, cell.series.uid if cell.series else "")


def _modality(cell: Cell) -> str:
    return cell.series.modality if cell.series else ""


def _pixel_mm(cell: Cell) -> float | None:
    plane = cell.plane
    return plane.spacing_mm[1] if plane else None


def _as_large(seen: ViewState, view: ViewState, ratio: float, center: Point) -> ViewState:
    """Return `view` with as many screen px a mm as `seen`, about `center`; or both fitted.

    Args:
        ratio: a pixel of `view` over one of `seen`, in mm.
    """
    if seen.fits:
        return view if view.fits else view_state.fit(view)
    return view_state.seen_at(view, seen.zoom * ratio, center)
