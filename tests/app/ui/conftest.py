"""A window on a wallet in memory; without a screen, unless one is asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).parent))

from fake_wallet import FakeDoor, FakeWallet

from app.ui.jobs import Jobs
from app.ui.preferences import Preferences
from app.ui.theme import Choice, Theme
from app.ui.window import MainWindow


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("en_GB"))
    yield
    QLocale.setDefault(before)


@pytest.fixture
def wallet() -> FakeWallet:
    return FakeWallet()


@pytest.fixture
def door(wallet: FakeWallet) -> FakeDoor:
    return FakeDoor(wallet=wallet)


@pytest.fixture
def jobs(qapp: QApplication) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, Choice.LIGHT)


def viewer(source: object, title: str, own: object = None, keeper: object = None) -> QWidget:
    made = QLabel(title)
    made.setObjectName("viewer")
    made.setProperty("own", getattr(own, "study", ""))
    return made


@pytest.fixture
def window(qtbot: QtBot, wallet: FakeWallet, jobs: Jobs, theme: Theme) -> Iterator[MainWindow]:
    made = MainWindow(wallet, jobs, viewer, theme, Preferences())
    qtbot.addWidget(made)
    made.resize(1280, 800)
    with qtbot.waitExposed(made):
        made.show()
    qtbot.waitUntil(lambda: not jobs.running)
    yield made
    qtbot.waitUntil(lambda: not jobs.running)
