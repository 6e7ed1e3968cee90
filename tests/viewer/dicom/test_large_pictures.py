"""Pictures near what a child may hold: a mammogram, colour of 16 bits, floating point."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import HTJ2KLossless, JPEGLossless, JPEGLSLossless

from viewer.dicom.sandbox import Sandbox
from viewer.dicom.sandbox.protocol import RING_BYTES
from viewer.errors import CannotDraw
from viewer.render.pipeline import Window, picture
from viewer.render.pyramid import prepare

Open = Callable[[Path | str], int]
Make = Callable[..., Path]


def mammogram(rows: int = 4096, columns: int = 3328) -> np.ndarray:
    y, x = np.ogrid[0:rows, 0:columns]
    smooth = (x * 3 + y * 2) % 16384
    grain = np.random.default_rng(9).integers(0, 32, (rows, columns))
    return np.where(x + y < rows, smooth + grain, 0).clip(0, 16383).astype(np.uint16)


@pytest.fixture(scope="module")
def breast() -> np.ndarray:
    return mammogram()


@pytest.mark.parametrize(
    ("syntax", "encode"),
    [
        (JPEGLossless, lambda a: imagecodecs.jpeg8_encode(a, lossless=True, bitspersample=14)),
        (JPEGLSLossless, imagecodecs.jpegls_encode),
        (HTJ2KLossless, imagecodecs.htj2k_encode),
    ],
)
def test_a_mammogram_of_thirteen_million_pixels_comes_back(
    syntax: str,
    encode: Callable[[np.ndarray], bytes],
    breast: np.ndarray,
    sandbox: Sandbox,
    made: Make,
    opened: Open,
) -> None:
    data = encapsulate([encode(breast)])
    path = made(breast, syntax=syntax, PixelData=data, BitsStored=14, HighBit=13)
    found = sandbox.decode(opened(path), 0)
    assert np.array_equal(found.array, breast)
    assert prepare(found).levels[-1].max() > 0


def test_colour_of_sixteen_bits_fits_to_the_edge_of_the_ring(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    rows, columns = 4600, 4800
    assert 0.98 < rows * columns * 6 / RING_BYTES <= 1
    colour = np.arange(rows * columns * 3, dtype=np.uint32).astype(np.uint16)
    about = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    path = made(np.zeros((rows, columns), np.uint16), PixelData=colour.tobytes(), **about)
    found = sandbox.decode(opened(path), 0).array
    assert np.array_equal(found.ravel(), colour)


def test_colour_in_planes_of_luminance_fits_too(sandbox: Sandbox, made: Make, opened: Open) -> None:
    rows, columns = 4000, 4800
    grey = np.full((3, rows, columns), 32768, np.uint16)
    grey[0] = np.arange(columns)
    about = {
        "SamplesPerPixel": 3,
        "PhotometricInterpretation": "YBR_FULL",
        "PlanarConfiguration": 1,
    }
    path = made(np.zeros((rows, columns), np.uint16), PixelData=grey.tobytes(), **about)
    found = sandbox.decode(opened(path), 0).array
    assert np.array_equal(found[7, :, 0], np.arange(columns))
    assert np.array_equal(found[..., 1], found[..., 2])


def test_what_is_larger_than_the_ring_is_refused_in_words(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    path = made(np.zeros((8, 8), np.uint16), Rows=8193, Columns=8192)
    with pytest.raises(CannotDraw, match="larger than we can draw"):
        sandbox.decode(opened(path), 0)


def test_floating_point_of_four_million_pixels_is_windowed(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    array = np.linspace(-5e-4, 5e-4, 2048 * 2048, dtype=np.float32).reshape(2048, 2048)
    path = made(array, FloatPixelData=array.tobytes(), PixelData=None)
    found = sandbox.decode(opened(path), 0)
    assert np.array_equal(found.array, array)
    drawn = picture(found, Window(0, 4e-4, "LINEAR_EXACT"))
    expected = (array.astype(float) / 4e-4 + 0.5).clip(0, 1) * 255
    assert np.abs(drawn - expected).max() <= 0.5 + 1e-6
