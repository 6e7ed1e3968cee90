"""What a viewport shows, as a picture that leaves it: as on the screen, or whole and alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtGui import QImage, QPainter

from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.dicom.source import SeriesView
from viewer.render.finish import Look, finished
from viewer.render.moving import film_places
from viewer.render.pipeline import Bytes8
from viewer.ui.cell import Cell
from viewer.ui.image_view import ImageView
from viewer.ui.leaflet import Shot, which
from viewer.ui.mpr import Mpr
from viewer.ui.study import OpenStudy

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
class Scene:
    """One picture in sight, and what it is."""

    image: ImageView
    header: Header
    title: str  # of its series
    which: str  # of its series: "image 3 of 54", "Coronal, reformatted"
    name: str  # for a file: "image 3"
    study: OpenStudy
    series: SeriesView
    film: tuple[tuple[int, int], ...] = ()  # what runs as a film, as instance and frame


def of_cell(cell: Cell) -> Scene | None:
    """Return what a cell shows, or None if that is no picture."""
    if not cell.image.isVisibleTo(cell):  # a document lies in its place
        return None
    header, study, series, seen = cell.header, cell.study, cell.series, cell.seen
    if cell.image.drawable is None or not header or not study or not series or not seen:
        return None
    words = which(cell.place, len(cell.pile))
    name = f"image {cell.place + 1}"
    is_film = series.headers[seen.instance].drawable
    film = tuple(film_places(series.headers, seen.instance)) if is_film else ()
    return Scene(cell.image, header, series.title, words, name, study, series, film)


def of_sides(sides: Mpr) -> list[Scene]:
    """Return the pictures of a volume, the one that has the focus first."""
    study, series = sides.study, sides.series
    if study is None or series is None:
        return []
    panes = sorted(sides.panes.items(), key=lambda each: each[1] is not sides.image)
    header = series.headers[len(series.headers) // 2]
    return [
        Scene(
            pane, header, series.title, f"{view.value}, reformatted", view.value.lower(),
            study, series,
        )
        for view, pane in panes
        if pane.drawable is not None
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """A scene as it is now, to be made into a picture in a thread."""

    pixels: Pixels
    look: Look
    scene: Scene
    seen: QImage | None = None  # as on the screen; else the whole picture

    def shot(self) -> Shot:
        """For a thread."""
        if self.seen is not None:
            array = as_array(self.seen)
        else:
            array = finished(self.pixels, replace(self.look, square=True))
        return Shot(array, self.scene.header, self.scene.title, self.scene.which)


def taken(scene: Scene, on_screen: bool) -> Taken | None:
    """Return a scene as it is now, or None if it shows no picture any more."""
    drawable = scene.image.drawable
    if drawable is None:
        return None
    seen = as_seen(scene.image, with_words=False) if on_screen else None
    return Taken(drawable.pixels, look_of(scene.image), scene, seen)
