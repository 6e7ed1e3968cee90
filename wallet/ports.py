"""What the wallet needs of a ledger, a blob store and a signer, and the values they speak in.

Implementations do not inherit from these protocols; mypy checks the match in `app.composition`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NewType, Protocol

Address = NewType("Address", str)  # EIP-55
Cid = NewType("Cid", str)  # CIDv1, base32 ("bafy...", "bafk...", "bafyrei...")
Word = NewType("Word", bytes)  # 32 bytes: what the registry holds for a study

WORD_NONE = Word(bytes(32))
WORD_ERASED = Word(bytes(31) + b"\x01")


class Progress(Protocol):
    """Is told how far a job is. Raises Cancelled when the person has stopped it."""

    def __call__(self, what: str, done: int, total: int) -> None: ...


def unwatched(what: str, done: int, total: int) -> None:
    """A Progress that nobody looks at."""


class Signer(Protocol):
    """Holds one secp256k1 key and signs digests with it."""

    @property
    def address(self) -> Address: ...

    def sign(self, digest: bytes) -> bytes:
        """Return r (32) || s (32, low) || v (27 or 28) over a 32-byte digest."""
        ...


# -- ledger -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Registry:
    """One consent contract on one chain. Only those of the person's own table are believed."""

    chain_id: int
    contract: Address


@dataclass(frozen=True, slots=True)
class Publish:
    """The first head of a study."""

    study: Address
    head: Word


@dataclass(frozen=True, slots=True)
class GrantItem:
    """One consent, as the chain sees it."""

    grant_id: Address
    commitment: bytes  # 32 bytes


@dataclass(frozen=True, slots=True)
class Grant:
    """A new head that lets more people read: `grant` for one item, `grantMany` for 2 to 16."""

    study: Address
    previous: Word
    head: Word
    items: tuple[GrantItem, ...]


@dataclass(frozen=True, slots=True)
class Revoke:
    """A new head without one grantee."""

    study: Address
    previous: Word
    head: Word
    grant_id: Address


@dataclass(frozen=True, slots=True)
class Rotate:
    """New keys and ciphertext for the same readers."""

    study: Address
    previous: Word
    head: Word


@dataclass(frozen=True, slots=True)
class Erase:
    """The tombstone; nothing follows it."""

    study: Address
    previous: Word


@dataclass(frozen=True, slots=True)
class Opened:
    """The grantee's report; signed by the grant key."""

    study: Address
    grant_id: Address


Change = Publish | Grant | Revoke | Rotate | Erase | Opened


@dataclass(frozen=True, slots=True)
class SignedChange:
    """A consent message, ready for anyone to pay for."""

    change: Change
    deadline_at: int
    signature: bytes  # 65 bytes


@dataclass(frozen=True, slots=True)
class Transaction:
    """A payer's signed EIP-1559 transaction; written down before it is sent."""

    hash: str  # 0x + 64 hex
    raw: bytes
    nonce: int
    payer: Address
    worst_fee_wei: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A transaction that was included and succeeded."""

    transaction: str
    block: int
    gas: int
    fee_wei: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The newest block that a home has seen of a chain."""

    block: int
    block_hash: str  # 0x + 64 hex
    at: int  # Unix seconds


@dataclass(frozen=True, slots=True)
class Reading:
    """Words as of one block."""

    words: dict[Address, Word]
    checkpoint: Checkpoint


class LogKind(enum.Enum):
    """What the registry's log records."""

    PUBLISHED = "published"
    GRANTED = "granted"
    REVOKED = "revoked"
    ROTATED = "rotated"
    ERASED = "erased"
    OPENED = "opened"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the registry's log."""

    kind: LogKind
    study: Address
    grant_id: Address | None
    commitment: bytes | None
    block: int
    at: int
    transaction: str


class Ledger(Protocol):
    """The consent contract as the wallet sees it.

    Every method raises LedgerUnreachable when no endpoint answers and LedgerMistrusted when the
    chain id or the code at the contract's address is not the expected one.
    """

    @property
    def registry(self) -> Registry: ...

    def read(self, studies: Sequence[Address], seen: Checkpoint | None = None) -> Reading:
        """Return the words of `studies`, all as of one block; 32 zero bytes where there is none.

        Raises: LedgerReset if the chain no longer has the block `seen`.
        """
        ...

    def log(self, study: Address) -> tuple[LogEntry, ...]:
        """Return the study's entries, oldest first."""
        ...

    def sign(self, change: Change, signer: Signer, lifetime_s: int = 3600) -> SignedChange:
        """Have `signer` sign the change's typed data, valid for `lifetime_s` (at most 86,400)."""
        ...

    def prepare(self, changes: Sequence[SignedChange], payer: Signer) -> Transaction:
        """Build and sign, but do not send, the payer's transaction (`batch` for several).

        Raises: LedgerRefused if the contract would refuse it, FeeShort.
        """
        ...

    def send(self, transaction: Transaction) -> None:
        """Hand the transaction to the network. Sending it twice changes nothing."""
        ...

    def wait(self, transaction: str, timeout_s: float = 60) -> Receipt:
        """Wait until the transaction is included.

        Raises: LedgerRefused if it was reverted, LedgerUnreachable after `timeout_s`.
        """
        ...

    def fund(self, payer: Address) -> None:
        """On the local network give a new payer what it needs; elsewhere do nothing."""
        ...


# -- storage ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes and their address."""

    cid: Cid
    data: bytes


class BlockSource(Protocol):
    """Where blocks are read from. Untrusted, but what it returns was checked against the CID."""

    def get(self, cid: Cid) -> bytes:
        """Return the block at `cid`.

        Raises: BlockUnreachable, StoreUnreachable, Damaged.
        """
        ...


class BlobStore(BlockSource, Protocol):
    """Content-addressed storage of ciphertext."""

    @property
    def name(self) -> str:
        """What to call it before a person: "this computer", "IPFS node"."""
        ...

    def add(self, blocks: Iterable[Block]) -> None:
        """Take in a stream of blocks, leaves before the nodes that link to them, memory bounded.

        They are safe from garbage collection only once a root above them is pinned.
        """
        ...

    def pin(self, root: Cid) -> None:
        """Keep `root` and all below it. Pinning twice changes nothing. Raises: BlockUnreachable."""
        ...

    def unpin(self, root: Cid) -> None:
        """No longer keep `root`. Unpinning what is not pinned changes nothing."""
        ...

    def has(self, root: Cid) -> bool:
        """Whether all of `root` is here and kept, decided without the network."""
        ...

    def addresses(self) -> tuple[str, ...]:
        """Full multiaddrs under which others reach this store, dialable ones first; may be none."""
        ...

    def connect(self, address: str) -> None:
        """Dial another node, for reading from it. Raises: StoreUnreachable, RequestInvalid."""
        ...
