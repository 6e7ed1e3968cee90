"""All instances of one kind that a study holds, read one after another in a thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from viewer.dicom.kinds import Content
from viewer.dicom.reader import Reader
from viewer.dicom.source import SeriesView
from viewer.ui.frames import has_sentence
from viewer.ui.study import OpenStudy

T = TypeVar("T")


class _Relay(QObject):
    finished = Signal(object, object)  # OpenStudy, Future


class ReadThrough(Generic[T]):
    """What was read of the studies that are shown; what cannot be read is left out."""

    def __init__(
        self,
        content: Content,
        read: Callable[[Reader, SeriesView, int], T],
        told: Callable[[], None],
    ) -> None:
        """Args: told: is called in the interface's thread, for each that was read."""
        self._content, self._read, self._told = content, read, told
        self._closed = False
        self._found: dict[int, list[T]] = {}  # by the number of the study
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=content.name.lower())
        self._relay = _Relay()
        self._relay.finished.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def look_through(self, study: OpenStudy) -> None:
        """Begin to read a study."""
        reader, relay = study.reader, self._relay
        if reader is None:
            return
        for series, instance in reader.instances(self._content):
            future = self._pool.submit(self._read, reader, series, instance)
            future.add_done_callback(
                lambda done: None if done.cancelled() else relay.finished.emit(study, done)
            )

    def of(self, study: OpenStudy) -> list[T]:
        """Return what was read of a study by now."""
        return self._found.get(study.number, [])

    def close(self) -> None:
        """Stop reading."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take(self, study: OpenStudy, future: Future[T]) -> None:
        if self._closed:
            return
        error = future.exception()
        if error is None:
            self._found.setdefault(study.number, []).append(future.result())
            self._told()
        elif not has_sentence(error):
            raise error
