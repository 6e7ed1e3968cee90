"""Which image of a series is due while it plays: by the clock, so that a slow machine leaves
images out and never lags behind."""

from __future__ import annotations

import bisect
import enum
import math
from collections import deque
from collections.abc import Callable

FPS_WITHOUT_A_WORD = 10.0  # where the header says nothing
FPS_STEPS = (0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 12.5, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0)
REACHED_OVER_S = 4.0
REACHED_LEAST = 0.85  # of the rate, or it is said how many there really are
SHOWN_KEPT = 256


class Loop(enum.Enum):
    """What comes after the last image."""

    ROUND = "round"
    BACK_AND_FORTH = "back and forth"


def rate_fps(frame_time_ms: float | None) -> float:
    """Return the images a second for the header's time of one, within what a screen can do."""
    if not frame_time_ms or not math.isfinite(frame_time_ms) or frame_time_ms <= 0:
        return FPS_WITHOUT_A_WORD
    return min(max(1000.0 / frame_time_ms, FPS_STEPS[0]), FPS_STEPS[-1])


class Cine:
    """Plays places 0 to `count` - 1 of a pile; knows the time only from its clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Begin at rest.

        Args:
            clock: seconds that never go back.
        """
        self._clock = clock
        self._count = 0
        self._fps = FPS_WITHOUT_A_WORD
        self._loop = Loop.ROUND
        self._step = 0  # along the loop, at `_since`
        self._since = 0.0
        self._shown_at: deque[float] = deque(maxlen=SHOWN_KEPT)

    @property
    def is_running(self) -> bool:
        return self._count > 1

    @property
    def fps(self) -> float:
        """Images a second that are wanted."""
        return self._fps

    @property
    def loop(self) -> Loop:
        return self._loop

    def start(self, place: int, count: int, fps: float) -> None:
        """Play from `place` on; nothing to play if there is one image only."""
        self._count, self._fps = count, fps
        self._shown_at.clear()
        self.go_on_from(place)

    def stop(self) -> None:
        self._count = 0

    def go_on_from(self, place: int) -> None:
        """Go on from another place, forward."""
        self._step, self._since = place, self._clock()

    def set_loop(self, loop: Loop) -> None:
        """Go on from what is due now, in another kind of loop."""
        place = self.due()
        self._loop = loop
        self.go_on_from(place)

    def slower(self) -> None:
        self.set_fps(FPS_STEPS[max(0, bisect.bisect_left(FPS_STEPS, self._fps) - 1)])

    def faster(self) -> None:
        after = bisect.bisect_right(FPS_STEPS, self._fps)
        self.set_fps(FPS_STEPS[min(after, len(FPS_STEPS) - 1)])

    def set_fps(self, fps: float) -> None:
        """Keep the place and the direction; the rate that was reached begins anew."""
        self._step, self._since, self._fps = self._steps(), self._clock(), fps
        self._shown_at.clear()

    def due(self) -> int:
        """Return the place that should be on the screen now."""
        if not self.is_running:
            return self._step
        step = self._steps()
        if self._loop is Loop.ROUND:
            return step % self._count
        step %= 2 * self._count - 2
        return min(step, 2 * self._count - 2 - step)

    def _steps(self) -> int:
        passed_s = self._clock() - self._since
        # Half a clock's tick early is on time.
        return self._step + math.floor(passed_s * self._fps + 1e-6)

    def wait_ms(self) -> int:
        """Return how long the place that is due stays so."""
        beats = (self._clock() - self._since) * self._fps
        left_s = (math.floor(beats + 1e-6) + 1 - beats) / self._fps
        return max(1, math.ceil(left_s * 1000))

    def note_shown(self) -> None:
        """An image has come to the screen."""
        self._shown_at.append(self._clock())

    @property
    def reached_fps(self) -> float | None:
        """Images a second that came to the screen lately; None before that can be said."""
        now = self._clock()
        lately = [at for at in self._shown_at if now - at <= REACHED_OVER_S]
        if len(lately) < 3 or now - lately[0] < REACHED_OVER_S / 2:
            return None
        return (len(lately) - 1) / (lately[-1] - lately[0]) if lately[-1] > lately[0] else None

    @property
    def words(self) -> str:
        """Return the rate for a corner of the picture; empty at rest."""
        if not self.is_running:
            return ""
        reached = self.reached_fps
        if reached is not None and reached < REACHED_LEAST * self._fps:
            return f"{reached:.3g} of {self._fps:.3g} images a second"
        return f"{self._fps:.3g} image{'' if self._fps == 1 else 's'} a second"
