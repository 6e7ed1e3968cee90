"""Addresses of nodes: which are dialled, and which of ours is told first."""

from __future__ import annotations

import pytest

from wallet.errors import RequestInvalid
from wallet.storage.addresses import check, in_order

PEER = "/p2p/12D3KooWDcBXZCBT8ya69PmgkE9EaAUj6T2yMrUUTZsoTMvE5k3b"
RELAY = "/p2p/QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN/p2p-circuit"


@pytest.mark.parametrize(
    "address",
    [
        "/ip4/127.0.0.1/tcp/4001",
        "/ip4/127.0.0.1/udp/4001/quic-v1",
        "/ip4/203.0.113.9/tcp/4001",
        "/ip6/2001:db8::1/udp/4001/quic-v1",
        "/dns4/node.example.org/tcp/443",
        f"/ip4/203.0.113.9/tcp/4001{RELAY}",
    ],
)
def test_an_address_of_a_node_is_taken_as_it_is(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAYFOLIO_LOOPBACK", raising=False)
    assert check(address + PEER) == address + PEER


@pytest.mark.parametrize(
    "address",
    [
        "",
        PEER,
        "/ip4/127.0.0.1/tcp/4001",
        "ip4/127.0.0.1/tcp/4001" + PEER,
        "/ip4/127.0.0.1/tcp/4001/http" + PEER,
        "/ip4/127.0.0.1/udp/4001" + PEER,
        "/ip4/999.0.0.1/tcp/4001" + PEER,
        "/unix/%2Fvar%2Frun%2Fdocker.sock" + PEER,
        "/ip4/127.0.0.1/tcp/4001" + PEER + "\n",
        "/ip4/127.0.0.1/tcp/4001" + PEER + "?arg=x",
        "/ip4/127.0.0.1/tcp/4001/p2p/O0Il",
        "/dns4/" + "a" * 300 + "/tcp/1" + PEER,
        "/ip4/127.0.0.1/tcp/٤٠٠١" + PEER,
    ],
)
def test_anything_else_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAYFOLIO_LOOPBACK", raising=False)
    with pytest.raises(RequestInvalid):
        check(address)


@pytest.mark.parametrize(
    "host", ["/ip4/192.168.1.2", "/ip4/203.0.113.9", "/ip6/2001:db8::1", "/dns4/localhost"]
)
def test_on_loopback_nothing_else_is_dialled(host: str) -> None:
    with pytest.raises(RequestInvalid):
        check(f"{host}/tcp/4001{PEER}")
    assert check(f"/ip4/127.0.0.1/tcp/4001{PEER}")


def test_an_address_that_is_dialled_from_anywhere_is_told_first() -> None:
    expected = (
        f"/ip4/8.8.8.8/udp/4001/quic-v1{PEER}",
        f"/ip4/8.8.8.8/tcp/4001{PEER}",
        f"/ip4/8.8.4.4/tcp/4001{RELAY}{PEER}",
        f"/ip4/192.168.1.2/udp/4001/quic-v1{PEER}",
        f"/ip4/192.168.1.2/tcp/4001{PEER}",
        f"/ip4/127.0.0.1/udp/4001/quic-v1{PEER}",
        f"/ip4/127.0.0.1/tcp/4001{PEER}",
    )
    assert in_order(reversed([*expected, *expected])) == expected


def test_addresses_that_take_other_transports_are_not_told() -> None:
    assert in_order([f"/ip4/8.8.8.8/udp/4001/webrtc-direct/certhash/u{PEER}", "", "x"]) == ()
