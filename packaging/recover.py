"""Gives a person their scans back: from a container and the recovery words, without Rayfolio.

    python recover.py SOURCE FOLDER [--words-file FILE] [--passphrase-file FILE] [--head CID]

SOURCE is a CAR file (of `rayfolio export STUDY --car FILE`, `ipfs dag export`) or a folder of
blocks named by their CIDs. FOLDER is made, or is empty; nothing is ever overwritten. Words that are
not given in a file are asked for. No network is used; what is fetched is decided by the words.

It needs Python 3.11 or newer with `cryptography` and `zstandard`, and was written from
docs/format.md, whose words it uses. Memory: a few times one segment (of at most 64 MiB; Rayfolio's
have 16) and the table of one series. Ends with 0 if all files were written, 2 if the request was
wrong, 3 if nothing here is this wallet's, 5 if something is damaged or missing; what is whole is
written also then.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import getpass
import hashlib
import hmac
import io
import math
import os
import re
import struct
import sys
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LEAF = 262_144
MAX_PART = MAX_OBJECT = MAX_TABLE = 256 << 20
MAX_SEGMENT = 64 << 20
MAX_COUNT = (1 << 53) - 1
RAW, DAG_PB, DAG_CBOR = 0x55, 0x70, 0x71
RUN, INDEX, SELF = 1, 2, 3  # kinds of sealed objects
GENERATIONS = 16  # of the self key that are tried


class Problem(Exception):
    """The request was wrong; the text says what to do."""

    code = 2


class NotYours(Problem):
    """No key of these words opens it."""

    code = 3


class Damaged(Problem):
    """Something is not as the format says, or is not there."""

    code = 5


def require(holds: bool, what: str) -> None:
    """Raise Damaged with a sentence unless something is as the format says."""
    if not holds:
        raise Damaged(f"{what} is damaged")


# -- words ------------------------------------------------------------------------------------


def seed_of(text: str, passphrase: str) -> bytes:
    """Return the 64-byte seed of the words. Source: BIP-39. Names positions, never words."""
    words = unicodedata.normalize("NFKD", text).lower().split()
    if len(words) not in (12, 15, 18, 21, 24):
        raise Problem(f"There are {len(words)} words, and not 24 (or 12, 15, 18, 21)")
    numbers = {word: number for number, word in enumerate(ENGLISH.split())}
    unknown = [str(at) for at, word in enumerate(words, 1) if word not in numbers]
    if unknown:
        raise Problem(f"Not in the list of words is word number {', '.join(unknown)}")
    bits = "".join(f"{numbers[word]:011b}" for word in words)
    entropy_bits = len(bits) * 32 // 33
    entropy = int(bits[:entropy_bits], 2).to_bytes(entropy_bits // 8)
    check = f"{hashlib.sha256(entropy).digest()[0]:08b}"[: len(bits) - entropy_bits]
    if bits[entropy_bits:] != check:
        raise Problem("Each word exists, but together they do not fit: one is another, or moved")
    salt = "mnemonic" + unicodedata.normalize("NFKD", passphrase)
    return hashlib.pbkdf2_hmac("sha512", " ".join(words).encode(), salt.encode(), 2048)


# -- strict dag-cbor --------------------------------------------------------------------------


@dataclass(frozen=True)
class Link:
    """A link to a block."""

    cid: bytes  # 36 bytes


def decode(data: bytes, what: str) -> Any:
    """Return the value that `data` is the one encoding of."""
    try:
        value, end = _item(data, 0, 32)
        if end == len(data):
            return value
    except (IndexError, ValueError, struct.error):
        pass
    raise Damaged(f"{what} is damaged")


def _item(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth < 0:
        raise ValueError("nested too deeply")
    if data[at] in (0xF4, 0xF5, 0xF6):
        return {0xF4: False, 0xF5: True, 0xF6: None}[data[at]], at + 1
    if data[at] == 0xFB:
        (number,) = struct.unpack_from(">d", data, at + 1)
        if not math.isfinite(number):
            raise ValueError("not finite")
        return number, at + 9
    major = data[at] >> 5
    argument, at = _argument(data, at)
    if major in (0, 1):
        return (~argument if major else argument), at
    if major in (2, 3):
        taken, at = _take(data, at, argument)
        return (taken if major == 2 else taken.decode()), at
    if major == 4:
        items = []
        for _ in range(argument):
            item, at = _item(data, at, depth - 1)
            items.append(item)
        return items, at
    if major == 5:
        return _map(data, at, argument, depth)
    if major == 6 and argument == 42 and data[at] >> 5 == 2:
        named, at = _item(data, at, depth)
        if named[:1] != b"\0" or not _is_cid(named[1:]):
            raise ValueError("not a link")
        return Link(named[1:]), at
    raise ValueError("not dag-cbor")


def _map(data: bytes, at: int, count: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    before = (-1, b"")
    for _ in range(count):
        if data[at] >> 5 != 3:
            raise ValueError("a key is text")
        length, at = _argument(data, at)
        name, at = _take(data, at, length)
        if before >= (length, name):
            raise ValueError("keys out of order")
        before = (length, name)
        found[name.decode()], at = _item(data, at, depth - 1)
    return found, at


def _argument(data: bytes, at: int) -> tuple[int, int]:
    code = data[at] & 31
    if code < 24:
        return code, at + 1
    if code > 27:
        raise ValueError("indefinite or reserved length")
    width = 1 << (code - 24)
    raw, end = _take(data, at + 1, width)
    number = int.from_bytes(raw)
    if number < (24 if width == 1 else 1 << 4 * width):
        raise ValueError("not the shortest form")
    return number, end


def _take(data: bytes, at: int, length: int) -> tuple[bytes, int]:
    if length > len(data) - at:
        raise ValueError("cut off")
    return data[at : at + length], at + length


# -- blocks: a CAR file, or a folder ----------------------------------------------------------


def _is_cid(data: bytes) -> bool:
    return (
        len(data) == 36
        and data[0] == 1
        and data[1] in (RAW, DAG_PB, DAG_CBOR)
        and data[2:4] == b"\x12\x20"
    )


def cid_text(cid: bytes) -> str:
    """Return a CID as it is written and named."""
    return "b" + base64.b32encode(cid).decode().rstrip("=").lower()


def cid_of_text(text: str) -> bytes | None:
    """Return the 36 bytes of a CID of the kind that containers have, or None."""
    try:
        data = base64.b32decode(text[1:].upper() + "======") if len(text) == 59 else b""
    except ValueError:
        return None
    return data if _is_cid(data) and cid_text(data) == text else None


def varint(read: Callable[[int], bytes]) -> int:
    """Return an unsigned LEB128 number. Raises: EOFError at the end of what is read."""
    number = 0
    for shift in range(0, 64, 7):
        byte = read(1)
        if not byte:
            raise EOFError
        number |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return number
    raise Damaged("A length in the file is damaged")


class Blocks:
    """Where blocks are read from; each is checked against its CID."""

    remark = ""  # what is wrong with the whole of it, in a sentence
    heads: list[bytes]  # blocks that may be heads of a study

    def _stored(self, cid: bytes) -> bytes | None:
        raise NotImplementedError

    def get(self, cid: bytes) -> bytes:
        data = self._stored(cid)
        if data is None:
            raise Damaged(f"Block {cid_text(cid)} is missing")
        require(hashlib.sha256(data).digest() == cid[4:], f"Block {cid_text(cid)}")
        return data


class CarFile(Blocks):
    """A CAR file, version 1: looked through once for where its blocks lie."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[bytes, tuple[int, int]] = {}
        self._size = file.seek(0, os.SEEK_END)
        file.seek(0)
        roots = self._header()
        try:
            while self._section():
                pass
        except (EOFError, Damaged):
            self.remark = (
                f"The file is cut off or damaged after {len(self._places)} whole blocks. "
                "What they hold is written"
            )
        there = [root for root in roots if root in self._places]
        self.heads = there or [cid for cid in self._places if cid[1] == DAG_CBOR]

    def _header(self) -> list[bytes]:
        try:
            length = varint(self._file.read)
            header = decode(self._file.read(min(length, 1 << 20)), "The CAR")
        except (EOFError, Damaged):
            header = None
        if not isinstance(header, dict) or header.get("version") != 1:
            raise Problem("This is not a CAR file of version 1, or its first bytes are damaged")
        roots = header.get("roots")
        found = roots if isinstance(roots, list) else []
        return [each.cid for each in found if isinstance(each, Link) and each.cid[1] == DAG_CBOR]

    def _section(self) -> bool:
        start = self._file.tell()
        if start == self._size:
            return False
        length = varint(self._file.read)
        start = self._file.tell()
        if length > self._size - start:
            raise EOFError
        cid = self._file.read(min(length, 36))
        if _is_cid(cid) and length - 36 <= LEAF:
            self._places.setdefault(cid, (start + 36, length - 36))
        self._file.seek(start + length)  # over blocks of other kinds
        return True

    def _stored(self, cid: bytes) -> bytes | None:
        if cid not in self._places:
            return None
        start, length = self._places[cid]
        self._file.seek(start)
        return self._file.read(length)


