"""A volume filled off the interface's thread: the middle first, then outward."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from viewer.errors import NotAVolume
from viewer.render.slices import Member, Slices
from viewer.render.volume import Volume
from viewer.ui.frames import has_sentence
from viewer.ui.study import OpenStudy

THREADS = 2
TELL_MS = 150


class _Relay(QObject):
    """Brings what a thread has finished to the interface's thread."""

    finished = Signal(object)  # None, or the exception


class VolumeLoader(QObject):
    """Decodes the slices of one volume and puts them where they belong."""

    grew = Signal()  # more slices are there; not more often than a person sees
    finished = Signal()  # all are there that can be read
    failed = Signal(str)  # why there is no volume

    def __init__(
        self, study: OpenStudy, series: int, slices: Slices, parent: QObject | None = None
    ) -> None:
        """Begin to load. Raises: NotAVolume."""
        super().__init__(parent)
        self.volume = Volume(slices)
        self.unreadable = 0
        self._study, self._series = study, study.series[series]
        self._left = len(slices.members)
        self._closed = False
        self._relay = _Relay()
        self._relay.finished.connect(self._count, Qt.ConnectionType.QueuedConnection)
        self._tell = QTimer(self, singleShot=True, interval=TELL_MS)
        self._tell.timeout.connect(self.grew)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="volume")
        for place in slices.middle_first:
            self._pool.submit(self._load, place, slices.members[place])

    @property
    def waiting(self) -> int:
        """How many slices may still come."""
        return self._left

    def close(self) -> None:
        """Stop; nothing is told any more."""
        self._closed = True
        self._tell.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _load(self, place: int, member: Member) -> None:
        """Runs in a thread. Whatever goes wrong is raised in the interface's thread."""
        if self._closed:
            return
        relay = self._relay
        try:
            pixels = self._study.decode(self._series, member.instance, member.frame)
            self.volume.put(place, pixels)
        except BaseException as error:
            relay.finished.emit(error)
        else:
            relay.finished.emit(None)

    def _count(self, error: BaseException | None) -> None:
        if self._closed:
            return
        self._left -= 1
        if isinstance(error, NotAVolume):
            self.close()
            self.failed.emit(str(error))
        elif self._left and not self._tell.isActive():
            self._tell.start()
        elif not self._left:
            self._tell.stop()
            self._pool.shutdown(wait=False)
            self.finished.emit()
        if error is not None:
            self.unreadable += 1
            if not has_sentence(error):
                raise error
