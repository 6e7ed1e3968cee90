"""What holds for every window: words, contrast, names, and a fast start."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fake_wallet import FakeDoor, FakeWallet
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

import app.ui
from app.ui.controls import Chip
from app.ui.jobs import Jobs
from app.ui.pages.start import Start
from app.ui.theme import DARK, LIGHT, Theme, Tokens
from app.ui.window import MainWindow

FORBIDDEN = re.compile(
    r"\b(gas|hash\w*|nonces?|transactions?|blocks?|cids?|nodes?|ciphertexts?|blockchain|ethereum"
    r"|ledger|pinned|pinning)\b",
    re.IGNORECASE,
)
SOURCES = sorted(Path(app.ui.__file__).parent.rglob("*.py"))
HEAVY = ("web3", "pydicom", "keyring", "numpy", "cryptography", "requests", "segno", "imagecodecs")


def visible_texts(widget: QWidget) -> list[str]:
    """Everything in a window that can be read or heard."""
    texts = []
    for each in (widget, *widget.findChildren(QWidget)):
        texts += [each.toolTip(), each.accessibleName(), each.accessibleDescription()]
        texts.append(each.windowTitle())
        if isinstance(each, QLabel | QAbstractButton | Chip):
            texts.append(each.text())
        if isinstance(each, QLineEdit | QPlainTextEdit):
            texts.append(each.placeholderText())
        if isinstance(each, QComboBox):
            texts += [each.itemText(number) for number in range(each.count())]
    return [text for text in texts if text]


def test_no_forbidden_word_stands_in_any_window(
    qtbot: QtBot, window: MainWindow, wallet: FakeWallet, jobs: Jobs, door: FakeDoor
) -> None:
    def idle() -> None:
        qtbot.waitUntil(lambda: not jobs.running)

    texts = []
    for place in range(5):
        window.go(place)
        idle()
        texts += visible_texts(window)
    window.open_link("rayfolio:abc")
    idle()
    window.show_study(wallet.all[0])
    idle()
    window.study.share.click()
    idle()
    texts += visible_texts(window)
    window.sheet.by_link.click()
    window.sheet.give.click()
    idle()
    texts += visible_texts(window)
    start = Start(jobs, lambda: door, Path("nowhere"))
    qtbot.addWidget(start)
    texts += visible_texts(start)

    assert len(texts) > 300
    assert "Settings" in texts
    assert [text for text in texts if FORBIDDEN.search(text)] == []


def spoken_literals(source: Path) -> list[str]:
    """The texts that a file gives to the translator."""
    found = []
    for call in ast.walk(ast.parse(source.read_text())):
        if not isinstance(call, ast.Call):
            continue
        name = (
            call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        )
        if name in ("tr", "say", "counted", "translate"):
            found += [
                each.value
                for argument in call.args
                for each in ast.walk(argument)
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            ]
    return found


def test_no_forbidden_word_stands_in_any_text_of_the_sources() -> None:
    texts = [text for source in SOURCES for text in spoken_literals(source)]
    assert len(texts) > 200
    assert [text for text in texts if FORBIDDEN.search(text)] == []


def luminance(colour: str) -> float:
    parts = [QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("worn", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_has_contrast(worn: Tokens) -> None:
    for ground in (worn.ground, worn.surface, worn.raised):
        for text in (worn.text, worn.quiet, worn.danger):
            assert contrast(text, ground) >= 4.5, (text, ground)
        assert contrast(worn.edge, ground) >= 3
    for text, ground in (
        (worn.on_accent, worn.accent),
        (worn.on_accent, worn.accent_strong),
        (worn.shared, worn.shared_ground),
        (worn.safe, worn.safe_ground),
        (worn.danger, worn.danger_ground),
        (worn.quiet, worn.quiet_ground),
    ):
        assert contrast(text, ground) >= 4.5, (text, ground)
    assert contrast(worn.accent, worn.surface) >= 3


def test_everything_that_can_be_pressed_or_typed_in_has_a_name(
    qtbot: QtBot, window: MainWindow, wallet: FakeWallet, jobs: Jobs
) -> None:
    window.show_study(wallet.all[0])
    qtbot.waitUntil(lambda: not jobs.running)
    window.study.share.click()
    qtbot.waitUntil(lambda: not jobs.running)
    pressed = window.findChildren(QAbstractButton)
    typed = [*window.findChildren(QLineEdit), *window.findChildren(QComboBox)]
    own = [each for each in (*pressed, *typed) if not each.objectName().startswith("qt_")]
    assert len(own) > 30
    nameless = [
        each
        for each in own
        if not each.accessibleName()
        and not (isinstance(each, QAbstractButton) and each.text())
        and not isinstance(each.parent(), QLineEdit | QComboBox)
    ]
    assert nameless == []


def test_one_accent_button_a_page(
    qtbot: QtBot, window: MainWindow, wallet: FakeWallet, jobs: Jobs
) -> None:
    for place in range(5):
        window.go(place)
        qtbot.waitUntil(lambda: not jobs.running)
        assert _accents(window) <= 1
    window.open_link("rayfolio:abc")
    qtbot.waitUntil(lambda: not jobs.running)
    assert _accents(window) == 1
    window.show_study(wallet.all[0])
    qtbot.waitUntil(lambda: not jobs.running)
    assert _accents(window) == 1


def _accents(window: MainWindow) -> int:
    return sum(
        each.isVisible() and each.property("role") == "accent"
        for each in window.findChildren(QAbstractButton)
    )


@pytest.mark.parametrize("scale", [1.0, 1.3])
def test_no_button_cuts_its_own_words(
    qtbot: QtBot, window: MainWindow, theme: Theme, jobs: Jobs, scale: float
) -> None:
    theme.set_scale(scale)
    for place in range(5):
        window.go(place)
        qtbot.waitUntil(lambda: not jobs.running)
        cut = [
            each.text()
            for each in window.findChildren(QAbstractButton)
            if each.isVisible() and each.text() and each.width() < each.sizeHint().width()
        ]
        assert cut == []
    theme.set_scale(1.0)


def test_the_first_window_needs_nothing_heavy() -> None:
    script = f"import sys, app.ui.main\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.strip() == "[]"
