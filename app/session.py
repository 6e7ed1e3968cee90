"""An unlocked wallet: implements app.service.Wallet on the library, the sharing and the parts."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app import contacts, items, pictures
from app.service import (
    ContactItem,
    CopyItem,
    GrantItem,
    Imported,
    OpenedStudy,
    ReceivedItem,
    Shared,
    Stopped,
    StudyDetail,
    StudyItem,
)
from viewer.dicom.file_set import FileSet, write_file_set
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.source import StudySource
from viewer.errors import CannotDraw
from wallet.container.reader import SealedStudy
from wallet.errors import (
    ConsentUnconfirmed,
    LedgerError,
    NotDrawable,
    UnreachableError,
)
from wallet.identity import card as cards
from wallet.library import importing, reading, restoring
from wallet.library.owner import Owner
from wallet.library.reading import SealedSource
from wallet.library.state import Entry, Received, State
from wallet.ports import Cid, LogEntry, Progress, Signer, unwatched
from wallet.sharing import granting, link, opening, revoking

if TYPE_CHECKING:
    from app.composition import Composition


class Session:
    """Implements app.service.Wallet."""

    def __init__(self, owner: Owner, parts: Composition) -> None:
        self._owner = owner
        self._parts = parts
        self._opened: dict[str, opening.Received] = {}
        self._pictures: dict[Cid, bytes] = {}
        self._at_work = threading.Lock()  # held while a thread changes this home

    # -- oneself and others -------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self._owner.card.name

    @property
    def account(self) -> str:
        return self._owner.card.account

    @property
    def payer(self) -> Signer:
        """Who pays the fees of this device."""
        return self._owner.identity.payer(self._owner.state.device)

    @property
    def safety_code(self) -> str:
        return cards.safety_code(self._owner.card)

    @property
    def card(self) -> str:
        return cards.to_text(self._owner.card)

    def contacts(self) -> tuple[ContactItem, ...]:
        return contacts.listed(self._owner.state)

    def add_contact(self, card_text: str, name: str | None = None) -> ContactItem:
        """Keep a card; the highest signed version of an account wins. Raises: CardInvalid."""
        card = cards.from_text(card_text)
        with self._owner.file.changing() as state:
            return contacts.add(state, card, name)

    # -- one's own studies --------------------------------------------------------------------

    @contextmanager
    def _working(self, progress: Progress) -> Iterator[State]:
        """Hold the home, with everything finished that earlier runs had left."""
        with self._at_work, self._owner.file.changing() as state:
            if state.restored:
                restoring.restore(self._owner, progress)
            self._owner.resume()
            revoking.tidy(self._owner, progress)
            yield state

    def catch_up(self, progress: Progress = unwatched) -> bool:
        """Finish what earlier runs had left; return whether there was any and it was done."""
        state = self._owner.state
        if self._at_work.locked():
            return False  # another thread of ours is at it
        if state.restored:
            with self._working(progress):
                return True
        if not state.pending and not any(map(self._is_due, state.studies.values())):
            return False
        try:
            with self._working(progress):
                return True
        except UnreachableError as error:
            progress(f"Not everything is up to date: {error}", 0, 0)
            return False

    def _is_due(self, entry: Entry) -> bool:
        return entry.record.needs_rotation or any(
            g.state == "active" and items.state_of(g, self._owner.now()) == "expired"
            for g in entry.record.grants
        )

    @cached_property
    def _sandbox(self) -> Sandbox:
        return Sandbox()

    def import_paths(self, paths: Sequence[Path], progress: Progress = unwatched) -> Imported:
        with self._working(progress) as state:
            taken = importing.import_paths(
                self._owner,
                paths,
                self._sandbox,
                lambda fd, header: pictures.preview_png(self._sandbox, fd, header),
                progress,
            )
            for study, gas in taken.gas.items():
                state.gas[study] = state.gas.get(study, 0) + gas
        skipped = tuple((str(path), reason) for path, reason in taken.skipped)
        return Imported(tuple(self._item(e) for e in taken.entries), skipped)

    def keep(
        self, study: str, files: Sequence[tuple[str, bytes]], progress: Progress = unwatched
    ) -> None:
        with self._working(progress) as state:
            entry = self._owner.entry(study)
            done = importing.keep_made(self._owner, entry.study, files, self._sandbox, progress)
            for each, gas in done.gas.items():
                state.gas[each] = state.gas.get(each, 0) + gas

    def studies(self, progress: Progress = unwatched) -> tuple[StudyItem, ...]:
        newest_first = sorted(self.listed(progress), key=lambda item: item.date, reverse=True)
        return tuple(replace(i, preview_png=self._preview(i.study)) for i in newest_first)

    def listed(self, progress: Progress = unwatched) -> tuple[StudyItem, ...]:
        """Return the studies without their pictures, for which no store is needed."""
        self.catch_up(progress)
        entries = self._owner.state.studies.values()
        return tuple(self._item(e) for e in sorted(entries, key=lambda e: e.record.index))

    def show(self, study: str) -> StudyDetail:
        self.catch_up(unwatched)
        entry = self._owner.entry(study)
        item = self._with_links(entry, self._item(entry, with_log=True))
        now = int(self._owner.now())
        store = self._owner.store()
        copies = (CopyItem(store.name, store.has(entry.head_cid), now),)
        series = items.series(entry, self._previews(entry))
        return StudyDetail(item, series, copies, entry.record.needs_rotation)

    def _previews(self, entry: Entry) -> dict[bytes, bytes]:
        study = self._owner.sealed(entry)
        try:
            return {r.series_id: study.preview(r.series_id) for r in entry.record.ranges}
        except UnreachableError:
            return {}

    def _with_links(self, entry: Entry, item: StudyItem) -> StudyItem:
        """Put the links into the grants that still hold, to be handed over again."""
        try:
            grants = tuple(
                replace(shown, link=granting.link_of(self._owner, entry, grant).encode())
                if shown.state == "active"
                else shown
                for shown, grant in zip(item.grants, entry.record.grants, strict=True)
            )
        except UnreachableError:
            return item
        return replace(item, grants=grants)

    def _preview(self, study: str) -> bytes:
        """Return a small picture of the study's best series, or nothing."""
        entry = self._owner.entry(study)
        if entry.head_cid not in self._pictures:
            best = max(entry.record.labels["series"], key=lambda each: int(each["drawable"]))
            try:
                self._pictures[entry.head_cid] = self._owner.sealed(entry).preview(best["id"])
            except UnreachableError:
                return b""
        return self._pictures[entry.head_cid]

    def _item(self, entry: Entry, with_log: bool = False) -> StudyItem:
        given = self._grants(entry, self._log(entry) if with_log else ())
        return items.study(entry, self._owner.state.gas.get(entry.study, 0), given)

    def source(self, study: str) -> StudySource:
        return SealedSource(self._owner.sealed(self._owner.entry(study)))

    def export_study(self, study: str, folder: Path, progress: Progress = unwatched) -> int:
        self.catch_up(progress)
        entry = self._owner.entry(study)
        return reading.export(self._owner.sealed(entry), folder, progress)

    def export_disc(self, study: str, folder: Path, progress: Progress = unwatched) -> FileSet:
        """Write the owner's originals with a DICOMDIR, as a hospital's disc has them."""
        self.catch_up(progress)
        return self._disc(self._owner.sealed(self._owner.entry(study)), folder, progress)

    def _disc(self, study: SealedStudy, folder: Path, progress: Progress) -> FileSet:
        reading.check_empty(folder)
        originals = reading.originals(study)
        return write_file_set(originals, folder, self._sandbox, progress)

    # -- consent ------------------------------------------------------------------------------

    def share_with(
        self,
        study: str,
        contact: str,
        series: Sequence[str] = (),
        until: int | None = None,
        purpose: str = "TREAT",
        progress: Progress = unwatched,
    ) -> Shared:
        card, name = contacts.find(self._owner.state, contact)
        wish = granting.Wish(series, until, purpose)
        with self._working(progress):
            self._owner.entry(study)
            return items.shared(granting.grant_to(self._owner, study, card, name, wish, progress))

    def share_by_link(
        self,
        study: str,
        with_passcode: bool,
        series: Sequence[str] = (),
        until: int | None = None,
        purpose: str = "TREAT",
        progress: Progress = unwatched,
    ) -> Shared:
        wish = granting.Wish(series, until, purpose)
        with self._working(progress):
            done = granting.grant_by_link(self._owner, study, with_passcode, wish, progress)
        return items.shared(done)

    def grants(self, study: str) -> tuple[GrantItem, ...]:
        self.catch_up(unwatched)
        entry = self._owner.entry(study)
        if not entry.record.grants:
            return ()
        if self._owner.words([entry.study])[entry.study] != entry.word:
            with self._working(unwatched):
                entry = self._owner.confirm(entry)
        return self._grants(entry, self._owner.ledger().log(entry.study))

    def _log(self, entry: Entry) -> tuple[LogEntry, ...]:
        if not entry.record.grants:
            return ()
        try:
            return self._owner.ledger().log(entry.study)
        except LedgerError:
            return ()

    def _grants(self, entry: Entry, log: Sequence[LogEntry]) -> tuple[GrantItem, ...]:
        return items.grants(entry, log, self._owner.now())

    def revoke(
        self, study: str, grant: str, later: bool = False, progress: Progress = unwatched
    ) -> Stopped:
        opened = {g.grant.lower(): g.opened_at for g in self._grants_of(study)}
        with self._working(progress):
            done = revoking.revoke(self._owner, study, grant, later, progress=progress)
        return Stopped(
            done.transactions,
            done.gas,
            done.entry.head_cid,
            done.resealed,
            opened.get(grant.lower()),
        )

    def _grants_of(self, study: str) -> tuple[GrantItem, ...]:
        entry = self._owner.entry(study)
        return self._grants(entry, self._log(entry))

    # -- what others share --------------------------------------------------------------------

    def _reader(self) -> opening.Reader:
        owner = self._owner
        return opening.Reader(
            owner.identity, self._parts.registries(), owner.ledger, owner.store, owner.now
        )

    def open_link(
        self, link_text: str, passcode: str | None = None, progress: Progress = unwatched
    ) -> OpenedStudy:
        asked = link.parse(link_text)
        state = self._owner.state
        before = state.received.get(asked.grant_id)
        received, checkpoint = opening.open_link(
            self._reader(),
            asked,
            passcode,
            state.seen_of(asked.registry),
            max((r.sequence for r in state.received.values() if r.study == asked.study), default=0),
            progress,
        )
        source = SealedSource(received.study)
        progress("Reading the list of images", 0, 0)
        sender = received.sender
        known = state.contacts.get(sender.account) if sender else None
        opened = items.opened(received, source, known[1] if known else None)
        with self._owner.file.changing() as state:
            state.saw(asked.registry, checkpoint)
            state.received[asked.grant_id] = Received(
                grant=asked.grant_id,
                study=asked.study,
                title=opened.title,
                sender=opened.sender,
                until=opened.until,
                opened_at=int(self._owner.now()),
                sequence=received.envelope.sequence,
                link=asked.encode(),
            )
            state.note(int(self._owner.now()), f"You opened a study from {opened.sender}.")
            device = state.device
        self._opened[opened.study] = received
        if before is None and not received.reported:
            self._report(received, device, progress)
        return opened

    def _report(self, received: opening.Received, device: int, progress: Progress) -> None:
        """A report that cannot be sent now costs the reader nothing."""
        progress("Telling the owner that it was opened", 0, 0)
        try:
            opening.report_opened(self._reader(), received, device)
        except (LedgerError, ConsentUnconfirmed) as error:
            progress(f"The owner could not be told: {error}", 0, 0)

    def received(self) -> tuple[ReceivedItem, ...]:
        found = sorted(self._owner.state.received.values(), key=lambda r: -r.opened_at)
        return tuple(
            ReceivedItem(r.study, r.title, r.sender, r.until, r.opened_at, r.link) for r in found
        )

    def export_opened(
        self, opened: OpenedStudy, folder: Path, progress: Progress = unwatched
    ) -> int:
        return reading.export(self._opened[opened.study].study, folder, progress)

    def export_opened_disc(
        self, opened: OpenedStudy, folder: Path, progress: Progress = unwatched
    ) -> FileSet:
        return self._disc(self._opened[opened.study].study, folder, progress)

    # -- the rest -----------------------------------------------------------------------------

    def picture(self, source: StudySource) -> bytes:
        """Return a PNG of the first image that can be drawn. Raises: NotDrawable."""
        try:
            return pictures.source_picture(self._sandbox, source)
        except CannotDraw as error:
            raise NotDrawable(error.why) from None

    @property
    def sandbox(self) -> Sandbox:
        """The children that decode; for the viewer."""
        return self._sandbox

    def check_empty(self, folder: Path) -> None:
        reading.check_empty(folder)

    def activity(self) -> tuple[tuple[int, str], ...]:
        return tuple(self._owner.state.activity)

    def parts(self) -> tuple[tuple[str, str, str], ...]:
        return tuple((p.name, p.state, p.advice) for p in self._parts.doctor())

    def close(self) -> None:
        if "_sandbox" in self.__dict__:
            self._sandbox.close()
        self._opened.clear()
        self._pictures.clear()
