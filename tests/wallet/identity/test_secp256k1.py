"""Addresses and signatures, with eth-account as the oracle."""

from __future__ import annotations

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from wallet.errors import Damaged, RequestInvalid
from wallet.identity.secp256k1 import ORDER, Key, checksum, keccak, parse_address, recover
from wallet.ports import Signer

secrets_32 = st.integers(1, ORDER - 1).map(lambda number: number.to_bytes(32))
digests = st.binary(min_size=32, max_size=32)
DIGEST = keccak(b"what is signed")


def test_keccak_is_the_one_of_ethereum() -> None:
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak(b"").hex() == empty


@given(secrets_32, digests)
def test_addresses_and_signatures_are_those_of_eth_account(secret: bytes, digest: bytes) -> None:
    key, oracle = Key(secret), Account.from_key(secret)

    signature = key.sign(digest)

    assert key.address == oracle.address
    assert signature == bytes(oracle.unsafe_sign_hash(digest).signature)
    assert recover(digest, signature) == key.address


@given(secrets_32, digests, digests)
def test_a_signature_names_nobody_over_another_digest(
    secret: bytes, one: bytes, two: bytes
) -> None:
    key = Key(secret)
    try:
        named = recover(two, key.sign(one))
    except Damaged:
        return
    assert (named == key.address) == (one == two)


def test_a_signature_turned_to_high_s_is_refused() -> None:
    signature = Key.random().sign(DIGEST)
    high = (ORDER - int.from_bytes(signature[32:64])).to_bytes(32)

    with pytest.raises(Damaged):
        recover(DIGEST, signature[:32] + high + bytes([55 - signature[64]]))


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        bytes(65),
        bytes(64) + b"\x1b",
        b"\x01" * 64,
        b"\x01" * 64 + b"\x00",
        b"\x01" * 64 + b"\x1d",
        b"\x01" * 66,
        b"\xff" * 32 + b"\x01" * 32 + b"\x1b",
        b"\x01" * 32 + bytes(32) + b"\x1b",
    ],
)
def test_what_is_no_signature_is_refused(signature: bytes) -> None:
    with pytest.raises(Damaged):
        recover(DIGEST, signature)


@given(st.binary(min_size=20, max_size=20))
def test_what_is_written_as_an_address_reads_back(address20: bytes) -> None:
    assert parse_address(checksum(address20)) == checksum(address20)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0x",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed00",
        "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Be Aed",
        "0xzaAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    ],
)
def test_a_mistyped_address_is_refused(text: str) -> None:
    with pytest.raises(RequestInvalid):
        parse_address(text)


def test_the_example_of_eip_55_is_accepted() -> None:
    parse_address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")


def test_a_key_does_not_print_its_secret() -> None:
    key = Key.random()

    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)


def test_a_key_is_a_signer() -> None:
    signer: Signer = Key.random()
    assert len(signer.sign(DIGEST)) == 65


@pytest.mark.parametrize("secret", [bytes(32), ORDER.to_bytes(32), b"\x01" * 31, b"\x01" * 33])
def test_what_is_no_key_is_refused(secret: bytes) -> None:
    with pytest.raises(ValueError):
        Key(secret)


@pytest.mark.parametrize("digest", [b"", bytes(31), bytes(33)])
def test_only_digests_are_signed(digest: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Key.random().sign(digest)
    with pytest.raises(ValueError, match="32 bytes"):
        recover(digest, bytes(65))
