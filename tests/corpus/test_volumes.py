"""Volumes of real series: their places by pydicom and highdicom, their pictures bit for bit."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
from scipy.ndimage import map_coordinates

from viewer.dicom.header import Header
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.scan import scan
from viewer.errors import NotAVolume
from viewer.render.aim import View, start
from viewer.render.reslice import aligned, reslice, sampled
from viewer.render.slices import Slices, parted
from viewer.render.volume import Volume

pytestmark = pytest.mark.corpus
TILTED = "dcm_qa_ct/S21610/S2010"
UNEVEN_SCALES = "dicom2nifti/generic/anatomical/002_non_isotropic"
OBLIQUE = "rt-utils/oriented_data"
PLAIN = (
    "dcmqi/segmentations/23x38x3/image",
    "dicom2nifti/generic/compressed_rle/001",
    "dicom2nifti/hitachi/anatomical/001",
    OBLIQUE,
    TILTED,
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


def _folder(name: str) -> Path:
    given = os.environ.get("RAYFOLIO_TEST_DATA")
    assert given, "set RAYFOLIO_TEST_DATA to the folder of the test data"
    return Path(given) / "dicom" / name


def _read(name: str, sandbox: Sandbox) -> tuple[list[Path], list[Header]]:
    found = scan([_folder(name)], sandbox).files
    kept = [each for each in found if each.header.drawable]
    assert kept
    return [each.path for each in kept], [each.header for each in kept]


def _load(slices: Slices, files: list[Path], sandbox: Sandbox) -> Volume:
    volume = Volume(slices)
    for place in slices.middle_first:
        member = slices.members[place]
        fd = os.open(files[member.instance], os.O_RDONLY)
        try:
            volume.put(place, sandbox.decode(fd, member.frame))
        finally:
            os.close(fd)
    assert volume.missing == 0
    return volume


def _volume(name: str, sandbox: Sandbox) -> tuple[Volume, list[Path]]:
    files, headers = _read(name, sandbox)
    (slices,) = parted(headers)
    return _load(slices, files, sandbox), files


@pytest.mark.parametrize("name", PLAIN)
def test_every_voxel_lies_where_its_file_says_and_is_its_files(name: str, sandbox: Sandbox) -> None:
    volume, files = _volume(name, sandbox)
    for place, member in enumerate(volume.slices.members):
        told = pydicom.dcmread(files[member.instance])
        np.testing.assert_array_equal(volume.values[place], told.pixel_array)
        row, column = np.split(np.array(told.ImageOrientationPatient, dtype=float), 2)
        between_rows, between_columns = map(float, told.PixelSpacing)
        for i, j in ((0, 0), (told.Columns - 1, 0), (5, told.Rows - 1)):
            expected = (
                np.array(told.ImagePositionPatient, dtype=float)
                + i * between_columns * row / np.linalg.norm(row)
                + j * between_rows * column / np.linalg.norm(column)
            )
            found = volume.lattice.to_patient((i, j, place))
            assert found == pytest.approx(tuple(expected), abs=0.01)
        picture = reslice(volume, member.plane)
        np.testing.assert_array_equal(picture.array, told.pixel_array)


def test_the_gantrys_tilt_is_what_the_scanner_says(sandbox: Sandbox) -> None:
    volume, files = _volume(TILTED, sandbox)
    told = abs(float(pydicom.dcmread(files[0]).GantryDetectorTilt))
    assert volume.lattice.tilt_deg == pytest.approx(told, abs=0.05)
    assert told > 10
    assert volume.lattice.spacing_mm[2] == pytest.approx(2.5, abs=1e-6)


@pytest.mark.parametrize("view", list(View))
def test_tilted_slices_give_pictures_true_to_the_table(view: View, sandbox: Sandbox) -> None:
    volume, files = _volume(TILTED, sandbox)
    told = [pydicom.dcmread(each) for each in files]
    told.sort(key=lambda each: float(each.ImagePositionPatient[2]))
    values = np.stack([each.pixel_array for each in told])
    down = np.array(told[0].ImageOrientationPatient[3:], dtype=float)
    gap = float(told[0].PixelSpacing[0])
    first = np.array(told[0].ImagePositionPatient, dtype=float)
    plane = start(volume.lattice).plane(view)
    assert sorted(map(abs, plane.normal)) == pytest.approx([0, 0, 1], abs=1e-6)
    rows, columns = np.mgrid[0 : plane.rows, 0 : plane.columns]
    point = np.moveaxis(
        np.array(plane.origin_mm)
        + columns[..., None] * plane.spacing_mm[1] * np.array(plane.row)
        + rows[..., None] * plane.spacing_mm[0] * np.array(plane.column),
        -1,
        0,
    )
    x, y, z = point - first[:, None, None]
    # Rows go along x; a column leans in y and z; slices follow one another along z.
    row = y / (down[1] * gap)
    place = (z - row * down[2] * gap) / 2.5
    at = np.stack([place, row, x / gap])
    expected = map_coordinates(values, at, order=1, mode="nearest", output=np.float64)
    sizes = np.array(values.shape)[:, None, None]
    inside = ((at >= -0.49) & (at <= sizes - 0.51)).all(axis=0)
    assert inside.mean() > 0.5
    if aligned(volume.lattice, plane):
        assert np.abs(reslice(volume, plane).array - expected)[inside].max() <= 0.51
    else:
        assert np.abs(sampled(volume, plane) - expected)[inside].max() < 0.1


def test_frames_of_one_instance_are_the_volume_that_highdicom_reads(sandbox: Sandbox) -> None:
    files, headers = _read("dcmqi/segmentations/23x38x3/multiframe", sandbox)
    assert [each.frames for each in headers] == [3]
    (slices,) = parted(headers)
    volume = _load(slices, files, sandbox)
    same = sorted(_folder("dcmqi/segmentations/23x38x3/image").iterdir())
    theirs = highdicom.get_volume_from_series([pydicom.dcmread(each) for each in same])
    for place in range(3):
        for row, column in ((0, 0), (37, 22), (11, 5)):
            point = (theirs.affine @ (place, row, column, 1))[:3]
            x, y, z = map(round, volume.lattice.to_index(point))
            assert volume.lattice.to_patient((x, y, z)) == pytest.approx(tuple(point), abs=1e-4)
            scale = volume.look(volume.values[z], (1.0, 1.0))
            value = volume.values[z, y, x] * scale.rescale_slope + scale.rescale_intercept
            assert value == theirs.array[place, row, column]


def test_the_same_pictures_as_slices_and_as_frames_make_one_volume(sandbox: Sandbox) -> None:
    one, _ = _volume("dcmqi/segmentations/23x38x3/image", sandbox)
    other, _ = _volume("dcmqi/segmentations/23x38x3/multiframe", sandbox)
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_allclose(one.lattice.affine, other.lattice.affine, atol=1e-4)


def test_slices_of_their_own_scales_keep_their_values(sandbox: Sandbox) -> None:
    volume, files = _volume(UNEVEN_SCALES, sandbox)
    scale = volume.look(volume.values[0], (1.0, 1.0))
    slopes = []
    for place, member in enumerate(volume.slices.members):
        told = pydicom.dcmread(files[member.instance])
        slopes.append(float(told.RescaleSlope))
        exact = told.pixel_array * slopes[-1] + float(told.RescaleIntercept)
        found = volume.values[place] * scale.rescale_slope + scale.rescale_intercept
        assert np.abs(found - exact).max() <= 0.5 * scale.rescale_slope * (1 + 1e-6)
    assert len(set(slopes)) == 4
    assert scale.rescale_slope == min(slopes)
    assert volume.lattice.spacing_mm == pytest.approx((6.4, 4.0, 0.5), abs=0.001)


def test_a_functional_series_is_parted_by_time(sandbox: Sandbox) -> None:
    files, headers = _read("dicom2nifti/philips_enhanced/fmri/001", sandbox)
    found = parted(headers)
    assert [len(each.members) for each in found] == [8] * 4
    first = [_load(each, files, sandbox).values for each in found]
    assert all((a != b).any() for a, b in itertools.pairwise(first))
    frames = pydicom.dcmread(files[0]).PerFrameFunctionalGroupsSequence
    for number, part in enumerate(found):
        for member in part.members:
            content = frames[member.frame].FrameContentSequence[0]
            assert content.TemporalPositionIndex == number + 1


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("dcm_qa_table/Exam1487_Laser711mm/01_3_Plane_Localizer_FF", "not parallel"),
        ("pydicom/dicomdirtests/77654033/CT2", "missing"),
        ("dicom2nifti/generic/rgb/001", "in colour"),
    ],
)
def test_what_is_no_volume_is_refused(name: str, why: str, sandbox: Sandbox) -> None:
    _, headers = _read(name, sandbox)
    with pytest.raises(NotAVolume, match=why):
        parted(headers)
