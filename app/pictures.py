"""From a study source to pictures and films, without a window."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from viewer.dicom.annotations import Annotations
from viewer.dicom.file_set import FileSet, Progress, write_file_set
from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.series import viewing_order
from viewer.dicom.source import FolderSource, SeriesView, StudySource
from viewer.errors import CannotDraw, ViewerError
from viewer.render.finish import Look, finished
from viewer.render.pipeline import (
    CT_PRESETS,
    Bytes8,
    Window,
    full_range,
    header_windows,
    is_colour,
    picture,
)
from viewer.render.png import png
from viewer.render.thumbnail import thumbnail
from wallet.errors import RequestInvalid

_PREVIEW_SIDE_PX = 256
WHOLE_RANGE = "Whole range"
Place = tuple[int, int]  # instance and frame


def decode(
    sandbox: Sandbox, source: StudySource, series: SeriesView, instance: int, frame: int
) -> Pixels:
    """Decode one frame of a source in a child process. Raises: ViewerError, WalletError."""
    number = next(i for i, each in enumerate(source.series()) if each is series)
    fd = source.open(number, instance, frame)
    try:
        return sandbox.decode(fd, frame)
    finally:
        os.close(fd)


def read_annotations(
    sandbox: Sandbox, source: StudySource, series: SeriesView, instance: int
) -> Annotations:
    """Read what a report or key objects drew and marked. Raises: ViewerError, WalletError."""
    number = next(i for i, each in enumerate(source.series()) if each is series)
    fd = source.open(number, instance, 0)
    try:
        return sandbox.annotations(fd)
    finally:
        os.close(fd)


def source_picture(sandbox: Sandbox, source: StudySource) -> bytes:
    """Return a PNG of the first image that can be drawn at all, of any series.

    Raises: CannotDraw.
    """
    refusal = CannotDraw("nothing here is a picture")
    for series in source.series():
        for instance, header in enumerate(series.headers):
            if header.drawable:
                return png(picture(decode(sandbox, source, series, instance, 0)))
            refusal = CannotDraw(header.why_not)
    raise refusal


def preview_png(sandbox: Sandbox, fd: int, header: Header) -> bytes:
    """Return a small PNG of an instance's middle frame, or nothing if it cannot be drawn."""
    if not header.drawable:
        return b""
    try:
        pixels = sandbox.decode(fd, header.frames // 2)
        return png(thumbnail(picture(pixels), _PREVIEW_SIDE_PX))
    except ViewerError:
        return b""


# -- what is asked for ------------------------------------------------------------------------


def choose_series(all_series: Sequence[SeriesView], wanted: str | None) -> SeriesView:
    """Return the series of a UID or a number; the first with a picture if none is wanted.

    Raises: CannotDraw if there is no series at all; RequestInvalid.
    """
    if not all_series:
        raise CannotDraw("nothing here is a picture")
    if wanted is None:
        with_picture = (each for each in all_series if any(h.drawable for h in each.headers))
        return next(with_picture, all_series[0])
    found = [each for each in all_series if each.uid == wanted]
    if not found:
        found = [each for each in all_series if str(each.headers[0].series_number) == wanted]
    if not found:
        raise RequestInvalid("There is no such series here; --list shows them all")
    # scouts and slices of one series stand apart: the pictures are meant
    return max(found, key=lambda each: len(each.headers))


def locate(series: SeriesView, index: int) -> Place:
    """Return instance and frame of the frame at `index`, in viewing order from 0.

    Raises: RequestInvalid.
    """
    order = viewing_order(series.headers)
    if not 0 <= index < len(order):
        raise RequestInvalid(f"The series has {len(order)} images; --index counts from 0")
    return order[index]


def preset(pixels: Pixels, name: str) -> Window:
    """Return the window of that name: of the header, of CT, or the whole range.

    Raises: RequestInvalid, with the names that there are.
    """
    known: dict[str, Window] = {}
    if not is_colour(pixels):
        known = {WHOLE_RANGE: full_range(pixels)}
        known |= dict(CT_PRESETS) if pixels.modality == "CT" else {}
        known |= {label: window for label, window in header_windows(pixels) if label}
    folded = {label.casefold(): window for label, window in known.items()}
    if name.casefold() not in folded:
        there = ", ".join(sorted(each for each in known if each.isprintable()))
        raise RequestInvalid(f"There is no such preset for this image; there are: {there or '-'}")
    return folded[name.casefold()]


class FolderPictures:
    """Pictures of the DICOM files at a path, without a wallet."""

    def __init__(self, path: Path, *beside: Path, shows_twins: bool = False) -> None:
        self.sandbox = Sandbox()
        self.source = FolderSource([path, *beside], self.sandbox, shows_twins)

    def decode(self, series: SeriesView, instance: int, frame: int) -> Pixels:
        return decode(self.sandbox, self.source, series, instance, frame)

    def annotations(self, series: SeriesView, instance: int) -> Annotations:
        return read_annotations(self.sandbox, self.source, series, instance)

    def finished(
        self, series: SeriesView, places: Sequence[Place], look: Look, preset_name: str = ""
    ) -> Iterator[Bytes8]:
        """Yield finished pictures, decoded as they are asked for; a preset counts for all.

        Raises: ViewerError, RequestInvalid.
        """
        for place in places:
            pixels = self.decode(series, *place)
            if preset_name:
                look, preset_name = look.seen_by(preset(pixels, preset_name)), ""
            yield finished(pixels, look)

    def copy_originals(self, folder: Path, progress: Progress) -> FileSet:
        """Write the originals into a folder with a DICOMDIR, as a hospital's disc has them."""
        return write_file_set(self.source.originals(), folder, self.sandbox, progress)

    def __enter__(self) -> FolderPictures:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.sandbox.close()
