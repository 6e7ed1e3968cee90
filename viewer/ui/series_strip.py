"""The series of a study as small pictures in a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QMimeData, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QIcon, QImage, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QToolTip, QWidget

from viewer.render.pipeline import Bytes8
from viewer.ui import icons, theme

ITEM_WIDTH_PX = 136
TEXT_HEIGHT_PX = 40
DRAGGED = "application/x-rayfolio-series"  # holds the place in the strip, as digits
PLACE_DIGITS = 6
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
        self.setDragEnabled(True)
        self.setDragDropMode(QListView.DragDropMode.DragOnly)
        self.setUniformItemSizes(True)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setIconSize(QSize(theme.THUMBNAIL_PX, theme.THUMBNAIL_PX))
        height = theme.THUMBNAIL_PX + TEXT_HEIGHT_PX + theme.UNIT_PX // 2
        self.setGridSize(QSize(ITEM_WIDTH_PX, height))
        self.setFixedHeight(height + 3 * theme.UNIT_PX)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._pressed = False
        self.notes_of: Callable[[int], Sequence[str]] = lambda _place: ()
        self.currentRowChanged.connect(self._choose)
        self.itemClicked.connect(lambda item: self.chosen.emit(self.row(item)))

    def add(self, entries: Sequence[tuple[str, str, bool]]) -> None:
        """List series at the end: title, what is in it, and whether there is a picture."""
        with QSignalBlocker(self):
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
        """Take what the keys went to; a press may begin a drag, and counts when it is let go."""
        if series >= 0 and not self._pressed:
            self.chosen.emit(series)

    def viewportEvent(self, event: QEvent) -> bool:
        """Say what is odd about a series where the pointer rests on it."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            item = self.itemAt(event.pos())
            notes = self.notes_of(self.row(item)) if item else ()
            QToolTip.showText(event.globalPos(), "\n".join(notes), self)
            return True
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = True
        super().mousePressEvent(event)
        self._pressed = False

    def mimeData(self, items: Sequence[QListWidgetItem]) -> QMimeData:
        data = QMimeData()
        if items:
            data.setData(DRAGGED, str(self.row(items[0])).encode())
        return data


def dragged_place(data: QMimeData) -> int | None:
    """Return which place of a strip is dragged, or None if it is anything else."""
    said = bytes(data.data(DRAGGED).data()).decode("ascii", "replace")
    return int(said) if said.isdecimal() and len(said) <= PLACE_DIGITS else None


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
