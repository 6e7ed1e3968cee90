"""Before the pictures are closed: what was measured and is not kept yet is asked about."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMessageBox, QWidget

from viewer.ui.measuring_keep import Keeping

QUESTION = "Keep what you measured and marked?"
OTHERWISE = "It is not kept yet. If you let it go, it is gone."


def would_lose(keeping: Keeping | None) -> bool:
    """Whether something is not kept that could be."""
    return keeping is not None and (keeping.is_wanted or keeping.is_under_way)


def leave(keeping: Keeping | None, window: QWidget, close: Callable[[], None]) -> None:
    """Close at once if nothing would be lost; else ask, and close unless the person stays."""
    if keeping is None or not would_lose(keeping):
        close()
        return
    box = QMessageBox(window)
    box.setObjectName("unkept")
    box.setWindowTitle("Rayfolio")
    box.setText(QUESTION)
    box.setInformativeText(OTHERWISE)
    keep = box.addButton("Keep", QMessageBox.ButtonRole.AcceptRole)
    lose = box.addButton("Let it go", QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton("Stay here", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(stay)

    def chosen() -> None:
        if box.clickedButton() is lose:
            close()
        elif box.clickedButton() is keep:
            _keep_and_close(keeping, close)

    box.finished.connect(chosen)
    box.open()


def _keep_and_close(keeping: Keeping, close: Callable[[], None]) -> None:
    """Close when they are kept; stay, and say why, if they cannot be."""

    def told(_sentence: str) -> None:
        keeping.told.disconnect(told)
        if not keeping.is_wanted:
            close()

    keeping.told.connect(told)
    keeping.keep()
