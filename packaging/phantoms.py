"""Writes studies of every kind that belong to nobody, for looking at the viewer.

python packaging/phantoms.py OUTDIR

Analytic pictures with plausible values: a head in CT, today and a year ago, with a report; the same
head in MR; four views of a breast; a moving heart in ultrasound; a retina in colour.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import imagecodecs
import numpy as np
import phantom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence as Items
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit

CT, MR, MG, US, OP, SR = (
    "1.2.840.10008.5.1.4.1.1." + each for each in ("2", "4", "1.2", "3.1", "77.1.5.1", "88.11")
)
# Of the head's tissues, by the first word that fits: how bright in T1 and in T2 weighting.
BRIGHTNESS = {
    "scalp": (420, 260), "fat": (880, 520), "outer": (40, 30), "spongy": (240, 160),
    "inner": (40, 30), "fluid": (130, 980), "grey": (470, 560), "white": (610, 400),
    "basal": (500, 500), "ventricle": (120, 990), "third": (120, 990), "fourth": (120, 990),
    "pineal": (90, 60), "falx": (140, 90), "cerebellum": (500, 540), "skull": (60, 50),
    "mastoid": (10, 10), "frontal": (10, 10), "orbital": (860, 540), "orbit": (60, 40),
    "eye": (160, 940), "lens": (420, 260), "nasal": (10, 10), "septum": (380, 420),
    "bleed": (720, 330),
}  # fmt: skip


def _attributes(found: Dataset, **said: object) -> Dataset:
    for name, value in said.items():
        setattr(found, name, value)
    return found


def image(sop_class: str, modality: str, name: str, array: np.ndarray, **said: object) -> Dataset:
    """Return an instance around pixels: rows x columns, frames before them, colours after."""
    found = phantom.describe(0, 0.0, 512)
    for keyword in ("WindowCenter", "WindowWidth", "WindowCenterWidthExplanation", "PixelSpacing",
                    "RescaleIntercept", "RescaleSlope", "RescaleType", "KVP",
                    "ImagePositionPatient", "ImageOrientationPatient", "SliceLocation",
                    "SliceThickness", "FrameOfReferenceUID"):  # fmt: skip
        delattr(found, keyword)
    colours = array.shape[-1] if array.ndim == 3 and array.shape[-1] == 3 else 1
    rows, columns = array.shape[-2:] if colours == 1 else array.shape[:2]
    bits = 8 * array.dtype.itemsize
    _attributes(
        found,
        SOPClassUID=sop_class, SOPInstanceUID=phantom.uid(name), Modality=modality,
        StudyInstanceUID=phantom.uid(f"{modality} study"),
        SeriesInstanceUID=phantom.uid(name.rsplit(" ", 1)[0]),
        Rows=rows, Columns=columns, SamplesPerPixel=colours,
        PhotometricInterpretation="RGB" if colours == 3 else "MONOCHROME2",
        BitsAllocated=bits, BitsStored=12 if bits == 16 else 8, HighBit=11 if bits == 16 else 7,
        PixelRepresentation=0, PixelData=array.tobytes(),
    )  # fmt: skip
    if colours == 3:
        found.PlanarConfiguration = 0
    return _attributes(found, **said)


def save(found: Dataset, path: Path, syntax: str = ExplicitVRLittleEndian) -> None:
    """Write one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = found.SOPClassUID
    meta.MediaStorageSOPInstanceUID = found.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = phantom.uid("implementation")
    found.file_meta = meta
    found.save_as(path, enforce_file_format=True)


def head_ct(folder: Path, slices: int = 96) -> None:
    """Write the head, and the same head a year before, when the bleeding was larger."""
    phantom.write_study(folder / "now", slices)
    grown = replace(phantom.HEAD[-1], name="bleed, fresh", hu=74, axes_mm=(13.0, 17.0, 14.0))
    rng = np.random.default_rng(phantom.SEED)
    for index in range(slices):
        z_mm = (index - (slices - 1) / 2) * phantom.SLICE_MM
        found = phantom.describe(index, round(z_mm, 4), 512)
        drawn = phantom.draw_slice(z_mm, 512, (*phantom.HEAD[:-1], grown))
        found.PixelData = phantom.stored(drawn, rng).tobytes()
        _attributes(
            found,
            StudyInstanceUID=phantom.uid("before"), SeriesInstanceUID=phantom.uid("series before"),
            SOPInstanceUID=phantom.uid(f"before {index}"), StudyDate="20250104",
            SeriesDate="20250104", FrameOfReferenceUID=phantom.uid("frame before"),
        )  # fmt: skip
        save(found, folder / "before" / f"IM{index + 1:04d}.dcm")


