"""Pictures against DCMTK's: another program's reading of the same files and of the standard."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

from viewer.dicom.sandbox import Sandbox
from viewer.render.pipeline import Window, full_range, picture

pytestmark = pytest.mark.live

RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)


@pytest.fixture(scope="module")
def sandbox() -> Any:
    with Sandbox() as made:
        yield made


def ours(sandbox: Sandbox, path: Path, window: Window | None = None, whole: bool = False) -> Any:
    fd = os.open(path, os.O_RDONLY)
    try:
        pixels = sandbox.decode(fd, 0)
    finally:
        os.close(fd)
    return picture(pixels, full_range(pixels) if whole else window)


def theirs(path: Path, out: Path, *options: str) -> np.ndarray:
    """The first frame by dcm2pnm, from its binary PGM or PPM."""
    command = ["dcm2pnm", "+op", *options, str(path), str(out)]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    data = out.read_bytes()
    lines = [line for line in data.split(b"\n", 5)[:4] if not line.startswith(b"#")][:3]
    columns, rows = map(int, lines[1].split())
    assert lines[2] == b"255"
    channels = {b"P5": 1, b"P6": 3}[lines[0]]
    pixels = np.frombuffer(data[-rows * columns * channels :], np.uint8)
    return pixels.reshape((rows, columns) if channels == 1 else (rows, columns, 3))


def same(one: np.ndarray, other: np.ndarray, within: int = 1) -> None:
    assert one.shape == other.shape
    assert np.abs(one.astype(int) - other.astype(int)).max() <= within


def write(path: Path, array: np.ndarray = RAMP, **more: Any) -> Path:
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID, made.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.StudyInstanceUID, made.SeriesInstanceUID = generate_uid(), generate_uid()
    made.Rows, made.Columns = array.shape
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit = 16, 16, 15
    made.PixelRepresentation = int(array.dtype.kind == "i")
    made.PixelData = array.tobytes()
    for keyword, value in more.items():
        setattr(made, keyword, value)
    made.save_as(path, enforce_file_format=True)
    return path


@pytest.mark.parametrize(
    ("center", "width"), [(40, 400), (-600, 1500), (90, 150), (480, 2500), (40, 80), (1, 2)]
)
@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm"])
def test_real_scans_look_the_same_by_any_window(
    tmp_path: Path, sandbox: Sandbox, name: str, center: float, width: float
) -> None:
    path = Path(str(get_testdata_file(name)))
    expected = theirs(path, tmp_path / "out.pgm", "+Ww", str(center), str(width))
    same(ours(sandbox, path, Window(center, width)), expected)


def test_the_headers_own_window_is_the_first_look(tmp_path: Path, sandbox: Sandbox) -> None:
    path = Path(str(get_testdata_file("MR_small.dcm")))
    same(ours(sandbox, path), theirs(path, tmp_path / "out.pgm", "+Wi", "1"))


def test_without_a_window_the_whole_range_is(tmp_path: Path, sandbox: Sandbox) -> None:
    path = Path(str(get_testdata_file("CT_small.dcm")))
    expected = theirs(path, tmp_path / "out.pgm", "+Wm")
    same(ours(sandbox, path, whole=True), expected)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"},
        {"PresentationLUTShape": "INVERSE"},
        {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "IDENTITY"},
        {"RescaleSlope": "2", "RescaleIntercept": "-1024"},
        {"RescaleSlope": "0.25", "RescaleIntercept": "3.5"},
    ],
)
def test_every_attribute_on_the_way_counts_the_same(
    tmp_path: Path, sandbox: Sandbox, more: dict[str, str]
) -> None:
    path = write(tmp_path / "made.dcm", **more)
    expected = theirs(path, tmp_path / "out.pgm", "+Ww", "700", "900")
    same(ours(sandbox, path, Window(700, 900)), expected)


def test_sigmoid_windows_look_the_same(tmp_path: Path, sandbox: Sandbox) -> None:
    path = write(tmp_path / "made.dcm")
    expected = theirs(path, tmp_path / "out.pgm", "+Wfs", "+Ww", "2000", "800")
    same(ours(sandbox, path, Window(2000, 800, "SIGMOID")), expected)


@pytest.mark.parametrize("value", [0, 7])
def test_a_picture_of_one_value_is_black(tmp_path: Path, sandbox: Sandbox, value: int) -> None:
    path = write(tmp_path / "made.dcm", np.full((64, 64), value, np.uint16))
    same(ours(sandbox, path), theirs(path, tmp_path / "out.pgm", "+Wm"))


def test_tables_look_the_same(tmp_path: Path, sandbox: Sandbox) -> None:
    table = Dataset()
    table.LUTDescriptor = [4096, 0, 12]
    table["LUTDescriptor"].VR = "US"
    table.LUTData = (np.linspace(0, 1, 4096) ** 2 * 4095).astype(np.uint16).tobytes()
    table["LUTData"].VR = "OW"
    path = write(tmp_path / "made.dcm", VOILUTSequence=[table])
    same(ours(sandbox, path), theirs(path, tmp_path / "out.pgm", "+Wl", "1"))


@pytest.mark.parametrize("name", ["examples_palette.dcm", "examples_rgb_color.dcm"])
def test_colours_are_the_same(tmp_path: Path, sandbox: Sandbox, name: str) -> None:
    path = Path(str(get_testdata_file(name)))
    same(ours(sandbox, path), theirs(path, tmp_path / "out.ppm"), within=0)


def _overlay(group: int, kind: str, bits: np.ndarray, origin: tuple[int, int]) -> dict[int, Any]:
    packed = np.packbits(bits.ravel(), bitorder="little").tobytes()
    return {
        group << 16 | 0x10: ("US", bits.shape[0]),
        group << 16 | 0x11: ("US", bits.shape[1]),
        group << 16 | 0x40: ("CS", kind),
        group << 16 | 0x50: ("SS", list(origin)),
        group << 16 | 0x100: ("US", 1),
        group << 16 | 0x102: ("US", 0),
        group << 16 | 0x3000: ("OW", packed + bytes(len(packed) % 2)),
    }


@pytest.mark.parametrize("origin", [(1, 1), (10, 21), (-4, -6), (50, 40)])
def test_overlays_lie_where_they_lie_in_dcmtk(
    tmp_path: Path, sandbox: Sandbox, origin: tuple[int, int]
) -> None:
    bits = np.random.default_rng(3).integers(0, 2, (33, 27)).astype(np.uint8)
    path = write(tmp_path / "made.dcm")
    whole = dcmread(path)
    for tag, (vr, value) in _overlay(0x6000, "G", bits, origin).items():
        whole.add_new(tag, vr, value)
    whole.save_as(path)
    expected = theirs(path, tmp_path / "out.pgm", "+Ww", "700", "900", "+Omr")
    fd = os.open(path, os.O_RDONLY)
    try:
        found = picture(sandbox.decode(fd, 0), Window(700, 900), overlays=True)
    finally:
        os.close(fd)
    same(found, expected)


def _table(first: int, bits: int, values: np.ndarray, data: bytes = b"") -> Dataset:
    table = Dataset()
    table.LUTDescriptor = [len(values) % 65536, first, bits]
    table["LUTDescriptor"].VR = "SS" if first < 0 else "US"
    table.LUTData = data or values.astype(np.uint16).tobytes()
    table["LUTData"].VR = "OW"
    return table


STEPS = (np.linspace(0, 1, 256) ** 2 * 255).round().astype(np.uint8)
SIGNED = (RAMP.astype(np.int16) - 2048).astype(np.int16)
TABLES = {
    "16 bits": (RAMP, _table(0, 16, np.arange(0, 65536, 16))),
    "8 bits, two a word": (RAMP >> 4, _table(0, 8, STEPS, STEPS.tobytes())),
    "8 bits, one a word": (RAMP >> 4, _table(0, 8, STEPS)),
    "from below zero": (SIGNED, _table(-1000, 12, np.linspace(0, 4095, 2000))),
    "65,536": (RAMP * 16, _table(0, 16, np.arange(65536)[::-1])),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_every_kind_look_the_same(tmp_path: Path, sandbox: Sandbox, name: str) -> None:
    array, table = TABLES[name]
    path = write(tmp_path / "made.dcm", array, VOILUTSequence=[table])
    same(ours(sandbox, path), theirs(path, tmp_path / "out.pgm", "+Wl", "1"))


@pytest.mark.parametrize("name", TABLES)
def test_modality_tables_of_every_kind_look_the_same(
    tmp_path: Path, sandbox: Sandbox, name: str
) -> None:
    array, table = TABLES[name]
    given = {"ModalityLUTSequence": [table], "RescaleType": "US"}
    path = write(tmp_path / "made.dcm", array, **given)
    expected = theirs(path, tmp_path / "out.pgm", "+Ww", "100", "150")
    same(ours(sandbox, path, Window(100, 150)), expected)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_each_of_several_windows_looks_the_same(
    tmp_path: Path, sandbox: Sandbox, number: int
) -> None:
    windows = {"WindowCenter": ["40", "480", "3000.5"], "WindowWidth": ["400", "2500", "77"]}
    path = write(tmp_path / "made.dcm", **windows)
    expected = theirs(path, tmp_path / "out.pgm", "+Wi", str(number))
    center, width = (float(windows[each][number - 1]) for each in ("WindowCenter", "WindowWidth"))
    same(ours(sandbox, path, Window(center, width)), expected)


@pytest.mark.parametrize(
    "more",
    [
        {"BitsStored": 12, "HighBit": 11, "PixelRepresentation": 1},
        {"BitsStored": 10, "HighBit": 11},
        {"BitsStored": 12, "HighBit": 15, "PixelRepresentation": 1},
        {"PixelRepresentation": 1, "RescaleSlope": "0.5", "RescaleIntercept": "-700"},
    ],
)
def test_used_bits_and_signs_look_the_same(
    tmp_path: Path, sandbox: Sandbox, more: dict[str, Any]
) -> None:
    path = write(tmp_path / "made.dcm", RAMP * 16 + (RAMP & 15), **more)
    expected = theirs(path, tmp_path / "out.pgm", "+Ww", "-100", "1500")
    same(ours(sandbox, path, Window(-100, 1500)), expected)


def test_values_of_32_bits_look_the_same(tmp_path: Path, sandbox: Sandbox) -> None:
    path = write(
        tmp_path / "made.dcm",
        RAMP,
        BitsAllocated=32,
        BitsStored=32,
        HighBit=31,
        PixelData=(RAMP.astype(np.uint32) * 1_000_003).tobytes(),
    )
    expected = theirs(path, tmp_path / "out.pgm", "+Ww", "2000000000", "3000000000")
    same(ours(sandbox, path, Window(2_000_000_000, 3_000_000_000)), expected)


def test_a_pixel_that_is_not_square_is_stretched_the_same(tmp_path: Path, sandbox: Sandbox) -> None:
    path = write(tmp_path / "made.dcm", PixelAspectRatio=["4", "3"])
    fd = os.open(path, os.O_RDONLY)
    try:
        aspect = sandbox.decode(fd, 0).aspect
    finally:
        os.close(fd)
    grown = theirs(path, tmp_path / "out.pgm", "+Sxf", "3", "+a")  # made three times as wide
    assert grown.shape[0] / grown.shape[1] == pytest.approx(aspect, rel=0.01)
