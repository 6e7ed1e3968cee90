"""The viewer alone, on DICOM from disk, without a wallet."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.pictures import FolderPictures
from app.texts import all_texts
from app.ui.keeping import beside, keeper_beside
from viewer.dicom.reader import Reader
from viewer.ui import Viewer


def view_folder(path: Path) -> int:
    """Show the files at and below `path` until the window is closed. Returns the exit code."""
    app = QApplication.instance() or QApplication(["rayfolio"])
    kept = beside(path)
    with FolderPictures(path, *([kept] if kept.is_dir() else ())) as pictures:
        viewer = Viewer(
            pictures.source,
            pictures.decode,
            path.name,
            copy=pictures.copy_originals,
            reports=lambda: all_texts(pictures.sandbox, pictures.source),
            keeper=keeper_beside(path),
            annotations=pictures.annotations,
            reader=Reader(pictures.sandbox, pictures.source),
            notes=pictures.source.notes,
        )
        viewer.setWindowTitle("Rayfolio")
        viewer.resize(1280, 800)
        viewer.show()
        return app.exec()
