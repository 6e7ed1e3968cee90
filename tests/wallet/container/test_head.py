"""The head: strict, small, and bound to its digest."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from shelf import NOBODY, Shelf

from wallet.container import cbor, head
from wallet.container.cbor import Link
from wallet.container.head import Head
from wallet.errors import BlockUnreachable, Damaged
from wallet.ports import Block
from wallet.storage.cid import cid_of

PB = cid_of("dag-pb", b"node")
HEAD = Head(bytes(range(16)), 9, (NOBODY, PB), NOBODY, NOBODY, PB, NOBODY)


def changed(**fields):
    value = cbor.decode(HEAD.encode().data)
    value.update(fields)
    return cbor.encode({name: each for name, each in value.items() if each is not ...})


def test_a_head_decodes_to_itself_and_its_block_has_its_digest():
    block = HEAD.encode()
    assert head.decode(block.data) == HEAD
    assert block.cid == cid_of("dag-cbor", block.data)
    assert head.cid_of_digest(hashlib.sha256(block.data).digest()) == block.cid


def test_a_head_has_exactly_the_keys_of_the_format():
    assert set(cbor.decode(HEAD.encode().data)) == {
        "v", "suite", "container", "epoch", "data", "index", "preview", "self", "grants",
    }  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {"v": 2},
        {"v": True},
        {"v": ...},
        {"suite": bytes.fromhex("002000010002")},
        {"container": bytes(15)},
        {"container": "x" * 16},
        {"epoch": -1},
        {"epoch": 1 << 32},
        {"epoch": 1.0},
        {"data": []},
        {"data": [Link(NOBODY)] * 65},
        {"data": Link(NOBODY)},
        {"index": None},
        {"index": bytes(37)},
        {"preview": ...},
        {"self": Link(cid_of("dag-cbor", b"\xa0"))},
        {"grants": "bafkrei"},
        {"study": bytes(20)},
    ],
)
def test_refuses_a_head_with(fields):
    with pytest.raises(Damaged):
        head.decode(changed(**fields))


def test_refuses_a_head_above_16_kib_before_parsing_it():
    with pytest.raises(Damaged):
        head.decode(changed(index=bytes(17 << 10)))


def test_any_flipped_bit_of_a_head_changes_its_digest_or_is_damage():
    block = HEAD.encode()
    digest = hashlib.sha256(block.data).digest()
    for at in range(len(block.data)):
        broken = bytearray(block.data)
        broken[at] ^= 1
        shelf = Shelf({block.cid: bytes(broken)})
        with pytest.raises(Damaged):
            head.fetch(shelf, digest)


def test_a_source_that_does_not_check_is_not_believed():
    block = HEAD.encode()

    class Liar(Shelf):
        def get(self, cid):
            return replace(HEAD, epoch=8).encode().data

    with pytest.raises(Damaged):
        head.fetch(Liar(), hashlib.sha256(block.data).digest())


def test_a_head_is_found_by_its_digest():
    block = HEAD.encode()
    shelf = Shelf()
    with pytest.raises(BlockUnreachable):
        head.fetch(shelf, hashlib.sha256(block.data).digest())
    shelf.add([Block(block.cid, block.data)])
    assert head.fetch(shelf, hashlib.sha256(block.data).digest()) == HEAD


def test_a_head_that_would_not_decode_is_not_made():
    for wrong in (replace(HEAD, data=()), replace(HEAD, epoch=-1), replace(HEAD, container=b"")):
        with pytest.raises((ValueError, Damaged)):
            wrong.encode()
