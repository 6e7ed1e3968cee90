"""What is odd about a series stands beside its pictures, and each frame has its own letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from viewer.dicom.source import SeriesView
from viewer.ui import Viewer
from viewer.ui.banner import OTHER
from viewer.ui.face import Face

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
PATIENT = Face.PATIENT
Stack = Callable[..., SeriesView]
Look = Callable[..., Viewer]


def _without_one(series: SeriesView, at: int) -> SeriesView:
    return replace(series, headers=series.headers[:at] + series.headers[at + 1 :])


def test_a_missing_slice_is_told_beside_the_picture(look: Look, stack: Stack) -> None:
    assert "1 slice missing" in look(_without_one(stack(), 7)).image.corners.top_left
    assert not any("missing" in each for each in look(stack()).image.corners.top_left)


def test_where_the_pointer_rests_on_a_series_the_whole_sentence_is_shown(
    look: Look, stack: Stack, qtbot: QtBot
) -> None:
    strip = look(stack("Whole"), _without_one(stack("Cut"), 7)).strip
    for place, said in ((0, ""), (1, "1 slice seems to be missing, in one place.")):
        at = strip.visualItemRect(strip.item(place)).center()
        event = QHelpEvent(QEvent.Type.ToolTip, at, strip.viewport().mapToGlobal(at))
        QApplication.sendEvent(strip.viewport(), event)
        assert QToolTip.text() == said
    QToolTip.hideText()


def test_a_frame_has_the_letters_of_its_own_direction(
    look: Look, stack: Stack, qtbot: QtBot
) -> None:
    (first,) = stack(count=1).headers
    frames = replace(
        first,
        frames=4,
        frame_positions=((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
        frame_orientations=(AXIAL, AXIAL, CORONAL, CORONAL),
    )
    viewer = look(SeriesView("1", "Two stacks", "MR", (frames,)))
    for place, (top, bottom) in ((0, ("A", "P")), (3, ("H", "F"))):
        viewer.show_place(place)
        qtbot.waitUntil(lambda: viewer.is_settled)
        edges = viewer.image.edges
        assert edges is not None and (edges.top, edges.bottom) == (top, bottom)


def test_a_patient_is_told_of_missing_slices_but_not_of_a_tilted_scanner(
    look: Look, stack: Stack
) -> None:
    tilted = stack("Tilted", step=(0.0, 1.0, 5.0))
    for series, short in ((_without_one(stack(), 7), "1 slice missing"), (tilted, "")):
        for face in Face:
            viewer = look(series, face=face)
            said = viewer.image.corners.top_left
            assert any("Tilted by" in each for each in said) == (not short and face is not PATIENT)
            assert (short in said) == bool(short)


def test_what_is_odd_about_all_of_it_is_said_once_and_put_away(
    look: Look, stack: Stack, qtbot: QtBot
) -> None:
    missing = "The disc's index names 3 more files that are not here."
    for face in Face:
        viewer = look(stack(), face=face, notes=(missing, "It is <b>odd</b>."))
        assert viewer.notes.isVisible()
        assert viewer.notes.words.text() == f"{missing} It is <b>odd</b>."
        viewer.toggle_chrome()
        assert not viewer.notes.isVisible()
        viewer.toggle_chrome()
        assert viewer.notes.isVisible()
        qtbot.mouseClick(viewer.notes.button, Qt.MouseButton.LeftButton)
        viewer.faces.choose(OTHER[face])
        assert not viewer.notes.isVisible()
    assert not look(stack()).notes.isVisible()
