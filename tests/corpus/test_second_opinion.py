"""Every readable file's pixels against a second decoder, and its picture against DCMTK's."""

from __future__ import annotations

import os
from pathlib import Path

import pydicom
import pytest
import second_opinion

pytestmark = pytest.mark.corpus
PAGE = Path(__file__).parents[2] / "docs" / "pixels.md"


@pytest.fixture(scope="module")
def found() -> list[second_opinion.Opinion]:
    given = os.environ.get("RAYFOLIO_TEST_DATA")
    assert given, "set RAYFOLIO_TEST_DATA to the folder of the test data"
    bundled = Path(pydicom.__file__).parent / "data" / "test_files"
    return list(second_opinion.opinions([Path(given) / "dicom", bundled]))


def test_no_pixel_is_another_decoders_other_pixel(found: list[second_opinion.Opinion]) -> None:
    drawn = [each for each in found if not each.why]
    assert len(drawn) > 400
    assert [each for each in drawn if not each.is_same] == []


def test_nearly_all_have_a_second_opinion(found: list[second_opinion.Opinion]) -> None:
    drawn = [each for each in found if not each.why]
    assert sum(not each.decoder for each in drawn) <= 5
    assert sum(bool(each.program) for each in drawn) > 350
    # Each compression that a sample file has is looked at by another decoder.
    assert {each.syntax for each in drawn} == {each.syntax for each in drawn if each.decoder}


def test_the_page_says_what_was_found(found: list[second_opinion.Opinion]) -> None:
    assert PAGE.read_text() == second_opinion.table(found)
