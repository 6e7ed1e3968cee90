"""Folders to series to descriptors."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGLSLossless, RLELossless

from viewer.dicom.header import Header
from viewer.dicom.report import main
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.scan import scan, walk
from viewer.dicom.source import FolderSource, frame_file

Open = Callable[[Path | str], int]
Make = Callable[..., Path]
FRAMES = np.random.default_rng(5).integers(0, 4096, (6, 40, 50)).astype(np.uint16)


def test_links_devices_and_pipes_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("x")
    inside = tmp_path / "inside"
    (inside / "deep").mkdir(parents=True)
    (inside / "deep" / "b").write_text("x")
    (inside / "a").write_text("x")
    (inside / "link").symlink_to(outside)
    (inside / "file").symlink_to(outside / "secret")
    (inside / "loop").symlink_to(inside)
    os.mkfifo(inside / "pipe")
    assert [each.relative for each in walk([inside])] == ["a", "deep/b"]
    assert [each.relative for each in walk([inside / "a", tmp_path / "absent"])] == ["a"]


def test_a_scan_tells_instances_from_the_rest(sandbox: Sandbox, made: Make, tmp_path: Path) -> None:
    made(FRAMES)
    (tmp_path / "notes.txt").write_text("hello")
    seen: list[tuple[str, int, int]] = []
    found = scan([tmp_path], sandbox, lambda *told: seen.append(told))
    assert [each.relative for each in found.files] == ["1.dcm"]
    assert [each.path.name for each in found.skipped] == ["notes.txt"]
    assert "not a DICOM" in found.skipped[0].reason
    assert seen == [("reading", 0, 2), ("reading", 2, 2)]


def test_a_scan_that_is_stopped_stops(sandbox: Sandbox, made: Make, tmp_path: Path) -> None:
    made(FRAMES)

    class Stopped(Exception):
        pass

    def stop(what: str, done: int, total: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        scan([tmp_path], sandbox, stop)


def test_a_folder_gives_series_whose_frames_decode(
    sandbox: Sandbox, made: Make, tmp_path: Path
) -> None:
    for i in (2, 0, 1):
        made(
            np.full((4, 4), i, np.uint16),
            InstanceNumber=str(9 - i),
            ImagePositionPatient=[0, 0, i],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            SeriesDescription="Head",
        )
    source = FolderSource([tmp_path], sandbox)
    (series,) = source.series()
    assert (series.title, series.modality, len(series.headers)) == ("Head", "OT", 3)
    for i in range(3):
        fd = source.open(0, i, 0)
        try:
            assert sandbox.decode(fd, 0).array[0, 0] == i
            with pytest.raises(OSError):
                os.write(fd, b"x")
        finally:
            os.close(fd)


def _fragmented(streams: list[bytes], table: bool) -> bytes:
    return encapsulate(streams, fragments_per_frame=3, has_bot=table)


def _rle(frame: np.ndarray) -> bytes:
    planes = [(frame >> 8).astype(np.uint8), (frame & 255).astype(np.uint8)]
    packed = [imagecodecs.packbits_encode(each) for each in planes]
    offsets = [2, 64, 64 + len(packed[0])] + [0] * 13
    return np.array(offsets, "<u4").tobytes() + b"".join(packed)


def _multi(made: Make, kind: str) -> Path:
    if kind == "native":
        return made(FRAMES)
    if kind == "rle":
        streams = [_rle(each) for each in FRAMES]
        return made(FRAMES, syntax=RLELossless, PixelData=encapsulate(streams))
    streams = [imagecodecs.jpegls_encode(each) for each in FRAMES]
    data = {
        "items": lambda: encapsulate(streams, has_bot=False),
        "fragments, table": lambda: _fragmented(streams, True),
        "fragments, no table": lambda: _fragmented(streams, False),
    }[kind]()
    return made(FRAMES, syntax=JPEGLSLossless, PixelData=data)


KINDS = ("native", "rle", "items", "fragments, table", "fragments, no table")


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_decodes_from_its_spans_alone(
    kind: str, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    path = _multi(made, kind)
    (header,) = sandbox.headers([("", opened(path))])
    assert isinstance(header, Header)
    whole, fetched = path.read_bytes(), []

    def read(offset: int, length: int) -> bytes:
        fetched.append(length)
        return whole[offset : offset + length]

    for frame in range(6):
        fetched.clear()
        fd = frame_file(header, frame, read)
        try:
            assert np.array_equal(sandbox.decode(fd, frame).array, FRAMES[frame])
            with pytest.raises(OSError):
                os.write(fd, b"x")
        finally:
            os.close(fd)
        assert sum(fetched) < header.pixel_start + header.size // 4


def test_one_bit_frames_decode_from_their_spans_alone(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    bits = np.random.default_rng(7).integers(0, 2, (9, 3, 5), np.uint8)
    packed = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    path = made(bits, BitsAllocated=1, BitsStored=1, HighBit=0, PixelData=packed + b"\0")
    (header,) = sandbox.headers([("", opened(path))])
    assert isinstance(header, Header)
    whole = path.read_bytes()
    for frame in range(9):
        fd = frame_file(header, frame, lambda at, n: whole[at : at + n])
        try:
            assert np.array_equal(sandbox.decode(fd, frame).array, bits[frame])
        finally:
            os.close(fd)


def test_the_report_has_a_line_for_each_file(
    made: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(FRAMES)
    made()
    (tmp_path / "notes.txt").write_text("hello")
    assert main([str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["1.dcm\tdrawn", "2.dcm\tnot drawn\tit holds no picture"]
    assert lines[2].startswith("notes.txt\tno instance\t")
