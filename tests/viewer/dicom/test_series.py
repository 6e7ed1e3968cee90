"""Instances in the order in which a person looks through them."""

from __future__ import annotations

import math
import random

import pytest

from viewer.dicom.header import Header
from viewer.dicom.series import frame_order, group, studies, viewing_order

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)


def _slice(z: float, number: int | None = None, **more: object) -> Header:
    given: dict[str, object] = {
        "study_uid": "1",
        "series_uid": "1.1",
        "sop_uid": f"1.1.{z}.{number}",
        "position": (0.0, 0.0, z),
        "orientation": AXIAL,
        "instance_number": number,
    }
    return Header(**(given | more))  # type: ignore[arg-type]


def _shuffled(headers: list[Header], seed: int) -> list[tuple[int, Header]]:
    pairs = list(enumerate(headers))
    random.Random(seed).shuffle(pairs)
    return pairs


@pytest.mark.parametrize("seed", range(5))
def test_slices_go_along_their_normal_whatever_their_numbers(seed: int) -> None:
    headers = [_slice(2.5 * i, number=100 - i) for i in range(20)]
    (series,) = group(_shuffled(headers, seed))
    assert series.keys == tuple(range(20))
    assert series.headers == tuple(headers)


def test_oblique_slices_go_along_the_normal_not_an_axis() -> None:
    tilted = (1.0, 0.0, 0.0, 0.0, 0.8, 0.6)  # the normal is (0, -0.6, 0.8)
    headers = [
        _slice(0, orientation=tilted, position=(0.0, -0.6 * i, 0.8 * i), sop_uid=str(i))
        for i in range(6)
    ]
    (series,) = group(_shuffled(headers, 3))
    assert series.keys == tuple(range(6))


@pytest.mark.parametrize("seed", range(3))
def test_times_of_one_place_follow_one_another(seed: int) -> None:
    headers = [
        _slice(z, number=10 * t + z, temporal_position=t, echo_number=e)
        for z in range(3)
        for t in (1, 2)
        for e in (1, 2)
    ]
    (series,) = group(_shuffled(headers, seed))
    assert series.keys == tuple(range(12))


def test_places_that_differ_by_rounding_are_one() -> None:
    headers = [_slice(0.0, temporal_position=2), _slice(0.001, temporal_position=1)]
    assert group(list(enumerate(headers)))[0].keys == (1, 0)


def test_without_geometry_the_number_counts_and_then_the_uid() -> None:
    headers = [
        _slice(0, number, position=None, sop_uid=str(9 - i))
        for i, number in enumerate((3, 1, 2, None))
    ]
    assert group(list(enumerate(headers)))[0].keys == (1, 2, 0, 3)


def test_slices_that_cross_go_by_number() -> None:
    turned = [(1.0, 0.0, 0.0, 0.0, math.cos(i), math.sin(i)) for i in (0.0, 0.5, 1.0)]
    headers = [
        _slice(z, number, orientation=directions)
        for z, number, directions in zip((5, 1, 9), (2, 3, 1), turned, strict=True)
    ]
    (series,) = group(list(enumerate(headers)))
    assert series.keys == (2, 0, 1)


def test_scouts_stand_apart_from_the_slices_of_their_series() -> None:
    scout = _slice(0, 1, image_type=("ORIGINAL", "PRIMARY", "LOCALIZER"), orientation=CORONAL)
    found = group([("scout", scout), ("a", _slice(1, 2)), ("b", _slice(0, 3))])
    assert [each.keys for each in found] == [("scout",), ("b", "a")]


def test_one_series_uid_in_two_studies_is_two_series() -> None:
    found = group([(1, _slice(0)), (2, _slice(0, study_uid="2"))])
    assert [each.keys for each in found] == [(1,), (2,)]
    assert [each.uid for each in studies(found)] == ["1", "2"]


def test_series_go_by_number_within_studies_by_date() -> None:
    def of(study: str, date: str, number: int | None) -> Header:
        return Header(
            study_uid=study, series_uid=f"{study}.{number}", study_date=date, series_number=number
        )

    found = group(
        [
            (0, of("new", "20240101", 1)),
            (1, of("old", "20200101", 10)),
            (2, of("old", "20200101", None)),
            (3, of("old", "20200101", 9)),
        ]
    )
    assert [each.keys[0] for each in found] == [3, 1, 2, 0]


def test_instances_without_uids_stay_apart() -> None:
    headers = [Header(sop_uid="a"), Header(sop_uid="b")]
    assert len(group(list(enumerate(headers)))) == 2


# -- frames of one instance -------------------------------------------------------------------


def _frames(depths: list[float], **more: object) -> Header:
    given: dict[str, object] = {
        "frames": len(depths),
        "drawable": True,
        "orientation": AXIAL,
        "frame_positions": tuple((0.0, 0.0, each) for each in depths),
    }
    return Header(**(given | more))  # type: ignore[arg-type]


def test_frames_go_along_their_normal_whatever_their_order_in_the_file() -> None:
    assert frame_order(_frames([30.0, 10.0, 20.0, 0.0])) == [3, 1, 2, 0]


def test_frames_of_one_place_go_by_time_and_then_by_index() -> None:
    header = _frames(
        [5.0, 5.0, 0.0, 0.0, 5.0, 0.0],
        frame_temporal=(2, 1, 2, 1, 2, 2),
        frame_indices=((1, 2), (1, 1), (2, 1), (1, 1), (1, 1), (1, 2)),
    )
    assert frame_order(header) == [3, 5, 2, 1, 4, 0]


def test_frames_of_several_directions_are_stacks() -> None:
    header = _frames(
        [10.0, 0.0, 5.0, 0.0],
        frame_positions=((0, 0, 10.0), (0, 3.0, 0), (0, 0, 5.0), (0, -4.0, 0)),
        frame_orientations=(AXIAL, CORONAL, AXIAL, CORONAL),
    )
    assert frame_order(header) == [2, 0, 3, 1]  # the normal of CORONAL is (0, 1, 0)


def test_frames_without_places_go_by_their_indices_or_as_they_come() -> None:
    assert frame_order(Header(frames=3, drawable=True)) == range(3)
    indices = ((2, 1), (1, 2), (1, 1))
    assert frame_order(Header(frames=3, drawable=True, frame_indices=indices)) == [2, 1, 0]


def test_the_viewing_order_runs_through_instances_and_their_frames() -> None:
    headers = [Header(drawable=True), _frames([1.0, 0.0]), Header(frames=9, drawable=False)]
    assert viewing_order(headers) == [(0, 0), (1, 1), (1, 0), (2, 0)]
