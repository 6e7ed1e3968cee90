"""The sheet of keys, with mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from viewer.ui.actions import ACTIONS, FIXED
from viewer.ui.face import Face
from viewer.ui.keys import Keys
from viewer.ui.keys_sheet import KeysSheet
from viewer.ui.preferences import ForOneRun

LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def keys() -> Keys:
    return Keys(ForOneRun())


@pytest.fixture
def sheet(qtbot: QtBot, keys: Keys) -> KeysSheet:
    made = KeysSheet(keys, Face.CLINICIAN)
    qtbot.addWidget(made)
    made.show()
    return made


def words(sheet: KeysSheet) -> list[str]:
    return [each.text() for each in sheet.findChildren(QLabel)]


def test_every_action_and_every_fixed_key_is_on_the_sheet(sheet: KeysSheet) -> None:
    found = words(sheet)
    assert not [each for each in ACTIONS if not each.has_menu and each.word not in found]
    for told, word, _, _ in FIXED:
        assert told in found
        assert word in found


def test_all_of_it_can_be_seen_at_once(sheet: KeysSheet) -> None:
    area = sheet.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    assert area.verticalScrollBar().maximum() == 0
    assert sheet.width() <= 1280
    assert sheet.height() <= 800


def test_a_patient_reads_of_what_a_patient_has(qtbot: QtBot, keys: Keys) -> None:
    sheet = KeysSheet(keys, Face.PATIENT)
    qtbot.addWidget(sheet)
    found = words(sheet)
    only = [each for each in ACTIONS if Face.PATIENT not in each.faces and not each.has_menu]
    assert only
    assert not [each.word for each in only if each.word in found]


def test_a_click_and_a_key_change_it(qtbot: QtBot, sheet: KeysSheet, keys: Keys) -> None:
    qtbot.mouseClick(sheet.cap("invert"), LEFT)
    assert "Invert" in sheet.said.text()
    qtbot.keyClick(sheet, Qt.Key.Key_Shift, SHIFT)  # alone it is no key
    qtbot.keyClick(sheet, Qt.Key.Key_N, SHIFT)
    assert keys.of("invert") == ("Shift+N",)
    assert sheet.cap("invert").text() == "Shift+N"
    assert sheet.back.isEnabled()
    qtbot.mouseClick(sheet.back, LEFT)
    assert keys.of("invert") == ("I",)
    assert not sheet.back.isEnabled()


def test_a_key_that_is_taken_is_said_and_another_is_waited_for(
    qtbot: QtBot, sheet: KeysSheet, keys: Keys
) -> None:
    qtbot.mouseClick(sheet.cap("invert"), LEFT)
    qtbot.keyClick(sheet, Qt.Key.Key_F)
    assert "Fit" in sheet.said.text()
    assert keys.of("fit") == ("F",)
    qtbot.keyClick(sheet, Qt.Key.Key_Home)
    assert "image" in sheet.said.text()
    qtbot.keyClick(sheet, Qt.Key.Key_N)
    assert keys.of("invert") == ("N",)


def test_escape_leaves_a_key_and_then_the_sheet(qtbot: QtBot, sheet: KeysSheet, keys: Keys) -> None:
    qtbot.mouseClick(sheet.cap("invert"), LEFT)
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert sheet.isVisible()
    assert keys.of("invert") == ("I",)
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_backspace_takes_a_key_away(qtbot: QtBot, sheet: KeysSheet, keys: Keys) -> None:
    qtbot.mouseClick(sheet.cap("invert"), LEFT)
    qtbot.keyClick(sheet, Qt.Key.Key_Backspace)
    assert keys.of("invert") == ()
    assert sheet.cap("invert").text() == "none"


@pytest.mark.parametrize(
    ("key", "modifiers", "expected"),
    [
        (Qt.Key.Key_Exclam, SHIFT, "!"),  # Shift made it what it is
        (Qt.Key.Key_F5, SHIFT, "Shift+F5"),
        (Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier, "Ctrl+N"),
        (Qt.Key.Key_Slash, Qt.KeyboardModifier.KeypadModifier, "/"),
    ],
)
def test_keys_are_kept_as_they_are_named(
    qtbot: QtBot,
    sheet: KeysSheet,
    keys: Keys,
    key: Qt.Key,
    modifiers: Qt.KeyboardModifier,
    expected: str,
) -> None:
    qtbot.mouseClick(sheet.cap("invert"), LEFT)
    qtbot.keyClick(sheet, key, modifiers)
    assert keys.of("invert") == (expected,)
