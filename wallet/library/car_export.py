"""A sealed study as one CAR file, to be kept anywhere: its head is the root and comes first.

The blocks are those of the stores, so an IPFS node that imports the file has the study as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wallet.errors import RequestInvalid
from wallet.files import create_atomically
from wallet.library.reading import SealedSource
from wallet.ports import Block, Cid, Progress, unwatched
from wallet.storage import car


@dataclass(slots=True)
class Exported:
    """What a CAR file holds."""

    head: Cid
    blocks: int = 0
    bytes: int = 0  # of the blocks; the file is a little longer


def write(source: SealedSource, path: Path, progress: Progress = unwatched) -> Exported:
    """Write all blocks of a study's head, one at a time in memory, to a file that is new.

    Raises: RequestInvalid if there is a file; BlockUnreachable, StoreUnreachable, Damaged, after
        which there is none.
    """
    done = Exported(source.sealed.head.encode().cid)
    stream = car.write(_counted(source, done, progress), [done.head])
    try:
        create_atomically(path, stream)
    except FileExistsError:
        raise RequestInvalid(f"{path.name} exists already; nothing is overwritten") from None
    return done


def _counted(source: SealedSource, done: Exported, progress: Progress) -> Iterator[Block]:
    total = source.sealed.bytes_stored
    for block in source.sealed.blocks():
        progress("Writing the sealed study", min(done.bytes, total), total)
        yield block
        done.blocks += 1
        done.bytes += len(block.data)
