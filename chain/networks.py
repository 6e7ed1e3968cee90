"""The networks a person believes: a table of data, shipped, and extended by their own file."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chain.hashing import checksum
from wallet.errors import NetworkUnknown, RequestInvalid
from wallet.ports import Address, Registry

LOCAL_CHAIN_ID = 31337
LOCAL_NAME = "local"


@dataclass(frozen=True, slots=True)
class Network:
    """One chain with the consent contract on it."""

    name: str
    caip2: str
    chain_id: int
    endpoints: tuple[str, ...]
    contract: Address
    code_hash: str  # 0x + 64 hex: Keccak-256 of the deployed code
    explorer: str  # of a transaction, "{transaction}" replaced; empty if there is none
    finality: str  # the block tag below which nothing changes: "finalized"; "latest" if local
    max_age_s: int | None  # the oldest newest block; None where blocks come only with changes
    since_block: int = 0  # no entry of the log lies before

    @property
    def registry(self) -> Registry:
        return Registry(self.chain_id, self.contract)

    @property
    def is_local(self) -> bool:
        return self.chain_id == LOCAL_CHAIN_ID


def load(own: Path | None = None) -> dict[str, Network]:
    """Return the networks by name: those shipped, then those of the person's file, which win.

    Raises: RequestInvalid if the person's file cannot be used.
    """
    table = _read(Path(__file__).parent / "networks.json")
    if own is not None and own.exists():
        table |= _read(own)
    return table


def add(own: Path, network: Network) -> None:
    """Write a row into the person's file, in place of the one of that name.

    Raises: RequestInvalid if the file or the row cannot be used; the file is then as it was.
    """
    rows = _rows(own) if own.exists() else {}
    row = asdict(network)
    del row["name"], row["chain_id"]
    try:
        _network(network.name, row)
    except (ValueError, KeyError, TypeError) as error:
        raise RequestInvalid(f"The network {network.name} cannot be used: {error}") from error
    beside = own.with_suffix(".new")
    own.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside.write_text(json.dumps(rows | {network.name: row}, indent=2) + "\n")
    beside.replace(own)


def find(networks: Iterable[Network], registry: Registry) -> Network:
    """Return the network of this chain and contract. Raises: NetworkUnknown."""
    for network in networks:
        if network.registry == registry:
            return network
    raise NetworkUnknown(f"eip155:{registry.chain_id}")


def is_loopback(endpoint: str) -> bool:
    """Whether this endpoint is on this machine, decided without a name server."""
    host = urlsplit(endpoint).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(path: Path) -> dict[str, Network]:
    try:
        return {name: _network(name, row) for name, row in _rows(path).items()}
    except (ValueError, KeyError, TypeError) as error:
        raise RequestInvalid(f"The network table {path.name} cannot be used: {error}") from error


def _rows(path: Path) -> dict[str, Any]:
    try:
        rows = json.loads(path.read_text())
        if not isinstance(rows, dict):
            raise TypeError("no table")
    except (OSError, ValueError, TypeError) as error:
        raise RequestInvalid(f"The network table {path.name} cannot be used: {error}") from error
    return rows


def _network(name: str, row: Mapping[str, Any]) -> Network:
    chain_id = int(re.fullmatch(r"eip155:([1-9][0-9]{0,18})", row["caip2"])[1])  # type: ignore[index]
    age = row["max_age_s"]
    network = Network(
        name=name,
        caip2=row["caip2"],
        chain_id=chain_id,
        endpoints=tuple(row["endpoints"]),
        contract=_contract(row["contract"]),
        code_hash=row["code_hash"].lower(),
        explorer=row.get("explorer", ""),
        finality=row.get("finality", "finalized"),
        max_age_s=None if age is None else int(age),
        since_block=int(row.get("since_block", 0)),
    )
    if not network.endpoints or not all(is_safe(each) for each in network.endpoints):
        raise ValueError("an endpoint is https://, or http:// on this machine")
    if not re.fullmatch("0x[0-9a-f]{64}", network.code_hash):
        raise ValueError("code_hash is 0x and 64 hex digits")
    return network


def _contract(text: str) -> Address:
    if not re.fullmatch("0x[0-9a-fA-F]{40}", text) or checksum(text[2:]) != text:
        raise ValueError("contract is an address with its checksum (EIP-55)")
    return Address(text)


def is_safe(endpoint: str) -> bool:
    """Whether what is said to this endpoint is said to nobody else."""
    scheme = urlsplit(endpoint).scheme
    return scheme == "https" or (scheme == "http" and is_loopback(endpoint))
