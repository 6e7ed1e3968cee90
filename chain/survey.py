"""Looks at a chain through endpoints that no table has yet, before what they say is a row."""

from __future__ import annotations

import os
from collections.abc import Sequence

from chain import deploy
from chain.endpoint import Endpoint
from chain.hashing import keccak
from chain.networks import LOCAL_CHAIN_ID, Network, is_loopback
from wallet.errors import LedgerMistrusted, RequestInvalid

_MAX_AGE_S = 300


def network_at(name: str, urls: Sequence[str]) -> Network:
    """Return the row for the one chain that all of these endpoints are of.

    Raises: RequestInvalid before any is asked, LedgerUnreachable, LedgerMistrusted.
    """
    beyond = [each for each in urls if not is_loopback(each)]
    if beyond and os.environ.get("RAYFOLIO_LOOPBACK") == "1":
        raise RequestInvalid("RAYFOLIO_LOOPBACK=1 allows only endpoints on this machine")
    chain_ids = {Endpoint(_row(name, urls, 0), url).chain_id() for url in urls}
    if len(chain_ids) != 1:
        raise LedgerMistrusted(name, "its endpoints are of different chains")
    (chain_id,) = chain_ids
    if chain_id == LOCAL_CHAIN_ID:
        raise RequestInvalid(f"Chain {chain_id} is the local network, which starts by itself")
    return _row(name, urls, chain_id)


def code_hash(network: Network) -> str:
    """Return the hash of what lies at the contract's address, where all endpoints say the same.

    Raises: LedgerUnreachable, LedgerMistrusted if an endpoint is of another chain.
    """
    found = set()
    for url in network.endpoints:
        endpoint = Endpoint(network, url)
        if endpoint.chain_id() != network.chain_id:
            raise LedgerMistrusted(network.name, "an endpoint is of another chain")
        code = endpoint.data("eth_getCode", network.contract, "latest")
        found.add("0x" + keccak(code).hex())
    if len(found) != 1:
        raise LedgerMistrusted(network.name, "its endpoints contradict each other")
    return found.pop()


def check_contract(network: Network) -> None:
    """Raises: LedgerMistrusted unless this release's contract lies there, LedgerUnreachable."""
    if code_hash(network) != deploy.code_hash():
        raise LedgerMistrusted(network.name, "the consent contract is not there")


def _row(name: str, urls: Sequence[str], chain_id: int) -> Network:
    return Network(
        name=name,
        caip2=f"eip155:{chain_id}",
        chain_id=chain_id,
        endpoints=tuple(urls),
        contract=deploy.registry_address(),
        code_hash=deploy.code_hash(),
        explorer="",
        finality="finalized",
        max_age_s=_MAX_AGE_S,
    )
