"""A study in the viewer: made in memory, and real files through the sandbox."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.source import FolderSource, SeriesView
from viewer.errors import ReaderFailed
from viewer.render.pipeline import Window
from viewer.ui import Viewer, theme
from viewer.ui.frames import Frame
from viewer.ui.pile import Pile

CT = Header(
    patient_name="Nguyen^Linh",
    study_date="20251103",
    study_description="<b>Head</b>",
    modality="CT",
    body_part="HEAD",
    rows=40,
    columns=50,
    drawable=True,
    orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
)
LOOP = Header(modality="US", rows=40, columns=50, frames=5, drawable=True, frame_time_ms=20.0)
REPORT = Header(modality="SR", drawable=False, why_not="it is a report")


class Memory:
    """A source whose frames are made by a function."""

    def __init__(self, *series: SeriesView) -> None:
        self._series = series

    def series(self) -> Sequence[SeriesView]:
        return self._series

    def open(self, series: int, instance: int, frame: int) -> int:
        raise ReaderFailed("it lies in memory only")


HEAD = SeriesView("1", "Axial", "CT", (CT,) * 20)
HEART = SeriesView("2", "Loop", "US", (LOOP,))
WORDS = SeriesView("3", "Report", "SR", (REPORT,))

Open = Callable[..., Viewer]


def decode(series: SeriesView, instance: int, frame: int) -> Pixels:
    value = 10 * instance + frame
    array = np.full((40, 50), value, np.int16)
    return Pixels(array, "MONOCHROME2", 16, True, windows=((100.0, 200.0, ""), (5.0, 9.0, "Sharp")))


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Open]:
    made: list[Viewer] = []

    def open_it(*series: SeriesView, decode: object = decode, **more: object) -> Viewer:
        viewer = Viewer(Memory(*series), decode, **more)
        qtbot.addWidget(viewer)
        viewer.resize(1000, 700)
        viewer.show()
        made.append(viewer)
        return viewer

    yield open_it
    for each in made:
        each.close_study()


def shown_value(viewer: Viewer) -> int:
    assert viewer.image.drawable is not None
    return int(viewer.image.drawable.pixels.array[0, 0])


def settle(qtbot: QtBot, viewer: Viewer) -> None:
    qtbot.waitUntil(lambda: viewer.is_settled)


def labels(viewer: Viewer) -> str:
    return " | ".join(each.text() for each in viewer.banner.findChildren(QLabel))


def test_a_stack_opens_in_its_middle_and_a_loop_at_its_beginning(
    qtbot: QtBot, opened: Open
) -> None:
    viewer = opened(HEAD, HEART)
    settle(qtbot, viewer)
    assert viewer.frame == Frame(0, 10, 0)
    assert shown_value(viewer) == 100
    viewer.show_series(1)
    settle(qtbot, viewer)
    assert viewer.frame == Frame(1, 0, 0)


def test_wheel_keys_and_bar_go_through_the_images(qtbot: QtBot, opened: Open) -> None:
    viewer = opened(HEAD)
    settle(qtbot, viewer)
    for key, place in (
        (Qt.Key.Key_Down, 11),
        (Qt.Key.Key_Left, 10),
        (Qt.Key.Key_PageDown, 19),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_End, 19),
    ):
        qtbot.keyClick(viewer.image, key)
        settle(qtbot, viewer)
        assert (viewer.frame.instance, viewer.scrub.value()) == (place, place)
        assert shown_value(viewer) == 10 * place
    viewer.scrub.setValue(4)
    settle(qtbot, viewer)
    assert shown_value(viewer) == 40


def test_frames_of_a_loop_are_images_too(qtbot: QtBot, opened: Open) -> None:
    viewer = opened(HEART)
    settle(qtbot, viewer)
    viewer.step(3)
    settle(qtbot, viewer)
    assert shown_value(viewer) == 3
    assert "Image 4 of 5" in viewer.image.accessibleDescription()


def test_only_the_last_of_many_images_asked_for_is_shown(qtbot: QtBot, opened: Open) -> None:
    gate = threading.Event()

    def slow(series: SeriesView, instance: int, frame: int) -> Pixels:
        assert gate.wait(5)
        return decode(series, instance, frame)

    viewer = opened(HEAD, decode=slow)
    told: list[Frame] = []
    viewer.shown.connect(told.append)
    for _ in range(6):
        viewer.step(1)
    gate.set()
    settle(qtbot, viewer)
    assert told == [Frame(0, 16, 0)]


def test_words_tell_of_the_image_that_is_seen_not_of_the_one_asked_for(
    qtbot: QtBot, opened: Open
) -> None:
    gate = threading.Event()

    def slow(series: SeriesView, instance: int, frame: int) -> Pixels:
        assert instance == 10 or gate.wait(5)
        return decode(series, instance, frame)

    viewer = opened(HEAD, decode=slow)
    settle(qtbot, viewer)
    viewer.show_place(0)
    viewer.image.invert()
    assert viewer.image.drawable is not None
    assert "Image 11 of 20" in viewer.image.corners.top_right
    gate.set()
    settle(qtbot, viewer)
    assert "Image 1 of 20" in viewer.image.corners.top_right


def test_neighbours_are_there_before_they_are_asked_for(qtbot: QtBot, opened: Open) -> None:
    viewer = opened(HEAD)
    cache = viewer.loader.cache
    near = [Frame(0, 10 + n, 0) for n in (-2, -1, 0, 1, 2, 3, 4, 5, 6)]
    qtbot.waitUntil(lambda: all(frame in cache for frame in near))


def test_every_series_gets_its_small_picture(qtbot: QtBot, opened: Open) -> None:
    viewer = opened(HEAD, HEART, WORDS)
    qtbot.waitUntil(lambda: Frame(1, 0, 2) in viewer.loader.cache)
    assert viewer.strip.count() == 3
    said = [viewer.strip.item(n).data(Qt.ItemDataRole.AccessibleTextRole) for n in range(3)]
    assert said == ["Axial, CT, 20 images", "Loop, US, 5 images", "Report, SR, 1 document"]


def test_what_is_no_picture_gets_a_sentence(qtbot: QtBot, opened: Open) -> None:
    viewer = opened(WORDS)
    assert viewer.image.message == "This cannot be shown as a picture: it is a report."
    assert viewer.is_settled
    assert not viewer.tools.button("play").isEnabled()


def test_a_study_opens_with_something_that_can_be_seen(qtbot: QtBot, opened: Open) -> None:
    viewer = opened(WORDS, HEART)
    settle(qtbot, viewer)
    assert viewer.frame.series == 1


def test_an_empty_study_says_so_and_every_key_is_harmless(qtbot: QtBot, opened: Open) -> None:
    viewer = opened()
    assert "nothing in this study" in viewer.image.message
    for key in "RFIHPHP0123456789,.":
        qtbot.keyClick(viewer.image, key)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_End):
        qtbot.keyClick(viewer.image, key)


def test_a_frame_that_fails_gets_a_sentence_and_the_rest_goes_on(
    qtbot: QtBot, opened: Open
) -> None:
    def broken(series: SeriesView, instance: int, frame: int) -> Pixels:
        if instance == 10:
            raise ReaderFailed("it took too long")
        return decode(series, instance, frame)

    viewer = opened(HEAD, decode=broken)
    with qtbot.waitSignal(viewer.failed) as told:
        pass
    assert told.args == [viewer.image.message]
    assert "it took too long" in viewer.image.message
    viewer.step(1)
    settle(qtbot, viewer)
    assert shown_value(viewer) == 110


def test_our_own_mistakes_are_not_hidden(qtbot: QtBot, opened: Open) -> None:
    def wrong(series: SeriesView, instance: int, frame: int) -> Pixels:
        raise ZeroDivisionError

    with qtbot.captureExceptions() as caught:
        viewer = opened(HEART, decode=wrong)
        qtbot.waitUntil(lambda: bool(caught))
    assert caught[0][0] is ZeroDivisionError
    assert viewer.image.message == "This picture could not be shown."


def test_what_failed_is_tried_again_when_looked_at_again(qtbot: QtBot, opened: Open) -> None:
    works = threading.Event()

    def flaky(series: SeriesView, instance: int, frame: int) -> Pixels:
        if not works.is_set():
            raise ReaderFailed("it is away")
        return decode(series, instance, frame)

    viewer = opened(HEAD, decode=flaky)
    qtbot.waitSignal(viewer.failed).wait()
    works.set()
    viewer.step(1)
    settle(qtbot, viewer)
    viewer.step(-1)
    qtbot.waitUntil(lambda: viewer.image.drawable is not None and shown_value(viewer) == 100)


def test_number_keys_are_the_presets_of_a_ct(qtbot: QtBot, opened: Open) -> None:
    viewer = opened(HEAD)
    settle(qtbot, viewer)
    for key, center, width in (
        ("1", 40, 400),
        ("2", -600, 1500),
        ("3", 90, 150),
        ("4", 480, 2500),
        ("5", 40, 80),
        ("6", 5, 9),  # the header's second window
    ):
        qtbot.keyClick(viewer.image, key)
        assert viewer.image.seen_window == Window(center, width)
    qtbot.keyClick(viewer.image, "0")
    assert viewer.image.view.window is None


def test_presets_of_a_ct_are_not_offered_for_anything_else(qtbot: QtBot, opened: Open) -> None:
    viewer = opened(HEART)
    settle(qtbot, viewer)
    viewer.tools.menu_of("presets").aboutToShow.emit()
    offered = [each.text().split("\t")[0] for each in viewer.tools.menu_of("presets").actions()]
    assert offered == ["As the scan says", "Sharp", "Whole range", "", "My presets…"]


def test_a_window_stays_from_image_to_image_and_comes_back_with_its_series(
    qtbot: QtBot, opened: Open
) -> None:
    viewer = opened(HEAD, HEART)
    settle(qtbot, viewer)
    qtbot.keyClick(viewer.image, "2")
    viewer.step(3)
    settle(qtbot, viewer)
    assert viewer.image.view.window == Window(-600, 1500)
    qtbot.keyClick(viewer.image, ".")
    settle(qtbot, viewer)
    assert viewer.image.view.window is None
    qtbot.keyClick(viewer.image, ",")
    settle(qtbot, viewer)
    assert viewer.frame == Frame(0, 13, 0)
    assert viewer.image.view.window == Window(-600, 1500)


def test_one_key_hides_everything_but_the_picture_and_whose_it_is(
    qtbot: QtBot, opened: Open
) -> None:
    viewer = opened(HEAD)
    settle(qtbot, viewer)
    parts = (viewer.tools, viewer.scrub, viewer.strip)
    qtbot.keyClick(viewer.image, "H")
    assert not any(part.isVisible() for part in parts)
    assert viewer.banner.isVisible()
    qtbot.waitUntil(lambda: viewer.image.width() == viewer.width())
    assert viewer.image.height() == viewer.height() - viewer.banner.height()
    assert viewer.banner.height() <= 32
    qtbot.keyClick(viewer.image, "H")
    assert all(part.isVisible() for part in parts)


def test_playing_goes_around_and_stops(qtbot: QtBot, opened: Open) -> None:
    viewer = opened(HEART)
    settle(qtbot, viewer)
    told: list[int] = []
    viewer.shown.connect(lambda frame: told.append(frame.frame))
    qtbot.keyClick(viewer.image, "P")
    qtbot.waitUntil(lambda: any(after < before for before, after in itertools.pairwise(told)))
    assert len(told) >= 2  # a busy machine leaves some out
    assert "images a second" in " ".join(viewer.image.corners.top_right)
    assert viewer.tools.button("play").text() == "Pause"
    qtbot.mouseClick(viewer.tools.button("play"), Qt.MouseButton.LeftButton)
    assert viewer.tools.button("play").text() == "Play"
    assert "a second" not in " ".join(viewer.image.corners.top_right)


def test_while_an_image_is_waited_for_no_other_is_asked_for(qtbot: QtBot, opened: Open) -> None:
    gate = threading.Event()

    def slow(series: SeriesView, instance: int, frame: int) -> Pixels:
        assert frame == 0 or gate.wait(5)
        return decode(series, instance, frame)

    viewer = opened(HEART, decode=slow)
    settle(qtbot, viewer)
    due: list[int] = []
    viewer.cell.player.due.connect(due.append)
    viewer.toggle_playing()
    qtbot.waitUntil(lambda: len(set(due)) >= 3)
    assert viewer.frame is not None
    assert viewer.frame.frame == next(each for each in due if each)
    shown: list[Frame] = []
    viewer.shown.connect(shown.append)
    gate.set()
    qtbot.waitUntil(lambda: len({each.frame for each in shown}) >= 2)


def test_the_speed_can_be_chosen_by_mouse_and_by_keys(qtbot: QtBot, opened: Open) -> None:
    viewer = opened(HEART)
    settle(qtbot, viewer)
    menu = viewer.tools.menu_of("speed")
    menu.aboutToShow.emit()
    assert not menu.actions()[0].isEnabled()
    viewer.toggle_playing()
    before = viewer.cell.player.words
    qtbot.keyClick(viewer.image, Qt.Key.Key_Less)
    slower = viewer.cell.player.words
    assert slower != before
    qtbot.keyClick(viewer.image, Qt.Key.Key_Greater)
    menu.aboutToShow.emit()
    menu.actions()[0].trigger()
    assert viewer.cell.player.words == slower


def test_the_banner_says_whose_and_when_and_nothing_in_it_is_markup(
    qtbot: QtBot, opened: Open
) -> None:
    viewer = opened(HEAD)
    settle(qtbot, viewer)
    assert "Linh Nguyen" in labels(viewer)
    assert "2025" in labels(viewer)
    assert "<b>Head</b>" in labels(viewer)
    for label in viewer.banner.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText
    assert "Head, my own words" in labels(opened(HEAD, title="Head, my own words"))


def test_that_it_is_not_for_diagnosis_stands_under_every_picture(
    qtbot: QtBot, opened: Open
) -> None:
    viewer = opened(HEAD)
    settle(qtbot, viewer)
    assert viewer.image.corners.notice == "Not for diagnosis"


def test_what_it_is_not_for_and_whose_it_is_are_said_when_all_else_is_hidden(
    qtbot: QtBot, opened: Open
) -> None:
    viewer = opened(HEAD)
    settle(qtbot, viewer)
    qtbot.keyClick(viewer.image, "H")
    viewer.image.show_hint("")
    seen = viewer.image.grab().toImage()
    notice = QColor(theme.NOTICE)
    foot = range(seen.height() - 40, seen.height())
    assert any(seen.pixelColor(x, y) == notice for y in foot for x in range(seen.width())), (
        "the notice is painted"
    )
    assert "Linh Nguyen" in labels(viewer)
    assert "2025" in labels(viewer)


def test_a_preview_is_seen_until_the_full_picture_is_there(qtbot: QtBot, opened: Open) -> None:
    gate = threading.Event()

    def slow(series: SeriesView, instance: int, frame: int) -> Pixels:
        assert gate.wait(5)
        return decode(series, instance, frame)

    small = np.arange(200, 232, dtype=np.uint8).reshape(4, 8)
    viewer = opened(HEAD, decode=slow, preview=lambda series: small)
    qtbot.waitUntil(lambda: viewer.image.drawable is not None)
    assert viewer.image.drawable is not None
    assert np.array_equal(viewer.image.drawable.small(8), small)
    assert not viewer.is_settled
    gate.set()
    settle(qtbot, viewer)
    assert shown_value(viewer) == 100


def test_every_control_has_a_name_and_can_be_reached_by_tab(qtbot: QtBot, opened: Open) -> None:
    viewer = opened(HEAD)
    settle(qtbot, viewer)
    buttons = viewer.tools.findChildren(QAbstractButton)
    named = [*buttons, viewer.image, viewer.scrub, viewer.strip, viewer.tools, viewer.banner]
    assert len(buttons) >= 10
    for each in named:
        assert each.accessibleName(), each
    for each in (*buttons, viewer.image, viewer.scrub, viewer.strip):
        assert each.focusPolicy() & Qt.FocusPolicy.TabFocus, each
    for each in buttons:
        assert each.text()
        assert not each.icon().isNull()
    assert "Left edge: right" in viewer.image.accessibleDescription()
    qtbot.keyClick(viewer.image, "H", Qt.KeyboardModifier.ShiftModifier)
    assert "Left edge: left" in viewer.image.accessibleDescription()


def test_closing_lets_go_of_every_picture(qtbot: QtBot, opened: Open) -> None:
    viewer = opened(HEAD)
    settle(qtbot, viewer)
    viewer.close()
    assert len(viewer.loader.cache) == 0
    assert viewer.image.drawable is None


def test_places_of_a_pile_are_instances_and_frames() -> None:
    pile = Pile((CT, LOOP, REPORT, CT))
    assert len(pile) == 8
    assert [pile.at(place) for place in range(8)] == [
        (0, 0), (1, 0), (1, 1), (1, 2), (1, 3), (1, 4), (2, 0), (3, 0)
    ]  # fmt: skip
    assert Pile((REPORT, REPORT, CT)).first_look == 2


def test_real_files_come_through_the_sandbox_to_the_screen(
    qtbot: QtBot, opened: Open, tmp_path: Path
) -> None:
    names = ("CT_small.dcm", "examples_palette.dcm", "examples_rgb_color.dcm", "MR_small.dcm")
    for name in names:
        found = get_testdata_file(name, download=False)
        assert found is not None
        (tmp_path / name).write_bytes(Path(found).read_bytes())
    with Sandbox() as sandbox:
        source = FolderSource([tmp_path], sandbox)
        places = {each.uid: n for n, each in enumerate(source.series())}

        def through(series: SeriesView, instance: int, frame: int) -> Pixels:
            fd = source.open(places[series.uid], instance, frame)
            try:
                return sandbox.decode(fd, frame)
            finally:
                os.close(fd)

        viewer = Viewer(source, through)
        qtbot.addWidget(viewer)
        viewer.show()
        viewer.image.set_overlay_shown(False)
        assert len(source.series()) == len(names)
        for series in range(len(names)):
            viewer.show_series(series)
            settle(qtbot, viewer)
            assert viewer.image.drawable is not None
            assert viewer.image.grab().toImage().allGray() != viewer.image.drawable.colour
        viewer.close()
