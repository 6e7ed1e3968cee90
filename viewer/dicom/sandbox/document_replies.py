"""What a child may answer of a document; every field of it is checked."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from viewer.dicom import documents
from viewer.dicom.documents import Document, Entry, Letter, Line, Page, Pdf, Reference, Report
from viewer.dicom.header import MAX_TEXT
from viewer.dicom.sandbox.replies import Malformed, ReadRing, failure

T = TypeVar("T")
_JOINERS = "\n\u200c\u200d"
_KINDS = frozenset({"title", "heading", "text", "item", "row", "notice", "detail"})


def text(most: int = MAX_TEXT) -> Callable[[Any], str]:
    """Return a check for a text of letters, signs and line ends."""

    def check(value: Any) -> str:
        if type(value) is not str or len(value) > most:
            raise Malformed
        if not all(each.isprintable() or each in _JOINERS for each in value):
            raise Malformed
        return value

    return check


def whole(low: int, high: int) -> Callable[[Any], int]:
    """Return a check for a whole number."""

    def check(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise Malformed
        return value

    return check


def number(low: float, high: float) -> Callable[[Any], float]:
    """Return a check for a finite number."""

    def check(value: Any) -> float:
        if type(value) not in (int, float) or not math.isfinite(value) or not low <= value <= high:
            raise Malformed
        return float(value)

    return check


def flag(value: Any) -> bool:
    """Check a truth value."""
    if type(value) is not bool:
        raise Malformed
    return value


def many(check: Callable[[Any], T], most: int, least: int = 0) -> Callable[[Any], tuple[T, ...]]:
    """Return a check for a list."""

    def check_all(value: Any) -> tuple[T, ...]:
        if type(value) is not list or not least <= len(value) <= most:
            raise Malformed
        return tuple(check(each) for each in value)

    return check_all


def record(value: Any, checks: dict[str, Callable[[Any], Any]], *needed: str) -> dict[str, Any]:
    """Return a map whose fields are all known and right, and of which none needed is missing.

    Raises: Malformed.
    """
    if type(value) is not dict or not value.keys() <= checks.keys():
        raise Malformed
    if not set(needed) <= value.keys():
        raise Malformed
    return {name: checks[name](each) for name, each in value.items()}


def reference(value: Any) -> Reference:
    """Check one reference: SOP class, instance, frames."""
    if type(value) is not list or len(value) != 3:
        raise Malformed
    frames = many(whole(1, (1 << 31) - 1), documents.MAX_REFERENCES)(value[2])
    return Reference(text()(value[0]), text()(value[1]), frames)


references = many(reference, documents.MAX_REFERENCES)
_ENTRY: dict[str, Callable[[Any], Any]] = {
    "level": whole(0, documents.MAX_DEPTH),
    "relationship": text(),
    "kind": text(),
    "name": text(),
    "text": text(documents.MAX_TEXT_LONG),
    "unit": text(),
    "code": text(),
    "continuous": flag,
    "references": references,
    "shape": text(),
    "points": many(number(-1e30, 1e30), documents.MAX_POINTS),
}
_LINE: dict[str, Callable[[Any], Any]] = {
    "kind": text(),
    "level": whole(0, 7),
    "text": text(documents.MAX_TEXT_LONG),
    "value": text(documents.MAX_TEXT_LONG),
    "cells": many(text(documents.MAX_TEXT_LONG), 64),
}


def _entry(value: Any) -> Entry:
    found = record(value, _ENTRY, "level")
    return Entry(**({"relationship": "", "kind": "", "name": ""} | found))


def _line(value: Any) -> Line:
    found = record(value, _LINE, "kind", "level", "text")
    if found["kind"] not in _KINDS:
        raise Malformed
    return Line(**found)


def _signed(value: Any) -> tuple[str, str]:
    who, when = many(text(), 2, 2)(value)
    return who, when


_REPORT: dict[str, Callable[[Any], Any]] = {
    "title": text(),
    "entries": many(_entry, documents.MAX_ENTRIES, 1),
    "completion": text(),
    "verification": text(),
    "preliminary": text(),
    "signed": many(_signed, 16),
    "written": text(2 * MAX_TEXT),
    "missing": text(),
}
_LETTER: dict[str, Callable[[Any], Any]] = {
    "title": text(),
    "lines": many(_line, documents.MAX_ENTRIES + 16),
    "missing": text(),
}
_SIDE = number(1, documents.PAGE_SIDE_PT)
_PDF: dict[str, Callable[[Any], Any]] = {
    "title": text(),
    "pages": many(many(_SIDE, 2, 2), documents.MAX_PAGES, 1),
    "missing": text(),
}
_PAGE: dict[str, Callable[[Any], Any]] = {
    "shape": many(whole(1, documents.PAGE_SIDE_PX), 2, 2),
    "text": text(documents.PAGE_TEXT),
    "missing": text(),
}
_DOCUMENTS: dict[str, Callable[[Any], Document]] = {
    "report": lambda value: Report(**record(value, _REPORT, *_REPORT)),
    "letter": lambda value: Letter(**record(value, _LETTER, *_LETTER)),
    "pdf": lambda value: Pdf(**record(value, _PDF, *_PDF)),
}


def document(reply: Any, _ring: ReadRing) -> Document:
    """Return the document.

    Raises: Malformed, and what the child reports: CannotShow, NotDicom, ReaderFailed.
    """
    if type(reply) is not dict or len(reply) != 1:
        raise Malformed
    ((kind, value),) = reply.items()
    if kind not in _DOCUMENTS:
        raise failure(reply)
    return _DOCUMENTS[kind](value)


def page(reply: Any, ring: ReadRing) -> Page:
    """Return the page, copied out of the ring.

    Raises: Malformed, and what the child reports: CannotShow, NotDicom, ReaderFailed.
    """
    if type(reply) is not dict or reply.keys() != {"page"}:
        if type(reply) is dict:
            raise failure(reply)
        raise Malformed
    found = record(reply["page"], _PAGE, *_PAGE)
    rows, columns = found["shape"]
    array = np.frombuffer(ring(0, rows * columns * 3), np.uint8).reshape(rows, columns, 3)
    return Page(array, found["text"], found["missing"])
