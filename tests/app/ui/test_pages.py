"""A person's ways through the windows."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from fake_wallet import FakeWallet
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.service import SeriesItem
from app.ui.controls import Chip
from app.ui.jobs import Jobs
from app.ui.pages.handover import Handover
from app.ui.pages.people import AddPerson, CardCode, CompareWords
from app.ui.pages.share_sheet import NO_END, ShareSheet
from app.ui.pages.stop_sheet import StopSheet
from app.ui.pages.study import GrantRow, SeriesTile
from app.ui.window import MainWindow
from wallet.errors import CardInvalid, LedgerUnreachable, NothingReadable


@pytest.fixture
def idle(qtbot: QtBot, jobs: Jobs):
    return lambda: qtbot.waitUntil(lambda: not jobs.running)


@pytest.fixture
def on_study(window: MainWindow, wallet: FakeWallet, idle) -> MainWindow:
    window.scans.cards[0].click()
    idle()
    return window


def open_share(window: MainWindow, idle) -> ShareSheet:
    window.study.share.click()
    idle()
    assert isinstance(window.sheet, ShareSheet)
    return window.sheet


# -- my scans -----------------------------------------------------------------------------------


def test_every_study_has_a_card(window: MainWindow, wallet: FakeWallet) -> None:
    assert [card.study for card in window.scans.cards] == wallet.all
    assert window.scans.empty.isHidden()


def test_a_card_says_all_of_itself_to_a_screen_reader(window: MainWindow) -> None:
    said = window.scans.cards[2].accessibleName()
    assert said == "Chest CT, 5 September 2026 · St. Anna Hospital, Only you"


def test_an_empty_wallet_shows_one_button(window: MainWindow, wallet: FakeWallet, idle) -> None:
    wallet.all.clear()
    window.go(0)
    idle()
    assert window.scans.empty.isVisible()
    assert window.scans.first.isVisible()
    assert not window.scans.add.isVisible()


def test_what_is_dropped_is_imported_and_what_was_left_out_is_said(
    window: MainWindow, wallet: FakeWallet, idle, tmp_path: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    drop = QDropEvent(
        QPoint(300, 300),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.scans.dropEvent(drop)
    idle()
    assert ("import_paths", (tmp_path,)) in wallet.calls
    assert "1 study is in your wallet now." in window.scans.notice.text()
    assert "1 file was left out" in window.scans.notice.text()
    assert len(window.scans.cards) == 5


def test_an_import_of_nothing_says_what_to_choose(
    window: MainWindow, wallet: FakeWallet, idle
) -> None:
    wallet.errors["import_paths"] = NothingReadable()
    window.scans.take([Path("holiday.jpg")])
    idle()
    assert "the hospital gave you" in window.scans.notice.text()


@pytest.mark.parametrize(("width", "columns"), [(880, 2), (1280, 3), (1920, 4)])
def test_the_cards_fill_the_width(
    qtbot: QtBot, window: MainWindow, idle, width: int, columns: int
) -> None:
    window.resize(width, 800)
    idle()

    def in_first_row() -> int:
        tops = [card.y() for card in window.scans.cards]
        return tops.count(tops[0])

    qtbot.waitUntil(lambda: in_first_row() == columns)


# -- a study ------------------------------------------------------------------------------------


def test_a_study_says_who_can_see_it(on_study: MainWindow) -> None:
    said = [label.text() for label in on_study.study.findChildren(QLabel)]
    assert "Dr Lee" in said
    assert "Anyone with the link" in said
    assert "not reported opened yet" in said
    assert "2 of 2 copies, checked today" in said


def test_a_report_is_called_a_document(qtbot: QtBot) -> None:
    tile = SeriesTile(SeriesItem("1.2.3", "SR", "Report", 1, b""))
    qtbot.addWidget(tile)
    assert tile.accessibleName() == "Report, 1 document"


def test_a_study_belongs_to_ones_own_scans(window: MainWindow, wallet: FakeWallet, idle) -> None:
    window.go(4)
    window.show_study(wallet.all[0])
    idle()
    assert window.rail.button(0).isChecked()


def test_what_is_known_is_shown_before_the_rest_has_come(
    window: MainWindow, wallet: FakeWallet
) -> None:
    window.show_study(wallet.all[0])
    assert window.study.name.text() == "Head CT"
    assert not window.study.share.isEnabled()


def test_stopping_asks_once_says_what_it_cannot_do_and_stops(
    qtbot: QtBot, on_study: MainWindow, wallet: FakeWallet, idle
) -> None:
    rows = on_study.study.findChildren(GrantRow)
    rows[0].stop.click()
    assert isinstance(on_study.sheet, StopSheet)
    said = " ".join(label.text() for label in on_study.sheet.findChildren(QLabel))
    assert "cannot be called back" in said

    on_study.sheet.stop.click()
    idle()
    assert ("revoke", wallet.all[0].study, "0xDr Lee") in wallet.calls
    assert on_study.study.notice.text().startswith("Stopped. It had been reported opened on")
    qtbot.waitUntil(
        lambda: (
            [row.grant.to for row in on_study.study.findChildren(GrantRow) if row.isVisible()]
            == ["link"]
        )
    )


def test_keeping_changes_nothing(on_study: MainWindow, wallet: FakeWallet, idle) -> None:
    on_study.study.findChildren(GrantRow)[0].stop.click()
    assert isinstance(on_study.sheet, StopSheet)
    on_study.sheet.keep.click()
    idle()
    assert on_study.sheet is None
    assert not any(call[0] == "revoke" for call in wallet.calls)


def test_a_stop_that_failed_can_be_tried_again(
    on_study: MainWindow, wallet: FakeWallet, idle
) -> None:
    wallet.errors["revoke"] = LedgerUnreachable("local")
    on_study.study.findChildren(GrantRow)[0].stop.click()
    on_study.sheet.stop.click()
    idle()
    assert "does not answer" in on_study.study.notice.text()
    assert on_study.study.findChildren(GrantRow)[0].stop.isEnabled()


def test_link_and_passcode_are_copied_each_alone(on_study: MainWindow) -> None:
    by_link = on_study.study.findChildren(GrantRow)[1]
    copies = {each.text(): each for each in by_link.findChildren(QPushButton)}
    copies["Copy link"].click()
    assert QGuiApplication.clipboard().text() == by_link.grant.link
    copies["Copy passcode"].click()
    assert QGuiApplication.clipboard().text() == by_link.grant.passcode


def test_the_viewer_covers_the_window_and_leads_back(on_study: MainWindow, idle) -> None:
    on_study.study.look.click()
    idle()
    assert on_study.viewer is not None
    shown = on_study.viewer.findChild(QLabel, "viewer")
    assert shown is not None
    assert shown.text() == "Head CT"
    assert shown.property("own") == on_study.study.study
    assert not on_study.rail.isVisible()
    on_study.close_viewer()
    assert on_study.rail.isVisible()


def test_originals_are_saved(on_study: MainWindow, idle, tmp_path: Path) -> None:
    on_study.study.export(tmp_path)
    idle()
    assert on_study.study.notice.text() == "412 files were saved."


def test_only_one_copy_is_said(on_study: MainWindow, wallet: FakeWallet, monkeypatch, idle) -> None:
    detail = wallet.show(wallet.all[0].study)
    one = dataclasses.replace(detail, copies=detail.copies[:1])
    monkeypatch.setattr(wallet, "show", lambda study: one)
    on_study.desk.studies_changed.emit()
    idle()
    said = [label.text() for label in on_study.study.findChildren(QLabel)]
    assert "There is only one copy. Save another to a disk of your own." in said


def test_what_was_left_undone_goes_on_by_itself(
    on_study: MainWindow, wallet: FakeWallet, idle
) -> None:
    wallet.calls.clear()
    wallet.left_over = [True]
    on_study.catching_up.timeout.emit()
    idle()
    assert wallet.calls[0] == ("catch_up",)
    assert ("show", wallet.all[0].study) in wallet.calls  # what is on the screen follows


def test_where_nothing_was_left_undone_nothing_is_read_again(
    on_study: MainWindow, wallet: FakeWallet, idle
) -> None:
    wallet.calls.clear()
    on_study.catching_up.timeout.emit()
    idle()
    assert wallet.calls == [("catch_up",)]


# -- sharing ------------------------------------------------------------------------------------


def test_nobody_is_chosen_before_the_person_chooses(on_study: MainWindow, idle) -> None:
    sheet = open_share(on_study, idle)
    assert not sheet.give.isEnabled()
    assert sheet.sentence.text() == "Choose who may see this study."


def test_the_sentence_follows_the_choices(on_study: MainWindow, idle) -> None:
    sheet = open_share(on_study, idle)
    sheet._who.button(1).click()
    assert sheet.sentence.text().startswith("Dr Lee can see this study until ")
    sheet.lengths.button(NO_END).click()
    assert sheet.sentence.text().startswith("Dr Lee can see this study, with no end date.")
    sheet.by_link.click()
    assert sheet.sentence.text().startswith("Anyone with the link and the passcode can see")
    sheet.passcode.click()
    assert sheet.sentence.text().startswith("Anyone who gets the link can see")
    assert "cannot be called back" in sheet.sentence.text()


def test_a_link_ends_sooner_than_a_share_with_a_person(on_study: MainWindow, idle) -> None:
    sheet = open_share(on_study, idle)
    sheet._who.button(1).click()
    person = sheet.until()
    sheet.by_link.click()
    link = sheet.until()
    assert person is not None
    assert link is not None
    assert link < person


def test_a_length_that_was_chosen_stays(on_study: MainWindow, idle) -> None:
    sheet = open_share(on_study, idle)
    sheet.lengths.button(14).click()
    sheet.by_link.click()
    assert sheet.lengths.checkedId() == 14


def test_sharing_with_a_person(on_study: MainWindow, wallet: FakeWallet, idle) -> None:
    sheet = open_share(on_study, idle)
    sheet._who.button(1).click()
    until = sheet.until()
    sheet.give.click()
    idle()
    assert ("share_with", wallet.all[0].study, "0xLee", (), until, "TREAT") in wallet.calls
    handover = on_study.sheet
    assert isinstance(handover, Handover)
    assert handover.passcode is None
    said = [label.text() for label in handover.findChildren(QLabel)]
    assert "Send this link to Dr Lee. Only Dr Lee can open it." in said


def test_sharing_some_series_by_link_and_passcode(
    on_study: MainWindow, wallet: FakeWallet, idle
) -> None:
    sheet = open_share(on_study, idle)
    sheet.by_link.click()
    sheet.part.click()
    assert not sheet.give.isEnabled()
    sheet.series[1].click()
    sheet.give.click()
    idle()
    call = next(call for call in wallet.calls if call[0] == "share_by_link")
    assert call[2:4] == (True, ("1.2.1",))
    handover = on_study.sheet
    assert isinstance(handover, Handover)
    assert handover.copy_passcode is not None
    handover.copy_link.click()
    assert "passcode" not in QGuiApplication.clipboard().text()
    assert QGuiApplication.clipboard().text().startswith("rayfolio:")
    handover.copy_passcode.click()
    assert QGuiApplication.clipboard().text() == "apron-vessel-hollow-garlic-ridge"


def test_a_share_that_failed_says_why_and_can_be_tried_again(
    on_study: MainWindow, wallet: FakeWallet, idle
) -> None:
    wallet.errors["share_by_link"] = LedgerUnreachable("local")
    sheet = open_share(on_study, idle)
    sheet.by_link.click()
    sheet.give.click()
    idle()
    assert "does not answer" in sheet.notice.text()
    assert sheet.give.isEnabled()


def test_without_people_the_link_is_chosen(on_study: MainWindow, wallet: FakeWallet, idle) -> None:
    wallet.people.clear()
    sheet = open_share(on_study, idle)
    assert sheet.by_link.isChecked()
    assert sheet.give.isEnabled()


def test_escape_closes_a_sheet_and_tab_stays_inside(
    qtbot: QtBot, on_study: MainWindow, idle
) -> None:
    sheet = open_share(on_study, idle)
    for _ in range(30):
        qtbot.keyClick(on_study.focusWidget() or sheet, Qt.Key.Key_Tab)
        assert sheet.isAncestorOf(on_study.focusWidget())
    qtbot.keyClick(on_study.focusWidget(), Qt.Key.Key_Escape)
    assert on_study.sheet is None


# -- shared with me -----------------------------------------------------------------------------


def test_a_link_without_passcode_opens_at_once(window: MainWindow, idle) -> None:
    window.open_link("rayfolio:abc")
    idle()
    assert not window.shared.passcode.isVisible()
    chips = [chip.text() for chip in window.shared.findChildren(Chip)]
    assert "From Jonas Keller, whom you know" in chips


def test_the_passcode_is_asked_for_only_when_it_is_missing(
    window: MainWindow, wallet: FakeWallet, idle
) -> None:
    wallet.link_passcode = "apron-vessel"
    window.open_link("rayfolio:abc")
    idle()
    assert window.shared.passcode.isVisible()
    assert window.shared.notice.text() == ""

    window.shared.passcode.setText("wrong")
    window.shared.open.click()
    idle()
    assert "does not open this link" in window.shared.notice.text()

    window.shared.passcode.setText("apron-vessel")
    window.shared.open.click()
    idle()
    assert ("open_link", "rayfolio:abc", "apron-vessel") in wallet.calls
    assert not window.shared.passcode.isVisible()
    assert window.shared.passcode.text() == ""


def test_an_unknown_sender_is_said_to_be_unknown(
    window: MainWindow, wallet: FakeWallet, idle
) -> None:
    wallet.sender_known = False
    window.open_link("rayfolio:abc")
    idle()
    chips = [chip.text() for chip in window.shared.findChildren(Chip)]
    assert "From “Jonas Keller”, who is not among your people" in chips


def test_what_was_opened_goes_to_the_viewer(window: MainWindow, idle) -> None:
    window.open_link("rayfolio:abc")
    idle()
    looks = [
        each
        for each in window.shared.findChildren(QPushButton)
        if each.text() == "Look at the pictures"
    ]
    looks[0].click()
    assert window.viewer is not None
    shown = window.viewer.findChild(QLabel, "viewer")
    assert shown is not None
    assert shown.property("own") == ""


def test_what_has_ended_cannot_be_opened_again(window: MainWindow, idle) -> None:
    window.go(1)
    idle()
    again = [
        each.accessibleName()
        for each in window.shared.findChildren(QPushButton)
        if each.text() == "Open again"
    ]
    assert again == ["Open Knee MR again"]


# -- people, activity, settings -----------------------------------------------------------------


def test_adding_a_person_ends_in_comparing_words(
    window: MainWindow, wallet: FakeWallet, idle
) -> None:
    window.go(2)
    window.people.add.click()
    sheet = window.sheet
    assert isinstance(sheet, AddPerson)
    sheet.text.setPlainText("  rayfolio-card:abc \n")
    sheet.name.setText("Dr Okafor")
    sheet.add.click()
    idle()
    assert ("add_contact", "rayfolio-card:abc", "Dr Okafor") in wallet.calls
    assert isinstance(window.sheet, CompareWords)


def test_a_card_comes_from_a_file(window: MainWindow, idle, tmp_path: Path) -> None:
    file = tmp_path / "card.txt"
    file.write_text("rayfolio-card:abc\n")
    window.people.add.click()
    assert isinstance(window.sheet, AddPerson)
    window.sheet.load(file)
    assert window.sheet.text.toPlainText() == "rayfolio-card:abc"


def test_a_bad_card_is_refused_in_the_sheet(window: MainWindow, wallet: FakeWallet, idle) -> None:
    wallet.errors["add_contact"] = CardInvalid("it is cut")
    window.people.add.click()
    sheet = window.sheet
    assert isinstance(sheet, AddPerson)
    sheet.text.setPlainText("rayfolio-card:abc")
    sheet.add.click()
    idle()
    assert "Ask for it again" in sheet.notice.text()
    assert sheet.add.isEnabled()


def test_ones_own_card_is_a_code_of_whole_pixels(window: MainWindow, wallet: FakeWallet) -> None:
    sheet = CardCode(wallet.card)
    assert sheet.code.width() > 400
    assert sheet.code.width() == sheet.code.height()
    sheet.deleteLater()


def test_a_card_too_long_for_a_code_says_so(qtbot: QtBot) -> None:
    sheet = CardCode("x" * 5_000)
    qtbot.addWidget(sheet)
    assert sheet.code.is_empty


def test_activity_is_told_day_by_day(window: MainWindow, idle) -> None:
    window.go(3)
    idle()
    said = [label.text() for label in window.activity.findChildren(QLabel)]
    assert said.index("Today") < said.index("Yesterday")


def test_the_scheme_changes_at_once(window: MainWindow, idle) -> None:
    from app.ui.theme import tokens

    window.go(4)
    idle()
    window.settings.scheme.button(2).click()
    assert tokens().is_dark
    window.settings.scheme.button(1).click()
    assert not tokens().is_dark


def test_a_missing_part_is_said_above_the_content(
    window: MainWindow, wallet: FakeWallet, idle
) -> None:
    assert not window.banner.isVisible()
    wallet.advice = "Install it to share."
    window._look_for_advice()
    idle()
    assert window.banner.isVisible()


def test_the_lock_is_one_click_away(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.locked):
        window.rail.lock.click()