class BlockFolder(Blocks):
    """A folder, at any depth, of files that are blocks under their CIDs."""

    def __init__(self, folder: Path) -> None:
        self._paths: dict[bytes, Path] = {}
        for place, _, names in os.walk(folder):
            for name in names:
                if cid := cid_of_text(name):
                    self._paths[cid] = Path(place, name)
        if not self._paths:
            raise Problem("In this folder is no block: no file that has a CID for its name")
        self.heads = [cid for cid in sorted(self._paths) if cid[1] == DAG_CBOR]

    def _stored(self, cid: bytes) -> bytes | None:
        try:
            with self._paths[cid].open("rb") as file:
                return file.read(LEAF + 1)  # more is no block of a container
        except (KeyError, OSError):
            return None


class BlockFile:
    """A file of a container: one raw block, or a node above raw leaves."""

    def __init__(self, blocks: Blocks, cid: bytes, what: str) -> None:
        self._blocks, self._what = blocks, what
        self._kept: tuple[int, bytes] = (-1, b"")
        block = blocks.get(cid)
        require(len(block) <= LEAF, what)
        if cid[1] == RAW:
            self._leaves, self.size = [cid], len(block)
            self._kept = (0, block)
        else:
            self._leaves, self.size = self._node(block)

    def _node(self, block: bytes) -> tuple[list[bytes], int]:
        """Return leaves and length of a dag-pb block that is just as the format says."""
        source, leaves, sizes = io.BytesIO(block), [], []
        try:
            while source.read(1) == b"\x12":
                varint(source.read)
                leaves.append(source.read(38)[2:])
                require(source.read(3) == b"\x12\x00\x18", self._what)
                sizes.append(varint(source.read))
        except EOFError:
            raise Damaged(f"{self._what} is damaged") from None
        require(1 < len(leaves) <= 1024 and _node_of(leaves, sizes) == block, self._what)
        require({*sizes[:-1]} == {LEAF} and 0 < sizes[-1] <= LEAF, self._what)
        require(all(_is_cid(leaf) and leaf[1] == RAW for leaf in leaves), self._what)
        return leaves, sum(sizes)

    def read(self, offset: int, length: int) -> bytes:
        """Return a range that lies within the file; one leaf is kept for the next."""
        require(offset + length <= self.size, self._what)
        found = bytearray()
        while len(found) < length:
            number, start = divmod(offset + len(found), LEAF)
            if self._kept[0] != number:
                leaf = self._blocks.get(self._leaves[number])
                require(len(leaf) == min(LEAF, self.size - number * LEAF), self._what)
                self._kept = (number, leaf)
            found += self._kept[1][start : start + length - len(found)]
        return bytes(found)


