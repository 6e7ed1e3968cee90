"""The order of slices and frames: along the normal that they share, and in one place by time.

Parallel means: row and column have the same direction. Nothing is taken from slice locations or
thicknesses; positions alone say where a slice lies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

from viewer.dicom.geometry import Vector, cross, dot
from viewer.dicom.header import Header

K = TypeVar("K")
SAME_PLACE_MM = 0.01
_PARALLEL = 1e-3  # of direction cosines
_LEAST_NORMAL = 0.25  # squared length of row x column, below which they span no plane


def ordered(members: Sequence[tuple[K, Header]]) -> list[tuple[K, Header]]:
    """Return instances by place, then time and echo, then number; by number if they cross."""
    by_number = sorted(members, key=lambda each: _by_number(each[1]))
    headers = [header for _, header in by_number]
    normal = shared_normal(headers)
    if normal is None:
        return by_number
    places = ranks([dot(normal, header.position or (0.0, 0.0, 0.0)) for header in headers])
    order = sorted(range(len(headers)), key=lambda i: (places[i], *_by_time(headers[i]), i))
    return [by_number[i] for i in order]


def viewing_order(headers: Sequence[Header]) -> list[tuple[int, int]]:
    """Return every (instance, frame) of a series in the order of looking through it."""
    return [(i, frame) for i, header in enumerate(headers) for frame in frame_order(header)]


def frame_order(header: Header) -> Sequence[int]:
    """Return an instance's frames: stack by stack, along each normal, then by time and index.

    What cannot be drawn counts as one frame.
    """
    if not header.drawable:
        return range(1)
    frames = range(header.frames)
    if not (header.frame_positions or header.frame_indices):
        return frames
    keys: dict[int, tuple[object, ...]] = {}
    for stack, members in enumerate(_stacks(header)):
        normal = normal_of(orientation_of(header, members[0]) or (0.0,) * 6)
        depths = [dot(normal, position_of(header, frame) or (0.0,) * 3) for frame in members]
        for frame, depth in zip(members, ranks(depths), strict=True):
            time = header.frame_temporal[frame] if header.frame_temporal else 0
            index = header.frame_indices[frame] if header.frame_indices else ()
            keys[frame] = stack, depth, time, index, frame
    return sorted(frames, key=keys.__getitem__)


def _stacks(header: Header) -> list[list[int]]:
    """Return the frames that are parallel to one another, in order of their first."""
    if not header.frame_orientations:
        return [list(range(header.frames))]
    found: list[list[int]] = []
    for frame, directions in enumerate(header.frame_orientations):
        for members in found[:MAX_STACKS]:
            if are_parallel(directions, header.frame_orientations[members[0]]):
                members.append(frame)
                break
        else:
            found.append([frame])
    return found


MAX_STACKS = 12  # directions in one series; more are one turning picture


def orientation_of(header: Header, frame: int) -> tuple[float, ...] | None:
    """Return the direction cosines of a frame."""
    return header.frame_orientations[frame] if header.frame_orientations else header.orientation


def position_of(header: Header, frame: int) -> tuple[float, ...] | None:
    """Return where a frame's first pixel lies in mm; a position for all frames is of none."""
    if header.frame_positions:
        return header.frame_positions[frame]
    return header.position if header.frames == 1 else None


def ranks(depths: Sequence[float]) -> list[int]:
    """Return the rank of each depth in mm; places that differ by nothing rank equal."""
    found = [0] * len(depths)
    rank, previous = -1, -math.inf
    for i in sorted(range(len(depths)), key=depths.__getitem__):
        if depths[i] - previous > SAME_PLACE_MM:
            rank += 1
            previous = depths[i]
        found[i] = rank
    return found


def shared_normal(headers: Sequence[Header]) -> Vector | None:
    """Return the normal that all slices share, if each has a place and they are parallel."""
    first = headers[0].orientation
    if first is None or any(each.position is None for each in headers):
        return None
    for each in headers:
        if each.orientation is None or not are_parallel(first, each.orientation):
            return None
    normal = normal_of(first)
    return normal if dot(normal, normal) > _LEAST_NORMAL else None


def are_parallel(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether rows and columns have the same directions."""
    return all(abs(a - b) <= _PARALLEL for a, b in zip(one, other, strict=True))


def normal_of(directions: Sequence[float]) -> Vector:
    """Return row x column."""
    a, b, c, d, e, f = directions
    return cross((a, b, c), (d, e, f))


def _by_time(header: Header) -> tuple[float, float, float]:
    """Order within one place."""
    return (
        float(header.temporal_position or 0),
        header.trigger_time_ms or 0.0,
        float(header.echo_number or 0),
    )


def _by_number(header: Header) -> tuple[float, float, str]:
    acquisition = header.acquisition_number
    number = header.instance_number
    return (
        float(number) if number is not None else math.inf,
        float(acquisition) if acquisition is not None else math.inf,
        header.sop_uid,
    )
