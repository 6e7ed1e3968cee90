"""What both faces of the application, windows and command line, ask of the core.

Times are Unix seconds UTC. Every method raises WalletError or ViewerError; those with `progress`
may take long, are run off the interface thread, and stop with Cancelled when `progress` raises it.
`app.session.Session` is the implementation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from viewer.dicom.source import StudySource
from wallet.ports import Progress, unwatched


@dataclass(frozen=True, slots=True)
class SeriesItem:
    """One series of a study."""

    uid: str
    modality: str
    title: str  # the series' description, or "Series 3"
    instances: int
    preview_png: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class GrantItem:
    """One consent given."""

    grant: str  # the grant id
    to: str  # the contact's name (or account), or "link"
    state: str  # active, revoked, expired
    created_at: int
    opened_at: int | None  # reported opened
    until: int | None
    by_link: bool
    purpose: str
    link: str = field(repr=False, default="")
    passcode: str = field(repr=False, default="")  # of a grant by link, while it is active


@dataclass(frozen=True, slots=True)
class CopyItem:
    """Where the study is kept."""

    store: str  # "IPFS node" or "this computer"
    confirmed: bool
    checked_at: int


@dataclass(frozen=True, slots=True)
class StudyItem:
    """One study of the person's own."""

    study: str  # the id: an address
    head: str  # CID
    title: str  # plain words: "Head CT"
    description: str
    patient: str
    date: str  # ISO date or ""
    place: str
    modalities: tuple[str, ...]
    series: int
    instances: int
    bytes_in: int
    bytes_stored: int
    gas: int
    grants: tuple[GrantItem, ...] = ()
    preview_png: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    studies: tuple[StudyItem, ...]
    skipped: tuple[tuple[str, str], ...]  # path, reason


@dataclass(frozen=True, slots=True)
class StudyDetail:
    """A study with what its page shows."""

    study: StudyItem
    series: tuple[SeriesItem, ...]
    copies: tuple[CopyItem, ...]
    reseal_pending: bool  # somebody was stopped, and the new sealing is still to come


@dataclass(frozen=True, slots=True)
class Shared:
    """A consent just given. `passcode` goes by another way than `link`."""

    grant: str
    link: str = field(repr=False)
    passcode: str = field(repr=False)
    transaction: str
    gas: int
    until: int | None


@dataclass(frozen=True, slots=True)
class Stopped:
    """A consent just withdrawn."""

    transactions: tuple[str, ...]
    gas: int
    head: str
    resealed: bool
    opened_at: int | None  # when the other had reported opening it, if they did


@dataclass(frozen=True, slots=True)
class ContactItem:
    """A person whose card is known."""

    account: str
    name: str
    safety_code: str


@dataclass(frozen=True, slots=True)
class OpenedStudy:
    """A shared study after all checks. `source` reads it; nothing is written to disk."""

    study: str
    title: str
    patient: str
    date: str
    sender: str  # the name on the sender's card, or "unknown"
    sender_known: bool  # whether that card is among the contacts
    until: int | None
    series: tuple[SeriesItem, ...]
    instances: int
    source: StudySource


@dataclass(frozen=True, slots=True)
class ReceivedItem:
    """A link that was opened before."""

    study: str
    title: str
    sender: str
    until: int | None
    opened_at: int
    link: str = field(repr=False)


class Wallet(Protocol):
    """An unlocked wallet."""

    @property
    def name(self) -> str: ...

    @property
    def account(self) -> str: ...

    @property
    def safety_code(self) -> str: ...

    @property
    def card(self) -> str:
        """One's own contact card as text."""
        ...

    def contacts(self) -> tuple[ContactItem, ...]: ...

    def add_contact(self, card_text: str, name: str | None = None) -> ContactItem: ...

    def import_paths(self, paths: Sequence[Path], progress: Progress = unwatched) -> Imported: ...

    def keep(
        self, study: str, files: Sequence[tuple[str, bytes]], progress: Progress = unwatched
    ) -> None:
        """Add DICOM files of our own making, (name, bytes), to one's own study."""
        ...

    def catch_up(self, progress: Progress = unwatched) -> bool:
        """Finish what was left undone; return whether there was any and it was done."""
        ...

    def studies(self, progress: Progress = unwatched) -> tuple[StudyItem, ...]: ...

    def show(self, study: str) -> StudyDetail: ...

    def source(self, study: str) -> StudySource:
        """The owner's own study, for the viewer."""
        ...

    def share_with(
        self,
        study: str,
        contact: str,
        series: Sequence[str] = (),
        until: int | None = None,
        purpose: str = "TREAT",
        progress: Progress = unwatched,
    ) -> Shared:
        """Share with a contact: an account, or a name that only one contact has."""
        ...

    def share_by_link(
        self,
        study: str,
        with_passcode: bool,
        series: Sequence[str] = (),
        until: int | None = None,
        purpose: str = "TREAT",
        progress: Progress = unwatched,
    ) -> Shared: ...

    def grants(self, study: str) -> tuple[GrantItem, ...]: ...

    def revoke(
        self, study: str, grant: str, later: bool = False, progress: Progress = unwatched
    ) -> Stopped: ...

    def open_link(
        self, link: str, passcode: str | None = None, progress: Progress = unwatched
    ) -> OpenedStudy: ...

    def received(self) -> tuple[ReceivedItem, ...]: ...

    def export_study(self, study: str, folder: Path, progress: Progress = unwatched) -> int:
        """Write the owner's originals byte for byte. Returns the number of files."""
        ...

    def export_opened(
        self, opened: OpenedStudy, folder: Path, progress: Progress = unwatched
    ) -> int: ...

    def activity(self) -> tuple[tuple[int, str], ...]:
        """What happened, newest first: time and a plain sentence."""
        ...

    def parts(self) -> tuple[tuple[str, str, str], ...]:
        """The parts that the wallet works with, for Settings: name, state, advice."""
        ...

    def close(self) -> None:
        """Forget the keys as far as Python lets it, and end child processes."""
        ...
