"""Keys for one test, made without the wallet: they fit `wallet.ports.Signer`."""

import hashlib
from collections.abc import Callable

import pytest
from coincurve import PrivateKey
from eth_account import Account

from wallet.ports import Address


class Throwaway:
    """A key that is the digest of a name."""

    def __init__(self, name: str) -> None:
        self._key = PrivateKey(hashlib.sha256(name.encode()).digest())
        self.address = Address(Account.from_key(self._key.secret).address)

    def sign(self, digest: bytes) -> bytes:
        signature = self._key.sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes([27 + signature[64]])


@pytest.fixture
def key() -> Callable[[str], Throwaway]:
    return Throwaway
