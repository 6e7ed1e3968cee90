"""Decoded pixels against pydicom's own handlers and other encodings of the same picture."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.pixels import pixel_array

from viewer.dicom.sandbox import Sandbox

Open = Callable[[Path | str], int]
Find = Callable[[str], Path]

NATIVE = (
    "CT_small.dcm",
    "ExplVR_BigEnd.dcm",
    "MR_small.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_expb.dcm",
    "MR_small_implicit.dcm",
    "MR_small_padded.dcm",
    "MR_small_RLE.dcm",
    "SC_rgb_rle.dcm",
    "SC_rgb_rle_16bit.dcm",
    "SC_rgb_rle_16bit_2frame.dcm",
    "SC_rgb_rle_2frame.dcm",
    "SC_rgb_rle_32bit.dcm",
    "SC_rgb_rle_32bit_2frame.dcm",
    "SC_rgb_small_odd.dcm",
    "SC_rgb_small_odd_big_endian.dcm",
    "SC_ybr_full_422_uncompressed.dcm",
    "examples_overlay.dcm",
    "examples_palette.dcm",
    "examples_rgb_color.dcm",
    "image_dfl.dcm",
    "liver_1frame.dcm",
    "liver_expb_1frame.dcm",
    "rtdose.dcm",
    "rtdose_1frame.dcm",
    "rtdose_expb.dcm",
    "rtdose_expb_1frame.dcm",
    "rtdose_rle.dcm",
    "rtdose_rle_1frame.dcm",
)


@pytest.mark.parametrize("name", NATIVE)
def test_every_frame_is_what_pydicom_reads(
    name: str, sandbox: Sandbox, bundled: Find, opened: Open
) -> None:
    path = bundled(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = pydicom.dcmread(path)
        frames = int(whole.get("NumberOfFrames") or 1)
        expected = [pixel_array(whole, index=i) for i in range(frames)]
    for i, frame in enumerate(expected):
        found = sandbox.decode(opened(path), i).array
        assert found.shape == frame.shape
        # Converting YBR rounds; pydicom's factors have six places too.
        tolerance = 1 if "ybr" in name else 0
        assert np.abs(found.astype(np.int64) - frame).max() <= tolerance


SAME = (
    ("MR_small.dcm", "MR_small_jp2klossless.dcm"),
    ("MR_small.dcm", "MR_small_jpeg_ls_lossless.dcm"),
    ("MR_small.dcm", "MR_small_RLE.dcm"),
    ("MR_small.dcm", "MR_small_bigendian.dcm"),
    ("SC_rgb_rle.dcm", "SC_rgb_gdcm_KY.dcm"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_picture_in_two_lossless_encodings_is_one_picture(
    one: str, other: str, sandbox: Sandbox, bundled: Find, opened: Open
) -> None:
    first, second = (sandbox.decode(opened(bundled(name)), 0).array for name in (one, other))
    assert first.dtype == second.dtype
    if "gdcm_KY" in other:  # lossy, although nearly not
        assert np.abs(first.astype(int) - second).max() <= 3
    else:
        assert np.array_equal(first, second)


COLOUR_BARS = {  # the rows at which a test picture of bars is looked at, and their colours
    5: (255, 0, 0),
    15: (255, 128, 128),
    25: (0, 255, 0),
    35: (128, 255, 128),
    45: (0, 0, 255),
    55: (128, 128, 255),
    65: (0, 0, 0),
    75: (64, 64, 64),
    85: (192, 192, 192),
    95: (255, 255, 255),
}


@pytest.mark.parametrize(
    "name",
    (
        "SC_rgb_dcmtk_+eb+cr.dcm",
        "SC_rgb_dcmtk_+eb+cy+n1.dcm",
        "SC_rgb_dcmtk_+eb+cy+n2.dcm",
        "SC_rgb_dcmtk_+eb+cy+np.dcm",
        "SC_rgb_dcmtk_+eb+cy+s2.dcm",
        "SC_rgb_dcmtk_+eb+cy+s4.dcm",
        "SC_rgb_jls_lossy_line.dcm",
        "SC_rgb_jls_lossy_sample.dcm",
        "SC_rgb_jpeg_dcmtk.dcm",
        "SC_rgb_jpeg_gdcm.dcm",
        "SC_rgb_jpeg_lossy_gdcm.dcm",
        "SC_rgb_gdcm_KY.dcm",
        "SC_ybr_full_422_uncompressed.dcm",
    ),
)
def test_coloured_bars_keep_their_colours_however_they_were_stored(
    name: str, sandbox: Sandbox, bundled: Find, opened: Open
) -> None:
    found = sandbox.decode(opened(bundled(name)), 0)
    assert found.photometric == "RGB"
    for row, colour in COLOUR_BARS.items():
        assert np.abs(found.array[row, 50].astype(int) - colour).max() <= 8, row


def test_a_jpeg_in_rgb_is_not_turned_over_again(
    sandbox: Sandbox, bundled: Find, opened: Open
) -> None:
    names = ("SC_jpeg_no_color_transform.dcm", "SC_jpeg_no_color_transform_2.dcm")
    one, other = (sandbox.decode(opened(bundled(name)), 0).array for name in names)
    assert np.abs(one.astype(int) - other).mean() < 4  # compressed apart, of one picture
    assert one[0, 0].tolist() == [244, 244, 244]  # bare glass; turned over it would be green


def test_sign_of_codestream_and_header_may_disagree(
    sandbox: Sandbox, bundled: Find, opened: Open
) -> None:
    found = sandbox.decode(opened(bundled("J2K_pixelrep_mismatch.dcm")), 0)
    assert found.signed
    # Source: pydicom's documentation of this file.
    assert found.array[0, 0] == -2000
    assert found.array[47:52, 279].tolist() == [621, 412, 138, -193, -520]
    assert found.array[328:333, 106].tolist() == [-377, -121, 141, 383, 633]


def test_used_bits_alone_are_kept_and_signs_extended(
    sandbox: Sandbox, made: Callable[..., Path], opened: Open
) -> None:
    stored = np.array([[0xF123, 0x0800], [0xA7FF, 0x0FFF]], np.uint16)
    plain = made(stored, BitsStored=12, HighBit=11)
    signed = made(stored, BitsStored=12, HighBit=11, PixelRepresentation=1)
    shifted = made(stored, BitsStored=12, HighBit=15)
    assert sandbox.decode(opened(plain), 0).array.tolist() == [[0x123, 0x800], [0x7FF, 0xFFF]]
    assert sandbox.decode(opened(signed), 0).array.tolist() == [[0x123, -2048], [2047, -1]]
    assert sandbox.decode(opened(shifted), 0).array.tolist() == [[0xF12, 0x080], [0xA7F, 0x0FF]]


def test_bits_that_do_not_fill_bytes_are_told_apart(
    sandbox: Sandbox, made: Callable[..., Path], opened: Open
) -> None:
    bits = np.random.default_rng(7).integers(0, 2, (4, 3, 5), np.uint8)
    packed = np.packbits(bits.reshape(-1), bitorder="little")
    path = made(
        np.zeros((4, 3, 5), np.uint8),
        BitsAllocated=1,
        BitsStored=1,
        HighBit=0,
        PixelData=packed.tobytes(),
    )
    for i in range(4):
        assert np.array_equal(sandbox.decode(opened(path), i).array, bits[i])
