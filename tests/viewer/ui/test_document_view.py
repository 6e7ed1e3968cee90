"""Documents on the screen: read in threads, drawn page by page, and nothing in them acts."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from viewer.dicom.documents import Entry, Letter, Line, Page, Pdf, Reference, Report
from viewer.errors import CannotShow
from viewer.ui.document_view import UNKNOWN_ERROR, DocumentView
from viewer.ui.report_text import LIGHT

CT = "1.2.840.10008.5.1.4.1.1.2"
PICTURE = Reference(CT, "1.2.9", (3,))


@pytest.fixture
def view(qtbot: QtBot) -> DocumentView:
    found = DocumentView()
    qtbot.addWidget(found)
    found.resize(700, 500)
    found.show()
    return found


def _report(*entries: Entry) -> Report:
    return Report("Findings", (Entry(0, "", "CONTAINER", "Findings"), *entries))


def _whole(view: DocumentView, qtbot: QtBot) -> str:
    qtbot.waitUntil(lambda: view.text.is_whole)
    return view.text.toPlainText()


def test_a_report_is_read_from_top_to_bottom(view: DocumentView, qtbot: QtBot) -> None:
    view.show_document(
        _report(
            Entry(1, "CONTAINS", "CONTAINER", "Chest"),
            Entry(2, "CONTAINS", "NUM", "Diameter", "12.5", "mm"),
            Entry(1, "CONTAINS", "TEXT", "Impression", "Nothing new. " * 10),
        )
    )
    said = _whole(view, qtbot)
    order = ["Findings", "Chest", "Diameter", "12.5 mm", "Impression", "Nothing new."]
    places = [said.index(each) for each in order]
    assert places == sorted(places)
    assert not view.text.isReadOnly() or view.text.textInteractionFlags()
    view.text.selectAll()
    view.text.copy()
    assert "12.5" in QGuiApplication.clipboard().text()


def test_markup_in_a_report_is_shown_as_it_stands(view: DocumentView, qtbot: QtBot) -> None:
    said = '<img src="http://127.0.0.1:9/x"><script>x</script><a href="file:///">y</a>'
    view.show_document(_report(Entry(1, "CONTAINS", "TEXT", "<b>n</b>", said)))
    text = _whole(view, qtbot)
    assert said in text and "<b>n</b>" in text
    html = view.text.toHtml()
    assert "<img" not in html and "<script" not in html and "<a " not in html
    assert view.text.loadResource(2, QUrl("file:///etc/hostname")) is None


def test_a_picture_that_a_report_points_at_is_asked_for(view: DocumentView, qtbot: QtBot) -> None:
    view.show_document(_report(Entry(1, "CONTAINS", "IMAGE", "Source", references=(PICTURE,))))
    _whole(view, qtbot)
    with qtbot.waitSignal(view.followed) as asked:
        view.text.anchorClicked.emit(QUrl("picture:0"))
    assert asked.args == [PICTURE]
    for url in ("picture:1", "picture:-1", "picture:x", "http:0", "file:///etc/hostname"):
        with qtbot.assertNotEmitted(view.followed):
            view.text.anchorClicked.emit(QUrl(url))


def test_what_only_machines_need_is_shown_on_demand(view: DocumentView, qtbot: QtBot) -> None:
    uid = Entry(1, "CONTAINS", "UIDREF", "Device", "1.2.3.4")
    view.show_document(_report(uid, Entry(1, "CONTAINS", "TEXT", "Note", "Well")))
    assert "1.2.3.4" not in _whole(view, qtbot)
    view._details.click()
    assert "1.2.3.4" in _whole(view, qtbot)


def test_a_long_report_comes_in_pieces(view: DocumentView, qtbot: QtBot) -> None:
    entries = [Entry(1, "CONTAINS", "TEXT", f"Name {n}", f"Value {n}") for n in range(600)]
    view.show_document(_report(*entries))
    assert "Value 5" in view.text.toPlainText()
    assert "Value 599" not in view.text.toPlainText()
    assert "Value 599" in _whole(view, qtbot)
    assert view.text.verticalScrollBar().value() == 0


def test_a_letter_has_chapters_and_tables(view: DocumentView, qtbot: QtBot) -> None:
    rows = [Line("row", 1, "", cells=("Value", "5")), Line("row", 1, "", cells=("Other", "6"))]
    lines = (Line("heading", 1, "Findings"), *rows, Line("item", 1, "One"))
    view.show_document(Letter("Letter", lines, "A part is missing."))
    said = _whole(view, qtbot)
    assert all(
        each in said for each in ("Letter", "Findings", "Other", "One", "A part is missing.")
    )
    where = QTextCursor(view.text.document().find("Other"))
    table = where.currentTable()
    assert (table.rows(), table.columns()) == (2, 2)


def test_headings_are_told_to_screen_readers(view: DocumentView, qtbot: QtBot) -> None:
    view.show_document(Letter("Letter", (Line("heading", 1, "Findings"), Line("text", 1, "Well"))))
    _whole(view, qtbot)
    found = {}
    block = view.text.document().begin()
    while block.isValid():
        found[block.text()] = block.blockFormat().headingLevel()
        block = block.next()
    assert (found["Letter"], found["Findings"], found["Well"]) == (1, 2, 0)


def test_a_document_is_read_in_a_thread_and_its_failure_said(
    view: DocumentView, qtbot: QtBot
) -> None:
    seen: list[bool] = []

    def read() -> Report:
        seen.append(threading.current_thread() is threading.main_thread())
        return _report(Entry(1, "CONTAINS", "TEXT", "Note", "Well"))

    with qtbot.waitSignal(view.shown):
        view.load(read)
    assert seen == [False]

    def fail() -> Report:
        raise CannotShow("it is damaged")

    with qtbot.waitSignal(view.failed) as said:
        view.load(fail)
    assert said.args == ["This document cannot be shown here: it is damaged. It can be exported."]
    assert view.message.text() == said.args[0]


def test_the_last_document_asked_for_is_shown(view: DocumentView, qtbot: QtBot) -> None:
    hold = threading.Event()

    def slow() -> Report:
        hold.wait(10)
        return _report(Entry(1, "CONTAINS", "TEXT", "Note", "first"))

    view.load(slow)
    view.load(lambda: Letter("Second", ()))
    hold.set()
    qtbot.waitUntil(lambda: view.document == Letter("Second", ()))
    QApplication.processEvents()
    assert view.document == Letter("Second", ())


class Pages:
    """Draws pages of one colour and keeps which were asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, float]] = []

    def __call__(self, number: int, scale: float) -> Page:
        self.asked.append((number, scale))
        if number == 5:
            raise CannotShow("this page is damaged")
        shape = (round(842 * scale), round(595 * scale), 3)
        return Page(np.full(shape, number % 256, np.uint8), f"words {number}", "x" * (number == 1))


