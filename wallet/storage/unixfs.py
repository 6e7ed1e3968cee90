"""Files as blocks: raw leaves of 262,144 bytes below one dag-pb node, so that any range is cheap.

    leaf    raw block; all full but the last
    node    dag-pb: 2 to 1,024 links (no name, the size of the leaf), then UnixFS data: type file,
            file size, the size of every leaf
    file    of one leaf: that leaf alone (an empty file too); else the node

What decodes encodes to the same bytes; so any tool that builds balanced files of this leaf size
with CIDv1 and raw leaves gets the same CIDs.

Source: https://specs.ipfs.tech/unixfs/, https://ipld.io/specs/codecs/dag-pb/spec/.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from wallet.errors import Damaged
from wallet.ports import Block, BlockSource, Cid
from wallet.storage.cid import cid_bytes, cid_from_bytes, cid_of, parse, raw_cid

LEAF = 262_144
MAX_LEAVES = 1024
MAX_BYTES = LEAF * MAX_LEAVES

_SIDE_BY_SIDE = 4
_KEPT_LEAVES = 16  # 4 MiB: a slice that straddles leaves, and its neighbours
_FILE_TYPE = b"\x08\x02"
_WHAT = "part of a file"

# Readers of several files share these; each read has at most _SIDE_BY_SIDE of its leaves in flight.
_fetching = ThreadPoolExecutor(2 * _SIDE_BY_SIDE, thread_name_prefix="leaves")


@dataclass(frozen=True, slots=True)
class Node:
    """The leaves of a file, in order, and how long it is."""

    leaves: tuple[Cid, ...]
    size: int

    def encode(self) -> bytes:
        """Return the dag-pb block."""
        links = bytearray()
        data = bytearray(_FILE_TYPE + b"\x18" + varint(self.size))
        for leaf, size in zip(self.leaves, self.leaf_sizes(), strict=True):
            link = b"\x0a\x24" + cid_bytes(leaf) + b"\x12\x00\x18" + varint(size)
            links += b"\x12" + varint(len(link)) + link
            data += b"\x20" + varint(size)
        return bytes(links + b"\x0a" + varint(len(data)) + data)

    def leaf_sizes(self) -> Iterator[int]:
        """Yield the length of each leaf."""
        for number in range(len(self.leaves)):
            yield min(LEAF, self.size - number * LEAF)


def decode_node(data: bytes) -> Node:
    """Read a dag-pb block. Raises: Damaged for anything that we would not have written."""
    leaves: list[Cid] = []
    try:
        at = 0
        while data[at] == 0x12:
            length, start = read_varint(data, at + 1)
            leaves.append(cid_from_bytes(data[start + 2 : start + 38]))
            at = start + length
        _, start = read_varint(data, at + 1)
        size, _ = read_varint(data, start + 3)
    except IndexError:
        raise Damaged(_WHAT) from None
    node = Node(tuple(leaves), size)
    if not 1 < len(leaves) <= MAX_LEAVES or -(-size // LEAF) != len(leaves):
        raise Damaged(_WHAT)
    if any(parse(leaf).codec != "raw" for leaf in leaves) or node.encode() != data:
        raise Damaged(_WHAT)
    return node


class FileBuilder:
    """Cuts a stream into leaves and names the file at the end; holds at most one leaf."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._leaves: list[Cid] = []
        self._root: Cid | None = None
        self.size = 0

    def feed(self, data: bytes | bytearray | memoryview) -> Iterator[Block]:
        """Take in more of the file and return the leaves that it filled.

        Raises: ValueError when the file outgrows one node, or is finished.
        """
        if self._root is not None or self.size + len(data) > MAX_BYTES:
            raise ValueError("a file of blocks is finished, or would outgrow its node")
        self.size += len(data)
        view = memoryview(data)
        first = min(len(view), LEAF - len(self._rest))
        self._rest += view[:first]
        filled: list[Block] = []
        # The last full leaf stays until more comes, so that `finish` always has one.
        if first < len(view):
            filled.append(self._leaf(bytes(self._rest)))
            while first + LEAF < len(view):
                filled.append(self._leaf(bytes(view[first : first + LEAF])))
                first += LEAF
            self._rest[:] = view[first:]
        return iter(filled)

    def finish(self) -> Iterator[Block]:
        """Return the last leaf, and the node if there is more than one."""
        blocks: list[Block] = []
        if self._root is None:
            blocks.append(self._leaf(bytes(self._rest)))
            self._rest.clear()
            if len(self._leaves) > 1:
                data = Node(tuple(self._leaves), self.size).encode()
                blocks.append(Block(cid_of("dag-pb", data), data))
            self._root = blocks[-1].cid
        return iter(blocks)

    @property
    def root(self) -> Cid:
        """The address of the finished file."""
        if self._root is None:
            raise ValueError("the file is not finished")
        return self._root

    def _leaf(self, data: bytes) -> Block:
        block = Block(raw_cid(data), data)
        self._leaves.append(block.cid)
        return block


