"""Work off the interface thread."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.ui.job_bar import JobBar
from app.ui.jobs import Job, Jobs
from viewer.errors import CannotDraw
from wallet.errors import Cancelled, StoreUnreachable
from wallet.ports import Progress


@pytest.fixture
def owner() -> QObject:
    return QObject()


def test_a_call_runs_elsewhere_and_answers_here(qtbot: QtBot, jobs: Jobs, owner: QObject) -> None:
    ran: list[int] = []
    answered: list[int] = []

    def call(_: Progress) -> str:
        ran.append(threading.get_ident())
        return "done"

    jobs.read(owner, call, lambda _: answered.append(threading.get_ident()), pytest.fail)
    qtbot.waitUntil(lambda: bool(answered))

    assert answered == [threading.get_ident()]
    assert ran != answered


def test_an_answer_never_comes_inside_the_click(qtbot: QtBot, jobs: Jobs, owner: QObject) -> None:
    answers: list[int] = []
    finished = threading.Event()

    jobs.read(owner, lambda _: finished.set() or 1, answers.append, pytest.fail)
    finished.wait(5)
    assert answers == []

    qtbot.waitUntil(lambda: answers == [1])


@pytest.mark.parametrize("error", [StoreUnreachable("this computer"), CannotDraw("empty")])
def test_what_a_person_can_be_told_goes_to_failed(
    qtbot: QtBot, jobs: Jobs, owner: QObject, error: Exception
) -> None:
    failures: list[Exception] = []

    def call(_: Progress) -> None:
        raise error

    jobs.read(owner, call, pytest.fail, failures.append)
    qtbot.waitUntil(lambda: failures == [error])


def test_a_bug_reaches_the_crash_handler(qtbot: QtBot, jobs: Jobs, owner: QObject) -> None:
    with qtbot.captureExceptions() as raised:
        jobs.read(owner, lambda _: 1 / 0, pytest.fail, pytest.fail)
        qtbot.waitUntil(lambda: bool(raised))

    assert raised[0][0] is ZeroDivisionError


def test_a_page_that_is_gone_is_not_called(qtbot: QtBot, jobs: Jobs) -> None:
    page = QObject()
    hold = threading.Event()
    jobs.read(page, lambda _: hold.wait(5), pytest.fail, pytest.fail)
    page.deleteLater()
    qtbot.waitSignal(page.destroyed)
    from shiboken6 import isValid

    qtbot.waitUntil(lambda: not isValid(page))

    with qtbot.waitSignal(jobs.ended):
        hold.set()
    qtbot.waitUntil(lambda: not jobs.running)


def test_a_stopped_job_is_cancelled_at_its_next_report(
    qtbot: QtBot, jobs: Jobs, owner: QObject
) -> None:
    failures: list[Exception] = []
    hold = threading.Event()

    def call(progress: Progress) -> None:
        progress("Reading", 1, 10)
        hold.wait(5)
        progress("Reading", 2, 10)

    job = jobs.change(owner, "Adding scans", call, pytest.fail, failures.append)
    qtbot.waitUntil(lambda: job.done == 1)
    job.stop()
    hold.set()

    qtbot.waitUntil(lambda: bool(failures))
    assert isinstance(failures[0], Cancelled)


def test_changes_wait_for_each_other_and_reading_does_not(
    qtbot: QtBot, jobs: Jobs, owner: QObject
) -> None:
    order: list[str] = []
    hold = threading.Event()
    jobs.change(owner, "one", lambda _: hold.wait(5), lambda _: order.append("one"), pytest.fail)
    jobs.change(owner, "two", lambda _: None, lambda _: order.append("two"), pytest.fail)
    jobs.read(owner, lambda _: None, lambda _: order.append("look"), pytest.fail)

    qtbot.waitUntil(lambda: order == ["look"])
    hold.set()
    qtbot.waitUntil(lambda: order == ["look", "one", "two"])


def test_the_bar_says_what_how_far_and_that_more_waits(
    qtbot: QtBot, jobs: Jobs, owner: QObject
) -> None:
    bar = JobBar(jobs)
    qtbot.addWidget(bar)
    hold = threading.Event()

    def call(progress: Progress) -> None:
        progress("Reading", 37, 100)
        hold.wait(5)

    jobs.change(owner, "Adding scans", call, lambda _: None, pytest.fail)
    jobs.change(owner, "Saving a copy", lambda _: None, lambda _: None, pytest.fail)
    qtbot.waitUntil(lambda: bar.how_far.text() == "37 %")

    assert not bar.isHidden()
    assert "Adding scans" in bar.title.text()
    assert "1 more waits" in bar.title.text()
    hold.set()
    qtbot.waitUntil(bar.isHidden)


def test_the_time_left_is_said_only_when_it_is_more_than_a_guess() -> None:
    job = Job("Adding scans", shown=True)
    assert job.left_s is None
    job._started -= 10
    job("Reading", 1, 4)
    assert job.left_s == pytest.approx(30, abs=1)
