"""How the windows say dates, numbers, people and failures, in the person's language."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, QTime

from viewer.errors import ViewerError
from wallet import errors

if TYPE_CHECKING:
    from app.service import CopyItem, GrantItem, StudyItem

DAY_S = 86_400
_YEAR = re.compile(r"\s*('de'\s*|'del'\s*)?[,./]?\s*y+\s*('г\.'|'\.'|\.|'년'|年)?\s*[,.]?\s*")
_WEEKDAY = re.compile(r"\s*,?\s*dddd\s*,?\s*('den'\s*)?")


def say(text: str) -> str:
    """Translate a sentence of this file."""
    return QCoreApplication.translate("words", text)


def counted(count: int, one: str, many: str) -> str:
    """Say a number of things; `many` holds %1."""
    return say(one) if count == 1 else say(many).replace("%1", QLocale().toString(count))


# -- dates ------------------------------------------------------------------------------------


def day(date: QDate, with_year: bool | None = None) -> str:
    """Return "4 December 2026"; by default without the year if it is this one."""
    locale = QLocale()
    pattern = _WEEKDAY.sub("", locale.dateFormat(QLocale.FormatType.LongFormat)).strip()
    if with_year is None:
        with_year = date.year() != QDate.currentDate().year()
    if not with_year:
        pattern = _YEAR.sub("", pattern).strip()
    return locale.toString(date, pattern)


def short_day(date: QDate) -> str:
    """Return "4 Dec", for chips."""
    locale = QLocale()
    pattern = _WEEKDAY.sub("", locale.dateFormat(QLocale.FormatType.LongFormat)).strip()
    if date.year() == QDate.currentDate().year():
        pattern = _YEAR.sub("", pattern).strip()
    return locale.toString(date, pattern.replace("MMMM", "MMM"))


def date_of(at: int) -> QDate:
    """Return the day of a Unix time where the person is."""
    return QDateTime.fromSecsSinceEpoch(at).date()


def on(at: int, short: bool = False) -> str:
    """Return "today", "yesterday" or the day."""
    date = date_of(at)
    distance = date.daysTo(QDate.currentDate())
    if distance == 0:
        return say("today")
    if distance == 1:
        return say("yesterday")
    return short_day(date) if short else day(date)


def clock(at: int) -> str:
    """Return the time of day."""
    moment = QDateTime.fromSecsSinceEpoch(at).time()
    return QLocale().toString(moment, QLocale.FormatType.ShortFormat)


def end_of(date: QDate) -> int:
    """Return the last second of a day where the person is, as Unix time."""
    return QDateTime(date, QTime(23, 59, 59)).toSecsSinceEpoch()


def iso_day(text: str) -> str:
    """Return a study's date; what is no date stays as it is."""
    date = QDate.fromString(text[:10], "yyyy-MM-dd")
    if not date.isValid():
        date = QDate.fromString(text[:8], "yyyyMMdd")
    return day(date, with_year=True) if date.isValid() else text


def until(at: int | None) -> str:
    """Return "until 4 December", or that there is no end."""
    if at is None:
        return say("with no end date")
    return say("until %1").replace("%1", day(date_of(at)))


def time_left(at: int) -> str:
    """Return "2 days left", "ends today"."""
    days = QDate.currentDate().daysTo(date_of(at))
    if days <= 0:
        return say("ends today")
    return counted(days, "1 day left", "%1 days left")


def remaining(seconds: float) -> str:
    """Return how long a job will still take."""
    if seconds < 50:
        return say("less than a minute left")
    return counted(max(1, round(seconds / 60)), "about 1 minute left", "about %1 minutes left")


# -- studies and grants -----------------------------------------------------------------------


def pictures(count: int) -> str:
    """Return "412 pictures"."""
    return counted(count, "1 picture", "%1 pictures")


def documents(count: int) -> str:
    """Return "2 documents"."""
    return counted(count, "1 document", "%1 documents")


def series(count: int) -> str:
    """Return "3 series"."""
    return counted(count, "1 series", "%1 series")


def active(study: StudyItem) -> tuple[GrantItem, ...]:
    """Return the grants that let somebody see the study now."""
    return tuple(grant for grant in study.grants if grant.state == "active")


def who_sees(study: StudyItem) -> str:
    """Return a card's chip: "Only you", "Dr Lee until 4 Dec", "Link, 2 days left"."""
    grants = active(study)
    if not grants:
        return say("Only you")
    first = grants[0]
    if len(grants) > 1:
        if first.by_link:
            return counted(len(grants), "", "%1 can see this")
        return say("%1 and %2 more").replace("%1", first.to).replace("%2", str(len(grants) - 1))
    if first.by_link:
        left = time_left(first.until) if first.until is not None else until(None)
        return say("Link, %1").replace("%1", left)
    if first.until is None:
        return first.to
    return say("%1 until %2").replace("%1", first.to).replace("%2", short_day(date_of(first.until)))


