"""Opens the real windows on a home, goes through their pages, and photographs each.

    screens.py HOME OUT PASSCODE_FILE, with a link on standard input

The pictures are of what a person sees: nothing in them is made up for the camera.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.composition import Door
from app.ui.jobs import Jobs
from app.ui.main import Viewers
from app.ui.theme import Choice, Theme
from app.ui.window import MainWindow

_PATIENCE_S = 60
_SETTLED_S = 0.5


def main(home: Path, out: Path, passcode: str, link: str) -> None:
    """Photograph every page in light and dark, and the viewer."""
    app = QApplication(["rayfolio-app"])
    out.mkdir(parents=True, exist_ok=True)
    wallet = Door().unlock(home, os.environ["RAYFOLIO_PASSPHRASE"])
    jobs = Jobs()
    for scheme in (Choice.LIGHT, Choice.DARK):
        theme = Theme(app, scheme)
        window = MainWindow(wallet, jobs, Viewers(), theme)
        window.resize(1280, 800)
        window.show()
        camera = Camera(app, jobs, window, out, scheme.name.lower())
        for number, name in enumerate(("scans", "shared", "people", "activity", "settings")):
            window.go(number)
            camera.shoot(name)
        studies = wallet.studies()
        if studies:
            biggest = max(studies, key=lambda each: each.bytes_in)
            window.go(0)
            window.show_study(biggest)
            camera.shoot("study")
            window._share(wallet.show(biggest.study))
            camera.shoot("share")
            if window.sheet is not None:
                window.sheet.close()
            window.show_viewer(wallet.source(biggest.study), biggest.title, biggest.study)
        else:
            opened = wallet.open_link(link, passcode)
            window.show_viewer(opened.source, opened.title)
        camera.shoot("viewer", wait_s=3)
        window.close_viewer()
        window.close()
    jobs.close()
    wallet.close()


class Camera:
    """Waits until nothing moves, then takes a picture."""

    def __init__(
        self, app: QApplication, jobs: Jobs, window: MainWindow, out: Path, scheme: str
    ) -> None:
        self._app, self._jobs, self._window = app, jobs, window
        self._out, self._scheme = out, scheme

    def shoot(self, name: str, wait_s: float = 0) -> None:
        self._spin(lambda: bool(self._jobs.running), _PATIENCE_S)
        self._spin(lambda: True, max(_SETTLED_S, wait_s))
        path = self._out / f"{name}-{self._scheme}.png"
        if not self._window.grab().save(str(path)):
            raise OSError(f"{path.name} cannot be written")

    def _spin(self, goes_on: Callable[[], bool], at_most_s: float) -> None:
        until = time.monotonic() + at_most_s
        self._app.processEvents()
        while goes_on() and time.monotonic() < until:
            self._app.processEvents()
            time.sleep(0.01)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        Path(sys.argv[2]),
        Path(sys.argv[3]).read_text(encoding="utf-8").strip(),
        sys.stdin.read().strip(),
    )
