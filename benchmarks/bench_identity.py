"""Envelopes and signatures beside the primitives that they cannot do without."""

from __future__ import annotations

import os
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from benchmarks.ratio import Ratio, calls_per_s
from wallet.identity import hpke
from wallet.identity.secp256k1 import Key, recover

ENVELOPE_BYTES = 4096


def measure() -> Iterator[Ratio]:
    """Seal and open an envelope, sign and recover."""
    receiving = hpke.ReceivingKey.from_seed(os.urandom(32))
    plaintext, info = os.urandom(ENVELOPE_BYTES), b"rayfolio/bench"
    sealed = hpke.seal(receiving.public, plaintext, info)
    mine, theirs = X25519PrivateKey.generate(), X25519PrivateKey.generate().public_key()
    exchanges = calls_per_s(lambda: mine.exchange(theirs))
    beside = "one X25519 exchange"
    seals = calls_per_s(lambda: hpke.seal(receiving.public, plaintext, info))
    yield Ratio("seal an envelope of 4 KiB", seals, exchanges, "/s", beside)
    opens = calls_per_s(lambda: receiving.open(sealed, info))
    yield Ratio("open an envelope of 4 KiB", opens, exchanges, "/s", beside)
    key, digest = Key.random(), os.urandom(32)
    signature = key.sign(digest)
    signs = calls_per_s(lambda: key.sign(digest))
    recovers = calls_per_s(lambda: recover(digest, signature))
    yield Ratio("sign and check a consent", 1 / (1 / signs + 1 / recovers), exchanges, "/s", beside)
