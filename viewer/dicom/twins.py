"""Instances that are there twice: the same bytes count once, other bytes under one UID both stay.

Bytes are compared only where UID and size are the same, by their SHA-256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import TypeVar

from viewer.dicom.header import Header

K = TypeVar("K")


def once(
    found: Sequence[tuple[K, Header]], digest: Callable[[K], Hashable]
) -> list[tuple[K, Header]]:
    """Return the instances without those whose UID and bytes came before."""
    together: dict[tuple[str, int], list[int]] = {}
    for i, (_, header) in enumerate(found):
        if header.sop_uid:
            together.setdefault((header.sop_uid, header.size), []).append(i)
    again: set[int] = set()
    for places in together.values():
        seen: set[Hashable] = set()
        for i in places if len(places) > 1 else ():
            told = digest(found[i][0])
            if told in seen:
                again.add(i)
            seen.add(told)
    return [each for i, each in enumerate(found) if i not in again]


def file_digest(path: Path) -> Hashable:
    """Return the SHA-256 of a file; of one that cannot be read, what equals nothing else."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return object()
