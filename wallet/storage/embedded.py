"""A folder of blocks, for a machine without an IPFS node; the CIDs are those of a node.

    blocks/<two characters before the last of the CID>/<CID>     a block
    pins/<CID>                                                   empty: keep this root

Nothing is reachable from elsewhere. A node takes the blocks over without changing a CID.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from wallet.container.cbor import Link, decode
from wallet.errors import (
    BlockUnreachable,
    Damaged,
    RequestInvalid,
    StoreFull,
    StoreReadOnly,
    StoreUnreachable,
)
from wallet.files import write_atomically
from wallet.ports import Block, Cid
from wallet.storage import unixfs
from wallet.storage.cid import parse, verify

_ADD_GRACE_S = 3600  # blocks this young may belong to a root that is about to be pinned
_NAME = "this computer"

_BY_NUMBER: dict[int, type[StoreFull | StoreUnreachable | StoreReadOnly]] = {
    errno.ENOSPC: StoreFull,
    errno.EDQUOT: StoreFull,
    errno.EROFS: StoreReadOnly,
    errno.EACCES: StoreReadOnly,
    errno.EPERM: StoreReadOnly,
}


class EmbeddedStore:
    """Fits `wallet.ports.BlobStore`. Processes and threads may share one folder."""

    def __init__(self, folder: Path, name: str = _NAME) -> None:
        self._name = name
        self._blocks = folder / "blocks"
        self._pins = folder / "pins"

    @property
    def name(self) -> str:
        return self._name

    def get(self, cid: Cid) -> bytes:
        path = self._path(cid)
        with self._translated():
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                raise BlockUnreachable(cid) from None
        verify(cid, data)
        return data

    def add(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            verify(block.cid, block.data)
            self._write(block)

    def holds(self, cid: Cid) -> bool:
        """Whether the block itself is here, kept or not."""
        with self._translated():
            return self._path(cid).exists()

    def pin(self, root: Cid) -> None:
        for cid in self._below(root):
            if not self.holds(cid):
                raise BlockUnreachable(cid)
        with self._translated():
            self._pins.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_atomically(self._pins / root, b"")

    def unpin(self, root: Cid) -> None:
        parse(root)
        with self._translated():
            (self._pins / root).unlink(missing_ok=True)

    def has(self, root: Cid) -> bool:
        parse(root)
        with self._translated():
            if not (self._pins / root).exists():
                return False
        try:
            return all(self.holds(cid) for cid in self._below(root))
        except (BlockUnreachable, Damaged):
            return False

    def addresses(self) -> tuple[str, ...]:
        return ()

    def connect(self, address: str) -> None:  # noqa: ARG002 - the port's signature
        raise RequestInvalid("Without an IPFS node nothing can be fetched from other machines")

    def collect_garbage(self, grace_s: float = _ADD_GRACE_S) -> int:
        """Delete what no pin keeps and was not added within `grace_s`; return how many blocks.

        Raises: BlockUnreachable, Damaged if a pinned root is not whole; then nothing is deleted.
        """
        with self._translated():
            kept = {cid for root in self._pinned() for cid in self._below(root)}
            deleted = 0
            for path in list(self._blocks.glob("*/*")):
                if path.name not in kept and time.time() - path.stat().st_mtime >= grace_s:
                    path.unlink(missing_ok=True)
                    deleted += 1
            return deleted

    def _pinned(self) -> list[Cid]:
        return [Cid(path.name) for path in self._pins.glob("b*")]

    def _below(self, root: Cid) -> Iterator[Cid]:
        """Yield `root` and all that it leads to. Raises: BlockUnreachable, Damaged."""
        seen: set[Cid] = set()
        waiting = [root]
        while waiting:
            cid = waiting.pop()
            if cid in seen:
                continue
            seen.add(cid)
            yield cid
            waiting += links(cid, self.get(cid)) if parse(cid).codec != "raw" else ()

    def _write(self, block: Block) -> None:
        path = self._path(block.cid)
        with self._translated():
            try:
                # A block that a power cut left empty or half written is written again.
                if path.read_bytes() == block.data:
                    os.utime(path)
                    return
            except FileNotFoundError:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_atomically(path, block.data)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what the disk reports into what a store reports."""
        try:
            yield
        except OSError as failure:
            raise _BY_NUMBER.get(failure.errno or 0, StoreUnreachable)(self._name) from failure

    def _path(self, cid: Cid) -> Path:
        parse(cid)
        return self._blocks / cid[-3:-1] / cid


def links(cid: Cid, data: bytes) -> tuple[Cid, ...]:
    """Return what a block leads to. Raises: Damaged."""
    match parse(cid).codec:
        case "dag-pb":
            return unixfs.decode_node(data).leaves
        case "dag-cbor":
            return tuple(_linked(decode(data)))
        case _:
            return ()


def _linked(value: object) -> Iterator[Cid]:
    match value:
        case Link(cid=cid):
            yield cid
        case dict():
            for item in value.values():
                yield from _linked(item)
        case list() | tuple():
            for item in value:
                yield from _linked(item)
        case _:
            pass
