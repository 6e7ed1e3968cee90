"""The strip of tools at the left, from the table of actions: a short one for a patient, the full
one in columns for a clinician."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QMenu,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.ui import icons, theme
from viewer.ui.actions import ACTIONS, BY_NAME, Action
from viewer.ui.face import Face
from viewer.ui.keys import Keys, spoken
from viewer.ui.pointer import Hand

COLUMNS = {Face.PATIENT: (1, 2), Face.CLINICIAN: (2, 3)}  # least and most, as the height allows
GAP_PX = 2
SIZES = {
    Face.PATIENT: QSize(theme.TOOL_WIDTH_PX, theme.TOOL_HEIGHT_PX),
    Face.CLINICIAN: QSize(theme.SMALL_TOOL_WIDTH_PX, theme.SMALL_TOOL_HEIGHT_PX),
}


class ToolStrip(QScrollArea):
    """Buttons with icon and word."""

    chosen = Signal(object)  # Hand
    asked = Signal(str)  # the name of an action that is no hand

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tools")
        self.setAccessibleName("Tools")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._keys: Keys | None = None
        self._reasons: dict[str, str] = {}
        self._hands = QButtonGroup(self)
        self._menus: dict[str, QMenu] = {}
        self._buttons = {each.name: self._made(each) for each in ACTIONS if each.strip}
        self._hand_buttons = {each.hand: each.name for each in ACTIONS if each.hand and each.strip}
        self.show_hand(Hand.WINDOW)
        self._face, self._columns = Face.CLINICIAN, 0
        self.set_face(Face.CLINICIAN)

    # -- parts --------------------------------------------------------------------------------

    def _made(self, action: Action) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icons.icon(action.name))
        button.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
        button.setText(action.word)
        button.setAccessibleName(action.word)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setAutoRaise(True)
        button.setCheckable(action.hand is not None or action.stays)
        if action.hand is not None:
            self._hands.addButton(button)
            button.clicked.connect(lambda _=False, hand=action.hand: self.chosen.emit(hand))
        elif action.has_menu:
            menu = self._menus[action.name] = QMenu(self)
            button.setMenu(menu)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        else:
            button.clicked.connect(lambda _=False, name=action.name: self.asked.emit(name))
        return button

    def set_face(self, face: Face) -> None:
        """Show the buttons of a face."""
        self._face = face
        self._lay_out(self._fitting())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        columns = self._fitting()
        if columns != self._columns:
            self._lay_out(columns)

    def _parts(self) -> tuple[list[Action], list[Action]]:
        """Return the hands, and what is done at once."""
        shown = [each for each in ACTIONS if self._face in each.strip]
        return [each for each in shown if each.hand], [each for each in shown if not each.hand]

    def _fitting(self) -> int:
        """Return the fewest columns that need no scrolling, or as many as there may be."""
        least, most = COLUMNS[self._face]
        room = self.height() - 4 * theme.UNIT_PX
        pitch = SIZES[self._face].height() + GAP_PX
        for columns in range(least, most):
            rows = sum(math.ceil(len(part) / columns) for part in self._parts())
            if rows * pitch <= room:
                return columns
        return most

    def _lay_out(self, columns: int) -> None:
        before = self.takeWidget()
        for button in self._buttons.values():
            button.setParent(self)
            button.hide()
        if before is not None:
            before.deleteLater()
        self._columns = columns
        inside = QWidget()
        inside.setObjectName("tools")
        column = QVBoxLayout(inside)
        column.setContentsMargins(theme.UNIT_PX, theme.UNIT_PX, GAP_PX, theme.UNIT_PX)
        column.setSpacing(GAP_PX)
        hands, others = self._parts()
        column.addLayout(self._rows(hands))
        column.addSpacing(theme.UNIT_PX // 2)
        column.addWidget(_divider())
        column.addSpacing(theme.UNIT_PX // 2)
        column.addLayout(self._rows(others))
        column.addStretch(1)
        width = columns * (SIZES[self._face].width() + GAP_PX) - GAP_PX
        self.setFixedWidth(width + 2 * theme.UNIT_PX)
        self.setWidget(inside)
        self._tell_tips()

    def _rows(self, actions: list[Action]) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(GAP_PX)
        for number, action in enumerate(actions):
            button = self._buttons[action.name]
            button.setFixedSize(SIZES[self._face])
            button.setProperty("small", self._face is Face.CLINICIAN)
            grid.addWidget(button, *divmod(number, self._columns), Qt.AlignmentFlag.AlignLeft)
            button.show()
        grid.setColumnStretch(self._columns, 1)
        return grid

    # -- what it says -------------------------------------------------------------------------

    def button(self, name: str) -> QToolButton:
        """Return the button of that name, in sight or not."""
        return self._buttons[name]

    def menu_of(self, name: str) -> QMenu:
        """Return the menu of that button."""
        return self._menus[name]

    def set_keys(self, keys: Keys) -> None:
        """Tell with each button which key does the same."""
        self._keys = keys
        keys.changed.connect(self._tell_tips)
        self._tell_tips()

    def set_reason(self, name: str, reason: str) -> None:
        """Say why an action does nothing now; empty if it does something."""
        if name in self._buttons and self._reasons.get(name, "") != reason:
            self._reasons[name] = reason
            self._buttons[name].setEnabled(not reason)
            self._tell_tip(name)

    def show_hand(self, hand: Hand) -> None:
        """Show what the left button does."""
        if hand in self._hand_buttons:
            self._buttons[self._hand_buttons[hand]].setChecked(True)

    def set_playing(self, playing: bool) -> None:
        """Offer to pause, or to play."""
        button = self._buttons["play"]
        button.setIcon(icons.icon("pause" if playing else "play"))
        button.setText("Pause" if playing else "Play")

    def _tell_tips(self) -> None:
        for name in self._buttons:
            self._tell_tip(name)

    def _tell_tip(self, name: str) -> None:
        action = BY_NAME[name]
        keys = self._keys.of(name) if self._keys else action.keys
        tip = f"{action.about} ({spoken(keys[0])})" if keys else action.about
        reason = self._reasons.get(name, "")
        tip = f"{reason}." if reason else tip
        self._buttons[name].setToolTip(tip)
        self._buttons[name].setAccessibleDescription(tip)


def _divider() -> QFrame:
    line = QFrame()
    line.setObjectName("divider")
    line.setFixedHeight(1)
    return line
