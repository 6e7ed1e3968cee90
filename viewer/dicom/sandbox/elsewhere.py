"""A worker for systems without descriptor passing and memfd: the same requests over pipes.

It is a process of its own with no keys and a deadline, but without the limits that only Linux has.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import threading
from typing import IO, Any

from viewer.dicom.sandbox.protocol import RING_BYTES
from viewer.dicom.sandbox.worker import ENVIRONMENT, Dead, command

MAX_FILE_BYTES = 1 << 30
_KEPT = ("SYSTEMROOT", "TEMP", "TMP")  # what Windows needs to start a program


class PipedWorker:
    """An exec'd child."""

    def __init__(self) -> None:
        self.spent_s = 0.0
        self._ring = b""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._process = subprocess.Popen(
            command("pipes"),
            env=ENVIRONMENT | kept,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        if self._out.read(5) != b"ready":
            self.kill()
            raise Dead("it did not start")

    @property
    def _in(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _out(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def call(self, request: dict[str, Any], fds: list[int], timeout_s: float) -> bytes:
        late = threading.Timer(timeout_s, self._process.kill)
        late.start()
        try:
            self._send(request, fds)
            (length,) = struct.unpack(">L", self._read(4, 4))
            text = self._read(length, 1 << 18)
            (used,) = struct.unpack(">Q", self._read(8, 8))
            self._ring = self._read(used, RING_BYTES)
        except (OSError, struct.error) as error:
            raise Dead("it took too long" if late.finished.is_set() else "it ended") from error
        finally:
            late.cancel()
        return text

    def _send(self, request: dict[str, Any], fds: list[int]) -> None:
        sizes = [os.fstat(fd).st_size for fd in fds]
        if max(sizes) > MAX_FILE_BYTES:
            raise Dead("it is too large")
        text = json.dumps(request | {"sizes": sizes}).encode()
        self._in.write(struct.pack(">L", len(text)) + text)
        for fd, size in zip(fds, sizes, strict=True):
            os.lseek(fd, 0, os.SEEK_SET)
            left = size
            while left > 0:  # a file that shrinks meanwhile is filled up
                data = os.read(fd, min(left, 1 << 20)) or bytes(min(left, 1 << 20))
                self._in.write(data)
                left -= len(data)
        self._in.flush()

    def _read(self, length: int, most: int) -> bytes:
        if length > most:
            raise Dead("it answered nonsense")
        data = self._out.read(length)
        if len(data) != length:
            raise OSError("the pipe ended")
        return data

    def ring(self, at: int, length: int) -> bytes:
        return self._ring[at : at + length]

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
