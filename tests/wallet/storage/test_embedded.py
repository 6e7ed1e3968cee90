"""The folder of blocks: what a disk can do to it, and what it throws away."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from wallet.container.cbor import Link, encode
from wallet.errors import BlockUnreachable, Damaged, StoreFull, StoreUnreachable
from wallet.ports import Block, Cid
from wallet.storage.cid import cid_of
from wallet.storage.embedded import EmbeddedStore, links
from wallet.storage.unixfs import LEAF, build


@pytest.fixture
def store(tmp_path: Path) -> EmbeddedStore:
    return EmbeddedStore(tmp_path)


def path_of(folder: Path, cid: Cid) -> Path:
    return folder / "blocks" / cid[-3:-1] / cid


def kept(store: EmbeddedStore) -> tuple[Cid, list[Block]]:
    root, blocks = build(os.urandom(3 * LEAF))
    store.add(blocks)
    store.pin(root)
    return root, blocks


def test_a_flipped_bit_on_the_disk_is_found(store: EmbeddedStore, tmp_path: Path) -> None:
    _, blocks = kept(store)
    path = path_of(tmp_path, blocks[1].cid)
    path.write_bytes(b"x" + path.read_bytes()[1:])
    with pytest.raises(Damaged):
        store.get(blocks[1].cid)


def test_a_block_that_a_power_cut_left_empty_is_written_again(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    _, blocks = kept(store)
    path_of(tmp_path, blocks[1].cid).write_bytes(b"")
    store.add(blocks)
    assert store.get(blocks[1].cid) == blocks[1].data


@pytest.mark.parametrize("number", [1, 3], ids=["a leaf", "the node"])
def test_a_root_of_which_a_block_is_gone_is_no_longer_here(
    store: EmbeddedStore, tmp_path: Path, number: int
) -> None:
    root, blocks = kept(store)
    path_of(tmp_path, blocks[number].cid).unlink()
    assert not store.has(root)


def test_a_root_whose_node_is_damaged_is_no_longer_here(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    root, _ = kept(store)
    path_of(tmp_path, root).write_bytes(b"x")
    assert not store.has(root)


def test_what_no_pin_keeps_is_thrown_away(store: EmbeddedStore) -> None:
    root, blocks = kept(store)
    gone, old = kept(store)
    store.unpin(gone)

    assert store.collect_garbage(grace_s=0) == len(old)
    assert store.has(root)
    assert [store.get(block.cid) for block in blocks] == [block.data for block in blocks]
    with pytest.raises(BlockUnreachable):
        store.get(gone)


def test_blocks_that_were_just_added_are_not_thrown_away(store: EmbeddedStore) -> None:
    root, blocks = build(os.urandom(2 * LEAF))
    store.add(blocks)
    assert store.collect_garbage() == 0
    store.pin(root)


def test_an_old_block_that_is_added_again_counts_as_new(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    _, blocks = build(os.urandom(2 * LEAF))
    store.add(blocks)
    for block in blocks:
        os.utime(path_of(tmp_path, block.cid), (0, 0))
    store.add(blocks)
    assert store.collect_garbage() == 0


def test_nothing_is_thrown_away_while_a_kept_root_is_not_whole(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    root, _ = kept(store)
    unpinned, _ = build(b"unpinned")
    store.add(build(b"unpinned")[1])
    path_of(tmp_path, root).unlink()
    with pytest.raises(BlockUnreachable):
        store.collect_garbage(grace_s=0)
    assert store.get(unpinned) == b"unpinned"


def test_a_folder_that_cannot_be_written_is_a_store_that_does_not_answer(tmp_path: Path) -> None:
    (tmp_path / "blocks").write_text("a file where the folder should be")
    with pytest.raises(StoreUnreachable):
        EmbeddedStore(tmp_path).add(build(b"x")[1])


def test_a_full_disk_is_said_to_be_full(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(StoreFull):
        store.add(build(b"x")[1])


def test_links_of_a_head_are_found_wherever_they_stand() -> None:
    first, second = build(b"1")[0], build(b"2")[0]
    data = encode({"a": [Link(first), {"b": Link(second)}], "c": bytes(36), "d": 5})
    assert set(links(cid_of("dag-cbor", data), data)) == {first, second}
