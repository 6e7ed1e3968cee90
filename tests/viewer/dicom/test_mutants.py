"""Thousands of damaged files of every compression: none hangs, none ends us, none lies."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from mutants import mutants, run
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.uid import HTJ2K, UID, HTJ2KLossless, JPEG2000Lossless, JPEGLossless, JPEGLSLossless

from viewer.dicom.sandbox import Sandbox

Make = Callable[..., Path]
BUNDLED = (
    "CT_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "JPEGLSNearLossless_16.dcm",
    "JPGExtended.dcm",
    "SC_rgb_jpeg_gdcm.dcm",
    "SC_rgb_dcmtk_+eb+cy+np.dcm",
    "SC_rgb_rle_16bit.dcm",
    "SC_rgb_gdcm_KY.dcm",
    "examples_overlay.dcm",
    "examples_palette.dcm",
    "image_dfl.dcm",
    "rtdose_rle_1frame.dcm",
)
BATCH, BATCHES, A_SYNTAX, MAX_BYTES = 1000, 20, 4, 400_000
SEED = 20


def _bundled() -> list[Path]:
    return [Path(str(get_testdata_file(name, download=False))) for name in BUNDLED]


def _generated(made: Make) -> list[Path]:
    """Of the compressions that no file at hand has, or none of a slice's size."""
    y, x = np.mgrid[0:512, 0:512]
    noise = np.random.default_rng(1).normal(0, 14, x.shape)
    grey = ((np.sin(x / 37) * np.cos(y / 23) + 1) * 1500 + noise).clip(0, 4095).astype(np.uint16)
    streams = {
        JPEGLossless: imagecodecs.jpeg8_encode(grey, lossless=True, bitspersample=12),
        JPEGLSLossless: imagecodecs.jpegls_encode(grey),
        JPEG2000Lossless: imagecodecs.jpeg2k_encode(grey, codecformat="J2K", level=0),
        HTJ2KLossless: imagecodecs.htj2k_encode(grey),
        HTJ2K: imagecodecs.htj2k_encode(grey, reversible=False, level=0.002),
        "1.2.840.10008.1.2.4.110": imagecodecs.jpegxl_encode(grey, lossless=True),
        "1.2.840.10008.1.2.4.112": imagecodecs.jpegxl_encode(grey, distance=1.0),
    }
    found = []
    for syntax, stream in streams.items():
        known = syntax if UID(syntax).is_transfer_syntax else HTJ2KLossless  # to pydicom
        path = made(grey, syntax=known, PixelData=encapsulate([stream]))
        path.write_bytes(path.read_bytes().replace(known.encode(), syntax.encode(), 1))
        found.append(path)
    return found


def _sampled() -> list[Path]:
    """Some of each compression from the folder of sample files, if there is one."""
    counts: dict[str, int] = {}
    found = []
    root = os.environ.get("RAYFOLIO_TEST_DATA")
    for path in sorted(Path(root, "dicom").rglob("*")) if root else ():
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            continue
        whole = pydicom.dcmread(path, force=True, stop_before_pixels=True)
        syntax = str(whole.file_meta.get("TransferSyntaxUID", ""))
        if "Rows" in whole and syntax and counts.setdefault(syntax, 0) < A_SYNTAX:
            counts[syntax] += 1
            found.append(path)
    return found


def test_three_hundred_mutants_come_to_a_picture_or_to_words(
    sandbox: Sandbox, made: Make, tmp_path: Path
) -> None:
    found = run(mutants(_bundled() + _generated(made), 300, SEED), sandbox, tmp_path)
    assert sum(found.counts.values()) == 300
    assert found.wrong == [] and found.slow == []
    assert found.counts["drawn"] > 30 and found.counts["CannotDraw"] > 30


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_twenty_thousand_mutants_of_real_files_come_to_a_picture_or_to_words(
    sandbox: Sandbox, made: Make, tmp_path: Path
) -> None:
    files = _bundled() + _generated(made) + _sampled()
    for batch in range(BATCHES):
        found = run(mutants(files, BATCH, SEED + 1 + batch), sandbox, tmp_path)
        assert sum(found.counts.values()) == BATCH
        assert found.wrong == [] and found.slow == []
