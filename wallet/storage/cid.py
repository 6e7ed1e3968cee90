"""CIDs, of the one kind that we write: version 1, SHA-256, base32; raw, dag-pb or dag-cbor.

    bytes   01 codec 12 20 digest[32]
    text    "b" and lower-case base32 without padding, 59 characters

Source: https://github.com/multiformats/cid.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from wallet.errors import Damaged
from wallet.ports import Cid

BYTES_LENGTH = 36
TEXT_LENGTH = 59

_CODECS = {"raw": 0x55, "dag-pb": 0x70, "dag-cbor": 0x71}
_NAMES = {number: name for name, number in _CODECS.items()}
_SHA2_256 = b"\x12\x20"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a CID says."""

    codec: str  # raw, dag-pb or dag-cbor
    digest: bytes  # 32 bytes


def raw_cid(data: bytes) -> Cid:
    """Return the address of a raw block."""
    return cid_of("raw", data)


def cid_of(codec: str, data: bytes) -> Cid:
    """Return the address of a block, without looking whether it is what `codec` says."""
    return cid_from_digest(codec, hashlib.sha256(data).digest())


def cid_from_digest(codec: str, digest: bytes) -> Cid:
    """Return the address of the block whose SHA-256 is `digest`."""
    if len(digest) != hashlib.sha256().digest_size:
        raise ValueError("a SHA-256 digest has 32 bytes")
    return _text(bytes((1, _CODECS[codec])) + _SHA2_256 + digest)


def parse(text: str) -> Parsed:
    """Take a CID apart. Raises: Damaged for any other kind and any other spelling."""
    data = cid_bytes(Cid(text))
    return Parsed(_NAMES[data[1]], data[4:])


def cid_bytes(cid: Cid) -> bytes:
    """Return the 36 bytes of a CID. Raises: Damaged."""
    if len(cid) != TEXT_LENGTH:
        raise Damaged("an address")
    try:
        data = base64.b32decode(cid[1:].upper() + "======")
    except ValueError:
        raise Damaged("an address") from None
    if cid_from_bytes(data) != cid:
        raise Damaged("an address")
    return data


def cid_from_bytes(data: bytes) -> Cid:
    """Return the CID of 36 bytes. Raises: Damaged."""
    if len(data) != BYTES_LENGTH or data[0] != 1 or data[1] not in _NAMES or data[2:4] != _SHA2_256:
        raise Damaged("an address")
    return _text(data)


def verify(cid: Cid, data: bytes) -> None:
    """Check that `data` is what `cid` names. Raises: Damaged."""
    if hashlib.sha256(data).digest() != parse(cid).digest:
        raise Damaged(f"block {cid}")


def _text(data: bytes) -> Cid:
    return Cid("b" + base64.b32encode(data).decode("ascii").rstrip("=").lower())
