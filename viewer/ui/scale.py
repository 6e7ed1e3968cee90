"""How long a millimetre is on the screen: the bar, and the picture in its true size.

True size trusts what the screen says of its own size; nothing else is known of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from viewer.dicom.calibration import Basis
from viewer.dicom.pixels import Pixels
from viewer.dicom.regions import region_for
from viewer.ui.view_state import ViewState, to_image

MM_AN_INCH = 25.4
PX_AN_INCH = (30.0, 1000.0)  # a screen that says anything else is not believed
BAR_MOST_PX = 180.0
BAR_SHARE = 0.35  # of the viewport, at most
ROUND = (1, 2, 5)
IN_CM_FROM_MM = 10.0
SQUARE = 0.02  # by how much a mm may differ between the two directions

WORDS: dict[Basis, str] = {
    Basis.BODY: "Scale: in the body",
    Basis.GEOMETRY: "Scale: corrected for magnification",
    Basis.FIDUCIAL: "Scale: calibrated by an object of known size",
    Basis.CALIBRATED: "Scale: corrected, the file does not say how",
    Basis.BEAM: "Scale: at the middle of the beam",
    Basis.MAGNIFIED: "Scale: estimated, from the magnification",
    Basis.DETECTOR: "Scale: on the detector; the body is smaller",
    Basis.CENTRE: "Scale: at the scanner's centre only",
    Basis.SCANNED: "Scale: on the film",
    Basis.SLIDE: "Scale: on the glass",
    Basis.UNKNOWN: "Scale: as the file says, not how",
    Basis.REGIONS: "Scale: of the ultrasound",
}
IN_THE_BODY = frozenset(
    {Basis.BODY, Basis.GEOMETRY, Basis.FIDUCIAL, Basis.CALIBRATED, Basis.REGIONS}
)
UNKNOWN_SIZE = "The file does not say how large a pixel is"
NOT_THE_BODY = "The file does not say how large the body is, only what lay on the detector or film"
NOT_ALIKE = "A millimetre is not as long in both directions of this picture"
NO_SCREEN = "The screen does not say how large it is"


@dataclass(frozen=True, slots=True)
class Scale:
    """mm an image unit, to the right and down in the picture itself; and whose word that is."""

    across_mm: float
    down_mm: float
    basis: Basis

    @property
    def words(self) -> str:
        return WORDS[self.basis]

    def on_screen_mm(self, view: ViewState) -> float:
        """Return the mm of one image unit to the right on the screen."""
        return self.down_mm if view.rotation % 180 else self.across_mm


@dataclass(frozen=True, slots=True)
class Bar:
    """A length that is easily told."""

    length_px: float
    words: str


def scale(pixels: Pixels, view: ViewState) -> Scale | None:
    """Return the scale of what is in the middle of the viewport, or None if it has none."""
    calibration, spacing = pixels.calibration, pixels.calibration.spacing_mm
    if calibration.basis is Basis.REGIONS:
        x, y = to_image(view, (view.viewport[0] / 2, view.viewport[1] / 2))
        region = region_for(calibration.regions, ((x - 0.5, y / pixels.aspect - 0.5),))
        if region is None or not region.is_plane:
            return None
        spacing = abs(region.delta[1]) * 10, abs(region.delta[0]) * 10  # of cm
    if spacing is None or calibration.basis not in WORDS:
        return None
    return Scale(spacing[1], spacing[0] / pixels.aspect, calibration.basis)


def bar(of: Scale, view: ViewState) -> Bar | None:
    """Return the longest round bar that does not cover much; None if there is none."""
    mm_a_px = of.on_screen_mm(view) / view.zoom
    most_mm = min(BAR_MOST_PX, BAR_SHARE * view.viewport[0]) * mm_a_px
    if not 1e-6 < most_mm < 1e6:
        return None
    power = 10.0 ** math.floor(math.log10(most_mm))
    length_mm = max(each * power for each in ROUND if each * power <= most_mm * (1 + 1e-9))
    return Bar(length_mm / mm_a_px, told_length(length_mm))


def told_length(length_mm: float) -> str:
    """Return a length as it is spoken of: cm from 1 cm on, mm, µm below 1 mm."""
    if length_mm >= IN_CM_FROM_MM:
        return f"{length_mm / 10:g} cm"
    return f"{length_mm:g} mm" if length_mm >= 1 else f"{length_mm * 1000:g} µm"


def true_zoom(of: Scale | None, px_an_inch: float) -> float | str:
    """Return the zoom at which a millimetre is one on the screen, or why there is none.

    Args:
        px_an_inch: of the screen, as it says, in the px that `ViewState` counts in.
    """
    if of is None:
        return UNKNOWN_SIZE
    if of.basis not in IN_THE_BODY:
        return NOT_THE_BODY
    if abs(of.across_mm / of.down_mm - 1) > SQUARE:
        return NOT_ALIKE
    if not PX_AN_INCH[0] <= px_an_inch <= PX_AN_INCH[1]:
        return NO_SCREEN
    return of.across_mm * px_an_inch / MM_AN_INCH
