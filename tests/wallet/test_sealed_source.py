"""A sealed study in the viewer: what was sealed twice is shown once, and all of it comes out."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "container"))

from shelf import file_in, make

from viewer.dicom.header import Header
from viewer.dicom.series import group
from wallet.container.sealing import new_series_id
from wallet.container.writer import FileIn, SeriesIn
from wallet.library.reading import SealedSource, export


def _file(name: str, content: bytes, uid: str, number: int) -> FileIn:
    header = Header(
        size=len(content),
        study_uid="1",
        series_uid="1.1",
        sop_uid=uid,
        patient_name="Doe^John",
        instance_number=number,
    )
    return file_in(name, content, header=header.to_map())


def test_equal_files_of_a_sealed_study_are_shown_once_and_exported_all(tmp_path: Path) -> None:
    files = [
        _file("a", b"first", "1.1.1", 1),
        _file("copy", b"first", "1.1.1", 1),
        _file("other", b"FIRST", "1.1.1", 2),
        _file("b", b"second", "1.1.2", 3),
    ]
    more = [_file("again", b"second", "1.1.2", 3)]
    made = make([SeriesIn(new_series_id(), {"uid": "1.1"}, each, b"") for each in (files, more)])
    (view,) = SealedSource(made.study()).series()
    assert [each.instance_number for each in view.headers] == [1, 2, 3]
    assert export(made.study(), tmp_path / "out") == 5


def test_each_stack_of_one_series_has_its_own_picture() -> None:
    planes = (
        (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        (0.0, 1.0, 0.0, 0.0, 0.0, -1.0),
        (1.0, 0.0, 0.0, 0.0, 0.0, -1.0),
    )
    headers = [
        Header(
            size=1, study_uid="1", series_uid="1.1", sop_uid=f"1.1.{plane}.{n}",
            instance_number=plane * 3 + n, position=(10.0 * n,) * 3, orientation=orientation,
            rows=8, columns=8, drawable=True,
        )
        for plane, orientation in enumerate(planes)
        for n in range(3)
    ]  # fmt: skip
    stacks = group([(each.sop_uid, each) for each in headers])
    assert len(stacks) == 3  # as importing seals them
    sealed = [
        SeriesIn(
            new_series_id(),
            {"uid": each.uid},
            [
                file_in(uid, uid.encode(), header=header.to_map())
                for uid, header in zip(each.keys, each.headers, strict=True)
            ],
            f"of plane {each.keys[0]}".encode(),
        )
        for each in stacks
    ]
    source = SealedSource(make(sealed).study())
    pictures = [f"of plane {view.headers[0].sop_uid}".encode() for view in source.series()]
    assert len(set(pictures)) == 3
    assert source.previews() == pictures
