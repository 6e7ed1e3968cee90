"""Blocks in an IPFS node (Kubo), the person's own or one that we started."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from wallet.errors import BlockUnreachable, StoreUnreachable
from wallet.ports import Block, Cid
from wallet.storage import car
from wallet.storage.addresses import check, in_order
from wallet.storage.cid import parse, verify
from wallet.storage.rpc import Refused, Rpc

_GET_S = 20.0
_ASK_S = 10.0  # what the node answers from memory
_WALK_S = 600.0  # what reads or writes many blocks of its own disk
_DIAL_S = 10.0
_BATCH_BYTES = 64 << 20  # of one import: what is repeated when a connection breaks

_NOT_PINNED = "not pinned"
_SELF = "dial to self"
_CID = re.compile("b[a-z2-7]{58}")


class KuboStore:
    """Fits `wallet.ports.BlobStore`. Safe to share between threads.

    Args:
        api: the RPC API's multiaddr, such as /ip4/127.0.0.1/tcp/5001.
        name: what to call it before a person.
        get_timeout_s: how long one block may take.
    """

    def __init__(self, api: str, name: str = "IPFS node", get_timeout_s: float = _GET_S) -> None:
        self._name = name
        self._get_timeout_s = get_timeout_s
        self._rpc = Rpc(api, name)

    @property
    def name(self) -> str:
        return self._name

    def get(self, cid: Cid) -> bytes:
        parse(cid)
        try:
            data = self._block(cid, _ASK_S, offline="true")
        except BlockUnreachable:
            if not self._has_peers():
                raise  # there is nobody to wait for
            data = self._block(cid, self._get_timeout_s)
        verify(cid, data)
        return data

    def _block(self, cid: Cid, timeout_s: float, **opts: str) -> bytes:
        with self._rpc.calling(timeout_s, cid, **opts) as (client, bounded):
            return bytes(client.block.get(cid, **bounded))

    def _has_peers(self) -> bool:
        with self._rpc.calling(_ASK_S) as (client, bounded):
            return bool(client.swarm.peers(**bounded)["Peers"])

    def add(self, blocks: Iterable[Block]) -> None:
        coming = iter(blocks)
        for first in coming:
            self._import(_Upload(chain((first,), coming), first.cid))

    def pin(self, root: Cid) -> None:
        # The node's own pin would ask its peers for what is missing below the root, and wait.
        self.check_whole(root)
        with self._rpc.calling(_WALK_S, root, offline="true") as (client, bounded):
            client.pin.add(root, **bounded)

    def unpin(self, root: Cid) -> None:
        parse(root)
        try:
            with self._rpc.calling(_ASK_S) as (client, bounded):
                client.pin.rm(root, **bounded)
        except Refused as refused:
            if _NOT_PINNED not in refused.said:
                raise

    def has(self, root: Cid) -> bool:
        """Whether the node keeps `root`: it took that on only when all below was there."""
        parse(root)
        try:
            with self._rpc.calling(_ASK_S, offline="true") as (client, bounded):
                client.pin.ls(root, type="recursive", **bounded)
        except Refused as refused:
            if _NOT_PINNED not in refused.said:
                raise
            return False
        return True

    def holds(self, cid: Cid) -> bool:
        """Whether the block itself is on the node's own disk, kept or not."""
        parse(cid)
        return self._lies_here(cid)

    def is_whole(self, root: Cid) -> bool:
        """Whether all below `root` is on the node's own disk; reads it, 1 s for each GB."""
        parse(root)
        return self._missing(root) is None

    def check_whole(self, root: Cid) -> None:
        """Raises: BlockUnreachable, naming a block that is not on the node's own disk."""
        parse(root)
        if missing := self._missing(root):
            raise BlockUnreachable(missing)

    def addresses(self) -> tuple[str, ...]:
        with self._rpc.calling(_ASK_S) as (client, bounded):
            return in_order(client.id(**bounded)["Addresses"] or ())

    def connect(self, address: str) -> None:
        dialled = _Dialled(check(address))
        try:
            with self._rpc.calling(_DIAL_S) as (client, bounded):
                client.swarm.connect(dialled, **bounded)
        except Refused as refused:
            if _SELF not in refused.said:
                raise StoreUnreachable("the other IPFS node") from refused

    def collect_garbage(self) -> None:
        """Have the node delete all that no pin keeps, blocks not pinned yet included."""
        with self._rpc.calling(_WALK_S) as (client, bounded):
            client.repo.gc(**bounded)  # its `quiet` does not wait for the end

    def _import(self, upload: _Upload) -> None:
        options = {"pin-roots": "false", "stats": "true"}
        try:
            with self._rpc.calling(_WALK_S, **options) as (client, bounded):
                told = client.dag.imprt(upload, **bounded)
        except StoreUnreachable:
            if upload.failure:  # ours, not the node's: the library takes it for a broken line
                raise upload.failure from None
            raise
        if told["Stats"]["BlockCount"] != upload.count:
            raise StoreUnreachable(self._name)

    def _lies_here(self, cid: Cid) -> bool:
        try:
            with self._rpc.calling(_ASK_S, cid, offline="true") as (client, bounded):
                client.block.stat(cid, **bounded)
        except BlockUnreachable:
            return False
        return True

    def _missing(self, root: Cid) -> str | None:
        """Return a block that is not on the node's own disk, of `root` and all below it."""
        if not self._lies_here(root):
            return root
        if parse(root).codec == "raw":
            return None
        try:
            options = {"offline": "true", "recursive": "true", "unique": "true"}
            with self._rpc.calling(_WALK_S, root, **options) as (client, bounded):
                refs = client.unstable.refs(root, **bounded)
        except BlockUnreachable as absent:
            return absent.cid
        said = next((ref["Err"] for ref in refs if ref["Err"]), None)
        if said is None:
            return None
        named = _CID.search(said)
        return named[0] if named else root


class _Upload:
    """A CAR of at most some 64 MiB of a stream of blocks, as a file that can only be read."""

    def __init__(self, blocks: Iterator[Block], root: Cid) -> None:
        self.count = 0
        self.failure: OSError | None = None
        self._pieces = car.write(self._some(blocks), (root,))

    def read(self, size: int) -> bytes:
        """Return some `size` bytes, empty at the end; the library cuts what is more."""
        taken = bytearray()
        try:
            for piece in self._pieces:
                taken += piece
                if len(taken) >= size:
                    break
        except OSError as failure:
            self.failure = failure
            raise
        return bytes(taken)

    def _some(self, blocks: Iterator[Block]) -> Iterator[Block]:
        sent = 0
        for block in blocks:
            verify(block.cid, block.data)
            yield block
            self.count += 1
            sent += len(block.data)
            if sent >= _BATCH_BYTES:
                return


class _Dialled(str):
    """An address that ipfshttpclient's `swarm.connect` does not take apart into its characters."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        return iter(())
