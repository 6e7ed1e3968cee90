"""A parsed file to the map of a Record: what a directory of files says of it."""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset

from viewer.dicom.record import KEYS, MAX_MODIFIERS, MAX_REFERENCES
from viewer.dicom.sandbox.child.bytes_in import Bytes
from viewer.dicom.sandbox.child.reading import parse
from viewer.dicom.sandbox.child.values import charset, code, item, items, text, whole

HAS_CONCEPT_MOD = "HAS CONCEPT MOD"


def record(source: Bytes) -> dict[str, Any]:
    """Return the map that `Record.from_map` reads.

    Raises: NotDicom.
    """
    file = parse(source)
    found = file.dataset
    encodings = charset(found)
    meta = file.meta if source.at(128, 4) == b"DICM" else {}
    values = {name: _value(found, tag, vr, encodings) for name, (tag, vr) in KEYS.items()}
    return {
        "meta": [meta.get(tag, "")[:64] for tag in (0x00020002, 0x00020003, 0x00020010)],
        "texts": {name: value for name, value in values.items() if value},
        "title": _code(item(found, 0x0040A043), encodings),
        "modifiers": _modifiers(found, encodings),
        "references": _references(found),
    }


def _value(found: Dataset, tag: int, vr: str, encodings: tuple[str, ...]) -> str:
    if vr in ("CS", "DA", "TM", "DT"):
        value = code(found, tag)
        return value if value.isprintable() else ""
    if vr in ("IS", "US", "UL"):
        number = whole(found, tag)
        return "" if number is None else str(number)
    return text(found, tag, encodings, is_name=vr == "PN")


def _code(found: Dataset | None, encodings: tuple[str, ...]) -> list[str] | None:
    """Source: PS3.3 8.8."""
    value = code(found, 0x00080100) or code(found, 0x00080119) or code(found, 0x00080120)
    if not value or not value.isprintable():
        return None
    scheme, meaning = text(found, 0x00080102, encodings), text(found, 0x00080104, encodings)
    return [value, scheme, meaning]


def _modifiers(found: Dataset, encodings: tuple[str, ...]) -> list[list[list[str]]]:
    """Return what qualifies the title of a document, such as why images were selected."""
    result = []
    for each in list(items(found, 0x0040A730))[:256]:
        if code(each, 0x0040A010) == HAS_CONCEPT_MOD and code(each, 0x0040A040) == "CODE":
            name = _code(item(each, 0x0040A043), encodings)
            value = _code(item(each, 0x0040A168), encodings)
            if name and value:
                result.append([name, value])
    return result[:MAX_MODIFIERS]


def _references(found: Dataset) -> list[Any]:
    """Return each series that a presentation state applies to, with its images."""
    result, count = [], 0
    for series in items(found, 0x00081115):
        pairs = [
            [code(each, 0x00081150), code(each, 0x00081155)]
            for each in list(items(series, 0x00081140))[: MAX_REFERENCES - count]
        ]
        pairs = [each for each in pairs if all(map(_is_uid, each))]
        count += len(pairs)
        if pairs and _is_uid(code(series, 0x0020000E)):
            result.append([code(series, 0x0020000E), pairs])
    return result[:MAX_REFERENCES]


def _is_uid(value: str) -> bool:
    return 0 < len(value) <= 64 and not value.strip("0123456789.")
