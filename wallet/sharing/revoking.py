"""Withdrawing consent in both steps: the envelope goes at once, then all is sealed anew."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from wallet.container import head
from wallet.container.sealing import Epoch
from wallet.container.writer import seal_study
from wallet.errors import GrantEnded, GrantUnknown
from wallet.identity.secp256k1 import Key
from wallet.library.owner import Committed, Owner
from wallet.library.reading import files_again
from wallet.library.state import Entry
from wallet.ports import Address, Progress, Revoke, Rotate, unwatched


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A consent that ended."""

    entry: Entry
    transactions: tuple[str, ...]
    gas: int
    resealed: bool


def revoke(
    owner: Owner,
    study: str,
    grant: str,
    later: bool = False,
    state: str = "revoked",
    progress: Progress = unwatched,
) -> Withdrawn:
    """End a grant, and unless `later` seal the study anew for those who remain.

    Raises: StudyUnknown, GrantUnknown, GrantEnded, LedgerError, StoreUnreachable.
    """
    _check_active(owner.entry(study), grant)
    progress("Reading the consent record", 0, 0)
    entry = owner.confirm(owner.entry(study))
    grant_id = _check_active(entry, grant)
    grants = tuple(
        replace(g, state=state) if Key(g.grant_key).address == grant_id else g
        for g in entry.record.grants
    )
    changed = replace(
        entry.record, grants=grants, sequence=entry.record.sequence + 1, needs_rotation=True
    )
    progress("Closing the access", 0, 0)
    composed = owner.compose(entry.study, head.decode(entry.head), changed, entry.word)
    change = Revoke(entry.study, entry.word, composed.word, grant_id)
    said = "You stopped sharing a study." if state == "revoked" else "A sharing ended on its date."
    first = owner.commit(composed, entry.word, change, said)
    if later:
        receipt = first.receipt
        return Withdrawn(first.entry, (receipt.transaction,), receipt.gas, False)
    second = reseal(owner, first.entry, progress)
    receipts = (first.receipt, second.receipt)
    return Withdrawn(
        second.entry,
        tuple(r.transaction for r in receipts),
        sum(r.gas for r in receipts),
        True,
    )


def _check_active(entry: Entry, grant: str) -> Address:
    for each in entry.record.grants:
        grant_id = Key(each.grant_key).address
        if grant_id.lower() == grant.lower():
            if each.state != "active":
                raise GrantEnded(grant_id)
            return grant_id
    raise GrantUnknown(grant, entry.study)


def reseal(owner: Owner, entry: Entry, progress: Progress = unwatched) -> Committed:
    """Seal everything anew under a new study key and a new container, for the same readers."""
    old = head.decode(entry.head)
    study_key = secrets.token_bytes(32)
    epoch = Epoch(secrets.token_bytes(16), old.epoch + 1)
    series = files_again(owner.sealed(entry))
    sealed = seal_study(series, study_key, epoch, owner.store().add, progress)
    layout = replace(
        old,
        container=epoch.container,
        epoch=epoch.epoch,
        data=sealed.data,
        index=sealed.index,
        preview=sealed.preview,
    )
    record = replace(
        entry.record,
        study_key=study_key,
        ranges=sealed.ranges,
        sequence=entry.record.sequence + 1,
        needs_rotation=False,
    )
    progress("Recording the new keys", 0, 0)
    composed = owner.compose(entry.study, layout, record, entry.word)
    change = Rotate(entry.study, entry.word, composed.word)
    return owner.commit(composed, entry.word, change, "A study was sealed anew.")


def tidy(owner: Owner, progress: Progress = unwatched) -> None:
    """End what has run out, and seal anew what still waits for it."""
    now = owner.now()
    for study in list(owner.state.studies):
        entry = owner.state.studies[study]
        for grant in entry.record.grants:
            until = grant.terms.until
            if grant.state == "active" and until is not None and until <= now:
                grant_id = Key(grant.grant_key).address
                revoke(owner, study, grant_id, True, "expired", progress)
        if owner.state.studies[study].record.needs_rotation:
            reseal(owner, owner.confirm(owner.state.studies[study]), progress)
