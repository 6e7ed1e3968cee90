"""What a measurement says: numbers with units, or why there are none."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from viewer.dicom.pixels import Pixels
from viewer.dicom.regions import UNITS
from viewer.dicom.uptake import suv_factor
from viewer.measure import geometry
from viewer.measure.scale import Refusal, Scale, scale_for
from viewer.measure.shapes import AREAS, Kind, Measurement, Point, crosses_itself
from viewer.measure.statistics import statistics
from viewer.render.modality import modality_values

CROSSES = "Its outline crosses itself"
NOT_EVEN = "The two directions measure different things here"
NO_PIXEL = "It is smaller than a pixel"


class Quantity(enum.Enum):
    """What a number is of."""

    LENGTH = "length"
    ANGLE = "angle"
    COBB = "cobb"
    AREA = "area"
    PERIMETER = "perimeter"
    MEAN = "mean"
    DEVIATION = "deviation"
    LEAST = "least"
    MOST = "most"
    COUNT = "count"
    ACROSS = "across"  # along the axes of a region: time, depth, speed
    DOWN = "down"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Value:
    """A number in a unit; "" for a number without one."""

    quantity: Quantity
    number: float
    unit: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a measurement says."""

    values: tuple[Value, ...] = ()
    refusal: str = ""

    def of(self, quantity: Quantity) -> Value | None:
        """Return the value of one quantity."""
        return next((each for each in self.values if each.quantity is quantity), None)


@dataclass(frozen=True, slots=True)
class ValueScale:
    """From modality values to what is shown of them."""

    factor: float
    unit: str
    missing: str = ""  # for uptake, where it was to be expected


def value_scale(pixels: Pixels) -> ValueScale:
    """Return the unit of a frame's values: uptake where all it needs is known."""
    found = pixels.calibration
    if found.tracer is None:
        return ValueScale(1.0, found.unit)
    suv = suv_factor(found.tracer)
    if suv.value is None:
        return ValueScale(1.0, found.unit, suv.missing)
    return ValueScale(suv.value, "SUV")


def shape_reading(measurement: Measurement, pixels: Pixels) -> Reading:
    """Return what geometry alone says; cheap enough for every movement of the pointer."""
    scale = scale_for(pixels, measurement.points)
    if measurement.kind is Kind.PROBE:
        return _at_point(measurement.points[0], pixels, scale)
    if isinstance(scale, Refusal):
        return Reading(refusal=scale.why)
    if measurement.kind is Kind.LENGTH:
        return _of_line(measurement.points, scale)
    if not scale.is_even:
        return Reading(refusal=NOT_EVEN)
    if measurement.kind in AREAS:
        return _of_area(measurement, scale)
    if measurement.kind is Kind.ANGLE:
        a, b, c = measurement.points
        return Reading((Value(Quantity.ANGLE, geometry.angle_deg(a, b, c, scale), "°"),))
    return Reading((Value(Quantity.COBB, geometry.cobb_deg(measurement.points, scale), "°"),))


def value_reading(measurement: Measurement, pixels: Pixels) -> Reading:
    """Return what the pixels of an area say; takes up to tenths of a second for millions."""
    if measurement.kind not in AREAS:
        return Reading()
    found = statistics(pixels, measurement.kind, measurement.points)
    if found is None:
        is_grey = pixels.array.ndim == 2 and pixels.palette is None
        return Reading(refusal=NO_PIXEL if is_grey else "")
    scale = value_scale(pixels)
    by = scale.factor
    return Reading(
        (
            Value(Quantity.MEAN, found.mean * by, scale.unit),
            Value(Quantity.DEVIATION, found.deviation * abs(by), scale.unit),
            Value(Quantity.LEAST, found.least * by, scale.unit),
            Value(Quantity.MOST, found.most * by, scale.unit),
            Value(Quantity.COUNT, float(found.count), ""),
        )
    )


def _of_line(points: tuple[Point, ...], scale: Scale) -> Reading:
    one, other = points
    if scale.is_even:
        return Reading((Value(Quantity.LENGTH, geometry.length(one, other, scale), scale.unit),))
    across, down = scale.vector(one, other)
    return Reading(
        (
            Value(Quantity.ACROSS, abs(across), scale.units[0]),
            Value(Quantity.DOWN, abs(down), scale.units[1]),
        )
    )


def _of_area(measurement: Measurement, scale: Scale) -> Reading:
    kind, points = measurement.kind, measurement.points
    if kind is not Kind.ELLIPSE and crosses_itself(points):
        return Reading(refusal=CROSSES)
    found = geometry.area(kind, points, scale)
    return Reading((Value(Quantity.AREA, found, f"{scale.unit}²"),))


def _at_point(point: Point, pixels: Pixels, scale: Scale | Refusal) -> Reading:
    """Return the value of the pixel there, and where it lies on the axes of its region."""
    column, row = round(point[0]), round(point[1])
    values: list[Value] = []
    if not (0 <= column < pixels.columns and 0 <= row < pixels.rows):
        return Reading()
    if pixels.array.ndim == 2 and pixels.palette is None:
        stored = pixels.array[row : row + 1, column : column + 1]
        shown = value_scale(pixels)
        number = float(modality_values(pixels, stored)[0, 0]) * shown.factor
        values.append(Value(Quantity.VALUE, number, shown.unit))
    region = scale.region if isinstance(scale, Scale) else None
    place = region.values_at(point) if region is not None else None
    if region is not None and place is not None:
        for quantity, number, code in zip(
            (Quantity.ACROSS, Quantity.DOWN), place, region.units, strict=True
        ):
            by, unit = UNITS[code]
            values.append(Value(quantity, number * by, unit))
    return Reading(tuple(values))
