"""What a child may answer of a presentation state; every field of it is checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from viewer.dicom import presentation
from viewer.dicom.header import MAX_TEXT
from viewer.dicom.pixels import Lut
from viewer.dicom.presentation import (
    Annotation,
    Area,
    Graphic,
    GraphicLayer,
    PresentationState,
    Shutter,
    Voi,
    Words,
)
from viewer.dicom.sandbox.document_replies import (
    flag,
    many,
    number,
    record,
    references,
    text,
    whole,
)
from viewer.dicom.sandbox.replies import Malformed, ReadRing, failure

T = TypeVar("T")
Check = Callable[[Any], Any]
_FAR = 1e9
_PARTS = presentation.MAX_PARTS


def _one_of(*known: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if type(value) is not str or value not in known:
            raise Malformed
        return value

    return check


def _maybe(check: Callable[[Any], T]) -> Callable[[Any], T | None]:
    return lambda value: None if value is None else check(value)


def _made(kind: Callable[..., T], checks: dict[str, Check]) -> Callable[[Any], T]:
    return lambda value: kind(**record(value, checks, *checks))


def _window(value: Any) -> tuple[float, float, str]:
    if type(value) is not list or len(value) != 3:
        raise Malformed
    return number(-_FAR, _FAR)(value[0]), number(1e-9, _FAR)(value[1]), text()(value[2])


def _lut(value: Any) -> Lut:
    found = record(value, _LUT, *_LUT)
    return Lut(found["first"], found["bits"], found["values"], found["explanation"])


def _entries(value: Any) -> Any:
    return np.array(many(whole(0, 0xFFFF), 65536, 1)(value), np.uint16)


def _shutter(value: Any) -> Shutter:
    found = record(value, _SHUTTER, *_SHUTTER)
    count = len(found["numbers"])
    fits = {
        "RECTANGULAR": count == 4,
        "CIRCULAR": count == 3,
        "POLYGONAL": count >= 6 and count % 2 == 0,
    }
    if not fits[found["shape"]]:
        raise Malformed
    return Shutter(**found)


def _graphic(value: Any) -> Graphic:
    found = record(value, _GRAPHIC, *_GRAPHIC)
    if len(found["points"]) % 2:
        raise Malformed
    return Graphic(**found)


def _words(value: Any) -> Words:
    found = record(value, _WORDS, *_WORDS)
    if len(found["box"]) not in (0, 4) or len(found["anchor"]) not in (0, 2):
        raise Malformed
    return Words(**found)


_place = number(-_FAR, _FAR)
_UNITS = _one_of("PIXEL", "DISPLAY")
_LUT: dict[str, Check] = {
    "first": whole(-0x8000, 0xFFFF),
    "bits": whole(1, 16),
    "explanation": text(),
    "values": _entries,
}
_VOI: dict[str, Check] = {
    "references": references,
    "window": _maybe(_window),
    "function": text(),
    "table": _maybe(_lut),
}
_AREA: dict[str, Check] = {
    "references": references,
    "left": _place,
    "top": _place,
    "right": _place,
    "bottom": _place,
    "mode": _one_of("SCALE TO FIT", "TRUE SIZE", "MAGNIFY"),
    "spacing_mm": _maybe(many(number(1e-9, _FAR), 2, 2)),
    "aspect": _maybe(number(1e-9, _FAR)),
    "magnification": _maybe(number(1e-9, _FAR)),
}
_SHUTTER: dict[str, Check] = {
    "shape": _one_of("RECTANGULAR", "CIRCULAR", "POLYGONAL"),
    "numbers": many(_place, presentation.MAX_NUMBERS),
}
_GRAPHIC: dict[str, Check] = {
    "kind": _one_of("POINT", "POLYLINE", "INTERPOLATED", "CIRCLE", "ELLIPSE"),
    "units": _UNITS,
    "points": many(_place, presentation.MAX_NUMBERS, 2),
    "filled": flag,
}
_WORDS: dict[str, Check] = {
    "text": text(presentation.MAX_WORDS),
    "box": many(_place, 4),
    "box_units": _UNITS,
    "justification": _one_of("LEFT", "CENTER", "RIGHT"),
    "anchor": many(_place, 2),
    "anchor_units": _UNITS,
    "anchor_visible": flag,
}
_ANNOTATION: dict[str, Check] = {
    "references": references,
    "layer": text(),
    "graphics": many(_graphic, presentation.MAX_GRAPHICS),
    "words": many(_words, _PARTS),
}
_LAYER: dict[str, Check] = {
    "name": text(),
    "order": whole(-(1 << 31), 1 << 31),
    "colour": _maybe(many(whole(0, 255), 3, 3)),
}
_STATE: dict[str, Check] = {
    "label": text(),
    "description": text(),
    "creator": text(),
    "created": text(2 * MAX_TEXT),
    "references": references,
    "is_grey": flag,
    "rescale": many(number(-_FAR, _FAR), 2, 2),
    "modality_lut": _maybe(_lut),
    "vois": many(_made(Voi, _VOI), _PARTS),
    "shape": text(),
    "presentation_lut": _maybe(_lut),
    "areas": many(_made(Area, _AREA), _PARTS),
    "rotation": whole(0, 270),
    "flipped": flag,
    "shutters": many(_shutter, 3),
    "shutter_grey": whole(0, 255),
    "layers": many(_made(GraphicLayer, _LAYER), _PARTS),
    "annotations": many(_made(Annotation, _ANNOTATION), _PARTS),
    "missing": many(text(), 16),
}


def state(reply: Any, _ring: ReadRing) -> PresentationState:
    """Return the presentation state.

    Raises: Malformed, and what the child reports: CannotShow, NotDicom, ReaderFailed.
    """
    if type(reply) is not dict:
        raise Malformed
    if reply.keys() != {"presentation"}:
        raise failure(reply)
    found = PresentationState(**record(reply["presentation"], _STATE, *_STATE))
    if found.rotation % 90 or found.rescale[0] == 0:
        raise Malformed
    return found
