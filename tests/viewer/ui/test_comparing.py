"""Then and now side by side: what is picked, whose it must be, and what stands above it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from viewer.dicom.pixels import Pixels
from viewer.dicom.source import SeriesView
from viewer.errors import ReaderFailed
from viewer.priors import Opened, OtherStudy
from viewer.ui import Viewer
from viewer.ui.comparing import MOST_OPENED

from .conftest import InMemory, numbered

Stack = Callable[..., SeriesView]
Look = Callable[..., Viewer]


class Offered:
    """Studies that the caller knows."""

    def __init__(self, *studies: OtherStudy) -> None:
        self._studies = studies

    def offered(self) -> Sequence[OtherStudy]:
        return self._studies


def study(*series: SeriesView, date: str, opened: list[str] | None = None) -> OtherStudy:
    def open_it() -> Opened:
        if opened is not None:
            opened.append(date)
        assert threading.current_thread() is not threading.main_thread()
        return Opened(InMemory(*series), numbered)

    return OtherStudy("From then", date, open_it)


def earlier(
    stack: Stack, title: str = "Axial", date: str = "20240612", **more: object
) -> SeriesView:
    said = {"study_uid": f"1.{date}", "study_date": date, "frame_of_reference": f"2.{date}"}
    return stack(title, **{**said, **more})


def compared(qtbot: QtBot, viewer: Viewer) -> None:
    qtbot.waitUntil(lambda: bool(viewer.beside.comparing and viewer.beside.comparing.studies))
    with qtbot.waitSignal(viewer.beside.comparing.found):
        qtbot.keyClick(viewer.image, "Y")
    qtbot.waitUntil(lambda: all(each.is_settled for each in viewer.grid.in_sight))


def refused(qtbot: QtBot, viewer: Viewer) -> str:
    qtbot.waitUntil(lambda: bool(viewer.beside.comparing and viewer.beside.comparing.studies))
    with qtbot.waitSignal(viewer.beside.comparing.failed) as told:
        viewer.beside.compare()
    return str(told.args[0])


def test_the_picture_from_before_is_picked_by_itself_and_laid_beside(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    chest = earlier(stack, "Chest", "20250101", body_part="CHEST")
    given = Offered(
        study(earlier(stack, date="20200101"), date="2020-01-01"),
        study(earlier(stack, "Scout"), earlier(stack), date="2024-06-12"),
        study(chest, date="2025-01-01"),
    )
    viewer = look(stack(body_part="HEAD"), stack("Other", count=7), priors=given)
    viewer.show_place(3)
    compared(qtbot, viewer)
    then, now = viewer.grid.in_sight
    assert then.series is not None
    assert then.series.title == "Axial"
    assert then.header is not None
    assert then.header.study_date == "20240612"
    assert now.study is viewer.study
    assert now.place == 3
    assert viewer.cell is now
    for cell, role, year in ((then, "Before", "2024"), (now, "Now", "2025")):
        assert cell.title.isVisibleTo(cell)
        assert cell.title.role.text() == role
        assert year in cell.title.date.text()
        assert cell.title.name.text() == "Linh Nguyen"
        assert cell.title.date.font().pixelSize() >= 20
    viewer.together.linking.link_here()
    qtbot.waitUntil(lambda: abs(then.width() - now.width()) <= 1)
    said = [viewer.strip.item(n).text() for n in range(viewer.strip.count())]
    assert len(said) == 4
    assert all("2024" in each for each in said[2:])


def test_the_banner_at_the_top_tells_of_the_cell_with_the_focus(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(stack(), priors=Offered(study(earlier(stack), date="20240612")))
    compared(qtbot, viewer)
    assert "2025" in viewer.banner.about.text()
    viewer.grid.choose(viewer.grid.cells[0])
    assert "2024" in viewer.banner.about.text()
    assert "From then" in viewer.banner.about.text()


@pytest.mark.parametrize(
    "more", [{"patient_name": "Nguyen^Lan"}, {"patient_id": "18"}, {"patient_id": ""}], ids=str
)
def test_a_study_of_somebody_else_is_refused_whatever_the_caller_says(
    qtbot: QtBot, look: Look, stack: Stack, more: dict[str, object]
) -> None:
    given = Offered(study(earlier(stack, **more), date="20240612"))
    viewer = look(stack(), priors=given)
    assert "not known to be of the same person" in refused(qtbot, viewer)
    assert len(viewer.grid.in_sight) == 1
    assert len(viewer.shelf.studies) == 1


def test_one_instance_of_somebody_else_is_enough_to_refuse_a_study(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    good, bad = earlier(stack), earlier(stack, patient_name="Nguyen^Lan")
    mixed = SeriesView("9", "Mixed", "CT", (*good.headers, bad.headers[0]))
    viewer = look(stack(), priors=Offered(study(good, mixed, date="20240612")))
    assert "same person" in refused(qtbot, viewer)


def test_the_study_that_is_looked_at_and_later_ones_are_not_from_before(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    opened: list[str] = []
    given = Offered(
        study(stack(), date="20251103", opened=opened),
        study(earlier(stack, date="20260101"), date="20260101", opened=opened),
        study(stack(), date="20200101", opened=opened),  # the same study under another date
    )
    viewer = look(stack(), priors=given)
    assert "no earlier study" in refused(qtbot, viewer)
    assert opened == ["20200101"]


def test_a_study_that_cannot_be_opened_is_passed_over(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    def away() -> tuple[InMemory, Callable[[SeriesView, int, int], Pixels]]:
        raise ReaderFailed("it is away")

    broken = OtherStudy("Away", "20250101", away)
    viewer = look(stack(), priors=Offered(broken, study(earlier(stack), date="20240612")))
    compared(qtbot, viewer)
    viewer = look(stack(), priors=Offered(broken))
    assert "it is away" in refused(qtbot, viewer)


def test_no_more_than_a_few_are_opened(qtbot: QtBot, look: Look, stack: Stack) -> None:
    opened: list[str] = []
    dates = [f"2023{month:02}01" for month in range(1, 13)]
    chest = [earlier(stack, date=date, body_part="CHEST") for date in dates]
    given = [study(s, date=d, opened=opened) for s, d in zip(chest, dates, strict=True)]
    viewer = look(stack(body_part="HEAD"), priors=Offered(*given))
    assert "no earlier study" in refused(qtbot, viewer)
    assert opened == dates[::-1][:MOST_OPENED]


def test_without_older_studies_it_says_so(qtbot: QtBot, look: Look, stack: Stack) -> None:
    viewer = look(stack())
    viewer.beside.compare()
    assert viewer.beside.comparing is None
    assert len(viewer.grid.in_sight) == 1


def test_a_study_from_the_list_is_laid_beside_too(qtbot: QtBot, look: Look, stack: Stack) -> None:
    given = Offered(
        study(earlier(stack, date="20200101"), date="20200101"),
        study(earlier(stack), date="20240612"),
    )
    viewer = look(stack(), priors=given)
    qtbot.waitUntil(lambda: bool(viewer.beside.comparing and viewer.beside.comparing.studies))
    menu = viewer.tools.menu_of("compare")
    menu.aboutToShow.emit()
    entries = [each for each in menu.actions() if each.text()]
    assert [("2024" in e.text(), "2020" in e.text()) for e in entries] == [
        (False, False), (True, False), (False, True)
    ]  # fmt: skip
    with qtbot.waitSignal(viewer.beside.comparing.found):
        entries[2].trigger()
    assert viewer.grid.in_sight[0].header is not None
    assert viewer.grid.in_sight[0].header.study_date == "20200101"


# -- never the words of one with the pixels of the other ---------------------------------------


def test_at_no_painted_frame_does_a_cell_show_pixels_of_one_study_and_words_of_another(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    """Switch fast with slow decoders; look at every painted frame."""
    release = threading.Semaphore(0)

    def year_of(series: SeriesView) -> int:
        return int(series.headers[0].study_date[:4])

    def slow(series: SeriesView, instance: int, frame: int) -> Pixels:
        release.acquire(timeout=0.02)
        array = np.full((64, 64), year_of(series), np.int16)
        return Pixels(array, "MONOCHROME2", 16, True)

    def slow_study(*series: SeriesView, date: str) -> OtherStudy:
        return OtherStudy("Then", date, lambda: Opened(InMemory(*series), slow))

    years = ("20211010", "20221010", "20231010")
    others = [earlier(stack, date=date) for date in years]
    given = Offered(*(slow_study(s, date=d) for s, d in zip(others, years, strict=True)))
    now = [stack(), stack("Second", count=21)]
    viewer = look(*now, decode=slow, priors=given)
    qtbot.waitUntil(lambda: viewer.is_settled)
    for each in list(viewer.beside.comparing.studies):
        with qtbot.waitSignal(viewer.beside.comparing.found):
            viewer.grid.choose(viewer.grid.cells[-1])
            viewer.beside.compare(each)
    seen: list[tuple[int, str, str]] = []

    def note(cell: object) -> None:
        drawable = cell.image.drawable
        if drawable is not None:
            seen.append(
                (
                    int(drawable.pixels.array[0, 0]),
                    cell.title.date.text(),
                    viewer.banner.about.text() if cell is viewer.cell else cell.title.date.text(),
                )
            )

    for cell in viewer.grid.in_sight:
        paint = cell.image.paintEvent
        cell.image.paintEvent = lambda event, cell=cell, paint=paint: (note(cell), paint(event))[1]
    places = len(viewer.shelf)
    assert places == 5
    for turn in range(60):
        cell = viewer.grid.in_sight[turn % 2]
        viewer.grid.choose(cell)
        viewer.show_series((turn * 7) % places)
        viewer.step(turn % 5 - 2)
        release.release()
        qtbot.wait(5)
        for each in viewer.grid.in_sight:
            each.image.repaint()
    assert len(seen) > 50
    assert len({year for year, _, _ in seen}) == 4
    for year, title, banner in seen:
        assert str(year) in title
        assert str(year) in banner


def test_the_same_study_is_laid_beside_again_and_listed_once(
    qtbot: QtBot, look: Look, stack: Stack
) -> None:
    viewer = look(stack(), priors=Offered(study(earlier(stack), date="20240612")))
    for _ in range(2):
        compared(qtbot, viewer)
    assert viewer.strip.count() == 2
    assert [each.title.role.text() for each in viewer.grid.in_sight] == ["Before", "Now"]
