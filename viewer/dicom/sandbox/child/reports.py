"""A Structured Report to a list of its content items, in the order in which it is read.

The tree is walked with a stack of our own: nothing here recurses over a data set, and what is
deeper, longer or more than we keep is cut off, and said to be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydicom.charset import decode_bytes
from pydicom.dataset import Dataset

from viewer.dicom.documents import (
    MAX_DEPTH,
    MAX_ENTRIES,
    MAX_POINTS,
    MAX_REFERENCES,
    MAX_TEXT_LONG,
)
from viewer.dicom.header import MAX_TEXT
from viewer.dicom.sandbox.child.reading import MALFORMED, File
from viewer.dicom.sandbox.child.values import (
    charset,
    code,
    codes,
    item,
    items,
    numbers,
    raw,
    text,
)

_TOTAL = 4_000_000  # characters of all texts together
_NO_UNIT = frozenset({"", "1", "no units", "unity", "unitless", "dimensionless"})
_LINE_ENDS = {"\r", "\n", "\t", "\f"}
_JOINERS = "\u200c\u200d"  # letters of Persian and Indian scripts take their shape from them
Encodings = tuple[str, ...]


def report(file: File) -> dict[str, Any]:
    """Return the map that `document_replies` reads."""
    found = file.dataset
    encodings = charset(found)
    entries: list[dict[str, Any]] = []
    missing = file.broken and f"A part of this report is missing: {file.broken}."
    for entry in _walk(found, encodings):
        if entry is None:
            missing = missing or "A part of this report is left out: there is too much of it."
        else:
            entries.append(entry)
    return {
        "title": entries[0].get("name") or text(found, 0x0008103E, encodings) or "Report",
        "entries": entries,
        "completion": clean(code(found, 0x0040A491)),
        "verification": clean(code(found, 0x0040A493)),
        "preliminary": clean(code(found, 0x0040A496)),
        "signed": _signed(found, encodings),
        "written": clean(code(found, 0x00080023) + code(found, 0x00080033)),
        "missing": missing,
    }


def _signed(found: Dataset, encodings: Encodings) -> list[list[str]]:
    people = list(items(found, 0x0040A073))[:16]
    return [
        [_name(each, 0x0040A075, charset(each, encodings)), clean(code(each, 0x0040A030))]
        for each in people
    ]


def _walk(root: Dataset, encodings: Encodings) -> Iterator[dict[str, Any] | None]:
    """Return each item, parents first; None in place of what is too much."""
    waiting: list[tuple[Dataset, int, Encodings]] = [(root, 0, encodings)]
    count = length = 0
    while waiting:
        found, level, outer = waiting.pop()
        encodings = charset(found, outer)
        entry = _entry(found, level, encodings)
        count, length = count + 1, length + len(entry.get("text", ""))
        if count > MAX_ENTRIES or length > _TOTAL:
            yield None
            return
        yield entry
        children = list(items(found, 0x0040A730))
        if children and level >= MAX_DEPTH:
            yield None
        elif children:
            waiting += [(each, level + 1, encodings) for each in reversed(children)]


def _entry(found: Dataset, level: int, encodings: Encodings) -> dict[str, Any]:
    kind = code(found, 0x0040A040)
    entry: dict[str, Any] = {
        "level": level,
        "relationship": code(found, 0x0040A010) if level else "",
        "kind": kind,
        "name": meaning(item(found, 0x0040A043), encodings),
    }
    if kind in _READ:
        entry |= _READ[kind](found, encodings)
    elif not kind and 0x0040DB73 in found:
        place = ".".join(f"{each:.0f}" for each in numbers(found, 0x0040DB73)[:64])
        entry |= {"kind": "REFERENCE", "text": f"see item {place}"}
    kept = {name: _printable(value) for name, value in entry.items() if value not in ("", [])}
    return kept | {"level": level}


def _printable(value: Any) -> Any:
    return clean(value) if isinstance(value, str) else value


def meaning(found: Dataset | None, encodings: Encodings) -> str:
    """Return what a code means, or the code itself. Source: PS3.3 8.1, 8.2, 8.3."""
    if found is None:
        return ""
    encodings = charset(found, encodings)
    return text(found, 0x00080104, encodings) or _code_value(found)


def _code_value(found: Dataset | None) -> str:
    return code(found, 0x00080100) or code(found, 0x00080119) or code(found, 0x00080120)


def long_text(found: Dataset | None, tag: int, encodings: Encodings) -> str:
    """Return a text of several lines; what is no letter, sign or line end becomes a space."""
    value = raw(found, tag)[: 4 * MAX_TEXT_LONG]
    try:
        said = decode_bytes(value, encodings, _LINE_ENDS)
    except MALFORMED:
        said = value.decode("latin-1")
    return clean(said)


def clean(said: str) -> str:
    """Return only letters, signs and line ends, bounded."""
    said = said.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").strip("\0 \n")
    kept = (each if each.isprintable() or each in "\n" + _JOINERS else " " for each in said)
    return "".join(kept)[:MAX_TEXT_LONG].encode("utf-8", "replace").decode()


def _name(found: Dataset, tag: int, encodings: Encodings) -> str:
    return text(found, tag, encodings, is_name=True)


def _num(found: Dataset, encodings: Encodings) -> dict[str, Any]:
    """The number as it was written; rounding it would change it."""
    measured = item(found, 0x0040A300)
    if measured is None:
        why = meaning(item(found, 0x0040A301), encodings)
        return {"text": why or "no value"}
    return {
        "text": code(measured, 0x0040A30A) or "no value",
        "unit": _unit(item(measured, 0x004008EA), encodings),
    }


def _unit(found: Dataset | None, encodings: Encodings) -> str:
    """Return a unit as it is written: "mm" of UCUM; its meaning where UCUM's signs are odd.

    Some write "1" and mean pixels: what it means counts.
    """
    value = _code_value(found)
    if code(found, 0x00080102) != "UCUM" or not value.isprintable():
        return meaning(found, encodings)
    said = meaning(found, encodings)
    if value == "1":
        return "" if said.lower() in _NO_UNIT else said
    return said if set(value) & set("{}[]'") else value


def _code(found: Dataset, encodings: Encodings) -> dict[str, Any]:
    value = item(found, 0x0040A168)
    parts = (_code_value(value), code(value, 0x00080102))
    return {
        "text": meaning(value, encodings),
        "code": ", ".join(each for each in parts if each)[:MAX_TEXT],
    }


def _references(found: Dataset, _: Encodings) -> dict[str, Any]:
    pointed = list(items(found, 0x00081199))[:MAX_REFERENCES]
    states = [each for one in pointed for each in list(items(one, 0x00081199))[:1]]
    kept = [reference(each) for each in (pointed + states)[:MAX_REFERENCES]]
    frames = kept[0][2] if kept else []
    said = f"image {', '.join(map(str, frames[:8]))}" if frames else ""
    return {"references": kept, "text": said}


def reference(found: Dataset) -> list[Any]:
    """Return SOP class, instance and frames of a Referenced SOP Sequence's item."""
    frames = [int(each) for each in numbers(found, 0x00081160)[:MAX_REFERENCES]]
    return [
        clean(code(found, 0x00081150)),
        clean(code(found, 0x00081155)),
        [each for each in frames if 0 < each < 1 << 31],
    ]


