"""Blocks on one stream: a CAR file, version 1, in which blocks travel to and from a node.

    car      = header *section
    header   = length dag-cbor{"roots": [link...], "version": 1}
    section  = length cid data       length (LEB128) counts both

What is read is bounded before it is read: a length is believed only below the limit that the
caller set, and every block is checked against its CID.

Source: https://ipld.io/specs/transport/car/carv1/.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from wallet.errors import Damaged
from wallet.ports import Block, Cid
from wallet.storage.cid import BYTES_LENGTH, cid_bytes, cid_from_bytes, verify
from wallet.storage.unixfs import read_varint, varint

MAX_BLOCK_BYTES = 2 << 20  # what nodes exchange at most

_MAX_ROOTS = 23  # what one byte of CBOR can count; we send one
_MAX_HEADER_BYTES = 2048
_MAX_VARINT_BYTES = 9
_START, _END = b"\xa2\x65roots", b"\x67version\x01"
_LINK = b"\xd8\x2a\x58\x25\x00"
_WHAT = "a stream of blocks"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a stream may hold at most; anything above is Damaged."""

    block_bytes: int = MAX_BLOCK_BYTES
    blocks: int = 1 << 20
    total_bytes: int = 1 << 38


def write(blocks: Iterable[Block], roots: Sequence[Cid]) -> Iterator[bytes]:
    """Yield the stream piece by piece; holds one block at a time."""
    yield _header(roots)
    for block in blocks:
        yield varint(BYTES_LENGTH + len(block.data)) + cid_bytes(block.cid)
        yield block.data


def read(data: bytes, limits: Limits | None = None) -> tuple[tuple[Cid, ...], list[Block]]:
    """Return the roots and the blocks, each checked against its CID. Raises: Damaged."""
    stream = Stream(io.BytesIO(data).read, limits or Limits())
    return stream.roots, list(stream)


class Stream:
    """A stream that is read as it comes; holds one block at a time.

    Args:
        read: returns at most as many bytes as it is asked for, and none at the end.

    Raises, here and when iterated: Damaged, and what `read` raises.
    """

    def __init__(self, read: Callable[[int], bytes], limits: Limits) -> None:
        self._read = read
        self._limits = limits
        self._left = limits.total_bytes
        length = self._varint()
        if length is None or length > _MAX_HEADER_BYTES:
            raise Damaged(_WHAT)
        header = self._exactly(length)
        self.roots = _roots(header)
        if varint(length) + header != _header(self.roots):
            raise Damaged(_WHAT)

    def __iter__(self) -> Iterator[Block]:
        for _ in range(self._limits.blocks):
            length = self._varint()
            if length is None:
                return
            if not BYTES_LENGTH <= length <= BYTES_LENGTH + self._limits.block_bytes:
                raise Damaged(_WHAT)
            cid = cid_from_bytes(self._exactly(BYTES_LENGTH))
            data = self._exactly(length - BYTES_LENGTH)
            verify(cid, data)
            yield Block(cid, data)
        if self._varint() is not None:
            raise Damaged(_WHAT)

    def _varint(self) -> int | None:
        """Return the next number; None where the stream ends."""
        coded = bytearray()
        while piece := self._read(1):
            coded += piece
            if piece[0] < 0x80:
                number, _ = read_varint(bytes(coded), 0)
                if varint(number) != coded:
                    raise Damaged(_WHAT)
                return number
            if len(coded) > _MAX_VARINT_BYTES:
                break
        if coded:
            raise Damaged(_WHAT)
        return None

    def _exactly(self, length: int) -> bytes:
        self._left -= length
        if self._left < 0:
            raise Damaged(_WHAT)
        pieces, wanted = [], length
        while wanted:
            piece = self._read(wanted)
            if not piece:
                raise Damaged(_WHAT)
            pieces.append(piece)
            wanted -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _header(roots: Sequence[Cid]) -> bytes:
    if not 0 < len(roots) <= _MAX_ROOTS:
        raise ValueError("a stream of blocks has 1 to 23 roots")
    links = b"".join(_LINK + cid_bytes(root) for root in roots)
    header = _START + bytes((0x80 | len(roots),)) + links + _END
    return varint(len(header)) + header


def _roots(header: bytes) -> tuple[Cid, ...]:
    if len(header) <= len(_START):
        raise Damaged(_WHAT)
    count = header[len(_START)] & 0x1F
    if not 0 < count <= _MAX_ROOTS:
        raise Damaged(_WHAT)
    step = len(_LINK) + BYTES_LENGTH
    starts = range(len(_START) + 1 + len(_LINK), len(header), step)[:count]
    if len(starts) != count:
        raise Damaged(_WHAT)
    return tuple(cid_from_bytes(header[start : start + BYTES_LENGTH]) for start in starts)
