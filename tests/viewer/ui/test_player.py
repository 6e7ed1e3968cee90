"""Playing on the screen: by the event loop's own timer, with a clock that the test moves."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from viewer.ui.cine import Loop
from viewer.ui.player import Player


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def player(qtbot: QtBot, clock: Clock) -> Player:
    del qtbot
    return Player(clock=clock)


def test_it_says_what_is_due_until_it_is_stopped(
    qtbot: QtBot, player: Player, clock: Clock
) -> None:
    with qtbot.waitSignal(player.changed):
        player.start(3, 10, 20.0)  # 50 images a second
    clock.now += 0.1
    with qtbot.waitSignal(player.due) as told:
        pass
    assert told.args == [8]
    with qtbot.waitSignal(player.due) as told:
        clock.now += 0.1
    assert told.args == [3]
    with qtbot.waitSignal(player.changed):
        player.stop()
    assert not player.is_running
    with qtbot.assertNotEmitted(player.due, wait=60):
        clock.now += 1


def test_a_chosen_rate_lasts_for_the_series(player: Player) -> None:
    player.start(0, 10, 40.0)
    assert player.words == "25 images a second"
    player.slower()
    assert player.words == "20 images a second"
    player.stop()
    player.start(0, 10, 40.0)
    assert player.words == "20 images a second"
    player.as_told()
    assert player.words == "25 images a second"
    player.faster()
    player.forget_rate()
    player.start(0, 10, 100.0)
    assert player.words == "10 images a second"


def test_at_rest_no_rate_is_chosen(player: Player) -> None:
    player.faster()
    player.start(0, 10, 100.0)
    assert player.words == "10 images a second"


def test_going_elsewhere_while_it_plays_is_where_it_goes_on(
    qtbot: QtBot, player: Player, clock: Clock
) -> None:
    player.start(0, 100, 20.0)
    player.go_on_from(70)
    clock.now += 0.04
    with qtbot.waitSignal(player.due) as told:
        pass
    assert told.args == [72]


def test_the_menu_does_what_it_says(qtbot: QtBot, player: Player) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    player.start(0, 10, 100.0)
    player.fill(menu)
    acts = {each.text(): each for each in menu.actions() if each.text()}
    acts["Faster"].trigger()
    assert player.words == "12.5 images a second"
    acts["Slower"].trigger()
    acts["Slower"].trigger()
    assert player.words == "7.5 images a second"
    acts["As it was taken"].trigger()
    assert player.words == "10 images a second"
    acts["Back and forth"].trigger()
    assert player.loop is Loop.BACK_AND_FORTH
    player.fill(menu)
    assert [each.isChecked() for each in menu.actions() if each.text() == "Back and forth"] == [
        True
    ]
