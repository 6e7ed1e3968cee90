"""Colours as stored to colours as seen: palettes, luminance and chrominance, planes, profiles."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.pixels import convert_color_space
from pydicom.pixels.encoders import RLELosslessEncoder
from pydicom.pixels.processing import _expand_segmented_lut
from pydicom.uid import JPEGLSLossless, RLELossless

from viewer.dicom.sandbox import Sandbox
from viewer.dicom.sandbox.child.palettes import expand
from viewer.render.pipeline import picture

Open = Callable[[Path | str], int]
Make = Callable[..., Path]
ROWS, COLUMNS = 24, 32


def _bars(dtype: type = np.uint8) -> np.ndarray:
    full = np.iinfo(dtype).max
    random = np.random.default_rng(4)
    return random.integers(0, full, (ROWS, COLUMNS, 3), endpoint=True).astype(dtype)


def _colour(make: Make, stored: np.ndarray, photometric: str, planar: int = 0, **more: Any) -> Path:
    """Write rows x columns x 3 values, as they are or as `PixelData` says."""
    flat = np.ascontiguousarray(stored[..., 0])
    data = stored.transpose(2, 0, 1) if planar else stored
    about = {"PixelData": data.tobytes(), "PlanarConfiguration": planar, "SamplesPerPixel": 3}
    return make(flat, PhotometricInterpretation=photometric, **(about | more))


# -- order of samples -------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("planar", [0, 1])
def test_colours_are_kept_pixel_by_pixel_and_plane_by_plane(
    planar: int, dtype: type, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    bars = _bars(dtype)
    found = sandbox.decode(opened(_colour(made, bars, "RGB", planar)), 0)
    assert found.array.dtype == dtype and np.array_equal(found.array, bars)


# -- luminance and chrominance ----------------------------------------------------------------


@pytest.mark.parametrize("planar", [0, 1])
def test_full_luminance_gives_what_pydicom_gives(
    planar: int, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    stored = _bars()
    found = sandbox.decode(opened(_colour(made, stored, "YBR_FULL", planar)), 0).array
    expected = convert_color_space(stored.copy(), "YBR_FULL", "RGB")
    assert np.abs(found.astype(int) - expected).max() <= 1


def _by_hand(stored: np.ndarray, partial: bool, bits: int = 8) -> np.ndarray:
    """The inverse of the matrices that PS3.3 C.7.6.3.1.2 prints."""
    full = np.array(
        [[0.2990, 0.5870, 0.1140], [-0.1687, -0.3313, 0.5000], [0.5000, -0.4187, -0.0813]]
    )
    narrow = np.array(
        [[0.2568, 0.5041, 0.0979], [-0.1482, -0.2910, 0.4392], [0.4392, -0.3678, -0.0714]]
    )
    step = 1 << (bits - 8)
    zero = np.array([16 * step if partial else 0, 128 * step, 128 * step])
    rgb = (stored.astype(float) - zero) @ np.linalg.inv(narrow if partial else full).T
    return np.rint(rgb).clip(0, (1 << bits) - 1)


@pytest.mark.parametrize("photometric", ["YBR_FULL", "YBR_PARTIAL_420", "YBR_PARTIAL_422"])
def test_luminance_is_turned_by_the_standards_matrices(
    photometric: str, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    stored = _bars()
    about = {
        "rows": ROWS,
        "columns": COLUMNS,
        "samples_per_pixel": 3,
        "bits_allocated": 8,
        "bits_stored": 8,
        "pixel_representation": 0,
        "number_of_frames": 1,
        "planar_configuration": 0,
    }
    stream = RLELosslessEncoder.encode(stored, photometric_interpretation="YBR_FULL", **about)
    data = encapsulate([stream])
    path = _colour(made, stored, photometric, syntax=RLELossless, PixelData=data)
    found = sandbox.decode(opened(path), 0).array
    expected = _by_hand(stored, "PARTIAL" in photometric)
    # The printed coefficients have four places, which is half a level of chrominance.
    assert np.abs(found - expected).max() <= 1


def test_luminance_of_sixteen_bits_keeps_them(sandbox: Sandbox, made: Make, opened: Open) -> None:
    stored = _bars(np.uint16)
    found = sandbox.decode(opened(_colour(made, stored, "YBR_FULL")), 0).array
    assert found.dtype == np.uint16
    assert np.abs(found - _by_hand(stored, False, 16)).max() <= 32  # 1 in 2,000


@pytest.mark.parametrize("photometric", ["YBR_FULL_422", "YBR_PARTIAL_422"])
def test_shared_chrominance_is_given_to_both_pixels(
    photometric: str, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    quads = np.random.default_rng(6).integers(0, 256, (ROWS, COLUMNS // 2, 4)).astype(np.uint8)
    full = np.empty((ROWS, COLUMNS, 3), np.uint8)
    full[:, 0::2, 0], full[:, 1::2, 0] = quads[..., 0], quads[..., 1]
    full[:, 0::2, 1:] = full[:, 1::2, 1:] = quads[..., 2:]
    path = _colour(made, full, photometric, PixelData=quads.tobytes())
    found = sandbox.decode(opened(path), 0).array
    assert np.abs(found - _by_hand(full, "PARTIAL" in photometric)).max() <= 1


def test_luminance_within_jpeg_ls_is_turned_too(sandbox: Sandbox, made: Make, opened: Open) -> None:
    stored = _bars()
    stream = encapsulate([imagecodecs.jpegls_encode(stored)])
    path = _colour(made, stored, "YBR_FULL", syntax=JPEGLSLossless, PixelData=stream)
    found = sandbox.decode(opened(path), 0).array
    assert np.abs(found - _by_hand(stored, False)).max() <= 1


# -- palettes ---------------------------------------------------------------------------------

_NAMES = ("Red", "Green", "Blue")


def _palette(first: int = 0, bits: int = 16, entries: int = 256) -> dict[str, Any]:
    ramp = np.arange(entries)
    found: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name, table in zip(_NAMES, (ramp, ramp[::-1], ramp // 2), strict=True):
        said = [entries % 65536, first, bits]
        found[f"{name}PaletteColorLookupTableDescriptor"] = said
        wide = (table * (257 if bits == 16 and entries <= 256 else 1)).astype("<u2")
        data = wide if bits == 16 else table.astype(np.uint8)
        found[f"{name}PaletteColorLookupTableData"] = data.tobytes()
    return found


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette_gives_its_colours(bits: int, sandbox: Sandbox, made: Make, opened: Open) -> None:
    stored = np.arange(256, dtype=np.uint8).reshape(16, 16)
    drawn = picture(sandbox.decode(opened(made(stored, **_palette(bits=bits))), 0))
    assert np.array_equal(drawn, np.stack([stored, 255 - stored, stored // 2], -1))


def test_a_palette_of_65536_says_0(sandbox: Sandbox, made: Make, opened: Open) -> None:
    stored = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    found = sandbox.decode(opened(made(stored, **_palette(entries=65536))), 0)
    assert found.palette is not None and len(found.palette.red.values) == 65536
    drawn = picture(found)
    assert np.array_equal(drawn[..., 0], stored >> 8)


def test_a_palette_of_signed_values_starts_below_zero(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    stored = np.arange(-128, 128, dtype=np.int16).reshape(16, 16)
    drawn = picture(sandbox.decode(opened(made(stored, **_palette(first=-128))), 0))
    assert np.array_equal(drawn[..., 0], stored + 128)


def _segments(wide: bool, *segments: tuple[int, ...]) -> list[int]:
    """(0, values...), (1, length, end) or (2, count, segment): offsets are filled in."""
    codes: list[int] = []
    starts: list[int] = []
    for kind, *rest in segments:
        starts.append(len(codes) * (2 if wide else 1))
        if kind == 0:
            codes += [0, len(rest), *rest]
        elif kind == 1:
            codes += [1, *rest]
        else:
            count, segment = rest
            offset = struct.pack("<L", starts[segment])
            codes += [2, count, *(struct.unpack("<2H" if wide else "<4B", offset))]
    return codes


SEGMENTED = {
    "discrete": [(0, 1, 2, 3)],
    "a line": [(0, 0), (1, 255, 255)],
    "lines down and up": [(0, 200), (1, 7, 3), (1, 100, 250), (0, 9, 9)],
    "a copy": [(0, 5, 6), (1, 10, 100), (2, 2, 0), (0, 1)],
    "a copy of the second": [(0, 5, 6), (1, 10, 100), (0, 30), (2, 1, 1), (2, 2, 1)],
}


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("name", SEGMENTED)
def test_segments_give_what_pydicom_gives(name: str, wide: bool) -> None:
    codes = _segments(wide, *SEGMENTED[name])
    # The offset of a copy counts bytes (PS3.3 C.7.9.2.3); pydicom takes it for a count of words.
    narrow = _segments(False, *SEGMENTED[name])
    expected = _expand_segmented_lut(tuple(narrow), "<B")
    found = expand(codes, wide, len(expected))
    assert len(found) == len(expected)
    assert np.abs(np.array(found) - expected).max() <= 1  # it rounds lines down


@pytest.mark.parametrize("bits", [8, 16])
def test_a_segmented_palette_is_unfolded(
    bits: int, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    wide, top = bits == 16, (1 << bits) - 1
    codes = _segments(wide, (0, 0), (1, 127, top // 2), (2, 1, 0), (1, 127, top))
    data = np.array(codes, "<u2" if wide else "u1").tobytes()
    given: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name in _NAMES:
        given[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, bits]
        given[f"Segmented{name}PaletteColorLookupTableData"] = data + bytes(len(data) % 2)
    stored = np.arange(256, dtype=np.uint8).reshape(16, 16)
    drawn = picture(sandbox.decode(opened(made(stored, **given)), 0))
    values = drawn[..., 0].ravel()
    assert [values[0], values[127], values[128], values[255]] == [0, 127, 0, 255]
    assert (np.diff(values[:128].astype(int)) >= 0).all()


@pytest.mark.parametrize(
    "codes",
    [
        [1, 5, 9],  # a line from nowhere
        [3, 1, 1],
        [0, 0, 0] * 40_000,  # segments without entries
        [0, 1, 7] + [2, 65535, 0, 0] * 30_000,
        [2, 1, 0, 0] * 10,
        [0, 1, 7, 2, 2, 0, 0, 2, 9, 0, 0],  # a copy of a copy
        [2, 1, 65535, 65535],
        [0],
        [],
    ],
)
def test_segments_that_lead_nowhere_end(codes: list[int]) -> None:
    assert len(expand(codes, True, 256)) <= 256 + 65535


# -- profiles ---------------------------------------------------------------------------------


def _adobe(rgb: np.ndarray) -> np.ndarray:
    """Adobe RGB (1998) to sRGB by their published matrices and curves (both of D65)."""
    wide = np.array(
        [
            [0.5767309, 0.1855540, 0.1881852],
            [0.2973769, 0.6273491, 0.0752741],
            [0.0270343, 0.0706872, 0.9911085],
        ]
    )
    screen = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    light = (rgb / 255) ** (563 / 256) @ wide.T @ np.linalg.inv(screen).T
    light = light.clip(0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


ADOBE = imagecodecs.cms_profile("adobergb")


def test_a_profile_is_applied(sandbox: Sandbox, made: Make, opened: Open) -> None:
    bars = _bars()
    found = sandbox.decode(opened(_colour(made, bars, "RGB", ICCProfile=ADOBE)), 0)
    assert found.colour_profile == "applied"
    assert np.abs(found.array - _adobe(bars)).max() <= 2
    assert np.abs(bars - _adobe(bars)).max() > 40  # it does make a difference


def test_a_profile_is_applied_to_a_palette(sandbox: Sandbox, made: Make, opened: Open) -> None:
    stored = np.arange(256, dtype=np.uint8).reshape(16, 16)
    plain = picture(sandbox.decode(opened(made(stored, **_palette())), 0))
    found = sandbox.decode(opened(made(stored, ICCProfile=ADOBE, **_palette())), 0)
    assert found.colour_profile == "applied"
    assert np.abs(picture(found) - _adobe(plain)).max() <= 2


def test_the_profile_of_a_slide_is_found(sandbox: Sandbox, made: Make, opened: Open) -> None:
    path_of_light = pydicom.Dataset()
    path_of_light.ICCProfile = ADOBE
    bars = _bars()
    file = _colour(made, bars, "RGB", OpticalPathSequence=[path_of_light])
    assert sandbox.decode(opened(file), 0).colour_profile == "applied"


def test_a_screens_own_profile_changes_nothing(sandbox: Sandbox, made: Make, opened: Open) -> None:
    bars = _bars()
    own = imagecodecs.cms_profile("srgb")
    found = sandbox.decode(opened(_colour(made, bars, "RGB", ICCProfile=own)), 0)
    assert np.abs(found.array.astype(int) - bars).max() <= 1
    named = _colour(made, bars, "RGB", ICCProfile=ADOBE, ColorSpace="SRGB")
    assert np.array_equal(sandbox.decode(opened(named), 0).array, bars)


@pytest.mark.parametrize(
    "profile",
    [
        b"",
        b"\0" * 200,
        ADOBE[:200],
        ADOBE[:36] + b"xxxx" + ADOBE[40:],
        ADOBE[:16] + b"GRAY" + ADOBE[20:],
        ADOBE[:128] + struct.pack(">L", 0xFFFFFFFF) + ADOBE[132:],
        bytes(each ^ 0x55 if i > 140 else each for i, each in enumerate(ADOBE)),
    ],
)
def test_a_broken_profile_is_left_out_and_said(
    profile: bytes, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    bars = _bars()
    padded = profile + bytes(len(profile) % 2)
    found = sandbox.decode(opened(_colour(made, bars, "RGB", ICCProfile=padded)), 0)
    assert found.colour_profile == "ignored"
    assert np.array_equal(found.array, bars)


def test_a_profile_means_nothing_to_grey(sandbox: Sandbox, made: Make, opened: Open) -> None:
    grey = np.arange(64, dtype=np.uint8).reshape(8, 8)
    found = sandbox.decode(opened(made(grey, ICCProfile=ADOBE)), 0)
    assert found.colour_profile == "" and np.array_equal(found.array, grey)
