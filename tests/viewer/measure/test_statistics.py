"""Values in an area, against exact arithmetic over every pixel of the picture."""

from __future__ import annotations

import dataclasses
import statistics as plain
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.dicom.calibration import Calibration
from viewer.dicom.pixels import Lut, Palette, Pixels
from viewer.dicom.uptake import Tracer
from viewer.measure.readings import Quantity, Reading, shape_reading, value_reading
from viewer.measure.shapes import Kind, Measurement, Point, axes, ellipse_in, rectangle_of
from viewer.measure.statistics import Statistics, spans, statistics

ROWS, COLUMNS = 37, 53
RNG = np.random.default_rng(7)
STORED = RNG.integers(0, 4096, (ROWS, COLUMNS)).astype(np.uint16)
CT = Pixels(
    STORED,
    "MONOCHROME2",
    12,
    False,
    rescale_slope=2.0,
    rescale_intercept=-1024.0,
    calibration=Calibration(unit="HU"),
)


def inside(kind: Kind, points: tuple[Point, ...]) -> set[tuple[int, int]]:
    """Every pixel asked alone, in exact fractions: (row, column)."""
    ask = _in_ellipse if kind is Kind.ELLIPSE else _in_polygon
    return {(y, x) for y in range(ROWS) for x in range(COLUMNS) if ask(points, x, y)}


def _in_ellipse(points: tuple[Point, ...], x: int, y: int) -> bool:
    exact = tuple((Fraction(a), Fraction(b)) for a, b in points)
    (cx, cy), (ux, uy), (vx, vy) = axes(exact)  # type: ignore[arg-type]
    det = ux * vy - uy * vx
    if not det:
        return False
    dx, dy = x - cx, y - cy
    return ((dx * vy - dy * vx) / det) ** 2 + ((dy * ux - dx * uy) / det) ** 2 <= 1


def _in_polygon(points: tuple[Point, ...], x: int, y: int) -> bool:
    """Cast a ray to the left."""
    odd = False
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
        if (ay <= y) != (by <= y):
            crossing = Fraction(ax) + (y - Fraction(ay)) * (Fraction(bx) - Fraction(ax)) / (
                Fraction(by) - Fraction(ay)
            )
            odd ^= crossing <= x
    return odd


def of_spans(kind: Kind, points: tuple[Point, ...]) -> set[tuple[int, int]]:
    found = [(y, x) for y, a, b in spans(kind, points, ROWS, COLUMNS) for x in range(a, b)]
    assert len(found) == len(set(found))
    return set(found)


quarter = st.integers(-40, 260).map(lambda n: n / 4)
point = st.tuples(quarter, quarter)


@given(st.lists(point, min_size=3, max_size=9))
@settings(deadline=None)
def test_a_polygon_holds_the_pixels_whose_middle_lies_in_it(points: list[Point]) -> None:
    assert of_spans(Kind.POLYGON, tuple(points)) == inside(Kind.POLYGON, tuple(points))


@given(point, point)
@settings(deadline=None)
def test_an_ellipse_holds_the_pixels_whose_middle_lies_in_it(one: Point, other: Point) -> None:
    points = ellipse_in(one, other)
    assert of_spans(Kind.ELLIPSE, points) == inside(Kind.ELLIPSE, points)


def test_a_turned_ellipse_holds_the_pixels_whose_middle_lies_in_it() -> None:
    points = ((10.25, 8.0), (36.25, 20.5), (20.0, 21.75), (26.5, 6.75))
    assert of_spans(Kind.ELLIPSE, points) == inside(Kind.ELLIPSE, points)
    assert len(of_spans(Kind.ELLIPSE, points)) > 100


def test_boxes_that_share_a_side_share_no_pixel_and_miss_none() -> None:
    left = of_spans(Kind.RECTANGLE, rectangle_of((2, 3), (10, 20)))
    right = of_spans(Kind.RECTANGLE, rectangle_of((10, 3), (15, 20)))
    assert not left & right
    assert left | right == of_spans(Kind.RECTANGLE, rectangle_of((2, 3), (15, 20)))
    assert len(left) == 8 * 17


