"""A series seen from three sides in the viewer: in place of the cells, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from viewer.dicom.calibration import Basis, Calibration
from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.dicom.source import SeriesView
from viewer.errors import ReaderFailed
from viewer.render.aim import View
from viewer.render.pipeline import Window
from viewer.ui import Viewer, acts
from viewer.ui.face import Face
from viewer.ui.frames import THREADS
from viewer.ui.image_view import Hand

SHAPE = (12, 30, 30)
VALUES = np.random.default_rng(2).integers(0, 2000, SHAPE).astype(np.int16)
HEADERS = tuple(
    Header(
        study_uid="1",
        sop_uid=f"1.2.{place}",
        modality="CT",
        rows=SHAPE[1],
        columns=SHAPE[2],
        drawable=True,
        photometric="MONOCHROME2",
        bits_stored=12,
        signed=True,
        position=(0.0, 0.0, 2.0 * place),
        orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        spacing_mm=(2.0, 2.0),
        frame_of_reference="1.2",
    )
    for place in range(SHAPE[0])
)
HEAD = SeriesView("1", "Head", "CT", HEADERS)
TWO = SeriesView("2", "Two", "CT", HEADERS[:2])


class Memory:
    """A source whose frames are made by a function."""

    def __init__(self, *series: SeriesView) -> None:
        self._series = series

    def series(self) -> Sequence[SeriesView]:
        return self._series

    def open(self, series: int, instance: int, frame: int) -> int:
        raise ReaderFailed("it lies in memory only")


def decode(series: SeriesView, instance: int, frame: int) -> Pixels:
    return Pixels(
        VALUES[instance],
        "MONOCHROME2",
        12,
        True,
        windows=((1000.0, 2000.0, ""),),
        spacing_mm=(2.0, 2.0),
        modality="CT",
        calibration=Calibration(Basis.BODY, (2.0, 2.0), unit="HU"),
    )


@pytest.fixture
def viewer(qtbot: QtBot) -> Iterator[Viewer]:
    made = Viewer(Memory(HEAD, TWO), decode)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    qtbot.waitUntil(lambda: made.is_settled)
    yield made
    made.close_study()


@pytest.fixture
def opened(viewer: Viewer, qtbot: QtBot) -> Viewer:
    acts.act(viewer, "sides")
    qtbot.waitUntil(lambda: viewer.sides.is_settled)
    return viewer


def test_the_three_sides_take_the_place_of_the_cells_and_give_it_back(
    opened: Viewer, qtbot: QtBot
) -> None:
    assert opened.sides.isVisible()
    assert not opened.grid.isVisible()
    assert opened.tools.button("sides").isChecked()
    assert opened.image is opened.sides.panes[View.AXIAL]
    qtbot.keyClick(opened.image, Qt.Key.Key_Escape)
    assert not opened.sides.isVisible()
    assert opened.grid.isVisible()
    assert opened.image is opened.cell.image
    assert opened.cell.image.drawable is not None


def test_there_is_no_second_copy_of_the_slices(viewer: Viewer, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: len(viewer.loader.cache) >= SHAPE[0])
    acts.act(viewer, "sides")
    qtbot.waitUntil(lambda: viewer.sides.is_settled)
    assert len(viewer.loader.cache) <= THREADS  # what was on its way


def test_tools_act_on_the_picture_that_was_turned_to(opened: Viewer, qtbot: QtBot) -> None:
    pane = opened.sides.panes[View.SAGITTAL]
    qtbot.mouseClick(pane, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    assert opened.image is pane
    acts.act(opened, "zoom_in")
    assert pane.view.zoom > opened.sides.panes[View.CORONAL].view.zoom
    acts.act(opened, "invert")
    assert all(each.view.inverted for each in opened.sides.panes.values())
    qtbot.keyClick(pane, Qt.Key.Key_2)
    assert pane.view.window == Window(-600, 1500)


def test_what_would_act_on_hidden_pictures_is_said_not_to(opened: Viewer) -> None:
    for name in ("mark", "play", "compare"):
        acts.act(opened, name)
        assert opened.image.hint == acts.NOT_FROM_SIDES
        opened.image.show_hint("")
    assert not opened.tools.button("layout").isEnabled()
    assert opened.tools.button("save").isEnabled()  # it saves what is seen


def test_another_series_leaves_the_three_sides(opened: Viewer, qtbot: QtBot) -> None:
    opened.show_series(1)
    assert not opened.sides.is_open
    assert opened.grid.isVisible()
    assert opened.tools.button("save").isEnabled()


def test_the_patients_view_has_no_three_sides(opened: Viewer) -> None:
    opened.faces.show(Face.PATIENT)
    assert not opened.sides.is_open


def test_a_series_that_is_no_volume_says_why(viewer: Viewer, qtbot: QtBot) -> None:
    viewer.show_series(1)
    qtbot.waitUntil(lambda: viewer.is_settled)
    acts.act(viewer, "sides")
    qtbot.waitUntil(lambda: not viewer.sides.is_open)
    assert viewer.grid.isVisible()
    assert "fewer than 3 slices" in viewer.image.hint
    assert not viewer.tools.button("sides").isChecked()


def test_a_length_is_measured_on_a_picture_across_the_slices(opened: Viewer, qtbot: QtBot) -> None:
    opened.take_hand(Hand.LENGTH)
    pane = opened.sides.panes[View.CORONAL]
    plane = pane.cut.plane if pane.cut else None
    assert plane is not None
    ends = [QPoint(*(round(each) for each in _on_screen(opened, (4.0, row)))) for row in (2.0, 8.0)]
    qtbot.mousePress(pane, Qt.MouseButton.LeftButton, pos=ends[0])
    qtbot.mouseMove(pane, (ends[0] + ends[1]) / 2)
    qtbot.mouseMove(pane, ends[1])
    qtbot.mouseRelease(pane, Qt.MouseButton.LeftButton, pos=ends[1])
    sheet = opened.sides.measuring.sheet
    (found,) = sheet.state.measurements
    assert pane.drawable is not None
    lines = opened.sides.measuring.lines(found, pane.drawable.pixels)
    assert any("mm" in each for each in lines)
    millimetres = float(lines[0].split()[0])
    assert millimetres == pytest.approx(12, abs=0.5)  # six slices of 2 mm
    assert opened.desk.measuring.sheet.state.measurements == ()


def _on_screen(viewer: Viewer, pixel: tuple[float, float]) -> tuple[float, float]:
    from viewer.ui import view_state

    pane = viewer.sides.panes[View.CORONAL]
    return view_state.to_screen(pane.view, pane.from_pixel(pixel))


def test_a_slice_that_cannot_be_read_leaves_the_rest(qtbot: QtBot) -> None:
    def broken(series: SeriesView, instance: int, frame: int) -> Pixels:
        if instance == 3:
            raise ReaderFailed("it is cut short")
        return decode(series, instance, frame)

    viewer = Viewer(Memory(HEAD), broken)
    qtbot.addWidget(viewer)
    viewer.resize(1200, 800)
    viewer.show()
    acts.act(viewer, "sides")
    qtbot.waitUntil(lambda: viewer.sides.is_settled)
    assert "1 of 12 slices could not be read" in viewer.sides.bar.state.text()
    viewer.close_study()
