"""What the viewer remembers of a person's habits, and where: the application says where."""

from __future__ import annotations

import json
from typing import Protocol

TEXT_LENGTH_MOST = 65_536


class Preferences(Protocol):
    """Texts by name, kept between two runs."""

    def get(self, name: str) -> str:
        """Return what was kept; empty for nothing."""
        ...

    def set(self, name: str, text: str) -> None:
        """Keep `text` by this name."""
        ...


class ForOneRun:
    """Remembers until the window is closed."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def get(self, name: str) -> str:
        return self._texts.get(name, "")

    def set(self, name: str, text: str) -> None:
        self._texts[name] = text


def read(preferences: Preferences, name: str) -> object:
    """Return what is kept in JSON; None for nothing, and for what was damaged."""
    text = preferences.get(name)
    if not text or len(text) > TEXT_LENGTH_MOST:
        return None
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found


def write(preferences: Preferences, name: str, value: object) -> None:
    """Keep a value as JSON."""
    preferences.set(name, json.dumps(value, ensure_ascii=False))
