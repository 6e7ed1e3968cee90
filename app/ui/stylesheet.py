"""The stylesheet, written out from the tokens."""

from __future__ import annotations

from dataclasses import asdict
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.ui.theme import Tokens

TYPE_PX = {"title": 28, "section": 20, "reading": 16, "interface": 14, "label": 12}
CONTROL_PX = 36

_SHEET = Template(
    """
* { font-size: ${interface}px; color: $text; }
QWidget#window, QWidget#content, QWidget#page { background: $ground; }
QScrollArea { background: transparent; border: none; }
QToolTip { background: $surface; color: $text; border: 1px solid $line; padding: 4px 8px; }

QLabel { background: transparent; }
QLabel[role="title"] { min-height: 38px; font-size: ${title}px; font-weight: 600; }
QLabel[role="section"] { font-size: ${section}px; font-weight: 600; }
QLabel[role="reading"] { font-size: ${reading}px; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="quiet"] { color: $quiet; }
QLabel[role="label"] { font-size: ${label}px; font-weight: 500; color: $quiet; }
QLabel[role="danger"] { color: $danger; }
QLabel[role="words"] { font-size: ${reading}px; font-weight: 600; }
QLabel[role="code"] { font-family: monospace; font-size: ${interface}px; }

QFrame[role="card"] { background: $surface; border: 1px solid $line; border-radius: 12px; }
QFrame[role="line"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame[role="well"] { background: $ground; border: 1px solid $line; border-radius: 8px; }
QFrame[role="note-shared"] { background: $shared_ground; border: none; border-radius: 8px; }
QFrame[role="note-shared"] QLabel { color: $shared; }
QFrame[role="note-danger"] { background: $danger_ground; border: none; border-radius: 8px; }
QFrame[role="note-danger"] QLabel { color: $danger; }
QFrame[role="note-safe"] { background: $safe_ground; border: none; border-radius: 8px; }
QFrame[role="note-safe"] QLabel { color: $safe; }

QPushButton {
    min-height: ${inner}px; padding: 0 15px; border-radius: 8px;
    background: $surface; border: 1px solid $edge; color: $text;
}
QPushButton:hover { background: $raised; }
QPushButton:pressed { background: $line; }
QPushButton:focus { border: 2px solid $accent; padding: 0 14px; min-height: ${inner2}px; }
QPushButton:disabled { color: $quiet; border-color: $line; background: $ground; }
QPushButton::menu-indicator { image: none; width: 0; }
QPushButton[role="accent"] {
    background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 600;
}
QPushButton[role="accent"]:hover { background: $accent_strong; border-color: $accent_strong; }
QPushButton[role="accent"]:focus { border: 2px solid $text; }
QPushButton[role="accent"]:disabled { background: $line; border-color: $line; color: $quiet; }
QPushButton[role="plain"] { background: transparent; border: 1px solid transparent; }
QPushButton[role="plain"]:hover { background: $raised; }
QPushButton[role="plain"]:focus { border: 2px solid $accent; }
QPushButton[role="back"] { background: transparent; border: 1px solid transparent;
    padding: 0 12px 0 0; margin-left: -4px; }
QPushButton[role="back"]:hover { color: $accent; }
QPushButton[role="back"]:focus { border: 2px solid $accent; padding: 0 11px 0 0; }
QPushButton[role="stop"] { background: transparent; color: $danger; border: 1px solid $danger; }
QPushButton[role="stop"]:hover { background: $danger_ground; }
QPushButton[role="stop"]:focus { border: 2px solid $danger; }
QPushButton[role="stop"]:disabled { color: $quiet; border-color: $line; }
QPushButton[role="choice"]:checked {
    background: $raised; border: 2px solid $accent; padding: 0 14px;
    min-height: ${inner2}px;
}

QLineEdit, QPlainTextEdit, QDateEdit, QComboBox {
    background: $surface; border: 1px solid $edge; border-radius: 8px;
    padding: 0 11px; selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit, QDateEdit, QComboBox { min-height: ${inner}px; }
QPlainTextEdit { padding: 8px; }
QLineEdit:focus, QPlainTextEdit:focus, QDateEdit:focus, QComboBox:focus {
    border: 2px solid $accent; padding: 0 10px;
}
QLineEdit:focus, QDateEdit:focus, QComboBox:focus { min-height: ${inner2}px; }
QPlainTextEdit:focus { padding: 7px; }
QLineEdit[role="well"] { background: $ground; border-color: $line; }
QDateEdit::drop-down, QComboBox::drop-down { border: none; width: 28px; }
QComboBox QAbstractItemView {
    background: $surface; border: 1px solid $line; selection-background-color: $raised;
    selection-color: $text; outline: none;
}
QCalendarWidget QWidget { background: $surface; }
QCalendarWidget QAbstractItemView { selection-background-color: $accent;
    selection-color: $on_accent; }


QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $edge; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 40px; }
QScrollBar::handle:horizontal { min-width: 40px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QProgressBar { background: $line; border: none; border-radius: 3px; max-height: 6px;
    min-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }

QFrame#rail { background: $surface; border: none; border-right: 1px solid $line; }
QFrame#jobs { background: $surface; border: none; border-top: 1px solid $line; }
QFrame#sheet { background: $surface; border: 1px solid $line; border-radius: 12px; }
QFrame#viewer_top { background: #121417; border: none; }
QFrame#viewer_top QLabel { color: #E9EDF2; }
QFrame#viewer_top QPushButton { background: transparent; color: #E9EDF2; border-color: #121417;
    min-height: 30px; padding: 0 8px; }
QFrame#viewer_top QPushButton:hover { background: #252B32; }
QFrame#viewer_top QPushButton:focus { border: 1px solid #4FC3C9; }
"""
)


def stylesheet(worn: Tokens, scale: float) -> str:
    """Return the stylesheet of one scheme with all text `scale` times as large."""
    sizes = {name: round(px * scale) for name, px in TYPE_PX.items()}
    inner = round((CONTROL_PX - 2) * scale)
    return _SHEET.substitute(**asdict(worn), **sizes, inner=inner, inner2=inner - 2)
