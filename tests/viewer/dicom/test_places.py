"""Where slices and frames lie: against highdicom, against arithmetic, and in what order."""

from __future__ import annotations

import itertools
import math
import os
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from highdicom.spatial import get_series_volume_positions, get_volume_positions
from specimens import (
    AXIAL,
    CORONAL,
    SAGITTAL,
    Frame,
    anisotropic,
    dataset,
    dose,
    duplicate_numbers,
    enhanced,
    image,
    items,
    normal,
    nuclear_volume,
    reversed_numbers,
    save,
    slices,
    three_plane_localizer,
    tilted,
    two_people,
    value_at,
    with_localizer,
)

from viewer.dicom.geometry import plane
from viewer.dicom.header import Header
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.series import frame_order, viewing_order
from viewer.dicom.source import FolderSource

Open = Callable[[Path | str], int]
OBLIQUE = (0.8, 0.6, 0.0, 0.0, 0.0, -1.0)


def _head(sandbox: Sandbox, fd: int) -> Header:
    (found,) = sandbox.headers([("", fd)])
    assert isinstance(found, Header), found
    return found


def _values(source: FolderSource, sandbox: Sandbox, series: int = 0) -> list[int]:
    """Return what the pictures of a series hold, in viewing order."""
    found = []
    for instance, frame in viewing_order(source.series()[series].headers):
        fd = source.open(series, instance, frame)
        try:
            found.append(int(sandbox.decode(fd, frame).array[0, 0]))
        finally:
            os.close(fd)
    return found


# -- single slices ----------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", (AXIAL, SAGITTAL, CORONAL, OBLIQUE))
def test_slices_lie_where_highdicom_finds_them(
    orientation: tuple[float, ...], tmp_path: Path, sandbox: Sandbox
) -> None:
    depths = [2.5 * i for i in range(7)]
    random.Random(3).shuffle(depths)
    paths = slices(tmp_path, depths, orientation=orientation)
    (series,) = FolderSource([tmp_path], sandbox).series()
    ours = [each.instance_number for each in series.headers]

    read = [pydicom.dcmread(path) for path in paths]
    spacing, order = get_series_volume_positions(read)
    assert order is not None and spacing is not None
    theirs = [None] * len(read)
    for dataset_, at in zip(read, order, strict=True):
        theirs[at] = dataset_.InstanceNumber
    if ours != theirs:  # highdicom may count from the other end
        theirs.reverse()
    assert ours == theirs

    planes = [plane(each) for each in series.headers]
    steps = [
        math.dist(a.origin_mm, b.origin_mm)
        for a, b in itertools.pairwise(planes)
        if a is not None and b is not None
    ]
    assert steps == pytest.approx([spacing] * 6)
    along = np.subtract(series.headers[1].position, series.headers[0].position)
    assert np.dot(along, normal(orientation)) == pytest.approx(2.5)


def test_reversed_slices_are_shown_by_place(tmp_path: Path, sandbox: Sandbox) -> None:
    reversed_numbers(tmp_path, 5)
    source = FolderSource([tmp_path], sandbox)
    assert _values(source, sandbox) == [value_at(place) for place in range(5)]
    assert [each.instance_number for each in source.series()[0].headers] == [5, 4, 3, 2, 1]


def test_slices_that_share_numbers_are_shown_by_place(tmp_path: Path, sandbox: Sandbox) -> None:
    duplicate_numbers(tmp_path, 6)
    source = FolderSource([tmp_path], sandbox)
    assert _values(source, sandbox) == [value_at(place) for place in range(6)]


def test_a_tilted_stack_is_in_order_and_its_tilt_is_told(tmp_path: Path, sandbox: Sandbox) -> None:
    tilted(tmp_path, 15.0, 6)
    source = FolderSource([tmp_path], sandbox)
    assert _values(source, sandbox) == [value_at(place) for place in range(6)]
    assert {each.gantry_tilt_deg for each in source.series()[0].headers} == {15.0}


def test_spacing_is_between_rows_first(tmp_path: Path, sandbox: Sandbox) -> None:
    anisotropic(tmp_path)
    (series,) = FolderSource([tmp_path], sandbox).series()
    found = plane(series.headers[0])
    assert found is not None
    assert series.headers[0].spacing_mm == (2.0, 0.5)
    assert found.to_patient(2, 0) == pytest.approx((1.0, 0.0, 0.0))
    assert found.to_patient(0, 2) == pytest.approx((0.0, 4.0, 0.0))


