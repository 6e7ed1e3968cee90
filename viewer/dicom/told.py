"""The check of what a child says of the scale of a picture: types, ranges, lengths, counts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from viewer.dicom.calibration import Told
from viewer.dicom.header import CHECKS
from viewer.dicom.regions import MOST, Region
from viewer.dicom.uptake import Tracer

_text, _number, _flag = CHECKS["modality"], CHECKS["slice_location"], CHECKS["lossy"]
_texts, _whole = CHECKS["image_type"], CHECKS["series_number"]


def _several(each: Callable[[Any], Any], low: int, high: int) -> Callable[[Any], tuple[Any, ...]]:
    def check(value: Any) -> tuple[Any, ...]:
        if type(value) is not list or not low <= len(value) <= high:
            raise ValueError("list of a wrong length")
        return tuple(each(item) for item in value)

    return check


def _place(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 32:
        raise ValueError("number out of range")
    return value


_BY_TYPE: dict[str, Callable[[Any], Any]] = {
    "str": _text,
    "bool": _flag,
    "float": _number,
    "float | None": _number,
    "int": _place,
    "tuple[str, ...]": _texts,
    "tuple[float, ...]": _several(_number, 0, 2),
    "tuple[float, float]": _several(_number, 2, 2),
    "tuple[int, int]": _several(_place, 2, 2),
    "tuple[int, int] | None": _several(_whole, 2, 2),
}


def _checks(kind: type) -> dict[str, Callable[[Any], Any]]:
    return {
        each.name: _BY_TYPE[str(each.type)]
        for each in dataclasses.fields(kind)
        if str(each.type) in _BY_TYPE
    }


_REGION, _TRACER, _TOLD = _checks(Region), _checks(Tracer), _checks(Told)


def _fields(given: Any, checks: dict[str, Callable[[Any], Any]]) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not given.keys() <= checks.keys():
        raise ValueError("unknown fields")
    return {name: checks[name](value) for name, value in given.items()}


def read(given: Any) -> Told:
    """Return what a child told.

    Raises: ValueError, TypeError if no honest child says that.
    """
    if not isinstance(given, Mapping):
        raise ValueError("not a map")
    rest = {name: value for name, value in given.items() if name not in ("regions", "tracer")}
    regions = _several(lambda each: Region(**_fields(each, _REGION)), 0, MOST)
    tracer = given.get("tracer")
    return Told(
        **_fields(rest, _TOLD),
        regions=regions(given.get("regions", [])),
        tracer=Tracer(**_fields(tracer, _TRACER)) if tracer is not None else None,
    )
