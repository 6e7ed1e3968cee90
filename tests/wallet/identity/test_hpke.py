"""Sealing to one reader, and a second reader of the same bytes that shares no HPKE code with it.

The second reader is here so that no change of a library can strand what was sealed: ML-KEM-768,
X25519, SHA3-256, HMAC and AES-GCM are enough to open everything.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from wallet.errors import NotForYou
from wallet.identity import hpke
from wallet.identity.hpke import ReceivingKey

VECTORS = Path(__file__).parents[2] / "vectors" / "hpke"
AEADS = {2: AESGCM, 3: ChaCha20Poly1305}
XWING = 0x647A
XWING_LABEL = bytes.fromhex("5c2e2f2f5e5c")

XWING_VECTORS = json.loads((VECTORS / "xwing-kem-1-2.json").read_text())
HPKE_PQ = [
    entry
    for entry in json.loads((VECTORS / "hpke-pq-even.json").read_text())
    if entry["kem_id"] == XWING
]
RFC_9180 = json.loads((VECTORS / "rfc9180-base-x25519-hkdf-sha256-aes-256-gcm.json").read_text())
OURS = json.loads((VECTORS / "rayfolio-sealed.json").read_text())


def raw(entry: dict[str, Any], name: str) -> bytes:
    return bytes.fromhex(entry[name])


# -- the second reader --------------------------------------------------------------------------


def xwing_open(seed: bytes, share: bytes) -> bytes:
    """Return the shared secret. Source: draft-connolly-cfrg-xwing-kem, section 5.4."""
    expanded = hashlib.shake_256(seed).digest(96)
    lattice = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    curve = X25519PrivateKey.from_private_bytes(expanded[64:])
    curve_share = share[1088:]
    both = lattice.decapsulate(share[:1088]) + curve.exchange(
        X25519PublicKey.from_public_bytes(curve_share)
    )
    told = both + curve_share + curve.public_key().public_bytes_raw()
    return hashlib.sha3_256(told + XWING_LABEL).digest()


def labeled_extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def labeled_expand(suite: bytes, secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    told = length.to_bytes(2) + b"HPKE-v1" + suite + label + info
    return hmac.digest(secret, told + b"\x01", "sha256")[:length]  # one block is enough for 32


def schedule(suite: bytes, shared: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Return key and nonce of base mode. Source: RFC 9180, section 5.1."""
    context = (
        b"\0"
        + labeled_extract(suite, b"", b"psk_id_hash", b"")
        + labeled_extract(suite, b"", b"info_hash", info)
    )
    secret = labeled_extract(suite, shared, b"secret", b"")
    return (
        labeled_expand(suite, secret, b"key", context, 32),
        labeled_expand(suite, secret, b"base_nonce", context, 12),
    )


def second_reader(seed: bytes, sealed: bytes, info: bytes) -> bytes:
    suite = b"HPKE" + hpke.SUITE
    key, nonce = schedule(suite, xwing_open(seed, sealed[:1120]), info)
    return AESGCM(key).decrypt(nonce, sealed[1120:], None)


# -- the second reader against the documents ----------------------------------------------------


@pytest.mark.parametrize("entry", XWING_VECTORS)
def test_the_second_reader_knows_x_wing(entry: dict[str, Any]) -> None:
    assert xwing_open(raw(entry, "sk"), raw(entry, "ct")) == raw(entry, "ss")


@pytest.mark.parametrize("entry", [*HPKE_PQ, RFC_9180])
def test_the_second_reader_knows_the_key_schedule(entry: dict[str, Any]) -> None:
    ids = (entry["kem_id"], entry["kdf_id"], entry["aead_id"])
    suite = b"HPKE" + b"".join(number.to_bytes(2) for number in ids)

    key, nonce = schedule(suite, raw(entry, "shared_secret"), raw(entry, "info"))

    assert (key, nonce) == (raw(entry, "key"), raw(entry, "base_nonce"))
    first = entry["encryptions"][0]
    opened = AEADS[entry["aead_id"]](key).decrypt(nonce, raw(first, "ct"), raw(first, "aad"))
    assert opened == raw(first, "pt")


