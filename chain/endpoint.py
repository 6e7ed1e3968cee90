"""One JSON-RPC endpoint; here, and nowhere else, web3's and requests' exceptions become ours.

web3 is imported with the first question: it takes longer than most commands.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from chain.imports import recursion_limited
from chain.networks import Network, is_loopback
from wallet.errors import LedgerUnreachable

T = TypeVar("T")

TIMEOUT_S = 10.0
_REVERTED = 3


class Answered(Exception):
    """The endpoint understood the question and refused it. Never leaves `chain`."""

    def __init__(self, code: int, message: str, data: bytes) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data  # of a revert: what the contract returned

    @property
    def is_revert(self) -> bool:
        """Whether the contract refused, and not only the endpoint."""
        return self.code == _REVERTED or bool(self.data) or "revert" in self.message.lower()


@dataclass(frozen=True, slots=True)
class Head:
    """What an endpoint says of a block."""

    number: int
    hash: str
    state_root: bytes
    at: int


class Endpoint:
    """Asks one URL. Raises LedgerUnreachable whenever there is no usable answer."""

    def __init__(self, network: Network, url: str) -> None:
        self._network = network
        self._url = url

    def ask(self, method: str, *params: Any) -> Any:
        """Return the raw result. Raises: Answered if the endpoint refuses, LedgerUnreachable."""
        if os.environ.get("RAYFOLIO_LOOPBACK") == "1" and not is_loopback(self._url):
            raise LedgerUnreachable(self._network.name)
        import requests

        with recursion_limited():
            from web3.exceptions import Web3Exception
            from web3.types import RPCEndpoint

        try:
            answer: Any = self._provider.make_request(RPCEndpoint(method), params)
        except (requests.RequestException, Web3Exception, OSError, ValueError) as error:
            raise LedgerUnreachable(self._network.name) from error
        if not isinstance(answer, dict) or not ("result" in answer or "error" in answer):
            raise LedgerUnreachable(self._network.name)
        if answer.get("error") is not None:
            raise _refused(answer["error"])
        return answer["result"]

    @functools.cached_property
    def _provider(self) -> Any:
        import requests

        with recursion_limited():
            from web3 import HTTPProvider

        session = requests.Session()
        session.trust_env = not is_loopback(self._url)  # no proxy to this machine
        return HTTPProvider(
            self._url,
            request_kwargs={"timeout": TIMEOUT_S, "allow_redirects": False},
            session=session,
            exception_retry_configuration=None,
        )

    def chain_id(self) -> int:
        return self.number("eth_chainId")

    def number(self, method: str, *params: Any) -> int:
        """Return a quantity."""
        return self.parse(int, self.ask(method, *params), 16)

    def data(self, method: str, *params: Any) -> bytes:
        """Return bytes."""
        return self.parse(bytes.fromhex, str(self.ask(method, *params)).removeprefix("0x"))

    def head(self, block: str = "latest") -> Head | None:
        """Return a block by tag or number, or None where there is none."""
        block_object = self.ask("eth_getBlockByNumber", block, False)
        if block_object is None:
            return None
        return self.parse(_head, block_object)

    def parse(self, make: Callable[..., T], *arguments: Any) -> T:
        """Return what `make` reads in an answer. Raises: LedgerUnreachable if it cannot."""
        try:
            return make(*arguments)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise LedgerUnreachable(self._network.name) from error

    def __repr__(self) -> str:
        return f"Endpoint({urlsplit(self._url).hostname})"  # paths carry API keys


def _head(block: Any) -> Head:
    return Head(
        number=int(block["number"], 16),
        hash=block["hash"],
        state_root=bytes.fromhex(block["stateRoot"][2:]),
        at=int(block["timestamp"], 16),
    )


def _refused(error: Any) -> Answered:
    fields = error if isinstance(error, dict) else {}
    data = fields.get("data")
    try:
        returned = bytes.fromhex(data.removeprefix("0x")) if isinstance(data, str) else b""
    except ValueError:
        returned = b""
    code = fields.get("code")
    return Answered(code if isinstance(code, int) else 0, str(fields.get("message", "")), returned)
