"""Slices cut from a CT of 512 x 512 x 500: along its axes, and oblique ones beside VTK's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.ratio import Ratio, calls_per_s
from viewer.dicom.geometry import Plane
from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.render.reslice import aligned, reslice, sampled
from viewer.render.slices import parted
from viewer.render.volume import Volume

SIDE, SLICES, GAP_MM = 512, 500, 0.7
PLAIN_LEAST = 200.0  # a second: 5 ms each
OFF_MOST = 0.05  # HU
X, Y, UP = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0)
TOP_MM = (SLICES - 1) * GAP_MM
PLAIN = {
    "axial": ((0.0, 0.0, 100 * GAP_MM), X, Y, SIDE),
    "coronal": ((0.0, 100 * GAP_MM, TOP_MM), X, UP, SLICES),
    "sagittal": ((100 * GAP_MM, 0.0, TOP_MM), Y, UP, SLICES),
}


def measure() -> Iterator[Ratio]:
    """Cut slices along the volume's axes, then an oblique one."""
    volume = _volume()
    for name, (origin, row, column, rows) in PLAIN.items():
        plane = Plane(origin, row, column, (GAP_MM, GAP_MM), rows, SIDE)
        assert aligned(volume.lattice, plane)
        ours = calls_per_s(lambda on=plane: np.ascontiguousarray(reslice(volume, on).array))
        yield Ratio(f"{name} slices", ours, PLAIN_LEAST, "1/s", "5 ms each", 1.0)
    plane = _oblique(volume)
    ours, theirs = calls_per_s(lambda: reslice(volume, plane)), _vtk(volume, plane, rounded=True)
    other = calls_per_s(lambda: (theirs.Modified(), theirs.Update()))
    yield Ratio("oblique slices, linear", ours, other, "1/s", "vtkImageReslice", 1.0)
    exact = _vtk(volume, plane, rounded=False)
    off = 1000 * float(np.nanmax(np.abs(sampled(volume, plane) - _values(exact))))
    beside = "greatest difference to VTK's"
    yield Ratio("oblique, HU/1000 that it may be off", OFF_MOST * 1000, off, "", beside, 1.0)


def _volume() -> Volume:
    """A phantom with noise, stored as a scanner would."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] - SIDE / 2
    ripple = 300 * np.sin(columns / 20) * np.cos(rows / 31)
    body = np.where(np.hypot(rows, columns) < 220, 1064 + ripple, 0)
    grain = np.random.default_rng(1).normal(0, 14, (SIDE, SIDE))
    headers = [
        Header(
            modality="CT",
            rows=SIDE,
            columns=SIDE,
            drawable=True,
            photometric="MONOCHROME2",
            bits_stored=16,
            signed=True,
            position=(0.0, 0.0, place * GAP_MM),
            orientation=(*X, *Y),
            spacing_mm=(GAP_MM, GAP_MM),
            rescale_slope=1.0,
            rescale_intercept=-1024.0,
        )
        for place in range(SLICES)
    ]
    volume = Volume(parted(headers)[0])
    for place in range(SLICES):
        array = (body + np.roll(grain, 7 * place, axis=1)).astype(np.int16)
        volume.put(
            place, Pixels(array, "MONOCHROME2", 16, True, rescale_slope=1, rescale_intercept=-1024)
        )
    return volume


def _oblique(volume: Volume) -> Plane:
    """512 x 512 through the middle, turned about two axes."""
    about_z, about_row = math.radians(25), math.radians(20)
    row = (math.cos(about_z), math.sin(about_z), 0.0)
    column = (
        -math.sin(about_z) * math.cos(about_row),
        math.cos(about_z) * math.cos(about_row),
        math.sin(about_row),
    )
    half = (SIDE - 1) * GAP_MM / 2
    x, y, z = (
        m - half * r - half * c
        for m, r, c in zip(volume.lattice.middle_mm, row, column, strict=True)
    )
    return Plane((x, y, z), row, column, (GAP_MM, GAP_MM), SIDE, SIDE)


def _vtk(volume: Volume, plane: Plane, rounded: bool) -> Any:
    """The same slice as VTK cuts it, on one core as we do."""
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkImagingCore import vtkImageReslice

    image = vtkImageData()
    image.SetDimensions(*volume.lattice.sizes)
    image.SetSpacing(*volume.lattice.spacing_mm)
    image.SetOrigin(*volume.lattice.to_patient((0, 0, 0)))
    image.GetPointData().SetScalars(numpy_to_vtk(volume.values.reshape(-1)))
    found = vtkImageReslice()
    found.SetInputData(image)
    found.SetOutputDimensionality(2)
    found.SetResliceAxesDirectionCosines(*plane.row, *plane.column, *plane.normal)
    found.SetResliceAxesOrigin(*plane.origin_mm)
    found.SetOutputExtent(0, plane.columns - 1, 0, plane.rows - 1, 0, 0)
    found.SetOutputSpacing(*plane.spacing_mm, 1.0)
    found.SetOutputOrigin(0.0, 0.0, 0.0)
    found.SetInterpolationModeToLinear()
    found.SetNumberOfThreads(1)
    if not rounded:
        found.SetOutputScalarType(10)  # VTK_FLOAT
    found.Update()
    return found


def _values(found: Any) -> np.ndarray:
    from vtkmodules.util.numpy_support import vtk_to_numpy

    image = found.GetOutput()
    columns, rows, _ = image.GetDimensions()
    return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(rows, columns)
