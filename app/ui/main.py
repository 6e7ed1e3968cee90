"""`rayfolio-app [--home DIR] [LINK]`: the windows."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import platformdirs
from PySide6.QtCore import QEvent, QLibraryInfo, QLocale, QObject, QTranslator, Signal
from PySide6.QtGui import QCloseEvent, QFileOpenEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QStackedWidget, QWidget

from app.start import serve_if_child
from app.ui.desk import MakeViewer
from app.ui.door import Door
from app.ui.jobs import Jobs
from app.ui.pages.start import Start
from app.ui.preferences import Preferences
from app.ui.theme import Theme

if TYPE_CHECKING:
    from app.own_studies import OwnStudy
    from app.service import Wallet
    from viewer.dicom.sandbox import Sandbox
    from viewer.dicom.source import StudySource
    from viewer.ui.keeper import Keeper
    from viewer.ui.saving import Copy

__all__ = ["Shell", "Start", "entry"]

_log = logging.getLogger(__name__)
SCHEME = "rayfolio:"


class Shell(QStackedWidget):
    """The one window: the start, then the unlocked wallet, then the start again."""

    entered = Signal()

    def __init__(
        self,
        load_door: Callable[[], Door],
        home: Path,
        make_viewer: MakeViewer,
        theme: Theme,
        preferences: Preferences,
        link: str = "",
    ) -> None:
        super().__init__()
        self.setWindowTitle("Rayfolio")
        self.resize(1280, 800)
        self.setMinimumSize(880, 560)
        self.jobs = Jobs(self)
        self._make_viewer = make_viewer
        self._theme = theme
        self._preferences = preferences
        self._link = link
        self._wallet: Wallet | None = None
        self.start = Start(self.jobs, load_door, home)
        self.start.entered.connect(self._enter)
        self.addWidget(self.start)
        self.start.begin()
        if not preferences.geometry.isEmpty():
            self.restoreGeometry(preferences.geometry)

    @property
    def window_inside(self) -> QWidget | None:
        """The unlocked wallet's window, if there is one."""
        return self.widget(1)

    def open_link(self, link: str) -> None:
        """Open a link now, or as soon as the wallet is unlocked."""
        from app.ui.window import MainWindow

        inside = self.window_inside
        if isinstance(inside, MainWindow):
            inside.open_link(link)
        else:
            self._link = link

    def _enter(self, wallet: Wallet) -> None:
        from app.ui.window import MainWindow

        self._wallet = wallet
        window = MainWindow(wallet, self.jobs, self._make_viewer, self._theme, self._preferences)
        window.locked.connect(self.lock)
        self.addWidget(window)
        self.setCurrentWidget(window)
        if self._link:
            link, self._link = self._link, ""
            window.open_link(link)
        self.entered.emit()

    def lock(self) -> None:
        """Forget the keys, and ask for them again."""
        self._leave()
        self.setCurrentWidget(self.start)
        self.start.begin(at_once=False)

    def _leave(self) -> None:
        inside, wallet = self.window_inside, self._wallet
        self._wallet = None
        for job in self.jobs.running:
            job.stop()
        if inside is not None:
            self.removeWidget(inside)
            inside.deleteLater()
        if wallet is not None:
            self.jobs.change(self, "", lambda _: wallet.close(), _nothing, _nothing)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._preferences.geometry = self.saveGeometry()
        self._leave()
        self.jobs.close()
        super().closeEvent(event)


class LinkCatcher(QObject):
    """Takes the links that macOS hands to a running application."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._shell = shell

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            link = event.url().toString()
            if link.startswith(SCHEME):
                self._shell.open_link(link)
                return True
        return False


def _nothing(_: object) -> None:
    """Nobody waits for this answer."""


def entry(arguments: Sequence[str] | None = None) -> int:
    """Run the windows until they are closed."""
    serve_if_child(sys.argv[1:] if arguments is None else arguments)
    given = _parse(sys.argv[1:] if arguments is None else arguments)
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(["rayfolio-app"])
    app.setApplicationName("Rayfolio")
    app.setDesktopFileName("rayfolio")
    _translate(app)
    sys.excepthook = _crashed
    home = (given.home or Path(_default_home())).absolute()
    preferences = Preferences(home)
    theme = Theme(app, preferences.choice, preferences.scale)
    shell = Shell(_load_door, home, Viewers(preferences), theme, preferences, given.link or "")
    app.installEventFilter(LinkCatcher(shell))
    shell.show()
    return app.exec()


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "rayfolio-app", description="Your medical images, in your own hands."
    )
    parser.add_argument("--home", type=Path, metavar="DIR", help="the wallet's folder")
    parser.add_argument("link", nargs="?", metavar="LINK", help="a rayfolio: link to open")
    given = parser.parse_args(arguments)
    if given.link and not given.link.startswith(SCHEME):
        parser.error("a link starts with rayfolio:")
    return given


def _default_home() -> str:
    return os.environ.get("RAYFOLIO_HOME") or str(platformdirs.user_data_path("rayfolio"))


def _load_door() -> Door:
    from app.composition import Door as Opener

    return Opener()


class Viewers:
    """Makes viewers that share one sandbox, which starts with the first of them."""

    def __init__(self, preferences: Preferences | None = None) -> None:
        self._sandbox: object = None
        self._preferences = preferences

    def __call__(
        self,
        source: StudySource,
        title: str,
        own: OwnStudy | None = None,
        keeper: Keeper | None = None,
    ) -> QWidget:
        """Return a viewer: a patient's of an own study, a clinician's of what others share."""
        from app.own_studies import OwnStudies
        from app.pictures import decode, read_annotations
        from app.texts import all_texts
        from viewer.dicom.reader import Reader
        from viewer.dicom.sandbox import Sandbox
        from viewer.ui.face import Face
        from viewer.ui.viewer import Viewer

        sandbox = self._sandbox
        if isinstance(sandbox, Sandbox):
            sandbox.renew()  # what one study's files did to a child does not reach the next study
        else:
            sandbox = self._sandbox = Sandbox()
        return Viewer(
            source,
            lambda series, instance, frame: decode(sandbox, source, series, instance, frame),
            title,
            preferences=self._preferences,
            copy=_copier(source, sandbox),
            reports=lambda: all_texts(sandbox, source),
            face=Face.PATIENT if own else Face.CLINICIAN,
            priors=OwnStudies(own, sandbox) if own else None,
            keeper=keeper,
            annotations=lambda series, instance: read_annotations(
                sandbox, source, series, instance
            ),
            reader=Reader(sandbox, source),
        )


def _copier(source: StudySource, sandbox: Sandbox) -> Copy | None:
    """Return what writes a study's originals into a folder, if they can be had."""
    from viewer.dicom.file_set import write_file_set
    from viewer.dicom.source import HasOriginals

    if not isinstance(source, HasOriginals):
        return None
    return lambda folder, progress: write_file_set(source.originals(), folder, sandbox, progress)


def _translate(app: QApplication) -> None:
    locale = QLocale.system()
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, where in (("qtbase", folder), ("rayfolio", str(Path(__file__).parent / "i18n"))):
        translator = QTranslator(app)
        if translator.load(locale, name, "_", where):
            app.installTranslator(translator)


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    sys.__excepthook__(kind, error, trace)
    box = QMessageBox(QApplication.activeWindow())
    box.setWindowTitle("Rayfolio")
    box.setText(box.tr("Something went wrong inside Rayfolio."))
    box.setInformativeText(
        box.tr("Your scans are safe. Close Rayfolio and open it again; please report what you did.")
    )
    box.open()


if __name__ == "__main__":
    sys.exit(entry())
