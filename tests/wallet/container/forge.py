"""Containers made by hand, each step open to a change, so that one thing alone is wrong in them.

A step is named; `turns` maps names of steps to functions that are given what is right and return
what is put there instead. What stands above (links, digests, tags) is computed after it.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import zstandard
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wallet.container import cbor
from wallet.container.cbor import Link
from wallet.container.padding import padme
from wallet.identity import hpke
from wallet.ports import Block, Cid
from wallet.storage import unixfs
from wallet.storage.cid import cid_of

Turns = dict[str, Callable[[Any], Any]]

CHAIN_ID, CONTRACT, STUDY = 560048, bytes(range(20)), bytes(range(20, 40))
SUITE = bytes.fromhex("647a00010002")


def known(label: str, length: int = 32) -> bytes:
    """Bytes that anyone can compute: SHAKE-128 of the label."""
    return hashlib.shake_128(f"rayfolio kit {label}".encode()).digest(length)


READER = hpke.ReceivingKey.from_seed(known("reader"))
IDS = known("first series", 16), known("second series", 16)
PICTURES = b"\x89PNG the first series", b""
FILES: tuple[dict[str, bytes], ...] = (
    {
        "A/IM1.dcm": bytes(128) + b"DICM" + known("A/IM1", 300) + bytes(900),
        "A/IM2.dcm": b"MZ a program".ljust(128, b"\0") + b"DICM" + known("A/IM2", 500),
        "A/EMPTY": b"",
    },
    {"B/Übersicht.dcm": bytes(128) + b"DICM" + known("B/IM1", 400)},
)
CUTS = {"A/IM1.dcm": (400,), "A/IM2.dcm": (316,)}  # two segments each; IM2's are of one length


@dataclass(frozen=True)
class Seal:
    """How something is sealed; what is not said is as the format says."""

    role_key: bytes
    kind: int
    salt: bytes
    container: bytes
    epoch: int
    segment: int = 0
    codec: int = 0
    plain_length: int | None = None
    pad: Callable[[bytes], bytes] | None = None

    def run(self) -> tuple[bytes, bytes]:
        """Return key and commitment."""
        info = b"rayfolio/1/object\0" + bytes([self.kind]) + self.tail
        both = HKDF(SHA256(), 64, self.salt, info).derive(self.role_key)
        return both[:32], both[32:]

    @property
    def tail(self) -> bytes:
        return self.container + struct.pack(">I", self.epoch)

    def seal(self, packed: bytes) -> bytes:
        length = len(packed) if self.plain_length is None else self.plain_length
        associated = b"rayfolio/1/segment\0" + bytes([self.kind]) + self.tail
        associated += struct.pack(">QBQ", self.segment, self.codec, length)
        return AESGCM(self.run()[0]).encrypt(self.segment.to_bytes(12), packed, associated)

    def object(self, payload: bytes) -> bytes:
        return self.salt + self.run()[1] + self.seal((self.pad or padded)(payload))


def padded(payload: bytes) -> bytes:
    return (len(payload).to_bytes(4) + payload).ljust(padme(4 + len(payload)), b"\0")


@dataclass
class Forge:
    """Makes one container.

    Steps: `seal:segment:N`, `segment:N` (counted through the study), `rows:S`, `table:S`,
    `table bytes:S`, `packed:S`, `seal:index:S`, `section:S`, `seal:preview:S`, `picture:S` (of
    series S); `index`, `preview`, `part`, `ranges`, `record`, `record bytes`, `seal:self`, `self`,
    `envelope`, `envelope bytes`, `bucket`, `info`, `sealed`, `grants`, `head`, `head bytes`.
    """

    self_key: bytes
    turns: Turns = field(default_factory=dict)
    container: bytes = known("container", 16)
    epoch: int = 3
    study_key: bytes = known("study key")
    series_only: int | None = None  # the envelope is of one series
    granted: list[Any] | None = None  # ranges of the envelope, where they are not those of `self`
    data_file: Callable[[Forge, bytes], Cid] | None = None  # makes the part's file another way
    blocks: dict[Cid, bytes] = field(default_factory=dict)
    ranges: list[Any] = field(default_factory=list)
    left: set[str] = field(default_factory=set)  # turns that were not taken

    def make(self) -> Cid:
        """Return the CID of the head; its blocks are in `blocks`."""
        self.left = set(self.turns)
        parts = bytearray()
        made = [self._series(number, parts) for number in range(len(FILES))]
        ranges: list[Any] = []
        index, preview = bytearray(), bytearray()
        for series_id, (section, picture) in zip(IDS, made, strict=True):
            ranges.append([series_id, len(index), len(section), len(preview), len(picture)])
            index += section
            preview += picture
        self.ranges = ranges = self._turn("ranges", ranges)
        contents = {
            "data": self._turn("part", bytes(parts).ljust(padme(len(parts)), b"\xaa")),
            "index": self._turn("index", bytes(index).ljust(padme(len(index)), b"\xbb")),
            "preview": self._turn("preview", bytes(preview).ljust(padme(len(preview)), b"\xcc")),
            "self": self._turn("self", self._self(ranges)),
            "grants": self._turn("grants", self._grants(self.granted or ranges)),
        }
        links = {name: Link(self.file(data)) for name, data in contents.items()}
        if self.data_file is not None:
            links["data"] = Link(self.data_file(self, contents["data"]))
        head = {"v": 1, "suite": SUITE, "container": self.container, "epoch": self.epoch}
        head = self._turn("head", {**head, **links, "data": [links["data"]]})
        encoded = self._turn("head bytes", head if isinstance(head, bytes) else cbor.encode(head))
        if self.left:
            raise ValueError(f"no such step: {self.left}")
        return self.add("dag-cbor", encoded)

    def add(self, codec: str, data: bytes) -> Cid:
        cid = cid_of(codec, data)
        self.blocks[cid] = data
        return cid

    def file(self, data: bytes) -> Cid:
        root, blocks = unixfs.build(data)
        self._take(blocks)
        return root

    def _take(self, blocks: list[Block]) -> None:
        self.blocks.update((block.cid, block.data) for block in blocks)

    def _turn(self, name: str, right: Any) -> Any:
        self.left.discard(name)
        return self.turns[name](right) if name in self.turns else right

    def _seal(self, name: str, role_key: bytes, kind: int) -> Seal:
        salt = known(f"salt {name}")
        return Seal(role_key, kind, salt, self.container, self.epoch)

    def series_key(self, number: int) -> bytes:
        info = b"rayfolio/1/series\0" + IDS[number]
        return HKDF(SHA256(), 32, self.container, info).derive(self.study_key)

    def _series(self, number: int, parts: bytearray) -> tuple[bytes, bytes]:
        """Return the section of the index and that of the preview."""
        run = self._seal(f"run {number}", self.series_key(number), 1)
        count = 4 * number  # segments before this series
        rows: list[Any] = []
        for path, content in FILES[number].items():
            segments = []
            bounds = [0, *CUTS.get(path, ()), len(content)]
            for start, end in itertools.pairwise(bounds):
                if start == end:
                    continue
                sealed, row = self._segment(run, count, count - 4 * number, content[start:end])
                row[3], row[7] = len(parts), start
                parts += sealed
                segments.append(row)
                count += 1
            preamble = content[128:132] == b"DICM" and any(content[:128])
            digest = hashlib.sha256(content).digest()
            rows.append([path, len(content), digest, preamble, {"modality": "CT"}, segments])
        table = {
            "v": 1,
            "series_id": IDS[number],
            "attributes": {"uid": f"1.2.{number}"},
            "runs": [[run.salt, run.run()[1]]],
            "files": self._turn(f"rows:{number}", rows),
        }
        table = self._turn(f"table:{number}", table)
        encoded = self._turn(f"table bytes:{number}", cbor.encode(table))
        packed = zstandard.ZstdCompressor(level=9).compress(encoded)
        packed = self._turn(f"packed:{number}", packed)
        seal = self._seal(f"index {number}", self.series_key(number), 2)
        section = self._turn(f"seal:index:{number}", seal).object(packed)
        seal = self._seal(f"preview {number}", self.series_key(number), 4)
        picture = self._turn(f"seal:preview:{number}", seal).object(PICTURES[number])
        return (
            self._turn(f"section:{number}", section),
            self._turn(f"picture:{number}", picture),
        )

    def _segment(self, run: Seal, count: int, number: int, plain: bytes) -> tuple[bytes, list[int]]:
        packed = zstandard.ZstdCompressor(level=1).compress(plain)
        codec = int(len(packed) <= len(plain) * 9 // 10)
        seal = replace(run, segment=number, codec=codec, plain_length=len(plain))
        packed = self._turn(f"packed segment:{count}", packed if codec else plain)
        sealed = self._turn(f"seal:segment:{count}", seal).seal(packed)
        sealed = self._turn(f"segment:{count}", sealed)
        return sealed, [0, number, 0, 0, len(sealed), codec, len(plain), 0]

    def _self(self, ranges: list[Any]) -> bytes:
        record = {
            "v": 1,
            "index": 7,
            "study_key": self.study_key,
            "sequence": 42,
            "previous": known("previous word"),
            "ranges": ranges,
            "labels": {"description": "Thorax"},
            "notes": "Ask again in May.",
            "grants": [self._grant()],
            "needs_rotation": False,
            "library": [Link(cid_of("raw", b"library")), known("library key"), 5],
        }
        record = self._turn("record", record)
        payload = self._turn("record bytes", cbor.encode(record))
        return self._turn("seal:self", self._seal("self", self.self_key, 3)).object(payload)

    def _grant(self) -> dict[str, Any]:
        return {
            "grant_key": known("grant key"),
            "salt": known("terms salt"),
            "terms": self._terms(),
            "receiving": READER.public,
            "series_ids": list(IDS),
            "card": None,
            "name": "Dr. Kit",
            "secret": None,
            "passcode": "",
            "state": "active",
            "created_at": 1_780_000_000,
        }

    def _terms(self) -> dict[str, Any]:
        grantee = hashlib.sha256(READER.public).digest()
        scope = ["study"] if self.series_only is None else [IDS[self.series_only].hex()]
        return {
            "grantee": grantee, "scope": scope, "purpose": "TREAT",
            "from": 1_780_000_000, "until": 1_790_000_000,
        }  # fmt: skip

    def _grants(self, ranges: list[Any]) -> bytes:
        only = self.series_only
        envelope = {
            "v": 1,
            "sequence": 42,
            "previous": known("previous word"),
            "study_key": self.study_key if only is None else None,
            "series_keys": None if only is None else [[IDS[only], self.series_key(only)]],
            "ranges": ranges if only is None else [ranges[only]],
            "terms": self._terms(),
            "salt": known("terms salt"),
            "grant_key": known("grant key"),
            "card": b"",
            "signature": b"",
        }
        payload = self._turn("envelope bytes", cbor.encode(self._turn("envelope", envelope)))
        info = b"rayfolio/1/envelope\0" + struct.pack(">Q", CHAIN_ID) + CONTRACT + STUDY
        info += self.container + struct.pack(">I", self.epoch)
        bucket = self._turn("bucket", (len(payload).to_bytes(4) + payload).ljust(4096, b"\0"))
        sealed = self._turn("sealed", _sealed_once(bucket, self._turn("info", info)))
        dummy = known("dummy", hpke.OVERHEAD).ljust(len(sealed), b"\0")
        return len(sealed).to_bytes(4) + dummy + sealed + dummy + dummy


@functools.cache
def _sealed_once(bucket: bytes, info: bytes) -> bytes:
    """Sealing draws; so what is the same in several containers is sealed for all of them."""
    return hpke.seal(READER.public, bucket, info)
