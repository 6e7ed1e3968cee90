"""What is on the sheet, and the way back from every change."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from viewer.measure.shapes import Kind, Measurement
from viewer.measure.sheet import STEPS_MOST, Sheet, State


def probe(uid: str, x: float = 0.0, sop_uid: str = "1.2", frame: int = 0) -> Measurement:
    return Measurement(uid, Kind.PROBE, ((x, 0.0),), sop_uid, frame)


def test_a_measurement_is_shown_on_its_own_frame_only() -> None:
    sheet = Sheet()
    sheet.put(probe("a", sop_uid="1.2", frame=3))
    sheet.put(probe("b", sop_uid="1.3", frame=3))
    assert [each.uid for each in sheet.on("1.2", 3)] == ["a"]
    assert sheet.on("1.2", 2) == ()


def test_putting_a_known_one_changes_it_in_its_place() -> None:
    sheet = Sheet()
    sheet.put(probe("a"))
    sheet.put(probe("b"))
    sheet.put(probe("a", 5))
    assert [(each.uid, each.points[0][0]) for each in sheet.state.measurements] == [
        ("a", 5.0),
        ("b", 0.0),
    ]


def test_listeners_hear_every_change_and_no_other() -> None:
    sheet, heard = Sheet(), []
    sheet.listen(lambda: heard.append(1))
    sheet.put(probe("a"))
    sheet.put(probe("a"))  # nothing changes
    sheet.remove("unknown")
    sheet.mark("1.2", 0, True)
    assert len(heard) == 2


def test_what_was_kept_is_known_as_kept_also_after_going_back() -> None:
    sheet = Sheet()
    sheet.put(probe("a"))
    assert not sheet.is_kept
    sheet.kept(sheet.state)
    assert sheet.is_kept
    sheet.put(probe("b"))
    assert not sheet.is_kept
    sheet.undo()
    assert sheet.is_kept


def test_what_is_read_from_earlier_is_kept_and_no_step() -> None:
    sheet = Sheet()
    sheet.merge(State((probe("a"),), (("1.2", 0),)))
    sheet.merge(State((probe("a", 9),), (("1.2", 0),)))
    assert sheet.state == State((probe("a"),), (("1.2", 0),))
    assert sheet.is_kept
    assert not sheet.undo()


def test_there_are_only_so_many_steps_back() -> None:
    sheet = Sheet()
    for n in range(STEPS_MOST + 50):
        sheet.put(probe("a", n))
    steps = 0
    while sheet.undo():
        steps += 1
    assert steps == STEPS_MOST


class Journal(RuleBasedStateMachine):
    """Against a model that keeps every state in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.sheet = Sheet()
        self.states, self.at = [State()], 0

    def _changed(self) -> None:
        if self.sheet.state != self.states[self.at]:
            self.states = [*self.states[: self.at + 1], self.sheet.state]
            self.at += 1

    @rule(name=st.sampled_from("abc"), x=st.integers(0, 3))
    def put(self, name: str, x: int) -> None:
        self.sheet.put(probe(name, x))
        self._changed()

    @rule(name=st.sampled_from("abc"))
    def remove(self, name: str) -> None:
        self.sheet.remove(name)
        self._changed()

    @rule(on=st.booleans())
    def mark(self, on: bool) -> None:
        self.sheet.mark("1.2", 0, on)
        self._changed()

    @rule()
    def undo(self) -> None:
        assert self.sheet.undo() == (self.at > 0)
        self.at = max(0, self.at - 1)

    @rule()
    def redo(self) -> None:
        assert self.sheet.redo() == (self.at + 1 < len(self.states))
        self.at = min(len(self.states) - 1, self.at + 1)

    @invariant()
    def agrees(self) -> None:
        assert self.sheet.state == self.states[self.at]


TestJournal = Journal.TestCase
TestJournal.settings = settings(max_examples=30, deadline=None)
