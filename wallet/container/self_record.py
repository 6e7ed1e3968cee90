"""What only the patient reads of a study: all that restoring it needs, sealed with the head.

    v, index (of the study's key), study_key, sequence, previous (word or null), ranges,
    labels (a map of the application's), notes, grants, needs_rotation,
    library (null or [link, key, version])
    grant   = grant_key, salt, terms, receiving, series_ids, card (or null), name, secret (or null),
              passcode, state ("active", "revoked", "expired"), created_at

Strict dag-cbor with exactly these keys, in an object of kind 3 under the self key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from wallet.container import cbor
from wallet.container.cbor import Link
from wallet.container.checks import (
    byte_string,
    count,
    exact_map,
    flag,
    listed,
    optional,
    text,
    unique,
)
from wallet.container.envelope import MAX_SERIES, Envelope, Range, Terms
from wallet.container.sealing import Epoch, Kind, open_object, seal_object, series_key
from wallet.errors import Damaged
from wallet.ports import Cid, Word

STATES = ("active", "revoked", "expired")
MAX_GRANTS = 1 << 16
MAX_NOTES = 1 << 20  # characters


@dataclass(frozen=True, slots=True)
class GrantRecord:
    """One consent, active or ended, as its giver remembers it."""

    grant_key: bytes = field(repr=False)
    salt: bytes = field(repr=False)  # of the commitment
    terms: Terms = field(repr=False)
    receiving: bytes = field(repr=False)  # public
    series_ids: tuple[bytes, ...] = field(repr=False)  # what it covered when it was given
    card: bytes | None = field(repr=False)
    name: str = field(repr=False)  # as known then
    secret: bytes | None = field(repr=False)  # of a grant by link
    passcode: str = field(repr=False)  # of a grant by link, or empty
    state: str  # one of STATES
    created_at: int

    @property
    def is_active(self) -> bool:
        return self.state == "active"

    def to_map(self) -> dict[str, Any]:
        return {
            "grant_key": self.grant_key,
            "salt": self.salt,
            "terms": self.terms.to_map(),
            "receiving": self.receiving,
            "series_ids": list(self.series_ids),
            "card": self.card,
            "name": self.name,
            "secret": self.secret,
            "passcode": self.passcode,
            "state": self.state,
            "created_at": self.created_at,
        }

    @classmethod
    def from_map(cls, value: Any) -> GrantRecord:
        found = exact_map(value, _GRANT_KEYS)
        if found["state"] not in STATES:
            raise ValueError("no such state")
        return cls(
            byte_string(found["grant_key"], 32),
            byte_string(found["salt"], 32),
            Terms.from_map(found["terms"]),
            byte_string(found["receiving"], 1216),
            tuple(listed(found["series_ids"], _series_id, 0, MAX_SERIES)),
            optional(found["card"], lambda each: byte_string(each, at_most=4096)),
            text(found["name"], 1024),
            optional(found["secret"], lambda each: byte_string(each, 32)),
            text(found["passcode"], 1024),
            found["state"],
            count(found["created_at"]),
        )


@dataclass(frozen=True, slots=True)
class LibraryPointer:
    """Where the newest library record is that was known then; the highest version wins."""

    cid: Cid
    key: bytes = field(repr=False)
    version: int


@dataclass(frozen=True, slots=True)
class SelfRecord:
    """A study as its owner has it."""

    index: int  # which of the person's study keys
    study_key: bytes = field(repr=False)  # of this epoch
    sequence: int  # one higher with each head
    previous: Word | None  # the word before this head's
    ranges: tuple[Range, ...] = field(repr=False)
    labels: dict[str, Any] = field(repr=False)
    grants: tuple[GrantRecord, ...] = ()
    needs_rotation: bool = False  # somebody was stopped; nothing more is sealed in this epoch
    notes: str = field(default="", repr=False)
    library: LibraryPointer | None = None

    def encode(self) -> bytes:
        pointer = self.library
        return cbor.encode(
            {
                "v": 1,
                "index": self.index,
                "study_key": self.study_key,
                "sequence": self.sequence,
                "previous": self.previous,
                "ranges": [each.to_list() for each in self.ranges],
                "labels": self.labels,
                "notes": self.notes,
                "grants": [each.to_map() for each in self.grants],
                "needs_rotation": self.needs_rotation,
                "library": pointer and [Link(pointer.cid), pointer.key, pointer.version],
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> SelfRecord:
        """Read a record. Raises: Damaged."""
        try:
            return _typed(cbor.decode(data))
        except (Damaged, ValueError, TypeError, KeyError):
            raise Damaged(Kind.SELF.noun) from None

    def seal(self, self_key: bytes, epoch: Epoch) -> bytes:
        """Return the object that the head links to as `self`."""
        encoded = self.encode()
        SelfRecord.decode(encoded)
        return seal_object(self_key, Kind.SELF, epoch, encoded)

    @classmethod
    def open(cls, self_key: bytes, epoch: Epoch, sealed: bytes) -> SelfRecord:
        """Open a head's `self`. Raises: Damaged."""
        return cls.decode(open_object(self_key, Kind.SELF, epoch, sealed))

    def envelope_for(
        self, grant: GrantRecord, epoch: Epoch, card: bytes = b"", signature: bytes = b""
    ) -> Envelope:
        """Return what a grant gives in this head: the study key, or the keys of its series."""
        covered = self.covered(grant)
        whole = grant.terms.is_whole_study
        keys = {
            each.series_id: series_key(self.study_key, epoch.container, each.series_id)
            for each in covered
        }
        return Envelope(
            self.sequence,
            self.previous,
            self.study_key if whole else None,
            None if whole else keys,
            covered,
            grant.terms,
            grant.salt,
            grant.grant_key,
            card,
            signature,
        )

    def covered(self, grant: GrantRecord) -> tuple[Range, ...]:
        """Return the sections that a grant reaches; later ones only if its terms say so."""
        if grant.terms.has_additions:
            return self.ranges
        return tuple(each for each in self.ranges if each.series_id in grant.series_ids)


_GRANT_KEYS = {
    "grant_key", "salt", "terms", "receiving", "series_ids", "card", "name", "secret", "passcode",
    "state", "created_at",
}  # fmt: skip
_KEYS = {
    "v", "index", "study_key", "sequence", "previous", "ranges", "labels", "notes", "grants",
    "needs_rotation", "library",
}  # fmt: skip


def _typed(value: Any) -> SelfRecord:
    found = exact_map(value, _KEYS)
    if count(found["v"]) != 1:
        raise ValueError("another version")
    ranges = tuple(listed(found["ranges"], Range.from_list, 0, MAX_SERIES))
    unique(each.series_id for each in ranges)
    if type(found["labels"]) is not dict:
        raise ValueError("no labels")
    return SelfRecord(
        count(found["index"], (1 << 31) - 1),
        byte_string(found["study_key"], 32),
        count(found["sequence"]),
        optional(found["previous"], lambda each: Word(byte_string(each, 32))),
        ranges,
        found["labels"],
        tuple(listed(found["grants"], GrantRecord.from_map, 0, MAX_GRANTS)),
        flag(found["needs_rotation"]),
        text(found["notes"], MAX_NOTES),
        optional(found["library"], _pointer),
    )


def _pointer(value: Any) -> LibraryPointer:
    link, library_key, version = listed(value, lambda each: each, 3, 3)
    if type(link) is not Link:
        raise ValueError("no link")
    return LibraryPointer(link.cid, byte_string(library_key, 32), count(version))


def _series_id(value: Any) -> bytes:
    return byte_string(value, 16)
