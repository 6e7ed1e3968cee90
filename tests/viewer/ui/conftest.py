"""Windows without a screen, unless one is asked for; studies made in memory to look at in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.dicom.source import SeriesView
from viewer.errors import ReaderFailed
from viewer.ui import Viewer

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SIDE_PX = 64


class InMemory:
    """A source whose frames are made by a function."""

    def __init__(self, *series: SeriesView) -> None:
        self._series = series

    def series(self) -> Sequence[SeriesView]:
        return self._series

    def open(self, series: int, instance: int, frame: int) -> int:
        raise ReaderFailed("it lies in memory only")


def _stack(
    title: str = "Axial",
    count: int = 20,
    start: tuple[float, float, float] = (0.0, 0.0, 0.0),
    step: tuple[float, float, float] = (0.0, 0.0, 5.0),
    orientation: tuple[float, ...] = AXIAL,
    spacing_mm: float = 1.0,
    **more: object,
) -> SeriesView:
    """Return a series of slices, each `step` mm from the one before."""
    said: dict[str, object] = {
        "patient_name": "Nguyen^Linh",
        "patient_id": "17",
        "study_date": "20251103",
        "study_uid": "1.2.3",
        "modality": "CT",
        "rows": SIDE_PX,
        "columns": SIDE_PX,
        "drawable": True,
        "orientation": orientation,
        "spacing_mm": (spacing_mm, spacing_mm),
        "frame_of_reference": "1.2.3.4",
        "series_description": title,
    }
    headers = []
    for n in range(count):
        x, y, z = (a + n * b for a, b in zip(start, step, strict=True))
        headers.append(Header(**{**said, "position": (x, y, z), **more}))  # type: ignore[arg-type]
    return SeriesView(f"1.2.3.{title}", title, str(headers[0].modality), tuple(headers))


@pytest.fixture
def stack() -> Callable[..., SeriesView]:
    return _stack


def numbered(series: SeriesView, instance: int, frame: int) -> Pixels:
    """A picture of one value, 10 times its place."""
    array = np.full((SIDE_PX, SIDE_PX), 10 * instance + frame, np.int16)
    return Pixels(array, "MONOCHROME2", 16, True, windows=((100.0, 200.0, ""),))


@pytest.fixture
def look(qtbot: QtBot) -> Iterator[Callable[..., Viewer]]:
    """Opens a viewer on series, in a window of 1000 by 700, and waits for the first picture."""
    made: list[Viewer] = []

    def look_at(*series: SeriesView, decode: object = numbered, **more: object) -> Viewer:
        viewer = Viewer(InMemory(*series), decode, **more)  # type: ignore[arg-type]
        qtbot.addWidget(viewer)
        viewer.resize(1000, 700)
        viewer.show()
        made.append(viewer)
        if decode is numbered and series:
            qtbot.waitUntil(lambda: viewer.is_settled)
        return viewer

    yield look_at
    for each in made:
        each.close_study()
