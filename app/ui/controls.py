"""The few controls that every page is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui.icons import Glyph, draw, icon
from app.ui.theme import CONTENT_PX, LINE_PX, PICTURE_GROUND, UNIT_PX, text_scale, tokens

MARGIN_PX = 40
W = TypeVar("W", bound=QWidget)
L = TypeVar("L", bound=QLayout)


def role(widget: W, name: str) -> W:
    """Give a widget its role in the stylesheet."""
    widget.setProperty("role", name)
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        widget.style().unpolish(widget)
        widget.style().polish(widget)
    return widget


def label(text: str = "", name: str = "interface", wrap: bool = False) -> QLabel:
    """Return a line of text; never rich text, for names come from others."""
    made = role(QLabel(text), name)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if wrap:
        made.setWordWrap(True)
        made.setMaximumWidth(round(LINE_PX * text_scale()))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        made.setSizePolicy(policy)
    return made


def button(
    text: str,
    clicked: Callable[[], object],
    name: str = "normal",
    glyph: str = "",
    accessible: str = "",
) -> QPushButton:
    """Return a push button; `name` is normal, accent, plain or stop."""
    made = role(QPushButton(text), name)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setAutoDefault(False)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if glyph:
        made.setIcon(icon(glyph, {"accent": "on_accent", "stop": "danger"}.get(name, "text")))
        made.setIconSize(QSize(24 if text else 18, 18))
    if accessible:
        made.setAccessibleName(accessible)
    made.clicked.connect(lambda _checked: clicked())
    return made


def column(*items: QWidget | QLayout | int, gap: int = UNIT_PX) -> QVBoxLayout:
    """Stack items; a number is a gap of that many pixels, 0 takes what is left."""
    return _fill(QVBoxLayout(), items, gap)


def row(*items: QWidget | QLayout | int, gap: int = UNIT_PX) -> QHBoxLayout:
    """Put items side by side; a number is a gap, 0 takes what is left."""
    return _fill(QHBoxLayout(), items, gap)


def _fill(layout: L, items: tuple[QWidget | QLayout | int, ...], gap: int) -> L:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(gap)
    assert isinstance(layout, QVBoxLayout | QHBoxLayout)
    for item in items:
        if isinstance(item, int):
            if item:
                layout.addSpacing(item)
            else:
                layout.addStretch(1)
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)
    return layout


def clear(layout: QLayout) -> None:
    """Take everything out of a layout, and end it."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)


def line() -> QFrame:
    """Return a hairline."""
    return role(QFrame(), "line")


class Panel(QFrame):
    """A surface with a hairline; `column` is where its content goes."""

    def __init__(self, *items: QWidget | QLayout | int, gap: int = 8, margin: int = 16) -> None:
        super().__init__()
        role(self, "card")
        self.column = column(*items, gap=gap)
        self.column.setContentsMargins(margin, margin, margin, margin)
        self.setLayout(self.column)


class Notice(QFrame):
    """A sentence on the colour of its meaning, with its icon: shared, safe or danger."""

    def __init__(self, text: str = "", kind: str = "shared", glyph: str = "warn") -> None:
        super().__init__()
        self._glyph = Glyph(glyph, kind)
        self._label = label(text, wrap=True)
        self._label.setMaximumWidth(16_777_215)
        inside = row(self._glyph, gap=12)
        inside.setAlignment(self._glyph, Qt.AlignmentFlag.AlignTop)
        inside.addWidget(self._label, 1)
        inside.setContentsMargins(12, 10, 16, 10)
        self.setLayout(inside)
        role(self, f"note-{kind}")
        self.setVisible(bool(text))

    def say(self, text: str, kind: str = "danger", glyph: str = "warn") -> None:
        """Show another sentence; an empty one hides the notice."""
        self._glyph.show_as(glyph, kind)
        role(self, f"note-{kind}")
        role(self._label, "interface")
        self._label.setText(text)
        self.setVisible(bool(text))

    def text(self) -> str:
        return self._label.text()


