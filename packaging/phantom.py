"""Writes a CT of a head that belongs to nobody: an analytic phantom, the same bytes every time.

python packaging/phantom.py OUTDIR [--slices 120] [--size 512]
"""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

NAMESPACE = uuid.UUID("72700000-0000-4000-8000-7261796f6c69")
FIELD_MM = 240.0
SLICE_MM = 1.25
AIR_HU = -1000
NOISE_HU = 7.0
SEED = 7270


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """One tissue: centre and half axes in mm (left, posterior, head), turned about the last."""

    name: str
    hu: int
    centre_mm: tuple[float, float, float]
    axes_mm: tuple[float, float, float]
    turned_deg: float = 0.0


# Painted in this order, each over those before it.
HEAD = (
    Ellipsoid("scalp", 40, (0, 0, 0), (78, 98, 94)),
    Ellipsoid("fat under the skin", -90, (0, 0, 0), (76, 96, 92)),
    Ellipsoid("outer table", 1200, (0, 0, 0), (73, 93, 89)),
    Ellipsoid("spongy bone", 800, (0, 0, 0), (71.5, 91.5, 87.5)),
    Ellipsoid("inner table", 1100, (0, 0, 0), (69.5, 89.5, 85.5)),
    Ellipsoid("fluid around the brain", 5, (0, 0, 0), (67.5, 87.5, 83.5)),
    Ellipsoid("grey matter", 38, (0, 0, 0), (64.5, 84.5, 80.5)),
    Ellipsoid("white matter, right", 30, (-30, 0, 12), (25, 66, 52), 4),
    Ellipsoid("white matter, left", 30, (30, 0, 12), (25, 66, 52), -4),
    Ellipsoid("basal ganglia, right", 42, (-20, -8, 2), (9, 18, 14), 15),
    Ellipsoid("basal ganglia, left", 42, (20, -8, 2), (9, 18, 14), -15),
    Ellipsoid("ventricle, right front", 5, (-10, -20, 14), (5, 24, 9), -14),
    Ellipsoid("ventricle, left front", 5, (10, -20, 14), (5, 24, 9), 14),
    Ellipsoid("ventricle, right back", 5, (-15, 26, 12), (5, 22, 9), 18),
    Ellipsoid("ventricle, left back", 5, (15, 26, 12), (5, 22, 9), -18),
    Ellipsoid("third ventricle", 5, (0, 2, 4), (2, 11, 10)),
    Ellipsoid("pineal calcification", 220, (0, 18, 6), (2.2, 2.6, 2.2)),
    Ellipsoid("falx", 60, (0, -56, 34), (0.9, 22, 34)),
    Ellipsoid("cerebellum", 36, (0, 44, -44), (40, 22, 20)),
    Ellipsoid("fourth ventricle", 5, (0, 28, -38), (5, 4, 8)),
    Ellipsoid("skull base, right", 950, (-38, 14, -52), (25, 8, 9), -35),
    Ellipsoid("skull base, left", 950, (38, 14, -52), (25, 8, 9), 35),
    Ellipsoid("mastoid air, right", -850, (-50, 20, -54), (7, 6, 6)),
    Ellipsoid("mastoid air, left", -850, (50, 20, -54), (7, 6, 6)),
    Ellipsoid("frontal sinus", -950, (0, -86, -20), (14, 4, 8)),
    Ellipsoid("orbit, right", 1000, (-32, -56, -46), (20, 20, 19)),
    Ellipsoid("orbit, left", 1000, (32, -56, -46), (20, 20, 19)),
    Ellipsoid("orbital fat, right", -80, (-32, -57.5, -46), (18, 18.5, 17)),
    Ellipsoid("orbital fat, left", -80, (32, -57.5, -46), (18, 18.5, 17)),
    Ellipsoid("eye, right", 12, (-32, -64, -46), (11.5, 11.5, 11.5)),
    Ellipsoid("eye, left", 12, (32, -64, -46), (11.5, 11.5, 11.5)),
    Ellipsoid("lens, right", 75, (-32, -72.5, -46), (4.5, 2, 4.5)),
    Ellipsoid("lens, left", 75, (32, -72.5, -46), (4.5, 2, 4.5)),
    Ellipsoid("nasal air", -980, (0, -64, -52), (8, 12, 18)),
    Ellipsoid("septum", 150, (0, -64, -52), (0.9, 11, 17)),
    Ellipsoid("bleed, old and small", 68, (-41, 20, 30), (6, 8, 6), 25),
)


