"""Shapes that stay while another one is in the hand: drawn once, then laid over the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap

from viewer.ui.image_view import ImageView
from viewer.ui.measuring_draw import Floats, paint_still


class StillShapes:
    """Keeps how shapes look, from the second time on that they lie where they lay."""

    def __init__(self) -> None:
        self._lines: Floats | None = None
        self._kept: QPixmap | None = None

    def paint(self, painter: QPainter, image: ImageView, shapes: Sequence[Floats]) -> None:
        """Draw shapes, each its lines in screen px, over the whole of a picture."""
        if not shapes:
            self._lines = self._kept = None
            return
        lines = np.concatenate(shapes)
        if self._lines is None or not np.array_equal(lines, self._lines):
            self._lines, self._kept = lines, None
            paint_still(painter, shapes)
            return
        if self._kept is None or not _fits(self._kept, image):
            self._kept = _pixmap(image, shapes)
        painter.drawPixmap(0, 0, self._kept)


def _pixmap(image: ImageView, shapes: Sequence[Floats]) -> QPixmap:
    ratio = image.devicePixelRatioF()
    made = QPixmap(image.size() * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    with QPainter(made) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_still(painter, shapes)
    return made


def _fits(kept: QPixmap, image: ImageView) -> bool:
    ratio = image.devicePixelRatioF()
    return kept.devicePixelRatio() == ratio and kept.size() == image.size() * ratio
