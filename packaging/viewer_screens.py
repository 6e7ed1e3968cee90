"""Opens the viewer on made-up studies of every kind and photographs it, in both faces.

python packaging/viewer_screens.py OUT
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import phantoms
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.pictures import FolderPictures
from viewer.dicom.reader import Reader
from viewer.priors import OtherStudy
from viewer.ui import acts, view_state
from viewer.ui.face import Face
from viewer.ui.viewer import Viewer

_PATIENCE_S = 20
_SETTLED_S = 1.2
Doing = Callable[["Photographer"], None]


class Before:
    """The study of a year before. Implements viewer.priors.PriorStudies."""

    def __init__(self, pictures: FolderPictures) -> None:
        self._pictures = pictures

    def offered(self) -> list[OtherStudy]:
        found = self._pictures
        return [OtherStudy("Head CT", "20250104", lambda: (found.source, found.decode))]


class Photographer:
    """A person at the viewer, with a camera."""

    def __init__(self, app: QApplication, viewer: Viewer, out: Path) -> None:
        self._app, self.viewer, self._out = app, viewer, out

    def wait(self, at_least_s: float = _SETTLED_S) -> None:
        """Let it settle."""
        until, latest = time.monotonic() + at_least_s, time.monotonic() + _PATIENCE_S
        while time.monotonic() < latest:
            self._app.processEvents()
            time.sleep(0.01)
            if time.monotonic() > until and all(c.is_settled for c in self.viewer.grid.in_sight):
                return

    def act(self, *names: str) -> None:
        """Do what the tools of these names do."""
        for name in names:
            acts.act(self.viewer, name)
            self.wait()

    def drag(self, *points: tuple[float, float]) -> None:
        """Press at the first point of the picture (column, row), and let go at the last."""
        image = self.viewer.image
        seen = [view_state.to_screen(image.view, image.from_pixel(each)) for each in points]
        places = [QPoint(round(x), round(y)) for x, y in seen]
        left = Qt.MouseButton.LeftButton
        QTest.mousePress(image, left, pos=places[0])
        for place in places[1:]:
            QTest.mouseMove(image, place, delay=20)
        QTest.mouseRelease(image, left, pos=places[-1])
        self.wait(0.2)

    def shoot(self, name: str) -> None:
        """Take a picture of the window."""
        self.wait()
        if not self.viewer.grab().save(str(self._out / f"viewer-{name}.png")):
            raise OSError(f"{name} cannot be written")


@contextlib.contextmanager
def looking_at(
    app: QApplication, out: Path, folder: Path, title: str, face: Face, before: Path | None = None
) -> Iterator[Photographer]:
    """Open a viewer on a folder."""
    with contextlib.ExitStack() as open_:
        pictures = open_.enter_context(FolderPictures(folder))
        priors = Before(open_.enter_context(FolderPictures(before))) if before else None
        viewer = Viewer(
            pictures.source, pictures.decode, title, face=face, priors=priors,
            reader=Reader(pictures.sandbox, pictures.source),
        )  # fmt: skip
        viewer.resize(1280, 800)
        viewer.show()
        made = Photographer(app, viewer, out)
        made.wait(2.0)
        yield made
        viewer.desk.close()
        viewer.close()


def _measured(at: Photographer) -> None:
    at.viewer.show_place(56)
    at.wait()
    at.act("ellipse")
    at.drag((152, 276), (176, 300), (190, 322))
    at.act("length")
    at.drag((112, 256), (250, 256), (400, 256))
    at.act("window")


def _from_three_sides(at: Photographer) -> None:
    at.act("sides")
    at.wait(4.0)


def main(out: Path) -> None:
    """Photograph every kind."""
    app = QApplication(["rayfolio"])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        phantoms.write_all(made)
        shots: tuple[tuple[str, Path, str, Face, Doing | None], ...] = (
            ("patient-ct", made / "ct/now", "Head CT", Face.PATIENT, None),
            ("patient-mr", made / "mr", "Head MRI", Face.PATIENT, None),
            ("patient-us", made / "us", "Heart ultrasound", Face.PATIENT, None),
            ("patient-colour", made / "colour", "Photo of the eye", Face.PATIENT, None),
            ("patient-mg", made / "mg", "Mammogram", Face.PATIENT, None),
            ("clinician-ct", made / "ct/now", "Head CT", Face.CLINICIAN, _measured),
            (
                "clinician-mr",
                made / "mr",
                "Head MRI",
                Face.CLINICIAN,
                lambda at: at.act("together"),
            ),
            ("clinician-mg", made / "mg", "Mammogram", Face.CLINICIAN, None),
            ("clinician-us", made / "us", "Heart ultrasound", Face.CLINICIAN, None),
            ("clinician-colour", made / "colour", "Photo of the eye", Face.CLINICIAN, None),
            ("mpr", made / "ct/now", "Head CT", Face.CLINICIAN, _from_three_sides),
            ("compare", made / "ct/now", "Head CT", Face.CLINICIAN, lambda at: at.act("compare")),
        )
        for name, study, title, face, doing in shots:
            before = made / "ct/before" if name == "compare" else None
            with looking_at(app, out, study, title, face, before) as at:
                if doing is not None:
                    doing(at)
                    at.wait(1.5)
                at.shoot(name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
