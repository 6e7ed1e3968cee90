"""Which kind of document a file is, and its reply."""

from __future__ import annotations

from typing import Any

from viewer.dicom.header import MAX_TEXT
from viewer.dicom.kinds import Content, kind_of
from viewer.dicom.sandbox.child import letters, pdf
from viewer.dicom.sandbox.child.reading import File
from viewer.dicom.sandbox.child.reports import clean, report
from viewer.dicom.sandbox.child.values import charset, code, raw, text, whole
from viewer.errors import CannotShow

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_PDF, _CDA = _STORAGE + "104.1", _STORAGE + "104.2"


def document(file: File) -> dict[str, Any]:
    """Return the map that `document_replies` reads: of a report, a letter or a PDF.

    Raises: CannotShow.
    """
    sop_class = code(file.dataset, 0x00080016)
    if sop_class == _PDF:
        return {"pdf": {"title": _title(file, "Document"), **pdf.pages(packed(file))}}
    if sop_class == _CDA:
        found = letters.letter(packed(file))
        return {"letter": {**found, "title": found["title"] or _title(file, "Letter")}}
    if 0x0040A730 in file.dataset or 0x0040A040 in file.dataset:
        return {"report": report(file)}
    kind = kind_of(sop_class)
    if kind.content in (Content.DOCUMENT, Content.KEY_OBJECTS):
        raise CannotShow(file.broken or "it is empty")
    raise CannotShow("it is a picture" if kind.content is Content.PICTURE else kind.why_not)


def _title(file: File, otherwise: str) -> str:
    encodings = charset(file.dataset)
    titles = (text(file.dataset, tag, encodings) for tag in (0x00420010, 0x0008103E))
    return clean(next(filter(None, titles), otherwise))[:MAX_TEXT]


def packed(file: File) -> bytes:
    """Return the file that is packed into this one, without what pads it.

    Raises: CannotShow.
    """
    data = raw(file.dataset, 0x00420011)
    if not data:
        raise CannotShow(file.broken or "its contents are missing")
    length = whole(file.dataset, 0x00420015)
    return data[:length] if length and 0 < length <= len(data) else data
