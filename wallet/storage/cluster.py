"""An IPFS Cluster: several nodes that keep a study together, each block on as many as was chosen.

Blocks go in as CAR streams by the cluster's REST API, which spreads them; a pin follows and is
waited for. Any peer answers for all: when one is gone, the next is asked. Nothing but CIDs is
told: no name, no metadata. Blocks are read through `source`: gateways or nodes of the cluster.

Source: https://ipfscluster.io/documentation/reference/api/.
"""

from __future__ import annotations

import functools
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

from wallet.errors import BlockUnreachable, RequestInvalid, StoreRefused, StoreUnreachable
from wallet.ports import Block, BlockSource, Cid
from wallet.storage import car
from wallet.storage.cid import parse, verify
from wallet.storage.token import Token
from wallet.storage.web import Web

_ASK_S = 20.0
_ADD_S = 600.0
_PIN_S = 600.0
_POLL_S = 0.2
_SLOWEST_POLL_S = 5.0
_MOST_BYTES = 1 << 20
_BATCH_BYTES = 4 << 20  # of one stream: what is repeated when a peer goes away

T = TypeVar("T")


class ClusterStore:
    """Fits `wallet.ports.BlobStore`. Safe to share between threads.

    Args:
        apis: the REST API of each peer, such as https://cluster.example:9094.
        source: reads blocks from the cluster's nodes.
        copies: on how many nodes a study has to be.
        pin_timeout_s: how long a pin is waited for; it goes on afterwards.
    """

    def __init__(
        self,
        apis: Sequence[str],
        source: BlockSource,
        name: str = "IPFS cluster",
        copies: int = 2,
        token: Token | None = None,
        pin_timeout_s: float = _PIN_S,
    ) -> None:
        if not apis or copies < 1:
            raise RequestInvalid("A cluster has a peer at least, and keeps one copy at least")
        self._name = name
        self._source = source
        self._copies = copies
        self._pin_timeout_s = pin_timeout_s
        self._webs = [Web(api, name, token) for api in apis]

    @property
    def name(self) -> str:
        return self._name

    def get(self, cid: Cid) -> bytes:
        return self._source.get(cid)

    def add(self, blocks: Iterable[Block]) -> None:
        coming = iter(blocks)
        for first in coming:
            batch = list(_some(chain((first,), coming)))  # held, so that another peer can take it
            self._first(functools.partial(self._send, batch))

    def pin(self, root: Cid) -> None:
        parse(root)
        query = [("replication-min", str(self._copies)), ("replication-max", str(self._copies))]
        self._asked("POST", root, query)
        end, wait_s = time.monotonic() + self._pin_timeout_s, _POLL_S
        while self.copies(root) < self._copies:
            if time.monotonic() > end:
                raise BlockUnreachable(root)
            time.sleep(wait_s)
            wait_s = min(wait_s * 1.5, _SLOWEST_POLL_S)

    def unpin(self, root: Cid) -> None:
        parse(root)
        self._asked("DELETE", root, ())

    def has(self, root: Cid) -> bool:
        return self.copies(root) > 0

    def copies(self, root: Cid) -> int:
        """Return on how many nodes all of `root` is kept, as they say themselves."""
        parse(root)
        peers = (self._asked("GET", root, ()) or {}).get("peer_map", {})
        return sum(peer.get("status") == "pinned" for peer in peers.values())

    def addresses(self) -> tuple[str, ...]:
        return ()

    def connect(self, address: str) -> None:  # noqa: ARG002 - the port's signature
        raise RequestInvalid("A cluster is not told which nodes to dial")

    def _asked(self, method: str, root: Cid, query: Sequence[tuple[str, str]]) -> Any:
        def ask(web: Web) -> Any:
            status, said = web.ask(
                method, f"/pins/{root}", query, timeout_s=_ASK_S, most=_MOST_BYTES
            )
            if status == 404:
                return None
            if status >= 300 or not isinstance(said, dict):
                raise StoreUnreachable(self._name)
            return said

        return self._first(ask)

    def _first(self, ask: Callable[[Web], T]) -> T:
        """Return what the first peer says that can be reached."""
        for web in self._webs[:-1]:
            try:
                return ask(web)
            except StoreUnreachable:
                continue
        return ask(self._webs[-1])

    def _send(self, batch: Sequence[Block], web: Web) -> None:
        query = [("format", "car"), ("no-pin", "true"), ("stream-channels", "false")]
        # To every node: which of them the pin will choose is not known yet, and blocks that it
        # would have to fetch from another node are sometimes waited for in vain.
        query += [("replication-min", "-1"), ("replication-max", "-1")]
        boundary = secrets.token_hex(16)
        with web.calling(
            "POST",
            "/add",
            query,
            timeout_s=_ADD_S,
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
            body=lambda: _multipart(batch, boundary),
        ) as answer:
            if answer.status in (401, 403):
                raise StoreRefused(self._name, "it does not accept the access token")
            answer.read_all(_MOST_BYTES)
            if answer.status != 200:
                raise StoreUnreachable(self._name)


def _some(blocks: Iterator[Block]) -> Iterator[Block]:
    taken = 0
    for block in blocks:
        verify(block.cid, block.data)
        yield block
        taken += len(block.data)
        if taken >= _BATCH_BYTES:
            return


def _multipart(batch: Sequence[Block], boundary: str) -> Iterator[bytes]:
    disposition = 'Content-Disposition: form-data; name="file"; filename="blocks.car"'
    yield f"--{boundary}\r\n{disposition}\r\n".encode()
    yield b"Content-Type: application/octet-stream\r\n\r\n"
    yield from car.write(batch, (batch[-1].cid,))
    yield f"\r\n--{boundary}--\r\n".encode()
