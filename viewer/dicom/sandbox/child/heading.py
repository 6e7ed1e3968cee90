"""A parsed file to the map of a Header."""

from __future__ import annotations

import itertools
from typing import Any

from pydicom.dataset import Dataset

from viewer.dicom.header import DEFLATED, MAX_REFERENCES, NATIVE
from viewer.dicom.sandbox.child import describing, fast, framing
from viewer.dicom.sandbox.child.bytes_in import Bytes
from viewer.dicom.sandbox.child.elements import Unusual
from viewer.dicom.sandbox.child.facts import LOSSY, Facts, facts, why_not
from viewer.dicom.sandbox.child.places import places
from viewer.dicom.sandbox.child.reading import File, parse
from viewer.dicom.sandbox.child.values import (
    charset,
    code,
    codes,
    item,
    items,
    number,
    numbers,
    text,
    whole,
)
from viewer.errors import CannotDraw

GROUP_BYTES = 1 << 20  # of frames that are fetched together
SEGMENT_BYTES = 32 << 20  # no segment is longer, whatever lies in it
_CODES = (
    ("study_uid", 0x0020000D),
    ("series_uid", 0x0020000E),
    ("sop_uid", 0x00080018),
    ("sop_class", 0x00080016),
    ("modality", 0x00080060),
    ("patient_birth_date", 0x00100030),
    ("patient_sex", 0x00100040),
    ("study_date", 0x00080020),
    ("study_time", 0x00080030),
    ("series_date", 0x00080021),
    ("body_part", 0x00180015),
    ("frame_of_reference", 0x00200052),
    ("burned_in", 0x00280301),
    ("acquisition_time", 0x00080032),
    ("content_time", 0x00080033),
    ("units", 0x00541001),
    ("view_position", 0x00185101),
)
_TEXTS = (
    ("patient_id", 0x00100020),
    ("study_description", 0x00081030),
    ("series_description", 0x0008103E),
    ("protocol", 0x00181030),
    ("institution", 0x00080080),
    ("manufacturer", 0x00080070),
)
_WHOLES = (
    ("series_number", 0x00200011),
    ("instance_number", 0x00200013),
    ("acquisition_number", 0x00200012),
    ("temporal_position", 0x00200100),
    ("echo_number", 0x00180086),
)
_NUMBERS = (
    ("slice_location", 0x00201041),
    ("trigger_time_ms", 0x00181060),
)
_MEASURES, _CT_DETAILS, _ANATOMY = 0x00289110, 0x00189304, 0x00209071
_EVIDENCE = (0x0040A375, 0x0040A385)  # PS3.3 C.17.2, of reports and key objects
_SERIES, _INSTANCE = 0x00081115, 0x00081155
_LISTS = (0x00081140, 0x00081199, 0x0008114A)  # of instances


def heading(source: Bytes) -> dict[str, Any]:
    """Return the map that `Header.from_map` reads.

    Raises: NotDicom, IsDirectory.
    """
    try:
        return told(fast.parse(source), source)
    except Unusual:
        return told(parse(source), source)


def told(file: File, source: Bytes) -> dict[str, Any]:
    """Return what a parsed file tells."""
    known = facts(file)
    why = why_not(file, known)
    found = file.dataset
    has, encodings = found.keys(), charset(found)
    result: dict[str, Any] = {name: code(found, tag) for name, tag in _CODES if tag in has}
    result |= {name: text(found, tag, encodings) for name, tag in _TEXTS if tag in has}
    result |= {name: whole(found, tag) for name, tag in _WHOLES if tag in has}
    result |= {name: number(found, tag) for name, tag in _NUMBERS if tag in has}
    result |= _of_pixels(file, known) | _geometry(found) | _windowing(found)
    result |= places(found, result.get("frames", 1))
    result |= {
        "size": source.size,
        "transfer_syntax": file.syntax[:64],
        "patient_name": text(found, 0x00100010, encodings, is_name=True),
        "image_type": codes(found, 0x00080008),
        "patient_orientation": codes(found, 0x00200020)[:2],
        "frame_time_ms": _frame_time(found),
        "laterality": _laterality(found),
        "lossy_ratio": max(numbers(found, 0x00282112), default=None),
        "referenced_uids": _references(found),
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
        "slice_thickness_mm": _first(found, _MEASURES, 0x00180050),
        "spacing_between_slices_mm": _first(found, _MEASURES, 0x00180088),
        "gantry_tilt_deg": _first(found, _CT_DETAILS, 0x00181120),
    }


def _first(found: Dataset, group: int, tag: int) -> float | None:
    """Return a number of the first frame."""
    return number(describing.home(found, 0, group, tag), tag)


def _laterality(found: Dataset) -> str:
    """Return R, L or B; of the image, else of the frame, else of the series."""
    of_frame = code(describing.home(found, 0, _ANATOMY, 0x00209072), 0x00209072)
    said = code(found, 0x00200062) or of_frame or code(found, 0x00200060)
    return said if said in ("R", "L", "B") else ""


def _references(found: Dataset) -> list[str]:
    """Return the instances that a report, key object, state or segmentation points at."""
    studies = [each for tag in _EVIDENCE for each in items(found, tag)]
    series = [one for each in (found, *studies) for one in items(each, _SERIES)]
    named = (one for each in series for tag in _LISTS for one in items(each, tag))
    uids = (code(each, _INSTANCE) for each in itertools.islice(named, MAX_REFERENCES))
    return list(dict.fromkeys(each for each in uids if each))


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
