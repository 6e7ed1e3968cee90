"""Sealing and opening of segments beside the cipher alone, as openssl runs it."""

from __future__ import annotations

import os
from collections.abc import Iterator

from benchmarks.ratio import Ratio, calls_per_s, openssl_mb_per_s
from wallet.container.sealing import Codec, Epoch, OpenRun, Run

SEGMENT_BYTES = 524_288  # a CT slice of 512 x 512


def measure() -> Iterator[Ratio]:
    """Seal and open slices."""
    study_key, epoch, plaintext = (
        os.urandom(32),
        Epoch(os.urandom(16), 0),
        os.urandom(SEGMENT_BYTES),
    )
    cipher = openssl_mb_per_s("aes-256-gcm", SEGMENT_BYTES)
    beside = "openssl speed aes-256-gcm"
    megabytes = SEGMENT_BYTES / 1e6
    run = Run(study_key, epoch)
    sealed = run.seal(plaintext, Codec.RAW, SEGMENT_BYTES)
    opened = OpenRun.of(study_key, epoch, run.salt, run.commitment)
    seals = calls_per_s(lambda: run.seal(plaintext, Codec.RAW, SEGMENT_BYTES))
    yield Ratio("seal segments of 512 KiB", seals * megabytes, cipher, "MB/s", beside, 0.5)
    opens = calls_per_s(lambda: opened.open(sealed, 0, Codec.RAW, SEGMENT_BYTES))
    yield Ratio("open segments of 512 KiB", opens * megabytes, cipher, "MB/s", beside, 0.5)
