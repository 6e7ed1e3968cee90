"""My scans: a grid of cards, and where new ones come in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QFileDialog,
    QFrame,
    QGridLayout,
    QMenu,
    QSizePolicy,
    QWidget,
)

from app.ui import words
from app.ui.controls import (
    MARGIN_PX,
    Chip,
    Elided,
    Later,
    Notice,
    Page,
    button,
    clear,
    column,
    label,
    paint_picture,
    row,
)
from app.ui.desk import Desk
from app.ui.icons import Glyph
from app.ui.jobs import Failure
from app.ui.theme import CONTENT_PX, text_scale, tokens

if TYPE_CHECKING:
    from app.service import Imported, StudyItem
    from wallet.ports import Progress

CARD_LEAST_PX = 260
GAP_PX = 24


class ScanCard(QAbstractButton):
    """One study: its picture, what it is, when and where, and who can see it."""

    def __init__(self, study: StudyItem) -> None:
        super().__init__()
        self.study = study
        self._pixmap = QPixmap()
        if study.preview_png:
            self._pixmap.loadFromData(study.preview_png)
        who = words.who_sees(study)
        shared = bool(words.active(study))
        by_link = shared and words.active(study)[0].by_link
        glyph = "link" if by_link else "eye" if shared else "lock"
        chip = Chip(who, "shared" if shared else "safe", glyph)
        when = " · ".join(part for part in (words.iso_day(study.date), study.place) if part)
        self._texts = QWidget(self)
        self._texts.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inside = column(
            Elided(study.title, "strong"), Elided(when, "quiet"), 4, row(chip, 0), gap=2
        )
        self._texts.setLayout(inside)
        self._texts.ensurePolished()
        self.setAccessibleName(", ".join((study.title, when, who)))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _text_height(self) -> int:
        return self._texts.sizeHint().height()

    def fit(self, width: int) -> None:
        """Take this width, and the height that a 4:3 picture asks for."""
        self.setFixedSize(width, round((width - 2) * 3 / 4) + self._text_height() + 28)

    def sizeHint(self) -> QSize:
        return QSize(CARD_LEAST_PX, round(CARD_LEAST_PX * 3 / 4) + self._text_height() + 28)

    def resizeEvent(self, _event: object) -> None:
        top = round((self.width() - 2) * 3 / 4) + 12
        self._texts.setGeometry(16, top, self.width() - 32, self.height() - top - 14)

    def paintEvent(self, _event: object) -> None:
        worn = tokens()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ring = self.hasFocus()
            painter.setBrush(QColor(worn.raised if self.underMouse() else worn.surface))
            wide = 2.0 if ring else 1.0
            painter.setPen(QPen(QColor(worn.accent if ring else worn.line), wide))
            box = QRectF(self.rect()).adjusted(wide / 2, wide / 2, -wide / 2, -wide / 2)
            painter.drawRoundedRect(box, 12, 12)
            side = self.width() - 2
            picture = QRectF(1, 1, side, round(side * 3 / 4))
            painter.save()
            painter.setClipRect(picture)
            paint_picture(painter, picture.adjusted(0, 0, 0, 12), QPixmap(), 11)
            painter.setBrush(QColor("#000000"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(picture.adjusted(0, 0, 0, 12), 11, 11)
            paint_picture(painter, picture.adjusted(10, 8, -10, -8), self._pixmap, 0)
            painter.restore()
            if ring:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(worn.accent), 2))
                painter.drawRoundedRect(box, 12, 12)


class DropArea(QFrame):
    """What an empty wallet shows: one sentence, one button, and room to drop a folder on."""

    def __init__(self, choose: QWidget) -> None:
        super().__init__()
        self.setMinimumHeight(440)
        icon = Glyph("disc", "quiet", 48)
        title = label(self.tr("Your scans will be here"), "section")
        said = label(
            self.tr(
                "Drop the folder, disc or files that the hospital gave you here. "
                "Everything is locked on this computer, and only you hold the keys."
            ),
            "quiet",
            wrap=True,
        )
        said.setFixedWidth(round(464 * text_scale()))
        said.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout = column(0, icon, 8, title, row(0, said, 0), 16, choose, 0, gap=8)
        for item in (icon, title, choose):
            layout.setAlignment(item, Qt.AlignmentFlag.AlignHCenter)
        self.setLayout(layout)

    def paintEvent(self, _event: object) -> None:
        worn = tokens()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(QColor(worn.surface))
            pen = QPen(QColor(worn.edge), 1.5, Qt.PenStyle.DashLine)
            pen.setDashPattern([5, 5])
            painter.setPen(pen)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 12, 12)


class MyScans(Page):
    """The person's own studies."""

    shown = Signal(int)  # how many studies the page shows now

    def __init__(self, desk: Desk) -> None:
        self.add = button("", lambda: None, "accent", "add")
        super().__init__("", self.add)
        self._desk = desk
        self._columns = 0
        self.cards: list[ScanCard] = []
        self.title.setText(self.tr("My scans"))
        self.setAccessibleName(self.tr("My scans"))
        self.add.setText(self.tr("Add scans"))
        self.add.setIconSize(QSize(24, 18))
        self.add.setShortcut("Ctrl+O")
        self.add.clicked.disconnect()
        self.add.setMenu(self._menu())
        self.column.addLayout(row(self.title, 0, self.buttons))
        self.notice = Notice()
        self.waiting = label(self.tr("Looking for your scans…"), "quiet")
        self.first = button(self.tr("Choose a folder or disc"), self.choose_folder, "accent")
        self.empty = DropArea(self.first)
        self._grid_widget = QWidget()
        self._grid = QGridLayout(self._grid_widget)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP_PX)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        for widget in (self.notice, self.waiting, self.empty, self._grid_widget):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self.empty.hide()
        self.add.hide()
        self.setAcceptDrops(True)
        Later(self.viewport(), self._arrange)
        desk.studies_changed.connect(self.refresh)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction(self.tr("Choose a folder or disc"), self.choose_folder)
        menu.addAction(self.tr("Choose files"), self.choose_files)
        return menu

    def refresh(self) -> None:
        self._desk.jobs.read(self, self._desk.wallet.studies, self._show, self._failed)

    def choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Choose a folder or disc"))
        if folder:
            self.take([Path(folder)])

    def choose_files(self) -> None:
        files, _ = QFileDialog.getOpenFileNames(self, self.tr("Choose files"))
        if files:
            self.take([Path(file) for file in files])

    def take(self, paths: list[Path]) -> None:
        """Import files and folders."""
        self.notice.say("")

        def call(progress: Progress) -> Imported:
            return self._desk.wallet.import_paths(paths, progress)

        self._desk.jobs.change(self, self.tr("Adding scans"), call, self._imported, self._failed)

    def _imported(self, imported: Imported) -> None:
        if imported.studies:
            said = words.counted(
                len(imported.studies), "1 study is in your wallet now.", "%1 studies are in now."
            )
            kind, glyph = "safe", "check"
        else:
            said = self.tr("Nothing was added.")
            kind, glyph = "shared", "warn"
        if imported.skipped:
            set_aside = words.counted(
                len(imported.skipped),
                "1 file was left out because it is no readable image.",
                "%1 files were left out because they are no readable images.",
            )
            said = f"{said} {set_aside}"
        self.notice.say(said, kind, glyph)
        self._desk.studies_changed.emit()

    def _failed(self, error: Failure) -> None:
        self.waiting.hide()
        self.notice.say(words.failure(error))

    def _show(self, studies: tuple[StudyItem, ...]) -> None:
        self.waiting.hide()
        clear(self._grid)
        self.cards = []
        for study in studies:
            card = ScanCard(study)
            card.clicked.connect(lambda _=False, at=study: self._desk.study_wanted.emit(at))
            self.cards.append(card)
        self.empty.setVisible(not studies)
        self.add.setVisible(bool(studies))
        self._columns = 0
        self._arrange()
        self.shown.emit(len(studies))

    def _arrange(self) -> None:
        room = min(self.width() - 2 * MARGIN_PX, CONTENT_PX)
        columns = max(1, (room + GAP_PX) // (CARD_LEAST_PX + GAP_PX))
        width = (room - GAP_PX * (columns - 1)) // columns
        for number, card in enumerate(self.cards):
            card.fit(width)
            if columns != self._columns:
                self._grid.addWidget(card, number // columns, number % columns)
        self._columns = columns

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.take(paths)
