"""Sealing to one reader: HPKE base mode with ML-KEM-768 and X25519 together, so that what is kept
by strangers today stays shut when either of them has fallen.

    public key  ML-KEM-768 (1184) || X25519 (32)
    seed        32 bytes; SHAKE256(seed, 96) = ML-KEM d || z (64) || X25519 (32)
    sealed      ML-KEM ciphertext (1088) || X25519 share (32) || AES-256-GCM ciphertext and tag

Source: RFC 9180, draft-ietf-hpke-pq, draft-connolly-cfrg-xwing-kem.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from wallet.errors import NotForYou

SUITE = bytes.fromhex("647a 0001 0002")  # kem, kdf, aead
PUBLIC_LENGTH = 1216
OVERHEAD = 1120 + 16  # bytes that sealing adds

_MLKEM_LENGTH = 1184
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class ReceivingKey:
    """Opens what was sealed to `public`."""

    public: bytes = field(repr=False)
    _private: MLKEM768X25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> ReceivingKey:
        """Return the key of a 32-byte seed."""
        if len(seed) != 32:
            raise ValueError("the seed of a receiving key is 32 bytes long")
        expanded = hashlib.shake_256(seed).digest(96)
        lattice = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        curve = X25519PrivateKey.from_private_bytes(expanded[64:])
        public = lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
        return cls(public, MLKEM768X25519PrivateKey(lattice, curve))

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Return what was sealed to this key under the same `info`.

        Raises: NotForYou, for whatever reason it does not open.
        """
        try:
            return _SUITE.decrypt(sealed, self._private, info=info)
        except (InvalidTag, ValueError):
            raise NotForYou() from None


def seal(public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Seal to a public key that `is_public` accepts; nobody else opens it, the sealer included."""
    lattice = MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_LENGTH])
    curve = X25519PublicKey.from_public_bytes(public[_MLKEM_LENGTH:])
    return _SUITE.encrypt(plaintext, MLKEM768X25519PublicKey(lattice, curve), info=info)


def is_public(public: bytes) -> bool:
    """Whether one can seal to this key. A stranger's key is asked before it is kept."""
    try:
        return len(seal(public, b"", b"")) == OVERHEAD
    except ValueError:
        return False


def discarded_public() -> bytes:
    """Return a public key whose other half nobody has."""
    return ReceivingKey.from_seed(secrets.token_bytes(32)).public
