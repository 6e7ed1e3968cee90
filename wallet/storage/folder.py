"""A folder on another disk or a share: the embedded store's layout, on a path that comes and goes.

    rayfolio-store      marks the folder: 32 hex digits, drawn when it was chosen
    blocks/, pins/      as in `wallet.storage.embedded`

A disk that is not mounted leaves an empty folder behind, on the disk below: without its mark it is
neither read nor written. No call takes longer than its limit, even where the system waits for a
share for ever.
"""

from __future__ import annotations

import contextlib
import errno
import re
import secrets
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from wallet.errors import RequestInvalid, StoreReadOnly, StoreUnreachable
from wallet.files import create_atomically
from wallet.ports import Block, Cid
from wallet.storage.cid import parse, verify
from wallet.storage.embedded import EmbeddedStore

_MARK = "rayfolio-store"
_ID = re.compile("[0-9a-f]{32}")
_CALL_S = 30.0  # of one block
_WALK_S = 600.0  # of what reads many
_MOST_WAITING = 8  # calls that the system has not given back

T = TypeVar("T")


def mark(folder: Path) -> str:
    """Make `folder` a store, or find that it is one; return its id, for the settings.

    Raises: RequestInvalid if it is not there or holds another mark; StoreReadOnly.
    """
    try:
        if not folder.is_dir():
            raise RequestInvalid("The folder for copies is not there")
        if not (folder / _MARK).exists():
            with contextlib.suppress(FileExistsError):
                create_atomically(folder / _MARK, secrets.token_hex(16).encode())
        held = _read_mark(folder)
    except OSError as failure:
        if failure.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise StoreReadOnly("folder") from failure
        raise StoreUnreachable("folder") from failure
    if held is None:
        raise RequestInvalid("The folder for copies holds a mark that is not Rayfolio's")
    return held


class FolderStore:
    """Fits `wallet.ports.BlobStore`. Processes, threads and machines may share one folder.

    Args:
        folder: where the disk or the share is mounted, or a folder below.
        store_id: what `mark` returned when the person chose it.
        name: what to call it before a person.
        call_timeout_s: how long one block may take.
    """

    def __init__(
        self,
        folder: Path,
        store_id: str,
        name: str = "folder",
        call_timeout_s: float = _CALL_S,
    ) -> None:
        self._folder = folder
        self._id = store_id
        self._call_timeout_s = call_timeout_s
        self._walk_timeout_s = max(call_timeout_s, _WALK_S)
        self._inner = EmbeddedStore(folder, name)
        self._waiting = threading.Semaphore(_MOST_WAITING)

    @property
    def name(self) -> str:
        return self._inner.name

    def get(self, cid: Cid) -> bytes:
        parse(cid)
        return self._within(self._call_timeout_s, self._inner.get, cid)

    def holds(self, cid: Cid) -> bool:
        """Whether the block itself is here, kept or not."""
        parse(cid)
        return self._within(self._call_timeout_s, self._inner.holds, cid)

    def add(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            verify(block.cid, block.data)
            self._within(self._call_timeout_s, self._inner.add, (block,))

    def pin(self, root: Cid) -> None:
        parse(root)
        self._within(self._walk_timeout_s, self._inner.pin, root)

    def unpin(self, root: Cid) -> None:
        parse(root)
        self._within(self._call_timeout_s, self._inner.unpin, root)

    def has(self, root: Cid) -> bool:
        parse(root)
        return self._within(self._walk_timeout_s, self._inner.has, root)

    def addresses(self) -> tuple[str, ...]:
        return ()

    def connect(self, address: str) -> None:
        self._inner.connect(address)

    def collect_garbage(self) -> int:
        """Delete what no pin keeps and is older than an hour; return how many blocks."""
        return self._within(self._walk_timeout_s, self._inner.collect_garbage)

    def _within(self, timeout_s: float, call: Callable[..., T], *given: Any) -> T:
        """Return what `call` returns on the marked folder. Raises: StoreUnreachable after a time.

        A call on a dead share cannot be ended, only left behind: its thread keeps nobody waiting.
        """
        if not self._waiting.acquire(timeout=timeout_s):
            raise StoreUnreachable(self.name)
        done: list[T] = []
        failed: list[BaseException] = []

        def work() -> None:
            try:
                self._check_mark()
                done.append(call(*given))
            except BaseException as failure:
                failed.append(failure)  # raised again where the caller waits
            finally:
                self._waiting.release()

        thread = threading.Thread(target=work, name="folder", daemon=True)
        thread.start()
        thread.join(timeout_s)
        if failed:
            raise failed[0]
        if not done:
            raise StoreUnreachable(self.name)
        return done[0]

    def _check_mark(self) -> None:
        try:
            held = _read_mark(self._folder)
        except OSError as failure:
            raise StoreUnreachable(self.name) from failure
        if held != self._id:
            raise StoreUnreachable(self.name)


def _read_mark(folder: Path) -> str | None:
    with (folder / _MARK).open("rb") as file:
        held = file.read(64).decode("ascii", "replace").strip()
    return held if _ID.fullmatch(held) else None
