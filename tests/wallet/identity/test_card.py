"""Contact cards: what is accepted, and the many that are not."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import libipld
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from wallet.errors import CardInvalid, RequestInvalid
from wallet.identity import card as cards
from wallet.identity.card import Card
from wallet.identity.person import Identity
from wallet.identity.words import word_list

TYPES = {
    "EIP712Domain": [{"name": "name", "type": "string"}, {"name": "version", "type": "string"}],
    "Card": [
        {"name": "version", "type": "uint64"},
        {"name": "account", "type": "address"},
        {"name": "receiving", "type": "bytes"},
        {"name": "generation", "type": "uint32"},
        {"name": "name", "type": "string"},
    ],
}


@pytest.fixture(scope="module")
def card(person: Identity) -> Card:
    return cards.make(person, "Zoë Ärztin", version=3, generation=1)


def told(card: Card) -> dict[str, Any]:
    fields = libipld.decode_dag_cbor(card.encode())
    assert isinstance(fields, dict)
    return fields


def signed_anew(card: Card, person: Identity, **changed: Any) -> bytes:
    """Return a card as somebody would write it who keeps no rule but can sign."""
    unsigned = dataclasses.replace(card, **changed)
    signature = person.account.sign(cards._digest(unsigned))
    return dataclasses.replace(unsigned, signature=signature).encode()


def test_a_card_reads_back_from_bytes_and_text(card: Card) -> None:
    assert cards.decode(card.encode()) == card
    assert cards.from_text(cards.to_text(card)) == card


def test_a_card_names_account_key_and_generation(card: Card, person: Identity) -> None:
    assert card.account == person.account.address
    assert card.receiving == person.receiving(1).public
    assert (card.version, card.generation, card.name) == (3, 1, "Zoë Ärztin")


def test_the_signature_is_that_of_eth_account(card: Card, person: Identity) -> None:
    message = {
        "types": TYPES,
        "primaryType": "Card",
        "domain": {"name": "Rayfolio", "version": "1"},
        "message": {
            "version": card.version,
            "account": card.account,
            "receiving": card.receiving,
            "generation": card.generation,
            "name": card.name,
        },
    }
    signable = encode_typed_data(full_message=message)

    oracle = Account.from_key(person.account.secret).sign_message(signable)
    assert card.signature == bytes(oracle.signature)


def test_a_published_card_carries_no_name(person: Identity) -> None:
    assert cards.decode(cards.make(person, "").encode()).name == ""


def test_a_card_travels_through_a_mail_that_breaks_lines(card: Card) -> None:
    text = cards.to_text(card)
    broken = "\r\n ".join(text[at : at + 76] for at in range(0, len(text), 76))

    assert cards.from_text(f"\n{broken}\n") == card


def test_a_card_fits_a_qr_code(person: Identity) -> None:
    longest = cards.make(person, "é" * 100, version=(1 << 63) - 1, generation=(1 << 32) - 1)

    assert len(cards.to_text(longest)) <= 2953  # version 40, correction level L, bytes
    assert cards.decode(longest.encode()) == longest


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("v", 2),
        ("v", True),
        ("version", 0),
        ("version", True),
        ("version", 4),
        ("version", 1 << 63),
        ("version", "3"),
        ("account", bytes(20)),
        ("account", bytes(19)),
        ("account", "0x"),
        ("receiving", bytes(1216)),
        ("receiving", bytes(1215)),
        ("generation", -1),
        ("generation", 2),
        ("generation", 1 << 32),
        ("name", "Zoë"),
        ("name", None),
        ("signature", bytes(65)),
        ("signature", bytes(64)),
        ("signature", b""),
        ("other", 1),
    ],
)
def test_a_changed_field_is_refused(card: Card, field: str, value: object) -> None:
    with pytest.raises(CardInvalid):
        cards.decode(libipld.encode_dag_cbor(told(card) | {field: value}))


@pytest.mark.parametrize("field", sorted(cards._KEYS))
def test_a_missing_field_is_refused(card: Card, field: str) -> None:
    rest = {name: value for name, value in told(card).items() if name != field}

    with pytest.raises(CardInvalid):
        cards.decode(libipld.encode_dag_cbor(rest))


def test_a_card_signed_by_another_account_is_refused(card: Card, stranger: Identity) -> None:
    with pytest.raises(CardInvalid, match="not of its account"):
        cards.decode(signed_anew(card, stranger))


def test_a_key_swapped_under_a_card_is_refused(card: Card, stranger: Identity) -> None:
    swapped = dataclasses.replace(card, receiving=stranger.receiving().public)

    with pytest.raises(CardInvalid, match="not of its account"):
        cards.decode(swapped.encode())


def test_a_key_that_would_break_every_later_sealing_is_refused(
    card: Card, person: Identity
) -> None:
    low_order = card.receiving[:1184] + bytes(32)

    with pytest.raises(CardInvalid, match="nothing can be sealed"):
        cards.decode(signed_anew(card, person, receiving=low_order))


@pytest.mark.parametrize(
    "name",
    [
        "a" * 201,
        "e\u0301",
        " Zoë",
        "Zoë\n",
        "Dr.\x00",
        "\u202eeoZ",
        "Zoë\u2066",
        "a\u2028b",
        "\ue000",
    ],
)
def test_a_name_that_could_mislead_is_refused(card: Card, person: Identity, name: str) -> None:
    with pytest.raises(CardInvalid):
        cards.decode(signed_anew(card, person, name=name))


@pytest.mark.parametrize("name", ["a" * 201, "\u202eeoZ", "a\nb", "\udc80"])
def test_a_name_that_others_refuse_is_refused_when_made(person: Identity, name: str) -> None:
    with pytest.raises(RequestInvalid):
        cards.make(person, name)


@pytest.mark.parametrize(("version", "generation"), [(0, 0), (1 << 63, 0), (1, -1), (1, 1 << 32)])
def test_a_version_out_of_range_is_our_own_mistake(
    person: Identity, version: int, generation: int
) -> None:
    with pytest.raises(ValueError, match="range"):
        cards.make(person, "A", version, generation)


@pytest.mark.parametrize("name", ["  Zoë ", "Zoe\u0308", "می\u200cخواهم", "王小明", "👩\u200d⚕️"])
def test_names_of_the_world_are_taken(person: Identity, name: str) -> None:
    assert cards.decode(cards.make(person, name).encode()).name


def test_bytes_written_in_another_way_are_refused(card: Card) -> None:
    data = card.encode()
    longer = data.replace(b"\x61v\x01", b"\x61v\x18\x01")
    assert longer != data

    for foreign in (longer, data + b"\0", data[:-1], b"\xbf" + data[1:] + b"\xff"):
        with pytest.raises(CardInvalid):
            cards.decode(foreign)


@pytest.mark.parametrize(
    "data", [b"", b"\xf6", b"\x80", b"\x81" * 2000, b"\x5b" + b"\xff" * 8, bytes(1 << 20)]
)
def test_what_is_no_card_is_refused(data: bytes) -> None:
    with pytest.raises(CardInvalid):
        cards.decode(data)


@given(st.binary(max_size=300))
def test_no_bytes_make_decoding_fail_otherwise(data: bytes) -> None:
    with pytest.raises(CardInvalid):
        cards.decode(data)


@given(st.data())
def test_a_flipped_bit_is_refused(card: Card, data: st.DataObject) -> None:
    encoded = bytearray(card.encode())
    encoded[data.draw(st.integers(0, len(encoded) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(CardInvalid):
        cards.decode(bytes(encoded))


def test_text_that_is_no_card_is_refused(card: Card) -> None:
    text = cards.to_text(card)
    foreign = [
        "",
        cards.SCHEME,
        text[1:],
        text[:-1],
        text + "=",
        text + "A",
        text.replace(cards.SCHEME, "rayfolio:"),
        cards.SCHEME + "é" + text[len(cards.SCHEME) :],
        text.translate(str.maketrans("-_", "+/")),
    ]
    for other in foreign:
        with pytest.raises(CardInvalid):
            cards.from_text(other)


def test_the_safety_code_is_8_words_over_account_and_key(card: Card) -> None:
    account = bytes.fromhex(card.account[2:])
    hashed = hashlib.sha256(b"rayfolio/1/safety\0" + account + card.receiving).digest()
    bits = "".join(f"{byte:08b}" for byte in hashed)[:88]
    expected = [word_list()[int(bits[at : at + 11], 2)] for at in range(0, 88, 11)]

    assert cards.safety_code(card).split() == expected


def test_the_safety_code_does_not_depend_on_what_the_name_says(
    card: Card, person: Identity, stranger: Identity
) -> None:
    renamed = cards.make(person, "Somebody", version=9, generation=1)
    impostor = cards.make(stranger, card.name, version=3, generation=1)

    assert cards.safety_code(renamed) == cards.safety_code(card)
    assert cards.safety_code(impostor) != cards.safety_code(card)


def test_a_card_does_not_print_the_name(card: Card) -> None:
    assert "Zoë" not in repr(card)


def test_a_grantee_is_the_digest_of_the_receiving_key(card: Card) -> None:
    assert cards.grantee_digest(card.receiving) == hashlib.sha256(card.receiving).digest()
