"""A folder on a disk that is pulled out, write-protected, or on a share that hangs."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wallet.errors import BlockUnreachable, RequestInvalid, StoreReadOnly, StoreUnreachable
from wallet.ports import Block
from wallet.storage.cid import raw_cid
from wallet.storage.folder import FolderStore, mark


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    (tmp_path / "disk").mkdir()
    return tmp_path / "disk"


def block() -> Block:
    data = os.urandom(50)
    return Block(raw_cid(data), data)


def test_a_folder_is_marked_once(disk: Path) -> None:
    first = mark(disk)
    assert mark(disk) == first
    assert (disk / "rayfolio-store").read_text() == first


def test_a_folder_that_is_not_there_cannot_be_chosen(disk: Path) -> None:
    with pytest.raises(RequestInvalid):
        mark(disk / "absent")


def test_a_folder_with_another_mark_is_left_alone(disk: Path) -> None:
    (disk / "rayfolio-store").write_text("somebody's list")
    with pytest.raises(RequestInvalid):
        mark(disk)
    assert (disk / "rayfolio-store").read_text() == "somebody's list"


def test_a_disk_that_was_pulled_out_is_named_and_nothing_goes_to_the_disk_below(disk: Path) -> None:
    store = FolderStore(disk, mark(disk), "blue disk")
    held = block()
    store.add([held])
    store.pin(held.cid)

    disk.rename(disk.with_name("elsewhere"))
    disk.mkdir()  # the mount point that is left
    for ask in (store.get, store.has, store.pin, store.unpin, store.holds):
        with pytest.raises(StoreUnreachable, match="blue disk"):
            ask(held.cid)
    with pytest.raises(StoreUnreachable, match="blue disk"):
        store.add([block()])
    with pytest.raises(StoreUnreachable, match="blue disk"):
        store.collect_garbage()
    assert list(disk.iterdir()) == []

    disk.rmdir()
    disk.with_name("elsewhere").rename(disk)
    assert store.has(held.cid)
    assert store.get(held.cid) == held.data


def test_another_disk_in_the_same_place_is_not_taken_for_it(disk: Path) -> None:
    store = FolderStore(disk, mark(disk))
    (disk / "rayfolio-store").unlink()
    mark(disk)
    with pytest.raises(StoreUnreachable):
        store.add([block()])


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, if it is root who runs the tests."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def protected() -> Iterator[tuple[Path, Block]]:
    """A store with one kept block, which nobody may write to."""
    folder = Path(tempfile.mkdtemp(prefix="rayfolio-"))
    store = FolderStore(folder, mark(folder))
    held = block()
    store.add([held])
    store.pin(held.cid)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder, held
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700)
    shutil.rmtree(folder)


def test_a_write_protected_folder_is_read_and_says_that_it_takes_nothing(
    protected: tuple[Path, Block],
) -> None:
    folder, held = protected
    with as_nobody():
        store = FolderStore(folder, mark(folder), "blue disk")
        assert store.get(held.cid) == held.data
        assert store.has(held.cid)
        with pytest.raises(StoreReadOnly, match="blue disk"):
            store.add([block()])
        with pytest.raises(StoreReadOnly, match="blue disk"):
            store.unpin(held.cid)


def test_a_share_that_hangs_keeps_nobody_waiting(disk: Path) -> None:
    store = FolderStore(disk, mark(disk), "clinic share", call_timeout_s=0.3)
    hung, held = block(), block()
    store.add([hung, held])
    path = next(disk.glob(f"blocks/*/{hung.cid}"))
    path.unlink()
    os.mkfifo(path)  # opening it waits until somebody writes, which nobody does

    begun = time.monotonic()
    with pytest.raises(StoreUnreachable, match="clinic share"):
        store.get(hung.cid)
    assert time.monotonic() - begun < 5
    assert store.get(held.cid) == held.data

    for _ in range(7):
        with pytest.raises(StoreUnreachable):
            store.get(hung.cid)
    # As many calls hang as ever may: no thread is added, and nobody waits longer.
    before = threading.active_count()
    with pytest.raises(StoreUnreachable):
        store.get(held.cid)
    assert threading.active_count() == before
    path.open("rb+", buffering=0).close()  # lets the eight go
    deadline = time.monotonic() + 10
    while threading.active_count() >= before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert store.get(held.cid) == held.data


def test_a_block_that_is_not_there_is_not_a_disk_that_is_not_there(disk: Path) -> None:
    with pytest.raises(BlockUnreachable):
        FolderStore(disk, mark(disk)).get(block().cid)
