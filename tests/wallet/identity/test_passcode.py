"""Passcodes of links."""

from __future__ import annotations

import math

from wallet.identity import passcode
from wallet.identity.words import word_list


def test_a_passcode_has_at_least_55_bits_and_is_never_the_same() -> None:
    one = passcode.generate()
    known = set(word_list())

    assert all(word in known for word in one.split("-"))
    assert len(one.split("-")) * math.log2(len(known)) >= 55
    assert len({passcode.generate() for _ in range(50)}) == 50


def test_a_passcode_is_understood_however_it_is_typed() -> None:
    for typed in (
        "apple-river-zoo",
        " Apple river  ZOO\n",
        "apple - river-zoo",
        "ａpple river zoo",
    ):
        assert passcode.typed(typed) == "apple-river-zoo"


def test_a_passcode_of_other_words_is_left_alone() -> None:
    assert passcode.typed(" Pass-Phrase 7\n") == "Pass-Phrase 7"
    assert passcode.typed("") == ""
