"""Whose instances these are, which are there twice, and which a disc names but has not."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.config import disable_value_validation
from specimens import dataset, image, items, save

from viewer.dicom.disc import count_missing
from viewer.dicom.header import Header
from viewer.dicom.people import count_people, person_keys
from viewer.dicom.sandbox import Sandbox, replies
from viewer.dicom.scan import scan
from viewer.dicom.series import group, studies
from viewer.dicom.source import FolderSource
from viewer.dicom.twins import file_digest, once
from viewer.errors import MediaDirectory

Find = Callable[[str], Path]


def _of(name: str = "", id: str = "", born: str = "") -> Header:
    return Header(patient_name=name, patient_id=id, patient_birth_date=born)


@pytest.mark.parametrize(
    ("one", "other", "people"),
    (
        (_of("Doe^John", "1", "19700101"), _of("Doe^John", "1", "19700101"), 1),
        (_of("Doe^John"), _of("DOE^JOHN^^"), 1),
        (_of("Doe^John"), _of("Doe^Jane"), 2),
        (_of("Doe^John", "1"), _of("Doe^John", "2"), 2),
        (_of("Doe^John", "1", "19700101"), _of("Doe^John", "1", "19800101"), 2),
        (_of("Doe^John", "1", "19700101"), _of("Roe^John", "1", "19700101"), 1),
        (_of("Doe^John", "1"), _of("Roe^John", "1"), 2),
        (_of("Yamada^Tarou=山田^太郎"), _of("Yamada^Tarou"), 1),
        (_of("Doe^John", "1"), _of(), 1),
        (_of(), _of(), 1),
    ),
)
def test_two_headers_are_of_one_person_unless_they_contradict(
    one: Header, other: Header, people: int
) -> None:
    assert count_people([one, other]) == count_people([other, one]) == people


def test_what_says_little_joins_nobody_twice() -> None:
    headers = [_of("A", "1"), _of("B", "2"), _of(id="2"), _of("A")]
    for order in itertools.permutations(range(4)):
        keys = person_keys([headers[i] for i in order])
        by_header = dict(zip(order, keys, strict=True))
        assert by_header[2] == by_header[1] != by_header[0] == by_header[3]


def test_many_people_end_soon() -> None:
    headers = [_of(id=str(i)) for i in range(5000)]
    assert count_people(headers) == 5000


def test_a_study_of_two_people_under_one_uid_is_two_studies(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    for i in (1, 2):
        save(image(i, PatientID=str(i)), tmp_path / str(i))
    found = scan([tmp_path], sandbox)
    assert len(studies(group([(each, each.header) for each in found.files]))) == 2


# -- twins ------------------------------------------------------------------------------------


def test_equal_files_are_shown_once_and_kept_for_copying(tmp_path: Path, sandbox: Sandbox) -> None:
    first = save(image(1), tmp_path / "a")
    for name in ("b", "deep/c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(first, tmp_path / name)
    save(image(2), tmp_path / "d")
    source = FolderSource([tmp_path], sandbox)
    assert sum(len(each.headers) for each in source.series()) == 2
    assert len(source.originals()) == 4


def test_one_uid_with_other_bytes_is_shown_both_times(tmp_path: Path, sandbox: Sandbox) -> None:
    for i in (1, 2):
        save(image(i, SOPInstanceUID="1.2.3.7"), tmp_path / str(i))
    (series,) = FolderSource([tmp_path], sandbox).series()
    assert len(series.headers) == 2


def test_bytes_are_compared_only_where_uid_and_size_are_the_same() -> None:
    asked: list[str] = []

    def digest(key: str) -> str:
        asked.append(key)
        return "same"

    found = [
        ("a", Header(sop_uid="1", size=10)),
        ("b", Header(sop_uid="2", size=10)),
        ("c", Header(sop_uid="1", size=11)),
        ("d", Header(size=10)),
        ("e", Header(size=10)),
        ("f", Header(sop_uid="1", size=10)),
    ]
    assert [key for key, _ in once(found, digest)] == ["a", "b", "c", "d", "e"]
    assert asked == ["a", "f"]


def test_files_that_cannot_be_read_any_more_equal_nothing(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    assert file_digest(gone) != file_digest(gone)


# -- the index of a disc ----------------------------------------------------------------------


@pytest.fixture
def disc(bundled: Find, tmp_path: Path) -> Path:
    """A copy of pydicom's disc: an index of 31 instances of two people."""
    folder = tmp_path / "disc"
    shutil.copytree(bundled("dicomdirtests/DICOMDIR").parent, folder)
    for each in folder.iterdir():
        if each.name not in ("DICOMDIR", "77654033", "98892001", "98892003"):
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    return folder


