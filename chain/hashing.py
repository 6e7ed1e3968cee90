"""Keccak-256, and addresses as EIP-55 writes them."""

from __future__ import annotations

from eth_hash.auto import keccak as _keccak

from wallet.ports import Address


def keccak(data: bytes) -> bytes:
    """Return the 32-byte digest."""
    return bytes(_keccak(data))


def checksum(digits: str) -> Address:
    """Return the address with these 40 hex digits. Source: EIP-55."""
    lower = digits.lower()
    marks = keccak(lower.encode()).hex()[:40]
    pairs = zip(lower, marks, strict=True)
    return Address("0x" + "".join(d.upper() if int(m, 16) > 7 else d for d, m in pairs))
