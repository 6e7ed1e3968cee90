"""Cases of tests/vectors/kit: what gives the keys, the owner's record and the envelopes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from forge import IDS, Turns, known
from kit_case import (
    DAMAGED,
    NOT_FOR_YOU,
    OTHERS,
    Case,
    always,
    flipped,
    put,
    sealings,
    swap,
    without,
)

from wallet.container.cbor import Link
from wallet.storage.cid import cid_of


def selves() -> Iterator[Case]:
    for name, turns in sealings("self", "seal:self"):
        yield Case(f"a record {name}", turns, NOT_FOR_YOU if name in OTHERS else DAMAGED)
    for name, turn in _records():
        yield Case(f"a record {name}", {"record": turn}, DAMAGED)
    for name, turn in _beside():
        yield Case(f"a record {name}", {"record": turn}, DAMAGED, beside=True)
    yield Case("a record with bytes behind it", {"record bytes": lambda d: d + b"\0"}, DAMAGED)
    yield Case("a record with a number in two bytes",
               {"record bytes": swap(b"\x61v\x01", b"\x61v\x18\x01")}, DAMAGED)  # fmt: skip
    yield Case("a record with a key twice",
               {"record bytes": lambda d: b"\xac\x61v\x01" + d[1:]}, DAMAGED)  # fmt: skip
    yield Case("a record that is too short to be one", {"self": always(bytes(83))}, DAMAGED)
    yield Case("a record with the study key of another epoch",
               {"record": put(study_key=known("another key"))},
               files=DAMAGED, previews=DAMAGED)  # fmt: skip
    yield Case("a record with a series that is another",
               {"ranges": lambda r: [[bytes(16), *r[0][1:]], r[1]]},
               files=DAMAGED, previews=DAMAGED)  # fmt: skip


def _records() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    yield "of version 2", put(v=2)
    yield "with one key more", put(more=None)
    yield "without notes", without("notes")
    yield "with an index of 2^31", put(index=1 << 31)
    yield "with true for an index", put(index=True)
    yield "with a study key of 31 bytes", put(study_key=bytes(31))
    yield "with null for a study key", put(study_key=None)
    yield "with a sequence below 0", put(sequence=-1)
    yield "with a sequence of 2^53", put(sequence=1 << 53)
    yield "with a word of 31 bytes", put(previous=bytes(31))
    yield "with 0 for needs_rotation", put(needs_rotation=0)
    yield "with notes of bytes", put(notes=b"")
    yield "with labels that are a list", put(labels=[])
    yield "with a series twice", lambda right: right | {"ranges": right["ranges"][:1] * 2}
    yield "with a range of four", lambda r: r | {"ranges": [each[:4] for each in r["ranges"]]}
    yield "with a range below 0", put(ranges=[[IDS[0], -1, 0, 0, 0]])
    yield "with an id of 15 bytes", put(ranges=[[IDS[0][1:], 0, 100, 0, 100]])
    yield (
        "with 1,025 ranges",
        put(ranges=[[known(f"id {n}", 16), 0, 100, 0, 100] for n in range(1025)]),
    )
    yield "with grants that are a map", put(grants={})


def _beside() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    yield "with a grant that lacks its salt", _granted(without("salt"))
    yield "with a grant in no state", _granted(put(state="asleep"))
    yield "with a grant of a receiving key of 1,215 bytes", _granted(put(receiving=bytes(1215)))
    yield (
        "with terms that lack their purpose",
        _granted(lambda right: right | {"terms": without("purpose")(right["terms"])}),
    )
    yield "with bytes for the link to the library", put(library=[b"\0", bytes(32), 1])
    yield "with a library key of 31 bytes", put(library=[Link(cid_of("raw", b"")), bytes(31), 1])


def _granted(turn: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda right: right | {"grants": [turn(each) for each in right["grants"]]}


def envelopes() -> Iterator[Case]:
    for name, turns in _unopened():
        yield Case(f"an envelope {name}", turns, NOT_FOR_YOU, envelope=True)
    for name, turns in _grants():
        yield Case(f"grants {name}", turns, DAMAGED, envelope=True)
    for name, turn in _envelopes():
        yield Case(f"an envelope {name}", {"envelope": turn}, DAMAGED, envelope=True)
    for name, turn in _series_envelopes():
        yield Case(f"an envelope of a series {name}", {"envelope": turn}, DAMAGED, envelope=True,
                   made={"series_only": 0})  # fmt: skip
    yield Case("an envelope with the key of another series",
               {"envelope": put(series_keys=[[IDS[0], known("another key")]])},
               files=DAMAGED, previews=DAMAGED, envelope=True,
               made={"series_only": 0})  # fmt: skip
    yield Case("an envelope with bytes behind its map",
               {"envelope bytes": lambda data: data + b"\0"}, DAMAGED, envelope=True)  # fmt: skip
    yield Case("an envelope with a number in two bytes",
               {"envelope bytes": swap(b"\x61v\x01", b"\x61v\x18\x01")}, DAMAGED,
               envelope=True)  # fmt: skip
    yield Case("an envelope with a key twice",
               {"envelope bytes": lambda d: b"\xac\x61v\x01" + d[1:]}, DAMAGED,
               envelope=True)  # fmt: skip
    yield Case("an envelope with padding that is not zero", {"bucket": flipped(-1)}, DAMAGED,
               envelope=True)  # fmt: skip
    yield Case("an envelope with a length beyond its end",
               {"bucket": lambda b: b"\0\0\xff\xff" + b[4:]}, DAMAGED, envelope=True)  # fmt: skip
    yield Case("an envelope of noise",
               {"bucket": lambda b: known("noise", len(b))}, DAMAGED, envelope=True)  # fmt: skip


def _unopened() -> Iterator[tuple[str, Turns]]:
    start = len(b"rayfolio/1/envelope\0")
    yield "with another lattice ciphertext", {"sealed": flipped(0)}
    yield "with another share", {"sealed": flipped(1088)}
    yield "with another first byte", {"sealed": flipped(1120)}
    yield "with another tag", {"sealed": flipped(-1)}
    yield "for another chain", {"info": flipped(start + 7)}
    yield "for another contract", {"info": flipped(start + 8)}
    yield "for another study", {"info": flipped(start + 28)}
    yield "for another container", {"info": flipped(start + 48)}
    yield "for another epoch", {"info": flipped(-1)}
    yield "of a later version of the format", {"info": swap(b"rayfolio/1", b"rayfolio/2")}
    yield "that is not there", {"sealed": lambda data: known("dummy", 1136).ljust(len(data), b"\0")}


def _grants() -> Iterator[tuple[str, Turns]]:
    yield "with another length", {"grants": flipped(3)}
    yield "cut by a byte", {"grants": lambda data: data[:-1]}
    yield "with a byte behind them", {"grants": lambda data: data + b"\0"}
    yield "of three envelopes", {"grants": lambda data: data[: 4 + 3 * (len(data) // 4)]}
    yield "of two envelopes", {"grants": lambda d: d[:4] + d[4 + (len(d) - 4) // 2 :]}
    yield "of none", {"grants": lambda data: data[:4]}
    yield "of no bytes", {"grants": always(b"")}
    yield "of length 0", {"grants": lambda data: bytes(4) + data[4:]}
    yield "in a bucket of 5,000 bytes", {"bucket": lambda data: data.ljust(5000, b"\0")}
    yield "in a bucket of 2 KiB", {"bucket": lambda data: data[:2048]}


def _envelopes() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    yield "of version 2", put(v=2)
    yield "with one key more", put(more=1)
    yield "without a card", without("card")
    yield "without any key", put(study_key=None)
    yield "with both kinds of keys", put(series_keys=[[each, bytes(32)] for each in sorted(IDS)])
    yield "with a study key of 31 bytes", put(study_key=bytes(31))
    yield "with a sequence below 0", put(sequence=-1)
    yield "with a previous word of text", put(previous="0" * 32)
    yield "without ranges", put(ranges=[])
    yield "with a series twice", lambda right: right | {"ranges": right["ranges"][:1] * 2}
    yield "for another grantee", _terms(put(grantee=bytes(32)))
    yield "with terms that lack their end", _terms(without("until"))
    yield "with terms of an end that is text", _terms(put(until="tomorrow"))
    yield "with a scope of nothing", _terms(put(scope=[]))
    yield "with a salt of 31 bytes", put(salt=bytes(31))
    yield "with a grant key of 31 bytes", put(grant_key=bytes(31))
    yield "with a signature of 66 bytes", put(signature=bytes(66))
    yield "with a card of text", put(card="")


def _series_envelopes() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    pairs = [[each, bytes(32)] for each in sorted(IDS)]
    yield "with keys of two series and one range", put(series_keys=pairs)
    yield "with the key of another series' id", put(series_keys=[[IDS[1], bytes(32)]])
    yield (
        "with keys out of order",
        lambda right: (
            right
            | {
                "series_keys": pairs[::-1],
                "ranges": [[each, 0, 100, 0, 100] for each in sorted(IDS)],
            }
        ),
    )
    yield "with no keys", put(series_keys=[])
    yield "with a key of 31 bytes", put(series_keys=[[IDS[0], bytes(31)]])


def _terms(turn: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda right: right | {"terms": turn(right["terms"])}
