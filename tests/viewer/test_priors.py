"""Which older series is laid beside a newer one, and whose it must be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from viewer.dicom.header import Header
from viewer.dicom.source import SeriesView
from viewer.errors import OtherPerson
from viewer.priors import OtherStudy, before, check_person, day, pick

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
LINH = Header(patient_name="Nguyen^Linh", patient_id="17", patient_birth_date="19700102")


def series(description: str = "Head axial", date: str = "20240101", **more: Any) -> SeriesView:
    said = {
        "modality": "CT",
        "body_part": "HEAD",
        "drawable": True,
        "orientation": AXIAL,
        "series_description": description,
        "study_date": date,
    }
    header = Header(**{**said, **more})
    return SeriesView("1", description, header.modality, (header,))


NOW = series(date="20251103")


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("Nguyen^Linh", "17"),
        ("NGUYEN^LINH^^^", " 17 "),
        ("Nguyen^Linh=阮^玲", "17"),
        (" nguyen ^ Linh", "17"),
    ],
)
def test_the_same_name_and_number_are_the_same_person(name: str, number: str) -> None:
    check_person(LINH, replace(LINH, patient_name=name, patient_id=number))


@pytest.mark.parametrize(
    "other",
    [
        replace(LINH, patient_name="Nguyen^Lan"),
        replace(LINH, patient_name="Linh^Nguyen"),
        replace(LINH, patient_name="Nguyen^Linh^Thi"),
        replace(LINH, patient_id="18"),
        replace(LINH, patient_id=""),
        replace(LINH, patient_name=""),
        replace(LINH, patient_name="^^^"),
        replace(LINH, patient_birth_date="19700103"),
        Header(),
    ],
    ids=lambda header: f"{header.patient_name}/{header.patient_id}/{header.patient_birth_date}",
)
def test_anything_else_is_another_person_either_way_round(other: Header) -> None:
    with pytest.raises(OtherPerson):
        check_person(LINH, other)
    with pytest.raises(OtherPerson):
        check_person(other, LINH)


def test_nobody_is_not_the_same_person_as_nobody() -> None:
    with pytest.raises(OtherPerson):
        check_person(Header(), Header())


def test_a_birth_date_that_only_one_tells_does_not_part_them() -> None:
    check_person(LINH, replace(LINH, patient_birth_date=""))


def test_studies_before_come_the_most_recent_first() -> None:
    def other(date: str) -> OtherStudy:
        return OtherStudy("", date, lambda: pytest.fail("not to be opened"))

    found = before(
        [other("2023-05-01"), other("20251103"), other(""), other("20240101")], "20251103"
    )
    assert [day(each.date) for each in found] == ["20240101", "20230501"]


def test_the_most_recent_of_those_that_are_alike_is_taken() -> None:
    others = [series(date="20210101"), series(date="20240101"), series(date="20230101")]
    assert pick(NOW, others) == 1


def test_a_little_wording_does_not_outweigh_years() -> None:
    others = [series("Head axial", "20150101"), series("Head axial.", "20240101")]
    assert pick(NOW, others) == 1


def test_another_description_does() -> None:
    others = [series("Head axial", "20150101"), series("Perfusion MTT", "20240101")]
    assert pick(NOW, others) == 0


def test_the_same_direction_of_cut_comes_first() -> None:
    others = [series("Head coronal", orientation=CORONAL), series("Recon 2")]
    assert pick(series("Head coronal", orientation=CORONAL), others) == 0
    assert pick(NOW, others) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"modality": "MR"},
        {"body_part": "CHEST"},
        {"drawable": False},
        {"image_type": ("ORIGINAL", "PRIMARY", "LOCALIZER")},
    ],
    ids=str,
)
def test_another_kind_or_part_is_never_taken(more: dict[str, Any]) -> None:
    assert pick(NOW, [series(**more)]) is None


def test_the_known_part_is_preferred_to_an_unknown_one() -> None:
    assert pick(NOW, [series(date="20250101", body_part=""), series(date="20200101")]) == 1
    assert pick(NOW, [series(body_part="")]) == 0


def test_a_breast_is_compared_with_the_same_side_and_view() -> None:
    def breast(side: str, view: str) -> SeriesView:
        return series("", modality="MG", body_part="BREAST", laterality=side, view_position=view)

    others = [breast(side, view) for side in "LR" for view in ("CC", "MLO")]
    for n, each in enumerate(others):
        assert pick(each, others) == n
    assert pick(breast("L", "CC"), [breast("R", "CC"), breast("L", "MLO")]) is None


def test_there_may_be_nothing() -> None:
    assert pick(NOW, []) is None
