"""Windows to choose from: the scan's own first, then those of its modality, the person's, the
header's others, and the whole range. A list adds to the others and never takes their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from viewer.dicom.pixels import Lut, Pixels
from viewer.dicom.uptake import suv_factor
from viewer.render.pipeline import CT_PRESETS, Voi, Window, full_range, header_windows, is_colour
from viewer.ui import plain
from viewer.ui.own_presets import OwnPreset

WHOLE_RANGE_KEY = "9"
LAST_KEY = 8
UPTAKE = ("Uptake 0 to 5", 2.5, 5.0)  # SUV by body weight: name, level, width


@dataclass(frozen=True, slots=True)
class Preset:
    """A window, or a table of the header's, by its plain name."""

    label: str
    window: Voi | None  # None: what the file asks for
    key: str


def presets_for(
    pixels: Pixels,
    modality: str,
    own: Sequence[OwnPreset] = (),
    whole: Window | None = None,
) -> tuple[Preset, ...]:
    """Return what can be chosen for a picture; nothing for colour.

    Args:
        own: the person's, for this modality.
        whole: the full range of the picture, if that is known already.
    """
    if is_colour(pixels):
        return ()
    named: list[tuple[str, Voi]] = [
        *_of_modality(pixels, modality),
        *((each.name, each.window) for each in own),
        *_of_header(pixels),
    ]
    numbered = tuple(
        Preset(label, window, str(number) if number <= LAST_KEY else "")
        for number, (label, window) in enumerate(named, start=1)
    )
    first = Preset("As the scan says", None, "0")
    return (first, *numbered, Preset("Whole range", whole or full_range(pixels), WHOLE_RANGE_KEY))


def _of_modality(pixels: Pixels, modality: str) -> list[tuple[str, Voi]]:
    if modality == "CT":
        return list(CT_PRESETS)
    factor = suv_factor(pixels.calibration.tracer).value if modality == "PT" else None
    if not factor:
        return []
    label, level, width = UPTAKE
    return [(label, Window(level / factor, width / factor))]


def _of_header(pixels: Pixels) -> list[tuple[str, Voi]]:
    """Return the header's windows and tables but for the one that is seen by first."""
    windows: list[tuple[str, Voi]] = [
        (plain.plain(said).capitalize() or f"Width {each.width:g}, level {each.center:g}", each)
        for said, each in header_windows(pixels)
    ]
    tables: list[tuple[str, Voi]] = [
        (_told(table, number), table)
        for number, table in enumerate(pixels.voi_luts, start=1)
        if len(table.values)
    ]
    return [*windows, *tables][1:]


def _told(table: Lut, number: int) -> str:
    return plain.plain(table.explanation).capitalize() or f"Table {number}"
