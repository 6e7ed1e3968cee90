"""The pages of a PDF in a column: drawn off the interface's thread, and only what is in sight."""

from __future__ import annotations

import bisect
import itertools
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from viewer.dicom.documents import Page, Pdf, scale_for
from viewer.ui import theme
from viewer.ui.report_text import DARK, Ink

DrawPage = Callable[[int, float], Page]
Drawn = tuple[str, str, QImage]  # text, what is missing, picture

GAP_PX = 16
POINTS_AN_INCH = 72.0
PX_AN_INCH = 96.0  # a page at 100 %
ZOOM_STEP = 1.25
ZOOM_LEAST, ZOOM_MOST = 0.25, 4.0
READING_WIDTH_PX = 900  # a page that fits is not wider than this
CACHE_BYTES = 128 << 20
PAPER = QColor("#FFFFFF")


class _Relay(QObject):
    finished = Signal(int, int, object)  # page, width px, Future


class PaperView(QAbstractScrollArea):
    """Shows pages; `told` says when another page is looked at, or more is known of one."""

    told = Signal()

    def __init__(self, ink: Ink = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ink = ink
        self._pdf = Pdf("", ())
        self._draw: DrawPage | None = None
        self._zoom: float | None = None  # None: as wide as the window
        self._tops: list[float] = []
        self._sizes: list[tuple[float, float]] = []  # of the pages, screen px
        self._images: OrderedDict[int, tuple[int, QImage]] = OrderedDict()  # width px, picture
        self._pages: dict[int, tuple[str, str]] = {}  # text, what is missing
        self._failed: dict[int, str] = {}
        self._running: dict[int, Future[Drawn]] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pages")
        self._relay = _Relay()
        self._relay.finished.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._generation = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Pages")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    # -- what is shown ------------------------------------------------------------------------

    def show_pages(self, pdf: Pdf, draw: DrawPage) -> None:
        """Show a PDF from its first page.

        Args:
            draw: called in a thread with a page, counted from 0, and px a point.
        """
        self._forget()
        self._pdf, self._draw = pdf, draw
        self._arrange()
        self.verticalScrollBar().setValue(0)
        self._scrolled()

    def close_pages(self) -> None:
        """Let go of all pages and the thread; nothing is shown after."""
        self._forget()
        self._pdf, self._draw = Pdf("", ()), None
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _forget(self) -> None:
        for each in self._running.values():
            each.cancel()
        self._generation += 1
        self._running, self._pages, self._failed = {}, {}, {}
        self._images.clear()

    @property
    def current(self) -> int:
        """The page in the middle of the window, counted from 0."""
        middle = self.verticalScrollBar().value() + self.viewport().height() / 2
        return max(0, bisect.bisect_right(self._tops, middle) - 1)

    @property
    def count(self) -> int:
        return len(self._pdf.pages)

    @property
    def zoom(self) -> float:
        """Screen px of a page over its px at 96 an inch."""
        if self._zoom is not None:
            return self._zoom
        widest = max((width for width, _ in self._pdf.pages), default=612.0)
        room = min(self.viewport().width() - 2 * GAP_PX, READING_WIDTH_PX)
        fitting = room / (widest * PX_AN_INCH / POINTS_AN_INCH)
        return min(max(fitting, ZOOM_LEAST), ZOOM_MOST)

    @property
    def said(self) -> str:
        """What stands on the current page."""
        return self._pages.get(self.current, ("", ""))[0]

    @property
    def missing(self) -> str:
        """What may not be seen of the current page."""
        return self._pages.get(self.current, ("", ""))[1]

    @property
    def is_settled(self) -> bool:
        """Whether all that is in sight is drawn as sharp as it can be."""
        return all(self._has(n) or n in self._failed for n in self._in_sight())

    def zoom_by(self, factor: float) -> None:
        """Larger or smaller; the current page stays."""
        self._set_zoom(min(max(self.zoom * factor, ZOOM_LEAST), ZOOM_MOST))

    def fit_width(self) -> None:
        """As wide as the window again."""
        self._set_zoom(None)

    def show_page(self, number: int) -> None:
        """Go to a page, counted from 0."""
        if 0 <= number < self.count:
            self.verticalScrollBar().setValue(round(self._tops[number]) - GAP_PX)

    def _set_zoom(self, zoom: float | None) -> None:
        bar = self.verticalScrollBar()
        share = bar.value() / max(1, bar.maximum() + self.viewport().height())
        self._zoom = zoom
        self._arrange()
        bar.setValue(round(share * (bar.maximum() + self.viewport().height())))
        self._scrolled()

    # -- places -------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Put the pages below one another; there may be thousands, so they are measured once."""
        scale = self.zoom * PX_AN_INCH / POINTS_AN_INCH
        self._sizes = [(width * scale, height * scale) for width, height in self._pdf.pages]
        heights = (height + GAP_PX for _, height in self._sizes)
        *self._tops, y = itertools.accumulate(heights, initial=float(GAP_PX))
        widest = max((width for width, _ in self._sizes), default=0.0)
        view = self.viewport()
        self.verticalScrollBar().setRange(0, max(0, round(y) - view.height()))
        self.verticalScrollBar().setPageStep(view.height())
        self.verticalScrollBar().setSingleStep(48)
        self.horizontalScrollBar().setRange(0, max(0, round(widest + 2 * GAP_PX) - view.width()))
        self.horizontalScrollBar().setPageStep(view.width())
        view.update()

    def _place(self, number: int) -> QRectF:
        width, height = self._sizes[number]
        hidden = self.horizontalScrollBar().maximum()
        left = (self.viewport().width() + hidden - width) / 2 - self.horizontalScrollBar().value()
        top = self._tops[number] - self.verticalScrollBar().value()
        return QRectF(round(left), round(top), round(width), round(height))

    def _in_sight(self) -> list[int]:
        low = self.verticalScrollBar().value()
        first = max(0, bisect.bisect_right(self._tops, low) - 1)
        end = bisect.bisect_left(self._tops, low + self.viewport().height())
        return [n for n in range(first, end) if self._tops[n] + self._sizes[n][1] > low]

    # -- drawing ------------------------------------------------------------------------------

    def _width_px(self, number: int) -> int:
        """Screen pixels across, as many as may be drawn."""
        wanted = round(self._sizes[number][0] * self.devicePixelRatioF())
        scale = scale_for(self._pdf.pages[number], max(1, wanted))
        return max(1, round(self._pdf.pages[number][0] * scale))

    def _has(self, number: int) -> bool:
        found = self._images.get(number)
        return found is not None and found[0] == self._width_px(number)

    def _scrolled(self) -> None:
        self._ask()
        self.viewport().update()
        self.told.emit()

    def _ask(self) -> None:
        """Have drawn what is in sight, then the next page; and nothing else any more."""
        seen = self._in_sight()
        wanted = [*seen, *(n for n in (seen[-1] + 1,) if n < self.count)] if seen else []
        for number, future in list(self._running.items()):
            if number not in wanted and future.cancel():
                del self._running[number]
        for number in wanted:
            if not self._has(number) and number not in self._running and number not in self._failed:
                self._start(number)

    def _start(self, number: int) -> None:
        draw, width = self._draw, self._width_px(number)
        if draw is None:
            return
        scale = width / self._pdf.pages[number][0]
        future = self._pool.submit(_drawn, draw, number, scale)
        self._running[number] = future
        relay, generation = self._relay, self._generation
        future.add_done_callback(
            lambda done: (
                None if done.cancelled() else relay.finished.emit(number, width, (generation, done))
            )
        )

    def _take(self, number: int, width: int, delivered: tuple[int, Future[Drawn]]) -> None:
        generation, future = delivered
        if generation != self._generation:
            return
        if self._running.get(number) is future:
            del self._running[number]
        error = future.exception()
        has_sentence = isinstance(getattr(error, "text", None), str)
        if error is None:
            text, missing, image = future.result()
            self._pages[number] = text, missing
            self._keep(number, width, image)
        else:
            self._failed[number] = str(error) if has_sentence else "This page cannot be shown."
        self._scrolled()
        if error is not None and not has_sentence:
            raise error

    def _keep(self, number: int, width: int, image: QImage) -> None:
        self._images.pop(number, None)
        self._images[number] = width, image
        held = sum(each.sizeInBytes() for _, each in self._images.values())
        while held > CACHE_BYTES and len(self._images) > 1:
            held -= self._images.popitem(last=False)[1][1].sizeInBytes()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as painter:
            painter.fillRect(event.rect(), QColor(self._ink.line))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            for number in self._in_sight():
                place = self._place(number)
                painter.fillRect(place, PAPER)
                if number in self._images:
                    painter.drawImage(place, self._images[number][1])
                elif number in self._failed:
                    _write(painter, place, self._failed[number])

    # -- hands --------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        number = self.current
        self._arrange()
        if self._zoom is None:
            self.show_page(number)
        self._scrolled()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(ZOOM_STEP ** (event.angleDelta().y() / 120))
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, bar = event.key(), self.verticalScrollBar()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / ZOOM_STEP)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            bar.setValue(bar.minimum() if key == Qt.Key.Key_Home else bar.maximum())
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self.show_page(self.current + (1 if key == Qt.Key.Key_PageDown else -1))
        else:
            super().keyPressEvent(event)


def _drawn(draw: DrawPage, number: int, scale: float) -> Drawn:
    """Return a page as it is painted; in a thread."""
    page = draw(number, scale)
    array = np.ascontiguousarray(page.array)
    height, width = array.shape[:2]
    kind = QImage.Format.Format_RGB888
    image = QImage(array.data, width, height, array.strides[0], kind)
    return page.text, page.missing, image.convertToFormat(QImage.Format.Format_RGB32)


def _write(painter: QPainter, place: QRectF, sentence: str) -> None:
    painter.setPen(QColor("#14181D"))
    painter.setFont(theme.text_font(theme.MESSAGE_TEXT_PX))
    inside = place.adjusted(GAP_PX, GAP_PX, -GAP_PX, -GAP_PX)
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(inside, int(flags), sentence)
