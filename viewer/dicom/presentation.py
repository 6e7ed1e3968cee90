"""A presentation state: how somebody wanted other pictures to be seen, checked and ready to apply.

Source: PS3.3 A.33, C.10, C.11; PS3.4 N.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from viewer.dicom.documents import Reference
from viewer.dicom.pixels import Lut, Pixels

MAX_PARTS = 512  # of windows, areas, layers, shutters
MAX_GRAPHICS = 4096
MAX_NUMBERS = 20_000  # of one graphic
MAX_WORDS = 10_240
Colour = tuple[int, int, int]  # red, green, blue, 0 to 255
Numbers = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Voi:
    """A window or a table for some pictures; for all that are referenced, if for none by name."""

    references: tuple[Reference, ...]
    window: tuple[float, float, str] | None = None  # centre, width, explanation
    function: str = "LINEAR"
    table: Lut | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """The part of a picture that is to be in sight, in pixels from its upper left corner."""

    references: tuple[Reference, ...]
    left: float
    top: float
    right: float
    bottom: float
    mode: str  # SCALE TO FIT, TRUE SIZE or MAGNIFY
    spacing_mm: tuple[float, float] | None = None  # between rows, between columns
    aspect: float | None = None  # height of a pixel over its width
    magnification: float | None = None  # screen pixels a pixel, for MAGNIFY


@dataclass(frozen=True, slots=True)
class Shutter:
    """What is not to be seen: all outside of a shape. Source: PS3.3 C.7.6.11.

    Pixels counted from 1 as columns and rows: of a rectangle left, upper, right and lower edge; of
    a circle the column and row of its centre, and its radius; of a polygon columns and rows.
    """

    shape: str  # RECTANGULAR, CIRCULAR or POLYGONAL
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Graphic:
    """A drawing. Pixels count from the upper left corner of the first one, from 0.0.

    In DISPLAY units 0 to 1 is the width and the height of the area in sight.
    """

    kind: str  # POINT, POLYLINE, INTERPOLATED, CIRCLE or ELLIPSE
    units: str  # PIXEL or DISPLAY
    points: Numbers  # x and y, one after another
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A text in a box, or at a point that it tells about, or both."""

    text: str
    box: Numbers = ()  # left, top, right, bottom
    box_units: str = "PIXEL"
    justification: str = "LEFT"  # LEFT, CENTER or RIGHT
    anchor: Numbers = ()  # x, y
    anchor_units: str = "PIXEL"
    anchor_visible: bool = False


@dataclass(frozen=True, slots=True)
class Annotation:
    """What is drawn over some pictures, in one layer."""

    references: tuple[Reference, ...]
    layer: str
    graphics: tuple[Graphic, ...] = ()
    words: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphicLayer:
    """A layer and the colour that is recommended for it."""

    name: str
    order: int
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class PresentationState:
    """How some pictures are to be seen."""

    label: str
    description: str = ""
    creator: str = ""
    created: str = ""  # DICOM DT
    references: tuple[Reference, ...] = ()
    is_grey: bool = True  # its grey steps stand in place of the pictures' own
    rescale: tuple[float, float] = (1.0, 0.0)  # slope, intercept
    modality_lut: Lut | None = None
    vois: tuple[Voi, ...] = ()
    shape: str = ""  # IDENTITY or INVERSE
    presentation_lut: Lut | None = None
    areas: tuple[Area, ...] = ()
    rotation: int = 0  # degrees clockwise, before the flip
    flipped: bool = False  # left for right
    shutters: tuple[Shutter, ...] = ()
    shutter_grey: int = 0  # 0 to 255
    layers: tuple[GraphicLayer, ...] = ()
    annotations: tuple[Annotation, ...] = field(default=(), repr=False)
    missing: tuple[str, ...] = ()  # in plain words, what of it is not applied

    def covers(self, sop_uid: str, frame: int) -> bool:
        """Whether this is how that frame, counted from 0, is to be seen."""
        return any(_points_at(each, sop_uid, frame) for each in self.references)

    def area(self, sop_uid: str, frame: int) -> Area | None:
        """Return the part of a frame that is to be in sight."""
        found = (each for each in self.areas if _is_for(each.references, sop_uid, frame))
        return next(found, None)

    def voi(self, sop_uid: str, frame: int) -> Voi | None:
        """Return the window or table for a frame."""
        found = (each for each in self.vois if _is_for(each.references, sop_uid, frame))
        return next(found, None)

    def drawn(self, sop_uid: str, frame: int) -> list[tuple[GraphicLayer, Annotation]]:
        """Return what lies over a frame, the lowest layer first."""
        layers = {each.name: each for each in self.layers}
        found = [
            (layers.get(each.layer, GraphicLayer(each.layer, 0)), each)
            for each in self.annotations
            if _is_for(each.references, sop_uid, frame)
        ]
        return sorted(found, key=lambda each: each[0].order)


def states_for(
    states: Iterable[PresentationState], sop_uid: str, frame: int
) -> list[PresentationState]:
    """Return the states of a frame, the latest first."""
    found = [each for each in states if each.covers(sop_uid, frame)]
    return sorted(found, key=lambda each: each.created, reverse=True)


def applied(state: PresentationState, pixels: Pixels, sop_uid: str, frame: int) -> Pixels:
    """Return a frame whose grey steps are those of a state: nothing of its own stays.

    What the state does not say is no step at all, not the picture's own. Colour stays as it is.
    """
    if not state.is_grey or pixels.array.ndim == 3 or pixels.palette is not None:
        return pixels
    voi = state.voi(sop_uid, frame)
    is_same = state.rescale == (pixels.rescale_slope, pixels.rescale_intercept)
    unit = pixels.calibration
    if not is_same or state.modality_lut is not None or pixels.modality_lut is not None:
        unit = replace(unit, unit="", tracer=None)  # its values are no longer what they were
    found = replace(
        pixels,
        calibration=unit,
        rescale_slope=state.rescale[0],
        rescale_intercept=state.rescale[1],
        modality_lut=state.modality_lut,
        windows=(),
        voi_luts=(),
        presentation_shape=state.shape or "IDENTITY",
        presentation_lut=state.presentation_lut,
    )
    if voi is not None and voi.table is not None:
        return replace(found, voi_luts=(voi.table,))
    if voi is not None and voi.window is not None:
        return replace(found, windows=(voi.window,), voi_function=voi.function)
    return replace(found, windows=(_every_value(found),), voi_function="LINEAR")


def _every_value(pixels: Pixels) -> tuple[float, float, str]:
    """Return the window from the least to the greatest value that there can be."""
    if pixels.modality_lut is not None:
        low, high = 0.0, float(2**pixels.modality_lut.bits - 1)
    else:
        bits = pixels.bits_stored
        ends = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if pixels.signed else (0, 2**bits - 1)
        slope, intercept = pixels.rescale_slope, pixels.rescale_intercept
        low, high = sorted(slope * each + intercept for each in ends)
    return (low + high + 1) / 2, high - low + 1, ""


def _points_at(reference: Reference, sop_uid: str, frame: int) -> bool:
    here = bool(sop_uid) and reference.sop_uid == sop_uid
    return here and (not reference.frames or frame + 1 in reference.frames)


def _is_for(references: Sequence[Reference], sop_uid: str, frame: int) -> bool:
    return not references or any(_points_at(each, sop_uid, frame) for each in references)
