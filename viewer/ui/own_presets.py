"""Windows that a person has named, one list for each modality; kept with their other habits."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from viewer.render.voi import Window
from viewer.ui import preferences
from viewer.ui.preferences import Preferences

KEPT_AS = "viewer_presets"
MOST = 64
NAME_LENGTH_MOST = 40
VALUE_MOST = 1e9


@dataclass(frozen=True, slots=True)
class OwnPreset:
    """A name for a window of modality values."""

    name: str
    center: float
    width: float
    modality: str

    @property
    def window(self) -> Window:
        return Window(self.center, self.width)


def of_modality(kept: Preferences, modality: str) -> tuple[OwnPreset, ...]:
    """Return a person's presets for a modality."""
    return tuple(each for each in read(kept) if each.modality == modality)


def read(kept: Preferences) -> tuple[OwnPreset, ...]:
    """Return all presets that can be used, of what is kept."""
    found = preferences.read(kept, KEPT_AS)
    usable = (_usable(each) for each in found) if isinstance(found, list) else ()
    return tuple(each for each in usable if each is not None)[:MOST]


def replace(kept: Preferences, modality: str, presets: Iterable[OwnPreset]) -> None:
    """Keep these as the presets of a modality; those of others stay."""
    others = [each for each in read(kept) if each.modality != modality]
    both = [*others, *presets][:MOST]
    preferences.write(
        kept,
        KEPT_AS,
        [
            {"name": o.name, "center": o.center, "width": o.width, "modality": o.modality}
            for o in both
        ],
    )


def named(name: str) -> str:
    """Return a name as it can be kept: on one line, not long."""
    return " ".join(name.split())[:NAME_LENGTH_MOST]


def _usable(found: object) -> OwnPreset | None:
    if not isinstance(found, dict):
        return None
    name, modality = found.get("name"), found.get("modality")
    center, width = _number(found.get("center")), _number(found.get("width"))
    if not isinstance(name, str) or not isinstance(modality, str):
        return None
    if center is None or width is None or width <= 0 or not named(name):
        return None
    return OwnPreset(named(name), center, width, modality[:16])


def _number(found: object) -> float | None:
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    if not is_number or not abs(found) <= VALUE_MOST:  # type: ignore[arg-type]
        return None
    value = float(found)  # type: ignore[arg-type]
    return value if math.isfinite(value) else None
