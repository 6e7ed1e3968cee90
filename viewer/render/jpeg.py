"""JPEG files of finished pictures: grey stays grey, and nothing stands in them but the picture."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

QUALITY = 92
SIDE_MOST_PX = 65_500  # of libjpeg


def jpeg(array: npt.NDArray[np.uint8], quality: int = QUALITY) -> bytes:
    """Return a JPEG file of rows x columns (grey) or rows x columns x 3 (RGB), colours not thinned.

    Args:
        quality: 1 to 100, as libjpeg counts.
    """
    if not 1 <= quality <= 100:
        raise ValueError("a quality lies between 1 and 100")
    if max(array.shape[:2]) > SIDE_MOST_PX:
        raise ValueError("a JPEG has at most 65500 pixels a side")
    out = io.BytesIO()
    Image.fromarray(array).save(out, "JPEG", quality=quality, subsampling=0)
    return out.getvalue()
