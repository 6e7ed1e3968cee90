"""Values of areas, worked out at once where that is quick, else in a thread of their own."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from PySide6.QtCore import QObject, Qt, Signal

from viewer.dicom.pixels import Pixels
from viewer.measure.readings import Reading, value_reading
from viewer.measure.shapes import AREAS, Measurement
from viewer.measure.statistics import box_pixels

AT_ONCE_PX = 250_000  # what the interface's thread works out itself: under 3 ms
KEPT_MOST = 512

_Key = tuple[str, int]  # of the measurement, and of the picture


class Values(QObject):
    """Remembers what was worked out; of a shape that goes on changing only the last one counts."""

    ready = Signal()
    _done = Signal(object, object, object)  # key, measurement, Future

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(1, "measuring")
        self._known: dict[_Key, tuple[Measurement, Pixels, Reading]] = {}
        self._running: dict[_Key, Measurement] = {}
        self._waiting: dict[_Key, tuple[Measurement, Pixels]] = {}
        self._done.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def of(self, measurement: Measurement, pixels: Pixels) -> Reading | None:
        """Return the values; None while they are being worked out."""
        if measurement.kind not in AREAS:
            return Reading()
        key = measurement.uid, id(pixels)
        known = self._known.get(key)
        if known is not None and known[0].points == measurement.points and known[1] is pixels:
            return known[2]
        if box_pixels(measurement.kind, measurement.points) <= AT_ONCE_PX:
            return self._keep(key, measurement, pixels, value_reading(measurement, pixels))
        if self._running.get(key) != measurement:
            self._waiting[key] = measurement, pixels
            self._start(key)
        return None

    def _keep(self, key: _Key, measurement: Measurement, pixels: Pixels, found: Reading) -> Reading:
        while len(self._known) >= KEPT_MOST:
            self._known.pop(next(iter(self._known)))
        self._known[key] = measurement, pixels, found
        return found

    def _start(self, key: _Key) -> None:
        if key in self._running or key not in self._waiting:
            return
        measurement, pixels = self._waiting.pop(key)
        future = self._pool.submit(value_reading, measurement, pixels)
        self._running[key] = measurement
        future.add_done_callback(
            lambda done: (
                None if done.cancelled() else self._done.emit(key, (measurement, pixels), done)
            )
        )

    def _take(self, key: _Key, asked: tuple[Measurement, Pixels], future: Future[Reading]) -> None:
        self._running.pop(key, None)
        self._keep(key, *asked, future.result())
        self._start(key)
        self.ready.emit()

    def close(self) -> None:
        """Let go of everything."""
        self._waiting.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._known.clear()
