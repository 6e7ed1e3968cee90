"""Opening a link: the chain is asked first, and nothing is fetched unless it says yes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from wallet.container import head
from wallet.container.envelope import Envelope, Place, commitment, open_one
from wallet.container.reader import SealedStudy
from wallet.container.sealing import Epoch
from wallet.errors import (
    ConsentUnconfirmed,
    Damaged,
    Expired,
    HeadStale,
    LedgerError,
    NetworkUnknown,
    NeverGranted,
    NotForYou,
    PasscodeMissing,
    PasscodeWrong,
    RequestError,
    Revoked,
    StudyErased,
    UnreachableError,
)
from wallet.identity import card as cards
from wallet.identity import locator
from wallet.identity.card import Card
from wallet.identity.hpke import ReceivingKey
from wallet.identity.passcode import typed
from wallet.identity.person import Identity, link_receiving
from wallet.identity.secp256k1 import Key
from wallet.identity.sender import verify_sender
from wallet.ports import (
    WORD_ERASED,
    WORD_NONE,
    BlobStore,
    Checkpoint,
    Ledger,
    LogEntry,
    LogKind,
    Opened,
    Progress,
    Reading,
    Registry,
    unwatched,
)
from wallet.sharing.link import Link
from wallet.storage import unixfs


@dataclass(frozen=True, slots=True)
class Consent:
    """What the chain says about a grant that is active."""

    reading: Reading
    granted: LogEntry
    reported: bool  # whether it was reported opened before


@dataclass(frozen=True, slots=True)
class Received:
    """A shared study after all checks."""

    link: Link = field(repr=False)
    study: SealedStudy = field(repr=False)
    envelope: Envelope = field(repr=False)
    sender: Card | None  # None: unknown
    reported: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Who opens, and with what."""

    identity: Identity
    registries: frozenset[Registry]  # the person's own network table
    ledger: Callable[[], Ledger]
    store: Callable[[], BlobStore]
    now: Callable[[], float]


def receiving_key(reader: Reader, link: Link, passcode: str | None) -> ReceivingKey:
    """Return the key that opens the link's envelope.

    Raises: NetworkUnknown, PasscodeMissing. Decided before any network.
    """
    if link.registry not in reader.registries:
        raise NetworkUnknown(f"eip155:{link.registry.chain_id}")
    if link.secret is None:
        return reader.identity.receiving()
    if link.passcode and not passcode:
        raise PasscodeMissing()
    return link_receiving(link.secret, typed(passcode) if passcode and link.passcode else None)


def consent(ledger: Ledger, link: Link, now: float, seen: Checkpoint | None = None) -> Consent:
    """Ask the chain. Fails closed.

    Raises: NeverGranted, Revoked, Expired, StudyErased, ConsentUnconfirmed.
    """
    try:
        reading = ledger.read([link.study], seen)
        word = reading.words[link.study]
        if word == WORD_ERASED:
            raise StudyErased()
        log = ledger.log(link.study) if word != WORD_NONE else ()
    except LedgerError as error:
        raise ConsentUnconfirmed(str(error)) from error
    mine = {entry.kind: entry for entry in log if entry.grant_id == link.grant_id}
    if (granted := mine.get(LogKind.GRANTED)) is None:
        raise NeverGranted()
    if LogKind.REVOKED in mine:
        raise Revoked()
    _check_term(link.until, now, reading.checkpoint)
    return Consent(reading, granted, LogKind.OPENED in mine)


def _check_term(until: int | None, now: float, checkpoint: Checkpoint) -> None:
    """Both clocks count: this machine's and the chain's. Raises: Expired."""
    if until is not None and max(now, checkpoint.at) >= until:
        raise Expired(datetime.fromtimestamp(until, UTC).strftime("%d %B %Y, %H:%M UTC"))


def open_link(
    reader: Reader,
    link: Link,
    passcode: str | None,
    seen: Checkpoint | None,
    newest_sequence: int,
    progress: Progress = unwatched,
) -> tuple[Received, Checkpoint]:
    """Check consent, then fetch the head and the envelope, then check all that they say.

    Args:
        newest_sequence: the highest of this study that was seen before, or 0.

    Raises: RequestError, ConsentError, UnreachableError, ContentError.
    """
    receiving = receiving_key(reader, link, passcode)
    progress("Asking the consent record", 0, 0)
    agreed = consent(reader.ledger(), link, reader.now(), seen)
    progress("Reaching the machine that keeps the study", 0, 0)
    store = reader.store()
    _dial(store, link)
    word = agreed.reading.words[link.study]
    digest = locator.unmask(link.locator_key, link.study, word)
    found = head.fetch(store, digest)
    epoch = Epoch(found.container, found.epoch)
    progress("Opening your envelope", 0, 0)
    envelopes = unixfs.File(store, found.grants).read_all()
    try:
        place = Place(link.registry, link.study)
        opened = open_one(envelopes, receiving, place, epoch, link.grant_id)
    except NotForYou:
        if link.passcode:
            raise PasscodeWrong() from None
        raise
    sender = _check(opened, link, receiving, agreed, newest_sequence, reader.now())
    study = SealedStudy(store, found, opened.study_key, opened.series_keys, opened.ranges)
    return Received(link, study, opened, sender, agreed.reported), agreed.reading.checkpoint


def _check(
    opened: Envelope,
    link: Link,
    receiving: ReceivingKey,
    agreed: Consent,
    newest_sequence: int,
    now: float,
) -> Card | None:
    """Return the sender's card, if the envelope proves it, once everything else holds."""
    if opened.sequence < newest_sequence:
        raise HeadStale()
    _check_term(opened.terms.until, now, agreed.reading.checkpoint)
    consistent = (
        Key(opened.grant_key).address == link.grant_id
        and opened.terms.grantee == cards.grantee_digest(receiving.public)
        and commitment(opened.salt, opened.terms) == agreed.granted.commitment
    )
    if not consistent:
        raise Damaged("the terms of this consent")
    try:
        sender = cards.decode(opened.card)
    except RequestError:
        return None
    proven = verify_sender(sender, link.registry, link.study, link.grant_id, opened.signature)
    return sender if proven else None


def _dial(store: BlobStore, link: Link) -> None:
    """Connect to where the link says the study is; any one is enough, and none is no error yet."""
    for address in link.hints:
        try:
            store.connect(address)
        except (UnreachableError, RequestError):
            continue
        return


def report_opened(reader: Reader, received: Received, device: int) -> None:
    """Tell the owner, through this device's payer, that it was opened. Raises: LedgerError."""
    ledger = reader.ledger()
    payer = reader.identity.payer(device)
    ledger.fund(payer.address)
    change = Opened(received.link.study, received.link.grant_id)
    signed = ledger.sign(change, Key(received.envelope.grant_key))
    transaction = ledger.prepare([signed], payer)
    ledger.send(transaction)
    ledger.wait(transaction.hash)
