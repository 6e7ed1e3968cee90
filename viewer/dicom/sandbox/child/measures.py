"""What of a data set says how large a pixel is and what a value means; judged on the other side."""

from __future__ import annotations

import math
import struct
from typing import Any

from pydicom.dataset import Dataset

from viewer.dicom.regions import MOST
from viewer.dicom.sandbox.child import describing
from viewer.dicom.sandbox.child.values import (
    charset,
    code,
    codes,
    item,
    items,
    number,
    numbers,
    raw,
    text,
)

_REGIONS, _PER_FRAME, _SHARED = 0x00186011, 0x52009230, 0x52009229
_MEASURES, _FRAME_PIXELS, _BEAM = 0x00289110, 0x00289443, 0x00189401
_CT_FRAME, _POSITION, _ORIENTATION = 0x00189329, 0x00209113, 0x00209116
_DRUG = 0x00540016


def told(dataset: Dataset, frame: int) -> dict[str, Any]:
    """Return the map that `viewer.dicom.told.read` checks."""
    slope, intercept, kind = describing.rescale(dataset, frame)
    found: dict[str, Any] = {
        "modality": code(dataset, 0x00080060),
        "sop_class": code(dataset, 0x00080016),
        "image_type": _image_type(dataset, frame),
        "has_plane": _has_plane(dataset, frame),
        "pixel_mm": _pair(describing.home(dataset, frame, _MEASURES, 0x00280030), 0x00280030),
        "imager_mm": _imager(dataset, frame),
        "scanned_mm": _pair(dataset, 0x00182010),
        "beam_mm": _floats(describing.macro(dataset, frame, _BEAM), 0x00189404, "2f"),
        "aspect": _pair(dataset, 0x00280034),
        "calibration": code(dataset, 0x00280A02),
        "description": text(dataset, 0x00280A04, charset(dataset)),
        "magnification": number(dataset, 0x00181114),
        "source_detector_mm": number(dataset, 0x00181110),
        "source_patient_mm": number(dataset, 0x00181111),
        "rescaled": slope is not None and intercept is not None,
        "rescale_type": kind or code(item(dataset, 0x00283000), 0x00283004),
        "multi_energy": code(dataset, 0x00189361) == "YES",
        "regions": [_region(each) for each in list(_regions(dataset, frame))[:MOST]],
    }
    if found["modality"] == "PT":
        found["tracer"] = _tracer(dataset, slope)
    return {name: value for name, value in found.items() if value not in (None, "", [], False)}


def _pair(dataset: Dataset | None, tag: int) -> list[float]:
    return numbers(dataset, tag)[:2]


def _floats(dataset: Dataset | None, tag: int, form: str) -> list[Any]:
    """Return finite binary numbers, whose form the dictionary tells: implicit files do not."""
    value = raw(dataset, tag)
    if dataset is None or len(value) < struct.calcsize("<" + form):
        return []
    element = dataset.get_item(tag, keep_deferred=True)
    order = "<" if getattr(element, "is_little_endian", True) else ">"
    found = struct.unpack_from(order + form, value)
    return list(found) if all(map(math.isfinite, found)) else []


def _image_type(dataset: Dataset, frame: int) -> list[str]:
    of_frame = describing.macro(dataset, frame, _CT_FRAME)
    if of_frame is not None and 0x00089007 in of_frame:
        return codes(of_frame, 0x00089007)
    return codes(dataset, 0x00080008)


def _has_plane(dataset: Dataset, frame: int) -> bool:
    position = describing.home(dataset, frame, _POSITION, 0x00200032)
    directions = describing.home(dataset, frame, _ORIENTATION, 0x00200037)
    return len(numbers(position, 0x00200032)) == 3 and len(numbers(directions, 0x00200037)) == 6


