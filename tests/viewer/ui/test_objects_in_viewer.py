"""A study of pictures, a report, marks, a PDF and a way of showing, on the screen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from viewer.dicom.annotations import Annotations
from viewer.dicom.documents import Pdf, Reference, Report
from viewer.dicom.pixels import Pixels
from viewer.dicom.reader import Reader
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.source import FolderSource, SeriesView
from viewer.priors import Opened, OtherStudy
from viewer.render.pipeline import Window
from viewer.ui import Viewer, menus
from viewer.ui.face import Face
from viewer.ui.presentation_layer import PresentationLayer
from viewer.ui.showing import OWN

from ..dicom import papers

Open = Callable[..., Viewer]


def _write(folder: Path, like: Dataset, sop_class: str, title: str, **more: object) -> None:
    found = Dataset()
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found.file_meta.MediaStorageSOPClassUID = found.SOPClassUID = sop_class
    found.file_meta.MediaStorageSOPInstanceUID = found.SOPInstanceUID = generate_uid()
    found.StudyInstanceUID, found.SeriesInstanceUID = like.StudyInstanceUID, generate_uid()
    found.Modality, found.SeriesDescription = "OT", title
    for name, value in more.items():
        setattr(found, name, value)
    found.save_as(folder / title, enforce_file_format=True)


def _pointed(like: Dataset, uid: str = "") -> Items:
    found = Dataset()
    found.ReferencedSOPClassUID = like.SOPClassUID
    found.ReferencedSOPInstanceUID = uid or like.SOPInstanceUID
    return Items([found])


def _study(folder: Path) -> None:
    image = get_testdata_file("CT_small.dcm", download=False)
    shutil.copy(image, folder / "image")
    like = dcmread(image, stop_before_pixels=True)
    seen = papers.content("IMAGE", "Seen on", ReferencedSOPSequence=_pointed(like))
    gone = papers.content("IMAGE", "Gone", ReferencedSOPSequence=_pointed(like, "1.2.9"))
    note = papers.content("TEXT", "Finding", TextValue="Nothing new")
    who = papers.content("PNAME", "Person Observer Name", PersonName="Lee^Ada^^Dr")
    why = papers.content("TEXT", "Key Object Description", TextValue="Look at the edge")
    root = {"ValueType": "CONTAINER", "ConceptNameCodeSequence": papers.coded("1", "DCM", "Root")}
    items = Items([note, seen, gone])
    _write(folder, like, papers.TEXT_SR, "report", **root, ContentSequence=items)
    _write(folder, like, papers.KEYS, "marks", **root, ContentSequence=Items([who, why, seen]))
    page = papers.one_page(b"BT /F 20 Tf 10 50 Td (Letter) Tj ET")
    page += b"\0" * (len(page) % 2)
    _write(folder, like, papers.PDF, "pdf", EncapsulatedDocument=page)
    voi, series = Dataset(), Dataset()
    voi.WindowCenter, voi.WindowWidth = 30, 90
    series.SeriesInstanceUID = like.SeriesInstanceUID
    series.ReferencedImageSequence = _pointed(like)
    _write(
        folder,
        like,
        papers.STORAGE + "11.1",
        "state",
        ContentDescription="For the lungs",
        ReferencedSeriesSequence=Items([series]),
        SoftcopyVOILUTSequence=Items([voi]),
        RescaleSlope="1",
        RescaleIntercept="-1024",
        RescaleType="HU",
        ImageRotation=90,
        ImageHorizontalFlip="Y",
        PresentationCreationDate="20240301",
    )


def _decode(
    sandbox: Sandbox, source: FolderSource, series: SeriesView, instance: int, frame: int
) -> Pixels:
    number = next(n for n, each in enumerate(source.series()) if each is series)
    fd = source.open(number, instance, frame)
    try:
        return sandbox.decode(fd, frame)
    finally:
        os.close(fd)


def _annotations(
    sandbox: Sandbox, source: FolderSource, series: SeriesView, instance: int
) -> Annotations:
    number = next(n for n, each in enumerate(source.series()) if each is series)
    fd = source.open(number, instance, 0)
    try:
        return sandbox.annotations(fd)
    finally:
        os.close(fd)


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    _study(tmp_path)
    with Sandbox() as sandbox:
        source = FolderSource([tmp_path], sandbox)

        def open_it(**more: object) -> Viewer:
            viewer = Viewer(
                source,
                partial(_decode, sandbox, source),
                reader=Reader(sandbox, source),
                annotations=partial(_annotations, sandbox, source),
                **more,
            )  # type: ignore[arg-type]
            qtbot.addWidget(viewer)
            viewer.resize(900, 700)
            viewer.show()
            qtbot.waitUntil(lambda: viewer.is_settled and viewer.image.drawable is not None)
            return viewer

        yield open_it


def _show(viewer: Viewer, title: str) -> None:
    titles = [each.title for each in viewer.study.series]
    viewer.show_series(titles.index(title))


def _document(viewer: Viewer) -> object:
    view = viewer.cell.paper.view
    return view.document if view else None


def test_a_report_is_shown_in_place_of_a_picture_and_put_away(opened: Open, qtbot: QtBot) -> None:
    viewer = opened()
    _show(viewer, "report")
    qtbot.waitUntil(lambda: isinstance(_document(viewer), Report))
    view = viewer.cell.paper.view
    assert view is not None and view.isVisible() and not viewer.image.isVisible()
    assert "Nothing new" in view.text.toPlainText()
    _show(viewer, "pdf")
    qtbot.waitUntil(lambda: isinstance(_document(viewer), Pdf))
    qtbot.waitUntil(lambda: view.paper.said == "Letter")
    viewer.show_series(viewer.study.first_look)
    assert viewer.image.isVisible() and not view.isVisible()


def test_a_picture_that_a_report_points_at_is_laid_beside_it(opened: Open, qtbot: QtBot) -> None:
    viewer = opened()
    _show(viewer, "report")
    qtbot.waitUntil(lambda: isinstance(_document(viewer), Report))
    reading, view = viewer.cell, viewer.cell.paper.view
    assert view is not None
    view.text.anchorClicked.emit(QUrl("picture:0"))
    (beside,) = [each for each in viewer.grid.in_sight if each is not reading]
    qtbot.waitUntil(lambda: beside.is_settled and beside.image.drawable is not None)
    assert view.isVisible()
    view.text.anchorClicked.emit(QUrl("picture:1"))  # leads nowhere
    assert view.notice.text() == "That picture is not among those of this study."
    assert len(viewer.grid.in_sight) == 2


def test_marked_pictures_are_listed_by_who_marked_them(opened: Open, qtbot: QtBot) -> None:
    viewer = opened()
    _show(viewer, "marks")
    qtbot.waitUntil(lambda: isinstance(_document(viewer), Report))
    view = viewer.cell.paper.view
    assert view is not None and "Show picture" in view.text.toPlainText()
    reader = viewer.study.reader
    assert reader is not None
    titles = [each.title for each in viewer.study.series]
    marks = reader.marked(viewer.study.series[titles.index("marks")], 0)
    assert [viewer.study.find(each) for each in marks.references] == [(viewer.study.first_look, 0)]
    assert viewer.study.find(Reference("", "1.2.9")) is None


@pytest.mark.parametrize("face", list(Face))
def test_marked_pictures_are_chosen_from_a_list_with_who_marked_them_and_why(
    opened: Open, qtbot: QtBot, face: Face
) -> None:
    viewer = opened(face=face)
    button, menu = viewer.tools.button("marked"), QMenu()
    assert button.isVisible()
    qtbot.waitUntil(button.isEnabled)
    qtbot.waitUntil(lambda: bool(viewer.marks.here and viewer.marks.here[0].why))
    menus.FILLS["marked"](menu, viewer)
    listed = [each for each in menu.actions() if each.isCheckable()]
    picture = viewer.study.series[viewer.study.first_look].title
    assert [each.text() for each in listed] == [f"{picture}  ·  Root  ·  Dr Ada Lee"]
    assert listed[0].toolTip() == "Look at the edge"
    assert listed[0].isChecked()
    _show(viewer, "report")
    qtbot.waitUntil(lambda: isinstance(_document(viewer), Report))
    listed[0].trigger()
    qtbot.waitUntil(lambda: viewer.is_settled and viewer.image.isVisible())
    assert viewer.frame is not None and viewer.frame.series == viewer.study.first_look
    viewer.desk.toggle_mark()  # no longer marked, whoever marked it
    assert viewer.marks.here == []
    menus.FILLS["marked"](menu, viewer)
    assert [each.text() for each in menu.actions()] == ["No picture of this study is marked"]


def test_a_picture_is_seen_as_somebody_wanted_it_and_again_as_it_is(
    opened: Open, qtbot: QtBot
) -> None:
    viewer = opened()
    own = viewer.image.seen_window
    assert own != Window(30, 90)
    qtbot.waitUntil(lambda: len(viewer.showing.offered(viewer.cell)) == 1)
    menu = QMenu()
    menus.FILLS["presets"](menu, viewer)
    said = {each.text(): each for each in menu.actions()}
    (words,) = [each for each in said if each.startswith("For the lungs")]
    assert said[OWN].isChecked() and not said[words].isChecked()
    said[words].trigger()
    qtbot.waitUntil(lambda: viewer.image.seen_window == Window(30, 90))
    assert (viewer.image.view.rotation, viewer.image.view.flipped) == (90, True)
    assert any(isinstance(each, PresentationLayer) for each in viewer.image.layers)
    viewer.showing.choose(viewer.study, None)
    qtbot.waitUntil(lambda: viewer.image.seen_window == own)
    assert (viewer.image.view.rotation, viewer.image.view.flipped) == (0, False)
    assert not any(isinstance(each, PresentationLayer) for each in viewer.image.layers)


def test_frames_that_were_under_way_are_not_shown_in_the_old_way(
    opened: Open, qtbot: QtBot
) -> None:
    viewer = opened()
    qtbot.waitUntil(lambda: len(viewer.showing.offered(viewer.cell)) == 1)
    (state,) = viewer.showing.offered(viewer.cell)
    for _ in range(6):  # faster than anything is decoded
        viewer.showing.choose(viewer.study, state)
        viewer.showing.choose(viewer.study, None)
    viewer.showing.choose(viewer.study, state)
    qtbot.waitUntil(lambda: viewer.is_settled and viewer.image.seen_window == Window(30, 90))
    qtbot.wait(50)
    assert viewer.image.seen_window == Window(30, 90)


class Before:
    """The same study as of another year, as if it had been found beside."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        folder.mkdir()
        _study(folder)
        for path in folder.iterdir():
            found = dcmread(path)
            found.StudyInstanceUID, found.StudyDate = "1.2.77", "19990101"
            found.PatientName, found.PatientID = "CompressedSamples^CT1", "1CT1"
            found.save_as(path)
        self.source = FolderSource([folder], sandbox)
        self._sandbox = sandbox

    def offered(self) -> list[OtherStudy]:
        return [OtherStudy("Then", "19990101", self._open)]

    def _open(self) -> Opened:
        reader = Reader(self._sandbox, self.source)
        return Opened(self.source, partial(_decode, self._sandbox, self.source), reader)


