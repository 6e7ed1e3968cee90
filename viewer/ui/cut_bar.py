"""The bar over the three pictures of a volume: how thick, in which way, of which time."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QLabel, QPushButton, QWidget

from viewer.render.reslice import Mode, Slab
from viewer.ui import theme

THICKEST_MM = 200.0
STEP_MM = 1.0
THICKNESS_PX = 84
WORDS = {Mode.GREATEST: "Brightest (MIP)", Mode.LEAST: "Darkest (MinIP)", Mode.MEAN: "Mean"}


class CutBar(QWidget):
    """Controls for all three pictures at once."""

    changed = Signal(object)  # Slab
    straightened = Signal()
    left = Signal()
    part_chosen = Signal(int)  # which of the volumes of the series

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cuts")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.part = QComboBox()
        self.part.setAccessibleName("Moment")
        self.part.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.part.setToolTip("Which of the times that this was taken")
        self.thickness = QDoubleSpinBox()
        self.thickness.setRange(0.0, THICKEST_MM)
        self.thickness.setSingleStep(STEP_MM)
        self.thickness.setDecimals(1)
        self.thickness.setSuffix(" mm")
        self.thickness.setSpecialValueText("Thin")
        self.thickness.setFixedWidth(THICKNESS_PX)
        self.thickness.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.thickness.setAccessibleName("Thickness")
        self.thickness.setToolTip("How thick a layer is seen at once (Shift and wheel)")
        self.mode = QComboBox()
        self.mode.setAccessibleName("Thick layers show")
        for mode, words in WORDS.items():
            self.mode.addItem(words, mode)
        self.straighten = QPushButton("Straighten")
        self.straighten.setToolTip("Let the pictures lie as they did at first")
        self.state = QLabel()
        self.back = QPushButton("Back to the series")
        self.back.setToolTip("Show the images as they were taken (Escape)")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP_PX, 4, theme.GAP_PX, 4)
        row.setSpacing(theme.UNIT_PX)
        label = QLabel("Thickness")
        label.setBuddy(self.thickness)
        thinner, thicker = self._step("−", "Thinner", -1), self._step("+", "Thicker", 1)
        parts = (self.part, label, thinner, self.thickness, thicker, self.mode, self.straighten)
        for part in parts:
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self.state)
        row.addWidget(self.back)
        self.back.clicked.connect(self.left)
        self.thickness.valueChanged.connect(self._tell)
        self.mode.currentIndexChanged.connect(self._tell)
        self.straighten.clicked.connect(self.straightened)
        self.part.currentIndexChanged.connect(self.part_chosen)
        self._tell()

    def _step(self, sign: str, words: str, steps: int) -> QPushButton:
        button = QPushButton(sign)
        button.setObjectName("step")
        button.setAccessibleName(words)
        button.setToolTip(words)
        button.setAutoRepeat(True)
        button.clicked.connect(lambda: self.thicken(steps))
        return button

    @property
    def slab(self) -> Slab:
        return Slab(self.thickness.value(), self.mode.currentData())

    def thicken(self, steps: int) -> None:
        """Make the layer thicker, or thinner, by so many steps."""
        self.thickness.setValue(self.thickness.value() + steps * STEP_MM)

    def set_parts(self, count: int) -> None:
        """Offer the volumes of a series that was taken several times."""
        with QSignalBlocker(self.part):
            self.part.clear()
            self.part.addItems([f"Time {n + 1} of {count}" for n in range(count)])
        self.part.setVisible(count > 1)

    def _tell(self) -> None:
        self.mode.setEnabled(self.thickness.value() > 0)
        self.changed.emit(self.slab)
