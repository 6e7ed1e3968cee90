"""One request to one reply: a map for JSON, with arrays and long replies left in the ring."""

from __future__ import annotations

import json
import mmap
from typing import Any

import numpy as np

from viewer.dicom.pixels import Values
from viewer.dicom.sandbox.child import measures, media, overlays, pdf, profiles
from viewer.dicom.sandbox.child.annotations import annotated
from viewer.dicom.sandbox.child.bits import used_bits, with_all_bits
from viewer.dicom.sandbox.child.bytes_in import Bytes, Identity
from viewer.dicom.sandbox.child.decoding import decode
from viewer.dicom.sandbox.child.describing import Table, describe, tables
from viewer.dicom.sandbox.child.documents import document, packed
from viewer.dicom.sandbox.child.facts import Facts, facts, why_not
from viewer.dicom.sandbox.child.heading import heading
from viewer.dicom.sandbox.child.listing import record
from viewer.dicom.sandbox.child.presentation import presentation
from viewer.dicom.sandbox.child.reading import MALFORMED, File, IsDirectory, parse
from viewer.dicom.sandbox.protocol import LONG_BYTES, MESSAGE_BYTES, RING_BYTES
from viewer.errors import CannotDraw, CannotShow, NotDicom

Ring = mmap.mmap | bytearray


class Server:
    """Answers requests; keeps the last file's data set, for the next frame of it."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self.used = 0  # bytes of the ring that the last reply refers to
        self._last: tuple[Identity, File] | None = None
        self._facts: tuple[File, Facts, str] | None = None  # of it, and why it is not drawn

    def answer(self, request: dict[str, Any], sources: list[Bytes]) -> bytes:
        """Return the reply as JSON; a long one lies in the ring, and the reply says where."""
        self.used = 0
        if request["op"] == "decode":
            reply: Any = _guarded(self._decode, sources[0], int(request["frame"]))
        elif request["op"] == "annotations":
            reply = _guarded(lambda source: annotated(self._parsed(source)), sources[0])
        elif request["op"] == "records":
            reply = [_guarded(self._record, each) for each in sources]
        elif request["op"] == "document":
            reply = _guarded(lambda source: document(self._parsed(source)), sources[0])
        elif request["op"] == "presentation":
            reply = _guarded(self._presentation, sources[0])
        elif request["op"] == "page":
            reply = _guarded(self._page, sources[0], int(request["page"]), float(request["scale"]))
        else:
            reply = [_guarded(self._heading, each) for each in sources]
        text = json.dumps(reply, allow_nan=False, separators=(",", ":")).encode()
        if len(text) <= MESSAGE_BYTES:
            return text
        if len(text) > LONG_BYTES:
            return b'{"failed":"its header is too long"}'
        self._ring[: len(text)] = text
        self.used = len(text)
        return json.dumps({"long": len(text)}).encode()

    def _heading(self, source: Bytes) -> dict[str, Any]:
        return {"header": heading(source)}

    def _record(self, source: Bytes) -> dict[str, Any]:
        return {"record": record(source)}

    def _parsed(self, source: Bytes) -> File:
        if self._last is None or self._last[0] != source.identity:
            self._last = self._facts = None
            self._last = (source.identity, parse(source))
        return self._last[1]

    def _decode(self, source: Bytes, frame: int) -> dict[str, Any]:
        file = self._parsed(source)
        if self._facts is None or self._facts[0] is not file:
            known = facts(file)
            self._facts = (file, known, why_not(file, known))
        _, known, why = self._facts
        if why:
            raise CannotDraw(why)
        if not 0 <= frame < known.frames:
            raise CannotDraw("it has no such frame")
        return self._pixels(file, source, known, frame)

    def _pixels(self, file: File, source: Bytes, known: Facts, frame: int) -> dict[str, Any]:
        beside = overlays.beside(file.dataset, known)
        stored = decode(file, source, with_all_bits(known), frame) if beside else None
        array = decode(file, source, known, frame) if stored is None else used_bits(stored, known)
        array, found, profile = _managed(file, array, tables(file, known, frame))
        reply = describe(file, known, frame, array) | {"colour_profile": profile}
        reply |= {"shape": list(array.shape), "dtype": array.dtype.name}
        at = self._put(0, array)
        reply["calibration"] = measures.told(file.dataset, frame)
        reply["tables"], reply["overlays"] = [], []
        for about, values in found:
            reply["tables"].append(about | {"at": at, "entries": len(values)})
            at = self._put(at, values)
        for about, plane in overlays.planes(file.dataset, known, frame, stored):
            shape = {"rows": plane.shape[0], "columns": plane.shape[1]}
            reply["overlays"].append(about | shape | {"at": at})
            at = self._put(at, np.packbits(plane))
        return reply

    def _presentation(self, source: Bytes) -> dict[str, Any]:
        return {"presentation": presentation(self._parsed(source))}

    def _page(self, source: Bytes, number: int, scale: float) -> dict[str, Any]:
        array, reply = pdf.page(packed(self._parsed(source)), number, scale)
        self._put(0, array)
        return {"page": reply | {"shape": list(array.shape[:2])}}

    def _put(self, at: int, array: Any) -> int:
        """Copy an array into the ring and return where the next may start."""
        if at + array.nbytes > RING_BYTES:
            raise CannotDraw("it is larger than we can draw")
        view = np.frombuffer(self._ring, array.dtype, array.size, at)
        view[:] = array.reshape(-1)
        self.used = at + array.nbytes
        return -(-self.used // 16) * 16


def _managed(file: File, array: Values, found: list[Table]) -> tuple[Values, list[Table], str]:
    """Apply the profile to the colours of the picture, or to those of its palette."""
    profile = profiles.of(file.dataset)
    said = ""
    if profile is not None and array.ndim == 3:
        array, said = profiles.to_srgb(array, profile)
    elif profile is not None:
        found, said = profiles.palette_to_srgb(found, profile)
    return array, found, said


def _guarded(do: Any, *given: Any) -> dict[str, Any]:
    """Turn what can go wrong with a file into words for a person, never the file's own."""
    try:
        result: dict[str, Any] = do(*given)
    except NotDicom as error:
        return {"not_dicom": error.why}
    except IsDirectory as error:
        return {"directory": media.listed(error.dataset)}
    except CannotDraw as error:
        return {"cannot_draw": error.why}
    except CannotShow as error:
        return {"cannot_show": error.why}
    except MALFORMED:
        return {"failed": "it is damaged"}
    return result
