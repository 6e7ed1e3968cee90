"""What a pixel measures: which spacing of a file counts, and how far it can be believed.

The rule: a unit only where the file says what a pixel is and does not contradict itself; where the
picture is a shadow on a detector, that is said; else lengths are in pixels. Source: PS3.3 10.7.1
(with CP-586), C.7.6.16.2.1, C.8.5.5, C.8.19.6.9.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from viewer.dicom.regions import Region, is_usable
from viewer.dicom.uptake import Tracer

CT, ENHANCED_CT, LEGACY_CT = (
    "1.2.840.10008.5.1.4.1.1.2",
    "1.2.840.10008.5.1.4.1.1.2.1",
    "1.2.840.10008.5.1.4.1.1.2.2",
)
_IMAGES = "1.2.840.10008.5.1.4.1.1."
PROJECTIONS = frozenset(  # SOP classes of pictures that are shadows
    _IMAGES + each
    for each in (
        *("1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1"),  # CR, DX, MG, IO
        *("12.1", "12.1.1", "12.2", "12.2.1", "12.3"),  # XA, XRF
        *("13.1.4", "13.1.5"),  # breast projection
        "481.1",  # RT image
    )
)
SHADOW_MODALITIES = frozenset({"CR", "DX", "MG", "IO", "PX", "XA", "RF", "RG", "DR", "RTIMAGE"})
_SECTIONS = frozenset({"CT", "MR", "PT", "NM", "OPT", "RTDOSE", "SEG"})
_SECONDARY = _IMAGES + "7"
SPACING_LEAST_MM, SPACING_MOST_MM = 1e-5, 100.0
FIELD_MOST_MM = 10_000.0
RATIO_MOST = 20.0  # of one side of a pixel to the other
SAME = 0.001  # relative; DS are decimal, and some writers round them
CONTRADICTS = 0.02
FACTOR_MOST = 10.0
FACTORS_AGREE = 0.05


class Basis(enum.Enum):
    """Where a millimetre of the scale lies."""

    BODY = "body"  # sections: the same everywhere
    GEOMETRY = "geometry"  # a shadow, corrected for its magnification at an assumed depth
    FIDUCIAL = "fiducial"  # a shadow, calibrated by an object of known size
    CALIBRATED = "calibrated"  # a shadow, corrected in a way that the file does not tell
    BEAM = "beam"  # a shadow, corrected for the middle of the beam
    MAGNIFIED = "magnified"  # a shadow, divided by an estimated factor
    DETECTOR = "detector"  # a shadow: things in the body are smaller
    CENTRE = "centre"  # a scout: right at the scanner's centre only
    SCANNED = "scanned"  # on the film or paper that was scanned
    SLIDE = "slide"  # on the glass
    UNKNOWN = "unknown"  # mm that the file does not explain
    REGIONS = "regions"  # ultrasound: each region has its own
    NONE = "none"  # nothing is known: pixels


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says, as it says it: mm, (between rows, between columns)."""

    modality: str = ""
    sop_class: str = ""
    image_type: tuple[str, ...] = ()
    has_plane: bool = False  # position and orientation in the patient
    pixel_mm: tuple[float, ...] = ()
    imager_mm: tuple[float, ...] = ()
    scanned_mm: tuple[float, ...] = ()
    beam_mm: tuple[float, ...] = ()  # at the middle of the beam
    aspect: tuple[float, ...] = ()  # height, width
    calibration: str = ""  # GEOMETRY or FIDUCIAL
    description: str = ""
    magnification: float | None = None
    source_detector_mm: float | None = None
    source_patient_mm: float | None = None
    rescaled: bool = False  # slope and intercept are there
    rescale_type: str = ""
    multi_energy: bool = False
    regions: tuple[Region, ...] = ()
    tracer: Tracer | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """What lengths and values of a frame mean."""

    basis: Basis = Basis.NONE
    spacing_mm: tuple[float, float] | None = None  # between rows, between columns
    description: str = ""  # of a calibration, in the file's words
    magnification: float | None = None  # what the detector's spacing was divided by
    problem: str = ""  # in plain words: what the file says and cannot be so
    regions: tuple[Region, ...] = ()
    unit: str = ""  # of modality values: HU, Bq/ml, g/ml, counts or what the file calls it
    tracer: Tracer | None = None  # for SUV

    @property
    def is_known(self) -> bool:
        return self.spacing_mm is not None or bool(self.regions)


