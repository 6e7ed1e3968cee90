"""Where IPFS nodes listen: which addresses we dial, and in which order we tell ours.

    address    = 1*transport ["/p2p/" relay "/p2p-circuit"] "/p2p/" peer
    transport  = "/" (ip4 | ip6 | dns | dns4 | dns6 | tcp | udp) "/" value | "/quic-v1"

Source: https://github.com/multiformats/multiaddr.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterable

from wallet.errors import RequestInvalid

_MAX_LENGTH = 300
_PEER = r"/p2p/[1-9A-HJ-NP-Za-km-z]{46,60}"
_HOST = r"/(?:ip4/[0-9.]+|ip6/[0-9a-fA-F:.]+|dns[46]?/[A-Za-z0-9.-]+)"
_PORT = r"/(?:tcp/[0-9]{1,5}|udp/[0-9]{1,5}/quic-v1)"
_ADDRESS = re.compile(f"{_HOST}{_PORT}(?:{_PEER}/p2p-circuit)?{_PEER}")


def is_loopback_only() -> bool:
    """Whether nothing may leave this machine, whatever was chosen: RAYFOLIO_LOOPBACK=1."""
    return os.environ.get("RAYFOLIO_LOOPBACK") == "1"


def check(address: str) -> str:
    """Return `address` if it is one that we dial. Raises: RequestInvalid."""
    if len(address) > _MAX_LENGTH or not _ADDRESS.fullmatch(address):
        raise RequestInvalid("This is not the address of an IPFS node")
    host = _host(address)
    if is_loopback_only() and not (host and host.is_loopback):
        raise RequestInvalid("Only addresses on this computer can be used now (RAYFOLIO_LOOPBACK)")
    return address


def in_order(addresses: Iterable[str]) -> tuple[str, ...]:
    """Return those that others can dial: from anywhere, by relay, in the house, on this machine.

    QUIC comes before TCP: it needs two round trips to connect instead of four.
    """
    usable = {address for address in addresses if _ADDRESS.fullmatch(address)}
    return tuple(sorted(usable, key=lambda a: (_distance(a), "/quic-v1" not in a, a)))


def _distance(address: str) -> int:
    host = _host(address)
    if "/p2p-circuit" in address:
        return 1
    if host is None or host.is_global:
        return 0
    return 3 if host.is_loopback else 2


def _host(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address that is dialled; None for a name. Raises: RequestInvalid."""
    _, kind, value, *_ = address.split("/")
    if not kind.startswith("ip"):
        return None
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        raise RequestInvalid("This is not the address of an IPFS node") from None
