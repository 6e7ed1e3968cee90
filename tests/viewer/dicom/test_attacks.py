"""Files that attack: each ends in its own sentence, soon, and in bounded memory.

Threats T1 to T4 and T18: programs in preambles, bugs of parsers, bombs, nesting, names.
"""

from __future__ import annotations

import os
import re
import struct
import sys
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom.config import disable_value_validation
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    RLELossless,
)
from specimens import image, slices

from viewer.dicom.header import Header
from viewer.dicom.report import main
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.sandbox.protocol import ADDRESS_BYTES
from viewer.dicom.scan import scan
from viewer.dicom.source import FolderSource
from viewer.errors import ReaderFailed, ViewerError

Open = Callable[[Path | str], int]
Make = Callable[..., Path]
SOON_S = 10.0
EXPLICIT = b"1.2.840.10008.1.2.1\0"
DEFLATED_FRAMES = b"1.2.840.10008.1.2.8.1\0"


@pytest.fixture
def alone() -> Iterator[Sandbox]:
    """A sandbox of one worker, whose memory is then that of one attack."""
    with Sandbox(workers=1, deadline_s=30.0) as started:
        yield started


def _peak_bytes(sandbox: Sandbox) -> int:
    """Return the most address space that the worker ever had."""
    assert sandbox._zygote is not None
    zygote = sandbox._zygote._process.pid
    (worker,) = Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split()
    found = re.search(r"VmPeak:\s+(\d+) kB", Path(f"/proc/{worker}/status").read_text())
    assert found
    return int(found[1]) << 10


def _ending(sandbox: Sandbox, path: Path) -> str:
    """Return in which words reading and drawing a file end; nothing if it is drawn."""
    began = time.monotonic()
    fd = os.open(path, os.O_RDONLY)
    try:
        (header,) = sandbox.headers([("", fd)])
        if not isinstance(header, Header):
            return str(header)
        if not header.drawable:
            return header.why_not
        sandbox.decode(fd, header.frames - 1)
    except ViewerError as error:
        return str(getattr(error, "why", error))
    finally:
        os.close(fd)
        assert time.monotonic() - began < SOON_S
        assert _peak_bytes(sandbox) <= ADDRESS_BYTES
    return ""


