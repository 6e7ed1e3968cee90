"""Keeping what was measured with the study, and reading what was kept, in a thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance
from shiboken6 import isValid

from viewer.dicom.annotations import Annotations
from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.errors import ViewerError
from viewer.measure import keeping
from viewer.measure.keeping import Written
from viewer.measure.sheet import Place, State
from viewer.ui.frames import Frame
from viewer.ui.keeper import Keeper, Made, ReadAnnotations
from viewer.ui.measuring import Measuring
from viewer.ui.study import OpenStudy

T = TypeVar("T")


class Keeping(QObject):
    """One study's way into files and back."""

    changed = Signal()
    told = Signal(str)  # what became of it, in a sentence
    _read = Signal(object)
    _written = Signal(object)

    def __init__(
        self,
        measuring: Measuring,
        study: OpenStudy,
        keeper: Keeper | None,
        read: ReadAnnotations | None,
    ) -> None:
        super().__init__(measuring)
        self._measuring, self._study = measuring, study
        self._keeper, self._reads = keeper, read
        self._pool = ThreadPoolExecutor(1, "keeping")
        self._state: State | None = None  # that is being kept
        self._left_out = 0  # of it: what lies on pictures of other studies
        self._read.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._written.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    @property
    def is_offered(self) -> bool:
        return self._keeper is not None

    @property
    def is_wanted(self) -> bool:
        """Whether there is something to keep that is not being kept."""
        return self.is_offered and self._state is None and not self._measuring.sheet.is_kept

    @property
    def is_under_way(self) -> bool:
        return self._state is not None

    @property
    def note(self) -> str:
        if self._state is not None:
            return "Keeping…"
        if self._keeper is None or self._measuring.sheet.is_kept:
            return ""
        return self._keeper.note

    # -- what was kept ------------------------------------------------------------------------

    def read(self) -> None:
        """Begin to read what the study holds already."""
        places = self._documents()
        if self._reads is not None and places:
            future = self._pool.submit(self._read_all, self._reads, places)
            self._deliver(future, self._read)

    def _documents(self) -> list[tuple[int, int]]:
        """Return series and instance of what is to be read, in the order in which it counts."""
        places = [
            (number, instance)
            for number, series in enumerate(self._study.series)
            for instance in range(len(series.headers))
        ]
        headers = [self._study.series[number].headers[instance] for number, instance in places]
        return [places[n] for n in keeping.to_read(headers)]

    def _read_all(self, read: ReadAnnotations, places: list[tuple[int, int]]) -> State:
        """Runs in the thread. What cannot be read is left out: it is a document all the same."""
        found: list[Annotations] = []
        for number, instance in places:
            try:
                found.append(read(self._study.series[number], instance))
            except ViewerError:
                continue
        return keeping.read(found)

    def _take(self, future: Future[State]) -> None:
        self._measuring.sheet.merge(future.result())

    # -- keeping ------------------------------------------------------------------------------

    def keep(self) -> None:
        """Begin to keep all that is on the sheet."""
        if not self.is_wanted:
            return
        self._state = self._measuring.sheet.state
        self._deliver(self._pool.submit(self._write, self._state), self._written)
        self.changed.emit()

    def _write(self, state: State) -> Written:
        """Runs in the thread."""
        from viewer.dicom.writing.evidence import now_number

        index = {
            (header.sop_uid): (number, instance, header)
            for number, series in enumerate(self._study.series)
            for instance, header in enumerate(series.headers)
        }

        def find(place: Place) -> tuple[Header, Callable[[], Pixels]] | None:
            found = index.get(place[0])
            if found is None:
                return None
            number, instance, header = found
            frame = Frame(number, instance, place[1], self._study.number)
            return header, lambda: self._study.load(frame)

        return keeping.write(
            state, self._study.series[0].headers[0], find, self._measuring.lines_now, now_number()
        )

    def _hand_over(self, future: Future[Written]) -> None:
        try:
            written = future.result()
        except ViewerError as error:
            self._tell(False, str(error))
            return
        self._left_out = written.left_out
        if self._keeper is not None:
            self._keeper.keep([Made(name, data) for name, data in written.files], self._tell)

    def _tell(self, kept: bool, sentence: str) -> None:
        if not isValid(self):  # the viewer was closed meanwhile; they are kept all the same
            return
        state, self._state = self._state, None
        if kept and state is not None:
            self._measuring.sheet.kept(state)
            sentence = f"{sentence} {left_out(self._left_out)}".strip()
        self.changed.emit()
        self.told.emit(sentence)

    # -- the thread ---------------------------------------------------------------------------

    def _deliver(self, future: Future[T], signal: SignalInstance) -> None:
        future.add_done_callback(lambda done: None if done.cancelled() else signal.emit(done))

    def close(self) -> None:
        """Let go of the thread; what is being written is still handed over by nobody."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def left_out(count: int) -> str:
    """Say how many are not kept with a study; "" if all are."""
    if not count:
        return ""
    which = "One is on a picture" if count == 1 else f"{count} are on pictures"
    return f"{which} of another study, and not kept with this one."
