"""The contact card, version 1: who somebody is, and the key that studies are sealed to for them.

    v           1
    version     1 to 2**63 - 1; of two cards of an account the higher one wins
    account     20 bytes
    receiving   1216 bytes (see hpke)
    generation  0 to 2**32 - 1, of the receiving key
    name        as told; at most 200 bytes of UTF-8 in NFC; empty on a published card
    signature   65 bytes: EIP-712, domain ("Rayfolio", "1"), by the account

Strict dag-cbor with exactly these keys: what decodes encodes to the same bytes.
As text: "rayfolio-card:" and base64url without padding.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import unicodedata
from dataclasses import dataclass, field

import libipld

from wallet.errors import CardInvalid, Damaged, RequestInvalid
from wallet.identity import hpke
from wallet.identity.person import Identity
from wallet.identity.secp256k1 import address_bytes, checksum, recover
from wallet.identity.typed_data import Struct, digest, domain
from wallet.identity.words import WORD_BITS, word_list
from wallet.ports import Address

SCHEME = "rayfolio-card:"
MAX_NAME_BYTES = 200
MAX_BYTES = 2048
SAFETY_WORDS = 8

_KEYS = {"v", "version", "account", "receiving", "generation", "name", "signature"}
_SAFETY = b"rayfolio/1/safety\0"
_CARD = Struct(
    "Card",
    (
        ("uint64", "version"),
        ("address", "account"),
        ("bytes", "receiving"),
        ("uint32", "generation"),
        ("string", "name"),
    ),
)
_UNSEEN = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Card:
    """A card whose signature holds: only `make` and `decode` return one."""

    version: int
    account: Address
    receiving: bytes = field(repr=False)
    generation: int
    name: str = field(repr=False)
    signature: bytes = field(repr=False)

    def encode(self) -> bytes:
        """Return the one encoding of this card."""
        return bytes(
            libipld.encode_dag_cbor(
                {
                    "v": 1,
                    "version": self.version,
                    "account": address_bytes(self.account),
                    "receiving": self.receiving,
                    "generation": self.generation,
                    "name": self.name,
                    "signature": self.signature,
                }
            )
        )


def make(identity: Identity, name: str, version: int = 1, generation: int = 0) -> Card:
    """Return a signed card of one's own. Without a name it may be published.

    Raises: RequestInvalid if others would not accept the name.
    """
    name = check_name(name)
    account, receiving = identity.account, identity.receiving(generation).public
    unsigned = Card(version, account.address, receiving, generation, name, b"")
    if not _is_in_range(unsigned):
        raise ValueError("a card's version or generation is out of range")
    return Card(
        version, account.address, receiving, generation, name, account.sign(_digest(unsigned))
    )


def decode(data: bytes) -> Card:
    """Read somebody's card and check all of it.

    Raises: CardInvalid.
    """
    card = _parse(data)
    _check_fields(card)
    if card.encode() != data:
        raise CardInvalid("it is not written as a card is")
    try:
        signed_by = recover(_digest(card), card.signature)
    except Damaged:
        raise CardInvalid("its signature is damaged") from None
    if signed_by != card.account:
        raise CardInvalid("its signature is not of its account")
    if not hpke.is_public(card.receiving):
        raise CardInvalid("nothing can be sealed to its key")
    return card


def to_text(card: Card) -> str:
    """Return a card as one line of text, for a message or a QR code."""
    return SCHEME + base64.urlsafe_b64encode(card.encode()).decode().rstrip("=")


def from_text(text: str) -> Card:
    """Read a card that `to_text` wrote; line breaks that a mail put in do no harm.

    Raises: CardInvalid.
    """
    joined = "".join(text.split())
    body = joined.removeprefix(SCHEME)
    if body == joined:
        raise CardInvalid(f"it does not begin with {SCHEME}")
    try:
        data = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise CardInvalid("it is cut or has foreign characters") from None
    card = decode(data)
    if to_text(card) != joined:
        raise CardInvalid("it is not written as a card is")
    return card


def check_name(name: str) -> str:
    """Return one's own name as a card tells it.

    Raises: RequestInvalid if others would not accept it.
    """
    plain = unicodedata.normalize("NFC", name.strip())
    if fault := _fault(plain):
        raise RequestInvalid(f"This name cannot be used: {fault}")
    return plain


def safety_code(card: Card) -> str:
    """Return 8 words (88 bits) that two people compare by voice, whatever the name says."""
    told = _SAFETY + address_bytes(card.account) + card.receiving
    number = int.from_bytes(hashlib.sha256(told).digest()[: SAFETY_WORDS * WORD_BITS // 8])
    shifts = range((SAFETY_WORDS - 1) * WORD_BITS, -1, -WORD_BITS)
    return " ".join(word_list()[number >> shift & (1 << WORD_BITS) - 1] for shift in shifts)


def grantee_digest(receiving: bytes) -> bytes:
    """Return what the terms of a grant call its reader: SHA-256 of the receiving public key."""
    return hashlib.sha256(receiving).digest()


def _parse(data: bytes) -> Card:
    if len(data) > MAX_BYTES:
        raise CardInvalid("it is too long")
    try:
        told = libipld.decode_dag_cbor(data)
    except (ValueError, RecursionError):
        raise CardInvalid("it is cut or damaged") from None
    if not isinstance(told, dict) or told.keys() != _KEYS:
        raise CardInvalid("it has other fields than a card")
    if told["v"] != 1:
        raise CardInvalid("it is of another version of Rayfolio")
    kinds = {"version": int, "account": bytes, "receiving": bytes, "generation": int, "name": str}
    if any(type(told[key]) is not kind for key, kind in {**kinds, "signature": bytes}.items()):
        raise CardInvalid("a field is of another kind")
    if len(told["account"]) != 20:
        raise CardInvalid("its account is not an address")
    return Card(
        told["version"],
        checksum(told["account"]),
        told["receiving"],
        told["generation"],
        told["name"],
        told["signature"],
    )


def _check_fields(card: Card) -> None:
    if not _is_in_range(card):
        raise CardInvalid("its version is out of range")
    if len(card.receiving) != hpke.PUBLIC_LENGTH:
        raise CardInvalid("its key has another length")
    if card.name != unicodedata.normalize("NFC", card.name.strip()):
        raise CardInvalid("the name is not in its plain form")
    if fault := _fault(card.name):
        raise CardInvalid(fault)


def _is_in_range(card: Card) -> bool:
    return 0 < card.version < 1 << 63 and 0 <= card.generation < 1 << 32


def _fault(name: str) -> str:
    if any(c in _TURNING or unicodedata.category(c) in _UNSEEN for c in name):
        return "the name has characters that are not seen"
    if len(name.encode()) > MAX_NAME_BYTES:
        return f"the name is longer than {MAX_NAME_BYTES} bytes"
    return ""


def _digest(card: Card) -> bytes:
    told = _CARD.digest(
        {
            "version": card.version,
            "account": card.account,
            "receiving": card.receiving,
            "generation": card.generation,
            "name": card.name,
        }
    )
    return digest(domain(), told)
