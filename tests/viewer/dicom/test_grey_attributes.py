"""What a file says of the way from its values to grey, as read; and the picture it comes to."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from viewer.dicom.pixels import Pixels
from viewer.dicom.sandbox import Sandbox
from viewer.render.pipeline import Window, default_window, header_vois, picture

Open = Callable[[Path | str], int]
Make = Callable[..., Path]
RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)
SIGNED = (RAMP.astype(np.int16) - 2048).astype(np.int16)


@pytest.fixture
def read(sandbox: Sandbox, made: Make, opened: Open) -> Callable[..., Pixels]:
    def of(array: np.ndarray, frame: int = 0, **attributes: Any) -> Pixels:
        return sandbox.decode(opened(made(array, **attributes)), frame)

    return of


def table(
    first: int, bits: int, values: np.ndarray, name: str = "", vr: str = "US", data: bytes = b""
) -> Dataset:
    """A LUT item; `data` if its entries are not words."""
    item = Dataset()
    said = [len(values) % 65536, first, bits]
    item.add(DataElement(0x00283002, "SS" if first < 0 else vr, said))
    if name:
        item.LUTExplanation = name
    item.add(DataElement(0x00283006, "OW", data or values.astype("<u2").tobytes()))
    return item


# -- tables -----------------------------------------------------------------------------------


def test_a_table_of_65536_entries_says_0(read: Callable[..., Pixels]) -> None:
    values = np.arange(65536)[::-1]
    found = read(RAMP, VOILUTSequence=Sequence([table(0, 16, values)]))
    (lut,) = found.voi_luts
    assert np.array_equal(lut.values, values) and (lut.first, lut.bits) == (0, 16)


def test_entries_of_eight_bits_lie_two_a_word_or_one_a_word(read: Callable[..., Pixels]) -> None:
    values = np.arange(256)
    packed = table(0, 8, values, data=values.astype(np.uint8).tobytes())
    roomy = table(0, 8, values)
    for item in (packed, roomy):
        (lut,) = read(RAMP, VOILUTSequence=Sequence([item])).voi_luts
        assert np.array_equal(lut.values, values)


def test_the_first_value_of_a_table_may_be_negative(read: Callable[..., Pixels]) -> None:
    values = np.linspace(0, 4095, 1000).astype(int)
    found = read(SIGNED, VOILUTSequence=Sequence([table(-500, 12, values)]))
    assert found.voi_luts[0].first == -500
    place = (SIGNED.astype(int) + 500).clip(0, 999)
    assert np.abs(picture(found) - values[place] / 4095 * 255).max() <= 0.5 + 1e-9


def test_a_first_value_counts_in_rescaled_values(read: Callable[..., Pixels]) -> None:
    values = np.linspace(0, 255, 512).astype(int)
    item = table(-1000, 8, values)
    found = read(RAMP, RescaleSlope="1", RescaleIntercept="-1024", VOILUTSequence=Sequence([item]))
    place = (RAMP.astype(int) - 1024 + 1000).clip(0, 511)
    assert found.voi_luts[0].first == -1000
    assert np.abs(picture(found).astype(int) - values[place]).max() <= 1


@pytest.mark.parametrize(
    "item",
    [
        table(0, 0, np.arange(4)),
        table(0, 17, np.arange(4)),
        table(0, 16, np.arange(4), data=b"\0" * 2),
        Dataset(),
    ],
)
def test_a_table_that_makes_no_sense_is_left_out(
    item: Dataset, read: Callable[..., Pixels]
) -> None:
    found = read(RAMP, VOILUTSequence=Sequence([item]), WindowCenter="5", WindowWidth="6")
    assert found.voi_luts == () and default_window(found) == Window(5, 6)


def test_a_modality_table_goes_before_everything(read: Callable[..., Pixels]) -> None:
    values = (np.arange(4096)[::-1] // 2).astype(int)
    found = read(
        RAMP,
        ModalityLUTSequence=Sequence([table(0, 16, values)]),
        WindowCenter="1024",
        WindowWidth="2048",
    )
    expected = ((values[RAMP] - 1023.5) / 2047 + 0.5).clip(0, 1) * 255
    assert np.abs(picture(found) - expected).max() <= 0.5 + 1e-9


# -- several views ----------------------------------------------------------------------------


def test_all_windows_and_tables_are_offered_in_their_order(read: Callable[..., Pixels]) -> None:
    tables = [table(0, 8, np.arange(256), "HARD"), table(0, 8, np.arange(256)[::-1], "SOFT")]
    found = read(
        RAMP,
        WindowCenter=["40", "480", "7"],
        WindowWidth=["400", "2500", "0"],
        WindowCenterWidthExplanation=["BRAIN", "BONE", "NONE"],
        VOILUTSequence=Sequence(tables),
    )
    assert [name for name, _ in header_vois(found)] == ["BRAIN", "BONE", "HARD", "SOFT"]
    assert header_vois(found)[1][1] == Window(480, 2500)


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_the_function_of_the_windows_is_the_files(
    function: str, read: Callable[..., Pixels]
) -> None:
    found = read(RAMP, WindowCenter="2000", WindowWidth="800", VOILUTFunction=function)
    x = RAMP.astype(float)
    expected = {  # PS3.3 C.11.2.1.2.1, C.11.2.1.3.2, C.11.2.1.3.1
        "LINEAR": ((x - 1999.5) / 799 + 0.5).clip(0, 1),
        "LINEAR_EXACT": ((x - 2000) / 800 + 0.5).clip(0, 1),
        "SIGMOID": 1 / (1 + np.exp(-4 * (x - 2000) / 800)),
    }[function]
    assert np.abs(picture(found) - expected * 255).max() <= 0.5 + 1e-9


def test_frames_have_windows_and_slopes_of_their_own(read: Callable[..., Pixels]) -> None:
    groups = []
    for i in range(2):
        group, voi, transform = Dataset(), Dataset(), Dataset()
        voi.WindowCenter, voi.WindowWidth = str(100 * (i + 1)), "50"
        transform.RescaleSlope, transform.RescaleIntercept = str(i + 1), str(-10 * i)
        transform.RescaleType = "US"
        group.FrameVOILUTSequence, group.PixelValueTransformationSequence = [voi], [transform]
        groups.append(group)
    frames = np.stack([RAMP, RAMP])
    for i in range(2):
        found = read(frames, i, PerFrameFunctionalGroupsSequence=Sequence(groups))
        assert default_window(found) == Window(100 * (i + 1), 50)
        assert (found.rescale_slope, found.rescale_intercept) == (i + 1, -10 * i)


# -- presentation -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kept"), [({}, ""), ({"PresentationLUTShape": "INVERSE"}, "INVERSE"),
                       ({"PresentationLUTShape": "IDENTITY"}, "IDENTITY"),
                       ({"PresentationLUTShape": "LIN OD"}, "")],
)  # fmt: skip
def test_nothing_said_is_told_from_identity(
    said: dict[str, str], kept: str, read: Callable[..., Pixels]
) -> None:
    assert read(RAMP, **said).presentation_shape == kept


def test_a_presentation_table_is_spread_over_what_the_window_gives(
    read: Callable[..., Pixels],
) -> None:
    values = (255 * np.linspace(0, 1, 4096) ** 2).round().astype(int)
    found = read(
        RAMP,
        PhotometricInterpretation="MONOCHROME1",  # the table decides alone
        WindowCenter="2048",
        WindowWidth="4096",
        PresentationLUTSequence=Sequence([table(0, 8, values)]),
    )
    expected = values[np.rint(RAMP / 4095 * 4095).astype(int)]
    assert np.abs(picture(found).astype(int) - expected).max() <= 1


# -- what is no image -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [(-2000, None, (-2000, -2000)), (-2000, -1500, (-2000, -1500)), (-1500, -2000, (-2000, -1500))],
)
def test_padding_is_a_value_or_a_range(
    value: int, limit: int | None, expected: tuple[int, int], read: Callable[..., Pixels]
) -> None:
    said = {"PixelPaddingValue": value}
    if limit is not None:
        said["PixelPaddingRangeLimit"] = limit
    found = read(SIGNED, **said)
    assert found.padding == expected
    assert default_window(found) == Window(*_range(SIGNED, expected), "LINEAR_EXACT")
    low, high = expected
    inside = (low <= SIGNED) & (high >= SIGNED)
    assert picture(found)[inside].max() == 0


def _range(array: np.ndarray, padding: tuple[int, int]) -> tuple[float, float]:
    kept = array[(array < padding[0]) | (array > padding[1])]
    return (float(kept.min()) + float(kept.max())) / 2, float(kept.max()) - float(kept.min())


@pytest.mark.parametrize(
    ("dtype", "tag", "form", "names"),
    [
        (np.float32, 0x7FE00008, "f", ("FloatPixelPaddingValue", "FloatPixelPaddingRangeLimit")),
        (
            np.float64,
            0x7FE00009,
            "d",
            ("DoubleFloatPixelPaddingValue", "DoubleFloatPixelPaddingRangeLimit"),
        ),
    ],
)
def test_padding_of_floating_point(
    dtype: type, tag: int, form: str, names: tuple[str, str], read: Callable[..., Pixels]
) -> None:
    array = np.linspace(-1e6, 1e-3, 64 * 64).reshape(64, 64).astype(dtype)
    array[0] = np.nan
    array[1] = -1e30
    vr = {"f": "OF", "d": "OD"}[form]
    name = "FloatPixelData" if form == "f" else "DoubleFloatPixelData"
    # Written without PixelData, which it must not have beside it.
    given = {name: array.tobytes(), names[0]: -1e30, names[1]: -1e29, "PixelData": None}
    assert vr and tag
    found = read(array.astype(dtype), **given)
    assert found.array.dtype == dtype
    assert found.padding == pytest.approx((-1e30, -1e29))
    window = default_window(found)
    assert isinstance(window, Window)
    kept = array[2:].astype(float)
    assert window.width == pytest.approx(kept.max() - kept.min())
    drawn = picture(found)
    assert drawn[:2].max() == 0 and drawn.max() == 255


# -- what was lost ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratios", "methods", "strongest"),
    [
        (["12.5"], ["ISO_10918_1"], 12.5),
        (["3", "20.5", "1.1"], ["ISO_10918_1", "ISO_15444_1", "ISO_14495_1"], 20.5),
        (["0"], [""], None),
        ([], [], None),
    ],
)
def test_the_strongest_loss_is_known(
    ratios: list[str], methods: list[str], strongest: float | None, read: Callable[..., Pixels]
) -> None:
    said: dict[str, Any] = {"LossyImageCompression": "01"}
    if ratios:
        said |= {"LossyImageCompressionRatio": ratios, "LossyImageCompressionMethod": methods}
    found = read(RAMP, **said)
    assert found.lossy and found.lossy_ratio == strongest
    if strongest:
        assert found.lossy_methods == tuple(methods)


def test_what_was_not_lossy_says_nothing(read: Callable[..., Pixels]) -> None:
    found = read(RAMP, LossyImageCompression="00")
    assert not found.lossy and found.lossy_ratio is None


@pytest.mark.parametrize("value", [b"1e999\\2 ", b"x ", b"\xff\xfe", struct.pack("<d", 3.0)])
def test_a_ratio_that_is_no_number_is_left_out(
    value: bytes, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    path = made(RAMP, LossyImageCompressionRatio="123456")
    path.write_bytes(
        path.read_bytes().replace(b"\x06\x00123456", struct.pack("<H", 6) + (value + b"      ")[:6])
    )
    assert sandbox.decode(opened(path), 0).rows == 64


# -- every kind of value ----------------------------------------------------------------------

KINDS: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
    "8": (np.arange(256, dtype=np.uint8).reshape(16, 16), {}),
    "8 signed": (np.arange(-128, 128).astype(np.int8).reshape(16, 16), {}),
    "12 in 16": (RAMP, {"BitsStored": 12, "HighBit": 11}),
    "12 in 16 signed": (SIGNED & 0x0FFF, {"BitsStored": 12, "HighBit": 11}),
    "16 signed": (np.arange(-32768, 32768, 16).astype(np.int16).reshape(64, 64), {}),
    "32": (np.arange(4096, dtype=np.uint32).reshape(64, 64) * 1_000_003, {}),
    "32 signed": (np.arange(-2048, 2048, dtype=np.int32).reshape(64, 64) * 500_009, {}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("slope", "intercept"), [("1", "0"), ("2.5", "-100.25"), ("-1", "5")])
def test_every_kind_of_value_is_windowed_by_the_same_formula(
    kind: str, slope: str, intercept: str, read: Callable[..., Pixels]
) -> None:
    stored, said = KINDS[kind]
    found = read(stored, RescaleSlope=slope, RescaleIntercept=intercept, **said)
    meant = stored.astype(np.int64)
    if kind == "12 in 16 signed":
        meant = np.where(meant & 0x800, meant | ~0xFFF, meant & 0xFFF)
    assert np.array_equal(found.array, meant)
    values = meant * float(slope) + float(intercept)
    center, width = float(np.median(values)), float(np.ptp(values)) / 2
    drawn = picture(found, Window(center, width))
    expected = ((values - (center - 0.5)) / (width - 1) + 0.5).clip(0, 1) * 255
    assert np.abs(drawn - expected).max() <= 0.5 + 1e-6