def calibrate(told: Told, rows: int, columns: int) -> Calibration:
    """Return what a frame of `rows` x `columns` can be measured in."""
    basis, spacing, factor, problem = _spacing(told, rows, columns)
    regions = tuple(each for each in told.regions if is_usable(each, rows, columns))
    if told.regions:
        basis, spacing, factor = (Basis.REGIONS if regions else Basis.NONE), None, None
        lost = len(told.regions) - len(regions)
        problem = "some of its areas make no sense" if lost else ""
    is_read = basis in (Basis.GEOMETRY, Basis.FIDUCIAL, Basis.CALIBRATED)
    return Calibration(
        basis=basis,
        spacing_mm=spacing,
        description=told.description if is_read else "",
        magnification=factor,
        problem=problem,
        regions=regions,
        unit=value_unit(told),
        tracer=told.tracer,
    )


_Found = tuple[Basis, tuple[float, float] | None, float | None, str]


def _spacing(told: Told, rows: int, columns: int) -> _Found:
    """Return basis, mm, the factor that was applied, and what is wrong."""
    pixel, imager, scanned, beam = (
        _sane(each, rows, columns)
        for each in (told.pixel_mm, told.imager_mm, told.scanned_mm, told.beam_mm)
    )
    absurd = "its pixel size makes no sense"
    if told.pixel_mm and pixel is None:
        return Basis.NONE, None, None, absurd
    if pixel is None and imager is None and scanned is None and beam is None:
        return Basis.NONE, None, None, absurd if told.imager_mm or told.scanned_mm else ""
    found = _of_kind(told, pixel, imager, scanned, beam)
    if found[1] is not None and _contradicts_aspect(told, found[1]):
        return Basis.NONE, None, None, "its pixel size and its pixels' shape contradict each other"
    return found


def _of_kind(
    told: Told,
    pixel: tuple[float, float] | None,
    imager: tuple[float, float] | None,
    scanned: tuple[float, float] | None,
    beam: tuple[float, float] | None,
) -> _Found:
    if is_shadow(told) or imager is not None:
        return _of_shadow(told, pixel, imager, beam)
    if pixel is None:
        return Basis.SCANNED, scanned, None, ""
    if scanned is not None and _alike(pixel, scanned) and not told.has_plane:
        return Basis.SCANNED, pixel, None, ""
    if told.calibration in ("GEOMETRY", "FIDUCIAL"):
        return Basis(told.calibration.lower()), pixel, None, ""
    if told.modality == "CT" and "LOCALIZER" in told.image_type:
        return Basis.CENTRE, pixel, None, ""
    if told.modality == "SM":
        return Basis.SLIDE, pixel, None, ""
    secondary = told.sop_class.startswith(_SECONDARY)
    if told.has_plane or (told.modality in _SECTIONS and not secondary):
        return Basis.BODY, pixel, None, ""
    return (Basis.UNKNOWN if scanned is None else Basis.CALIBRATED), pixel, None, ""


def is_shadow(told: Told) -> bool:
    """Whether the picture is a projection; the class decides, else the modality."""
    if told.sop_class in PROJECTIONS:
        return True
    unclear = not told.sop_class or told.sop_class.startswith(_SECONDARY)
    return unclear and told.modality in SHADOW_MODALITIES and not told.has_plane


