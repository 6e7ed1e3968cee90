"""Envelopes: the keys and terms of each grant, sealed to its grantee, among dummies.

    grants      = u32 length of a sealed envelope || sealed envelopes, 4 to 1,024 (a power of two)
    sealed      = HPKE base mode, no associated data, of u32 length || map || zeros up to the bucket
    bucket      = one for all of a head: 4, 8, 16 ... 256 KiB
    info        = "rayfolio/1/envelope\\0" || u64 chain id || contract[20] || study[20]
                  || container[16] || u32 epoch
    commitment  = SHA-256("rayfolio/1/terms\\0" || salt[32] || dag-cbor of the terms)

A dummy is a real HPKE seal of a bucket of random bytes to a key that nobody has. All are sealed
and shuffled anew for each head.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wallet.container import cbor
from wallet.container.checks import (
    byte_string,
    count,
    exact_map,
    listed,
    optional,
    text,
    unique,
)
from wallet.container.sealing import Epoch, unpad
from wallet.errors import Damaged, NotForYou
from wallet.identity import hpke
from wallet.identity.hpke import ReceivingKey
from wallet.identity.secp256k1 import Key
from wallet.ports import Address, Registry, Word

MIN_ENVELOPES, MAX_ENVELOPES = 4, 1024
MIN_BUCKET, MAX_BUCKET = 4 << 10, 256 << 10
MAX_SERIES = 1024
MAX_SCOPE = 1024
WHOLE_STUDY = "study"
ADDITIONS = "additions"

_INFO = b"rayfolio/1/envelope\0"
_TERMS = b"rayfolio/1/terms\0"
_NOUN = "the envelope of this grant"
_NOUN_ALL = "the envelopes of a study"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a study's word stands. An envelope opens nothing under another."""

    registry: Registry
    study: Address


