"""Finds the older study that a picture is compared with, off the interface's thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from viewer import priors
from viewer.dicom.header import Header
from viewer.dicom.source import SeriesView
from viewer.errors import NothingBefore, OtherPerson, ViewerError
from viewer.priors import OtherStudy, PriorStudies
from viewer.ui.frames import has_sentence
from viewer.ui.study import OpenStudy

MOST_OPENED = 6  # of those before, the most recent first


class _Relay(QObject):
    """Brings what the thread has finished to the interface's thread."""

    finished = Signal(object, object)  # Future, what to do with it


class Comparing(QObject):
    """Asks once what there is; then opens and picks when a person wants to compare."""

    offered = Signal(object)  # Sequence[OtherStudy]
    found = Signal(object, int)  # OpenStudy, series: what to lay beside the current one
    failed = Signal(str)  # the sentence why there is none

    def __init__(self, given: PriorStudies, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._given = given
        self._studies: tuple[OtherStudy, ...] = ()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="compare")
        self._relay = _Relay()
        self._relay.finished.connect(_deliver, Qt.ConnectionType.QueuedConnection)
        self._run = 0  # the search that counts
        self._closed = False
        self._in_thread(given.offered, self._take_offered)

    @property
    def studies(self) -> tuple[OtherStudy, ...]:
        """What can be compared with, as far as it is known by now."""
        return self._studies

    def compare(self, current: SeriesView, number: int, chosen: OtherStudy | None = None) -> None:
        """Look for what a series is best compared with, in one study or in those before it.

        Args:
            number: of the study that is opened, for its frames.
        """
        self._run += 1
        header = current.headers[0]
        wanted = [chosen] if chosen else priors.before(self._studies, header.study_date)
        _Search(self, current, number, wanted[:MOST_OPENED]).go_on()

    def close(self) -> None:
        """Stop; nothing is told any more."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    # -- parts --------------------------------------------------------------------------------

    @property
    def run(self) -> int:
        return self._run

    def _take_offered(self, future: Future[Sequence[OtherStudy]]) -> None:
        error = future.exception()
        if error is not None:
            _raise_mistake(error)  # without older studies there is nothing to compare; no more
            return
        self._studies = tuple(future.result())
        self.offered.emit(self._studies)

    def open(
        self, study: OtherStudy, number: int, then: Callable[[Future[OpenStudy]], None]
    ) -> None:
        """Open a study in the thread."""

        def work() -> OpenStudy:
            found = study.open()
            return OpenStudy.of(
                found.source, found.decode, study.title, number=number, reader=found.reader
            )

        self._in_thread(work, then)

    def _in_thread(self, work: Callable[[], Any], then: Callable[[Future[Any]], None]) -> None:
        def told(future: Future[Any]) -> None:
            if not self._closed:
                then(future)

        relay = self._relay
        future = self._pool.submit(work)
        future.add_done_callback(
            lambda done: None if done.cancelled() else relay.finished.emit(done, told)
        )


class _Search:
    """One search: opens one study after another, then picks."""

    def __init__(
        self,
        comparing: Comparing,
        current: SeriesView,
        number: int,
        wanted: Sequence[OtherStudy],
    ) -> None:
        self._comparing, self._current, self._number = comparing, current, number
        self._left = list(wanted)
        self._run = comparing.run
        self._found: list[tuple[OpenStudy, int]] = []
        self._why: ViewerError | BaseException = NothingBefore()

    def go_on(self) -> None:
        if self._left:
            self._comparing.open(self._left.pop(0), self._number, self._take)
        else:
            self._end()

    def _take(self, future: Future[OpenStudy]) -> None:
        if self._run != self._comparing.run:
            return
        error = future.exception()
        if error is None:
            self._add(future.result())
        else:
            _raise_mistake(error)
            self._why = error
        self.go_on()

    def _add(self, study: OpenStudy) -> None:
        ours = self._current.headers[0]
        headers = [header for each in study.series for header in each.headers]
        if any(header.study_uid == ours.study_uid for header in headers):
            return  # the very study that is looked at
        try:
            check_all(ours, headers)
        except OtherPerson as error:
            self._why = error
            return
        self._found += [(study, n) for n in range(len(study.series))]

    def _end(self) -> None:
        picked = priors.pick(self._current, [s.series[n] for s, n in self._found])
        if picked is None:
            self._comparing.failed.emit(str(self._why))
        else:
            self._comparing.found.emit(*self._found[picked])


def check_all(ours: Header, theirs: Sequence[Header]) -> None:
    """Raises: OtherPerson unless every instance is of the same person as `ours`."""
    for header in theirs:
        priors.check_person(ours, header)


def _deliver(future: Future[Any], told: Callable[[Future[Any]], None]) -> None:
    told(future)


def _raise_mistake(error: BaseException) -> None:
    """What has no sentence is our own mistake, and goes on to the crash handler."""
    if not has_sentence(error):
        raise error
