"""Pictures by presentation states against DCMTK's, which makes the states and draws them too."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from viewer.dicom.presentation import applied
from viewer.dicom.sandbox import Sandbox
from viewer.render.pipeline import to_grey8

pytestmark = pytest.mark.live

Change = Callable[[Dataset], None]


def _table(values: np.ndarray, first: int, bits: int, name: str) -> Dataset:
    found = Dataset()
    found.LUTDescriptor = [len(values), first, bits]
    found.LUTExplanation = name
    found.add_new(0x00283006, "OW", values.astype("<u2").tobytes())
    return found


def _windowed(centre: float, width: float) -> Change:
    def change(state: Dataset) -> None:
        voi = Dataset()
        voi.WindowCenter, voi.WindowWidth = centre, width
        state.SoftcopyVOILUTSequence = Items([voi])

    return change


def _turned(degrees: int, flip: str) -> Change:
    def change(state: Dataset) -> None:
        state.ImageRotation, state.ImageHorizontalFlip = degrees, flip

    return change


def _inverse(state: Dataset) -> None:
    state.PresentationLUTShape = "INVERSE"


def _by_table(state: Dataset) -> None:
    curve = (np.linspace(0, 1, 1024) ** 0.5 * 4095).round()
    voi = Dataset()
    voi.VOILUTSequence = Items([_table(curve, 0, 12, "curve")])
    state.SoftcopyVOILUTSequence = Items([voi])


def _presented(state: Dataset) -> None:
    del state.PresentationLUTShape
    curve = (np.linspace(0, 1, 4096) ** 2 * 65535).round()
    state.PresentationLUTSequence = Items([_table(curve, 0, 16, "curve")])


def _rescaled(state: Dataset) -> None:
    state.RescaleSlope, state.RescaleIntercept, state.RescaleType = "2", "-100", "US"


def _none(state: Dataset) -> None:
    state.pop("SoftcopyVOILUTSequence", None)


WINDOWS = {"CT_small.dcm": _windowed(0, 1500), "MR_small.dcm": _windowed(600, 1600)}
CHANGES: dict[str, Change] = {
    "as it is": lambda _: None,
    "no window": _none,
    "narrow": _windowed(500, 300),
    "wide": _windowed(1000.5, 3000),
    "inverse": _inverse,
    "a table": _by_table,
    "a presentation table": _presented,
    "rescaled": _rescaled,
    **{f"turned {n} {flip}": _turned(n, flip) for n in (0, 90, 180, 270) for flip in "NY"},
}


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    with Sandbox() as started:
        yield started


def _drawn_by_dcmtk(state: Path, image: str, out: Path) -> np.ndarray:
    subprocess.run(["dcmp2pgm", "-q", "-p", state, image, out], check=True, capture_output=True)
    data = out.read_bytes()
    head = re.match(rb"P5\s+(?:#.*\n)?\s*(\d+)\s+(\d+)\s+255\s", data)
    assert head
    columns, rows = int(head[1]), int(head[2])
    return np.frombuffer(data[-columns * rows :], np.uint8).reshape(rows, columns)


def _drawn_by_us(sandbox: Sandbox, state: Path, image: str) -> np.ndarray:
    fds = [os.open(each, os.O_RDONLY) for each in (state, image)]
    try:
        found, pixels = sandbox.presentation(fds[0]), sandbox.decode(fds[1], 0)
    finally:
        for fd in fds:
            os.close(fd)
    uid = str(dcmread(image, stop_before_pixels=True).SOPInstanceUID)
    assert found.covers(uid, 0)
    seen = np.rot90(to_grey8(applied(found, pixels, uid, 0)), -found.rotation // 90)
    return seen[:, ::-1] if found.flipped else seen


@pytest.mark.parametrize("name", ("CT_small.dcm", "MR_small.dcm"))
@pytest.mark.parametrize("change", CHANGES)
def test_a_picture_by_a_state_is_the_same_as_dcmtk_draws(
    name: str, change: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    image = get_testdata_file(name, download=False)
    state = tmp_path / "state"
    subprocess.run(["dcmpsmk", "-q", image, state], check=True, capture_output=True)
    found = dcmread(state)
    WINDOWS[name](found)
    CHANGES[change](found)
    found.save_as(state)
    theirs = _drawn_by_dcmtk(state, image, tmp_path / "out.pgm").astype(int)
    ours = _drawn_by_us(sandbox, state, image)
    assert ours.shape == theirs.shape
    assert len(np.unique(theirs)) > 5
    # DCMTK cuts off where we round, and looks tables of presentation up in steps of its own.
    most = 2 if "table" in change else 1
    assert np.abs(ours - theirs).max() <= most
