"""Where measurements go: as a job into one's own study, or into folders, never among originals."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.ui.desk import Desk
from app.ui.jobs import Jobs
from app.ui.keeping import FolderKeeper, StudyKeeper, beside, keeper_beside
from tests.app.ui.fake_wallet import FakeWallet
from viewer.ui.keeper import Made
from wallet.errors import LedgerUnreachable

FILES = [Made("measurements-7.dcm", b"report"), Made("marks-7.dcm", b"marks")]


@pytest.fixture
def said() -> list[tuple[bool, str]]:
    return []


def test_ones_own_study_takes_them_as_a_job(
    qtbot: QtBot, wallet: FakeWallet, jobs: Jobs, said: list[tuple[bool, str]]
) -> None:
    desk = Desk(wallet, jobs)
    keeper = StudyKeeper(desk, wallet.all[0].study)
    with qtbot.waitSignal(desk.studies_changed):
        keeper.keep(FILES, lambda kept, words: said.append((kept, words)))
    assert said == [(True, "Kept with the study.")]
    given = (("measurements-7.dcm", b"report"), ("marks-7.dcm", b"marks"))
    assert ("keep", wallet.all[0].study, given) in wallet.calls


def test_a_study_that_cannot_take_them_says_why(
    qtbot: QtBot, wallet: FakeWallet, jobs: Jobs, said: list[tuple[bool, str]]
) -> None:
    wallet.errors["keep"] = LedgerUnreachable("local")
    keeper = StudyKeeper(Desk(wallet, jobs), wallet.all[0].study)
    keeper.keep(FILES, lambda kept, words: said.append((kept, words)))
    qtbot.waitUntil(lambda: bool(said))
    assert said == [(False, str(wallet.errors["keep"]))]


def test_a_folder_gets_a_folder_beside_it(tmp_path: Path, said: list[tuple[bool, str]]) -> None:
    scans = tmp_path / "CD of 2025"
    scans.mkdir()
    keeper = keeper_beside(scans)
    assert "“CD of 2025 measurements”" in keeper.note
    keeper.keep(FILES, lambda kept, words: said.append((kept, words)))
    assert said == [(True, "Kept in the folder “CD of 2025 measurements”.")]
    assert {each.name: each.read_bytes() for each in beside(scans).iterdir()} == {
        "measurements-7.dcm": b"report",
        "marks-7.dcm": b"marks",
    }
    assert list(scans.iterdir()) == []


def test_nothing_is_ever_written_over(tmp_path: Path, said: list[tuple[bool, str]]) -> None:
    (tmp_path / "measurements-7.dcm").write_bytes(b"another")
    keeper = FolderKeeper("", lambda: tmp_path)
    keeper.keep(FILES, lambda kept, words: said.append((kept, words)))
    assert said == [(False, "They could not be written there. Choose another folder.")]
    assert (tmp_path / "measurements-7.dcm").read_bytes() == b"another"


def test_who_chooses_no_folder_keeps_nothing(said: list[tuple[bool, str]]) -> None:
    FolderKeeper("", lambda: None).keep(FILES, lambda kept, words: said.append((kept, words)))
    assert said == [(False, "Nothing was kept.")]
