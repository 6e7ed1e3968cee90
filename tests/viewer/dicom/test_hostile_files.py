"""Files that were made to harm: each fails alone, soon, and in words."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from viewer.dicom.header import Header
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.scan import scan
from viewer.errors import CannotDraw, NotDicom, ViewerError

Open = Callable[[Path | str], int]
Make = Callable[..., Path]
PICTURE = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)


def _head(sandbox: Sandbox, fd: int) -> Header:
    (found,) = sandbox.headers([("", fd)])
    assert isinstance(found, Header), found
    return found


def _write(path: Path, syntax: bytes, body: bytes) -> Path:
    uid = syntax + b"\0" * (len(syntax) % 2)
    meta = struct.pack("<HH2sH", 2, 0x10, b"UI", len(uid)) + uid
    path.write_bytes(bytes(128) + b"DICM" + meta + body)
    return path


EXPLICIT = b"1.2.840.10008.1.2.1"


def test_a_deflate_bomb_is_not_unpacked(sandbox: Sandbox, opened: Open, tmp_path: Path) -> None:
    squeezer = zlib.compressobj(9, wbits=-15)
    element = struct.pack("<HH2sHL", 9, 0x1010, b"OB", 0, 0x7FFFFFF0)
    body = squeezer.compress(element)
    body += b"".join(squeezer.compress(bytes(1 << 20)) for _ in range(600)) + squeezer.flush()
    path = _write(tmp_path / "bomb", DeflatedExplicitVRLittleEndian.encode(), body)
    assert path.stat().st_size < 1 << 20
    found = _head(sandbox, opened(path))
    assert (found.drawable, found.why_not) == (False, "it unpacks to more than we allow")


def test_inflating_ends_wherever_the_stream_ends(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    # Half of such files, larger than one step and padded to an even length, once never ended.
    picture = np.zeros((1100, 1000), np.uint16)
    for i in range(12):
        path = made(picture, syntax=DeflatedExplicitVRLittleEndian, StudyDescription="x" * i)
        found = _head(sandbox, opened(path))
        assert (found.drawable, found.why_not) == (True, "")


@pytest.mark.parametrize("depth", (300, 30_000))
def test_nesting_of_undefined_length_ends(
    depth: int, sandbox: Sandbox, opened: Open, tmp_path: Path
) -> None:
    level = struct.pack("<HH2sHL", 8, 0x1140, b"SQ", 0, 0xFFFFFFFF)
    level += struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    found = _head(sandbox, opened(_write(tmp_path / "deep", EXPLICIT, level * depth)))
    assert found.why_not == "it is nested too deeply"


def test_nesting_of_defined_length_costs_nothing(
    sandbox: Sandbox, opened: Open, tmp_path: Path
) -> None:
    body = b""
    for _ in range(3000):
        body = struct.pack("<HHL", 0xFFFE, 0xE000, len(body)) + body
        body = struct.pack("<HH2sHL", 0x5200, 0x9229, b"SQ", 0, len(body)) + body
    assert _head(sandbox, opened(_write(tmp_path / "deep", EXPLICIT, body))).frames == 1


def test_more_elements_than_any_instance_has_are_not_read(
    sandbox: Sandbox, opened: Open, tmp_path: Path
) -> None:
    body = b"".join(struct.pack("<HH2sH", 9, i, b"LO", 0) for i in range(65536)) * 3
    body = b"".join(
        struct.pack("<HH2sH", group, i, b"LO", 0) for group in (9, 11) for i in range(65536)
    )
    found = _head(sandbox, opened(_write(tmp_path / "many", EXPLICIT, body)))
    assert found.why_not == "it has too many elements"


def test_a_size_that_no_memory_holds_is_refused(sandbox: Sandbox, made: Make, opened: Open) -> None:
    fd = opened(made(PICTURE, Rows=60000, Columns=60000))
    assert _head(sandbox, fd).why_not == "it is larger than we can draw"
    with pytest.raises(CannotDraw):
        sandbox.decode(fd, 0)


def test_a_size_that_only_the_codestream_claims_is_refused(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    stream = bytearray(imagecodecs.jpeg2k_encode(PICTURE, codecformat="J2K", level=0))
    at = stream.index(b"\xff\x51")
    stream[at + 6 : at + 14] = struct.pack(">LL", 60000, 60000)
    path = made(PICTURE, syntax=JPEG2000Lossless, PixelData=encapsulate([bytes(stream)]))
    with pytest.raises(ViewerError):
        sandbox.decode(opened(path), 0)


def _streams() -> dict[str, bytes]:
    eight = (PICTURE >> 4).astype(np.uint8)
    return {
        JPEG2000Lossless: imagecodecs.jpeg2k_encode(PICTURE, codecformat="J2K", level=0),
        HTJ2KLossless: imagecodecs.htj2k_encode(PICTURE),
        JPEGLSLossless: imagecodecs.jpegls_encode(PICTURE),
        JPEGBaseline8Bit: imagecodecs.jpeg8_encode(eight),
    }


@pytest.mark.parametrize("syntax", (JPEG2000Lossless, HTJ2KLossless, JPEGLSLossless))
def test_what_these_codecs_encode_without_loss_comes_back(
    syntax: str, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    path = made(PICTURE, syntax=syntax, PixelData=encapsulate([_streams()[syntax]]))
    assert np.array_equal(sandbox.decode(opened(path), 0).array, PICTURE)


@pytest.mark.parametrize("kept", (0.1, 0.5, 0.9))
@pytest.mark.parametrize("syntax", list(_streams()))
def test_a_codestream_that_is_cut_is_never_shown(
    syntax: str, kept: float, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    stream = _streams()[syntax]
    cut = encapsulate([stream[: int(len(stream) * kept)]])
    allocated = 8 if syntax == JPEGBaseline8Bit else 16
    path = made(PICTURE, syntax=syntax, PixelData=cut, BitsAllocated=allocated, BitsStored=8)
    with pytest.raises(CannotDraw):
        sandbox.decode(opened(path), 0)


@pytest.mark.parametrize("syntax", (*_streams(), RLELossless))
def test_a_file_that_is_cut_in_its_pixels_is_never_shown(
    syntax: str, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    stream = _streams().get(syntax, bytes(4096))
    path = made(PICTURE, syntax=syntax, PixelData=encapsulate([stream]))
    path.write_bytes(path.read_bytes()[: -len(stream) // 2])
    with pytest.raises(CannotDraw):
        sandbox.decode(opened(path), 0)


def test_native_pixels_that_are_cut_are_never_shown(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    path = made(PICTURE)
    path.write_bytes(path.read_bytes()[:-2])
    assert _head(sandbox, opened(path)).why_not == "its picture is cut short"
    frames = made(np.stack([PICTURE] * 3))
    frames.write_bytes(frames.read_bytes()[:-2])
    fd = opened(frames)
    assert sandbox.decode(fd, 1).rows == 64
    with pytest.raises(CannotDraw):
        sandbox.decode(fd, 2)


def test_a_frame_shows_nothing_of_the_one_before(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    full = made(np.full((64, 64), 0xBEEF, np.uint16))
    sandbox.decode(opened(full), 0)
    offsets = struct.pack("<16L", 2, 64, 66, *[0] * 13)
    short = made(PICTURE, syntax=RLELossless, PixelData=encapsulate([offsets + b"\x00\x01" * 2]))
    with pytest.raises(CannotDraw):
        sandbox.decode(opened(short), 0)


def test_fragments_without_end_stop_at_the_deadline_and_the_rest_goes_on(
    made: Make, tmp_path: Path
) -> None:
    folder = tmp_path / "disc"
    folder.mkdir()
    body = struct.pack("<HH2sHH", 0x28, 0x10, b"US", 2, 4)
    body += struct.pack("<HH2sHH", 0x28, 0x11, b"US", 2, 4)
    body += struct.pack("<HH2sHH", 0x28, 0x100, b"US", 2, 8)
    body = struct.pack("<HH2sH2s", 0x28, 8, b"IS", 2, b"9 ") + body
    body += struct.pack("<HH2sHL", 0x7FE0, 0x10, b"OB", 0, 0xFFFFFFFF)
    body += struct.pack("<HHL", 0xFFFE, 0xE000, 0) * 2_000_000
    _write(folder / "endless", JPEGBaseline8Bit.encode(), body)
    for i in range(5):
        made(PICTURE).rename(folder / f"good{i}")
    with Sandbox(workers=1, deadline_s=1.0) as hurried:
        found = scan([folder], hurried)
    by_name = {each.relative: each.header for each in found.files}
    assert len(by_name) == 6
    assert by_name.pop("endless").why_not == "it could not be read safely"
    assert all(each.drawable for each in by_name.values())


@pytest.mark.parametrize(
    "content",
    (
        b"",
        b"x",
        b"DICM",
        bytes(200),
        b"PK\x03\x04" + bytes(500),
        b"\x08\x00\x05\x00CS" + b"\xff" * 500,
    ),
)
def test_what_is_no_dicom_is_said_to_be_none(
    content: bytes, sandbox: Sandbox, opened: Open, tmp_path: Path
) -> None:
    (tmp_path / "x").write_bytes(content)
    (found,) = sandbox.headers([("", opened(tmp_path / "x"))])
    assert isinstance(found, NotDicom)


def test_a_broken_instance_is_an_instance_still(
    sandbox: Sandbox, opened: Open, tmp_path: Path
) -> None:
    (tmp_path / "x").write_bytes(b"II*\0" + bytes(124) + b"DICM" + b"\xff" * 300)
    found = _head(sandbox, opened(tmp_path / "x"))
    assert not found.drawable and found.why_not and found.preamble


def test_random_damage_never_ends_a_child(
    sandbox: Sandbox, opened: Open, bundled: Callable[[str], Path], tmp_path: Path
) -> None:
    random = np.random.default_rng(11)
    whole = bundled("MR_small_RLE.dcm").read_bytes()
    fds = []
    for i in range(120):
        damaged = bytearray(whole)
        for at in random.integers(132, len(whole), 12):
            damaged[at] = random.integers(0, 256)
        (tmp_path / str(i)).write_bytes(damaged)
        fds.append(opened(tmp_path / str(i)))
    for found in sandbox.headers([("", fd) for fd in fds]):
        assert isinstance(found, (Header, NotDicom)), found
    for fd in fds[:60]:
        try:
            assert sandbox.decode(fd, 0).array.nbytes > 0
        except (CannotDraw, NotDicom):
            continue