@pytest.mark.parametrize(
    ("kind", "points"),
    (
        (Kind.ELLIPSE, ellipse_in((5, 4), (40, 30))),
        (Kind.POLYGON, ((3.0, 2.0), (50.0, 10.0), (20.0, 35.0))),
    ),
)
def test_the_statistics_are_those_of_the_rescaled_values(
    kind: Kind, points: tuple[Point, ...]
) -> None:
    values = [2.0 * int(STORED[place]) - 1024 for place in inside(kind, points)]
    found = statistics(CT, kind, points)
    assert found is not None
    assert (found.count, found.least, found.most) == (len(values), min(values), max(values))
    assert found.mean == pytest.approx(plain.fmean(values), rel=1e-12)
    assert found.deviation == pytest.approx(plain.pstdev(values), rel=1e-12)


def test_a_ramp_has_the_mean_of_its_middle() -> None:
    """Published as a defect of another viewer: an ellipse whose mean was not of its pixels."""
    ramp = np.tile(np.arange(101, dtype=np.uint16), (101, 1))
    pixels = Pixels(ramp, "MONOCHROME2", 16, False)
    found = statistics(pixels, Kind.ELLIPSE, ellipse_in((20, 10), (60, 90)))
    assert found is not None
    assert found.mean == pytest.approx(40.0)
    assert (found.least, found.most) == (20.0, 60.0)


def test_no_value_is_ever_one_that_no_pixel_has() -> None:
    """Published as a defect of another viewer: minimum 3.4e38, maximum -3.4e38, mean NaN."""
    air = dataclasses.replace(CT, array=np.zeros((ROWS, COLUMNS), np.uint16))
    found = statistics(air, Kind.ELLIPSE, ellipse_in((5, 5), (20, 20)))
    assert found == Statistics(found.count if found else 0, -1024.0, 0.0, -1024.0, -1024.0)


def test_an_area_without_a_pixel_says_so_and_gives_no_infinity() -> None:
    shape = Measurement("2.25.1", Kind.ELLIPSE, ellipse_in((5.2, 5.2), (5.4, 5.4)))
    assert value_reading(shape, CT) == Reading(refusal="It is smaller than a pixel")
    flat = Measurement("2.25.1", Kind.ELLIPSE, ellipse_in((5.0, 5.0), (9.0, 5.0)))
    assert value_reading(flat, CT).refusal == "It is smaller than a pixel"


def test_padding_is_not_picture() -> None:
    array = STORED.copy()
    array[:, :20] = 63
    pixels = dataclasses.replace(CT, array=array, padding=(63, 63))
    found = statistics(pixels, Kind.RECTANGLE, rectangle_of((0, 0), (40, 10)))
    seen = array[:10, 20:40][array[:10, 20:40] != 63]
    assert found is not None
    assert (found.count, found.least) == (seen.size, 2.0 * seen.min() - 1024)


def test_the_part_outside_the_picture_does_not_count() -> None:
    found = statistics(CT, Kind.RECTANGLE, rectangle_of((-100, -100), (4, 3)))
    assert found is not None
    assert found.count == 12
    assert statistics(CT, Kind.RECTANGLE, rectangle_of((-100, -100), (-4, -3))) is None


def test_a_negative_slope_swaps_least_and_most() -> None:
    pixels = dataclasses.replace(CT, rescale_slope=-1.0, rescale_intercept=0.0)
    found = statistics(pixels, Kind.RECTANGLE, rectangle_of((0, 0), (COLUMNS, ROWS)))
    assert found is not None
    assert (found.least, found.most) == (-float(STORED.max()), -float(STORED.min()))


