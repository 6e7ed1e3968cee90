"""One fixed person, and somebody else."""

from __future__ import annotations

import pytest

from wallet.identity import words
from wallet.identity.person import Identity

PHRASE = "abandon " * 23 + "art"


@pytest.fixture(scope="session")
def phrase() -> str:
    return PHRASE


@pytest.fixture(scope="session")
def person() -> Identity:
    return Identity(words.seed(PHRASE))


@pytest.fixture(scope="session")
def stranger() -> Identity:
    return Identity(words.seed(PHRASE, "somebody else"))
