"""Everything the wallet and its ledger can report to a person.

A WalletError is a condition of the world: a wrong passphrase, a damaged container, a chain
that does not answer. A mistake in our own code is a ValueError or an AssertionError; nobody
catches those. The four families decide what the command line exits with; nothing else does.
"""

from __future__ import annotations

from typing import ClassVar


class WalletError(Exception):
    """Root of every condition that a caller may have to handle."""

    text: ClassVar[str] = "Something went wrong."
    retryable: ClassVar[bool] = False

    def __str__(self) -> str:
        return self.text.format_map(vars(self))


class RequestError(WalletError):
    """What was asked cannot be done as asked; decided before any network. Exit code 2."""


class ConsentError(WalletError):
    """The chain gives no consent, or does not answer whether it does. Exit code 3."""


class UnreachableError(WalletError):
    """Something that is needed does not answer. Exit code 4."""

    retryable = True


class ContentError(WalletError):
    """What was fetched or given is damaged, tampered with or no DICOM. Exit code 5."""


# -- requests ---------------------------------------------------------------------------------


class HomeTaken(RequestError):
    """`init` never overwrites."""

    text = "This folder already holds a wallet. Choose another with --home."


class HomeEmpty(RequestError):
    """A command that needs a wallet, where there is none."""

    text = (
        "There is no wallet here yet. Make one with `rayfolio init`, or give its folder by --home."
    )


class HomeBusy(RequestError):
    """Another process of ours is changing this home."""

    text = "Another Rayfolio is working in this wallet. Wait until it has finished, then try again."
    retryable = True


class WordsInvalid(RequestError):
    """Not a BIP-39 phrase."""

    text = "These are not valid recovery words: {why}. Check each word and the order."

    def __init__(self, why: str) -> None:
        self.why = why


class PassphraseWrong(RequestError):
    """The vault does not open with what was given."""

    text = "The passphrase is wrong. Check it and try again."


class PassphraseMissing(RequestError):
    """The vault needs a passphrase (or the keyring has no entry), and none was given."""

    text = (
        "This wallet needs its passphrase: give --passphrase-file FILE, or set RAYFOLIO_PASSPHRASE."
    )


class KeyringMissing(RequestError):
    """There is no usable keyring, and no passphrase was given."""

    text = "No system keyring can be used here. Give a passphrase by --passphrase-file FILE."


class KeyringEmpty(RequestError):
    """The keyring works, but no longer has the key of this home."""

    text = (
        "The system keyring does not have this wallet's key. Sign in as the user who made the "
        "wallet, or restore it from its words in another folder."
    )


class CardInvalid(RequestError):
    """A contact card that cannot be read, or whose signature is wrong."""

    text = "This is not a valid contact card: {why}. Ask for it again."

    def __init__(self, why: str) -> None:
        self.why = why


class LinkInvalid(RequestError):
    """A link that is cut, malformed, or of another version."""

    text = "This link is not complete or not a Rayfolio link: {why}. Ask for it again."

    def __init__(self, why: str) -> None:
        self.why = why


class PasscodeMissing(RequestError):
    """The link needs a passcode that travels by another way."""

    text = "This link needs a passcode. Ask the sender for it and give --passcode-file FILE."


class PasscodeWrong(RequestError):
    """The passcode does not open this link."""

    text = "The passcode does not open this link. Check it, or ask the sender again."


class NetworkUnknown(RequestError):
    """A link names a chain or contract that is not in the person's own network table."""

    text = "This link is of a network ({chain}) that this wallet does not know. It was not opened."

    def __init__(self, chain: str) -> None:
        self.chain = chain


class StudyUnknown(RequestError):
    """No such study in this wallet."""

    text = "This wallet has no study {study}. `rayfolio list` shows all."

    def __init__(self, study: str) -> None:
        self.study = study


class GrantUnknown(RequestError):
    """No such grant of this study."""

    text = "This study has no grant {grant}. `rayfolio grants {study}` shows all."

    def __init__(self, grant: str, study: str) -> None:
        self.grant = grant
        self.study = study


class GrantEnded(RequestError):
    """Revoking what no longer holds."""

    text = "The grant {grant} has ended already; there is nothing to revoke."

    def __init__(self, grant: str) -> None:
        self.grant = grant


class ContactUnknown(RequestError):
    """No contact of that account or name."""

    text = "No contact is called {contact}. `rayfolio contact list` shows all."

    def __init__(self, contact: str) -> None:
        self.contact = contact


class ContactAmbiguous(RequestError):
    """Several contacts share a name."""

    text = "Several contacts are called {contact}. Use the account address instead."

    def __init__(self, contact: str) -> None:
        self.contact = contact


class SeriesUnknown(RequestError):
    """No such series in the study."""

    text = "This study has no series {series}. `rayfolio show` lists them."

    def __init__(self, series: str) -> None:
        self.series = series


class TokenMissing(RequestError):
    """A storage service asks for an access token, and none can be read."""

    text = (
        "The storage ({store}) needs an access token: put it into the system keyring, or into a "
        "file that only you can read."
    )

    def __init__(self, store: str) -> None:
        self.store = store


class RequestInvalid(RequestError):
    """An option, a path or a value that cannot be used."""

    text = "{what}."

    def __init__(self, what: str) -> None:
        self.what = what


# -- consent ----------------------------------------------------------------------------------


