"""A QR code, black on white in both schemes, with whole pixels for every module."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

QUIET_MODULES = 4
MODULE_PX = 2


class QrCode(QWidget):
    """Draws `text`; takes no room if it is too long for a code."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._image = _modules(text)
        side = self._image.width() * (MODULE_PX if self._image.width() > 100 else 2 * MODULE_PX)
        self.setFixedSize(side, side)

    def paintEvent(self, event: object) -> None:
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
