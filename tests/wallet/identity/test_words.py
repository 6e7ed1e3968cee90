"""Recovery words, against the reference vectors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wallet.errors import WordsInvalid
from wallet.identity import hd, words

VECTORS = Path(__file__).parents[2] / "vectors" / "bip39"
LANGUAGES = json.loads((VECTORS / "trezor-vectors-even.json").read_text("utf-8"))
ENGLISH = LANGUAGES["english"]


def test_the_vectors_are_there() -> None:
    assert len(LANGUAGES) == 12
    assert len(ENGLISH) >= 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_seed_is_that_of_the_reference_in_every_language(language: str) -> None:
    for _, phrase, seed, *_ in LANGUAGES[language]:
        assert words.seed(phrase, "TREZOR").hex() == seed


@pytest.mark.parametrize("vector", ENGLISH, ids=lambda vector: vector[0][:8])
def test_reference_phrases_are_accepted(vector: list[str]) -> None:
    assert words.check(f"  {vector[1].upper()}\n") == vector[1]


def test_the_word_list_is_the_reference_list() -> None:
    assert list(words.word_list()) == (VECTORS / "english.txt").read_text().split()


def test_a_new_phrase_has_24_words_and_is_accepted() -> None:
    phrase = words.generate()

    assert len(phrase.split()) == 24
    assert words.check(phrase) == phrase
    assert words.generate() != phrase


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "0 words"),
        ("abandon", "1 words"),
        ("abandon " * 13, "13 words"),
        ("abandon " * 12, "do not fit"),
        ("abandon " * 11 + "abotu", "word number 12"),
        ("abandon " * 23 + "about", "do not fit"),
    ],
)
def test_what_is_no_phrase_is_refused(text: str, why: str) -> None:
    with pytest.raises(WordsInvalid, match=why) as refused:
        words.check(text)

    assert "abotu" not in str(refused.value)


def test_two_swapped_words_are_refused() -> None:
    listed = ENGLISH[1][1].split()
    listed[0], listed[1] = listed[1], listed[0]

    with pytest.raises(WordsInvalid):
        words.check(" ".join(listed))


def test_a_passphrase_makes_other_keys(phrase: str) -> None:
    path = "m/44'/60'/0'/0/0"

    assert hd.derive(words.seed(phrase), path) != hd.derive(words.seed(phrase, "x"), path)


def test_a_passphrase_that_is_no_text_is_refused_without_being_repeated(phrase: str) -> None:
    with pytest.raises(WordsInvalid) as refused:
        words.seed(phrase, "guess\udc80")

    assert "guess" not in str(refused.value)
