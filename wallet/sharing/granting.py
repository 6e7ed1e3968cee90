"""Letting somebody see a study: a new head with one envelope more, and the consent on the chain."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from wallet.container import head
from wallet.container.envelope import MAX_ENVELOPES, WHOLE_STUDY, Terms, commitment
from wallet.container.self_record import GrantRecord
from wallet.errors import RequestInvalid, SeriesUnknown
from wallet.identity import passcode
from wallet.identity.card import Card, grantee_digest
from wallet.identity.person import link_receiving
from wallet.identity.secp256k1 import Key
from wallet.library.owner import Owner
from wallet.library.state import Entry
from wallet.ports import Address, Grant, GrantItem, Progress, unwatched
from wallet.sharing.link import Link


@dataclass(frozen=True, slots=True)
class Granted:
    """A consent on the chain."""

    grant_id: Address
    link: Link = field(repr=False)
    passcode: str = field(repr=False)
    transaction: str
    gas: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What the owner wants to grant. `series` are Series Instance UIDs, none for all there are."""

    series: Sequence[str] = field(default=(), repr=False)
    until: int | None = None
    purpose: str = "TREAT"


def grant_to(
    owner: Owner, study: str, card: Card, name: str, wish: Wish, progress: Progress = unwatched
) -> Granted:
    """Grant to a person whose card is known. Raises: WalletError."""
    record = GrantRecord(
        grant_key=Key.random().secret,
        salt=secrets.token_bytes(32),
        terms=_terms(owner, study, grantee_digest(card.receiving), wish),
        receiving=card.receiving,
        series_ids=_series_ids(owner.entry(study), wish),
        card=card.encode(),
        name=name,
        secret=None,
        passcode="",
        state="active",
        created_at=int(owner.now()),
    )
    return _grant(owner, study, record, f"You let {name} see a study.", progress)


def grant_by_link(
    owner: Owner, study: str, with_passcode: bool, wish: Wish, progress: Progress = unwatched
) -> Granted:
    """Grant to whoever has the link (and the passcode). Raises: WalletError."""
    secret = secrets.token_bytes(32)
    words = passcode.generate() if with_passcode else ""
    receiving = link_receiving(secret, words or None).public
    record = GrantRecord(
        grant_key=Key.random().secret,
        salt=secrets.token_bytes(32),
        terms=_terms(owner, study, grantee_digest(receiving), wish),
        receiving=receiving,
        series_ids=_series_ids(owner.entry(study), wish),
        card=None,
        name="link",
        secret=secret,
        passcode=words,
        state="active",
        created_at=int(owner.now()),
    )
    return _grant(owner, study, record, "You made a link to a study.", progress)


def link_of(owner: Owner, entry: Entry, grant: GrantRecord) -> Link:
    """Return the link of a grant, with where the study can be fetched right now."""
    registry = owner.ledger().registry
    return Link(
        registry,
        entry.study,
        Key(grant.grant_key).address,
        owner.identity.locator_key(registry, entry.study),
        grant.terms.until,
        owner.store().addresses()[:8],
        grant.secret,
        bool(grant.passcode),
    )


def _grant(owner: Owner, study: str, record: GrantRecord, said: str, progress: Progress) -> Granted:
    progress("Reading the consent record", 0, 0)
    entry = owner.confirm(owner.entry(study))
    active = [g for g in entry.record.grants if g.is_active]
    if len(active) >= MAX_ENVELOPES:
        raise RequestInvalid(f"A study can be shared with at most {MAX_ENVELOPES} at a time")
    progress("Sealing for the new reader", 0, 0)
    changed = replace(
        entry.record,
        grants=(*entry.record.grants, record),
        sequence=entry.record.sequence + 1,
    )
    composed = owner.compose(entry.study, head.decode(entry.head), changed, entry.word)
    grant_id = Key(record.grant_key).address
    item = GrantItem(grant_id, commitment(record.salt, record.terms))
    progress("Recording the consent", 0, 0)
    change = Grant(entry.study, entry.word, composed.word, (item,))
    done = owner.commit(composed, entry.word, change, said)
    link = link_of(owner, done.entry, record)
    return Granted(grant_id, link, record.passcode, done.receipt.transaction, done.receipt.gas)


def _terms(owner: Owner, study: str, grantee: bytes, wish: Wish) -> Terms:
    ids = _series_ids(owner.entry(study), wish)
    scope = tuple(sorted(i.hex() for i in ids)) if wish.series else (WHOLE_STUDY,)
    return Terms(grantee, scope, wish.purpose, int(owner.now()), wish.until)


def _series_ids(entry: Entry, wish: Wish) -> tuple[bytes, ...]:
    """Return the sections that a wish covers. Raises: SeriesUnknown."""
    by_uid = entry.record.labels["series"]
    known = {each["uid"] for each in by_uid}
    for uid in wish.series:
        if uid not in known:
            raise SeriesUnknown(uid)
    wanted = set(wish.series) or known
    return tuple(each["id"] for each in by_uid if each["uid"] in wanted)
