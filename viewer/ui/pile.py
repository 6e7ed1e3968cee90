"""The images of a series one after another, frames of multi-frame instances among them.

Frames stand where they lie in the patient, not where they lie in the file.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence

from viewer.dicom.header import Header
from viewer.dicom.series import frame_order

MANY = 10  # a stack of so many slices opens in its middle


class Pile:
    """Places 0 to `len` - 1, each an instance and a frame of it."""

    def __init__(self, headers: Sequence[Header]) -> None:
        self.headers = tuple(headers)
        self._orders = tuple(frame_order(each) for each in headers)
        self._ends = tuple(itertools.accumulate(map(len, self._orders)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def at(self, place: int) -> tuple[int, int]:
        """Return instance and frame."""
        instance = bisect.bisect_right(self._ends, place)
        before = self._ends[instance - 1] if instance else 0
        return instance, self._orders[instance][place - before]

    def place_of(self, instance: int, frame: int) -> int | None:
        """Return where a frame of an instance stands, if there is one."""
        order = self._orders[instance] if 0 <= instance < len(self._orders) else ()
        if frame not in order:
            return None
        before = self._ends[instance - 1] if instance else 0
        return before + list(order).index(frame)

    @property
    def middle(self) -> int:
        """The place in the middle, or the nearest one that can be drawn."""
        return self.drawable_near(len(self) // 2)

    @property
    def first_look(self) -> int:
        """Where a person starts: in the middle of a stack, else at the beginning."""
        is_stack = all(each.frames == 1 or each.frame_positions for each in self.headers)
        return self.middle if is_stack and len(self) >= MANY else self.drawable_near(0)

    def drawable_near(self, place: int) -> int:
        """Return the place nearest to `place` that can be drawn; itself if none can."""
        for distance in range(len(self)):
            for other in (place + distance, place - distance):
                if 0 <= other < len(self) and self.headers[self.at(other)[0]].drawable:
                    return other
        return place
