"""DICOM files made with pydicom for what reading must get right: places, numbers, people, frames.

Each function writes files into a folder and returns their paths in the order of writing. Pixels are
what `value_at` says, so that a test can tell which picture it was given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

CT, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_CT, ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.4.1"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
ROWS, COLUMNS = 6, 8
Vector = Sequence[float]


def dataset(**attributes: object) -> Dataset:
    """Return a data set with these attributes."""
    found = Dataset()
    for name, value in attributes.items():
        setattr(found, name, value)
    return found


def items(*members: Dataset) -> Items:
    """Return a sequence."""
    return Items(members)


def value_at(place: int) -> int:
    """Return what every pixel of the picture at a place holds."""
    return 100 + place


@dataclass(frozen=True)
class Person:
    """Whose picture it is."""

    name: str = "Specimen^Sam"
    id: str = "S-1"
    birth_date: str = "19700101"


SAM, TONI = Person(), Person("Other^Toni", "T-2", "19880808")


def image(
    value: int, rows: int = ROWS, columns: int = COLUMNS, frames: int = 0, **attributes: object
) -> Dataset:
    """Return an instance with pixels; frames of it hold one value more each."""
    shape = (rows, columns) if not frames else (frames, rows, columns)
    array = np.full(shape, value, np.uint16)
    if frames:
        array += np.arange(frames, dtype=np.uint16)[:, None, None]
    found = dataset(
        SOPClassUID=CT,
        SOPInstanceUID=generate_uid(),
        StudyInstanceUID="1.2.3",
        SeriesInstanceUID="1.2.3.1",
        FrameOfReferenceUID="1.2.3.9",
        Modality="CT",
        Rows=rows,
        Columns=columns,
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        BitsAllocated=16,
        BitsStored=16,
        HighBit=15,
        PixelRepresentation=0,
    )
    if frames:
        found.NumberOfFrames = frames
    _identify(found, SAM)
    for name, given in attributes.items():
        setattr(found, name, given)
    found.add_new(0x7FE00010, "OW", array.tobytes())
    return found


def _identify(found: Dataset, person: Person) -> None:
    found.PatientName, found.PatientID = person.name, person.id
    found.PatientBirthDate = person.birth_date


def save(found: Dataset, path: Path) -> Path:
    """Write an instance."""
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found.file_meta.MediaStorageSOPClassUID = found.SOPClassUID
    found.file_meta.MediaStorageSOPInstanceUID = found.SOPInstanceUID
    path.parent.mkdir(parents=True, exist_ok=True)
    found.save_as(path, enforce_file_format=True)
    return path


def normal(orientation: Vector) -> np.ndarray:
    """Return row x column."""
    return np.cross(orientation[:3], orientation[3:])


def slices(
    folder: Path,
    depths_mm: Iterable[float],
    *,
    orientation: Vector = AXIAL,
    along: Vector | None = None,
    number: Callable[[int], int] = lambda place: place + 1,
    person: Person = SAM,
    prefix: str = "slice",
    **attributes: object,
) -> list[Path]:
    """Write single slices.

    Args:
        depths_mm: how far each lies from the first position along `along`.
        along: unit direction of stacking; the normal unless given.
        number: the instance number of the slice at a place.
    """
    direction = normal(orientation) if along is None else np.array(along)
    paths = []
    for place, depth in enumerate(depths_mm):
        given = {
            "ImagePositionPatient": [round(float(x), 6) for x in direction * depth],
            "ImageOrientationPatient": list(orientation),
            "PixelSpacing": [0.5, 0.5],
            "SliceThickness": 1.0,
            "InstanceNumber": number(place),
        }
        found = image(value_at(place), **(given | attributes))
        _identify(found, person)
        paths.append(save(found, folder / f"{prefix}{place:03}"))
    return paths


def tilted(folder: Path, angle_deg: float = 15.0, count: int = 8) -> list[Path]:
    """Write a head CT with a tilted gantry: slices lean, and the table moves along the person."""
    angle = math.radians(angle_deg)
    leaning = (1.0, 0.0, 0.0, 0.0, math.cos(angle), -math.sin(angle))
    return slices(
        folder,
        [5.0 * i for i in range(count)],
        orientation=leaning,
        along=(0.0, 0.0, 1.0),
        GantryDetectorTilt=angle_deg,
        SliceThickness=5.0,
    )


def reversed_numbers(folder: Path, count: int = 8) -> list[Path]:
    """Write slices that are numbered from the head down."""
    return slices(folder, map(float, range(count)), number=lambda place: count - place)


def duplicate_numbers(folder: Path, count: int = 6) -> list[Path]:
    """Write slices of which each two carry one number."""
    return slices(folder, map(float, range(count)), number=lambda place: 1 + place // 2)


def anisotropic(folder: Path) -> list[Path]:
    """Write slices whose pixels are four times as high as wide, and whose steps are longer yet."""
    return slices(folder, (0.0, 6.0, 12.0), PixelSpacing=[2.0, 0.5], SliceThickness=6.0)


def with_localizer(folder: Path, count: int = 5) -> list[Path]:
    """Write axial slices, and among them the scout from the side, in one series."""
    scout = {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"], "prefix": "scout"}
    return [
        *slices(folder, (0.0,), orientation=SAGITTAL, number=lambda _: 1, **scout),
        *slices(folder, map(float, range(count)), number=lambda place: place + 2),
    ]


def three_plane_localizer(folder: Path, each: int = 3) -> list[Path]:
    """Write one series with slices of three directions, and no word that it is a scout."""
    found = []
    for plane, orientation in enumerate((AXIAL, SAGITTAL, CORONAL)):
        found += slices(
            folder,
            [10.0 * i for i in range(each)],
            orientation=orientation,
            number=lambda place, plane=plane: 1 + plane * each + place,
            prefix=f"plane{plane}-",
            SOPClassUID=MR,
            Modality="MR",
        )
    return found


def two_people(folder: Path, shared_uids: bool = False) -> list[Path]:
    """Write one disc with slices of two people; their UIDs may even be the same."""
    other = {} if shared_uids else {"StudyInstanceUID": "1.2.4", "SeriesInstanceUID": "1.2.4.1"}
    return [
        *slices(folder, (0.0, 1.0, 2.0), person=SAM, prefix="a"),
        *slices(folder, (0.0, 1.0, 2.0), person=TONI, prefix="b", **other),
    ]


# -- multi-frame ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Frame:
    """One frame of an enhanced object."""

    position_mm: Vector
    orientation: Vector = AXIAL
    temporal: int = 1
    stack: str = "1"
    in_stack: int = 1
    indices: Sequence[int] = ()


def enhanced(
    path: Path, frames: Sequence[Frame], *, is_mr: bool = False, **attributes: object
) -> Path:
    """Write an enhanced CT or MR whose frames are as given, in that order.

    What all frames share stands in the shared groups, the rest in each frame's own.
    """
    shared = dataset(
        PixelMeasuresSequence=items(
            dataset(PixelSpacing=[0.5, 0.25], SliceThickness=2.0, SpacingBetweenSlices=2.5)
        )
    )
    orientations = {tuple(each.orientation) for each in frames}
    if len(orientations) == 1:
        shared.PlaneOrientationSequence = items(_orientation(frames[0]))
    own = []
    for each in frames:
        content = dataset(
            StackID=each.stack,
            InStackPositionNumber=each.in_stack,
            TemporalPositionIndex=each.temporal,
        )
        if each.indices:
            content.DimensionIndexValues = list(each.indices)
        position = dataset(ImagePositionPatient=list(each.position_mm))
        groups = dataset(FrameContentSequence=items(content), PlanePositionSequence=items(position))
        if len(orientations) > 1:
            groups.PlaneOrientationSequence = items(_orientation(each))
        own.append(groups)
    found = image(
        value_at(0),
        frames=len(frames),
        SOPClassUID=ENHANCED_MR if is_mr else ENHANCED_CT,
        Modality="MR" if is_mr else "CT",
        SharedFunctionalGroupsSequence=items(shared),
        PerFrameFunctionalGroupsSequence=items(*own),
        InstanceNumber=1,
        **attributes,
    )
    return save(found, path)


def _orientation(frame: Frame) -> Dataset:
    return dataset(ImageOrientationPatient=list(frame.orientation))


def nuclear_volume(path: Path, count: int = 5, spacing_mm: float = -4.0) -> Path:
    """Write a reconstructed NM volume; a negative spacing stacks toward the viewer."""
    detector = dataset(
        ImagePositionPatient=[-10.0, -20.0, 100.0], ImageOrientationPatient=list(AXIAL)
    )
    found = image(
        value_at(0),
        frames=count,
        SOPClassUID="1.2.840.10008.5.1.4.1.1.20",
        Modality="NM",
        ImageType=["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"],
        FrameIncrementPointer=0x00540080,
        SliceVector=list(range(1, count + 1)),
        SpacingBetweenSlices=spacing_mm,
        PixelSpacing=[4.0, 4.0],
        DetectorInformationSequence=items(detector),
    )
    return save(found, path)


def dose(path: Path, offsets_mm: Sequence[float], **attributes: object) -> Path:
    """Write an RT dose grid."""
    given = {
        "ImagePositionPatient": [-10.0, -20.0, 100.0],
        "ImageOrientationPatient": list(AXIAL),
        "PixelSpacing": [2.0, 2.0],
    }
    found = image(
        value_at(0),
        frames=len(offsets_mm),
        SOPClassUID="1.2.840.10008.5.1.4.1.1.481.2",
        Modality="RTDOSE",
        FrameIncrementPointer=0x3004000C,
        GridFrameOffsetVector=list(offsets_mm),
        **(given | attributes),
    )
    return save(found, path)
