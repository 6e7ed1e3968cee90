"""How the viewer looks: colours, measures and the one style sheet. It is black in either scheme."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont

UNIT_PX = 8
GAP_PX = 16
RADIUS_PX = 8
CONTROL_PX = 36
TOOL_WIDTH_PX = 88
TOOL_HEIGHT_PX = 48
SMALL_TOOL_WIDTH_PX = 68
SMALL_TOOL_HEIGHT_PX = 46
ICON_PX = 20
THUMBNAIL_PX = 88
BANNER_PX = 48
CELL_TITLE_PX = 28
LARGE_TITLE_PX = 44
EDGE_PX = 2
CORNER_TEXT_PX = 12
LETTER_TEXT_PX = 16
MESSAGE_TEXT_PX = 16
MESSAGE_WIDTH_PX = 560
SHEET_WIDTH_PX = 520

AROUND_PICTURES = QColor("#000000")
SURFACE = "#121417"
RAISED = "#1B1F24"
LINE = "#2C323A"
TEXT = "#E9EDF2"
DISABLED_TEXT = "#5A6572"
QUIET_TEXT = "#9AA6B4"
ACCENT = "#4FC3C9"
NOTICE = "#F2C66D"

CORNER_TEXT = QColor(TEXT)
NOTICE_TEXT = QColor(NOTICE)
CHOSEN_EDGE = QColor(ACCENT)
OTHER_EDGE = QColor(LINE)
OUTLINE = QColor(0, 0, 0, 190)
OUTLINE_PX = 3.0
# The three planes of a volume; each is named wherever its colour stands.
AXIAL = QColor("#FF8A80")
CORONAL = QColor("#7FD49B")
SAGITTAL = QColor("#F2C66D")

STYLE = f"""
#viewer, #viewer QWidget#stage {{ background: #000000; }}
#viewer QWidget {{ color: {TEXT}; font-size: 14px; }}
#viewer #banner, #viewer #tools, #viewer #series {{ background: {SURFACE}; }}
#viewer #banner {{ border-bottom: 1px solid {LINE}; }}
#viewer #tools {{ border-right: 1px solid {LINE}; }}
#viewer #series {{ border: none; border-top: 1px solid {LINE}; padding: 8px;
    outline: none; font-size: 12px; }}
