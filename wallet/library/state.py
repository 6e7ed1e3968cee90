"""The home's own memory, sealed on disk: a cache of what the words and the chain can restore,
plus what belongs to this device alone (its payer, what it has seen, what is under way).

    library.sealed = nonce[12] || AES-256-GCM(home_key, dag-cbor map, "rayfolio/1/state\\0")
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from filelock import FileLock, Timeout

from wallet.container import cbor
from wallet.container.self_record import LibraryPointer, SelfRecord
from wallet.errors import Damaged, HomeBusy
from wallet.files import write_atomically
from wallet.identity.person import PAYER_DEVICES
from wallet.ports import Address, Checkpoint, Cid, Registry, Transaction, Word

_ASSOCIATED = b"rayfolio/1/state\0"
_ACTIVITY_KEPT = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One study of the person's own, as of its newest head."""

    study: Address
    head: bytes = field(repr=False)  # the head's block
    head_cid: Cid
    word: Word
    record: SelfRecord = field(repr=False)

    def to_map(self) -> dict[str, Any]:
        return {
            "study": self.study,
            "head": self.head,
            "cid": self.head_cid,
            "word": self.word,
            "record": self.record.encode(),
        }

    @classmethod
    def from_map(cls, value: dict[str, Any]) -> Entry:
        return cls(
            Address(value["study"]),
            value["head"],
            Cid(value["cid"]),
            Word(value["word"]),
            SelfRecord.decode(value["record"]),
        )


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that was signed and written down, and is not known to be on the chain yet."""

    entry: Entry
    previous: Word
    transaction: str
    raw: bytes = field(repr=False)
    nonce: int
    payer: Address
    said: str  # for the activity page

    def to_map(self) -> dict[str, Any]:
        return {
            "entry": self.entry.to_map(),
            "previous": self.previous,
            "transaction": self.transaction,
            "raw": self.raw,
            "nonce": self.nonce,
            "payer": self.payer,
            "said": self.said,
        }

    def as_transaction(self) -> Transaction:
        return Transaction(self.transaction, self.raw, self.nonce, self.payer, 0)

    @classmethod
    def from_map(cls, value: dict[str, Any]) -> Pending:
        return cls(
            Entry.from_map(value["entry"]),
            Word(value["previous"]),
            value["transaction"],
            value["raw"],
            value["nonce"],
            Address(value["payer"]),
            value["said"],
        )


@dataclass(frozen=True, slots=True)
class Received:
    """A link that was opened here."""

    grant: str
    study: Address
    title: str = field(repr=False)
    sender: str = field(repr=False)
    until: int | None
    opened_at: int
    sequence: int  # no older head of this study is believed
    link: str = field(repr=False)


@dataclass
class State:
    """What `library.sealed` holds."""

    device: int = field(default_factory=lambda: secrets.randbelow(PAYER_DEVICES))
    restored: bool = False  # made from words: the chain has to be asked which studies there are
    studies: dict[Address, Entry] = field(default_factory=dict)
    pending: dict[Address, Pending] = field(default_factory=dict)
    retired: list[tuple[Cid, int]] = field(default_factory=list)  # head, block of its successor
    contacts: dict[Address, tuple[bytes, str]] = field(default_factory=dict, repr=False)
    received: dict[str, Received] = field(default_factory=dict)
    seen: dict[str, Checkpoint] = field(default_factory=dict)  # by chain id and contract
    activity: list[tuple[int, str]] = field(default_factory=list, repr=False)
    gas: dict[Address, int] = field(default_factory=dict)  # of each study's publication
    library: LibraryPointer | None = None  # the newest library record
    library_changed: bool = False  # since it was sealed

    def note(self, at: int, sentence: str) -> None:
        """Add a line to the activity page."""
        self.activity = [(at, sentence), *self.activity][:_ACTIVITY_KEPT]

    def seen_of(self, registry: Registry) -> Checkpoint | None:
        return self.seen.get(_registry_name(registry))

    def saw(self, registry: Registry, checkpoint: Checkpoint) -> None:
        """Remember the newest block seen of a chain."""
        before = self.seen_of(registry)
        if before is None or checkpoint.block >= before.block:
            self.seen[_registry_name(registry)] = checkpoint

    def encode(self) -> bytes:
        return cbor.encode(
            {
                "v": 1,
                "device": self.device,
                "restored": self.restored,
                "studies": [e.to_map() for e in self.studies.values()],
                "pending": [p.to_map() for p in self.pending.values()],
                "retired": [[c, b] for c, b in self.retired],
                "contacts": [[a, card, name] for a, (card, name) in self.contacts.items()],
                "received": [
                    [r.grant, r.study, r.title, r.sender, r.until, r.opened_at, r.sequence, r.link]
                    for r in self.received.values()
                ],
                "seen": {n: [c.block, c.block_hash, c.at] for n, c in self.seen.items()},
                "activity": [[at, text] for at, text in self.activity],
                "gas": dict(self.gas),
                "library": self.library
                and [self.library.cid, self.library.key, self.library.version],
                "library_changed": self.library_changed,
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> State:
        value = cbor.decode(data)
        entries = [Entry.from_map(e) for e in value["studies"]]
        pending = [Pending.from_map(p) for p in value["pending"]]
        received = [Received(r[0], Address(r[1]), *r[2:]) for r in value["received"]]
        return cls(
            value["device"],
            value["restored"],
            {e.study: e for e in entries},
            {p.entry.study: p for p in pending},
            [(Cid(c), b) for c, b in value["retired"]],
            {Address(a): (card, name) for a, card, name in value["contacts"]},
            {r.grant: r for r in received},
            {n: Checkpoint(*c) for n, c in value["seen"].items()},
            [(at, text) for at, text in value["activity"]],
            {Address(a): gas for a, gas in value["gas"].items()},
            value["library"] and LibraryPointer(Cid(value["library"][0]), *value["library"][1:]),
            value["library_changed"],
        )


class StateFile:
    """The sealed file of one home. Changing it takes the home's lock."""

    def __init__(self, home: Path, home_key: bytes) -> None:
        self._path = home / "library.sealed"
        self._lock = FileLock(str(home / "lock"), timeout=10)
        self._home_key = home_key
        self.state = self.load()

    def load(self) -> State:
        """Read the file anew. Raises: Damaged."""
        try:
            sealed = self._path.read_bytes()
        except FileNotFoundError:
            return State()
        try:
            plain = AESGCM(self._home_key).decrypt(sealed[:12], sealed[12:], _ASSOCIATED)
            return State.decode(plain)
        except (InvalidTag, ValueError, KeyError, TypeError, IndexError):
            raise Damaged("the library file of this wallet") from None

    def save(self) -> None:
        nonce = os.urandom(12)
        sealed = AESGCM(self._home_key).encrypt(nonce, self.state.encode(), _ASSOCIATED)
        write_atomically(self._path, nonce + sealed)

    @contextmanager
    def changing(self) -> Iterator[State]:
        """Hold the home's lock, with the newest state read; what was changed is saved at the end.

        Nests. Raises: HomeBusy.
        """
        nested = self._lock.is_locked
        try:
            self._lock.acquire()
        except Timeout:
            raise HomeBusy() from None
        try:
            if not nested:
                self.state = self.load()
            yield self.state
            self.save()
        finally:
            self._lock.release()


def _registry_name(registry: Registry) -> str:
    return f"{registry.chain_id}:{registry.contract}"
