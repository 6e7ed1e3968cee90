"""From stored values to values that mean something, such as Hounsfield units."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.dicom.pixels import Pixels


def modality_values(pixels: Pixels, stored: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return what `stored` means by the modality table, or by slope and intercept.

    Source: PS3.3 C.11.1.
    """
    table = pixels.modality_lut
    if table is not None and len(table.values):
        place = np.clip(stored.astype(np.int64) - table.first, 0, len(table.values) - 1)
        return table.values.take(place).astype(np.float64)
    values = stored.astype(np.float64)
    if pixels.rescale_slope != 1.0:
        values *= pixels.rescale_slope
    if pixels.rescale_intercept:
        values += pixels.rescale_intercept
    return values
