"""Planes over the picture: in elements of their own, beside the values, larger than the picture."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders import RLELosslessEncoder
from pydicom.uid import RLELossless

from viewer.dicom.pixels import Overlay, Pixels
from viewer.dicom.sandbox import Sandbox

Open = Callable[[Path | str], int]
Make = Callable[..., Path]
PICTURE = np.arange(20 * 30, dtype=np.uint16).reshape(20, 30)
GROUP = 0x6000


def plane_elements(
    bits: np.ndarray, origin: tuple[int, int] = (1, 1), group: int = GROUP, **more: object
) -> Dataset:
    """An overlay's elements as an editor would write them."""
    found = Dataset()
    flat = bits.reshape((-1, *bits.shape[-2:]))
    found.add_new((group, 0x10), "US", bits.shape[-2])
    found.add_new((group, 0x11), "US", bits.shape[-1])
    found.add_new((group, 0x40), "CS", more.get("kind", "G"))
    found.add_new((group, 0x50), "SS", list(origin))
    found.add_new((group, 0x100), "US", 1)
    found.add_new((group, 0x102), "US", 0)
    if "label" in more:
        found.add_new((group, 0x1500), "LO", more["label"])
    if bits.ndim == 3:
        found.add_new((group, 0x15), "IS", len(flat))
    if "first" in more:
        found.add_new((group, 0x51), "US", more["first"])
    packed = np.packbits(flat.ravel(), bitorder="little").tobytes()
    found.add_new((group, 0x3000), "OW", packed + bytes(len(packed) % 2))
    return found


def with_elements(path: Path, *added: Dataset) -> Path:
    whole = pydicom.dcmread(path)
    for each in added:
        for element in each:
            whole.add(element)
    whole.save_as(path)
    return path


def over(pixels: Pixels) -> np.ndarray:
    """All planes as one, in the picture's size."""
    found = np.zeros(pixels.array.shape[:2], bool)
    for each in pixels.overlays:
        rows, columns = each.bits.shape
        found[each.row : each.row + rows, each.column : each.column + columns] |= each.bits
    return found


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 2, shape).astype(np.uint8)


def test_an_overlay_is_what_pydicom_reads(
    sandbox: Sandbox, opened: Open, bundled: Callable[[str], Path]
) -> None:
    path = bundled("examples_overlay.dcm")
    (found,) = sandbox.decode(opened(path), 0).overlays
    expected = pydicom.dcmread(path).overlay_array(GROUP)
    assert np.array_equal(found.bits, expected > 0)
    assert (found.row, found.column, found.kind) == (0, 0, "G")


@pytest.mark.parametrize("origin", [(1, 1), (4, 9), (-3, -5), (15, 20)])
@pytest.mark.parametrize("shape", [(7, 11), (20, 30), (60, 70)])
def test_a_plane_lies_where_its_origin_says_and_is_cut_to_the_picture(
    origin: tuple[int, int], shape: tuple[int, int], sandbox: Sandbox, made: Make, opened: Open
) -> None:
    bits = noise(*shape)
    path = with_elements(made(PICTURE), plane_elements(bits, origin, label="A mark", kind="R"))
    found = sandbox.decode(opened(path), 0)
    expected = np.zeros((200, 200), bool)
    row, column = 100 + origin[0] - 1, 100 + origin[1] - 1
    expected[row : row + shape[0], column : column + shape[1]] = bits > 0
    assert np.array_equal(over(found), expected[100:120, 100:130])
    assert [(each.label, each.kind) for each in found.overlays] == [("A mark", "R")]


@pytest.mark.parametrize("origin", [(21, 1), (1, 31), (-70, 1), (1, -70), (32767, 1)])
def test_a_plane_beside_the_picture_is_left_out(
    origin: tuple[int, int], sandbox: Sandbox, made: Make, opened: Open
) -> None:
    path = with_elements(made(PICTURE), plane_elements(noise(20, 30), origin))
    assert sandbox.decode(opened(path), 0).overlays == ()


