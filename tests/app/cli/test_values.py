"""Times, purposes and sizes as they are typed and shown."""

from __future__ import annotations

import pytest

from app import plain_words
from app.cli.values import parse_purpose, parse_until, show_bytes
from wallet.errors import RequestInvalid

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("14d", 14 * 86400), ("36h", 36 * 3600), ("2w", 14 * 86400), ("90m", 5400)],
)
def test_a_span_counts_from_now(text: str, seconds: int) -> None:
    assert parse_until(text, NOW) == NOW + seconds


def test_rfc_3339_with_any_zone() -> None:
    assert parse_until("2027-02-01T00:00:00Z", NOW) == 1_801_440_000
    assert parse_until("2027-02-01T02:00:00+02:00", NOW) == 1_801_440_000


@pytest.mark.parametrize(
    "text",
    ["", "0d", "-1d", "14", "tomorrow", "2027-02-01T00:00:00", "2001-01-01T00:00:00Z", "9999w"],
)
def test_what_is_no_time_to_come_is_refused(text: str) -> None:
    with pytest.raises(RequestInvalid, match="--until"):
        parse_until(text, NOW)


def test_purposes_are_the_codes_of_hl7() -> None:
    assert parse_purpose("TREAT") == "TREAT"
    with pytest.raises(RequestInvalid):
        parse_purpose("treatment")


def test_sizes_are_for_people() -> None:
    assert [show_bytes(n) for n in (12, 2048, 5 * 2**20, 3 * 2**30)] == [
        "12 bytes", "2.0 KiB", "5.0 MiB", "3.0 GiB",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("modalities", "part", "description", "title"),
    [
        (["CT"], "HEAD", "", "Head CT"),
        (["MR"], "", "MRT Knie links knee", "Knee MRI"),
        (["US"], "", "", "Ultrasound"),
        (["OP"], "EYE", "", "Eye photo"),
        ([], "", "", "Study"),
        (["XX"], "CHEST", "", "Chest study"),
    ],
)
def test_studies_are_named_in_plain_words(
    modalities: list[str], part: str, description: str, title: str
) -> None:
    assert plain_words.study_title(modalities, part, description) == title


def test_names_and_dates_are_turned_around() -> None:
    assert plain_words.person("Lovelace^Ada^King") == "Ada Lovelace"
    assert plain_words.person("山田^太郎=やまだ") == "太郎 山田"
    assert plain_words.iso_date("20240301") == "2024-03-01"
    assert plain_words.iso_date("soon") == ""
