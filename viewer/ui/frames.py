"""Frames decoded off the interface's thread: what is looked at first, then what lies next to it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, Signal

from viewer.dicom.pixels import Pixels
from viewer.render.pyramid import Drawable, prepare

CACHE_BYTES = 512 << 20
THREADS = 2
QUEUED = 6  # frames handed to the threads beyond those they are at


class Frame(NamedTuple):
    """One picture of a study, by its places."""

    series: int
    instance: int
    frame: int
    study: int = 0  # the one that was opened; others lie beside it


class FrameCache:
    """The frames used last, up to a number of bytes; always at least one."""

    def __init__(self, limit_bytes: int = CACHE_BYTES) -> None:
        self.limit_bytes = limit_bytes
        self.size_bytes = 0
        self._kept: OrderedDict[Frame, Drawable] = OrderedDict()

    def __contains__(self, frame: Frame) -> bool:
        return frame in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, frame: Frame) -> Drawable | None:
        """Return the frame, and count it as used."""
        found = self._kept.get(frame)
        if found is not None:
            self._kept.move_to_end(frame)
        return found

    def touch(self, frame: Frame) -> bool:
        """Count the frame as used; return whether it is here."""
        return self.get(frame) is not None

    def put(self, frame: Frame, drawable: Drawable) -> None:
        """Keep the frame, and let go of those that were not used for longest."""
        old = self._kept.pop(frame, None)
        self.size_bytes += drawable.size_bytes - (old.size_bytes if old else 0)
        self._kept[frame] = drawable
        while self.size_bytes > self.limit_bytes and len(self._kept) > 1:
            self.size_bytes -= self._kept.popitem(last=False)[1].size_bytes

    def clear(self) -> None:
        self._kept.clear()
        self.size_bytes = 0


class _Relay(QObject):
    """Brings what a thread has finished to the interface's thread."""

    finished = Signal(object, object)  # Frame, Future


class FrameLoader(QObject):
    """Decodes what is wanted, in the order of wanting; what is no longer wanted is dropped."""

    loaded = Signal(object, object)  # Frame, Drawable
    failed = Signal(object, object)  # Frame, the exception

    def __init__(
        self,
        decode: Callable[[Frame], Pixels],
        cache: FrameCache | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.cache = cache or FrameCache()
        self._decode = decode
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="frames")
        self._running: dict[Frame, Future[Drawable]] = {}
        self._unreadable: dict[Frame, BaseException] = {}
        self._wanted: frozenset[Frame] = frozenset()
        self._backlog: Iterator[Frame] = iter(())
        self._later: Iterator[Frame] = iter(())
        self._closed = False
        self._relay = _Relay()
        # Queued: a future that is done already would call back inside the click.
        self._relay.finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def want(self, frames: Sequence[Frame], later: Iterable[Frame] = ()) -> None:
        """Load `frames`, first things first, and nothing else any more.

        Args:
            later: to have in the cache when there is nothing better to do; it is not told of,
                and gone through only as far as there is time for.
        """
        if self._closed:
            return
        self._wanted = frozenset(frames)
        for frame, future in list(self._running.items()):
            if future.cancel():
                del self._running[frame]
        self._backlog, self._later = iter(dict.fromkeys(frames)), iter(later)
        self._submit()

    def _submit(self) -> None:
        """Hand so much to the threads that they need not wait for this one."""
        while len(self._running) < THREADS + QUEUED:
            frame = next(self._backlog, None) or next(self._later, None)
            if frame is None:
                return
            if not self.cache.touch(frame) and self._is_missing(frame):
                self._start(frame)

    def _is_missing(self, frame: Frame) -> bool:
        return frame not in self._running and frame not in self._unreadable

    def _start(self, frame: Frame) -> None:
        future = self._pool.submit(self._load, frame)
        self._running[frame] = future
        relay = self._relay
        future.add_done_callback(
            lambda done: None if done.cancelled() else relay.finished.emit(frame, done)
        )

    def error(self, frame: Frame) -> BaseException | None:
        """Return why the frame could not be loaded, if so."""
        return self._unreadable.get(frame)

    def forget_error(self, frame: Frame) -> None:
        """Let what failed be tried again."""
        self._unreadable.pop(frame, None)

    def start_over(self) -> None:
        """Forget all frames: they are to be seen in another way. What runs is not delivered."""
        for future in self._running.values():
            future.cancel()
        self._running.clear()
        self.cache.clear()

    def close(self) -> None:
        """Stop; nothing is delivered any more."""
        self._wanted = frozenset()
        self._backlog = self._later = iter(())
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._running.clear()
        self.cache.clear()

    def _load(self, frame: Frame) -> Drawable:
        return prepare(self._decode(frame))

    def _deliver(self, frame: Frame, future: Future[Drawable]) -> None:
        if self._closed:
            return
        if self._running.get(frame) is not future:  # it was started over meanwhile
            return
        del self._running[frame]
        self._submit()
        error = future.exception()
        if error is not None:
            self._unreadable[frame] = error
            if frame in self._wanted:
                self.failed.emit(frame, error)
            else:
                self._later = iter(())  # what is not needed now is not worth the trouble
            return
        self.cache.put(frame, future.result())
        if frame in self._wanted:
            self.loaded.emit(frame, future.result())


def has_sentence(error: BaseException) -> bool:
    """Whether the error is a condition of the world, and not a mistake of ours."""
    return isinstance(getattr(error, "text", None), str)
