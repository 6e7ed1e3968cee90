"""CIDs: one spelling for each, and nothing but the kinds that we write."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.errors import Damaged
from wallet.ports import Cid
from wallet.storage.cid import (
    cid_bytes,
    cid_from_bytes,
    cid_from_digest,
    cid_of,
    parse,
    raw_cid,
    verify,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "ipfs" / "unixfs-known-cids.json"
HELLO = Cid("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e")


def test_raw_cids_are_those_of_the_ipfs_specification() -> None:
    vectors = [v for v in json.loads(VECTORS.read_text())["vectors"] if v["profile"] == "raw block"]
    assert vectors
    for vector in vectors:
        assert raw_cid(vector["utf8"].encode()) == vector["cid"]


@given(st.sampled_from(["raw", "dag-pb", "dag-cbor"]), st.binary(max_size=100))
def test_what_parses_is_what_was_named(codec: str, data: bytes) -> None:
    cid = cid_of(codec, data)

    parsed = parse(cid)
    assert (parsed.codec, parsed.digest) == (codec, hashlib.sha256(data).digest())
    assert cid_from_bytes(cid_bytes(cid)) == cid
    assert cid_from_digest(parsed.codec, parsed.digest) == cid
    verify(cid, data)


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_other_bytes_are_damaged(data: bytes, other: bytes) -> None:
    if data != other:
        with pytest.raises(Damaged):
            verify(raw_cid(data), other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "b",
        HELLO[:-1],
        HELLO + "a",
        HELLO.upper(),
        "B" + HELLO[1:],
        "z" + HELLO[1:],
        HELLO[:-1] + "f",  # the same bytes, bits after the end set
        HELLO[:20] + "1" + HELLO[21:],
        HELLO[:20] + "é" + HELLO[21:],
        HELLO + "======",
        "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD",  # version 0
        "../../../../../../etc/passwd/../../../../../../../../../aaaa",
    ],
)
def test_any_other_spelling_is_damaged(text: str) -> None:
    with pytest.raises(Damaged):
        parse(text)


@pytest.mark.parametrize(
    "head",
    ["00551220", "02551220", "01511220", "01551120", "01551240", "01551b20"],
    ids=["version 0", "version 2", "cbor", "sha-1", "64 bytes", "keccak"],
)
def test_any_other_kind_is_damaged(head: str) -> None:
    data = bytes.fromhex(head) + bytes(32)
    with pytest.raises(Damaged):
        cid_from_bytes(data)
    with pytest.raises(Damaged):
        parse("b" + base64.b32encode(data).decode().rstrip("=").lower())


@given(st.binary(max_size=40))
def test_bytes_are_a_cid_or_damaged(data: bytes) -> None:
    try:
        cid = cid_from_bytes(data)
    except Damaged:
        return
    assert cid_bytes(cid) == data
