"""Lengths, angles and areas against arithmetic by hand and polygons that scipy knows."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from viewer.dicom.calibration import Basis, Calibration
from viewer.dicom.pixels import Pixels
from viewer.dicom.regions import Region
from viewer.measure.geometry import angle_deg, area, cobb_deg, length
from viewer.measure.readings import Quantity, Reading, shape_reading
from viewer.measure.scale import ACROSS_AREAS, LEAVES_AREA, Refusal, Scale, scale_for
from viewer.measure.shapes import Kind, Measurement, crosses_itself, ellipse_in, rectangle_of

SQUARE = Scale(1.0, 1.0, ("mm", "mm"), Basis.BODY)
FLAT = Scale(0.25, 0.5, ("mm", "mm"), Basis.BODY)


def frame(calibration: Calibration | None = None, aspect: float = 1.0) -> Pixels:
    array = np.zeros((100, 200), np.uint16)
    return Pixels(
        array, "MONOCHROME2", 16, False, aspect=aspect, calibration=calibration or Calibration()
    )


def read(kind: Kind, points: tuple[tuple[float, float], ...], pixels: Pixels) -> Reading:
    return shape_reading(Measurement("2.25.1", kind, points), pixels)


def number(reading: Reading, quantity: Quantity) -> tuple[float, str]:
    found = reading.of(quantity)
    assert found is not None, reading
    return found.number, found.unit


def test_a_length_takes_each_direction_by_its_own_spacing() -> None:
    assert length((0, 0), (12, 8), FLAT) == 5.0  # 3 mm across, 4 mm down


def test_an_angle_is_that_of_the_body_and_not_of_the_pixels() -> None:
    assert angle_deg((8, 0), (0, 0), (8, 4), FLAT) == pytest.approx(45)  # 2 mm and 2 mm
    assert angle_deg((1, 0), (0, 0), (-1, 0), SQUARE) == pytest.approx(180)
    assert angle_deg((1, 0), (0, 0), (0, -1), SQUARE) == pytest.approx(90)


@pytest.mark.parametrize("tilt", (5, 30, 50, 80))
@pytest.mark.parametrize("turned", (0, 37, 90, 180))
@pytest.mark.parametrize("swapped", (False, True))
def test_tilts_to_either_side_add_up_however_they_are_drawn(
    tilt: float, turned: float, swapped: bool
) -> None:
    def line(at: tuple[float, float], degrees: float) -> list[complex]:
        way = complex(math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))
        return [complex(*at) - 20 * way, complex(*at) + 20 * way]

    upper, lower = line((0, -100), tilt), line((0, 100), -tilt)
    if swapped:
        lower.reverse()
    turn = complex(math.cos(math.radians(turned)), math.sin(math.radians(turned)))
    points = tuple(((each * turn).real, (each * turn).imag) for each in (*upper, *lower))
    assert cobb_deg(points, SQUARE) == pytest.approx(2 * tilt)


def test_lines_that_share_a_middle_make_an_acute_angle() -> None:
    assert cobb_deg(((-1, 0), (1, 0), (1, -1), (-1, 1)), SQUARE) == pytest.approx(45)


def test_the_area_of_an_ellipse_is_pi_times_its_half_axes() -> None:
    points = ellipse_in((10, 10), (30, 20))
    assert area(Kind.ELLIPSE, points, FLAT) == pytest.approx(math.pi * 10 * 0.25 * 5 * 0.5)


def test_the_area_of_a_turned_ellipse_is_the_same() -> None:
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    points = np.array(ellipse_in((-10, -5), (10, 5))) @ turn.T
    assert area(Kind.ELLIPSE, tuple(map(tuple, points)), SQUARE) == pytest.approx(math.pi * 50)


def test_the_area_of_a_box_and_of_a_hollow_outline() -> None:
    assert area(Kind.RECTANGLE, rectangle_of((4, 2), (0, 0)), FLAT) == 1.0
    hollow = ((0, 0), (4, 0), (4, 4), (2, 2), (0, 4))
    assert area(Kind.POLYGON, hollow, SQUARE) == 12.0


@given(
    st.lists(
        st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=5, max_size=40, unique=True
    )
)
def test_the_area_of_a_convex_outline_is_what_scipy_says(points: list[tuple[int, int]]) -> None:
    given_points = np.array(points, float)
    if np.linalg.matrix_rank(given_points - given_points[0]) < 2:
        return
    hull = ConvexHull(given_points)
    corners = tuple(map(tuple, given_points[hull.vertices]))
    assert area(Kind.POLYGON, corners, SQUARE) == pytest.approx(hull.volume)
    assert not crosses_itself(corners)


def test_an_outline_that_crosses_itself_has_no_area_and_says_so() -> None:
    bow = ((0.0, 0.0), (10.0, 10.0), (10.0, 0.0), (0.0, 10.0))
    assert crosses_itself(bow)
    assert read(Kind.POLYGON, bow, frame()).refusal == "Its outline crosses itself"
    assert not crosses_itself(((0, 0), (4, 0), (4, 4), (2, 2), (0, 4)))


@pytest.mark.parametrize(
    ("kind", "count"), ((Kind.LENGTH, 3), (Kind.PROBE, 2), (Kind.POLYGON, 2), (Kind.ELLIPSE, 2))
)
def test_a_shape_with_a_wrong_number_of_points_cannot_be_made(kind: Kind, count: int) -> None:
    with pytest.raises(ValueError, match="number of points"):
        Measurement("2.25.1", kind, ((0.0, 0.0),) * count)


def test_a_shape_at_no_place_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="without a place"):
        Measurement("2.25.1", Kind.PROBE, ((math.nan, 0.0),))


# -- units ------------------------------------------------------------------------------------


def test_without_a_spacing_lengths_are_in_pixels_and_never_in_mm() -> None:
    reading = read(Kind.LENGTH, ((0, 0), (30, 40)), frame())
    assert number(reading, Quantity.LENGTH) == (50.0, "px")
    reading = read(Kind.RECTANGLE, rectangle_of((0, 0), (3, 4)), frame())
    assert number(reading, Quantity.AREA) == (12.0, "px²")


def test_pixels_that_are_drawn_higher_count_as_they_are_drawn() -> None:
    reading = read(Kind.LENGTH, ((0, 0), (0, 10)), frame(aspect=2.0))
    assert number(reading, Quantity.LENGTH) == (20.0, "px")


def test_a_known_spacing_gives_mm() -> None:
    pixels = frame(Calibration(Basis.BODY, (0.5, 0.25)))
    assert number(read(Kind.LENGTH, ((0, 0), (12, 8)), pixels), Quantity.LENGTH) == (5.0, "mm")
    reading = read(Kind.RECTANGLE, rectangle_of((0, 0), (4, 2)), pixels)
    assert number(reading, Quantity.AREA) == (1.0, "mm²")


TISSUE = Region(0, 0, 99, 99, (3, 3), (0.02, 0.03), (50, 0), (0.0, 0.0), 1, 1)
FLOW = Region(100, 0, 199, 99, (4, 7), (0.005, -1.5), (0, 50), (0.0, 0.0), 3, 3)
MOTION = dataclasses.replace(FLOW, units=(4, 3), delta=(0.005, 0.02), spatial_format=2)


def ultrasound(*regions: Region) -> Pixels:
    return frame(Calibration(Basis.REGIONS, regions=regions))


def test_a_line_in_a_region_of_cm_is_in_mm() -> None:
    reading = read(Kind.LENGTH, ((10, 10), (25, 20)), ultrasound(TISSUE, FLOW))
    assert number(reading, Quantity.LENGTH) == (pytest.approx(math.hypot(3.0, 3.0)), "mm")


def test_a_line_in_a_doppler_region_tells_time_and_speed_apart() -> None:
    reading = read(Kind.LENGTH, ((110, 20), (150, 40)), ultrasound(TISSUE, FLOW))
    assert number(reading, Quantity.ACROSS) == (pytest.approx(0.2), "s")
    assert number(reading, Quantity.DOWN) == (pytest.approx(30.0), "cm/s")
    assert reading.of(Quantity.LENGTH) is None


def test_a_line_in_m_mode_tells_time_and_depth_apart() -> None:
    reading = read(Kind.LENGTH, ((110, 20), (150, 40)), ultrasound(MOTION))
    assert number(reading, Quantity.ACROSS) == (pytest.approx(0.2), "s")
    assert number(reading, Quantity.DOWN) == (pytest.approx(4.0), "mm")


def test_a_point_in_a_doppler_region_tells_its_time_and_speed() -> None:
    reading = read(Kind.PROBE, ((140.0, 10.0),), ultrasound(TISSUE, FLOW))
    assert number(reading, Quantity.ACROSS) == (pytest.approx(0.2), "s")
    assert number(reading, Quantity.DOWN) == (pytest.approx(60.0), "cm/s")


@pytest.mark.parametrize(
    ("points", "why"),
    (
        (((50.0, 50.0), (150.0, 50.0)), ACROSS_AREAS),
        (((50.0, 50.0), (50.0, 120.0)), LEAVES_AREA),
    ),
)
def test_a_line_across_regions_is_refused_in_words(
    points: tuple[tuple[float, float], ...], why: str
) -> None:
    assert read(Kind.LENGTH, points, ultrasound(TISSUE, FLOW)) == Reading(refusal=why)
    assert scale_for(ultrasound(TISSUE, FLOW), points) == Refusal(why)


def test_beside_all_regions_lengths_are_in_pixels() -> None:
    reading = read(Kind.LENGTH, ((150, 10), (160, 10)), ultrasound(TISSUE))
    assert number(reading, Quantity.LENGTH) == (10.0, "px")


def test_an_area_or_angle_of_time_and_speed_is_refused() -> None:
    for kind, points in (
        (Kind.ELLIPSE, ellipse_in((110, 20), (150, 40))),
        (Kind.ANGLE, ((110.0, 20.0), (120.0, 20.0), (130.0, 40.0))),
    ):
        found = read(kind, points, ultrasound(FLOW))
        assert found.refusal == "The two directions measure different things here"


def test_of_regions_that_overlap_the_one_of_higher_priority_measures() -> None:
    box = dataclasses.replace(TISSUE, left=20, top=20, right=60, bottom=60, delta=(0.05, 0.05))
    line = ((30.0, 30.0), (40.0, 30.0))
    both = read(Kind.LENGTH, line, ultrasound(TISSUE, box))
    assert number(both, Quantity.LENGTH)[0] == pytest.approx(5.0)
    low = dataclasses.replace(box, flags=1)
    both = read(Kind.LENGTH, line, ultrasound(TISSUE, low))
    assert number(both, Quantity.LENGTH)[0] == pytest.approx(2.0)
