"""The child's entry: a zygote that forks hardened workers, or a single worker over pipes.

The zygote imports everything once, is single-threaded, holds no keys, and ends with its socket.
"""

from __future__ import annotations

import os

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")  # before numpy: address space

import array
import codecs
import gc
import json
import logging
import mmap
import signal
import socket
import sys
import warnings
from typing import Any

import imagecodecs
import numpy as np
import pydicom.charset
import pydicom.config

from viewer.dicom.sandbox.child import pdf, profiles
from viewer.dicom.sandbox.child.bytes_in import FileBytes
from viewer.dicom.sandbox.child.hardening import harden
from viewer.dicom.sandbox.child.reading import MALFORMED, bound_nesting
from viewer.dicom.sandbox.child.serving import Server
from viewer.dicom.sandbox.protocol import RING_BYTES


def _warm() -> None:
    """Touch what imports itself late; nothing can be imported once hardened."""
    warnings.simplefilter("ignore")
    logging.disable()
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    pydicom.config.convert_wrong_length_to_UN = True
    bound_nesting()
    for name in {*pydicom.charset.python_encoding.values(), "ascii", "latin-1", "utf-8"}:
        codecs.lookup(name)
    for decode in (
        imagecodecs.jpeg8_decode,
        imagecodecs.jpegls_decode,
        imagecodecs.jpeg2k_decode,
        imagecodecs.htj2k_decode,
        imagecodecs.packbits_decode,
        imagecodecs.jpegxl_decode,
    ):
        try:
            decode(b"\xff" * 16)
        except MALFORMED:
            continue
    profiles.to_srgb(np.zeros((1, 1, 3), np.uint8), profiles.srgb())
    pdf.start()
    np.rint(np.ones((2, 3), np.float32) @ np.ones((3, 3), np.float32))
    gc.collect()
    gc.freeze()


def receive(channel: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Return one message and its descriptors; end with the application."""
    data, ancillary, _, _ = channel.recvmsg(65536, socket.CMSG_SPACE(4 * 253))
    fds = array.array("i")
    for _, _, found in ancillary:
        fds.frombytes(found[: len(found) // 4 * 4])
    if not data:
        os._exit(0)
    return json.loads(data), list(fds)


def zygote(fd: int) -> None:
    """Fork a worker for each request that brings a socket and a ring."""
    channel = socket.socket(fileno=fd)
    me = os.getpid()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _warm()
    channel.send(b"{}")
    while True:
        _, (served, ring) = receive(channel)
        worker = os.fork()
        if worker == 0:
            try:
                channel.close()
                work(served, ring, me)
            finally:
                os._exit(1)
        handle = os.pidfd_open(worker)
        socket.send_fds(channel, [b"{}"], [handle])
        for each in (served, ring, handle):
            os.close(each)


def work(fd: int, ring_fd: int, parent: int) -> None:
    """Serve one socket, hardened, until it closes."""
    ring = mmap.mmap(ring_fd, RING_BYTES)
    os.close(ring_fd)
    channel = socket.socket(fileno=fd)
    server = Server(ring)
    harden(parent)
    os.write(fd, b"{}")
    while True:
        request, fds = receive(channel)
        try:
            reply = server.answer(request, [FileBytes(each) for each in fds])
        finally:
            for each in fds:
                os.close(each)
        os.write(fd, reply)


def main(given: list[str]) -> None:
    """Run as the zygote on the socket FD, or as one worker over standard input and output."""
    if given[0] == "pipes":
        from viewer.dicom.sandbox.child.piped import serve

        _warm()
        serve()
    else:
        zygote(int(given[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