def head_mr(folder: Path, slices: int = 24) -> None:
    """Write T1 and T2 weighted slices of the head, 5 mm apart."""
    for series, (weight, seen) in enumerate((("T1", 0), ("T2", 1)), start=1):
        parts = [
            replace(
                each, hu=next(v[seen] for k, v in BRIGHTNESS.items() if each.name.startswith(k))
            )
            for each in phantom.HEAD
        ]
        rng = np.random.default_rng(series)
        for index in range(slices):
            z_mm = (index - (slices - 1) / 2) * 5.0
            drawn = np.maximum(phantom.draw_slice(z_mm, 256, parts), 0)
            shape = drawn.shape  # the noise of a magnitude picture
            noisy = np.hypot(
                drawn + 14 * rng.standard_normal(shape), 14 * rng.standard_normal(shape)
            )
            half_mm = phantom.FIELD_MM / 2 - phantom.FIELD_MM / 512
            found = image(
                MR, "MR", f"{weight} {index}", np.rint(noisy).astype("<u2"),
                SeriesDescription=f"{weight} axial", SeriesNumber=series, InstanceNumber=index + 1,
                FrameOfReferenceUID=phantom.uid("MR frame"), SliceThickness=4.0,
                ImagePositionPatient=[-half_mm, -half_mm, z_mm],
                ImageOrientationPatient=[1, 0, 0, 0, 1, 0], PixelSpacing=[240 / 256, 240 / 256],
                WindowCenter=480, WindowWidth=960, StudyDescription="Head MR",
            )  # fmt: skip
            save(found, folder / weight / f"IM{index + 1:03d}.dcm")


