"""Two faces on one engine, marks, and how a study is first hung."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from viewer.dicom.source import SeriesView
from viewer.render.orientation import Edges
from viewer.render.pipeline import Window
from viewer.ui import Viewer, theme
from viewer.ui.face import Face
from viewer.ui.grid import Layout
from viewer.ui.patient_bar import letters_in_words
from viewer.ui.preferences import ForOneRun

Stack = Callable[..., SeriesView]
Look = Callable[..., Viewer]

LEFT = Qt.MouseButton.LeftButton


def with_uids(series: SeriesView) -> SeriesView:
    headers = tuple(replace(h, sop_uid=f"{series.uid}.{n}") for n, h in enumerate(series.headers))
    return replace(series, headers=headers)


def settle(qtbot: QtBot, viewer: Viewer) -> None:
    qtbot.waitUntil(lambda: all(each.is_settled for each in viewer.grid.in_sight))


# -- faces ------------------------------------------------------------------------------------


def test_a_patient_sees_one_large_picture_and_no_numbers(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(stack("One"), stack("Two"), face=Face.PATIENT)
    settle(qtbot, viewer)
    assert len(viewer.grid.in_sight) == 1
    corners = viewer.image.corners
    assert corners.top_right == ("Image 11 of 20",)
    assert corners.bottom_left == corners.bottom_right == ()
    assert corners.notice == "Not for diagnosis"
    assert not viewer.tools.button("layout").isVisible()
    assert viewer.tools.button("mark").isVisible()
    assert viewer.banner.isVisible()


def test_a_patient_chooses_lungs_and_bones_in_words(qtbot: QtBot, look: Look, stack: Stack) -> None:
    viewer = look(stack(), face=Face.PATIENT)
    settle(qtbot, viewer)
    buttons = {each.text(): each for each in viewer.faces.bar.buttons()}
    assert {"Lungs", "Bones"} <= buttons.keys()
    qtbot.mouseClick(buttons["Lungs"], LEFT)
    assert viewer.image.seen_window == Window(-600, 1500)
    qtbot.mouseClick(buttons["Bones"], LEFT)
    assert viewer.image.seen_window == Window(480, 2500)


def test_where_nothing_has_a_plain_name_nothing_is_offered(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(stack(modality="MR"), face=Face.PATIENT)
    settle(qtbot, viewer)
    assert viewer.faces.bar.findChildren(QPushButton) == []
    assert not viewer.faces.bar.isVisible()


def test_a_clinician_sees_all_tools_and_numbers(qtbot: QtBot, look: Look, stack: Stack) -> None:
    viewer = look(stack("One"), stack("Two"))
    settle(qtbot, viewer)
    assert len(viewer.grid.in_sight) == 2  # two phases
    assert viewer.tools.button("layout").isVisible()
    assert any("Width" in each for each in viewer.image.corners.bottom_left)
    assert not viewer.faces.bar.isVisible()


def test_the_other_face_is_one_click_away_and_remembered_for_such_studies(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    kept = ForOneRun()
    viewer = look(stack(), face=Face.PATIENT, preferences=kept)
    qtbot.mouseClick(viewer.banner.other, LEFT)
    assert viewer.faces.face is Face.CLINICIAN
    assert viewer.tools.button("layout").isVisible()
    qtbot.mouseClick(viewer.banner.other, LEFT)
    assert viewer.faces.face is Face.PATIENT
    qtbot.keyClick(viewer.image, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    again = look(stack(), face=Face.PATIENT, preferences=kept)
    assert again.faces.face is Face.CLINICIAN
    assert look(stack(), face=Face.CLINICIAN, preferences=kept).faces.face is Face.CLINICIAN
    assert look(stack(), face=Face.PATIENT).faces.face is Face.PATIENT


def test_what_is_kept_as_a_face_and_is_none_does_no_harm(look: Look, stack: Stack) -> None:
    kept = ForOneRun()
    kept.set("viewer_face_patient", "nonsense")
    assert look(stack(), face=Face.PATIENT, preferences=kept).faces.face is Face.PATIENT


def test_keys_of_the_clinician_do_nothing_for_a_patient(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(stack(), face=Face.PATIENT)
    settle(qtbot, viewer)
    qtbot.keyClick(viewer.image, "Q")
    assert not viewer.together.crosshair.is_on


# -- letters ----------------------------------------------------------------------------------


def test_the_letters_are_explained_when_asked(qtbot: QtBot, look: Look, stack: Stack) -> None:
    viewer = look(stack(), face=Face.PATIENT)
    settle(qtbot, viewer)
    assert not viewer.faces.explanation.isVisible()
    qtbot.mouseClick(viewer.tools.button("letters"), LEFT)
    assert viewer.faces.explanation.isVisible()
    said = viewer.faces.explanation.text()
    assert "R at the left is the right side of the body" in said
    assert "A at the top is the front of the body" in said
    assert "faced you" in said
    assert not viewer.faces.explanation.geometry().intersects(viewer.grid.geometry())
    viewer.image.flip_sideways()
    viewer.show_place(3)
    settle(qtbot, viewer)
    assert "L at the left is the left side" in viewer.faces.explanation.text()
    qtbot.mouseClick(viewer.tools.button("letters"), LEFT)
    assert not viewer.faces.explanation.isVisible()


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        (None, "does not say which side"),
        (Edges("A", "P", "H", "F"), "A at the left is the front of the body"),
        (Edges("RA", "LP", "H", "F"), "the right side of the body, a little to the front"),
    ],
)
def test_letters_in_words(edges: Edges | None, words: str) -> None:
    assert words in letters_in_words(edges)


# -- marks ------------------------------------------------------------------------------------


def test_a_picture_is_marked_and_found_again(qtbot: QtBot, look: Look, stack: Stack) -> None:
    one, two = with_uids(stack("One")), with_uids(stack("Two", count=5))
    viewer = look(one, two)
    sheet = viewer.desk.measuring.sheet
    viewer.show_place(3)
    settle(qtbot, viewer)
    qtbot.keyClick(viewer.image, "K")
    assert sheet.state.marked == (("1.2.3.One.3", 0),)
    viewer.show_series(1)
    viewer.show_place(4)
    settle(qtbot, viewer)
    qtbot.mouseClick(viewer.tools.button("mark"), LEFT)
    assert len(sheet.state.marked) == 2
    for place in ((0, 3), (1, 4), (0, 3)):
        qtbot.keyClick(viewer.image, "X")
        settle(qtbot, viewer)
        assert viewer.frame is not None
        assert (viewer.frame.series, viewer.frame.instance) == place
    qtbot.keyClick(viewer.image, "K")
    assert sheet.state.marked == (("1.2.3.Two.4", 0),)


def test_a_marked_picture_has_a_star_and_its_neighbour_none(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(with_uids(stack()))
    settle(qtbot, viewer)

    def has_star() -> bool:
        viewer.image.show_hint("")
        seen = viewer.image.grab().toImage()
        right = range(seen.width() - 40, seen.width() - 8)
        found = (seen.pixelColor(x, y) for x in right for y in range(50, 75))
        return any(each == theme.NOTICE_TEXT for each in found)

    assert not has_star()
    assert viewer.tools.button("mark").text() == "Mark this"
    qtbot.mouseClick(viewer.tools.button("mark"), LEFT)
    assert has_star()
    assert viewer.tools.button("mark").text() == "Unmark"
    viewer.step(1)
    settle(qtbot, viewer)
    assert not has_star()
    viewer.step(-1)
    settle(qtbot, viewer)
    assert has_star()


def test_without_a_mark_there_is_nothing_to_jump_to(qtbot: QtBot, look: Look, stack: Stack) -> None:
    viewer = look(with_uids(stack()))
    settle(qtbot, viewer)
    before = viewer.frame
    qtbot.keyClick(viewer.image, "X")
    assert viewer.frame == before
    assert not viewer.tools.button("marked").isEnabled()


# -- hanging ----------------------------------------------------------------------------------


def test_breasts_hang_with_their_walls_together(qtbot: QtBot, look: Look, stack: Stack) -> None:
    views = [
        stack(
            f"{side} {view}", 1, modality="MG", laterality=side, view_position=view,
            patient_orientation=("A", "F"), orientation=None, columns=32,
        )
        for side in "LR" for view in ("MLO", "CC")
    ]  # fmt: skip
    viewer = look(*views)
    settle(qtbot, viewer)
    assert viewer.grid.layout_shown == Layout(2, 2)
    titles = [each.series.title for each in viewer.grid.in_sight if each.series]
    assert titles == ["R CC", "L CC", "R MLO", "L MLO"]
    views_seen = [each.image.view for each in viewer.grid.in_sight]
    assert [each.lean for each in views_seen] == [1, -1, 1, -1]
    assert [each.flipped for each in views_seen] == [True, False, True, False]
    right, left = (each.image for each in viewer.grid.in_sight[:2])
    assert right.edges is not None
    assert (right.edges.right, right.edges.left) == ("P", "A")
    assert left.edges is not None
    assert (left.edges.left, left.edges.right) == ("P", "A")
