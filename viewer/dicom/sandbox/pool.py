"""The sandbox as the application sees it: headers and pixels in, children replaced behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, TypeVar

from viewer.dicom.annotations import Annotations
from viewer.dicom.documents import Document, Page
from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.dicom.presentation import PresentationState
from viewer.dicom.record import Record
from viewer.dicom.sandbox import annotation_replies, document_replies, presentation_replies, replies
from viewer.dicom.sandbox.child.hardening import is_hardenable
from viewer.dicom.sandbox.elsewhere import PipedWorker
from viewer.dicom.sandbox.protocol import BATCH
from viewer.dicom.sandbox.worker import Child, Dead, Worker, Zygote
from viewer.errors import ReaderFailed, ViewerError

RETIRE_S = 900.0  # a worker's processor time is limited for life
PAGE_S = 20.0  # a page of a PDF: somebody waits for it
T = TypeVar("T")
CheckEach = Callable[[Any, int], "list[T | ViewerError]"]


class Sandbox:
    """Reads and decodes files in children. Starts on first use; any thread may call it.

    Descriptors given in must be readable; their offsets are neither used nor moved on Linux.
    """

    def __init__(self, workers: int = 2, deadline_s: float = 60.0, piped: bool | None = None):
        self._most = workers
        self._deadline_s = deadline_s
        self._piped = not is_hardenable() if piped is None else piped
        self._free = threading.Condition()
        self._idle: list[Child] = []
        self._busy: set[Child] = set()
        self._starting = 0
        self._closed = False
        self._forking = threading.Lock()
        self._zygote: Zygote | None = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def headers(self, files: Sequence[tuple[str, int]]) -> list[Header | ViewerError]:
        """Return for each (name, descriptor) its header, or why there is none, in order.

        A file at which a child ends or hangs fails alone.
        """
        return self._each("headers", files, replies.headers)

    def records(self, files: Sequence[tuple[str, int]]) -> list[Record | ViewerError]:
        """Return for each (name, descriptor) what a directory of files says of it, in order."""
        return self._each("records", files, replies.records)

    def _each(
        self, op: str, files: Sequence[tuple[str, int]], check: CheckEach[T]
    ) -> list[T | ViewerError]:
        fds = [fd for _, fd in files]
        batches = [fds[at : at + BATCH] for at in range(0, len(fds), BATCH)]
        if len(batches) == 1 or self._most == 1:
            found = [self._batch(op, each, check) for each in batches]
        else:
            with ThreadPoolExecutor(self._most, op) as threads:
                found = list(threads.map(lambda each: self._batch(op, each, check), batches))
        return [each for batch in found for each in batch]

    def decode(self, fd: int, frame: int) -> Pixels:
        """Return one frame of a whole file, or of what `viewer.dicom.source.frame_file` made.

        Raises: CannotDraw, NotDicom, ReaderFailed.
        """
        return self._ask({"op": "decode", "frame": frame}, [fd], self._deadline_s, replies.pixels)

    def document(self, fd: int) -> Document:
        """Return the report, letter or PDF that a whole file holds.

        Raises: CannotShow, NotDicom, ReaderFailed.
        """
        return self._ask({"op": "document"}, [fd], self._deadline_s, document_replies.document)

    def page(self, fd: int, number: int, scale: float) -> Page:
        """Draw one page of a PDF.

        Args:
            number: counted from 0.
            scale: px a point; `documents.scale_for` gives one that may be drawn.

        Raises: CannotShow, NotDicom, ReaderFailed.
        """
        request = {"op": "page", "page": number, "scale": scale}
        timeout_s = min(self._deadline_s, PAGE_S)
        return self._ask(request, [fd], timeout_s, document_replies.page)

    def annotations(self, fd: int) -> Annotations:
        """Return the shapes and marks of a report or of key objects.

        Raises: NotDicom, ReaderFailed.
        """
        request = {"op": "annotations"}
        return self._ask(request, [fd], self._deadline_s, annotation_replies.read)

    def presentation(self, fd: int) -> PresentationState:
        """Return how the file says that other pictures are to be seen.

        Raises: CannotShow, NotDicom, ReaderFailed.
        """
        return self._ask({"op": "presentation"}, [fd], self._deadline_s, presentation_replies.state)

    def renew(self) -> None:
        """Replace the children before their next request: no study can taint the next."""
        with self._free:
            idle, self._idle = self._idle, []
            for each in self._busy:
                each.spent_s = RETIRE_S
        for each in idle:
            each.kill()

    def close(self) -> None:
        """End all children. Calls that still run fail."""
        with self._free:
            self._closed = True
            self._free.notify_all()
            idle, self._idle = self._idle, []
        for each in idle:
            each.kill()
        with self._forking:
            if self._zygote is not None:
                self._zygote.close()  # and with it, by the kernel, the workers that are busy
                self._zygote = None

    # -- below --------------------------------------------------------------------------------

    def _batch(self, op: str, fds: list[int], check: CheckEach[T]) -> list[T | ViewerError]:
        def checked(reply: Any, _ring: replies.ReadRing) -> list[T | ViewerError]:
            return check(reply, len(fds))

        timeout_s = min(self._deadline_s, 10 + len(fds) / 4)
        try:
            return self._ask({"op": op}, fds, timeout_s, checked)
        except ReaderFailed as error:
            if len(fds) == 1 or self._closed:
                return [error] * len(fds)
        return [self._batch(op, [fd], check)[0] for fd in fds]

    def _ask(
        self,
        request: dict[str, Any],
        fds: list[int],
        timeout_s: float,
        check: Callable[[Any, replies.ReadRing], T],
    ) -> T:
        child = self._borrow()
        started = time.monotonic()
        try:
            text = child.call(request, fds, timeout_s)
            return check(replies.read(text, child.ring), child.ring)
        except Dead as error:
            child.spent_s = float("inf")
            raise ReaderFailed(error.why) from error
        except replies.Malformed as error:
            child.spent_s = float("inf")
            raise ReaderFailed("it answered nonsense") from error
        finally:
            self._give_back(child, time.monotonic() - started)

    def _borrow(self) -> Child:
        with self._free:
            while not self._closed and not self._idle and self._count() >= self._most:
                self._free.wait()
            if self._closed:
                raise ReaderFailed("the reader is closed")
            if self._idle:
                child = self._idle.pop()
                self._busy.add(child)
                return child
            self._starting += 1
        started: Child | None = None
        try:
            started = self._start()
        finally:
            with self._free:
                self._starting -= 1
                if started is not None:
                    self._busy.add(started)
                else:
                    self._free.notify()
        return started

    def _count(self) -> int:
        return len(self._idle) + len(self._busy) + self._starting

    def _start(self) -> Child:
        try:
            if self._piped:
                return PipedWorker()
            with self._forking:
                return self._fork()
        except Dead as error:
            raise ReaderFailed(error.why) from error

    def _fork(self) -> Worker:
        """Fork a worker; start the zygote first, or once more if it has ended."""
        if self._zygote is not None:
            try:
                return Worker(self._zygote)
            except Dead:
                self._zygote.close()
        self._zygote = None
        self._zygote = Zygote()
        return Worker(self._zygote)

    def _give_back(self, child: Child, spent_s: float) -> None:
        child.spent_s += spent_s
        with self._free:
            self._busy.discard(child)
            keep = child.spent_s < RETIRE_S and not self._closed
            if keep:
                self._idle.append(child)
            self._free.notify()
        if not keep:
            child.kill()