def breast(folder: Path) -> None:
    """Write the four views of a mammogram: 1,664 x 1,280, the detector's pixels of 0.1 mm."""
    views = (("L", "CC"), ("R", "CC"), ("L", "MLO"), ("R", "MLO"))
    for number, (side, view) in enumerate(views, start=1):
        rng = np.random.default_rng(number // 2)
        array = _breast(rng, view)
        array = array if side == "L" else array[:, ::-1]
        found = image(
            MG, "MG", f"{side} {view} 1", np.ascontiguousarray(array),
            ImageType=["DERIVED", "PRIMARY"], PatientOrientation=_ways(side, view),
            ImageLaterality=side, ViewPosition=view, BodyPartExamined="BREAST",
            SeriesDescription=f"{side} {view}", SeriesNumber=number, ImagerPixelSpacing=[0.1, 0.1],
            EstimatedRadiographicMagnificationFactor=1.07, PresentationLUTShape="IDENTITY",
            WindowCenter=1900, WindowWidth=3200, StudyDescription="Mammogram",
        )  # fmt: skip
        save(found, folder / f"{side}{view}.dcm")


def _ways(side: str, view: str) -> list[str]:
    along = "A" if side == "L" else "P"
    return [along, {"CC": "R" if side == "L" else "L", "MLO": "F"}[view]]


def _breast(rng: np.random.Generator, view: str) -> np.ndarray:
    rows, columns = 1664, 1280
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    middle = rows * (0.5 if view == "CC" else 0.56)
    inside = 1 - (x / 980) ** 2 - ((y - middle) / 700) ** 2
    thick = np.sqrt(np.clip(inside, 0, None))
    texture = np.zeros_like(x)
    for octave in range(2, 8):
        size = 2**octave
        cells = rng.standard_normal((size + 2, size + 2)).astype(np.float32)
        texture += _enlarged(cells, rows, columns) / octave
    gland = np.clip(inside - 0.12, 0, 1) * (1.2 + 0.55 * texture)
    grey = 2300 * thick**0.6 + 900 * np.clip(gland, 0, None) * thick
    lump = np.exp(-(((x - 470) / 42) ** 2 + ((y - middle - 130) / 36) ** 2))
    grey += 700 * lump
    if view == "MLO":  # the muscle of the chest wall
        grey = np.maximum(grey, np.where(x < 430 - y * 0.52, 2900, 0))
    grey += rng.standard_normal(grey.shape).astype(np.float32) * 22
    return np.clip(grey, 0, 4095).astype("<u2")


def _enlarged(cells: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Values between a coarse grid's, linear."""
    y = np.linspace(0, cells.shape[0] - 2, rows, dtype=np.float32)
    x = np.linspace(0, cells.shape[1] - 2, columns, dtype=np.float32)
    i, j = y.astype(int), x.astype(int)
    v, u = (y - i)[:, None], (x - j)[None, :]
    top = cells[i][:, j] * (1 - u) + cells[i][:, j + 1] * u
    return top * (1 - v) + (cells[i + 1][:, j] * (1 - u) + cells[i + 1][:, j + 1] * u) * v


def heart(folder: Path, frames: int = 40) -> None:
    """Write a film of a beating heart: a fan with speckle, calibrated in its region."""
    rows, columns, apex = 600, 800, (400.0, 30.0)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    depth, angle = np.hypot(x - apex[0], y - apex[1]), np.arctan2(x - apex[0], y - apex[1])
    fan = (depth > 20) & (depth < 540) & (np.abs(angle) < np.deg2rad(40))
    film = np.zeros((frames, rows, columns), np.uint8)
    speckle = np.random.default_rng(1).rayleigh(1.0, (rows, columns)).astype(np.float32)
    for number in range(frames):
        beat = 0.5 - 0.5 * np.cos(2 * np.pi * number / frames * 2)
        echo = 46 * np.exp(-depth / 700) * np.ones_like(x)
        for cx, cy, rx, ry in ((350, 290, 66, 120), (468, 270, 52, 96), (400, 440, 120, 62)):
            r = np.hypot((x - cx) / (rx - 16 * beat), (y - cy) / (ry - 22 * beat))
            echo = np.where(r < 1, 6, np.where(r < 1.22, 110, echo))
        moved = np.roll(speckle, number % 3, axis=0)
        film[number] = np.where(fan, np.clip(echo * moved, 0, 255), 0)
    region = _attributes(
        Dataset(), RegionSpatialFormat=1, RegionDataType=1, RegionFlags=2,
        RegionLocationMinX0=40, RegionLocationMinY0=30, RegionLocationMaxX1=760,
        RegionLocationMaxY1=575, PhysicalUnitsXDirection=3, PhysicalUnitsYDirection=3,
        PhysicalDeltaX=0.03, PhysicalDeltaY=0.03,
    )  # fmt: skip
    found = image(
        US, "US", "heart 1", film, NumberOfFrames=frames, FrameTime=33.3,
        SequenceOfUltrasoundRegions=Items([region]), SeriesDescription="Four chambers",
        BodyPartExamined="HEART", StudyDescription="Heart ultrasound", BurnedInAnnotation="NO",
        FrameIncrementPointer=0x00181063,
    )  # fmt: skip
    save(found, folder / "heart.dcm")


def retina(folder: Path) -> None:
    """Write a photograph of the back of an eye, compressed by JPEG with loss."""
    size = 900
    y, x = (np.mgrid[0:size, 0:size].astype(np.float32) - size / 2) / (size / 2)
    r = np.hypot(x, y)
    light = np.clip(1.1 - 0.45 * r, 0, 1)
    red, green, blue = 205 * light, 98 * light**1.4, 40 * light**2
    disc = np.exp(-((((x - 0.42) / 0.13) ** 2 + ((y - 0.03) / 0.15) ** 2) ** 2))
    spot = np.exp(-(((x + 0.15) / 0.16) ** 2 + (y / 0.15) ** 2))
    vessels = np.zeros_like(r)
    for turn in np.deg2rad((68, 112, -66, -110, 25, -24)):
        for bend in (0.5, 0.9):
            along = np.linspace(0, 1.4, 700)
            curve = turn + bend * along**2 * (1 if turn < 0 else -1)
            cx, cy = 0.42 + along * np.cos(curve), 0.03 + along * np.sin(curve)
            at = np.round((np.stack([cy, cx]) + 1) * size / 2).astype(int)
            at = at[:, (at > 3).all(0) & (at < size - 4).all(0)]
            vessels[at[0], at[1]] = 1
    for _ in range(5):
        for axis in (0, 1):
            vessels = (np.roll(vessels, 1, axis) + 2 * vessels + np.roll(vessels, -1, axis)) / 4
    dark = 1 - np.clip(vessels * 2.2, 0, 0.62)
    channels = [
        (red + 45 * disc) * (0.6 + 0.4 * dark),
        (green + 120 * disc - 30 * spot) * dark,
        (blue + 110 * disc - 12 * spot) * dark,
    ]
    picture = np.where((r < 0.97)[..., None], np.stack(channels, -1), 0)
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    stream = imagecodecs.jpeg8_encode(picture, level=85)
    found = image(
        OP, "OP", "retina 1", picture, SeriesDescription="Right eye", BodyPartExamined="EYE",
        StudyDescription="Retina", ImageLaterality="R", PhotometricInterpretation="YBR_FULL_422",
        LossyImageCompression="01", LossyImageCompressionMethod="ISO_10918_1",
        LossyImageCompressionRatio=round(picture.nbytes / len(stream), 1),
        PixelData=encapsulate([stream]),
    )  # fmt: skip
    save(found, folder / "retina.dcm", JPEGBaseline8Bit)


def report(folder: Path) -> None:
    """Write the written report of the head CT. Source: PS3.3 A.35.1, TID 2000."""
    sections = (
        ("121060", "History", "Synthetic phantom. Nobody was scanned."),
        ("121070", "Findings", "The ventricles are of normal size. There is a small dense area in "
         "the right half of the brain, 12 x 16 x 12 mm. A year ago it was twice as wide. The skull "
         "is whole. The sinuses contain air."),
        ("121076", "Conclusions", "The bleeding has become smaller. Nothing new."),
    )  # fmt: skip
    content = [
        _attributes(_concept("TEXT", code, name), RelationshipType="CONTAINS", TextValue=words)
        for code, name, words in sections
    ]
    found = phantom.describe(0, 0.0, 512)
    for keyword in ("Rows", "Columns", "PixelSpacing", "SamplesPerPixel", "BitsAllocated",
                    "BitsStored", "HighBit", "PixelRepresentation", "PhotometricInterpretation",
                    "WindowCenter", "WindowWidth", "ImagePositionPatient", "SliceThickness",
                    "ImageOrientationPatient", "FrameOfReferenceUID", "ImageType"):  # fmt: skip
        delattr(found, keyword)
    root = _concept("CONTAINER", "126000", "Imaging report")
    _attributes(
        found,
        SOPClassUID=SR, SOPInstanceUID=phantom.uid("report"), Modality="SR",
        SeriesInstanceUID=phantom.uid("reports"), SeriesNumber=9,
        SeriesDescription="Report", ContinuityOfContent="SEPARATE", ValueType="CONTAINER",
        ConceptNameCodeSequence=root.ConceptNameCodeSequence, ContentSequence=Items(content),
        CompletionFlag="COMPLETE", VerificationFlag="UNVERIFIED",
    )  # fmt: skip
    save(found, folder / "report.dcm")


def _concept(kind: str, code: str, name: str) -> Dataset:
    meaning = _attributes(Dataset(), CodeValue=code, CodingSchemeDesignator="DCM", CodeMeaning=name)
    return _attributes(Dataset(), ValueType=kind, ConceptNameCodeSequence=Items([meaning]))


KINDS: Sequence[tuple[str, Callable[[Path], None]]] = (
    ("ct", head_ct), ("mr", head_mr), ("mg", breast), ("us", heart), ("colour", retina),
)  # fmt: skip


def write_all(folder: Path) -> None:
    """Write every kind into a folder of its own."""
    for name, write in KINDS:
        write(folder / name)
    report(folder / "ct" / "now")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    write_all(parser.parse_args().folder)
