"""What leaves the window, driven as a person does it: sheets, names, files read back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageSequence
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from viewer.dicom.file_set import Apart, FileSet
from viewer.dicom.header import Header
from viewer.dicom.names import PERHAPS
from viewer.dicom.pixels import Pixels
from viewer.dicom.source import SeriesView
from viewer.errors import ReaderFailed
from viewer.render.aim import View
from viewer.render.pipeline import picture
from viewer.ui import Viewer, errand, shots
from viewer.ui.errand import Errand
from viewer.ui.image_view import ImageView
from viewer.ui.page_sheet import PageSheet
from viewer.ui.saving import Progress
from viewer.ui.saving_sheets import FilmSheet, PictureSheet

CT = Header(
    patient_name="Nguyen^Linh", patient_id="L-4711", study_date="20251103", modality="CT",
    study_description="Head CT", rows=40, columns=50, drawable=True, series_uid="1.2.9.4",
    sop_class="1.2.840.10008.5.1.4.1.1.2",
)  # fmt: skip
LOOP = Header(modality="US", rows=40, columns=50, frames=5, drawable=True, frame_time_ms=40.0)
REPORT = Header(modality="SR", drawable=False, why_not="it is a report")
HEAD = SeriesView("1", "Axial", "CT", (CT,) * 12)
HEART = SeriesView("2", "Loop", "US", (LOOP,))
ONE = SeriesView("3", "One", "CT", (CT,))
WORDS = SeriesView("4", "Report", "SR", (REPORT,))


class Memory:
    """A source whose frames are made by a function."""

    def __init__(self, *series: SeriesView) -> None:
        self._series = series

    def series(self) -> Sequence[SeriesView]:
        return self._series

    def open(self, series: int, instance: int, frame: int) -> int:
        raise ReaderFailed("it lies in memory only")


def decode(series: SeriesView, instance: int, frame: int) -> Pixels:
    array = np.arange(2000, dtype=np.int16).reshape(40, 50) % 97 + 10 * instance + frame
    return Pixels(array, "MONOCHROME2", 16, True, windows=((100.0, 200.0, ""),))


Open = Callable[..., Viewer]


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    made: list[Viewer] = []

    def open_it(*series: SeriesView, decode: object = decode, **more: object) -> Viewer:
        viewer = Viewer(Memory(*series), decode, **more)
        qtbot.addWidget(viewer)
        viewer.resize(1000, 700)
        viewer.show()
        qtbot.waitUntil(lambda: viewer.is_settled)
        viewer.saver._folder = tmp_path
        made.append(viewer)
        return viewer

    yield open_it
    for each in made:
        each.close_study()


def sheet(viewer: Viewer, kind: type) -> object:
    assert isinstance(viewer.saver.sheet, kind)
    return viewer.saver.sheet


def name_it(viewer: Viewer, path: Path) -> None:
    dialog = viewer.saver.sheet
    assert isinstance(dialog, QFileDialog)
    dialog.selectFile(str(path))
    dialog.accept()


def words_of(menu: QMenu) -> dict[str, str]:
    return {each.text(): "" if each.isEnabled() else each.toolTip() for each in menu.actions()}


# -- what is offered --------------------------------------------------------------------------


def test_the_menu_offers_all_there_is_and_says_why_not(opened: Open) -> None:
    viewer = opened(ONE)
    menu = viewer.tools.menu_of("save")
    menu.aboutToShow.emit()

    said = words_of(menu)
    assert list(said) == [
        "Save picture…", "Save film…", "Page for printing (PDF)…", "Print…", "Copy the originals…",
    ]  # fmt: skip
    assert said["Save picture…"] == said["Print…"] == ""
    assert "no film" in said["Save film…"]
    assert "cannot be copied" in said["Copy the originals…"]


def test_of_a_report_no_picture_is_offered(opened: Open) -> None:
    viewer = opened(WORDS)
    menu = viewer.tools.menu_of("save")
    menu.aboutToShow.emit()
    assert "no picture" in words_of(menu)["Save picture…"]


# -- pictures ---------------------------------------------------------------------------------


def test_the_whole_picture_is_saved_as_it_is_seen_and_nothing_more(
    opened: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    viewer = opened(HEAD)
    viewer.image.invert()
    viewer.image.turn(90)
    viewer.saver.save_picture()
    asked = sheet(viewer, PictureSheet)
    asked.whole.setChecked(True)
    asked.go_on.click()
    with qtbot.waitSignal(viewer.saver.said):
        name_it(viewer, tmp_path / "a.png")

    pixels = viewer.image.drawable.pixels
    expected = np.rot90(255 - picture(pixels), -1)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), expected)
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]


def test_what_is_on_the_screen_is_saved_with_and_without_words(
    opened: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    viewer = opened(HEAD)
    for name, words in (("with.png", True), ("without.png", False)):
        viewer.saver.save_picture()
        asked = sheet(viewer, PictureSheet)
        asked.words.setChecked(words)
        asked.go_on.click()
        with qtbot.waitSignal(viewer.saver.said):
            name_it(viewer, tmp_path / name)

    with_words = np.asarray(Image.open(tmp_path / "with.png").convert("RGB")).astype(int)
    without = np.asarray(Image.open(tmp_path / "without.png").convert("RGB")).astype(int)
    size = viewer.image.size()
    assert without.shape[:2] == (2 * size.height(), 2 * size.width())
    changed = np.abs(with_words - without).max(axis=2) > 40
    assert changed[:60, :300].any()  # a corner
    height, width = changed.shape
    middle = changed[height // 3 : height // 2, width // 3 : width // 2]
    assert not middle.any()
    assert without.max() > 0


def test_a_jpeg_has_the_quality_that_was_chosen(opened: Open, qtbot: QtBot, tmp_path: Path) -> None:
    viewer = opened(HEAD)
    sizes = []
    for quality in (50, 95):
        viewer.saver.save_picture()
        asked = sheet(viewer, PictureSheet)
        asked.whole.setChecked(True)
        asked.jpeg.setChecked(True)
        assert asked.quality.isVisible()
        asked.quality.setValue(quality)
        asked.go_on.click()
        with qtbot.waitSignal(viewer.saver.said):
            name_it(viewer, tmp_path / f"{quality}")
        with Image.open(tmp_path / f"{quality}.jpg") as found:
            assert (found.format, found.mode) == ("JPEG", "L")
        sizes.append((tmp_path / f"{quality}.jpg").stat().st_size)
    assert sizes[0] < sizes[1]


def test_the_name_that_is_offered_names_nobody(opened: Open) -> None:
    viewer = opened(HEAD)
    viewer.saver.save_picture()
    sheet(viewer, PictureSheet).go_on.click()

    (offered,) = viewer.saver.sheet.selectedFiles()
    place = viewer.cell.place + 1
    assert Path(offered).name == f"CT 2025-11-03 image {place}.png"


def test_names_in_the_picture_are_spoken_of_before_it_is_saved(opened: Open) -> None:
    viewer = opened(HEART)
    viewer.saver.save_picture()
    assert PERHAPS in _labels(sheet(viewer, PictureSheet))
    viewer.saver.save_film()
    assert PERHAPS in _labels(sheet(viewer, FilmSheet))


def _labels(widget: object) -> list[str]:
    from PySide6.QtWidgets import QLabel

    return [each.text() for each in widget.findChildren(QLabel)]


# -- films ------------------------------------------------------------------------------------


def test_a_part_of_a_stack_is_saved_as_a_film(opened: Open, qtbot: QtBot, tmp_path: Path) -> None:
    viewer = opened(HEAD)
    viewer.saver.save_film()
    asked = sheet(viewer, FilmSheet)
    assert "12 images, 1.2 seconds" in asked.said.text()
    asked.first.setValue(3)
    asked.last.setValue(6)
    asked.fps.setValue(25)
    asked.go_on.click()
    with qtbot.waitSignal(viewer.saver.said):
        name_it(viewer, tmp_path / "a.gif")

    with Image.open(tmp_path / "a.gif") as found:
        frames = [(each.info["duration"], np.asarray(each.convert("L")))
                  for each in ImageSequence.Iterator(found)]  # fmt: skip
    assert [each for each, _ in frames] == [40] * 4
    for place, (_, frame) in zip(range(2, 6), frames, strict=True):
        assert np.array_equal(frame, picture(decode(HEAD, place, 0)))


def test_a_cine_begins_with_the_rate_of_its_header(opened: Open) -> None:
    viewer = opened(HEART)
    viewer.saver.save_film()
    asked = sheet(viewer, FilmSheet)
    assert asked.fps.value() == 25.0
    assert asked.last.value() == 5


def test_a_film_of_one_image_cannot_be_asked_for(opened: Open) -> None:
    viewer = opened(HEAD)
    viewer.saver.save_film()
    asked = sheet(viewer, FilmSheet)
    asked.first.setValue(7)
    asked.last.setValue(7)
    assert not asked.go_on.isEnabled()
    asked.fps.setValue(60)
    asked.last.setValue(9)
    assert "at most 50" in asked.said.text()


def test_a_film_that_is_stopped_leaves_nothing_and_keeps_what_was_there(
    opened: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "a.gif").write_text("kept")
    go_on, reached = threading.Event(), threading.Event()

    def slow(series: SeriesView, instance: int, frame: int) -> Pixels:
        if threading.current_thread().name == "errand" and instance == 3:
            reached.set()
            assert go_on.wait(30)
        return decode(series, instance, frame)

    viewer = opened(HEAD, decode=slow)
    viewer.saver.save_film()
    sheet(viewer, FilmSheet).go_on.click()
    dialog = viewer.saver.sheet
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    name_it(viewer, tmp_path / "a.gif")
    assert reached.wait(30)
    waiting = viewer.findChild(errand.ErrandSheet)
    qtbot.waitUntil(waiting.isVisible)
    with qtbot.waitSignal(viewer.saver.said) as said:
        waiting.reject()
        go_on.set()

    assert "Stopped" in said.args[0]
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"a.gif": "kept"}


def test_an_image_that_cannot_be_read_is_said_and_leaves_nothing(
    opened: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    def broken(series: SeriesView, instance: int, frame: int) -> Pixels:
        if instance == 11:
            raise ReaderFailed("it is damaged")
        return decode(series, instance, frame)

    viewer = opened(HEAD, decode=broken)
    viewer.saver.save_film()
    sheet(viewer, FilmSheet).go_on.click()
    with qtbot.waitSignal(viewer.saver.said) as said:
        name_it(viewer, tmp_path / "a.gif")

    assert "could not be read" in said.args[0]
    assert isinstance(viewer.saver.sheet, QMessageBox)
    assert list(tmp_path.iterdir()) == []


# -- pages ------------------------------------------------------------------------------------


def told(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        return " ".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def drawn(asked: PageSheet, qtbot: QtBot) -> PageSheet:
    qtbot.waitUntil(lambda: asked.is_drawn)
    return asked


def test_a_page_is_seen_while_it_is_written_and_saved_as_it_is_seen(
    opened: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    viewer = opened(HEAD)
    viewer.saver.make_page()
    asked = drawn(sheet(viewer, PageSheet), qtbot)
    before = asked.page.pixmap().toImage()
    asked.title.setText("My head")
    asked.notes.setPlainText("What is that?")
    assert not asked.to_pdf.isEnabled()  # until the preview has it
    drawn(asked, qtbot)
    assert asked.page.pixmap().toImage() != before
    asked.to_pdf.click()
    with qtbot.waitSignal(viewer.saver.said):
        name_it(viewer, tmp_path / "a.pdf")

    text = told(tmp_path / "a.pdf")
    for each in ("My head", "What is that?", "Linh Nguyen", "L-4711", "of 12"):
        assert each in text


def test_a_page_without_names_has_none_and_refuses_those_that_are_written(
    opened: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    viewer = opened(HEAD)
    viewer.saver.make_page()
    asked = drawn(sheet(viewer, PageSheet), qtbot)
    asked.unnamed.setChecked(True)
    asked.notes.setPlainText("for Linh")
    qtbot.waitUntil(lambda: "notes" in asked.about_names.text())
    assert not asked.to_pdf.isEnabled()
    asked.notes.setPlainText("for my doctor")
    drawn(asked, qtbot).to_pdf.click()
    with qtbot.waitSignal(viewer.saver.said):
        name_it(viewer, tmp_path / "a.pdf")

    text = told(tmp_path / "a.pdf").lower()
    assert "for my doctor" in text
    for each in ("linh", "nguyen", "4711", "1.2.9.4"):
        assert each not in text


def test_a_page_of_ultrasound_says_that_names_may_be_in_the_picture(
    opened: Open, qtbot: QtBot
) -> None:
    viewer = opened(HEART)
    viewer.saver.make_page()
    asked = drawn(sheet(viewer, PageSheet), qtbot)
    assert PERHAPS not in asked.about_names.text()
    asked.unnamed.setChecked(True)
    assert PERHAPS in drawn(asked, qtbot).about_names.text()


def test_all_pictures_in_sight_can_go_on_one_page(
    opened: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    from viewer.ui.grid import LAYOUTS

    viewer = opened(HEAD, HEART)
    two = next(each for each in LAYOUTS if each.rows * each.columns == 2)
    viewer.show_layout(two)
    qtbot.waitUntil(lambda: all(c.is_settled for c in viewer.grid.in_sight))
    viewer.saver.make_page()
    asked = drawn(sheet(viewer, PageSheet), qtbot)
    asked.pictures.setCurrentText("All 2 pictures")
    drawn(asked, qtbot).to_pdf.click()
    with qtbot.waitSignal(viewer.saver.said):
        name_it(viewer, tmp_path / "a.pdf")
    assert "Axial" in told(tmp_path / "a.pdf")
    assert "Loop" in told(tmp_path / "a.pdf")


def test_many_words_make_pages_to_turn(opened: Open, qtbot: QtBot) -> None:
    viewer = opened(HEAD)
    viewer.saver.print_page()
    asked = drawn(sheet(viewer, PageSheet), qtbot)
    assert asked.to_printer.isDefault()
    asked.notes.setPlainText("A line of notes that goes on.\n" * 120)
    drawn(asked, qtbot)
    assert asked.where.text().startswith("Page 1 of ")
    asked.after.click()
    qtbot.waitUntil(lambda: asked.where.text().startswith("Page 2 of "))
    assert asked.before.isEnabled()


def test_a_page_can_hold_what_the_reports_say_but_not_without_names(
    opened: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    asked_in: list[str] = []

    def reports() -> str:
        asked_in.append(threading.current_thread().name)
        return "Findings: nothing of note in Linh's head."

    report = Header(modality="SR", sop_class="1.2.840.10008.5.1.4.1.1.88.11", why_not="a report")
    viewer = opened(HEAD, SeriesView("5", "Report", "SR", (report,)), reports=reports)
    viewer.saver.make_page()
    asked = drawn(sheet(viewer, PageSheet), qtbot)
    assert asked.with_report.isVisible()
    asked.with_report.setChecked(True)
    drawn(asked, qtbot).to_pdf.click()
    with qtbot.waitSignal(viewer.saver.said):
        name_it(viewer, tmp_path / "a.pdf")
    assert "nothing of note" in told(tmp_path / "a.pdf")
    assert all(each.startswith("page") for each in asked_in)

    viewer.saver.make_page()
    asked = drawn(sheet(viewer, PageSheet), qtbot)
    asked.with_report.setChecked(True)
    asked.unnamed.setChecked(True)
    assert not asked.with_report.isEnabled()
    drawn(asked, qtbot).to_pdf.click()
    with qtbot.waitSignal(viewer.saver.said):
        name_it(viewer, tmp_path / "b.pdf")
    assert "nothing of note" not in told(tmp_path / "b.pdf")


def test_no_report_is_offered_where_there_is_none(opened: Open, qtbot: QtBot) -> None:
    viewer = opened(HEAD, reports=lambda: pytest.fail("nobody asked"))
    viewer.saver.make_page()
    assert not drawn(sheet(viewer, PageSheet), qtbot).with_report.isVisible()


def test_what_is_drawn_over_the_picture_is_on_the_picture_that_is_saved(
    opened: Open, qtbot: QtBot
) -> None:
    class Box:
        def paint(self, painter: QPainter, image: ImageView) -> None:
            painter.fillRect(10, 20, 30, 40, QColor("#ff0000"))

        def leave(self, image: ImageView) -> None: ...

        def cursor(self, image: ImageView, at: object) -> None: ...

    viewer = opened(HEAD)
    viewer.image.set_layers([Box()])
    seen = shots.as_array(shots.as_seen(viewer.image, with_words=False))

    assert (seen[44:116, 24:76] == (255, 0, 0)).all()
    viewer.image.set_overlay_shown(False)
    assert shots.as_array(shots.as_seen(viewer.image, with_words=False)).ndim == 2


# -- the originals ----------------------------------------------------------------------------


def test_the_originals_are_copied_in_a_thread_and_what_is_apart_is_said(
    opened: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    seen: list[tuple[Path, str]] = []

    def copy(folder: Path, progress: Progress) -> FileSet:
        progress("Copying the originals", 1, 2)
        seen.append((folder, threading.current_thread().name))
        return FileSet(3, (Apart("x", "OTHER/FILE0001", "why"),))

    viewer = opened(HEAD, copy=copy)
    (tmp_path / "new").mkdir()
    viewer.saver.copy_originals()
    with qtbot.waitSignal(viewer.saver.said) as said:
        name_it(viewer, tmp_path / "new")

    assert seen == [(tmp_path / "new", "errand")]
    assert "3 files copied" in said.args[0]
    assert "OTHER" in said.args[0]


def test_a_folder_with_something_in_it_is_refused(
    opened: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "kept").write_text("kept")
    viewer = opened(HEAD, copy=lambda folder, progress: pytest.fail("it wrote"))
    viewer.saver.copy_originals()
    with qtbot.waitSignal(viewer.saver.said) as said:
        name_it(viewer, tmp_path / "old")
    assert "empty or new" in said.args[0]


# -- from three sides -------------------------------------------------------------------------

SLICES = tuple(
    Header(
        study_uid="1", sop_uid=f"1.2.{place}", modality="CT", rows=40, columns=50, drawable=True,
        photometric="MONOCHROME2", bits_stored=16, signed=True, position=(0.0, 0.0, 1.0 * place),
        orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0), spacing_mm=(1.0, 1.0), frame_of_reference="1.2",
    )
    for place in range(12)
)  # fmt: skip


def test_from_three_sides_what_is_seen_is_saved_and_not_what_lies_below(
    opened: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    viewer = opened(SeriesView("6", "Volume", "CT", SLICES))
    viewer.from_sides.toggle()
    qtbot.waitUntil(lambda: viewer.sides.is_settled)
    menu = viewer.tools.menu_of("save")
    menu.aboutToShow.emit()
    assert "no film" in words_of(menu)["Save film…"]

    coronal = viewer.sides.panes[View.CORONAL]
    coronal.touched.emit()
    viewer.saver.save_picture()
    asked = sheet(viewer, PictureSheet)
    asked.whole.setChecked(True)
    asked.go_on.click()
    (offered,) = viewer.saver.sheet.selectedFiles()
    assert Path(offered).name == "CT coronal.png"
    with qtbot.waitSignal(viewer.saver.said):
        name_it(viewer, tmp_path / "a.png")

    pixels = coronal.drawable.pixels
    assert pixels.array.shape == (12, 50)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), picture(pixels))

    viewer.saver.make_page()
    asked = drawn(sheet(viewer, PageSheet), qtbot)
    asked.pictures.setCurrentText("All 3 pictures")
    drawn(asked, qtbot).to_pdf.click()
    with qtbot.waitSignal(viewer.saver.said):
        name_it(viewer, tmp_path / "a.pdf")
    text = told(tmp_path / "a.pdf")
    assert all(f"{view.value}, reformatted" in text for view in View)


# -- errands ----------------------------------------------------------------------------------


def test_an_error_of_the_disk_is_told_without_a_path(qtbot: QtBot) -> None:
    def work(progress: Progress) -> object:
        raise OSError(28, "No space left on device", "linh/secret.png")

    made = Errand(work)
    with qtbot.waitSignal(made.failed) as failed:
        made.start()
    assert "No space left" in failed.args[0]
    assert "linh" not in failed.args[0]


def test_our_own_mistake_reaches_the_crash_handler(qtbot: QtBot) -> None:
    def work(progress: Progress) -> object:
        raise ValueError("ours")

    made = Errand(work)
    with qtbot.captureExceptions() as caught:
        with qtbot.waitSignal(made.failed) as failed:
            made.start()
        qtbot.waitUntil(lambda: len(caught) == 1)
    assert failed.args == [errand.UNKNOWN]
    assert caught[0][0] is ValueError


def test_grey_on_the_screen_is_grey_in_the_file_and_colour_is_colour(
    opened: Open, qtbot: QtBot
) -> None:
    viewer = opened(HEAD)
    assert shots.as_array(shots.as_seen(viewer.image, with_words=False)).ndim == 2
    with_words = shots.as_array(shots.as_seen(viewer.image, with_words=True))
    assert with_words.ndim == 3  # the notice has a colour