def _element(group: int, element: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    said = len(value) if length is None else length
    if vr in (b"OB", b"OW", b"SQ", b"UN", b"UT"):
        return struct.pack("<HH2sHL", group, element, vr, 0, said) + value
    return struct.pack("<HH2sH", group, element, vr, said) + value


def _file(path: Path, body: bytes, syntax: bytes = EXPLICIT, preamble: bytes = bytes(128)) -> Path:
    path.write_bytes(preamble + b"DICM" + _element(2, 0x10, b"UI", syntax) + body)
    return path


def _picture(rows: int = 2, columns: int = 2, frames: bytes = b"1 ", bits: int = 8) -> bytes:
    shape = (rows, columns, bits, bits, bits - 1, 0)
    tags = (0x10, 0x11, 0x100, 0x101, 0x102, 0x103)
    found = _element(8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.7\0")
    found += _element(0x28, 2, b"US", struct.pack("<H", 1))
    found += _element(0x28, 4, b"CS", b"MONOCHROME2 ")
    found += _element(0x28, 8, b"IS", frames)
    return found + b"".join(
        _element(0x28, tag, b"US", struct.pack("<H", value))
        for tag, value in zip(tags, shape, strict=True)
    )


# -- T1: a program in the preamble --------------------------------------------------------------

PROGRAMS = {
    "windows": b"MZ\x90\x00\x03",
    "linux": b"\x7fELF\x02\x01\x01",
    "mac": b"\xcf\xfa\xed\xfe\x07\x00",
    "script": b"#!/bin/sh\nrm -rf ~\n",
    "web page": b"<script>alert(1)</script>",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_program_in_the_preamble_is_flagged_and_does_not_hinder(
    program: bytes, alone: Sandbox, opened: Open, tmp_path: Path
) -> None:
    path = _file(
        tmp_path / "x",
        _picture() + _element(0x7FE0, 0x10, b"OW", b"1234"),
        preamble=program.ljust(128, b"\0"),
    )
    (found,) = alone.headers([("", opened(path))])
    assert isinstance(found, Header) and found.preamble
    assert _ending(alone, path) == ""


def test_a_picture_that_is_tiff_as_well_is_drawn(alone: Sandbox, tmp_path: Path) -> None:
    tiff = b"II*\0" + struct.pack("<L", 8) + struct.pack("<H", 0) + bytes(4)
    body = _picture() + _element(0x7FE0, 0x10, b"OW", b"1234")
    assert _ending(alone, _file(tmp_path / "x", body, preamble=tiff.ljust(128, b"\0"))) == ""


# -- T2, T4: parsers ----------------------------------------------------------------------------

_NEXT = _element(0x10, 0x20, b"LO", b"17")
_HEAD = _element(8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.7\0")
_PIXELS = _element(0x7FE0, 0x10, b"OW", b"1234")
UNDEFINED = 0xFFFFFFFF


def _item(length: int, value: bytes = b"") -> bytes:
    return struct.pack("<HHL", 0xFFFE, 0xE000, length) + value


_LEVEL = _element(8, 0x1140, b"SQ", _item(UNDEFINED), UNDEFINED)
_LONG_ITEM = _element(0x5200, 0x9229, b"SQ", _item(0xFFFFFF0))
_NO_FRAGMENT = _element(0x7FE0, 0x10, b"OB", _item(0) + _item(0xFFFFFFFE, b"ab"), UNDEFINED)
_MISSING = "its picture is missing or damaged"
_WINDOW = _element(0x28, 0x1050, b"DS", b"40.") + _element(0x28, 0x1051, b"DS", b"400 ")
BODIES = {
    "a length beyond the file": (
        _HEAD + _element(8, 0x1030, b"LO", b"abc", 60_000),
        "it is cut short",
    ),
    "a length beyond the file in four bytes": (
        _HEAD + _element(9, 0x1030, b"UN", b"abc", 0x7FFFFFF0),
        "it is cut short",
    ),
    "a negative length": (
        _HEAD + _element(9, 0x1030, b"UN", b"abc", 0xFFFFFFFE),
        "it is cut short",
    ),
    "an odd length": (_picture() + _WINDOW + _PIXELS, ""),
    "an undefined length where none may be": (
        _HEAD + _element(9, 0x1030, b"OB", b"abcd", UNDEFINED),
        "it is damaged",
    ),
    "letters that are no VR": (
        _HEAD + _element(9, 0x1030, b"Q?", b"ab") + _NEXT,
        "it holds no picture",
    ),
    "the VR of a number on a text": (
        _picture() + _element(0x28, 0x1050, b"FD", b"40") + _PIXELS,
        "",
    ),
    "a sequence that is text": (
        _picture() + _element(0x5200, 0x9229, b"SQ", b"not items") + _PIXELS,
        "",
    ),
    "items that end nowhere": (
        _HEAD + _element(8, 0x1140, b"SQ", _item(0) * 3, UNDEFINED),
        "it is damaged",
    ),
    "an item longer than its sequence": (_picture() + _LONG_ITEM + _PIXELS, ""),
    "a fragment shorter than nothing": (_picture(64, 64) + _NO_FRAGMENT, _MISSING),
    "no pixels at all": (_picture() + _element(0x7FE0, 0x10, b"OW", b""), _MISSING),
    "sequences 65 deep": (_HEAD + _LEVEL * 65, "it is nested too deeply"),
    "sequences 300 deep": (_HEAD + _LEVEL * 300, "it is nested too deeply"),
    "sequences 100,000 deep": (_HEAD + _LEVEL * 100_000, "it is nested too deeply"),
}


@pytest.mark.parametrize(("body", "ending"), BODIES.values(), ids=BODIES.keys())
def test_a_parser_is_not_led_astray_by(
    body: bytes, ending: str, alone: Sandbox, tmp_path: Path
) -> None:
    assert _ending(alone, _file(tmp_path / "x", body)) == ending


def test_sequences_as_deep_as_may_be_are_read(alone: Sandbox, tmp_path: Path) -> None:
    closing = struct.pack("<HHLHHL", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    nested = _LEVEL * 64 + closing * 64
    assert _ending(alone, _file(tmp_path / "x", nested + _picture()[len(_HEAD) :] + _PIXELS)) == ""


def test_a_fragment_that_claims_less_than_it_holds_is_never_shown(
    alone: Sandbox, made: Make, tmp_path: Path
) -> None:
    """A length that underflows once bytes are taken from it."""
    path = made(
        np.zeros((64, 64), np.uint8), syntax=RLELossless, PixelData=encapsulate([b"\1" * 3])
    )
    assert _ending(alone, path) == "its picture is damaged"


# -- T3: bombs ----------------------------------------------------------------------------------


def _deflated(size: int, head: bytes = b"") -> bytes:
    squeezer = zlib.compressobj(9, wbits=-15)
    parts = [squeezer.compress(head)]
    parts += [squeezer.compress(bytes(1 << 20)) for _ in range(size >> 20)]
    return b"".join([*parts, squeezer.flush()])


def test_half_a_megabyte_that_unpacks_to_half_a_gigabyte(alone: Sandbox, tmp_path: Path) -> None:
    head = _element(9, 0x1010, b"OB", b"", 0x1FFFFFF0)
    path = _file(
        tmp_path / "x", _deflated(512 << 20, head), DeflatedExplicitVRLittleEndian.encode() + b"\0"
    )
    assert path.stat().st_size < 600_000
    assert _ending(alone, path) == "it unpacks to more than we allow"


def test_a_frame_that_unpacks_to_half_a_gigabyte(alone: Sandbox, tmp_path: Path) -> None:
    frame = _deflated(512 << 20)
    fragments = _item(0) + _item(len(frame) + len(frame) % 2, frame + b"\0" * (len(frame) % 2))
    body = _picture(64, 64) + _element(0x7FE0, 0x10, b"OB", fragments, UNDEFINED)
    # What the picture needs is unpacked, and not a byte more.
    assert _ending(alone, _file(tmp_path / "x", body, DEFLATED_FRAMES)) == ""


@pytest.mark.parametrize(
    ("rows", "columns", "frames", "bits", "ending"),
    (
        (65535, 65535, b"1 ", 8, "it is larger than we can draw"),
        (65535, 65535, b"2147483647", 16, "it is larger than we can draw"),
        (2, 2, b"2147483647", 8, "it has no such frame"),
        (2, 2, b"-5", 8, ""),
        (2, 2, b"1e99", 8, ""),
        (0, 65535, b"1 ", 8, "its size is not given"),
        (2, 2, b"1 ", 65535, "it has 65535 bits a value"),
    ),
)
def test_sizes_that_overflow_when_they_are_multiplied(
    rows: int, columns: int, frames: bytes, bits: int, ending: str, alone: Sandbox, tmp_path: Path
) -> None:
    path = _file(tmp_path / "x", _picture(rows, columns, frames, bits) + _PIXELS)
    assert (
        _ending(alone, path).replace("its picture is cut short", "it has no such frame") == ending
    )


def test_a_list_as_long_as_the_file(alone: Sandbox, opened: Open, tmp_path: Path) -> None:
    numbers = b"1\\" * (8 << 20)
    window = struct.pack("<HH2sHL", 0x28, 0x1050, b"UN", 0, len(numbers)) + numbers
    path = _file(tmp_path / "x", _picture() + window + _PIXELS)
    assert _ending(alone, path) == ""
    (found,) = alone.headers([("", opened(path))])
    assert isinstance(found, Header) and found.windows == ()


def test_empty_frames_by_the_million(alone: Sandbox, tmp_path: Path) -> None:
    fragments = _item(0) * (1 + (1 << 20))
    body = _picture(2, 2, b"1048576 ") + _element(0x7FE0, 0x10, b"OB", fragments, UNDEFINED)
    path = _file(tmp_path / "x", body, JPEGBaseline8Bit.encode())
    assert _ending(alone, path) in (
        "its picture is cut short",
        "its picture is damaged",
        "it took too long",
    )


# -- T18: names ---------------------------------------------------------------------------------

NAMES = (
    "../../../etc/passwd",
    "/etc/passwd",
    "..\\..\\windows\\system32\\config",
    "C:\\Windows\\System32",
    "CON",
    "NUL.dcm",
    "a\0b",
    "x" * 5000,
    "~root",
    "$(touch /tmp/owned)",
    "%2e%2e%2fetc",
    "\N{RIGHT-TO-LEFT OVERRIDE}mcd.exe",
    ".",
    "",
)
UIDS = ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
TEXTS = ("PatientName", "PatientID", "SeriesDescription")


class _Opened:
    """Every path that this process opens, lists or makes meanwhile, by Python's audit events."""

    EVENTS = frozenset(
        {"open", "os.scandir", "os.listdir", "os.mkdir", "os.rename", "os.remove", "os.link"}
    )
    watching: list[str] | None = None

    def __enter__(self) -> list[str]:
        _Opened.watching = []
        return _Opened.watching

    def __exit__(self, *_: object) -> None:
        _Opened.watching = None


def _audit(event: str, given: tuple[object, ...]) -> None:
    watching = _Opened.watching
    if watching is not None and event in _Opened.EVENTS and isinstance(given[0], (str, bytes)):
        watching.append(os.fsdecode(given[0]))


sys.addaudithook(_audit)


def test_the_watch_on_paths_sees_what_is_opened(tmp_path: Path) -> None:
    with _Opened() as paths:
        (tmp_path / "x").write_text("x")
    assert paths == [str(tmp_path / "x")]


@pytest.mark.parametrize("name", NAMES)
def test_no_path_is_built_from_what_a_file_says(
    name: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    with disable_value_validation():
        found = image(1, SpecificCharacterSet="ISO_IR 192", **dict.fromkeys(TEXTS, name))
        plain = name.encode("ascii", "replace").decode()
        for tag in UIDS:
            setattr(found, tag, plain)
        found.ReferencedFileID = [plain]
        found.file_meta = FileMetaDataset()
        found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        found.file_meta.MediaStorageSOPInstanceUID = plain
        path = tmp_path / "disc" / "x"
        path.parent.mkdir()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found.save_as(path, enforce_file_format=False)
    with _Opened() as paths:
        source = FolderSource([path.parent], sandbox)
        for i, series in enumerate(source.series()):
            for j, _ in enumerate(series.headers):
                fd = source.open(i, j, 0)
                try:
                    assert sandbox.decode(fd, 0).array[0, 0] == 1
                finally:
                    os.close(fd)
    assert str(path) in paths
    assert set(paths) - {os.devnull} == {str(path), str(path.parent)}


ODD_NAMES = (
    b"caf\xe9.dcm",
    b"\xff\xfe",
    b"new\nline",
    b"tab\t",
    b" ",
    b"-rf",
    b"\x1b[2J",
    b"a" * 255,
)


def test_files_with_odd_names_are_read_and_told_of(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    (given,) = slices(tmp_path / "made", (0.0,))
    folder = tmp_path / "disc"
    folder.mkdir()
    for i, name in enumerate(ODD_NAMES):
        data = given.read_bytes().replace(b"InstanceNumber", b"")
        with open(os.fsencode(folder) + b"/" + name, "wb") as file:  # noqa: PTH123
            file.write(data + bytes(2 * i))
    assert main([str(folder)]) == 0
    lines = capsysbinary.readouterr().out.splitlines()
    told = [line for line in lines if b"\t" in line]
    assert len(told) == len(ODD_NAMES)
    assert not any(byte in line for line in told for byte in (b"\x1b", b"\n"))


def test_a_file_that_becomes_a_link_after_the_scan_is_not_followed(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    (path,) = slices(tmp_path / "disc", (0.0,))
    source = FolderSource([path.parent], sandbox)
    (tmp_path / "secret").write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(tmp_path / "secret")
    with pytest.raises(ReaderFailed):
        source.open(0, 0, 0)


def test_what_breaks_says_nothing_of_the_person(
    tmp_path: Path, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    path = _file(tmp_path / "x", _HEAD + _element(0x10, 0x10, b"PN", b"Secret^Sam", 60_000))
    found = scan([tmp_path], sandbox)
    said = [repr(found), str(found.files), *(each.header.why_not for each in found.files)]
    fd = os.open(path, os.O_RDONLY)
    try:
        with pytest.raises(ViewerError) as raised:
            sandbox.decode(fd, 0)
    finally:
        os.close(fd)
    said += [str(raised.value), repr(raised.value), caplog.text]
    assert not any("Secret" in each for each in said)
