"""What reports, letters and PDFs of a study say, as plain text."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from viewer.dicom.documents import Pdf, scale_for
from viewer.dicom.kinds import Content, content_for, kind_of
from viewer.dicom.lines import as_text
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.source import SeriesView, StudySource
from viewer.errors import ViewerError
from wallet.ports import Progress, unwatched

SHOWN = (Content.DOCUMENT, Content.KEY_OBJECTS)
PAGE_PX = 64  # only its words are wanted
BREAK = "\f"  # between pages


@dataclass(frozen=True, slots=True)
class Text:
    """One document."""

    kind: str  # in plain words: "Report"
    text: str = field(repr=False)  # what it says; else why that cannot be said
    is_read: bool


def texts(
    sandbox: Sandbox, source: StudySource, wanted: Sequence[SeriesView], progress: Progress
) -> Iterator[Text]:
    """Yield all documents of some series, in their order. Raises: what the source raises."""
    found = [
        (number, instance)
        for number, series in enumerate(source.series())
        for instance, header in enumerate(series.headers)
        if content_for(header) in SHOWN and any(series is each for each in wanted)
    ]
    for done, (number, instance) in enumerate(found):
        progress("Reading the documents", done, len(found))
        kind = kind_of(source.series()[number].headers[instance].sop_class).name
        fd = source.open(number, instance, 0)
        try:
            yield Text(kind, _read(sandbox, fd), True)
        except ViewerError as error:
            yield Text(kind, str(error), False)
        finally:
            os.close(fd)


def _read(sandbox: Sandbox, fd: int) -> str:
    document = sandbox.document(fd)
    said = "\n".join(as_text(document)).strip()
    if isinstance(document, Pdf):
        pages = (
            sandbox.page(fd, number, scale_for(size, PAGE_PX)).text.strip()
            for number, size in enumerate(document.pages)
        )
        said = "\n".join((said, "", f"\n{BREAK}".join(pages))).strip()
    return said


def all_texts(sandbox: Sandbox, source: StudySource) -> str:
    """Return what all documents say, one after another; without those that cannot be read."""
    found = texts(sandbox, source, source.series(), unwatched)
    return "\n\n\n".join(each.text for each in found if each.is_read)
