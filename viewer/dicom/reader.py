"""What is read of a study besides its pictures: documents, marked pictures, ways of showing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from viewer.dicom.documents import Document, KeyObjects, Page, Report, key_objects
from viewer.dicom.header import Header
from viewer.dicom.kinds import Content, content_for
from viewer.dicom.presentation import PresentationState
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.source import SeriesView, StudySource
from viewer.errors import ViewerError

T = TypeVar("T")
MAX_MARKS = 32  # Key Object Selections of one study that are read
MAX_STATES = 64


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads instances of one source in children; for threads: each call waits for a child."""

    sandbox: Sandbox
    source: StudySource

    def document(self, series: SeriesView, instance: int) -> Document:
        """Return a report, a letter or the sizes of a PDF's pages.

        Raises: ViewerError, and what the source raises.
        """
        return self._with(series, instance, self.sandbox.document)

    def page(self, series: SeriesView, instance: int, number: int, scale: float) -> Page:
        """Draw a page of a PDF, counted from 0, at so many px a point.

        Raises: ViewerError, and what the source raises.
        """
        return self._with(series, instance, lambda fd: self.sandbox.page(fd, number, scale))

    def marks(self) -> Iterator[KeyObjects]:
        """Return which pictures were marked, by whom and why; what cannot be read is left out."""
        for series, instance, _ in self.instances(Content.KEY_OBJECTS, MAX_MARKS):
            try:
                found = self.document(series, instance)
            except ViewerError:
                continue
            if isinstance(found, Report):
                yield key_objects(found)

    def states(self) -> Iterator[PresentationState]:
        """Return how pictures are to be seen; what cannot be read is left out."""
        for series, instance, _ in self.instances(Content.PRESENTATION, MAX_STATES):
            try:
                yield self._with(series, instance, self.sandbox.presentation)
            except ViewerError:
                continue

    def instances(self, content: Content, most: int) -> list[tuple[SeriesView, int, Header]]:
        """Return the first so many instances of a kind."""
        found = [
            (series, place, header)
            for series in self.source.series()
            for place, header in enumerate(series.headers)
            if content_for(header) is content
        ]
        return found[:most]

    def _with(self, series: SeriesView, instance: int, ask: Callable[[int], T]) -> T:
        number = next(n for n, each in enumerate(self.source.series()) if each is series)
        fd = self.source.open(number, instance, 0)
        try:
            return ask(fd)
        finally:
            os.close(fd)
