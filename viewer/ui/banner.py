"""Whose pictures these are, of what and of when."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from viewer.dicom.header import Header
from viewer.ui import plain, theme
from viewer.ui.face import Face

OTHER = {Face.PATIENT: Face.CLINICIAN, Face.CLINICIAN: Face.PATIENT}
OFFERED = {
    Face.PATIENT: ("All tools", "Tools and numbers, as doctors use them (Ctrl+T)"),
    Face.CLINICIAN: ("Simple view", "One large picture and plain words (Ctrl+T)"),
}


class Banner(QWidget):
    """Name, study and date; and the way to the other face."""

    asked = Signal(object)  # a Face

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theme.BANNER_PX)
        self.name = _label("name")
        self.about = _label("about")
        self.about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP_PX, 0, theme.GAP_PX, 0)
        row.setSpacing(theme.GAP_PX)
        row.addWidget(self.name)
        row.addWidget(self.about, 1)
        self._face: Face = Face.CLINICIAN
        self.other = QPushButton()
        self.other.clicked.connect(lambda: self.asked.emit(OTHER[self._face]))
        row.addWidget(self.other)
        self.tell_face(self._face)

    def tell_face(self, face: Face) -> None:
        """Offer the face that is not shown."""
        self._face = face
        words, about = OFFERED[face]
        self.other.setText(words)
        self.other.setToolTip(about)
        self.other.setAccessibleDescription(about)

    def set_slim(self, slim: bool) -> None:
        """Take little room, where everything else is hidden."""
        self.setFixedHeight(theme.CELL_TITLE_PX if slim else theme.BANNER_PX)
        self.other.setVisible(not slim)

    def tell(self, header: Header | None, title: str = "") -> None:
        """Say what `header` says; `title` in place of its study description."""
        name = plain.person(header.patient_name) if header else ""
        about = [plain.plain(title) or (plain.study(header) if header else "")]
        if header:
            about += [plain.date(header.study_date), plain.plain(header.institution)]
        self.name.setText(name or "Name not given")
        self.about.setText("  ·  ".join(each for each in about if each))
        self.setAccessibleName(f"{self.name.text()}, {self.about.text()}")


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)  # a name from a file is never markup
    return label
