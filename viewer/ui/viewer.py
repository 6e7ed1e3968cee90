"""A study on the screen: the picture, its series, the tools, and whose it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.dicom.source import SeriesView, StudySource
from viewer.errors import CannotDraw
from viewer.render.orientation import edges
from viewer.render.pipeline import Bytes8, Window, thumbnail
from viewer.render.pyramid import Drawable
from viewer.ui import corners, plain, presets, theme
from viewer.ui.banner import Banner
from viewer.ui.frames import Frame, FrameCache, FrameLoader
from viewer.ui.image_view import ImageView
from viewer.ui.overlay import Corners
from viewer.ui.pile import Pile
from viewer.ui.series_strip import SCALE, SeriesStrip
from viewer.ui.tool_strip import ToolStrip
from viewer.ui.view_state import ViewState

Decode = Callable[[SeriesView, int, int], Pixels]
Preview = Callable[[SeriesView], Bytes8]

PREVIEW = -1  # in place of an instance: the series' small picture
AHEAD, BEHIND = 6, 2  # images fetched before they are asked for
PAGE = 10
WAIT_HINT_MS = 200
HIDDEN_HINT_MS = 3000
CINE_MS = 100
CINE_MS_LEAST = 15
UNKNOWN_ERROR = "This picture could not be shown."


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
        parent: QWidget | None = None,
    ) -> None:
        """Show the first series.

        Args:
            decode: of a series, an instance and a frame of it; may raise what has a sentence.
            title: what the person calls the study; empty for what the header says.
            preview: a small picture of a series (grey or RGB), shown until the full one is there.
        """
        super().__init__(parent)
        self._series = tuple(source.series())
        self._piles = tuple(Pile(each.headers) for each in self._series)
        self._decode, self._preview, self._title = decode, preview, title
        self.loader = FrameLoader(self._load, FrameCache(), self)
        self._current = -1  # series
        self._place = 0
        self._direction = 1
        self._seen: Frame | None = None  # what is on the screen
        self._seen_place = 0
        self._views: dict[int, ViewState] = {}
        self._places: dict[int, int] = {}
        self._thumbnails: set[int] = set()
        self._chrome_shown = True
        self._build()
        self._connect()
        first = next((n for n, pile in enumerate(self._piles) if _has_picture(pile)), 0)
        if self._series:
            self.show_series(first)
        else:
            self.banner.tell(None, title)
            self.image.show_message("There is nothing in this study that can be shown.")

    # -- parts --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setObjectName("viewer")
        self.setAccessibleName("Viewer")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(theme.STYLE)
        self.banner, self.tools, self.image = Banner(), ToolStrip(), ImageView()
        self.scrub, self.strip = QSlider(Qt.Orientation.Vertical), SeriesStrip()
        self.scrub.setObjectName("scrub")
        self.scrub.setInvertedAppearance(True)  # the first image is at the top
        self.scrub.setInvertedControls(True)
        self.scrub.setPageStep(PAGE)
        self.scrub.setAccessibleName("Image")
        middle = QHBoxLayout()
        middle.setSpacing(0)
        for part, stretch in ((self.tools, 0), (self.image, 1), (self.scrub, 0)):
            middle.addWidget(part, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addLayout(middle, 1)
        column.addWidget(self.strip)
        self.strip.fill(
            [
                (plain.plain(each.title), _about(each, pile), _has_picture(pile))
                for each, pile in zip(self._series, self._piles, strict=True)
            ]
        )
        self.setFocusProxy(self.image)
        self._cine = QTimer(self)
        self._wait = QTimer(self, singleShot=True, interval=WAIT_HINT_MS)
        self._hint = QTimer(self, singleShot=True, interval=HIDDEN_HINT_MS)

    def _connect(self) -> None:
        self.loader.loaded.connect(self._take)
        self.loader.failed.connect(self._miss)
        self.image.scrolled.connect(self.step)
        self.image.changed.connect(self._tell_corners)
        self.scrub.valueChanged.connect(self.show_place)
        self.strip.chosen.connect(self.show_series)
        self.tools.chosen.connect(self.image.set_hand)
        self.tools.asked.connect(lambda name: ACTIONS[name](self))
        self.tools.menu.aboutToShow.connect(self._fill_presets)
        self._cine.timeout.connect(self._advance)
        self._wait.timeout.connect(self._say_waiting)
        self._hint.timeout.connect(lambda: self.image.show_hint(""))
        for keys, name in SHORTCUTS.items():
            self._shortcut(keys, partial(ACTIONS[name], self))
        for digit in range(10):
            self._shortcut(str(digit), partial(self._use_preset, digit))

    def _shortcut(self, keys: str, act: Callable[[], None]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(act)

    # -- what is shown ------------------------------------------------------------------------

    @property
    def frame(self) -> Frame:
        """What is asked for; `shown` says when it is there."""
        return Frame(self._current, *self._piles[self._current].at(self._place))

    @property
    def is_settled(self) -> bool:
        """Whether what is asked for is on the screen."""
        return bool(self._series) and self._seen == self.frame

    def show_series(self, series: int) -> None:
        """Show a series, as it was left, or from where a person starts."""
        if series == self._current or not 0 <= series < len(self._series):
            return
        self.stop()
        if self._current >= 0:
            self._views[self._current] = self.image.view
            self._places[self._current] = self._place
        self._current, self._seen = series, None
        self.image.show_message("")
        fresh = ViewState(viewport=self.image.view.viewport)
        self.image.set_view(self._views.get(series, fresh))
        pile = self._piles[series]
        self._place = self._places.get(series, pile.first_look)
        self.image.set_overlay(corners.tell_waiting(self._series[series]), None)
        self.banner.tell(self._header, self._title)
        self.strip.show_current(series)
        self.scrub.blockSignals(True)
        self.scrub.setRange(0, max(0, len(pile) - 1))
        self.scrub.blockSignals(False)
        self.scrub.setVisible(self._chrome_shown and len(pile) > 1)
        self.tools.button("play").setEnabled(len(pile) > 1)
        self._go()

    def show_place(self, place: int) -> None:
        """Show the image at `place`, counted from 0, of this series."""
        if not self._series:
            return
        place = min(max(place, 0), len(self._piles[self._current]) - 1)
        if place == self._place:
            return
        self._direction = 1 if place > self._place else -1
        self._place = place
        self._go()

    def next_series(self, by: int) -> None:
        """Show the series that lies so many further (or back) in the strip."""
        self.show_series(self._current + by)

    def step(self, images: int) -> None:
        """Go forward (or back) by so many images."""
        self.show_place(self._place + images)

    def _go(self) -> None:
        """Ask for the frame at the current place, and for what will be asked for next."""
        self.scrub.blockSignals(True)
        self.scrub.setValue(self._place)
        self.scrub.blockSignals(False)
        frame, header = self.frame, self._header
        if not header.drawable:
            self.loader.want(self._next_wanted())
            why = header.why_not or "it holds no picture"
            self._show_sentence(frame, str(CannotDraw(plain.plain(why))))
            return
        self.loader.forget_error(frame)
        self.loader.want([frame, *self._next_wanted()])
        found = self.loader.cache.get(frame)
        if found is not None:
            self._show(frame, found)
        else:
            self._wait.start()

    @property
    def _header(self) -> Header:
        return self._series[self._current].headers[self.frame.instance]

    def _next_wanted(self) -> list[Frame]:
        """Return what to load behind the scenes: neighbours, then small pictures."""
        pile, header = self._piles[self._current], self._header
        size_bytes = max(1, header.rows * header.columns * max(2, header.samples) * 2)
        most = max(1, self.loader.cache.limit_bytes // 4 // size_bytes)
        ahead = [self._place + n * self._direction for n in range(1, 1 + min(AHEAD, most))]
        behind = [self._place - n * self._direction for n in range(1, 1 + min(BEHIND, most))]
        wanted = [
            Frame(self._current, *pile.at(place))
            for place in ahead + behind
            if 0 <= place < len(pile) and pile.headers[pile.at(place)[0]].drawable
        ]
        small = (n for n in range(len(self._series)) if n not in self._thumbnails)
        pictures = [self._small_frame(n) for n in small if _has_picture(self._piles[n])]
        if self._preview is not None and self._seen is None:
            return [Frame(self._current, PREVIEW, 0), *wanted, *pictures]
        return wanted + pictures

    def _small_frame(self, series: int) -> Frame:
        preview = Frame(series, PREVIEW, 0)
        if self._preview is not None and self.loader.error(preview) is None:
            return preview
        return Frame(series, *self._piles[series].at(self._piles[series].middle))

    def _load(self, frame: Frame) -> Pixels:
        """Runs in a thread."""
        series = self._series[frame.series]
        if frame.instance != PREVIEW or self._preview is None:
            return self._decode(series, frame.instance, frame.frame)
        array = self._preview(series)
        kind = "MONOCHROME2" if array.ndim == 2 else "RGB"
        return Pixels(array, kind, 8, False, windows=((128.0, 256.0, ""),))

    def _take(self, frame: Frame, drawable: Drawable) -> None:
        if frame == self._small_frame(frame.series) and frame.series not in self._thumbnails:
            self._thumbnails.add(frame.series)
            side = theme.THUMBNAIL_PX * SCALE
            small = thumbnail(drawable.small(side), side, drawable.pixels.aspect)
            self.strip.set_thumbnail(frame.series, small)
        if frame == self.frame and not self.is_settled:
            self._show(frame, drawable)
        elif frame == Frame(self._current, PREVIEW, 0) and self._seen is None:
            self.image.show_drawable(drawable)
            self.image.show_hint("Preview. The full picture is on its way…")

    def _show(self, frame: Frame, drawable: Drawable) -> None:
        self._wait.stop()
        self._seen, self._seen_place = frame, self._place
        self.image.show_drawable(drawable)
        self._tell()
        self.shown.emit(frame)

    def _miss(self, frame: Frame, error: BaseException) -> None:
        """Say why there is no picture. What has no sentence is our own mistake, and goes on."""
        has_sentence = isinstance(getattr(error, "text", None), str)
        if frame == self.frame:
            sentence = str(error) if has_sentence else UNKNOWN_ERROR
            self._show_sentence(frame, sentence)
            self.failed.emit(sentence)
        if not has_sentence:
            raise error

    def _show_sentence(self, frame: Frame, sentence: str) -> None:
        self._wait.stop()
        self._seen, self._seen_place = frame, self._place
        self.image.show_message(sentence)
        self._tell()

    def _say_waiting(self) -> None:
        if not self.is_settled and self.image.drawable is None:
            self.image.show_message("Loading…")
        elif not self.is_settled and self._seen is not None:
            self.image.show_hint(f"Loading image {self._place + 1}…")

    def _tell(self) -> None:
        """Say in words what is on the screen: corners, letters, banner, screen reader."""
        said = self._tell_corners()
        if self._seen is None or said is None:
            return
        header = self._series[self._current].headers[self._seen.instance]
        self.banner.tell(header, self._title)
        sides = edges(header.orientation)
        in_words = [*said.top_left, *said.top_right, *said.bottom_left, self.image.message]
        in_words.append(sides.in_words if sides else "")
        self.image.setAccessibleDescription(". ".join(each for each in in_words if each))
        self.tools.button("presets").setEnabled(self.image.seen_window is not None)

    def _tell_corners(self) -> Corners | None:
        if self._seen is None:
            return None
        series, pile = self._series[self._current], self._piles[self._current]
        header = series.headers[self._seen.instance]
        said = corners.tell(series, header, self._seen_place, len(pile), self.image)
        self.image.set_overlay(said, edges(header.orientation))
        return said

    # -- what a person does -------------------------------------------------------------------

    def _fill_presets(self) -> None:
        self.tools.menu.clear()
        for each in self._presets():
            label = f"{each.label}\t{each.key}" if each.key else each.label
            act = self.tools.menu.addAction(label)
            act.triggered.connect(lambda _=False, window=each.window: self._use(window))

    def _presets(self) -> tuple[presets.Preset, ...]:
        drawable = self.image.drawable
        return presets.presets_for(drawable.pixels, self._modality) if drawable else ()

    @property
    def _modality(self) -> str:
        return self._series[self._current].modality if self._series else ""

    def _use_preset(self, digit: int) -> None:
        for each in self._presets():
            if each.key == str(digit):
                self._use(each.window)
                self._flash(each.label)

    def _use(self, window: Window | None) -> None:
        self.image.set_window(window)

    def _flash(self, words: str) -> None:
        self.image.show_hint(words)
        self._hint.start()

    def toggle_chrome(self) -> None:
        """Hide everything but the picture, or bring it back."""
        self._chrome_shown = not self._chrome_shown
        for part in (self.banner, self.tools, self.strip):
            part.setVisible(self._chrome_shown)
        several = bool(self._series) and len(self._piles[self._current]) > 1
        self.scrub.setVisible(self._chrome_shown and several)
        self.image.set_overlay_shown(self._chrome_shown)
        self.image.setFocus()
        if self._chrome_shown:
            self.image.show_hint("")
        else:
            self._flash("Press H to bring everything back")

    def toggle_playing(self) -> None:
        """Run through the images at the speed they were taken with, or stop."""
        if self._cine.isActive():
            self.stop()
        elif self._series and len(self._piles[self._current]) > 1:
            told_ms = self._header.frame_time_ms or 0
            self._cine.start(max(CINE_MS_LEAST, round(told_ms)) if told_ms > 0 else CINE_MS)
            self.tools.set_playing(True)

    def stop(self) -> None:
        """Stop running through the images."""
        self._cine.stop()
        self.tools.set_playing(False)

    def _advance(self) -> None:
        """One image on, around the end; waits for what is not loaded yet."""
        if self.is_settled:
            following = (self._place + 1) % len(self._piles[self._current])
            self._direction, self._place = 1, following
            self._go()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = PAGES.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.step(step)

    def showEvent(self, event: QShowEvent) -> None:
        self.image.setFocus()
        super().showEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_study()
        super().closeEvent(event)

    def close_study(self) -> None:
        """Let go of all pictures and threads; nothing is shown after."""
        self.stop()
        self._wait.stop()
        self.loader.close()
        self.image.show_message("")


PAGES = {
    Qt.Key.Key_PageUp: -PAGE,
    Qt.Key.Key_PageDown: PAGE,
    Qt.Key.Key_Home: -(1 << 30),
    Qt.Key.Key_End: 1 << 30,
}
ACTIONS: dict[str, Callable[[Viewer], None]] = {
    "fit": lambda viewer: viewer.image.fit(),
    "invert": lambda viewer: viewer.image.invert(),
    "play": Viewer.toggle_playing,
    "reset": lambda viewer: viewer.image.reset(),
    "hide": Viewer.toggle_chrome,
    "previous": lambda viewer: viewer.next_series(-1),
    "next": lambda viewer: viewer.next_series(1),
}
SHORTCUTS = {
    "F": "fit",
    "I": "invert",
    "P": "play",
    "R": "reset",
    "H": "hide",
    ",": "previous",
    ".": "next",
}


def _has_picture(pile: Pile) -> bool:
    return any(each.drawable for each in pile.headers)


def _about(series: SeriesView, pile: Pile) -> str:
    """Return what is in a series, such as "CT, 80 images"."""
    noun = "image" if _has_picture(pile) else "document"
    count = f"{len(pile)} {noun}{'' if len(pile) == 1 else 's'}"
    return ", ".join(each for each in (plain.plain(series.modality), count) if each)