def _node_of(leaves: list[bytes], sizes: list[int]) -> bytes:
    links, said = b"", b"\x08\x02\x18" + to_varint(sum(sizes))
    for leaf, size in zip(leaves, sizes, strict=True):
        link = b"\x0a\x24" + leaf + b"\x12\x00\x18" + to_varint(size)
        links += b"\x12" + to_varint(len(link)) + link
        said += b"\x20" + to_varint(size)
    return links + b"\x0a" + to_varint(len(said)) + said


def to_varint(number: int) -> bytes:
    """Return an unsigned LEB128 number."""
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + to_varint(rest) if rest else bytes([low])


# -- sealed objects ---------------------------------------------------------------------------


def hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """Return HKDF-SHA256. Source: RFC 5869."""
    return HKDF(SHA256(), length, salt, info).derive(secret)


@dataclass(frozen=True)
class Epoch:
    """What every key and every piece of a container is bound to."""

    container: bytes
    epoch: int

    @property
    def tail(self) -> bytes:
        return self.container + self.epoch.to_bytes(4)


@dataclass(frozen=True)
class Opener:
    """Opens what was sealed under one salt, once its commitment holds."""

    cipher: AESGCM
    kind: int
    epoch: Epoch
    what: str

    def open(self, sealed: bytes, segment: int, codec: int, plain_length: int) -> bytes:
        associated = b"rayfolio/1/segment\0" + bytes([self.kind]) + self.epoch.tail
        associated += struct.pack(">QBQ", segment, codec, plain_length)
        try:
            return self.cipher.decrypt(segment.to_bytes(12), sealed, associated)
        except InvalidTag:
            raise Damaged(f"{self.what} is damaged") from None


def opener(
    role_key: bytes, salt: bytes, commitment: bytes, kind: int, epoch: Epoch, what: str
) -> Opener | None:
    """Return None where the commitment is not that of this key."""
    info = b"rayfolio/1/object\0" + bytes([kind]) + epoch.tail
    both = hkdf(role_key, salt, info, 64)
    if not hmac.compare_digest(both[32:], commitment):
        return None
    return Opener(AESGCM(both[:32]), kind, epoch, what)


def open_object(role_key: bytes, kind: int, epoch: Epoch, sealed: bytes, what: str) -> bytes | None:
    """Return the payload of a sealed object; None if it is sealed to another key."""
    padded_length = len(sealed) - 80
    require(4 <= padded_length <= MAX_OBJECT, what)
    found = opener(role_key, sealed[:32], sealed[32:64], kind, epoch, what)
    if found is None:
        return None
    padded = found.open(sealed[64:], 0, 0, padded_length)
    length = int.from_bytes(padded[:4])
    rest = padded[4 + length :]
    require(padme(4 + length) == padded_length and rest.count(0) == len(rest), what)
    return padded[4 : 4 + length]


