"""The recovery words: BIP-39, English, 24 words when made here and 12 to 24 when brought along."""

from __future__ import annotations

import functools
import unicodedata

from mnemonic import Mnemonic

from wallet.errors import WordsInvalid

STRENGTH_BITS = 256
COUNTS = (12, 15, 18, 21, 24)
WORD_BITS = 11


@functools.cache
def _english() -> Mnemonic:
    return Mnemonic("english")


@functools.cache
def word_list() -> tuple[str, ...]:
    """Return the 2,048 English words in order."""
    return tuple(_english().wordlist)


def generate() -> str:
    """Return 24 new words."""
    words: str = _english().generate(STRENGTH_BITS)
    return words


def check(text: str) -> str:
    """Return the words in lower case with single spaces. Names positions, never words.

    Raises: WordsInvalid.
    """
    words = unicodedata.normalize("NFKD", text).lower().split()
    if len(words) not in COUNTS:
        raise WordsInvalid(f"there are {len(words)} words, not 12, 15, 18, 21 or 24")
    known = frozenset(word_list())
    unknown = [str(at) for at, word in enumerate(words, 1) if word not in known]
    if unknown:
        raise WordsInvalid(f"not in the list is word number {', '.join(unknown)}")
    phrase = " ".join(words)
    if not _english().check(phrase):
        raise WordsInvalid("each word exists, but together they do not fit")
    return phrase


def seed(words: str, passphrase: str = "") -> bytes:
    """Return the 64-byte seed of a phrase that `check` or `generate` returned.

    Source: BIP-39. Raises: WordsInvalid if the passphrase is no text.
    """
    try:
        return bytes(Mnemonic.to_seed(words, passphrase))
    except UnicodeEncodeError:
        raise WordsInvalid("their passphrase has characters that are no text") from None
