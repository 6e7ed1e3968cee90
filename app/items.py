"""What the wallet knows of studies and consents, as the windows and the command line show it."""

from __future__ import annotations

from collections.abc import Sequence

from app import plain_words
from app.service import GrantItem, OpenedStudy, SeriesItem, Shared, StudyItem
from viewer.dicom.source import SeriesView
from wallet.container.self_record import GrantRecord
from wallet.identity.card import Card
from wallet.identity.secp256k1 import Key
from wallet.library.reading import SealedSource
from wallet.library.state import Entry
from wallet.ports import LogEntry, LogKind
from wallet.sharing import granting, opening


def state_of(grant: GrantRecord, now: float) -> str:
    """Return active, revoked or expired."""
    until = grant.terms.until
    ran_out = until is not None and until <= now
    return "expired" if grant.state == "active" and ran_out else grant.state


def grants(entry: Entry, log: Sequence[LogEntry], now: float) -> tuple[GrantItem, ...]:
    """Return the consents of a study; when they were opened, as far as the log was read."""
    reports = [e for e in log if e.kind is LogKind.OPENED]
    opened = {e.grant_id: e.at for e in reversed(reports)}  # the first report counts
    items = []
    for grant in entry.record.grants:
        grant_id = Key(grant.grant_key).address
        state = state_of(grant, now)
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


def study(entry: Entry, gas: int, given: tuple[GrantItem, ...]) -> StudyItem:
    """Return one of the person's own studies."""
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
        gas=gas,
        grants=given,
    )


def series(entry: Entry, previews: dict[bytes, bytes]) -> tuple[SeriesItem, ...]:
    """Return a study's series; of one that lies in several stacks the picture of the fullest."""
    labels = entry.record.labels["series"]
    found = []
    for uid in dict.fromkeys(each["uid"] for each in labels):
        same = [each for each in labels if each["uid"] == uid]
        title = plain_words.series_title(same[0]["title"], same[0]["number"])
        count = sum(each["instances"] for each in same)
        fullest = max(same, key=lambda each: int(each["drawable"]))
        picture = previews.get(fullest["id"], b"")
        found.append(SeriesItem(uid, same[0]["modality"], title, count, picture))
    return tuple(found)


def shared(done: granting.Granted) -> Shared:
    """Return what is handed over after a grant."""
    return Shared(
        done.grant_id,
        done.link.encode(),
        done.passcode,
        done.transaction,
        done.gas,
        done.link.until,
    )


def opened(received: opening.Received, source: SealedSource, known_as: str | None) -> OpenedStudy:
    """Return a study that another person shares.

    Args:
        known_as: what the person calls the sender, if they are a contact.
    """
    views = source.series()
    first = views[0].headers[0]
    modalities = tuple(dict.fromkeys(view.modality for view in views))
    return OpenedStudy(
        study=received.link.study,
        title=plain_words.study_title(modalities, first.body_part, first.study_description),
        patient=plain_words.person(first.patient_name),
        date=plain_words.iso_date(first.study_date),
        sender=known_as or _called(received.sender),
        sender_known=known_as is not None,
        until=received.envelope.terms.until,
        series=tuple(map(_series_item, views, source.previews())),
        instances=sum(len(each.files) for each in received.study.series),
        source=source,
    )


def _called(sender: Card | None) -> str:
    return (sender.name or sender.account) if sender else "unknown"


def _series_item(view: SeriesView, picture: bytes) -> SeriesItem:
    header = view.headers[0]
    title = plain_words.series_title(header.series_description, header.series_number)
    return SeriesItem(view.uid, view.modality, title, len(view.headers), picture)
