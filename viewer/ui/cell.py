"""One viewport: the pictures of one series, gone through, played, and told about in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from viewer import hanging
from viewer.dicom.geometry import Plane
from viewer.dicom.header import Header
from viewer.dicom.source import SeriesView
from viewer.errors import CannotDraw
from viewer.render.pyramid import Drawable
from viewer.ui import corners, plain, presets, view_state
from viewer.ui.ahead import Course
from viewer.ui.cell_document import CellDocument
from viewer.ui.cell_frame import PAGE, CellFrame
from viewer.ui.cell_title import CellTitle
from viewer.ui.cell_words import CellWords
from viewer.ui.cine import Loop
from viewer.ui.face import Face
from viewer.ui.frames import Frame, FrameLoader, has_sentence
from viewer.ui.image_view import ImageView
from viewer.ui.layer import Layer
from viewer.ui.overlay import Corners
from viewer.ui.own_presets import OwnPreset
from viewer.ui.pile import Pile
from viewer.ui.planes import Planes
from viewer.ui.player import Player
from viewer.ui.stack import Stack
from viewer.ui.study import OpenStudy
from viewer.ui.view_state import ViewState

WAIT_HINT_MS = 200
UNKNOWN_ERROR = "This picture could not be shown."

Place = tuple[int, int]  # study and series


class Cell(CellFrame):
    """Shows one series of a study at a time; which frames it wants, it says."""

    wanted = Signal()  # `now` and `soon` have changed
    shown = Signal(object)  # Frame: what is on the screen now
    failed = Signal(str)  # the sentence that stands in place of a picture
    told = Signal()  # what is said of the picture has changed
    played = Signal(bool)  # it runs through its images, or stopped
    moved = Signal()  # another picture of the series is asked for
    followed = Signal(object)  # Reference: a picture that a document points at was asked for

    def __init__(self, loader: FrameLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loader = loader
        self._study: OpenStudy | None = None
        self._series = 0
        self._place = 0
        self._direction = 1
        self._seen: Frame | None = None  # what is on the screen
        self._seen_place = 0
        self._views: dict[Place, ViewState] = {}
        self._places: dict[Place, int] = {}
        self._chrome_shown = True
        self._build()
        self._connect()

    # -- parts --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setObjectName("cell")
        self.title, self.image = CellTitle(), ImageView()
        self.image.set_layers([Planes()])
        self.scrub = QSlider(Qt.Orientation.Vertical)
        self.scrub.setObjectName("scrub")
        self.scrub.setInvertedAppearance(True)  # the first image is at the top
        self.scrub.setInvertedControls(True)
        self.scrub.setPageStep(PAGE)
        self.scrub.setAccessibleName("Image")
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.image, 1)
        row.addWidget(self.scrub)
        self.paper = CellDocument(self.image, row, self)
        self.column.addWidget(self.title)
        self.column.addLayout(row, 1)
        self.title.hide()
        self.setFocusProxy(self.image)
        for part in (self.title, self.image, self.scrub):
            part.installEventFilter(self)
        self.player, self._words = Player(self), CellWords(self)
        self._wait = QTimer(self, singleShot=True, interval=WAIT_HINT_MS)

    def _connect(self) -> None:
        self._loader.loaded.connect(self._take)
        self._loader.failed.connect(self._miss)
        self.image.scrolled.connect(self.step)
        self.image.changed.connect(self._words.tell_view)
        self.scrub.valueChanged.connect(self.show_place)
        self.player.due.connect(self._play_to)
        self.player.changed.connect(self._tell_playing)
        self._wait.timeout.connect(self._words.tell_waiting)
        self._words.told.connect(self.told)
        self.paged.connect(self.step)
        self.paper.followed.connect(self.followed)

    # -- what is shown ------------------------------------------------------------------------

    @property
    def study(self) -> OpenStudy | None:
        return self._study

    @property
    def series(self) -> SeriesView | None:
        return self._study.series[self._series] if self._study else None

    @property
    def pile(self) -> Pile:
        return self._study.piles[self._series] if self._study else Pile(())

    @property
    def stack(self) -> Stack | None:
        """Where the pictures of the series lie."""
        return self._study.stack(self._series) if self._study else None

    @property
    def plane(self) -> Plane | None:
        """Where the picture on the screen lies."""
        if self.stack is None or self._seen is None or self.image.drawable is None:
            return None
        return self.stack.plane(self._seen_place)

    @property
    def place(self) -> int:
        """Where in the pile what is asked for lies."""
        return self._place

    @property
    def frame(self) -> Frame | None:
        """What is asked for; `shown` says when it is there."""
        return self._study.at(self._series, self._place) if self._study else None

    @property
    def seen(self) -> Frame | None:
        """What is on the screen, be it a picture or a sentence in its place."""
        return self._seen

    @property
    def seen_place(self) -> int:
        """Where in the pile it lies."""
        return self._seen_place

    @property
    def is_settled(self) -> bool:
        """Whether what is asked for is on the screen."""
        return self._study is not None and self._seen == self.frame

    @property
    def header(self) -> Header | None:
        """Of what is on the screen, or else of what is asked for."""
        frame = self._seen or self.frame
        return self._study.header(frame) if self._study and frame else None

    @property
    def has_several(self) -> bool:
        return len(self.pile) > 1

    def show_series(self, study: OpenStudy, series: int) -> None:
        """Show a series, as it was left, or from where a person starts."""
        if study is self._study and series == self._series:
            return
        self.stop()
        self.player.forget_rate()
        self._leave()
        self._study, self._series, self._seen = study, series, None
        place = study.number, series
        self._place = self._places.get(place, self.pile.first_look)
        self.image.show_message("")
        fresh = ViewState(viewport=self.image.view.viewport)
        self.image.set_view(self._views.get(place, fresh))
        self.image.set_overlay(corners.tell_waiting(study.series[series]), None)
        with QSignalBlocker(self.scrub):
            self.scrub.setRange(0, max(0, len(self.pile) - 1))
        self.scrub.setVisible(self._chrome_shown and self.has_several)
        self._words.tell_title()
        self.told.emit()
        self._go()

    def hang(self, study: OpenStudy, place: hanging.Place) -> None:
        """Show a series as the study is first hung."""
        self.show_series(study, place.series)
        if place.opens:
            self.show_place(self.pile.place_of(place.instance, 0) or 0)
        view = replace(view_state.leaning(self.image.view, place.lean), flipped=place.flips)
        self.image.set_view(view)

    def _leave(self) -> None:
        if self._study is not None:
            place = self._study.number, self._series
            self._views[place], self._places[place] = self.image.view, self._place

    def clear(self, sentence: str = "") -> None:
        """Show no series; a sentence in its place."""
        self.stop()
        self._wait.stop()
        self._leave()
        self._study, self._seen = None, None
        self.paper.put_away()
        self.scrub.hide()
        self.image.set_overlay(Corners(), None)
        self.image.show_message(sentence)
        self._words.tell_title()
        self.told.emit()

    def show_place(self, place: int) -> None:
        """Show the image at `place`, counted from 0, of this series."""
        if self.go_along(place):
            self.moved.emit()

    def go_along(self, place: int) -> bool:
        """Show it because another cell has moved; nothing follows from it. False: it was there."""
        place = min(max(place, 0), len(self.pile) - 1)
        if self._study is None or place == self._place:
            return False
        self._direction = 1 if place > self._place else -1
        self._place = place
        self.player.go_on_from(place)
        self._go()
        return True

    def step(self, images: int) -> None:
        """Go forward (or back) by so many images."""
        self.show_place(self._place + images)

    def _go(self) -> None:
        """Ask for the frame at the current place, and for what will be asked for next."""
        study, frame = self._study, self.frame
        if study is None or frame is None:
            return
        with QSignalBlocker(self.scrub):
            self.scrub.setValue(self._place)
        header = study.header(frame)
        if self.paper.takes(study, header):
            self.wanted.emit()
            self.paper.show(study, frame)
            self._show_sentence(frame, "")
            return
        self.paper.put_away()
        if not header.drawable:
            self.wanted.emit()
            why = header.why_not or "it holds no picture"
            self._show_sentence(frame, str(CannotDraw(plain.plain(why))))
            return
        self._loader.forget_error(frame)
        self.wanted.emit()
        found = self._loader.cache.get(frame)
        if found is not None:
            self._show(frame, found)
        else:
            self._wait.start()

    def show_again(self) -> None:
        """Load and show anew what is on the screen: it is to be seen in another way."""
        self._seen = None
        self._go()

    def lay(self, *layers: Layer) -> None:
        """Lay these over the picture, above what lies there already."""
        self.image.set_layers([*self.image.layers, *layers])

    def take_away(self, *layers: Layer) -> None:
        """Take these off the picture."""
        self.image.set_layers([each for each in self.image.layers if each not in layers])

    # -- what is loaded -----------------------------------------------------------------------

    def now(self) -> list[Frame]:
        """Return what should be on the screen, and what stands in until it is."""
        study, frame = self._study, self.frame
        if study is None or frame is None:
            return []
        asked = [frame] if study.header(frame).drawable else []
        if study.preview is not None and self._seen is None:
            asked.append(study.small(self._series))
        return asked

    def soon(self) -> list[Frame]:
        """Return what will be asked for next, the nearest in the direction of travel first."""
        return self._course.soon() if self._course else []

    def rest(self) -> Iterator[Frame]:
        """Yield the rest of the series, the nearest first, as much of it as can be kept."""
        return self._course.rest() if self._course else iter(())

    @property
    def _course(self) -> Course | None:
        if self._study is None:
            return None
        limit_bytes = self._loader.cache.limit_bytes
        return Course(self._study, self._series, self._place, self._direction, limit_bytes)

    def _take(self, frame: Frame, drawable: Drawable) -> None:
        if self._study is None:
            return
        if frame == self.frame and not self.is_settled:
            self._show(frame, drawable)
        elif frame == self._study.small(self._series) and self._seen is None:
            self.image.show_drawable(drawable)
            self.image.show_hint("Preview. The full picture is on its way…")

    def _show(self, frame: Frame, drawable: Drawable) -> None:
        self._wait.stop()
        self._seen, self._seen_place = frame, self._place
        self.image.show_drawable(drawable)
        self.player.note_shown()
        self._words.tell()
        self.shown.emit(frame)

    def _miss(self, frame: Frame, error: BaseException) -> None:
        """Say why there is no picture."""
        if frame == self.frame:
            sentence = str(error) if has_sentence(error) else UNKNOWN_ERROR
            self._show_sentence(frame, sentence)
            self.failed.emit(sentence)

    def _show_sentence(self, frame: Frame, sentence: str) -> None:
        self._wait.stop()
        self._seen, self._seen_place = frame, self._place
        self.image.show_message(sentence)
        self._words.tell()

    # -- what is said -------------------------------------------------------------------------

    def set_face(self, face: Face) -> None:
        """Say in the corners what a patient wants to know, or all of it."""
        self._words.set_face(face)

    def show_title(self, shown: bool) -> None:
        """Say above the picture whose it is; where nothing else does so."""
        self._words.show_title(shown)

    def flash(self, words: str) -> None:
        """Show a few words for a moment."""
        self.image.flash(words)

    # -- what a person does -------------------------------------------------------------------

    @property
    def modality(self) -> str:
        return self.series.modality if self.series else ""

    def presets(self, own: Sequence[OwnPreset] = ()) -> tuple[presets.Preset, ...]:
        """Return the windows that can be chosen for what is seen, the person's own among them."""
        drawable = self.image.drawable
        if drawable is None:
            return ()
        return presets.presets_for(drawable.pixels, self.modality, own, drawable.whole)

    def set_chrome_shown(self, shown: bool) -> None:
        """Show what lies over and beside the picture, or hide it."""
        self._chrome_shown = shown
        self.scrub.setVisible(shown and self.has_several)
        self.image.set_overlay_shown(shown, notice_stays=True)

    @property
    def is_playing(self) -> bool:
        return self.player.is_running

    def toggle_playing(self) -> None:
        """Run through the images at the speed they were taken with, or stop."""
        if self.is_playing:
            self.stop()
        elif self.has_several and self.header is not None:
            self.player.start(self._place, len(self.pile), self.header.frame_time_ms)

    def stop(self) -> None:
        """Stop running through the images."""
        self.player.stop()

    def _play_to(self, place: int) -> None:
        """Show what is due, if what was due before has come; else it is left out."""
        if place == self._place or not self.is_settled:
            return
        is_back = place < self._place and self.player.loop is Loop.BACK_AND_FORTH
        self._direction, self._place = (-1 if is_back else 1), place
        self._go()
        self.moved.emit()

    def _tell_playing(self) -> None:
        self._words.tell_corners()
        self.played.emit(self.is_playing)
