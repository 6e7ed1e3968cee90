"""The numbers that both sides of the sandbox agree on: docs/decisions/0001-sandbox.md."""

from __future__ import annotations

RING_BYTES = 128 << 20
ADDRESS_BYTES = 768 << 20  # of a worker, the mapped ring included
INFLATE_BYTES = 96 << 20
BATCH = 64  # headers a message
MESSAGE_BYTES = 100_000  # a longer reply goes through the ring
LONG_BYTES = 32 << 20  # and is never longer than this
MOST_LISTED = 1 << 16  # files that the index of a disc may name
FOOTER_MAGIC = b"rayfolio frame\0\1"  # ends a memfd that holds one frame: magic, offset, length
FOOTER_BYTES = 32
MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"
OVERLAY_PIXELS = 1 << 26  # of all overlays of a frame together
MAX_LABEL = 64
KEPT_SHAPES, KEPT_POINTS, KEPT_MARKS = 2000, 4096, 2000  # of a report, a shape, key objects
