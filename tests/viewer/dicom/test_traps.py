"""What the children must not fall into: each trap by the attack or the accident that springs it.

The others of these traps have tests where they belong: cut codestreams, cut files and slots that
show the frame before in test_hostile_files; a ring that shrinks and descriptors that a child
sends in test_sandbox; starting a frozen application in tests/app.
"""

from __future__ import annotations

import os
import pickle
import re
import signal
import struct
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import ExplicitVRLittleEndian
from specimens import Frame, enhanced, image, save

from viewer.dicom.header import Header
from viewer.dicom.sandbox import Sandbox, replies
from viewer.dicom.sandbox.protocol import ADDRESS_BYTES, BATCH, RING_BYTES
from viewer.dicom.scan import scan
from viewer.errors import NotDicom, ReaderFailed

Open = Callable[[Path | str], int]
Find = Callable[[str], Path]
TOP = Path(__file__).parents[3]


@pytest.fixture
def own() -> Iterator[Sandbox]:
    with Sandbox(workers=1) as started:
        yield started


def _zygote(sandbox: Sandbox) -> int:
    assert sandbox._zygote is not None
    return sandbox._zygote._process.pid


def _workers(sandbox: Sandbox) -> list[int]:
    zygote = _zygote(sandbox)
    return [
        int(each) for each in Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split()
    ]


