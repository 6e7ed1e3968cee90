"""Sealed objects and runs of sealed segments. A key and a nonce meet once.

    object      = salt[32] || commitment[32] || AES-256-GCM(key, nonce of segment 0, padded)
    padded      = u32 length || payload || zeros, up to the Padmé length
    key[32] || commitment[32] = HKDF-SHA256(role key, salt,
                  "rayfolio/1/object\\0" || u8 kind || container[16] || u32 epoch, 64)
    nonce       = four zero bytes || u64 segment
    associated  = "rayfolio/1/segment\\0" || u8 kind || container[16] || u32 epoch
                  || u64 segment || u8 codec || u64 plaintext length
    series key  = HKDF-SHA256(study key, container[16], "rayfolio/1/series\\0" || series id[16], 32)

A run is many segments under one salt; what they are sealed with is counted within it.
"""

from __future__ import annotations

import enum
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wallet.container.padding import padme
from wallet.errors import Damaged

KEY_LENGTH = SALT_LENGTH = COMMITMENT_LENGTH = 32
ID_LENGTH = 16  # of a container and of a series
TAG_LENGTH = 16
OBJECT_OVERHEAD = SALT_LENGTH + COMMITMENT_LENGTH + TAG_LENGTH
MAX_SEGMENT = 64 << 20  # bytes of plaintext
MAX_OBJECT = 256 << 20

_OBJECT = b"rayfolio/1/object\0"
_SEGMENT = b"rayfolio/1/segment\0"
_SERIES = b"rayfolio/1/series\0"
_Plain = bytes | bytearray | memoryview


class Kind(enum.IntEnum):
    """What is sealed; part of what its key comes from."""

    RUN = 1
    INDEX = 2
    SELF = 3
    PREVIEW = 4
    LIBRARY = 5

    @property
    def noun(self) -> str:
        """What a person is told is damaged."""
        return _NOUNS[self]


_NOUNS = {
    Kind.RUN: "an image",
    Kind.INDEX: "the list of images",
    Kind.SELF: "the owner's record",
    Kind.PREVIEW: "a preview",
    Kind.LIBRARY: "the library record",
}


class Codec(enum.IntEnum):
    """How a segment's plaintext was packed before it was sealed."""

    RAW = 0
    ZSTD = 1


@dataclass(frozen=True, slots=True)
class Epoch:
    """One generation of a study's keys."""

    container: bytes  # 16 random bytes
    epoch: int  # 0 to 2**32 - 1

    def __post_init__(self) -> None:
        if len(self.container) != ID_LENGTH or not 0 <= self.epoch < 1 << 32:
            raise ValueError("a container id has 16 bytes, an epoch 32 bits")

    def encode(self) -> bytes:
        return self.container + self.epoch.to_bytes(4)


def series_key(study_key: bytes, container: bytes, series_id: bytes) -> bytes:
    """Return the key of one series: who has it opens this series and no other."""
    if len(study_key) != KEY_LENGTH or not len(container) == len(series_id) == ID_LENGTH:
        raise ValueError("a key has 32 bytes, an id 16")
    return _hkdf(study_key, container, _SERIES + series_id, KEY_LENGTH)


def new_series_id() -> bytes:
    """Return a fresh id. It is secret: with the study key it gives the key of the series."""
    return secrets.token_bytes(ID_LENGTH)


def seal_object(role_key: bytes, kind: Kind, epoch: Epoch, payload: bytes) -> bytes:
    """Seal one object under a fresh salt, its length rounded by Padmé."""
    padded_length = padme(4 + len(payload))
    if padded_length > MAX_OBJECT:
        raise ValueError("an object has at most 256 MiB")
    padded = (len(payload).to_bytes(4) + payload).ljust(padded_length, b"\0")
    salt = secrets.token_bytes(SALT_LENGTH)
    key, commitment = _derive(role_key, salt, kind, epoch)
    associated = _associated(kind, epoch, 0, Codec.RAW, padded_length)
    return salt + commitment + AESGCM(key).encrypt(_nonce(0), padded, associated)


