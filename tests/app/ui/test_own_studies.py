"""What the application gives the viewer: a face, and one's own studies from before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytestqt.qtbot import QtBot

from app.own_studies import OwnStudies, OwnStudy
from app.ui.main import Viewers
from app.ui.preferences import Preferences
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.source import SeriesView
from viewer.errors import ReaderFailed
from viewer.ui.face import Face
from viewer.ui.viewer import Viewer

from .fake_wallet import FakeWallet


class Empty:
    """A study without anything in it."""

    def series(self) -> Sequence[SeriesView]:
        return ()

    def open(self, series: int, instance: int, frame: int) -> int:
        raise ReaderFailed("there is nothing")


def test_the_other_studies_of_the_same_patient_are_offered(wallet: FakeWallet) -> None:
    one, two, three = wallet.all[0], replace(wallet.all[0], study="0x2"), wallet.all[0]
    wallet.all = [one, two, replace(three, study="0x3", patient="Somebody Else")]
    with Sandbox() as sandbox:
        offered = OwnStudies(OwnStudy(wallet, one.study), sandbox).offered()
        assert [(each.title, each.date) for each in offered] == [(two.title, two.date)]
        assert ("source", "0x2") not in wallet.calls  # opened only to be looked at
        found = offered[0].open()
        assert found.reader is not None and found.reader.source is found.source
        assert ("source", "0x2") in wallet.calls


def test_ones_own_study_opens_as_for_a_patient_and_a_shared_one_as_for_a_clinician(
    qtbot: QtBot, wallet: FakeWallet
) -> None:
    make = Viewers(Preferences())
    own = make(Empty(), "Mine", OwnStudy(wallet, wallet.all[0].study))
    shared = make(Empty(), "Theirs")
    for each in (own, shared):
        qtbot.addWidget(each)
        assert isinstance(each, Viewer)
    assert isinstance(own, Viewer)
    assert isinstance(shared, Viewer)
    assert (own.faces.face, shared.faces.face) == (Face.PATIENT, Face.CLINICIAN)
    assert own.beside.comparing is not None
    assert shared.beside.comparing is None
    own.faces.choose(Face.CLINICIAN)
    again = make(Empty(), "Mine", OwnStudy(wallet, wallet.all[0].study))
    qtbot.addWidget(again)
    assert isinstance(again, Viewer)
    assert again.faces.face is Face.CLINICIAN
    for each in (own, shared, again):
        each.close()
