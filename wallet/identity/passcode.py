"""Passcodes that protect a link: five BIP-39 words (55 bits), told by another way than the link."""

from __future__ import annotations

import secrets
import unicodedata

from wallet.identity.words import word_list

WORDS = 5


def generate() -> str:
    """Return a new passcode, such as "apple-river-..."."""
    return "-".join(secrets.choice(word_list()) for _ in range(WORDS))


def typed(text: str) -> str:
    """Return a passcode as it was generated, however its words were typed; others as they are."""
    words = unicodedata.normalize("NFKC", text).lower().replace("-", " ").split()
    known = frozenset(word_list())
    return "-".join(words) if words and known.issuperset(words) else text.strip()
