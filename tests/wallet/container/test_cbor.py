"""Strict dag-cbor: against another implementation, and against what must be refused."""

from __future__ import annotations

import hashlib
import math

import libipld
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelf import NOBODY

from wallet.container import cbor
from wallet.container.cbor import Link
from wallet.errors import Damaged
from wallet.storage.cid import cid_bytes

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 64), (1 << 64) - 1)
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0)  # no -0: see below
    | st.binary(max_size=33)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)


@given(PLAIN)
def test_what_is_encoded_decodes_to_the_same_and_as_another_implementation_has_it(value):
    encoded = cbor.encode(value)
    assert cbor.decode(encoded) == value
    assert libipld.encode_dag_cbor(value) == encoded


def test_a_negative_zero_keeps_its_sign():  # which the other implementation drops
    assert cbor.encode(-0.0) == b"\xfb\x80" + bytes(7)
    assert math.copysign(1, cbor.decode(cbor.encode(-0.0))) == -1


@given(st.binary(max_size=40))
def test_what_decodes_encodes_to_the_same_bytes(data):
    try:
        value = cbor.decode(data)
    except Damaged:
        return
    assert cbor.encode(value) == data


@given(PLAIN, st.data())
def test_what_decodes_after_a_change_still_encodes_to_the_same_bytes(value, data):
    encoded = bytearray(cbor.encode(value))
    at = data.draw(st.integers(0, len(encoded) - 1))
    encoded[at] ^= data.draw(st.integers(1, 255))
    try:
        changed = cbor.decode(bytes(encoded))
    except Damaged:
        return
    assert cbor.encode(changed) == encoded


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("nothing", ""),
        ("two values", "0101"),
        ("a number in more bytes than it needs", "1817"),
        ("a number in two bytes that fits in one", "190017"),
        ("a number in four bytes that fits in two", "1a0000ffff"),
        ("a number in eight bytes that fits in four", "1b00000000ffffffff"),
        ("a length in more bytes than it needs", "580100"),
        ("a list without an end", "9f01ff"),
        ("bytes in pieces", "5f4101ff"),
        ("a reserved length", "1c"),
        ("a half float", "f93c00"),
        ("a single float", "fa3f800000"),
        ("not a number", "fb7ff8000000000000"),
        ("infinity", "fb7ff0000000000000"),
        ("undefined", "f7"),
        ("another simple value", "f820"),
        ("keys out of order", "a2616201616102"),
        ("a longer key first", "a262616101616202"),
        ("a key twice", "a2616101616102"),
        ("a key that is bytes", "a1416101"),
        ("a key that is a number", "a10101"),
        ("text that is not UTF-8", "61ff"),
        ("a lone surrogate", "63eda080"),
        ("a date", "c100"),
        ("a link that is text", "d82a6161"),
        ("a link to nothing", "d82a40"),
        ("a link without its zero byte", "d82a4101"),
        ("a tag in more bytes than it needs", "d9002a4100"),
        ("a list that is cut off", "8201"),
        ("a list of more items than there are bytes", "9bffffffffffffffff"),
        ("a map of more items than there are bytes", "bbffffffffffffffff"),
        ("bytes longer than all there is", "5bffffffffffffffff"),
        ("lists nested too deeply", "81" * 40 + "00"),
        ("lists nested very deeply", "81" * 100_000 + "00"),
    ],
)
def test_refuses(what, data):
    with pytest.raises(Damaged):
        cbor.decode(bytes.fromhex(data))


def test_a_link_is_not_bytes_that_look_like_one():
    cid = cid_bytes(NOBODY)
    assert cbor.decode(cbor.encode([Link(NOBODY), cid, b"\0" + cid])) == [
        Link(NOBODY),
        cid,
        b"\0" + cid,
    ]
    assert cbor.encode(Link(NOBODY)) == b"\xd8\x2a\x58\x25\0" + cid


def test_refuses_a_link_of_another_kind():
    digest = hashlib.sha256(b"").digest()
    for prefix in (b"\x12\x20", b"\x01\x55\x11\x20", b"\x02\x55\x12\x20", b"\x01\x55\x12\x1f"):
        named = b"\0" + prefix + digest
        with pytest.raises(Damaged):
            cbor.decode(b"\xd8\x2a\x58" + bytes([len(named)]) + named)


@pytest.mark.parametrize("value", [math.nan, math.inf, {1: 2}, object(), 1 << 64, {"a": {3}}])
def test_does_not_encode_what_dag_cbor_cannot_say(value):
    with pytest.raises(ValueError):
        cbor.encode(value)


def test_refuses_to_nest_without_end():
    value: list = []
    for _ in range(40):
        value = [value]
    with pytest.raises(ValueError):
        cbor.encode(value)
