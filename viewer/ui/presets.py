"""Windows to choose from: what the header says first, the whole range, then those for CT."""

from __future__ import annotations

from dataclasses import dataclass

from viewer.dicom.pixels import Pixels
from viewer.render.pipeline import CT_PRESETS, Window, full_range, header_windows, is_colour
from viewer.ui import plain

WHOLE_RANGE_KEY = "9"
LAST_KEY = 8


@dataclass(frozen=True, slots=True)
class Preset:
    """A window by its plain name."""

    label: str
    window: Window | None  # None: what the file asks for
    key: str


def presets_for(pixels: Pixels, modality: str) -> tuple[Preset, ...]:
    """Return what can be chosen for a picture; nothing for colour."""
    if is_colour(pixels):
        return ()
    named = list(CT_PRESETS) if modality == "CT" else []
    for explanation, window in header_windows(pixels)[1:]:
        label = plain.plain(explanation).capitalize()
        named.append((label or f"Width {window.width:g}, level {window.center:g}", window))
    numbered = tuple(
        Preset(label, window, str(number) if number <= LAST_KEY else "")
        for number, (label, window) in enumerate(named, start=1)
    )
    first = Preset("As the scan says", None, "0")
    return (first, *numbered, Preset("Whole range", full_range(pixels), WHOLE_RANGE_KEY))
