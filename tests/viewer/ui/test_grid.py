"""Several cells side by side: which there are, what comes into them, which one is acted on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from viewer.dicom.source import SeriesView
from viewer.ui import Viewer, theme
from viewer.ui.cell import Cell
from viewer.ui.grid import LAYOUTS, Layout
from viewer.ui.series_strip import DRAGGED, dragged_place

Stack = Callable[..., SeriesView]
Look = Callable[..., Viewer]

TWO_BY_TWO = Layout(2, 2)


def settle(qtbot: QtBot, viewer: Viewer) -> None:
    qtbot.waitUntil(lambda: all(each.is_settled for each in viewer.grid.in_sight if each.study))


def four(stack: Stack) -> list[SeriesView]:
    titles = ("One", "Two", "Three", "Four")
    return [stack(title, count=20 + n) for n, title in enumerate(titles)]  # not of one scan


def titles(viewer: Viewer) -> list[str]:
    return [each.series.title if each.series else "" for each in viewer.grid.cells]


def drop(cell: Cell, place: str, kind: str = DRAGGED) -> bool:
    """Drag over a cell and let go there, as Qt says it."""
    data = QMimeData()
    data.setData(kind, place.encode())
    copy, left, none = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter = QDragEnterEvent(QPoint(5, 5), copy, data, left, none)
    QApplication.sendEvent(cell, enter)
    if enter.isAccepted():
        QApplication.sendEvent(cell, QDropEvent(QPointF(5, 5), copy, data, left, none))
    return enter.isAccepted()


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_every_layout_has_its_cells_of_one_size_and_none_is_empty(
    qtbot: QtBot, look: Look, stack: Stack, layout: Layout
) -> None:
    viewer = look(*(stack(str(n), count=20 + n) for n in range(9)))
    viewer.show_layout(layout)
    settle(qtbot, viewer)
    cells = viewer.grid.in_sight
    assert titles(viewer) == [str(n) for n in range(len(layout))]
    for cell in cells:
        assert cell.image.corners.notice == "Not for diagnosis"
        is_named = cell.title.isVisible() and cell.title.name.text() == "Linh Nguyen"
        assert is_named == (len(cells) > 1)  # alone, the banner at the top says it
    assert viewer.banner.isVisible()
    qtbot.waitUntil(lambda: all(each.width() > 100 for each in cells))
    qtbot.waitUntil(lambda: max(e.width() for e in cells) - min(e.width() for e in cells) <= 1)
    assert max(e.height() for e in cells) - min(e.height() for e in cells) <= 1
    assert len({each.pos().toTuple() for each in cells}) == len(layout)


def test_the_menu_offers_every_layout(qtbot: QtBot, look: Look, stack: Stack) -> None:
    viewer = look(*four(stack))
    viewer.tools.menu_of("layout").aboutToShow.emit()
    offered = viewer.tools.menu_of("layout").actions()[: len(LAYOUTS)]
    assert [each.text() for each in offered] == [str(each) for each in LAYOUTS]
    offered[3].trigger()
    settle(qtbot, viewer)
    assert titles(viewer) == ["One", "Two", "Three", "Four"]


def test_a_series_is_dropped_on_a_cell_which_then_has_the_focus(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(*four(stack))
    viewer.show_layout(Layout(1, 2))
    settle(qtbot, viewer)
    assert drop(viewer.grid.cells[1], "3")
    settle(qtbot, viewer)
    assert titles(viewer) == ["One", "Four"]
    assert viewer.cell is viewer.grid.cells[1]


def test_what_is_not_a_series_of_the_strip_cannot_be_dropped(look: Look, stack: Stack) -> None:
    viewer = look(*four(stack))
    for place in ("", "-1", "x", "9999999", "٣"):
        assert not drop(viewer.cell, place)
    assert not drop(viewer.cell, "1", "text/plain")
    assert drop(viewer.cell, "4")  # no such place: nothing happens
    assert titles(viewer) == ["One"]


def test_what_the_strip_hands_over_is_the_place_of_the_series(look: Look, stack: Stack) -> None:
    viewer = look(*four(stack))
    assert dragged_place(viewer.strip.mimeData([viewer.strip.item(2)])) == 2


def test_a_press_in_the_strip_may_begin_a_drag_and_shows_nothing_yet(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(*four(stack))
    at = viewer.strip.visualItemRect(viewer.strip.item(2)).center()
    qtbot.mousePress(viewer.strip.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert titles(viewer) == ["One"]
    qtbot.mouseRelease(viewer.strip.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert titles(viewer) == ["Three"]


def test_keys_in_the_strip_fill_the_cell_that_has_the_focus(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(*four(stack))
    viewer.show_layout(Layout(1, 2))
    settle(qtbot, viewer)
    qtbot.mouseClick(viewer.grid.cells[1].image, Qt.MouseButton.LeftButton)
    qtbot.keyClick(viewer.strip, Qt.Key.Key_Right)
    settle(qtbot, viewer)
    assert titles(viewer) == ["One", "Three"]


def test_tools_and_keys_act_on_the_cell_that_was_turned_to(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(*four(stack))
    viewer.show_layout(TWO_BY_TWO)
    settle(qtbot, viewer)
    first, second, third, _ = viewer.grid.cells
    qtbot.mouseClick(second.image, Qt.MouseButton.LeftButton)
    qtbot.keyClick(second.image, "I")
    assert [each.image.view.inverted for each in viewer.grid.cells] == [False, True, False, False]
    qtbot.keyClick(second.image, "]")
    assert viewer.cell is third
    assert viewer.focusWidget() is third.image
    qtbot.mouseClick(viewer.tools.button("invert"), Qt.MouseButton.LeftButton)
    assert third.image.view.inverted
    qtbot.keyClick(third.image, "[")
    qtbot.keyClick(second.image, "[")
    assert viewer.cell is first


def luminance(colour: QColor) -> float:
    """Source: WCAG 2.2, relative luminance."""
    parts = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
        for each in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a: QColor, b: QColor) -> float:
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def edge_of(cell: QWidget) -> QColor:
    return cell.grab().toImage().pixelColor(0, cell.height() // 2)


def test_the_cell_with_the_focus_is_marked_at_three_to_one(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(*four(stack))
    viewer.show_layout(Layout(1, 2))
    settle(qtbot, viewer)
    chosen, other = viewer.grid.cells
    qtbot.waitUntil(lambda: chosen.isVisible() and other.isVisible())
    assert contrast(edge_of(chosen), edge_of(other)) >= 3
    assert contrast(edge_of(chosen), QColor(theme.AROUND_PICTURES)) >= 3
    viewer.grid.choose(other)
    assert contrast(edge_of(chosen), edge_of(other)) >= 3
    assert edge_of(other) == theme.CHOSEN_EDGE


def test_a_double_click_on_a_title_makes_a_cell_large_and_small_again(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(*four(stack))
    viewer.show_layout(TWO_BY_TWO)
    settle(qtbot, viewer)
    third = viewer.grid.cells[2]
    qtbot.mouseDClick(third.title, Qt.MouseButton.LeftButton)
    assert viewer.grid.in_sight == (third,)
    assert viewer.cell is third
    qtbot.waitUntil(lambda: third.size() == viewer.grid.size())
    qtbot.mouseDClick(third.title, Qt.MouseButton.LeftButton)
    assert len(viewer.grid.in_sight) == 4
    qtbot.keyClick(third.image, "E")
    assert viewer.grid.in_sight == (third,)
    qtbot.keyClick(third.image, "E")
    assert len(viewer.grid.in_sight) == 4
    qtbot.waitUntil(lambda: third.width() < viewer.grid.width())


def test_fewer_cells_keep_the_one_with_the_focus_and_more_bring_back_what_was_there(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(*four(stack))
    viewer.show_layout(TWO_BY_TWO)
    viewer.grid.choose(viewer.grid.cells[3])
    viewer.show_layout(Layout(1, 1))
    settle(qtbot, viewer)
    assert titles(viewer) == ["Four"]
    viewer.show_layout(TWO_BY_TWO)
    assert sorted(titles(viewer)) == ["Four", "One", "Three", "Two"]


def test_cells_share_one_loader_and_what_has_the_focus_comes_first(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(*four(stack))
    viewer.show_layout(TWO_BY_TWO)
    settle(qtbot, viewer)
    viewer.grid.choose(viewer.grid.cells[2])
    wanted: list[object] = []
    want = viewer.loader.want
    viewer.loader.want = lambda frames, later=(): (wanted.extend(frames), want(frames, later))[1]
    viewer.step(1)
    first = [frame.series for frame in wanted[:4]]
    assert first[0] == 2
    assert sorted(first) == [0, 1, 2, 3]


def test_all_of_the_series_with_the_focus_is_fetched_when_there_is_room(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(stack(count=60))
    qtbot.waitUntil(lambda: len(viewer.loader.cache) == 60)


def test_a_series_beyond_the_budget_fills_the_cache_and_no_more(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(stack(count=200))
    cache = viewer.loader.cache
    frame_bytes = 64 * 64 * 2
    cache.clear()
    cache.limit_bytes = 40 * frame_bytes
    most = 0
    for place in (50, 0, 199, 120):  # in the middle first: at an end there is one side only
        viewer.show_place(place)
        settle(qtbot, viewer)
        qtbot.waitUntil(lambda: len(cache) >= 20)
        most = max(most, cache.size_bytes)
    assert most <= cache.limit_bytes


def test_a_cell_that_fails_says_so_and_the_others_go_on(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    from viewer.dicom.pixels import Pixels
    from viewer.errors import ReaderFailed

    from .conftest import numbered

    def broken(series: SeriesView, instance: int, frame: int) -> Pixels:
        if series.title == "Two":
            raise ReaderFailed("it took too much memory")
        return numbered(series, instance, frame)

    viewer = look(*four(stack), decode=broken)
    viewer.show_layout(TWO_BY_TWO)
    settle(qtbot, viewer)
    one, two, three, _ = viewer.grid.cells
    assert "too much memory" in two.image.message
    assert one.image.drawable is not None
    three.step(1)
    settle(qtbot, viewer)
    assert three.image.drawable is not None