def build(data: bytes) -> tuple[Cid, list[Block]]:
    """Return the address and all blocks of a small file, leaves first."""
    builder = FileBuilder()
    blocks = [*builder.feed(data), *builder.finish()]
    return builder.root, blocks


class File:
    """A file of blocks, read by the leaves that a range lies in. Safe to share between threads.

    Every method raises BlockUnreachable, StoreUnreachable, and Damaged if a block is not what its
    place in the file says.
    """

    def __init__(self, source: BlockSource, root: Cid) -> None:
        self._source = source
        self._root = root
        self._lock = threading.Lock()
        self._known: Node | None = None
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    @property
    def size(self) -> int:
        """The length in bytes; costs a block the first time."""
        return self._node().size

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes from `offset`. A range that is not all there is Damaged."""
        if offset < 0 or length < 0:
            raise ValueError("a range does not begin or end before the file")
        node = self._node()
        if offset + length > node.size:
            raise Damaged(_WHAT)
        if not length:
            return b""
        first, last = offset // LEAF, (offset + length - 1) // LEAF
        leaves = self._leaves(node, range(first, last + 1))
        start = offset - first * LEAF
        if len(leaves) == 1:
            return leaves[0][start : start + length]
        views = [memoryview(leaf) for leaf in leaves]
        views[0] = views[0][start:]
        views[-1] = views[-1][: offset + length - last * LEAF]
        return b"".join(views)

    def read_all(self) -> bytes:
        """Return the whole file."""
        return self.read(0, self.size)

    def _node(self) -> Node:
        if self._known is None:
            data = self._source.get(self._root)
            if parse(self._root).codec != "raw":
                self._known = decode_node(data)
            elif len(data) > LEAF:
                raise Damaged(_WHAT)
            else:
                self._keep(0, data)
                self._known = Node((self._root,), len(data))
        return self._known

    def _leaves(self, node: Node, numbers: Sequence[int]) -> list[bytes]:
        """Return the leaves of these numbers, those that are not kept fetched side by side."""
        with self._lock:
            found = {number: self._kept[number] for number in numbers if number in self._kept}
            for number in found:
                self._kept.move_to_end(number)
        missing = [number for number in numbers if number not in found]
        if len(missing) == 1:
            found[missing[0]] = self._fetch(node, missing[0])
        elif missing:
            found.update(self._fetch_side_by_side(node, missing))
        return [found[number] for number in numbers]

    def _fetch_side_by_side(
        self, node: Node, missing: Iterable[int]
    ) -> Iterator[tuple[int, bytes]]:
        waiting: OrderedDict[int, Future[bytes]] = OrderedDict()
        try:
            for number in missing:
                if len(waiting) == _SIDE_BY_SIDE:
                    done, future = waiting.popitem(last=False)
                    yield done, future.result()
                waiting[number] = _fetching.submit(self._fetch, node, number)
            while waiting:
                done, future = waiting.popitem(last=False)
                yield done, future.result()
        finally:
            for future in waiting.values():
                future.cancel()

    def _fetch(self, node: Node, number: int) -> bytes:
        data = self._source.get(node.leaves[number])
        if len(data) != min(LEAF, node.size - number * LEAF):
            raise Damaged(_WHAT)
        self._keep(number, data)
        return data

    def _keep(self, number: int, data: bytes) -> None:
        with self._lock:
            self._kept[number] = data
            self._kept.move_to_end(number)
            while len(self._kept) > _KEPT_LEAVES:
                self._kept.popitem(last=False)


def varint(number: int) -> bytes:
    """Return an unsigned LEB128 number."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the number at `at` and where it ends. Raises: IndexError, Damaged."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
        if shift > 63:
            raise Damaged(_WHAT)
