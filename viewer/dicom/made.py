"""Files of our own making, before they lie anywhere: read back in the sandbox like any other."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field

from viewer.dicom.header import Header
from viewer.dicom.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class MadeFile:
    """An instance that lies in memory only."""

    data: bytes = field(repr=False)
    relative: str = field(repr=False)  # what it is to be called
    header: Header

    def open(self) -> io.BytesIO:
        return io.BytesIO(self.data)


def read_back(files: Sequence[tuple[str, bytes]], sandbox: Sandbox) -> list[MadeFile]:
    """Return each (name, bytes) with its header.

    Raises: NotDicom, ReaderFailed.
    """
    fds = [_descriptor(data) for _, data in files]
    try:
        headers = sandbox.headers([(name, fd) for (name, _), fd in zip(files, fds, strict=True)])
    finally:
        for fd in fds:
            os.close(fd)
    found = []
    for (name, data), header in zip(files, headers, strict=True):
        if not isinstance(header, Header):
            raise header
        found.append(MadeFile(data, name, header))
    return found


def _descriptor(data: bytes) -> int:
    """Return a descriptor of the bytes: memory on Linux, elsewhere an unnamed file."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("made", os.MFD_CLOEXEC)
    else:
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
    return fd
