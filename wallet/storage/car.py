"""Blocks on one stream: a CAR file, version 1, in which blocks travel to a node.

    car      = header *section
    header   = length dag-cbor{"roots": [link...], "version": 1}
    section  = length cid data       length (LEB128) counts both

Source: https://ipld.io/specs/transport/car/carv1/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from wallet.errors import Damaged
from wallet.ports import Block, Cid
from wallet.storage.cid import BYTES_LENGTH, cid_bytes, cid_from_bytes, verify
from wallet.storage.unixfs import read_varint, varint

_MAX_ROOTS = 23  # what one byte of CBOR can count; we send one
_START, _END = b"\xa2\x65roots", b"\x67version\x01"
_LINK = b"\xd8\x2a\x58\x25\x00"
_WHAT = "a stream of blocks"


def write(blocks: Iterable[Block], roots: Sequence[Cid]) -> Iterator[bytes]:
    """Yield the stream piece by piece; holds one block at a time."""
    yield _header(roots)
    for block in blocks:
        yield varint(BYTES_LENGTH + len(block.data)) + cid_bytes(block.cid)
        yield block.data


def read(data: bytes) -> tuple[tuple[Cid, ...], list[Block]]:
    """Return the roots and the blocks, each checked against its CID. Raises: Damaged."""
    try:
        length, start = read_varint(data, 0)
        roots = _roots(data[start : start + length])
        if not roots or data[: start + length] != _header(roots):
            raise Damaged(_WHAT)
        blocks: list[Block] = []
        at = start + length
        while at < len(data):
            length, start = read_varint(data, at)
            at = start + length
            if length < BYTES_LENGTH or at > len(data):
                raise Damaged(_WHAT)
            blocks.append(_block(data[start:at]))
    except IndexError:
        raise Damaged(_WHAT) from None
    return roots, blocks


def _header(roots: Sequence[Cid]) -> bytes:
    if not 0 < len(roots) <= _MAX_ROOTS:
        raise ValueError("a stream of blocks has 1 to 23 roots")
    links = b"".join(_LINK + cid_bytes(root) for root in roots)
    header = _START + bytes((0x80 | len(roots),)) + links + _END
    return varint(len(header)) + header


def _roots(header: bytes) -> tuple[Cid, ...]:
    count = header[len(_START)] & 0x1F
    if not 0 < count <= _MAX_ROOTS:
        raise Damaged(_WHAT)
    step = len(_LINK) + BYTES_LENGTH
    starts = range(len(_START) + 1 + len(_LINK), len(header), step)[:count]
    return tuple(cid_from_bytes(header[start : start + BYTES_LENGTH]) for start in starts)


def _block(section: bytes) -> Block:
    cid, data = cid_from_bytes(section[:BYTES_LENGTH]), section[BYTES_LENGTH:]
    verify(cid, data)
    return Block(cid, data)
