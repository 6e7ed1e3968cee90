"""Pictures cut from a volume: at once what takes a blink, the rest in a thread, newest first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal

from viewer.dicom.geometry import Plane
from viewer.render.aim import View
from viewer.render.pyramid import Drawable, prepare
from viewer.render.reslice import Slab, aligned, reslice
from viewer.render.volume import Volume

QUICK_VOXELS = 3 << 20  # a slab of so many is mixed in a few milliseconds


@dataclass(frozen=True, slots=True)
class Cut:
    """A picture that is wanted."""

    view: View
    plane: Plane
    slab: Slab
    slices: int  # of the volume that were there: more make another picture


class _Relay(QObject):
    """Brings what the thread has cut to the interface's thread."""

    done = Signal(object, object)  # Cut, Drawable


class Cutter(QObject):
    """Cuts off the interface's thread; of each view only what was wanted last."""

    done = Signal(object, object)  # Cut, Drawable

    def __init__(self, volume: Volume, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._volume = volume
        self._wanted: dict[View, Cut] = {}
        self._lock = threading.Lock()
        self._is_running = self._closed = False
        self._relay = _Relay()
        self._relay.done.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="cutter")

    def is_quick(self, cut: Cut) -> bool:
        """Whether `now` takes less time than a frame of a drag."""
        layers = aligned(self._volume.lattice, cut.plane, cut.slab)
        if layers is None:
            return False
        if not cut.slab.thickness_mm:
            return True
        through = layers.cut[layers.through]
        voxels = (through.stop - through.start) * cut.plane.rows * cut.plane.columns
        return bool(voxels <= QUICK_VOXELS) and not self._volume.has_padding

    def now(self, cut: Cut, rough: bool = False) -> Drawable:
        """Return a picture; only what is quick or rough is to be asked for so."""
        return prepare(reslice(self._volume, cut.plane, cut.slab, rough))

    def want(self, cut: Cut) -> None:
        """Cut this one, and forget the one of its view that still waits."""
        with self._lock:
            self._wanted[cut.view] = cut
            is_idle, self._is_running = not self._is_running, True
        if is_idle and not self._closed:
            self._pool.submit(self._work)

    def forget(self, view: View) -> None:
        """Let what waits for a view wait no longer."""
        with self._lock:
            self._wanted.pop(view, None)

    def close(self) -> None:
        """Stop; nothing is delivered any more."""
        self._closed = True
        with self._lock:
            self._wanted.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _work(self) -> None:
        """Runs in the thread until nothing is wanted."""
        relay = self._relay
        while (cut := self._next()) is not None:
            try:
                made: object = self.now(cut)
            except BaseException as error:
                made = error
            relay.done.emit(cut, made)

    def _next(self) -> Cut | None:
        with self._lock:
            if self._wanted:
                return self._wanted.pop(next(iter(self._wanted)))
            self._is_running = False
            return None

    def _deliver(self, cut: Cut, made: Drawable | BaseException) -> None:
        if self._closed:
            return
        if isinstance(made, BaseException):
            raise made
        self.done.emit(cut, made)