#viewer #banner QLabel#name {{ font-size: 16px; font-weight: 600; }}
#viewer #banner QLabel#about {{ color: {QUIET_TEXT}; }}
#viewer #cell_title {{ background: {SURFACE}; }}
#viewer #cell_title QLabel {{ color: {QUIET_TEXT}; font-size: 12px; }}
#viewer #cell_title QLabel#when {{ color: {TEXT}; font-size: 14px; font-weight: 600; }}
#viewer #cell_title QLabel#whose {{ color: {TEXT}; font-weight: 500; }}
#viewer #cell_title QLabel#role {{
    color: {SURFACE}; background: {ACCENT}; border-radius: 4px; padding: 2px 6px; font-weight: 600;
}}
#viewer #cell_title QLabel#alone {{ color: {NOTICE}; }}
#viewer #notes {{ background: {SURFACE}; border-bottom: 1px solid {LINE}; }}
#viewer #notes QLabel {{ color: {TEXT}; }}
#viewer #patient_bar {{ background: {SURFACE}; border-top: 1px solid {LINE}; }}
#viewer #banner QPushButton, #viewer #patient_bar QPushButton, #viewer #notes QPushButton {{
    background: {RAISED}; color: {TEXT}; border: 2px solid {LINE}; border-radius: {RADIUS_PX}px;
    padding: 6px 16px; min-height: 24px; font-weight: 500;
}}
#viewer #banner QPushButton, #viewer #notes QPushButton {{ padding: 2px 16px; }}
#viewer #banner QPushButton:hover, #viewer #patient_bar QPushButton:hover,
#viewer #notes QPushButton:hover {{ background: {LINE}; }}
#viewer #banner QPushButton:focus, #viewer #patient_bar QPushButton:focus,
#viewer #notes QPushButton:focus {{
    border-color: {ACCENT};
}}
#viewer QLabel#explanation {{
    background: {SURFACE}; color: {TEXT}; border-top: 1px solid {LINE}; padding: 12px 16px;
    font-size: 16px;
}}
#viewer #tools QToolButton {{
    background: transparent; color: {TEXT}; font-size: 12px; font-weight: 500;
    border: 2px solid transparent; border-radius: {RADIUS_PX}px; padding: 1px 2px;
}}
#viewer #tools QToolButton[small="true"] {{ font-size: 11px; padding: 1px 0; }}
#viewer #tools QToolButton:hover {{ background: {RAISED}; }}
#viewer #tools QToolButton:checked {{ background: {LINE}; color: {ACCENT}; }}
#viewer #tools QToolButton:focus {{ border-color: {ACCENT}; }}
#viewer #tools QToolButton:disabled {{ color: {DISABLED_TEXT}; }}
#viewer #tools QToolButton::menu-indicator {{ image: none; width: 0; }}
#viewer #tools QFrame#divider {{ background: {LINE}; max-height: 1px; border: none; }}
#viewer #series::item {{
    color: {QUIET_TEXT}; border: 2px solid transparent; border-radius: {RADIUS_PX}px; padding: 4px;
}}
#viewer #series::item:hover {{ background: {RAISED}; }}
#viewer #series::item:selected {{ background: {RAISED}; color: {TEXT}; border-color: {ACCENT}; }}
#viewer #measured {{ background: {SURFACE}; border-left: 1px solid {LINE}; }}
#viewer #measured QLabel#measured_title {{ font-size: 16px; font-weight: 600; }}
#viewer #measured QLabel#measured_note {{ color: {QUIET_TEXT}; font-size: 12px; }}
#viewer #measured QListWidget {{ background: transparent; border: none; outline: none;
    font-size: 12px; }}
#viewer #measured QListWidget::item {{
    border: 2px solid transparent; border-radius: {RADIUS_PX}px; padding: 6px 4px;
}}
#viewer #measured QListWidget::item:hover {{ background: {RAISED}; }}
#viewer #measured QListWidget::item:selected {{ background: {RAISED}; color: {TEXT};
    border-color: {NOTICE}; }}
