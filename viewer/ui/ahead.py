"""Which pictures of a series are loaded before they are asked for, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from viewer.render.pyramid import LARGE_PX
from viewer.ui.frames import Frame
from viewer.ui.pile import Pile
from viewer.ui.study import OpenStudy

AHEAD, BEHIND = 6, 2  # images fetched before they are asked for
SHARE = 0.8  # of the cache, for one series
PYRAMID, LARGE_PYRAMID = 4 / 3, 2.0  # what a frame takes over its pixels, at most


@dataclass(frozen=True, slots=True)
class Course:
    """Where in a series a person is, which way they go, and how much can be kept."""

    study: OpenStudy
    series: int
    place: int
    direction: int
    limit_bytes: int  # of the cache

    @property
    def pile(self) -> Pile:
        return self.study.piles[self.series]

    def soon(self) -> list[Frame]:
        """Return what will be asked for next, the nearest in the direction of travel first."""
        header = self.study.header(self.study.at(self.series, self.place))
        size_bytes = max(1, header.rows * header.columns * max(2, header.samples) * 2)
        most = max(1, self.limit_bytes // 4 // size_bytes)
        ahead = [self.place + n * self.direction for n in range(1, 1 + min(AHEAD, most))]
        behind = [self.place - n * self.direction for n in range(1, 1 + min(BEHIND, most))]
        return [
            self.study.at(self.series, place)
            for place in ahead + behind
            if 0 <= place < len(self.pile) and self.pile.headers[self.pile.at(place)[0]].drawable
        ]

    def rest(self) -> Iterator[Frame]:
        """Yield the rest of the series, the nearest first, as much of it as can be kept."""
        for distance in range(1, min(len(self.pile), self._room() // 2 + 1)):
            step = distance * self.direction
            for other in (self.place + step, self.place - step):
                if 0 <= other < len(self.pile):
                    frame = self.study.at(self.series, other)
                    if self.study.header(frame).drawable:
                        yield frame

    def _room(self) -> int:
        """Return how many frames like this one can be kept, with some to spare."""
        header = self.study.header(self.study.at(self.series, self.place))
        count = header.rows * header.columns
        over = LARGE_PYRAMID if count >= LARGE_PX else PYRAMID
        size_bytes = count * max(2, header.samples) * over
        return int(SHARE * self.limit_bytes / max(1.0, size_bytes))
