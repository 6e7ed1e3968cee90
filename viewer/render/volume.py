"""All slices of a volume in one array of stored integers, filled in whatever order they arrive.

Slices that are scaled differently, as in PET, are brought onto the finest of their scales, with an
error of at most half a step. What has not arrived holds a value that no slice holds, as padding.
"""

from __future__ import annotations

import dataclasses
import math
import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.dicom.calibration import Basis
from viewer.dicom.pixels import Pixels
from viewer.errors import NotAVolume
from viewer.render.lattice import Lattice
from viewer.render.modality import modality_values
from viewer.render.slices import Slices
from viewer.render.voi import padding_mask

Voxels = npt.NDArray[Any]
EXACT_MOST = 1 << 24  # integers that 32-bit floating point still tells apart
WIDER_MOST_BYTES = 256 << 20  # where 16 bits do not hold one scale for all slices


class Volume:
    """The voxels of a series: `values` is slices x rows x columns, in C order. Any thread may put.

    There is none until the first slice has been put.
    """

    def __init__(self, slices: Slices) -> None:
        self.slices = slices
        self.has = np.zeros(slices.lattice.shape[0], dtype=bool)  # which slices have arrived
        self._scales = _scales(slices)
        self._lock = threading.Lock()
        self._values: Voxels | None = None
        self._look: Pixels | None = None  # how the middle slice asks to be seen, or the first
        self._told: tuple[int, int] | None = None  # padding, by the first slice
        self._fill = 0
        self._seen = np.zeros(1 << 16, dtype=bool)  # which stored values occur, of 16 bits
        self._is_padded = False
        self._low, self._high = np.inf, -np.inf

    @property
    def lattice(self) -> Lattice:
        return self.slices.lattice

    @property
    def values(self) -> Voxels:
        """The stored values. Raises: ValueError before the first slice."""
        if self._values is None:
            raise ValueError("no slice has been put yet")
        return self._values

    @property
    def is_begun(self) -> bool:
        return self._values is not None

    @property
    def missing(self) -> int:
        """How many slices have not arrived."""
        return int(np.count_nonzero(~self.has))

    @property
    def padding(self) -> tuple[int, int]:
        """The lowest and highest stored value that is no image."""
        return self._told or (self._fill, self._fill)

    @property
    def fill(self) -> int:
        """The stored value where there is no image."""
        return self._fill

    @property
    def has_padding(self) -> bool:
        """Whether some voxel may be padding."""
        return self._is_padded or bool(self.missing)

    def put(self, place: int, pixels: Pixels) -> None:
        """Take the slice at `place` along the normal.

        Raises: NotAVolume if it is not what its header said.
        """
        if pixels.array.shape != self.lattice.shape[1:]:
            raise NotAVolume("a picture is not as large as it says")
        if pixels.palette is not None:
            raise NotAVolume("its pictures are in colour")
        array, padded = self._on_scale(pixels)
        with self._lock:
            if self._values is None:
                self._begin(pixels, array)
            if place == len(self.has) // 2:
                self._look = pixels
            values = self.values
            if not np.can_cast(array.dtype, values.dtype):
                _check_holds(values.dtype, array)
            is_own = array is pixels.array and _whole(pixels.padding) == self._told
            array = array.astype(values.dtype, copy=False)
            if padded.any() and not is_own:
                array = np.where(padded, values.dtype.type(self._fill), array)
            self._account(array, padded)
        values[place] = array
        with self._lock:
            self.has[place] = True

    def look(self, array: Voxels, spacing_mm: tuple[float, float]) -> Pixels:
        """Return a picture that was cut from this volume, with all that makes it seen as it is.

        Args:
            array: stored values, as in `values`.
            spacing_mm: between rows, between columns.
        """
        first = self._look
        assert first is not None
        slope, intercept = self._scale
        is_windowed = bool(first.windows or first.voi_luts)
        return Pixels(
            array=array,
            photometric=first.photometric,
            bits_stored=8 * array.dtype.itemsize,
            signed=array.dtype.kind == "i",
            rescale_slope=slope,
            rescale_intercept=intercept,
            rescale_type=first.rescale_type,
            windows=first.windows if is_windowed else (self._whole_window(),),
            voi_function=first.voi_function if is_windowed else "LINEAR_EXACT",
            voi_luts=first.voi_luts,
            padding=self.padding,
            presentation_shape=first.presentation_shape,
            presentation_lut=first.presentation_lut,
            aspect=spacing_mm[0] / spacing_mm[1],
            spacing_mm=spacing_mm,
            modality=first.modality,
            lossy=first.lossy,
            lossy_ratios=first.lossy_ratios,
            lossy_methods=first.lossy_methods,
            calibration=dataclasses.replace(
                first.calibration,
                spacing_mm=None if first.calibration.basis is Basis.NONE else spacing_mm,
            ),
        )

    # -- below --------------------------------------------------------------------------------

    @property
    def _is_rescaled(self) -> bool:
        return len(self._scales) > 1

    @property
    def _scale(self) -> tuple[float, float]:
        """Slope and intercept of all slices."""
        if not self._is_rescaled:
            return self._scales[0]
        return min(slope for slope, _ in self._scales), min(base for _, base in self._scales)

    def _on_scale(self, pixels: Pixels) -> tuple[Voxels, npt.NDArray[np.bool_]]:
        """Return a slice's integers on the scale of all, and where they are padding."""
        padded = padding_mask(pixels)
        if pixels.array.dtype.kind not in "iub":
            raise NotAVolume("its values are no whole numbers")
        if pixels.modality_lut is not None:
            return modality_values(pixels, pixels.array).astype(np.uint16), padded
        own = pixels.rescale_slope, pixels.rescale_intercept
        if own == self._scale and not self._is_rescaled:
            return pixels.array, padded
        slope, base = self._scale
        if not own[0] >= slope * (1 - 1e-9):
            raise NotAVolume("its pictures are scaled in different ways")
        steps = np.rint((pixels.array * own[0] + (own[1] - base)) / slope)
        steps[padded] = 0
        if np.abs(steps).max() >= EXACT_MOST:
            raise NotAVolume("its pictures are scaled too differently")
        return steps.astype(np.int32), padded

    def _begin(self, pixels: Pixels, array: Voxels) -> None:
        """Make room for all slices."""
        kind = self._kind(array)
        if kind.itemsize > 2 and np.prod(self.lattice.shape) * 4 > WIDER_MOST_BYTES:
            raise NotAVolume("it is too large")
        self._look = pixels
        if not self._is_rescaled and pixels.modality_lut is None:
            # On another scale it would mean something else.
            self._told = _whole(pixels.padding)
        limits = np.iinfo(kind)
        self._fill = limits.min if kind.kind == "i" else limits.max
        if self._told is not None:
            self._fill = self._told[0]
        self._values = np.full(self.lattice.shape, self._fill, dtype=kind)

    def _kind(self, array: Voxels) -> np.dtype[Any]:
        """Return the type for all slices, by the first.

        Signed wherever it holds them: then padding lies below all values, and stays dark where a
        small picture is the mean of a larger one.
        """
        if not self._is_rescaled:
            if array.dtype.itemsize > 2:
                _check_holds(np.dtype(np.int32), array)
                return np.dtype(np.int32)
            has_room = array.dtype.kind == "i" or _stored_range(self.slices)[1] < 1 << 15
            return np.dtype(np.int16 if has_room else np.uint16)
        slope, base = self._scale
        ends = [
            (stored * own + (start - base)) / slope
            for own, start in self._scales
            for stored in _stored_range(self.slices)
        ]
        for kind in (np.int16, np.uint16, np.int32):
            limits = np.iinfo(kind)
            if limits.min < min(ends) and max(ends) < min(limits.max, EXACT_MOST):
                return np.dtype(kind)
        raise NotAVolume("its pictures are scaled too differently")

    def _account(self, array: Voxels, padded: npt.NDArray[np.bool_]) -> None:
        """Note which values occur; move what stands for nothing away from them."""
        kept = array
        if padded.any():
            kept, self._is_padded = array[~padded], True
        if not kept.size:
            return
        self._low = min(self._low, float(kept.min()))
        self._high = max(self._high, float(kept.max()))
        if kept.dtype.itemsize == 2:
            self._seen[kept.view(np.uint16)] = True
            if self._told is None and self._seen[self._fill & 0xFFFF]:
                self._move_fill()

    def _move_fill(self) -> None:
        absent = np.flatnonzero(~self._seen).astype(np.uint16).view(self.values.dtype)
        if absent.size:
            signed = self.values.dtype.kind == "i"
            self._fill = int(absent.min() if signed else absent.max())
            self.values[~self.has] = self._fill

    def _whole_window(self) -> tuple[float, float, str]:
        """The window from the least to the greatest value of all slices that have arrived."""
        slope, intercept = self._scale
        low, high = self._low * slope + intercept, self._high * slope + intercept
        if not low < high:
            high = low + 1
        return low / 2 + high / 2, high - low, ""


