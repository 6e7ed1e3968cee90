"""The viewer's window on large studies from disk, beside what a person is owed.

A window of its own program each, so that memory and start are its own. Times are put as rates: a
ratio of 1 is the time that is owed, 2 half of it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.ratio import Ratio

if TYPE_CHECKING:
    from viewer.ui import Viewer

SLICES, SIDE_PX = 500, 512
FIRST_S, ALL_S, GAP_MS, START_S = 0.5, 2.5, 30.0, 0.4
MORE_BYTES = 150 << 20  # over the volume itself
VOLUME_BYTES = SLICES * SIDE_PX * SIDE_PX * 2
HEARTBEAT_MS = 1
PATIENCE_S = 60.0
HEAVY = ("web3", "pydicom", "keyring")  # what no first window waits for
START = (
    "import sys, time; began = time.perf_counter();"
    "from PySide6.QtCore import QTimer; from PySide6.QtWidgets import QApplication;"
    "from pathlib import Path; from app.ui.main import Shell, Viewers, _load_door;"
    "from app.ui.preferences import Preferences; from app.ui.theme import Theme;"
    "app = QApplication(['start']); kept = Preferences();"
    "theme = Theme(app, kept.choice, kept.scale);"
    "shell = Shell(_load_door, Path(sys.argv[1]), Viewers(kept), theme, kept); shell.show();"
    "app.processEvents();"
    "print(time.perf_counter() - began, *(n for n in sys.argv[2:] if n in sys.modules));"
    "import os; sys.stdout.flush(); os._exit(0)"
)


def measure() -> Iterator[Ratio]:
    """Open, fill and scroll a CT of 500 slices; start the application."""
    with tempfile.TemporaryDirectory() as folder:
        write_ct(Path(folder), SLICES)
        seen = _in_a_program("benchmarks.bench_viewer", folder)
        with_path = _in_a_program_that_starts(folder)
    owed = "what a person is owed"
    yield Ratio("first picture of a CT of 500", 1 / seen["first_s"], 1 / FIRST_S, "1/s", owed, 1.0)
    yield Ratio("all of it to scroll through", 1 / seen["all_s"], 1 / ALL_S, "1/s", owed, 1.0)
    gap = seen["gap_ms"]
    yield Ratio("beats of the window meanwhile", 1000 / gap, 1000 / GAP_MS, "1/s", owed, 1.0)
    least = 1e9 / seen["memory_bytes"]
    yield Ratio(
        "memory for it", least, 1e9 / (VOLUME_BYTES + MORE_BYTES), "1/GB", "volume + 150 MB", 1.0
    )
    yield Ratio("first window of the application", 1 / with_path, 1 / START_S, "1/s", owed, 1.0)


def _in_a_program(module: str, *arguments: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        check=True, capture_output=True, text=True, env=_environment(), timeout=300,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _in_a_program_that_starts(home: str) -> float:
    """Return the seconds to the first painted window."""
    done = subprocess.run(
        [sys.executable, "-c", START, home, *HEAVY],
        check=True, capture_output=True, text=True, env=_environment(), timeout=300,
    )  # fmt: skip
    seconds, *imported = done.stdout.split()
    if imported:
        raise ValueError(f"the first window imported {', '.join(imported)}")
    return float(seconds)


def _environment() -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", "RAYFOLIO_LOOPBACK": "1"}


def write_ct(folder: Path, count: int, side_px: int = SIDE_PX, series: int = 1) -> None:
    """Write a CT that nobody had: uncompressed slices 1 mm apart, of noise."""
    import numpy as np
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

    noise = np.random.default_rng(7).integers(-1000, 1500, (side_px, side_px + count), np.int16)
    for n in range(count):
        file = Dataset()
        file.file_meta = FileMetaDataset()
        file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        file.SOPClassUID = file.file_meta.MediaStorageSOPClassUID = CTImageStorage
        file.SOPInstanceUID = file.file_meta.MediaStorageSOPInstanceUID = f"1.2.{series}.{n + 1}"
        file.StudyInstanceUID, file.SeriesInstanceUID = "1.2.9", f"1.2.8.{series}"
        file.FrameOfReferenceUID = "1.2.7"
        file.PatientName, file.PatientID, file.StudyDate = "Nobody^At All", "0", "20250101"
        file.Modality, file.InstanceNumber, file.SeriesNumber = "CT", n + 1, series
        file.SeriesDescription = f"Noise {series}"
        file.ImagePositionPatient = [0, 0, n]
        file.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        file.PixelSpacing, file.SliceThickness = [1, 1], 1
        file.Rows = file.Columns = side_px
        file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
        file.BitsAllocated, file.BitsStored, file.HighBit = 16, 16, 15
        file.PixelRepresentation = 1
        file.RescaleSlope, file.RescaleIntercept = 1, 0
        file.WindowCenter, file.WindowWidth = 40, 400
        file.PixelData = np.ascontiguousarray(noise[:, n : n + side_px]).tobytes()
        file.save_as(folder / f"{series}-{n}.dcm", enforce_file_format=True)


class Heartbeat:
    """The longest time in which a window did nothing for anybody."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.gap_ms = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer(interval=HEARTBEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def begin(self) -> None:
        """Count from here."""
        self.gap_ms, self._last = 0.0, time.perf_counter()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gap_ms = max(self.gap_ms, 1000 * (now - self._last))
        self._last = now


def until(condition: Callable[[], bool]) -> None:
    """Let the window live until something holds."""
    from PySide6.QtCore import QCoreApplication, QEventLoop

    began = time.perf_counter()
    while not condition():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if time.perf_counter() - began > PATIENCE_S:
            raise ValueError("it took more than a minute")


def _view(folder: str) -> dict[str, float]:
    """Open the study in a program that runs; return times, the longest gap, and the memory."""
    from PySide6.QtWidgets import QApplication

    from app.pictures import FolderPictures
    from viewer.ui import Viewer

    app = QApplication(["viewer"])
    beat = Heartbeat()
    began = time.perf_counter()
    pictures = FolderPictures(Path(folder))
    viewer = Viewer(pictures.source, pictures.decode)
    viewer.resize(1280, 800)
    viewer.show()
    until(lambda: viewer.is_settled)
    app.processEvents()
    first_s = time.perf_counter() - began
    beat.begin()
    until(lambda: len(viewer.loader.cache) >= len(viewer.cell.pile))
    all_s = time.perf_counter() - began
    _scroll(viewer)
    found = {
        "first_s": first_s,
        "all_s": all_s,
        "gap_ms": beat.gap_ms,
        "memory_bytes": _most_held(),
    }
    viewer.close()
    pictures.close()
    return found


def _most_held() -> int:
    """Return the most memory that this program has held, bytes.

    What getrusage says counts the program that started this one as well.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    (line,) = (each for each in status.read_text().splitlines() if each.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def _scroll(viewer: Viewer) -> None:
    """Go through all of it as fast as the window can paint."""
    from PySide6.QtCore import QCoreApplication

    viewer.show_place(0)
    for _ in range(len(viewer.cell.pile)):
        viewer.step(1)
        QCoreApplication.processEvents()


if __name__ == "__main__":
    print(json.dumps(_view(sys.argv[1])))
