"""What a viewport shows, as a picture that leaves it: as on the screen, or whole and alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtGui import QImage, QPainter

from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.render.finish import Look, finished
from viewer.render.pipeline import Bytes8
from viewer.ui.cell import Cell
from viewer.ui.image_view import ImageView
from viewer.ui.leaflet import Shot

SHARPER = 2.0  # px of the saved picture for one of the screen


def look_of(image: ImageView) -> Look:
    """Return how a person sees a picture, apart from where and how large."""
    view = image.view
    return Look(view.window, view.inverted, view.rotation, view.flipped)


def as_seen(image: ImageView, with_words: bool, sharper: float = SHARPER) -> QImage:
    """Return what is on the screen, with what is drawn on it.

    Args:
        with_words: in the corners and at the edges too.
    """
    ratio = image.devicePixelRatioF() * sharper
    width, height = round(image.width() * ratio), round(image.height() * ratio)
    seen = QImage(width, height, QImage.Format.Format_RGB888)
    seen.setDevicePixelRatio(ratio)
    seen.fill(0)
    if with_words:
        image.render(seen)
        return seen
    with QPainter(seen) as painter:
        image.draw(painter, image.view)
        for layer in image.layers if image.shows_layers else ():
            painter.save()
            layer.paint(painter, image)
            painter.restore()
    return seen


def as_array(image: QImage) -> Bytes8:
    """Return the pixels of an RGB888 image; grey if it has no colours. For a thread."""
    width, height = image.width(), image.height()
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    array = flat[:, : 3 * width].reshape(height, width, 3)
    is_grey = bool(
        (array[..., 0] == array[..., 1]).all() and (array[..., 0] == array[..., 2]).all()
    )
    return np.array(array[..., 0] if is_grey else array, order="C")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a cell shows now, to be made into a picture in a thread."""

    pixels: Pixels
    look: Look
    header: Header
    series: str
    place: int
    count: int
    seen: QImage | None = None  # as on the screen; else the whole picture

    def shot(self) -> Shot:
        """For a thread."""
        if self.seen is not None:
            array = as_array(self.seen)
        else:
            array = finished(self.pixels, replace(self.look, square=True))
        return Shot(array, self.header, self.series, self.place, self.count)


def taken(cell: Cell, on_screen: bool) -> Taken | None:
    """Return what a cell shows, or None if that is no picture."""
    drawable, header, series = cell.image.drawable, cell.header, cell.series
    if drawable is None or header is None or series is None:
        return None
    seen = as_seen(cell.image, with_words=False) if on_screen else None
    look = look_of(cell.image)
    return Taken(drawable.pixels, look, header, series.title, cell.place, len(cell.pile), seen)
