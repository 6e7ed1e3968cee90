"""Studies larger than memory allows: they open, scroll, and stay within the cache's budget."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    CTImageStorage,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
)
from pytestqt.qtbot import QtBot

from viewer.dicom.pixels import Pixels
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.source import FolderSource, SeriesView
from viewer.ui import Viewer
from viewer.ui.grid import Layout

long = pytest.mark.long

BUDGET_BYTES = 64 << 20
BESIDE_BYTES = 150 << 20  # of the window, over what the cache may hold
Open = Callable[[Path], Viewer]


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def dataset(series: int, number: int, rows: int, columns: int) -> Dataset:
    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file.SOPClassUID = file.file_meta.MediaStorageSOPClassUID = CTImageStorage
    file.SOPInstanceUID = file.file_meta.MediaStorageSOPInstanceUID = f"1.2.{series}.{number + 1}"
    file.StudyInstanceUID, file.SeriesInstanceUID = "1.2.9", f"1.2.8.{series}"
    file.FrameOfReferenceUID = f"1.2.7.{series}"
    file.PatientName, file.PatientID = "Nobody^At All", "0"
    file.Modality, file.InstanceNumber, file.SeriesNumber = "CT", number + 1, series
    file.ImagePositionPatient = [0, 0, number]
    file.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    file.PixelSpacing, file.SliceThickness = [1, 1], 1
    file.Rows, file.Columns = rows, columns
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.BitsAllocated, file.BitsStored, file.HighBit, file.PixelRepresentation = 16, 16, 15, 0
    return file


def write_slices(folder: Path, count: int, side_px: int, series: int = 1) -> None:
    """Write slices whose every pixel is the number of the slice."""
    for n in range(count):
        file = dataset(series, n, side_px, side_px)
        file.PixelData = np.full(side_px * side_px, n, np.uint16).tobytes()
        file.save_as(folder / f"{series}-{n}.dcm", enforce_file_format=True)


def write_frames(path: Path, count: int, side_px: int) -> None:
    """Write one file of many frames, each of its own number; mostly holes on disk."""
    file = dataset(1, 0, side_px, side_px)
    kind = MultiFrameGrayscaleWordSecondaryCaptureImageStorage
    file.SOPClassUID = file.file_meta.MediaStorageSOPClassUID = kind
    file.NumberOfFrames = count
    file.save_as(path, enforce_file_format=True)
    frame_bytes = side_px * side_px * 2
    with path.open("r+b") as out:
        out.seek(0, os.SEEK_END)
        out.write(struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OW", 0, count * frame_bytes))
        start = out.tell()
        for n in range(count):
            out.seek(start + n * frame_bytes)
            out.write(struct.pack("<H", n))
        out.truncate(start + count * frame_bytes)


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Open]:
    made: list[Viewer] = []
    with Sandbox() as sandbox:

        def open_it(path: Path) -> Viewer:
            source = FolderSource([path], sandbox)
            places = {id(each): n for n, each in enumerate(source.series())}

            def decode(series: SeriesView, instance: int, frame: int) -> Pixels:
                fd = source.open(places[id(series)], instance, frame)
                try:
                    return sandbox.decode(fd, frame)
                finally:
                    os.close(fd)

            viewer = Viewer(source, decode)
            viewer.loader.cache.limit_bytes = BUDGET_BYTES
            qtbot.addWidget(viewer)
            viewer.resize(1280, 800)
            viewer.show()
            made.append(viewer)
            qtbot.waitUntil(lambda: viewer.is_settled, timeout=30_000)
            return viewer

        yield open_it
        for each in made:
            each.close()


def value(viewer: Viewer) -> int:
    assert viewer.image.drawable is not None
    return int(viewer.image.drawable.pixels.array[0, 0])


def scroll_through(qtbot: QtBot, viewer: Viewer, step: int) -> None:
    """Go through the pile; look at every picture stopped at, and at the budget all the way."""
    cache = viewer.loader.cache
    before = resident_bytes()
    count = len(viewer.cell.pile)
    viewer.show_place(0)
    stops = 0
    while viewer.cell.place < count - 1:
        for _ in range(step):
            viewer.step(1)
        qtbot.waitUntil(lambda: viewer.is_settled, timeout=30_000)
        assert value(viewer) == viewer.cell.place
        assert cache.size_bytes <= BUDGET_BYTES
        stops += 1
    assert stops >= 10
    assert resident_bytes() - before <= BUDGET_BYTES + BESIDE_BYTES


@long
def test_a_ct_of_two_thousand_slices_opens_and_scrolls_within_its_budget(
    qtbot: QtBot, opened: Open, tmp_path: Path
) -> None:
    write_slices(tmp_path, 2000, 256)
    viewer = opened(tmp_path)
    assert len(viewer.cell.pile) == 2000
    assert value(viewer) == 1000
    scroll_through(qtbot, viewer, 40)


@long
def test_a_film_of_a_gigabyte_opens_and_scrolls_within_its_budget(
    qtbot: QtBot, opened: Open, tmp_path: Path
) -> None:
    write_frames(tmp_path / "film.dcm", 2048, 512)
    assert (tmp_path / "film.dcm").stat().st_size > 1 << 30
    viewer = opened(tmp_path)
    assert len(viewer.cell.pile) == 2048
    scroll_through(qtbot, viewer, 100)


@long
def test_a_study_of_thirty_series_shows_each_of_them(
    qtbot: QtBot, opened: Open, tmp_path: Path
) -> None:
    for series in range(30):
        write_slices(tmp_path, 12 + series, 128, series + 1)
    viewer = opened(tmp_path)
    assert viewer.strip.count() == 30
    for place in range(30):
        viewer.show_series(place)
        qtbot.waitUntil(lambda: viewer.is_settled, timeout=30_000)
        assert len(viewer.cell.pile) == 12 + place
        assert value(viewer) == viewer.cell.place
    qtbot.waitUntil(lambda: not viewer.shelf.wanted(), timeout=30_000)
    assert viewer.loader.cache.size_bytes <= BUDGET_BYTES


def test_a_crash_in_one_cell_is_a_sentence_there_and_the_rest_goes_on(
    qtbot: QtBot, opened: Open, tmp_path: Path
) -> None:
    write_slices(tmp_path, 12, 64, 1)
    for n in range(13):
        file = dataset(2, n, 64, 64)
        file.file_meta.TransferSyntaxUID = JPEG2000Lossless
        file.PixelData = encapsulate([b"\xff\x4f\xff\x51" + bytes(range(256)) * 4])
        file.save_as(tmp_path / f"2-{n}.dcm", enforce_file_format=True)
    viewer = opened(tmp_path)
    viewer.show_layout(Layout(1, 2))
    cells = viewer.grid.in_sight
    qtbot.waitUntil(lambda: all(each.is_settled for each in cells), timeout=30_000)
    assert cells[0].image.drawable is not None
    assert cells[1].image.drawable is None
    assert "could not be read" in cells[1].image.message or "cannot" in cells[1].image.message
    viewer.step(1)
    qtbot.waitUntil(lambda: viewer.is_settled, timeout=30_000)
    assert value(viewer) == viewer.cell.place
