"""One study: its pictures, who can see it until when, and whether it is safe."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QFileDialog,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui import words
from app.ui.controls import (
    Elided,
    Notice,
    Page,
    Panel,
    Picture,
    button,
    clear,
    column,
    label,
    line,
    paint_picture,
    row,
)
from app.ui.desk import Desk
from app.ui.icons import Glyph
from app.ui.jobs import Failure
from app.ui.pages.stop_sheet import StopSheet
from app.ui.theme import tokens
from wallet.errors import Cancelled

if TYPE_CHECKING:
    from app.service import CopyItem, GrantItem, SeriesItem, Stopped, StudyDetail, StudyItem
    from viewer.dicom.source import StudySource
    from wallet.ports import Progress


DOCUMENTS = ("SR", "DOC")  # modalities of reports, letters and PDFs


class SeriesTile(QAbstractButton):
    """One series in the strip."""

    def __init__(self, series: SeriesItem) -> None:
        super().__init__()
        self.series = series
        self._pixmap = QPixmap()
        if series.preview_png:
            self._pixmap.loadFromData(series.preview_png)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self._below = f"{series.modality} · {words.pictures(series.instances)}"
        if series.modality in DOCUMENTS:
            self._below = words.documents(series.instances)
        self.setAccessibleName(f"{series.title}, {self._below}")
        self.setToolTip(series.title)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(128, 96 + 44)

    def sizeHint(self) -> QSize:
        return QSize(128, 140)

    def paintEvent(self, _event: object) -> None:
        worn = tokens()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(1, 1, 126, 94)
            paint_picture(painter, box, self._pixmap, 8)
            if self.isChecked() or self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(worn.accent), 2))
                painter.drawRoundedRect(box, 8, 8)
            font = self.font()
            for top, px, colour, text in (
                (99, 14, worn.text, self.series.title),
                (119, 12, worn.quiet, self._below),
            ):
                font.setPixelSize(px)
                painter.setFont(font)
                painter.setPen(QColor(colour))
                elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, 126)
                painter.drawText(QRectF(1, top, 126, 20), Qt.AlignmentFlag.AlignVCenter, elided)


class Study(Page):
    """The page of one of the person's own studies."""

    loaded = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.study = ""
        self.detail: StudyDetail | None = None
        self.back = button(self.tr("My scans"), desk.back_wanted.emit, "back", "back")
        self.back.setShortcut("Alt+Left")
        self.name = label("", "title")
        self.facts = label("", "quiet")
        self.share = button(self.tr("Share"), self._share, "accent", "add")
        self.share.setShortcut("Ctrl+S")
        self.look = button(self.tr("Look at the pictures"), self.open_viewer)
        self.look.setShortcut("Ctrl+Return")
        self.save = button(self.tr("Save a copy"), self._choose_export)
        self.save.setToolTip(self.tr("Write the original files to a folder of yours"))
        self.notice = Notice()
        self.picture = Picture(radius=12)
        self.picture.setMinimumHeight(380)
        self.strip = row(gap=12)
        self.who = column(gap=0)
        self.copies_title = label("", "interface", wrap=True)
        self.copies = column(gap=8)
        self._build()
        desk.studies_changed.connect(self._reload)

    def _build(self) -> None:
        self.column.setSpacing(16)
        head = row(self.back, 0)
        self.column.addLayout(head)
        titles = column(self.name, self.facts, gap=4)
        top = row(gap=8)
        top.addLayout(titles, 1)
        for item in (self.save, self.look, self.share):
            top.addWidget(item, 0, Qt.AlignmentFlag.AlignBottom)
        self.column.addLayout(top)
        self.column.addWidget(self.notice)
        strip_holder = QWidget()
        strip_holder.setLayout(self.strip)
        strip_area = QScrollArea()
        strip_area.setWidgetResizable(True)
        strip_area.setFixedHeight(154)
        strip_area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        strip_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        strip_area.setWidget(strip_holder)
        left = QVBoxLayout()
        left.setSpacing(16)
        left.addWidget(self.picture, 1)
        left.addWidget(strip_area)
        who = Panel(label(self.tr("Who can see this"), "section"), 4, gap=4)
        who.column.addLayout(self.who)
        kept = Panel(label(self.tr("Copies"), "section"), self.copies_title, 4, gap=4)
        kept.column.addLayout(self.copies)
        right = QVBoxLayout()
        right.setSpacing(16)
        right.addWidget(who)
        right.addWidget(kept)
        right.addStretch(1)
        body = QHBoxLayout()
        body.setSpacing(24)
        body.addLayout(left, 2)
        side = QWidget()
        right.setContentsMargins(0, 0, 0, 0)
        side.setLayout(right)
        side.setFixedWidth(336)
        body.addWidget(side)
        self.column.addLayout(body, 1)

    def show_study(self, study: StudyItem) -> None:
        """Show what is known of a study, and load the rest."""
        if study.study != self.study:
            self.detail = None
            clear(self.strip)
            clear(self.copies)
            self.copies_title.setText(self.tr("Checking…"))
            self._enable(False)
            self.picture.show_png(study.preview_png)
        self.notice.say("")
        self.study = study.study
        self._show_known(study)
        self._reload()

    def _reload(self) -> None:
        if not self.study:
            return
        study, wallet = self.study, self._desk.wallet
        self._desk.jobs.read(self, lambda _: wallet.show(study), self._show, self._failed)

    def _enable(self, able: bool) -> None:
        for item in (self.share, self.look, self.save):
            item.setEnabled(able)

    def _failed(self, error: Failure) -> None:
        kind = "shared" if isinstance(error, Cancelled) else "danger"
        self.notice.say(words.failure(error), kind)
        self._enable(self.detail is not None)

    def _show(self, detail: StudyDetail) -> None:
        if detail.study.study != self.study:
            return
        self.detail = detail
        self._show_known(detail.study)
        self._show_series(detail)
        self._show_copies(detail.copies)
        if detail.reseal_pending:
            self.notice.say(
                self.tr(
                    "Sharing has stopped. Locking the study anew is still to come; "
                    "it goes on by itself while Rayfolio is open."
                ),
                "shared",
                "clock",
            )
        self._enable(True)
        self.loaded.emit()

    def _show_known(self, study: StudyItem) -> None:
        self.name.setText(study.title)
        self.setAccessibleName(study.title)
        facts = (
            words.iso_day(study.date),
            study.place,
            study.patient,
            words.pictures(study.instances),
        )
        self.facts.setText(" · ".join(part for part in facts if part))
        self._show_grants(words.active(study), study.grants)

    def _show_series(self, detail: StudyDetail) -> None:
        clear(self.strip)
        for number, series in enumerate(detail.series):
            tile = SeriesTile(series)
            tile.clicked.connect(lambda _=False, at=series: self._pick(at))
            self.strip.addWidget(tile)
            if number == 0:
                tile.setChecked(True)
        self.strip.addStretch(1)
        first = detail.series[0].preview_png if detail.series else b""
        self.picture.show_png(first or detail.study.preview_png)
        self.picture.setAccessibleName(self.tr("Picture of %1").replace("%1", detail.study.title))

    def _pick(self, series: SeriesItem) -> None:
        self.picture.show_png(series.preview_png)

    def _show_grants(self, active: tuple[GrantItem, ...], all_: tuple[GrantItem, ...]) -> None:
        clear(self.who)
        if not active:
            self.who.addLayout(_mark("lock", "safe", self.tr("Only you")))
        for number, grant in enumerate(active):
            if number:
                self.who.addWidget(line())
            self.who.addWidget(GrantRow(grant, self._ask_stop, self._copy))
        ended = len(all_) - len(active)
        if ended:
            said = words.counted(ended, "1 share has ended", "%1 shares have ended")
            self.who.addSpacing(8)
            self.who.addWidget(label(said, "quiet"))

    def _show_copies(self, items: tuple[CopyItem, ...]) -> None:
        clear(self.copies)
        self.copies_title.setText(words.copies(items))
        for item in items:
            said = words.store(item.store)
            if not item.confirmed:
                said = self.tr("%1: not confirmed").replace("%1", said)
            glyph, kind = ("check", "safe") if item.confirmed else ("warn", "shared")
            self.copies.addLayout(_mark(glyph, kind, said))
        if sum(item.confirmed for item in items) == 1:
            self.copies.addWidget(
                Notice(
                    self.tr("There is only one copy. Save another to a disk of your own."), "shared"
                )
            )

    # -- what a person does ---------------------------------------------------------------------

    def _share(self) -> None:
        if self.detail is not None:
            self._desk.share_wanted.emit(self.detail)

    def _copy(self, text: str, what: str) -> None:

        QGuiApplication.clipboard().setText(text)
        self._desk.told.emit(self.tr("%1 copied.").replace("%1", what), "safe")

    def _ask_stop(self, grant: GrantItem) -> None:
        sheet = StopSheet(grant)
        sheet.agreed.connect(lambda: self._stop(grant))
        self._desk.sheet_wanted.emit(sheet)

    def _stop(self, grant: GrantItem) -> None:
        study, wallet = self.study, self._desk.wallet

        def call(progress: Progress) -> Stopped:
            return wallet.revoke(study, grant.grant, progress=progress)

        whom = self.tr("the link") if grant.by_link else grant.to
        title = self.tr("Stopping %1").replace("%1", whom)
        for part in self.findChildren(GrantRow):
            if part.grant.grant == grant.grant:
                part.stop.setEnabled(False)
        self._desk.jobs.change(self, title, call, self._stopped, self._not_stopped)

    def _stopped(self, stopped: Stopped) -> None:
        if stopped.opened_at is None:
            said = self.tr("Stopped. Nobody had reported opening it.")
        else:
            said = self.tr(
                "Stopped. It had been reported opened on %1, so a copy may have been made then."
            ).replace("%1", words.day(words.date_of(stopped.opened_at)))
        self._desk.studies_changed.emit()
        self.notice.say(said, "safe", "check")

    def _not_stopped(self, error: Failure) -> None:
        self._failed(error)
        self._reload()

    def open_viewer(self) -> None:
        """Open the pictures in the viewer."""
        if self.detail is None:
            return
        study, title, wallet = self.study, self.detail.study.title, self._desk.wallet

        def opened(source: StudySource) -> None:
            self.look.setEnabled(True)
            self._desk.viewer_wanted.emit(source, title, study)

        self.look.setEnabled(False)
        self._desk.jobs.read(self, lambda _: wallet.source(study), opened, self._failed)

    def _choose_export(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Where should the copy go?"))
        if folder:
            self.export(Path(folder))

    def export(self, folder: Path) -> None:
        """Write the originals into `folder`."""
        study, wallet = self.study, self._desk.wallet

        def call(progress: Progress) -> int:
            return wallet.export_study(study, folder, progress)

        def saved(files: int) -> None:
            said = words.counted(files, "1 file was saved.", "%1 files were saved.")
            self.notice.say(said, "safe", "check")

        self._desk.jobs.change(self, self.tr("Saving a copy"), call, saved, self._failed)


class GrantRow(QWidget):
    """Somebody who can see the study: until when, whether they reported opening it, and Stop."""

    def __init__(
        self,
        grant: GrantItem,
        stop: Callable[[GrantItem], None],
        copy: Callable[[str, str], None],
    ) -> None:
        super().__init__()
        self.grant = grant
        name = self.tr("Anyone with the link") if grant.by_link else grant.to
        opened = (
            self.tr("reported opened %1").replace("%1", words.on(grant.opened_at, short=True))
            if grant.opened_at is not None
            else self.tr("not reported opened yet")
        )
        self.stop = button(self.tr("Stop"), lambda: stop(grant), "stop")
        self.stop.setAccessibleName(self.tr("Stop sharing with %1").replace("%1", name))
        texts = column(
            Elided(name, "strong"),
            Elided(words.until(grant.until), "interface"),
            Elided(opened, "quiet"),
            gap=0,
        )
        glyph = Glyph("link" if grant.by_link else "person", "shared")
        layout = row(glyph, gap=12)
        layout.setAlignment(glyph, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(texts, 1)
        layout.addWidget(self.stop, 0, Qt.AlignmentFlag.AlignTop)
        whole = column(layout, gap=4)
        whole.setContentsMargins(0, 12, 0, 12)
        copies = row(gap=4)
        copies.setContentsMargins(16, 0, 0, 0)
        for text, said, what in (
            (grant.link, self.tr("Copy link"), self.tr("Link")),
            (grant.passcode, self.tr("Copy passcode"), self.tr("Passcode")),
        ):
            if text:
                made = button(said, partial(copy, text, what), "plain")
                copies.addWidget(made)
        copies.addStretch(1)
        if grant.link or grant.passcode:
            whole.addLayout(copies)
        self.setLayout(whole)


def _mark(glyph: str, kind: str, text: str) -> QHBoxLayout:
    said = label(text, wrap=True)
    made = row(Glyph(glyph, kind, 18), gap=12)
    made.addWidget(said, 1)
    return made
