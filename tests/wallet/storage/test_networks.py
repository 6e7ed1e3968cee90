"""The settings of our own node, on every network."""

from __future__ import annotations

import ipaddress
import itertools
from typing import Any

import pytest

from wallet.storage.networks import NodeNetwork, Ports, configure, free_port, is_free

PORTS = Ports(15_001, 15_002)


def blank() -> dict[str, Any]:
    return {
        "Identity": {"PeerID": "12D3", "PrivKey": "secret"},
        "Addresses": {"API": "/ip4/0.0.0.0/tcp/5001", "Gateway": "/ip4/0.0.0.0/tcp/8080"},
        "Datastore": {"Spec": {"mounts": [{"type": "flatfs", "sync": False}]}},
        "Bootstrap": ["auto"],
        "Routing": {"DelegatedRouters": ["auto"]},
        "Swarm": {},
    }


@pytest.mark.parametrize(("before", "after"), list(itertools.product(NodeNetwork, repeat=2)))
def test_nothing_of_the_network_before_stays(before: NodeNetwork, after: NodeNetwork) -> None:
    assert configure(configure(blank(), before, PORTS), after, PORTS) == configure(
        blank(), after, PORTS
    )


@pytest.mark.parametrize("network", NodeNetwork)
def test_on_every_network_the_api_is_ours_alone_and_nobody_is_told(network: NodeNetwork) -> None:
    made = configure(blank(), network, PORTS)
    assert made["Addresses"]["API"] == "/ip4/127.0.0.1/tcp/15001"
    assert made["Addresses"]["Gateway"] == []
    assert made["Provide"] == {"Enabled": False}
    assert made["Routing"]["DelegatedRouters"] == []
    assert made["Routing"]["Type"] in ("none", "dhtclient")
    assert made["Plugins"]["Plugins"]["telemetry"]["Disabled"] is True
    for part in ("AutoConf", "AutoTLS", "HTTPRetrieval"):
        assert made[part] == {"Enabled": False}
    assert "auto" not in str(list(made["Bootstrap"]))
    assert made["Identity"] == blank()["Identity"]
    assert made["Datastore"]["Spec"]["mounts"][0]["sync"] is True


def test_only_public_knows_anybody_to_begin_with() -> None:
    known = {each: configure(blank(), each, PORTS)["Bootstrap"] for each in NodeNetwork}
    assert known[NodeNetwork.LOOPBACK] == known[NodeNetwork.LAN] == []
    assert known[NodeNetwork.PUBLIC]


def test_on_loopback_every_other_address_is_filtered() -> None:
    made = configure(blank(), NodeNetwork.LOOPBACK, PORTS)
    assert all(each.startswith("/ip4/127.0.0.1/") for each in made["Addresses"]["Swarm"])
    filters = [each.split("/") for each in made["Swarm"]["AddrFilters"]]
    blocked = [ipaddress.ip_network(f"{address}/{bits}") for _, _, address, _, bits in filters]
    left = [ipaddress.ip_network("0.0.0.0/0")]
    for net in blocked:
        if isinstance(net, ipaddress.IPv4Network):
            left = [
                rest
                for each in left
                for rest in (each.address_exclude(net) if net.subnet_of(each) else [each])
            ]
    assert list(ipaddress.collapse_addresses(left)) == [ipaddress.ip_network("127.0.0.0/8")]
    assert ipaddress.ip_network("::/0") in blocked


def test_the_settings_given_are_not_changed() -> None:
    given = blank()
    configure(given, NodeNetwork.PUBLIC, PORTS)
    assert given == blank()


def test_a_free_port_is_free() -> None:
    assert is_free(free_port())
