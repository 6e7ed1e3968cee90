"""The keys of a person: right by an oracle, apart from each other, the same for ever."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from eth_account import Account

from wallet.errors import PasscodeMissing
from wallet.identity import words
from wallet.identity.hpke import ReceivingKey
from wallet.identity.person import PAYER_DEVICES, Identity, link_receiving
from wallet.identity.secp256k1 import address_bytes, checksum
from wallet.ports import Registry

CONTRACT = checksum(b"\x22" * 20)
STUDY = checksum(b"\x11" * 20)
SECRET = bytes(range(32))


def hkdf(ikm: bytes, info: bytes, length: int = 32) -> bytes:
    """Return HKDF-SHA256 without salt, written out. Source: RFC 5869."""
    prk, out, block = hmac.digest(bytes(32), ikm, "sha256"), b"", b""
    for count in range(1, 3):
        block = hmac.digest(prk, block + info + bytes([count]), "sha256")
        out += block
    return out[:length]


@pytest.mark.parametrize(
    ("path", "of"),
    [
        ("m/44'/60'/0'/0/0", lambda person: person.account),
        ("m/44'/60'/0'/0/1", lambda person: person.payer(0)),
        ("m/44'/60'/0'/0/2147483647", lambda person: person.payer(PAYER_DEVICES - 1)),
        ("m/7270'/60'/1'/0'/0'", lambda person: person.study(0)),
        ("m/7270'/60'/1'/0'/99'", lambda person: person.study(99)),
    ],
)
def test_any_ethereum_wallet_finds_the_same_keys(path, of, phrase: str, person: Identity) -> None:
    Account.enable_unaudited_hdwallet_features()
    oracle = Account.from_mnemonic(phrase, account_path=path)

    assert of(person).address == oracle.address
    assert of(person).secret == bytes(oracle.key)


def test_a_device_beyond_the_range_is_refused(person: Identity) -> None:
    with pytest.raises(ValueError, match="path"):
        person.payer(PAYER_DEVICES)


def test_derived_keys_are_those_of_the_format(person: Identity) -> None:
    place = (31337).to_bytes(8) + b"\x22" * 20 + b"\x11" * 20
    locator_key = hkdf(person.seed, b"rayfolio/1/locate/0\0" + place, 64)

    assert person.self_key() == hkdf(person.seed, b"rayfolio/1/self/0\0")
    assert person.self_key(12) == hkdf(person.seed, b"rayfolio/1/self/12\0")
    assert person.locator_key(Registry(31337, CONTRACT), STUDY) == locator_key


def test_the_curve_half_of_a_receiving_key_is_that_of_the_format(person: Identity) -> None:
    for generation in (0, 3):
        seed = hkdf(person.seed, b"rayfolio/1/receive/%d\0" % generation)
        curve = X25519PrivateKey.from_private_bytes(hashlib.shake_256(seed).digest(96)[64:])

        public = person.receiving(generation).public
        assert public[1184:] == curve.public_key().public_bytes_raw()


def test_keys_of_different_purposes_differ(person: Identity) -> None:
    registry, other = Registry(1, CONTRACT), Registry(2, CONTRACT)
    keys = [
        person.account.secret,
        *(person.payer(device).secret for device in range(3)),
        *(person.study(index).secret for index in range(3)),
        *(person.self_key(generation) for generation in range(3)),
        *(person.receiving(generation).public for generation in range(3)),
        person.locator_key(registry, STUDY),
        person.locator_key(other, STUDY),
        person.locator_key(registry, CONTRACT),
        person.locator_key(Registry(1, STUDY), STUDY),
    ]

    assert len(set(keys)) == len(keys)


def test_the_keys_of_this_release_never_change(person: Identity) -> None:
    told = b"".join(
        [
            address_bytes(person.account.address),
            address_bytes(person.study(0).address),
            person.self_key(),
            person.receiving().public,
            person.locator_key(Registry(31337, CONTRACT), STUDY),
            link_receiving(SECRET, None).public,
            link_receiving(SECRET, "apple-river").public,
        ]
    )

    assert hashlib.sha256(told).hexdigest() == (
        "d8a0c0f6eb1cb850f1996fac27687e92bf04cdb9282de8fd0eee4bcf631ce1e5"
    )


def test_the_identity_of_a_link_is_that_of_the_format() -> None:
    salt = hashlib.sha256(b"rayfolio/1/passcode\0" + SECRET).digest()[:16]
    argon = Argon2id(salt=salt, length=32, iterations=3, lanes=1, memory_cost=65536)

    for passcode, hardened in ((None, b""), ("é-x", argon.derive("é-x".encode()))):
        seed = hkdf(SECRET + hardened, b"rayfolio/1/link/0\0")
        assert link_receiving(SECRET, passcode).public == ReceivingKey.from_seed(seed).public


def test_a_link_without_passcode_is_its_secret_alone() -> None:
    one, two = link_receiving(SECRET, None), link_receiving(bytes(32), None)

    assert one.public == link_receiving(SECRET, None).public
    assert one.public != two.public


def test_a_passcode_makes_another_key_and_compatible_characters_the_same() -> None:
    plain, full_width = link_receiving(SECRET, "apple"), link_receiving(SECRET, "ａｐｐｌｅ")

    assert plain.public == full_width.public
    assert plain.public != link_receiving(SECRET, None).public


def test_an_empty_passcode_is_asked_for_again() -> None:
    with pytest.raises(PasscodeMissing):
        link_receiving(SECRET, "")


def test_a_person_does_not_print_the_seed(person: Identity) -> None:
    assert repr(person) == "Identity()"


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        Identity(words.seed("abandon")[:32])