class Chip(QWidget):
    """A word in a pill, with its icon: who can see, known or not, confirmed or not."""

    def __init__(self, text: str, kind: str, glyph: str) -> None:
        super().__init__()
        self._text = text
        self._kind = kind
        self._glyph = glyph
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(round(24 * text_scale()))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def text(self) -> str:
        return self._text

    def _metrics(self) -> QFontMetrics:
        font = self.font()
        font.setPixelSize(round(12 * text_scale()))
        return QFontMetrics(font)

    def sizeHint(self) -> QSize:
        return QSize(self._metrics().horizontalAdvance(self._text) + 8 + 14 + 6 + 10, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(56, self.height())

    def paintEvent(self, _event: object) -> None:
        worn = tokens()
        colour = QColor(getattr(worn, self._kind))
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(getattr(worn, f"{self._kind}_ground")))
            half = self.height() / 2
            painter.drawRoundedRect(QRectF(self.rect()), half, half)
            draw(painter, self._glyph, QRectF(8, half - 7, 14, 14), colour)
            font = self.font()
            font.setPixelSize(round(12 * text_scale()))
            font.setWeight(font.Weight.Medium)
            painter.setFont(font)
            painter.setPen(colour)
            box = self.rect().adjusted(28, 0, -8, 0)
            mode = Qt.TextElideMode.ElideRight
            text = QFontMetrics(font).elidedText(self._text, mode, box.width() + 2)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)


class Elided(QLabel):
    """One line that ends in an ellipsis where it does not fit; the whole is its tooltip."""

    def __init__(self, text: str, name: str = "interface") -> None:
        super().__init__(text)
        role(self, name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def paintEvent(self, _event: object) -> None:
        with QPainter(self) as painter:
            metrics = self.fontMetrics()
            text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
            self.setToolTip(self.text() if text != self.text() else "")
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)


class Picture(QWidget):
    """A picture on black, as large as fits, never cropped. Without one: a quiet icon."""

    def __init__(self, png: bytes = b"", name: str = "", radius: int = 8) -> None:
        super().__init__()
        self._pixmap = QPixmap()
        self._radius = radius
        self.setAccessibleName(name)
        self.show_png(png)

    def show_png(self, png: bytes) -> None:
        self._pixmap = QPixmap()
        if png:
            self._pixmap.loadFromData(png)
        self.update()

    def paintEvent(self, _event: object) -> None:
        with QPainter(self) as painter:
            paint_picture(painter, QRectF(self.rect()), self._pixmap, self._radius)


def paint_picture(painter: QPainter, box: QRectF, pixmap: QPixmap, radius: float = 8) -> None:
    """Paint a picture into the middle of a black box."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(PICTURE_GROUND))
    painter.drawRoundedRect(box, radius, radius)
    if pixmap.isNull():
        side = min(32.0, box.height() / 2)
        place = QRectF(box.center().x() - side / 2, box.center().y() - side / 2, side, side)
        draw(painter, "scans", place, QColor("#9AA6B4"))
        return
    inset = max(2.0, radius / 3)
    inner = box.adjusted(inset, inset, -inset, -inset)
    factor = min(inner.width() / pixmap.width(), inner.height() / pixmap.height())
    width, height = pixmap.width() * factor, pixmap.height() * factor
    target = QRectF(inner.center().x() - width / 2, inner.center().y() - height / 2, width, height)
    painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))


class Page(QScrollArea):
    """A place: a title with its actions, and a centred column of content below."""

    def __init__(self, title: str = "", *actions: QWidget, width_px: int = CONTENT_PX) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QWidget()
        outer.setObjectName("page")
        middle = QWidget()
        middle.setMaximumWidth(width_px + 2 * MARGIN_PX)
        self.column = column(gap=24)
        self.column.setContentsMargins(MARGIN_PX, 32, MARGIN_PX, MARGIN_PX)
        middle.setLayout(self.column)
        across = row(gap=0)
        across.addStretch(1)
        across.addWidget(middle, 1_000)
        across.addStretch(1)
        outer.setLayout(across)
        self.setWidget(outer)
        self.title = label(title, "title")
        self.buttons = row(gap=8)
        for action in actions:
            self.buttons.addWidget(action)
        if title:
            self.setAccessibleName(title)
            self.column.addLayout(row(self.title, 0, self.buttons))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        bar = self.width() - self.viewport().width()  # the content stands still when it appears
        self.column.setContentsMargins(MARGIN_PX, 32, MARGIN_PX - bar, MARGIN_PX)

    def refresh(self) -> None:
        """Look again at what the page shows; called whenever it comes to the front."""


class Later(QObject):
    """Calls `call` when `widget` gets another size."""

    def __init__(self, widget: QWidget, call: Callable[[], None]) -> None:
        super().__init__(widget)
        self._call = call
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._call()
        return False
