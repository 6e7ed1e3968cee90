"""What stands in the corners of a picture that was cut from a volume."""

from __future__ import annotations

from viewer.dicom.source import SeriesView
from viewer.render.aim import Aim, View
from viewer.render.orientation import LETTERS
from viewer.render.remarks import remarks
from viewer.render.reslice import Mode, Slab, aligned, thickness_mm
from viewer.render.volume import Volume
from viewer.ui import corners, plain
from viewer.ui.image_view import ImageView
from viewer.ui.overlay import Corners

TILTED_FROM_DEG = 0.5
MODES = {
    Mode.GREATEST: "brightest shown (MIP)",
    Mode.LEAST: "darkest shown (MinIP)",
    Mode.MEAN: "mean",
}


def tell(series: SeriesView, aim: Aim, view: View, slab: Slab, image: ImageView) -> Corners:
    """Return the words for one of the three pictures."""
    plane = aim.plane(view)
    name = f"{view.value}, turned" if aim.is_turned(view) else view.value
    return Corners(
        top_left=(name, plain.plain(series.title)),
        top_right=tuple(_how(aim, view, slab)),
        bottom_left=tuple(corners.brightness(image)),
        bottom_right=(
            *(remarks(image.drawable.pixels) if image.drawable else ()),
            *([image.scale.words] if image.scale is not None else []),
            f"{plane.columns} × {plane.rows} pixels",
        ),
        notice=corners.NOTICE,
    )


def _how(aim: Aim, view: View, slab: Slab) -> list[str]:
    """Return where the picture lies, how thick it is, and whether it was made or taken so."""
    plane = aim.plane(view)
    layers = aligned(aim.lattice, plane)
    if layers is not None and layers.through == 0 and not slab.thickness_mm:
        number = layers.cut[0].start + 1
        return [f"Slice {number} of {aim.lattice.shape[0]}, as it was taken", _where(aim, view)]
    lines = ["Reformatted", _where(aim, view)]
    if slab.thickness_mm:
        thick = thickness_mm(aim.lattice, plane, slab)
        lines.append(f"{thick:.1f} mm thick, {MODES[slab.mode]}")
    if aim.lattice.tilt_deg >= TILTED_FROM_DEG and not aim.is_turned(view):
        lines.append(f"Tilt corrected ({aim.lattice.tilt_deg:.1f}°)")
    return lines


def _where(aim: Aim, view: View) -> str:
    """Return the place along the normal, or the point, from where the scanner counts."""
    letters = [
        f"{sides[at < 0]} {abs(at):.1f}" for at, sides in zip(aim.point_mm, LETTERS, strict=True)
    ]
    if aim.is_turned(view):
        return f"Through {' '.join(letters)} mm"
    normal = aim.facing[view].normal
    axis = max(range(3), key=lambda each: abs(normal[each]))
    return f"{letters[axis]} mm"


def state(volume: Volume, waiting: int) -> str:
    """Return what is not there, or not yet; empty if all is.

    Args:
        waiting: slices that may still come.
    """
    count, missing = len(volume.has), volume.missing
    if waiting:
        return f"Loading slice {count - waiting} of {count}…"
    return f"{missing} of {count} slices could not be read: they are left black" if missing else ""
