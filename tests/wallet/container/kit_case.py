"""One case of tests/vectors/kit, and what can be wrong with anything that is sealed or packed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import zstandard
from forge import Forge, Seal, Turns, known, padded

OPENS, DAMAGED, NOT_FOR_YOU, MISSING = "opens", "damaged", "not for you", "missing"


@dataclass(frozen=True)
class Case:
    """One container. `record` is `self` or the envelope; what is behind it cannot open alone."""

    name: str
    turns: Turns = field(default_factory=dict)
    record: str = OPENS
    files: str = OPENS
    previews: str = OPENS
    envelope: bool = False  # opened by its reader's envelope, else by the owner's words
    made: dict[str, Any] = field(default_factory=dict)  # for the Forge
    passphrase: str = ""
    beside: bool = False  # wrong in `self`, but not in what leads to the files
    data_file: Callable[[Forge, bytes], str] | None = None  # makes the part's file another way
    after: Callable[[Forge, str], tuple[dict[str, bytes], list[str]]] | None = None

    def expected(self) -> tuple[str, str, str]:
        if self.record != OPENS:
            return self.record, self.record, self.record
        return self.record, self.files, self.previews


def flipped(at: int) -> Callable[[bytes], bytes]:
    def flip(data: bytes) -> bytes:
        out = bytearray(data)
        out[at] ^= 1
        return bytes(out)

    return flip


def put(**values: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda right: right | values


def without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda right: {key: value for key, value in right.items() if key != name}


def sealed(**values: Any) -> Callable[[Seal], Seal]:
    return lambda right: replace(right, **values)


def swap(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Replace the one place where `old` stands."""

    def change(data: bytes) -> bytes:
        if data.count(old) != 1:
            raise ValueError(f"{data.count(old)} places")
        return data.replace(old, new)

    return change


def always(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


OTHERS = {  # what makes a sealed object another key's, as far as its reader can see
    "with another salt", "with another commitment", "of another kind", "of another epoch",
    "of another container", "under another key",
}  # fmt: skip


def sealings(bytes_step: str, seal_step: str) -> Iterator[tuple[str, Turns]]:
    """What can be wrong with any sealed object but whose it is."""
    yield "with another first byte", {bytes_step: flipped(64)}
    yield "with another tag", {bytes_step: flipped(-1)}
    yield "with another salt", {bytes_step: flipped(0)}
    yield "with another commitment", {bytes_step: flipped(32)}
    yield "of another kind", {seal_step: sealed(kind=5)}
    yield "of another epoch", {seal_step: sealed(epoch=2)}
    yield "of another container", {seal_step: sealed(container=known("another container", 16))}
    yield "under another key", {seal_step: sealed(role_key=known("another key"))}
    yield "numbered 1", {seal_step: sealed(segment=1)}
    yield "of codec 1", {seal_step: sealed(codec=1)}
    yield "with another length of plaintext", {seal_step: sealed(plain_length=4)}
    yield "with padding that is not zero", {seal_step: sealed(pad=_soiled)}
    yield "padded too far", {seal_step: sealed(pad=lambda p: padded(p) + bytes(64))}
    yield "not padded", {seal_step: sealed(pad=_unpadded)}
    yield "with a length beyond its end", {seal_step: sealed(pad=lambda p: b"\xff" * 4 + p)}


def _unpadded(payload: bytes) -> bytes:
    plain = len(payload).to_bytes(4) + payload
    return plain + bytes(len(padded(payload)) == len(plain))


def _soiled(payload: bytes) -> bytes:
    """Padding whose last byte is 1; a payload that leaves no padding says one byte less."""
    right = padded(payload)
    if len(right) > 4 + len(payload):
        return right[:-1] + b"\x01"
    return (len(payload) - 1).to_bytes(4) + payload[:-1] + b"\x01"


def packings() -> Iterator[tuple[str, Callable[[bytes], bytes]]]:
    def again(packed: bytes, **options: Any) -> bytes:
        plain = zstandard.ZstdDecompressor().decompress(packed)
        return zstandard.ZstdCompressor(**options).compress(plain)

    yield "comes twice", lambda packed: packed + packed
    yield "has a byte behind it", lambda packed: packed + b"\0"
    yield "is cut", lambda packed: packed[:-1]
    yield "is none", always(b"not zstd at all")
    yield "does not say its length", lambda p: again(p, write_content_size=False)
    yield "says another length", _lying
    yield "is of nothing", always(zstandard.ZstdCompressor().compress(b""))
    yield "comes behind one that is skipped", lambda p: b"\x50\x2a\x4d\x18\x01\0\0\0\0" + p


def _lying(packed: bytes) -> bytes:
    """One byte more than there is, in the frame's header. Source: RFC 8878 3.1.1.1."""
    parameters = zstandard.get_frame_parameters(packed)
    size = int(parameters.content_size)
    wide = packed[4] >> 6
    start = 5 + (0 if packed[4] & 0x20 else 1)
    width, less = ((1, 0), (2, 256), (4, 0), (8, 0))[wide]
    return packed[:start] + (size + 1 - less).to_bytes(width, "little") + packed[start + width :]
