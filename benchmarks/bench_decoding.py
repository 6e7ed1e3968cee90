"""Decoding of frames in the sandbox beside DCMTK's decoders, of the same multi-frame files.

DCMTK's time is that of its program over the compressed file less that of dcmconv over the raw
one, which reads and writes as much. Ours is the whole way to an array in the application.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from benchmarks.ratio import Ratio
from viewer.dicom.sandbox import Sandbox

FRAMES, SIDE, ROUNDS = 48, 512, 5
TWICE = 1.6  # two threads over one
CODECS = (  # what, kind of picture, encoder, decoder, floor
    ("JPEG lossless", "grey", ("dcmcjpeg", "+e1"), "dcmdjpeg", 1.0),
    ("JPEG 12 bit", "grey", ("dcmcjpeg", "+ee"), "dcmdjpeg", 0.7),
    ("JPEG baseline, colour", "colour", ("dcmcjpeg", "+eb"), "dcmdjpeg", 1.0),
    ("JPEG-LS", "grey", ("dcmcjpls",), "dcmdjpls", 1.0),
    ("RLE", "grey", ("dcmcrle",), "dcmdrle", 1.0),
)


def measure() -> Iterator[Ratio]:
    """Decode a CT, and an ultrasound in colour, frame by frame."""
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # no disk's time is in it
    with tempfile.TemporaryDirectory(dir=memory) as name, Sandbox() as sandbox:
        folder = Path(name)
        raw = {"grey": _written(folder, _ct()), "colour": _written(folder, _ultrasound())}
        for what, kind, encoder, decoder, floor in CODECS:
            packed, out = folder / "packed.dcm", folder / "out.dcm"
            _run(*encoder, raw[kind], packed)
            reading_s = _least_s(lambda: _run("dcmconv", raw[kind], out))  # noqa: B023
            theirs_s = _least_s(lambda: _run(decoder, packed, out)) - reading_s  # noqa: B023
            one, two = (_frames_per_s(sandbox, packed, threads) for threads in (1, 2))
            yield Ratio(what, one, FRAMES / theirs_s, "fr/s", decoder, floor)
            yield Ratio(f"{what}, two threads", two, one, "fr/s", "one thread", TWICE)


def _run(*command: str | Path) -> None:
    subprocess.run([str(each) for each in command], check=True, capture_output=True, timeout=120)


def _least_s(call: Callable[[], None]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - began)
    return best


def _frames_per_s(sandbox: Sandbox, path: Path, threads: int) -> float:
    fd = os.open(path, os.O_RDONLY)
    try:
        with ThreadPoolExecutor(threads) as pool:

            def whole() -> None:
                list(pool.map(lambda frame: sandbox.decode(fd, frame), range(FRAMES)))

            whole()  # parses the file in each worker
            return FRAMES / _least_s(whole)
    finally:
        os.close(fd)


def _ct() -> np.ndarray:
    """Slices of 12 bits with the noise of a scanner, correlated as its kernel makes it."""
    random = np.random.default_rng(1)
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    body = np.where(x**2 / 0.7 + y**2 < 0.8, 1040, 24)
    body = np.where((x - 0.2) ** 2 + y**2 < 0.03, 1900, body)
    frames = []
    for i in range(FRAMES):
        noise = random.normal(0, 14, (SIDE, SIDE))
        noise = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1)) / 1.7
        lesion = np.where((x + 0.3) ** 2 + (y - i / FRAMES) ** 2 < 0.01, 60, 0)
        frames.append((body + lesion + noise).clip(0, 4095).astype(np.uint16))
    return np.stack(frames)


def _ultrasound() -> np.ndarray:
    """A fan of speckle on black, with a coloured bar beside it."""
    random = np.random.default_rng(2)
    y, x = np.mgrid[0 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    fan = (np.abs(x) < 0.7 * y) & (y > 0.1)
    frames = []
    for _ in range(FRAMES):
        speckle = random.rayleigh(40, (SIDE, SIDE)).clip(0, 255)
        frame = np.repeat(np.where(fan, speckle, 0)[..., None], 3, 2)
        frame[:, -16:] = np.linspace((0, 0, 255), (255, 0, 0), SIDE)[:, None]
        frames.append(frame.astype(np.uint8))
    return np.stack(frames)


def _written(folder: Path, frames: np.ndarray) -> Path:
    colour = frames.ndim == 4
    found = Dataset()
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    found.file_meta.MediaStorageSOPClassUID = found.SOPClassUID
    found.SOPInstanceUID = found.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    found.StudyInstanceUID, found.SeriesInstanceUID = generate_uid(), generate_uid()
    found.Rows, found.Columns, found.NumberOfFrames = SIDE, SIDE, FRAMES
    found.SamplesPerPixel = 3 if colour else 1
    found.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        found.PlanarConfiguration = 0
    found.BitsAllocated = 8 if colour else 16
    found.BitsStored = 8 if colour else 12
    found.HighBit, found.PixelRepresentation = found.BitsStored - 1, 0
    found.add(pydicom.DataElement(0x7FE00010, "OB" if colour else "OW", frames.tobytes()))
    path = folder / ("colour.dcm" if colour else "grey.dcm")
    found.save_as(path, enforce_file_format=True)
    return path
