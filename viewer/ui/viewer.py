"""A study on the screen: its pictures, its series, the tools, and whose it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from viewer.dicom.pixels import Pixels
from viewer.dicom.reader import Reader
from viewer.dicom.source import StudySource
from viewer.priors import PriorStudies
from viewer.render.pyramid import Drawable
from viewer.ui import acts, leaving, menus, own_presets, picture_acts, shots, theme
from viewer.ui.banner import Banner
from viewer.ui.beside import Beside
from viewer.ui.cell import Cell
from viewer.ui.cells import Cells
from viewer.ui.face import Face
from viewer.ui.faces import Faces
from viewer.ui.frames import Frame, FrameCache, FrameLoader, has_sentence
from viewer.ui.from_sides import FromSides
from viewer.ui.grid import Grid, Layout
from viewer.ui.image_view import Hand, ImageView
from viewer.ui.keeper import Keeper, ReadAnnotations
from viewer.ui.keys import Keys, Shortcuts
from viewer.ui.marks import Marks
from viewer.ui.measuring_desk import MeasuringDesk
from viewer.ui.mpr import Mpr
from viewer.ui.notes_bar import NotesBar
from viewer.ui.own_presets import OwnPreset
from viewer.ui.preferences import ForOneRun, Preferences
from viewer.ui.saving import Copy, Saver
from viewer.ui.series_strip import SeriesStrip
from viewer.ui.shelf import Shelf
from viewer.ui.shots import Scene
from viewer.ui.showing import Showing
from viewer.ui.study import Decode, OpenStudy, Preview
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
        reports: Callable[[], str] | None = None,
        face: Face = Face.CLINICIAN,
        priors: PriorStudies | None = None,
        keeper: Keeper | None = None,
        annotations: ReadAnnotations | None = None,
        reader: Reader | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        """Show the series that a person starts with.

        Args:
            decode: of a series, an instance and a frame of it; may raise what has a sentence.
            title: what the person calls the study; empty for what the header says.
            preview: a small picture of a series (grey or RGB), shown until the full one is there.
            preferences: where a person's habits are kept; for this window only without one.
            copy: writes the originals into a folder with a DICOMDIR; in a thread.
            reports: what the study's reports say, for printing; in a thread.
            face: the one it opens with, unless a person chose the other for such studies.
            priors: older studies of the same person, to compare with.
            keeper: keeps measurements and marks with the study; none without one.
            annotations: of an instance that is a report or key objects; in a thread.
            reader: reads documents, and how pictures are to be seen; in threads.
            notes: what is odd about all that was opened, in sentences.
        """
        super().__init__(parent)
        self.preferences = preferences or ForOneRun()
        self.hand = Hand.WINDOW
        self.chrome_shown = True
        self._lets_go = False  # of what is not kept
        self.keys = Keys(self.preferences, self)
        self.faces: Faces = Faces(self, face)
        self.notes = NotesBar(notes)
        self._build()
        self.marks: Marks = Marks(self)
        self.saver: Saver = Saver(self._scenes, self, copy, reports)
        self.beside: Beside = Beside(self, priors)
        self._connect()
        study = OpenStudy.of(source, decode, title, preview, reader=reader)
        self.shelf.add(study, self.loader)
        self.desk.keep_with(study, keeper, annotations)
        self.look_through(study)
        self.faces.show(self.faces.face)

    # -- parts --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setObjectName("viewer")
        self.setAccessibleName("Viewer")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(theme.STYLE)
        self.banner, self.tools, self.strip = Banner(), ToolStrip(), SeriesStrip()
        self.shelf = Shelf(self.strip)
        self.loader = FrameLoader(self._load, FrameCache(), self)
        self.cells: Cells = Cells(self)
        self.grid: Grid = Grid(self.cells.make)
        self.showing = Showing(self.grid, self.loader, lambda: self.shelf.studies, self)
        self.together: Together = Together(self.grid)
        self.desk: MeasuringDesk = MeasuringDesk(self.grid, lambda: self.shelf.studies, self)
        self.sides: Mpr = Mpr()  # in place of the cells
        self.sides.hide()
        self.from_sides: FromSides = FromSides(self)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.tools)
        middle.addWidget(self.grid, 1)
        middle.addWidget(self.sides, 1)
        middle.addWidget(self.desk.panel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.notes)
        column.addLayout(middle, 1)
        column.addWidget(self.faces.explanation)
        column.addWidget(self.faces.bar)
        column.addWidget(self.strip)
        self.setFocusProxy(self.grid)

    def _connect(self) -> None:
        # Thumbnails are taken and our own mistakes raised after the cells had their say.
        self.loader.loaded.connect(self._take)
        self.loader.failed.connect(self._raise_mistakes)
        self.grid.chosen.connect(self._turn_to)
        self.grid.arranged.connect(self.cells.fill)
        self.strip.chosen.connect(self.show_series)
        self.desk.wanted.connect(self.show_at)
        self.tools.chosen.connect(self.take_hand)
        self.tools.asked.connect(lambda name: acts.act(self, name))
        self.banner.asked.connect(self.faces.choose)
        self.notes.put_away.connect(self._look_again)
        menus.connect(self)
        self.saver.said.connect(self._say)
        self.tools.set_keys(self.keys)
        done = {name: partial(acts.act, self, name) for name in acts.ACTS}
        self.shortcuts = Shortcuts(self.keys, done, self)
        for digit in "0123456789":
            acts.add_shortcut(self, digit, partial(self._use_preset, digit))

    # -- what is shown ------------------------------------------------------------------------

    @property
    def cell(self) -> Cell:
        """The viewport that has the focus: tools and keys act on it."""
        return self.grid.cell

    @property
    def image(self) -> ImageView:
        """The picture that tools and keys act on."""
        return self.sides.image if self.sides.is_open else self.cell.image

    @property
    def scrub(self) -> QSlider:
        return self.cell.scrub

    @property
    def study(self) -> OpenStudy:
        """The study that was opened."""
        return self.shelf.studies[0]

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
        if 0 <= series < len(self.shelf):
            self.from_sides.leave()
            self.cell.show_series(*self.shelf.at(series))

    def look_through(self, study: OpenStudy) -> None:
        """Read how a study's pictures are to be seen, and which of them are marked."""
        self.showing.look_through(study)
        self.marks.look_through(study)

    def show_at(self, study: OpenStudy, series: int, place: int) -> None:
        """Show one picture in the cell that has the focus."""
        self.from_sides.leave()
        self.cell.show_series(study, series)
        self.cell.show_place(place)

    def show_place(self, place: int) -> None:
        """Show the image at `place`, counted from 0, of this series."""
        self.cell.show_place(place)

    def next_series(self, by: int) -> None:
        """Show the series that lies so many further (or back) in the strip."""
        place = self.shelf.place_of(self.frame)
        if place is not None:
            self.show_series(place + by)

    def step(self, images: int) -> None:
        """Go forward (or back) by so many images."""
        self.cell.step(images)

    def _scenes(self) -> list[Scene]:
        """Return the pictures in sight, the one that has the focus first."""
        if self.sides.is_open:
            return shots.of_sides(self.sides)
        found = (shots.of_cell(cell) for cell in self.cells.from_here)
        return [each for each in found if each is not None]

    def want(self) -> None:
        """Load what is looked at, then what will be, the small pictures, and the rest."""
        cells = self.cells.from_here
        now = [frame for cell in cells for frame in cell.now()]
        soon = [frame for cell in cells for frame in cell.soon()]
        self.loader.want([*now, *soon, *self.shelf.wanted()], self.cell.rest())

    def _load(self, frame: Frame) -> Pixels:
        """Decode a frame, and see it as was chosen; in a thread."""
        return self.showing.apply(frame, self.shelf.load(frame))

    def _take(self, frame: Frame, drawable: Drawable) -> None:
        self.shelf.take(frame, drawable)

    def _raise_mistakes(self, frame: Frame, error: BaseException) -> None:
        """What has no sentence is our own mistake: once looked at, it goes to the crash handler."""
        if not has_sentence(error) and any(frame in cell.now() for cell in self.grid.in_sight):
            raise error

    # -- what is said -------------------------------------------------------------------------

    def tell(self, cell: Cell) -> None:
        """Say whose picture it is, and offer what can be done with it."""
        cell.title.tell_role(self.beside.role(cell))
        if cell is not self.cell:
            return
        study = cell.study or (self.shelf.studies[0] if self.shelf.studies else None)
        self.banner.tell(cell.header, study.title if study else "")
        place = self.shelf.place_of(cell.frame)
        if place is not None:
            self.strip.show_current(place)
        for name in ("play", "speed"):
            self.tools.set_reason(name, "" if cell.has_several else "There is one image only")
        for name in (*picture_acts.ACTS, *picture_acts.OF_WINDOWS):
            self.tools.set_reason(name, picture_acts.why_not(cell.image, name))
        self.faces.tell(cell)
        self.marks.tell()

    def _say(self, sentence: str) -> None:
        self.cell.flash(sentence)

    def _look_again(self) -> None:
        """Let keys act on the picture again."""
        self.image.setFocus()

    def _turn_to(self, cell: Cell) -> None:
        """Let tools and keys act on another cell."""
        self.tell(cell)
        self.tools.set_playing(cell.is_playing)
        self.want()

    @property
    def own_presets(self) -> tuple[OwnPreset, ...]:
        """What a person keeps for the modality that is seen."""
        return own_presets.of_modality(self.preferences, self.cell.modality)

    def _use_preset(self, key: str) -> None:
        for each in self.cell.presets(self.own_presets):
            if each.key == key:
                self.image.set_window(each.window)
                self.image.flash(each.label)

    # -- what a person does -------------------------------------------------------------------

    def show_layout(self, layout: Layout) -> None:
        """Show so many cells; new ones get the series that are not in sight yet."""
        self.grid.show_layout(layout)

    def toggle_large(self) -> None:
        """Let the cell that has the focus fill the grid, or show all of them again."""
        self.grid.make_large(None if self.grid.is_large else self.cell)

    def take_hand(self, hand: Hand) -> None:
        """Choose what the left button does, in every cell."""
        self.hand = hand
        self.tools.show_hand(hand)
        self.desk.take(hand)
        self.sides.take_hand(hand)
        for cell in self.grid.made:
            cell.image.set_hand(hand)

    # -- the window ---------------------------------------------------------------------------

    def toggle_chrome(self) -> None:
        """Hide everything but the picture and whose it is, or bring it back."""
        self.chrome_shown = not self.chrome_shown
        for part in (self.tools, self.strip):
            part.setVisible(self.chrome_shown)
        self.faces.show_parts()
        self.banner.set_slim(not self.chrome_shown)
        for cell in self.grid.cells:
            cell.set_chrome_shown(self.chrome_shown)
        self.sides.set_chrome_shown(self.chrome_shown)
        self.image.setFocus()
        if self.chrome_shown:
            self.image.show_hint("")
        else:
            self.cell.flash("Press H to bring everything back")

    def toggle_playing(self) -> None:
        """Run through the images at the speed they were taken with, or stop."""
        self.cell.toggle_playing()

    def stop(self) -> None:
        """Stop running through the images."""
        self.cell.stop()

    def showEvent(self, event: QShowEvent) -> None:
        self.image.setFocus()
        super().showEvent(event)

    def leave(self, close: Callable[[], None]) -> None:
        """Close by `close`; ask first about what was measured and is not kept."""
        leaving.leave(self.desk.keeping, self, close)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.isWindow() and leaving.would_lose(self.desk.keeping) and not self._lets_go:
            event.ignore()
            self.leave(self._close_now)
            return
        self.close_study()
        super().closeEvent(event)

    def _close_now(self) -> None:
        self._lets_go = True
        self.close()

    def close_study(self) -> None:
        """Let go of all pictures and threads; nothing is shown after."""
        self.saver.stop()
        self.showing.close()
        self.marks.close()
        self.loader.close()
        self.sides.close_all()
        self.desk.close()
        self.beside.close()
        for cell in self.grid.made:
            cell.clear()
            cell.paper.close()
