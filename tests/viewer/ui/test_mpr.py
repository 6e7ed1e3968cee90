"""A series seen from three sides: what is shown, how it is moved and turned, and what is said."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.dicom.source import SeriesView
from viewer.errors import ReaderFailed
from viewer.render.aim import View
from viewer.render.pipeline import Window
from viewer.render.reslice import Mode
from viewer.ui.cross_lines import CrossLines
from viewer.ui.image_view import Hand
from viewer.ui.mpr import Mpr
from viewer.ui.pane import Pane
from viewer.ui.study import OpenStudy
from viewer.ui.view_state import Point

SHAPE = (24, 40, 32)  # slices, rows, columns
VALUES = np.random.default_rng(2).integers(0, 4000, SHAPE).astype(np.int16)
HEADERS = tuple(
    Header(
        modality="CT",
        rows=SHAPE[1],
        columns=SHAPE[2],
        drawable=True,
        photometric="MONOCHROME2",
        bits_stored=12,
        signed=True,
        position=(-20.0, -30.0, 2.0 * place),
        orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        spacing_mm=(1.0, 1.0),
        frame_of_reference="1.2",
    )
    for place in range(SHAPE[0])
)
HEAD = SeriesView("1", "Thin slices", "CT", HEADERS)
Decode = Callable[[SeriesView, int, int], Pixels]
Open = Callable[..., Mpr]


class Memory:
    """A source whose frames are made by a function."""

    def __init__(self, *series: SeriesView) -> None:
        self._series = series

    def series(self) -> Sequence[SeriesView]:
        return self._series

    def open(self, series: int, instance: int, frame: int) -> int:
        raise ReaderFailed("it lies in memory only")


def decode(series: SeriesView, instance: int, frame: int) -> Pixels:
    return Pixels(VALUES[instance], "MONOCHROME2", 12, True, windows=((2000.0, 4000.0, ""),))


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Open]:
    made: list[Mpr] = []

    def open_it(with_decode: Decode = decode, series: SeriesView = HEAD, wait: bool = True) -> Mpr:
        mpr = Mpr()
        qtbot.addWidget(mpr)
        made.append(mpr)
        mpr.resize(900, 700)
        mpr.show()
        mpr.show_series(OpenStudy.of(Memory(series), with_decode), 0)
        if wait:
            qtbot.waitUntil(lambda: mpr.is_settled)
        return mpr

    yield open_it
    for mpr in made:
        mpr.clear()


def _index(mpr: Mpr) -> tuple[int, int, int]:
    """The voxel at the point: slice, row, column."""
    assert mpr.aim is not None
    column, row, place = (round(each) for each in mpr.aim.lattice.to_index(mpr.aim.point_mm))
    return place, row, column


def _seen(mpr: Mpr, view: View) -> np.ndarray:
    drawable = mpr.panes[view].drawable
    assert drawable is not None
    return drawable.pixels.array


def _point(pane: Pane, lines: CrossLines) -> Point:
    found = lines.point(pane)
    assert found is not None
    return found


def _drag(
    qtbot: QtBot,
    pane: Pane,
    start: Point,
    end: Point,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    first, last = QPoint(*map(round, start)), QPoint(*map(round, end))
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(pane, left, keys, first)
    for share in (0.5, 1.0):
        qtbot.mouseMove(pane, first + (last - first) * share)
    qtbot.mouseRelease(pane, left, keys, last)


def _wheel(pane: Pane, notches: int, modifiers: Qt.KeyboardModifier) -> None:
    middle = QPointF(pane.rect().center())
    event = QWheelEvent(
        middle,
        pane.mapToGlobal(middle),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(pane, event)


def test_three_pictures_show_the_volume_at_the_point(opened: Open) -> None:
    mpr = opened()
    place, row, column = _index(mpr)
    assert (place, row, column) == (12, 20, 16)
    np.testing.assert_array_equal(_seen(mpr, View.AXIAL), VALUES[place])
    # A slice is two pixels high, and the head is at the top.
    np.testing.assert_array_equal(_seen(mpr, View.CORONAL)[::2], VALUES[::-1, row])
    np.testing.assert_array_equal(_seen(mpr, View.SAGITTAL)[::2], VALUES[::-1, :, column])
    between = (VALUES[::-1, row][:-1].astype(float) + VALUES[::-1, row][1:]) / 2
    assert np.abs(_seen(mpr, View.CORONAL)[1::2] - between).max() <= 0.5


def test_letters_stand_as_is_usual(opened: Open) -> None:
    mpr = opened()
    sides = {view: pane.edges for view, pane in mpr.panes.items()}
    told = {v: (e.left, e.right, e.top, e.bottom) for v, e in sides.items() if e is not None}
    assert told == {
        View.AXIAL: ("R", "L", "A", "P"),
        View.CORONAL: ("R", "L", "H", "F"),
        View.SAGITTAL: ("A", "P", "H", "F"),
    }


def test_the_lines_cross_where_the_point_lies(opened: Open) -> None:
    mpr = opened()
    for view, pane in mpr.panes.items():
        lines = mpr.lines[view]
        assert {each.view for each in lines.lines(pane)} == set(View) - {view}
        column, row = pane.to_pixel(_to_image(pane, _point(pane, lines)))
        plane = pane.cut.plane if pane.cut else None
        assert plane is not None
        assert mpr.aim is not None
        assert plane.to_patient(column, row) == pytest.approx(mpr.aim.point_mm)
        shown = {each.view: each.way for each in lines.lines(pane)}
        for other, way in shown.items():
            is_upright = (view, other) in {
                (View.AXIAL, View.SAGITTAL),
                (View.CORONAL, View.SAGITTAL),
                (View.SAGITTAL, View.CORONAL),
            }
            assert abs(way[1] if is_upright else way[0]) == pytest.approx(1)


def _to_image(pane: Pane, screen: Point) -> Point:
    from viewer.ui.view_state import to_image

    return to_image(pane.view, screen)


def test_dragging_the_point_moves_the_other_pictures(opened: Open, qtbot: QtBot) -> None:
    mpr = opened()
    pane = mpr.panes[View.AXIAL]
    start = _point(pane, mpr.lines[View.AXIAL])
    pixel = pane.view.zoom
    _drag(qtbot, pane, start, (start[0] + 5 * pixel, start[1] - 8 * pixel))
    qtbot.waitUntil(lambda: mpr.is_settled)
    assert _index(mpr) == (12, 12, 21)
    np.testing.assert_array_equal(_seen(mpr, View.CORONAL)[::2], VALUES[::-1, 12])
    np.testing.assert_array_equal(_seen(mpr, View.SAGITTAL)[::2], VALUES[::-1, :, 21])


def test_dragging_a_line_moves_its_own_picture_only(opened: Open, qtbot: QtBot) -> None:
    mpr = opened()
    pane, lines = mpr.panes[View.CORONAL], mpr.lines[View.CORONAL]
    x, y = _point(pane, lines)
    axial = next(each for each in lines.lines(pane) if each.view is View.AXIAL)
    away = lines.rings(pane, axial)[0][0] - x
    start = (x + 0.5 * away, y)
    _drag(qtbot, pane, start, (start[0] + 30, y - 4 * 2 * pane.view.zoom))
    assert _index(mpr) == (16, 20, 16)


def test_dragging_a_ring_turns_the_other_pictures(opened: Open, qtbot: QtBot) -> None:
    mpr = opened()
    pane, lines = mpr.panes[View.AXIAL], mpr.lines[View.AXIAL]
    x, y = _point(pane, lines)
    coronal = next(each for each in lines.lines(pane) if each.view is View.CORONAL)
    reach = math.dist((x, y), lines.rings(pane, coronal)[0])
    right = max(lines.rings(pane, coronal))
    angle = math.radians(30)
    before = _seen(mpr, View.AXIAL)
    _drag(qtbot, pane, right, (x + reach * math.cos(angle), y + reach * math.sin(angle)))
    qtbot.waitUntil(lambda: mpr.is_settled)
    assert mpr.aim is not None
    row = mpr.aim.facing[View.CORONAL].row
    assert row == pytest.approx((math.cos(angle), math.sin(angle), 0), abs=0.02)
    np.testing.assert_array_equal(_seen(mpr, View.AXIAL), before)
    assert mpr.panes[View.CORONAL].corners.top_left[0] == "Coronal, turned"
    assert "Reformatted" in mpr.panes[View.CORONAL].corners.top_right
    for view in (View.CORONAL, View.SAGITTAL):
        other = mpr.panes[view]
        at = _point(other, mpr.lines[view])
        middle = other.width() / 2, other.height() / 2
        assert math.dist(at, middle) < 40  # it stayed where it was
    qtbot.mouseClick(mpr.bar.straighten, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: mpr.is_settled)
    assert not any(mpr.aim.is_turned(view) for view in View)


def test_a_press_with_shift_brings_the_point_there(opened: Open, qtbot: QtBot) -> None:
    mpr = opened()
    pane = mpr.panes[View.SAGITTAL]
    x, y = _point(pane, mpr.lines[View.SAGITTAL])
    to = (x + 6 * pane.view.zoom, y + 6 * pane.view.zoom)
    _drag(qtbot, pane, to, to, Qt.KeyboardModifier.ShiftModifier)
    assert _index(mpr) == (9, 26, 16)


def test_elsewhere_the_left_button_does_what_it_always_does(opened: Open, qtbot: QtBot) -> None:
    mpr = opened()
    pane = mpr.panes[View.AXIAL]
    pane.set_hand(Hand.WINDOW)
    before = _index(mpr)
    x, y = _point(pane, mpr.lines[View.AXIAL])
    _drag(qtbot, pane, (x + 60, y + 60), (x + 100, y + 60))
    assert _index(mpr) == before
    window = pane.view.window
    assert isinstance(window, Window)
    assert window.width > 4000
    assert {each.view.window for each in mpr.panes.values()} == {window}


def test_the_wheel_goes_slice_by_slice_and_with_shift_makes_layers_thick(
    opened: Open, qtbot: QtBot
) -> None:
    mpr = opened()
    pane = mpr.panes[View.AXIAL]
    _wheel(pane, -1, Qt.KeyboardModifier.NoModifier)
    assert _index(mpr)[0] == 13
    assert pane.corners.top_right[0] == "Slice 14 of 24, as it was taken"
    _wheel(pane, 6, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: mpr.is_settled)
    assert mpr.slab.thickness_mm == 6.0
    np.testing.assert_array_equal(_seen(mpr, View.AXIAL), VALUES[12:15].max(axis=0))
    assert "6.0 mm thick, brightest shown (MIP)" in pane.corners.top_right
    mpr.bar.mode.setCurrentIndex(mpr.bar.mode.findData(Mode.LEAST))
    qtbot.waitUntil(lambda: mpr.is_settled)
    np.testing.assert_array_equal(_seen(mpr, View.AXIAL), VALUES[12:15].min(axis=0))


def test_an_oblique_slab_is_cut_behind_the_scenes(opened: Open, qtbot: QtBot) -> None:
    mpr = opened()
    assert mpr.aim is not None
    mpr.bar.thickness.setValue(5.0)
    mpr.show_aim(mpr.aim.turned(View.AXIAL, 0.5))
    qtbot.waitUntil(lambda: mpr.is_settled)
    assert "5.0 mm thick, brightest shown (MIP)" in mpr.panes[View.CORONAL].corners.top_right


def test_slices_are_seen_as_they_come_and_the_rest_is_black(opened: Open, qtbot: QtBot) -> None:
    gate = threading.Event()

    def slow(series: SeriesView, instance: int, frame: int) -> Pixels:
        if abs(instance - 12) > 3:
            gate.wait(20)
        return decode(series, instance, frame)

    mpr = opened(slow, wait=False)
    qtbot.waitUntil(lambda: mpr.panes[View.CORONAL].drawable is not None)
    qtbot.waitUntil(lambda: mpr.bar.state.text() == "Loading slice 7 of 24…")
    qtbot.waitUntil(lambda: np.count_nonzero(_seen(mpr, View.CORONAL)[::2, 3] >= 0) == 7)
    drawable = mpr.panes[View.CORONAL].drawable
    assert drawable is not None
    assert drawable.pixels.padding == (-32768, -32768)
    assert not mpr.is_settled
    gate.set()
    qtbot.waitUntil(lambda: mpr.is_settled)
    assert mpr.bar.state.text() == ""


def test_slices_that_cannot_be_read_are_said_and_left_black(opened: Open, qtbot: QtBot) -> None:
    def broken(series: SeriesView, instance: int, frame: int) -> Pixels:
        if instance in (3, 4):
            raise ReaderFailed("it is cut short")
        return decode(series, instance, frame)

    mpr = opened(broken)
    assert mpr.bar.state.text() == "2 of 24 slices could not be read: they are left black"
    assert (_seen(mpr, View.CORONAL)[::2][[-4, -5]] == -32768).all()


def test_what_turns_out_to_be_no_volume_is_said(opened: Open, qtbot: QtBot) -> None:
    def other(series: SeriesView, instance: int, frame: int) -> Pixels:
        return replace(decode(series, instance, frame), array=np.zeros((3, 3), np.int16))

    mpr = opened(other, wait=False)
    with qtbot.waitSignal(mpr.failed) as told:
        pass
    assert told.args == [
        "This series cannot be seen from other sides: a picture is not as large as it says."
    ]
    assert mpr.panes[View.AXIAL].message == told.args[0]


def test_what_is_no_volume_is_refused(opened: Open, qtbot: QtBot) -> None:
    mpr = opened(series=SeriesView("1", "Two", "CT", HEADERS[:2]), wait=False)
    with qtbot.waitSignal(mpr.failed) as told:
        pass
    assert "fewer than 3 slices" in told.args[0]
    assert not mpr.is_open


def test_times_are_chosen_in_the_bar(opened: Open, qtbot: QtBot) -> None:
    twice = tuple(replace(each, temporal_position=time) for time in (1, 2) for each in HEADERS)

    def of_time(series: SeriesView, instance: int, frame: int) -> Pixels:
        found = decode(series, instance % SHAPE[0], frame)
        return replace(found, array=found.array + 50 * (instance // SHAPE[0]))

    mpr = opened(of_time, SeriesView("1", "Twice", "MR", twice))
    assert mpr.bar.part.count() == 2
    mpr.bar.part.setCurrentIndex(1)
    qtbot.waitUntil(lambda: mpr.is_settled)
    np.testing.assert_array_equal(_seen(mpr, View.AXIAL), VALUES[12] + 50)


def test_a_picture_has_a_true_spacing_for_measuring(opened: Open, qtbot: QtBot) -> None:
    mpr = opened()
    assert mpr.aim is not None
    for pane in mpr.panes.values():
        assert pane.drawable is not None
        assert pane.drawable.pixels.spacing_mm == (1.0, 1.0)
    mpr.show_aim(mpr.aim.turned(View.AXIAL, 0.5))
    qtbot.waitUntil(lambda: mpr.is_settled)
    cut = mpr.panes[View.CORONAL].cut
    drawable = mpr.panes[View.CORONAL].drawable
    assert cut is not None
    assert drawable is not None
    assert drawable.pixels.spacing_mm == cut.plane.spacing_mm
    assert (drawable.rows, drawable.columns) == (cut.plane.rows, cut.plane.columns)
