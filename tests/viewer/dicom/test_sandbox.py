"""Children that hold nothing, end nothing but themselves, and are replaced."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from viewer.dicom.header import Header
from viewer.dicom.sandbox import Sandbox, replies
from viewer.dicom.sandbox.protocol import RING_BYTES
from viewer.dicom.sandbox.worker import Worker, Zygote
from viewer.errors import CannotDraw, NotDicom, ReaderFailed

Open = Callable[[Path | str], int]
Find = Callable[[str], Path]

ATTEMPTS = """
import ctypes, mmap, os, socket, sys
sys.path.append(sys.argv[1])
from viewer.dicom.sandbox.child.hardening import harden
kept = os.open("/etc/hostname", os.O_RDONLY)
harden(os.getppid())
libc = ctypes.CDLL(None, use_errno=True)
def attempt(name, do):
    try:
        do()
        print(name)
    except OSError:
        pass
attempt("read a given descriptor", lambda: os.pread(kept, 1, 0))
attempt("open", lambda: os.open("/etc/passwd", os.O_RDONLY))
attempt("create", lambda: os.open("/tmp/x", os.O_CREAT | os.O_WRONLY))
attempt("list", lambda: os.listdir("/"))
attempt("socket", lambda: socket.socket())
attempt("fork", os.fork)
attempt("kill", lambda: os.kill(os.getppid(), 0))
attempt("exec", lambda: os.execv("/bin/true", ["true"]))
attempt("memfd", lambda: os.memfd_create("x"))
attempt("pidfd", lambda: os.pidfd_open(os.getppid()))
attempt("executable memory", lambda: mmap.mmap(-1, 4096, prot=7))
attempt("raise a limit", lambda: __import__("resource").setrlimit(4, (1, 1)))
attempt("unlink", lambda: os.unlink("/tmp/x"))
attempt("chmod", lambda: os.chmod("/tmp", 0o777))
def raw(number):
    if libc.syscall(number, 0, 0, 0, 0, 0) < 0:
        raise OSError
for number in (101, 425, 310, 157, 272, 321, 165):  # ptrace to mount
    attempt(f"call {number}", lambda: raw(number))
