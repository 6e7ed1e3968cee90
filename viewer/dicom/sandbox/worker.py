"""The application's end of one child: requests with a deadline, then the child is ended."""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

from viewer.dicom.sandbox.protocol import RING_BYTES

START_S = 60.0
_ROOT = Path(__file__).resolve().parents[3]
_RUN = (
    "import sys; sys.path.append(sys.argv.pop(1)); "
    "from viewer.dicom.sandbox.child.main import main; main(sys.argv[1:])"
)
_SEALS = 1 | 2 | 4  # F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW: a child's ftruncate is our SIGBUS


class Dead(Exception):
    """A child ended, took too long or answered nonsense; it has been killed."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Child(Protocol):
    """One worker, however it is reached."""

    spent_s: float

    def call(self, request: dict[str, Any], fds: list[int], timeout_s: float) -> bytes:
        """Return the reply's JSON. Raises: Dead."""
        ...

    def ring(self, at: int, length: int) -> bytes:
        """Return a copy of part of the ring."""
        ...

    def kill(self) -> None:
        """End it and give back what it held."""
        ...


def command(*given: str) -> list[str]:
    """Return what starts a child; a frozen application is its own interpreter."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--decoder", *given]
    return [sys.executable, "-I", "-c", _RUN, str(_ROOT), *given]


ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # A frame's memory is kept for the next one: given back, it is cleared page by page each time.
    "MALLOC_MMAP_THRESHOLD_": str(16 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}


def _ready(fds: list[int], timeout_s: float) -> bool:
    poll = select.poll()
    for fd in fds:
        poll.register(fd, select.POLLIN)
    return bool(poll.poll(timeout_s * 1000))


class Zygote:
    """The child that forks workers; started once, and again if it ends."""

    def __init__(self) -> None:
        self.channel, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._process = subprocess.Popen(
                command(str(other.fileno())),
                pass_fds=[other.fileno()],
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        if not _ready([self.channel.fileno()], START_S) or not self.channel.recv(64):
            self.close()
            raise Dead("it did not start")

    def fork(self, served: socket.socket, ring: int) -> int:
        """Have a worker forked and return its pidfd. Raises: Dead."""
        try:
            socket.send_fds(self.channel, [b"{}"], [served.fileno(), ring])
            if not _ready([self.channel.fileno()], START_S):
                raise Dead("it took too long")
            _, fds, _, _ = socket.recv_fds(self.channel, 64, 1)
        except OSError as error:
            raise Dead("it ended") from error
        if len(fds) != 1:
            raise Dead("it ended")
        return fds[0]

    def close(self) -> None:
        self.channel.close()
        self._process.kill()
        self._process.wait()


class Worker:
    """A hardened child that the zygote forked."""

    def __init__(self, zygote: Zygote) -> None:
        self.spent_s = 0.0
        self._channel, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        fd = os.memfd_create("ring", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(fd, RING_BYTES)
            fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
            self._ring = mmap.mmap(fd, RING_BYTES, prot=mmap.PROT_READ)
            try:
                self._pidfd = zygote.fork(other, fd)
            except Dead:
                self._ring.close()
                self._channel.close()
                raise
        finally:
            os.close(fd)
            other.close()
        try:
            self._reply(START_S)
        except Dead:
            self.kill()
            raise

    def call(self, request: dict[str, Any], fds: list[int], timeout_s: float) -> bytes:
        try:
            socket.send_fds(self._channel, [json.dumps(request).encode()], fds)
        except OSError as error:
            raise Dead("it ended") from error
        return self._reply(timeout_s)

    def _reply(self, timeout_s: float) -> bytes:
        if not _ready([self._channel.fileno(), self._pidfd], timeout_s):
            raise Dead("it took too long")
        try:  # no ancillary room: descriptors from a child are dropped
            data, _, flags, _ = self._channel.recvmsg(1 << 18, 0, socket.MSG_DONTWAIT)
        except OSError as error:
            raise Dead("it ended") from error
        if not data or flags & socket.MSG_TRUNC:
            raise Dead("it ended")
        return data

    def ring(self, at: int, length: int) -> bytes:
        return self._ring[at : at + length]

    def kill(self) -> None:
        try:
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        except ProcessLookupError:
            pass
        else:
            _ready([self._pidfd], START_S)
        os.close(self._pidfd)
        self._ring.close()
        self._channel.close()
