"""The small pictures in the strip: what to load for them, and whether it has come."""

from __future__ import annotations

from viewer.render.pipeline import thumbnail
from viewer.render.pyramid import Drawable
from viewer.ui import theme
from viewer.ui.frames import Frame, FrameLoader
from viewer.ui.series_strip import SCALE, SeriesStrip
from viewer.ui.study import OpenStudy


class Thumbnails:
    """Fills the strip, one picture a series."""

    def __init__(
        self, study: OpenStudy, strip: SeriesStrip, loader: FrameLoader, first: int = 0
    ) -> None:
        """Args: first: the place of the study's first series in the strip."""
        self._study, self._strip, self._loader, self._first = study, strip, loader, first
        self._missing = [n for n in range(len(study.series)) if study.has_picture(n)]

    def wanted(self) -> list[Frame]:
        return [self._frame(series) for series in self._missing]

    def _frame(self, series: int) -> Frame:
        small = self._study.small(series)
        if self._study.preview is not None and self._loader.error(small) is None:
            return small
        return self._study.at(series, self._study.piles[series].middle)

    def take(self, frame: Frame, drawable: Drawable) -> None:
        """Put the picture in its place, if it is one that is missing."""
        if frame.study != self._study.number or frame.series not in self._missing:
            return
        if frame == self._frame(frame.series):
            self._missing.remove(frame.series)
            side = theme.THUMBNAIL_PX * SCALE
            small = thumbnail(drawable.small(side), side, drawable.pixels.aspect)
            self._strip.set_thumbnail(self._first + frame.series, small)
