"""What every page works with: the unlocked wallet, the jobs, and news for the other pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.ui.jobs import Jobs

if TYPE_CHECKING:
    from app.own_studies import OwnStudy
    from app.service import Wallet
    from viewer.dicom.source import StudySource
    from viewer.ui.keeper import Keeper

MakeViewer = Callable[["StudySource", str, "OwnStudy | None", "Keeper | None"], QWidget]


class Desk(QObject):
    """One unlocked wallet at work. Pages ask here, and tell here what they changed."""

    studies_changed = Signal()
    people_changed = Signal()
    study_wanted = Signal(object)  # a StudyItem: show its page
    share_wanted = Signal(object)  # a StudyDetail: show the share sheet
    viewer_wanted = Signal(object, str, str)  # a StudySource, its title; the id of an own study
    sheet_wanted = Signal(object)  # a Sheet to show above the window
    back_wanted = Signal()
    told = Signal(str, str)  # a sentence and its kind, for the notice above the content

    def __init__(self, wallet: Wallet, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wallet = wallet
        self.jobs = jobs
