"""The main window: rail, content, sheets above it, the viewer over all of it, jobs at the foot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QStackedWidget, QWidget

from app.ui.autolock import AutoLock
from app.ui.controls import MARGIN_PX, Notice, Page, button, column, row
from app.ui.desk import Desk, MakeViewer
from app.ui.job_bar import JobBar
from app.ui.jobs import Failure, Jobs
from app.ui.pages.activity import Activity
from app.ui.pages.my_scans import MyScans
from app.ui.pages.people import People
from app.ui.pages.settings import Settings
from app.ui.pages.share_sheet import ShareSheet
from app.ui.pages.shared_with_me import SharedWithMe
from app.ui.pages.study import Study
from app.ui.preferences import Preferences
from app.ui.rail import Rail
from app.ui.sheet import Sheet
from app.ui.theme import Theme

if TYPE_CHECKING:
    from app.service import StudyDetail, StudyItem, Wallet
    from viewer.dicom.source import StudySource

TOLD_MS = 5_000
CATCH_UP_MS = 60_000


class MainWindow(QWidget):
    """One unlocked wallet."""

    locked = Signal()

    def __init__(
        self,
        wallet: Wallet,
        jobs: Jobs,
        make_viewer: MakeViewer,
        theme: Theme | None = None,
        preferences: Preferences | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Rayfolio")
        self._make_viewer = make_viewer
        preferences = preferences or Preferences()
        if theme is None:
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            theme = Theme(app, preferences.choice, preferences.scale)
        self.desk = Desk(wallet, jobs, self)
        self.scans = MyScans(self.desk)
        self.shared = SharedWithMe(self.desk)
        self.people = People(self.desk)
        self.activity = Activity(self.desk)
        self.settings = Settings(self.desk, theme, preferences)
        self.study = Study(self.desk)
        self.places: tuple[Page, ...] = (
            self.scans,
            self.shared,
            self.people,
            self.activity,
            self.settings,
        )
        self.rail = Rail(wallet.name)
        self.pages = QStackedWidget()
        for page in (*self.places, self.study):
            self.pages.addWidget(page)
        self.banner = Notice()
        self.told = Notice()
        self.job_bar = JobBar(jobs)
        self._told_timer = QTimer(self)
        self._told_timer.setSingleShot(True)
        self._told_timer.timeout.connect(lambda: self.told.say(""))
        self.catching_up = QTimer(self, interval=CATCH_UP_MS)
        self.catching_up.timeout.connect(self._catch_up)
        self.catching_up.start()
        self.sheet: Sheet | None = None
        self.viewer: QWidget | None = None
        self._autolock = AutoLock(jobs, preferences.lock_after_minutes, self)
        self._build()
        self._connect()
        self.go(0)
        self.pages.setFocus()  # the keyboard starts at the content, not at the rail
        self._look_for_advice()

    def _build(self) -> None:
        self._above = QWidget()
        notices = column(self.banner)
        notices.setContentsMargins(MARGIN_PX, 16, MARGIN_PX, 0)
        self._above.setLayout(notices)
        self._above.hide()
        self.told.setParent(self)
        content = column(self._above, gap=0)
        content.addWidget(self.pages, 1)
        across = row(self.rail, gap=0)
        across.addLayout(content, 1)
        home = QWidget()
        home.setLayout(across)
        self._stack = QStackedWidget()
        self._stack.addWidget(home)
        self.setLayout(column(self._stack, self.job_bar, gap=0))

    def _connect(self) -> None:
        self.rail.chosen.connect(self.go)
        self.rail.lock_pressed.connect(self.lock)
        self._autolock.due.connect(self.lock)
        self.settings.lock_after_changed.connect(self._autolock.set_minutes)
        self.desk.study_wanted.connect(self.show_study)
        self.desk.back_wanted.connect(lambda: self.go(0))
        self.desk.share_wanted.connect(self._share)
        self.desk.sheet_wanted.connect(self.show_sheet)
        self.desk.viewer_wanted.connect(self.show_viewer)
        self.desk.told.connect(self._tell)

    def go(self, place: int) -> None:
        """Show one of the rail's places."""
        self.rail.mark(place)
        page = self.places[place]
        self.pages.setCurrentWidget(page)
        page.refresh()

    def show_study(self, study: StudyItem) -> None:
        """Show the page of one of the person's own studies."""
        self.rail.mark(self.places.index(self.scans))
        self.pages.setCurrentWidget(self.study)
        self.study.show_study(study)

    def open_link(self, link: str) -> None:
        """Open what others share, as if the link had been pasted."""
        self.go(self.places.index(self.shared))
        self.shared.open_link(link)

    def _share(self, detail: StudyDetail) -> None:
        self.show_sheet(ShareSheet(self.desk, detail))

    def show_sheet(self, sheet: Sheet) -> None:
        """Show a sheet above the window."""
        self.sheet = sheet
        sheet.closed.connect(lambda: self._sheet_closed(sheet))
        sheet.show_over(self)

    def _sheet_closed(self, sheet: Sheet) -> None:
        if self.sheet is sheet:
            self.sheet = None

    def show_viewer(self, source: StudySource, title: str, study: str = "") -> None:
        """Put the viewer over everything but the jobs.

        Args:
            study: the id, if it is one of the person's own.
        """
        from app.own_studies import OwnStudy
        from app.ui.keeping import StudyKeeper, keeper_for_received

        self.close_viewer()
        own = OwnStudy(self.desk.wallet, study) if study else None
        keeper = StudyKeeper(self.desk, study) if study else keeper_for_received(self)
        viewer = self._make_viewer(source, title, own, keeper)
        top = QFrame()
        top.setObjectName("viewer_top")
        back = button(self.tr("‹  Close the pictures"), lambda: self._leave_viewer(viewer))
        back.setAccessibleName(self.tr("Close the pictures"))
        back.setShortcut("Ctrl+W")
        bar = row(back, 0)
        bar.setContentsMargins(8, 4, 8, 4)
        top.setLayout(bar)
        holder = QWidget()
        holder.setLayout(column(top, gap=0))
        layout = holder.layout()
        assert layout is not None
        layout.addWidget(viewer)
        self.viewer = holder
        self._stack.addWidget(holder)
        self._stack.setCurrentWidget(holder)
        viewer.setFocus()

    def _leave_viewer(self, viewer: QWidget) -> None:
        """Close the viewer, once nothing is lost by it that the person wants to keep."""
        from viewer.ui.viewer import Viewer

        if isinstance(viewer, Viewer):
            viewer.leave(self.close_viewer)
        else:
            self.close_viewer()

    def close_viewer(self) -> None:
        """Back to the page that the viewer was opened from."""
        if self.viewer is not None:
            for child in self.viewer.findChildren(QWidget):
                if child.parent() is self.viewer:
                    child.close()
            self._stack.removeWidget(self.viewer)
            self.viewer.deleteLater()
            self.viewer = None

    def _tell(self, said: str, kind: str) -> None:
        self.told.say(said, kind, "check" if kind == "safe" else "warn")
        self._place_told()
        self._told_timer.start(TOLD_MS)

    def _place_told(self) -> None:
        self.told.adjustSize()
        foot = self.job_bar.height() if self.job_bar.isVisible() else 0
        beside = self.rail.width()
        left = beside + (self.width() - beside - self.told.width()) // 2
        self.told.move(left, self.height() - foot - self.told.height() - 24)
        self.told.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_told()

    def _catch_up(self) -> None:
        """Go on by itself with what was left undone: a study to seal anew, a term that ended."""
        if not self.desk.jobs.running:
            wallet = self.desk.wallet
            self.desk.jobs.read(self, wallet.catch_up, self._caught_up, self._no_advice)

    def _caught_up(self, anything: bool) -> None:
        if anything:
            self.desk.studies_changed.emit()

    def _look_for_advice(self) -> None:
        wallet = self.desk.wallet
        self.desk.jobs.read(self, lambda _: wallet.parts(), self._advise, self._no_advice)

    def _advise(self, parts: tuple[tuple[str, str, str], ...]) -> None:
        missing = (
            advice
            for name, state, advice in parts
            if state == "missing" and name != "keyring" and advice
        )
        self.banner.say(next(missing, ""), "shared")
        self._above.setVisible(bool(self.banner.text()))

    def _no_advice(self, error: Failure) -> None:
        """It is asked again; nothing here depends on it."""

    def lock(self) -> None:
        """Forget the keys and leave."""
        self.close_viewer()
        self.locked.emit()
