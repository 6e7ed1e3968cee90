"""Every compression, whole and cut: what comes out is the picture, or nothing."""

from __future__ import annotations

import io
import re
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders import RLELosslessEncoder
from pydicom.uid import UID, HTJ2KLossless

from viewer.dicom.sandbox import Sandbox
from viewer.dicom.sandbox.child.limits import allowed_s
from viewer.errors import CannotDraw

Open = Callable[[Path | str], int]
Make = Callable[..., Path]
JPEG, T = "1.2.840.10008.1.2.4.", "1.2.840.10008.1.2."
SIDE = 96


def _grey(bits: int, rows: int = SIDE, columns: int = SIDE) -> np.ndarray:
    """Slopes with noise, as scans have: nothing in it is flat."""
    random = np.random.default_rng(bits)
    y, x = np.mgrid[0:rows, 0:columns]
    smooth = (np.sin(x / 17) * np.cos(y / 13) + 1) / 2
    values = smooth * 0.8 * (1 << bits) + random.normal(0, 0.01 * (1 << bits), smooth.shape)
    return values.clip(0, (1 << bits) - 1).astype(np.uint8 if bits <= 8 else np.uint16)


def _colour(rows: int = SIDE, columns: int = SIDE) -> np.ndarray:
    grey = _grey(8, rows, columns)
    return np.ascontiguousarray(np.stack([grey, grey[::-1], 255 - grey], -1))


def _made(make: Make, picture: np.ndarray, syntax: str, stream: bytes, **more: Any) -> Path:
    colour = picture.ndim == 3
    bits = {"BitsStored": int(more.pop("bits", 8 * picture.dtype.itemsize))}
    if colour:
        more = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB"} | more
        more |= {"PlanarConfiguration": 0}
    shape = {"HighBit": bits["BitsStored"] - 1}
    flat = picture[..., 0] if colour else picture
    data = encapsulate([stream])
    known = syntax if UID(syntax).is_transfer_syntax else HTJ2KLossless  # to pydicom
    flat = np.ascontiguousarray(flat)
    path = make(flat, syntax=known, PixelData=data, **bits, **shape, **more)
    path.write_bytes(path.read_bytes().replace(known.encode(), syntax.encode(), 1))
    return path


# The version for Python 3.11 encodes HTJ2K of as many bits as the numbers have room for only.
ONE_OF_TWO = (False, True) if sys.version_info >= (3, 12) else ()


def told_bits(encode: Callable[..., bytes], array: np.ndarray, bits: int, **more: object) -> bytes:
    """Tell an encoder how many bits count, where the version at hand lets one."""
    try:
        return encode(array, bitspersample=bits, **more)
    except TypeError:
        return encode(array, **more)


jpeg8, jpegxl = imagecodecs.jpeg8_encode, imagecodecs.jpegxl_encode
jxl_of_jpeg = imagecodecs.jpegxl_encode_jpeg
GREY: dict[str, tuple[str, int, Callable[[np.ndarray], bytes], int]] = {
    # name: syntax, bits, encoder, how far from the original
    "baseline": (JPEG + "50", 8, lambda a: jpeg8(a, level=95), 12),
    "extended": (JPEG + "51", 12, lambda a: jpeg8(a, level=95, bitspersample=12), 200),
    "lossless 8": (JPEG + "70", 8, lambda a: jpeg8(a, lossless=True), 0),
    "lossless 12": (JPEG + "70", 12, lambda a: jpeg8(a, lossless=True, bitspersample=12), 0),
    "lossless 16": (JPEG + "57", 16, lambda a: jpeg8(a, lossless=True, bitspersample=16), 0),
    "JPEG-LS": (JPEG + "80", 12, lambda a: told_bits(imagecodecs.jpegls_encode, a, 12), 0),
    "JPEG-LS near": (JPEG + "81", 16, lambda a: imagecodecs.jpegls_encode(a, level=3), 3),
    "JPEG 2000": (JPEG + "90", 16, lambda a: imagecodecs.jpeg2k_encode(a, codecformat="J2K"), 0),
    "HTJ2K": (JPEG + "201", 16, imagecodecs.htj2k_encode, 0),
    "HTJ2K tiles": (JPEG + "202", 16, lambda a: imagecodecs.htj2k_encode(a, tile=(32, 32)), 0),
    "JPEG XL": (JPEG + "110", 12, lambda a: jpegxl(a, lossless=True, bitspersample=12), 0),
    "JPEG XL 16": (JPEG + "112", 16, lambda a: jpegxl(a, lossless=True), 0),
    "JPEG XL, lossy": (JPEG + "112", 8, lambda a: jpegxl(a, distance=1.0), 24),
    "JPEG XL of a JPEG": (JPEG + "111", 8, lambda a: jxl_of_jpeg(jpeg8(a, 95)), 12),
}  # fmt: skip
COLOUR: dict[str, tuple[str, Callable[[np.ndarray], bytes], int, str]] = {
    "baseline 4:4:4": (JPEG + "50", lambda a: jpeg8(a, 95, subsampling="444"), 16, "YBR_FULL"),
    "baseline 4:2:2": (JPEG + "50", lambda a: jpeg8(a, 95, subsampling="422"), 99, "YBR_FULL_422"),
    "baseline 4:2:0": (JPEG + "50", lambda a: jpeg8(a, 95, subsampling="420"), 99, "YBR_FULL_422"),
    "lossless": (JPEG + "70", lambda a: jpeg8(a, lossless=True), 0, "RGB"),
    "JPEG-LS": (JPEG + "80", imagecodecs.jpegls_encode, 0, "RGB"),
    "JPEG 2000": (JPEG + "90", lambda a: imagecodecs.jpeg2k_encode(a, codecformat="J2K"), 0, "RGB"),
    "JPEG 2000 RCT": (
        JPEG + "90",
        lambda a: imagecodecs.jpeg2k_encode(a, codecformat="J2K", mct=True, reversible=True),
        0,
        "YBR_RCT",
    ),
    "JPEG 2000 ICT": (
        JPEG + "91",
        lambda a: imagecodecs.jpeg2k_encode(a, 48, codecformat="J2K", mct=True, reversible=False),
        12,
        "YBR_ICT",
    ),
    "HTJ2K": (JPEG + "201", imagecodecs.htj2k_encode, 0, "YBR_RCT"),
    "JPEG XL": (JPEG + "110", lambda a: jpegxl(a, lossless=True), 0, "RGB"),
    "JPEG XL, lossy": (JPEG + "112", lambda a: jpegxl(a, distance=0.3), 60, "XYB"),
}