def padme(length: int) -> int:
    """Return the length that one of 2 or more is padded to."""
    exponent = length.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return -(-length // step) * step


def unpack(packed: bytes, length: int | None, what: str) -> bytes:
    """Return what exactly one zstd frame holds that says how much it is."""
    try:
        said = zstandard.frame_content_size(packed)
        if said == length if length is not None else 0 < said <= MAX_TABLE:
            plain: bytes = zstandard.ZstdDecompressor().decompress(
                packed, max_output_size=said, allow_extra_data=False
            )
            if len(plain) == said:
                return plain
    except zstandard.ZstdError:
        pass
    raise Damaged(f"{what} is damaged")


# -- the container ----------------------------------------------------------------------------


def is_count(value: Any, below: int = MAX_COUNT + 1) -> bool:
    """Whether it is a whole number in range; true is not 1."""
    return type(value) is int and 0 <= value < below


def is_bytes(value: Any, length: int) -> bool:
    """Whether it is so many bytes."""
    return type(value) is bytes and len(value) == length


def is_list(value: Any, least: int, most: int) -> bool:
    """Whether it is a list of so many."""
    return type(value) is list and least <= len(value) <= most


def has_keys(value: Any, names: str) -> bool:
    """Whether it is a map with exactly these keys."""
    return type(value) is dict and value.keys() == {*names.split()}


def is_one(value: Any) -> bool:
    """Whether it is the number of this version."""
    return type(value) is int and value == 1


@dataclass(frozen=True)
class Study:
    """One head, and its `self` opened."""

    blocks: Blocks
    head: dict[str, Any]
    record: dict[str, Any]

    @property
    def epoch(self) -> Epoch:
        return Epoch(self.head["container"], self.head["epoch"])

    def files(self) -> Iterator[tuple[str, Callable[[BinaryIO], None]]]:
        """Yield each file's path, and what writes it; a table that does not open is a Damaged."""
        index = BlockFile(self.blocks, self.head["index"].cid, "The list of images")
        for series_id, offset, length, _, _ in self.record["ranges"]:
            try:
                yield from Series(self, index.read(offset, length), series_id).files()
            except Damaged as problem:
                yield "", _failing(problem)


def _failing(problem: Damaged) -> Callable[[BinaryIO], None]:
    def fail(_: BinaryIO) -> None:
        raise problem

    return fail


def read_head(block: bytes) -> dict[str, Any]:
    """Return the head that a block is. Raises: Damaged."""
    what = "The head of a study"
    require(len(block) <= 16 << 10, what)
    head: dict[str, Any] = decode(block, what)
    require(has_keys(head, "v suite container epoch data index preview self grants"), what)
    require(is_one(head["v"]) and head["suite"] == bytes.fromhex("647a00010002"), what)
    require(is_bytes(head["container"], 16) and is_count(head["epoch"], 1 << 32), what)
    require(is_list(head["data"], 1, 64), what)
    for link in (*head["data"], *(head[name] for name in ("index", "preview", "self", "grants"))):
        require(isinstance(link, Link) and link.cid[1] in (RAW, DAG_PB), what)
    return head


def open_study(blocks: Blocks, cid: bytes, seed: bytes) -> Study:
    """Open a head's `self`. Raises: NotYours, Damaged."""
    what = "The owner's record"
    head = read_head(blocks.get(cid))
    file = BlockFile(blocks, head["self"].cid, what)
    sealed = file.read(0, file.size)
    epoch = Epoch(head["container"], head["epoch"])
    for generation in range(GENERATIONS):
        self_key = hkdf(seed, b"", b"rayfolio/1/self/%d\0" % generation, 32)
        payload = open_object(self_key, SELF, epoch, sealed, what)
        if payload is not None:
            return Study(blocks, head, _record(decode(payload, what), what))
    raise NotYours(
        "Nothing here is of the wallet of these words: they are another wallet's, or it has a "
        "passphrase, or another one"
    )


def _record(record: Any, what: str) -> dict[str, Any]:
    names = "v index study_key sequence previous ranges labels notes grants needs_rotation library"
    require(has_keys(record, names) and is_one(record["v"]), what)
    require(is_count(record["index"], 1 << 31) and is_count(record["sequence"]), what)
    require(is_bytes(record["study_key"], 32) and is_list(record["ranges"], 0, 1024), what)
    require(record["previous"] is None or is_bytes(record["previous"], 32), what)
    require(type(record["labels"]) is dict and type(record["notes"]) is str, what)
    require(type(record["needs_rotation"]) is bool and is_list(record["grants"], 0, 1 << 16), what)
    for place in record["ranges"]:
        require(is_list(place, 5, 5) and is_bytes(place[0], 16), what)
        require(all(is_count(each) for each in place[1:]), what)
    require(len({place[0] for place in record["ranges"]}) == len(record["ranges"]), what)
    return dict(record)


class Series:
    """One series: its table, and its files by segments."""

    def __init__(self, study: Study, section: bytes, series_id: bytes) -> None:
        what = "The list of images"
        self._study, self._openers = study, dict[int, Opener]()
        self._parts: dict[int, BlockFile] = {}
        study_key, container = study.record["study_key"], study.epoch.container
        self._key = hkdf(study_key, container, b"rayfolio/1/series\0" + series_id, 32)
        payload = open_object(self._key, INDEX, study.epoch, section, what)
        require(payload is not None, what)
        assert payload is not None
        table = decode(unpack(payload, None, what), what)
        require(has_keys(table, "v series_id attributes runs files") and is_one(table["v"]), what)
        require(table["series_id"] == series_id and type(table["attributes"]) is dict, what)
        require(is_list(table["runs"], 0, 64) and is_list(table["files"], 0, 1 << 20), what)
        for run in table["runs"]:
            require(is_list(run, 2, 2) and all(is_bytes(each, 32) for each in run), what)
        self._runs, self._rows = table["runs"], table["files"]
        for row in self._rows:
            self._check(row, what)

    def _check(self, row: Any, what: str) -> None:
        require(is_list(row, 6, 6) and is_safe(row[0]) and is_count(row[1]), what)
        require(is_bytes(row[2], 32) and type(row[3]) is bool and type(row[4]) is dict, what)
        require(is_list(row[5], 0, 1 << 20), what)
        at = 0
        for segment in row[5]:
            require(is_list(segment, 8, 8) and all(is_count(each) for each in segment), what)
            run, _, part, offset, sealed_length, codec, plain_length, file_offset = segment
            require(run < len(self._runs) and part < len(self._study.head["data"]), what)
            require(codec in (0, 1) and 0 < plain_length <= MAX_SEGMENT and file_offset == at, what)
            require(16 < sealed_length <= plain_length + 16 - codec, what)
            require(codec == 1 or sealed_length == plain_length + 16, what)
            require(offset + sealed_length <= MAX_PART, what)
            at += plain_length
        require(at == row[1], what)

    def files(self) -> Iterator[tuple[str, Callable[[BinaryIO], None]]]:
        for row in self._rows:
            yield row[0], lambda out, row=row: self._write(row, out)  # type: ignore[misc]

    def _write(self, row: list[Any], out: BinaryIO) -> None:
        digest, first = hashlib.sha256(), b""
        for segment in row[5]:
            plain = self._segment(*segment[:7])
            first += plain[: 132 - len(first)]
            digest.update(plain)
            out.write(plain)
        require(digest.digest() == row[2], "An image")
        require(row[3] == (first[128:] == b"DICM" and any(first[:128])), "The list of images")

    def _segment(
        self, run: int, number: int, part: int, at: int, length: int, codec: int, plain_length: int
    ) -> bytes:
        if run not in self._openers:
            salt, commitment = self._runs[run]
            found = opener(self._key, salt, commitment, RUN, self._study.epoch, "An image")
            require(found is not None, "An image")
            assert found is not None
            self._openers[run] = found
        if part not in self._parts:
            link = self._study.head["data"][part]
            self._parts = {part: BlockFile(self._study.blocks, link.cid, "A part of the study")}
        sealed = self._parts[part].read(at, length)
        packed = self._openers[run].open(sealed, number, codec, plain_length)
        return unpack(packed, plain_length, "An image") if codec else packed


# -- writing files ----------------------------------------------------------------------------

_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)\s*(\.|$)", re.IGNORECASE)


