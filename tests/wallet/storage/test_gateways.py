"""Gateways that lie, stop, stay silent, flood or wander off are left for another, and named."""

from __future__ import annotations

import os
import time

import pytest
from liars import serving

from wallet.errors import BlockUnreachable, RequestInvalid, StoreMistrusted, StoreUnreachable
from wallet.storage.cid import raw_cid
from wallet.storage.gateways import Fault, Gateways
from wallet.storage.unixfs import LEAF, File, build

BAD = {
    "lies": "sent other bytes than were asked for",
    "other blocks": "sent other bytes than were asked for",
    "truncates": "stopped in the middle",
    "stops": "did not answer while another did",
    "silent": "did not answer while another did",
    "trickles": "did not answer while another did",
    "goes away": "does not answer",
    "endless": "sent more than a block can have",
    "redirects": "answered with status 302",
}


@pytest.mark.parametrize("way", BAD)
def test_a_bad_gateway_is_left_for_another_and_named(way: str) -> None:
    data = os.urandom(3 * LEAF)
    root, blocks = build(data)
    with serving(blocks, way, "honest") as (bad, good):
        reader = Gateways([bad.url, good.url], hedge_s=0.3)
        begun = time.monotonic()
        assert File(reader, root).read_all() == data
        assert time.monotonic() - begun < 5
        assert Fault(bad.place, BAD[way]) in reader.faults
        assert all(fault.gateway == bad.place for fault in reader.faults)

        asked = len(bad.asked)
        reader.get(blocks[0].cid)
        assert len(bad.asked) == asked  # from now on it is asked last


LEFT = {
    "lies": StoreMistrusted,
    "other blocks": StoreMistrusted,
    "endless": StoreMistrusted,
    "truncates": StoreUnreachable,
    "stops": StoreUnreachable,
    "silent": StoreUnreachable,
    "trickles": StoreUnreachable,
    "goes away": StoreUnreachable,
    "redirects": StoreUnreachable,
}


@pytest.mark.parametrize("way", LEFT)
def test_where_no_gateway_is_good_it_is_said_in_time_and_nothing_is_returned(way: str) -> None:
    _, blocks = build(os.urandom(2 * LEAF))
    with serving(blocks, way) as (bad,):
        reader = Gateways([bad.url], block_timeout_s=0.5)
        begun = time.monotonic()
        with pytest.raises(LEFT[way]) as raised:
            reader.get(blocks[0].cid)
        assert time.monotonic() - begun < 4
        if LEFT[way] is StoreMistrusted:
            assert bad.place in str(raised.value)


def test_a_block_that_no_gateway_has_is_unreachable_and_nobodys_fault() -> None:
    with serving([], "honest", "honest") as gateways:
        reader = Gateways([gateway.url for gateway in gateways])
        absent = raw_cid(b"absent")
        with pytest.raises(BlockUnreachable):
            reader.get(absent)
        assert reader.faults == ()


def test_a_range_comes_as_one_stream_of_the_leaves_it_lies_in() -> None:
    root, blocks = build(os.urandom(9 * LEAF + 5))
    with serving(blocks, "honest") as (good,):
        leaves = list(Gateways([good.url]).leaves(root, 2 * LEAF + 3, 5 * LEAF))
        assert leaves == blocks[2:5]
        assert [path.partition("?")[2][:10] for path in good.asked] == ["format=raw", "format=car"]


@pytest.mark.parametrize("way", ["lies", "other blocks", "truncates", "stops", "endless"])
def test_a_stream_that_breaks_off_is_taken_up_by_the_next_gateway(way: str) -> None:
    root, blocks = build(os.urandom(6 * LEAF))
    with serving(blocks, way, "honest") as (bad, good):
        bad.honest_for_raw = True
        reader = Gateways([bad.url, good.url], block_timeout_s=0.5)
        assert list(reader.leaves(root, 0, 6 * LEAF)) == blocks[:6]
        assert {fault.gateway for fault in reader.faults} == {bad.place}
        assert any("format=car" in path for path in bad.asked)


@pytest.mark.parametrize("start", [0, 100])
def test_a_file_of_one_leaf_is_that_leaf(start: int) -> None:
    root, blocks = build(os.urandom(200))
    with serving(blocks, "honest") as (good,):
        assert list(Gateways([good.url]).leaves(root, start, 200)) == blocks


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://127.0.0.1/",
        "http://me:secret@127.0.0.1/",
        "http://127.0.0.1/?format=car",
        "http://127.0.0.1:99999/",
        "file:///etc/passwd",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: y",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(RequestInvalid):
        Gateways([url])


@pytest.mark.parametrize(
    "url", ["https://ipfs.example/", "http://192.0.2.1/", "http://localhost/", "http://0.0.0.0/"]
)
def test_on_loopback_no_other_machine_is_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RequestInvalid, match="LOOPBACK"):
        Gateways([url])
    monkeypatch.delenv("RAYFOLIO_LOOPBACK")
    reader = Gateways([url])
    monkeypatch.setenv("RAYFOLIO_LOOPBACK", "1")  # decided anew at every call
    with pytest.raises((RequestInvalid, StoreUnreachable)):
        reader.get(raw_cid(b"x"))
