"""The rail at the left: where one can go, and the lock."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QSizePolicy

from app.ui.controls import Elided, column, label, line, role
from app.ui.icons import draw
from app.ui.theme import text_scale, tokens

RAIL_PX = 208
TEXT_AT_PX = 44
KEYBOARD = frozenset(
    {
        Qt.FocusReason.TabFocusReason,
        Qt.FocusReason.BacktabFocusReason,
        Qt.FocusReason.ShortcutFocusReason,
    }
)


class RailButton(QAbstractButton):
    """An icon with its word."""

    def __init__(self, text: str, glyph: str, key: str) -> None:
        super().__init__()
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(key)
        self.setShortcut(key)
        self._glyph = glyph
        self._by_keyboard = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        text = QFontMetrics(self._font()).horizontalAdvance(self.text())
        return QSize(max(RAIL_PX - 25, TEXT_AT_PX + text + 12), round(40 * text_scale()))

    def _font(self) -> QFont:
        font = self.font()
        font.setPixelSize(round(14 * text_scale()))
        font.setWeight(font.Weight.DemiBold)
        return font

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = event.reason() in KEYBOARD
        super().focusInEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self.updateGeometry()

    def paintEvent(self, _event: object) -> None:
        worn = tokens()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(self.rect())
            if self.isChecked() or self.underMouse():
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(worn.raised))
                painter.drawRoundedRect(box, 8, 8)
            if self.hasFocus() and self._by_keyboard:
                painter.setPen(QColor(worn.accent))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 7, 7)
            colour = QColor(worn.text if self.isChecked() else worn.quiet)
            middle = box.height() / 2
            glyph_colour = QColor(worn.accent) if self.isChecked() else colour
            draw(painter, self._glyph, QRectF(12, middle - 10, 20, 20), glyph_colour)
            font = self._font()
            font.setWeight(font.Weight.DemiBold if self.isChecked() else font.Weight.Normal)
            painter.setFont(font)
            painter.setPen(QColor(worn.text))
            painter.drawText(
                self.rect().adjusted(TEXT_AT_PX, 0, 0, 0),
                Qt.AlignmentFlag.AlignVCenter,
                self.text(),
            )


class Rail(QFrame):
    """Five places, whose wallet it is, and the lock."""

    chosen = Signal(int)
    lock_pressed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setMinimumWidth(RAIL_PX)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._group = QButtonGroup(self)
        places = (
            (self.tr("My scans"), "scans"),
            (self.tr("Shared with me"), "received"),
            (self.tr("People"), "people"),
            (self.tr("Activity"), "activity"),
            (self.tr("Settings"), "settings"),
        )
        brand = label("Rayfolio", "section")
        brand.setContentsMargins(12, 0, 0, 0)
        layout = column(brand, 16, gap=4)
        layout.setContentsMargins(12, 32, 12, 16)
        for number, (text, glyph) in enumerate(places):
            made = RailButton(text, glyph, f"Ctrl+{number + 1}")
            made.setCheckable(True)
            self._group.addButton(made, number)
            layout.addWidget(made)
        layout.addStretch(1)
        whose = Elided(name, "quiet")
        whose.setAccessibleName(self.tr("Wallet of %1").replace("%1", name))
        whose.setContentsMargins(0, 0, 0, 0)
        whose.setFixedHeight(28)
        under = column(role(whose, "quiet"))
        under.setContentsMargins(12, 0, 8, 0)
        self.lock = RailButton(self.tr("Lock"), "lock", "Ctrl+L")
        self.lock.clicked.connect(self.lock_pressed)
        layout.addWidget(line())
        layout.addSpacing(4)
        layout.addLayout(under)
        layout.addWidget(self.lock)
        self.setLayout(layout)
        self._group.idClicked.connect(self.chosen)

    def button(self, place: int) -> QAbstractButton:
        return self._group.button(place)

    def mark(self, place: int) -> None:
        """Show where one is."""
        self._group.button(place).setChecked(True)
