"""A person's own presets of one modality: kept from what is seen, renamed, changed, removed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from viewer.render.voi import Window
from viewer.ui import own_presets, theme
from viewer.ui.own_presets import NAME_LENGTH_MOST, VALUE_MOST, OwnPreset
from viewer.ui.preferences import Preferences

EMPTY = "None yet. Give the brightness that you see now a name to keep it."
WIDTH_LEAST = 0.01


class _Row:
    """The fields of one preset."""

    def __init__(self, name: str, window: Window) -> None:
        self.name = QLineEdit(name)
        self.name.setMaxLength(NAME_LENGTH_MOST)
        self.name.setAccessibleName("Name")
        self.width = _number("Width", WIDTH_LEAST, window.width)
        self.level = _number("Level", -VALUE_MOST, window.center)

    @property
    def fields(self) -> tuple[QWidget, ...]:
        return self.name, self.width, self.level

    def preset(self, modality: str) -> OwnPreset | None:
        """Return what stands here; None without a name."""
        name = own_presets.named(self.name.text())
        if not name:
            return None
        return OwnPreset(name, self.level.value(), self.width.value(), modality)


class PresetsSheet(QDialog):
    """Changes are kept when it is closed by Keep; nothing is when it is left."""

    kept = Signal()

    def __init__(
        self,
        preferences: Preferences,
        modality: str,
        seen: Window | None,
        parent: QWidget | None = None,
    ) -> None:
        """Show the presets.

        Args:
            seen: the window that is seen by now, offered as a new preset.
        """
        super().__init__(parent)
        self.setObjectName("sheet")
        self.setWindowTitle(f"My presets for {modality}" if modality else "My presets")
        self.setStyleSheet(theme.SHEET_STYLE)
        self.setMinimumWidth(640)
        self._preferences, self._modality = preferences, modality
        own = own_presets.of_modality(preferences, modality)
        self.rows = [_Row(each.name, each.window) for each in own]
        self.fresh = _Row("", seen) if seen is not None else None
        self._build()

    def _build(self) -> None:
        self._grid = QGridLayout()
        self._grid.setColumnStretch(0, 1)
        for column, word in enumerate(("Name", "Width", "Level")):
            heading = QLabel(word)
            heading.setObjectName("heading")
            self._grid.addWidget(heading, 0, column)
        for row in self.rows:
            self._add(row)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 24, 24, 16)
        whole.setSpacing(theme.GAP_PX)
        if not self.rows:
            said = QLabel(EMPTY)
            said.setObjectName("said")
            whole.addWidget(said)
        if self.fresh is not None:
            self.fresh.name.setPlaceholderText("Name what is seen now")
            self._add(self.fresh)
            self.fresh.name.setFocus()
        whole.addLayout(self._grid)
        whole.addStretch(1)
        whole.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        leave, keep = QPushButton("Leave as it was"), QPushButton("Keep")
        leave.setAutoDefault(False)
        leave.clicked.connect(self.reject)
        keep.setDefault(True)
        keep.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(leave)
        foot.addWidget(keep)
        return foot

    def _add(self, row: _Row) -> None:
        line = self._grid.rowCount()
        for column, field in enumerate(row.fields):
            self._grid.addWidget(field, line, column)
        if row is self.fresh:
            return
        remove = QPushButton("Remove")
        remove.setAutoDefault(False)
        remove.setAccessibleName(f"Remove {row.name.text()}")
        remove.clicked.connect(lambda: self.remove(row, remove))
        self._grid.addWidget(remove, line, len(row.fields), Qt.AlignmentFlag.AlignRight)

    def remove(self, row: _Row, button: QPushButton) -> None:
        """Take a preset off the list."""
        self.rows.remove(row)
        for each in (*row.fields, button):
            each.hide()

    def accept(self) -> None:
        rows = [*self.rows, *([self.fresh] if self.fresh else [])]
        presets = (row.preset(self._modality) for row in rows)
        own_presets.replace(
            self._preferences, self._modality, [each for each in presets if each is not None]
        )
        self.kept.emit()
        super().accept()


def _number(word: str, least: float, value: float) -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setAccessibleName(word)
    field.setRange(least, VALUE_MOST)
    field.setDecimals(2)
    field.setValue(value)
    field.setFixedWidth(110)
    return field
