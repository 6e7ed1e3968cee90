"""One Anvil for all tests of the contract, and keys that fit `wallet.ports.Signer`."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from coincurve import PrivateKey
from eth_account import Account

from chain import typed_data
from chain.endpoint import Endpoint
from chain.local import LocalChain
from chain.networks import Network
from chain.registry import ConsentClient
from wallet.ports import Address, Change, Receipt, SignedChange, Word


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


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAYFOLIO_LOOPBACK", "1")


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    chain = LocalChain(tmp_path_factory.mktemp("chain"))
    yield chain.start()
    chain.stop()


@dataclass(frozen=True)
class Desk:
    """Signs, pays and sends, each as one wants it."""

    client: ConsentClient
    endpoint: Endpoint
    payer: Throwaway

    def sign(self, change: Change, signer: Throwaway, deadline_at: int) -> SignedChange:
        """Any key, any deadline: what the client would refuse to sign."""
        digest = typed_data.digest(self.client.registry, change, deadline_at)
        return SignedChange(change, deadline_at, signer.sign(digest))

    def send(self, changes: Sequence[SignedChange]) -> Receipt:
        transaction = self.client.prepare(changes, self.payer)
        self.client.send(transaction)
        return self.client.wait(transaction.hash)

    def do(self, change: Change, signer: Throwaway) -> Receipt:
        return self.send([self.client.sign(change, signer)])


@pytest.fixture(scope="session")
def desk(network: Network) -> Desk:
    client = ConsentClient(network)
    payer = Throwaway("payer")
    client.fund(payer.address)
    return Desk(client, Endpoint(network, network.endpoints[0]), payer)


@pytest.fixture
def study() -> Throwaway:
    """A study that nobody has seen before."""
    return Throwaway(os.urandom(8).hex())


@pytest.fixture
def word() -> Callable[[], Word]:
    return lambda: Word(os.urandom(32))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for a chain of the test's own, which is stopped in the end."""
    yield tmp_path / "own"
    LocalChain(tmp_path / "own").stop()