def _of_shadow(
    told: Told,
    pixel: tuple[float, float] | None,
    imager: tuple[float, float] | None,
    beam: tuple[float, float] | None,
) -> _Found:
    if beam is not None:
        return Basis.BEAM, beam, None, ""
    if pixel is not None and (imager is None or not _alike(pixel, imager)):
        return _of_corrected(told, pixel, imager)
    if imager is None:
        return Basis.NONE, None, None, ""
    factor, problem = _magnification(told)
    if factor is None:
        return Basis.DETECTOR, imager, None, problem
    return Basis.MAGNIFIED, (imager[0] / factor, imager[1] / factor), factor, ""


def _of_corrected(
    told: Told, pixel: tuple[float, float], imager: tuple[float, float] | None
) -> _Found:
    """A shadow is larger than what casts it, so a pixel in the body is smaller."""
    if told.calibration == "FIDUCIAL":
        return Basis.FIDUCIAL, pixel, None, ""
    grown = imager is not None and any(
        own > other * (1 + CONTRADICTS) for own, other in zip(pixel, imager, strict=True)
    )
    if grown:
        return Basis.NONE, None, None, "its two pixel sizes contradict each other"
    if told.calibration == "GEOMETRY":
        return Basis.GEOMETRY, pixel, None, ""
    return (Basis.UNKNOWN if imager is None else Basis.CALIBRATED), pixel, None, ""


def _magnification(told: Told) -> tuple[float | None, str]:
    """Return the factor to divide by, or why there is none."""
    factor = told.magnification
    if factor is None or abs(factor - 1) < SAME:
        return None, ""
    if not 1 < factor <= FACTOR_MOST:
        return None, "its magnification makes no sense"
    whole, part = told.source_detector_mm, told.source_patient_mm
    if whole and part and whole > part > 0 and abs(whole / part / factor - 1) > FACTORS_AGREE:
        return None, "its magnification and its distances contradict each other"
    return factor, ""


def _sane(given: tuple[float, ...], rows: int, columns: int) -> tuple[float, float] | None:
    """Return a spacing that can be one."""
    if len(given) != 2:
        return None
    down, across = given
    if not all(SPACING_LEAST_MM <= each <= SPACING_MOST_MM for each in given):
        return None
    if max(given) > RATIO_MOST * min(given) or max(rows * down, columns * across) > FIELD_MOST_MM:
        return None
    return down, across


def _alike(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(abs(a - b) <= SAME * max(a, b) for a, b in zip(one, other, strict=True))


def _contradicts_aspect(told: Told, spacing: tuple[float, float]) -> bool:
    if len(told.aspect) != 2 or min(told.aspect) <= 0:
        return False
    said, meant = told.aspect[0] / told.aspect[1], spacing[0] / spacing[1]
    return abs(said / meant - 1) > CONTRADICTS


_UNITS = {"HU": "HU", "OD": "OD/1000", "BQML": "Bq/ml", "GML": "g/ml", "CNTS": "counts"}
_WORDLESS = frozenset({"US", "NONE", "UNSPECIFIED", ""})


def value_unit(told: Told) -> str:
    """Return what modality values are in; empty where the file does not say.

    Hounsfield units are implied where a CT image has slope, intercept and no type, is a section
    as it was taken (or another axial one), and of one energy. Source: PS3.3 C.8.2.1, C.11.1.1.2.
    """
    kind = told.rescale_type.upper()
    if told.tracer is not None and told.tracer.units:
        return _UNITS.get(told.tracer.units, told.tracer.units)
    if kind not in _WORDLESS:
        return _UNITS.get(kind, told.rescale_type)
    is_ct = told.sop_class in (CT, ENHANCED_CT, LEGACY_CT) and told.modality == "CT"
    as_taken = told.image_type[:1] == ("ORIGINAL",) or "AXIAL" in told.image_type
    scout = "LOCALIZER" in told.image_type
    implied = is_ct and told.rescaled and as_taken and not scout and not told.multi_energy
    return "HU" if implied and kind == "" else ""
