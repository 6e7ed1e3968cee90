"""Cases of tests/vectors/kit: heads, blocks and files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from forge import Forge, Turns, known
from kit_case import (
    DAMAGED,
    MISSING,
    NOT_FOR_YOU,
    OPENS,
    Case,
    always,
    flipped,
    put,
    swap,
    without,
)

from wallet.container import cbor
from wallet.container.cbor import Link
from wallet.storage.cid import cid_bytes, cid_of
from wallet.storage.unixfs import LEAF, varint


def heads() -> Iterator[Case]:
    for name, turn in _head_maps():
        yield Case(name, {"head": turn}, DAMAGED)
    for name, turn in _head_encodings():
        yield Case(name, {"head bytes": turn}, DAMAGED)
    yield Case("with another epoch than it was sealed in", {"head": put(epoch=4)}, NOT_FOR_YOU)
    other = put(container=known("another container", 16))
    yield Case("with another container id", {"head": other}, NOT_FOR_YOU)
    swapped = lambda right: right | {"index": right["preview"], "preview": right["index"]}  # noqa: E731
    yield Case("with index and preview exchanged", {"head": swapped}, OPENS, DAMAGED, DAMAGED)
    swapped_keys = lambda right: right | {"self": right["grants"], "grants": right["self"]}  # noqa: E731
    yield Case("with self and grants exchanged", {"head": swapped_keys}, NOT_FOR_YOU)
    yield Case("with epoch and container of another reader", {"head": put(epoch=4)},
               NOT_FOR_YOU, envelope=True)  # fmt: skip


def replayed() -> Iterator[Case]:
    """Whole files of another study, or of this one's epoch before, each right in itself."""
    other = {"container": known("another container", 16)}
    for whose, made in (("another study", other), ("the epoch before", {"epoch": 2})):
        yield Case(f"with the data of {whose}", _from("part", **made), files=DAMAGED)
        yield Case(f"with the index of {whose}", _from("index", **made), files=DAMAGED)
        yield Case(f"with the preview of {whose}", _from("preview", **made), previews=DAMAGED)
        grants = _from("grants", **made)
        yield Case(f"with the grants of {whose}", grants, NOT_FOR_YOU, envelope=True)


def _from(step: str, **made: Any) -> Turns:
    found: list[bytes] = []

    def keep(right: bytes) -> bytes:
        found.append(right)
        return right

    Forge(known("any"), {step: keep}, **made).make()
    return {step: always(found[0])}


def _head_maps() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    yield "of version 2", put(v=2)
    yield "of version true", put(v=True)
    yield "without a version", without("v")
    yield "with one key more", put(note="x")
    yield "that is a list", lambda right: list(right.values())
    yield "with another suite", put(suite=bytes.fromhex("002000010002"))
    yield "with a suite of five bytes", put(suite=bytes.fromhex("647a000100"))
    yield "with a container id of 15 bytes", put(container=bytes(15))
    yield "with a container id of text", put(container="0123456789abcdef")
    yield "with an epoch below 0", put(epoch=-1)
    yield "with an epoch of 2^32", put(epoch=1 << 32)
    yield "with an epoch that is a float", put(epoch=3.0)
    yield "without parts", put(data=[])
    yield "with 65 parts", lambda right: right | {"data": right["data"] * 65}
    yield "with a part that is no list", lambda right: right | {"data": right["data"][0]}
    for name in ("index", "preview", "self", "grants"):
        yield f"with {name} a dag-cbor block", put(**{name: Link(cid_of("dag-cbor", b"\xa0"))})
    yield "with a part that is a dag-cbor block", put(data=[Link(cid_of("dag-cbor", b"\xa0"))])
    yield "with null for the index", put(index=None)
    yield "with bytes for a link", lambda r: r | {"index": b"\0" + cid_bytes(r["index"].cid)}
    yield "longer than 16 KiB", put(container=bytes(17 << 10))


def _head_encodings() -> Iterator[tuple[str, Callable[[bytes], bytes]]]:
    v, epoch = b"\x61v\x01", b"\x65epoch\x03"
    yield "with a number in two bytes", swap(v, b"\x61v\x18\x01")
    yield "with an epoch in nine bytes", swap(epoch, b"\x65epoch\x1b" + bytes(7) + b"\x03")
    yield "with a length in two bytes", swap(v, b"\x78\x01v\x01")
    yield "with a key twice", lambda data: b"\xaa" + v + data[1:]
    yield "with keys out of order", lambda d: d[:1] + d[1 + len(v) :] + v
    yield "of indefinite length", lambda data: b"\xbf" + data[1:] + b"\xff"
    yield "with a list of indefinite length", lambda d: d.replace(b"\x81\xd8", b"\x9f\xd8", 1)
    yield "with bytes behind it", lambda data: data + b"\0"
    yield "that is cut", lambda data: data[:-1]
    yield "of no bytes", always(b"")
    yield "with a key of bytes", swap(v, b"\x41v\x01")
    yield "with a key that is no UTF-8", swap(v, b"\x61\xff\x01")
    yield "with a link under tag 43", lambda d: d.replace(b"\xd8\x2a", b"\xd8\x2b", 1)
    yield "with a link under a long tag", lambda d: d.replace(b"\xd8\x2a", b"\xd9\x00\x2a", 1)
    yield "with a link without its zero byte", lambda d: d.replace(b"\x25\x00", b"\x25\x01", 1)
    yield "with a link by another hash", lambda d: d.replace(b"\x55\x12\x20", b"\x55\x13\x20", 1)
    yield "with a link of a version 0 CID", lambda d: d.replace(b"\0\x01\x55", b"\0\0\x55", 1)
    yield "with undefined for a value", swap(v, b"\x61v\xf7")
    yield "with a float of 16 bits", swap(epoch, b"\x65epoch\xf9\x42\x00")
    yield "with a value nested 40 deep", swap(v, b"\x61v" + b"\x81" * 40 + b"\x01")
    yield "with a length that it has not", lambda data: b"\xbb" + b"\xff" * 8 + data[1:]


