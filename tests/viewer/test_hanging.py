"""How studies of each kind are first hung."""

from __future__ import annotations

from typing import Any

from viewer.dicom.header import Header
from viewer.dicom.source import SeriesView
from viewer.hanging import Hanging, Place, first, hang, hang_for_patient

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def series(modality: str, count: int = 1, **more: Any) -> SeriesView:
    said = {"modality": modality, "drawable": True, "rows": 10, "columns": 10}
    header = Header(**{**said, **more})
    return SeriesView("", "", modality, (header,) * count)


def breast(side: str, view: str, rows_go: str = "") -> SeriesView:
    toward = (rows_go, "F") if rows_go else ()
    return series("MG", laterality=side, view_position=view, patient_orientation=toward)


def slices(count: int = 20, **more: Any) -> SeriesView:
    said = {"orientation": AXIAL, "frame_of_reference": "1.2", "spacing_mm": (1.0, 1.0)}
    return series(more.pop("modality", "CT"), count, **{**said, **more})


SCOUT = series("CT", 2, image_type=("ORIGINAL", "PRIMARY", "LOCALIZER"))
REPORT = series("SR", drawable=False)


def test_four_views_of_breasts_hang_right_before_left_and_cc_over_mlo() -> None:
    given = [breast("L", "MLO"), breast("L", "CC"), breast("R", "MLO"), breast("R", "CC")]
    found = hang(given)
    assert found is not None
    assert (found.rows, found.columns) == (2, 2)
    assert [each.series for each in found.places] == [3, 1, 2, 0]


def test_chest_walls_meet_in_the_middle() -> None:
    found = hang([breast("R", "CC"), breast("L", "CC")])
    assert found is not None
    assert (found.rows, found.columns) == (1, 2)
    assert [each.lean for each in found.places] == [1, -1]


def test_a_view_that_is_stored_the_other_way_round_is_flipped() -> None:
    # The right breast's wall lies at the right when rows go toward the back.
    found = hang([breast("R", "CC", "A"), breast("L", "CC", "A")])
    assert found is not None
    assert [each.flips for each in found.places] == [True, False]
    found = hang([breast("R", "CC", "P"), breast("L", "CC", "P")])
    assert found is not None
    assert [each.flips for each in found.places] == [False, True]


def test_all_views_may_lie_in_one_series() -> None:
    headers = tuple(breast(s, v).headers[0] for s in "LR" for v in ("CC", "MLO"))
    found = hang([SeriesView("", "", "MG", headers)])
    assert found is not None
    assert [(each.series, each.instance) for each in found.places] == [
        (0, 2),
        (0, 0),
        (0, 3),
        (0, 1),
    ]


def test_one_breast_alone_hangs_alone() -> None:
    assert hang([breast("R", "CC"), breast("R", "MLO")]) == Hanging(1, 1, (Place(0),))


def test_a_scout_and_a_report_are_left_aside() -> None:
    given = [REPORT, SCOUT, slices()]
    assert first(given) == 2
    assert hang(given) == Hanging(1, 1, (Place(2),))
    assert first([REPORT, SCOUT]) == 1


def test_a_scout_is_known_by_its_name_too() -> None:
    called = slices(7, modality="MR", series_description="3-Plane Localizer")
    assert first([called, slices(modality="MR")]) == 1
    assert hang([called, called]) == Hanging(1, 1, (Place(0),))


def test_what_a_program_drew_is_not_the_first_thing_seen() -> None:
    assert first([series("SEG", 5), series("OT"), slices()]) == 2


def test_phases_of_one_scan_hang_side_by_side() -> None:
    found = hang([SCOUT, slices(), slices(), slices()])
    assert found == Hanging(2, 2, (Place(1), Place(2), Place(3)))
    assert hang([slices(), slices()]) == Hanging(1, 2, (Place(0), Place(1)))


def test_series_of_another_cut_or_length_are_no_phases() -> None:
    assert hang([slices(), slices(21)]) == Hanging(1, 1, (Place(0),))
    assert hang([slices(), slices(spacing_mm=(2.0, 2.0))]) == Hanging(1, 1, (Place(0),))
    assert hang([slices(), slices(frame_of_reference="9")]) == Hanging(1, 1, (Place(0),))


def test_two_x_rays_hang_side_by_side_and_ultrasound_alone() -> None:
    found = hang([series("DX", view_position="PA"), series("DX", view_position="LL")])
    assert found is not None
    assert [each.series for each in found.places] == [0, 1]
    assert hang([series("US", frames=40), series("US", frames=30)]) == Hanging(1, 1, (Place(0),))


def test_a_patient_sees_one_picture_and_the_report_beside_it() -> None:
    report = series("SR", drawable=False, sop_class="1.2.840.10008.5.1.4.1.1.88.33")
    dose = series("SR", drawable=False, sop_class="1.2.840.10008.5.1.4.1.1.88.67")
    letter = series("DOC", drawable=False, sop_class="1.2.840.10008.5.1.4.1.1.104.1")
    assert hang_for_patient([slices(), slices()]) == Hanging(1, 1, (Place(0),))
    assert hang_for_patient([dose, SCOUT, slices()]) == Hanging(1, 1, (Place(2),))
    assert hang_for_patient([dose, report, slices()]) == Hanging(1, 2, (Place(2), Place(1)))
    assert hang_for_patient([slices(), letter]) == Hanging(1, 2, (Place(0), Place(1)))
    assert hang_for_patient([report]) is None


def test_nothing_to_look_at_hangs_nowhere() -> None:
    assert hang([]) is None
    assert hang([REPORT]) is None
