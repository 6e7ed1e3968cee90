"""Where measurements go: into one's own study, into a folder beside a folder, or one chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from viewer.ui.keeper import Made, Told

if TYPE_CHECKING:
    from app.ui.desk import Desk
    from app.ui.jobs import Failure

BESIDE = " measurements"


class StudyKeeper(QObject):
    """Makes them a part of one's own study: sealed, stored and recorded like its pictures."""

    def __init__(self, desk: Desk, study: str) -> None:
        super().__init__(desk)
        self._desk, self._study = desk, study

    @property
    def note(self) -> str:
        return self.tr(
            "Keep makes them part of this study, sealed like its pictures. The originals stay as"
            " they are. Those you share with from now on see them too."
        )

    def keep(self, files: Sequence[Made], told: Told) -> None:
        study, wallet = self._study, self._desk.wallet
        given = [(each.name, each.data) for each in files]

        def kept(_: None) -> None:
            told(True, self.tr("Kept with the study."))
            self._desk.studies_changed.emit()

        def failed(error: Failure) -> None:
            told(False, str(error))

        self._desk.jobs.change(
            self,
            self.tr("Keeping measurements"),
            lambda progress: wallet.keep(study, given, progress),
            kept,
            failed,
        )


class FolderKeeper(QObject):
    """Writes them as DICOM files into a folder, unsealed."""

    def __init__(
        self, note: str, choose: Callable[[], Path | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._note, self._choose = note, choose

    @property
    def note(self) -> str:
        return self._note

    def keep(self, files: Sequence[Made], told: Told) -> None:
        folder = self._choose()
        if folder is None:
            told(False, self.tr("Nothing was kept."))
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for each in files:
                with (folder / each.name).open("xb") as file:
                    file.write(each.data)
        except OSError:
            told(False, self.tr("They could not be written there. Choose another folder."))
            return
        told(True, self.tr("Kept in the folder “%1”.").replace("%1", folder.name))


def beside(path: Path) -> Path:
    """Return the folder in which measurements of what lies at `path` are kept."""
    path = path.resolve()
    return path.with_name(path.name + BESIDE)


def keeper_beside(path: Path) -> FolderKeeper:
    """Return a keeper that never writes among the originals."""
    folder = beside(path)
    note = QCoreApplication.translate(
        "FolderKeeper",
        "Keep writes them as DICOM files into the folder “%1”, beside these. The originals stay as"
        " they are.",
    )
    return FolderKeeper(note.replace("%1", folder.name), lambda: folder)


def keeper_for_received(window: QWidget) -> FolderKeeper:
    """Return a keeper for a study that somebody else owns: it cannot grow by us."""
    note = window.tr(
        "This study is not yours, so they cannot become part of it. Keep writes them, unsealed, as"
        " DICOM files into a folder that you choose."
    )

    def choose() -> Path | None:
        chosen = QFileDialog.getExistingDirectory(window, window.tr("Where should they go?"))
        return Path(chosen) if chosen else None

    return FolderKeeper(note, choose, window)
