"""DICOM files made for the purpose, and one sandbox for all tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from viewer.dicom.sandbox import Sandbox

sys.path.append(str(Path(__file__).parent))  # for the mutants, which two tests share


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


@pytest.fixture
def opened() -> Iterator[Callable[[Path | str], int]]:
    """Open files that are closed when the test is over."""
    fds: list[int] = []

    def open_it(path: Path | str) -> int:
        fds.append(os.open(path, os.O_RDONLY))
        return fds[-1]

    yield open_it
    for fd in fds:
        os.close(fd)


@pytest.fixture(scope="session")
def bundled() -> Callable[[str], Path]:
    """A file that the package pydicom brings along; nothing is downloaded."""

    def find(name: str) -> Path:
        path = get_testdata_file(name, download=False)
        assert path is not None, name
        return Path(path)

    return find


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    """Write an instance; keyword arguments are DICOM attributes."""
    count = 0

    def make(
        array: np.ndarray | None = None, syntax: str = ExplicitVRLittleEndian, **attributes: object
    ) -> Path:
        nonlocal count
        count += 1
        found = Dataset()
        found.file_meta = FileMetaDataset()
        found.file_meta.TransferSyntaxUID = syntax
        found.SOPClassUID = found.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
        found.SOPInstanceUID = found.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        found.StudyInstanceUID, found.SeriesInstanceUID = "1.2.3", "1.2.3.4"
        found.Modality = "OT"
        if array is not None:
            frames = array.reshape((-1, *array.shape[-2:]))
            found.Rows, found.Columns = array.shape[-2:]
            found.NumberOfFrames = len(frames)
            found.SamplesPerPixel, found.PhotometricInterpretation = 1, "MONOCHROME2"
            found.BitsAllocated = found.BitsStored = 8 * array.dtype.itemsize
            found.HighBit = found.BitsStored - 1
            found.PixelRepresentation = int(array.dtype.kind == "i")
            found.add_new(0x7FE00010, "OW", array.tobytes())
        for name, value in attributes.items():
            setattr(found, name, value)
        path = tmp_path / f"{count}.dcm"
        found.save_as(path, enforce_file_format=True)
        return path

    return make
