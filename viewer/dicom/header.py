"""What is kept of a DICOM header: enough for labels, grouping, order, display and fetching.

A header came from a file that somebody else wrote, or from an index that somebody else sealed.
So every map is checked field by field, and strings are bounded.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from viewer.errors import NotDicom

MAX_TEXT = 256
MAX_FRAMES = 1 << 20
MAX_PLACED = 1 << 15  # frames whose places are told one by one
MAX_REFERENCES = 4096
DEFLATED = "1.2.840.10008.1.2.1.99"
NATIVE = frozenset(
    {"", "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.20"}
)


@dataclass(frozen=True, slots=True, repr=False)
class Header:
    """One instance without its pixels. What the file does not say is empty, zero or None."""

    size: int = 0  # bytes of the whole file
    study_uid: str = ""
    series_uid: str = ""
    sop_uid: str = ""
    sop_class: str = ""
    transfer_syntax: str = ""
    modality: str = ""
    patient_name: str = ""
    patient_id: str = ""
    patient_birth_date: str = ""
    patient_sex: str = ""
    study_date: str = ""
    study_time: str = ""
    study_description: str = ""
    series_date: str = ""
    series_description: str = ""
    protocol: str = ""
    body_part: str = ""
    institution: str = ""
    manufacturer: str = ""
    frame_of_reference: str = ""
    image_type: tuple[str, ...] = ()
    series_number: int | None = None
    instance_number: int | None = None
    acquisition_number: int | None = None
    temporal_position: int | None = None
    echo_number: int | None = None
    rows: int = 0
    columns: int = 0
    frames: int = 1
    photometric: str = ""
    samples: int = 1
    bits_allocated: int = 0
    bits_stored: int = 0
    signed: bool = False
    planar: int = 0
    position: tuple[float, ...] | None = None  # 3 numbers, mm, of the first frame
    orientation: tuple[float, ...] | None = None  # 6 direction cosines: along a row, down a column
    spacing_mm: tuple[float, ...] | None = None  # between rows, between columns
    slice_location: float | None = None
    slice_thickness_mm: float | None = None
    trigger_time_ms: float | None = None
    frame_time_ms: float | None = None
    windows: tuple[tuple[float, float, str], ...] = ()  # centre, width, explanation
    voi_function: str = ""
    rescale_slope: float | None = None
    rescale_intercept: float | None = None
    rescale_type: str = ""
    burned_in: str = ""  # what BurnedInAnnotation says
    lossy: bool = False
    drawable: bool = False
    why_not: str = ""  # in plain words, if it is not drawable
    compressible: bool = True  # not compressed already
    preamble: bool = False  # the first 128 bytes are not zero: they can hide a program
    cuts: tuple[int, ...] = ()  # where the file is cut into segments that can be fetched alone
    pixel_start: int = 0  # the header is all bytes before it
    frame_bits: int = 0  # length of each frame of native pixels; frames follow one another
    frame_starts: tuple[int, ...] = ()  # of compressed frames, and where the last one ends
    # Of frames that have places of their own; each is empty or has an entry a frame.
    frame_positions: tuple[tuple[float, ...], ...] = ()  # 3 numbers, mm
    frame_orientations: tuple[tuple[float, ...], ...] = ()  # 6 direction cosines, if they differ
    frame_temporal: tuple[int, ...] = ()  # which moment of several
    frame_indices: tuple[tuple[int, ...], ...] = ()  # their order, where it is not the file's
    spacing_between_slices_mm: float | None = None  # centre to centre; its sign is as in the file
    gantry_tilt_deg: float | None = None
    lossy_ratio: float | None = None  # the greatest of those that are told
    acquisition_time: str = ""
    content_time: str = ""
    units: str = ""  # of a PET image's values
    laterality: str = ""
    view_position: str = ""
    patient_orientation: tuple[str, ...] = ()  # toward where rows and columns go, such as A, F
    referenced_uids: tuple[str, ...] = ()  # instances that a report, marks or a state point at

    def __repr__(self) -> str:
        return f"Header({self.modality or '?'}, {self.columns}x{self.rows}x{self.frames})"

    @property
    def is_localizer(self) -> bool:
        return "LOCALIZER" in self.image_type

    def frame_span(self, frame: int) -> tuple[int, int] | None:
        """Return offset and length of one frame's bytes, or None if the whole file is needed."""
        if not 0 <= frame < self.frames:
            raise ValueError(f"frame {frame} of {self.frames}")
        if self.frame_starts:
            start, end = self.frame_starts[frame], self.frame_starts[frame + 1]
            return start, end - start
        if self.frame_bits:
            start = self.pixel_start + frame * self.frame_bits // 16 * 2
            end = self.pixel_start + -(-((frame + 1) * self.frame_bits) // 16) * 2
            return start, max(0, min(end, self.size) - start)
        return None

    def spans_for(self, frame: int) -> list[tuple[int, int]]:
        """Return (offset, length) of the byte ranges that decoding one frame needs, in order."""
        span = self.frame_span(frame) if self.frames > 1 else None
        if span is None:
            return [(0, self.size)]
        if span[0] <= self.pixel_start:
            return [(0, span[0] + span[1])]
        return [(0, self.pixel_start), span]

    def to_map(self) -> dict[str, Any]:
        """Return what differs from the defaults, of dag-cbor's types only."""
        found: dict[str, Any] = {}
        for name, default in _defaults().items():
            value = getattr(self, name)
            if value != default:
                found[name] = _plain(value)
        return found

    @classmethod
    def from_map(cls, given: Mapping[str, Any]) -> Header:
        """Return the header that `given` describes.

        Raises: NotDicom if a field is unknown, of another type or out of range.
        """
        if not isinstance(given, Mapping) or not given.keys() <= CHECKS.keys():
            raise NotDicom("its description has unknown fields")
        try:
            header = cls(**{name: CHECKS[name](value) for name, value in given.items()})
            _check_together(header)
        except (ValueError, TypeError, OverflowError) as error:
            raise NotDicom("its description is malformed") from error
        return header


def _plain(value: Any) -> Any:
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError("number out of range")
        return value

    return check


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("not a finite number")
    return float(value)


def _text(value: Any) -> str:
    if type(value) is not str or len(value) > MAX_TEXT:
        raise ValueError("not a short text")
    value.encode()  # no lone surrogates
    return value


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("not a truth value")
    return value


def _list(each: Callable[[Any], Any], low: int, high: int) -> Callable[[Any], tuple[Any, ...]]:
    def check(value: Any) -> tuple[Any, ...]:
        if type(value) not in (list, tuple) or not low <= len(value) <= high:
            raise ValueError("list of a wrong length")
        return tuple(each(item) for item in value)

    return check


def window(value: Any) -> tuple[float, float, str]:
    """Check one (centre, width, explanation)."""
    centre, width, explanation = value
    return _number(centre), _number(width), _text(explanation)


_OFFSET = _whole(0, 1 << 48)
_BY_TYPE: dict[str, Callable[[Any], Any]] = {
    "str": _text,
    "bool": _flag,
    "int": _OFFSET,
    "int | None": _whole(-(1 << 31), (1 << 31) - 1),
    "float | None": _number,
}
CHECKS: dict[str, Callable[[Any], Any]] = {
    each.name: _BY_TYPE.get(str(each.type), _text) for each in dataclasses.fields(Header)
} | {
    "rows": _whole(0, 65535),
    "columns": _whole(0, 65535),
    "frames": _whole(1, MAX_FRAMES),
    "samples": _whole(0, 65535),
    "bits_allocated": _whole(0, 65535),
    "bits_stored": _whole(0, 65535),
    "planar": _whole(0, 65535),
    "image_type": _list(_text, 0, 16),
    "patient_orientation": _list(_text, 0, 2),
    "position": _list(_number, 3, 3),
    "orientation": _list(_number, 6, 6),
    "spacing_mm": _list(_number, 2, 2),
    "windows": _list(window, 0, 32),
    "cuts": _list(_OFFSET, 0, MAX_FRAMES),
    "frame_starts": _list(_OFFSET, 0, MAX_FRAMES + 1),
    "frame_positions": _list(_list(_number, 3, 3), 0, MAX_PLACED),
    "frame_orientations": _list(_list(_number, 6, 6), 0, MAX_PLACED),
    "frame_temporal": _list(_whole(0, (1 << 32) - 1), 0, MAX_PLACED),
    "frame_indices": _list(_list(_whole(0, (1 << 32) - 1), 1, 16), 0, MAX_PLACED),
    "referenced_uids": _list(_text, 0, MAX_REFERENCES),
}


def _check_together(header: Header) -> None:
    """What the fields must be to one another, so that no reader goes astray."""
    if any(not 0 < cut < header.size for cut in header.cuts):
        raise ValueError("a cut outside the file")
    if any(b <= a for a, b in itertools.pairwise(header.cuts)):
        raise ValueError("cuts out of order")
    starts = header.frame_starts
    if starts and len(starts) != header.frames + 1:
        raise ValueError("not one start a frame")
    if any(b < a for a, b in itertools.pairwise(starts)):
        raise ValueError("frames out of order")
    told = header.frame_positions, header.frame_orientations
    for each in (*told, header.frame_temporal, header.frame_indices):
        if len(each) not in (0, header.frames):
            raise ValueError("not one place a frame")
    if header.pixel_start > header.size or (starts and starts[-1] > header.size):
        raise ValueError("pixels outside the file")


@functools.cache
def _defaults() -> dict[str, Any]:
    return {each.name: each.default for each in dataclasses.fields(Header)}
