"""Into a wallet, and out of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_wallet import WORDS, FakeDoor, FakeWallet
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.ui.jobs import Jobs
from app.ui.main import Shell, _parse
from app.ui.pages.start import Start
from app.ui.preferences import Preferences
from app.ui.theme import Choice, Theme
from app.ui.window import MainWindow


@pytest.fixture
def start(qtbot: QtBot, jobs: Jobs, theme: Theme, door: FakeDoor, tmp_path: Path) -> Start:
    made = Start(jobs, lambda: door, tmp_path)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def idle(qtbot: QtBot, jobs: Jobs):
    return lambda: qtbot.waitUntil(lambda: not jobs.running)


def answer(start: Start) -> None:
    """Type the words that are asked for."""
    for field in start.check_words.fields:
        number = int(field.accessibleName().removeprefix("Word "))
        field.setText(WORDS.split()[number - 1].upper())
    start.check_words.onward.click()


def test_making_a_wallet(qtbot: QtBot, start: Start, door: FakeDoor, idle) -> None:
    start.begin()
    idle()
    assert start.steps.currentWidget() is start.welcome
    start.welcome.make.click()
    idle()
    assert not start.show_words.onward.isEnabled()
    hidden = [label.text() for label in start.show_words.findChildren(QLabel)]
    assert "sausage" not in hidden
    start.show_words.reveal.click()
    assert "sausage" in [label.text() for label in start.show_words.findChildren(QLabel)]
    start.show_words.onward.click()
    assert len(start.check_words.fields) == 3
    answer(start)
    assert start.steps.currentWidget() is start.protect
    start.protect.name.setText("Maria Keller")
    start.protect.passphrase.setText("correct horse")
    start.protect.again.setText("correct horse")
    with qtbot.waitSignal(start.entered):
        start.protect.make.click()
    assert door.created == [(WORDS, "Maria Keller", "correct horse")]
    said = [label.text() for label in start.findChildren(QLabel)]
    assert "sausage" not in said
    assert start.protect.passphrase.text() == ""


def test_a_wrong_word_is_not_passed(start: Start, idle) -> None:
    start.begin()
    idle()
    start.welcome.make.click()
    idle()
    start.show_words.reveal.click()
    start.show_words.onward.click()
    start.check_words.fields[0].setText("elephant")
    start.check_words.onward.click()
    assert start.steps.currentWidget() is start.check_words
    assert "Look at your paper again" in start.check_words.notice.text()


def test_restoring_takes_the_words_as_they_are_typed(
    qtbot: QtBot, start: Start, door: FakeDoor, idle
) -> None:
    start.begin()
    idle()
    start.welcome.restore.click()
    start.restore_words.text.setPlainText(WORDS.upper().replace(" ", "\n  "))
    start.restore_words.onward.click()
    start.protect.name.setText("Maria")
    start.protect.with_keyring.click()
    with qtbot.waitSignal(start.entered):
        start.protect.make.click()
    assert door.created == [(WORDS, "Maria", None)]


def test_a_wrong_number_of_words_is_said(start: Start, idle) -> None:
    start.begin()
    idle()
    start.welcome.restore.click()
    start.restore_words.text.setPlainText("legal winner")
    start.restore_words.onward.click()
    assert start.notice.text().startswith("These are 2 words.")


@pytest.mark.parametrize(
    ("name", "first", "second", "said"),
    [
        ("", "correct horse", "correct horse", "Type your name first."),
        ("Maria", "short", "short", "too short"),
        ("Maria", "correct horse", "correct house", "differ"),
    ],
)
def test_what_is_missing_is_said(
    start: Start, name: str, first: str, second: str, said: str
) -> None:
    start.protect.name.setText(name)
    start.protect.passphrase.setText(first)
    start.protect.again.setText(second)
    start.protect.make.click()
    assert said in start.protect.notice.text()


def test_unlocking_by_the_keyboard(qtbot: QtBot, start: Start, door: FakeDoor, idle) -> None:
    door.there = True
    start.begin()
    idle()
    assert start.steps.currentWidget() is start.unlock
    qtbot.keyClicks(start.unlock.passphrase, "wrong")
    qtbot.keyClick(start.unlock.passphrase, Qt.Key.Key_Return)
    idle()
    assert start.notice.text() == "The passphrase is wrong. Check it and try again."
    start.unlock.passphrase.setText("correct horse")
    with qtbot.waitSignal(start.entered):
        qtbot.keyClick(start.unlock.passphrase, Qt.Key.Key_Return)


def test_a_wallet_in_the_keyring_opens_by_itself(
    qtbot: QtBot, start: Start, door: FakeDoor
) -> None:
    door.there, door.passphrase = True, None
    with qtbot.waitSignal(start.entered):
        start.begin()


def test_locking_forgets_and_asks_again(
    qtbot: QtBot, theme: Theme, door: FakeDoor, wallet: FakeWallet, tmp_path: Path
) -> None:
    door.there, door.passphrase = True, None
    shell = Shell(lambda: door, tmp_path, lambda source, title: QLabel(), theme, Preferences())
    qtbot.addWidget(shell)
    with qtbot.waitSignal(shell.entered):
        shell.show()
    inside = shell.window_inside
    assert isinstance(inside, MainWindow)
    qtbot.waitUntil(lambda: not shell.jobs.running)
    inside.rail.lock.click()
    qtbot.waitUntil(lambda: not shell.jobs.running)
    assert wallet.closed
    assert shell.currentWidget() is shell.start
    assert shell.start.steps.currentWidget() is shell.start.unlock
    shell.close()


def test_a_link_given_at_the_start_waits_for_the_wallet(
    qtbot: QtBot, theme: Theme, door: FakeDoor, wallet: FakeWallet, tmp_path: Path
) -> None:
    door.there, door.passphrase = True, None
    shell = Shell(
        lambda: door, tmp_path, lambda source, title: QLabel(), theme, Preferences(), "rayfolio:abc"
    )
    qtbot.addWidget(shell)
    with qtbot.waitSignal(shell.entered):
        shell.show()
    qtbot.waitUntil(lambda: ("open_link", "rayfolio:abc", None) in wallet.calls)
    qtbot.waitUntil(lambda: not shell.jobs.running)
    shell.close()


def test_the_command_takes_a_home_and_a_link(tmp_path: Path) -> None:
    given = _parse(["--home", str(tmp_path), "rayfolio:abc"])
    assert given.home == tmp_path
    assert given.link == "rayfolio:abc"


def test_another_scheme_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _parse(["https://example.org"])
    assert "rayfolio:" in capsys.readouterr().err


def test_looks_and_habits_are_remembered(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    kept.choice = Choice.DARK
    kept.scale = 1.3
    kept.lock_after_minutes = 5
    again = Preferences(tmp_path)
    assert (again.choice, again.scale, again.lock_after_minutes) == (Choice.DARK, 1.3, 5)


def test_nothing_is_written_before_there_is_a_wallet(tmp_path: Path) -> None:
    Preferences(tmp_path / "none").choice = Choice.DARK
    assert not (tmp_path / "none").exists()


def test_odd_preferences_fall_back(tmp_path: Path) -> None:
    (tmp_path / "window.ini").write_text(
        "[General]\nscheme=pink\nscale=9\nlock_after_minutes=-1\ngeometry=x\n"
    )
    kept = Preferences(tmp_path)
    assert (kept.choice, kept.scale, kept.lock_after_minutes) == (Choice.SYSTEM, 1.0, 15)
