"""What every command gives back, and how it tells progress; files that must be new."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wallet.errors import RequestInvalid


@dataclass(frozen=True, slots=True)
class Result:
    """What a command found, for machines and for people."""

    value: dict[str, Any]
    lines: Callable[[], Iterator[str]] = lambda: iter(())
    code: int = 0


class Narrator:
    """Tells progress on standard error: each step once, and how far every few seconds."""

    def __init__(self) -> None:
        self._what = ""
        self._said_at = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if what != self._what:
            print(what, file=sys.stderr, flush=True)
        elif now - self._said_at < 5 or not total:
            return
        else:
            print(f"{what} {100 * done // total}%", file=sys.stderr, flush=True)
        self._what, self._said_at = what, now


def tell(sentence: str) -> None:
    """Say something beside the result."""
    print(sentence, file=sys.stderr, flush=True)


def check_new(path: Path) -> None:
    """Raise RequestInvalid unless a file of that name can be made: nothing is overwritten."""
    if path.exists():
        raise RequestInvalid(f"{path.name} exists already; nothing is overwritten")
    if not path.absolute().parent.is_dir():
        raise RequestInvalid(f"The folder of {path.name} does not exist")
