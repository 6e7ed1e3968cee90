"""An IPFS node's RPC API through ipfshttpclient, and the one place where its errors become ours."""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from wallet.errors import (
    BlockUnreachable,
    Damaged,
    RequestInvalid,
    StoreFull,
    StoreUnreachable,
    WalletError,
)

_CONNECT_S = 60  # also bounds how long a busy node may leave an upload waiting
_GRACE_S = 5  # how much longer we wait than the node was told to try
_CHUNK_BYTES = 1 << 20

# What a node says when nobody that it can reach has a block.
_ABSENT = ("context deadline exceeded", "not found locally", "could not find", "not found")


class Refused(StoreUnreachable):
    """The node answered, and did not do it."""

    def __init__(self, store: str, said: str) -> None:
        super().__init__(store)
        self.said = said


class Rpc:
    """A node's API. Each thread has its own client and so its own connection.

    Args:
        api: multiaddr such as /ip4/127.0.0.1/tcp/5001.
        name: what to call the node in an error.

    Raises: RequestInvalid if `api` is no such address.
    """

    def __init__(self, api: str, name: str) -> None:
        self._api = api
        self._name = name
        self._mine = threading.local()
        with self._translated(None):
            self._make_client()

    @contextlib.contextmanager
    def calling(
        self, timeout_s: float, cid: str | None = None, **opts: str
    ) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Yield a client and the keyword arguments that bound a call in time.

        Args:
            timeout_s: how long the node may try, as a whole.
            cid: the block that the call is about.
            opts: further options of the call.

        Raises: StoreUnreachable (Refused if the node answered), StoreFull, Damaged;
            BlockUnreachable if there is a `cid`.
        """
        with self._translated(cid):
            if not hasattr(self._mine, "client"):
                self._mine.client = self._make_client()
            bounded = {
                "opts": {"timeout": f"{timeout_s:g}s", **opts},
                "timeout": (_CONNECT_S, timeout_s + _GRACE_S),
            }
            yield self._mine.client, bounded

    def _make_client(self) -> Any:
        library, _ = _libraries()
        client = library.Client(self._api, chunk_size=_CHUNK_BYTES)
        client.__enter__()  # keeps the connection; the pool closes it when the thread ends
        # A proxy of the environment must not see what is said to the node.
        client._client._session.trust_env = False
        return client

    @contextlib.contextmanager
    def _translated(self, cid: str | None) -> Iterator[None]:
        library, requests = _libraries()
        errors = library.exceptions
        try:
            yield
        except errors.AddressError:
            raise RequestInvalid(f"{self._api} is not the address of an IPFS API") from None
        except errors.ErrorResponse as said:
            raise self._refusal(str(said), cid) from said
        except (errors.Error, requests.RequestException) as failure:
            raise StoreUnreachable(self._name) from failure

    def _refusal(self, said: str, cid: str | None) -> WalletError:
        if "no space left on device" in said:
            return StoreFull(self._name)
        if "mismatch in content integrity" in said:
            return Damaged("a block")
        if cid is not None and any(words in said for words in _ABSENT):
            return BlockUnreachable(cid)
        return Refused(self._name, said)


@functools.cache
def _libraries() -> tuple[ModuleType, ModuleType]:
    """Import what takes a fifth of a second only when there is a node to talk to."""
    # Otherwise the library subclasses internals of urllib3 in a way that urllib3 warns of.
    os.environ.setdefault("PY_IPFS_HTTP_CLIENT_PATCH_REQUESTS", "no")
    import ipfshttpclient
    import requests

    return ipfshttpclient, requests
