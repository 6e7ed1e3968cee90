"""Originals in a folder with a DICOMDIR: read back by pydicom, and by our own scan."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.fileset import (
    _FOUR_LEVEL_SOP_CLASSES,
    DIRECTORY_RECORDERS,
    FileSet,
)
from pydicom.uid import UID_dictionary, generate_uid

from viewer.dicom import file_set
from viewer.dicom.directory import directory, legal
from viewer.dicom.file_set import Original, write_file_set
from viewer.dicom.header import Header
from viewer.dicom.record import NEEDED, Record, kind
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.scan import scan
from viewer.dicom.source import FolderSource
from viewer.errors import NotDicom

Made = Callable[..., Path]
SR = "1.2.840.10008.5.1.4.1.1.88.11"
GSPS = "1.2.840.10008.5.1.4.1.1.11.1"


def unwatched(what: str, done: int, total: int) -> None:
    pass


def copied(paths: list[Path], folder: Path, sandbox: Sandbox) -> file_set.FileSet:
    return write_file_set(FolderSource(paths, sandbox).originals(), folder, sandbox, unwatched)


def records(folder: Path) -> list[pydicom.Dataset]:
    return list(pydicom.dcmread(folder / "DICOMDIR").DirectoryRecordSequence)


@pytest.fixture
def two_people(made: Made) -> list[Path]:
    picture = np.zeros((4, 4), np.uint8)
    who = [
        {"PatientName": "Yamada^Tarou=山田^太郎", "PatientID": "1", "SpecificCharacterSet":
         "ISO_IR 192", "StudyInstanceUID": "1.2.3.1", "StudyDate": "20240102", "StudyTime": "0815",
         "StudyID": "7", "StudyDescription": "Head"},
        {"PatientName": "Doe^Jane", "PatientID": "2", "StudyInstanceUID": "1.2.3.2",
         "StudyDate": "20250102"},
    ]  # fmt: skip
    return [
        made(picture, SeriesInstanceUID=f"1.2.3.{n}.{series}", InstanceNumber=number, **each)
        for n, each in enumerate(who)
        for series in (1, 2)
        for number in (1, 2)
    ]


def test_another_reader_finds_every_instance_where_the_directory_says(
    two_people: list[Path], tmp_path: Path, sandbox: Sandbox
) -> None:
    made = copied(two_people, tmp_path / "set", sandbox)
    found = FileSet(tmp_path / "set" / "DICOMDIR")
    found._stage["t"].cleanup()  # where it would put changes

    assert made == file_set.FileSet(8, ())
    assert len(found) == 8
    assert found.find_values("PatientID") == ["1", "2"]
    assert found.find_values("StudyInstanceUID") == ["1.2.3.1", "1.2.3.2"]
    assert len(found.find_values("SeriesInstanceUID")) == 4
    for each in found:
        data = pydicom.dcmread(each.path)
        assert data.SOPInstanceUID == each.ReferencedSOPInstanceUIDInFile
        assert data.SeriesInstanceUID == each.SeriesInstanceUID
    names = {str(each.PatientName) for each in records(tmp_path / "set") if "PatientName" in each}
    assert names == {"Yamada^Tarou=山田^太郎", "Doe^Jane"}


def test_the_files_are_the_same_bytes_under_names_that_any_medium_takes(
    two_people: list[Path], tmp_path: Path, sandbox: Sandbox
) -> None:
    copied(two_people, tmp_path / "set", sandbox)

    files = sorted(p for p in (tmp_path / "set").rglob("*") if p.is_file())
    names = [str(p.relative_to(tmp_path / "set")) for p in files]
    assert names[:2] == ["DICOM/ST000001/SE000001/IM000001", "DICOM/ST000001/SE000001/IM000002"]
    assert len(names) == 9
    for part in {part for name in names for part in name.split("/")}:
        assert re.fullmatch(r"[A-Z0-9_]{1,8}", part)
    given = sorted(p.read_bytes() for p in two_people)
    assert sorted(p.read_bytes() for p in files if p.name != "DICOMDIR") == given


def test_equal_originals_give_equal_directories(
    two_people: list[Path], tmp_path: Path, sandbox: Sandbox
) -> None:
    for name in ("a", "b"):
        copied(two_people, tmp_path / name, sandbox)

    assert (tmp_path / "a/DICOMDIR").read_bytes() == (tmp_path / "b/DICOMDIR").read_bytes()
    other = copied(two_people[:-1], tmp_path / "c", sandbox)
    uids = {
        pydicom.dcmread(tmp_path / name / "DICOMDIR").file_meta.MediaStorageSOPInstanceUID
        for name in ("a", "c")
    }
    assert other.instances == 7
    assert len(uids) == 2


def test_every_offset_points_at_the_record_that_it_means(
    two_people: list[Path], tmp_path: Path, sandbox: Sandbox
) -> None:
    copied(two_people, tmp_path / "set", sandbox)
    data = (tmp_path / "set/DICOMDIR").read_bytes()
    found = pydicom.dcmread(tmp_path / "set/DICOMDIR")
    starts = {each.seq_item_tell: each for each in found.DirectoryRecordSequence}

    def walk(at: int, depth: int) -> list[tuple[int, str]]:
        seen = []
        while at:
            assert data[at : at + 4] == b"\xfe\xff\x00\xe0"
            entry = starts[at]
            seen.append((depth, entry.DirectoryRecordType))
            seen += walk(entry.OffsetOfReferencedLowerLevelDirectoryEntity, depth + 1)
            at = entry.OffsetOfTheNextDirectoryRecord
        return seen

    seen = walk(found.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, 0)
    last = starts[found.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity]
    series = [(2, "SERIES"), (3, "IMAGE"), (3, "IMAGE")]
    assert seen == 2 * [(0, "PATIENT"), (1, "STUDY"), *series, *series]
    assert last.PatientID == "2"
    assert last.OffsetOfTheNextDirectoryRecord == 0


def test_what_the_file_does_not_say_is_empty_and_only_numbers_are_made_up(
    made: Made, tmp_path: Path, sandbox: Sandbox
) -> None:
    copied([made(np.zeros((2, 2), np.uint8), Modality="")], tmp_path / "set", sandbox)
    patient, study, series, image = records(tmp_path / "set")

    assert patient.PatientName == ""
    assert patient.PatientID == "PATIENT1"
    assert (study.StudyDate, study.StudyTime, study.StudyID) == ("", "", "1")
    assert (series.Modality, series.SeriesNumber, image.InstanceNumber) == ("OT", 1, 1)


def test_a_report_is_listed_with_its_title_and_state(
    made: Made, tmp_path: Path, sandbox: Sandbox
) -> None:
    title = pydicom.Dataset()
    title.CodeValue, title.CodingSchemeDesignator = "18748-4", "LN"
    title.CodeMeaning = "Diagnostic imaging report"
    path = made(
        SOPClassUID=SR, Modality="SR", ContentDate="20240102", ContentTime="101112",
        CompletionFlag="COMPLETE", VerificationFlag="UNVERIFIED", ConceptNameCodeSequence=[title],
    )  # fmt: skip
    copied([path], tmp_path / "set", sandbox)
    report = records(tmp_path / "set")[3]

    assert report.DirectoryRecordType == "SR DOCUMENT"
    assert (report.CompletionFlag, report.VerificationFlag) == ("COMPLETE", "UNVERIFIED")
    assert report.ConceptNameCodeSequence[0].CodeValue == "18748-4"


def test_a_presentation_state_is_listed_with_what_it_applies_to(
    made: Made, tmp_path: Path, sandbox: Sandbox
) -> None:
    series, image = pydicom.Dataset(), pydicom.Dataset()
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.9"
    series.SeriesInstanceUID, series.ReferencedImageSequence = "1.2.3.4", [image]
    path = made(SOPClassUID=GSPS, Modality="PR", ContentLabel="LOOK", InstanceNumber=3,
                PresentationCreationDate="20240102", PresentationCreationTime="1011",
                ReferencedSeriesSequence=[series])  # fmt: skip
    copied([path], tmp_path / "set", sandbox)
    state = records(tmp_path / "set")[3]

    assert (state.DirectoryRecordType, state.ContentLabel) == ("PRESENTATION", "LOOK")
    found = state.ReferencedSeriesSequence[0]
    assert found.SeriesInstanceUID == "1.2.3.4"
    assert found.ReferencedImageSequence[0].ReferencedSOPInstanceUID == "1.9"


def test_what_a_directory_cannot_name_is_copied_apart_with_a_sentence(
    made: Made, bundled: Callable[[str], Path], tmp_path: Path, sandbox: Sandbox
) -> None:
    good = made(np.zeros((2, 2), np.uint8))
    again = tmp_path / "again.dcm"
    again.write_bytes(good.read_bytes())
    homeless = made(np.zeros((2, 2), np.uint8), SeriesInstanceUID="", StudyInstanceUID="")
    odd = made(SOPClassUID="1.2.840.10008.5.1.4.38.1")
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(bytes(128) + b"DICM" + b"\xff" * 40)
    headless = tmp_path / "headless.dcm"
    headless.write_bytes(made(np.zeros((2, 2), np.uint8)).read_bytes()[132:])
    given = [good, again, homeless, odd, bundled("rtstruct.dcm"), broken, headless]

    result = copied(given, tmp_path / "set", sandbox)

    assert result.instances == 1
    reasons = {each.relative: each.reason for each in result.apart}
    assert reasons["again.dcm"] == file_set.TWICE
    assert reasons[homeless.name] == file_set.NO_PLACE
    assert reasons[odd.name] == file_set.NO_KIND
    assert reasons["rtstruct.dcm"] == file_set.NO_META
    assert reasons["headless.dcm"] == file_set.NO_META
    assert reasons["broken.dcm"]
    for each in result.apart:
        was = next(path for path in given if path.name == each.relative)
        assert (tmp_path / "set" / each.copied_to).read_bytes() == was.read_bytes()
    assert len([p for p in (tmp_path / "set" / "DICOM").rglob("*") if p.is_file()]) == 1
    assert all(any(p.iterdir()) for p in (tmp_path / "set").rglob("*") if p.is_dir())


def test_nothing_to_list_gives_an_empty_directory(tmp_path: Path, sandbox: Sandbox) -> None:
    assert write_file_set([], tmp_path / "set", sandbox, unwatched).instances == 0
    assert records(tmp_path / "set") == []


def test_our_own_scan_reads_the_set_back(
    two_people: list[Path], tmp_path: Path, sandbox: Sandbox
) -> None:
    copied(two_people, tmp_path / "set", sandbox)
    found = scan([tmp_path / "set"], sandbox)

    before = {each.header.sop_uid for each in scan(two_people, sandbox).files}
    assert {each.header.sop_uid for each in found.files} == before
    assert [each.path.name for each in found.skipped] == ["DICOMDIR"]


def test_a_copy_that_is_stopped_has_no_directory(
    two_people: list[Path], tmp_path: Path, sandbox: Sandbox
) -> None:
    class Stopped(Exception):
        pass

    def stop(what: str, done: int, total: int) -> None:
        if done:
            raise Stopped

    originals = FolderSource(two_people, sandbox).originals()
    with pytest.raises(Stopped):
        write_file_set(originals, tmp_path / "set", sandbox, stop)
    assert not (tmp_path / "set" / "DICOMDIR").exists()


def test_a_copy_overwrites_nothing(made: Made, tmp_path: Path, sandbox: Sandbox) -> None:
    there = tmp_path / "set/DICOM/ST000001/SE000001/IM000001"
    there.parent.mkdir(parents=True)
    there.write_text("kept")

    with pytest.raises(FileExistsError):
        copied([made(np.zeros((2, 2), np.uint8))], tmp_path / "set", sandbox)
    assert there.read_text() == "kept"


# -- tables against pydicom's -----------------------------------------------------------------


def test_kinds_of_records_are_those_that_another_library_gives() -> None:
    start = "1.2.840.10008.5.1.4.1.1."
    classes = [uid for uid, about in UID_dictionary.items() if about[1] == "SOP Class"]
    stored = [uid for uid in classes if uid.startswith(start)]
    differs = {}
    for uid in stored:
        ours = kind(Header(sop_class=uid))
        theirs = _FOUR_LEVEL_SOP_CLASSES.get(uid, "IMAGE")
        if ours != theirs:
            differs[uid] = (theirs, ours)
    assert len(stored) > 100
    # What that library has by other means than its table, or not yet.
    later = {"ENCAP DOC", "RT PLAN", "RADIOTHERAPY", "ANNOTATION", "PRESENTATION", "SR DOCUMENT"}
    assert {theirs for theirs, _ in differs.values()} <= {"IMAGE"}
    assert {ours for _, ours in differs.values()} <= later | {"WAVEFORM", "MEASUREMENT"}


def test_every_kind_of_record_has_its_needed_keys() -> None:
    assert {*NEEDED} - {"ANNOTATION"} <= DIRECTORY_RECORDERS.keys()


FILES = (
    "CT_small.dcm", "MR_small.dcm", "reportsi.dcm", "test-SR.dcm", "rtplan.dcm", "rtdose.dcm",
    "waveform_ecg.dcm", "JPEG2000.dcm", "examples_palette.dcm", "liver_1frame.dcm",
)  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_record_has_the_keys_and_values_that_another_library_gives_it(
    name: str, bundled: Callable[[str], Path], tmp_path: Path, sandbox: Sandbox
) -> None:
    result = copied([bundled(name)], tmp_path / "set", sandbox)
    if result.apart:
        pytest.fail(result.apart[0].reason)
    ours = records(tmp_path / "set")[3]
    data = pydicom.dcmread(bundled(name))
    data.InstanceNumber = data.get("InstanceNumber") or ours.InstanceNumber
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = DIRECTORY_RECORDERS[ours.DirectoryRecordType](data)
    assert len(theirs)
    for element in theirs:
        if element.keyword == "ContentSequence":  # theirs is the whole report
            continue
        found = ours[element.tag]
        assert found.VM == element.VM, element.keyword
        assert str(found.value) == str(element.value), element.keyword


# -- hostile ----------------------------------------------------------------------------------

HONEST = {
    "meta": ["1.2", "1.3", "1.4"], "texts": {"PatientID": "7"}, "title": ["a", "b", "c"],
    "modifiers": [[["a", "b", "c"], ["d", "e", "f"]]], "references": [["1.2", [["1.3", "1.4"]]]],
}  # fmt: skip


def test_an_honest_record_is_taken() -> None:
    found = Record.from_map(HONEST)
    assert found.is_part_10
    assert found.references == (("1.2", (("1.3", "1.4"),)),)


@pytest.mark.parametrize(
    "change",
    [
        {"meta": ["1.2", "1.3"]},
        {"meta": "1.2"},
        {"meta": [1, 2, 3]},
        {"texts": {"OffsetOfTheNextDirectoryRecord": "7"}},
        {"texts": {"PatientID": "x" * 257}},
        {"texts": {"PatientID": "a\nb"}},
        {"texts": {"PatientID": "\ud800"}},
        {"texts": []},
        {"title": ["a", "b"]},
        {"modifiers": [[["a", "b", "c"], ["d", "e", "f"]]] * 17},
        {"references": [["../x", [["1.3", "1.4"]]]]},
        {"references": [["1.2", [["1.3", "x"]]]]},
        {"more": 1},
    ],
)
def test_a_record_that_no_honest_child_tells_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(NotDicom):
        Record.from_map(HONEST | change)


@pytest.mark.parametrize("given", [None, [], 7, "x", {}])
def test_a_record_that_is_no_map_is_refused(given: object) -> None:
    with pytest.raises(NotDicom):
        Record.from_map(given)


@pytest.mark.parametrize(
    ("vr", "text", "expected"),
    [
        ("DA", "20240131", "20240131"), ("DA", "2024-01-31", ""), ("TM", "101112.123456", None),
        ("TM", "10:11", ""), ("CS", "SECONDARY", None), ("CS", "lower", ""), ("IS", "99", None),
        ("IS", "1e5", ""), ("LO", "a\\b", "a b"), ("LO", "x" * 99, "x" * 64), ("SH", "y" * 17,
         "y" * 16), ("US", "512", None),
    ],
)  # fmt: skip
def test_values_are_as_their_vr_allows(vr: str, text: str, expected: str | None) -> None:
    assert legal(vr, text) == (text if expected is None else expected)


def test_a_hostile_text_cannot_steer_the_directory(tmp_path: Path, sandbox: Sandbox) -> None:
    """A path is ours alone, and a UID is digits and dots."""
    uid = generate_uid()
    header = Header(size=3, study_uid="../../x", series_uid="/etc", sop_uid=uid, rows=1)
    evil = Original(header, "../../../evil", lambda file: file.write(b"abc") and None)
    result = write_file_set([evil], tmp_path / "set", sandbox, unwatched)

    assert result.instances == 0
    found = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert found == {"set/DICOMDIR", "set/OTHER/FILE0001"}


def test_an_empty_set_reads_as_one() -> None:
    assert directory([]).startswith(bytes(128) + b"DICM")
