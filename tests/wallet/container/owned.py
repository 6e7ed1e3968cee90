"""Studies whose owner's words are known, whole and as files that hold their blocks."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from shelf import PLACE, Made, Shelf, make, series_in

from wallet.container.envelope import seal_all
from wallet.container.head import Head
from wallet.container.reader import SealedStudy
from wallet.container.self_record import SelfRecord
from wallet.container.writer import SeriesIn
from wallet.identity import words
from wallet.identity.person import Identity
from wallet.storage import unixfs

WORDS = "legal winner thank year wave sausage worth useful " * 2  # of entropy 7f7f..., BIP-39's own
WORDS += "legal winner thank year wave sausage worth title"


def recovery() -> ModuleType:
    """The recovery script, which is no module of a package."""
    path = Path(__file__).parents[3] / "packaging" / "recover.py"
    spec = importlib.util.spec_from_file_location("recover", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["recover"] = module  # where its dataclasses look for their types
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Owned:
    """A study with its `self`, on a shelf."""

    made: Made
    head: Head
    record: SelfRecord

    @property
    def shelf(self) -> Shelf:
        return self.made.shelf

    @property
    def cid(self) -> str:
        return self.head.encode().cid

    def study(self) -> SealedStudy:
        return SealedStudy(self.shelf, self.head, self.made.study_key, None, self.record.ranges)

    def contents(self) -> dict[str, bytes]:
        return {f.path: f.open().read() for each in self.made.contents for f in each.files}


def own(
    series: Sequence[SeriesIn] | None = None,
    index: int = 0,
    sequence: int = 1,
    text: str = WORDS,
    passphrase: str = "",
    generation: int = 0,
) -> Owned:
    """Seal a study as the wallet of these words does."""
    made = make(series if series is not None else [series_in(1), series_in(2)])
    self_key = Identity(words.seed(text, passphrase)).self_key(generation)
    record = SelfRecord(index, made.study_key, sequence, None, made.sealed.ranges, {})
    roots = []
    for sealed in (record.seal(self_key, made.epoch), seal_all([], PLACE, made.epoch)):
        root, blocks = unixfs.build(sealed)
        made.shelf.add(blocks)
        roots.append(root)
    head = replace(made.head, self_=roots[0], grants=roots[1])
    made.shelf.add([head.encode()])
    return Owned(made, head, record)