def test_a_localizer_among_slices_stands_apart(tmp_path: Path, sandbox: Sandbox) -> None:
    with_localizer(tmp_path, 5)
    scout, rest = FolderSource([tmp_path], sandbox).series()
    assert (len(scout.headers), len(rest.headers)) == (1, 5)
    assert scout.headers[0].is_localizer


def test_a_localizer_of_three_planes_becomes_three_stacks(tmp_path: Path, sandbox: Sandbox) -> None:
    three_plane_localizer(tmp_path, each=3)
    found = FolderSource([tmp_path], sandbox).series()
    assert [each.headers[0].orientation for each in found] == [AXIAL, SAGITTAL, CORONAL]
    assert [len(each.headers) for each in found] == [3, 3, 3]
    for each in found:
        depths = [np.dot(h.position, normal(h.orientation)) for h in each.headers]
        assert depths == sorted(depths)


def test_slices_of_two_sizes_become_two_stacks(tmp_path: Path, sandbox: Sandbox) -> None:
    slices(tmp_path, (0.0, 1.0, 2.0), prefix="a")
    slices(tmp_path, (0.5, 1.5), prefix="b", rows=12, columns=12)
    found = FolderSource([tmp_path], sandbox).series()
    assert sorted((each.headers[0].rows, len(each.headers)) for each in found) == [(6, 3), (12, 2)]


