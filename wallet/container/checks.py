"""Checks on what was decoded, before anything believes it: each returns the value or raises
ValueError, which the decoder of a format turns into Damaged.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")

MAX_COUNT = (1 << 53) - 1


def count(value: Any, at_most: int = MAX_COUNT) -> int:
    """Return a whole number from 0 to `at_most`."""
    if type(value) is not int or not 0 <= value <= at_most:
        raise ValueError("not a number in range")
    return value


def byte_string(value: Any, length: int | None = None, at_most: int | None = None) -> bytes:
    """Return bytes, of one length if it is given."""
    if type(value) is not bytes:
        raise ValueError("not bytes")
    if (length is not None and len(value) != length) or (
        at_most is not None and len(value) > at_most
    ):
        raise ValueError("bytes of another length")
    return value


def text(value: Any, at_most: int) -> str:
    """Return a text of at most so many characters."""
    if type(value) is not str or len(value) > at_most:
        raise ValueError("not a text in range")
    return value


def flag(value: Any) -> bool:
    """Return a truth value."""
    if type(value) is not bool:
        raise ValueError("not a truth value")
    return value


def listed(value: Any, each: Callable[[Any], T], least: int, most: int) -> list[T]:
    """Return the checked items of a list."""
    if type(value) is not list or not least <= len(value) <= most:
        raise ValueError("not a list in range")
    return [each(item) for item in value]


def optional(value: Any, check: Callable[[Any], T]) -> T | None:
    """Return None, or the checked value."""
    return None if value is None else check(value)


def exact_map(value: Any, keys: set[str]) -> dict[str, Any]:
    """Return a map that has these keys and no others."""
    if type(value) is not dict or value.keys() != keys:
        raise ValueError("not a map of these keys")
    return value


def unique(values: Iterable[Hashable]) -> None:
    """Raise unless no value comes twice."""
    found = list(values)
    if len(set(found)) != len(found):
        raise ValueError("something comes twice")
