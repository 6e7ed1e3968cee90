"""A presentation state to a map; what of it cannot be applied is named."""

from __future__ import annotations

import math
from typing import Any

from pydicom.dataset import Dataset

from viewer.dicom.presentation import MAX_GRAPHICS, MAX_NUMBERS, MAX_PARTS, MAX_WORDS
from viewer.dicom.sandbox.child import overlays
from viewer.dicom.sandbox.child.describing import of_items
from viewer.dicom.sandbox.child.reading import File
from viewer.dicom.sandbox.child.reports import clean, long_text, reference
from viewer.dicom.sandbox.child.values import (
    charset,
    code,
    codes,
    item,
    items,
    number,
    numbers,
    shorts,
    text,
    whole,
)
from viewer.errors import CannotShow

_CLASSES = "1.2.840.10008.5.1.4.1.1.11."
GREY, COLOUR = _CLASSES + "1", _CLASSES + "2"
Encodings = tuple[str, ...]
_MODES = ("SCALE TO FIT", "TRUE SIZE", "MAGNIFY")
_KINDS = ("POINT", "POLYLINE", "INTERPOLATED", "CIRCLE", "ELLIPSE")
_MISSING = (  # tags, and what is not applied
    ((0x00286100,), "It shows the difference to another picture; that is not done here."),
    ((0x00700209,), "Some of its drawings are of a kind that is not shown here."),
    ((0x00700308,), "It marks points in 3D, which are not shown here."),
    ((0x00181623, *(group | 0x3000 for group in overlays.GROUPS)), "It hides or marks parts of the "
     "picture dot by dot; those are not applied."),
)  # fmt: skip


def presentation(file: File) -> dict[str, Any]:
    """Return the map that `presentation_replies` reads.

    Raises: CannotShow.
    """
    found = file.dataset
    sop_class = code(found, 0x00080016)
    if sop_class not in (GREY, COLOUR):
        raise CannotShow("it tells how pictures are to be shown in a way that is not known here")
    encodings = charset(found)
    return {
        "label": clean(code(found, 0x00700080)),
        "description": clean(text(found, 0x00700081, encodings)),
        "creator": clean(text(found, 0x00700084, encodings, is_name=True)),
        "created": clean(code(found, 0x00700082) + code(found, 0x00700083)),
        "references": _referenced(found),
        "is_grey": sop_class == GREY,
        "rescale": _rescale(found),
        "modality_lut": _table(file, found, 0x00283000, "modality"),
        "vois": [_voi(file, each) for each in _some(found, 0x00283110)],
        "shape": clean(code(found, 0x20500020)),
        "presentation_lut": _table(file, found, 0x20500010, "presentation"),
        "areas": [area for each in _some(found, 0x0070005A) if (area := _area(each))],
        "rotation": (whole(found, 0x00700042) or 0) % 360 // 90 * 90,
        "flipped": code(found, 0x00700041) == "Y",
        "shutters": _shutters(found),
        "shutter_grey": (shorts(found, 0x00181622) or [0])[0] >> 8,
        "layers": [_layer(each) for each in _some(found, 0x00700060)],
        "annotations": [_annotation(each, encodings) for each in _some(found, 0x00700001)],
        "missing": _missing(file),
    }


def _missing(file: File) -> list[str]:
    found = [said for tags, said in _MISSING if any(tag in file.dataset for tag in tags)]
    if len(items(file.dataset, 0x00700001)) > MAX_PARTS:
        found.append("It holds more drawings than are shown here.")
    if file.broken:
        found.append(f"A part of it is missing: {file.broken}.")
    return found


def _some(found: Dataset, tag: int) -> list[Dataset]:
    return list(items(found, tag))[:MAX_PARTS]


def _images(found: Dataset) -> list[list[Any]]:
    return [reference(each) for each in list(items(found, 0x00081140))[:MAX_GRAPHICS]]


def _referenced(found: Dataset) -> list[list[Any]]:
    series = _some(found, 0x00081115)
    return [each for one in series for each in _images(one)][:MAX_GRAPHICS]


def _rescale(found: Dataset) -> list[float]:
    slope, intercept = number(found, 0x00281053), number(found, 0x00281052)
    if slope is None or intercept is None or slope == 0:
        return [1.0, 0.0]
    return [slope, intercept]


def _table(file: File, found: Dataset, tag: int, name: str) -> dict[str, Any] | None:
    """Return the first table of a sequence, its values in the map."""
    # The first value of a table is signed where the values it is looked up by can be.
    first = item(found, tag)
    said = first is not None and 0x00283002 in first and str(first.get_item(0x00283002).VR) == "SS"
    signed = said or (name == "voi" and (number(file.dataset, 0x00281052) or 0) < 0)
    for about, values in of_items(file, items(found, tag), name, signed)[:1]:
        return {
            "first": int(about["first"]),
            "bits": int(about["bits"]),
            "explanation": clean(about["explanation"]),
            "values": values.tolist(),
        }
    return None


def _voi(file: File, found: Dataset) -> dict[str, Any]:
    centre, width = number(found, 0x00281050), number(found, 0x00281051)
    words = clean(text(found, 0x00281055, charset(found, charset(file.dataset))))
    known = centre is not None and width is not None and width > 0
    return {
        "references": _images(found),
        "window": [centre, width, words] if known else None,
        "function": clean(code(found, 0x00281056)) or "LINEAR",
        "table": _table(file, found, 0x00283010, "voi"),
    }


