"""What our own IPFS node is told: a table for every network it can be on.

    loopback   this machine only: no address outside 127.0.0.0/8 is dialled
    lan        the house: found by multicast, no other party
    public     the IPFS network, as a client: dialled by the addresses in links, or through relays

On every network: nothing is announced and no one is told about the person's blocks, no telemetry,
no HTTP gateway, no certificate from a broker, no settings fetched from a server; the RPC API
listens on loopback. The blocks that we build are cut as the node itself would cut a file.
"""

from __future__ import annotations

import copy
import enum
import ipaddress
import random
import socket
from dataclasses import dataclass
from typing import Any

from wallet.errors import PartMissing


class NodeNetwork(enum.Enum):
    """How far a node reaches."""

    LOOPBACK = "loopback"
    LAN = "lan"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a node listens; kept, so that addresses in links stay valid."""

    api: int
    swarm: int


# Below the ports that systems hand out by themselves, so that a kept port is rarely taken.
_PORTS = range(15_000, 32_000)

# As measured between two nodes, 40 ms apart: these save a round trip a block and fill the line.
_BITSWAP = {"MaxOutstandingBytesPerPeer": 16 << 20, "WantHaveReplaceSize": 2 << 20}

_EVERYWHERE: dict[str, Any] = {
    "Addresses": {"Gateway": [], "Announce": [], "AppendAnnounce": [], "NoAnnounce": []},
    "AutoConf": {"Enabled": False},
    "AutoTLS": {"Enabled": False},
    "DNS": {"Resolvers": {}},
    "HTTPRetrieval": {"Enabled": False},
    "Import": {
        "CidVersion": 1,
        "UnixFSRawLeaves": True,
        "UnixFSChunker": "size-262144",
        "UnixFSFileMaxLinks": 1024,
    },
    "Internal": {"Bitswap": _BITSWAP},
    "Ipns": {"DelegatedPublishers": []},
    "Plugins": {"Plugins": {"telemetry": {"Disabled": True, "Config": {"Mode": "off"}}}},
    "Provide": {"Enabled": False},
    "Routing": {"DelegatedRouters": []},
    "Swarm": {
        "RelayService": {"Enabled": False},
        "Transports": {
            "Network": {
                "QUIC": True,
                "TCP": True,
                "WebRTCDirect": False,
                "WebTransport": False,
                "Websocket": False,
            }
        },
    },
    "Version": {"SwarmCheckEnabled": False},
}

_APART: dict[str, Any] = {
    "Bootstrap": [],
    "Routing": {"Type": "none"},
    "Swarm": {
        "DisableNatPortMap": True,
        "EnableHolePunching": False,
        "RelayClient": {"Enabled": False},
    },
    "AutoNAT": {"ServiceMode": "disabled"},
}

# The peers that Kubo itself knows without asking a server (its AutoConf fallback).
_BOOTSTRAP = (
    "/dnsaddr/bootstrap.libp2p.io/p2p/QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN",
    "/dnsaddr/bootstrap.libp2p.io/p2p/QmQCU2EcMqAqQPR2i9bChDtGNJchTbq5TbXJJ16u19uLTa",
    "/dnsaddr/bootstrap.libp2p.io/p2p/QmbLHAnMoJPWSCR5Zhtx6BHJX9KiKNN6tpvbUcqanj75Nb",
    "/dnsaddr/bootstrap.libp2p.io/p2p/QmcZf59bWwK5XFi76CZX8cbJ4BhTzzA3gU1ZjYZcYW3dwt",
    "/ip4/104.131.131.82/tcp/4001/p2p/QmaCpDMGvV2BGHeYERUEnRQAwe3N8SzbUtfsmvsqQLuvuJ",
)

_LOOPBACK = ipaddress.IPv4Network("127.0.0.0/8")
_NOT_LOOPBACK = [
    *(
        f"/ip4/{net.network_address}/ipcidr/{net.prefixlen}"
        for net in sorted(ipaddress.IPv4Network("0.0.0.0/0").address_exclude(_LOOPBACK))
    ),
    "/ip6/::/ipcidr/0",
]

_BY_NETWORK: dict[NodeNetwork, tuple[dict[str, Any], ...]] = {
    NodeNetwork.LOOPBACK: (
        _APART,
        {"Discovery": {"MDNS": {"Enabled": False}}, "Swarm": {"AddrFilters": _NOT_LOOPBACK}},
    ),
    NodeNetwork.LAN: (
        _APART,
        {"Discovery": {"MDNS": {"Enabled": True}}, "Swarm": {"AddrFilters": []}},
    ),
    NodeNetwork.PUBLIC: (
        {
            "AutoNAT": {"ServiceMode": "disabled"},
            "Bootstrap": list(_BOOTSTRAP),
            "Discovery": {"MDNS": {"Enabled": True}},
            "Routing": {"Type": "dhtclient"},
            "Swarm": {
                "AddrFilters": [],
                "DisableNatPortMap": False,
                "EnableHolePunching": True,
                "RelayClient": {"Enabled": True},
            },
        },
    ),
}

_HOSTS = {
    NodeNetwork.LOOPBACK: ("/ip4/127.0.0.1",),
    NodeNetwork.LAN: ("/ip4/0.0.0.0", "/ip6/::"),
    NodeNetwork.PUBLIC: ("/ip4/0.0.0.0", "/ip6/::"),
}


def configure(config: dict[str, Any], network: NodeNetwork, ports: Ports) -> dict[str, Any]:
    """Return `config` with all that a network asks for; the node's identity stays."""
    made = copy.deepcopy(config)
    for table in (_EVERYWHERE, *_BY_NETWORK[network]):
        _lay_over(made, table)
    made["Addresses"]["API"] = f"/ip4/127.0.0.1/tcp/{ports.api}"
    made["Addresses"]["Swarm"] = [
        host + transport
        for host in _HOSTS[network]
        for transport in (f"/udp/{ports.swarm}/quic-v1", f"/tcp/{ports.swarm}")
    ]
    for mount in made["Datastore"]["Spec"]["mounts"]:
        if mount.get("type") == "flatfs":
            mount["sync"] = True  # what a head on the chain names must outlive a power cut
    return made


def _lay_over(config: dict[str, Any], table: dict[str, Any]) -> None:
    for name, value in table.items():
        if isinstance(value, dict) and isinstance(config.get(name), dict):
            _lay_over(config[name], value)
        else:
            config[name] = copy.deepcopy(value)


def free_port() -> int:
    """Return a port that nobody has. Raises: PartMissing."""
    tried = random.SystemRandom().sample(_PORTS, 100)
    port = next((port for port in tried if is_free(port)), None)
    if port is None:
        raise PartMissing("Kubo", "no free port was found for it.")
    return port


def is_free(port: int) -> bool:
    """Whether nothing listens there, by TCP or UDP, on any address of this machine."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:  # else connections that have just ended count
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))  # noqa: S104 - bound for a moment, never listened on
            except OSError:
                return False
    return True