def is_safe(path: Any) -> bool:
    """Whether a path is as the format says: it leads nowhere else."""
    return (
        type(path) is str
        and len(path.encode()) <= 1000
        and not any(c < " " or c in "\\:\x7f" for c in path)
        and not {"", ".", ".."} & {*path.split("/")}
    )


def clean(path: str) -> str:
    """Return a path that any system can write; Rayfolio's own come clean and stay."""
    return "/".join(map(_clean_name, unicodedata.normalize("NFC", path).split("/")))


def _clean_name(name: str) -> str:
    plain = "".join("_" if c in '<>:"|?*' or unicodedata.category(c)[0] in "C" else c for c in name)
    plain = plain.encode()[:200].decode(errors="ignore").lstrip(" ").rstrip(" .") or "_"
    return "_" + plain if _RESERVED.match(plain) else plain


class Target:
    """The folder that is written to: new or empty at first, and nothing in it written twice."""

    def __init__(self, folder: Path) -> None:
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise Problem("The folder to write to is something else")
        if folder.is_dir() and any(folder.iterdir()):
            raise Problem("The folder to write to must be new or empty: nothing is overwritten")
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def write(self, path: str, write: Callable[[BinaryIO], None]) -> None:
        """Write one file under its name once all of it is right; a name that is taken gets a
        number.
        """
        partly = self._folder / ".recovering.part"
        partly.unlink(missing_ok=True)
        try:
            with partly.open("xb") as file:
                write(file)
            partly.replace(self._claim(path))
        finally:
            partly.unlink(missing_ok=True)

    def _claim(self, path: str) -> Path:
        """Make an empty file that was not there, and return where."""
        *parents, name = clean(path).split("/")
        folder = self._folder
        for parent in parents:
            folder = self._free(folder, parent, Path.mkdir)
        return self._free(folder, name, lambda file: file.open("xb").close())

    def _free(self, folder: Path, name: str, make: Callable[[Path], Any]) -> Path:
        stem, dot, suffix = name.rpartition(".") if "." in name[1:] else (name, "", "")
        number, found = 1, folder / name
        while True:
            try:
                make(found)
                return found
            except FileExistsError:
                if make is Path.mkdir and found.is_dir():
                    return found
                number += 1
                found = folder / f"{stem} ({number}){dot}{suffix}"


# -- the program ------------------------------------------------------------------------------


