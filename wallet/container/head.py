"""The head: the one block whose masked digest is a study's word on the chain.

    v           1
    suite       6 bytes: HPKE kem, kdf, aead of the envelopes
    container   16 bytes
    epoch       u32
    data        1 to 64 links, each to a part
    index, preview, self, grants    one link each

Strict dag-cbor with exactly these keys, at most 16 KiB. Each link leads to a UnixFS file: raw if of
one leaf, else dag-pb.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from wallet.container import cbor
from wallet.container.cbor import Link
from wallet.container.sealing import ID_LENGTH
from wallet.errors import Damaged
from wallet.identity.hpke import SUITE
from wallet.ports import Block, BlockSource, Cid
from wallet.storage.cid import cid_bytes, cid_from_bytes

MAX_BYTES = 16 << 10
MAX_PARTS = 64

_KEYS = {"v", "suite", "container", "epoch", "data", "index", "preview", "self", "grants"}
_FILES = ("index", "preview", "self", "grants")
_HEAD_PREFIX = b"\x01\x71\x12\x20"  # CIDv1, dag-cbor, sha2-256 of 32 bytes
_FILE_PREFIXES = (b"\x01\x55\x12\x20", b"\x01\x70\x12\x20")  # raw, dag-pb


@dataclass(frozen=True, slots=True)
class Head:
    """A study in its encrypted form: what belongs to it and lies where."""

    container: bytes  # 16 bytes
    epoch: int
    data: tuple[Cid, ...]
    index: Cid
    preview: Cid
    self_: Cid
    grants: Cid

    def encode(self) -> Block:
        """Return the block; the SHA-256 of its bytes is what the word masks."""
        encoded = cbor.encode(
            {
                "v": 1,
                "suite": SUITE,
                "container": self.container,
                "epoch": self.epoch,
                "data": [Link(part) for part in self.data],
                "index": Link(self.index),
                "preview": Link(self.preview),
                "self": Link(self.self_),
                "grants": Link(self.grants),
            }
        )
        if decode(encoded) != self:
            raise ValueError("this head does not decode")
        return Block(cid_of_digest(hashlib.sha256(encoded).digest()), encoded)


def cid_of_digest(digest: bytes) -> Cid:
    """Return the CID of the head that a word unmasks to."""
    return cid_from_bytes(_HEAD_PREFIX + digest)


def decode(data: bytes) -> Head:
    """Read a head. Raises: Damaged."""
    if len(data) > MAX_BYTES:
        raise Damaged("the head of a study")
    try:
        return _typed(cbor.decode(data))
    except (Damaged, ValueError, KeyError, TypeError):
        raise Damaged("the head of a study") from None


def fetch(source: BlockSource, digest: bytes) -> Head:
    """Get the head of this SHA-256 digest.

    Raises: BlockUnreachable, StoreUnreachable, Damaged.
    """
    data = source.get(cid_of_digest(digest))
    if hashlib.sha256(data).digest() != digest:
        raise Damaged("the head of a study")
    return decode(data)


def _typed(value: Any) -> Head:
    if not isinstance(value, dict) or value.keys() != _KEYS:
        raise ValueError("other keys")
    container, epoch, data = value["container"], value["epoch"], value["data"]
    if type(value["v"]) is not int or value["v"] != 1 or value["suite"] != SUITE:
        raise ValueError("another version")
    if type(container) is not bytes or len(container) != ID_LENGTH:
        raise ValueError("no container id")
    if type(epoch) is not int or not 0 <= epoch < 1 << 32:
        raise ValueError("no epoch")
    if type(data) is not list or not 1 <= len(data) <= MAX_PARTS:
        raise ValueError("no parts, or too many")
    parts = tuple(_linked(part) for part in data)
    return Head(container, epoch, parts, *(_linked(value[name]) for name in _FILES))


def _linked(value: Any) -> Cid:
    if type(value) is not Link or cid_bytes(value.cid)[:4] not in _FILE_PREFIXES:
        raise ValueError("not a link to a file")
    return value.cid
