"""A picture of a volume from another side, without a window."""

from __future__ import annotations

from dataclasses import dataclass

from app.pictures import FolderPictures
from viewer.dicom.geometry import Vector
from viewer.dicom.pixels import Pixels
from viewer.dicom.source import SeriesView
from viewer.render.aim import Aim, View, start
from viewer.render.lattice import Lattice
from viewer.render.reslice import Mode, Slab, reslice, thickness_mm
from viewer.render.slices import parted
from viewer.render.volume import Volume
from wallet.errors import RequestInvalid
from wallet.ports import Progress

VIEWS = {each.name.lower(): each for each in View}
MODES = {"mip": Mode.GREATEST, "minip": Mode.LEAST, "mean": Mode.MEAN}
_AXES = {View.SAGITTAL: 0, View.CORONAL: 1, View.AXIAL: 2}  # toward the left, the back, the head


@dataclass(frozen=True, slots=True)
class Cut:
    """A picture that was cut from a volume, and where."""

    pixels: Pixels
    position_mm: float  # of the picture's middle, along the axis that it crosses
    thick_mm: float  # of the slab; 0 for as thin as can be


def cut(
    pictures: FolderPictures,
    series: SeriesView,
    view: View,
    position_mm: float | None,
    slab: Slab,
    progress: Progress,
) -> Cut:
    """Return the picture of a series' first volume.

    Args:
        position_mm: in the space of the person, toward the left (sagittal), the back (coronal)
            or the head (axial); the middle of the volume if None.

    Raises: NotAVolume, RequestInvalid, and what decoding raises.
    """
    stack = parted(series.headers)[0]
    aim = start(stack.lattice)
    if position_mm is not None:
        aim = _moved(aim, view, position_mm)
    volume = Volume(stack)
    for done, place in enumerate(stack.middle_first):
        progress("Reading the slices", done, len(stack.members))
        member = stack.members[place]
        volume.put(place, pictures.decode(series, member.instance, member.frame))
    plane = aim.plane(view)
    thick = thickness_mm(aim.lattice, plane, slab) if slab.thickness_mm else 0.0
    return Cut(reslice(volume, plane, slab), aim.point_mm[_AXES[view]], thick)


def _moved(aim: Aim, view: View, position_mm: float) -> Aim:
    """Return the aim moved along the view's normal to that position."""
    axis, normal = _AXES[view], aim.facing[view].normal
    way = (position_mm - aim.point_mm[axis]) / normal[axis]
    x, y, z = (at + way * each for at, each in zip(aim.point_mm, normal, strict=True))
    if not _is_inside(aim.lattice, (x, y, z)):
        ends = [corner[axis] for corner in aim.lattice.corners_mm]
        raise RequestInvalid(
            f"--position lies outside the volume, which reaches from {min(ends):.1f} to "
            f"{max(ends):.1f} mm"
        )
    return aim.moved((x, y, z))


def _is_inside(lattice: Lattice, point_mm: Vector) -> bool:
    index = zip(lattice.to_index(point_mm), lattice.sizes, strict=True)
    return all(-0.5 <= at <= size - 0.5 for at, size in index)
