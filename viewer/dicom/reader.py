"""What is read of a study besides its pictures: documents, marked pictures, ways of showing."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from viewer.dicom.documents import Document, KeyObjects, Page, Report, key_objects
from viewer.dicom.kinds import Content, content_for
from viewer.dicom.presentation import PresentationState
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.source import SeriesView, StudySource
from viewer.errors import CannotShow

T = TypeVar("T")
MAX_READ = 64  # instances of one kind


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

    def marked(self, series: SeriesView, instance: int) -> KeyObjects:
        """Return which pictures an instance marks, by whom and why.

        Raises: ViewerError, and what the source raises.
        """
        found = self.document(series, instance)
        if not isinstance(found, Report):
            raise CannotShow("it marks no pictures")
        return key_objects(found)

    def state(self, series: SeriesView, instance: int) -> PresentationState:
        """Return how an instance says that pictures are to be seen.

        Raises: ViewerError, and what the source raises.
        """
        return self._with(series, instance, self.sandbox.presentation)

    def instances(self, content: Content) -> list[tuple[SeriesView, int]]:
        """Return the instances of a kind, the first of them if there are many."""
        found = [
            (series, place)
            for series in self.source.series()
            for place, header in enumerate(series.headers)
            if content_for(header) is content
        ]
        return found[:MAX_READ]

    def _with(self, series: SeriesView, instance: int, ask: Callable[[int], T]) -> T:
        number = next(n for n, each in enumerate(self.source.series()) if each is series)
        fd = self.source.open(number, instance, 0)
        try:
            return ask(fd)
        finally:
            os.close(fd)