def _area(found: Dataset) -> dict[str, Any] | None:
    """Return the part in sight; its corners are pixels, counted from 1, and belong to it."""
    corners = numbers(found, 0x00700052)[:2] + numbers(found, 0x00700053)[:2]
    if len(corners) != 4:
        return None
    left, right = sorted((corners[0], corners[2]))
    top, bottom = sorted((corners[1], corners[3]))
    mode = code(found, 0x00700100)
    spacing = numbers(found, 0x00700101)
    ratio = numbers(found, 0x00700102)
    larger = number(found, 0x00700103)
    return {
        "references": _images(found),
        "left": left - 1,
        "top": top - 1,
        "right": right,
        "bottom": bottom,
        "mode": mode if mode in _MODES else _MODES[0],
        "spacing_mm": spacing if len(spacing) == 2 and min(spacing) > 0 else None,
        "aspect": ratio[0] / ratio[1] if len(ratio) == 2 and min(ratio) > 0 else None,
        "magnification": larger if larger and larger > 0 else None,
    }


def _shutters(found: Dataset) -> list[dict[str, Any]]:
    shapes = codes(found, 0x00181600)
    result: list[dict[str, Any]] = []
    if "RECTANGULAR" in shapes:
        edges = [number(found, tag) for tag in (0x00181602, 0x00181606, 0x00181604, 0x00181608)]
        if None not in edges:
            result.append({"shape": "RECTANGULAR", "numbers": edges})
    if "CIRCULAR" in shapes:
        centre, radius = numbers(found, 0x00181610), number(found, 0x00181612)
        if len(centre) == 2 and radius is not None:
            result.append({"shape": "CIRCULAR", "numbers": [centre[1], centre[0], radius]})
    if "POLYGONAL" in shapes:
        rows_first = numbers(found, 0x00181620)[:MAX_NUMBERS]
        pairs = zip(rows_first[1::2], rows_first[::2], strict=False)
        points = [each for pair in pairs for each in pair]
        if len(points) >= 6:
            result.append({"shape": "POLYGONAL", "numbers": points})
    return result


def _layer(found: Dataset) -> dict[str, Any]:
    grey = shorts(found, 0x00700066)
    lab = shorts(found, 0x00700401)
    colour = [grey[0] >> 8] * 3 if grey else None
    if len(lab) == 3:
        colour = list(srgb(lab[0], lab[1], lab[2]))
    return {
        "name": clean(code(found, 0x00700002)),
        "order": whole(found, 0x00700062) or 0,
        "colour": colour,
    }


def _annotation(found: Dataset, encodings: Encodings) -> dict[str, Any]:
    encodings = charset(found, encodings)
    graphics = [_graphic(each) for each in list(items(found, 0x00700009))[:MAX_GRAPHICS]]
    words = [_words(each, encodings) for each in list(items(found, 0x00700008))[:MAX_PARTS]]
    return {
        "references": _images(found),
        "layer": clean(code(found, 0x00700002)),
        "graphics": [each for each in graphics if each],
        "words": [each for each in words if each["text"]],
    }


def _units(found: Dataset, tag: int) -> str:
    return "DISPLAY" if code(found, tag) == "DISPLAY" else "PIXEL"


def _graphic(found: Dataset) -> dict[str, Any] | None:
    points = numbers(found, 0x00700022)[:MAX_NUMBERS]
    kind = code(found, 0x00700023)
    if kind not in _KINDS or len(points) < 2:
        return None
    return {
        "kind": kind,
        "units": _units(found, 0x00700005),
        "points": points[: len(points) // 2 * 2],
        "filled": code(found, 0x00700024) == "Y",
    }


def _words(found: Dataset, encodings: Encodings) -> dict[str, Any]:
    corners = numbers(found, 0x00700010)[:2] + numbers(found, 0x00700011)[:2]
    anchor = numbers(found, 0x00700014)[:2]
    justification = code(found, 0x00700012)
    return {
        "text": long_text(found, 0x00700006, encodings)[:MAX_WORDS],
        "box": corners if len(corners) == 4 else [],
        "box_units": _units(found, 0x00700003),
        "justification": justification if justification in ("CENTER", "RIGHT") else "LEFT",
        "anchor": anchor if len(anchor) == 2 else [],
        "anchor_units": _units(found, 0x00700004),
        "anchor_visible": code(found, 0x00700015) == "Y",
    }


def srgb(lightness: int, a: int, b: int) -> tuple[int, int, int]:
    """Return red, green and blue (0 to 255) of a CIELab colour. Source: PS3.3 C.10.7.1.1.

    Args:
        lightness: 0 to 65535 for L* from 0 to 100; `a` and `b` for -128 to 127. D50, as in ICC.
    """
    y = (lightness * 100 / 65535 + 16) / 116
    x, z = y + (a * 255 / 65535 - 128) / 500, y - (b * 255 / 65535 - 128) / 200
    white = (0.9642, 1.0, 0.8249)
    linear = [
        point * (t**3 if t > 6 / 29 else 3 * (6 / 29) ** 2 * (t - 4 / 29))
        for point, t in zip(white, (x, y, z), strict=True)
    ]
    rows = ((3.1339, -1.6169, -0.4906), (-0.9788, 1.9161, 0.0335), (0.0719, -0.2290, 1.4052))
    light = (
        min(1.0, max(0.0, sum(m * v for m, v in zip(row, linear, strict=True)))) for row in rows
    )
    red, green, blue = (
        round(255 * (12.92 * v if v <= 0.0031308 else 1.055 * math.pow(v, 1 / 2.4) - 0.055))
        for v in light
    )
    return red, green, blue
