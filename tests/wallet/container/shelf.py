"""What the tests of the container share: blocks on a shelf, and small studies to seal."""

from __future__ import annotations

import io
import random
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from wallet.container.envelope import Envelope, Place, Terms
from wallet.container.head import Head
from wallet.container.reader import SealedStudy
from wallet.container.sealing import Epoch, new_series_id
from wallet.container.writer import FileIn, Sealed, SeriesIn, seal_study
from wallet.errors import BlockUnreachable
from wallet.identity.card import grantee_digest
from wallet.identity.hpke import ReceivingKey
from wallet.ports import Address, Block, Cid, Registry
from wallet.storage.cid import verify

PLACE = Place(Registry(560048, Address("0x" + "c0" * 20)), Address("0x" + "57" * 20))
NOBODY = Cid("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku")  # of no bytes


@dataclass
class Shelf:
    """A BlockSource over memory that checks what it returns, as every store does."""

    blocks: dict[Cid, bytes] = field(default_factory=dict)
    taken: list[Cid] = field(default_factory=list)

    def add(self, blocks: Iterable[Block]) -> None:
        self.blocks.update((block.cid, block.data) for block in blocks)

    def get(self, cid: Cid) -> bytes:
        self.taken.append(cid)
        if cid not in self.blocks:
            raise BlockUnreachable(cid)
        verify(cid, self.blocks[cid])
        return self.blocks[cid]


def file_in(
    path: str,
    content: bytes,
    cuts: Sequence[int] = (),
    compress: bool = True,
    header: dict[str, object] | None = None,
) -> FileIn:
    return FileIn(path, len(content), header or {}, cuts, compress, partial(io.BytesIO, content))


def dicom_like(seed: int, size: int, preamble: bytes = b"") -> bytes:
    """Bytes with the mark of a DICOM file, half of them of little information."""
    noise = random.Random(seed).randbytes(size)
    return (preamble.ljust(128, b"\0") + b"DICM" + noise[: size // 2] + bytes(size))[:size]


def series_in(seed: int, files: int = 3, size: int = 5000) -> SeriesIn:
    return SeriesIn(
        new_series_id(),
        {"uid": f"1.2.{seed}"},
        [
            file_in(f"S{seed}/IM{n}.dcm", dicom_like(seed * 1000 + n, size + n), (256,))
            for n in range(files)
        ],
        b"\x89PNG of %d" % seed,
    )


@dataclass(frozen=True)
class Made:
    """A study that was just sealed, with all that opens it."""

    shelf: Shelf
    epoch: Epoch
    study_key: bytes
    sealed: Sealed
    head: Head
    contents: tuple[SeriesIn, ...]

    def study(self) -> SealedStudy:
        return SealedStudy(self.shelf, self.head, self.study_key, None, self.sealed.ranges)


def make(series: Sequence[SeriesIn]) -> Made:
    shelf, study_key = Shelf(), secrets.token_bytes(32)
    epoch = Epoch(secrets.token_bytes(16), 1)
    sealed = seal_study(series, study_key, epoch, shelf.add)
    return Made(shelf, epoch, study_key, sealed, head_of(epoch, sealed), tuple(series))


def head_of(epoch: Epoch, sealed: Sealed) -> Head:
    return Head(
        epoch.container, epoch.epoch, sealed.data, sealed.index, sealed.preview, NOBODY, NOBODY
    )


def terms_for(receiving: ReceivingKey, scope: tuple[str, ...] = ("study",)) -> Terms:
    return Terms(grantee_digest(receiving.public), scope, "TREAT", 1_700_000_000, None)


def envelope_for(receiving: ReceivingKey, made: Made) -> Envelope:
    return Envelope(
        sequence=1,
        previous=None,
        study_key=made.study_key,
        series_keys=None,
        ranges=made.sealed.ranges,
        terms=terms_for(receiving),
        salt=bytes(32),
        grant_key=bytes(31) + b"\x07",
        card=b"",
        signature=b"",
    )
