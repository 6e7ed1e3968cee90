"""The series of a study as small pictures in a row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QWidget

from viewer.render.pipeline import Bytes8
from viewer.ui import icons, theme

ITEM_WIDTH_PX = 136
TEXT_HEIGHT_PX = 40
SCALE = 2  # thumbnails are sharp on fine screens


class SeriesStrip(QListWidget):
    """One item a series; the one that is shown is chosen."""

    chosen = Signal(int)  # the place of the series

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("series")
        self.setAccessibleName("Series of this study")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setIconSize(QSize(theme.THUMBNAIL_PX, theme.THUMBNAIL_PX))
        height = theme.THUMBNAIL_PX + TEXT_HEIGHT_PX + theme.UNIT_PX // 2
        self.setGridSize(QSize(ITEM_WIDTH_PX, height))
        self.setFixedHeight(height + 3 * theme.UNIT_PX)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.currentRowChanged.connect(self._choose)

    def fill(self, entries: Sequence[tuple[str, str, bool]]) -> None:
        """List the series: title, what is in it, and whether there is a picture."""
        with QSignalBlocker(self):
            self.clear()
            for title, about, has_picture in entries:
                item = QListWidgetItem(f"{title}\n{about}")
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{title}, {about}")
                item.setIcon(_icon(None, has_picture))
                self.addItem(item)

    def show_current(self, series: int) -> None:
        """Mark the series that is shown, without choosing it again."""
        with QSignalBlocker(self):
            self.setCurrentRow(series)

    def set_thumbnail(self, series: int, array: Bytes8) -> None:
        """Show a small picture: grey, or RGB."""
        self.item(series).setIcon(_icon(array))

    def _choose(self, series: int) -> None:
        if series >= 0:
            self.chosen.emit(series)


def _icon(array: Bytes8 | None, has_picture: bool = True) -> QIcon:
    """Return a black square with the picture in its middle."""
    side = theme.THUMBNAIL_PX * SCALE
    pixmap = QPixmap(side, side)
    pixmap.fill(theme.AROUND_PICTURES)
    with QPainter(pixmap) as painter:
        if array is None:
            painter.fillRect(pixmap.rect(), QColor(theme.SURFACE))
            if not has_picture:
                painter.translate(side / 4, side / 4)
                painter.scale(side / 48, side / 48)
                icons.draw(painter, "document", QColor(theme.QUIET_TEXT))
        else:
            small = np.ascontiguousarray(array)
            kinds = QImage.Format.Format_Grayscale8, QImage.Format.Format_RGB888
            height, width = small.shape[:2]
            image = QImage(small.data, width, height, small.strides[0], kinds[small.ndim == 3])
            painter.drawImage((side - width) // 2, (side - height) // 2, image)
    pixmap.setDevicePixelRatio(SCALE)
    found = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # never tinted
        found.addPixmap(pixmap, mode)
    return found
