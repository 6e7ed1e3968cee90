"""A CDA letter (HL7 v3 XML) to plain lines: its chapters, paragraphs, lists and tables.

Read event by event by expat; a document type, an entity, depth and length beyond bounds end it.
Nothing that the text points at is followed. Source: PS3.3 A.45.2, HL7 CDA R2 4.3.5 (narrative).
"""

from __future__ import annotations

import itertools
import xml.parsers.expat
from typing import Any

from viewer.dicom.header import MAX_TEXT
from viewer.dicom.sandbox.child.reports import clean
from viewer.errors import CannotShow

_MAX_DEPTH = 100
_MAX_ELEMENTS = 200_000
_MAX_LETTERS = 2_000_000
_MAX_LINES = 20_000
_MAX_CELLS = 64
_HL7 = "urn:hl7-org:v3"
_BLOCKS = frozenset({"paragraph", "item", "caption", "footnote", "title", "text", "list", "table"})
_CELLS = frozenset({"td", "th"})
_NAMES = frozenset({"given", "family", "prefix", "suffix"})


class _Letter:
    """What has been read so far."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.title = ""
        self.missing = ""
        self._path: list[str] = []
        self._elements = self._letters = 0
        self._said: list[str] = []
        self._cells: list[str] | None = None
        self._people: dict[str, list[str]] = {}

    # -- events -------------------------------------------------------------------------------

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition(" ")
        self._elements += 1
        if self._elements > _MAX_ELEMENTS or len(self._path) >= _MAX_DEPTH:
            raise CannotShow("there is too much of it")
        if not self._path and (name != "ClinicalDocument" or space != _HL7):
            raise CannotShow("it is not a letter of the kind it claims to be")
        if name in _BLOCKS or name in _CELLS or name == "tr":
            self._flush()
        if name == "tr":
            if self._cells:  # a table within a cell
                self._end_row()
            self._cells = []
        elif name == "br":
            self._said.append("\n")
        elif name == "effectiveTime" and self._path == ["ClinicalDocument"]:
            self._row("Date", _moment(attributes.get("value", "")))
        elif name == "renderMultiMedia" and self._in_text:
            self._said.append("[a picture that is not shown here]")
        elif name == "nonXMLBody":
            self.missing = "Its text is a file of another kind, which is not shown here."
        self._path.append(name)

    def end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name in _CELLS and self._cells is not None:
            if len(self._cells) < _MAX_CELLS:
                self._cells.append(self._take())
        elif name == "tr":
            self._end_row()
        elif name in _BLOCKS:
            self._flush()
        elif name in _NAMES:
            self._name_part()
        self._path.pop()

    def data(self, data: str) -> None:
        self._letters += len(data)
        if self._letters > _MAX_LETTERS:
            raise CannotShow("there is too much of it")
        if self._is_read:
            self._said.append(data)

    def refuse(self, *_: Any) -> int:
        raise CannotShow("it holds instructions for its reader, which are not followed")

    # -- lines --------------------------------------------------------------------------------

    @property
    def _is_read(self) -> bool:
        """Whether letters here are for a reader: titles, narrative, names."""
        return self._in_text or self._path[-1] == "title" or self._path[-1] in _NAMES

    @property
    def _in_text(self) -> bool:
        """Whether this is narrative: the text of a section, not of a coded entry below it."""
        return ("section", "text") in itertools.pairwise(self._path)

    @property
    def _depth(self) -> int:
        return max(1, min(6, self._path.count("section")))

    def _take(self) -> str:
        """Return what was said, with blanks as XML has them: only br breaks a line."""
        rows = "".join(_blank(each) for each in self._said).split("\n")
        self._said = []
        return clean("\n".join(" ".join(row.split()) for row in rows)).strip("\n")

    def _flush(self) -> None:
        said = self._take()
        if not said:
            return
        where = next((each for each in reversed(self._path) if each in _BLOCKS), "text")
        if self._cells is not None:  # a paragraph within a cell
            self._said.append(said + "\n")
        elif where == "title" and "section" not in self._path:
            self.title = said.replace("\n", " ")[:MAX_TEXT]
        elif where in ("title", "caption"):
            self._line("heading", self._depth + (where == "caption"), said.replace("\n", " "))
        else:
            self._line("item" if where == "item" else "text", self._depth, said)

    def _end_row(self) -> None:
        cells, self._cells = self._cells or [], None
        if any(cells):
            self._line("row", self._depth, "", cells=cells)

    def _row(self, name: str, value: str) -> None:
        if value:
            self._line("row", 0, name, value=clean(value)[:MAX_TEXT])

    def _name_part(self) -> None:
        """Say whom the letter is about and who wrote it, once a name is whole."""
        said = self._take()
        for role, words in (("patient", "Patient"), ("author", "Author")):
            if role in self._path and "guardian" not in self._path and said:
                self._people.setdefault(words, []).append(said)

    def _line(self, kind: str, level: int, text: str, **more: Any) -> None:
        if len(self.lines) >= _MAX_LINES:
            raise CannotShow("there is too much of it")
        self.lines.append({"kind": kind, "level": level, "text": text, **more})

    def result(self) -> dict[str, Any]:
        people = [
            {"kind": "row", "level": 0, "text": words, "value": " ".join(names)[:MAX_TEXT]}
            for words, names in self._people.items()
        ]
        return {
            "title": self.title or "Letter",
            "lines": people + self.lines,
            "missing": self.missing,
        }


def letter(data: bytes) -> dict[str, Any]:
    """Return the map that `document_replies` reads.

    Raises: CannotShow.
    """
    found = _Letter()
    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = found.start
    parser.EndElementHandler = found.end
    parser.CharacterDataHandler = found.data
    parser.StartDoctypeDeclHandler = found.refuse
    parser.EntityDeclHandler = found.refuse
    parser.ExternalEntityRefHandler = found.refuse
    try:
        parser.Parse(data.rstrip(b"\0"), True)
    except xml.parsers.expat.ExpatError as error:
        if not found.lines:
            raise CannotShow("it is damaged") from error
        found.missing = "A part of this letter is missing: it is damaged."
    return found.result()


def _blank(said: str) -> str:
    return said if said == "\n" else said.replace("\n", " ")


def _moment(value: str) -> str:
    digits = value[:12]
    if len(digits) < 8 or not digits[:8].isdigit():
        return ""
    clock = f" {digits[8:10]}:{digits[10:12]}" if len(digits) == 12 and digits.isdigit() else ""
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}{clock}"
