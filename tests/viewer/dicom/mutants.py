"""Damaged files, made from sound ones the same way every time, and what may come of them.

A mutant must end soon, in a picture or in words; and where its format lets one tell that part of
the picture is missing, it must not be a picture.
"""

from __future__ import annotations

import os
import struct
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pydicom
from pydicom.encaps import get_frame

from viewer.dicom.sandbox import Sandbox
from viewer.errors import CannotDraw, NotDicom, ReaderFailed

FLIP, SPREE, CUT, CUT_WITH_END, DOUBLE, HOLE, LENGTH = range(7)
SLOW_S = 20.0  # of a mutant of at most some hundred kilobytes, on a busy machine


@dataclass(frozen=True, slots=True)
class Mutant:
    """One damaged file."""

    of: Path
    kind: int
    data: bytes = field(repr=False)
    lacks: bool = False  # part of its first frame, so that one can tell


@dataclass(slots=True)
class Outcome:
    """How a batch of mutants fared."""

    counts: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    slow: list[tuple[str, int, float]] = field(default_factory=list)
    wrong: list[tuple[str, int, int]] = field(default_factory=list)  # lacks a part, and was drawn


@dataclass(frozen=True, slots=True)
class _Sound:
    """A file before it is damaged."""

    path: Path
    data: bytes
    pixels_at: int
    pixels_end: int  # of the first frame, if it is the only one; else 0
    stream: bytes  # of the first frame, if it is compressed


def mutants(files: list[Path], count: int, seed: int) -> Iterator[Mutant]:
    """Yield `count` mutants of `files`, each in turn."""
    random = np.random.default_rng(seed)
    sound = [_sound(path) for path in files]
    for i in range(count):
        each = sound[i % len(files)]
        kind = int(random.integers(0, 7))
        yield _mutant(each, kind, random)


def _sound(path: Path) -> _Sound:
    data = path.read_bytes()
    whole = pydicom.dcmread(path, force=True)
    at = max(data.rfind(b"\xe0\x7f\x10\x00"), len(data) // 4)
    frames = int(whole.get("NumberOfFrames") or 1)
    if "PixelData" not in whole or not whole["PixelData"].is_undefined_length:
        return _Sound(path, data, at, len(data) - 256 if frames == 1 else 0, b"")
    stream = get_frame(whole.PixelData, 0, number_of_frames=frames).rstrip(b"\0")
    end = data.rfind(stream[-64:]) + 64
    return _Sound(path, data, at, end if frames == 1 else 0, stream)


def _mutant(sound: _Sound, kind: int, random: np.random.Generator) -> Mutant:
    alone = sound.pixels_end and len(sound.stream) > 500 and sound.stream in sound.data
    if kind == CUT_WITH_END and alone:
        return Mutant(sound.path, kind, _cut_within(sound, random), True)
    data = sound.data
    at = sound.pixels_at + int(random.integers(0, max(1, len(data) - sound.pixels_at)))
    if random.random() < 0.25:  # and some in the header
        at = int(random.integers(132, len(data)))
    elif random.random() < 0.25:  # and some where the codestream says what it is
        at = sound.pixels_at + int(random.integers(0, min(300, len(data) - sound.pixels_at)))
    is_cut = kind in (CUT, CUT_WITH_END) and at < sound.pixels_end - 64
    return Mutant(sound.path, kind, _damaged(data, at, sound.pixels_at, kind, random), is_cut)


def _cut_within(sound: _Sound, random: np.random.Generator) -> bytes:
    """Cut the only frame, and mend everything around it as a repair tool would."""
    kept = int(random.integers(len(sound.stream) // 4, len(sound.stream) - 64))
    cut = sound.stream[:kept].rstrip(b"\xff")
    cut += b"\xff\xd9" if sound.stream.endswith(b"\xff\xd9") else b""
    cut += bytes(len(cut) % 2)
    item = sound.data.index(sound.stream[:256]) - 4
    ending = b"\xfe\xff\xdd\xe0" + bytes(4)
    return sound.data[:item] + struct.pack("<L", len(cut)) + cut + ending


def _damaged(data: bytes, at: int, start: int, kind: int, random: np.random.Generator) -> bytes:
    found = bytearray(data)
    if kind == FLIP:
        found[at] ^= 1 << int(random.integers(0, 8))
    elif kind == SPREE:
        for place in random.integers(start, len(data), int(random.integers(2, 40))):
            found[place] = random.integers(0, 256)
    elif kind in (CUT, CUT_WITH_END):
        del found[at:]
    elif kind == DOUBLE:
        found[at:at] = data[at : at + int(random.integers(1, 2000))]
    elif kind == HOLE:
        del found[at : at + int(random.integers(1, 500))]
    else:
        length = int(random.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFF]))
        found[at : at + 4] = length.to_bytes(4, "little")
    return bytes(found)


def run(made: Iterator[Mutant], sandbox: Sandbox, folder: Path) -> Outcome:
    """Read and decode each mutant."""
    found = Outcome()
    path = folder / "mutant.dcm"
    for each in made:
        path.write_bytes(each.data)
        fd = os.open(path, os.O_RDONLY)
        began = time.monotonic()
        try:
            found.counts[_fate(each, sandbox, fd, found)] += 1
        finally:
            os.close(fd)
        took = time.monotonic() - began
        found.slowest_s = max(found.slowest_s, took)
        if took > SLOW_S:
            found.slow.append((each.of.name, each.kind, took))
    return found


def _fate(mutant: Mutant, sandbox: Sandbox, fd: int, found: Outcome) -> str:
    sandbox.headers([("", fd)])
    try:
        pixels = sandbox.decode(fd, 0)
    except (CannotDraw, NotDicom) as error:
        return type(error).__name__
    except ReaderFailed as error:
        return f"ReaderFailed: {error.why}"
    if mutant.lacks:
        found.wrong.append((mutant.of.name, mutant.kind, len(mutant.data)))
    assert pixels.array.size
    return "drawn"
