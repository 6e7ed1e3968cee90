"""What a person should know of how a picture came about, in a few words each."""

from __future__ import annotations

from viewer.dicom.pixels import Pixels

LEAST_RATIO = 1.05  # under it a file that admits losses counts wrongly


def remarks(pixels: Pixels) -> tuple[str, ...]:
    """Return what was lost, and what could not be used."""
    found = []
    if pixels.lossy:
        found.append(_lossy(pixels.lossy_ratio))
    if pixels.colour_profile == "ignored":
        found.append("Colours may be off: their profile cannot be used")
    return tuple(found)


def _lossy(ratio: float | None) -> str:
    if ratio is None or ratio < LEAST_RATIO:
        return "Lossy compression"
    return f"Lossy {ratio:.0f}:1" if ratio >= 10 else f"Lossy {ratio:.2g}:1"
