"""Who an instance names, and where names are written into pictures."""

from __future__ import annotations

import pytest

from viewer.dicom import names
from viewer.dicom.header import Header

WHO = Header(
    patient_name="Müller^Änne=山田^花子", patient_id="AB-1234", patient_birth_date="19700203",
    institution="Clinic of X and Y", study_uid="1.2.3.99", series_uid="1.2.3.4", sop_uid="1.9.8",
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "for Mrs MULLER", "müller's head", "Anne, left knee", "MUELLER_ANNE", "山田さん", "AB-1234",
        "id ab-1234.", "born 1970-02-03", "3/2: 03.02.1970", "from the Clinic of X and Y",
        "study 1.2.3.99", "02/03/1970",
    ],
)  # fmt: skip
def test_a_text_that_names_the_person_is_found(text: str) -> None:
    assert names.secrets([WHO]).are_in(text)


@pytest.mark.parametrize(
    "text", ["", "CT Head", "left and right", "image 12 of 34", "AB-12345", "1.2.3.999", "Clinic"]
)
def test_a_text_that_names_nobody_is_left_alone(text: str) -> None:
    assert not names.secrets([WHO]).are_in(text)


def test_nothing_known_hides_nothing_and_every_instance_counts() -> None:
    assert not names.secrets([Header()]).are_in("anything at all 1.2.3")
    assert names.secrets([Header(), WHO]).are_in("Müller")


def test_secrets_do_not_show_themselves() -> None:
    assert "ller" not in repr(names.secrets([WHO]))


CT = "1.2.840.10008.5.1.4.1.1.2"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (Header(modality="CT", sop_class=CT, burned_in="YES"), names.YES),
        (Header(modality="US", burned_in="NO"), ""),
        (Header(modality="CT", sop_class=CT), ""),
        (Header(modality="MR"), ""),
        (Header(modality="US"), names.PERHAPS),
        (Header(modality="XA", burned_in="perhaps"), names.PERHAPS),
        (Header(modality="CT", sop_class="1.2.840.10008.5.1.4.1.1.7"), names.PERHAPS),
        (Header(modality="CT", sop_class="1.2.840.10008.5.1.4.1.1.7.4"), names.PERHAPS),
        (Header(modality="CT", sop_class="1.2.840.10008.5.1.4.1.1.77.1.4"), ""),
        (Header(modality="CT", image_type=("DERIVED", "SECONDARY", "SCREEN SAVE")), names.PERHAPS),
        (Header(), names.PERHAPS),
    ],
)
def test_names_in_the_picture_itself_are_spoken_of(header: Header, said: str) -> None:
    assert names.burned_in([header]) == said


def test_the_worst_of_several_pictures_is_said() -> None:
    us, yes = Header(modality="US"), Header(modality="CT", burned_in="YES")
    assert names.burned_in([Header(modality="MR"), us]) == names.PERHAPS
    assert names.burned_in([us, yes]) == names.YES
