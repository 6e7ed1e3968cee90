"""The slim bar at the foot: what is being done, how far it is, how long still, and Stop."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QFrame, QProgressBar

from app.ui import words
from app.ui.controls import Elided, button, label, row
from app.ui.jobs import Job, Jobs


class JobBar(QFrame):
    """Shows the oldest job that changes something; hidden while there is none."""

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self.setObjectName("jobs")
        self._jobs: list[Job] = []
        self.title = Elided("", "strong")
        self.how_far = label("", "quiet")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(240)
        self.bar.setAccessibleName(self.tr("How far it is"))
        self.stop = button(self.tr("Stop"), self._stop, "plain")
        self.stop.setAccessibleName(self.tr("Stop what is being done"))
        layout = row(self.title, self.how_far, self.bar, self.stop, gap=16)
        layout.setStretch(0, 1)
        layout.setContentsMargins(24, 6, 16, 6)
        self.setLayout(layout)
        self.setFixedHeight(52)
        self.setAccessibleName(self.tr("Work under way"))
        jobs.started.connect(self._started)
        jobs.ended.connect(self._ended)
        self.hide()

    def _started(self, job: Job) -> None:
        if job.shown:
            self._jobs.append(job)
            job.progressed.connect(self._show, Qt.ConnectionType.QueuedConnection)
            self._show()

    def _ended(self, job: Job) -> None:
        if job in self._jobs:
            self._jobs.remove(job)
            self._show()

    def _stop(self) -> None:
        if self._jobs:
            self._jobs[0].stop()

    def _show(self) -> None:
        self.setVisible(bool(self._jobs))
        if not self._jobs:
            return
        job = self._jobs[0]
        waiting = len(self._jobs) - 1
        title = job.title
        if waiting:
            more = words.counted(waiting, "1 more waits", "%1 more wait")
            title = f"{title}  ·  {more}"
        self.title.setText(title)
        self.bar.setMaximum(job.total if 0 < job.total < 2**31 else 0 if job.total <= 0 else 1000)
        if job.total >= 2**31:
            self.bar.setValue(1000 * job.done // job.total)
        elif job.total > 0:
            self.bar.setValue(job.done)
        self.stop.setEnabled(not job.is_stopping)
        self.how_far.setText(self.tr("Stopping…") if job.is_stopping else _far(job))


def _far(job: Job) -> str:
    if job.total <= 0:
        return ""
    percent = QLocale().toString(100 * job.done // job.total)
    said = words.say("%1 %").replace("%1", percent)
    left = job.left_s
    return said if left is None else f"{said}  ·  {words.remaining(left)}"
