"""How a figure of ours is put beside the same work done by another program on the same machine."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """Our rate over another's; more is better for us. `floor` is the least that we accept."""

    what: str
    ours: float
    other: float
    unit: str
    beside: str
    floor: float | None = None

    @property
    def value(self) -> float:
        """How many times the other's rate ours is."""
        return self.ours / self.other

    @property
    def is_low(self) -> bool:
        """Whether it is below the floor."""
        return self.floor is not None and self.value < self.floor


def calls_per_s(call: Callable[[], object], lasting_s: float = 0.5, rounds: int = 3) -> float:
    """The best rate of some rounds, in calls a second."""
    best = 0.0
    for _ in range(rounds):
        count, began = 0, time.perf_counter()
        while time.perf_counter() - began < lasting_s:
            call()
            count += 1
        best = max(best, count / (time.perf_counter() - began))
    return best


def openssl_mb_per_s(algorithm: str, block_bytes: int) -> float:
    """What `openssl speed` says of a cipher or a hash, in MB/s of this block size."""
    command = ["openssl", "speed", "-mr", "-seconds", "1", "-bytes", str(block_bytes)]
    done = subprocess.run(
        [*command, "-evp", algorithm], capture_output=True, check=True, text=True, timeout=60
    )
    found = re.search(r"^\+F:\d+:[^:]+:([\d.]+)", done.stdout, re.MULTILINE)
    if not found:
        raise ValueError(f"openssl speed gave no figure for {algorithm}")
    return float(found[1]) / 1e6
