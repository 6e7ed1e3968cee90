"""The series there are to be shown, of this study and of those beside it, as in the strip."""

from __future__ import annotations

from viewer.dicom.pixels import Pixels
from viewer.render.pyramid import Drawable
from viewer.ui import plain
from viewer.ui.frames import Frame, FrameLoader
from viewer.ui.series_strip import SeriesStrip
from viewer.ui.study import OpenStudy
from viewer.ui.thumbnails import Thumbnails


class Shelf:
    """Places in the strip, each a study and a series of it."""

    def __init__(self, strip: SeriesStrip) -> None:
        self._strip = strip
        strip.notes_of = self.notes
        self._studies: list[OpenStudy] = []
        self._places: list[tuple[OpenStudy, int]] = []
        self._thumbnails: list[Thumbnails] = []

    def __len__(self) -> int:
        return len(self._places)

    @property
    def studies(self) -> tuple[OpenStudy, ...]:
        """The study that was opened, then what was laid beside it; by the number of each."""
        return tuple(self._studies)

    def at(self, place: int) -> tuple[OpenStudy, int]:
        return self._places[place]

    def notes(self, place: int) -> tuple[str, ...]:
        """Return what is odd about a series, in sentences."""
        study, series = self._places[place]
        return tuple(each.sentence for each in study.oddities(series))

    def place_of(self, frame: Frame | None) -> int | None:
        """Return where in the strip a frame's series lies."""
        if frame is None:
            return None
        firsts = (n for n, (study, _) in enumerate(self._places) if study.number == frame.study)
        return next(firsts) + frame.series

    def unseen(self, frames: list[Frame | None]) -> list[int]:
        """Return the places with pictures of the opened study that none of these frames is of."""
        seen = {self.place_of(frame) for frame in frames}
        return [
            place
            for place, (study, series) in enumerate(self._places)
            if place not in seen and study.has_picture(series) and study is self._studies[0]
        ]

    def add(self, study: OpenStudy, loader: FrameLoader, when: str = "") -> None:
        """Put a study's series at the end.

        Args:
            when: said with each of its series, to tell it from those of other studies.
        """
        if study.number != len(self._studies):
            raise ValueError("studies are numbered in the order in which they come")
        self._thumbnails.append(Thumbnails(study, self._strip, loader, len(self._places)))
        self._studies.append(study)
        self._places += [(study, n) for n in range(len(study.series))]
        self._strip.add(
            [
                (plain.plain(each.title), when or study.about(n), study.has_picture(n))
                for n, each in enumerate(study.series)
            ]
        )

    def load(self, frame: Frame) -> Pixels:
        """Decode a frame; for a thread."""
        return self._studies[frame.study].load(frame)

    def wanted(self) -> list[Frame]:
        """Return what is still to be loaded for small pictures."""
        return [frame for each in self._thumbnails for frame in each.wanted()]

    def take(self, frame: Frame, drawable: Drawable) -> None:
        """Make a small picture of it, if one is missing."""
        for each in self._thumbnails:
            each.take(frame, drawable)
