"""Sealed objects, runs and padding."""

from __future__ import annotations

import hmac

import pytest
import second_reader
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from wallet.container.padding import padme
from wallet.container.sealing import (
    OBJECT_OVERHEAD,
    Codec,
    Epoch,
    Kind,
    OpenRun,
    Run,
    open_object,
    seal_object,
    series_key,
)
from wallet.errors import Damaged

KEY = bytes(range(32))
EPOCH = Epoch(bytes(range(16)), 5)


def rfc5869(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    prk = hmac.digest(salt, secret, "sha256")
    out = block = b""
    for number in range(1, -(-length // 32) + 1):
        block = hmac.digest(prk, block + info + bytes([number]), "sha256")
        out += block
    return out[:length]


# -- padding ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "padded"),
    [(0, 0), (1, 1), (2, 2), (3, 3), (7, 7), (8, 8), (9, 10), (100, 104), (1000, 1024),
     (262_145, 270_336), (1 << 28, 1 << 28), ((1 << 28) - 1, 1 << 28)],
)  # fmt: skip
def test_padme_of_known_lengths(length, padded):
    assert padme(length) == padded


@given(st.integers(1, 1 << 40))
def test_padme_adds_little_and_settles(length):
    padded = padme(length)
    assert length <= padded <= length * 1.12 + 1
    assert padme(padded) == padded == second_reader.padme(length)


def test_padme_leaves_few_lengths():
    assert len({padme(length) for length in range(1, 1 << 16)}) < 500


# -- objects ----------------------------------------------------------------------------------


@given(st.binary(max_size=300), st.sampled_from(Kind))
def test_a_sealed_object_opens_here_and_in_the_second_reader(payload, kind):
    sealed = seal_object(KEY, kind, EPOCH, payload)
    assert open_object(KEY, kind, EPOCH, sealed) == payload
    generation = second_reader.Generation(EPOCH.container, EPOCH.epoch)
    assert second_reader.open_object(KEY, kind, generation, sealed) == payload
    assert len(sealed) == OBJECT_OVERHEAD + padme(4 + len(payload))


def test_key_and_commitment_are_what_the_format_says():
    run = Run(KEY, EPOCH)
    info = b"rayfolio/1/object\0\x01" + EPOCH.container + b"\0\0\0\x05"
    assert rfc5869(KEY, run.salt, info, 64)[32:] == run.commitment
    wanted = rfc5869(KEY, bytes(16), b"rayfolio/1/series\0" + b"s" * 16, 32)
    assert series_key(KEY, bytes(16), b"s" * 16) == wanted


def test_any_flipped_bit_of_an_object_is_damage():
    sealed = seal_object(KEY, Kind.SELF, EPOCH, b"what only the patient reads")
    for at in range(len(sealed)):
        broken = bytearray(sealed)
        broken[at] ^= 1 << at % 8
        with pytest.raises(Damaged):
            open_object(KEY, Kind.SELF, EPOCH, bytes(broken))


def test_any_cut_of_an_object_is_damage():
    sealed = seal_object(KEY, Kind.SELF, EPOCH, b"what only the patient reads")
    for length in range(len(sealed)):
        with pytest.raises(Damaged):
            open_object(KEY, Kind.SELF, EPOCH, sealed[:length])
    with pytest.raises(Damaged):
        open_object(KEY, Kind.SELF, EPOCH, sealed + b"\0")


def test_an_object_opens_only_as_what_it_was_sealed_as():
    sealed = seal_object(KEY, Kind.INDEX, EPOCH, b"rows")
    others = [
        (KEY[::-1], Kind.INDEX, EPOCH),
        (KEY, Kind.PREVIEW, EPOCH),
        (KEY, Kind.INDEX, Epoch(EPOCH.container, 6)),
        (KEY, Kind.INDEX, Epoch(bytes(16), 5)),
    ]
    for key, kind, epoch in others:
        with pytest.raises(Damaged):
            open_object(key, kind, epoch, sealed)


def test_padding_that_hides_something_is_damage(monkeypatch):
    monkeypatch.setattr("wallet.container.sealing.padme", lambda length: length + 50)
    sealed = seal_object(KEY, Kind.SELF, EPOCH, b"x" * 100)
    monkeypatch.undo()
    with pytest.raises(Damaged):
        open_object(KEY, Kind.SELF, EPOCH, sealed)


@pytest.mark.parametrize(
    "padded", [b"\0\0\0\x01x\0\0\x01", b"\0\0\0\x05xxxx", b"\xff\xff\xff\xffxxxx", b"\0\0\0\x09x"]
)
def test_padding_that_is_not_zeros_or_a_length_that_is_not_there_is_damage(padded):
    run = Run(KEY, EPOCH)  # only for a salt and the key that comes of it
    both = rfc5869(KEY, run.salt, b"rayfolio/1/object\0\x03" + EPOCH.encode(), 64)
    associated = b"rayfolio/1/segment\0\x03" + EPOCH.encode() + bytes(9)
    associated += len(padded).to_bytes(8, "big")
    ciphertext = AESGCM(both[:32]).encrypt(bytes(12), padded, associated)
    with pytest.raises(Damaged):
        open_object(KEY, Kind.SELF, EPOCH, run.salt + both[32:] + ciphertext)


def test_no_salt_comes_twice():
    objects = {seal_object(KEY, Kind.SELF, EPOCH, b"same")[:32] for _ in range(500)}
    runs = {Run(KEY, EPOCH).salt for _ in range(500)}
    assert len(objects | runs) == 1000


# -- runs -------------------------------------------------------------------------------------


def test_segments_count_so_the_same_plaintext_is_never_sealed_the_same():
    run = Run(KEY, EPOCH)
    sealed = [run.seal(b"slice", Codec.RAW, 5) for _ in range(4)]
    assert len(set(sealed)) == 4
    again = OpenRun.of(KEY, EPOCH, run.salt, run.commitment)
    for number, each in enumerate(sealed):
        assert again.open(each, number, Codec.RAW, 5) == b"slice"


def test_swapped_segments_are_damage():
    run = Run(KEY, EPOCH)
    first, second = run.seal(b"first", Codec.RAW, 5), run.seal(b"second", Codec.RAW, 6)
    again = OpenRun.of(KEY, EPOCH, run.salt, run.commitment)
    for sealed, number, codec, length in [
        (second, 0, Codec.RAW, 6),
        (first, 1, Codec.RAW, 5),
        (first, 0, Codec.ZSTD, 5),
        (first, 0, Codec.RAW, 6),
        (first[:-1], 0, Codec.RAW, 5),
        (first + b"\0", 0, Codec.RAW, 5),
        (b"", 0, Codec.RAW, 5),
    ]:
        with pytest.raises(Damaged):
            again.open(sealed, number, codec, length)


def test_a_segment_of_another_run_is_damage():
    one, other = Run(KEY, EPOCH), Run(KEY, EPOCH)
    sealed = one.seal(b"slice", Codec.RAW, 5)
    with pytest.raises(Damaged):
        OpenRun.of(KEY, EPOCH, other.salt, other.commitment).open(sealed, 0, Codec.RAW, 5)
    with pytest.raises(Damaged):
        OpenRun.of(KEY, EPOCH, one.salt, other.commitment)


def test_a_segment_is_bounded():
    run = Run(KEY, EPOCH)
    for plain, length in [(b"", 0), (b"x", (64 << 20) + 1), (b"xy", 1)]:
        with pytest.raises(ValueError):
            run.seal(plain, Codec.RAW, length)


def test_keys_are_in_no_repr():
    run = Run(KEY, EPOCH)
    opened = OpenRun.of(KEY, EPOCH, run.salt, run.commitment)
    for shown in (repr(run), repr(opened)):
        assert repr(KEY)[2:-1] not in shown
        assert KEY.hex() not in shown


def test_what_cannot_be_a_key_is_our_own_mistake():
    for call in (
        lambda: series_key(b"", bytes(16), bytes(16)),
        lambda: seal_object(b"short", Kind.SELF, EPOCH, b""),
        lambda: Epoch(b"", 0),
        lambda: Epoch(bytes(16), 1 << 32),
    ):
        with pytest.raises(ValueError):
            call()


def test_the_oracle_for_hkdf_agrees_with_rfc_5869():
    secret, salt = b"\x0b" * 22, bytes(range(13))
    info = bytes(range(0xF0, 0xFA))
    wanted = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    assert rfc5869(secret, salt, info, 42).hex() == wanted