class NeverGranted(ConsentError):
    """The log has no such grant."""

    text = "There is no consent for this link on record. Ask the patient to share the study again."


class Revoked(ConsentError):
    """The patient has withdrawn the consent."""

    text = "The patient has stopped sharing this study. Ask them if you still need it."


class Expired(ConsentError):
    """The consent has run out."""

    text = "This consent ended on {until}. Ask the patient to share the study again."

    def __init__(self, until: str) -> None:
        self.until = until


class StudyErased(ConsentError):
    """The patient has erased the study."""

    text = "The patient has erased this study; it cannot be opened any more."


class ConsentUnconfirmed(ConsentError):
    """The chain does not answer, or not credibly; never "allowed", never "not granted"."""

    text = "Consent cannot be confirmed: {why} Nothing was opened; try again later."
    retryable = True

    def __init__(self, why: str) -> None:
        self.why = why


class HeadStale(ConsentError):
    """An older state of the study than this wallet has already seen."""

    text = "Consent cannot be confirmed: an older state of this study came than was seen before."
    retryable = True


# -- unreachable ------------------------------------------------------------------------------


class LedgerError(UnreachableError):
    """Root of what the ledger can report."""


class LedgerUnreachable(LedgerError):
    """No endpoint of the network answers."""

    text = "The consent network ({network}) does not answer. Check that it runs, then try again."

    def __init__(self, network: str) -> None:
        self.network = network


class LedgerReset(LedgerError):
    """The network is behind what this home has recorded: its state was lost or replaced."""

    text = (
        "The consent network ({network}) was reset: "
        "it no longer has what this wallet recorded there."
    )
    retryable = False

    def __init__(self, network: str) -> None:
        self.network = network


class LedgerMistrusted(LedgerError):
    """An endpoint of the wrong chain, other code at the contract's address, an impossible time."""

    text = "The consent network ({network}) cannot be trusted: {why}."
    retryable = False

    def __init__(self, network: str, why: str) -> None:
        self.network = network
        self.why = why


class LedgerRefused(LedgerError):
    """The contract refused a change, by the name of its custom error."""

    text = "The consent network refused the change ({why}). Look at the study again and retry."

    def __init__(self, why: str) -> None:
        self.why = why


class FeeShort(LedgerError):
    """The payer cannot pay."""

    text = "The paying account {payer} has too little to pay the fee. Add to it, then try again."

    def __init__(self, payer: str) -> None:
        self.payer = payer


class StoreUnreachable(UnreachableError):
    """The store itself does not answer."""

    text = "The storage ({store}) does not answer. Check that it runs, then try again."

    def __init__(self, store: str) -> None:
        self.store = store


class StoreFull(UnreachableError):
    """The disk under the store has no room."""

    text = "The storage ({store}) is full. Free some space, then try again."

    def __init__(self, store: str) -> None:
        self.store = store


class StoreReadOnly(UnreachableError):
    """The store can be read, and takes nothing in."""

    text = (
        "The storage ({store}) is write-protected or not yours to use. "
        "Change that, or choose another."
    )
    retryable = False

    def __init__(self, store: str) -> None:
        self.store = store


class StoreRefused(UnreachableError):
    """The store answered, and does not do it for this person."""

    text = "The storage ({store}) refused: {why}."
    retryable = False

    def __init__(self, store: str, why: str) -> None:
        self.store = store
        self.why = why


class StoreMistrusted(UnreachableError):
    """The store sent something else than was asked for."""

    text = "The storage ({store}) cannot be trusted: {why}. Nothing of it was used."
    retryable = False

    def __init__(self, store: str, why: str) -> None:
        self.store = store
        self.why = why


class BlockUnreachable(UnreachableError):
    """Nobody who can be reached has the block."""

    text = (
        "Part of this study ({cid}) cannot be reached. The machine that keeps it may be off; "
        "connect to it or try again later."
    )

    def __init__(self, cid: str) -> None:
        self.cid = cid


class PartMissing(UnreachableError):
    """A program that is needed is not installed or does not start."""

    text = "{part} is missing or does not start: {why}"
    retryable = False

    def __init__(self, part: str, why: str) -> None:
        self.part = part
        self.why = why


# -- content ----------------------------------------------------------------------------------


class NotForYou(ConsentError):
    """No envelope opens with the key that was tried."""

    text = "This study was not shared with this wallet. Ask the patient to share it with your card."


class Damaged(ContentError):
    """Parsing or authentication failed. Which of the two is not revealed."""

    text = "What was fetched ({what}) is damaged or was tampered with. It was not opened."

    def __init__(self, what: str) -> None:
        self.what = what


class NothingReadable(ContentError):
    """An import in which nothing was DICOM."""

    text = "Nothing here is DICOM. Choose the folder or disc that the hospital gave you."


class NotDrawable(ContentError):
    """A picture was asked for and cannot be drawn."""

    text = "This cannot be shown as a picture: {why}."

    def __init__(self, why: str) -> None:
        self.why = why


class ExportDamaged(ContentError):
    """A file does not have the digest that was recorded when it was imported."""

    text = "The file {position} of the study does not match what was imported. It was not written."

    def __init__(self, position: int) -> None:
        self.position = position


class Cancelled(WalletError):
    """The person stopped the job."""

    text = "Stopped. What was finished so far is kept."
