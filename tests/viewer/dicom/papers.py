"""PDFs, letters and reports made for the purpose, honest and hostile."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

STORAGE = "1.2.840.10008.5.1.4.1.1."
PDF, CDA, TEXT_SR, KEYS = (STORAGE + each for each in ("104.1", "104.2", "88.11", "88.59"))
HELVETICA = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def pdf(*objects: str | bytes, root: str = "<</Type/Catalog/Pages 2 0 R>>") -> bytes:
    """Write a PDF of these objects, the root first; its table is right."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, each in enumerate((root, *objects), 1):
        places.append(len(out))
        body = each.encode("latin-1") if isinstance(each, str) else each
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    end = f"trailer<</Root 1 0 R/Size {len(places) + 1}>>\nstartxref\n{table}\n%%EOF\n"
    return bytes(out + end.encode())


def stream(data: bytes, about: str = "") -> bytes:
    return f"<<{about}/Length {len(data)}>>stream\n".encode() + data + b"\nendstream"


def one_page(
    content: bytes, box: str = "0 0 200 100", about: str = "", more: Sequence[str | bytes] = ()
) -> bytes:
    """Objects 2 to 5 are pages, page, content and font; `more` counts from 6."""
    page = (
        f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 4 0 R"
        f"/Resources<</Font<</F 5 0 R>>>>{about}>>"
    )
    return pdf("<</Type/Pages/Kids[3 0 R]/Count 1>>", page, stream(content), HELVETICA, *more)


def bomb(length: int) -> bytes:
    """A page whose content unpacks to so many bytes."""
    squeezer = zlib.compressobj(9)
    step = b"0 0 m 1 1 l S " * 74898  # about a megabyte
    packed = b"".join(squeezer.compress(step) for _ in range(length >> 20)) + squeezer.flush()
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R>>"
    content = stream(packed, "/Filter/FlateDecode")
    return pdf("<</Type/Pages/Kids[3 0 R]/Count 1>>", page, content)


def coded(value: str, scheme: str, meaning: str) -> Items:
    found = Dataset()
    found.CodeValue, found.CodingSchemeDesignator, found.CodeMeaning = value, scheme, meaning
    return Items([found])


def content(kind: str, name: str = "", relationship: str = "CONTAINS", **more: object) -> Dataset:
    """Return a content item."""
    found = Dataset()
    found.ValueType = kind
    if relationship:
        found.RelationshipType = relationship
    if name:
        found.ConceptNameCodeSequence = coded("1", "99TEST", name)
    for keyword, value in more.items():
        setattr(found, keyword, value)
    return found


def letter(body: str, head: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<ClinicalDocument xmlns="urn:hl7-org:v3">{head}<component><structuredBody>{body}'
        "</structuredBody></component></ClinicalDocument>"
    ).encode()


def section(title: str, text: str, inner: str = "") -> str:
    told = f"<title>{title}</title><text>{text}</text>"
    return f"<component><section>{told}{inner}</section></component>"
