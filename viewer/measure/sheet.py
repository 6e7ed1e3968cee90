"""All measurements and marks of a study, and the way back from every change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from viewer.measure.shapes import Measurement, settled

STEPS_MOST = 200
MEASUREMENTS_MOST = 2000

Place = tuple[str, int]  # SOP instance UID, and a frame counted from 0


@dataclass(frozen=True, slots=True)
class State:
    """What is on the sheet, in the order in which it was drawn."""

    measurements: tuple[Measurement, ...] = ()
    marked: tuple[Place, ...] = ()  # key pictures


class Sheet:
    """Changes one state into the next and keeps those before; tells who listens."""

    def __init__(self, state: State | None = None) -> None:
        self._state = self._kept = state or State()
        self._before: list[State] = []
        self._after: list[State] = []
        self._listeners: list[Callable[[], None]] = []

    @property
    def state(self) -> State:
        return self._state

    @property
    def is_kept(self) -> bool:
        """Whether all of it has been kept."""
        return self._state == self._kept

    def kept(self, state: State) -> None:
        """Remember that `state` has been kept."""
        self._kept = state
        self._tell()

    def listen(self, told: Callable[[], None]) -> None:
        """Call `told` after every change."""
        self._listeners.append(told)

    def on(self, sop_uid: str, frame: int) -> tuple[Measurement, ...]:
        """Return the measurements of one picture."""
        return tuple(
            each
            for each in self._state.measurements
            if each.sop_uid == sop_uid and each.frame == frame
        )

    def find(self, uid: str) -> Measurement | None:
        """Return the measurement of that name."""
        return next((each for each in self._state.measurements if each.uid == uid), None)

    def put(self, measurement: Measurement) -> None:
        """Add a measurement, or change the one of its name."""
        measurement, others = settled(measurement), self._state.measurements
        if self.find(measurement.uid) is None:
            if len(others) >= MEASUREMENTS_MOST:
                return
            changed = (*others, measurement)
        else:
            changed = tuple(measurement if each.uid == measurement.uid else each for each in others)
        self._change(replace(self._state, measurements=changed))

    def remove(self, uid: str) -> None:
        """Take a measurement away."""
        left = tuple(each for each in self._state.measurements if each.uid != uid)
        self._change(replace(self._state, measurements=left))

    def is_marked(self, sop_uid: str, frame: int) -> bool:
        """Whether a picture is a key picture."""
        return (sop_uid, frame) in self._state.marked

    def mark(self, sop_uid: str, frame: int, marked: bool) -> None:
        """Make a picture a key picture, or no longer one."""
        others = tuple(each for each in self._state.marked if each != (sop_uid, frame))
        self._change(replace(self._state, marked=(*others, (sop_uid, frame)) if marked else others))

    def merge(self, state: State) -> None:
        """Take in what was kept earlier; it is no step to go back from."""
        own = {each.uid for each in self._state.measurements}
        new = tuple(each for each in state.measurements if each.uid not in own)
        marks = tuple(each for each in state.marked if each not in self._state.marked)
        self._state = _joined(self._state, new, marks)
        self._kept = _joined(self._kept, new, marks)
        self._tell()

    def undo(self) -> bool:
        """Go one step back; say whether there was one."""
        return self._step(self._before, self._after)

    def redo(self) -> bool:
        """Go one step forth again; say whether there was one."""
        return self._step(self._after, self._before)

    def _step(self, source: list[State], target: list[State]) -> bool:
        if not source:
            return False
        target.append(self._state)
        self._state = source.pop()
        self._tell()
        return True

    def _change(self, state: State) -> None:
        if state == self._state:
            return
        self._before = [*self._before[-(STEPS_MOST - 1) :], self._state]
        self._after.clear()
        self._state = state
        self._tell()

    def _tell(self) -> None:
        for told in self._listeners:
            told()


def _joined(state: State, new: tuple[Measurement, ...], marks: tuple[Place, ...]) -> State:
    return State(
        (*state.measurements, *new)[:MEASUREMENTS_MOST], (*state.marked, *marks)[:MEASUREMENTS_MOST]
    )
