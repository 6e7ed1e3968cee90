"""The way from stored values to grey, against pydicom's own."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut
from pydicom.pixels.processing import apply_color_lut, apply_windowing

from viewer.dicom.pixels import Lut, Palette, Pixels
from viewer.render.pipeline import (
    CT_PRESETS,
    Window,
    default_window,
    lut_for,
    picture,
    to_grey8,
    to_rgb8,
)

RAMP = np.arange(-1024, 3072, dtype=np.int16).reshape(64, 64)


def frame(array: np.ndarray = RAMP, **changes: object) -> Pixels:
    plain = Pixels(array, "MONOCHROME2", 8 * array.dtype.itemsize, array.dtype.kind == "i")
    return dataclasses.replace(plain, **changes)


def dataset(pixels: Pixels, window: Window | None = None) -> Dataset:
    given = Dataset()
    given.BitsAllocated = 8 * pixels.array.dtype.itemsize
    given.BitsStored = pixels.bits_stored
    given.PixelRepresentation = int(pixels.signed)
    given.PhotometricInterpretation = "MONOCHROME2"
    given.RescaleSlope, given.RescaleIntercept = pixels.rescale_slope, pixels.rescale_intercept
    if window:
        given.WindowCenter, given.WindowWidth = window.center, window.width
        given.VOILUTFunction = window.function
    return given


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(
    ("center", "width"), [(40, 400), (-600, 1500), (0.5, 1), (300, 2), (7, 33)]
)
@pytest.mark.parametrize(("slope", "intercept"), [(1, 0), (1, -1024), (0.5, 12), (2.5, -100.25)])
def test_windows_give_what_pydicom_gives(
    function: str, center: float, width: float, slope: float, intercept: float
) -> None:
    if function == "LINEAR" and width == 1:
        width = 2  # a division by zero there; our step has its own test
    pixels = frame(rescale_slope=slope, rescale_intercept=intercept)
    window = Window(center, width, function)
    given = dataset(pixels, window)
    with np.errstate(over="ignore"):  # in the oracle
        expected = apply_windowing(apply_modality_lut(RAMP, given), given)
    low = -(2**15) * slope + intercept
    high = (2**15 - 1) * slope + intercept
    levels = (expected - low) / (high - low) * 255
    assert np.abs(to_grey8(pixels, window) - levels).max() <= 0.5 + 1e-6


def test_a_linear_window_of_width_one_is_a_step() -> None:
    grey = to_grey8(frame(), Window(10, 1))
    assert grey[RAMP <= 9].max() == 0
    assert grey[RAMP > 9.5].min() == 255


def test_a_linear_window_ends_where_the_standard_says() -> None:
    grey = to_grey8(frame(), Window(2048, 4096))  # the standard's own example
    assert grey[RAMP == 0][0] == 0
    assert lut_for(frame(), Window(2048, 4096))[4095] == 255
    exact = lut_for(frame(), Window(2048, 4096, "LINEAR_EXACT"))
    assert (exact[0], exact[4096]) == (0, 255)


def test_a_table_gives_what_pydicom_gives() -> None:
    values = (np.sin(np.linspace(0, 1.5, 1000)) * 4095).astype(np.uint16)
    pixels = frame(voi_luts=(Lut(-100, 12, values),))
    given = dataset(pixels)
    item = Dataset()
    item.LUTDescriptor, item.LUTData = [1000, -100, 12], values.tolist()
    item["LUTDescriptor"].VR = "SS"
    given.VOILUTSequence = [item]
    expected = apply_voi_lut(RAMP, given) / 4095 * 255
    assert np.abs(picture(pixels) - expected).max() <= 0.5 + 1e-6


def test_a_modality_table_gives_what_pydicom_gives() -> None:
    values = np.arange(2000, dtype=np.uint16)[::-1] * 3
    table = Lut(-5, 16, values)
    pixels = frame(modality_lut=table)
    given = dataset(pixels)
    item = Dataset()
    item.LUTDescriptor, item.LUTData = [2000, -5, 16], values.tolist()
    item["LUTDescriptor"].VR = "SS"
    given.ModalityLUTSequence = [item]
    expected = apply_modality_lut(RAMP, given).astype(float) / 5997 * 255
    assert default_window(pixels) == Window(2998.5, 5997, "LINEAR_EXACT")
    assert np.abs(picture(pixels) - expected).max() <= 0.5 + 1e-6


@pytest.mark.parametrize(
    ("photometric", "shape", "inverse"),
    [
        ("MONOCHROME2", "", False),
        ("MONOCHROME1", "", True),
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME1", "INVERSE", True),  # digital radiographs say the same thing twice
        ("MONOCHROME1", "IDENTITY", False),
    ],
)
def test_an_explicit_presentation_step_decides_which_end_is_bright_else_the_photometric_kind(
    photometric: str, shape: str, inverse: bool
) -> None:
    # The last row is against PS3.3 C.8.11.3.1.2, which pairs MONOCHROME1 with INVERSE, so the
    # standard does not settle it. Its own meaning does: IDENTITY says that what comes out of the
    # window is P-values already (C.11.6), and the greatest P-value is the brightest; MONOCHROME1
    # only says how to display without that step (C.7.6.3.1.2). DCMTK, dcm4che and Weasis read it
    # so; tests/live compares with DCMTK.
    plain = to_grey8(frame(), Window(0, 2000))
    given = to_grey8(frame(photometric=photometric, presentation_shape=shape), Window(0, 2000))
    assert np.abs(given.astype(int) - (255 - plain.astype(int) if inverse else plain)).max() <= 1


def test_the_headers_first_window_comes_first_then_its_table_then_the_whole_range() -> None:
    table = Lut(0, 8, np.arange(256, dtype=np.uint16))
    windows = ((40.0, 400.0, "SOFT"), (480.0, 2500.0, "BONE"))
    assert default_window(frame(windows=windows, voi_luts=(table,))) == Window(40, 400)
    assert default_window(frame(voi_luts=(table,))) is table
    assert default_window(frame()) == Window(1023.5, 4095, "LINEAR_EXACT")


@pytest.mark.parametrize("width", [0.0, -5.0, float("nan"), float("inf")])
def test_an_unusable_window_of_the_header_is_passed_over(width: float) -> None:
    windows = ((40.0, width, ""), (50.0, 350.0, ""))
    assert default_window(frame(windows=windows)) == Window(50, 350)


def test_whole_range_uses_all_of_grey() -> None:
    grey = picture(frame())
    assert (grey[0, 0], grey[-1, -1]) == (0, 255)


def test_padding_is_black_and_does_not_count() -> None:
    array = np.full((8, 8), -2000, dtype=np.int16)
    array[2:6, 2:6] = np.arange(16).reshape(4, 4) + 100
    for photometric in ("MONOCHROME1", "MONOCHROME2"):
        pixels = frame(array, padding=(-2000, -2000), photometric=photometric)
        assert default_window(pixels) == Window(107.5, 15, "LINEAR_EXACT")
        grey = picture(pixels)
        assert grey[array == -2000].max() == 0
        assert {int(grey[2, 2]), int(grey[5, 5])} == {0, 255}


def test_a_frame_of_nothing_but_padding_is_black() -> None:
    assert picture(frame(np.zeros((4, 4), np.uint16), padding=(0, 0))).max() == 0


def test_a_frame_of_one_value_can_be_drawn() -> None:
    assert len(np.unique(picture(frame(np.full((4, 4), 7, np.uint16))))) == 1


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.int32, np.float32])
def test_every_type_of_value_goes_the_same_way(dtype: type) -> None:
    array = np.arange(100, dtype=dtype).reshape(10, 10)
    expected = np.rint(np.clip((np.arange(100) - 49.5) / 50 + 0.5, 0, 1) * 255)
    grey = to_grey8(frame(array), Window(50, 51))
    assert np.abs(grey.ravel() - expected).max() <= 1


def test_what_is_no_number_is_black() -> None:
    array = np.array([[0.0, 1.0, np.nan, np.inf]], dtype=np.float32)
    assert picture(frame(array)).tolist() == [[0, 255, 0, 0]]


def palette(bits: int, scale: int, first: int = 0) -> Palette:
    ramp = np.arange(256, dtype=np.uint16)
    tables = (ramp * scale, ramp[::-1] * scale, (ramp // 2) * scale)
    return Palette(*(Lut(first, bits, each.astype(np.uint16)) for each in tables))


@pytest.mark.parametrize(("bits", "scale"), [(8, 1), (16, 256), (16, 257), (16, 1), (8, 256)])
def test_palettes_give_what_pydicom_gives(bits: int, scale: int) -> None:
    array = np.arange(256, dtype=np.uint8).reshape(16, 16)
    pixels = frame(array, photometric="PALETTE COLOR", palette=palette(bits, scale))
    given = Dataset()
    full = palette(16, 257)
    for name, table in {"Red": full.red, "Green": full.green, "Blue": full.blue}.items():
        setattr(given, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(given, f"{name}PaletteColorLookupTableData", table.values.tobytes())
    expected = apply_color_lut(array, given) >> 8
    assert np.array_equal(picture(pixels), expected)


def test_values_outside_a_palette_take_its_ends() -> None:
    array = np.array([[0, 9, 10, 11, 265, 300]], dtype=np.uint16)
    drawn = picture(frame(array, photometric="PALETTE COLOR", palette=palette(8, 1, 10)))
    assert drawn[0, :, 0].tolist() == [0, 0, 0, 1, 255, 255]


def test_colour_passes_through_and_keeps_its_size() -> None:
    array = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    assert np.array_equal(picture(frame(array, photometric="RGB"), Window(1, 1)), array)


def test_colour_of_sixteen_bits_becomes_eight() -> None:
    array = np.array([[[0, 32768, 65535]]], dtype=np.uint16)
    assert to_rgb8(frame(array, photometric="RGB")).tolist() == [[[0, 128, 255]]]


def test_grey_can_be_had_as_colour() -> None:
    drawn = to_rgb8(frame())
    assert drawn.shape == (64, 64, 3)
    assert np.array_equal(drawn[..., 1], to_grey8(frame()))


def test_presets_are_not_swapped() -> None:
    assert {name: (each.width, each.center) for name, each in CT_PRESETS} == {
        "Soft tissue": (400, 40),
        "Lungs": (1500, -600),
        "Liver": (150, 90),
        "Bones": (2500, 480),
        "Brain": (80, 40),
    }
