"""The viewer alone, on DICOM from disk, without a wallet."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.pictures import FolderPictures
from viewer.ui import Viewer


def view_folder(path: Path) -> int:
    """Show the files at and below `path` until the window is closed. Returns the exit code."""
    app = QApplication.instance() or QApplication(["rayfolio"])
    with FolderPictures(path) as pictures:
        viewer = Viewer(pictures.source, pictures.decode, path.name, copy=pictures.copy_originals)
        viewer.setWindowTitle("Rayfolio")
        viewer.resize(1280, 800)
        viewer.show()
        return app.exec()
