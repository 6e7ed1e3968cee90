"""One series seen from three sides: axial, coronal and sagittal pictures cut from its volume."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import (
    QKeyEvent,
)
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from viewer.dicom.geometry import Plane
from viewer.dicom.source import SeriesView
from viewer.errors import NotAVolume
from viewer.measure.sheet import Place
from viewer.render.aim import Aim, View, start
from viewer.render.orientation import edges
from viewer.render.pyramid import Drawable
from viewer.render.reslice import Slab
from viewer.render.slices import Slices, parted
from viewer.ui import cut_words
from viewer.ui.cell import UNKNOWN_ERROR
from viewer.ui.cell_frame import PAGES
from viewer.ui.cross_lines import CrossLines
from viewer.ui.cut_bar import CutBar
from viewer.ui.cutter import Cut, Cutter
from viewer.ui.frames import has_sentence
from viewer.ui.image_view import Hand, ImageView
from viewer.ui.measuring import Measuring
from viewer.ui.measuring_desk import KINDS
from viewer.ui.measuring_layer import MeasuringLayer
from viewer.ui.pane import Pane
from viewer.ui.study import OpenStudy
from viewer.ui.volume_loader import VolumeLoader

FINE_AFTER_MS = 60  # of rest


class _Relay(QObject):
    """Brings what a thread has found to the interface's thread."""

    parted = Signal(int, object)  # which request, the volumes or the exception