@pytest.mark.parametrize("name", GREY)
def test_grey_comes_back(name: str, sandbox: Sandbox, made: Make, opened: Open) -> None:
    syntax, bits, encode, within = GREY[name]
    picture = _grey(bits)
    found = sandbox.decode(opened(_made(made, picture, syntax, encode(picture), bits=bits)), 0)
    assert found.array.dtype == picture.dtype and found.bits_stored == bits
    assert np.abs(found.array.astype(int) - picture).max() <= within
    assert found.lossy == (within > 0 or syntax == JPEG + "112")


@pytest.mark.parametrize("name", COLOUR)
def test_colour_comes_back(name: str, sandbox: Sandbox, made: Make, opened: Open) -> None:
    syntax, encode, within, photometric = COLOUR[name]
    picture = _colour()
    path = _made(made, picture, syntax, encode(picture), PhotometricInterpretation=photometric)
    found = sandbox.decode(opened(path), 0)
    assert found.photometric == "RGB" and found.array.shape == picture.shape
    assert np.abs(found.array.astype(int) - picture).max() <= within


@pytest.mark.parametrize("name", [each for each in GREY if "JPEG" not in each or "2000" in each])
@pytest.mark.parametrize("shape", [(1, 1), (7, 9), (8, 16), (65, 31)])
def test_no_row_is_lost_at_any_size(
    name: str, shape: tuple[int, int], sandbox: Sandbox, made: Make, opened: Open
) -> None:
    syntax, bits, encode, within = GREY[name]
    picture = _grey(bits, *shape)
    found = sandbox.decode(opened(_made(made, picture, syntax, encode(picture), bits=bits)), 0)
    assert np.abs(found.array.astype(int) - picture).max() <= max(within, 1)


