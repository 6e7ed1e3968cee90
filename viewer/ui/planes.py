"""What a file lays over its picture, drawn as it is: letters, outlines, regions."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage, QPainter

from viewer.ui import theme
from viewer.ui.image_view import ImageView
from viewer.ui.layer import OnlyDrawn
from viewer.ui.picture import as_turned, draw_between, in_sight, within

COLOURS = tuple(  # of nothing, graphics and regions
    each.rgba() for each in (QColor(0, 0, 0, 0), theme.NOTICE_TEXT, QColor(theme.ACCENT))
)


class Planes(OnlyDrawn):
    """A layer that only draws; letters at the edges and corners are switched with it."""

    def paint(self, painter: QPainter, image: ImageView) -> None:
        drawable, view = image.drawable, image.view
        if drawable is None or not drawable.overlays:
            return
        aspect = drawable.pixels.aspect
        scale = view.zoom * painter.device().devicePixelRatio()
        number = drawable.level_for(scale * max(1.0, aspect))
        codes, step = drawable.overlays[number], 2**number
        left, right, top, bottom = in_sight(view)
        high = step * aspect
        x0, x1 = within(left / step, right / step, codes.shape[1])
        y0, y1 = within(top / high, bottom / high, codes.shape[0])
        if x0 >= x1 or y0 >= y1:
            return
        seen = np.ascontiguousarray(codes[y0:y1, x0:x1])
        corners = ((x0 * step, y0 * high), (x1 * step, y1 * high))
        indexed = as_turned(seen, view, QImage.Format.Format_Indexed8, COLOURS)
        draw_between(painter, view, corners, indexed)
