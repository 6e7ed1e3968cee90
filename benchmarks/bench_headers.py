"""Headers of a disc beside dcmdump, which prints five tags of the same files in one call."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pydicom
from pydicom.data import get_testdata_file

from benchmarks.ratio import Ratio
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.scan import scan

FILES = 2000
ROUNDS = 3
TAGS = ("0008,0018", "0008,0060", "0010,0010", "0020,000d", "0020,0013")


def measure() -> Iterator[Ratio]:
    """Read the headers of slices of one CT, each of 258 elements: all that a `Header` tells."""
    with tempfile.TemporaryDirectory() as folder, Sandbox() as sandbox:
        files = _slices(Path(folder))
        dump = ["dcmdump", *(word for tag in TAGS for word in ("+P", tag)), *map(str, files)]
        _read(Path(folder), sandbox)  # children are there and warm
        ours = other = 0.0
        for _ in range(ROUNDS):
            ours = max(ours, _rate(lambda: _read(Path(folder), sandbox)))
            other = max(other, _rate(lambda: subprocess.run(dump, capture_output=True, check=True)))
    yield Ratio("read the headers of a CT", ours, other, "/s", "dcmdump +P, five tags", 1.5)


def _slices(folder: Path) -> list[Path]:
    found = pydicom.dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    paths = [folder / f"{i:05}.dcm" for i in range(FILES)]
    for i, path in enumerate(paths):
        found.SOPInstanceUID = found.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{i}"
        found.InstanceNumber, found.ImagePositionPatient[2] = i, 1.25 * i
        found.save_as(path)
    return paths


def _read(folder: Path, sandbox: Sandbox) -> None:
    found = scan([folder], sandbox)
    assert len(found.files) == FILES
    assert all(each.header.drawable for each in found.files)


def _rate(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return FILES / (time.perf_counter() - began)
