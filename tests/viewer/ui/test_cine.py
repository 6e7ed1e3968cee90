"""Playing by a clock that the test moves."""

from __future__ import annotations

import pytest

from viewer.ui.cine import FPS_STEPS, Cine, Loop, rate_fps


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cine(clock: Clock) -> Cine:
    made = Cine(clock)
    made.start(0, 5, 10.0)
    return made


def places(cine: Cine, clock: Clock, steps: int, step_s: float = 0.1) -> list[int]:
    found = []
    for _ in range(steps):
        clock.now += step_s
        found.append(cine.due())
    return found


def test_each_image_is_due_for_its_time_and_then_it_goes_round(cine: Cine, clock: Clock) -> None:
    assert cine.due() == 0
    assert places(cine, clock, 11, 0.05) == [0, 1, 1, 2, 2, 3, 3, 4, 4, 0, 0]


def test_back_and_forth_shows_the_ends_once(cine: Cine, clock: Clock) -> None:
    cine.set_loop(Loop.BACK_AND_FORTH)
    assert places(cine, clock, 10) == [1, 2, 3, 4, 3, 2, 1, 0, 1, 2]


def test_two_images_go_back_and_forth(cine: Cine, clock: Clock) -> None:
    cine.set_loop(Loop.BACK_AND_FORTH)
    cine.start(0, 2, 10.0)
    assert places(cine, clock, 4) == [1, 0, 1, 0]


def test_what_is_late_is_left_out_and_the_clock_is_kept(cine: Cine, clock: Clock) -> None:
    assert places(cine, clock, 4, 0.25) == [2, 0, 2, 0]  # 2.5, 5, 7.5 and 10 images on


def test_an_hour_later_it_is_still_on_time(cine: Cine, clock: Clock) -> None:
    clock.now += 3600.1
    assert cine.due() == 36001 % 5


def test_it_waits_just_until_the_next_image_is_due(cine: Cine, clock: Clock) -> None:
    assert cine.wait_ms() == 100
    clock.now += 0.13
    assert cine.wait_ms() in {70, 71}
    clock.now += cine.wait_ms() / 1000
    assert cine.due() == 2


def test_one_image_does_not_play(clock: Clock) -> None:
    cine = Cine(clock)
    cine.start(0, 1, 10.0)
    assert not cine.is_running
    assert cine.words == ""


def test_it_goes_on_from_where_a_person_went(cine: Cine, clock: Clock) -> None:
    clock.now += 0.35
    cine.go_on_from(1)
    assert places(cine, clock, 2) == [2, 3]


def test_another_rate_begins_at_the_image_that_is_due(cine: Cine, clock: Clock) -> None:
    cine.set_loop(Loop.BACK_AND_FORTH)
    clock.now += 0.6  # on the way back, at 2
    assert cine.due() == 2
    cine.faster()
    assert cine.fps == 12.5
    assert cine.due() == 2
    assert places(cine, clock, 2, 0.08) == [1, 0]


def test_rates_have_a_least_and_a_most(cine: Cine) -> None:
    for _ in range(30):
        cine.slower()
    assert cine.fps == FPS_STEPS[0]
    for _ in range(30):
        cine.faster()
    assert cine.fps == FPS_STEPS[-1]


def test_a_rate_of_the_headers_own_goes_to_the_next_step(clock: Clock) -> None:
    cine = Cine(clock)
    cine.start(0, 5, rate_fps(35.0))  # 28.57 images a second
    cine.slower()
    assert cine.fps == 25.0
    cine.start(0, 5, rate_fps(35.0))
    cine.faster()
    assert cine.fps == 30.0


@pytest.mark.parametrize(
    ("frame_time_ms", "fps"),
    [(40.0, 25.0), (None, 10.0), (0.0, 10.0), (-3.0, 10.0), (0.001, 60.0), (1e9, 0.5),
     (float("nan"), 10.0), (float("inf"), 10.0)],
)  # fmt: skip
def test_the_rate_is_the_headers_as_far_as_it_can_be(
    frame_time_ms: float | None, fps: float
) -> None:
    assert rate_fps(frame_time_ms) == fps


def test_the_rate_that_is_reached_is_said_when_it_is_lower(cine: Cine, clock: Clock) -> None:
    assert cine.words == "10 images a second"
    for _ in range(12):
        clock.now += 0.25
        cine.note_shown()
    assert cine.reached_fps == pytest.approx(4.0)
    assert cine.words == "4 of 10 images a second"


def test_the_rate_that_is_reached_is_not_said_when_it_is_kept(cine: Cine, clock: Clock) -> None:
    for _ in range(30):
        clock.now += 0.1
        cine.note_shown()
    assert cine.reached_fps == pytest.approx(10.0)
    assert cine.words == "10 images a second"


def test_nothing_is_said_of_what_was_reached_long_ago(cine: Cine, clock: Clock) -> None:
    for _ in range(30):
        clock.now += 0.1
        cine.note_shown()
    clock.now += 60
    assert cine.reached_fps is None
