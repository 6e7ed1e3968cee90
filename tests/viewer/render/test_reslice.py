"""Pictures cut from a volume beside scipy, and beside the slices that it was made of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates
from scipy.spatial.transform import Rotation

from viewer.dicom.geometry import Plane, plane
from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.render.reslice import THIN, Mode, Slab, aligned, reslice, sampled, thickness_mm
from viewer.render.slices import parted
from viewer.render.volume import Volume

SHAPE = (11, 17, 23)  # slices, rows, columns
SPACING = (0.7, 0.9, 1.6)  # between columns, rows, slices
NOWHERE = 30.0  # mm outside


def volume(
    array: np.ndarray,
    turn: Rotation | None = None,
    tilt_deg: float = 0.0,
    padding: tuple[int, int] | None = None,
    flipped: bool = False,
) -> Volume:
    """Put slices into a volume that lies anyhow."""
    turn = turn or Rotation.identity()
    tilt = math.radians(tilt_deg)
    row, column = turn.apply((1, 0, 0)), turn.apply((0, math.cos(tilt), math.sin(tilt)))
    step = turn.apply((0, 0, -SPACING[2] if flipped else SPACING[2]))
    headers = [
        Header(
            modality="CT",
            rows=array.shape[1],
            columns=array.shape[2],
            drawable=True,
            photometric="MONOCHROME2",
            bits_stored=16,
            signed=array.dtype.kind == "i",
            position=tuple(np.array((-5.0, 3.0, 8.0)) + k * step),
            orientation=(*row, *column),
            spacing_mm=(SPACING[1], SPACING[0]),
            frame_of_reference="1.2",
        )
        for k in range(len(array))
    ]
    (slices,) = parted(headers)
    made = Volume(slices)
    for place, each in enumerate(slices.members):
        given = array[each.instance]
        made.put(place, Pixels(given, "MONOCHROME2", 16, given.dtype.kind == "i", padding=padding))
    return made


def noise(kind: type = np.int16) -> np.ndarray:
    limits = np.iinfo(kind)
    low, high = limits.min + 1, limits.max - 1
    return np.random.default_rng(7).integers(low, high, SHAPE).astype(kind)


def across(made: Volume, turn: Rotation, size: int = 40, gap: float = 0.6) -> Plane:
    """A square through the middle of a volume."""
    row, column = turn.apply((1, 0, 0)), turn.apply((0, 1, 0))
    origin = np.array(made.lattice.middle_mm) - (row + column) * gap * (size - 1) / 2
    return Plane(tuple(origin), tuple(row), tuple(column), (gap, gap), size, size, "1.2")


def places(made: Volume, on: Plane, out_mm: float = 0.0) -> np.ndarray:
    """The index (slice, row, column) of each pixel, by the equation of the standard."""
    rows, columns = np.mgrid[0 : on.rows, 0 : on.columns]
    points = (
        np.array(on.origin_mm)
        + columns[..., None] * on.spacing_mm[1] * np.array(on.row)
        + rows[..., None] * on.spacing_mm[0] * np.array(on.column)
        + out_mm * np.array(on.normal)
    )
    ones = np.concatenate([points, np.ones((*rows.shape, 1))], axis=-1)
    return np.moveaxis(ones @ np.linalg.inv(made.lattice.affine).T, -1, 0)[2::-1]


def inside(at: np.ndarray, shape: tuple[int, ...] = SHAPE) -> tuple[np.ndarray, np.ndarray]:
    """Which pixels lie well inside the voxels, and which lie anywhere near their edge."""
    sizes = np.array(shape)[:, None, None]
    near = (np.abs(at + 0.5) < 1e-6) | (np.abs(at - sizes + 0.5) < 1e-6)
    return ((at >= -0.5) & (at <= sizes - 0.5)).all(axis=0), near.any(axis=0)


turns = st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: math.hypot(*q) > 0.1)
TURNED = Rotation.from_euler("xyz", (20, -35, 50), degrees=True)


@settings(max_examples=40)
@given(turns, turns, st.floats(-30, 30))
def test_an_oblique_picture_is_scipys(
    one: tuple[float, ...], other: tuple[float, ...], tilt: float
) -> None:
    array = np.random.default_rng(1).integers(-1024, 3072, SHAPE).astype(np.int16)
    made = volume(array, Rotation.from_quat(one), tilt)
    on = across(made, Rotation.from_quat(other))
    found, at = sampled(made, on), places(made, on)
    expected = map_coordinates(made.values, at, order=1, mode="nearest", output=np.float64)
    is_there, is_edge = inside(at)
    assert is_there.any()
    assert np.abs(found - expected)[is_there & ~is_edge].max(initial=0) < 0.002
    assert np.isnan(found[~is_there & ~is_edge]).all()
    assert not np.isnan(found[is_there & ~is_edge]).any()


@pytest.mark.parametrize("kind", [np.int16, np.uint16])
def test_values_as_far_apart_as_can_be_do_not_overflow(kind: type) -> None:
    limits = np.iinfo(kind)
    array = np.where(np.indices(SHAPE).sum(axis=0) % 2, limits.min + 1, limits.max - 1).astype(kind)
    made = volume(array)
    on = across(made, TURNED)
    expected = map_coordinates(
        made.values, places(made, on), order=1, mode="nearest", output=np.float64
    )
    is_there, is_edge = inside(places(made, on))
    kept = is_there & ~is_edge
    found = reslice(made, on)
    assert np.abs(found.array - expected)[kept].max() <= 0.5 + 0.03
    assert (found.array[~is_there & ~is_edge] == made.fill).all()
    assert found.padding == (made.fill, made.fill)


@settings(max_examples=20)
@given(turns)
def test_a_rough_picture_shows_the_nearest_voxels(turn: tuple[float, ...]) -> None:
    made = volume(noise())
    on = across(made, Rotation.from_quat(turn))
    found, at = reslice(made, on, rough=True).array, places(made, on)
    is_there, is_edge = inside(at)
    halfway = (np.abs(at - np.floor(at) - 0.5) < 1e-3).any(axis=0)
    nearest = np.rint(at).clip(0, np.array(SHAPE)[:, None, None] - 1).astype(int)
    expected = np.where(is_there, made.values[tuple(nearest)], made.fill)
    np.testing.assert_array_equal(found[~halfway & ~is_edge], expected[~halfway & ~is_edge])


@pytest.mark.parametrize("kind", [np.int16, np.uint16, np.uint8])
@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("tilt", [0.0, 17.0])
@pytest.mark.parametrize("turn", [Rotation.identity(), TURNED])
def test_a_picture_on_an_original_slice_is_that_slice_bit_for_bit(
    kind: type, flipped: bool, tilt: float, turn: Rotation
) -> None:
    array = noise(kind)
    made = volume(array, turn, tilt, flipped=flipped)
    for each in made.slices.members:
        found = reslice(made, each.plane)
        assert aligned(made.lattice, each.plane)
        np.testing.assert_array_equal(found.array, array[each.instance])
        assert found.array.dtype.itemsize == 2
        assert np.shares_memory(found.array, made.values)
        wider = reslice(made, _wider(each.plane))  # which cannot be taken as it lies
        np.testing.assert_array_equal(wider.array[1:, 2:], array[each.instance])
        assert (wider.array[0] == made.fill).all()
        assert (wider.array[:, :2] == made.fill).all()


def _wider(on: Plane) -> Plane:
    """The same picture with a row more above it, and two columns at its left."""
    origin = on.to_patient(-2, -1)
    return Plane(origin, on.row, on.column, on.spacing_mm, on.rows + 1, on.columns + 2)


AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}


@pytest.mark.parametrize("row", ["x", "-x", "y", "-y", "z", "-z"])
@pytest.mark.parametrize("column", ["x", "-x", "y", "-y", "z", "-z"])
@pytest.mark.parametrize("slab", [THIN, Slab(4.0), Slab(4.0, Mode.LEAST), Slab(4.0, Mode.MEAN)])
def test_pictures_along_the_lattice_are_what_interpolation_would_give(
    row: str, column: str, slab: Slab
) -> None:
    if row[-1] == column[-1]:
        return
    made = volume(noise())
    gap = dict(zip("xyz", SPACING, strict=True))
    count = dict(zip("xyz", SHAPE[::-1], strict=True))
    start = [4.0, 5.0, 6.0]  # index
    for name in (row, column):
        start["xyz".index(name[-1])] = count[name[-1]] - 1 if name[0] == "-" else 0
    ways = [tuple((-1 if n[0] == "-" else 1) * e for e in AXES[n[-1]]) for n in (row, column)]
    on = Plane(
        made.lattice.to_patient(start),
        *ways,
        (gap[column[-1]], gap[row[-1]]),
        count[column[-1]],
        count[row[-1]],
    )
    assert aligned(made.lattice, on, slab)
    found = reslice(made, on, slab)
    third = next(each for each in "xyz" if each not in (row[-1], column[-1]))
    layers = max(1, round(slab.thickness_mm / gap[third]))
    first = int(start["xyz".index(third)]) - (layers - 1) // 2
    outward = 1 if on.normal["xyz".index(third)] > 0 else -1
    ways_mm = [(first + n - start["xyz".index(third)]) * gap[third] for n in range(layers)]
    if outward < 0:
        ways_mm = [-each for each in ways_mm]
    expected = [
        map_coordinates(made.values, places(made, on, way).round(6), order=1, output=np.float64)
        for way in ways_mm
    ]
    mix: Any = {Mode.GREATEST: np.max, Mode.LEAST: np.min, Mode.MEAN: np.mean}[slab.mode]
    assert np.abs(found.array - mix(expected, axis=0)).max() <= 0.5 + 0.01
    assert found.spacing_mm == on.spacing_mm
    assert thickness_mm(made.lattice, on, slab) == pytest.approx(layers * gap[third])


@pytest.mark.parametrize("mode", list(Mode))
def test_an_oblique_slab_is_mixed_of_layers_no_further_apart_than_voxels(mode: Mode) -> None:
    array = np.random.default_rng(1).integers(-1024, 3072, SHAPE).astype(np.int16)
    made = volume(array)
    on = across(made, TURNED, size=20, gap=0.25)  # small enough to lie inside
    thickness = 3.0
    per_mm = np.abs(np.linalg.inv(made.lattice.affine)[:3, :3] @ on.normal).max()
    count = math.ceil(thickness * per_mm)
    ways = [(n + 0.5) * thickness / count - thickness / 2 for n in range(count)]
    layers = [
        map_coordinates(made.values, places(made, on, way), order=1, output=np.float64)
        for way in ways
    ]
    mix: Any = {Mode.GREATEST: np.max, Mode.LEAST: np.min, Mode.MEAN: np.mean}[mode]
    found = sampled(made, on, Slab(thickness, mode))
    assert np.abs(found - mix(layers, axis=0)).max() < 0.002
    assert thickness_mm(made.lattice, on, Slab(thickness, mode)) == thickness


def test_padding_is_not_mixed_with_what_lies_beside_it() -> None:
    array = np.full(SHAPE, 100, np.int16)
    array[:, :, :8] = -2000
    made = volume(array, padding=(-2000, -2000))
    found = reslice(made, across(made, TURNED)).array
    assert set(np.unique(found)) == {-2000, 100}
    at = places(made, across(made, TURNED))
    is_there, _ = inside(at)
    assert (found == 100).sum() == pytest.approx((is_there & (at[2] >= 7.5)).sum(), abs=3)


@pytest.mark.parametrize(("mode", "expected"), [(Mode.LEAST, 100), (Mode.MEAN, 100)])
@pytest.mark.parametrize("turn", [Rotation.identity(), TURNED])
def test_padding_counts_for_nothing_in_a_slab(mode: Mode, expected: int, turn: Rotation) -> None:
    array = np.full(SHAPE, 100, np.int16)
    array[::2] = -2000
    made = volume(array, padding=(-2000, -2000))
    on = across(made, turn, size=8)
    assert set(np.unique(reslice(made, on, Slab(9.0, mode)).array)) == {expected}


def test_what_has_not_arrived_is_padding_in_every_direction() -> None:
    array = noise()
    whole = volume(array)
    made = Volume(whole.slices)
    for place in range(4, 8):
        made.put(place, Pixels(array[place], "MONOCHROME2", 16, True))
    upright = Plane(
        made.lattice.to_patient((0, 5, 10)), (1.0, 0, 0), (0, 0, -1.0), (1.6, 0.7), 11, 23
    )
    found = reslice(made, upright).array
    np.testing.assert_array_equal(found[3:7], array[7:3:-1, 5])
    assert (np.delete(found, range(3, 7), axis=0) == made.fill).all()
    turned = across(made, TURNED)
    seen = reslice(made, turned).array
    depth = places(made, turned)[0]
    assert (seen[(depth < 3.5 - 1e-6) | (depth > 7.5 + 1e-6)] == made.fill).all()
    assert (seen[(depth > 4) & (depth < 7) & inside(places(made, turned))[0]] != made.fill).all()


def test_outside_the_volume_all_is_padding() -> None:
    made = volume(noise())
    on = across(made, Rotation.identity())
    away = Plane(on.to_patient(0, 900), on.row, on.column, on.spacing_mm, on.rows, on.columns)
    for rough in (False, True):
        assert (reslice(made, away, rough=rough).array == made.fill).all()
    assert (reslice(made, away, Slab(5.0, Mode.MEAN)).array == made.fill).all()


def test_the_plane_of_a_header_is_the_plane_that_is_cut() -> None:
    made = volume(noise())
    assert plane(made.slices.members[3].header) == made.slices.members[3].plane


@pytest.mark.parametrize(("rows", "columns"), [(3, 1), (1, 4), (2, 5)])
@pytest.mark.parametrize("padding", [None, (-2000, -2000)])
def test_rows_between_those_of_the_lattice_are_interpolated(
    rows: int, columns: int, padding: tuple[int, int] | None
) -> None:
    array = np.random.default_rng(5).integers(-1000, 3000, SHAPE).astype(np.int16)
    made = volume(array, TURNED)
    on = made.slices.members[4].plane
    finer = Plane(
        on.origin_mm,
        on.row,
        on.column,
        (on.spacing_mm[0] / rows, on.spacing_mm[1] / columns),
        (on.rows - 1) * rows + 1,
        (on.columns - 1) * columns + 1,
    )
    layers = aligned(made.lattice, finer)
    assert layers is not None
    assert layers.finer == (rows, columns)
    found = reslice(made, finer).array
    expected = map_coordinates(
        made.values, places(made, finer).round(9), order=1, mode="nearest", output=np.float64
    )
    assert np.abs(found - expected).max() <= (0.51 if 1 in (rows, columns) else 1.01)
    np.testing.assert_array_equal(found[::rows, ::columns], array[4])
    if padding is not None:
        array[4, 5:9, 6:10] = -2000
        padded = reslice(volume(array, TURNED, padding=padding), finer).array
        at = places(made, finer)
        rest = np.abs(at - np.floor(at) - 0.5).min(axis=0) > 1e-6  # not halfway
        nearest = np.rint(at).astype(int).clip(0, np.array(SHAPE)[:, None, None] - 1)
        inside = array[tuple(nearest)] == -2000
        np.testing.assert_array_equal((padded == -2000)[rest], inside[rest])
        assert not ((padded > -2000) & (padded < -1000)).any()