def open_object(role_key: bytes, kind: Kind, epoch: Epoch, sealed: bytes) -> bytes:
    """Return the payload of a sealed object.

    Raises: Damaged, whatever is wrong with it.
    """
    padded_length = len(sealed) - OBJECT_OVERHEAD
    if not 4 <= padded_length <= MAX_OBJECT:
        raise Damaged(kind.noun)
    salt, commitment = sealed[:SALT_LENGTH], sealed[SALT_LENGTH : SALT_LENGTH + COMMITMENT_LENGTH]
    cipher = _checked_cipher(role_key, salt, commitment, kind, epoch)
    associated = _associated(kind, epoch, 0, Codec.RAW, padded_length)
    try:
        padded = cipher.decrypt(_nonce(0), sealed[SALT_LENGTH + COMMITMENT_LENGTH :], associated)
    except InvalidTag:
        raise Damaged(kind.noun) from None
    return unpad(padded, kind.noun, padme)


def unpad(padded: bytes, noun: str, rounding: Callable[[int], int] | None = None) -> bytes:
    """Return the payload of `u32 length || payload || zeros`.

    Raises: Damaged, also where the padding is not zeros or not of the length that `rounding` gives.
    """
    length = int.from_bytes(padded[:4])
    payload, rest = padded[4 : 4 + length], padded[4 + length :]
    if len(payload) != length or rest.count(0) != len(rest):
        raise Damaged(noun)
    if rounding is not None and rounding(4 + length) != len(padded):
        raise Damaged(noun)
    return payload


@dataclass(slots=True)
class Run:
    """Seals segments, in order, under a salt of its own. Another run is never resumed."""

    role_key: bytes = field(repr=False)
    epoch: Epoch
    salt: bytes = field(init=False)
    commitment: bytes = field(init=False)
    sealed: int = field(init=False, default=0)  # how many segments so far
    _cipher: AESGCM = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.salt = secrets.token_bytes(SALT_LENGTH)
        key, self.commitment = _derive(self.role_key, self.salt, Kind.RUN, self.epoch)
        self._cipher = AESGCM(key)

    def seal(self, plaintext: _Plain, codec: Codec, plain_length: int) -> bytes:
        """Return the next segment, 16 bytes longer than `plaintext`.

        Args:
            plaintext: as packed by `codec`.
            plain_length: bytes before packing.
        """
        if not 0 < plain_length <= MAX_SEGMENT or len(plaintext) > plain_length:
            raise ValueError("a segment has 1 byte to 64 MiB")
        number = self.sealed
        self.sealed += 1
        associated = _associated(Kind.RUN, self.epoch, number, codec, plain_length)
        return self._cipher.encrypt(_nonce(number), plaintext, associated)


@dataclass(frozen=True, slots=True)
class OpenRun:
    """Opens the segments of one run whose commitment holds."""

    epoch: Epoch
    _cipher: AESGCM = field(repr=False)

    @classmethod
    def of(cls, role_key: bytes, epoch: Epoch, salt: bytes, commitment: bytes) -> OpenRun:
        """Derive the run's key. Raises: Damaged if the commitment is another's."""
        return cls(epoch, _checked_cipher(role_key, salt, commitment, Kind.RUN, epoch))

    def open(self, sealed: bytes, number: int, codec: Codec, plain_length: int) -> bytes:
        """Return the packed plaintext of segment `number`.

        Raises: Damaged.
        """
        associated = _associated(Kind.RUN, self.epoch, number, codec, plain_length)
        try:
            return self._cipher.decrypt(_nonce(number), sealed, associated)
        except InvalidTag:
            raise Damaged(Kind.RUN.noun) from None


def _checked_cipher(
    role_key: bytes, salt: bytes, commitment: bytes, kind: Kind, epoch: Epoch
) -> AESGCM:
    key, expected = _derive(role_key, salt, kind, epoch)
    if not hmac.compare_digest(expected, commitment):
        raise Damaged(kind.noun)
    return AESGCM(key)


def _derive(role_key: bytes, salt: bytes, kind: Kind, epoch: Epoch) -> tuple[bytes, bytes]:
    """Return key and commitment."""
    if len(role_key) != KEY_LENGTH:
        raise ValueError("a key has 32 bytes")
    info = _OBJECT + bytes([kind]) + epoch.encode()
    both = _hkdf(role_key, salt, info, KEY_LENGTH + COMMITMENT_LENGTH)
    return both[:KEY_LENGTH], both[KEY_LENGTH:]


def _nonce(segment: int) -> bytes:
    return segment.to_bytes(12)


def _associated(kind: Kind, epoch: Epoch, segment: int, codec: int, plain_length: int) -> bytes:
    counted = segment.to_bytes(8) + bytes([codec]) + plain_length.to_bytes(8)
    return _SEGMENT + bytes([kind]) + epoch.encode() + counted


def _hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(key)
