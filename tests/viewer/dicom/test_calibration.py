"""Which spacing counts, case by case, read from files through the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian

from viewer.dicom.calibration import Basis, Calibration
from viewer.dicom.sandbox import Sandbox

Open = Callable[[Path | str], int]
Make = Callable[..., Path]
Read = Callable[..., Calibration]

IMAGES = "1.2.840.10008.5.1.4.1.1."
CT, MR, DX, MG, XA, US, SC = (
    IMAGES + each for each in ("2", "4", "1.1", "1.2", "12.1", "6.1", "7")
)
PLANE = {
    "ImagePositionPatient": [0, 0, 0],
    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
}


@pytest.fixture
def read(sandbox: Sandbox, opened: Open, made: Make) -> Read:
    """The calibration of a frame of an instance with these attributes."""

    def find(frame: int = 0, frames: int = 1, **attributes: object) -> Calibration:
        array = np.zeros((frames, 40, 60), np.uint16)
        path = made(array, **attributes)
        return sandbox.decode(opened(path), frame).calibration

    return find


CASES = {
    "a CT slice measures in the body": (
        {"Modality": "CT", "SOPClassUID": CT, "PixelSpacing": [0.5, 0.25], **PLANE},
        (Basis.BODY, (0.5, 0.25)),
    ),
    "an MR slice without position measures in the body all the same": (
        {"Modality": "MR", "SOPClassUID": MR, "PixelSpacing": [1, 1]},
        (Basis.BODY, (1, 1)),
    ),
    "a CT scout is right at the centre only": (
        {
            "Modality": "CT",
            "SOPClassUID": CT,
            "PixelSpacing": [1, 1],
            "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"],
            **PLANE,
        },
        (Basis.CENTRE, (1, 1)),
    ),
    "an X-ray with the detector's spacing alone is at the detector": (
        {"Modality": "XA", "SOPClassUID": XA, "ImagerPixelSpacing": [0.3, 0.3]},
        (Basis.DETECTOR, (0.3, 0.3)),
    ),
    "pixel spacing equal to the detector's is still at the detector": (
        {
            "Modality": "DX",
            "SOPClassUID": DX,
            "ImagerPixelSpacing": [0.15, 0.15],
            "PixelSpacing": [0.15, 0.15],
            "PixelSpacingCalibrationType": "GEOMETRY",
            "PixelSpacingCalibrationDescription": "none",
        },
        (Basis.DETECTOR, (0.15, 0.15)),
    ),
    "a shadow corrected by geometry": (
        {
            "Modality": "DX",
            "SOPClassUID": DX,
            "ImagerPixelSpacing": [0.15, 0.15],
            "PixelSpacing": [0.12, 0.12],
            "PixelSpacingCalibrationType": "GEOMETRY",
            "PixelSpacingCalibrationDescription": "hip at 100 mm",
        },
        (Basis.GEOMETRY, (0.12, 0.12)),
    ),
    "a shadow calibrated by an object": (
        {
            "Modality": "DX",
            "SOPClassUID": DX,
            "ImagerPixelSpacing": [0.15, 0.15],
            "PixelSpacing": [0.13, 0.13],
            "PixelSpacingCalibrationType": "FIDUCIAL",
        },
        (Basis.FIDUCIAL, (0.13, 0.13)),
    ),
    "a shadow corrected in a way that is not told": (
        {
            "Modality": "DX",
            "SOPClassUID": DX,
            "ImagerPixelSpacing": [0.15, 0.15],
            "PixelSpacing": [0.12, 0.12],
        },
        (Basis.CALIBRATED, (0.12, 0.12)),
    ),
    "a shadow with pixel spacing alone says nothing of where": (
        {"Modality": "DX", "SOPClassUID": DX, "PixelSpacing": [0.12, 0.12]},
        (Basis.UNKNOWN, (0.12, 0.12)),
    ),
    "a mammogram is divided by its magnification": (
        {
            "Modality": "MG",
            "SOPClassUID": MG,
            "ImagerPixelSpacing": [0.1, 0.1],
            "EstimatedRadiographicMagnificationFactor": 1.25,
        },
        (Basis.MAGNIFIED, (0.08, 0.08)),
    ),
    "a magnification of one leaves the detector's": (
        {
            "Modality": "MG",
            "SOPClassUID": MG,
            "ImagerPixelSpacing": [0.1, 0.1],
            "EstimatedRadiographicMagnificationFactor": 1,
        },
        (Basis.DETECTOR, (0.1, 0.1)),
    ),
    "a scanned film measures on the film": (
        {"Modality": "OT", "SOPClassUID": SC, "NominalScannedPixelSpacing": [0.2, 0.2]},
        (Basis.SCANNED, (0.2, 0.2)),
    ),
    "a scanned film's own spacing given twice is on the film": (
        {
            "Modality": "OT",
            "SOPClassUID": SC,
            "NominalScannedPixelSpacing": [0.2, 0.2],
            "PixelSpacing": [0.2, 0.2],
        },
        (Basis.SCANNED, (0.2, 0.2)),
    ),
    "a capture that lies in the patient measures in the body": (
        {
            "Modality": "CT",
            "SOPClassUID": SC,
            "NominalScannedPixelSpacing": [0.3, 0.3],
            "PixelSpacing": [0.2, 0.2],
            **PLANE,
        },
        (Basis.BODY, (0.2, 0.2)),
    ),
    "a capture with a spacing and no place is not explained": (
        {"Modality": "CT", "SOPClassUID": SC, "PixelSpacing": [0.2, 0.2]},
        (Basis.UNKNOWN, (0.2, 0.2)),
    ),
    "an endoscopy has nothing": ({"Modality": "ES", "SOPClassUID": SC}, (Basis.NONE, None)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_spacing_that_counts(name: str, read: Read) -> None:
    attributes, (basis, spacing) = CASES[name]
    found = read(**attributes)
    assert (found.basis, found.problem) == (basis, "")
    assert found.spacing_mm == pytest.approx(spacing)


ABSURD = {
    "no size": ({"PixelSpacing": [0, 0.5]}, "its pixel size makes no sense"),
    "a negative one": ({"PixelSpacing": [-0.5, 0.5]}, "its pixel size makes no sense"),
    "one number": ({"PixelSpacing": [0.5]}, "its pixel size makes no sense"),
    "metres": ({"PixelSpacing": [400, 400]}, "its pixel size makes no sense"),
    "a body of 12 m": ({"PixelSpacing": [1, 99], "Rows": 40}, "its pixel size makes no sense"),
    "another shape": (
        {"PixelSpacing": [1, 1], "PixelAspectRatio": [4, 3]},
        "its pixel size and its pixels' shape contradict each other",
    ),
    "a shadow smaller than the body": (
        {"SOPClassUID": DX, "ImagerPixelSpacing": [0.1, 0.1], "PixelSpacing": [0.15, 0.15]},
        "its two pixel sizes contradict each other",
    ),
}


@pytest.mark.parametrize("name", ABSURD)
def test_what_makes_no_sense_is_said_and_gives_no_unit(name: str, read: Read) -> None:
    attributes, problem = ABSURD[name]
    found = read(**{"Modality": "CT", "SOPClassUID": CT, **attributes})
    assert (found.basis, found.spacing_mm, found.problem) == (Basis.NONE, None, problem)


@pytest.mark.parametrize(
    ("factor", "distances", "problem"),
    (
        (0.5, {}, "its magnification makes no sense"),
        (400, {}, "its magnification makes no sense"),
        (
            1.5,
            {"DistanceSourceToDetector": 1200, "DistanceSourceToPatient": 1000},
            "its magnification and its distances contradict each other",
        ),
    ),
)
def test_a_doubtful_magnification_leaves_the_detector(
    factor: float, distances: dict[str, float], problem: str, read: Read
) -> None:
    found = read(
        Modality="MG",
        SOPClassUID=MG,
        ImagerPixelSpacing=[0.1, 0.1],
        EstimatedRadiographicMagnificationFactor=factor,
        **distances,
    )
    assert (found.basis, found.spacing_mm) == (Basis.DETECTOR, (0.1, 0.1))
    assert (found.magnification, found.problem) == (None, problem)


def test_a_magnification_that_was_applied_is_told(read: Read) -> None:
    found = read(
        Modality="MG",
        SOPClassUID=MG,
        ImagerPixelSpacing=[0.1, 0.1],
        EstimatedRadiographicMagnificationFactor=1.5,
        DistanceSourceToDetector=660,
        DistanceSourceToPatient=440,
    )
    assert found.magnification == 1.5


def test_the_words_of_a_calibration_come_along(read: Read) -> None:
    found = read(
        Modality="DX",
        SOPClassUID=DX,
        ImagerPixelSpacing=[0.15, 0.15],
        PixelSpacing=[0.12, 0.12],
        PixelSpacingCalibrationType="FIDUCIAL",
        PixelSpacingCalibrationDescription="ball of 25 mm at the hip",
    )
    assert found.description == "ball of 25 mm at the hip"


def _item(**attributes: object) -> Dataset:
    found = Dataset()
    for name, value in attributes.items():
        setattr(found, name, value)
    return found


def test_each_frame_of_an_enhanced_image_has_a_spacing_of_its_own(read: Read) -> None:
    frames = Sequence(
        _item(PixelMeasuresSequence=[_item(PixelSpacing=[size, size])]) for size in (0.5, 0.7)
    )
    given = {
        "Modality": "CT",
        "SOPClassUID": IMAGES + "2.1",
        "PerFrameFunctionalGroupsSequence": frames,
    }
    assert read(0, 2, **given).spacing_mm == (0.5, 0.5)
    assert read(1, 2, **given).spacing_mm == (0.7, 0.7)


def test_an_enhanced_x_ray_says_its_spacing_by_frame(read: Read) -> None:
    detector = _item(FramePixelDataPropertiesSequence=[_item(ImagerPixelSpacing=[0.2, 0.2])])
    given = {"Modality": "XA", "SOPClassUID": IMAGES + "12.1.1"}
    found = read(SharedFunctionalGroupsSequence=[detector], **given)
    assert (found.basis, found.spacing_mm) == (Basis.DETECTOR, (0.2, 0.2))
    detector.ProjectionPixelCalibrationSequence = [
        _item(ObjectPixelSpacingInCenterOfBeam=[0.125, 0.125])
    ]
    found = read(SharedFunctionalGroupsSequence=[detector], **given)
    assert (found.basis, found.spacing_mm) == (Basis.BEAM, (0.125, 0.125))


# -- ultrasound -------------------------------------------------------------------------------


def region(**changes: object) -> Dataset:
    given = {
        "RegionSpatialFormat": 1,
        "RegionDataType": 1,
        "RegionFlags": 0,
        "RegionLocationMinX0": 0,
        "RegionLocationMinY0": 0,
        "RegionLocationMaxX1": 29,
        "RegionLocationMaxY1": 39,
        "PhysicalUnitsXDirection": 3,
        "PhysicalUnitsYDirection": 3,
        "PhysicalDeltaX": 0.02,
        "PhysicalDeltaY": 0.02,
    }
    return _item(**(given | changes))


@pytest.mark.parametrize("syntax", ("explicit", "implicit"))
def test_the_regions_of_an_ultrasound_picture_are_read(
    syntax: str, sandbox: Sandbox, opened: Open, made: Make
) -> None:
    doppler = region(
        RegionSpatialFormat=3,
        RegionDataType=3,
        RegionLocationMinX0=30,
        RegionLocationMaxX1=59,
        PhysicalUnitsXDirection=4,
        PhysicalUnitsYDirection=7,
        PhysicalDeltaX=0.005,
        PhysicalDeltaY=-1.5,
        ReferencePixelX0=29,
        ReferencePixelY0=-3,
        ReferencePixelPhysicalValueX=0.5,
    )
    given = {"SequenceOfUltrasoundRegions": [region(), doppler], "Modality": "US"}
    form = {"syntax": ImplicitVRLittleEndian} if syntax == "implicit" else {}
    path = made(np.zeros((40, 60), np.uint8), SOPClassUID=US, **form, **given)
    found = sandbox.decode(opened(path), 0).calibration
    assert (found.basis, found.spacing_mm, len(found.regions)) == (Basis.REGIONS, None, 2)
    tissue, flow = found.regions
    assert tissue.is_plane and tissue.delta == (0.02, 0.02) and tissue.reference_px is None
    assert (flow.left, flow.top, flow.right, flow.bottom) == (30, 0, 59, 39)
    assert (flow.units, flow.delta, flow.reference_px) == ((4, 7), (0.005, -1.5), (29, -3))
    # Ten pixels left of the reference, 13 below it: by hand.
    assert flow.values_at((49, 10)) == pytest.approx((0.5 - 10 * 0.005, 13 * -1.5))


def test_regions_of_a_frame_come_before_those_of_all(read: Read) -> None:
    frames = [_item(SequenceOfUltrasoundRegions=[region(PhysicalDeltaX=0.04)]), _item()]
    given = {
        "Modality": "US",
        "SOPClassUID": IMAGES + "3.1",
        "SequenceOfUltrasoundRegions": [region()],
        "PerFrameFunctionalGroupsSequence": frames,
    }
    assert [read(n, 2, **given).regions[0].delta[0] for n in (0, 1)] == [0.04, 0.02]


@pytest.mark.parametrize(
    "changes",
    (
        {"RegionLocationMaxX1": 60},
        {"RegionLocationMinX0": 29},
        {"PhysicalDeltaX": 0.0},
        {"PhysicalDeltaX": float("nan")},
        {"PhysicalDeltaY": 1e9},
        {"PhysicalUnitsXDirection": 0},
        {"PhysicalUnitsXDirection": 99},
        {"RegionSpatialFormat": 5},
    ),
)
def test_a_region_that_makes_no_sense_measures_nothing(
    changes: dict[str, object], read: Read
) -> None:
    given = {"Modality": "US", "SOPClassUID": US, "PixelSpacing": [1, 1]}
    found = read(SequenceOfUltrasoundRegions=[region(**changes)], **given)
    assert (found.basis, found.regions, found.spacing_mm) == (Basis.NONE, (), None)
    assert found.problem == "some of its areas make no sense"


def test_an_ultrasound_picture_without_regions_is_not_explained(read: Read) -> None:
    found = read(Modality="US", SOPClassUID=US, PixelSpacing=[0.2, 0.2])
    assert (found.basis, found.spacing_mm) == (Basis.UNKNOWN, (0.2, 0.2))


# -- what a value is in -----------------------------------------------------------------------

ORIGINAL = {"ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"]}
RESCALED = {"RescaleSlope": 1, "RescaleIntercept": -1024}
IS_CT = {"Modality": "CT", "SOPClassUID": CT}


@pytest.mark.parametrize(
    ("attributes", "unit"),
    (
        (IS_CT | ORIGINAL | RESCALED, "HU"),
        (IS_CT | ORIGINAL | RESCALED | {"RescaleType": "HU"}, "HU"),
        (IS_CT | ORIGINAL | RESCALED | {"RescaleType": "US"}, ""),
        (IS_CT | ORIGINAL, ""),
        (IS_CT | RESCALED | {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, ""),
        (IS_CT | RESCALED | {"ImageType": ["DERIVED", "SECONDARY", "PERFUSION"]}, ""),
        (IS_CT | RESCALED | {"ImageType": ["DERIVED", "PRIMARY", "AXIAL"]}, "HU"),
        (IS_CT | ORIGINAL | RESCALED | {"MultienergyCTAcquisition": "YES"}, ""),
        (RESCALED | {"Modality": "CT", "SOPClassUID": SC}, ""),
        (RESCALED | {"Modality": "MR", "SOPClassUID": MR} | ORIGINAL, ""),
        (RESCALED | {"Modality": "MR", "SOPClassUID": MR, "RescaleType": "10^-6"}, "10^-6"),
    ),
)
def test_hounsfield_units_are_said_where_the_file_says_or_implies_them(
    attributes: dict[str, object], unit: str, read: Read
) -> None:
    assert read(**attributes).unit == unit


@pytest.mark.parametrize(
    ("units", "unit"), (("BQML", "Bq/ml"), ("GML", "g/ml"), ("CNTS", "counts"), ("PCNT", "PCNT"))
)
def test_pet_values_have_the_unit_that_the_file_names(units: str, unit: str, read: Read) -> None:
    assert read(Modality="PT", SOPClassUID=IMAGES + "128", Units=units).unit == unit
