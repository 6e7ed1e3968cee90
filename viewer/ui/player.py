"""Playing a pile on the screen: a timer that wakes when an image is due, and the choice of rate."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QMenu

from viewer.ui.cine import Cine, Loop, rate_fps


class Player(QObject):
    """Says which place is due; whether it can be shown in time is the other's matter."""

    due = Signal(int)
    changed = Signal()  # it plays or rests, faster or slower, another way

    def __init__(
        self, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._cine = Cine(clock)
        self._own_fps: float | None = None  # of this person, for what is played now
        self._told_fps = rate_fps(None)
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._wake)

    @property
    def is_running(self) -> bool:
        return self._cine.is_running

    @property
    def loop(self) -> Loop:
        return self._cine.loop

    @property
    def words(self) -> str:
        """The rate for a corner of the picture; empty at rest."""
        return self._cine.words

    def start(self, place: int, count: int, frame_time_ms: float | None) -> None:
        """Play at the header's rate, or at the one that a person chose since."""
        self._told_fps = rate_fps(frame_time_ms)
        self._cine.start(place, count, self._own_fps or self._told_fps)
        self._timer.start(self._cine.wait_ms())
        self.changed.emit()

    def stop(self) -> None:
        was_running = self.is_running
        self._cine.stop()
        self._timer.stop()
        if was_running:
            self.changed.emit()

    def forget_rate(self) -> None:
        """Another series comes: it has a rate of its own."""
        self._own_fps = None

    def go_on_from(self, place: int) -> None:
        """A person went elsewhere."""
        if self.is_running:
            self._cine.go_on_from(place)

    def note_shown(self) -> None:
        """An image has come to the screen."""
        if self.is_running:
            self._cine.note_shown()

    def slower(self) -> None:
        """Show fewer images a second, if it plays."""
        self._choose(self._cine.slower)

    def faster(self) -> None:
        """Show more images a second, if it plays."""
        self._choose(self._cine.faster)

    def as_told(self) -> None:
        """Play at the header's rate again."""
        self._choose(lambda: self._cine.set_fps(self._told_fps))
        self._own_fps = None

    def swap_loop(self) -> None:
        """Go back and forth instead of round, or round again."""
        other = Loop.ROUND if self.loop is Loop.BACK_AND_FORTH else Loop.BACK_AND_FORTH
        self._cine.set_loop(other)
        self._wake_later()

    def fill(self, menu: QMenu) -> None:
        """Offer what can be chosen."""
        menu.clear()
        for words, act in (
            ("Slower", self.slower),
            ("Faster", self.faster),
            ("As it was taken", self.as_told),
        ):
            offered = menu.addAction(words)
            offered.triggered.connect(act)
            offered.setEnabled(self.is_running)
        menu.addSeparator()
        loop = menu.addAction("Back and forth")
        loop.setCheckable(True)
        loop.setChecked(self.loop is Loop.BACK_AND_FORTH)
        loop.triggered.connect(self.swap_loop)

    def _choose(self, change: Callable[[], None]) -> None:
        if self.is_running:
            change()
            self._own_fps = self._cine.fps
            self._wake_later()

    def _wake_later(self) -> None:
        if self.is_running:
            self._timer.start(self._cine.wait_ms())
        self.changed.emit()

    def _wake(self) -> None:
        self.due.emit(self._cine.due())
        if self.is_running:
            self._timer.start(self._cine.wait_ms())
