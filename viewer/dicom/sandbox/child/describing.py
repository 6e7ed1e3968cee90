"""What the way from stored values to the screen needs of a frame, and its lookup tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from viewer.dicom.header import MAX_TEXT
from viewer.dicom.pixels import Values
from viewer.dicom.sandbox.child import palettes
from viewer.dicom.sandbox.child.facts import LOSSY, Facts
from viewer.dicom.sandbox.child.reading import File
from viewer.dicom.sandbox.child.values import (
    charset,
    code,
    codes,
    item,
    items,
    little,
    number,
    numbers,
    raw,
    same_order,
    shorts,
    text,
    texts,
)

MAX_CODES = 1 << 17
Table = tuple[dict[str, Any], Values]
_VOI, _TRANSFORM, _MEASURES = 0x00289132, 0x00289145, 0x00289110
_PALETTES = ((0x00281101, 0x00281201), (0x00281102, 0x00281202), (0x00281103, 0x00281203))


def macro(dataset: Dataset, frame: int, tag: int) -> Dataset | None:
    """Return a functional group of a frame: its own, else the shared one. PS3.3 C.7.6.16."""
    if 0x52009230 not in dataset and 0x52009229 not in dataset:
        return None
    own = items(dataset, 0x52009230)
    found = item(own[frame], tag) if frame < len(own) else None
    return found if found is not None else item(item(dataset, 0x52009229), tag)


def home(dataset: Dataset, frame: int, group: int, tag: int) -> Dataset:
    """Return where an attribute of a frame stands: in its functional group or at the top."""
    found = macro(dataset, frame, group)
    return found if found is not None and tag in found else dataset


def windows(dataset: Dataset, frame: int) -> list[tuple[float, float, str]]:
    """Return (centre, width, explanation) of the frame's windows."""
    source = home(dataset, frame, _VOI, 0x00281050)
    centres, widths = numbers(source, 0x00281050)[:32], numbers(source, 0x00281051)[:32]
    names = texts(source, 0x00281055, charset(source, charset(dataset)))
    names += [""] * len(centres)
    pairs = zip(centres, widths, names, strict=False)
    return [(centre, width, name) for centre, width, name in pairs if width > 0]


def voi_function(dataset: Dataset, frame: int) -> str:
    """Return LINEAR, LINEAR_EXACT or SIGMOID; empty if it is not said."""
    return code(home(dataset, frame, _VOI, 0x00281056), 0x00281056)


def rescale(dataset: Dataset, frame: int) -> tuple[float | None, float | None, str]:
    """Return slope, intercept and type."""
    source = home(dataset, frame, _TRANSFORM, 0x00281053)
    return number(source, 0x00281053), number(source, 0x00281052), code(source, 0x00281054)


def spacing(dataset: Dataset, frame: int) -> list[float] | None:
    """Return mm between rows and between columns: in the body, else on the detector."""
    for tag in (0x00280030, 0x00181164, 0x00182010):
        found = numbers(home(dataset, frame, _MEASURES, tag), tag)
        if len(found) == 2 and min(found) > 0:
            return found
    return None


def aspect(dataset: Dataset, frame: int) -> float:
    """Return height over width of a pixel."""
    found = numbers(dataset, 0x00280034) or spacing(dataset, frame) or [1.0, 1.0]
    if len(found) == 2 and min(found) > 0 and 0.01 <= found[0] / found[1] <= 100:
        return found[0] / found[1]
    return 1.0


def _padding(dataset: Dataset, known: Facts) -> list[float] | None:
    """Return the range of what is no image. Source: PS3.3 C.7.5.1.1.2, C.7.6.24, C.7.6.25."""
    for value_tag, limit_tag in ((0x00280122, 0x00280124), (0x00280123, 0x00280125)):
        if known.is_float and (value := numbers(dataset, value_tag)):
            return sorted((value[0], (numbers(dataset, limit_tag) or value)[0]))
    value = [] if known.is_float else list(shorts(dataset, 0x00280120, known.signed))
    if not value:
        return None
    limit = shorts(dataset, 0x00280121, known.signed) or value
    return sorted((value[0], limit[0]))


def lossy(file: File) -> tuple[bool, list[float], list[str]]:
    """Return whether values were lost, the ratio and the method of each loss.

    Source: PS3.3 C.7.6.1.1.5.
    """
    found = file.dataset
    ratios = [each for each in numbers(found, 0x00282112)[:16] if each > 0]
    is_lossy = file.syntax in LOSSY or code(found, 0x00282110) == "01"
    return is_lossy, ratios, codes(found, 0x00282114)


