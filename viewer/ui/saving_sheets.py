"""What a person chooses before a picture or a film is saved."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from viewer.render.jpeg import QUALITY
from viewer.ui import theme

QUALITY_LEAST = 40
FPS_LEAST, FPS_MOST = 0.5, 100.0
GIF_FPS_MOST = 50.0
BOX_PX = 96


class Sheet(QDialog):
    """A column of choices, and buttons at its foot."""

    chosen = Signal()  # go on, and ask for a name

    def __init__(self, title: str, go_on: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self.setWindowTitle(title)
        self.setStyleSheet(theme.SHEET_STYLE)
        self.setModal(True)
        self.column = QVBoxLayout()
        self.column.setSpacing(theme.UNIT_PX)
        self.go_on = QPushButton(go_on)
        self.go_on.setDefault(True)
        self.go_on.clicked.connect(self._choose)
        cancel = QPushButton("Cancel")
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.go_on)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 24, 24, 16)
        whole.setSpacing(theme.GAP_PX)
        whole.addLayout(self.column)
        whole.addStretch(1)
        whole.addLayout(foot)
        self.setMinimumWidth(theme.SHEET_WIDTH_PX)

    def heading(self, words: str) -> None:
        """Begin a group of choices."""
        if self.column.count():
            self.column.addSpacing(theme.UNIT_PX)
        label = QLabel(words)
        label.setObjectName("heading")
        self.column.addWidget(label)

    def choice(self, words: str, about: str, group: QButtonGroup) -> QRadioButton:
        """Add one of several, with a quiet line below that says what it is for."""
        button = QRadioButton(words)
        button.setAccessibleDescription(about)
        group.addButton(button)
        self.column.addWidget(button)
        self.note(about, indent=True)
        return button

    def note(self, words: str, indent: bool = False) -> QLabel:
        """Add a quiet line."""
        label = QLabel(words)
        label.setObjectName("said")
        label.setWordWrap(True)
        label.setContentsMargins(26 if indent else 0, 0, 0, 4)
        label.setMinimumWidth(theme.SHEET_WIDTH_PX)  # so that its height is known
        self.column.addWidget(label)
        return label

    def _choose(self) -> None:
        self.accept()
        self.chosen.emit()


class PictureSheet(Sheet):
    """As on the screen or whole, and in which format."""

    def __init__(self, size: tuple[int, int], caution: str, parent: QWidget | None = None) -> None:
        """Begin with what is on the screen.

        Args:
            size: columns and rows of the picture itself.
            caution: of names in the picture; empty for none likely.
        """
        super().__init__("Save picture", "Save…", parent)
        self.heading("What")
        whats = QButtonGroup(self)
        self.seen = self.choice(
            "As on the screen", "The same part, as large, with what is drawn on it.", whats
        )
        self.words = QCheckBox("With the words at its edges")
        self.words.setChecked(True)
        row = QHBoxLayout()
        row.addSpacing(26)
        row.addWidget(self.words)
        self.column.addLayout(row)
        self.whole = self.choice(
            "The whole picture alone",
            f"{size[0]} × {size[1]} pixels, each as it is, with nothing over it.",
            whats,
        )
        self.seen.setChecked(True)
        self.seen.toggled.connect(self.words.setEnabled)
        self.heading("Format")
        formats = QButtonGroup(self)
        self.png = self.choice("PNG", "Exact.", formats)
        self.jpeg = self.choice("JPEG", "A smaller file; fine detail can suffer.", formats)
        self.png.setChecked(True)
        self.quality = QSlider(Qt.Orientation.Horizontal)
        self.quality.setRange(QUALITY_LEAST, 100)
        self.quality.setValue(QUALITY)
        self.quality.setAccessibleName("Quality")
        kept = self.quality.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.quality.setSizePolicy(kept)
        self.quality.hide()
        self.jpeg.toggled.connect(self.quality.setVisible)
        self.column.addWidget(self.quality)
        self.note(caution or "Nothing but the picture is in the file: no name, no number.")


class FilmSheet(Sheet):
    """Which images, how fast, and in which format."""

    def __init__(
        self,
        count: int,
        fps: float,
        colour: bool,
        caution: str,
        parent: QWidget | None = None,
    ) -> None:
        """Begin with all of `count` images, and the format that does them justice."""
        super().__init__("Save film", "Save…", parent)
        self.heading("Images")
        self.first, self.last = QSpinBox(), QSpinBox()
        for box, value, name in ((self.first, 1, "First"), (self.last, count, "Last")):
            box.setRange(1, count)
            box.setValue(value)
            box.setAccessibleName(name)
            _plain_box(box)
            box.valueChanged.connect(self._tell)
        self.fps = QDoubleSpinBox()
        self.fps.setRange(FPS_LEAST, FPS_MOST)
        self.fps.setDecimals(1)
        self.fps.setValue(fps)
        self.fps.setAccessibleName("Images a second")
        _plain_box(self.fps)
        self.fps.valueChanged.connect(self._tell)
        row = QHBoxLayout()
        for part in (self.first, QLabel("to"), self.last, self.fps, QLabel("a second")):
            row.addWidget(part)
        row.insertSpacing(3, theme.GAP_PX)
        row.addStretch(1)
        self.column.addLayout(row)
        self.said = self.note("")
        self.heading("Format")
        formats = QButtonGroup(self)
        self.gif = self.choice(
            "GIF", "Shows everywhere. Greys are exact, colours are simplified.",
            formats,
        )  # fmt: skip
        self.avi = self.choice(
            "AVI", "For players and slides. Keeps colours; fine detail can suffer.",
            formats,
        )  # fmt: skip
        (self.avi if colour else self.gif).setChecked(True)
        self.gif.toggled.connect(self._tell)
        self.note(caution or "Nothing but the pictures is in the file: no name, no number.")
        self._tell()

    @property
    def places(self) -> range:
        """The images that are wanted, from 0."""
        return range(self.first.value() - 1, self.last.value())

    def _tell(self) -> None:
        count, fps = len(self.places), self.fps.value()
        if self.gif.isChecked() and fps > GIF_FPS_MOST:
            self.said.setText(f"A GIF shows at most {GIF_FPS_MOST:g} images a second.")
        elif count < 2:
            self.said.setText("A film takes two images at least.")
        else:
            self.said.setText(f"{count} images, {count / fps:.1f} seconds.")
        self.go_on.setEnabled(count > 1)


def _plain_box(box: QAbstractSpinBox) -> None:
    """A number to be typed, or turned by the wheel and the arrow keys."""
    box.setAlignment(Qt.AlignmentFlag.AlignCenter)
    box.setFixedWidth(BOX_PX)
