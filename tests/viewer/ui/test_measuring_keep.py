"""From the window into files and back, through the sandbox, as a person does it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QMessageBox
from pytestqt.qtbot import QtBot

from viewer.dicom.annotations import Annotations
from viewer.dicom.header import Header
from viewer.dicom.made import read_back
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.source import SeriesView
from viewer.dicom.writing.uids import series_uid
from viewer.measure import keeping
from viewer.priors import Opened, OtherStudy
from viewer.ui import Viewer
from viewer.ui.image_view import Hand
from viewer.ui.keeper import Made, Told

from .conftest import InMemory, numbered

LEFT = Qt.MouseButton.LeftButton
STUDY = "1.2.826.0.1.3680043.9.7"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


class Known:
    """Studies from before."""

    def __init__(self, *studies: OtherStudy) -> None:
        self._studies = studies

    def offered(self) -> Sequence[OtherStudy]:
        return self._studies


class Box:
    """Keeps files in a list."""

    note = "Keep puts them into a box."

    def __init__(self) -> None:
        self.kept: list[Made] = []

    def keep(self, files: Sequence[Made], told: Told) -> None:
        self.kept += files
        told(True, "Kept in the box.")


def series(stack: Callable[..., SeriesView]) -> SeriesView:
    found = stack(count=3, study_uid=STUDY, sop_class="1.2.840.10008.5.1.4.1.1.2", samples=1)
    headers = tuple(
        dataclasses.replace(
            each, series_uid=f"{STUDY}.1", sop_uid=f"{STUDY}.1.{n + 1}", photometric="MONOCHROME2"
        )
        for n, each in enumerate(found.headers)
    )
    return dataclasses.replace(found, headers=headers)


def measure(qtbot: QtBot, viewer: Viewer) -> None:
    viewer.take_hand(Hand.LENGTH)
    middle = viewer.image.rect().center()
    qtbot.mousePress(viewer.image, LEFT, pos=middle)
    qtbot.mouseMove(viewer.image, middle + middle / 4)
    qtbot.mouseRelease(viewer.image, LEFT, pos=middle + middle / 4)
    qtbot.keyClick(viewer.image, Qt.Key.Key_K)


def test_what_was_kept_is_there_when_the_study_is_opened_again(
    qtbot: QtBot,
    look: Callable[..., Viewer],
    stack: Callable[..., SeriesView],
    sandbox: Sandbox,
) -> None:
    box = Box()
    viewer = look(series(stack), keeper=box)
    measure(qtbot, viewer)
    state = viewer.desk.measuring.sheet.state
    assert len(state.measurements) == len(state.marked) == 1
    panel = viewer.desk.panel
    assert (panel.note.text(), panel.button.isEnabled()) == (box.note, True)
    qtbot.mouseClick(panel.button, LEFT)
    qtbot.waitUntil(lambda: bool(box.kept))
    assert viewer.desk.measuring.sheet.is_kept
    assert (panel.note.text(), panel.button.isEnabled()) == ("", False)

    made = read_back([(each.name, each.data) for each in box.kept], sandbox)
    documents = tuple(
        SeriesView(each.header.series_uid, "Kept", each.header.modality, (each.header,))
        for each in made
    )
    data = {each.header.sop_uid: each.data for each in made}

    def read(view: SeriesView, instance: int) -> Annotations:
        fd = os.memfd_create("kept")
        os.write(fd, data[view.headers[instance].sop_uid])
        try:
            return sandbox.annotations(fd)
        finally:
            os.close(fd)

    again = look(series(stack), *documents, annotations=read, keeper=Box())
    qtbot.waitUntil(lambda: bool(again.desk.measuring.sheet.state.marked))
    assert again.desk.measuring.sheet.state == state
    assert again.desk.measuring.sheet.is_kept
    assert not again.desk.panel.button.isEnabled()


def test_without_a_keeper_nothing_is_offered(
    qtbot: QtBot, look: Callable[..., Viewer], stack: Callable[..., SeriesView]
) -> None:
    viewer = look(series(stack))
    measure(qtbot, viewer)
    assert viewer.desk.panel.isVisible()
    assert not viewer.desk.panel.button.isVisible()


def test_taking_the_last_one_away_can_be_kept_too(
    qtbot: QtBot, look: Callable[..., Viewer], stack: Callable[..., SeriesView]
) -> None:
    box = Box()
    viewer = look(series(stack), keeper=box)
    measure(qtbot, viewer)
    qtbot.mouseClick(viewer.desk.panel.button, LEFT)
    qtbot.waitUntil(lambda: viewer.desk.measuring.sheet.is_kept)
    for row in viewer.desk.panel.rows:
        viewer.desk.panel.removed.emit(row)
    assert viewer.desk.panel.isVisible()
    count = len(box.kept)
    qtbot.mouseClick(viewer.desk.panel.button, LEFT)
    qtbot.waitUntil(lambda: len(box.kept) > count)
    assert [each.name.split("-")[0] for each in box.kept[count:]] == ["measurements"]
    assert not viewer.desk.panel.isVisible()


def test_a_study_whose_numbers_are_not_valid_says_that_nothing_can_be_kept(
    qtbot: QtBot, look: Callable[..., Viewer], stack: Callable[..., SeriesView]
) -> None:
    box, found = Box(), series(stack)
    headers = tuple(dataclasses.replace(each, study_uid="../..") for each in found.headers)
    viewer = look(dataclasses.replace(found, headers=headers), keeper=box)
    measure(qtbot, viewer)
    with qtbot.waitSignal(viewer.desk.keeping.told) as told:
        qtbot.mouseClick(viewer.desk.panel.button, LEFT)
    assert told.args == [
        "This cannot be kept with the study: the picture's own numbers are not valid."
    ]
    assert box.kept == []
    assert not viewer.desk.measuring.sheet.is_kept


def test_a_person_says_what_it_is_and_it_stands_everywhere(
    qtbot: QtBot, look: Callable[..., Viewer], stack: Callable[..., SeriesView]
) -> None:
    viewer = look(series(stack))
    measure(qtbot, viewer)
    viewer.desk.panel.named.emit(viewer.desk.panel.rows[0])
    box = viewer.findChild(QInputDialog, "name")
    assert box is not None
    box.setTextValue("Node \x1b[31m at the left\n" + "x" * 90)
    box.accept()
    (found,) = viewer.desk.measuring.sheet.state.measurements
    assert found.label.startswith("Node [31m at the left xxx")
    assert len(found.label) <= 64
    assert viewer.desk.panel.rows[0].words.startswith("Node [31m at the left")
    assert viewer.desk.measuring.sheet.undo()
    assert viewer.desk.measuring.sheet.state.measurements[0].label == ""


# -- before the pictures are closed -----------------------------------------------------------


def asked(viewer: Viewer) -> QMessageBox:
    box = viewer.findChild(QMessageBox, "unkept")
    assert box is not None
    return box


def click(qtbot: QtBot, box: QMessageBox, word: str) -> None:
    button = next(each for each in box.buttons() if each.text() == word)
    qtbot.mouseClick(button, LEFT)


def test_closing_asks_about_what_is_not_kept_and_keeps_it(
    qtbot: QtBot, look: Callable[..., Viewer], stack: Callable[..., SeriesView]
) -> None:
    box = Box()
    viewer = look(series(stack), keeper=box)
    measure(qtbot, viewer)
    viewer.close()
    assert viewer.isVisible()
    click(qtbot, asked(viewer), "Keep")
    qtbot.waitUntil(lambda: not viewer.isVisible())
    assert box.kept


@pytest.mark.parametrize(("word", "stays"), (("Let it go", False), ("Stay here", True)))
def test_who_lets_it_go_loses_it_and_who_stays_does_not(
    qtbot: QtBot,
    look: Callable[..., Viewer],
    stack: Callable[..., SeriesView],
    word: str,
    stays: bool,
) -> None:
    box = Box()
    viewer = look(series(stack), keeper=box)
    measure(qtbot, viewer)
    viewer.close()
    click(qtbot, asked(viewer), word)
    assert viewer.isVisible() == stays
    assert box.kept == []
    if stays:  # and is asked again
        qtbot.mouseClick(viewer.desk.panel.button, LEFT)
        qtbot.waitUntil(lambda: viewer.desk.measuring.sheet.is_kept)
        viewer.close()
        assert not viewer.isVisible()


def test_closing_asks_nothing_where_nothing_would_be_lost(
    qtbot: QtBot, look: Callable[..., Viewer], stack: Callable[..., SeriesView]
) -> None:
    viewer = look(series(stack), keeper=Box())
    viewer.close()
    assert not viewer.isVisible()


# -- which documents count --------------------------------------------------------------------


def report(uid: str, kind: str, number: int) -> Header:
    sop = "59" if kind == "marks" else "33"
    own = series_uid(STUDY, kind)
    return Header(
        study_uid=STUDY,
        series_uid=own,
        sop_uid=uid,
        sop_class=f"1.2.840.10008.5.1.4.1.1.88.{sop}",
        instance_number=number,
    )


FOREIGN = Header(
    study_uid=STUDY, series_uid="1.9", sop_uid="1.9.1", sop_class="1.2.840.10008.5.1.4.1.1.88.34"
)
PICTURE = Header(study_uid=STUDY, series_uid="1.8", sop_class="1.2.840.10008.5.1.4.1.1.2")


def test_of_our_own_reports_the_newest_counts_with_its_marks_and_of_others_all() -> None:
    headers = [
        PICTURE,
        report("1", "measurements", 100),
        report("2", "marks", 100),
        report("3", "measurements", 300),
        report("4", "measurements", 200),
        report("5", "marks", 300),
        FOREIGN,
    ]
    assert keeping.to_read(headers) == [3, 5, 6]
    assert keeping.to_read([PICTURE, FOREIGN]) == [1]
    assert keeping.to_read([PICTURE]) == []


def test_marks_of_an_older_keeping_do_not_come_back() -> None:
    headers = [report("1", "marks", 100), report("2", "measurements", 200)]
    assert keeping.to_read(headers) == [1]


def test_only_so_many_documents_of_others_are_read() -> None:
    assert len(keeping.to_read([FOREIGN] * 500)) == keeping.READ_MOST


def test_a_file_that_cannot_be_read_back_is_not_taken(sandbox: Sandbox, tmp_path: Path) -> None:
    from viewer.errors import ViewerError

    with pytest.raises(ViewerError):
        read_back([("x.dcm", np.random.default_rng(0).bytes(999))], sandbox)


def test_what_is_measured_on_a_study_beside_is_said_not_to_be_kept(
    qtbot: QtBot, look: Callable[..., Viewer], stack: Callable[..., SeriesView]
) -> None:
    box, ours = Box(), series(stack)
    headers = tuple(
        dataclasses.replace(
            each, study_uid=f"{STUDY}.8", study_date="20200101", sop_uid=f"{STUDY}.8.{n}"
        )
        for n, each in enumerate(ours.headers)
    )
    earlier = dataclasses.replace(ours, headers=headers)
    before = OtherStudy("Then", "20200101", lambda: Opened(InMemory(earlier), numbered))
    viewer = look(ours, keeper=box, priors=Known(before))
    measure(qtbot, viewer)
    panel = viewer.desk.panel
    assert panel.note.text() == box.note
    comparing = viewer.beside.comparing
    assert comparing is not None
    qtbot.waitUntil(lambda: bool(comparing.studies))
    viewer.beside.compare()
    qtbot.waitUntil(lambda: len(viewer.grid.in_sight) == 2)
    then = viewer.grid.in_sight[0]
    qtbot.waitUntil(lambda: then.is_settled)
    viewer.grid.choose(then)
    viewer.desk.toggle_mark()
    words = "One is on a picture of another study, and not kept with this one."
    assert panel.note.text() == f"{box.note} {words}"
    with qtbot.waitSignal(viewer.desk.keeping.told) as told:
        qtbot.mouseClick(panel.button, LEFT)
    assert told.args == [f"Kept in the box. {words}"]
    assert panel.note.text() == words
