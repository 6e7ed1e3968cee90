"""One picture under mouse and keys."""

from __future__ import annotations

import dataclasses
import sys

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from viewer.dicom.pixels import Lut, Palette, Pixels
from viewer.render.orientation import Edges
from viewer.render.pipeline import Window, picture
from viewer.ui.image_view import Hand, ImageView
from viewer.ui.overlay import Corners
from viewer.ui.view_state import to_screen

RAMP = np.tile(np.arange(0, 4000, 20, dtype=np.int16), (100, 1))  # 100 x 200
PIXELS = Pixels(RAMP, "MONOCHROME2", 12, True, windows=((1000.0, 2000.0, ""),))


@pytest.fixture
def image(qtbot: QtBot) -> ImageView:
    made = ImageView()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.set_pixels(PIXELS)
    return made


def seen(image: ImageView) -> np.ndarray:
    """What is on the screen, rows x columns x 3."""
    shot = image.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(shot.constBits(), np.uint8).reshape(shot.height(), shot.bytesPerLine())
    return rows[:, : shot.width() * 3].reshape(shot.height(), shot.width(), 3).copy()


def drag(qtbot: QtBot, image: ImageView, button: Qt.MouseButton, step: tuple[int, int]) -> None:
    start = QPoint(200, 150)
    qtbot.mousePress(image, button, pos=start)
    qtbot.mouseMove(image, start + QPoint(*step))
    qtbot.mouseRelease(image, button, pos=start + QPoint(*step))


