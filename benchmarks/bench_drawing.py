"""From an event to the painted frame, beside what a person does not notice: 8 ms in the median,
16 ms for all but one in twenty; in a viewport of 1600 x 1000, upright and turned."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from benchmarks.ratio import Ratio
from viewer.dicom.calibration import Basis, Calibration
from viewer.dicom.pixels import Pixels
from viewer.render.orientation import Edges
from viewer.render.pyramid import Drawable, prepare
from viewer.ui.image_view import Hand, ImageView
from viewer.ui.overlay import Corners

VIEWPORT_PX = (1600, 1000)
MEDIAN_MS, MOST_MS = 8.0, 16.0
ROUNDS = 100
NOT_COUNTED = 10
VIEWS = {"": (0, False), ", turned": (90, False), ", turned and flipped": (270, True)}
CORNERS = Corners(
    ("Axial 2 mm", "Head"), ("Image 12 of 500",), ("Width 400  Level 40", "Zoom 195 %"),
    ("Scale: in the body", "512 × 512 pixels"), "Not for diagnosis",
)  # fmt: skip


def measure() -> Iterator[Ratio]:
    """Change the window, the slice, and what is under the magnifier."""
    app = QApplication.instance() or QApplication(["bench"])
    image = ImageView()
    image.resize(*VIEWPORT_PX)
    image.show()
    image.set_overlay(CORNERS, Edges("R", "L", "A", "P"))
    app.processEvents()
    for name, make in (("CT 512", _ct), ("MG 12 Mpx", _mammogram), ("colour 1024", _colour)):
        slices = [prepare(make(seed)) for seed in (1, 2)]
        for words, (rotation, flipped) in VIEWS.items():
            image.set_hand(Hand.WINDOW)
            image.show_drawable(slices[0])
            image.reset()
            image.set_view(replace(image.view, rotation=rotation, flipped=flipped))
            image.fit()
            if not slices[0].colour:
                yield from _figures(f"{name}{words}: window", image, _drag)
            yield from _figures(f"{name}{words}: slice", image, _next_slice(slices))
        image.set_hand(Hand.LOUPE)
        yield from _figures(f"{name}: magnifier", image, _drag)
    image.close()


def _figures(what: str, image: ImageView, act: Callable[[ImageView, int], None]) -> Iterator[Ratio]:
    """Act, and paint at once what has changed."""
    taken_ms = []
    for number in range(NOT_COUNTED + ROUNDS):
        began = time.perf_counter()
        act(image, number)
        image.repaint()
        taken_ms.append((time.perf_counter() - began) * 1e3)
    counted = np.array(taken_ms[NOT_COUNTED:])
    for named, value_ms, limit_ms in (
        ("median", float(np.median(counted)), MEDIAN_MS),
        ("95 %", float(np.percentile(counted, 95)), MOST_MS),
    ):
        limit = f"the limit, {limit_ms:g} ms ({value_ms:.1f} ms)"
        yield Ratio(f"{what}, {named}", 1e3 / value_ms, 1e3 / limit_ms, "/s", limit, 1.0)


def _drag(image: ImageView, number: int) -> None:
    """Move the pointer, with its button down, as a person does."""
    at = QPointF(700 + number % 50 * 4, 500 + number % 30)
    event = QMouseEvent.Type.MouseMove
    if number == 0:
        event = QMouseEvent.Type.MouseButtonPress
    button = Qt.MouseButton.LeftButton
    where = image.mapToGlobal(QPoint(0, 0)) + at.toPoint()
    made = QMouseEvent(event, at, QPointF(where), button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(image, made)
    if number == NOT_COUNTED + ROUNDS - 1:
        release = QMouseEvent.Type.MouseButtonRelease
        QApplication.sendEvent(
            image,
            QMouseEvent(
                release, at, QPointF(where), button, Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier,
            ),
        )  # fmt: skip


def _next_slice(slices: list[Drawable]) -> Callable[[ImageView, int], None]:
    return lambda image, number: image.show_drawable(slices[number % 2])


def _ct(seed: int) -> Pixels:
    rng = np.random.default_rng(seed)
    array = rng.normal(40, 300, (512, 512)).astype(np.int16)
    scale = Calibration(Basis.BODY, (0.7, 0.7))
    return Pixels(
        array, "MONOCHROME2", 16, True, windows=((40.0, 400.0, ""),), modality="CT",
        calibration=scale,
    )  # fmt: skip


def _mammogram(seed: int) -> Pixels:
    rng = np.random.default_rng(seed)
    array = rng.integers(0, 4096, (4096, 3072), dtype=np.uint16)
    return Pixels(array, "MONOCHROME1", 12, False, windows=((2048.0, 4096.0, ""),), modality="MG")


def _colour(seed: int) -> Pixels:
    rng = np.random.default_rng(seed)
    array = rng.integers(0, 256, (768, 1024, 3), dtype=np.uint8)
    return Pixels(array, "RGB", 8, False, modality="US")
