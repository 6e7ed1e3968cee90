"""What we write is read by DCMTK, by highdicom, and by our own child into the same measurements."""

from __future__ import annotations

import io
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest

from viewer.dicom.annotations import Annotations, Drawn
from viewer.dicom.header import Header
from viewer.dicom.sandbox import Sandbox, annotation_replies
from viewer.dicom.sandbox.replies import Malformed
from viewer.dicom.writing.evidence import evidence
from viewer.dicom.writing.marks import key_objects
from viewer.dicom.writing.measurements import Item, report
from viewer.dicom.writing.presentation import presentation_states
from viewer.dicom.writing.uids import derived_uid, is_uid, new_uid, series_uid
from viewer.errors import CannotKeep, ViewerError
from viewer.measure.kept import measurement_of, state_of
from viewer.measure.readings import Quantity, Value
from viewer.measure.shapes import Kind, Measurement, ellipse_in, rectangle_of
from viewer.measure.sheet import State

Open = Callable[[Path | str], int]

CT = Header(
    study_uid="1.2.826.0.1.3680043.9.1",
    series_uid="1.2.826.0.1.3680043.9.1.1",
    sop_uid="1.2.826.0.1.3680043.9.1.1.1",
    sop_class="1.2.840.10008.5.1.4.1.1.2",
    patient_name="Nguyen^Linh",
    patient_id="17",
    patient_birth_date="19800229",
    patient_sex="F",
    study_date="20251103",
    study_time="101112.5",
    modality="CT",
    rows=512,
    columns=512,
    samples=1,
    photometric="MONOCHROME2",
    rescale_slope=1.0,
    rescale_intercept=-1024.0,
    rescale_type="HU",
    windows=((40.0, 400.0, ""),),
)
MULTI = Header(
    study_uid=CT.study_uid,
    series_uid="1.2.826.0.1.3680043.9.1.2",
    sop_uid="1.2.826.0.1.3680043.9.1.2.1",
    sop_class="1.2.840.10008.5.1.4.1.1.4.1",
    patient_name="Nguyen^Linh",
    patient_id="17",
    modality="MR",
    rows=128,
    columns=256,
    frames=20,
    samples=1,
    photometric="MONOCHROME2",
)
FREE = tuple((float(20 + n), 30.25 + (n * n) % 7) for n in range(40))
SHAPES = {
    Kind.LENGTH: ((10.5, 20.25), (110.0, 70.75)),
    Kind.ANGLE: ((10.0, 10.0), (50.0, 10.0), (50.0, 60.5)),
    Kind.COBB: ((10.0, 10.0), (50.0, 15.0), (12.0, 80.0), (55.0, 75.0)),
    Kind.ELLIPSE: ellipse_in((100, 50), (160, 80)),
    Kind.RECTANGLE: rectangle_of((5.0, 5.0), (25.0, 45.0)),
    Kind.POLYGON: ((0.0, 0.0), (40.0, 0.0), (20.0, 30.5)),
    Kind.FREEHAND: FREE,
    Kind.PROBE: ((33.0, 44.0),),
}
MAIN = {
    Kind.LENGTH: Value(Quantity.LENGTH, 123.456789012345678, "mm"),
    Kind.ANGLE: Value(Quantity.ANGLE, 90.0, "°"),
    Kind.COBB: Value(Quantity.COBB, 24.3, "°"),
    Kind.PROBE: Value(Quantity.VALUE, -997.0, "HU"),
}


def items(header: Header = CT, frame: int = 0, label: str = "") -> list[Item]:
    """One of every kind, with numbers as the tools say them."""
    area = (
        Value(Quantity.AREA, 1413.7166941154069, "mm²"),
        Value(Quantity.MEAN, -123.4, "HU"),
        Value(Quantity.DEVIATION, 5.5, "HU"),
        Value(Quantity.LEAST, -1024.0, "HU"),
        Value(Quantity.MOST, 3071.0, "HU"),
        Value(Quantity.COUNT, 1414.0, ""),
    )
    return [
        Item(
            Measurement(new_uid(), kind, points, header.sop_uid, frame, label),
            (MAIN[kind],) if kind in MAIN else area,
            header,
        )
        for kind, points in SHAPES.items()
    ]


