"""What shows an instance, by its SOP class."""

from __future__ import annotations

import pydicom.uid
import pytest

from viewer.dicom.header import Header
from viewer.dicom.kinds import PICTURE, Content, content_for, kind_of

STORAGE = "1.2.840.10008.5.1.4.1.1."
CONTENTS = {
    "1.2": Content.PICTURE,  # CT
    "66.4": Content.PICTURE,
    "481.2": Content.PICTURE,
    "88.11": Content.DOCUMENT,
    "88.33": Content.DOCUMENT,
    "88.59": Content.KEY_OBJECTS,
    "104.1": Content.DOCUMENT,
    "104.2": Content.DOCUMENT,
    "104.3": Content.NONE,
    "11.1": Content.PRESENTATION,
    "11.2": Content.PRESENTATION,
    "9.1.1": Content.NONE,
    "77.1.1.1": Content.NONE,
    "481.3": Content.NONE,
}


@pytest.mark.parametrize("end", CONTENTS)
def test_a_sop_class_says_what_shows_it(end: str) -> None:
    header = Header(sop_class=STORAGE + end, drawable=CONTENTS[end] is Content.PICTURE)
    assert content_for(header) is CONTENTS[end]


def test_components_are_whole() -> None:
    # 1.1.9 starts 1.1.91 as letters go, and 88.5 starts 88.59.
    assert kind_of(STORAGE + "77.1.1.1").name == "Film"
    assert "signal" not in kind_of(STORAGE + "91.1").name
    assert kind_of(STORAGE + "88.5").content is Content.DOCUMENT
    assert kind_of(STORAGE + "1") is PICTURE


def test_what_is_unknown_is_taken_for_a_picture() -> None:
    for uid in ("", "1.2.3", "1.3.12.2.1107.5.9.1", STORAGE[:-1], "." * 500):
        assert kind_of(uid) is PICTURE


def test_every_storage_class_without_pixels_is_named() -> None:
    # The oracle: pydicom's names of the storage classes of the standard.
    # DICOS is for luggage.
    pictures = (
        "DICOS",
        "Image", "Segmentation", "Parametric Map", "Video", "Dose Storage", "Map Storage", "Volume"
    )  # fmt: skip
    checked = 0
    for uid, (name, kind, _, retired, _) in pydicom.uid.UID_dictionary.items():
        is_storage = uid.startswith(STORAGE) and kind == "SOP Class" and name.endswith("Storage")
        if is_storage and not retired and not any(each in name for each in pictures):
            assert kind_of(uid) is not PICTURE, (uid, name)
            assert kind_of(uid).why_not.startswith(("it is ", "it marks ", "it tells ")), name
            checked += 1
    assert checked > 60


def test_what_can_be_drawn_is_a_picture_whatever_it_calls_itself() -> None:
    report = STORAGE + "88.11"
    assert content_for(Header(sop_class=report, drawable=True)) is Content.PICTURE
    assert content_for(Header(sop_class=report)) is Content.DOCUMENT
    assert content_for(Header(sop_class=STORAGE + "2")) is Content.NONE
