"""Changing a study of one's own: a new head is sealed, stored, written down, and only then signed
and sent, so that a cut at any point is either nothing or something that the next run finishes.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from wallet.container import envelope, head
from wallet.container.envelope import Envelope, Place
from wallet.container.head import Head
from wallet.container.reader import SealedStudy
from wallet.container.sealing import Epoch
from wallet.container.self_record import GrantRecord, SelfRecord
from wallet.errors import LedgerRefused, LedgerReset, StudyErased, StudyUnknown
from wallet.identity import locator
from wallet.identity.card import Card
from wallet.identity.person import Identity
from wallet.identity.secp256k1 import Key
from wallet.identity.sender import sign_sender
from wallet.library import record as library_record
from wallet.library.state import Entry, Pending, State, StateFile
from wallet.ports import (
    WORD_ERASED,
    WORD_NONE,
    Address,
    BlobStore,
    Block,
    Change,
    Cid,
    Ledger,
    Receipt,
    Word,
)
from wallet.storage import unixfs
from wallet.storage.embedded import links


@dataclass(frozen=True, slots=True)
class Committed:
    """A change that is on the chain."""

    entry: Entry
    receipt: Receipt


@dataclass(slots=True)
class Owner:
    """An unlocked person at work: their keys, their memory, and what they work with.

    `ledger` and `store` are made on first use, so that what needs neither starts neither.
    """

    identity: Identity
    card: Card
    file: StateFile
    ledger: Callable[[], Ledger]
    store: Callable[[], BlobStore]
    sweep: Callable[[], None]  # drops what is no longer pinned, from a store of our own
    finality_blocks: int = 0
    now: Callable[[], float] = time.time

    @property
    def state(self) -> State:
        return self.file.state

    def entry(self, study: str) -> Entry:
        """Return a study of this wallet. Raises: StudyUnknown."""
        for known, entry in self.state.studies.items():
            if known.lower() == study.lower():
                return entry
        raise StudyUnknown(study)

    def words(self, studies: Sequence[Address]) -> dict[Address, Word]:
        """Read words from the chain, and remember the newest block seen. Raises: LedgerError."""
        ledger = self.ledger()
        reading = ledger.read(studies, self.state.seen_of(ledger.registry))
        self.state.saw(ledger.registry, reading.checkpoint)
        return reading.words

    def confirm(self, entry: Entry) -> Entry:
        """Return the entry as the chain has it now, all of it in the store.

        Another machine may have gone on, or this one may just have been restored.

        Raises: LedgerReset, StudyErased, BlockUnreachable.
        """
        newest = self._newest(entry)
        self._hold(newest)
        return newest

    def _hold(self, entry: Entry) -> None:
        """Fetch and keep what of a study is elsewhere."""
        store = self.store()
        if store.has(entry.head_cid):
            return
        waiting = [entry.head_cid]
        while waiting:
            cid = waiting.pop()
            waiting += links(cid, store.get(cid))
        store.pin(entry.head_cid)

    def _newest(self, entry: Entry) -> Entry:
        word = self.words([entry.study])[entry.study]
        if word == entry.word:
            return entry
        if word == WORD_NONE:
            raise LedgerReset(f"eip155:{self.ledger().registry.chain_id}")
        if word == WORD_ERASED:
            raise StudyErased()
        newer = self.fetch(entry.study, word)
        seen = self.state.seen_of(self.ledger().registry)
        assert seen is not None  # the word was read just now
        self.state.retired.append((entry.head_cid, seen.block))
        self.state.studies[entry.study] = newer
        return newer

    def fetch(self, study: Address, word: Word) -> Entry:
        """Find one's own study by its word: unmask, get the head, open `self`.

        Raises: BlockUnreachable, Damaged.
        """
        registry = self.ledger().registry
        digest = locator.unmask(self.identity.locator_key(registry, study), study, word)
        found = head.fetch(self.store(), digest)
        epoch = Epoch(found.container, found.epoch)
        sealed = unixfs.File(self.store(), found.self_).read_all()
        record = SelfRecord.open(self.identity.self_key(), epoch, sealed)
        block = found.encode()
        return Entry(study, block.data, block.cid, word, record)

    def sealed(self, entry: Entry) -> SealedStudy:
        """Return one's own study, to be read."""
        found = head.decode(entry.head)
        record = entry.record
        return SealedStudy(self.store(), found, record.study_key, None, record.ranges)

    # -- making a head ------------------------------------------------------------------------

    def compose(self, study: Address, layout: Head, record: SelfRecord, previous: Word) -> Entry:
        """Seal `self` and the envelopes of all active grants around what `layout` links to.

        Everything is stored and pinned when this returns; `layout`'s own self and grants are not
        looked at.
        """
        registry = self.ledger().registry
        epoch = Epoch(layout.container, layout.epoch)
        record = replace(
            record,
            previous=None if previous == WORD_NONE else previous,
            library=library_record.keep(self.state, self.store()),
        )
        place = Place(registry, study)
        envelopes = [
            (g.receiving, self._envelope(g, record, place, epoch))
            for g in record.grants
            if g.is_active
        ]
        grants = envelope.seal_all(envelopes, place, epoch)
        own = record.seal(self.identity.self_key(), epoch)
        blocks: list[Block] = []
        roots: list[Cid] = []
        for data in (own, grants):
            root, built = unixfs.build(data)
            roots.append(root)
            blocks += built
        composed = replace(layout, self_=roots[0], grants=roots[1]).encode()
        digest = hashlib.sha256(composed.data).digest()
        word = locator.mask(self.identity.locator_key(registry, study), study, digest)
        if word in (WORD_NONE, WORD_ERASED):  # one in 2^255: sealed again, as the format says
            return self.compose(study, layout, record, previous)
        store = self.store()
        store.add([*blocks, composed])
        store.pin(composed.cid)
        return Entry(study, composed.data, composed.cid, word, record)

    def _envelope(
        self, grant: GrantRecord, record: SelfRecord, place: Place, epoch: Epoch
    ) -> Envelope:
        grant_id = Key(grant.grant_key).address
        account = self.identity.account
        signature = sign_sender(account, place.registry, place.study, grant_id)
        return record.envelope_for(grant, epoch, self.card.encode(), signature)

    # -- putting it on the chain --------------------------------------------------------------

    def commit(self, entry: Entry, previous: Word, change: Change, said: str) -> Committed:
        """Sign the change with the study's key, write it down, send it, wait for it.

        Raises: LedgerError; what was written down is then finished by the next `resume`.
        """
        ledger = self.ledger()
        payer = self.identity.payer(self.state.device)
        ledger.fund(payer.address)
        signed = ledger.sign(change, self.identity.study(entry.record.index))
        transaction = ledger.prepare([signed], payer)
        pending = Pending(
            entry,
            previous,
            transaction.hash,
            transaction.raw,
            transaction.nonce,
            transaction.payer,
            said,
        )
        self.state.pending[entry.study] = pending
        self.file.save()
        ledger.send(transaction)
        receipt = ledger.wait(transaction.hash)
        self._adopt(pending, receipt.block)
        return Committed(self.state.studies[entry.study], receipt)

    def _adopt(self, pending: Pending, block: int) -> None:
        """What was pending is so; the head before it may go once this one is final."""
        entry = pending.entry
        if before := self.state.studies.get(entry.study):
            self.state.retired.append((before.head_cid, block))
        self.state.studies[entry.study] = entry
        self.state.pending.pop(entry.study, None)
        self.state.note(int(self.now()), pending.said)
        self.file.save()
        self.retire(block)

    def retire(self, newest_block: int) -> None:
        """Unpin heads whose successors are final, and drop what only they held."""
        waiting = [r for r in self.state.retired if newest_block - r[1] < self.finality_blocks]
        final = [r for r in self.state.retired if r not in waiting]
        for cid, _ in final:
            self.store().unpin(cid)
        if final:
            self.sweep()
        self.state.retired = waiting

    def resume(self) -> None:
        """Finish what an earlier run had written down and not seen through."""
        for study, pending in list(self.state.pending.items()):
            ledger = self.ledger()
            word = self.words([study])[study]
            if word == pending.previous:
                word = self._send_again(ledger, pending)
            if word == pending.entry.word:
                self._adopt(pending, self.state.seen_of(ledger.registry).block)  # type: ignore[union-attr]
            else:
                self.store().unpin(pending.entry.head_cid)
                del self.state.pending[study]
                self.state.note(int(self.now()), "A change could not be recorded and was undone.")
            self.file.save()

    def _send_again(self, ledger: Ledger, pending: Pending) -> Word:
        """Return the study's word after another try with the transaction written down."""
        try:
            ledger.send(pending.as_transaction())
            ledger.wait(pending.transaction, timeout_s=30)
        except LedgerRefused:
            return pending.previous  # it can no longer be included: its deadline has passed
        return self.words([pending.entry.study])[pending.entry.study]
