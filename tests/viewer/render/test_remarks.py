"""What is said of how a picture came about."""

from __future__ import annotations

import numpy as np
import pytest

from viewer.dicom.pixels import Pixels
from viewer.render.remarks import remarks


@pytest.mark.parametrize(
    ("ratios", "words"),
    [
        ((12.0,), "Lossy 12:1"),
        ((3.0, 20.4, 1.1), "Lossy 20:1"),
        ((4.39684003958337,), "Lossy 4.4:1"),
        ((2.0,), "Lossy 2:1"),
        ((), "Lossy compression"),
        ((0.0849,), "Lossy compression"),  # in a sample file
    ],
)
def test_losses_are_told_by_the_strongest(ratios: tuple[float, ...], words: str) -> None:
    pixels = Pixels(np.zeros((2, 2)), "MONOCHROME2", 8, False, lossy=True, lossy_ratios=ratios)
    assert remarks(pixels) == (words,)


def test_a_profile_that_is_left_out_is_told() -> None:
    plain = Pixels(np.zeros((2, 2, 3)), "RGB", 8, False)
    assert remarks(plain) == ()
    broken = Pixels(np.zeros((2, 2, 3)), "RGB", 8, False, colour_profile="ignored")
    assert remarks(broken) == ("Colours may be off: their profile cannot be used",)
