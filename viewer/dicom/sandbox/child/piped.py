"""A worker over standard input and output, where descriptors cannot be passed.

A message is u32 length and JSON, then the files' bytes; a reply u32 length and JSON, then u64
length and the used part of the ring.
"""

from __future__ import annotations

import json
import struct
import sys

from viewer.dicom.sandbox.child.bytes_in import Bytes, MemoryBytes
from viewer.dicom.sandbox.child.serving import Server
from viewer.dicom.sandbox.protocol import RING_BYTES


def serve() -> None:
    """Answer until the application closes the pipe."""
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    ring = bytearray(RING_BYTES)
    server = Server(ring)
    outgoing.write(b"ready")
    outgoing.flush()
    while head := incoming.read(4):
        request = json.loads(incoming.read(*struct.unpack(">L", head)))
        sources: list[Bytes] = [MemoryBytes(incoming.read(size)) for size in request["sizes"]]
        reply = server.answer(request, sources)
        outgoing.write(struct.pack(">L", len(reply)) + reply + struct.pack(">Q", server.used))
        outgoing.write(memoryview(ring)[: server.used])
        outgoing.flush()
