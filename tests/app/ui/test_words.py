"""How things are said."""

from __future__ import annotations

import inspect
import re

import pytest
from fake_wallet import DAY_S, grant, study
from PySide6.QtCore import QDate, QLocale

import wallet.errors
from app.service import CopyItem
from app.ui import words

FORBIDDEN = re.compile(
    r"\b(gas|hash\w*|nonces?|transactions?|blocks?|cids?|nodes?|ciphertexts?|ledger|pins?|pinned"
    r"|epochs?|envelopes?|grants?)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en_GB", "4 December 2031"),
        ("en_US", "December 4, 2031"),
        ("de_DE", "4. Dezember 2031"),
        ("fr_FR", "4 décembre 2031"),
        ("es_ES", "4 de diciembre de 2031"),
        ("ja_JP", "2031年12月4日"),
    ],
)
def test_a_day_is_said_as_people_there_say_it(locale: str, said: str) -> None:
    QLocale.setDefault(QLocale(locale))
    assert words.day(QDate(2031, 12, 4)) == said


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en_GB", "4 December"),
        ("en_US", "December 4"),
        ("de_DE", "4. Dezember"),
        ("fr_FR", "4 décembre"),
        ("es_ES", "4 de diciembre"),
        ("pt_BR", "4 de dezembro"),
        ("ja_JP", "12月4日"),
    ],
)
def test_this_year_goes_without_saying(locale: str, said: str) -> None:
    QLocale.setDefault(QLocale(locale))
    assert words.day(QDate(2031, 12, 4), with_year=False) == said


def test_a_chip_says_who_and_until_when() -> None:
    end = words.short_day(words.date_of(words.now() + 11 * DAY_S))
    assert words.who_sees(study(0, "Head CT", "head")) == "Only you"
    assert (
        words.who_sees(study(0, "Head CT", "head", grants=(grant("Dr Lee", 11),)))
        == f"Dr Lee until {end}"
    )
    assert (
        words.who_sees(study(0, "Head CT", "head", grants=(grant("link", 2),)))
        == "Link, 2 days left"
    )
    both = (grant("Dr Lee", 11), grant("link", 2))
    assert words.who_sees(study(0, "Head CT", "head", grants=both)) == "Dr Lee and 1 more"


def test_a_share_that_ended_is_not_on_the_chip() -> None:
    ended = (grant("Dr Lee", 11, state="revoked"), grant("link", -2, state="expired"))
    assert words.who_sees(study(0, "Head CT", "head", grants=ended)) == "Only you"


def test_copies_are_counted_and_dated() -> None:
    now = words.now()
    kept = (CopyItem("this computer", True, now), CopyItem("IPFS node", False, now))
    assert words.copies(kept) == "1 of 2 copies, checked today"
    assert words.copies(()) == "No copy is confirmed yet"


def test_no_end_is_said() -> None:
    assert words.until(None) == "with no end date"


_EXAMPLE = {
    "why": "it is cut",
    "chain": "eip155:1",
    "until": "4 December",
    "network": "local",
    "payer": "0x1",
    "store": "IPFS",
    "cid": "bafy",
    "part": "Anvil",
    "what": "It cannot be used",
    "position": 3,
}


def _failures() -> list[wallet.errors.WalletError]:
    made = []
    for _, kind in inspect.getmembers(wallet.errors, inspect.isclass):
        if issubclass(kind, wallet.errors.WalletError):
            takes = list(inspect.signature(kind.__init__).parameters)[1:]
            named = [name for name in takes if name not in ("args", "kwargs")]
            made.append(kind(*[_EXAMPLE.get(name, "x") for name in named]))
    return made


@pytest.mark.parametrize("error", _failures(), ids=lambda error: type(error).__name__)
def test_every_failure_is_a_sentence_without_jargon_or_commands(
    error: wallet.errors.WalletError,
) -> None:
    said = words.failure(error)
    assert said.endswith(".") or said.endswith(("cut", "used", ": it is cut")), said
    assert not FORBIDDEN.search(said), said
    assert "--" not in said
    assert "`" not in said
    assert "RAYFOLIO" not in said


def test_there_are_failures_to_say() -> None:
    assert len(_failures()) > 30
