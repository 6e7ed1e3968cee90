"""The strip of tools at the left: what the left button does, then what is done at once."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QMenu,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.ui import icons, theme
from viewer.ui.image_view import Hand


@dataclass(frozen=True, slots=True)
class _Entry:
    """One button."""

    name: str  # of the icon, and of what happens
    word: str
    tip: str


HANDS: dict[Hand, _Entry] = {
    Hand.WINDOW: _Entry(
        "window", "Brightness", "Drag left or right for contrast, up or down for brightness"
    ),
    Hand.PAN: _Entry("pan", "Move", "Drag to move the picture (middle button, or space and drag)"),
    Hand.ZOOM: _Entry("zoom", "Zoom", "Drag up to zoom in (right button, or Ctrl and wheel)"),
    Hand.SCROLL: _Entry("scroll", "Scroll", "Drag to go through the images (wheel, arrow keys)"),
}
PRESETS = _Entry("presets", "Presets", "Brightness for what is looked at (keys 0 to 9)")
LAYOUT = _Entry("layout", "Layout", "How many pictures stand side by side")
ACTIONS = (
    _Entry("fit", "Fit", "Show the whole picture (F)"),
    _Entry("invert", "Invert", "Swap black and white (I)"),
    _Entry("play", "Play", "Run through the images (P)"),
    _Entry("reset", "Reset", "As it was first seen (R, or a double click)"),
    _Entry("hide", "Hide", "Hide everything but the picture (H)"),
)


class ToolStrip(QScrollArea):
    """Buttons with icon and word."""

    chosen = Signal(object)  # Hand
    asked = Signal(str)  # the name of an action: fit, invert, play, reset, hide

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tools")
        self.setAccessibleName("Tools")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedWidth(theme.TOOL_WIDTH_PX + 2 * theme.UNIT_PX)
        inside = QWidget()
        inside.setObjectName("tools")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(theme.UNIT_PX, theme.UNIT_PX, 2, theme.UNIT_PX)
        self._column.setSpacing(2)
        self._buttons: dict[str, QToolButton] = {}
        self._add_hands()
        self._add_divider()
        self.menu = QMenu(self)
        self._add_menu(PRESETS, self.menu)
        for entry in ACTIONS:
            button = self._add(entry)
            button.clicked.connect(lambda _=False, name=entry.name: self.asked.emit(name))
        self.layouts = QMenu(self)
        self._add_menu(LAYOUT, self.layouts)
        self._column.addStretch(1)
        self.setWidget(inside)

    def button(self, name: str) -> QToolButton:
        """Return the button of that name."""
        return self._buttons[name]

    def set_playing(self, playing: bool) -> None:
        """Offer to pause, or to play."""
        button = self._buttons["play"]
        button.setIcon(icons.icon("pause" if playing else "play"))
        button.setText("Pause" if playing else "Play")

    def _add_hands(self) -> None:
        group = QButtonGroup(self)
        for hand, entry in HANDS.items():
            button = self._add(entry)
            button.setCheckable(True)
            button.setChecked(hand is Hand.WINDOW)
            button.clicked.connect(lambda _=False, hand=hand: self.chosen.emit(hand))
            group.addButton(button)

    def _add_menu(self, entry: _Entry, menu: QMenu) -> None:
        button = self._add(entry)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _add_divider(self) -> None:
        line = QFrame()
        line.setObjectName("divider")
        line.setFixedHeight(1)
        self._column.addSpacing(theme.UNIT_PX // 2)
        self._column.addWidget(line)
        self._column.addSpacing(theme.UNIT_PX // 2)

    def _add(self, entry: _Entry) -> QToolButton:
        button = QToolButton()
        button.setIcon(icons.icon(entry.name))
        button.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
        button.setText(entry.word)
        button.setToolTip(entry.tip)
        button.setAccessibleName(entry.word)
        button.setAccessibleDescription(entry.tip)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setFixedSize(theme.TOOL_WIDTH_PX, theme.TOOL_HEIGHT_PX)
        button.setAutoRaise(True)
        self._buttons[entry.name] = button
        self._column.addWidget(button)
        return button
