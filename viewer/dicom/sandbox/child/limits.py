"""How much of the processor a codec may have for one frame.

Damaged JPEG-LS and HTJ2K can keep a codec busy for minutes. The application's deadline is on the
clock, so it must be long, for a machine that has other work; this one is on the work itself.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

BASE_S = 3.0
PER_MB_S, PER_MEGAPIXEL_S = 3.0, 2.0  # JPEG 2000, the slowest, takes a tenth of that


def allowed_s(compressed_bytes: int, pixels: int) -> float:
    """Return the processor time for a frame.

    Args:
        compressed_bytes: length of its codestream.
        pixels: samples of all components together.
    """
    return BASE_S + PER_MB_S * compressed_bytes / 1e6 + PER_MEGAPIXEL_S * pixels / 1e6


@contextlib.contextmanager
def processor(seconds: float) -> Iterator[None]:
    """End this process if what runs within takes longer; where the system can measure that."""
    if not hasattr(signal, "ITIMER_PROF"):
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
