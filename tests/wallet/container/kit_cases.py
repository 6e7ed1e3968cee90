"""The cases of tests/vectors/kit: what is turned wrong in each container, and what must be said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from forge import Turns
from kit_case import (
    Case,
)
from kit_heads import blocks, heads, replayed
from kit_keys import envelopes, selves
from kit_series import indexes, previews, segments

from wallet.storage.unixfs import LEAF


def good() -> Iterator[Case]:
    yield Case("by the words")
    yield Case("by the words and a passphrase", passphrase="Übergröße")
    yield Case("in epoch 0", made={"epoch": 0})
    yield Case("in the last epoch", made={"epoch": (1 << 32) - 1})
    yield Case("with data of two leaves", {"part": lambda part: part.ljust(LEAF + 9, b"\0")})
    yield Case("with space before the sections of the index", _moved())
    yield Case("by an envelope of the study", envelope=True)
    yield Case("by an envelope of the first series", envelope=True, made={"series_only": 0})
    yield Case("by an envelope of the second series", envelope=True, made={"series_only": 1})


def _moved() -> Turns:
    def move(ranges: list[Any]) -> list[Any]:
        return [[each[0], each[1] + 40, *each[2:]] for each in ranges]

    return {"index": lambda index: bytes(40) + index, "ranges": move}


GROUPS: dict[str, Callable[[], Iterator[Case]]] = {
    "good": good,
    "head": heads,
    "replayed": replayed,
    "blocks": blocks,
    "index": indexes,
    "segment": segments,
    "self": selves,
    "preview": previews,
    "envelope": envelopes,
}
