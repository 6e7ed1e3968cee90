"""A reader who was let in, kept everything, was stopped, and tries all of it again."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.composition import Composition
from wallet.container import head
from wallet.container.envelope import Envelope, Place, open_one
from wallet.container.head import Head
from wallet.container.sealing import Epoch, Kind, open_object, series_key
from wallet.errors import WalletError
from wallet.identity.hpke import ReceivingKey
from wallet.ports import Block, Cid
from wallet.sharing import link as links
from wallet.sharing import opening
from wallet.storage import unixfs
from wallet.storage.cid import cid_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attack went: against the new epoch, and the same against the old one."""

    attempts: int
    opened: int
    opened_before: int


class Folder:
    """A BlockSource over all blocks of somebody's repository: a store that keeps nothing back."""

    def __init__(self, repository: Path) -> None:
        self._blocks: dict[Cid, Path] = {}
        for path in repository.rglob("*.data"):
            data = path.read_bytes()
            for codec in ("raw", "dag-pb", "dag-cbor"):
                self._blocks[cid_of(codec, data)] = path

    def get(self, cid: Cid) -> bytes:
        return self._blocks[cid].read_bytes()

    def all(self) -> Iterator[Block]:
        for cid, path in self._blocks.items():
            yield Block(cid, path.read_bytes())


@dataclass(frozen=True, slots=True)
class Loot:
    """What the reader had while they were let in."""

    receiving: ReceivingKey = field(repr=False)
    envelope: Envelope = field(repr=False)
    place: Place
    old: Head
    parts: tuple[bytes, ...] = field(repr=False)  # the old index and preview, kept

    def try_everything(self, victim: Path, new_head: str) -> Outcome:
        """Try every key that was ever held on every sealed byte of the new head."""
        everything = Folder(victim / "ipfs" / "blocks")
        new = head.decode(everything.get(Cid(new_head)))
        grants = unixfs.File(everything, new.grants).read_all()
        own = unixfs.File(everything, new.self_).read_all()
        fresh = [unixfs.File(everything, cid).read_all() for cid in (new.index, new.preview)]
        bindings = [Epoch(h.container, h.epoch) for h in (self.old, new)]
        attempts = opened = 0
        for epoch in bindings:
            attempts += 1
            opened += self._envelope_opens(grants, epoch)
            for data in (*fresh, own):
                tried, found = self._sections_open(data, epoch)
                attempts, opened = attempts + tried, opened + found
        _, before = self._sections_open(self.parts[0], bindings[0])
        return Outcome(attempts, opened, before)

    def _envelope_opens(self, grants: bytes, epoch: Epoch) -> int:
        try:
            open_one(grants, self.receiving, self.place, epoch)
        except WalletError:
            return 0
        return 1

    def _sections_open(self, data: bytes, epoch: Epoch) -> tuple[int, int]:
        """Try each old key on each stretch of `data` that was, or could be, a section."""
        study_key = self.envelope.study_key
        ranges = self.envelope.ranges
        keys = [
            series_key(study_key, container, r.series_id)
            for r in ranges
            for container in {epoch.container, self.old.container}
            if study_key is not None
        ]
        keys += [study_key] if study_key is not None else []
        keys += list((self.envelope.series_keys or {}).values())
        stretches = {(r.index_offset, r.index_length) for r in ranges}
        stretches |= {(r.preview_offset, r.preview_length) for r in ranges}
        stretches |= {(0, len(data))}
        tried = opened = 0
        for key, (start, length), kind in itertools.product(keys, stretches, Kind):
            tried += 1
            try:
                open_object(key, kind, epoch, data[start : start + length])
            except WalletError:
                continue
            opened += 1
        return tried, opened


def take(home: Path, passphrase: str, share: dict[str, Any]) -> Loot:
    """Open a link as the clinician may, and keep everything that a program can keep."""
    composition = Composition(home)
    session = composition.unlock(passphrase)
    try:
        owner = session._owner  # a thief does not ask
        link = links.parse(share["link"])
        reader = opening.Reader(
            owner.identity, composition.registries(), owner.ledger, owner.store, time.time
        )
        got, _ = opening.open_link(reader, link, None, None, 0)
        store = owner.store()
        old = got.study.head
        parts = tuple(unixfs.File(store, cid).read_all() for cid in (old.index, old.preview))
        place = Place(link.registry, link.study)
        return Loot(owner.identity.receiving(), got.envelope, place, old, parts)
    finally:
        session.close()
