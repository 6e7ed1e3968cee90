"""The magnifier, the window of a part, sizes and the scale bar, with mouse and keys."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from viewer.dicom.calibration import Basis, Calibration
from viewer.dicom.pixels import Pixels
from viewer.render.pipeline import Window, picture
from viewer.ui import picture_acts, scale
from viewer.ui.image_view import Hand, ImageView

LEFT = Qt.MouseButton.LeftButton
RNG = np.random.default_rng(3)
SQUARES = np.kron(RNG.integers(0, 4096, (60, 80)), np.ones((10, 10))).astype(np.uint16)
PIXELS = Pixels(
    SQUARES, "MONOCHROME2", 12, False, windows=((2048.0, 4096.0, ""),),
    calibration=Calibration(Basis.BODY, (0.5, 0.5)),
)  # fmt: skip


@pytest.fixture
def image(qtbot: QtBot) -> ImageView:
    made = ImageView()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.set_pixels(PIXELS)  # 800 x 600: seen at half its size
    made.setFocus()
    return made


def seen(image: ImageView) -> np.ndarray:
    shot = image.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(shot.constBits(), np.uint8).reshape(shot.height(), shot.bytesPerLine())
    return rows[:, : shot.width() * 3].reshape(shot.height(), shot.width(), 3).copy()


def hover(qtbot: QtBot, image: ImageView, at: QPoint) -> None:
    """Move the pointer there, from elsewhere: where it is already, no move is told."""
    qtbot.mouseMove(image, at + QPoint(-7, 3))
    qtbot.mouseMove(image, at)


def near(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two pieces differ no more than where squares of theirs meet."""
    return float(np.mean(np.abs(one.astype(int) - other.astype(int)) <= 2)) > 0.97


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_magnifier_shows_the_full_pixels_three_times_as_large(
    qtbot: QtBot, image: ImageView, rotation: int, flipped: bool
) -> None:
    image.set_view(dataclasses.replace(image.view, rotation=rotation, flipped=flipped))
    image.set_hand(Hand.LOUPE)
    hover(qtbot, image, QPoint(200, 150))
    whole = np.rot90(picture(PIXELS), -rotation // 90)
    whole = np.fliplr(whole) if flipped else whole
    rows, columns = (each // 2 for each in whole.shape)
    expected = whole[rows - 40 : rows + 40, columns - 40 : columns + 40]
    shot = seen(image)[90:210, 140:260, 1]  # 120 px of the screen are 80 of the picture
    assert near(shot[1::3, 1::3], expected[::2, ::2])


def test_the_magnifier_has_the_window_that_is_seen(qtbot: QtBot, image: ImageView) -> None:
    image.set_hand(Hand.LOUPE)
    image.set_window(Window(-5000, 2))  # all of it is white
    image.set_overlay_shown(False)
    hover(qtbot, image, QPoint(200, 150))
    shot = seen(image)
    assert shot[120:180, 170:230].min() == 255
    assert shot[148:152, 70:90].min() < 255  # its rim


def test_the_magnifier_changes_nothing_and_is_gone_when_the_pointer_is(
    qtbot: QtBot, image: ImageView
) -> None:
    before, view = seen(image), image.view
    image.set_hand(Hand.LOUPE)
    qtbot.mousePress(image, LEFT, pos=QPoint(100, 100))
    qtbot.mouseMove(image, QPoint(150, 120))
    qtbot.mouseRelease(image, LEFT, pos=QPoint(150, 120))
    assert image.view == view
    assert not np.array_equal(seen(image), before)
    QApplication.sendEvent(image, QEvent(QEvent.Type.Leave))
    assert np.array_equal(seen(image), before)


def test_the_magnifier_can_be_held_by_a_key(qtbot: QtBot, image: ImageView) -> None:
    hover(qtbot, image, QPoint(150, 120))
    before = seen(image)
    qtbot.keyPress(image, Qt.Key.Key_V)
    assert not np.array_equal(seen(image), before)
    qtbot.keyRelease(image, Qt.Key.Key_V)
    assert np.array_equal(seen(image), before)
    qtbot.mousePress(image, LEFT, pos=QPoint(150, 120))
    qtbot.mouseMove(image, QPoint(170, 120))
    assert image.view.window is not None  # the hand is what it was before


def test_a_key_that_is_let_go_in_another_window_is_not_held_for_ever(
    qtbot: QtBot, image: ImageView
) -> None:
    hover(qtbot, image, QPoint(150, 120))
    before = seen(image)
    qtbot.keyPress(image, Qt.Key.Key_V)
    image.clearFocus()
    assert np.array_equal(seen(image), before)


def test_the_window_of_a_part_suits_what_is_in_it(qtbot: QtBot, image: ImageView) -> None:
    image.set_hand(Hand.PART)
    qtbot.mousePress(image, LEFT, pos=QPoint(100, 100))
    qtbot.mouseMove(image, QPoint(200, 200))
    assert seen(image)[100, 150].tolist() != seen(image)[60, 150].tolist()  # the rectangle
    qtbot.mouseRelease(image, LEFT, pos=QPoint(200, 200))
    window = image.seen_window
    assert window is not None
    low, high = np.percentile(SQUARES[200:400, 200:400], [2, 98])
    assert window.center - window.width / 2 == pytest.approx(low, abs=1)
    assert window.center + window.width / 2 == pytest.approx(high, abs=1)


def test_a_slip_is_no_part(qtbot: QtBot, image: ImageView) -> None:
    image.set_hand(Hand.PART)
    qtbot.mousePress(image, LEFT, pos=QPoint(100, 100))
    qtbot.mouseRelease(image, LEFT, pos=QPoint(180, 102))
    assert image.view.window is None


def test_at_one_to_one_each_pixel_is_one_of_the_screen(image: ImageView) -> None:
    image.set_overlay_shown(False)
    picture_acts.one_to_one(image)
    expected = picture(PIXELS)[150:450, 200:600]
    assert np.array_equal(seen(image)[..., 1], expected)


def test_at_true_size_an_inch_is_an_inch_of_the_screen(image: ImageView) -> None:
    picture_acts.true_size(image)
    pixels_an_inch = 25.4 / 0.5
    expected = image.screen().physicalDotsPerInchX()
    assert image.view.zoom * pixels_an_inch == pytest.approx(expected)


def test_where_there_is_no_true_size_it_says_why_and_changes_nothing(image: ImageView) -> None:
    shadow = Calibration(Basis.DETECTOR, (0.5, 0.5))
    image.set_pixels(dataclasses.replace(PIXELS, calibration=shadow))
    before, shot = image.view, seen(image)
    assert picture_acts.why_not(image, "true_size") == scale.NOT_THE_BODY
    picture_acts.true_size(image)
    assert image.view == before
    assert not np.array_equal(seen(image), shot)  # it is said


def test_the_bar_is_as_long_as_it_says(image: ImageView) -> None:
    dark = np.zeros_like(SQUARES)
    image.set_pixels(dataclasses.replace(PIXELS, array=dark))
    shot = seen(image)[..., 1]
    rows = np.argwhere((shot > 150).sum(axis=1) > 60)  # half the viewport's width at most
    assert rows.size
    lit = np.argwhere(shot[rows[0, 0]] > 100)
    length_mm = (lit.max() - lit.min()) / image.view.zoom * 0.5
    assert length_mm == pytest.approx(100, rel=0.02)


def test_without_a_known_size_there_is_no_bar(image: ImageView) -> None:
    dark = np.zeros_like(SQUARES)
    image.set_pixels(dataclasses.replace(PIXELS, array=dark, calibration=Calibration()))
    assert seen(image).max() == 0