def _scales(slices: Slices) -> tuple[tuple[float, float], ...]:
    """Return each (slope, intercept) that occurs."""
    found = []
    for each in slices.members:
        slope = each.header.rescale_slope
        found.append((slope if slope else 1.0, each.header.rescale_intercept or 0.0))
    scales = tuple(dict.fromkeys(found))
    if len(scales) > 1 and min(slope for slope, _ in scales) <= 0:
        raise NotAVolume("its pictures are scaled in different ways")
    kinds = {each.header.rescale_type for each in slices.members}
    units = {each.header.units for each in slices.members}
    if len(kinds) > 1 or len(units) > 1:
        raise NotAVolume("its values do not all mean the same")
    return scales


def _stored_range(slices: Slices) -> tuple[int, int]:
    header = slices.members[0].header
    bits = header.bits_stored or 16
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if header.signed else (0, (1 << bits) - 1)


def _check_holds(kind: np.dtype[Any], array: Voxels) -> None:
    limits = np.iinfo(kind)
    if array.size and not (
        max(limits.min, -EXACT_MOST) <= array.min() and array.max() <= min(limits.max, EXACT_MOST)
    ):
        raise NotAVolume("its values are too large")


def _whole(padding: tuple[float, float] | None) -> tuple[int, int] | None:
    return None if padding is None else (math.ceil(padding[0]), math.floor(padding[1]))