def test_a_report_of_an_older_study_is_read_beside_the_pictures_of_now(
    opened: Open, qtbot: QtBot, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with Sandbox() as sandbox:
        before = Before(tmp_path_factory.mktemp("old") / "then", sandbox)
        viewer = opened(priors=before)
        comparing = viewer.beside.comparing
        assert comparing is not None
        qtbot.waitUntil(lambda: bool(comparing.studies))
        viewer.beside.compare()
        qtbot.waitUntil(lambda: len(viewer.shelf.studies) == 2)
        then = viewer.grid.in_sight[0]
        qtbot.waitUntil(lambda: then.is_settled and then.image.drawable is not None)
        assert then.study is viewer.shelf.studies[1]
        qtbot.waitUntil(lambda: len(viewer.showing.offered(then)) == 1)
        viewer.grid.choose(then)
        qtbot.waitUntil(lambda: len(viewer.marks.here) == 1)
        titles = [each.title for each in then.study.series]
        then.show_series(then.study, titles.index("report"))
        qtbot.waitUntil(lambda: bool(then.paper.view and then.paper.view.document))
        assert then.paper.view is not None
        assert "Nothing new" in then.paper.view.text.toPlainText()
        assert [each.why for each in viewer.marks.here] == ["Root  ·  Dr Ada Lee"]
        viewer.close_study()  # and what is read of it ends with it
        assert then.study is None