#viewer #measured QPushButton#keep {{
    background: {ACCENT}; color: {SURFACE}; border: 2px solid transparent; font-weight: 600;
    border-radius: {RADIUS_PX}px; padding: 6px 12px;
}}
#viewer #measured QPushButton#keep:focus {{ border-color: {TEXT}; }}
#viewer #measured QPushButton#keep:disabled {{ background: {LINE}; color: {DISABLED_TEXT}; }}
#viewer #cuts {{ background: {SURFACE}; border-bottom: 1px solid {LINE}; }}
#viewer #cuts QLabel {{ color: {QUIET_TEXT}; font-size: 12px; }}
#viewer #cuts QPushButton, #viewer #cuts QComboBox, #viewer #cuts QDoubleSpinBox {{
    background: {RAISED}; border: 1px solid {LINE}; border-radius: 6px; padding: 3px 10px;
    font-size: 12px; min-height: 20px;
}}
#viewer #cuts QDoubleSpinBox {{ padding: 3px 2px; }}
#viewer #cuts QDoubleSpinBox::up-button, #viewer #cuts QDoubleSpinBox::down-button {{ width: 0; }}
#viewer #cuts QPushButton#step {{ padding: 3px 0; min-width: 26px; max-width: 26px; }}
#viewer #cuts QPushButton:focus, #viewer #cuts QComboBox:focus,
#viewer #cuts QDoubleSpinBox:focus {{ border-color: {ACCENT}; }}
#viewer #cuts QPushButton:disabled, #viewer #cuts QComboBox:disabled {{ color: {DISABLED_TEXT}; }}
#viewer #cuts QComboBox QAbstractItemView {{ background: {RAISED}; color: {TEXT}; }}
#viewer QMenu {{
    background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; padding: 6px;
}}
#viewer QMenu::item {{ padding: 8px 28px 8px 12px; border-radius: 6px; }}
#viewer QMenu::item:selected {{ background: {LINE}; }}
#viewer QSlider#scrub {{ background: {SURFACE}; border-left: 1px solid {LINE}; min-width: 32px; }}
#viewer QSlider#scrub::groove:vertical {{
    background: {LINE}; width: 4px; border-radius: 2px; margin: 8px 0;
}}
#viewer QSlider#scrub::handle:vertical {{
    background: {TEXT}; height: 24px; margin: 0 -5px; border-radius: 7px;
}}
#viewer QSlider#scrub::handle:vertical:focus {{ background: {ACCENT}; }}
#viewer QScrollBar:horizontal {{ background: transparent; height: 8px; }}
#viewer QScrollBar::handle:horizontal {{ background: {LINE}; border-radius: 4px; min-width: 32px; }}
#viewer QScrollBar:vertical {{ background: transparent; width: 6px; }}
#viewer QScrollBar::handle:vertical {{ background: {LINE}; border-radius: 3px; min-height: 32px; }}
#viewer QScrollBar::add-page, #viewer QScrollBar::sub-page {{ background: transparent; }}
#viewer QScrollBar::add-line, #viewer QScrollBar::sub-line {{ width: 0; height: 0; }}
"""

SHEET_STYLE = f"""
#sheet {{ background: {SURFACE}; }}
#sheet QWidget {{ color: {TEXT}; font-size: 14px; }}
#sheet QLabel#heading {{ color: {QUIET_TEXT}; font-size: 12px; font-weight: 600; }}
#sheet QLabel#fixed, #sheet QLabel#said {{ color: {QUIET_TEXT}; }}
#sheet QPushButton, #sheet QLineEdit, #sheet QPlainTextEdit, #sheet QSpinBox,
#sheet QDoubleSpinBox, #sheet QComboBox {{
    background: {RAISED}; border: 1px solid {LINE}; border-radius: {RADIUS_PX}px;
    padding: 6px 14px; min-height: 22px;
}}
#sheet QDoubleSpinBox QLineEdit {{
    background: transparent; border: none; padding: 0; min-height: 0;
}}
#sheet QDoubleSpinBox::up-button, #sheet QDoubleSpinBox::down-button {{ width: 0; border: none; }}
#sheet QScrollArea, #sheet QWidget#columns {{ background: transparent; border: none; }}
#sheet QPushButton:hover {{ background: {LINE}; }}
#sheet QPushButton:focus, #sheet QLineEdit:focus, #sheet QPlainTextEdit:focus {{
    border-color: {ACCENT};
}}
#sheet QAbstractSpinBox::up-button, #sheet QAbstractSpinBox::down-button {{
    width: 0; border: none;
}}
#sheet QComboBox QAbstractItemView {{ background: {RAISED}; selection-background-color: {LINE}; }}
#sheet QProgressBar {{
    background: {LINE}; border: none; border-radius: 3px; min-height: 6px; max-height: 6px;
}}
#sheet QProgressBar::chunk {{ background: {ACCENT}; border-radius: 3px; }}
#sheet QPushButton:disabled {{ color: {DISABLED_TEXT}; }}
#sheet QPushButton#cap {{
    font-weight: 600; min-width: 28px; min-height: 18px; padding: 3px 8px; border-radius: 6px;
}}
#sheet QPushButton#cap:checked {{ border-color: {ACCENT}; color: {ACCENT}; }}
"""


LARGE_TITLE_STYLE = "QLabel#when { font-size: 20px; } QLabel#role { font-size: 14px; }"


def text_font(size_px: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the system's interface font in a size of px, with numbers of one width."""
    font = QFont()
    font.setPixelSize(size_px)
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
