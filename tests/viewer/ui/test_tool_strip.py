"""The strip of tools: two faces of one table."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from viewer.ui import icons
from viewer.ui.actions import ACTIONS, Action
from viewer.ui.face import Face
from viewer.ui.image_view import Hand
from viewer.ui.keys import Keys
from viewer.ui.preferences import ForOneRun
from viewer.ui.tool_strip import ToolStrip

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def strip(qtbot: QtBot) -> ToolStrip:
    made = ToolStrip()
    qtbot.addWidget(made)
    made.resize(200, 1200)
    made.show()
    return made


@pytest.mark.parametrize("face", Face)
def test_each_face_has_its_own_buttons(strip: ToolStrip, face: Face) -> None:
    for _ in range(2):  # and again, after the other
        strip.set_face(Face.PATIENT if face is Face.CLINICIAN else Face.CLINICIAN)
        strip.set_face(face)
    with_button = [each for each in ACTIONS if each.strip]
    assert with_button
    for each in with_button:
        assert strip.button(each.name).isVisible() == (face in each.strip)


@pytest.mark.parametrize("height", [590, 880, 1300])  # of windows of 800, 1080 and 1500
@pytest.mark.parametrize("face", Face)
def test_no_strip_needs_scrolling(strip: ToolStrip, face: Face, height: int) -> None:
    strip.set_face(face)
    strip.resize(strip.width(), height)
    widget = strip.widget()
    assert widget is not None
    assert widget.minimumSizeHint().height() <= height
    assert widget.minimumSizeHint().width() <= strip.width()


def test_a_strip_is_as_narrow_as_the_height_allows(strip: ToolStrip) -> None:
    strip.resize(strip.width(), 1300)
    narrow = strip.width()
    strip.resize(narrow, 500)
    assert strip.width() > narrow
    strip.resize(strip.width(), 1300)
    assert strip.width() == narrow
    assert strip.button("fit").isVisible()


@pytest.mark.parametrize("action", [each for each in ACTIONS if each.strip], ids=lambda a: a.name)
def test_every_button_has_an_icon_of_its_own(action: Action) -> None:
    assert action.name in icons.DRAWINGS


def test_a_hand_is_chosen_and_everything_else_is_asked_for(qtbot: QtBot, strip: ToolStrip) -> None:
    with qtbot.waitSignal(strip.chosen) as chosen:
        qtbot.mouseClick(strip.button("loupe"), LEFT)
    assert chosen.args == [Hand.LOUPE]
    with qtbot.waitSignal(strip.asked) as asked:
        qtbot.mouseClick(strip.button("true_size"), LEFT)
    assert asked.args == ["true_size"]


def test_one_hand_is_shown_at_a_time(strip: ToolStrip) -> None:
    strip.show_hand(Hand.ZOOM)
    hands = [each.name for each in ACTIONS if each.hand and each.strip]
    assert [name for name in hands if strip.button(name).isChecked()] == ["zoom"]


def test_a_button_tells_its_key_or_why_it_does_nothing(strip: ToolStrip) -> None:
    keys = Keys(ForOneRun())
    strip.set_keys(keys)
    assert strip.button("fit").toolTip() == "Show the whole picture (F)"
    keys.change("fit", "N")
    assert strip.button("fit").toolTip() == "Show the whole picture (N)"
    strip.set_reason("true_size", "Nobody knows")
    assert not strip.button("true_size").isEnabled()
    assert strip.button("true_size").toolTip() == "Nobody knows."
    strip.set_reason("true_size", "")
    assert strip.button("true_size").isEnabled()
