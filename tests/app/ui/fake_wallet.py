"""A wallet in memory that answers plausibly, with pictures made of ellipses."""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QRadialGradient

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
from viewer.dicom.source import SeriesView
from wallet.errors import HomeEmpty, PasscodeMissing, PasscodeWrong, PassphraseWrong, WalletError
from wallet.ports import Progress, unwatched

DAY_S = 86_400
SAFETY = "river-candle-orbit-meadow-velvet-anchor-thunder-lemon"
WORDS = (
    "legal winner thank year wave sausage worth useful legal winner thank year "
    "wave sausage worth useful legal winner thank year wave sausage worth title"
)


@functools.cache
def phantom(kind: str, level: int = 0, side: int = 256) -> bytes:
    """Draw something that looks like a slice from afar, and return it as PNG."""
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(side / 256, side / 256)
        painter.setPen(Qt.PenStyle.NoPen)
        {"head": _head, "chest": _chest, "knee": _knee}[kind](painter, level)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


def _grey(value: int) -> QColor:
    return QColor(value, value, value)


def _blob(painter: QPainter, x: float, y: float, w: float, h: float, value: int) -> None:
    shade = QRadialGradient(QPointF(x, y), max(w, h))
    shade.setColorAt(0, _grey(value))
    shade.setColorAt(1, _grey(max(0, value - 40)))
    painter.setBrush(shade)
    painter.drawEllipse(QPointF(x, y), w, h)


