"""Slices brought into one array: their values, their scales, and what is not there."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from viewer.dicom.calibration import Basis, Calibration
from viewer.dicom.header import Header
from viewer.dicom.pixels import Lut, Pixels
from viewer.errors import NotAVolume
from viewer.render.pipeline import default_window
from viewer.render.slices import parted
from viewer.render.voi import Window
from viewer.render.volume import Volume

ROWS, COLUMNS = 7, 9


def headers(count: int, **more: Any) -> list[Header]:
    given: dict[str, Any] = {
        "modality": "CT",
        "rows": ROWS,
        "columns": COLUMNS,
        "drawable": True,
        "photometric": "MONOCHROME2",
        "bits_stored": 12,
        "frame_of_reference": "1.2",
        "orientation": (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        "spacing_mm": (0.5, 0.8),
    }
    return [Header(position=(0.0, 0.0, 1.5 * k), **(given | more)) for k in range(count)]


def volume(count: int = 5, **more: Any) -> Volume:
    return Volume(parted(headers(count, **more))[0])


def arrays(count: int, kind: type = np.int16, low: int = -1000, high: int = 2000) -> np.ndarray:
    made = np.random.default_rng(3).integers(low, high, (count, ROWS, COLUMNS), endpoint=True)
    return made.astype(kind)


def pixels(array: np.ndarray, **more: Any) -> Pixels:
    given = {"photometric": "MONOCHROME2", "bits_stored": 12, "signed": array.dtype.kind == "i"}
    return Pixels(array, **(given | more))


@pytest.mark.parametrize("kind", [np.int16, np.uint16, np.int8, np.uint8])
@pytest.mark.parametrize("seed", range(3))
def test_slices_in_any_order_from_several_threads_lie_where_they_belong(
    kind: type, seed: int
) -> None:
    limits = np.iinfo(kind)
    given = arrays(40, kind, max(limits.min, -999), min(limits.max, 999))
    made, order = volume(40), list(range(40))
    random.Random(seed).shuffle(order)
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda place: made.put(place, pixels(given[place])), order))
    assert made.missing == 0
    assert made.values.dtype.itemsize == 2
    assert made.values.flags.c_contiguous
    np.testing.assert_array_equal(made.values, given)


def test_what_has_not_arrived_is_said_and_is_padding() -> None:
    made, given = volume(4), arrays(4)
    with pytest.raises(ValueError, match="no slice"):
        _ = made.values
    made.put(2, pixels(given[2]))
    assert made.missing == 3
    assert list(made.has) == [False, False, True, False]
    low, high = made.padding
    assert low == high == made.fill
    assert (made.values[[0, 1, 3]] == low).all()
    assert not (given == low).any()
    assert made.has_padding
    for place in (0, 1, 3):
        made.put(place, pixels(given[place]))
    assert not made.has_padding


def test_padding_is_a_value_that_no_slice_holds_even_if_the_last_one_does() -> None:
    made = volume(3, bits_stored=16)
    given = np.zeros((3, ROWS, COLUMNS), np.uint16)
    made.put(0, pixels(given[0]))
    assert made.fill == 65535
    given[1, 0, 0], given[1, 0, 1] = 65535, 65534
    made.put(1, pixels(given[1]))
    assert made.fill == 65533
    assert (made.values[2] == 65533).all()
    made.put(2, pixels(given[2]))
    np.testing.assert_array_equal(made.values, given)


def test_padding_that_the_file_tells_stays_what_it_is() -> None:
    made, given = volume(3), arrays(3)
    given[:, 0, :3] = -2000
    for place in range(3):
        made.put(place, pixels(given[place], padding=(-2000, -2000)))
    assert made.padding == (-2000, -2000)
    assert made.has_padding
    np.testing.assert_array_equal(made.values, given)


def test_slices_of_several_scales_come_onto_the_finest_within_half_a_step() -> None:
    slopes = (0.5, 0.31, 0.77, 0.4)
    told = [replace(each, rescale_slope=s) for each, s in zip(headers(4), slopes, strict=True)]
    made, given = Volume(parted(told)[0]), arrays(4, np.uint16, 0, 4095)
    for place in (3, 1, 0, 2):
        made.put(place, pixels(given[place], rescale_slope=slopes[place]))
    seen = made.look(made.values[1], (0.5, 0.8))
    assert seen.rescale_slope == 0.31
    exact = given * np.array(slopes)[:, None, None]
    error = np.abs(made.values * seen.rescale_slope + seen.rescale_intercept - exact)
    assert error.max() <= 0.5 * 0.31 + 1e-9
    assert made.values.dtype == np.int16
    np.testing.assert_array_equal(made.values[1], given[1])


def test_scales_that_need_more_than_16_bits_get_32() -> None:
    told = [replace(each, rescale_slope=s) for each, s in zip(headers(3), (1, 20, 30), strict=True)]
    made, given = Volume(parted(told)[0]), arrays(3, np.uint16, 0, 4095)
    for place, slope in enumerate((1.0, 20.0, 30.0)):
        made.put(place, pixels(given[place], rescale_slope=slope))
    assert made.values.dtype == np.int32
    np.testing.assert_array_equal(made.values, given * np.array((1, 20, 30))[:, None, None])


def test_padding_on_another_scale_stays_padding() -> None:
    told = [replace(each, rescale_slope=s) for each, s in zip(headers(3), (1, 2, 3), strict=True)]
    made, given = Volume(parted(told)[0]), arrays(3, np.uint16, 1, 4095)
    given[:, 2, 2] = 0
    for place, slope in enumerate((1.0, 2.0, 3.0)):
        made.put(place, pixels(given[place], rescale_slope=slope, padding=(0, 0)))
    assert (made.values[:, 2, 2] == made.fill).all()
    assert np.count_nonzero(made.values == made.fill) == 3


@pytest.mark.parametrize(
    ("slopes", "why"),
    [((1.0, 1e6, 1.0), "too differently"), ((1.0, -1.0, 1.0), "in different ways")],
)
def test_scales_that_do_not_go_together_are_refused(slopes: tuple[float, ...], why: str) -> None:
    told = [replace(each, rescale_slope=s) for each, s in zip(headers(3), slopes, strict=True)]
    given = arrays(3, np.uint16, 0, 4095)
    with pytest.raises(NotAVolume, match=why):
        Volume(parted(told)[0]).put(0, pixels(given[0]))


def test_values_that_do_not_mean_the_same_are_refused() -> None:
    told = headers(3)
    told[1] = replace(told[1], rescale_type="US")
    with pytest.raises(NotAVolume, match="mean the same"):
        Volume(parted(told)[0])


@pytest.mark.parametrize(
    ("array", "more", "why"),
    [
        (np.zeros((3, 3), np.int16), {}, "as large as it says"),
        (np.zeros((ROWS, COLUMNS, 3), np.uint8), {}, "as large as it says"),
        (np.zeros((ROWS, COLUMNS), np.float32), {}, "no whole numbers"),
        (np.full((ROWS, COLUMNS), 1 << 30, np.int32), {}, "too large"),
        (np.zeros((ROWS, COLUMNS), np.int16), {"rescale_slope": 0.1}, "in different ways"),
    ],
)
def test_a_picture_that_is_not_what_its_header_said_is_refused(
    array: np.ndarray, more: dict[str, Any], why: str
) -> None:
    with pytest.raises(NotAVolume, match=why):
        volume(3).put(0, pixels(array, **more))


def test_a_later_picture_of_another_type_fits_or_is_refused() -> None:
    made = volume(3, bits_stored=16)
    made.put(0, pixels(np.zeros((ROWS, COLUMNS), np.uint16)))
    made.put(1, pixels(np.full((ROWS, COLUMNS), 5, np.int16)))
    assert (made.values[1] == 5).all()
    with pytest.raises(NotAVolume, match="too large"):
        made.put(2, pixels(np.full((ROWS, COLUMNS), -5, np.int16)))
    assert made.missing == 1


def test_a_table_is_looked_up_once_and_for_all() -> None:
    table = Lut(first=10, bits=12, values=np.array([5, 100, 4000], np.uint16))
    made = volume(3)
    given = np.resize(np.array([10, 11, 12, 13], np.uint16), (ROWS, COLUMNS))
    for place in range(3):
        made.put(place, pixels(given, modality_lut=table))
    assert made.look(made.values[0], (1.0, 1.0)).modality_lut is None
    np.testing.assert_array_equal(made.values[0], np.array([5, 100, 4000, 4000])[given - 10])


def test_a_picture_of_the_volume_is_seen_and_measured_as_its_slices_are() -> None:
    made, given = volume(3, rescale_slope=2.0, rescale_intercept=-1024.0), arrays(3)
    for place in range(3):
        told = pixels(
            given[place],
            rescale_slope=2.0,
            rescale_intercept=-1024.0,
            rescale_type="HU",
            windows=((40.0, 400.0, "SOFT"),),
            modality="CT",
            lossy=True,
            calibration=Calibration(Basis.BODY, (0.5, 0.8), unit="HU"),
        )
        made.put(place, told)
    seen = made.look(made.values[:, 3], (1.5, 0.8))
    assert seen.spacing_mm == seen.calibration.spacing_mm == (1.5, 0.8)
    assert (seen.calibration.basis, seen.calibration.unit) == (Basis.BODY, "HU")
    assert seen.aspect == pytest.approx(1.5 / 0.8)
    assert (seen.rescale_slope, seen.rescale_intercept) == (2.0, -1024.0)
    assert (seen.modality, seen.lossy, seen.windows) == ("CT", True, ((40.0, 400.0, "SOFT"),))


def test_without_a_window_the_whole_volume_gives_one() -> None:
    made = volume(3)
    for place, value in enumerate((100, 300, 200)):
        made.put(place, pixels(np.full((ROWS, COLUMNS), value, np.int16)))
    seen = made.look(made.values[0], (1.0, 1.0))
    assert default_window(seen) == Window(200.0, 200.0, "LINEAR_EXACT")


def test_what_cannot_be_measured_in_its_slices_cannot_be_measured_here() -> None:
    made = volume(3)
    made.put(1, pixels(arrays(3)[1], calibration=Calibration(problem="it is absurd")))
    seen = made.look(made.values[1], (0.5, 0.8))
    assert seen.calibration == Calibration(problem="it is absurd")


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 0, 1)])
def test_it_is_seen_as_its_middle_slice_asks_whichever_came_first(order: tuple[int, ...]) -> None:
    made = volume(3)
    for place in order:
        told = ((40.0 + place, 400.0, ""),)
        made.put(place, pixels(arrays(3)[place], windows=told))
    assert made.look(made.values[0], (1.0, 1.0)).windows == ((41.0, 400.0, ""),)
