"""A study as the viewer holds it: its series, where each picture lies, and how to get one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from viewer import hanging
from viewer.dicom.documents import Reference
from viewer.dicom.header import Header
from viewer.dicom.kinds import PICTURE, kind_of
from viewer.dicom.oddities import Oddity, oddities
from viewer.dicom.pixels import Pixels
from viewer.dicom.reader import Reader
from viewer.dicom.source import SeriesView, StudySource
from viewer.render.pipeline import Bytes8
from viewer.ui import plain
from viewer.ui.frames import Frame
from viewer.ui.pile import Pile
from viewer.ui.stack import Stack

Decode = Callable[[SeriesView, int, int], Pixels]
Preview = Callable[[SeriesView], Bytes8]

PREVIEW = -1  # in place of an instance: the series' small picture


@dataclass(frozen=True, slots=True, eq=False)
class OpenStudy:
    """What cells show pictures of. `decode` and `preview` are called in threads."""

    number: int  # the `study` of its frames
    series: tuple[SeriesView, ...]
    piles: tuple[Pile, ...]
    decode: Decode
    preview: Preview | None = None
    title: str = ""  # what the person calls it; empty for what the header says
    reader: Reader | None = None  # of documents and of ways of showing; in threads
    _oddities: dict[int, tuple[Oddity, ...]] = field(default_factory=dict, init=False, repr=False)
    _stacks: dict[int, Stack] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(
        cls,
        source: StudySource,
        decode: Decode,
        title: str = "",
        preview: Preview | None = None,
        number: int = 0,
        reader: Reader | None = None,
    ) -> OpenStudy:
        series = tuple(source.series())
        piles = tuple(Pile(each.headers) for each in series)
        return cls(number, series, piles, decode, preview, title, reader)

    @property
    def first_look(self) -> int:
        """The series a person starts with."""
        return hanging.first(self.series)

    def has_picture(self, series: int) -> bool:
        return any(each.drawable for each in self.series[series].headers)

    def at(self, series: int, place: int) -> Frame:
        """Return the frame at a place of a series' pile."""
        return Frame(series, *self.piles[series].at(place), self.number)

    def small(self, series: int) -> Frame:
        """Return the series' small picture, which stands in until the full one is there."""
        return Frame(series, PREVIEW, 0, self.number)

    def header(self, frame: Frame) -> Header:
        return self.series[frame.series].headers[frame.instance]

    def oddities(self, series: int) -> tuple[Oddity, ...]:
        """Return what is odd about a series, looked for once."""
        if series not in self._oddities:
            self._oddities[series] = oddities(self.series[series])
        return self._oddities[series]

    def find(self, reference: Reference) -> tuple[int, int] | None:
        """Return the series and the place in it of a picture that is pointed at."""
        frame = reference.frames[0] - 1 if reference.frames else 0
        for number, (series, pile) in enumerate(zip(self.series, self.piles, strict=True)):
            for instance, header in enumerate(series.headers):
                if header.sop_uid == reference.sop_uid and header.drawable:
                    place = pile.place_of(instance, frame)
                    return None if place is None else (number, place)
        return None

    def stack(self, series: int) -> Stack:
        """Return where the pictures of a series lie."""
        if series not in self._stacks:
            self._stacks[series] = Stack(self.piles[series])
        return self._stacks[series]

    def load(self, frame: Frame) -> Pixels:
        """Decode a frame; for a thread."""
        series = self.series[frame.series]
        if frame.instance != PREVIEW or self.preview is None:
            return self.decode(series, frame.instance, frame.frame)
        array = self.preview(series)
        kind = "MONOCHROME2" if array.ndim == 2 else "RGB"
        return Pixels(array, kind, 8, False, windows=((128.0, 256.0, ""),))

    def about(self, series: int) -> str:
        """Return what is in a series, such as "CT, 80 images"."""
        count, kind = len(self.piles[series]), kind_of(self.series[series].headers[0].sop_class)
        noun = "image" if self.has_picture(series) else "document"
        counted = f"{count} {noun}{'' if count == 1 else 's'}"
        if count == 1 and noun == "document" and kind is not PICTURE:
            return kind.name if self.series[series].title != kind.name else "1 document"
        said = (plain.plain(self.series[series].modality), counted)
        return ", ".join(each for each in said if each)