def test_a_screen_capture_does_not_spoil_the_order_of_slices(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    reversed_numbers(tmp_path, 4)
    save(image(9, InstanceNumber=2), tmp_path / "capture")
    stack, capture = FolderSource([tmp_path], sandbox).series()
    assert [each.position[2] for each in stack.headers] == [0.0, 1.0, 2.0, 3.0]
    assert len(capture.headers) == 1


@pytest.mark.parametrize("shared_uids", (False, True))
def test_two_people_on_one_disc_are_never_merged(
    shared_uids: bool, tmp_path: Path, sandbox: Sandbox
) -> None:
    two_people(tmp_path, shared_uids)
    source = FolderSource([tmp_path], sandbox)
    people = [{each.patient_id for each in series.headers} for series in source.series()]
    assert people == [{"S-1"}, {"T-2"}]
    assert source.notes == ("These are images of 2 different people; they are kept apart.",)


# -- frames -----------------------------------------------------------------------------------


def test_frames_lie_where_highdicom_finds_them(
    tmp_path: Path, sandbox: Sandbox, opened: Open
) -> None:
    depths = [7.5, 0.0, 5.0, 2.5]
    across = normal(OBLIQUE)
    frames = [Frame([float(x) for x in across * depth], OBLIQUE) for depth in depths]
    path = enhanced(tmp_path / "e", frames)
    found = _head(sandbox, opened(path))
    assert frame_order(found) == [1, 3, 2, 0]
    own = pydicom.dcmread(path).PerFrameFunctionalGroupsSequence
    positions = [each.PlanePositionSequence[0].ImagePositionPatient for each in own]
    spacing, places = get_volume_positions(positions, OBLIQUE)
    assert spacing == pytest.approx(2.5) and places is not None
    theirs = sorted(range(4), key=places.__getitem__)
    assert frame_order(found) in (theirs, theirs[::-1])  # it may count from the other end
    assert found.frame_positions == tuple(tuple(each) for each in positions)
    assert (found.spacing_mm, found.spacing_between_slices_mm) == ((0.5, 0.25), 2.5)
    assert found.frame_orientations == ()


def test_times_and_stacks_of_an_enhanced_object_are_told(
    tmp_path: Path, sandbox: Sandbox, opened: Open
) -> None:
    frames = [
        Frame((0.0, 0.0, float(z)) if o is AXIAL else (0.0, float(z), 0.0), o, t, name, z + 1)
        for t in (2, 1)
        for o, name in ((AXIAL, "A"), (CORONAL, "B"))
        for z in (1, 0)
    ]
    found = _head(sandbox, opened(enhanced(tmp_path / "e", frames, is_mr=True)))
    assert found.frame_temporal == (2, 2, 2, 2, 1, 1, 1, 1)
    assert found.frame_orientations == tuple(tuple(each.orientation) for each in frames)
    shown = [frames[frame] for frame in frame_order(found)]
    assert [(each.stack, each.in_stack, each.temporal) for each in shown] == [
        (stack, place, time) for stack in "AB" for place in (1, 2) for time in (1, 2)
    ]


def test_frames_in_one_place_go_by_their_dimensions(
    tmp_path: Path, sandbox: Sandbox, opened: Open
) -> None:
    frames = [Frame((0.0, 0.0, 0.0), indices=each) for each in ((2, 1), (1, 2), (1, 1))]
    found = _head(sandbox, opened(enhanced(tmp_path / "e", frames)))
    assert (found.frame_positions, found.frame_indices) == ((), ((2, 1), (1, 2), (1, 1)))
    assert frame_order(found) == [2, 1, 0]


def test_a_real_enhanced_series_has_its_times_at_each_place(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    """The frames of each place follow one another, and each decodes to what was written."""
    frames = [Frame((0.0, 0.0, float(9 - z)), temporal=t) for z in range(3) for t in (1, 2)]
    enhanced(tmp_path / "e", frames)
    source = FolderSource([tmp_path], sandbox)
    assert _values(source, sandbox) == [value_at(place) for place in (4, 5, 2, 3, 0, 1)]


@pytest.mark.parametrize("spacing", (-4.0, 4.0))
def test_a_nuclear_volume_stacks_by_the_sign_of_its_spacing(
    spacing: float, tmp_path: Path, sandbox: Sandbox, opened: Open
) -> None:
    found = _head(sandbox, opened(nuclear_volume(tmp_path / "n", 3, spacing)))
    assert found.frame_positions == tuple((-10.0, -20.0, 100.0 + i * spacing) for i in range(3))
    assert frame_order(found) == ([2, 1, 0] if spacing < 0 else [0, 1, 2])


def test_a_dose_lies_by_offsets_or_by_places(
    tmp_path: Path, sandbox: Sandbox, opened: Open
) -> None:
    by_offset = _head(sandbox, opened(dose(tmp_path / "a", (0.0, 3.0, 6.0))))
    assert by_offset.frame_positions[2] == (-10.0, -20.0, 106.0)
    by_place = _head(sandbox, opened(dose(tmp_path / "b", (100.0, 97.0))))
    assert by_place.frame_positions == ((-10.0, -20.0, 100.0), (-10.0, -20.0, 97.0))
    turned = [1.0, 0.0, 0.0, 0.0, -1.0, 0.0]
    down = _head(sandbox, opened(dose(tmp_path / "c", (0, 3), ImageOrientationPatient=turned)))
    assert down.frame_positions[1] == (-10.0, -20.0, 97.0)


def test_a_volume_of_its_own_space_has_an_order_and_no_place_in_the_person(
    tmp_path: Path, sandbox: Sandbox, opened: Open
) -> None:
    shared = dataset(
        PlaneOrientationVolumeSequence=items(dataset(ImageOrientationVolume=list(AXIAL)))
    )
    own = [
        dataset(PlanePositionVolumeSequence=items(dataset(ImagePositionVolume=[0.0, 0.0, z])))
        for z in (3.0, 1.0, 2.0)
    ]
    found = image(
        1,
        frames=3,
        Modality="US",
        SharedFunctionalGroupsSequence=items(shared),
        PerFrameFunctionalGroupsSequence=items(*own),
    )
    header = _head(sandbox, opened(save(found, tmp_path / "u")))
    assert (header.position, header.orientation, header.frame_positions) == (None, None, ())
    assert frame_order(header) == [1, 2, 0]


def test_places_that_overflow_are_left_out(tmp_path: Path, sandbox: Sandbox, opened: Open) -> None:
    path = dose(tmp_path / "d", (0.0, 1e300), ImageOrientationPatient=[1e300, 0, 0, 0, 1e300, 0])
    assert _head(sandbox, opened(path)).frame_positions == ()


def test_too_few_groups_for_the_frames_give_no_places(
    tmp_path: Path, sandbox: Sandbox, opened: Open
) -> None:
    path = enhanced(tmp_path / "e", [Frame((0.0, 0.0, float(z))) for z in range(4)])
    whole = pydicom.dcmread(path)
    del whole.PerFrameFunctionalGroupsSequence[2:]
    whole.save_as(path)
    found = _head(sandbox, opened(path))
    assert (found.frames, found.frame_positions, found.frame_temporal) == (4, (), ())