def describe(file: File, known: Facts, frame: int, array: Values) -> dict[str, Any]:
    """Return the attributes of `Pixels` but for its arrays."""
    found = file.dataset
    slope, intercept, kind = rescale(found, frame)
    is_lossy, ratios, methods = lossy(file)
    shape = code(found, 0x20500020)
    return {
        "photometric": "RGB" if array.ndim == 3 else known.photometric,
        "bits_stored": known.stored,
        "signed": bool(array.dtype.kind == "i"),
        "rescale_slope": slope if slope else 1.0,
        "rescale_intercept": intercept or 0.0,
        "rescale_type": kind,
        "windows": windows(found, frame),
        "voi_function": voi_function(found, frame) or "LINEAR",
        "padding": _padding(found, known),
        "presentation_shape": shape if shape in ("IDENTITY", "INVERSE") else "",
        "aspect": aspect(found, frame),
        "spacing_mm": spacing(found, frame),
        "modality": code(found, 0x00080060),
        "lossy": is_lossy,
        "lossy_ratios": ratios,
        "lossy_methods": methods,
    }


# -- tables -----------------------------------------------------------------------------------


def _table(dataset: Dataset, descriptor: int, data: int, name: str, signed: bool) -> Table | None:
    """Read a LUT: descriptor (entries, 0 for 65,536; first value; bits), then entries."""
    said = shorts(dataset, descriptor)
    value = raw(dataset, data)
    if len(said) != 3 or not value:
        return None
    entries, first, bits = said[0] or 65536, said[1], said[2]
    if signed and first > 0x7FFF:
        first -= 0x10000
    values = np.frombuffer(value[: len(value) // 2 * 2], np.uint16)
    values = values if same_order(little(dataset, data)) else values.byteswap()
    if len(values) < entries <= len(value):  # eight bits each, two a word, the lower one first
        values = values.astype("<u2").view(np.uint8).astype(np.uint16)
    if len(values) < entries or not 1 <= bits <= 16:
        return None
    about = {"name": name, "first": first, "bits": bits, "explanation": ""}
    return about, values[:entries]


def _segmented(
    dataset: Dataset, descriptor: int, data: int, name: str, signed: bool
) -> Table | None:
    """Expand a segmented palette. Source: PS3.3 C.7.9.2."""
    said, words = shorts(dataset, descriptor), raw(dataset, data)
    if len(said) != 3:
        return None
    entries, wide = said[0] or 65536, said[2] > 8
    order = "<" if little(dataset, data) else ">"
    codes = np.frombuffer(words[: len(words) // 2 * 2] if wide else words, f"{order}u{1 + wide}")
    found = palettes.expand(codes[:MAX_CODES].tolist(), wide, entries)
    if len(found) < entries:
        return None
    first = said[1] - 0x10000 if signed and said[1] > 0x7FFF else said[1]
    about = {"name": name, "first": first, "bits": min(said[2], 16), "explanation": ""}
    return about, np.array(found[:entries], np.uint16)


def of_items(file: File, found: Any, name: str, signed: bool) -> list[Table]:
    """Return the tables of a sequence's items, with what they are called."""
    tables = []
    for each in list(found)[:16]:
        table = _table(each, 0x00283002, 0x00283006, name, signed)
        if table is not None:
            encodings = charset(each, charset(file.dataset))
            table[0]["explanation"] = text(each, 0x00283003, encodings)[:MAX_TEXT]
            tables.append(table)
    return tables


def tables(file: File, known: Facts, frame: int) -> list[Table]:
    """Return the modality, VOI, presentation and palette tables of a frame."""
    found = file.dataset
    modality = of_items(file, items(found, 0x00283000), "modality", known.signed)[:1]
    slope, intercept, _ = rescale(found, frame)
    # The first value of a VOI table counts in what the modality step gives, which may be negative.
    negative = known.signed or bool(slope and (intercept or 0) < 0)
    source = home(found, frame, _VOI, 0x00283010)
    result = modality + of_items(file, items(source, 0x00283010), "voi", negative and not modality)
    result += of_items(file, items(found, 0x20500010), "presentation", False)[:1]
    if known.photometric == "PALETTE COLOR":
        result += _palette(file, known)
    return result


def _palette(file: File, known: Facts) -> list[Table]:
    found, result = file.dataset, []
    for (descriptor, data), name in zip(_PALETTES, ("red", "green", "blue"), strict=True):
        table = _table(found, descriptor, data, name, known.signed)
        if table is None:
            table = _segmented(found, descriptor, data + 0x20, name, known.signed)
        if table is not None:
            result.append(table)
    return result if len(result) == 3 else []