def test_a_whole_disc_lacks_nothing(disc: Path, sandbox: Sandbox) -> None:
    found = scan([disc], sandbox)
    assert (len(found.files), found.missing, found.notes) == (31, 0, ())
    assert [each.reason for each in found.skipped] == ["It is a directory of other files."]


def test_files_that_an_index_names_and_that_are_missing_are_said(
    disc: Path, sandbox: Sandbox
) -> None:
    gone = sorted((disc / "98892003" / "MR700").iterdir())
    for each in gone[:3]:
        each.unlink()
    source = FolderSource([disc], sandbox)
    assert source.notes[0] == "The disc's index names 3 more files that are not here."
    assert sum(len(each.headers) for each in source.series()) == 28
    gone[3].unlink()
    assert scan([disc / "DICOMDIR"], sandbox).missing == 31


@pytest.mark.parametrize("name", ("{}.dcm", "{};1", "{}."))
def test_copies_of_a_disc_may_write_names_in_their_own_way(
    name: str, disc: Path, sandbox: Sandbox
) -> None:
    for path in [each for each in disc.rglob("*") if each.is_file() and each.name != "DICOMDIR"]:
        path.rename(path.with_name(name.format(path.name.lower())))
    for folder in [each for each in disc.iterdir() if each.is_dir()]:
        for each in folder.iterdir():
            each.rename(each.with_name(each.name.lower()))
    assert scan([disc], sandbox).missing == 0


def test_a_file_under_another_name_is_known_by_its_uid(disc: Path, sandbox: Sandbox) -> None:
    for i, path in enumerate(sorted((disc / "77654033").rglob("*"))):
        if path.is_file():
            path.rename(disc / f"moved{i}")
    assert scan([disc], sandbox).missing == 0


@pytest.mark.parametrize(
    "name",
    ("DICOMDIR-bigEnd", "DICOMDIR-implicit", "DICOMDIR-nooffset", "DICOMDIR-reordered"),
)
def test_an_index_is_read_however_it_is_written(
    name: str, bundled: Find, sandbox: Sandbox, disc: Path
) -> None:
    shutil.copy(bundled(f"dicomdirtests/{name}"), disc / "DICOMDIR")
    assert scan([disc], sandbox).missing == 0
    shutil.rmtree(disc / "77654033" / "CR1")
    assert scan([disc], sandbox).missing == 1


def test_an_index_leads_nowhere(tmp_path: Path, sandbox: Sandbox) -> None:
    """Names that climb, that begin at the root or that carry odd letters open nothing."""
    outside = tmp_path / "outside"
    save(image(1, PatientName="Outside"), outside / "SECRET")
    names = [["..", "outside", "SECRET"], ["/", "etc", "passwd"], [str(outside / "SECRET")], ["\0"]]
    with disable_value_validation():
        records = [
            dataset(DirectoryRecordType="IMAGE", ReferencedFileID=each, RecordInUseFlag=0xFFFF)
            for each in names
        ]
        found = dataset(
            SOPClassUID="1.2.840.10008.1.3.10",
            SOPInstanceUID="1.2.3",
            DirectoryRecordSequence=items(*records),
        )
        save(found, tmp_path / "disc" / "DICOMDIR")
    result = scan([tmp_path / "disc"], sandbox)
    assert result.files == []
    assert result.missing == 3  # the empty one names nothing


def test_names_are_counted_once_however_many_indexes_name_them() -> None:
    index = MediaDirectory((("1", ("A", "B")), ("2", ("A", "C"))))
    again = MediaDirectory((("", ("B",)),))
    assert count_missing([("X", index), ("a/Y", again)], {"a/c", "X", "a/Y"}, set()) == 1
    assert count_missing([("X", index)], {"X"}, {"1", "2"}) == 0


@pytest.mark.parametrize(
    "lie",
    (
        3,
        [3],
        [["1"]],
        [["1", []]],
        [["1", ["A"] * 9]],
        [[1, ["A"]]],
        [["1", ["x" * 65]]],
        [["1", 2]],
    ),
)
def test_a_lie_in_place_of_an_index_is_found(lie: object) -> None:
    with pytest.raises(replies.Malformed):
        replies.headers([{"directory": lie}], 1)


def test_an_index_prints_nothing_of_what_it_names() -> None:
    error = MediaDirectory((("1.2.3", ("DOE", "JOHN")),))
    assert "DOE" not in str(error) + repr(error)


def test_the_index_of_a_disc_is_none_of_its_pictures(disc: Path, sandbox: Sandbox) -> None:
    fd = os.open(disc / "DICOMDIR", os.O_RDONLY)
    try:
        with pytest.raises(MediaDirectory):
            sandbox.decode(fd, 0)
    finally:
        os.close(fd)