def draw_slice(z_mm: float, size: int, parts: Sequence[Ellipsoid] = HEAD) -> np.ndarray:
    """The slice at this height, without noise: size x size, HU, its edges softened."""
    axis_mm = ((np.arange(size, dtype=np.float32) + 0.5) / size - 0.5) * FIELD_MM
    x_mm, y_mm = axis_mm[None, :], axis_mm[:, None]
    hu = np.full((size, size), AIR_HU, dtype=np.float32)
    for part in parts:
        cx, cy, cz = part.centre_mm
        ax, ay, az = part.axes_mm
        rest = 1.0 - ((z_mm - cz) / az) ** 2
        if rest <= 0:
            continue
        turn = np.deg2rad(part.turned_deg)
        across = (x_mm - cx) * np.cos(turn) + (y_mm - cy) * np.sin(turn)
        along = (y_mm - cy) * np.cos(turn) - (x_mm - cx) * np.sin(turn)
        hu[(across / ax) ** 2 + (along / ay) ** 2 <= rest] = part.hu
    # A table below the head, hollowed: what every CT shows.
    hu[np.abs(y_mm - 110 + x_mm**2 / 600) < 1.5] = 120
    for axis in (0, 1):
        hu = (np.roll(hu, 1, axis) + 2 * hu + np.roll(hu, -1, axis)) / 4
    return hu


def stored(hu: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Stored values of 12 bits (HU + 1024) with the noise of a plain scan."""
    noisy = hu + rng.standard_normal(hu.shape, dtype=np.float32) * NOISE_HU
    return np.clip(np.rint(noisy) + 1024, 0, 4095).astype("<u2")


def uid(name: str) -> str:
    """The same UID for the same name, every time. Source: PS3.5 B.2."""
    return f"2.25.{uuid.uuid5(NAMESPACE, name).int}"


def describe(index: int, z_mm: float, size: int) -> Dataset:
    """All of one instance but its pixels."""
    instance = Dataset()
    instance.SpecificCharacterSet = "ISO_IR 192"
    instance.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    instance.SOPClassUID = CTImageStorage
    instance.SOPInstanceUID = uid(f"instance {index} of {size}")
    instance.StudyDate = instance.SeriesDate = instance.AcquisitionDate = "20260101"
    instance.StudyTime = instance.SeriesTime = "120000"
    instance.ContentDate, instance.ContentTime = "20260101", "120000"
    instance.AccessionNumber = "PHANTOM-1"
    instance.Modality = "CT"
    instance.Manufacturer = "Rayfolio analytic phantom"
    instance.InstitutionName = "No hospital (synthetic data)"
    instance.ReferringPhysicianName = "Nobody^Synthetic"
    instance.StudyDescription = "Synthetic head"
    instance.SeriesDescription = "Head phantom 1.25 mm"
    instance.PatientName = "Phantom^Synthetic"
    instance.PatientID = "SYNTHETIC-0001"
    instance.PatientBirthDate = "19000101"
    instance.PatientSex = "O"
    instance.BodyPartExamined = "HEAD"
    instance.SliceThickness = SLICE_MM
    instance.KVP = 120
    instance.PatientPosition = "HFS"
    instance.StudyInstanceUID = uid("study")
    instance.SeriesInstanceUID = uid(f"series of {size}")
    instance.FrameOfReferenceUID = uid("frame of reference")
    instance.StudyID = "1"
    instance.SeriesNumber = 2
    instance.AcquisitionNumber = 1
    instance.InstanceNumber = index + 1
    corner_mm = -FIELD_MM / 2 + FIELD_MM / size / 2
    instance.ImagePositionPatient = [corner_mm, corner_mm, z_mm]
    instance.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    instance.SliceLocation = z_mm
    instance.PositionReferenceIndicator = ""
    instance.SamplesPerPixel = 1
    instance.PhotometricInterpretation = "MONOCHROME2"
    instance.Rows = instance.Columns = size
    instance.PixelSpacing = [FIELD_MM / size, FIELD_MM / size]
    instance.BitsAllocated, instance.BitsStored, instance.HighBit = 16, 12, 11
    instance.PixelRepresentation = 0
    instance.WindowCenter, instance.WindowWidth = [40, 400], [80, 2000]
    instance.WindowCenterWidthExplanation = ["BRAIN", "BONE"]
    instance.RescaleIntercept, instance.RescaleSlope, instance.RescaleType = -1024, 1, "HU"
    return instance


def write_study(folder: Path, slices: int = 120, size: int = 512) -> list[Path]:
    """Write the study, feet to head, and return its files."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    files = []
    for index in range(slices):
        z_mm = (index - (slices - 1) / 2) * SLICE_MM
        instance = describe(index, round(z_mm, 4), size)
        instance.PixelData = stored(draw_slice(z_mm, size), rng).tobytes()
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = instance.SOPInstanceUID
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.ImplementationClassUID = uid("implementation")
        instance.file_meta = meta
        files.append(folder / f"IM{index + 1:04d}.dcm")
        instance.save_as(files[-1], enforce_file_format=True)
    return files


def main() -> None:
    """Read the arguments and write the study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--slices", type=int, default=120)
    parser.add_argument("--size", type=int, default=512)
    given = parser.parse_args()
    files = write_study(given.folder, given.slices, given.size)
    total = sum(file.stat().st_size for file in files)
    print(f"{len(files)} slices, {total / 1e6:.1f} MB, in {given.folder}")


if __name__ == "__main__":
    main()