def _coordinates(found: Dataset, _: Encodings) -> dict[str, Any]:
    shape = code(found, 0x00700023)
    points = numbers(found, 0x00700022)[:MAX_POINTS]
    size = 3 if code(found, 0x0040A040) == "SCOORD3D" else 2
    count = len(points) // size
    said = f"{shape.lower()}, {count} point{'s' * (count != 1)}"
    return {"shape": shape, "points": points[: count * size], "text": said}


def _times(found: Dataset, _: Encodings) -> dict[str, Any]:
    shape = code(found, 0x0040A130)
    marks = codes(found, 0x0040A13A) or [f"{each:g} s" for each in numbers(found, 0x0040A138)[:16]]
    marks = marks or [f"sample {each:.0f}" for each in numbers(found, 0x0040A132)[:16]]
    return {"shape": shape, "text": f"{shape.lower()}: {', '.join(marks)}"}


_READ: dict[str, Callable[[Dataset, Encodings], dict[str, Any]]] = {
    "CONTAINER": lambda found, _: {"continuous": code(found, 0x0040A050) == "CONTINUOUS"},
    "TEXT": lambda found, encodings: {"text": long_text(found, 0x0040A160, encodings)},
    "NUM": _num,
    "CODE": _code,
    "PNAME": lambda found, encodings: {"text": _name(found, 0x0040A123, encodings)},
    "DATE": lambda found, _: {"text": code(found, 0x0040A121)},
    "TIME": lambda found, _: {"text": code(found, 0x0040A122)},
    "DATETIME": lambda found, _: {"text": code(found, 0x0040A120)},
    "UIDREF": lambda found, _: {"text": code(found, 0x0040A124)},
    "COMPOSITE": _references,
    "IMAGE": _references,
    "WAVEFORM": _references,
    "SCOORD": _coordinates,
    "SCOORD3D": _coordinates,
    "TCOORD": _times,
    "TABLE": lambda *_: {"text": "a table, which is not shown here"},
}