def purposes() -> tuple[tuple[str, str], ...]:
    """Return the purposes that can be chosen: code (HL7 PurposeOfUse) and words."""
    return (
        ("TREAT", say("Treatment or a second opinion")),
        ("FAMRQT", say("Family or someone who helps me")),
        ("HRESCH", say("Research")),
        ("HLEGAL", say("Insurance or a legal matter")),
    )


def purpose(code: str) -> str:
    """Return a purpose in words, or "" for a code that we do not offer."""
    return dict(purposes()).get(code, "")


def part(name: str) -> str:
    """Return what to call a part that the wallet works with."""
    known = {
        "local network": say("Consent record on this computer"),
        "IPFS node": say("IPFS storage on this computer"),
        "keyring": say("The system's keyring"),
        "DICOM reader": say("Image reader"),
    }
    return known.get(name, name[:1].upper() + name[1:])


def part_state(state: str) -> tuple[str, str, str]:
    """Return a part's state in words, with the role and the icon that go with it."""
    known = {
        "ready": (say("Ready"), "safe", "check"),
        "missing": (say("Missing"), "shared", "warn"),
        "stopped": (say("Starts when needed"), "quiet", "clock"),
    }
    return known.get(state, (state, "quiet", "clock"))


def store(name: str) -> str:
    """Return where a copy lies, in words."""
    if name.casefold().startswith("ipfs"):
        return say("The IPFS storage that you use")
    return name[:1].upper() + name[1:]


def copies(items: tuple[CopyItem, ...]) -> str:
    """Return "2 of 2 copies, checked today"."""
    if not items:
        return say("No copy is confirmed yet")
    good = sum(item.confirmed for item in items)
    checked = max(item.checked_at for item in items)
    said = say("%1 of 1 copy" if len(items) == 1 else "%1 of %2 copies")
    said = said.replace("%2", str(len(items))).replace("%1", str(good))
    return say("%1, checked %2").replace("%1", said).replace("%2", on(checked))


def now() -> int:
    """Return this moment as Unix time."""
    return int(time.time())


# -- failures ---------------------------------------------------------------------------------

_FAILURES: dict[type[Exception], str] = {
    errors.HomeTaken: (
        "There is a wallet in this folder already. Unlock it, or choose another folder."
    ),
    errors.HomeEmpty: "There is no wallet here yet. Make one, or restore yours from its words.",
    errors.PassphraseMissing: "This wallet needs its passphrase. Type it and try again.",
    errors.KeyringMissing: (
        "This computer has no safe place for keys that we can use. Choose a passphrase instead."
    ),
    errors.PasscodeMissing: "This link needs a passcode. Ask the sender for it.",
    errors.NetworkUnknown: (
        "This link belongs to a place that this wallet does not know, so it was not opened."
    ),
    errors.StudyUnknown: "This study is no longer in your wallet. Go back to My scans.",
    errors.GrantUnknown: "This share is not known any more. Go back to My scans and look again.",
    errors.GrantEnded: "This share has ended already; there is nothing to stop.",
    errors.ContactUnknown: "This person is not among your people. Add them first.",
    errors.ContactAmbiguous: "Two of your people have this name. Choose one from the list.",
    errors.SeriesUnknown: "One of the chosen series is not in this study. Choose again.",
    errors.BlockUnreachable: (
        "Part of this study cannot be reached. The computer that keeps it may be off. "
        "Try again later."
    ),
    errors.LedgerUnreachable: (
        "The consent record does not answer. Check your connection, then try again."
    ),
    errors.LedgerReset: (
        "The consent record was reset and no longer has what this wallet wrote there."
    ),
    errors.LedgerMistrusted: "The consent record cannot be trusted just now. Nothing was changed.",
    errors.LedgerRefused: "The change was refused. Look at the study again, then try once more.",
    errors.FeeShort: "There is too little on your paying account for the fee. Add to it first.",
    errors.ConsentUnconfirmed: (
        "Consent cannot be confirmed just now, so nothing was opened. Try again later."
    ),
    errors.Damaged: "What came is damaged or was changed on the way, so it was not opened.",
    errors.NothingReadable: (
        "There are no medical images here. Choose the folder or disc that the hospital gave you."
    ),
}


def failure(error: errors.WalletError | ViewerError) -> str:
    """Return what happened and what to do next, without a command line in it."""
    said = _FAILURES.get(type(error))
    return say(said) if said is not None else str(error)
