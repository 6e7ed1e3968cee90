"""What a patient is offered below the picture, in whole words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from viewer.render.orientation import WORDS, Edges
from viewer.ui import theme
from viewer.ui.presets import Preset

PLAIN = ("As the scan says", "Soft tissue", "Lungs", "Bones", "Brain")  # of the presets
FACING = " It is as if the person faced you: their right is on your left."
SIDES = {
    "R": "the right side of the body",
    "L": "the left side of the body",
    "A": "the front of the body",
    "P": "the back of the body",
    "H": "the side toward the head",
    "F": "the side toward the feet",
}


class PatientBar(QWidget):
    """Buttons for the brightness that suits a part, and a sentence when one is asked for."""

    chosen = Signal(object)  # a Preset

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("patient_bar")
        self.setAccessibleName("What to look at")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._said: tuple[str, ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.GAP_PX, theme.UNIT_PX, theme.GAP_PX, theme.UNIT_PX)
        self._row.setSpacing(theme.UNIT_PX)
        self._row.addStretch(1)
        self.hide()

    def offer(self, presets: Sequence[Preset]) -> None:
        """Offer these of them that have plain names."""
        plain = [each for each in presets if each.label in PLAIN]
        if tuple(each.label for each in plain) == self._said:
            return
        self._said = tuple(each.label for each in plain)
        for button in self.buttons():
            button.setParent(None)
            button.deleteLater()
        for place, preset in enumerate(plain if len(plain) > 1 else ()):
            button = QPushButton(preset.label, self)
            button.setAccessibleDescription("Brightness that suits this part")
            button.clicked.connect(lambda _=False, preset=preset: self.chosen.emit(preset))
            self._row.insertWidget(place, button)

    def buttons(self) -> list[QPushButton]:
        return self.findChildren(QPushButton)


class Explanation(QLabel):
    """What the letters at the edges mean, below the picture."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("explanation")
        self.setWordWrap(True)
        self.hide()

    def tell(self, edges: Edges | None) -> None:
        """Say it for these letters."""
        self.setText(letters_in_words(edges))


def letters_in_words(edges: Edges | None) -> str:
    """Return in a few sentences what is at each edge."""
    if edges is None:
        return "This picture does not say which side of the body lies at which edge."
    told = (("left", edges.left), ("right", edges.right), ("top", edges.top))
    parts = [f"{letters} at the {edge} is {_side(letters)}" for edge, letters in told if letters]
    said = "The letters say which side of the body lies at each edge: " + "; ".join(parts) + "."
    return said + (FACING if edges.left[:1] == "R" else "")


def _side(letters: str) -> str:
    first = SIDES[letters[0]]
    rest = [WORDS[each] for each in letters[1:]]
    return first + (f", a little to the {' and the '.join(rest)}" if rest else "")