class Mpr(QWidget):
    """Loads the volume of a series and shows it from three sides."""

    told = Signal()  # what is said of the pictures has changed
    touched = Signal()
    failed = Signal(str)  # why it cannot be seen so
    settled = Signal()  # all three show what is asked for, of all slices
    left = Signal()  # a person wants to go back to the series

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panes = {view: Pane(view) for view in View}
        self.lines = {view: CrossLines(view, lambda: self.aim, self) for view in View}
        self.bar = CutBar()
        # Of these pictures alone: nothing that could be kept with an image of the study.
        self.measuring = Measuring(parent=self)
        self.aim: Aim | None = None
        self.image: ImageView = self.panes[View.AXIAL]  # that tools and keys act on
        self._series: SeriesView | None = None
        self._study: OpenStudy | None = None
        self._number = 0
        self._parts: tuple[Slices, ...] = ()
        self._loader: VolumeLoader | None = None
        self._cutter: Cutter | None = None
        self._sharing = False
        self._request = 0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="volumes")
        self._relay = _Relay()
        self._relay.parted.connect(self._take_parts, Qt.ConnectionType.QueuedConnection)
        self._fine = QTimer(self, singleShot=True, interval=FINE_AFTER_MS)
        self._build()
        self._connect()

    # -- parts --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setObjectName("mpr")
        grid = QGridLayout()
        grid.setSpacing(2)
        grid.addWidget(self.panes[View.AXIAL], 0, 0, 2, 1)
        grid.addWidget(self.panes[View.CORONAL], 0, 1)
        grid.addWidget(self.panes[View.SAGITTAL], 1, 1)
        for half in range(2):
            grid.setColumnStretch(half, 1)
            grid.setRowStretch(half, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addLayout(grid, 1)
        self.setFocusProxy(self.panes[View.AXIAL])

    def _connect(self) -> None:
        for view, pane in self.panes.items():
            layer = MeasuringLayer(self.measuring, pane, partial(self._place, pane))
            pane.set_layers((self.lines[view], layer))
            pane.scrolled.connect(lambda steps, view=view: self._scroll(view, steps))
            pane.thickened.connect(self.bar.thicken)
            pane.changed.connect(lambda pane=pane: self._share(pane))
            pane.touched.connect(lambda pane=pane: self._turn_to(pane))
            self.lines[view].moved.connect(self.show_aim)
            self.lines[view].let_go.connect(self._cut_finely)
        self.bar.changed.connect(lambda _: self._cut_all())
        self.bar.straightened.connect(self.straighten)
        self.bar.left.connect(self.left)
        self.bar.part_chosen.connect(self._load)
        self._fine.timeout.connect(self._cut_finely)

    # -- what is shown ------------------------------------------------------------------------

    @property
    def plane(self) -> Plane | None:
        """Where the picture that has the focus lies."""
        cut = self.panes[self._side].cut
        return cut.plane if cut else None

    @property
    def study(self) -> OpenStudy | None:
        return self._study

    @property
    def series(self) -> SeriesView | None:
        return self._series

    @property
    def slab(self) -> Slab:
        return self.bar.slab

    @property
    def _side(self) -> View:
        return next(view for view, pane in self.panes.items() if pane is self.image)

    @property
    def is_open(self) -> bool:
        """Whether a series is shown."""
        return self._study is not None

    @property
    def is_settled(self) -> bool:
        """Whether all three show what is asked for, of all slices."""
        if self.aim is None or self._loader is None or self._loader.waiting:
            return False
        return all(pane.cut == self._wanted(view) for view, pane in self.panes.items())

    def show_series(self, study: OpenStudy, series: int) -> None:
        """Show a series from three sides; `failed` tells if it cannot be."""
        self.clear("Loading…")
        self._study, self._number, self._series = study, series, study.series[series]
        headers, request, relay = self._series.headers, self._request, self._relay

        def part() -> None:
            try:
                found: object = parted(headers)
            except BaseException as error:
                found = error
            relay.parted.emit(request, found)

        self._pool.submit(part)

    def _take_parts(self, request: int, found: tuple[Slices, ...] | BaseException) -> None:
        if request != self._request:
            return
        if isinstance(found, BaseException):
            self._fail(str(found) if has_sentence(found) else UNKNOWN_ERROR)
            if not has_sentence(found):
                raise found
            return
        self._parts = found
        self.bar.set_parts(len(found))
        self._load(0)

    def _load(self, part: int) -> None:
        """Load one of the volumes of the series, and show it where the last one was looked at."""
        if self._study is None or not 0 <= part < len(self._parts):
            return
        self._let_go()
        slices = self._parts[part]
        try:
            self._loader = VolumeLoader(self._study, self._number, slices, self)
        except NotAVolume as error:
            self._fail(str(error))
            return
        fresh = start(slices.lattice)
        self.aim = fresh.moved(self.aim.point_mm) if self.aim else fresh
        self._cutter = Cutter(self._loader.volume, self)
        self._cutter.done.connect(self._take)
        self._loader.grew.connect(self._cut_all)
        self._loader.finished.connect(self._cut_all)
        self._loader.failed.connect(self._fail)
        for pane in self.panes.values():
            pane.cut = None
            pane.show_message("Loading…")
        self._tell()

    def clear(self, sentence: str = "") -> None:
        """Let go of the volume and all threads; a sentence in its place."""
        self._let_go()
        self._request += 1
        self._study = self._series = self.aim = None
        self._parts = ()
        for pane in self.panes.values():
            pane.cut = None
            pane.show_message(sentence)

    def _let_go(self) -> None:
        self._fine.stop()
        for part in (self._loader, self._cutter):
            if part is not None:
                part.close()
                part.deleteLater()
        self._loader = self._cutter = None

    def _fail(self, sentence: str) -> None:
        self.clear(sentence)
        self.failed.emit(sentence)

    # -- what a person does -------------------------------------------------------------------

    def show_aim(self, aim: Aim) -> None:
        """Look at another point, or from other sides."""
        self.aim = aim
        self._cut_all()

    def straighten(self) -> None:
        """Let the pictures lie as they did at first, and show all of them."""
        if self.aim is not None:
            self.show_aim(self.aim.straightened())
            for pane in self.panes.values():
                pane.fit()

    def set_chrome_shown(self, shown: bool) -> None:
        """Show what lies over and above the pictures, or hide it."""
        self.bar.setVisible(shown)
        for pane in self.panes.values():
            pane.set_overlay_shown(shown, notice_stays=True)

    def take_hand(self, hand: Hand) -> None:
        """Choose what the left button does, away from the lines."""
        self.measuring.take(KINDS.get(hand))
        for pane in self.panes.values():
            pane.set_hand(hand)

    def toggle_lines(self) -> None:
        """Show the lines, or none."""
        for pane, lines in zip(self.panes.values(), self.lines.values(), strict=True):
            lines.shown = not lines.shown
            pane.update()

    def toggle_everywhere(self) -> None:
        """Let a press anywhere bring the point there, or only one with Shift."""
        for lines in self.lines.values():
            lines.is_everywhere = not lines.is_everywhere
        is_on = self.lines[View.AXIAL].is_everywhere
        self.image.flash("Click to bring the crosshair there" if is_on else "Crosshair with Shift")

    def close_all(self) -> None:
        """Let go of the volume and of every thread, for good."""
        self.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.measuring.close()

    def _scroll(self, view: View, steps: int) -> None:
        if self.aim is not None:
            self.show_aim(self.aim.scrolled(view, steps))

    def _turn_to(self, pane: Pane) -> None:
        self.image = pane
        for each in self.panes.values():
            each.is_chosen = each is pane
            each.update()
        self.touched.emit()
        self.told.emit()

    def _share(self, pane: Pane) -> None:
        """See all three by one window."""
        if self._sharing:
            return
        self._sharing = True
        for other in self.panes.values():
            seen = replace(other.view, window=pane.view.window, inverted=pane.view.inverted)
            other.set_view(seen)
        self._sharing = False
        self._tell()

    def _place(self, pane: Pane) -> Place | None:
        """Return a name for the picture that is shown, which no image of a study has."""
        if pane.cut is None or pane.drawable is None or self._series is None:
            return None
        plane = pane.cut.plane
        numbers = (*plane.origin_mm, *plane.row, *plane.column, *plane.spacing_mm)
        return " ".join((self._series.uid, *(f"{each:.4f}" for each in numbers))), 0

    # -- cutting ------------------------------------------------------------------------------

    def _wanted(self, view: View) -> Cut:
        assert self.aim is not None and self._loader is not None
        arrived = int(self._loader.volume.has.sum())
        return Cut(view, self.aim.plane(view), self.slab, arrived)

    def _cut_all(self) -> None:
        """Show at once what takes a blink, or is rough; the rest follows."""
        if self._loader is None or self._cutter is None or not self._loader.volume.is_begun:
            return
        for view, pane in self.panes.items():
            cut = self._wanted(view)
            if cut == pane.cut:
                continue
            if self._cutter.is_quick(cut):
                self._cutter.forget(view)
                self._show(cut, self._cutter.now(cut))
            elif cut.slab.thickness_mm:
                self._cutter.want(cut)
            else:
                self._show(replace(cut, slices=-1), self._cutter.now(cut, rough=True))
                self._fine.start()
        self._tell()

    def _cut_finely(self) -> None:
        """Have the thread cut what is rough or not there."""
        if self._loader is None or self._cutter is None or self.aim is None:
            return
        for view, pane in self.panes.items():
            cut = self._wanted(view)
            if cut != pane.cut and self._loader.volume.is_begun:
                self._cutter.want(cut)

    def _take(self, cut: Cut, drawable: Drawable) -> None:
        """Show what the thread has cut, unless something else is wanted by now."""
        if self.aim is None or self._loader is None:
            return
        wanted, shown = self._wanted(cut.view), self.panes[cut.view].cut
        is_on_the_way = bool(cut.slab.thickness_mm) and cut.slab == wanted.slab
        if shown != wanted and (is_on_the_way or replace(cut, slices=wanted.slices) == wanted):
            self._show(cut, drawable)
            self._tell()

    def _show(self, cut: Cut, drawable: Drawable) -> None:
        assert self.aim is not None
        self.lines[cut.view].plane = cut.plane
        self._sharing = True  # what changes now is no person's doing
        self.panes[cut.view].show_cut(cut, drawable, self.aim.point_mm)
        self._sharing = False

    # -- what is said -------------------------------------------------------------------------

    def _tell(self) -> None:
        """Say in words what the pictures are: corners, letters, screen reader."""
        if self.aim is None or self._series is None:
            return
        for view, pane in self.panes.items():
            said = cut_words.tell(self._series, self.aim, view, self.slab, pane)
            facing = self.aim.facing[view]
            pane.set_overlay(said, edges((*facing.row, *facing.column)))
            sides = pane.edges
            words = [*said.top_left, *said.top_right, *said.bottom_left, pane.message]
            words.append(sides.in_words if sides else "")
            pane.setAccessibleDescription(". ".join(each for each in words if each))
        self.bar.straighten.setEnabled(any(self.aim.is_turned(view) for view in View))
        self.bar.state.setText(self._state)
        self.told.emit()
        if self.is_settled:
            self.settled.emit()

    @property
    def _state(self) -> str:
        loader = self._loader
        return cut_words.state(loader.volume, loader.waiting) if loader else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = PAGES.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif steps is not None:
            self._scroll(self._side, steps)
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._tell()