PDF = Pdf("Letter", ((595.0, 842.0),) * 40)


def test_only_pages_in_sight_and_the_next_are_drawn(view: DocumentView, qtbot: QtBot) -> None:
    draw = Pages()
    view.show_document(PDF, draw)
    qtbot.waitUntil(lambda: view.paper.is_settled and len(draw.asked) > 1)
    assert {number for number, _ in draw.asked} == {0, 1}
    view.paper.show_page(30)
    qtbot.waitUntil(lambda: view.paper.is_settled)
    assert {number for number, _ in draw.asked} <= {0, 1, 29, 30, 31}
    assert view.where.text().startswith("Page 31 of 40")
    assert view.paper.accessibleName() == "Page 31 of 40"
    assert view.paper.accessibleDescription() == "words 30"


def test_pages_fit_the_width_and_grow_sharp(view: DocumentView, qtbot: QtBot) -> None:
    draw = Pages()
    view.show_document(PDF, draw)
    qtbot.waitUntil(lambda: view.paper.is_settled)
    fitting = view.paper.zoom
    width = view.paper.viewport().width()
    assert 0.9 * width < 595 / 72 * 96 * fitting <= width
    view._larger.click()
    qtbot.waitUntil(lambda: view.paper.is_settled)
    assert view.paper.zoom == pytest.approx(1.25 * fitting)
    assert max(scale for _, scale in draw.asked) == pytest.approx(1.25 * fitting * 96 / 72, 0.01)
    view._width.click()
    assert view.paper.zoom == pytest.approx(fitting)


def test_thousands_of_pages_of_all_sizes_lie_below_one_another(
    view: DocumentView, qtbot: QtBot
) -> None:
    sizes = tuple((100.0 + n % 7, 50.0 + 300 * (n % 3)) for n in range(2000))
    view.show_document(Pdf("Letter", sizes), Pages())
    for number in (0, 1, 2, 777, 1998, 1999):
        view.paper.show_page(number)
        seen = view.paper._in_sight()
        # By hand: those of which a part is between the upper and the lower edge of the window.
        top = view.paper.verticalScrollBar().value()
        bottom = top + view.paper.viewport().height()
        places = zip(view.paper._tops, view.paper._sizes, strict=True)
        expected = [n for n, (y, (_, high)) in enumerate(places) if y < bottom and y + high > top]
        assert seen == expected and number in seen


def test_a_damaged_page_says_so_and_the_others_go_on(view: DocumentView, qtbot: QtBot) -> None:
    view.show_document(PDF, Pages())
    view.paper.show_page(5)
    qtbot.waitUntil(lambda: view.paper.is_settled)
    view.paper.show_page(7)
    qtbot.waitUntil(lambda: view.paper.said == "words 7")


def test_what_is_missing_on_a_page_is_said_above_it(view: DocumentView, qtbot: QtBot) -> None:
    view.show_document(PDF, Pages())
    qtbot.waitUntil(lambda: view.paper.is_settled)
    assert not view.notice.isVisible()
    view.paper.show_page(1)
    qtbot.waitUntil(view.notice.isVisible)


def test_the_words_of_a_page_can_be_read_and_copied(view: DocumentView, qtbot: QtBot) -> None:
    view.show_document(PDF, Pages())
    qtbot.waitUntil(lambda: view.paper.said == "words 0")
    view._copy_page()
    assert QGuiApplication.clipboard().text() == "words 0"
    view._as_text.click()
    assert view.text.toPlainText() == "words 0"
    assert view.text.isVisible()
    view._as_text.click()
    assert view.paper.isVisible()


def test_what_has_no_sentence_is_our_own_mistake(view: DocumentView, qtbot: QtBot) -> None:
    def mistake() -> Report:
        raise ZeroDivisionError

    with qtbot.capture_exceptions() as raised:
        view.load(mistake)
        qtbot.waitUntil(lambda: view.message.text() == UNKNOWN_ERROR)
        qtbot.waitUntil(lambda: bool(raised))
    assert raised[0][0] is ZeroDivisionError


def test_it_has_a_light_and_a_dark_page(qtbot: QtBot) -> None:
    for ink, lightness in ((LIGHT, 200), (None, 50)):
        found = DocumentView(ink) if ink else DocumentView()
        qtbot.addWidget(found)
        found.resize(300, 200)
        found.show()
        found.show_document(Letter("Letter", ()))
        corner = found.grab().toImage().pixelColor(2, 150)
        assert (corner.lightness() > lightness) == bool(ink)
    assert sum(each.isWindow() and each.isVisible() for each in QApplication.allWidgets()) == 2
