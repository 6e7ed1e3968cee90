"""What is odd about a series is said in plain words; of a sound one nothing is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from specimens import (
    Frame,
    duplicate_numbers,
    enhanced,
    image,
    reversed_numbers,
    save,
    slices,
    tilted,
)

from viewer.dicom.header import Header
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.series import notes
from viewer.dicom.source import FolderSource


@dataclass(frozen=True)
class Held:
    """A series, as the notes need it."""

    headers: Sequence[Header]


def _notes(folder: Path, sandbox: Sandbox) -> tuple[str, ...]:
    (series,) = FolderSource([folder], sandbox).series()
    return notes(series)


def _held(depths: Sequence[float], **more: object) -> Held:
    return Held(
        [
            replace(
                Header(
                    modality="CT",
                    sop_uid=str(i),
                    drawable=True,
                    rows=4,
                    columns=4,
                    position=(0.0, 0.0, depth),
                    orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
                    instance_number=i,
                ),
                **more,  # type: ignore[arg-type]
            )
            for i, depth in enumerate(depths)
        ]
    )


def test_of_a_sound_series_nothing_is_said(tmp_path: Path, sandbox: Sandbox) -> None:
    slices(tmp_path, [1.25 * i for i in range(9)], SliceThickness=1.25)
    assert _notes(tmp_path, sandbox) == ()
    assert notes(Held([])) == ()


def test_places_that_a_scanner_rounded_are_even() -> None:
    assert notes(_held([round(0.625 * i, 1) for i in range(40)])) == ()


def test_a_tilted_gantry_is_said(tmp_path: Path, sandbox: Sandbox) -> None:
    tilted(tmp_path, 15.0)
    said = "The scanner was tilted by 15.0 degrees: slices are shifted sideways."
    assert said in _notes(tmp_path, sandbox)


def test_other_slices_that_lean_are_said_without_a_scanner() -> None:
    held = _held([0.0, 1.0, 2.0])
    leaning = [
        replace(each, modality="MR", position=(0.0, float(i), float(i)))
        for i, each in enumerate(held.headers)
    ]
    said = "The slices are shifted sideways, by 45.0 degrees against straight ahead."
    assert notes(Held(leaning)) == (said,)


@pytest.mark.parametrize(
    ("depths", "said"),
    (
        ((0, 1, 2, 4, 5, 6), "1 slice seems to be missing, in one place."),
        ((0, 1, 2, 4, 5, 6, 9, 10, 11), "3 slices seem to be missing, in 2 places."),
        ((0, 1, 2, 4.5, 7, 9.5), "The slices are not evenly spaced: 1.0 to 2.5 mm apart."),
        ((0, 5, 10, 11, 12, 13), "The slices are not evenly spaced: 1.0 to 5.0 mm apart."),
    ),
)
def test_gaps_and_uneven_steps_are_told_apart(depths: Sequence[float], said: str) -> None:
    assert notes(_held([float(each) for each in depths])) == (said,)


def test_slices_that_lie_far_apart_are_said() -> None:
    said = notes(_held([0.0, 10.0, 20.0], slice_thickness_mm=1.0))
    assert said == (
        "Slices of 1.0 mm are taken every 10.0 mm: what lies between them is not seen.",
    )


def test_numbers_that_run_against_the_places_are_said(tmp_path: Path, sandbox: Sandbox) -> None:
    reversed_numbers(tmp_path)
    said = "The slices are numbered from the other end; they are shown by where they lie."
    assert _notes(tmp_path, sandbox) == (said,)


def test_numbers_that_follow_nothing_are_said() -> None:
    held = _held([0.0, 1.0, 2.0])
    mixed = [replace(h, instance_number=n) for h, n in zip(held.headers, (2, 3, 1), strict=True)]
    said = "The numbers of the slices do not follow where they lie; they are shown by place."
    assert notes(Held(mixed)) == (said,)


def test_numbers_that_several_share_are_said(tmp_path: Path, sandbox: Sandbox) -> None:
    duplicate_numbers(tmp_path)
    assert _notes(tmp_path, sandbox) == ("Several images carry the same number.",)


def test_echoes_and_times_may_share_a_number() -> None:
    held = _held([0.0, 0.0, 1.0, 1.0], instance_number=1)
    told = [
        replace(each, temporal_position=i % 2, acquisition_number=i // 2)
        for i, each in enumerate(held.headers)
    ]
    assert notes(Held(told)) == ()


def test_one_identity_with_two_contents_is_said(tmp_path: Path, sandbox: Sandbox) -> None:
    for i in (1, 2):
        save(image(i, SOPInstanceUID="1.2.3.7"), tmp_path / str(i))
    said = _notes(tmp_path, sandbox)
    assert said[0] == "2 images carry the identity of another one but differ; all are shown."


def test_slices_without_places_are_said(tmp_path: Path, sandbox: Sandbox) -> None:
    for i in (1, 2):
        save(image(i, InstanceNumber=i), tmp_path / str(i))
    said = "The images do not say where in the body they lie; they are shown by number."
    assert _notes(tmp_path, sandbox) == (said,)


def test_pictures_of_several_sizes_are_said(tmp_path: Path, sandbox: Sandbox) -> None:
    save(image(1, InstanceNumber=1, Modality="US"), tmp_path / "1")
    save(image(1, rows=9, InstanceNumber=2, Modality="US"), tmp_path / "2")
    assert _notes(tmp_path, sandbox) == ("The images are not all of one size.",)


def test_people_who_are_mixed_are_said() -> None:
    held = _held([0.0, 1.0])
    mixed = [replace(h, patient_id=who) for h, who in zip(held.headers, "ab", strict=True)]
    assert notes(Held(mixed))[0].startswith("These are images of 2 different people")


def test_a_gap_between_frames_is_said_as_between_slices(tmp_path: Path, sandbox: Sandbox) -> None:
    enhanced(tmp_path / "e", [Frame((0.0, 0.0, 2.0 * z)) for z in (0, 1, 2, 4, 5)])
    assert _notes(tmp_path, sandbox) == ("1 slice seems to be missing, in one place.",)
