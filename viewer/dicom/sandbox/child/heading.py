"""A parsed file to the map of a Header."""

from __future__ import annotations

import itertools
from typing import Any

from pydicom.dataset import Dataset

from viewer.dicom.header import DEFLATED, NATIVE
from viewer.dicom.sandbox.child import describing, framing
from viewer.dicom.sandbox.child.bytes_in import Bytes
from viewer.dicom.sandbox.child.facts import LOSSY, Facts, facts, why_not
from viewer.dicom.sandbox.child.reading import File, parse
from viewer.dicom.sandbox.child.values import (
    charset,
    code,
    codes,
    item,
    number,
    numbers,
    text,
    whole,
)
from viewer.errors import CannotDraw

GROUP_BYTES = 1 << 20  # of frames that are fetched together
SEGMENT_BYTES = 32 << 20  # no segment is longer, whatever lies in it
_CODES = {
    "study_uid": 0x0020000D,
    "series_uid": 0x0020000E,
    "sop_uid": 0x00080018,
    "sop_class": 0x00080016,
    "modality": 0x00080060,
    "patient_birth_date": 0x00100030,
    "patient_sex": 0x00100040,
    "study_date": 0x00080020,
    "study_time": 0x00080030,
    "series_date": 0x00080021,
    "body_part": 0x00180015,
    "frame_of_reference": 0x00200052,
    "burned_in": 0x00280301,
}
_TEXTS = {
    "patient_id": 0x00100020,
    "study_description": 0x00081030,
    "series_description": 0x0008103E,
    "protocol": 0x00181030,
    "institution": 0x00080080,
    "manufacturer": 0x00080070,
}
_WHOLES = {
    "series_number": 0x00200011,
    "instance_number": 0x00200013,
    "acquisition_number": 0x00200012,
    "temporal_position": 0x00200100,
    "echo_number": 0x00180086,
}
_NUMBERS = {
    "slice_location": 0x00201041,
    "slice_thickness_mm": 0x00180050,
    "trigger_time_ms": 0x00181060,
}


def heading(source: Bytes) -> dict[str, Any]:
    """Return the map that `Header.from_map` reads.

    Raises: NotDicom.
    """
    file = parse(source)
    known = facts(file)
    why = why_not(file, known)
    found = file.dataset
    result: dict[str, Any] = {name: code(found, tag) for name, tag in _CODES.items()}
    encodings = charset(found)
    result |= {name: text(found, tag, encodings) for name, tag in _TEXTS.items()}
    result |= {name: whole(found, tag) for name, tag in _WHOLES.items()}
    result |= {name: number(found, tag) for name, tag in _NUMBERS.items()}
    result |= _of_pixels(file, known) | _geometry(found) | _windowing(found)
    result |= {
        "size": source.size,
        "transfer_syntax": file.syntax[:64],
        "patient_name": text(found, 0x00100010, encodings, is_name=True),
        "image_type": codes(found, 0x00080008),
        "frame_time_ms": _frame_time(found),
        "compressible": file.syntax in NATIVE,
        "preamble": file.preamble,
    }
    if not why:
        try:
            result |= _layout(file, source, known)
        except CannotDraw as error:
            why = error.why
    if "cuts" not in result:
        result["cuts"] = _spread([], source.size)
    result["drawable"], result["why_not"] = not why, why
    return {name: value for name, value in result.items() if value not in (None, "", [])}


def _of_pixels(file: File, known: Facts) -> dict[str, Any]:
    if file.place is None:
        return {}
    return {
        "rows": known.rows,
        "columns": known.columns,
        "frames": known.frames,
        "photometric": known.photometric,
        "samples": known.samples,
        "bits_allocated": known.allocated,
        "bits_stored": known.stored,
        "signed": known.signed,
        "planar": known.planar,
        "lossy": file.syntax in LOSSY or code(file.dataset, 0x00282110) == "01",
    }


def _geometry(found: Dataset) -> dict[str, Any]:
    """Position and orientation of the first frame. Source: PS3.3 C.7.6.2, C.7.6.16.2.3."""
    position = numbers(describing.home(found, 0, 0x00209113, 0x00200032), 0x00200032)
    directions = numbers(describing.home(found, 0, 0x00209116, 0x00200037), 0x00200037)
    if len(position) != 3:  # nuclear medicine
        position = numbers(item(found, 0x00540022), 0x00200032)
        directions = directions or numbers(item(found, 0x00540022), 0x00200037)
    return {
        "position": position if len(position) == 3 else None,
        "orientation": directions if len(directions) == 6 else None,
        "spacing_mm": describing.spacing(found, 0),
    }


def _windowing(found: Dataset) -> dict[str, Any]:
    slope, intercept, kind = describing.rescale(found, 0)
    return {
        "windows": [list(each) for each in describing.windows(found, 0)],
        "voi_function": describing.voi_function(found, 0),
        "rescale_slope": slope,
        "rescale_intercept": intercept,
        "rescale_type": kind,
    }


def _frame_time(found: Dataset) -> float | None:
    """Return ms a frame, from whichever of the attributes is there."""
    time = number(found, 0x00181063)
    if time is None and (vector := numbers(found, 0x00181065)[1:]):
        time = sum(vector) / len(vector)
    if time is None:
        rate = number(found, 0x00180040) or number(found, 0x00082144)
        time = 1000 / rate if rate and rate > 0 else None
    return time if time is not None and 0 < time < 1e6 else None


# -- where frames lie -------------------------------------------------------------------------


def _layout(file: File, source: Bytes, known: Facts) -> dict[str, Any]:
    """Return what is needed to fetch and decode one frame alone, and where to cut for it."""
    if known.frames == 1 or file.syntax == DEFLATED or file.place is None:
        return {}
    if known.is_native:
        start = framing.native_start(file)
        result: dict[str, Any] = {"pixel_start": start, "frame_bits": known.frame_bits}
        bounds = [start + i * known.frame_bits // 8 for i in range(known.frames + 1)]
    else:
        bounds = framing.frame_starts(file, source, known.frames)
        result = {"pixel_start": bounds[0], "frame_starts": bounds}
    return result | {"cuts": _cuts(bounds, source.size)}


def _cuts(bounds: list[int], size: int) -> list[int]:
    """Cut before the first frame and then before the frame that would exceed a group."""
    cuts = [bounds[0]]
    for here, after in itertools.pairwise(bounds):
        if after - cuts[-1] > GROUP_BYTES and here > cuts[-1]:
            cuts.append(here)
    cuts.append(bounds[-1])
    return _spread(sorted({cut for cut in cuts if 0 < cut < size}), size)


def _spread(cuts: list[int], size: int) -> list[int]:
    """Cut long stretches too: a segment has a greatest length."""
    result: list[int] = []
    for here, after in itertools.pairwise([0, *cuts, size]):
        result += range(here or SEGMENT_BYTES, after, SEGMENT_BYTES)
    return [cut for cut in result if 0 < cut < size]