@pytest.mark.parametrize("value", [0, 128, 255])
@pytest.mark.parametrize("lossless", [False, True])
def test_a_flat_picture_is_not_taken_for_a_cut_one(
    value: int, lossless: bool, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    for picture in (np.full((40, 40), value, np.uint8), _grey(8)):
        picture[30:] = value
        stream = imagecodecs.jpeg8_encode(picture, level=98, lossless=lossless)
        path = _made(made, picture, JPEG + ("70" if lossless else "50"), stream)
        assert np.abs(sandbox.decode(opened(path), 0).array.astype(int) - picture).max() < 12


def _cut(stream: bytes, kept: float) -> bytes:
    """What a repair tool makes of a cut file: an end without a middle."""
    return stream[: int(len(stream) * kept)].rstrip(b"\xff") + b"\xff\xd9"


@pytest.mark.parametrize("kept", (0.4, 0.7, 0.95))
@pytest.mark.parametrize("name", GREY)
def test_a_cut_stream_with_a_new_end_is_found_out(
    name: str, kept: float, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    syntax, bits, encode, _ = GREY[name]
    picture = _grey(bits)
    path = _made(made, picture, syntax, _cut(encode(picture), kept), bits=bits)
    with pytest.raises(CannotDraw):
        sandbox.decode(opened(path), 0)


@pytest.mark.parametrize("kept", (0.5, 0.95))
@pytest.mark.parametrize("name", COLOUR)
def test_a_cut_stream_of_colour_is_found_out_too(
    name: str, kept: float, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    syntax, encode, _, photometric = COLOUR[name]
    picture = _colour()
    stream = _cut(encode(picture), kept)
    path = _made(made, picture, syntax, stream, PhotometricInterpretation=photometric)
    with pytest.raises(CannotDraw):
        sandbox.decode(opened(path), 0)


@pytest.mark.parametrize("short", range(40, 60))
def test_a_scan_of_a_flat_ending_is_found_out_wherever_it_is_cut(
    short: int, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    # Most of it is grey that looks like what a decoder fills in.
    picture = np.full((64, 64), 128, np.uint8)
    picture[:, ::3] = _grey(8, 64, 64)[:, ::3]
    stream = imagecodecs.jpeg8_encode(picture, level=90)
    path = _made(made, picture, JPEG + "50", _cut(stream, short / 61))
    with pytest.raises(CannotDraw):
        sandbox.decode(opened(path), 0)


@pytest.mark.parametrize("name", ["baseline", "extended", "lossless 12"])
def test_a_marker_may_have_more_than_one_ff_before_it(
    name: str, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    syntax, bits, encode, within = GREY[name]
    picture = _grey(bits)
    stream = encode(picture).replace(b"\xff\xd9", b"\xff\xff\xff\xd9")
    found = sandbox.decode(opened(_made(made, picture, syntax, stream, bits=bits)), 0)
    assert np.abs(found.array.astype(int) - picture).max() <= within


def _with_dcmtk(path: Path, *command: str) -> Path:
    out = path.with_suffix(".out.dcm")
    subprocess.run([*command, str(path), str(out)], check=True, capture_output=True, timeout=30)
    return out


@pytest.mark.live
@pytest.mark.parametrize("predictor", range(1, 8))
def test_every_predictor_of_lossless_jpeg_comes_back_and_is_checked(
    predictor: int, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    picture = _grey(12)
    plain = made(picture, BitsStored=12, HighBit=11)
    path = _with_dcmtk(plain, "dcmcjpeg", "+el", "+sv", str(predictor))
    assert np.array_equal(sandbox.decode(opened(path), 0).array, picture)
    stream = imagecodecs.jpeg8_encode(picture, lossless=True, bitspersample=12, predictor=predictor)
    with pytest.raises(CannotDraw):
        sandbox.decode(opened(_made(made, picture, JPEG + "57", _cut(stream, 0.8), bits=12)), 0)


@pytest.mark.live
@pytest.mark.parametrize("process", ["+eb", "+ee", "+es", "+ep"])
def test_sequential_and_progressive_jpeg_of_dcmtk_are_drawn(
    process: str, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    picture = _grey(8)
    path = _with_dcmtk(made(picture), "dcmcjpeg", process, "+q", "95")
    assert np.abs(sandbox.decode(opened(path), 0).array.astype(int) - picture).max() <= 12


def _restarted(picture: np.ndarray) -> bytes:
    """Encode with a restart after each row of blocks."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=95, restart_marker_rows=1)
    return out.getvalue()


def test_a_lost_restart_is_found_out(sandbox: Sandbox, made: Make, opened: Open) -> None:
    picture = _grey(8)
    stream = _restarted(picture)
    marks = [each.start() for each in re.finditer(rb"\xff[\xd0-\xd7]", stream)]
    assert len(marks) == SIDE // 8 - 1
    whole = sandbox.decode(opened(_made(made, picture, JPEG + "50", stream)), 0)
    assert np.abs(whole.array.astype(int) - picture).max() <= 12
    without = stream[: marks[3]] + stream[marks[4] :]  # one row of blocks less
    emptied = stream[: marks[3] + 8] + stream[marks[4] :]  # its mark is there, its data not
    for damaged in (without, emptied):
        with pytest.raises(CannotDraw):
            sandbox.decode(opened(_made(made, picture, JPEG + "50", damaged)), 0)


@pytest.mark.parametrize(
    ("bits", "signed"), [(8, False), (16, True), *((12, each) for each in ONE_OF_TWO)]
)
def test_what_rounding_carries_past_white_is_white(
    bits: int, signed: bool, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    # One decoder of lossy HTJ2K let 256 become 0, and so painted black spots into white.
    dtype = np.dtype(f"{'i' if signed else 'u'}{1 if bits == 8 else 2}")
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    squares = np.kron(np.random.default_rng(0).random((12, 12)) < 0.5, np.ones((8, 8))) > 0
    picture = np.where(squares, high, low).astype(dtype)
    stream = told_bits(imagecodecs.htj2k_encode, picture, bits, level=0.02, reversible=False)
    about = {"bits": bits, "PixelRepresentation": int(signed)}
    found = sandbox.decode(opened(_made(made, picture, JPEG + "203", stream, **about)), 0).array
    assert np.abs(found.astype(int) - picture).max() < (high - low) / 8


def test_a_tile_that_is_missing_is_found_out(sandbox: Sandbox, made: Make, opened: Open) -> None:
    picture = _grey(16)
    stream = imagecodecs.htj2k_encode(picture, tile=(32, 32))
    starts = [each.start() for each in re.finditer(rb"\xff\x90\x00\x0a", stream)]
    assert len(starts) == 9
    without = stream[: starts[4]] + stream[starts[5] :]
    with pytest.raises(CannotDraw):
        sandbox.decode(opened(_made(made, picture, JPEG + "201", without)), 0)


# -- RLE --------------------------------------------------------------------------------------


def _rle(*segments: bytes) -> bytes:
    offsets, at = [], 64
    for each in segments:
        offsets.append(at)
        at += len(each)
    fill = [0] * (15 - len(segments))
    return struct.pack("<16L", len(segments), *offsets, *fill) + b"".join(segments)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16])
def test_run_lengths_give_what_pydicom_put_in(
    dtype: type, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    picture = _grey(8).astype(dtype) * dtype(3 if dtype is not np.uint8 else 1)
    if np.dtype(dtype).kind == "i":
        picture -= 300
    size = picture.dtype.itemsize
    about = {
        "rows": SIDE,
        "columns": SIDE,
        "samples_per_pixel": 1,
        "bits_allocated": 8 * size,
        "bits_stored": 8 * size,
        "pixel_representation": int(picture.dtype.kind == "i"),
        "number_of_frames": 1,
        "photometric_interpretation": "MONOCHROME2",
    }
    stream = RLELosslessEncoder.encode(picture, **about)
    found = sandbox.decode(opened(_made(made, picture, T + "5", stream)), 0).array
    assert found.dtype == picture.dtype and np.array_equal(found, picture)


def test_segments_of_unequal_lengths_are_no_picture(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    picture = np.zeros((8, 16), np.uint16)
    run = {count: struct.pack("bB", 1 - count, 7) for count in (127, 128)}
    for high, low in ((run[128], run[127]), (run[127], run[128] + b"\x00\x07")):
        with pytest.raises(CannotDraw):
            sandbox.decode(opened(_made(made, picture, T + "5", _rle(high, low))), 0)
    padded = _rle(run[128] + b"\x00\x00", run[128] + b"\x00\x07")  # longer ones are cut off
    found = sandbox.decode(opened(_made(made, picture, T + "5", padded)), 0).array
    assert set(found.ravel().tolist()) == {0x0707}


@pytest.mark.parametrize("offsets", [(66, 64), (64, 60), (64, 1 << 31), (0, 66), (64, 64)])
def test_offsets_of_segments_that_lead_nowhere_are_no_picture(
    offsets: tuple[int, int], sandbox: Sandbox, made: Make, opened: Open
) -> None:
    stream = struct.pack("<16L", 2, *offsets, *[0] * 13) + b"\x81\x07" * 2
    with pytest.raises(CannotDraw):
        sandbox.decode(opened(_made(made, np.zeros((8, 16), np.uint16), T + "5", stream)), 0)


# -- time -------------------------------------------------------------------------------------


def test_a_frame_may_not_take_more_of_the_processor_than_frames_of_its_size_do() -> None:
    assert allowed_s(100_000, 512 * 512) < 5
    assert allowed_s(12_000_000, 12_000_000) > 30  # a mammogram on a slow machine


ENDLESS = """
import os
from viewer.dicom.sandbox.child import hardening, limits

parent = os.getpid()
child = os.fork()
if not child:
    hardening.harden(parent)
    with limits.processor(60):
        pass
    with limits.processor(0.2):
        while True:
            pass
_, status = os.waitpid(child, 0)
print(os.WTERMSIG(status))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="children are hardened on Linux only")
def test_a_hardened_child_that_works_too_long_is_ended() -> None:
    command = [sys.executable, "-c", ENDLESS]
    done = subprocess.run(command, timeout=60, check=True, capture_output=True, text=True)
    assert int(done.stdout) == signal.SIGPROF
