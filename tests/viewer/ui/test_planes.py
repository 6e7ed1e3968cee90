"""What a file lays over its picture, on the screen."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from viewer.dicom.pixels import Overlay, Pixels
from viewer.ui import theme
from viewer.ui.image_view import ImageView
from viewer.ui.planes import Planes
from viewer.ui.view_state import to_screen

SPOT = (30, 12)  # column and row of the upper left corner of a square of ten pixels


def shown(qtbot: QtBot, kind: str = "G", aspect: float = 1.0) -> ImageView:
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.set_layers([Planes()])
    spot = Overlay(np.ones((10, 10), bool), SPOT[1], SPOT[0], kind)
    array = np.full((64, 80), 9, np.uint8)
    view.set_pixels(
        Pixels(
            array, "MONOCHROME2", 8, False, windows=((9, 2, ""),), overlays=(spot,), aspect=aspect
        )
    )
    view.grab()  # it takes its size now
    return view


def colour_at(view: ImageView, column: float, row: float) -> QColor:
    x, y = to_screen(view.view, view.from_pixel((column, row)))
    grabbed = view.grab().toImage()
    ratio = view.devicePixelRatioF()
    return grabbed.pixelColor(round(x * ratio), round(y * ratio))


@pytest.mark.parametrize(("quarters", "flipped"), [*itertools.product(range(4), (False, True))])
def test_a_mark_stays_on_its_pixels_however_the_picture_is_turned(
    qtbot: QtBot, quarters: int, flipped: bool
) -> None:
    view = shown(qtbot)
    view.turn(90 * quarters)
    if flipped:
        view.flip_sideways()
    assert colour_at(view, SPOT[0] + 5, SPOT[1] + 5) == theme.NOTICE_TEXT
    for column, row in ((SPOT[0] - 4, SPOT[1] + 5), (SPOT[0] + 5, SPOT[1] + 14), (60, 50)):
        assert colour_at(view, column, row) != theme.NOTICE_TEXT


def test_a_region_has_another_colour(qtbot: QtBot) -> None:
    found = colour_at(shown(qtbot, "R", aspect=2.0), SPOT[0] + 5, SPOT[1] + 5)
    assert found == QColor(theme.ACCENT)


def test_marks_go_with_the_letters_when_these_are_hidden(qtbot: QtBot) -> None:
    view = shown(qtbot)
    view.set_overlay_shown(False)
    assert colour_at(view, SPOT[0] + 5, SPOT[1] + 5) != theme.NOTICE_TEXT


def test_a_picture_without_marks_is_drawn_as_ever(qtbot: QtBot) -> None:
    view = shown(qtbot)
    view.set_pixels(Pixels(np.zeros((8, 8), np.uint8), "MONOCHROME2", 8, False))
    assert colour_at(view, 2, 2) == QColor(0, 0, 0)
