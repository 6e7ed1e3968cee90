"""Keys: one table, a person's changes to it, and what they do in a window."""

from __future__ import annotations

import itertools
import json
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from viewer.dicom.calibration import Basis, Calibration
from viewer.dicom.pixels import Pixels
from viewer.errors import KeyTaken
from viewer.ui import picture_acts
from viewer.ui.actions import ACTIONS, BY_NAME, FIXED_KEYS, Action
from viewer.ui.face import Face
from viewer.ui.image_view import ImageView
from viewer.ui.keys import KEPT_AS, Keys, Shortcuts, portable
from viewer.ui.preferences import ForOneRun

SHIFT = Qt.KeyboardModifier.ShiftModifier


def pressed(qtbot: QtBot, image: ImageView, key: str) -> None:
    """Press what a person would press for `key`."""
    combination = QKeySequence(key)[0]
    qtbot.keyClick(image, combination.key(), combination.keyboardModifiers())


@pytest.fixture
def image(qtbot: QtBot) -> ImageView:
    made = ImageView()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    body = Calibration(Basis.BODY, (0.5, 0.5))
    eye = np.eye(50, dtype=np.uint8)
    made.set_pixels(Pixels(eye, "MONOCHROME2", 8, False, calibration=body))
    made.setFocus()
    return made


def bound(keys: Keys, image: ImageView) -> Shortcuts:
    acts = {name: partial(act, image) for name, act in picture_acts.ACTS.items()}
    return Shortcuts(keys, acts, image)


def test_every_action_has_a_name_of_its_own_and_words() -> None:
    assert len(BY_NAME) == len(ACTIONS) > 10
    assert all(each.word and each.about for each in ACTIONS)


def test_no_key_does_two_things() -> None:
    for one, other in itertools.combinations(ACTIONS, 2):
        if one.faces & other.faces:
            assert not set(one.keys) & set(other.keys), (one.name, other.name)
    assert not {key for each in ACTIONS for key in each.keys} & set(FIXED_KEYS)


@pytest.mark.parametrize("key", [key for each in ACTIONS for key in each.keys] + [*FIXED_KEYS])
def test_every_key_of_the_table_is_written_as_qt_writes_it(key: str) -> None:
    assert portable(key) == key


def test_what_is_on_a_strip_is_there_for_that_face() -> None:
    assert all(each.strip <= each.faces for each in ACTIONS)


OF_THE_PICTURE = [each for each in ACTIONS if each.name in picture_acts.ACTS and not each.hand]


@pytest.mark.parametrize("action", OF_THE_PICTURE, ids=lambda each: each.name)
def test_each_key_does_what_its_action_does(qtbot: QtBot, image: ImageView, action: Action) -> None:
    shortcuts = bound(Keys(ForOneRun()), image)
    for key in action.keys:
        image.reset()
        image.zoom_by(3)
        before = image.view
        picture_acts.ACTS[action.name](image)
        expected = image.view
        assert expected != before
        image.set_view(before)
        pressed(qtbot, image, key)
        assert image.view == expected
    assert shortcuts.parent() is image


def test_a_changed_key_acts_and_the_old_one_does_not(qtbot: QtBot, image: ImageView) -> None:
    keys = Keys(ForOneRun())
    bound(keys, image)
    keys.change("invert", "N")
    pressed(qtbot, image, "I")
    assert not image.view.inverted
    pressed(qtbot, image, "N")
    assert image.view.inverted


def test_a_key_that_is_taken_is_said_and_not_stolen() -> None:
    keys = Keys(ForOneRun())
    with pytest.raises(KeyTaken, match="Fit"):
        keys.change("invert", "F")
    with pytest.raises(KeyTaken, match="Image on or back"):
        keys.change("invert", "Up")
    assert keys.of("invert") == ("I",)
    assert keys.of("fit") == ("F",)


def test_a_key_that_was_given_up_is_free_for_another() -> None:
    keys = Keys(ForOneRun())
    keys.change("fit", "")
    keys.change("invert", "F")
    assert (keys.of("fit"), keys.of("invert")) == ((), ("F",))
    assert keys.action("I") is None
    keys.change("fit", "I")


def test_an_action_can_be_given_its_own_key_again() -> None:
    keys = Keys(ForOneRun())
    keys.change("zoom_in", "+")
    assert keys.of("zoom_in") == ("+",)


def test_changes_are_kept_and_can_be_undone() -> None:
    kept = ForOneRun()
    Keys(kept).change("fit", "Ctrl+Shift+G")
    keys = Keys(kept)
    assert keys.of("fit") == ("Ctrl+Shift+G",)
    assert keys.is_changed
    keys.reset()
    assert Keys(kept).of("fit") == ("F",)


def test_a_persons_key_is_not_taken_back_by_a_newer_table() -> None:
    kept = ForOneRun()
    kept.set(KEPT_AS, json.dumps({"fit": ["I"]}))
    keys = Keys(kept)
    assert (keys.of("fit"), keys.of("invert")) == (("I",), ())


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "3", "null", '{"fit": "G"}', '{"fit": [7]}', '{"nothing": ["G"]}',
        '{"fit": ["Up"], "invert": ["Nonsense+"]}', "[" * 60_000, '"' + "x" * 70_000 + '"',
    ],
)  # fmt: skip
def test_damaged_preferences_do_no_harm(text: str) -> None:
    kept = ForOneRun()
    kept.set(KEPT_AS, text)
    keys = Keys(kept)
    assert all(key not in FIXED_KEYS for each in ACTIONS for key in keys.of(each.name))
    assert keys.of("zoom_in") == ("+", "=")


def test_two_kept_actions_cannot_have_one_key() -> None:
    kept = ForOneRun()
    kept.set(KEPT_AS, '{"fit": ["G"], "invert": ["G", "N"]}')
    assert Keys(kept).of("invert") == ("N",)


def test_a_face_has_its_own_keys_only(
    qtbot: QtBot, image: ImageView, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = Action(
        "invert", "Invert", "", BY_NAME["invert"].group, ("I",), frozenset({Face.CLINICIAN})
    )
    monkeypatch.setattr("viewer.ui.keys.ACTIONS", (only,))
    shortcuts = bound(Keys(ForOneRun()), image)
    shortcuts.set_face(Face.PATIENT)
    pressed(qtbot, image, "I")
    assert not image.view.inverted
    shortcuts.set_face(Face.CLINICIAN)
    pressed(qtbot, image, "I")
    assert image.view.inverted