def newest(blocks: Blocks, seed: bytes, head: bytes | None) -> list[Study]:
    """Return the studies here that the words open, of each the head with the highest sequence."""
    found: dict[int, Study] = {}
    problems: list[Problem] = []
    for cid in blocks.heads if head is None else [head]:
        try:
            study = open_study(blocks, cid, seed)
        except Problem as problem:
            problems.append(problem)
            continue
        other = found.get(study.record["index"])
        if other is None or other.record["sequence"] < study.record["sequence"]:
            found[study.record["index"]] = study
    if not found:
        if not problems:
            raise Damaged("Here is no head of a study")
        raise next((each for each in problems if isinstance(each, Damaged)), problems[0])
    return [found[index] for index in sorted(found)]


def recover(studies: list[Study], target: Target) -> tuple[int, int, list[str]]:
    """Write all files. Returns: how many, their bytes, and what could not be written and why."""
    count, size, failed = 0, 0, []
    for study in studies:
        above = f"study {study.record['index']}/" if len(studies) > 1 else ""
        files = study.files()
        while True:
            path = ""
            try:
                path, write = next(files)
                written = _Counted(write)
                target.write(above + path, written)
                count, size = count + 1, size + written.size
            except StopIteration:
                break
            except Damaged as problem:
                failed.append(f"{clean(path) if path else 'A whole series'}: {problem}")
    return count, size, failed


class _Counted:
    """Writes a file, and knows how long it was."""

    def __init__(self, write: Callable[[BinaryIO], None]) -> None:
        self._write, self.size = write, 0

    def __call__(self, out: BinaryIO) -> None:
        self._write(out)
        self.size = out.tell()


def blocks_in(source: Path, opened: contextlib.ExitStack) -> Blocks:
    """Return the blocks of a CAR file or a folder. Raises: Problem."""
    if source.is_dir():
        return BlockFolder(source)
    try:
        return CarFile(opened.enter_context(source.open("rb")))
    except OSError as error:
        raise Problem(f"The source cannot be read ({error.strerror})") from None


def secret(file: Path | None, asked: str) -> str:
    """Return what a file holds, or what is typed unseen. Raises: Problem."""
    if file is None:
        return getpass.getpass(asked)
    try:
        return file.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise Problem(f"The file {file.name} cannot be read as text") from None


