"""Ethereum's keys, addresses and recoverable signatures."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import coincurve
from eth_hash.backends.pycryptodome import backend
from eth_hash.main import Keccak256

from wallet.errors import Damaged, RequestInvalid
from wallet.ports import Address

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

_keccak = Keccak256(backend)


def keccak(data: bytes) -> bytes:
    """Return the 32-byte Keccak-256 digest, as Ethereum means it."""
    return bytes(_keccak(data))


@dataclass(frozen=True, slots=True)
class Key:
    """One secp256k1 key. Fits `wallet.ports.Signer`."""

    secret: bytes = field(repr=False, compare=False)  # 32 bytes
    address: Address = field(init=False)

    def __post_init__(self) -> None:
        if len(self.secret) != 32:
            raise ValueError("a secp256k1 key is 32 bytes long")
        public = coincurve.PrivateKey(self.secret).public_key.format(compressed=False)
        object.__setattr__(self, "address", _address_of(public))

    @classmethod
    def random(cls) -> Key:
        """Return a new key."""
        while not 0 < int.from_bytes(secret := secrets.token_bytes(32)) < ORDER:
            pass
        return cls(secret)

    def sign(self, digest: bytes) -> bytes:
        """Return r (32) || s (32, low) || v (27 or 28) over a 32-byte digest.

        Source: RFC 6979, EIP-2.
        """
        _check_digest(digest)
        signature = coincurve.PrivateKey(self.secret).sign_recoverable(digest, hasher=None)
        return bytes(signature[:64]) + bytes([27 + signature[64]])


def recover(digest: bytes, signature: bytes) -> Address:
    """Return the address of the key that made `signature` (65 bytes, low s, v 27 or 28).

    Raises: Damaged if there is no such key, or the signature has another form.
    """
    _check_digest(digest)
    s = int.from_bytes(signature[32:64])
    if len(signature) != 65 or signature[64] not in (27, 28) or not 0 < s <= ORDER // 2:
        raise Damaged("a signature")
    compact = signature[:64] + bytes([signature[64] - 27])
    try:
        public = coincurve.PublicKey.from_signature_and_message(compact, digest, hasher=None)
    except ValueError:
        raise Damaged("a signature") from None
    return _address_of(public.format(compressed=False))


def _check_digest(digest: bytes) -> None:
    if len(digest) != 32:
        raise ValueError("what is signed is a digest of 32 bytes")


def _address_of(uncompressed: bytes) -> Address:
    return checksum(keccak(uncompressed[1:])[12:])


def checksum(address20: bytes) -> Address:
    """Write 20 bytes as an address. Source: EIP-55."""
    if len(address20) != 20:
        raise ValueError("an address is 20 bytes long")
    digits = address20.hex()
    marks = keccak(digits.encode()).hex()
    pairs = zip(digits, marks, strict=False)
    return Address("0x" + "".join(d.upper() if m >= "8" else d for d, m in pairs))


def parse_address(text: str) -> Address:
    """Read an address that somebody typed or sent; its checksum must fit. Source: EIP-55.

    Raises: RequestInvalid.
    """
    try:
        address = checksum(bytes.fromhex(text.removeprefix("0x")))
    except ValueError:
        raise RequestInvalid("This is not an account address: 0x and 40 digits") from None
    if address != text:
        raise RequestInvalid("This account address has a mistake; copy it again as it is")
    return address


def address_bytes(address: Address) -> bytes:
    """Return the 20 bytes of an address."""
    return bytes.fromhex(address[2:])