def _long(part: bytes) -> bytes:
    """The part in two leaves, so that its file is a node."""
    return part.ljust(LEAF + 9, b"\0")


def blocks() -> Iterator[Case]:
    for name in ("data", "index", "preview", "self", "head"):
        yield Case(f"other bytes for {name}", after=_other_bytes(name), **_lost(name, DAMAGED))
        yield Case(f"no block for {name}", after=_gone(name), **_lost(name, MISSING))
    yield Case("data cut by a byte under its CID", after=_cut, files=DAMAGED)
    for name, make in _nodes():
        yield Case(name, data_file=make, files=DAMAGED)


def _lost(name: str, how: str) -> dict[str, Any]:
    match name:
        case "self" | "head":
            return {"record": how}
        case "preview":
            return {"previews": how}
    return {"files": how}


def _linked(forge: Forge, head: str, name: str) -> str:
    if name == "head":
        return head
    value = cbor.decode(forge.blocks[head])[name]
    return str((value[0] if name == "data" else value).cid)


def _other_bytes(name: str) -> Callable[[Forge, str], tuple[dict[str, bytes], list[str]]]:
    def change(forge: Forge, head: str) -> tuple[dict[str, bytes], list[str]]:
        cid = _linked(forge, head, name)
        return {cid: flipped(-1)(forge.blocks[cid])}, []

    return change


def _gone(name: str) -> Callable[[Forge, str], tuple[dict[str, bytes], list[str]]]:
    return lambda forge, head: ({}, [_linked(forge, head, name)])


def _cut(forge: Forge, head: str) -> tuple[dict[str, bytes], list[str]]:
    cid = _linked(forge, head, "data")
    return {cid: forge.blocks[cid][:-1]}, []


def _node(
    forge: Forge,
    leaves: list[bytes],
    tsizes: list[int] | None = None,
    sizes: list[int] | None = None,
    codec: str = "raw",
    name: bytes = b"\x12\x00",
    total: int | None = None,
    kind: bytes = b"\x08\x02",
    tail: bytes = b"",
    data_first: bool = False,
) -> str:
    """Put a dag-pb node above leaves. What is not said is as the format says."""
    sizes = [len(leaf) for leaf in leaves] if sizes is None else sizes
    tsizes = sizes if tsizes is None else tsizes
    links = b""
    for leaf, tsize in zip(leaves, tsizes, strict=True):
        link = b"\x0a\x24" + cid_bytes(forge.add(codec, leaf)) + name + b"\x18" + varint(tsize)
        links += b"\x12" + varint(len(link)) + link
    said = kind + b"\x18" + varint(sum(sizes) if total is None else total)
    said += b"".join(b"\x20" + varint(size) for size in sizes) + tail
    data = b"\x0a" + varint(len(said)) + said
    return forge.add("dag-pb", data + links if data_first else links + data)


def _nodes() -> Iterator[tuple[str, Callable[[Forge, bytes], str]]]:
    def two(part: bytes) -> list[bytes]:
        long = _long(part)
        return [long[:LEAF], long[LEAF:]]

    def half(part: bytes) -> list[bytes]:
        return [part[:64], part[64:]]

    yield "a raw file longer than a leaf", lambda f, d: f.add("raw", _long(d))
    yield "a node above one leaf", lambda f, d: _node(f, [d])
    yield "a node without leaves", lambda f, d: _node(f, [])
    yield "a node above leaves that are not full", lambda f, d: _node(f, half(d))
    yield "a node with a name", lambda f, d: _node(f, two(d), name=b"\x12\x01a")
    yield "a node without the empty name", lambda f, d: _node(f, two(d), name=b"")
    yield "a node with another Tsize", lambda f, d: _node(f, two(d), tsizes=[LEAF, 8])
    yield "a node with another file size", lambda f, d: _node(f, two(d), total=LEAF + 8)
    yield "a node with another size of a leaf", lambda f, d: _node(f, two(d), [LEAF, 9], [LEAF, 8])
    yield "a node that is a folder", lambda f, d: _node(f, two(d), kind=b"\x08\x01")
    yield "a node with a mode", lambda f, d: _node(f, two(d), tail=b"\x38\xa4\x03")
    yield "a node with its data before its links", lambda f, d: _node(f, two(d), data_first=True)
    yield "a node above dag-cbor", lambda f, d: _node(f, two(d), codec="dag-cbor")
    yield "a node above dag-pb", lambda f, d: _node(f, two(d), codec="dag-pb")
    yield (
        "a node above a node",
        lambda f, d: _node(f, [f.blocks[_node(f, two(d))], b"\0"], [LEAF, 9], [LEAF, 9], "dag-pb"),
    )
    yield "a node with bytes behind it", lambda f, d: f.add("dag-pb", _two(f, d) + b"\0")
    yield "a node that is cut", lambda f, d: f.add("dag-pb", _two(f, d)[:-1])
    yield (
        "a node with a length in more bytes than it needs",
        lambda f, d: f.add("dag-pb", swap(b"\x18\x09", b"\x18\x89\x00")(_two(f, d))),
    )
    yield "a node of no bytes", lambda f, d: f.add("dag-pb", b"")
    yield "a dag-pb file of bytes", lambda f, d: f.add("dag-pb", d)


def _two(forge: Forge, part: bytes) -> bytes:
    long = _long(part)
    return forge.blocks[_node(forge, [long[:LEAF], long[LEAF:]])]