@dataclass(frozen=True, slots=True)
class Range:
    """Where the sections of one series lie, in bytes of the index and of the preview."""

    series_id: bytes = field(repr=False)  # 16 bytes, secret
    index_offset: int
    index_length: int
    preview_offset: int
    preview_length: int

    def to_list(self) -> list[Any]:
        offsets = [self.index_offset, self.index_length, self.preview_offset, self.preview_length]
        return [self.series_id, *offsets]

    @classmethod
    def from_list(cls, value: Any) -> Range:
        series_id, *offsets = listed(value, lambda each: each, 5, 5)
        return cls(byte_string(series_id, 16), *(count(each, 1 << 28) for each in offsets))


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed. The chain holds a commitment to it."""

    grantee: bytes  # SHA-256 of the receiving public key
    scope: tuple[str, ...]  # ("study",), ("study", "additions"), or the ids of series, in hex
    purpose: str
    from_at: int
    until: int | None

    @property
    def is_whole_study(self) -> bool:
        """Whether all series that there are are granted."""
        return self.scope[0] == WHOLE_STUDY

    @property
    def has_additions(self) -> bool:
        """Whether what is added later is granted too."""
        return self.scope == (WHOLE_STUDY, ADDITIONS)

    def to_map(self) -> dict[str, Any]:
        return {
            "grantee": self.grantee,
            "scope": list(self.scope),
            "purpose": self.purpose,
            "from": self.from_at,
            "until": self.until,
        }

    @classmethod
    def from_map(cls, value: Any) -> Terms:
        found = exact_map(value, {"grantee", "scope", "purpose", "from", "until"})
        return cls(
            byte_string(found["grantee"], 32),
            tuple(listed(found["scope"], lambda each: text(each, 64), 1, MAX_SCOPE)),
            text(found["purpose"], 256),
            count(found["from"]),
            optional(found["until"], count),
        )


@dataclass(frozen=True, slots=True)
class Envelope:
    """What one grantee gets: a study key, or the keys of some series, and on which terms."""

    sequence: int
    previous: Word | None
    study_key: bytes | None = field(repr=False)
    series_keys: Mapping[bytes, bytes] | None = field(repr=False)  # by series id
    ranges: tuple[Range, ...] = field(repr=False)
    terms: Terms = field(repr=False)
    salt: bytes = field(repr=False)  # of the commitment
    grant_key: bytes = field(repr=False)
    card: bytes = field(repr=False)  # the sender's, or empty
    signature: bytes = field(repr=False)  # of the sender's account over the grant, or empty

    @property
    def grant_id(self) -> Address:
        return Key(self.grant_key).address

    def encode(self) -> bytes:
        keys = self.series_keys
        return cbor.encode(
            {
                "v": 1,
                "sequence": self.sequence,
                "previous": self.previous,
                "study_key": self.study_key,
                "series_keys": None if keys is None else [[i, keys[i]] for i in sorted(keys)],
                "ranges": [each.to_list() for each in self.ranges],
                "terms": self.terms.to_map(),
                "salt": self.salt,
                "grant_key": self.grant_key,
                "card": self.card,
                "signature": self.signature,
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> Envelope:
        """Read the map of an envelope. Raises: Damaged."""
        try:
            return _typed(cbor.decode(data))
        except (Damaged, ValueError, TypeError, KeyError):
            raise Damaged(_NOUN) from None


_KEYS = {
    "v", "sequence", "previous", "study_key", "series_keys", "ranges", "terms", "salt",
    "grant_key", "card", "signature",
}  # fmt: skip


def commitment(salt: bytes, terms: Terms) -> bytes:
    """Return what the chain holds of the terms until their opening is disclosed."""
    return hashlib.sha256(_TERMS + salt + cbor.encode(terms.to_map())).digest()


def seal_all(envelopes: Sequence[tuple[bytes, Envelope]], place: Place, epoch: Epoch) -> bytes:
    """Seal each envelope to its receiving public key, fill up with dummies, and shuffle.

    Raises: ValueError for more than 1,024, or one that no bucket holds.
    """
    if len(envelopes) > MAX_ENVELOPES:
        raise ValueError(f"a head has at most {MAX_ENVELOPES:,} envelopes")
    plain = [(public, _checked(envelope)) for public, envelope in envelopes]
    bucket = _power_of_two(max((4 + len(data) for _, data in plain), default=0), MIN_BUCKET)
    if bucket > MAX_BUCKET:
        raise ValueError("an envelope is too long")
    total = _power_of_two(len(plain), MIN_ENVELOPES)
    info = _info(place, epoch)
    sealed = [
        hpke.seal(public, (len(data).to_bytes(4) + data).ljust(bucket, b"\0"), info)
        for public, data in plain
    ]
    sealed += [
        hpke.seal(hpke.discarded_public(), secrets.token_bytes(bucket), info)
        for _ in range(total - len(plain))
    ]
    secrets.SystemRandom().shuffle(sealed)
    return (bucket + hpke.OVERHEAD).to_bytes(4) + b"".join(sealed)


def open_one(
    grants: bytes,
    receiving: ReceivingKey,
    place: Place,
    epoch: Epoch,
    grant_id: Address | None = None,
) -> Envelope:
    """Return the envelope that `receiving` opens; of several, the one of `grant_id`.

    Raises: NotForYou, Damaged.
    """
    for envelope in open_each(grants, receiving, place, epoch):
        if grant_id is None or envelope.grant_id == grant_id:
            return envelope
    raise NotForYou()


def open_each(
    grants: bytes, receiving: ReceivingKey, place: Place, epoch: Epoch
) -> Iterator[Envelope]:
    """Yield every envelope that `receiving` opens, in the order in which they lie.

    Raises: Damaged.
    """
    info = _info(place, epoch)
    grantee = hashlib.sha256(receiving.public).digest()
    for sealed in _split(grants):
        try:
            padded = receiving.open(sealed, info)
        except NotForYou:
            continue
        envelope = Envelope.decode(unpad(padded, _NOUN))
        if not hmac.compare_digest(envelope.terms.grantee, grantee):
            raise Damaged(_NOUN)
        yield envelope


def _split(grants: bytes) -> list[bytes]:
    length = int.from_bytes(grants[:4])
    bucket = length - hpke.OVERHEAD
    if not MIN_BUCKET <= bucket <= MAX_BUCKET or bucket & bucket - 1:
        raise Damaged(_NOUN_ALL)
    total, rest = divmod(len(grants) - 4, length)
    if rest or not MIN_ENVELOPES <= total <= MAX_ENVELOPES or total & total - 1:
        raise Damaged(_NOUN_ALL)
    return [grants[4 + i * length : 4 + (i + 1) * length] for i in range(total)]


def _info(place: Place, epoch: Epoch) -> bytes:
    where = place.registry.chain_id.to_bytes(8)
    where += bytes.fromhex(place.registry.contract[2:]) + bytes.fromhex(place.study[2:])
    return _INFO + where + epoch.encode()


def _power_of_two(wanted: int, least: int) -> int:
    return max(least, 1 << max(0, wanted - 1).bit_length())


def _checked(envelope: Envelope) -> bytes:
    data = envelope.encode()
    if Envelope.decode(data) != envelope:
        raise ValueError("this envelope does not decode")
    return data


def _typed(value: Any) -> Envelope:
    found = exact_map(value, _KEYS)
    if count(found["v"]) != 1:
        raise ValueError("another version")
    ranges = tuple(listed(found["ranges"], Range.from_list, 1, MAX_SERIES))
    unique(each.series_id for each in ranges)
    study_key = optional(found["study_key"], lambda each: byte_string(each, 32))
    series_keys = optional(found["series_keys"], _series_keys)
    if (study_key is None) == (series_keys is None):
        raise ValueError("a study key or series keys")
    if series_keys is not None and series_keys.keys() != {each.series_id for each in ranges}:
        raise ValueError("keys of other series")
    return Envelope(
        count(found["sequence"]),
        optional(found["previous"], lambda each: Word(byte_string(each, 32))),
        study_key,
        series_keys,
        ranges,
        Terms.from_map(found["terms"]),
        byte_string(found["salt"], 32),
        byte_string(found["grant_key"], 32),
        byte_string(found["card"], at_most=4096),
        byte_string(found["signature"], at_most=65),
    )


def _series_keys(value: Any) -> dict[bytes, bytes]:
    pairs = listed(value, lambda each: listed(each, byte_string, 2, 2), 1, MAX_SERIES)
    ids = [byte_string(each, 16) for each, _ in pairs]
    if ids != sorted(set(ids)):
        raise ValueError("series out of order")
    return {series_id: byte_string(key, 32) for series_id, key in pairs}