sys.stdout.flush()
os._exit(0)
"""


@pytest.fixture
def own() -> object:
    with Sandbox(workers=1) as started:
        yield started


def _pids(parent: int) -> list[int]:
    return [
        int(each) for each in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    ]


def _workers(sandbox: Sandbox) -> list[int]:
    assert sandbox._zygote is not None
    return _pids(sandbox._zygote._process.pid)


def test_a_hardened_child_can_read_what_it_was_given_and_nothing_else() -> None:
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-I", "-c", ATTEMPTS, root],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines() == ["read a given descriptor"], done.stderr


def test_every_worker_is_hardened_before_it_serves(
    own: Sandbox, bundled: Find, opened: Open
) -> None:
    own.decode(opened(bundled("CT_small.dcm")), 0)
    (pid,) = _workers(own)
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    assert status["Seccomp"] == "2"
    assert status["NoNewPrivs"] == "1"
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert "Max core file size        0                    0" in limits


def test_nothing_is_started_before_the_first_file() -> None:
    with Sandbox() as sandbox:
        assert sandbox._zygote is None


def test_the_application_never_imports_a_parser() -> None:
    code = (
        "import sys; import viewer.dicom.source, viewer.dicom.report; "
        "assert not {'pydicom', 'imagecodecs'} & sys.modules.keys()"
    )
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", code], cwd=root, timeout=60, check=True)


def test_a_worker_that_was_killed_is_replaced(own: Sandbox, bundled: Find, opened: Open) -> None:
    fd = opened(bundled("CT_small.dcm"))
    before = own.decode(fd, 0).array
    os.kill(_workers(own)[0], signal.SIGKILL)
    with pytest.raises(ReaderFailed):
        own.decode(fd, 0)
    assert np.array_equal(own.decode(fd, 0).array, before)


def test_a_zygote_that_was_killed_is_replaced(own: Sandbox, bundled: Find, opened: Open) -> None:
    fd = opened(bundled("CT_small.dcm"))
    own.decode(fd, 0)
    assert own._zygote is not None
    own._zygote._process.kill()
    own._zygote._process.wait()
    own.renew()
    assert own.decode(fd, 0).rows == 128


def test_a_child_that_hangs_is_ended_at_the_deadline(bundled: Find, opened: Open) -> None:
    fd = opened(bundled("CT_small.dcm"))
    with Sandbox(workers=1, deadline_s=20) as sandbox:
        sandbox.decode(fd, 0)
        (pid,) = _workers(sandbox)
        os.kill(pid, signal.SIGSTOP)
        sandbox._deadline_s = 0.2
        with pytest.raises(ReaderFailed, match="took too long"):
            sandbox.decode(fd, 0)
        assert pid not in _workers(sandbox)
        sandbox._deadline_s = 20
        assert sandbox.decode(fd, 0).rows == 128


def test_workers_end_with_the_sandbox(bundled: Find, opened: Open) -> None:
    sandbox = Sandbox(workers=1)
    sandbox.decode(opened(bundled("CT_small.dcm")), 0)
    (pid,) = _workers(sandbox)
    sandbox.close()
    assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text()
    with pytest.raises(ReaderFailed):
        sandbox.decode(0, 0)


def test_many_threads_may_ask_at_once(sandbox: Sandbox, bundled: Find, opened: Open) -> None:
    fd = opened(bundled("MR_small_jpeg_ls_lossless.dcm"))  # one descriptor: offsets are not moved
    expected = sandbox.decode(fd, 0).array
    wrong: list[int] = []

    def ask(number: int) -> None:
        for _ in range(10):
            if not np.array_equal(sandbox.decode(fd, 0).array, expected):
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []


class _Keeping(Zygote):
    """Keeps a descriptor of the ring, as a hostile child could."""

    kept = -1

    def fork(self, served: socket.socket, ring: int) -> int:
        self.kept = os.dup(ring)
        return super().fork(served, ring)


def test_the_ring_cannot_be_shortened_under_the_application() -> None:
    zygote = _Keeping()
    worker = Worker(zygote)
    try:
        for size in (0, 2 * RING_BYTES):
            with pytest.raises(PermissionError):
                os.ftruncate(zygote.kept, size)
        assert worker.ring(RING_BYTES - 1, 1) == b"\0"
    finally:
        os.close(zygote.kept)
        worker.kill()
        zygote.close()


def test_pipes_give_the_same_pixels_and_headers(
    sandbox: Sandbox, bundled: Find, opened: Open
) -> None:
    fds = [
        opened(bundled(name))
        for name in ("MR_small_RLE.dcm", "examples_palette.dcm", "liver_1frame.dcm", "test-SR.dcm")
    ]
    with Sandbox(workers=1, piped=True) as piped:
        files = [(str(fd), fd) for fd in fds]
        assert piped.headers(files) == sandbox.headers(files)
        for fd in fds[:3]:
            assert np.array_equal(piped.decode(fd, 0).array, sandbox.decode(fd, 0).array)
        with pytest.raises(CannotDraw):
            piped.decode(fds[3], 0)


def test_several_batches_come_back_in_order(
    sandbox: Sandbox, bundled: Find, opened: Open, tmp_path: Path
) -> None:
    (tmp_path / "text").write_text("a" * 400)
    image, text = opened(bundled("CT_small.dcm")), opened(tmp_path / "text")
    found = sandbox.headers([("", image if i % 3 else text) for i in range(150)])
    assert [isinstance(each, Header) for each in found] == [bool(i % 3) for i in range(150)]
    assert {type(each) for each in found[::3]} == {NotDicom}


# -- a child in the hands of a file -----------------------------------------------------------


def _good() -> dict[str, object]:
    return {
        "photometric": "MONOCHROME2",
        "bits_stored": 8,
        "signed": False,
        "rescale_slope": 1.0,
        "rescale_intercept": 0.0,
        "rescale_type": "",
        "windows": [[1.0, 2.0, ""]],
        "voi_function": "LINEAR",
        "presentation_shape": "IDENTITY",
        "aspect": 1.0,
        "modality": "CT",
        "lossy": False,
        "lossy_ratios": [],
        "lossy_methods": [],
        "colour_profile": "",
        "padding": None,
        "spacing_mm": None,
        "calibration": {},
        "shape": [2, 2],
        "dtype": "uint8",
        "tables": [],
        "overlays": [],
    }


def _ring(at: int, length: int) -> bytes:
    assert at >= 0 and length >= 0 and at + length <= RING_BYTES
    return bytes(length)


def test_an_honest_reply_is_taken() -> None:
    assert replies.pixels(_good(), _ring).array.shape == (2, 2)
    (overlay,) = replies.pixels(_good() | {"overlays": [OVERLAY]}, _ring).overlays
    assert overlay.bits.shape == (1, 2)


OVERLAY = {"row": 1, "column": 0, "rows": 1, "columns": 2, "kind": "G", "label": "", "at": 0}
TABLE = {"name": "voi", "first": 0, "bits": 8, "explanation": "", "at": 0, "entries": 4}


@pytest.mark.parametrize(
    "lie",
    (
        {"shape": [2]},
        {"shape": [2, 2, 4]},
        {"shape": [2, -1]},
        {"shape": [2, True]},
        {"shape": [65535, 65535]},
        {"shape": "ab"},
        {"shape": None},
        {"dtype": "object"},
        {"dtype": "uint64"},
        {"dtype": ["uint8"]},
        {"dtype": "int8"},
        {"signed": 0},
        {"bits_stored": 8.0},
        {"aspect": 0.0},
        {"calibration": None},
        {"calibration": {"surprise": 1}},
        {"calibration": {"pixel_mm": [1.0, 1.0, 1.0]}},
        {"calibration": {"pixel_mm": [1.0, float("nan")]}},
        {"calibration": {"regions": [{"left": -1}]}},
        {"calibration": {"regions": [{}] * 65}},
        {"calibration": {"tracer": {"weight_kg": "70"}}},
        {"calibration": {"description": "x" * 257}},
        {"aspect": float("nan")},
        {"windows": [[1.0]]},
        {"windows": [[float("inf"), 1.0, ""]]},
        {"windows": [[1.0, 2.0, ""]] * 1000},
        {"photometric": "RGB"},
        {"photometric": "x" * 300},
        {"modality": "\ud800"},
        {"padding": [1, 2, 3]},
        {"padding": [1, 1 << 40]},
        {"tables": [TABLE | {"name": "other"}]},
        {"tables": [TABLE | {"at": -2}]},
        {"tables": [TABLE | {"at": RING_BYTES}]},
        {"tables": [TABLE | {"entries": 1 << 20}]},
        {"tables": [TABLE | {"bits": 0}]},
        {"tables": [{}]},
        {"tables": 3},
        {"presentation_shape": "LIN OD"},
        {"lossy_ratios": [1.0] * 17},
        {"lossy_ratios": ["1"]},
        {"lossy_methods": ["x"] * 17},
        {"colour_profile": "fine"},
        {"overlays": [OVERLAY] * 17},
        {"overlays": [OVERLAY | {"row": -1}]},
        {"overlays": [OVERLAY | {"rows": 2}]},
        {"overlays": [OVERLAY | {"columns": 0}]},
        {"overlays": [OVERLAY | {"columns": 3}]},
        {"overlays": [OVERLAY | {"at": RING_BYTES}]},
        {"overlays": [OVERLAY | {"kind": "X"}]},
        {"overlays": [OVERLAY | {"label": "x" * 300}]},
        {"overlays": [{}]},
        {"overlays": None},
        {"surplus": 1},
    ),
)
def test_a_lie_in_a_reply_is_found(lie: dict[str, object]) -> None:
    with pytest.raises(replies.Malformed):
        replies.pixels(_good() | lie, _ring)


@pytest.mark.parametrize(
    "text",
    (
        b"",
        b"{",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"[" * 17 + b"]" * 17,
        b'{"long":0}',
        b'{"long":1e3}',
        b'{"long":99999999999}',
        b"\xff",
    ),
)
def test_nonsense_is_found(text: bytes) -> None:
    with pytest.raises(replies.Malformed):
        replies.read(text, _ring)


@pytest.mark.parametrize(
    "reply",
    (
        None,
        [],
        [1],
        [{}, {}],
        [{"header": {"rows": -1}}],
        [{"header": []}],
        [{"not_dicom": "\x1b[2J"}],
        [{"not_dicom": "x" * 1000}],
        [{"run": "x"}],
        [{"header": {}, "failed": "x"}],
        [{"header": {"cuts": [5], "size": 3}}],
    ),
)
def test_nonsense_in_place_of_headers_is_found(reply: object) -> None:
    with pytest.raises(replies.Malformed):
        replies.headers(json.loads(json.dumps(reply)), 1)


def test_descriptors_from_a_child_are_dropped() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    zygote = Zygote()
    worker = Worker(zygote)
    channel, worker._channel = worker._channel, ours
    with ours, theirs:
        before = len(list(Path("/proc/self/fd").iterdir()))
        socket.send_fds(theirs, [b"{}"], [0, 1, 2])
        assert worker._reply(5) == b"{}"
        assert len(list(Path("/proc/self/fd").iterdir())) == before
        worker._channel = channel
        worker.kill()
        zygote.close()


def test_brackets_in_a_text_are_no_nesting() -> None:
    reply = [{"header": {"series_description": '[[[["{{[[\\' * 20}}]
    assert replies.read(json.dumps(reply).encode(), _ring) == reply
