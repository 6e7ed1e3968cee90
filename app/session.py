"""An unlocked wallet: implements app.service.Wallet on the library, the sharing and the parts."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app import pictures, plain_words
from app.service import (
    ContactItem,
    CopyItem,
    GrantItem,
    Imported,
    OpenedStudy,
    ReceivedItem,
    SeriesItem,
    Shared,
    Stopped,
    StudyDetail,
    StudyItem,
)
from viewer.dicom.file_set import FileSet, write_file_set
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.source import SeriesView, StudySource
from viewer.errors import CannotDraw
from wallet.container.reader import SealedStudy
from wallet.container.self_record import GrantRecord
from wallet.errors import (
    ConsentUnconfirmed,
    ContactAmbiguous,
    ContactUnknown,
    LedgerError,
    NotDrawable,
    UnreachableError,
)
from wallet.identity import card as cards
from wallet.identity.card import Card
from wallet.identity.secp256k1 import Key
from wallet.library import importing, reading, restoring
from wallet.library.owner import Owner
from wallet.library.reading import SealedSource
from wallet.library.state import Entry, Received, State
from wallet.ports import Cid, LogEntry, LogKind, Progress, Signer, unwatched
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
        found = [
            ContactItem(account, name, cards.safety_code(cards.decode(card)))
            for account, (card, name) in self._owner.state.contacts.items()
        ]
        return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.account)))

    def add_contact(self, card_text: str, name: str | None = None) -> ContactItem:
        """Keep a card; the highest signed version of an account wins. Raises: CardInvalid."""
        card = cards.from_text(card_text)
        with self._owner.file.changing() as state:
            known = state.contacts.get(card.account)
            shown = name or (known[1] if known else "") or card.name or card.account
            if known is None or cards.decode(known[0]).version <= card.version:
                state.contacts[card.account] = (card.encode(), shown)
            else:
                state.contacts[card.account] = (known[0], shown)
            state.library_changed = True
            kept = cards.decode(state.contacts[card.account][0])
        return ContactItem(card.account, shown, cards.safety_code(kept))

    def _contact(self, contact: str) -> tuple[Card, str]:
        found = [
            (card, name)
            for account, (card, name) in self._owner.state.contacts.items()
            if contact.lower() == account.lower() or contact == name
        ]
        if not found:
            raise ContactUnknown(contact)
        if len(found) > 1:
            raise ContactAmbiguous(contact)
        return cards.decode(found[0][0]), found[0][1]

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
            g.state == "active" and self._state_of(g) == "expired" for g in entry.record.grants
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
        previews = self._previews(entry)
        labels = entry.record.labels["series"]
        uids = list(dict.fromkeys(each["uid"] for each in labels))
        series = []
        for uid in uids:
            same = [each for each in labels if each["uid"] == uid]
            title = plain_words.series_title(same[0]["title"], same[0]["number"])
            count = sum(each["instances"] for each in same)
            fullest = max(same, key=lambda each: int(each["drawable"]))
            picture = previews.get(fullest["id"], b"")
            series.append(SeriesItem(uid, same[0]["modality"], title, count, picture))
        item = self._with_links(entry, self._item(entry, with_log=True))
        now = int(self._owner.now())
        store = self._owner.store()
        copies = (CopyItem(store.name, store.has(entry.head_cid), now),)
        return StudyDetail(item, tuple(series), copies, entry.record.needs_rotation)

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
        labels = entry.record.labels
        modalities = tuple(dict.fromkeys(each["modality"] for each in labels["series"]))
        return StudyItem(
            study=entry.study,
            head=entry.head_cid,
            title=plain_words.study_title(modalities, labels["body_part"], labels["description"]),
            description=labels["description"],
            patient=plain_words.person(labels["patient"]),
            date=plain_words.iso_date(labels["date"]),
            place=labels["place"],
            modalities=modalities,
            series=len({each["uid"] for each in labels["series"]}),
            instances=sum(each["instances"] for each in labels["series"]),
            bytes_in=labels["bytes_in"],
            bytes_stored=labels["bytes_stored"],
            gas=self._owner.state.gas.get(entry.study, 0),
            grants=self._grants(entry, self._log(entry) if with_log else ()),
        )

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
        card, name = self._contact(contact)
        wish = granting.Wish(series, until, purpose)
        with self._working(progress):
            self._owner.entry(study)
            return _shared(granting.grant_to(self._owner, study, card, name, wish, progress))

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
        return _shared(done)

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
        reports = [e for e in log if e.kind is LogKind.OPENED]
        opened = {e.grant_id: e.at for e in reversed(reports)}  # the first report counts
        items = []
        for grant in entry.record.grants:
            grant_id = Key(grant.grant_key).address
            state = self._state_of(grant)
            items.append(
                GrantItem(
                    grant=grant_id,
                    to=grant.name,
                    state=state,
                    created_at=grant.created_at,
                    opened_at=opened.get(grant_id),
                    until=grant.terms.until,
                    by_link=grant.secret is not None,
                    purpose=grant.terms.purpose,
                    passcode=grant.passcode if state == "active" else "",
                )
            )
        return tuple(items)

    def _state_of(self, grant: GrantRecord) -> str:
        until = grant.terms.until
        ran_out = until is not None and until <= self._owner.now()
        return "expired" if grant.state == "active" and ran_out else grant.state

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
        opened = self._opened_study(received, source)
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

    def _opened_study(self, received: opening.Received, source: SealedSource) -> OpenedStudy:
        views = source.series()
        first = views[0].headers[0]
        previews = source.previews()
        modalities = tuple(dict.fromkeys(view.modality for view in views))
        sender = received.sender
        known = self._owner.state.contacts.get(sender.account) if sender else None
        return OpenedStudy(
            study=received.link.study,
            title=plain_words.study_title(modalities, first.body_part, first.study_description),
            patient=plain_words.person(first.patient_name),
            date=plain_words.iso_date(first.study_date),
            sender=(known[1] if known else sender.name or sender.account) if sender else "unknown",
            sender_known=known is not None,
            until=received.envelope.terms.until,
            series=tuple(map(_series_item, views, previews)),
            instances=sum(len(each.files) for each in received.study.series),
            source=source,
        )

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


def _shared(done: granting.Granted) -> Shared:
    return Shared(
        done.grant_id,
        done.link.encode(),
        done.passcode,
        done.transaction,
        done.gas,
        done.link.until,
    )


def _series_item(view: SeriesView, picture: bytes) -> SeriesItem:
    title = plain_words.series_title(
        view.headers[0].series_description, view.headers[0].series_number
    )
    return SeriesItem(view.uid, view.modality, title, len(view.headers), picture)