def test_planes_of_frames_belong_to_their_frames(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    bits = noise(3, 5, 7)  # not whole bytes each
    frames = np.stack([PICTURE] * 5)
    path = with_elements(made(frames), plane_elements(bits, first=2))
    fd = opened(path)
    for frame in range(5):
        found = over(sandbox.decode(fd, frame))[:5, :7]
        assert np.array_equal(found, bits[frame - 1] > 0 if 1 <= frame <= 3 else np.zeros((5, 7)))


def test_one_plane_belongs_to_every_frame(sandbox: Sandbox, made: Make, opened: Open) -> None:
    bits = noise(20, 30)
    fd = opened(with_elements(made(np.stack([PICTURE] * 3)), plane_elements(bits)))
    assert all(np.array_equal(over(sandbox.decode(fd, i)), bits > 0) for i in range(3))


def test_sixteen_planes_are_read(sandbox: Sandbox, made: Make, opened: Open) -> None:
    planes = [plane_elements(noise(4, 4), group=0x6000 + 2 * i, label=str(i)) for i in range(16)]
    found = sandbox.decode(opened(with_elements(made(PICTURE), *planes)), 0).overlays
    assert [each.label for each in found] == [str(i) for i in range(16)]


def _beside(path: Path, position: int) -> Path:
    plane = Dataset()
    plane.add_new((GROUP, 0x10), "US", 20)
    plane.add_new((GROUP, 0x11), "US", 30)
    plane.add_new((GROUP, 0x40), "CS", "G")
    plane.add_new((GROUP, 0x50), "SS", [1, 1])
    plane.add_new((GROUP, 0x100), "US", 16)
    plane.add_new((GROUP, 0x102), "US", position)
    return with_elements(path, plane)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("signed", [0, 1])
def test_a_plane_beside_the_values_is_found_and_the_values_are_kept(
    signed: int, compressed: bool, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    bits = noise(20, 30).astype(np.uint16)
    values = (PICTURE * 6 & 0x0FFF) | bits << 14 | noise(20, 30).astype(np.uint16) << 15
    about = {"BitsStored": 12, "HighBit": 11, "PixelRepresentation": signed}
    if compressed:
        stream = RLELosslessEncoder.encode(
            values,
            rows=20,
            columns=30,
            samples_per_pixel=1,
            bits_allocated=16,
            bits_stored=16,
            pixel_representation=0,
            number_of_frames=1,
            photometric_interpretation="MONOCHROME2",
        )
        path = made(values, RLELossless, PixelData=encapsulate([stream]), **about)
    else:
        path = made(values, **about)
    found = sandbox.decode(opened(_beside(path, 14)), 0)
    assert np.array_equal(over(found), bits > 0)
    low = (PICTURE * 6 & 0x0FFF).astype(np.int64)
    assert np.array_equal(found.array, np.where(low > 2047, low - 4096, low) if signed else low)


def test_bits_of_the_values_are_no_plane(sandbox: Sandbox, made: Make, opened: Open) -> None:
    path = _beside(made(PICTURE, BitsStored=12, HighBit=11), 3)
    assert sandbox.decode(opened(path), 0).overlays == ()


@pytest.mark.live
def test_planes_in_the_other_byte_order_are_the_same(
    sandbox: Sandbox, made: Make, opened: Open, tmp_path: Path
) -> None:
    bits = noise(9, 13)
    path = with_elements(made(PICTURE), plane_elements(bits, (2, 3)))
    out = tmp_path / "big.dcm"
    subprocess.run(["dcmconv", "+te", str(path), str(out)], check=True, timeout=30)
    found = sandbox.decode(opened(out), 0)
    assert np.array_equal(found.array, PICTURE)
    assert np.array_equal(over(found)[1:10, 2:15], bits > 0)


@pytest.mark.parametrize(
    "change",
    [
        {0x10: 65535, 0x11: 65535},  # more than the data hold
        {0x10: 0},
        {0x51: 60000},
        {0x15: "2000000000"},
        {0x15: "-1"},
    ],
)
def test_what_an_overlay_says_wrongly_costs_the_overlay_alone(
    change: dict[int, object], sandbox: Sandbox, made: Make, opened: Open
) -> None:
    plane = plane_elements(noise(20, 30))
    for element, value in change.items():
        plane.add_new((GROUP, element), "IS" if element == 0x15 else "US", value)
    found = sandbox.decode(opened(with_elements(made(PICTURE), plane)), 0)
    assert np.array_equal(found.array, PICTURE)
    assert all(isinstance(each, Overlay) for each in found.overlays)
