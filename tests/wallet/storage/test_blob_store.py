"""What every BlobStore does; each implementation passes the same suite."""

from __future__ import annotations

import itertools
import os
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wallet.container.cbor import Link, encode
from wallet.errors import BlockUnreachable, Cancelled, Damaged, RequestInvalid
from wallet.ports import BlobStore, Block, Cid
from wallet.storage.cid import cid_of, raw_cid
from wallet.storage.embedded import EmbeddedStore
from wallet.storage.folder import FolderStore, mark
from wallet.storage.kubo import KuboStore
from wallet.storage.unixfs import LEAF, File, build


@pytest.fixture(params=["embedded", "folder", pytest.param("kubo", marks=pytest.mark.live)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    match request.param:
        case "embedded":
            return EmbeddedStore(tmp_path / "blocks")
        case "folder":
            return FolderStore(tmp_path, mark(tmp_path))
        case "kubo":
            return KuboStore(request.getfixturevalue("api"), get_timeout_s=1)
        case other:
            raise ValueError(other)


def fresh(size: int) -> tuple[bytes, Cid, list[Block]]:
    data = os.urandom(size)
    return data, *build(data)


def head_over(*roots: Cid) -> Block:
    data = encode({"data": [Link(root) for root in roots], "salt": os.urandom(8)})
    return Block(cid_of("dag-cbor", data), data)


@pytest.mark.parametrize("size", [0, 1, LEAF, LEAF + 1, 5 * LEAF + 3])
def test_what_was_added_comes_back(store: BlobStore, size: int) -> None:
    data, root, blocks = fresh(size)
    store.add(blocks)

    assert File(store, root).read_all() == data
    assert [store.get(block.cid) for block in blocks] == [block.data for block in blocks]


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(datas=st.lists(st.binary(max_size=2000), max_size=10))
def test_any_blocks_come_back(store: BlobStore, datas: list[bytes]) -> None:
    store.add(Block(raw_cid(data), data) for data in datas)
    assert [store.get(raw_cid(data)) for data in datas] == datas


def test_a_block_that_nobody_has_is_unreachable(store: BlobStore) -> None:
    absent = raw_cid(os.urandom(9))
    with pytest.raises(BlockUnreachable) as raised:
        store.get(absent)
    assert raised.value.cid == absent


def test_a_block_that_is_not_what_its_name_says_is_refused(store: BlobStore) -> None:
    named = raw_cid(os.urandom(9))
    with pytest.raises(Damaged):
        store.add([Block(named, b"something else")])
    with pytest.raises(BlockUnreachable):
        store.get(named)


@pytest.mark.parametrize("text", ["", "Qm", "../../etc/passwd", "b" * 59, "-h"])
def test_what_is_no_cid_is_refused_before_the_store_is_asked(store: BlobStore, text: str) -> None:
    for ask in (store.get, store.has, store.pin, store.unpin):
        with pytest.raises(Damaged):
            ask(Cid(text))


def test_a_root_is_kept_from_when_it_is_pinned_until_it_is_unpinned(store: BlobStore) -> None:
    _, part, blocks = fresh(2 * LEAF)
    head = head_over(part)
    store.add([*blocks, head])
    assert not store.has(head.cid)

    store.pin(head.cid)
    assert store.has(head.cid)
    store.unpin(head.cid)
    assert not store.has(head.cid)


def test_pinning_and_unpinning_twice_changes_nothing(store: BlobStore) -> None:
    _, root, blocks = fresh(LEAF + 1)
    store.add(blocks)
    store.add(blocks)
    store.pin(root)
    store.pin(root)
    assert store.has(root)
    store.unpin(root)
    store.unpin(root)
    assert not store.has(root)


def test_two_roots_that_share_blocks_are_kept_each_for_itself(store: BlobStore) -> None:
    data, part, blocks = fresh(LEAF + 9)
    first, second = head_over(part), head_over(part)
    store.add([*blocks, first, second])
    store.pin(first.cid)
    store.pin(second.cid)
    store.unpin(first.cid)

    assert not store.has(first.cid)
    assert store.has(second.cid)
    assert File(store, part).read_all() == data


@pytest.mark.parametrize("gone", ["the head", "the node", "a leaf", "a lone leaf"])
def test_what_is_not_whole_is_not_pinned(store: BlobStore, gone: str) -> None:
    _, part, blocks = fresh(3 * LEAF)
    _, lone, leaf = fresh(9)
    head = head_over(part, lone)
    absent = {
        "the head": head.cid,
        "the node": part,
        "a leaf": blocks[1].cid,
        "a lone leaf": leaf[0].cid,
    }[gone]
    store.add(block for block in [*blocks, *leaf, head] if block.cid != absent)

    with pytest.raises(BlockUnreachable):
        store.pin(head.cid)
    assert not store.has(head.cid)


def test_a_lone_block_that_is_absent_is_not_pinned(store: BlobStore) -> None:
    with pytest.raises(BlockUnreachable):
        store.pin(raw_cid(os.urandom(9)))


@pytest.mark.parametrize("failure", [Cancelled(), OSError("the disc was taken out"), ValueError()])
def test_what_stops_the_source_reaches_the_caller(store: BlobStore, failure: Exception) -> None:
    _, _, blocks = fresh(5 * LEAF)

    def broken() -> Iterator[Block]:
        yield from blocks[:3]
        raise failure

    with pytest.raises(type(failure)):
        store.add(broken())
    store.add(blocks)
    store.pin(blocks[-1].cid)


def test_a_stream_is_taken_in_without_being_held(store: BlobStore) -> None:
    data = os.urandom(LEAF - 8)

    def endless() -> Iterator[Block]:
        for number in itertools.count():
            leaf = number.to_bytes(8, "big") + data
            yield Block(raw_cid(leaf), leaf)

    store.add(itertools.islice(endless(), 2))
    tracemalloc.start()
    try:
        store.add(itertools.islice(endless(), 200))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10 << 20  # of 50 MiB


def test_a_stream_longer_than_one_import_arrives_whole(
    store: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet.storage.kubo._BATCH_BYTES", LEAF)
    data, root, blocks = fresh(5 * LEAF + 1)
    store.add(blocks)
    store.pin(root)
    assert File(store, root).read_all() == data


def test_no_blocks_are_no_trouble(store: BlobStore) -> None:
    store.add([])


def test_many_threads_share_a_store(store: BlobStore) -> None:
    files = [fresh(2 * LEAF + number) for number in range(6)]
    back: dict[int, bytes] = {}

    def through(number: int) -> None:
        _, root, blocks = files[number]
        store.add(blocks)
        store.pin(root)
        back[number] = File(store, root).read_all()

    threads = [threading.Thread(target=through, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert back == {number: files[number][0] for number in range(6)}


@pytest.mark.parametrize("address", ["", "example.org", "/ip4/127.0.0.1/tcp/1", "--help"])
def test_what_is_no_address_is_not_dialled(store: BlobStore, address: str) -> None:
    with pytest.raises(RequestInvalid):
        store.connect(address)


def test_a_store_has_a_name_for_a_person_and_full_addresses(store: BlobStore) -> None:
    assert store.name
    assert all("/p2p/" in address for address in store.addresses())
