"""The line above one viewport: whose picture it is and of when, and whether it goes with others."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from viewer.dicom.header import Header
from viewer.ui import plain, theme


class CellTitle(QWidget):
    """Name, date, study; then what is said of this cell among others."""

    opened = Signal()  # by a double click: make it large, or small again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cell_title")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theme.CELL_TITLE_PX)
        self.role, self.date, self.name = label("role"), label("when"), Elided("whose")
        self.about, self.alone = Elided("what"), label("alone")
        self.about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.UNIT_PX, 0, theme.UNIT_PX, 0)
        row.setSpacing(theme.UNIT_PX)
        row.addWidget(self.role, 0, Qt.AlignmentFlag.AlignVCenter)
        for part, stretch in (
            (self.date, 0),
            (self.name, 0),
            (self.about, 1),
            (self.alone, 0),
        ):
            row.addWidget(part, stretch)
        self.role.hide()
        self.alone.hide()

    def tell(self, header: Header | None, title: str = "") -> None:
        """Say what `header` says; `title` in place of its study description."""
        self.setVisible(header is not None)
        if header is None:
            for each in (self.name, self.date, self.about):
                each.clear()
            return
        self.name.setText(plain.person(header.patient_name) or "Name not given")
        self.date.setText(plain.short_date(header.study_date) or "Date not given")
        self.about.setText(plain.plain(title) or plain.study(header))
        said = (self.role.text(), self.date.text(), self.name.text(), self.about.text())
        self.setAccessibleName(", ".join(each for each in said if each))

    def set_large(self, large: bool) -> None:
        """Say the date in large letters, to tell then from now."""
        self.setFixedHeight(theme.LARGE_TITLE_PX if large else theme.CELL_TITLE_PX)
        sheet = theme.LARGE_TITLE_STYLE if large else ""
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)

    def tell_role(self, role: str) -> None:
        """Say whether this is what was, or what is: "Before", "Now"; "" for neither."""
        self.role.setText(role)
        self.role.setVisible(bool(role))

    def tell_alone(self, words: str, why: str) -> None:
        """Say that this cell does not go with the others, and why; "" if it does."""
        self.alone.setText(words)
        self.alone.setToolTip(why)
        self.alone.setAccessibleName(f"{words}. {why}" if words else "")
        self.alone.setVisible(bool(words))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit()


class Elided(QLabel):
    """Words that end in a dot more if there is no room."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def paintEvent(self, event: QPaintEvent) -> None:
        metrics, room = self.fontMetrics(), self.contentsRect()
        words = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        with QPainter(self) as painter:
            painter.setPen(self.palette().windowText().color())
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), words)


def label(name: str) -> QLabel:
    """Return a label for words from a file, which are never markup."""
    made = QLabel()
    made.setObjectName(name)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made
