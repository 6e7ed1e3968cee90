"""A QR code, black on white in both schemes, with whole pixels for every module."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

QUIET_MODULES = 4
LARGEST_PX = 600


class QrCode(QWidget):
    """Draws `text`; takes no room if it is too long for a code."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._image = _modules(text)
        side = self._image.width()
        side *= max(1, LARGEST_PX // side) if side else 0
        self.setFixedSize(side, side)

    @property
    def is_empty(self) -> bool:
        return self._image.isNull()

    def paintEvent(self, _event: object) -> None:
        with QPainter(self) as painter:
            painter.drawImage(QRect(0, 0, self.width(), self.height()), self._image)


def _modules(text: str) -> QImage:
    import segno

    try:
        code = segno.make_qr(text, error="l", boost_error=False)
    except segno.DataOverflowError:
        return QImage()
    rows = [list(line) for line in code.matrix_iter(border=QUIET_MODULES)]
    image = QImage(len(rows), len(rows), QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    black = QColor("black")
    for y, line in enumerate(rows):
        for x, dark in enumerate(line):
            if dark:
                image.setPixelColor(x, y, black)
    return image
