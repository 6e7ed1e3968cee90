"""Every DICOM file of the test data: read, and drawn wherever its table says that it can be.

The table is the data's own README. What cannot be drawn although it is listed there as decodable
stands in docs/not-drawn.md, with the reason, and nowhere else.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pydicom
import pytest

from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.scan import scan
from viewer.errors import CannotDraw, NotDicom

pytestmark = pytest.mark.corpus
NOT_DRAWN = Path(__file__).parents[2] / "docs" / "not-drawn.md"


def _root() -> Path:
    given = os.environ.get("RAYFOLIO_TEST_DATA")
    assert given, "set RAYFOLIO_TEST_DATA to the folder of the test data"
    return Path(given)


@cache
def _rows() -> tuple[tuple[str, int, str], ...]:
    """Return (path or folder, files, what of pixel data) of the README's table of files."""
    text = (_root() / "README.md").read_text().split("\n## Files\n", 1)[1]
    found = []
    for line in text.splitlines():
        cells = [each.strip() for each in line.strip("|").split("|")]
        if len(cells) == 9 and cells[1].isdigit():
            many = re.fullmatch(r"(.+/) \((\d+) files, first: .+\)", cells[0])
            name, count = (many[1], int(many[2])) if many else (cells[0], 1)
            found.append((name, count, cells[7]))
    return tuple(found)


def _files(name: str) -> list[Path]:
    path = _root() / "dicom" / name
    return (
        sorted(each for each in path.iterdir() if each.name != "DIRFILE")
        if name.endswith("/")
        else [path]
    )


def _listed() -> set[str]:
    return set(re.findall(r"^\| `([^`]+)` \|", NOT_DRAWN.read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


def _read(sandbox: Sandbox, path: Path) -> Header:
    fd = os.open(path, os.O_RDONLY)
    try:
        (found,) = sandbox.headers([(path.name, fd)])
    finally:
        os.close(fd)
    assert isinstance(found, Header), (path, found)
    return found


def _draw(sandbox: Sandbox, path: Path, frame: int = 0) -> Pixels:
    fd = os.open(path, os.O_RDONLY)
    try:
        return sandbox.decode(fd, frame)
    finally:
        os.close(fd)


def test_the_table_was_read() -> None:
    assert sum(count for _, count, _ in _rows()) == 453


def test_what_is_decodable_is_drawn_but_for_what_is_listed(sandbox: Sandbox) -> None:
    drawn, failed = 0, set()
    for name, count, pixels in _rows():
        if not re.search(r"\bok\b", pixels):
            continue
        files = _files(name)
        assert len(files) == count
        for path in files:
            try:
                found = _read(sandbox, path)
                assert found.drawable, found.why_not
                for frame in range(found.frames):
                    _draw(sandbox, path, frame)
                drawn += 1
            except (AssertionError, CannotDraw, NotDicom):
                failed.add(str(path.relative_to(_root() / "dicom")))
    assert failed == _listed()
    assert drawn > 300


def test_nothing_ends_a_child(sandbox: Sandbox) -> None:
    found = scan([_root() / "dicom"], sandbox)
    assert len(found.files) + len(found.skipped) == 453
    assert not any("safely" in each.header.why_not for each in found.files)
    reasons = {each.reason for each in found.skipped}
    assert reasons == {"It is a directory of other files.", "It is not a DICOM file."}
    for file in found.files:
        assert file.header.drawable != bool(file.header.why_not)
        assert Header.from_map(file.header.to_map()) == file.header


def test_native_and_rle_pixels_are_what_pydicom_reads(sandbox: Sandbox) -> None:
    compared = 0
    for name, _, pixels in _rows():
        if not pixels.startswith(("ok (native)", "ok: pydicom")):
            continue
        for path in _files(name)[:3]:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                whole = pydicom.dcmread(path, force=True)
                expected = whole.pixel_array
            colour = whole.PhotometricInterpretation
            if _read(sandbox, path).frames > 1:
                expected = expected[0]
            found = _draw(sandbox, path).array
            assert found.shape == expected.shape, path
            tolerance = 1 if colour.startswith("YBR") else 0
            assert np.abs(found.astype(np.float64) - expected).max() <= tolerance, path
            compared += 1
    assert compared > 60


_CT = "dicomParser/encapsulated/multi-frame/CT0012."
SAME = (  # one picture, without loss in two encodings
    ("pydicom-data/emri_small.dcm", "pydicom-data/emri_small_RLE.dcm"),
    ("pydicom-data/emri_small.dcm", "pydicom-data/emri_small_jpeg_ls_lossless.dcm"),
    ("pydicom-data/emri_small.dcm", "pydicom-data/emri_small_jpeg_2k_lossless_too_short.dcm"),
    ("pydicom-data/liver_j2k.dcm", "pydicom-data/liver_deflate.dcm"),
    (
        "pydicom-data/liver_nonbyte_aligned_rle.dcm",
        "pydicom-data/liver_nonbyte_aligned_deflate.dcm",
    ),
    ("highdicom/sm_image_jpegls.dcm", "highdicom/sm_image_jpegls_nobot.dcm"),
    (f"{_CT}fragmented_no_bot_jpeg_lossless.57.dcm", f"{_CT}fragmented_no_bot_jpeg_ls.80.dcm"),
    (f"{_CT}fragmented_no_bot_jpeg_ls.80.dcm", f"{_CT}not_fragmented_bot_jpeg_ls.80.dcm"),
    (f"{_CT}not_fragmented_bot_jpeg_ls.80.dcm", f"{_CT}not_fragmented_bot_rle.dcm"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_picture_in_two_encodings_is_one_picture(
    one: str, other: str, sandbox: Sandbox
) -> None:
    first, second = (_root() / "dicom" / name for name in (one, other))
    frames = _read(sandbox, first).frames
    assert frames == _read(sandbox, second).frames
    for frame in range(frames):
        here, there = _draw(sandbox, first, frame), _draw(sandbox, second, frame)
        assert np.array_equal(here.array, there.array), frame


LOSSY = (  # of one CT slice of 12 bits; the retired processes against the one in use
    "CTImage.dcm_JPEGProcess10_12TransferSyntax_1.2.840.10008.1.2.4.55.dcm",
    "CTImage.dcm_JPEGProcess6_8TransferSyntax_1.2.840.10008.1.2.4.53.dcm",
)


@pytest.mark.parametrize("name", LOSSY)
def test_retired_jpeg_processes_give_the_same_picture(name: str, sandbox: Sandbox) -> None:
    folder = _root() / "dicom" / "cornerstone3D"
    usual = "CTImage.dcm_JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51.dcm"
    here, there = _draw(sandbox, folder / name).array, _draw(sandbox, folder / usual).array
    assert np.abs(here.astype(int) - there).max() <= 8


def test_near_lossless_stays_near(sandbox: Sandbox) -> None:
    folder = _root() / "dicom" / "cornerstone3D"
    exact = _draw(
        sandbox,
        folder
        / "CTImage.dcm_DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99.dcm",
    )
    near = _draw(
        sandbox, folder / "CTImage.dcm_JPEGLSLossyTransferSyntax_1.2.840.10008.1.2.4.81.dcm"
    )
    assert exact.signed and near.signed
    assert np.abs(exact.array.astype(int) - near.array).max() <= 10
