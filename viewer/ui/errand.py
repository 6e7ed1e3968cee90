"""Work that takes longer than a blink, off the interface's thread: how far it is, and a way out."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout
from PySide6.QtWidgets import QWidget as Widget

from viewer.ui import theme

Progress = Callable[[str, int, int], None]
SHOWN_AFTER_MS = 300
STEPS = 1000
UNKNOWN = "This could not be done."


class _Stopped(Exception):
    """A person stopped it."""


class _Relay(QObject):
    """Brings what the thread says to the interface's thread; the thread keeps it alive."""

    said = Signal(str, int, int)
    ended = Signal(object, object)  # what was made, or the exception


class Errand(QObject):
    """One piece of work in a thread of its own."""

    progressed = Signal(str, int, int)
    done = Signal(object)
    failed = Signal(str)  # a sentence
    stopped = Signal()

    def __init__(self, work: Callable[[Progress], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._stop = threading.Event()
        self._relay = _Relay()
        self._relay.said.connect(self.progressed, Qt.ConnectionType.QueuedConnection)
        self._relay.ended.connect(self._end, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        run, relay, stop = self._work, self._relay, self._stop
        threading.Thread(target=_run, args=(run, relay, stop), name="errand", daemon=True).start()

    def stop(self) -> None:
        """Let it end at its next step."""
        self._stop.set()

    def _end(self, made: object, error: BaseException | None) -> None:
        if error is None:
            self.done.emit(made)
        elif isinstance(error, _Stopped):
            self.stopped.emit()
        else:
            self.failed.emit(sentence_of(error))
            if not _has_sentence(error):
                raise error  # our own mistake goes on to the crash handler


def _run(work: Callable[[Progress], object], relay: _Relay, stop: threading.Event) -> None:
    def progress(what: str, done: int, total: int) -> None:
        if stop.is_set():
            raise _Stopped
        # files are counted in bytes, which no signal's integer holds
        relay.said.emit(what, STEPS * done // total if total else 0, STEPS)

    try:
        made, error = work(progress), None
    except BaseException as raised:  # handed over whole, and raised again there if nobody knows it
        made, error = None, raised
    relay.ended.emit(made, error)


def sentence_of(error: BaseException) -> str:
    """Return what to tell a person; never a path, which may carry a name."""
    if isinstance(error, OSError) and not isinstance(getattr(error, "text", None), str):
        return f"The file could not be written ({error.strerror or 'unknown reason'})."
    return str(error) if _has_sentence(error) else UNKNOWN


def _has_sentence(error: BaseException) -> bool:
    return isinstance(error, OSError) or isinstance(getattr(error, "text", None), str)


class ErrandSheet(QDialog):
    """Shows how far an errand is, once it takes long, and offers to stop it."""

    def __init__(self, errand: Errand, parent: Widget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self.setWindowTitle("Saving")
        self.setStyleSheet(theme.SHEET_STYLE)
        self.setModal(True)
        self._errand = errand
        self.said, self.bar = QLabel("…"), QProgressBar()
        self.bar.setRange(0, STEPS)
        self.bar.setTextVisible(False)
        self.bar.setMinimumWidth(theme.SHEET_WIDTH_PX)
        stop = QPushButton("Stop")
        stop.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(stop)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 24, 24, 16)
        whole.setSpacing(theme.GAP_PX)
        for part in (self.said, self.bar):
            whole.addWidget(part)
        whole.addLayout(foot)
        errand.progressed.connect(self._tell)
        for ended in (errand.done, errand.failed, errand.stopped):
            ended.connect(self._close)
        self._late = QTimer(self, singleShot=True, interval=SHOWN_AFTER_MS)
        self._late.timeout.connect(self.open)
        self._late.start()

    def _tell(self, what: str, done: int, total: int) -> None:
        self.said.setText(f"{what}…")
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def reject(self) -> None:
        """Stop the errand; the sheet goes when it has ended."""
        self.said.setText("Stopping…")
        self._errand.stop()

    def _close(self) -> None:
        self._late.stop()
        self.hide()
        self.deleteLater()