def _imager(dataset: Dataset, frame: int) -> list[float]:
    """Return the detector's spacing: of a frame, of the picture, or a radiotherapy image's."""
    of_frame = describing.macro(dataset, frame, _FRAME_PIXELS)
    return (
        _pair(of_frame, 0x00181164)
        or _pair(dataset, 0x00181164)
        or _pair(dataset, 0x30020011)  # at the image plane
    )


# -- ultrasound -------------------------------------------------------------------------------


def _regions(dataset: Dataset, frame: int) -> Any:
    """Return a frame's own regions, else those of all frames."""
    per_frame = items(dataset, _PER_FRAME)
    own = per_frame[frame] if frame < len(per_frame) else None
    for groups in (own, item(dataset, _SHARED)):
        found = items(groups, _REGIONS)
        if len(found):
            return found
    return items(dataset, _REGIONS)


_FORMS = {
    "left": (0x00186018, "L"),
    "top": (0x0018601A, "L"),
    "right": (0x0018601C, "L"),
    "bottom": (0x0018601E, "L"),
    "spatial_format": (0x00186012, "H"),
    "data_type": (0x00186014, "H"),
    "flags": (0x00186016, "L"),
}


def _region(found: Dataset) -> dict[str, Any]:
    """Return one region; what it lacks is 0 and fails later."""
    region: dict[str, Any] = {
        name: (_floats(found, tag, form) or [0])[0] for name, (tag, form) in _FORMS.items()
    }
    region["units"] = [(_floats(found, tag, "H") or [0])[0] for tag in (0x00186024, 0x00186026)]
    region["delta"] = [_finite(found, tag) for tag in (0x0018602C, 0x0018602E)]
    reference = [_floats(found, tag, "l") for tag in (0x00186020, 0x00186022)]
    if all(reference):
        region["reference_px"] = [each[0] for each in reference]
    region["reference"] = [_finite(found, tag) for tag in (0x00186028, 0x0018602A)]
    return region


def _finite(found: Dataset, tag: int) -> float:
    (value,) = _floats(found, tag, "d") or [0.0]
    return value if abs(value) < 1e30 else 0.0


# -- what was injected ------------------------------------------------------------------------


def _tracer(dataset: Dataset, slope: float | None) -> dict[str, Any]:
    drug = item(dataset, _DRUG)
    scale = 1e6 if 0x52009229 in dataset else 1.0  # enhanced: MBq
    dose = number(drug, 0x00181074)
    found = {
        "units": code(dataset, 0x00541001),
        "suv_type": code(dataset, 0x00541006),
        "decay_correction": code(dataset, 0x00541102),
        "corrected": codes(dataset, 0x00280051),
        "weight_kg": number(dataset, 0x00101030),
        "dose_bq": dose * scale if dose is not None else None,
        "half_life_s": number(drug, 0x00181075),
        "injected_time": code(drug, 0x00181072),
        "injected_at": code(drug, 0x00181078),
        "series_date": code(dataset, 0x00080021),
        "series_time": code(dataset, 0x00080031),
        "acquisition_date": code(dataset, 0x00080022),
        "acquisition_time": code(dataset, 0x00080032),
        "corrected_to": code(dataset, 0x00189701),
        "ge_scan_at": _private(dataset, 0x0009, "GEMS_PETD_01", 0x0D),
        "philips_suv": _private_number(dataset, 0x00),
        "philips_activity": _private_number(dataset, 0x09),
        "slope": slope or 1.0,
    }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _private(dataset: Dataset, group: int, creator: str, element: int) -> str:
    """Return a private code, wherever its creator reserved a block. Source: PS3.5 7.8.1."""
    for block in range(0x10, 0x100):
        if code(dataset, group << 16 | block) == creator:
            return code(dataset, group << 16 | block << 8 | element)
    return ""


def _private_number(dataset: Dataset, element: int) -> float | None:
    try:
        found = float(_private(dataset, 0x7053, "Philips PET Private Group", element))
    except ValueError:
        return None
    return found if 0 < found < 1e30 else None
