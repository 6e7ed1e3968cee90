"""Files of blocks: the CIDs of `ipfs add`, any range from the leaves it lies in, hostile nodes."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from hypothesis import given, settings
from hypothesis import strategies as st

from wallet.errors import BlockUnreachable, Damaged
from wallet.ports import Block, Cid
from wallet.storage import unixfs
from wallet.storage.cid import cid_bytes, cid_of, raw_cid, verify
from wallet.storage.unixfs import LEAF, MAX_LEAVES, File, FileBuilder, Node, build, decode_node

VECTORS = Path(__file__).parents[2] / "vectors" / "ipfs" / "unixfs-known-cids.json"
PATTERN = hashlib.shake_256(b"leaves").digest(5 * LEAF)


class Shelf:
    """Blocks in memory, and how often each was asked for."""

    def __init__(self, blocks: list[Block]) -> None:
        self.blocks = {block.cid: block.data for block in blocks}
        self.asked: Counter[Cid] = Counter()
        self.at_once = 0
        self._now = 0
        self._lock = threading.Lock()

    def get(self, cid: Cid) -> bytes:
        with self._lock:
            self.asked[cid] += 1
            self._now += 1
            self.at_once = max(self.at_once, self._now)
        try:
            if cid not in self.blocks:
                raise BlockUnreachable(cid)
            verify(cid, self.blocks[cid])
            return self.blocks[cid]
        finally:
            with self._lock:
                self._now -= 1


def file_of(size: int) -> tuple[File, Shelf, list[Block]]:
    root, blocks = build(PATTERN[:size])
    shelf = Shelf(blocks)
    return File(shelf, root), shelf, blocks


def keystream(seed: str, length: int) -> bytes:
    key = hashlib.sha256(seed.encode()).digest()
    return Cipher(algorithms.ChaCha20(key, bytes(16)), mode=None).encryptor().update(bytes(length))


def known(limit: range) -> list[Any]:
    vectors = [
        vector
        for vector in json.loads(VECTORS.read_text())["vectors"]
        if vector["profile"] == "unixfs-v1-2025" and vector.get("length", 0) in limit
    ]
    assert vectors
    return vectors


@pytest.mark.parametrize("vector", known(range(1 << 25)), ids=lambda v: str(v.get("length")))
def test_files_have_the_cids_of_the_ipfs_profile(
    vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unixfs, "LEAF", vector["chunk_size"])  # the profile's; ours is 256 KiB
    data = vector["utf8"].encode() if "utf8" in vector else b""
    data = data or keystream(vector["seed"], vector["length"])
    assert build(data)[0] == vector["cid"]


@pytest.mark.long
@pytest.mark.parametrize("vector", known(range(1 << 30, 1 << 31)), ids=lambda v: v["note"])
def test_a_file_of_as_many_leaves_as_there_can_be_has_the_known_cid(
    vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unixfs, "LEAF", vector["chunk_size"])
    monkeypatch.setattr(unixfs, "MAX_BYTES", vector["chunk_size"] * MAX_LEAVES)
    builder = FileBuilder()
    key = hashlib.sha256(vector["seed"].encode()).digest()
    stream = Cipher(algorithms.ChaCha20(key, bytes(16)), mode=None).encryptor()
    for _ in range(vector["length"] >> 20):
        assert len(list(builder.feed(stream.update(bytes(1 << 20))))) <= 1
    list(builder.finish())
    assert builder.root == vector["cid"]


@pytest.mark.parametrize("size", [0, 1, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF, 4 * LEAF + 5])
def test_a_file_comes_back_whole_whatever_its_size(size: int) -> None:
    file, _, blocks = file_of(size)

    assert file.size == size
    assert file.read_all() == PATTERN[:size]
    leaves = max(1, -(-size // LEAF))
    assert len(blocks) == (1 if leaves == 1 else leaves + 1)
    assert blocks[-1].cid == file_of(size)[2][-1].cid


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, LEAF + 9), max_size=8))
def test_how_a_file_is_fed_does_not_change_its_blocks(cuts: list[int]) -> None:
    whole = PATTERN[: sum(cuts)]
    builder, blocks, at = FileBuilder(), [], 0
    for cut in cuts:
        blocks += builder.feed(memoryview(whole)[at : at + cut])
        at += cut
    blocks += builder.finish()

    assert (builder.root, blocks) == build(whole)
    assert builder.size == len(whole)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5 * LEAF), st.data())
def test_any_range_is_the_bytes_that_lie_there(size: int, data: st.DataObject) -> None:
    file, _, _ = file_of(size)
    offset = data.draw(st.integers(0, size))
    length = data.draw(st.integers(0, size - offset))
    assert file.read(offset, length) == PATTERN[offset : offset + length]


def test_a_range_asks_only_for_the_leaves_it_lies_in() -> None:
    file, shelf, blocks = file_of(5 * LEAF)

    file.read(LEAF + 7, LEAF)
    assert set(shelf.asked) == {blocks[-1].cid, blocks[1].cid, blocks[2].cid}


def test_leaves_that_were_just_read_are_not_asked_for_again() -> None:
    file, shelf, _ = file_of(5 * LEAF)
    file.read(LEAF + 7, LEAF)

    file.read(LEAF + 9, LEAF - 4)
    assert set(shelf.asked.values()) == {1}


def test_no_more_than_four_leaves_are_asked_for_side_by_side() -> None:
    root, blocks = build(PATTERN * 4)
    shelf = Shelf(blocks)

    assert File(shelf, root).read_all() == PATTERN * 4
    assert 1 <= shelf.at_once <= 4


def test_a_leaf_that_nobody_has_is_said_to_be_unreachable() -> None:
    file, shelf, blocks = file_of(5 * LEAF)
    del shelf.blocks[blocks[3].cid]

    assert file.read(0, 2 * LEAF) == PATTERN[: 2 * LEAF]
    with pytest.raises(BlockUnreachable):
        file.read_all()


@pytest.mark.parametrize("size", [10, 2 * LEAF])
def test_a_range_beyond_the_end_is_damaged(size: int) -> None:
    file, _, _ = file_of(size)
    for offset, length in [(0, size + 1), (size, 1), (size + 1, 0), (1 << 62, 1)]:
        with pytest.raises(Damaged):
            file.read(offset, length)


def test_a_file_takes_no_more_than_its_node_can_name() -> None:
    builder = FileBuilder()
    piece = bytes(4 * LEAF)
    for _ in range(MAX_LEAVES // 4):
        list(builder.feed(piece))
    with pytest.raises(ValueError, match="outgrow"):
        builder.feed(b"x")
    assert len(decode_node(list(builder.finish())[-1].data).leaves) == MAX_LEAVES


def test_nothing_is_fed_to_a_finished_file() -> None:
    builder = FileBuilder()
    list(builder.finish())
    with pytest.raises(ValueError, match="finished"):
        builder.feed(b"x")
    assert list(builder.finish()) == []


def node(count: int = 3, size: int = 3 * LEAF - 5) -> Node:
    return Node(tuple(raw_cid(bytes([i % 256, i >> 8])) for i in range(count)), size)


@pytest.mark.parametrize(
    "attack",
    [
        lambda: b"",
        lambda: node().encode()[:-1],
        lambda: node().encode() + b"\x00",
        lambda: node().encode().replace(b"\x08\x02", b"\x08\x01", 1),  # a folder
        lambda: node().encode().replace(b"\x12\x00", b"\x12\x01a", 1),  # a named link
        lambda: node().encode().replace(b"\x01\x55\x12\x20", b"\x01\x70\x12\x20", 1),
        lambda: node().encode().replace(b"\x01\x55\x12\x20", b"\x01\x71\x12\x20", 1),
        lambda: node(1, LEAF).encode(),
        lambda: node(3, 2 * LEAF).encode(),
        lambda: node(2, 3 * LEAF).encode(),
        lambda: node(MAX_LEAVES + 1, (MAX_LEAVES + 1) * LEAF).encode(),
        lambda: b"\x12" + b"\xff" * 20,
        lambda: b"\x0a\x04\x08\x02\x18\x00",
        lambda: b"\x12\x00" * 3,
    ],
    ids=[
        "empty",
        "cut off",
        "more behind it",
        "a folder",
        "a named link",
        "a leaf that is a node",
        "a leaf that is cbor",
        "one leaf",
        "too many leaves for its size",
        "too few leaves for its size",
        "more links than there may be",
        "an endless number",
        "no leaves",
        "links to nothing",
    ],
)
def test_a_node_that_we_would_not_have_written_is_damaged(attack: Callable[[], bytes]) -> None:
    with pytest.raises(Damaged):
        decode_node(attack())


@settings(max_examples=200)
@given(st.integers(0, len(node().encode()) - 1), st.integers(1, 255))
def test_a_node_with_one_byte_changed_is_damaged_or_encodes_to_itself(at: int, flip: int) -> None:
    data = bytearray(node().encode())
    data[at] ^= flip
    try:
        decoded = decode_node(bytes(data))
    except Damaged:
        return
    assert decoded.encode() == bytes(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_node_or_damaged(data: bytes) -> None:
    try:
        decoded = decode_node(data)
    except Damaged:
        return
    assert decoded.encode() == data


def test_a_leaf_shorter_than_its_place_says_is_damaged() -> None:
    _, _, blocks = file_of(3 * LEAF)
    short = Block(raw_cid(b"short"), b"short")
    forged = Node((blocks[0].cid, short.cid, blocks[2].cid), 3 * LEAF).encode()
    root = cid_of("dag-pb", forged)
    file = File(Shelf([*blocks, short, Block(root, forged)]), root)
    with pytest.raises(Damaged):
        file.read(LEAF, 5)


def test_a_lone_leaf_that_is_too_long_is_damaged() -> None:
    data = PATTERN[: LEAF + 1]
    file = File(Shelf([Block(raw_cid(data), data)]), raw_cid(data))
    with pytest.raises(Damaged):
        file.read(0, 1)


def test_a_file_is_read_from_many_threads_at_once() -> None:
    file, _, _ = file_of(5 * LEAF)
    wrong: list[int] = []

    def read(number: int) -> None:
        at = number * 31_337
        if file.read(at, LEAF) != PATTERN[at : at + LEAF]:
            wrong.append(number)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_root_of_a_file_names_its_leaves_in_order() -> None:
    _, _, blocks = file_of(4 * LEAF)
    assert decode_node(blocks[-1].data).leaves == tuple(block.cid for block in blocks[:-1])
    assert all(cid_bytes(block.cid)[1] == 0x55 for block in blocks[:-1])
