"""From a study source to a picture, without a window."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.source import FolderSource, SeriesView, StudySource
from viewer.errors import CannotDraw, ViewerError
from viewer.render.pipeline import picture
from viewer.render.png import png
from viewer.render.thumbnail import thumbnail
from viewer.render.voi import Window
from wallet.errors import RequestInvalid

_PREVIEW_SIDE_PX = 256


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


def source_picture(
    sandbox: Sandbox,
    source: StudySource,
    index: int | None = None,
    window: tuple[float, float] | None = None,
) -> bytes:
    """Return a PNG of frame `index` in viewing order of the first series.

    Without an index: the first image that can be drawn at all, of any series.

    Args:
        window: centre and width in the modality's unit; the header's when None.

    Raises: CannotDraw, RequestInvalid if the series has no such frame.
    """
    chosen = None if window is None else Window(*window)
    all_series = source.series()
    if not all_series:
        raise CannotDraw("nothing here is a picture")
    if index is not None:
        instance, frame = _locate(all_series[0], index)
        return png(picture(decode(sandbox, source, all_series[0], instance, frame), chosen))
    refusal = CannotDraw("nothing here is a picture")
    for series in all_series:
        for instance, header in enumerate(series.headers):
            if header.drawable:
                return png(picture(decode(sandbox, source, series, instance, 0), chosen))
            refusal = CannotDraw(header.why_not)
    raise refusal


def _locate(series: SeriesView, index: int) -> tuple[int, int]:
    """Return instance and frame of the frame at `index`, counted through the whole series."""
    left = index
    for instance, header in enumerate(series.headers):
        if left < 0:
            break
        if left < header.frames:
            return instance, left
        left -= header.frames
    count = sum(header.frames for header in series.headers)
    raise RequestInvalid(f"The first series has {count} images; --index counts from 0")


def preview_png(sandbox: Sandbox, fd: int, header: Header) -> bytes:
    """Return a small PNG of an instance's middle frame, or nothing if it cannot be drawn."""
    if not header.drawable:
        return b""
    try:
        pixels = sandbox.decode(fd, header.frames // 2)
        return png(thumbnail(picture(pixels), _PREVIEW_SIDE_PX))
    except ViewerError:
        return b""


class FolderPictures:
    """Pictures of the DICOM files at a path, without a wallet."""

    def __init__(self, path: Path) -> None:
        self._sandbox = Sandbox()
        self.source = FolderSource([path], self._sandbox)

    def png(self, index: int, window: tuple[float, float] | None) -> bytes:
        """Return the frame at `index` of the first series, as `source_picture` does."""
        return source_picture(self._sandbox, self.source, index, window)

    def decode(self, series: SeriesView, instance: int, frame: int) -> Pixels:
        return decode(self._sandbox, self.source, series, instance, frame)

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
        self._sandbox.close()