def test_a_modality_table_is_applied() -> None:
    table = Lut(0, 16, (np.arange(4096)[::-1] * 2).astype(np.uint16))
    found = statistics(
        dataclasses.replace(CT, modality_lut=table), Kind.RECTANGLE, rectangle_of((0, 0), (9, 9))
    )
    assert found is not None
    assert found.mean == pytest.approx((2.0 * (4095 - STORED[:9, :9].astype(float))).mean())


def test_floating_point_values_keep_their_precision_and_skip_what_is_none() -> None:
    array = RNG.normal(1e6, 1e-3, (ROWS, COLUMNS))
    array[3, 3] = np.nan
    pixels = Pixels(array, "MONOCHROME2", 64, False)
    found = statistics(pixels, Kind.RECTANGLE, rectangle_of((0, 0), (COLUMNS, ROWS)))
    assert found is not None
    assert found.count == ROWS * COLUMNS - 1
    assert found.deviation == pytest.approx(np.nanstd(array), rel=1e-9)


def test_millions_of_pixels_are_summed_in_parts_that_agree() -> None:
    array = RNG.integers(0, 65535, (2000, 1500)).astype(np.uint16)
    pixels = Pixels(array, "MONOCHROME2", 16, False)
    found = statistics(pixels, Kind.RECTANGLE, rectangle_of((0, 0), (1500, 2000)))
    assert found is not None
    assert found.count == array.size
    assert found.mean == pytest.approx(array.mean(), rel=1e-12)
    assert found.deviation == pytest.approx(array.std(), rel=1e-9)


def test_colours_have_no_values() -> None:
    rgb = Pixels(np.zeros((9, 9, 3), np.uint8), "RGB", 8, False)
    shape = Measurement("2.25.1", Kind.ELLIPSE, ellipse_in((1, 1), (8, 8)))
    assert value_reading(shape, rgb) == Reading()
    table = Lut(0, 8, np.zeros(256, np.uint16))
    indexed = Pixels(
        np.zeros((9, 9), np.uint8), "PALETTE COLOR", 8, False, palette=Palette(table, table, table)
    )
    assert value_reading(shape, indexed) == Reading()
    assert shape_reading(Measurement("2.25.1", Kind.PROBE, ((4.0, 4.0),)), rgb) == Reading()


def test_a_point_tells_the_value_of_its_pixel() -> None:
    probe = Measurement("2.25.1", Kind.PROBE, ((7.4, 12.6),))
    found = shape_reading(probe, CT).of(Quantity.VALUE)
    assert found is not None
    assert (found.number, found.unit) == (2.0 * int(STORED[13, 7]) - 1024, "HU")
    assert shape_reading(Measurement("2.25.1", Kind.PROBE, ((-3.0, 0.0),)), CT) == Reading()


PET = Tracer(
    units="BQML",
    decay_correction="ADMIN",
    corrected=("DECAY", "ATTN"),
    weight_kg=80.0,
    dose_bq=400e6,
)


def test_uptake_is_shown_where_all_of_its_inputs_are_known_and_else_the_files_unit() -> None:
    shape = Measurement("2.25.1", Kind.RECTANGLE, rectangle_of((0, 0), (9, 9)))
    pixels = dataclasses.replace(
        CT, rescale_intercept=0.0, calibration=Calibration(unit="Bq/ml", tracer=PET)
    )
    mean = 2.0 * STORED[:9, :9].astype(float).mean()
    found = value_reading(shape, pixels).of(Quantity.MEAN)
    assert found is not None
    assert (found.number, found.unit) == (pytest.approx(mean * 80_000 / 400e6), "SUV")
    lacking = Calibration(unit="Bq/ml", tracer=dataclasses.replace(PET, weight_kg=None))
    found = value_reading(shape, dataclasses.replace(pixels, calibration=lacking)).of(Quantity.MEAN)
    assert found is not None
    assert (found.number, found.unit) == (pytest.approx(mean), "Bq/ml")
