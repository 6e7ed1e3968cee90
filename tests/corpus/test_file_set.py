"""Every study of the test data as a disc: read back by pydicom, and byte for byte what it was."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections import Counter
from pathlib import Path

import pydicom
import pytest
from pydicom.fileset import FileSet

from viewer.dicom.file_set import NO_META, NO_PLACE, TWICE, write_file_set
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.source import FolderSource

pytestmark = pytest.mark.corpus


def test_every_original_is_on_the_disc_and_named_or_set_apart_with_a_reason(tmp_path: Path) -> None:
    given = os.environ.get("RAYFOLIO_TEST_DATA")
    assert given, "set RAYFOLIO_TEST_DATA to the folder of the test data"
    with Sandbox() as sandbox:
        source = FolderSource([Path(given) / "dicom"], sandbox)
        # pydicom knows no record for annotations and cannot load a directory that has one
        originals = [
            each
            for each in source.originals()
            if each.header.sop_class != "1.2.840.10008.5.1.4.1.1.91.1"
        ]
        made = write_file_set(originals, tmp_path / "set", sandbox, lambda *_: None)
    assert made.instances + len(made.apart) == len(originals) > 400
    assert {each.reason for each in made.apart} <= {NO_META, NO_PLACE, TWICE}

    def digest(path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest()

    before: Counter[str] = Counter()
    for each in originals:
        with (tmp_path / "one").open("w+b") as file:
            each.copy(file)
        before[digest(tmp_path / "one")] += 1
    written = [p for p in (tmp_path / "set").rglob("*") if p.is_file() and p.name != "DICOMDIR"]
    assert Counter(map(digest, written)) == before

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = FileSet(tmp_path / "set" / "DICOMDIR")
        found._stage["t"].cleanup()
        assert len(found) == made.instances
        for each in found:
            meta = pydicom.filereader.read_file_meta_info(each.path)
            assert meta.MediaStorageSOPInstanceUID == each.ReferencedSOPInstanceUIDInFile
