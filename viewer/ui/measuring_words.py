"""What measurements say, in words and numbers that a person can read."""

from __future__ import annotations

from dataclasses import replace

from viewer.dicom.calibration import Basis, Calibration
from viewer.dicom.pixels import Pixels
from viewer.measure.readings import Quantity, Reading, Value, value_scale
from viewer.measure.shapes import Kind
from viewer.ui import plain, scale

NAMES: dict[Kind, str] = {
    Kind.LENGTH: "Length",
    Kind.ANGLE: "Angle",
    Kind.COBB: "Cobb angle",
    Kind.ELLIPSE: "Ellipse",
    Kind.RECTANGLE: "Box",
    Kind.POLYGON: "Outline",
    Kind.FREEHAND: "Free outline",
    Kind.PROBE: "Value",
}
_OF_PIXELS = (Quantity.VALUE, Quantity.LEAST, Quantity.MOST)
IN_CM2_FROM_MM2 = 100.0
WAITING = "…"
NO_SCALE = "Scale: none, only pixels"
_WHERE: dict[Basis, str] = {  # said with every length, so that no picture of one lies
    Basis.DETECTOR: "at the detector",
    Basis.SCANNED: "on the film",
    Basis.UNKNOWN: "(unsure)",
}


def scale_words(found: Calibration) -> str:
    """Return what lengths mean on a picture, for its corner."""
    said = scale.WORDS.get(found.basis, NO_SCALE)
    if found.magnification is not None:
        said += f" of {found.magnification:g}"
    if found.description:
        said += f" ({plain.plain(found.description)})"
    return f"{said}: {found.problem}" if found.problem else said


def uptake_words(pixels: Pixels) -> str:
    """Return why uptake cannot be shown, where it would be expected."""
    missing = value_scale(pixels).missing
    return f"No SUV: {missing}" if missing else ""


def number(value: Value) -> str:
    """Return a value with its unit, as exactly as it is worth."""
    if value.quantity is Quantity.COUNT:
        return f"{value.number:,.0f} pixels"
    if value.unit == "°":
        return f"{value.number:.1f}°"
    if value.unit == "mm²" and value.number >= IN_CM2_FROM_MM2:
        value = replace(value, number=value.number / 100, unit="cm²")
    digits = _digits(value)
    said = f"{value.number:.{digits}f}".replace("-", "−")
    return f"{said} {plain.plain(value.unit)}".strip()


def _digits(value: Value) -> int:
    size = abs(value.number)
    if value.unit == "SUV":
        return 2
    if size >= 1000 or (value.quantity in _OF_PIXELS and size == round(size)):
        return 0
    return 1 if size >= 1 or size == 0 else 3


def lines(kind: Kind, shape: Reading, values: Reading | None, basis: Basis) -> tuple[str, ...]:
    """Return the label of a measurement.

    Args:
        values: None while they are being worked out.
    """
    if shape.refusal:
        return (shape.refusal,)
    if kind is Kind.PROBE:
        return _of_point(shape)
    where = _WHERE.get(basis, "")
    main = _main(shape)
    said = [f"{main} {where}" if where and "mm" in main else main]
    if values is None:
        said.append(f"Mean {WAITING}")
    elif values.refusal:
        said.append(values.refusal)
    elif values.values:
        said += _of_values(values)
    return tuple(said)


def _main(shape: Reading) -> str:
    area = shape.of(Quantity.AREA)
    if area is not None:
        return f"Area {number(area)}"
    across, down = shape.of(Quantity.ACROSS), shape.of(Quantity.DOWN)
    if across is not None and down is not None:
        return f"{number(across)}, {number(down)}"
    cobb = shape.of(Quantity.COBB)
    if cobb is not None:
        return f"Cobb {number(cobb)}"
    return ", ".join(number(each) for each in shape.values)


def _of_point(shape: Reading) -> tuple[str, ...]:
    said = [number(each) for each in shape.values if each.quantity is Quantity.VALUE]
    place = [number(each) for each in shape.values if each.quantity is not Quantity.VALUE]
    if place:
        said.append(", ".join(place))
    return tuple(said)


def _of_values(values: Reading) -> list[str]:
    found = {each.quantity: each for each in values.values}
    mean, spread = found[Quantity.MEAN], found[Quantity.DEVIATION]
    low, high = (number(found[each]) for each in (Quantity.LEAST, Quantity.MOST))
    unit = f" {plain.plain(mean.unit)}"
    low, deviation = (each.removesuffix(unit) for each in (low, number(spread)))
    return [
        f"Mean {number(mean)}, SD {deviation}",
        f"{low} to {high}, {number(found[Quantity.COUNT])}",
    ]


def one_line(kind: Kind, shape: Reading, basis: Basis) -> str:
    """Return a measurement for a list."""
    said = lines(kind, shape, Reading(), basis)
    return said[0] if said else ""
