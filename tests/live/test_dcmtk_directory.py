"""DICOMDIRs against DCMTK's: that it reads ours, and makes the same of the same files."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from viewer.dicom.file_set import write_file_set
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.source import FolderSource

pytestmark = pytest.mark.live
NAMES = (
    "CT_small.dcm", "MR_small.dcm", "JPEG2000.dcm", "reportsi.dcm", "waveform_ecg.dcm",
    "examples_palette.dcm", "examples_ybr_color.dcm", "liver_1frame.dcm", "image_dfl.dcm",
)  # fmt: skip
INVENT = ("+I", "+Nrs", "-Nxc", "-Nec", "-Nrc", "-W")  # as we do, of all syntaxes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("set") / "set"
    paths = [Path(str(get_testdata_file(name, download=False))) for name in NAMES]
    with Sandbox() as sandbox:
        originals = FolderSource(paths, sandbox).originals()
        result = write_file_set(originals, made, sandbox, lambda what, done, total: None)
    assert result.instances == len(NAMES)
    yield made


def dumped(path: Path) -> str:
    done = subprocess.run(["dcmdump", "+L", str(path)], capture_output=True, check=True, timeout=60)
    assert done.stderr == b""
    return done.stdout.decode("utf-8", "replace")


def told(dump: str, tag: str) -> Counter[str]:
    return Counter(re.findall(rf"\({tag}\) .. \[?(.*?)\]? +#", dump))


def test_dcmtk_reads_the_directory_without_a_word(folder: Path) -> None:
    assert told(dumped(folder / "DICOMDIR"), "0004,1430")["IMAGE"] == 7


def test_dcmtk_makes_the_same_records_of_the_same_files(folder: Path, tmp_path: Path) -> None:
    command = ["dcmmkdir", "+r", "+id", str(folder), *INVENT, "+D", str(tmp_path / "D"), "DICOM"]
    subprocess.run(command, check=True, capture_output=True, timeout=60, cwd=folder)
    ours, theirs = dumped(folder / "DICOMDIR"), dumped(tmp_path / "D")

    for tag in ("0004,1430", "0004,1500", "0004,1510", "0004,1511", "0004,1512", "0010,0020",
                "0008,0060", "0020,000d", "0020,000e"):  # fmt: skip
        found = told(theirs, tag)
        assert found, tag
        made_up = Counter({each: n for each, n in found.items() if each.startswith("DCMTK")})
        assert told(ours, tag).total() == found.total(), tag
        assert (found - made_up) - told(ours, tag) == Counter(), tag