def _is_there(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def _until(is_so: Callable[[], bool]) -> bool:
    ends = time.monotonic() + 10
    while not is_so() and time.monotonic() < ends:
        time.sleep(0.01)
    return is_so()


class Runs:
    """Says when it was unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (os.environ["RAYFOLIO_TRAP"],)


def test_a_reply_that_is_a_pickle_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYFOLIO_TRAP", str(tmp_path / "ran"))
    hostile = pickle.dumps(Runs())
    with pytest.raises(replies.Malformed):
        replies.read(hostile, lambda at, length: bytes(length))
    assert not (tmp_path / "ran").exists()
    pickle.loads(hostile)
    assert (tmp_path / "ran").exists()  # it would have run


def test_shared_memory_has_no_name_that_others_could_open(
    own: Sandbox, bundled: Find, opened: Open
) -> None:
    before = set(Path("/dev/shm").iterdir())
    own.decode(opened(bundled("CT_small.dcm")), 0)
    assert set(Path("/dev/shm").iterdir()) <= before


def test_a_file_that_is_nested_three_thousand_deep_is_never_printed(
    own: Sandbox, opened: Open, tmp_path: Path
) -> None:
    body = b""
    for _ in range(3000):
        body = struct.pack("<HHL", 0xFFFE, 0xE000, len(body)) + body
        body = struct.pack("<HH2sHL", 8, 0x1140, b"SQ", 0, len(body)) + body
    meta = struct.pack("<HH2sH", 2, 0x10, b"UI", 20) + ExplicitVRLittleEndian.encode() + b"\0"
    (tmp_path / "x").write_bytes(bytes(128) + b"DICM" + meta + body)
    own.headers([("", opened(tmp_path / "x"))])
    began = time.monotonic()
    (found,) = own.headers([("", opened(tmp_path / "x"))])
    assert isinstance(found, (Header, NotDicom))
    assert time.monotonic() - began < 2


def test_a_machine_with_many_cores_does_not_fill_the_address_space(
    own: Sandbox, bundled: Find, opened: Open
) -> None:
    own.decode(opened(bundled("CT_small.dcm")), 0)
    given = Path(f"/proc/{_zygote(own)}/environ").read_bytes().split(b"\0")
    assert b"OPENBLAS_NUM_THREADS=1" in given
    for pid in (_zygote(own), *_workers(own)):
        assert len(list(Path(f"/proc/{pid}/task").iterdir())) == 1


def test_the_limit_on_memory_counts_the_ring_and_leaves_room_for_a_picture(
    own: Sandbox, opened: Open, tmp_path: Path
) -> None:
    large = np.zeros((8192, 8192), np.uint16)  # all of the ring
    assert large.nbytes == RING_BYTES
    found = image(0, rows=1, columns=1)
    found.Rows, found.Columns = large.shape
    found.PixelData = large.tobytes()
    assert own.decode(opened(save(found, tmp_path / "x")), 0).array.shape == large.shape
    (worker,) = _workers(own)
    limits = Path(f"/proc/{worker}/limits").read_text()
    assert re.search(rf"Max address space +{ADDRESS_BYTES} +{ADDRESS_BYTES} ", limits)
    assert re.search(r"Max processes +0 +0 ", limits)
    assert re.search(r"Max file size +0 +0 ", limits)


@pytest.mark.parametrize("how", (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV))
def test_workers_end_with_the_zygote_however_it_ends(
    how: signal.Signals, own: Sandbox, bundled: Find, opened: Open
) -> None:
    own.decode(opened(bundled("CT_small.dcm")), 0)
    zygote, (worker,) = _zygote(own), _workers(own)
    os.kill(zygote, how)
    assert _until(lambda: not _is_there(worker))


def test_workers_outlive_the_thread_that_first_asked(
    own: Sandbox, bundled: Find, opened: Open
) -> None:
    fd = opened(bundled("CT_small.dcm"))
    thread = threading.Thread(target=lambda: own.decode(fd, 0))
    thread.start()
    thread.join()
    before = _workers(own)
    assert own.decode(fd, 0).rows == 128
    assert _workers(own) == before != []


def test_an_interrupt_at_the_keyboard_ends_no_child(
    own: Sandbox, bundled: Find, opened: Open
) -> None:
    fd = opened(bundled("CT_small.dcm"))
    own.decode(fd, 0)
    before = [_zygote(own), *_workers(own)]
    for pid in before:
        os.kill(pid, signal.SIGINT)
    assert own.decode(fd, 0).rows == 128
    assert [_zygote(own), *_workers(own)] == before


def test_a_program_without_a_guard_is_not_run_again_by_its_children(tmp_path: Path) -> None:
    path = get_testdata_file("CT_small.dcm", download=False)
    program = tmp_path / "program.py"
    program.write_text(
        f"import os, sys\nsys.path.insert(0, {str(TOP)!r})\n"
        "from viewer.dicom.sandbox import Sandbox\nprint('began')\n"
        f"with Sandbox() as s:\n    print(s.decode(os.open({str(path)!r}, 0), 0).rows)\n"
    )
    done = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["began", "128"]


CODED = (
    "CT_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "JPGExtended.dcm",
    "SC_rgb_jpeg_app14_dcmd.dcm",
    "image_dfl.dcm",
)


@pytest.mark.parametrize("name", CODED)
def test_each_codec_is_there_before_nothing_can_be_imported(
    name: str, own: Sandbox, bundled: Find, opened: Open
) -> None:
    """A fresh worker, hardened already, decodes at its first request."""
    assert own.decode(opened(bundled(name)), 0).array.size > 0


def test_a_batch_with_more_to_tell_than_a_message_holds(
    own: Sandbox, opened: Open, tmp_path: Path
) -> None:
    frames = [Frame((0.123456789, -0.987654321, 0.1 * i)) for i in range(400)]
    path = enhanced(tmp_path / "e", frames)
    found = own.headers([("", opened(path))] * BATCH)
    assert len(found) == BATCH
    assert {each for each in found if isinstance(each, Header)} == {found[0]}
    assert len(found[0].to_map()["frame_positions"]) == 400  # type: ignore[union-attr]


def test_a_child_that_is_stopped_holds_nobody_for_ever(bundled: Find, opened: Open) -> None:
    fd = opened(bundled("CT_small.dcm"))
    with Sandbox(workers=1, deadline_s=20) as sandbox:
        sandbox.decode(fd, 0)
        (worker,) = _workers(sandbox)
        os.kill(worker, signal.SIGSTOP)
        sandbox._deadline_s = 0.3
        began = time.monotonic()
        with pytest.raises(ReaderFailed):
            sandbox.decode(fd, 0)
        assert time.monotonic() - began < 5


# -- texts ----------------------------------------------------------------------------------------


def _names() -> list[Path]:
    folder = Path(str(get_testdata_file("CT_small.dcm", download=False))).parents[1]
    found = sorted((folder / "charset_files").glob("*.dcm"))
    assert len(found) > 15
    return found


@pytest.mark.parametrize("path", _names(), ids=lambda path: path.stem)
def test_names_in_each_character_set_are_what_pydicom_reads(
    path: Path, sandbox: Sandbox, opened: Open
) -> None:
    (found,) = sandbox.headers([("", opened(path))])
    assert isinstance(found, Header)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = str(pydicom.dcmread(path).get("PatientName", ""))
    assert found.patient_name == expected


@pytest.mark.corpus
def test_texts_of_every_file_of_the_corpus_are_what_pydicom_reads(sandbox: Sandbox) -> None:
    told = {
        "PatientName": "patient_name",
        "PatientID": "patient_id",
        "StudyDescription": "study_description",
        "SeriesDescription": "series_description",
        "InstitutionName": "institution",
    }
    files = scan([Path(os.environ["RAYFOLIO_TEST_DATA"], "dicom")], sandbox).files
    assert len(files) > 400
    for file in files:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = pydicom.dcmread(file.path, force=True, stop_before_pixels=True)
            expected = {ours: str(found.get(tag) or "").strip() for tag, ours in told.items()}
        assert {ours: getattr(file.header, ours) for ours in expected} == expected, file.path
