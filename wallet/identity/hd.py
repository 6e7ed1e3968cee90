"""Keys along a path from the seed. Source: BIP-32."""

from __future__ import annotations

import hashlib
import hmac
import re

import coincurve

from wallet.identity.secp256k1 import ORDER

HARDENED = 1 << 31

_PATH = re.compile(r"m(/[0-9]{1,10}'?)*")


def derive(seed: bytes, path: str) -> bytes:
    """Return the 32-byte secp256k1 key at `path`, such as "m/44'/60'/0'/0/0"."""
    secret, chain_code = _split(hmac.digest(b"Bitcoin seed", seed, hashlib.sha512), 0)
    for index in _indices(path):
        secret, chain_code = _child(secret, chain_code, index)
    return secret


def _child(secret: bytes, chain_code: bytes, index: int) -> tuple[bytes, bytes]:
    if index >= HARDENED:
        data = b"\0" + secret
    else:
        data = bytes(coincurve.PrivateKey(secret).public_key.format(compressed=True))
    mac = hmac.digest(chain_code, data + index.to_bytes(4), hashlib.sha512)
    return _split(mac, int.from_bytes(secret))


def _split(mac: bytes, parent: int) -> tuple[bytes, bytes]:
    left = int.from_bytes(mac[:32])
    secret = (left + parent) % ORDER
    if left >= ORDER or secret == 0:
        raise ValueError("there is no key at this path")  # one path in 2**127
    return secret.to_bytes(32), mac[32:]


def _indices(path: str) -> list[int]:
    if not _PATH.fullmatch(path):
        raise ValueError("not a derivation path")
    return [_index(step) for step in path.split("/")[1:]]


def _index(step: str) -> int:
    number = int(step.removesuffix("'"))
    if number >= HARDENED:
        raise ValueError("a step of a derivation path is below 2**31")
    return number + HARDENED if step.endswith("'") else number
