"""Who an envelope is from."""

from __future__ import annotations

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from wallet.identity import card as cards
from wallet.identity.person import Identity
from wallet.identity.secp256k1 import checksum
from wallet.identity.sender import sign_sender, verify_sender
from wallet.ports import Registry

CONTRACT, STUDY, GRANT, OTHER = (checksum(bytes([n]) * 20) for n in (0x22, 0x11, 0x33, 0x44))
REGISTRY = Registry(31337, CONTRACT)


def test_the_signature_is_that_of_eth_account(person: Identity) -> None:
    signable = encode_typed_data(
        domain_data={
            "name": "Rayfolio",
            "version": "1",
            "chainId": 31337,
            "verifyingContract": CONTRACT,
        },
        message_types={
            "Sender": [{"name": "study", "type": "address"}, {"name": "grantId", "type": "address"}]
        },
        message_data={"study": STUDY, "grantId": GRANT},
    )
    oracle = Account.from_key(person.account.secret).sign_message(signable)

    signature = sign_sender(person.account, REGISTRY, STUDY, GRANT)
    assert signature == bytes(oracle.signature)


def test_the_sender_is_known_by_the_card(person: Identity, stranger: Identity) -> None:
    signature = sign_sender(person.account, REGISTRY, STUDY, GRANT)

    assert verify_sender(cards.make(person, "A"), REGISTRY, STUDY, GRANT, signature)
    assert not verify_sender(cards.make(stranger, "A"), REGISTRY, STUDY, GRANT, signature)


@pytest.mark.parametrize(
    ("registry", "study", "grant"),
    [
        (Registry(1, CONTRACT), STUDY, GRANT),
        (Registry(31337, OTHER), STUDY, GRANT),
        (REGISTRY, OTHER, GRANT),
        (REGISTRY, STUDY, OTHER),
        (REGISTRY, GRANT, STUDY),
    ],
)
def test_a_signature_taken_to_another_place_says_nothing(
    person: Identity, registry: Registry, study, grant
) -> None:
    signature = sign_sender(person.account, REGISTRY, STUDY, GRANT)

    assert not verify_sender(cards.make(person, "A"), registry, study, grant, signature)


@pytest.mark.parametrize("signature", [b"", bytes(65), b"\x01" * 64 + b"\x1b"])
def test_what_is_no_signature_leaves_the_sender_unknown(person: Identity, signature: bytes) -> None:
    assert not verify_sender(cards.make(person, "A"), REGISTRY, STUDY, GRANT, signature)
