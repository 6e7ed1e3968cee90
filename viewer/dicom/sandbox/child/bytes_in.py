"""Reading a descriptor by position, so that nobody's file offset is moved."""

from __future__ import annotations

import io
import os
import struct
from typing import Protocol

from viewer.dicom.sandbox.protocol import FOOTER_BYTES, FOOTER_MAGIC

Identity = tuple[int, int, int, int]


class Input(Protocol):
    """Bytes with a position."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...


class _Raw(io.RawIOBase):
    def __init__(self, fd: int, size: int) -> None:
        super().__init__()
        self._fd, self._size, self._at = fd, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        room = max(0, min(len(buffer), self._size - self._at))
        data = os.pread(self._fd, room, self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class Bytes:
    """One input: its size without our footer, and the frame that a footer names."""

    def __init__(self, size: int, identity: Identity, tail: bytes) -> None:
        self.size = size
        self.identity = identity
        self.span: tuple[int, int] | None = None
        if len(tail) == FOOTER_BYTES and tail.startswith(FOOTER_MAGIC):
            self.span = struct.unpack(">QQ", tail[16:])
            self.size -= FOOTER_BYTES

    def at(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`."""
        raise NotImplementedError

    def stream(self) -> Input:
        """Return it as a file."""
        raise NotImplementedError


class FileBytes(Bytes):
    """A descriptor."""

    def __init__(self, fd: int) -> None:
        found = os.fstat(fd)
        identity = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        tail = os.pread(fd, FOOTER_BYTES, max(0, found.st_size - FOOTER_BYTES))
        super().__init__(found.st_size, identity, tail)
        self._fd = fd

    def at(self, offset: int, length: int) -> bytes:
        return os.pread(self._fd, max(0, min(length, self.size - offset)), offset)

    def stream(self) -> Input:
        return io.BufferedReader(_Raw(self._fd, self.size), 16384)


class MemoryBytes(Bytes):
    """Bytes that came over a pipe."""

    def __init__(self, data: bytes) -> None:
        super().__init__(len(data), (0, 0, len(data), hash(data)), data[-FOOTER_BYTES:])
        self._data = data

    def at(self, offset: int, length: int) -> bytes:
        return self._data[offset : offset + max(0, min(length, self.size - offset))]

    def stream(self) -> Input:
        return io.BytesIO(self._data[: self.size])
