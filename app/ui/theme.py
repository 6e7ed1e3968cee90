"""Every colour, measure and type size of the windows, for both schemes; change them here only."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from app.ui.stylesheet import stylesheet

UNIT_PX = 8
CONTENT_PX = 1120
SHEET_PX = 560
LINE_PX = 560  # about 68 characters of 16 px text
PICTURE_GROUND = "#000000"


class Choice(enum.Enum):
    """What the person wants the windows to look like."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours by role."""

    is_dark: bool
    ground: str
    surface: str
    raised: str  # a surface that is hovered or chosen
    line: str
    edge: str  # a line that means something: at least 3:1
    text: str
    quiet: str
    accent: str
    accent_strong: str  # hovered
    on_accent: str
    quiet_ground: str
    shared: str
    shared_ground: str
    safe: str
    safe_ground: str
    danger: str
    danger_ground: str


LIGHT = Tokens(
    is_dark=False,
    ground="#F6F7F9",
    surface="#FFFFFF",
    raised="#EDF0F3",
    line="#E1E5EA",
    edge="#7F8A99",
    text="#14181D",
    quiet="#5A6572",
    accent="#0B6E74",
    accent_strong="#095A5F",
    on_accent="#FFFFFF",
    quiet_ground="#EDF0F3",
    shared="#8A5A00",
    shared_ground="#FFF4DC",
    safe="#1F6B3B",
    safe_ground="#E6F4EA",
    danger="#A8201A",
    danger_ground="#FDECEA",
)
DARK = Tokens(
    is_dark=True,
    ground="#121417",
    surface="#1B1F24",
    raised="#252B32",
    line="#2C323A",
    edge="#6C7886",
    text="#E9EDF2",
    quiet="#9AA6B4",
    accent="#4FC3C9",
    accent_strong="#7AD6DB",
    on_accent="#08262A",
    quiet_ground="#252B32",
    shared="#F2C66D",
    shared_ground="#33290F",
    safe="#7FD49B",
    safe_ground="#14301F",
    danger="#FF8A80",
    danger_ground="#3A1513",
)


def tokens() -> Tokens:
    """Return the colours that the application wears now."""
    app = QApplication.instance()
    return DARK if app is not None and app.property("rayfolio_dark") else LIGHT


def text_scale() -> float:
    """Return the factor that the person chose for all text."""
    app = QApplication.instance()
    value = app.property("rayfolio_scale") if app is not None else None
    return float(value) if value else 1.0


class Theme(QObject):
    """Dresses the application, and follows the system until the person chooses otherwise."""

    changed = Signal()

    def __init__(
        self, app: QApplication, choice: Choice = Choice.SYSTEM, scale: float = 1.0
    ) -> None:
        super().__init__(app)
        self._app = app
        self._choice = choice
        self._scale = scale
        app.setStyle("Fusion")
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)
        self._dress()

    @property
    def choice(self) -> Choice:
        return self._choice

    @property
    def scale(self) -> float:
        return self._scale

    def choose(self, choice: Choice) -> None:
        """Wear the scheme that the person chose."""
        self._choice = choice
        self._dress()

    def set_scale(self, scale: float) -> None:
        """Show all text `scale` times as large."""
        self._scale = scale
        self._dress()

    def _follow(self) -> None:
        if self._choice is Choice.SYSTEM:
            self._dress()

    def _dress(self) -> None:
        dark = self._choice is Choice.DARK or (
            self._choice is Choice.SYSTEM
            and QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        )
        self._app.setProperty("rayfolio_dark", dark)
        self._app.setProperty("rayfolio_scale", self._scale)
        worn = tokens()
        self._app.setPalette(palette(worn))
        self._app.setStyleSheet(stylesheet(worn, self._scale))
        self.changed.emit()


def palette(worn: Tokens) -> QPalette:
    """Return the palette for what the stylesheet does not reach."""
    result = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, worn.ground),
        (QPalette.ColorRole.WindowText, worn.text),
        (QPalette.ColorRole.Base, worn.surface),
        (QPalette.ColorRole.AlternateBase, worn.ground),
        (QPalette.ColorRole.Text, worn.text),
        (QPalette.ColorRole.Button, worn.surface),
        (QPalette.ColorRole.ButtonText, worn.text),
        (QPalette.ColorRole.ToolTipBase, worn.surface),
        (QPalette.ColorRole.ToolTipText, worn.text),
        (QPalette.ColorRole.PlaceholderText, worn.quiet),
        (QPalette.ColorRole.Highlight, worn.accent),
        (QPalette.ColorRole.HighlightedText, worn.on_accent),
        (QPalette.ColorRole.Link, worn.accent),
        (QPalette.ColorRole.Accent, worn.accent),
    ):
        result.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(worn.quiet))
    return result
