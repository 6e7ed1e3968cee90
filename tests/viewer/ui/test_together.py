"""Cells that go together by where they lie, lines of one in the other, one point in all."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from viewer.dicom.source import SeriesView
from viewer.render.pipeline import Window
from viewer.ui import Viewer, theme, view_state
from viewer.ui.cell import Cell
from viewer.ui.crosshair import CrosshairLayer
from viewer.ui.grid import Layout
from viewer.ui.pile import Pile
from viewer.ui.reference_lines import ReferenceLines
from viewer.ui.stack import Stack

StackOf = Callable[..., SeriesView]
Look = Callable[..., Viewer]

SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
FROM_ABOVE = (1.0, 0.0, 0.0, 0.0, -1.0, 0.0)  # its normal goes toward the feet


def settle(qtbot: QtBot, viewer: Viewer) -> None:
    qtbot.waitUntil(lambda: all(each.is_settled for each in viewer.grid.in_sight if each.study))
    qtbot.waitUntil(lambda: all(each.image.drawable for each in viewer.grid.in_sight if each.study))


def side_by_side(qtbot: QtBot, look: Look, *series: SeriesView) -> tuple[Viewer, tuple[Cell, ...]]:
    viewer = look(*series)
    viewer.show_layout(Layout(1, len(series)))
    settle(qtbot, viewer)
    return viewer, viewer.grid.cells


def places(cells: tuple[Cell, ...]) -> list[int]:
    return [each.place for each in cells]


def layer(cell: Cell, kind: type) -> object:
    return next(each for each in cell.image.layers if isinstance(each, kind))


# -- stacks -----------------------------------------------------------------------------------


def test_depths_are_along_the_normal_of_a_tilted_stack(stack: StackOf) -> None:
    tilt = math.radians(20)
    orientation = (1.0, 0.0, 0.0, 0.0, math.cos(tilt), math.sin(tilt))
    made = Stack(Pile(stack(count=5, step=(0.0, 0.0, 4.0), orientation=orientation).headers))
    assert made.depth_mm(3) == pytest.approx(3 * 4.0 * math.cos(tilt))
    assert made.step_mm == pytest.approx(4.0 * math.cos(tilt))


def test_of_several_slices_in_one_place_the_one_next_by_is_taken(stack: StackOf) -> None:
    first, second = stack(count=3), stack(count=3)
    phases = [each for pair in zip(first.headers, second.headers, strict=True) for each in pair]
    made = Stack(Pile(phases))
    assert made.nearest(5.0, near=0) == 2
    assert made.nearest(5.0, near=5) == 3


def test_pictures_cut_in_different_directions_have_no_depth(stack: StackOf) -> None:
    made = Stack(Pile([*stack(count=2).headers, *stack(count=2, orientation=SAGITTAL).headers]))
    assert made.depth_mm(0) is None
    assert made.plane(3) is not None


def test_pictures_of_two_frames_of_reference_have_no_depth(stack: StackOf) -> None:
    other = stack(count=2, frame_of_reference="9.9")
    assert Stack(Pile([*stack(count=2).headers, *other.headers])).normal is None


# -- going together ---------------------------------------------------------------------------


def test_parallel_stacks_go_together_by_position_and_not_by_number(
    qtbot: QtBot, look: Look, stack: StackOf
) -> None:
    thick = stack("Thick", 20, (0.0, 0.0, 0.0), (0.0, 0.0, 5.0))
    thin = stack("Thin", 60, (0.0, 0.0, -10.0), (0.0, 0.0, 2.0))
    viewer, cells = side_by_side(qtbot, look, thick, thin)
    viewer.show_place(4)  # 20 mm
    assert places(cells) == [4, 15]
    cells[1].step(5)  # 30 mm
    assert places(cells) == [6, 20]
    settle(qtbot, viewer)
    assert [each.seen.instance for each in cells if each.seen] == [6, 20]


def test_a_stack_seen_from_the_other_side_goes_along_too(
    qtbot: QtBot, look: Look, stack: StackOf
) -> None:
    turned = stack("Turned", 20, (0.0, 63.0, 95.0), (0.0, 0.0, -5.0), FROM_ABOVE)
    viewer, cells = side_by_side(qtbot, look, stack(), turned)
    viewer.show_place(2)  # 10 mm
    assert places(cells) == [2, 17]


def test_wheel_and_keys_move_both(qtbot: QtBot, look: Look, stack: StackOf) -> None:
    _, cells = side_by_side(qtbot, look, stack("A"), stack("B"))
    qtbot.keyClick(cells[0].image, Qt.Key.Key_PageUp)
    assert places(cells) == [0, 0]
    qtbot.keyClick(cells[0].image, Qt.Key.Key_Down)
    assert places(cells) == [1, 1]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"frame_of_reference": "9.9"}, "another position"),
        ({"orientation": SAGITTAL, "step": (5.0, 0.0, 0.0)}, "another direction"),
        ({"frame_of_reference": ""}, "does not say"),
    ],
)
def test_what_cannot_go_along_is_left_alone_and_says_so(
    qtbot: QtBot, look: Look, stack: StackOf, more: dict[str, object], words: str
) -> None:
    viewer, cells = side_by_side(qtbot, look, stack("A"), stack("B", **more))
    viewer.show_place(2)
    assert places(cells) == [2, 10]
    told = cells[1].title.alone
    assert told.isVisibleTo(cells[1])
    assert told.text() == "Goes alone"
    assert words in told.toolTip()
    assert not cells[0].title.alone.isVisibleTo(cells[0])


def test_a_stack_that_ends_before_says_that_nothing_is_there(
    qtbot: QtBot, look: Look, stack: StackOf
) -> None:
    viewer, cells = side_by_side(qtbot, look, stack("A", 20), stack("B", 10))
    viewer.show_place(9)
    assert not cells[1].title.alone.isVisibleTo(cells[1])
    viewer.show_place(15)
    assert cells[1].place == 9
    assert cells[1].title.alone.text() == "No slice here"


def test_stacks_of_other_spaces_go_together_when_linked_by_hand(
    qtbot: QtBot, look: Look, stack: StackOf
) -> None:
    before = stack("Before", 40, (0.0, 0.0, 300.0), (0.0, 0.0, 2.5), frame_of_reference="9.9")
    viewer, cells = side_by_side(qtbot, look, stack("Now"), before)
    cells[1].show_place(6)
    viewer.show_place(10)
    qtbot.keyClick(cells[0].image, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert cells[1].title.alone.text() == "Linked by hand"
    viewer.step(3)  # 15 mm
    assert places(cells) == [13, 12]
    viewer.show_place(8)  # 10 mm before where they were linked
    assert places(cells) == [8, 2]


def test_another_series_in_a_cell_ends_what_was_linked_by_hand(
    qtbot: QtBot, look: Look, stack: StackOf
) -> None:
    before = stack("Before", frame_of_reference="9.9")
    third = stack("Third", frame_of_reference="8.8")
    viewer = look(stack("Now"), before, third)
    viewer.show_layout(Layout(1, 2))
    settle(qtbot, viewer)
    viewer.together.linking.link_here()
    viewer.grid.cells[1].show_series(*viewer.shelf.at(2))
    settle(qtbot, viewer)
    viewer.step(3)
    assert viewer.grid.cells[1].place == 10


def test_each_goes_for_itself_when_that_is_wanted(qtbot: QtBot, look: Look, stack: StackOf) -> None:
    viewer, cells = side_by_side(qtbot, look, stack("A"), stack("B"))
    qtbot.keyClick(cells[0].image, "L")
    viewer.show_place(3)
    cells[0].image.zoom_by(2.0)
    assert places(cells) == [3, 10]
    assert cells[1].image.view.fits


def test_zoom_and_middle_are_the_same_in_mm(qtbot: QtBot, look: Look, stack: StackOf) -> None:
    fine = stack("Fine", 20, (16.0, 16.0, 0.0), spacing_mm=0.5)
    viewer, (wide, narrow) = side_by_side(qtbot, look, stack("Wide"), fine)
    del viewer
    wide.image.set_view(view_state.seen_at(wide.image.view, 10.0, (32.5, 28.5)))
    view = narrow.image.view
    assert view.zoom == pytest.approx(5.0)  # px a pixel of 0.5 mm: 10 px a mm
    # The middle of pixel (32, 28) lies at 32 and 28 mm: in the fine one at (32-16)/0.5 pixels.
    assert view.center == pytest.approx((32.5, 24.5))
    wide.image.fit()
    assert narrow.image.view.fits


def test_zoom_stays_when_a_cell_only_changes_its_size(
    qtbot: QtBot, look: Look, stack: StackOf
) -> None:
    viewer, (one, other) = side_by_side(qtbot, look, stack("A"), stack("B"))
    viewer.together.linking.turn_on(False)
    other.image.zoom_by(3.0)
    viewer.together.linking.turn_on(True)
    zoom = other.image.view.zoom
    width = one.width()
    viewer.resize(1200, 800)
    qtbot.waitUntil(lambda: one.width() > width)
    assert other.image.view.zoom == zoom


def test_brightness_is_shared_only_when_wanted_and_only_by_one_modality(
    qtbot: QtBot, look: Look, stack: StackOf
) -> None:
    viewer, cells = side_by_side(
        qtbot, look, stack("A"), stack("B"), stack("C", modality="MR", frame_of_reference="9")
    )
    cells[0].image.set_window(Window(40, 400))
    assert cells[1].image.view.window is None
    qtbot.keyClick(cells[0].image, "B")
    assert cells[1].image.view.window == Window(40, 400)
    cells[0].image.set_window(Window(-600, 1500))
    cells[0].image.invert()
    assert cells[1].image.view.window == Window(-600, 1500)
    assert cells[1].image.view.inverted
    assert cells[2].image.view.window is None
    assert viewer.cell is cells[0]


def test_the_menu_says_what_is_on(qtbot: QtBot, look: Look, stack: StackOf) -> None:
    viewer, _ = side_by_side(qtbot, look, stack("A"), stack("B"))
    menu = viewer.tools.menu_of("layout")
    menu.aboutToShow.emit()
    entries = {each.text(): each for each in menu.actions()}
    assert entries["Scroll and zoom together"].isChecked()
    assert not entries["Same brightness"].isChecked()
    entries["Scroll and zoom together"].trigger()
    assert not viewer.together.linking.is_on


# -- lines ------------------------------------------------------------------------------------


def test_a_line_shows_where_the_picture_with_the_focus_cuts_the_others(
    qtbot: QtBot, look: Look, stack: StackOf
) -> None:
    sagittal = stack("Sagittal", 20, (10.0, 0.0, 63.0), (2.0, 0.0, 0.0), SAGITTAL)
    viewer, (axial, side) = side_by_side(qtbot, look, stack(count=10), sagittal)
    viewer.show_place(4)  # 20 mm: row 43 of a picture whose row 0 lies at 63 mm
    settle(qtbot, viewer)
    lines = layer(side, ReferenceLines).lines()
    assert [is_here for *_, is_here in lines] == [False, False, True]
    rows = [(start[1], end[1]) for start, end, _ in lines]
    assert rows == [pytest.approx((63, 63)), pytest.approx((18, 18)), pytest.approx((43, 43))]
    ends = sorted(each[0] for each in lines[2][:2])
    assert ends == pytest.approx([-0.5, 63.5])
    assert layer(axial, ReferenceLines).lines() == ()
    viewer.grid.choose(side)
    assert layer(side, ReferenceLines).lines() == ()
    assert len(layer(axial, ReferenceLines).lines()) == 3


def test_the_line_is_painted_where_it_lies_and_goes_when_it_is_hidden(
    qtbot: QtBot, look: Look, stack: StackOf
) -> None:
    sagittal = stack("Sagittal", 20, (10.0, 0.0, 63.0), (2.0, 0.0, 0.0), SAGITTAL)
    viewer, (_, side) = side_by_side(qtbot, look, stack(), sagittal)
    viewer.show_place(4)
    settle(qtbot, viewer)

    def is_line() -> bool:
        image = side.image
        x, y = view_state.to_screen(image.view, image.from_pixel((20.0, 43.0)))
        grabbed, accent = image.grab().toImage(), QColor(theme.ACCENT)
        near = (grabbed.pixelColor(round(x), round(y) + n) for n in (-1, 0, 1))
        return any(
            abs(each.blue() - accent.blue()) < 60 and each.blue() - each.red() > 40 for each in near
        )

    assert is_line()
    qtbot.keyClick(viewer.image, Qt.Key.Key_Q, Qt.KeyboardModifier.ShiftModifier)
    assert not is_line()


def test_another_space_gets_no_line(qtbot: QtBot, look: Look, stack: StackOf) -> None:
    other = stack("B", 20, (10.0, 0.0, 63.0), (2.0, 0.0, 0.0), SAGITTAL, frame_of_reference="9.9")
    _, (_, side) = side_by_side(qtbot, look, stack("A"), other)
    assert layer(side, ReferenceLines).lines() == ()


# -- crosshair --------------------------------------------------------------------------------


def click_pixel(qtbot: QtBot, cell: Cell, pixel: tuple[float, float]) -> None:
    x, y = view_state.to_screen(cell.image.view, cell.image.from_pixel(pixel))
    qtbot.mouseClick(cell.image, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))


def test_a_point_clicked_in_one_picture_is_shown_in_all_others_of_its_space(
    qtbot: QtBot, look: Look, stack: StackOf
) -> None:
    sagittal = stack("Sagittal", 20, (10.0, 0.0, 63.0), (2.0, 0.0, 0.0), SAGITTAL)
    other = stack("Other", frame_of_reference="9.9")
    viewer, cells = side_by_side(qtbot, look, stack("A"), sagittal, other)
    axial, side, alone = cells
    viewer.show_place(4)
    settle(qtbot, viewer)
    qtbot.keyClick(axial.image, "Q")
    click_pixel(qtbot, axial, (30.0, 25.0))  # x 30 mm: place 10; y 25 mm; z 20 mm
    settle(qtbot, viewer)
    assert places(cells) == [4, 10, 10]
    pixel, is_here = layer(side, CrosshairLayer).found()
    assert pixel == pytest.approx((25.0, 43.0), abs=0.2)  # a screen px is a tenth of a pixel
    assert is_here
    assert layer(alone, CrosshairLayer).found() is None
    side.step(3)
    settle(qtbot, viewer)
    assert layer(side, CrosshairLayer).found()[1] is False
    assert axial.image.view.window is None  # the click was not a drag for brightness
    qtbot.keyClick(axial.image, "Q")
    assert layer(side, CrosshairLayer).found() is None


def test_a_point_in_a_picture_without_a_place_is_refused_in_words(
    qtbot: QtBot, look: Look, stack: StackOf
) -> None:
    viewer, (one, _) = side_by_side(
        qtbot, look, stack("A", position=None), stack("B", position=None)
    )
    viewer.together.toggle_crosshair()
    click_pixel(qtbot, one, (30.0, 25.0))
    assert viewer.together.crosshair.point_mm is None
