"""Another program that opens a container, written from docs/format.md and nothing of ours.

It knows SHA-256, AES-256-GCM, HKDF, ML-KEM-768, X25519 and zstd, and takes any of three ways in: a
study key with ranges, one series' key with its range, or an envelope with the seed of its reader.
It is strict where a container must be, and it stops at the first thing that is wrong.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LEAF = 262144
Get = Callable[[bytes], bytes]  # a binary CID to the block


class Refused(Exception):
    """Something in the container is not as the format says."""


def require(holds: bool, what: str) -> None:
    if not holds:
        raise Refused(what)


# -- dag-cbor ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class CidLink:
    cid: bytes  # binary, without the leading zero byte


def cbor(data: bytes) -> Any:
    value, rest = _cbor_item(data)
    require(not rest, "bytes after the value")
    require(_cbor_again(value) == data, "another encoding of the value")
    return value


def _cbor_item(data: bytes, deep: int = 0) -> tuple[Any, bytes]:
    require(bool(data), "cut off")
    require(deep <= 32, "nested too deeply")
    major, low, rest = data[0] >> 5, data[0] & 0x1F, data[1:]
    if major == 7:
        if low == 27:
            (number,) = struct.unpack(">d", rest[:8])
            require(math.isfinite(number), "not finite")
            return number, rest[8:]
        require(low in (20, 21, 22), "simple value")
        return {20: False, 21: True, 22: None}[low], rest
    if low >= 24:
        require(low <= 27, "length")
        width = 1 << (low - 24)
        low, rest = int.from_bytes(rest[:width], "big"), rest[width:]
    if major == 0:
        return low, rest
    if major == 1:
        return -1 - low, rest
    if major in (2, 3):
        require(len(rest) >= low, "cut off")
        return (rest[:low] if major == 2 else rest[:low].decode()), rest[low:]
    if major == 4:
        items = []
        for _ in range(low):
            item, rest = _cbor_item(rest, deep + 1)
            items.append(item)
        return items, rest
    if major == 5:
        pairs = {}
        for _ in range(low):
            name, rest = _cbor_item(rest)
            pairs[name], rest = _cbor_item(rest, deep + 1)
        return pairs, rest
    require(low == 42, "tag")
    named, rest = _cbor_item(rest)
    require(named[:1] == b"\0" and named[1:2] == b"\1" and len(named) == 37, "link")
    return CidLink(named[1:]), rest


def _cbor_again(value: Any) -> bytes:
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, int):
        return _cbor_start(0, value) if value >= 0 else _cbor_start(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, bytes):
        return _cbor_start(2, len(value)) + value
    if isinstance(value, str):
        return _cbor_start(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _cbor_start(4, len(value)) + b"".join(map(_cbor_again, value))
    if isinstance(value, CidLink):
        return b"\xd8\x2a" + _cbor_again(b"\0" + value.cid)
    names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
    inner = b"".join(_cbor_again(name) + _cbor_again(value[name]) for name in names)
    return _cbor_start(5, len(value)) + inner


def _cbor_start(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for low, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 256**width:
            return bytes([major << 5 | low]) + number.to_bytes(width, "big")
    raise Refused("number")


# -- what stands where ------------------------------------------------------------------------


@dataclass(frozen=True)
class Some:
    """A list of so many, each like this."""

    each: Any
    least: int
    most: int


@dataclass(frozen=True)
class Or:
    """Null, or like this."""

    shape: Any


@dataclass(frozen=True)
class Below:
    """A whole number from 0."""

    limit: int = 1 << 53


@dataclass(frozen=True)
class Bytes:
    """From `least` to `most` bytes."""

    least: int
    most: int


COUNT = Below()
TEXT, FLAG, MAP = str, bool, dict  # of any content
RANGE = (16, COUNT, COUNT, COUNT, COUNT)
TERMS = {"grantee": 32, "scope": Some(TEXT, 1, 1024), "purpose": TEXT, "from": COUNT,
         "until": Or(COUNT)}  # fmt: skip
HEAD = {
    "v": 1, "suite": 6, "container": 16, "epoch": Below(1 << 32), "data": Some(CidLink, 1, 64),
    "index": CidLink, "preview": CidLink, "self": CidLink, "grants": CidLink,
}  # fmt: skip
TABLE = {
    "v": 1, "series_id": 16, "attributes": MAP, "runs": Some((32, 32), 0, 64),
    "files": Some((TEXT, COUNT, 32, FLAG, MAP, Some((COUNT,) * 8, 0, 1 << 20)), 0, 1 << 20),
}  # fmt: skip
ENVELOPE = {
    "v": 1, "sequence": COUNT, "previous": Or(32), "study_key": Or(32),
    "series_keys": Or(Some((16, 32), 1, 1024)), "ranges": Some(RANGE, 1, 1024), "terms": TERMS,
    "salt": 32, "grant_key": 32, "card": Bytes(0, 4096), "signature": Bytes(0, 65),
}  # fmt: skip
GRANT = {
    "grant_key": 32, "salt": 32, "terms": TERMS, "receiving": 1216,
    "series_ids": Some(16, 0, 1024), "card": Or(Bytes(0, 4096)), "name": TEXT, "secret": Or(32),
    "passcode": TEXT, "state": TEXT, "created_at": COUNT,
}  # fmt: skip
SELF = {
    "v": 1, "index": Below(1 << 31), "study_key": 32, "sequence": COUNT, "previous": Or(32),
    "ranges": Some(RANGE, 0, 1024), "labels": MAP, "notes": TEXT,
    "grants": Some(GRANT, 0, 1 << 16), "needs_rotation": FLAG, "library": Or((CidLink, 32, COUNT)),
}  # fmt: skip


def like(value: Any, shape: Any, name: str) -> Any:
    """The value, if it has the shape: 1 is the version, a greater number a length in bytes."""
    require(_fits(value, shape), name)
    return value


def _fits(value: Any, shape: Any) -> bool:
    match shape:
        case Or(inner):
            return value is None or _fits(value, inner)
        case Below(limit):
            return type(value) is int and 0 <= value < limit
        case Bytes(least, most):
            return type(value) is bytes and least <= len(value) <= most
        case Some(each, least, most):
            sized = type(value) is list and least <= len(value) <= most
            return sized and all(_fits(item, each) for item in value)
        case tuple():
            sized = type(value) is list and len(value) == len(shape)
            return sized and all(map(_fits, value, shape))
        case dict():
            keyed = type(value) is dict and value.keys() == shape.keys()
            return keyed and all(_fits(value[key], shape[key]) for key in shape)
        case 1:
            return type(value) is int and value == 1
        case int():
            return type(value) is bytes and len(value) == shape
    return type(value) is shape


# -- blocks and files -------------------------------------------------------------------------


def checked_block(get: Get, cid: bytes) -> bytes:
    require(len(cid) == 36 and cid[0] == 1 and cid[2:4] == b"\x12\x20", "CID")
    data = get(cid)
    require(hashlib.sha256(data).digest() == cid[4:], "a block of other bytes")
    return data


def file(get: Get, cid: bytes) -> bytes:
    """All bytes of a UnixFS file of one leaf, or of one node above raw leaves."""
    block = checked_block(get, cid)
    if cid[1] == 0x55:
        require(len(block) <= LEAF, "longer than a leaf")
        return block
    require(cid[1] == 0x70, "codec")
    links, said = [], []
    for number, content in _fields(block):
        if number == 2:
            links.append(dict(_fields(content)))
        else:
            require(number == 1, "field of a node")
            said = list(_fields(content))
    require(said[0] == (1, 2), "not a file")
    sizes = [value for number, value in said if number == 4]
    require(len(sizes) == len(links) and dict(said)[3] == sum(sizes), "sizes")
    require(2 <= len(sizes) <= 1024 and {*sizes[:-1]} == {LEAF} and 0 < sizes[-1] <= LEAF, "sizes")
    require(_node([link[1] for link in links], sizes) == block, "another encoding of the node")
    found = b""
    for link, size in zip(links, sizes, strict=True):
        require(link[1][1] == 0x55 and link.get(2, b"") == b"" and link[3] == size, "leaf")
        leaf = checked_block(get, link[1])
        require(len(leaf) == size, "leaf of another length")
        found += leaf
    return found


def _node(leaves: list[bytes], sizes: list[int]) -> bytes:
    node, said = b"", b"\x08\x02\x18" + _number(sum(sizes))
    for leaf, size in zip(leaves, sizes, strict=True):
        link = b"\x0a\x24" + leaf + b"\x12\0\x18" + _number(size)
        node += b"\x12" + _number(len(link)) + link
        said += b"\x20" + _number(size)
    return node + b"\x0a" + _number(len(said)) + said


def _number(value: int) -> bytes:
    """An unsigned varint."""
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def _fields(data: bytes) -> list[tuple[int, Any]]:
    found: list[tuple[int, Any]] = []
    while data:
        tag, data = _varint(data)
        value, data = _varint(data)
        if tag & 7 == 2:
            require(value <= len(data), "cut off")
            found.append((tag >> 3, data[:value]))
            data = data[value:]
        else:
            require(tag & 7 == 0, "wire type")
            found.append((tag >> 3, value))
    return found


def _varint(data: bytes) -> tuple[int, bytes]:
    value = shift = 0
    for at, byte in enumerate(data):
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, data[at + 1 :]
    raise Refused("cut off")


# -- sealing ----------------------------------------------------------------------------------


def hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def series_key(study_key: bytes, container: bytes, series_id: bytes) -> bytes:
    return hkdf(study_key, container, b"rayfolio/1/series\0" + series_id, 32)


@dataclass(frozen=True)
class Generation:
    container: bytes
    epoch: int

    @property
    def tail(self) -> bytes:
        return self.container + struct.pack(">I", self.epoch)


def open_sealed(
    role_key: bytes,
    kind: int,
    generation: Generation,
    salt: bytes,
    commitment: bytes,
    ciphertext: bytes,
    segment: int,
    codec: int,
    plain_length: int,
) -> bytes:
    info = b"rayfolio/1/object\0" + bytes([kind]) + generation.tail
    both = hkdf(role_key, salt, info, 64)
    require(both[32:] == commitment, "commitment")
    nonce = b"\0\0\0\0" + struct.pack(">Q", segment)
    associated = b"rayfolio/1/segment\0" + bytes([kind]) + generation.tail
    associated += struct.pack(">QBQ", segment, codec, plain_length)
    return AESGCM(both[:32]).decrypt(nonce, ciphertext, associated)


def open_object(role_key: bytes, kind: int, generation: Generation, sealed: bytes) -> bytes:
    salt, commitment, ciphertext = sealed[:32], sealed[32:64], sealed[64:]
    length = len(ciphertext) - 16
    padded = open_sealed(role_key, kind, generation, salt, commitment, ciphertext, 0, 0, length)
    payload = prefixed(padded)
    require(padme(4 + len(payload)) == len(padded), "padding")
    return payload


def prefixed(padded: bytes) -> bytes:
    (length,) = struct.unpack(">I", padded[:4])
    require(4 + length <= len(padded) and not any(padded[4 + length :]), "padding")
    return padded[4 : 4 + length]


def padme(length: int) -> int:
    e = length.bit_length() - 1
    s = e.bit_length()
    mask = (1 << (e - s)) - 1
    return (length + mask) & ~mask


# -- HPKE with ML-KEM-768 and X25519 ----------------------------------------------------------


def hpke_open(seed: bytes, sealed: bytes, info: bytes) -> bytes:
    """Base mode, kem 0x647a, kdf 0x0001, aead 0x0002, from the primitives alone."""
    expanded = hashlib.shake_256(seed).digest(96)
    lattice = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    curve = X25519PrivateKey.from_private_bytes(expanded[64:])
    lattice_ct, curve_ct, ciphertext = sealed[:1088], sealed[1088:1120], sealed[1120:]
    shared = hashlib.sha3_256(
        lattice.decapsulate(lattice_ct)
        + curve.exchange(X25519PublicKey.from_public_bytes(curve_ct))
        + curve_ct
        + curve.public_key().public_bytes_raw()
        + bytes.fromhex("5c2e2f2f5e5c")
    ).digest()
    suite = b"HPKE" + bytes.fromhex("647a00010002")
    context = b"\0"
    context += _extract(suite, b"", b"psk_id_hash", b"") + _extract(suite, b"", b"info_hash", info)
    secret = _extract(suite, shared, b"secret", b"")
    key = _expand(suite, secret, b"key", context, 32)
    nonce = _expand(suite, secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, ciphertext, b"")


def public_of(seed: bytes) -> bytes:
    expanded = hashlib.shake_256(seed).digest(96)
    lattice = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    curve = X25519PrivateKey.from_private_bytes(expanded[64:])
    return lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()


def _extract(suite: bytes, salt: bytes, label: bytes, secret: bytes) -> bytes:
    labelled = b"HPKE-v1" + suite + label + secret
    return hmac.digest(salt or bytes(32), labelled, "sha256")


def _expand(suite: bytes, secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = struct.pack(">H", length) + b"HPKE-v1" + suite + label + info
    return hmac.digest(secret, labelled + b"\x01", "sha256")[:length]


# -- the word on the chain --------------------------------------------------------------------


def unmask(locator_key: bytes, study: bytes, word: bytes) -> bytes:
    """The SHA-256 digest of the head that a word stands for."""
    tweak = hashlib.sha256(study).digest()[:16]
    decryptor = Cipher(algorithms.AES(locator_key), modes.XTS(tweak)).decryptor()
    return decryptor.update(word) + decryptor.finalize()


# -- the container ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Container:
    get: Get
    head: dict[str, Any]

    @property
    def generation(self) -> Generation:
        return Generation(self.head["container"], self.head["epoch"])

    def linked(self, name: str) -> bytes:
        return file(self.get, self.head[name].cid)


def open_head(get: Get, digest: bytes) -> Container:
    block = checked_block(get, b"\x01\x71\x12\x20" + digest)
    require(len(block) <= 16384, "size of the head")
    head = like(cbor(block), HEAD, "head")
    require(head["suite"].hex() == "647a00010002", "suite")
    files = [*head["data"], *(head[name] for name in ("index", "preview", "self", "grants"))]
    require({link.cid[1:4] for link in files} <= {b"\x55\x12\x20", b"\x70\x12\x20"}, "links")
    return Container(get, head)


def open_self(container: Container, self_key: bytes) -> dict[str, Any]:
    """What the owner alone reads."""
    opened = open_object(self_key, 3, container.generation, container.linked("self"))
    record: dict[str, Any] = like(cbor(opened), SELF, "self")
    require({each["state"] for each in record["grants"]} <= {"active", "revoked", "expired"}, "")
    _check_once(record["ranges"])
    return record


def _check_once(ranges: list[Any]) -> None:
    require(len({each[0] for each in ranges}) == len(ranges), "a series twice")


def piece(data: bytes, at: int, length: int) -> bytes:
    require(at + length <= len(data), "behind the end")
    return data[at : at + length]


def unpacked(frame: bytes) -> bytes:
    """What one zstd frame holds that says its length, with nothing behind it."""
    length = zstandard.frame_content_size(frame)
    require(0 < length <= 256 << 20, "length of a frame")
    plain = zstandard.ZstdDecompressor().decompress(frame, length, allow_extra_data=False)
    require(len(plain) == length, "length of a frame")
    return plain


def is_safe(path: str) -> bool:
    plain = not any(c < " " or c in "\\:\x7f" for c in path)
    return plain and len(path.encode()) <= 1000 and not {"", ".", ".."} & {*path.split("/")}


def open_series(container: Container, key: bytes, place: list[Any]) -> dict[str, Any]:
    """The series at `place` [series id, index offset, length, preview offset, length]: its table,
    its preview, and the files by their paths.
    """
    series_id, index_at, index_length, preview_at, preview_length = place
    section = piece(container.linked("index"), index_at, index_length)
    packed = open_object(key, 2, container.generation, section)
    table = like(cbor(unpacked(packed)), TABLE, "table")
    require(table["series_id"] == series_id, "another series")
    section = piece(container.linked("preview"), preview_at, preview_length)
    preview = open_object(key, 4, container.generation, section)
    parts: dict[int, bytes] = {}
    files = {}
    for path, size, sha256, preamble, _header, segments in table["files"]:
        require(is_safe(path), "path")
        content = b""
        for run, number, part, offset, length, codec, plain_length, file_offset in segments:
            if part not in parts:
                parts[part] = file(container.get, container.head["data"][part].cid)
            salt, commitment = table["runs"][run]
            sealed = piece(parts[part], offset, length)
            require(0 < plain_length <= 64 << 20 and codec in (0, 1), "segment")
            require((length - 16 < plain_length) == codec and length <= plain_length + 16, "packed")
            plain = open_sealed(
                key, 1, container.generation, salt, commitment, sealed, number, codec, plain_length
            )
            if codec == 1:
                plain = unpacked(plain)
            require(len(plain) == plain_length and len(content) == file_offset, "segment")
            content += plain
        require(len(content) == size and hashlib.sha256(content).digest() == sha256, "digest")
        require(preamble == (content[128:132] == b"DICM" and any(content[:128])), "preamble")
        files[path] = content
    return {"table": table, "preview": preview, "files": files}


def open_study(container: Container, study_key: bytes, ranges: list[Any]) -> list[dict[str, Any]]:
    found = []
    for place in ranges:
        key = series_key(study_key, container.head["container"], place[0])
        found.append(open_series(container, key, place))
    return found


def open_envelope(
    container: Container, seed: bytes, chain_id: int, contract: bytes, study: bytes
) -> dict[str, Any]:
    """The one envelope that the reader of this seed opens."""
    info = b"rayfolio/1/envelope\0" + struct.pack(">Q", chain_id) + contract + study
    info += container.generation.tail
    grants = container.linked("grants")
    (length,) = struct.unpack(">I", grants[:4])
    require(length - 1136 in {4096 << n for n in range(7)}, "bucket")
    require((len(grants) - 4) % length == 0, "cut envelopes")
    sealed = [grants[at : at + length] for at in range(4, len(grants), length)]
    require(len(sealed) >= 4 and len(sealed) & (len(sealed) - 1) == 0, "count of envelopes")
    opened = []
    for each in sealed:
        try:
            opened.append(hpke_open(seed, each, info))
        except InvalidTag:
            continue
    require(len(opened) == 1, "no envelope, or several")
    envelope: dict[str, Any] = like(cbor(prefixed(opened[0])), ENVELOPE, "envelope")
    require(envelope["terms"]["grantee"] == hashlib.sha256(public_of(seed)).digest(), "grantee")
    _check_once(envelope["ranges"])
    keys = envelope["series_keys"]
    require((envelope["study_key"] is None) != (keys is None), "keys")
    if keys is not None:
        ids = [each[0] for each in keys]
        require(ids == sorted({each[0] for each in envelope["ranges"]}), "keys")
    return envelope


def open_with_envelope(container: Container, envelope: dict[str, Any]) -> list[dict[str, Any]]:
    if envelope["study_key"] is not None:
        return open_study(container, envelope["study_key"], envelope["ranges"])
    keys = dict(map(tuple, envelope["series_keys"]))
    return [open_series(container, keys[place[0]], place) for place in envelope["ranges"]]
