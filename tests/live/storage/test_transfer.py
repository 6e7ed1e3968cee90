"""Two nodes: the CIDs of `ipfs add`, reading from a peer, and a peer that goes away."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wallet.errors import BlockUnreachable, StoreUnreachable
from wallet.ports import Block, Cid
from wallet.storage.cid import cid_of, raw_cid
from wallet.storage.embedded import EmbeddedStore
from wallet.storage.kubo import KuboStore
from wallet.storage.node import Node, find_ipfs
from wallet.storage.unixfs import LEAF, File, build

pytestmark = pytest.mark.live

StoreOf = Callable[[Node], KuboStore]

SIZES = [0, 1, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF, 5 * LEAF + 7, 180 * LEAF, 1024 * LEAF]


def ipfs(home: Path, *arguments: str) -> str:
    program = find_ipfs()
    assert program is not None
    return subprocess.run(
        [program, *arguments],
        env={**os.environ, "IPFS_PATH": str(home / "ipfs")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def shared(store: KuboStore, size: int) -> tuple[bytes, Cid, list[Block]]:
    data = os.urandom(size)
    root, blocks = build(data)
    store.add(blocks)
    store.pin(root)
    return data, root, blocks


def digests_on_disk(home: Path) -> set[str]:
    return {line.strip() for line in ipfs(home, "refs", "local").splitlines()}


@pytest.mark.parametrize("size", SIZES)
def test_the_cids_are_those_of_ipfs_add(node: Node, home: Path, tmp_path: Path, size: int) -> None:
    data = hashlib.shake_256(b"file").digest(min(size, 1 << 20))
    data = (data * (size // max(1, len(data)) + 1))[:size]
    file = tmp_path / "file"
    file.write_bytes(data)
    # No option says how: the node's own settings must cut as we do.
    assert ipfs(home, "add", "--quieter", "--only-hash", str(file)).strip() == build(data)[0]


def test_a_file_is_read_from_another_node(node: Node, other: Node, store_of: StoreOf) -> None:
    data, root, _ = shared(store_of(other), 9 * LEAF + 5)
    reader = store_of(node)
    reader.connect(other.status().addresses[0])

    assert File(reader, root).read_all() == data
    reader.pin(root)
    assert reader.has(root)
    assert reader.is_whole(root)


@pytest.mark.parametrize("number", [0, 1], ids=["quic", "tcp"])
def test_every_address_that_is_told_can_be_dialled(
    node: Node, other: Node, store_of: StoreOf, number: int
) -> None:
    address = other.status().addresses[number]
    node.connect(address)
    node.connect(address)
    assert node.status().peers == 1
    assert ("quic" in address) == (number == 0)


def test_a_range_brings_only_the_leaves_it_lies_in(
    node: Node, other: Node, home: Path, store_of: StoreOf
) -> None:
    data, root, blocks = shared(store_of(other), 40 * LEAF)
    node.connect(other.status().addresses[0])
    before = digests_on_disk(home)

    at = 17 * LEAF + 100
    file = File(store_of(node), root)
    assert file.read(at, LEAF) == data[at : at + LEAF]
    assert file.read(30 * LEAF, 9)  # what was read ahead for the first would be here by now
    brought = digests_on_disk(home) - before
    assert brought >= {blocks[number].cid for number in (17, 18, 30)}
    assert len(brought) == 4  # and the root, which is listed under another codec


def test_a_peer_that_goes_away_in_the_middle_is_said_to_be_unreachable_in_time(
    node: Node, other: Node, store_of: StoreOf
) -> None:
    _, root, _ = shared(store_of(other), 20 * LEAF)
    reader = store_of(node)
    node.connect(other.status().addresses[0])
    file = File(reader, root)
    file.read(0, LEAF)

    other.stop()
    begun = time.monotonic()
    with pytest.raises(BlockUnreachable):
        file.read(10 * LEAF, 3 * LEAF)
    assert time.monotonic() - begun < 2 + 1


def test_a_node_that_knows_no_other_is_not_waited_for(node: Node) -> None:
    begun = time.monotonic()
    with pytest.raises(BlockUnreachable):
        KuboStore(str(node.status().api)).get(raw_cid(b"nowhere"))
    assert time.monotonic() - begun < 5


def test_a_peer_that_came_back_is_read_from_again(
    node: Node, other: Node, store_of: StoreOf
) -> None:
    data, root, _ = shared(store_of(other), 20 * LEAF)
    address = other.status().addresses[0]
    reader = store_of(node)
    reader.connect(address)
    file = File(reader, root)
    file.read(0, LEAF)
    other.stop()
    with pytest.raises(StoreUnreachable):
        reader.connect(address)

    other.start(None)
    reader.connect(address)
    assert file.read(5 * LEAF, 9 * LEAF) == data[5 * LEAF : 14 * LEAF]


def test_dialling_oneself_is_no_trouble(node: Node, store_of: StoreOf) -> None:
    for address in node.status().addresses:
        store_of(node).connect(address)
    assert node.status().peers == 0


def test_nothing_is_pinned_over_the_line(node: Node, other: Node, store_of: StoreOf) -> None:
    _, root, _ = shared(store_of(other), 4 * LEAF)
    reader = store_of(node)
    reader.connect(other.status().addresses[0])
    with pytest.raises(BlockUnreachable):
        reader.pin(root)
    assert not reader.is_whole(root)


def test_when_the_node_is_down_every_call_says_so_at_once(node: Node, store_of: StoreOf) -> None:
    store = store_of(node)
    _, root, blocks = shared(store, 2 * LEAF)
    node.stop()
    begun = time.monotonic()
    calls: list[Callable[[], object]] = [
        lambda: store.get(root),
        lambda: store.add(blocks),
        lambda: store.pin(root),
        lambda: store.unpin(root),
        lambda: store.has(root),
        store.addresses,
        store.collect_garbage,
    ]
    for call in calls:
        with pytest.raises(StoreUnreachable):
            call()
    assert time.monotonic() - begun < 2


def test_a_node_that_ends_in_the_middle_of_an_upload_is_said_to_be_gone(
    node: Node, store_of: StoreOf
) -> None:
    store = store_of(node)

    def until_stopped() -> Iterator[Block]:
        for number in itertools.count():
            if number == 40:
                threading.Thread(target=node.stop).start()
            data = os.urandom(LEAF)
            yield Block(raw_cid(data), data)

    with pytest.raises(StoreUnreachable):
        store.add(until_stopped())


def test_garbage_is_all_that_no_pin_keeps(node: Node, store_of: StoreOf) -> None:
    store = store_of(node)
    data, root, _ = shared(store, 3 * LEAF)
    _, gone, _ = shared(store, 3 * LEAF)
    store.unpin(gone)
    store.collect_garbage()

    assert File(store, root).read_all() == data
    with pytest.raises(BlockUnreachable):
        store.get(gone)


def test_a_folder_of_blocks_moves_to_a_node_without_changing_a_cid(
    node: Node, store_of: StoreOf, tmp_path: Path
) -> None:
    folder = EmbeddedStore(tmp_path / "blocks")
    root, blocks = build(os.urandom(3 * LEAF))
    folder.add(blocks)
    store = store_of(node)
    store.add(Block(block.cid, folder.get(block.cid)) for block in blocks)
    store.pin(root)
    assert store.has(root)


def test_a_block_that_claims_another_codec_than_it_has_is_no_danger(
    node: Node, store_of: StoreOf
) -> None:
    # The same digest under another codec: the node refuses what does not decode, or keeps bytes.
    data = b"not a node at all"
    store = store_of(node)
    claimed = cid_of("dag-pb", data)
    with pytest.raises((StoreUnreachable, BlockUnreachable)):
        store.add([Block(claimed, data)])
        store.pin(claimed)
