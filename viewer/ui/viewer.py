"""A study on the screen: its pictures, its series, the tools, and whose it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from viewer.dicom.pixels import Pixels
from viewer.dicom.source import StudySource
from viewer.render.pyramid import Drawable
from viewer.ui import actions, measuring_desk, own_presets, picture_acts, plain, theme
from viewer.ui.actions import BY_NAME
from viewer.ui.banner import Banner
from viewer.ui.cell import Cell, has_sentence
from viewer.ui.frames import Frame, FrameCache, FrameLoader
from viewer.ui.grid import LAYOUTS, Grid, Layout
from viewer.ui.image_view import Hand, ImageView
from viewer.ui.keys import Keys, Shortcuts
from viewer.ui.keys_sheet import KeysSheet
from viewer.ui.measuring_desk import MeasuringDesk
from viewer.ui.own_presets import OwnPreset
from viewer.ui.preferences import ForOneRun, Preferences
from viewer.ui.presets_sheet import PresetsSheet
from viewer.ui.saving import Copy, Saver
from viewer.ui.series_strip import SeriesStrip
from viewer.ui.study import Decode, OpenStudy, Preview
from viewer.ui.thumbnails import Thumbnails
from viewer.ui.together import Together
from viewer.ui.tool_strip import ToolStrip


class Viewer(QWidget):
    """Shows a study. `decode` and `preview` are called in threads of the viewer's own."""

    failed = Signal(str)  # the sentence that stands in place of a picture
    shown = Signal(object)  # Frame: what is on the screen now

    def __init__(
        self,
        source: StudySource,
        decode: Decode,
        title: str = "",
        preview: Preview | None = None,
        preferences: Preferences | None = None,
        parent: QWidget | None = None,
        copy: Copy | None = None,
    ) -> None:
        """Show the first series.

        Args:
            decode: of a series, an instance and a frame of it; may raise what has a sentence.
            title: what the person calls the study; empty for what the header says.
            preview: a small picture of a series (grey or RGB), shown until the full one is there.
            preferences: where a person's habits are kept; for this window only without one.
            copy: writes the originals into a folder with a DICOMDIR; in a thread.
        """
        super().__init__(parent)
        self._study = OpenStudy.of(source, decode, title, preview)
        self._studies = [self._study]
        self._shelf = [(self._study, n) for n in range(len(self._study.series))]  # as in the strip
        self._hand = Hand.WINDOW
        self.loader = FrameLoader(self._load, FrameCache(), self)
        self._preferences = preferences or ForOneRun()
        self.keys = Keys(self._preferences, self)
        self._chrome_shown = True
        self._build()
        self._thumbnails = Thumbnails(self._study, self.strip, self.loader)
        self.saver: Saver = Saver(self._cells_from_here, self, copy)
        self._connect()
        if self._study.series:
            self.show_series(self._study.first_look)
        else:
            self.cell.clear("There is nothing in this study that can be shown.")

    # -- parts --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setObjectName("viewer")
        self.setAccessibleName("Viewer")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(theme.STYLE)
        self.banner, self.tools, self.strip = Banner(), ToolStrip(), SeriesStrip()
        self.grid = Grid(self._make_cell)
        self.together = Together(self.grid)
        self.desk = MeasuringDesk(self.grid, lambda: self._studies, self)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.tools)
        middle.addWidget(self.grid, 1)
        middle.addWidget(self.desk.panel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addLayout(middle, 1)
        column.addWidget(self.strip)
        study = self._study
        self.strip.fill(
            [
                (plain.plain(each.title), study.about(n), study.has_picture(n))
                for n, each in enumerate(study.series)
            ]
        )
        self.setFocusProxy(self.grid)

    def _connect(self) -> None:
        # Thumbnails are taken and our own mistakes raised after the cells had their say.
        self.loader.loaded.connect(self._take)
        self.loader.failed.connect(_raise_mistakes)
        self.grid.chosen.connect(self._turn_to)
        self.grid.arranged.connect(self._fill_cells)
        self.strip.chosen.connect(self.show_series)
        self.desk.wanted.connect(self._show_at)
        self.tools.chosen.connect(self.take_hand)
        self.tools.asked.connect(lambda name: ACTIONS[name](self))
        self.tools.menu_of("presets").aboutToShow.connect(self._fill_presets)
        speed = self.tools.menu_of("speed")
        speed.aboutToShow.connect(lambda: self.cell.player.fill(speed))
        self.tools.menu_of("layout").aboutToShow.connect(self._fill_layouts)
        save = self.tools.menu_of("save")
        save.aboutToShow.connect(lambda: self.saver.fill(save))
        self.saver.said.connect(self._flash)
        acts = {name: partial(act, self) for name, act in ACTIONS.items()}
        self.tools.set_keys(self.keys)
        self.shortcuts = Shortcuts(self.keys, acts, self)
        for digit in "0123456789":
            self._shortcut(digit, partial(self._use_preset, digit))

    def _shortcut(self, keys: str, act: Callable[[], None]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(act)

    def _make_cell(self) -> Cell:
        cell = Cell(self.loader)
        cell.image.set_hand(self._hand)
        cell.wanted.connect(self._want)
        cell.shown.connect(self.shown)
        cell.failed.connect(self.failed)
        cell.told.connect(lambda: self._tell(cell))
        cell.played.connect(lambda playing: self._tell_playing(cell, playing))
        cell.given.connect(lambda place: self._give(cell, place))
        return cell

    # -- what is shown ------------------------------------------------------------------------

    @property
    def cell(self) -> Cell:
        """The viewport that has the focus: tools and keys act on it."""
        return self.grid.cell

    @property
    def image(self) -> ImageView:
        return self.cell.image

    @property
    def scrub(self) -> QSlider:
        return self.cell.scrub

    @property
    def frame(self) -> Frame | None:
        """What is asked for; `shown` says when it is there."""
        return self.cell.frame

    @property
    def is_settled(self) -> bool:
        """Whether what is asked for is on the screen."""
        return self.cell.is_settled

    def show_series(self, series: int) -> None:
        """Show a series, as it was left, or from where a person starts.

        Args:
            series: its place in the strip.
        """
        if 0 <= series < len(self._shelf):
            self.cell.show_series(*self._shelf[series])

    def _give(self, cell: Cell, place: int) -> None:
        """Show a series in the cell it was dropped on."""
        if 0 <= place < len(self._shelf):
            self.grid.choose(cell)
            cell.image.setFocus()
            cell.show_series(*self._shelf[place])

    def _show_at(self, study: OpenStudy, series: int, place: int) -> None:
        """Show one picture in the cell that has the focus."""
        self.cell.show_series(study, series)
        self.cell.show_place(place)

    def show_place(self, place: int) -> None:
        """Show the image at `place`, counted from 0, of this series."""
        self.cell.show_place(place)

    def next_series(self, by: int) -> None:
        """Show the series that lies so many further (or back) in the strip."""
        place = self._place_of(self.cell)
        if place is not None:
            self.show_series(place + by)

    def _place_of(self, cell: Cell) -> int | None:
        """Return where in the strip a cell's series lies."""
        frame = cell.frame
        if frame is None:
            return None
        firsts = (n for n, (study, _) in enumerate(self._shelf) if study.number == frame.study)
        return next(firsts) + frame.series

    def step(self, images: int) -> None:
        """Go forward (or back) by so many images."""
        self.cell.step(images)

    # -- what is loaded -----------------------------------------------------------------------

    def _load(self, frame: Frame) -> Pixels:
        """Runs in a thread."""
        return self._studies[frame.study].load(frame)

    def _cells_from_here(self) -> list[Cell]:
        """Return the cells in sight, the one that has the focus first."""
        return [self.cell, *(each for each in self.grid.in_sight if each is not self.cell)]

    def _want(self) -> None:
        """Load what is looked at, then what will be, the small pictures, and the rest."""
        cells = self._cells_from_here()
        now = [frame for cell in cells for frame in cell.now()]
        soon = [frame for cell in cells for frame in cell.soon()]
        self.loader.want([*now, *soon, *self._thumbnails.wanted()], self.cell.rest())

    def _take(self, frame: Frame, drawable: Drawable) -> None:
        self._thumbnails.take(frame, drawable)

    # -- what is said -------------------------------------------------------------------------

    def _tell(self, cell: Cell) -> None:
        """Say whose picture it is, and offer what can be done with it."""
        if cell is not self.cell:
            return
        self.banner.tell(cell.header, cell.study.title if cell.study else self._study.title)
        place = self._place_of(cell)
        if place is not None:
            self.strip.show_current(place)
        for name in ("play", "speed"):
            self.tools.set_reason(name, "" if cell.has_several else "There is one image only")
        for name in (*picture_acts.ACTS, *picture_acts.OF_WINDOWS):
            self.tools.set_reason(name, picture_acts.why_not(cell.image, name))

    def _tell_playing(self, cell: Cell, playing: bool) -> None:
        if cell is self.cell:
            self.tools.set_playing(playing)

    def _turn_to(self, cell: Cell) -> None:
        """Let tools and keys act on another cell."""
        self._tell(cell)
        self.tools.set_playing(cell.is_playing)
        self._want()

    def _fill_presets(self) -> None:
        menu = self.tools.menu_of("presets")
        menu.clear()
        seen = self.image.view.window
        for each in self.cell.presets(self._own_presets):
            label = f"{each.label}\t{each.key}" if each.key else each.label
            act = menu.addAction(label)
            act.setCheckable(True)
            act.setChecked(each.window == seen)
            act.triggered.connect(lambda _=False, window=each.window: self.image.set_window(window))
        menu.addSeparator()
        menu.addAction(BY_NAME["own_presets"].word).triggered.connect(self.show_own_presets)

    @property
    def _own_presets(self) -> tuple[OwnPreset, ...]:
        return own_presets.of_modality(self._preferences, self.cell.modality)

    def _use_preset(self, key: str) -> None:
        self.cell.use_preset(key, self._own_presets)

    def show_own_presets(self) -> None:
        """Show a person's presets of what is seen, to be changed."""
        seen = self.image.seen_window
        PresetsSheet(self._preferences, self.cell.modality, seen, self).open()

    def _fill_layouts(self) -> None:
        menu = self.tools.menu_of("layout")
        menu.clear()
        for layout in LAYOUTS:
            act = menu.addAction(str(layout))
            act.setCheckable(True)
            act.setChecked(layout == self.grid.layout_shown)
            act.triggered.connect(lambda _=False, layout=layout: self.show_layout(layout))
        menu.addSeparator()
        self.together.fill(menu)

    # -- what a person does -------------------------------------------------------------------

    def show_layout(self, layout: Layout) -> None:
        """Show so many cells; new ones get the series that are not in sight yet."""
        self.grid.show_layout(layout)

    def toggle_large(self) -> None:
        """Let the cell that has the focus fill the grid, or show all of them again."""
        self.grid.make_large(None if self.grid.is_large else self.cell)

    def _fill_cells(self) -> None:
        """Say in each cell whose picture it is if there are several, and leave none empty."""
        cells = self.grid.cells
        seen = {self._place_of(cell) for cell in cells}
        unseen = (
            place
            for place, (study, series) in enumerate(self._shelf)
            if place not in seen and study.has_picture(series)
        )
        for cell in cells:
            cell.show_title(len(cells) > 1)
            cell.set_chrome_shown(self._chrome_shown)
            if cell.study is None:
                place = next(unseen, None)
                if place is None:
                    cell.clear("Drag a series here.")
                else:
                    cell.show_series(*self._shelf[place])
        for cell in self.grid.made:
            if cell not in self.grid.in_sight:
                cell.stop()
        self._tell(self.cell)
        self._want()

    def _flash(self, words: str) -> None:
        self.cell.flash(words)

    def take_hand(self, hand: Hand) -> None:
        """Choose what the left button does, in every cell."""
        self._hand = hand
        self.tools.show_hand(hand)
        self.desk.take(hand)
        for cell in self.grid.made:
            cell.image.set_hand(hand)

    def toggle_chrome(self) -> None:
        """Hide everything but the picture, or bring it back."""
        self._chrome_shown = not self._chrome_shown
        for part in (self.banner, self.tools, self.strip):
            part.setVisible(self._chrome_shown)
        self.desk.show_panel(self._chrome_shown)
        for cell in self.grid.cells:
            cell.set_chrome_shown(self._chrome_shown)
        self.image.setFocus()
        if self._chrome_shown:
            self.image.show_hint("")
        else:
            self.cell.flash("Press H to bring everything back")

    def show_keys(self) -> None:
        """Show what the keys do, and let a person change them."""
        KeysSheet(self.keys, self.shortcuts.face, self).open()

    def toggle_playing(self) -> None:
        """Run through the images at the speed they were taken with, or stop."""
        self.cell.toggle_playing()

    def stop(self) -> None:
        """Stop running through the images."""
        self.cell.stop()

    def showEvent(self, event: QShowEvent) -> None:
        self.image.setFocus()
        super().showEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_study()
        super().closeEvent(event)

    def close_study(self) -> None:
        """Let go of all pictures and threads; nothing is shown after."""
        self.saver.stop()
        self.loader.close()
        self.desk.close()
        for cell in self.grid.made:
            cell.clear()


def _takes(hand: Hand) -> Callable[[Viewer], None]:
    return lambda viewer: viewer.take_hand(hand)


def _on_picture(act: Callable[[ImageView], None]) -> Callable[[Viewer], None]:
    return lambda viewer: act(viewer.image)


def _on_desk(act: Callable[[MeasuringDesk], None]) -> Callable[[Viewer], None]:
    return lambda viewer: act(viewer.desk)


ACTIONS: dict[str, Callable[[Viewer], None]] = {
    **{name: _on_picture(act) for name, act in picture_acts.ACTS.items()},
    **{each.name: _takes(each.hand) for each in actions.ACTIONS if each.hand},
    "play": Viewer.toggle_playing,
    "hide": Viewer.toggle_chrome,
    "keys": Viewer.show_keys,
    "save_picture": lambda viewer: viewer.saver.save_picture(),
    "print_page": lambda viewer: viewer.saver.print_page(),
    "own_presets": Viewer.show_own_presets,
    "slower": lambda viewer: viewer.cell.player.slower(),
    "faster": lambda viewer: viewer.cell.player.faster(),
    "loop": lambda viewer: viewer.cell.player.swap_loop(),
    **{name: _on_desk(act) for name, act in measuring_desk.ACTS.items()},
    "previous": lambda viewer: viewer.next_series(-1),
    "next": lambda viewer: viewer.next_series(1),
    "large": Viewer.toggle_large,
    "together": lambda viewer: viewer.together.toggle_linked(),
    "together_here": lambda viewer: viewer.together.linking.link_here(),
    "same_window": lambda viewer: viewer.together.toggle_windows(),
    "lines": lambda viewer: viewer.together.toggle_lines(),
    "crosshair": lambda viewer: viewer.together.toggle_crosshair(),
    "cell_before": lambda viewer: viewer.grid.choose_next(-1),
    "cell_after": lambda viewer: viewer.grid.choose_next(1),
}


def _raise_mistakes(_frame: Frame, error: BaseException) -> None:
    """What has no sentence is our own mistake, and goes on to the crash handler."""
    if not has_sentence(error):
        raise error