def wheel(image: ImageView, delta: int, modifiers: Qt.KeyboardModifier, at: QPointF) -> None:
    event = QWheelEvent(
        at, image.mapToGlobal(at), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton,
        modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(image, event)


def test_none_is_not_used_up_by_calls_that_return_it(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for _ in range(500):
        label.setText("x")
    assert sys.getrefcount(None) - before > -100


def test_painting_does_not_use_up_none_either(qtbot: QtBot, image: ImageView) -> None:
    image.repaint()
    before = sys.getrefcount(None)
    for _ in range(300):
        image.repaint()
    assert sys.getrefcount(None) - before > -100


def test_at_its_own_size_a_picture_is_on_the_screen_pixel_for_pixel(image: ImageView) -> None:
    image.set_view(dataclasses.replace(image.view, zoom=1.0, fits=False))
    shot = seen(image)
    assert np.array_equal(shot[100:200, 100:300, 1], picture(PIXELS))
    assert shot[:100].max() == 0


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("colour", [False, True])
def test_a_turned_and_flipped_picture_is_on_the_screen_pixel_for_pixel(
    image: ImageView, rotation: int, flipped: bool, colour: bool
) -> None:
    grey = picture(PIXELS) // np.linspace(1, 3, 100, dtype=np.uint8)[:, None]
    array = np.stack([grey, 255 - grey, grey // 2], axis=-1) if colour else grey
    image.set_pixels(
        Pixels(array, "RGB" if colour else "MONOCHROME2", 8, False, windows=((128.0, 256.0, ""),))
    )
    image.set_view(
        dataclasses.replace(image.view, zoom=1.0, fits=False, rotation=rotation, flipped=flipped)
    )
    expected = np.rot90(array, -rotation // 90)
    expected = np.fliplr(expected) if flipped else expected
    rows, columns = expected.shape[:2]
    shot = seen(image)[150 - rows // 2 :, 200 - columns // 2 :][:rows, :columns]
    assert np.array_equal(shot if colour else shot[..., 1], expected)


def test_turned_pixels_that_are_not_square_are_drawn_as_they_are(image: ImageView) -> None:
    image.set_pixels(dataclasses.replace(PIXELS, aspect=3.0))
    image.turn(90)
    lit = np.argwhere(seen(image)[..., 1] > 0)
    height, width = np.ptp(lit, axis=0) + 1
    assert width / height == pytest.approx(1.5, rel=0.03)


def test_the_letters_at_the_edges_follow(image: ImageView) -> None:
    image.set_overlay(Corners(), Edges(left="R", right="L", top="A", bottom="P"))
    image.turn(90)
    assert image.edges == Edges(left="P", right="A", top="R", bottom="L")
    image.flip_sideways()
    assert image.edges == Edges(left="A", right="P", top="R", bottom="L")
    image.flip_over()
    assert image.edges == Edges(left="A", right="P", top="L", bottom="R")


@pytest.mark.parametrize("zoom", [0.11, 0.5, 1.9, 3.0, 11.0])
def test_at_any_zoom_each_place_has_its_brightness(image: ImageView, zoom: float) -> None:
    image.set_view(dataclasses.replace(image.view, zoom=zoom, fits=False))
    expected = picture(PIXELS)[50, 90:111:10].astype(int)
    shot = seen(image)[150, :, 1].astype(int)
    for column, value in zip((90, 100, 110), expected, strict=True):
        x = round((column + 0.5 - 100) * zoom + 200)
        if 0 <= x < 400:
            assert abs(shot[x] - value) <= 3 + 3 / zoom


@pytest.mark.parametrize("rotation", [0, 90])
@pytest.mark.parametrize("zoom", [0.2, 0.35, 0.5, 0.6, 0.73, 1.0])
def test_a_large_picture_is_in_its_place_at_any_zoom(
    image: ImageView, zoom: float, rotation: int
) -> None:
    dark = np.zeros((2400, 1800), np.uint16)
    dark[1150:1200, 700:900] = 4000  # up and left of the middle
    image.set_pixels(Pixels(dark, "MONOCHROME2", 12, False, windows=((2000.0, 4000.0, ""),)))
    view = dataclasses.replace(image.view, zoom=zoom, fits=False, rotation=rotation)
    image.set_view(view)
    lit = np.argwhere(seen(image)[..., 1] > 127)
    corners = [to_screen(view, corner) for corner in ((700, 1150), (900, 1200))]
    for axis, (first, last) in enumerate(zip(*corners, strict=True)):
        low, high = sorted((first, last))
        size = (400, 300)[axis]
        assert abs(lit[:, 1 - axis].min() - max(0, low)) <= 1
        assert abs(lit[:, 1 - axis].max() + 1 - min(size, high)) <= 1


def test_pixels_that_are_not_square_are_drawn_as_they_are(image: ImageView) -> None:
    image.set_pixels(dataclasses.replace(PIXELS, aspect=3.0))
    lit = np.argwhere(seen(image)[..., 1] > 0)
    height, width = np.ptp(lit, axis=0) + 1
    assert height / width == pytest.approx(1.5, rel=0.03)


@pytest.mark.parametrize("columns", [1, 2, 3, 5, 6, 7])
def test_rows_of_any_length_are_drawn_straight(image: ImageView, columns: int) -> None:
    array = np.tile(np.arange(1, columns + 1, dtype=np.uint8) * 30, (columns, 1))
    image.set_pixels(Pixels(array, "MONOCHROME2", 8, False, windows=((128.0, 256.0, ""),)))
    image.set_view(dataclasses.replace(image.view, zoom=20.0, fits=False))
    shot = seen(image)[..., 1]
    lit = np.argwhere(shot > 0)
    box = shot[lit[:, 0].min() : lit[:, 0].max() + 1, lit[:, 1].min() : lit[:, 1].max() + 1]
    assert (np.abs(box.astype(int) - box[0].astype(int)) <= 1).all()


def test_colour_and_palettes_have_their_colours(image: ImageView) -> None:
    red = np.zeros((9, 9, 3), np.uint8)
    red[..., 0] = 200
    red.flags.writeable = False  # as decoded frames may be
    image.set_pixels(Pixels(red, "RGB", 8, False))
    assert seen(image)[150, 200].tolist() == [200, 0, 0]
    tables = [Lut(0, 8, np.array([0, level], np.uint16)) for level in (10, 20, 250)]
    one = np.ones((9, 9), np.uint8)
    image.set_pixels(Pixels(one, "PALETTE COLOR", 8, False, palette=Palette(*tables)))
    assert seen(image)[150, 200].tolist() == [10, 20, 250]


def test_the_left_button_changes_the_window(qtbot: QtBot, image: ImageView) -> None:
    with qtbot.waitSignal(image.changed):
        drag(qtbot, image, Qt.MouseButton.LeftButton, (20, 10))
    window = image.seen_window
    assert window is not None
    assert window.width > 2000
    assert window.center > 1000


def test_a_window_means_nothing_for_colour(qtbot: QtBot, image: ImageView) -> None:
    image.set_pixels(Pixels(np.zeros((5, 5, 3), np.uint8), "RGB", 8, False))
    before = image.view
    drag(qtbot, image, Qt.MouseButton.LeftButton, (20, 10))
    assert image.view == before
    assert image.seen_window is None


def test_the_right_button_zooms_and_the_middle_one_moves(qtbot: QtBot, image: ImageView) -> None:
    before = image.view
    drag(qtbot, image, Qt.MouseButton.RightButton, (0, -50))
    near = image.view
    assert near.zoom > before.zoom
    drag(qtbot, image, Qt.MouseButton.MiddleButton, (30, 0))
    assert image.view.center[0] < near.center[0]


def test_space_and_drag_moves(qtbot: QtBot, image: ImageView) -> None:
    image.zoom_by(4)
    before = image.view
    qtbot.keyPress(image, Qt.Key.Key_Space)
    drag(qtbot, image, Qt.MouseButton.LeftButton, (30, 0))
    qtbot.keyRelease(image, Qt.Key.Key_Space)
    assert image.view.window == before.window
    assert image.view.center[0] < before.center[0]


def test_another_tool_is_what_the_left_button_does(qtbot: QtBot, image: ImageView) -> None:
    image.set_hand(Hand.ZOOM)
    before = image.view.zoom
    drag(qtbot, image, Qt.MouseButton.LeftButton, (0, -50))
    assert image.view.zoom > before
    image.set_hand(Hand.SCROLL)
    with qtbot.waitSignal(image.scrolled) as told:
        drag(qtbot, image, Qt.MouseButton.LeftButton, (0, 17))
    assert told.args == [2]


def test_the_wheel_scrolls_and_with_ctrl_zooms_to_the_pointer(
    qtbot: QtBot, image: ImageView
) -> None:
    none, ctrl = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
    with qtbot.waitSignal(image.scrolled) as told:
        wheel(image, -120, none, QPointF(50, 50))
    assert told.args == [1]
    before = image.view
    wheel(image, 240, ctrl, QPointF(350, 150))
    assert image.view.zoom > before.zoom
    assert image.view.center[0] > before.center[0]


def test_small_turns_of_the_wheel_add_up(qtbot: QtBot, image: ImageView) -> None:
    told: list[int] = []
    image.scrolled.connect(told.append)
    for _ in range(10):
        wheel(image, 24, Qt.KeyboardModifier.NoModifier, QPointF(50, 50))
    assert told == [-1, -1]


def test_a_double_click_resets(qtbot: QtBot, image: ImageView) -> None:
    before = image.view
    image.set_window(Window(1, 2))
    image.zoom_by(3)
    qtbot.mouseDClick(image, Qt.MouseButton.LeftButton, pos=QPoint(9, 9))
    assert image.view == before


def test_arrows_move_the_picture_its_window_and_the_images(qtbot: QtBot, image: ImageView) -> None:
    image.zoom_by(2)
    first = image.view
    qtbot.keyClick(image, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert image.view.center[0] > first.center[0]
    qtbot.keyClick(image, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert image.view.window is not None
    for key, step in ((Qt.Key.Key_Down, 1), (Qt.Key.Key_Left, -1)):
        with qtbot.waitSignal(image.scrolled) as told:
            qtbot.keyClick(image, key)
        assert told.args == [step]


def test_inverting_swaps_black_and_white(image: ImageView) -> None:
    image.set_view(dataclasses.replace(image.view, zoom=1.0, fits=False))
    before = seen(image)[150, 100:300, 1].astype(int)
    image.invert()
    after = seen(image)[150, 100:300, 1].astype(int)
    assert np.abs(before + after - 255).max() <= 1


def test_a_sentence_stands_in_place_of_a_picture(image: ImageView) -> None:
    image.show_message("This cannot be shown.")
    assert image.drawable is None
    assert seen(image)[130:170].max() > 200
    image.set_pixels(PIXELS)
    assert image.message == ""


def test_words_can_be_read_on_white_and_can_be_hidden(image: ImageView) -> None:
    white = np.full((300, 400), 255, np.uint8)
    image.set_pixels(Pixels(white, "MONOCHROME2", 8, False, windows=((128.0, 256.0, ""),)))
    image.set_overlay(Corners(top_left=("Head",), notice="Not for diagnosis"), Edges(*"RLAP"))
    shot = seen(image)
    for part in (shot[10:35, 10:60], shot[270:295, 130:270], shot[140:160, 5:30]):
        assert part.min() < 100
    image.set_overlay_shown(False)
    assert seen(image).min() > 250


def test_nothing_shines_around_a_picture(image: ImageView) -> None:
    assert QColor(*seen(image)[2, 2].tolist()) == QColor("black")
