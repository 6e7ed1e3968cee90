"""Every DICOM file of the sample set goes in, is shared, and comes out byte for byte."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.corpus, pytest.mark.live, pytest.mark.timeout(3000)]

Someone = Any  # a Person of conftest.py


@pytest.fixture(scope="module")
def dicom() -> Path:
    folder = Path(os.environ["RAYFOLIO_TEST_DATA"]) / "dicom"
    assert folder.is_dir(), "RAYFOLIO_TEST_DATA has no folder dicom"
    return folder


def digests(folder: Path) -> Counter[bytes]:
    return Counter(
        hashlib.sha256(path.read_bytes()).digest() for path in folder.rglob("*") if path.is_file()
    )


def test_every_file_comes_back(
    new_person: Callable[[str], Someone], dicom: Path, tmp_path: Path
) -> None:
    patient = new_person("Ada")
    taken = patient("import", dicom, wait_s=2400)
    came_back: Counter[bytes] = Counter()
    for number, study in enumerate(taken["studies"]):
        patient("export", study["study"], tmp_path / str(number))
        came_back += digests(tmp_path / str(number))
    left_out = {each["path"] for each in taken["skipped"]}
    kept = digests(dicom)
    for path in left_out:
        kept[hashlib.sha256(Path(path).read_bytes()).digest()] -= 1

    assert sum(study["instances"] for study in taken["studies"]) > 400
    assert came_back == +kept


@pytest.mark.parametrize("folder", ["dcm_qa_ct/S21610", "dcm_qa_table/Exam1487_Laser711mm"])
def test_a_clinical_study_makes_the_whole_journey(
    new_person: Callable[[str], Someone], dicom: Path, tmp_path: Path, folder: str
) -> None:
    patient, clinician = new_person("Ada"), new_person("Dr Lee")
    patient("contact", "add", clinician("card")["card"], "--name", "Dr Lee")
    (study,) = patient("import", dicom / folder)["studies"]
    share = patient("share", study["study"], "--to", "Dr Lee")

    opened = clinician("open", share["link"], "--export", tmp_path / "out",
                       "--render", tmp_path / "first.png")  # fmt: skip
    done = patient("revoke", study["study"], share["grant"])

    assert opened["instances"] == study["instances"] > 50
    assert not digests(tmp_path / "out") - digests(dicom / folder)
    assert sum(digests(tmp_path / "out").values()) == study["instances"]
    assert done["resealed"]
    assert clinician.fails(3, "open", share["link"])


def test_a_localizer_of_three_planes_is_one_series_to_share_and_comes_over_whole(
    new_person: Callable[[str], Someone], dicom: Path, tmp_path: Path
) -> None:
    patient, clinician = new_person("Ada"), new_person("Dr Lee")
    patient("contact", "add", clinician("card")["card"], "--name", "Dr Lee")
    exam = dicom / "dcm_qa_table" / "Exam1487_Laser711mm"
    (study,) = patient("import", exam)["studies"]
    shown = patient("show", study["study"])["series"]
    (localizer,) = [each for each in shown if "Localizer" in each["title"]]
    share = patient("share", study["study"], "--to", "Dr Lee", "--series", localizer["uid"])
    opened = clinician("open", share["link"], "--export", tmp_path / "out")

    folder = exam / "01_3_Plane_Localizer_FF"
    assert localizer["instances"] == opened["instances"] == len(list(folder.iterdir())) == 21
    assert digests(tmp_path / "out") == digests(folder)
    assert opened["series"] == 3  # stacks, each looked through by itself
