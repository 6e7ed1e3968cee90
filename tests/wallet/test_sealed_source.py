"""A sealed study in the viewer: what was sealed twice is shown once, and all of it comes out."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "container"))

from shelf import file_in, make

from viewer.dicom.header import Header
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
