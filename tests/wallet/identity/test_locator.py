"""Masking a head's digest into its word."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.identity import locator
from wallet.identity.secp256k1 import checksum
from wallet.ports import Word

KEY = bytes(range(64))
STUDY = checksum(b"\x11" * 20)
DIGEST = hashlib.sha256(b"abc").digest()
WORD = bytes.fromhex("508d8474815d392a3dceb7451fc11cdf12f32a0750fe9dc161b3608799c4d356")


def test_the_known_answer_of_the_format_holds() -> None:
    assert locator.mask(KEY, STUDY, DIGEST) == WORD
    assert locator.unmask(KEY, STUDY, Word(WORD)) == DIGEST


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=20, max_size=20))
def test_what_is_masked_unmasks(digest: bytes, study: bytes) -> None:
    word = locator.mask(KEY, checksum(study), digest)

    assert locator.unmask(KEY, checksum(study), word) == digest


def test_another_study_or_key_gives_another_word() -> None:
    assert locator.mask(KEY, checksum(bytes(20)), DIGEST) != WORD
    assert locator.mask(KEY[::-1], STUDY, DIGEST) != WORD


@pytest.mark.parametrize(("key", "digest"), [(KEY[:32], DIGEST), (KEY, DIGEST[:31]), (KEY, b"")])
def test_other_lengths_are_refused(key: bytes, digest: bytes) -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        locator.mask(key, STUDY, digest)
