"""Colours that a profile gives a meaning, to those of a screen (sRGB).

Source: PS3.3 C.11.15, C.8.12.5.
"""

from __future__ import annotations

import functools
from typing import Any

import imagecodecs
import numpy as np
from pydicom.dataset import Dataset

from viewer.dicom.pixels import Values
from viewer.dicom.sandbox.child.reading import MALFORMED
from viewer.dicom.sandbox.child.values import code, item, raw

APPLIED, IGNORED = "applied", "ignored"
MAX_PROFILE = 8 << 20
COLOURS = ("red", "green", "blue")
Table = tuple[dict[str, Any], Values]
_ICC, _SPACE, _OPTICAL_PATH = 0x00282000, 0x00282002, 0x00480105


@functools.cache
def srgb() -> bytes:
    """Return the profile of an ordinary screen."""
    return bytes(imagecodecs.cms_profile("srgb"))


def of(dataset: Dataset) -> bytes | None:
    """Return the profile that is to be applied; of a slide, the first optical path's."""
    holder: Dataset | None = dataset
    if _ICC not in dataset:
        holder = item(dataset, _OPTICAL_PATH)
    if holder is None or _ICC not in holder or code(holder, _SPACE) == "SRGB":
        return None
    return raw(holder, _ICC)


def to_srgb(values: Values, profile: bytes) -> tuple[Values, str]:
    """Return (... x 3) values as sRGB and APPLIED, or as they were and IGNORED."""
    usable = 128 <= len(profile) <= MAX_PROFILE and profile[16:20] == b"RGB "
    if not usable or profile[36:40] != b"acsp" or values.dtype not in (np.uint8, np.uint16):
        return values, IGNORED
    # Of 16 bits the shortcut is a coarse grid, which is wrong by up to 9 levels of a screen.
    flags = imagecodecs.CMS.FLAGS.NOOPTIMIZE if values.dtype == np.uint16 else None
    try:
        found = imagecodecs.cms_transform(
            values, profile, srgb(), colorspace="rgb", outcolorspace="rgb", flags=flags
        )
    except MALFORMED:
        return values, IGNORED
    found = np.asarray(found)
    if found.shape != values.shape or found.dtype != values.dtype:
        return values, IGNORED
    return found, APPLIED


def palette_to_srgb(tables: list[Table], profile: bytes) -> tuple[list[Table], str]:
    """Return `tables` with the palette among them, if there is one, in sRGB."""
    colours = [each for each in tables if each[0]["name"] in COLOURS]
    if not colours:
        return tables, ""
    if len({len(values) for _, values in colours}) != 1:
        return tables, IGNORED
    entries = np.stack([values for _, values in colours], axis=-1)[None]
    narrow = entries.max(initial=0) < 256
    found, said = to_srgb(entries.astype(np.uint8) if narrow else entries, profile)
    done = [
        (about, np.ascontiguousarray(found[0, :, i]).astype(np.uint16))
        for i, (about, _) in enumerate(colours)
    ]
    return [each for each in tables if each[0]["name"] not in COLOURS] + done, said