def main(arguments: list[str] | None = None) -> int:
    """Recover what the command line names. Returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the originals of a Rayfolio container.")
    parser.add_argument("source", type=Path, metavar="SOURCE", help="a CAR file, or a folder")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="new or empty")
    parser.add_argument("--words-file", type=Path, metavar="FILE")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE")
    parser.add_argument("--head", metavar="CID", help="this head, where there are several")
    given = parser.parse_args(arguments)
    try:
        with contextlib.ExitStack() as opened:
            return run(given, blocks_in(given.source, opened))
    except Problem as problem:
        print(f"recover: {problem}.", file=sys.stderr)
        return problem.code
    except OSError as error:
        print(f"recover: the disk refused ({error.strerror}).", file=sys.stderr)
        return 1


def run(given: argparse.Namespace, blocks: Blocks) -> int:
    """Recover what the blocks hold. Returns the exit code. Raises: Problem, OSError."""
    if blocks.remark:
        print(f"recover: {blocks.remark}.", file=sys.stderr)
    head = cid_of_text(given.head) if given.head else None
    if given.head and head is None:
        raise Problem("What --head names is not the CID of a head")
    words = secret(given.words_file, "The recovery words: ")
    has_more = given.passphrase_file or not given.words_file
    more = secret(given.passphrase_file, "Their passphrase (none: Enter): ") if has_more else ""
    studies = newest(blocks, seed_of(words, more), head)
    count, size, failed = recover(studies, Target(given.folder))
    for line in failed:
        print(f"recover: {line}.", file=sys.stderr)
    print(f"{count} files, {size} bytes, each compared with its digest, are in {given.folder}")
    return Damaged.code if failed or blocks.remark else 0


# The 2,048 English words. Source: BIP-39.
ENGLISH = """
abandon ability able about above absent absorb abstract absurd abuse access accident account accuse
achieve acid acoustic acquire across act action actor actress actual adapt add addict address adjust
admit adult advance advice aerobic affair afford afraid again age agent agree ahead aim air airport
aisle alarm album alcohol alert alien all alley allow almost alone alpha already also alter always
amateur amazing among amount amused analyst anchor ancient anger angle angry animal ankle announce
annual another answer antenna antique anxiety any apart apology appear apple approve april arch
arctic area arena argue arm armed armor army around arrange arrest arrive arrow art artefact artist
artwork ask aspect assault asset assist assume asthma athlete atom attack attend attitude attract
auction audit august aunt author auto autumn average avocado avoid awake aware away awesome awful
awkward axis baby bachelor bacon badge bag balance balcony ball bamboo banana banner bar barely
bargain barrel base basic basket battle beach bean beauty because become beef before begin behave
behind believe below belt bench benefit best betray better between beyond bicycle bid bike bind
biology bird birth bitter black blade blame blanket blast bleak bless blind blood blossom blouse
blue blur blush board boat body boil bomb bone bonus book boost border boring borrow boss bottom
bounce box boy bracket brain brand brass brave bread breeze brick bridge brief bright bring brisk
broccoli broken bronze broom brother brown brush bubble buddy budget buffalo build bulb bulk bullet
bundle bunker burden burger burst bus business busy butter buyer buzz cabbage cabin cable cactus
cage cake call calm camera camp can canal cancel candy cannon canoe canvas canyon capable capital
captain car carbon card cargo carpet carry cart case cash casino castle casual cat catalog catch
category cattle caught cause caution cave ceiling celery cement census century cereal certain chair
chalk champion change chaos chapter charge chase chat cheap check cheese chef cherry chest chicken
chief child chimney choice choose chronic chuckle chunk churn cigar cinnamon circle citizen city
civil claim clap clarify claw clay clean clerk clever click client cliff climb clinic clip clock
clog close cloth cloud clown club clump cluster clutch coach coast coconut code coffee coil coin
collect color column combine come comfort comic common company concert conduct confirm congress
connect consider control convince cook cool copper copy coral core corn correct cost cotton couch
country couple course cousin cover coyote crack cradle craft cram crane crash crater crawl crazy
cream credit creek crew cricket crime crisp critic crop cross crouch crowd crucial cruel cruise
crumble crunch crush cry crystal cube culture cup cupboard curious current curtain curve cushion
custom cute cycle dad damage damp dance danger daring dash daughter dawn day deal debate debris
decade december decide decline decorate decrease deer defense define defy degree delay deliver
demand demise denial dentist deny depart depend deposit depth deputy derive describe desert design
desk despair destroy detail detect develop device devote diagram dial diamond diary dice diesel diet
differ digital dignity dilemma dinner dinosaur direct dirt disagree discover disease dish dismiss
disorder display distance divert divide divorce dizzy doctor document dog doll dolphin domain donate
donkey donor door dose double dove draft dragon drama drastic draw dream dress drift drill drink
drip drive drop drum dry duck dumb dune during dust dutch duty dwarf dynamic eager eagle early earn
earth easily east easy echo ecology economy edge edit educate effort egg eight either elbow elder
electric elegant element elephant elevator elite else embark embody embrace emerge emotion employ
empower empty enable enact end endless endorse enemy energy enforce engage engine enhance enjoy
enlist enough enrich enroll ensure enter entire entry envelope episode equal equip era erase erode
erosion error erupt escape essay essence estate eternal ethics evidence evil evoke evolve exact
example excess exchange excite exclude excuse execute exercise exhaust exhibit exile exist exit
exotic expand expect expire explain expose express extend extra eye eyebrow fabric face faculty fade
faint faith fall false fame family famous fan fancy fantasy farm fashion fat fatal father fatigue
fault favorite feature february federal fee feed feel female fence festival fetch fever few fiber
fiction field figure file film filter final find fine finger finish fire firm first fiscal fish fit
fitness fix flag flame flash flat flavor flee flight flip float flock floor flower fluid flush fly
foam focus fog foil fold follow food foot force forest forget fork fortune forum forward fossil
foster found fox fragile frame frequent fresh friend fringe frog front frost frown frozen fruit fuel
fun funny furnace fury future gadget gain galaxy gallery game gap garage garbage garden garlic
garment gas gasp gate gather gauge gaze general genius genre gentle genuine gesture ghost giant gift
giggle ginger giraffe girl give glad glance glare glass glide glimpse globe gloom glory glove glow
glue goat goddess gold good goose gorilla gospel gossip govern gown grab grace grain grant grape
grass gravity great green grid grief grit grocery group grow grunt guard guess guide guilt guitar
gun gym habit hair half hammer hamster hand happy harbor hard harsh harvest hat have hawk hazard
head health heart heavy hedgehog height hello helmet help hen hero hidden high hill hint hip hire
history hobby hockey hold hole holiday hollow home honey hood hope horn horror horse hospital host
hotel hour hover hub huge human humble humor hundred hungry hunt hurdle hurry hurt husband hybrid
ice icon idea identify idle ignore ill illegal illness image imitate immense immune impact impose
improve impulse inch include income increase index indicate indoor industry infant inflict inform
inhale inherit initial inject injury inmate inner innocent input inquiry insane insect inside
inspire install intact interest into invest invite involve iron island isolate issue item ivory
jacket jaguar jar jazz jealous jeans jelly jewel job join joke journey joy judge juice jump jungle
junior junk just kangaroo keen keep ketchup key kick kid kidney kind kingdom kiss kit kitchen kite
kitten kiwi knee knife knock know lab label labor ladder lady lake lamp language laptop large later
latin laugh laundry lava law lawn lawsuit layer lazy leader leaf learn leave lecture left leg legal
legend leisure lemon lend length lens leopard lesson letter level liar liberty library license life
lift light like limb limit link lion liquid list little live lizard load loan lobster local lock
logic lonely long loop lottery loud lounge love loyal lucky luggage lumber lunar lunch luxury lyrics
machine mad magic magnet maid mail main major make mammal man manage mandate mango mansion manual
maple marble march margin marine market marriage mask mass master match material math matrix matter
maximum maze meadow mean measure meat mechanic medal media melody melt member memory mention menu
mercy merge merit merry mesh message metal method middle midnight milk million mimic mind minimum
minor minute miracle mirror misery miss mistake mix mixed mixture mobile model modify mom moment
monitor monkey monster month moon moral more morning mosquito mother motion motor mountain mouse
move movie much muffin mule multiply muscle museum mushroom music must mutual myself mystery myth
naive name napkin narrow nasty nation nature near neck need negative neglect neither nephew nerve
nest net network neutral never news next nice night noble noise nominee noodle normal north nose
notable note nothing notice novel now nuclear number nurse nut oak obey object oblige obscure
observe obtain obvious occur ocean october odor off offer office often oil okay old olive olympic
omit once one onion online only open opera opinion oppose option orange orbit orchard order ordinary
organ orient original orphan ostrich other outdoor outer output outside oval oven over own owner
oxygen oyster ozone pact paddle page pair palace palm panda panel panic panther paper parade parent
park parrot party pass patch path patient patrol pattern pause pave payment peace peanut pear
peasant pelican pen penalty pencil people pepper perfect permit person pet phone photo phrase
physical piano picnic picture piece pig pigeon pill pilot pink pioneer pipe pistol pitch pizza place
planet plastic plate play please pledge pluck plug plunge poem poet point polar pole police pond
pony pool popular portion position possible post potato pottery poverty powder power practice praise
predict prefer prepare present pretty prevent price pride primary print priority prison private
prize problem process produce profit program project promote proof property prosper protect proud
provide public pudding pull pulp pulse pumpkin punch pupil puppy purchase purity purpose purse push
put puzzle pyramid quality quantum quarter question quick quit quiz quote rabbit raccoon race rack
radar radio rail rain raise rally ramp ranch random range rapid rare rate rather raven raw razor
ready real reason rebel rebuild recall receive recipe record recycle reduce reflect reform refuse
region regret regular reject relax release relief rely remain remember remind remove render renew
rent reopen repair repeat replace report require rescue resemble resist resource response result
retire retreat return reunion reveal review reward rhythm rib ribbon rice rich ride ridge rifle
right rigid ring riot ripple risk ritual rival river road roast robot robust rocket romance roof
rookie room rose rotate rough round route royal rubber rude rug rule run runway rural sad saddle
sadness safe sail salad salmon salon salt salute same sample sand satisfy satoshi sauce sausage save
say scale scan scare scatter scene scheme school science scissors scorpion scout scrap screen script
scrub sea search season seat second secret section security seed seek segment select sell seminar
senior sense sentence series service session settle setup seven shadow shaft shallow share shed
shell sheriff shield shift shine ship shiver shock shoe shoot shop short shoulder shove shrimp shrug
shuffle shy sibling sick side siege sight sign silent silk silly silver similar simple since sing
siren sister situate six size skate sketch ski skill skin skirt skull slab slam sleep slender slice
slide slight slim slogan slot slow slush small smart smile smoke smooth snack snake snap sniff snow
soap soccer social sock soda soft solar soldier solid solution solve someone song soon sorry sort
soul sound soup source south space spare spatial spawn speak special speed spell spend sphere spice
spider spike spin spirit split spoil sponsor spoon sport spot spray spread spring spy square squeeze
squirrel stable stadium staff stage stairs stamp stand start state stay steak steel stem step stereo
stick still sting stock stomach stone stool story stove strategy street strike strong struggle
student stuff stumble style subject submit subway success such sudden suffer sugar suggest suit
summer sun sunny sunset super supply supreme sure surface surge surprise surround survey suspect
sustain swallow swamp swap swarm swear sweet swift swim swing switch sword symbol symptom syrup
system table tackle tag tail talent talk tank tape target task taste tattoo taxi teach team tell ten
tenant tennis tent term test text thank that theme then theory there they thing this thought three
thrive throw thumb thunder ticket tide tiger tilt timber time tiny tip tired tissue title toast
tobacco today toddler toe together toilet token tomato tomorrow tone tongue tonight tool tooth top
topic topple torch tornado tortoise toss total tourist toward tower town toy track trade traffic
tragic train transfer trap trash travel tray treat tree trend trial tribe trick trigger trim trip
trophy trouble truck true truly trumpet trust truth try tube tuition tumble tuna tunnel turkey turn
turtle twelve twenty twice twin twist two type typical ugly umbrella unable unaware uncle uncover
under undo unfair unfold unhappy uniform unique unit universe unknown unlock until unusual unveil
update upgrade uphold upon upper upset urban urge usage use used useful useless usual utility vacant
vacuum vague valid valley valve van vanish vapor various vast vault vehicle velvet vendor venture
venue verb verify version very vessel veteran viable vibrant vicious victory video view village
vintage violin virtual virus visa visit visual vital vivid vocal voice void volcano volume vote
voyage wage wagon wait walk wall walnut want warfare warm warrior wash wasp waste water wave way
wealth weapon wear weasel weather web wedding weekend weird welcome west wet whale what wheat wheel
when where whip whisper wide width wife wild will win window wine wing wink winner winter wire
wisdom wise wish witness wolf woman wonder wood wool word work world worry worth wrap wreck wrestle
wrist write wrong yard year yellow you young youth zebra zero zone zoo
"""

if __name__ == "__main__":
    sys.exit(main())