@pytest.mark.parametrize("entry", HPKE_PQ)
def test_the_second_reader_opens_a_share_of_the_draft(entry: dict[str, Any]) -> None:
    assert xwing_open(raw(entry, "skRm"), raw(entry, "enc")) == raw(entry, "shared_secret")


def test_the_vectors_are_there() -> None:
    assert len(XWING_VECTORS) == 2
    assert len(HPKE_PQ) == 1


# -- ours ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "public"),
    [(entry["sk"], entry["pk"]) for entry in XWING_VECTORS]
    + [(entry["skRm"], entry["pkRm"]) for entry in HPKE_PQ],
)
def test_a_seed_makes_the_public_key_of_the_drafts(seed: str, public: str) -> None:
    assert ReceivingKey.from_seed(bytes.fromhex(seed)).public.hex() == public


def test_what_an_earlier_release_sealed_opens() -> None:
    key = ReceivingKey.from_seed(raw(OURS, "seed"))

    assert key.public == raw(OURS, "public")
    assert key.open(raw(OURS, "sealed"), raw(OURS, "info")) == raw(OURS, "plaintext")
    opened = second_reader(raw(OURS, "seed"), raw(OURS, "sealed"), raw(OURS, "info"))
    assert opened == raw(OURS, "plaintext")


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.binary(max_size=100))
def test_both_readers_open_what_was_sealed(seed: bytes, plaintext: bytes, info: bytes) -> None:
    key = ReceivingKey.from_seed(seed)
    sealed = hpke.seal(key.public, plaintext, info)

    assert key.open(sealed, info) == plaintext
    assert second_reader(seed, sealed, info) == plaintext
    assert len(sealed) == len(plaintext) + hpke.OVERHEAD


def test_the_suite_is_named_by_its_registered_numbers() -> None:
    assert hpke.SUITE.hex() == "647a00010002"


def test_another_persons_key_opens_nothing() -> None:
    sealed = hpke.seal(hpke.discarded_public(), b"secret", b"")

    with pytest.raises(NotForYou):
        ReceivingKey.from_seed(bytes(32)).open(sealed, b"")


def test_another_info_opens_nothing() -> None:
    key = ReceivingKey.from_seed(bytes(32))

    with pytest.raises(NotForYou):
        key.open(hpke.seal(key.public, b"secret", b"study 1"), b"study 2")


@pytest.mark.parametrize("position", [0, 1087, 1088, 1119, 1120, -1])
def test_a_flipped_byte_opens_nothing(position: int) -> None:
    key = ReceivingKey.from_seed(bytes(32))
    sealed = bytearray(hpke.seal(key.public, b"secret", b""))
    sealed[position] ^= 1

    with pytest.raises(NotForYou):
        key.open(bytes(sealed), b"")


@pytest.mark.parametrize("length", [0, 1, 1088, 1119, 1120, 1135, 1136])
def test_a_cut_object_opens_nothing(length: int) -> None:
    key = ReceivingKey.from_seed(bytes(32))

    with pytest.raises(NotForYou):
        key.open(hpke.seal(key.public, b"secret", b"")[:length], b"")


def test_a_share_of_low_order_opens_nothing() -> None:
    key = ReceivingKey.from_seed(bytes(32))
    sealed = hpke.seal(key.public, b"secret", b"")

    with pytest.raises(NotForYou):
        key.open(sealed[:1088] + bytes(32) + sealed[1120:], b"")


def test_keys_that_would_break_sealing_are_told_from_good_ones() -> None:
    good = hpke.discarded_public()

    assert hpke.is_public(good)
    assert not hpke.is_public(good[:-1])
    assert not hpke.is_public(good + b"\0")
    assert not hpke.is_public(good[:1184] + bytes(32))  # a point of low order
    assert not hpke.is_public(b"\xff" * 1184 + good[1184:])  # numbers beyond the modulus


def test_a_receiving_key_does_not_print_itself() -> None:
    assert repr(ReceivingKey.from_seed(bytes(32))) == "ReceivingKey()"
