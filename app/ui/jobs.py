"""Work off the interface thread: the one place of the windows that knows of threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from viewer.errors import ViewerError
from wallet.errors import Cancelled, WalletError
from wallet.ports import Progress

T = TypeVar("T")
Failure = WalletError | ViewerError
REPORT_EVERY_S = 0.05


class Job(QObject):
    """One call under way. It is its own Progress: the call reports to it and is stopped by it."""

    progressed = Signal()

    def __init__(self, title: str, shown: bool) -> None:
        super().__init__()
        self.title = title
        self.shown = shown
        self.what = ""
        self.done = 0
        self.total = 0
        self._started = time.monotonic()
        self._reported = 0.0
        self._stop = threading.Event()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Note how far the call is, on its own thread. Raises: Cancelled."""
        if self._stop.is_set():
            raise Cancelled
        now = time.monotonic()
        changed = what != self.what
        self.what, self.done, self.total = what, done, total
        if changed or now - self._reported >= REPORT_EVERY_S:
            self._reported = now
            self.progressed.emit()

    @property
    def is_stopping(self) -> bool:
        return self._stop.is_set()

    @property
    def left_s(self) -> float | None:
        """How long it will still take, or None while that is a guess."""
        spent = time.monotonic() - self._started
        if spent < 2 or self.done <= 0 or self.total <= 0 or self.done >= self.total:
            return None
        return spent * (self.total - self.done) / self.done

    @Slot()
    def stop(self) -> None:
        """Ask the call to stop at its next report."""
        self._stop.set()
        self.progressed.emit()


class Jobs(QObject):
    """Runs calls on workers and delivers on the interface thread.

    Changes queue up behind each other; reading goes beside them. What a person can be told about
    goes to `failed`; anything else is a bug and is raised again here, where the crash handler is.
    """

    started = Signal(object)
    ended = Signal(object)
    _ready = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changes = ThreadPoolExecutor(1, thread_name_prefix="change")
        self._readings = ThreadPoolExecutor(2, thread_name_prefix="reading")
        self._running: set[Job] = set()
        # Queued even from this thread: a call that is done at once must not answer early.
        self._ready.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def running(self) -> tuple[Job, ...]:
        return tuple(self._running)

    def change(
        self,
        owner: QObject,
        title: str,
        call: Callable[[Progress], T],
        succeeded: Callable[[T], None],
        failed: Callable[[Failure], None],
    ) -> Job:
        """Run a call that changes something and is shown in the job bar."""
        return self._submit(self._changes, Job(title, shown=True), owner, call, succeeded, failed)

    def read(
        self,
        owner: QObject,
        call: Callable[[Progress], T],
        succeeded: Callable[[T], None],
        failed: Callable[[Failure], None],
    ) -> Job:
        """Run a call that only looks; its page shows that it waits."""
        return self._submit(self._readings, Job("", shown=False), owner, call, succeeded, failed)

    def _submit(
        self,
        pool: ThreadPoolExecutor,
        job: Job,
        owner: QObject,
        call: Callable[[Progress], T],
        succeeded: Callable[[T], None],
        failed: Callable[[Failure], None],
    ) -> Job:
        self._running.add(job)
        self.started.emit(job)

        def started_call() -> T:
            if job.is_stopping:
                raise Cancelled
            return call(job)

        future = pool.submit(started_call)
        future.add_done_callback(
            lambda ended: self._ready.emit((job, owner, ended, succeeded, failed))
        )
        return job

    def close(self) -> None:
        """Stop what runs, drop what has not started, wait for the rest."""
        for job in self.running:
            job.stop()
        for pool in (self._changes, self._readings):
            pool.shutdown(cancel_futures=True)

    @Slot(object)
    def _deliver(
        self,
        ended: tuple[
            Job,
            QObject,
            Future[Any],
            Callable[[Any], None],
            Callable[[Failure], None],
        ],
    ) -> None:
        job, owner, future, succeeded, failed = ended
        self._running.discard(job)
        self.ended.emit(job)
        if future.cancelled() or not isValid(owner):
            return
        try:
            result = future.result()
        except (WalletError, ViewerError) as error:
            failed(error)
        else:
            succeeded(result)