def dump(program: str, data: bytes, folder: Path, *options: str) -> str:
    path = folder / "written.dcm"
    path.write_bytes(data)
    done = subprocess.run(
        [program, *options, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    said = done.stdout + done.stderr
    assert not re.search("^E:", said, re.MULTILINE), said
    return said


def read(data: bytes, folder: Path, sandbox: Sandbox, opened: Open) -> Annotations:
    path = folder / f"{len(list(folder.iterdir()))}.dcm"
    path.write_bytes(data)
    return sandbox.annotations(opened(path))


def test_dcmtk_reads_a_report_with_all_its_numbers(tmp_path: Path) -> None:
    said = dump("dsrdump", report(items(label="node"), CT, 7), tmp_path, "+Pc")
    assert "Comprehensive SR Document" in said
    assert said.count('CONTAINER:(125007,DCM,"Measurement Group")') == len(SHAPES)
    assert re.search(r'\(410668003,SCT,"Length"\)="123\.45678901\d*" \(mm,UCUM', said)
    assert said.count('NUM:(42798000,SCT,"Area")="1413.7166941154') == 4
    assert """([hnsf'U],UCUM,"Hounsfield unit")""" in said
    assert said.count('CODE:(121071,DCM,"Finding")=(CORNERSTONEFREETEXT,CORNERSTONEJS,"node")') == 8


def test_highdicom_reads_a_report_back(tmp_path: Path) -> None:
    found = hd.sr.srread(io.BytesIO(report(items(), CT, 7)))
    assert isinstance(found, hd.sr.ComprehensiveSR)
    groups = found.content.get_image_measurement_groups()
    assert len(groups) == len(SHAPES)
    assert groups[0].tracking_identifier == "Cornerstone3DTools@^0.1.0:Length"
    (length,) = groups[0].get_measurements()
    assert length.value == pytest.approx(123.456789, rel=1e-9)
    assert length.unit.value == "mm"
    shape = length.referenced_coordinates[0]
    assert np.allclose(shape.value, np.array(SHAPES[Kind.LENGTH]) + 0.5)


def test_our_own_child_reads_the_same_measurements(
    tmp_path: Path, sandbox: Sandbox, opened: Open
) -> None:
    given = [*items(label="Knoten, größer"), *items(MULTI, 4)]
    found = state_of([read(report(given, CT, 7), tmp_path, sandbox, opened)])
    assert found == State(tuple(each.measurement for each in given))


def test_a_shape_that_says_no_number_is_kept_as_a_region(
    tmp_path: Path, sandbox: Sandbox, opened: Open
) -> None:
    given = [Item(each.measurement, (), CT) for each in items()]
    data = report(given, CT, 7)
    dump("dsrdump", data, tmp_path)
    found = state_of([read(data, tmp_path, sandbox, opened)])
    assert found == State(tuple(each.measurement for each in given))


def test_a_report_of_nothing_says_that_there_is_nothing_any_more(
    tmp_path: Path, sandbox: Sandbox, opened: Open
) -> None:
    data = report([], CT, 8)
    dump("dsrdump", data, tmp_path)
    assert read(data, tmp_path, sandbox, opened) == Annotations()


def test_a_new_instance_belongs_to_the_patient_and_the_study_and_is_our_own() -> None:
    one, other = (pydicom.dcmread(io.BytesIO(report(items(), CT, n))) for n in (7, 8))
    for found in (one, other):
        assert found.StudyInstanceUID == CT.study_uid
        assert (found.PatientName, found.PatientID) == ("Nguyen^Linh", "17")
        assert (found.PatientBirthDate, found.PatientSex) == ("19800229", "F")
        assert found.SOPInstanceUID.startswith("2.25.")
        assert found.file_meta.MediaStorageSOPInstanceUID == found.SOPInstanceUID
        assert found.SeriesInstanceUID == series_uid(CT.study_uid, "measurements")
    assert (one.InstanceNumber, other.InstanceNumber) == (7, 8)
    assert one.SOPInstanceUID != other.SOPInstanceUID


def test_names_of_all_scripts_are_kept(tmp_path: Path) -> None:
    header = Header(**{**CT.to_map(), "windows": CT.windows, "patient_name": "Nguyễn^Lĩnh=阮^林"})
    found = pydicom.dcmread(io.BytesIO(report(items(header), header, 1)))
    assert str(found.PatientName) == "Nguyễn^Lĩnh=阮^林"


@pytest.mark.parametrize(
    "hostile",
    (
        {"patient_name": "a\\b^c\n=d=e=f" * 20},
        {"patient_id": "x\\y" * 90},
        {"patient_birth_date": "yesterday", "patient_sex": "unknown"},
        {"study_date": "1", "study_time": "25:99", "modality": "C\\T\0" * 9},
        {"study_description": "\r\n\x1b[31m" * 30, "rescale_type": "\\" * 60},
    ),
)
def test_what_a_header_may_not_say_is_left_out_and_the_file_stays_valid(
    hostile: dict[str, str], tmp_path: Path
) -> None:
    header = Header(**{**CT.to_map(), "windows": CT.windows, **hostile})
    data = report(items(header), header, 1)
    dump("dsrdump", data, tmp_path)
    (state,) = presentation_states([(items(header)[0], ("1 mm",))], 1)
    dump("dcmdump", state, tmp_path)


@pytest.mark.parametrize("field", ("study_uid", "series_uid", "sop_uid", "sop_class"))
@pytest.mark.parametrize("value", ("", "1.2.", "1..2", "../../x", "1" * 65, "01.2"))
def test_a_picture_without_valid_numbers_cannot_be_referred_to(field: str, value: str) -> None:
    with pytest.raises(CannotKeep):
        evidence(Header(**{**CT.to_map(), "windows": CT.windows, field: value}))


def test_our_uids_are_valid_and_follow_from_what_they_are_of() -> None:
    assert is_uid(new_uid()) and new_uid() != new_uid()
    assert is_uid(derived_uid("a", "b")) and derived_uid("a", "b") == derived_uid("a", "b")
    assert derived_uid("a", "b") != derived_uid("ab", "")


# -- marks and graphics -----------------------------------------------------------------------


def test_marks_are_key_objects_that_dcmtk_and_highdicom_read(
    tmp_path: Path, sandbox: Sandbox, opened: Open
) -> None:
    data = key_objects([(CT, 0), (MULTI, 4), (MULTI, 9)], 7)
    said = dump("dsrdump", data, tmp_path)
    assert "Key Object Selection Document" in said and "Of Interest" in said
    assert hd.ko.KeyObjectSelectionDocument.from_dataset(pydicom.dcmread(io.BytesIO(data)))
    found = read(data, tmp_path, sandbox, opened)
    assert found == Annotations(marks=((CT.sop_uid, 0), (MULTI.sop_uid, 4), (MULTI.sop_uid, 9)))


def test_graphics_pass_dcmtks_check_of_presentation_states(tmp_path: Path) -> None:
    given = [(each, ("12.3 mm", "Mean 4 HU")) for each in [*items(), *items(MULTI, 4)]]
    files = list(presentation_states(given, 7))
    assert len(files) == 2  # two sizes of picture
    for data in files:
        said = dump("dcmpschk", data, tmp_path)
        assert "Test passed" in said, said
    first = pydicom.dcmread(io.BytesIO(files[0]))
    graphics = first.GraphicAnnotationSequence
    assert len(graphics) == len(SHAPES)
    line = graphics[0].GraphicObjectSequence[0]
    assert line.GraphicData == [11.0, 20.75, 110.5, 71.25]
    assert graphics[0].TextObjectSequence[0].UnformattedTextValue == "12.3 mm\r\nMean 4 HU"
    assert (first.RescaleIntercept, first.SoftcopyVOILUTSequence[0].WindowWidth) == (-1024, 400)


def test_pictures_in_colour_have_no_grey_presentation() -> None:
    header = Header(**{**MULTI.to_map(), "samples": 3, "photometric": "RGB"})
    assert list(presentation_states([(items(header)[0], ("x",))], 1)) == []


def test_a_shape_at_the_very_edge_stays_within_the_picture() -> None:
    edge = Measurement("2.25.7", Kind.LENGTH, ((-0.5, -0.5), (511.5, 511.5)), CT.sop_uid)
    (data,) = presentation_states([(Item(edge, (MAIN[Kind.LENGTH],), CT), ("x",))], 1)
    found = pydicom.dcmread(io.BytesIO(data))
    line = found.GraphicAnnotationSequence[0].GraphicObjectSequence[0]
    assert line.GraphicData == [0, 0, 512, 512]


# -- what others wrote ------------------------------------------------------------------------


def drawn(graphic: str, *points: tuple[float, float], **more: str) -> Drawn:
    return Drawn(graphic, points, "1.2.3", 0, **more)


@pytest.mark.parametrize(
    ("shape", "kind"),
    (
        (drawn("POLYLINE", (0, 0), (9, 9)), Kind.LENGTH),
        (drawn("POLYLINE", (0, 0), (9, 9), (9, 0)), Kind.ANGLE),
        (drawn("POLYLINE", (0, 0), (9, 9), (9, 0), (0, 0)), Kind.POLYGON),
        (drawn("POLYLINE", (0, 0), (9, 0), (0, 5), (9, 6), concept="285285000"), Kind.COBB),
        (drawn("POLYLINE", (0, 0), (9, 0), (0, 5), (9, 6)), Kind.POLYGON),
        (drawn("CIRCLE", (5, 5), (8, 9)), Kind.ELLIPSE),
        (drawn("POINT", (5, 5)), Kind.PROBE),
    ),
)
def test_shapes_of_others_are_told_by_their_looks(shape: Drawn, kind: Kind) -> None:
    (found,) = measurement_of(shape)
    assert found.kind is kind
    assert is_uid(found.uid)


def test_a_circle_has_its_radius_in_every_direction() -> None:
    (found,) = measurement_of(drawn("CIRCLE", (50.5, 60.5), (53.5, 64.5)))
    assert found.points == ellipse_in((45, 55), (55, 65))


def test_several_points_are_as_many_values_and_a_uid_is_used_once() -> None:
    several = measurement_of(drawn("MULTIPOINT", (1, 1), (2, 2), uid="2.25.9"))
    assert len({each.uid for each in several}) == 2
    (again,) = measurement_of(drawn("POINT", (1, 1), uid="2.25.9"), {"2.25.9"})
    assert again.uid != "2.25.9"


@pytest.mark.parametrize(
    "shape",
    (
        drawn("POLYLINE"),
        drawn("POLYLINE", (1, 1)),
        drawn("ELLIPSE", (1, 1), (2, 2)),
        drawn("CIRCLE", (1, 1), (2, 2), (3, 3)),
        drawn("POINT", (1e6, 0)),
        drawn("SURFACE", (1, 1), (2, 2)),
    ),
)
def test_what_cannot_be_measured_is_left_out(shape: Drawn) -> None:
    assert measurement_of(shape) == []


CORPUS = Path(os.environ.get("RAYFOLIO_TEST_DATA", "."), "dicom")


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("file", "kinds", "left_out"),
    (
        ("dcmjs/test/sample-sr.dcm", [Kind.LENGTH, Kind.LENGTH], 0),
        ("highdicom/sr_document.dcm", [Kind.ELLIPSE], 0),
        ("highdicom/sr_document_with_multiple_groups.dcm", [Kind.ELLIPSE, Kind.POLYGON], 1),
        ("dcmqi/sr-example/sr.dcm", [], 0),
    ),
)
def test_reports_of_others_are_read(
    file: str, kinds: list[Kind], left_out: int, sandbox: Sandbox, opened: Open
) -> None:
    found = sandbox.annotations(opened(CORPUS / file))
    assert [each.kind for each in state_of([found]).measurements] == kinds
    assert found.left_out == left_out


# -- a child that lies ------------------------------------------------------------------------

GOOD: dict[str, object] = {
    "graphic": "POINT",
    "points": [1.0, 2.0],
    "sop_uid": "1.2",
    "frame": 0,
    "uid": "",
    "tracking": "",
    "label": "",
    "concept": "",
}


@pytest.mark.parametrize(
    "lie",
    (
        None,
        [],
        {"annotations": None},
        {"annotations": {"shapes": [], "marks": []}},
        {"annotations": {"shapes": [GOOD | {"points": [1.0]}], "marks": [], "left_out": 0}},
        {"annotations": {"shapes": [GOOD | {"points": ["1", 2]}], "marks": [], "left_out": 0}},
        {"annotations": {"shapes": [GOOD | {"frame": -1}], "marks": [], "left_out": 0}},
        {"annotations": {"shapes": [GOOD | {"label": "x" * 999}], "marks": [], "left_out": 0}},
        {"annotations": {"shapes": [GOOD | {"more": 1}], "marks": [], "left_out": 0}},
        {"annotations": {"shapes": [GOOD] * 2001, "marks": [], "left_out": 0}},
        {"annotations": {"shapes": [], "marks": [{"sop_uid": 1, "frame": 0}], "left_out": 0}},
        {"annotations": {"shapes": [], "marks": [{}], "left_out": 0}},
    ),
)
def test_what_no_honest_child_says_is_not_taken(lie: object) -> None:
    with pytest.raises(Malformed):
        annotation_replies.read(lie, lambda at, length: bytes(length))
    honest = {"annotations": {"shapes": [GOOD], "marks": [], "left_out": 0}}
    assert annotation_replies.read(honest, lambda at, length: bytes(length)).shapes


# -- hostile reports --------------------------------------------------------------------------


def nested(depth: int) -> pydicom.Dataset:
    group = pydicom.Dataset()
    group.ValueType = "CONTAINER"
    name = pydicom.Dataset()
    name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = "125007", "DCM", "Group"
    group.ConceptNameCodeSequence = [name]
    for _ in range(depth):
        outer = pydicom.Dataset()
        outer.ValueType, outer.ContentSequence = "CONTAINER", [group]
        group = outer
    return group


@pytest.mark.parametrize("depth", (5, 40, 55))
def test_groups_are_looked_for_only_so_deep(
    depth: int, tmp_path: Path, sandbox: Sandbox, opened: Open
) -> None:
    found = pydicom.dcmread(io.BytesIO(report(items(), CT, 1)))
    found.ContentSequence.append(nested(depth))
    out = io.BytesIO()
    found.save_as(out)
    assert len(read(out.getvalue(), tmp_path, sandbox, opened).shapes) == len(SHAPES)


def test_more_shapes_than_are_kept_are_counted(
    tmp_path: Path, sandbox: Sandbox, opened: Open
) -> None:
    found = pydicom.dcmread(io.BytesIO(report(items()[:1], CT, 1)))
    (measured,) = [e for e in found.ContentSequence if e.ValueType == "CONTAINER"]
    group = measured.ContentSequence[0]
    measured.ContentSequence = [group] * 2100
    out = io.BytesIO()
    found.save_as(out)
    got = read(out.getvalue(), tmp_path, sandbox, opened)
    assert (len(got.shapes), got.left_out) == (2000, 100)


@pytest.mark.parametrize("cut", (0.3, 0.6, 0.9, 0.99))
def test_a_report_that_is_cut_short_gives_what_it_holds_or_words(
    cut: float, tmp_path: Path, sandbox: Sandbox, opened: Open
) -> None:
    data = report(items(), CT, 1)
    try:
        found = read(data[: int(len(data) * cut)], tmp_path, sandbox, opened)
    except ViewerError as error:
        assert str(error)
    else:
        assert len(found.shapes) <= len(SHAPES)


def test_what_is_no_report_has_no_shapes(sandbox: Sandbox, opened: Open) -> None:
    from pydicom.data import get_testdata_file

    picture = get_testdata_file("CT_small.dcm", download=False)
    assert picture is not None
    assert sandbox.annotations(opened(str(picture))) == Annotations()