def _head(painter: QPainter, level: int) -> None:
    _blob(painter, 128, 128, 88, 108, 235)
    _blob(painter, 128, 128, 80, 100, 96)
    painter.setBrush(_grey(130))
    for turn in range(14):
        painter.drawEllipse(QRectF(62 + turn % 7 * 18, 58 + turn // 7 * 110, 16, 26))
    _blob(painter, 108, 120, 12 + level, 34, 24)
    _blob(painter, 148, 120, 12 + level, 34, 24)


def _chest(painter: QPainter, level: int) -> None:
    _blob(painter, 128, 128, 120, 92, 150)
    _blob(painter, 78, 122, 40, 62 - level, 14)
    _blob(painter, 178, 122, 40, 62 - level, 14)
    _blob(painter, 142, 132, 26, 30, 190)
    _blob(painter, 128, 196, 15, 15, 245)
    painter.setBrush(_grey(70))
    for turn in range(9):
        painter.drawEllipse(QRectF(52 + turn * 17, 90 + turn % 3 * 22, 5, 5))


def _knee(painter: QPainter, level: int) -> None:
    painter.setBrush(_grey(70))
    painter.drawRoundedRect(QRectF(62, 0, 132, 256), 40, 40)
    _blob(painter, 128, 40, 42, 76, 205)
    _blob(painter, 128, 214, 46, 80, 195)
    _blob(painter, 78, 108, 15, 26, 185)
    painter.setBrush(_grey(30))
    painter.drawEllipse(QRectF(84, 118 + level, 88, 12))


@dataclass(frozen=True)
class FakeSource:
    """A study source without files."""

    title: str = ""

    def series(self) -> Sequence[SeriesView]:
        return ()

    def open(self, series: int, instance: int, frame: int) -> int:
        raise AssertionError("nobody decodes here")


def grant(to: str, days: int | None, opened: int | None = None, **more: object) -> GrantItem:
    now = int(time.time())
    made = GrantItem(
        grant=f"0x{to}",
        to=to,
        state="active",
        created_at=now - 5 * DAY_S,
        opened_at=None if opened is None else now - opened * DAY_S,
        until=None if days is None else now + days * DAY_S,
        by_link=to == "link",
        purpose="TREAT",
        link="rayfolio:pGFjGHppYWFkMHg1RjBhZ2dyYW50aWR4KjB4Q2E3",
        passcode="apron-vessel-hollow-garlic-ridge" if to == "link" else "",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def study(number: int, title: str, kind: str, **more: object) -> StudyItem:
    made = StudyItem(
        study=f"0x{number:040x}",
        head="bafyrei",
        title=title,
        description=title,
        patient="Maria Keller",
        date=f"2026-{11 - number:02d}-0{3 + number}",
        place="St. Anna Hospital",
        modalities=("CT",),
        series=3,
        instances=412,
        bytes_in=216_000_000,
        bytes_stored=108_000_000,
        gas=51_000,
        preview_png=phantom(kind),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def _studies() -> list[StudyItem]:
    return [
        study(0, "Head CT", "head", grants=(grant("Dr Lee", 11, opened=2), grant("link", 2))),
        study(1, "Knee MR", "knee", place="City Radiology", grants=(grant("link", 2),)),
        study(2, "Chest CT", "chest"),
        study(3, "Chest X-ray", "chest", grants=(grant("Dr Lee", 11),)),
    ]


@dataclass
class FakeWallet:
    """Answers at once; `errors[method]` is raised instead of an answer."""

    all: list[StudyItem] = field(default_factory=_studies)
    errors: dict[str, WalletError] = field(default_factory=dict)
    calls: list[tuple[object, ...]] = field(default_factory=list)
    left_over: list[bool] = field(default_factory=list)  # answers of `catch_up`, false after them
    people: list[ContactItem] = field(
        default_factory=lambda: [
            ContactItem("0xLee", "Dr Lee", SAFETY),
            ContactItem("0xSon", "Jonas Keller", "-".join(reversed(SAFETY.split("-")))),
        ]
    )
    link_passcode: str = ""
    sender_known: bool = True
    closed: bool = False
    advice: str = ""

    name = "Maria Keller"
    account = "0x52908400098527886E0F7030069857D2E4169EE7"
    safety_code = SAFETY
    card = "rayfolio-card:" + "pGd2ZXJzaW9uAWdhY2NvdW50VFKQhAAJhSeIbg9wMAaYV9Lk" * 42

    def _called(self, name: str, *arguments: object) -> None:
        self.calls.append((name, *arguments))
        if name in self.errors:
            raise self.errors[name]

    def contacts(self) -> tuple[ContactItem, ...]:
        self._called("contacts")
        return tuple(self.people)

    def add_contact(self, card_text: str, name: str | None = None) -> ContactItem:
        self._called("add_contact", card_text, name)
        made = ContactItem("0xNew", name or "Dr Okafor", SAFETY)
        self.people.append(made)
        return made

    def import_paths(self, paths: Sequence[Path], progress: Progress = unwatched) -> Imported:
        self._called("import_paths", tuple(paths))
        progress("Reading", 1, 2)
        made = study(len(self.all), "Abdomen CT", "chest")
        self.all.append(made)
        return Imported((made,), ((str(paths[0]), "no DICOM"),))

    def keep(
        self, study: str, files: Sequence[tuple[str, bytes]], progress: Progress = unwatched
    ) -> None:
        self._called("keep", study, tuple(files))

    def catch_up(self, progress: Progress = unwatched) -> bool:
        self._called("catch_up")
        return self.left_over.pop() if self.left_over else False

    def studies(self, progress: Progress = unwatched) -> tuple[StudyItem, ...]:
        self._called("studies")
        return tuple(self.all)

    def _study(self, study: str) -> StudyItem:
        return next(each for each in self.all if each.study == study)

    def show(self, study: str) -> StudyDetail:
        self._called("show", study)
        found = self._study(study)
        kind = "head" if "Head" in found.title else "knee" if "Knee" in found.title else "chest"
        names = ("Overview", "Thin slices", "Bone")
        made = tuple(
            SeriesItem(f"1.2.{n}", "CT", name, (2, 300, 110)[n], phantom(kind, n * 5))
            for n, name in enumerate(names)
        )
        now = int(time.time())
        kept = (CopyItem("this computer", True, now), CopyItem("IPFS node", True, now))
        return StudyDetail(found, made, kept, reseal_pending=False)

    def source(self, study: str) -> FakeSource:
        self._called("source", study)
        return FakeSource(self._study(study).title)

    def share_with(
        self,
        study: str,
        contact: str,
        series: Sequence[str] = (),
        until: int | None = None,
        purpose: str = "TREAT",
        progress: Progress = unwatched,
    ) -> Shared:
        self._called("share_with", study, contact, tuple(series), until, purpose)
        return Shared("0xg", "rayfolio:pGFjGHppYWFkMHg1RjBhZ2dyYW50", "", "0xt", 37_000, until)

    def share_by_link(
        self,
        study: str,
        with_passcode: bool,
        series: Sequence[str] = (),
        until: int | None = None,
        purpose: str = "TREAT",
        progress: Progress = unwatched,
    ) -> Shared:
        self._called("share_by_link", study, with_passcode, tuple(series), until, purpose)
        code = "apron-vessel-hollow-garlic-ridge" if with_passcode else ""
        return Shared("0xg", "rayfolio:pGFjGHppYWFkMHg1RjBhZ2dyYW50", code, "0xt", 37_000, until)

    def grants(self, study: str) -> tuple[GrantItem, ...]:
        return self._study(study).grants

    def revoke(
        self, study: str, grant: str, later: bool = False, progress: Progress = unwatched
    ) -> Stopped:
        self._called("revoke", study, grant)
        found = self._study(study)
        opened = next(each.opened_at for each in found.grants if each.grant == grant)
        left = tuple(
            replace(each, state="revoked") if each.grant == grant else each for each in found.grants
        )
        self.all[self.all.index(found)] = replace(found, grants=left)
        return Stopped(("0xt",), 36_000, "bafyrei", True, opened)

    def open_link(
        self, link: str, passcode: str | None = None, progress: Progress = unwatched
    ) -> OpenedStudy:
        self._called("open_link", link, passcode)
        if self.link_passcode and passcode is None:
            raise PasscodeMissing
        if self.link_passcode and passcode != self.link_passcode:
            raise PasscodeWrong
        shown = (SeriesItem("1.2.3", "MR", "Sagittal", 24, phantom("knee")),)
        return OpenedStudy(
            "0x9",
            "Knee MR",
            "Jonas Keller",
            "2026-10-12",
            "Jonas Keller",
            self.sender_known,
            int(time.time()) + 9 * DAY_S,
            shown,
            24,
            FakeSource("Knee MR"),
        )

    def received(self) -> tuple[ReceivedItem, ...]:
        self._called("received")
        now = int(time.time())
        return (
            ReceivedItem("0x9", "Knee MR", "Jonas Keller", now + 9 * DAY_S, now, "rayfolio:abc"),
            ReceivedItem(
                "0x8",
                "Spine MR",
                "Jonas Keller",
                now - 3 * DAY_S,
                now - 20 * DAY_S,
                "rayfolio:def",
            ),
        )

    def export_study(self, study: str, folder: Path, progress: Progress = unwatched) -> int:
        self._called("export_study", study, folder)
        return 412

    def export_opened(
        self, opened: OpenedStudy, folder: Path, progress: Progress = unwatched
    ) -> int:
        self._called("export_opened", folder)
        return 24

    def activity(self) -> tuple[tuple[int, str], ...]:
        self._called("activity")
        now = int(time.time())
        return (
            (now - 600, "Shared “Head CT” with Dr Lee until 4 December."),
            (now - 4_000, "Dr Lee reported opening “Head CT”."),
            (now - DAY_S, "Added “Chest X-ray” from St. Anna Hospital: 2 pictures."),
            (now - DAY_S - 60, "Stopped the link to “Knee MR”."),
            (now - 9 * DAY_S, "Made this wallet."),
        )

    def parts(self) -> tuple[tuple[str, str, str], ...]:
        self._called("parts")
        return (
            ("Storage", "ready", ""),
            ("Consent record", "ready", ""),
            ("Picture reader", "missing" if self.advice else "ready", self.advice),
        )

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeDoor:
    """The way to a FakeWallet."""

    there: bool = False
    passphrase: str | None = "correct horse"
    wallet: FakeWallet = field(default_factory=FakeWallet)
    created: list[tuple[str, str, str | None]] = field(default_factory=list)

    def exists(self, home: Path) -> bool:
        return self.there

    def new_words(self) -> str:
        return WORDS

    def create(self, home: Path, words: str, name: str, passphrase: str | None) -> FakeWallet:
        self.created.append((words, name, passphrase))
        self.there = True
        self.passphrase = passphrase
        return self.wallet

    def unlock(self, home: Path, passphrase: str | None) -> FakeWallet:
        if not self.there:
            raise HomeEmpty
        if self.passphrase is not None and passphrase != self.passphrase:
            raise PassphraseWrong
        return self.wallet

    def needs_passphrase(self, home: Path) -> bool:
        return self.passphrase is not None
