"""Each sample file by two decoders: ours and another's, and by two programs as a picture.

`make table` writes what this prints, given the folder of the sample files, to docs/pixels.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
from pydicom.encaps import get_frame
from pydicom.pixels import pixel_array

from viewer.dicom.header import DEFLATED, Header
from viewer.dicom.pixels import Lut, Pixels
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.scan import scan
from viewer.errors import ViewerError
from viewer.render.pipeline import default_window, is_colour, picture
from viewer.render.voi import padding_mask

T = "1.2.840.10008.1.2."
NAMES = {
    "": "not said",
    T.rstrip("."): "implicit",
    T + "1": "explicit",
    T + "2": "big endian",
    DEFLATED: "deflated",
    T + "5": "RLE",
    T + "8.1": "deflated frames",
    T + "4.50": "JPEG baseline",
    T + "4.51": "JPEG extended",
    T + "4.53": "JPEG spectral selection",
    T + "4.55": "JPEG progressive",
    T + "4.57": "JPEG lossless",
    T + "4.70": "JPEG lossless, first order",
    T + "4.80": "JPEG-LS",
    T + "4.81": "JPEG-LS near-lossless",
    T + "4.90": "JPEG 2000 lossless",
    T + "4.91": "JPEG 2000",
    T + "4.201": "HTJ2K lossless",
    T + "4.203": "HTJ2K",
}
JPEG = frozenset(T + "4." + each for each in ("50", "51", "53", "55", "57", "70"))
JPEG_LS = frozenset({T + "4.80", T + "4.81"})
JPEG_2000 = frozenset({T + "4.90", T + "4.91"})
HTJ2K = frozenset({T + "4.201", T + "4.202", T + "4.203"})


@dataclass(frozen=True, slots=True)
class Opinion:
    """How far a file's first and last frame are from what another makes of them."""

    name: str
    syntax: str
    photometric: str
    decoder: str  # of the second opinion on values; empty: there is none
    values: float  # greatest difference of a stored value
    program: str  # of the second opinion on the picture; empty: there is none
    levels: int  # greatest difference of a level, of 255
    why: str = ""  # there is no picture

    @property
    def is_same(self) -> bool:
        """Whether no difference is greater than rounding explains."""
        lossy = self.syntax in JPEG - {T + "4.57", T + "4.70"}
        ybr = self.photometric.startswith("YBR")
        values, levels = (2, 2) if lossy else (1, 2) if ybr else (0, 1)
        return self.values <= values and self.levels <= levels


def _run(*command: str | Path) -> bool:
    done = subprocess.run(
        [str(each) for each in command], capture_output=True, timeout=60, check=False
    )
    return done.returncode == 0


# -- stored values by another decoder ---------------------------------------------------------


def _by_pydicom(path: Path, frame: int) -> np.ndarray:
    whole = pydicom.dcmread(path, force=True)
    if "TransferSyntaxUID" not in whole.file_meta:
        whole.file_meta.TransferSyntaxUID = T.rstrip(".")
    if "Float" in "".join(each.keyword for each in whole if each.tag.group == 0x7FE0):
        return np.asarray(
            whole.pixel_array[frame] if whole.get("NumberOfFrames", 1) > 1 else whole.pixel_array
        )
    return np.asarray(pixel_array(whole, index=frame))


def _by_dcmtk(program: str) -> Callable[[Path, int], np.ndarray]:
    def decode(path: Path, frame: int) -> np.ndarray:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "raw.dcm"
            if not _run(program, path, out):
                raise ValueError("refused")
            return _by_pydicom(out, frame)

    return decode


def _stream(path: Path, frame: int) -> tuple[pydicom.Dataset, bytes]:
    whole = pydicom.dcmread(path, force=True)
    count = int(whole.get("NumberOfFrames") or 1)
    extended = None
    if "ExtendedOffsetTable" in whole:
        extended = (whole.ExtendedOffsetTable, whole.ExtendedOffsetTableLengths)
    stream = get_frame(whole.PixelData, frame, number_of_frames=count, extended_offsets=extended)
    return whole, stream


def _by_openjpeg(path: Path, frame: int) -> np.ndarray:
    return np.asarray(imagecodecs.jpeg2k_decode(_stream(path, frame)[1]))


def _by_zlib(path: Path, frame: int) -> np.ndarray:
    whole, stream = _stream(path, frame)
    data = zlib.decompressobj(-15).decompress(stream)
    pixels = int(whole.Rows) * int(whole.Columns)
    if whole.BitsAllocated == 1:
        found = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[:pixels]
    else:
        found = np.frombuffer(data, f"<u{whole.BitsAllocated // 8}")[
            : pixels * whole.SamplesPerPixel
        ]
    shape = (
        (whole.Rows, whole.Columns, 3)
        if whole.SamplesPerPixel == 3
        else (whole.Rows, whole.Columns)
    )
    return found.reshape(shape)


def _decoders(syntax: str) -> list[tuple[str, Callable[[Path, int], np.ndarray]]]:
    """Who else decodes it; the next is asked if one refuses."""
    if syntax in JPEG:
        return [("dcmdjpeg", _by_dcmtk("dcmdjpeg")), ("Pillow", _by_pydicom)]
    if syntax in JPEG_LS:
        return [("dcmdjpls", _by_dcmtk("dcmdjpls")), ("pyjpegls", _by_pydicom)]
    if syntax in HTJ2K:
        return [("OpenJPEG", _by_openjpeg)]
    if syntax in JPEG_2000:
        return [("Pillow", _by_pydicom), ("OpenJPEG", _by_openjpeg)]
    if syntax == T + "8.1":
        return [("zlib", _by_zlib)]
    return [("pydicom", _by_pydicom)]


def _values(path: Path, header: Header, decoded: dict[int, Pixels]) -> tuple[str, float]:
    for name, decode in _decoders(header.transfer_syntax):
        worst = 0.0
        try:
            for frame, pixels in decoded.items():
                expected = decode(path, frame)
                found = pixels.array
                if found.shape != expected.shape:
                    raise ValueError("of another shape")
                difference = np.abs(found.astype(np.float64) - expected.astype(np.float64))
                worst = max(worst, float(np.nanmax(difference)))
        except Exception:  # it is the other's to fail in its own ways
            continue
        return name, worst
    return "", 0.0


# -- the picture by another program -----------------------------------------------------------


def _seen_by(pixels: Pixels) -> list[str]:
    if is_colour(pixels):
        return []
    voi = default_window(pixels)
    if isinstance(voi, Lut):
        return ["+Wl", "1"]
    exact = voi.function == "LINEAR_EXACT"  # which dcm2pnm does not know
    center, width = (voi.center + 0.5, voi.width + 1) if exact else (voi.center, voi.width)
    shape = ["+Wfs"] if voi.function == "SIGMOID" else []
    return [*shape, "+Ww", f"{center:.10g}", f"{width:.10g}"]


def _is_read_alike(header: Header, pixels: Pixels) -> bool:
    """Whether DCMTK 3.6.7 reads what the picture depends on, and as we do.

    It rounds rescaled values to whole ones, reads no functional groups and no profiles, and takes
    values of 32 bits in the other byte order for pairs of words.
    """
    wide = header.transfer_syntax == T + "2" and header.bits_allocated == 32
    whole = pixels.rescale_slope.is_integer() and pixels.rescale_intercept.is_integer()
    return whole and not wide and pixels.colour_profile != "applied"


def _levels(path: Path, header: Header, decoded: dict[int, Pixels]) -> tuple[str, int]:
    syntax = header.transfer_syntax
    program = "dcmj2pnm" if syntax in JPEG else "dcml2pnm" if syntax in JPEG_LS else "dcm2pnm"
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.pnm"
        for frame, pixels in decoded.items():
            if not _is_read_alike(header, pixels):
                return "", 0
            options = ["+op", "-O", "+F", str(frame + 1), *_seen_by(pixels)]
            if not _run(program, *options, path, out):
                return "", 0
            expected, found = _pnm(out.read_bytes()), picture(pixels)
            if expected.shape != found.shape:
                return "", 0
            difference = np.abs(expected.astype(int) - found)
            if not is_colour(pixels):
                difference[padding_mask(pixels)] = 0  # which it does not know
            worst = max(worst, int(difference.max()))
    return program, worst


def _pnm(data: bytes) -> np.ndarray:
    lines = [line for line in data.split(b"\n", 5)[:4] if not line.startswith(b"#")][:3]
    columns, rows = map(int, lines[1].split())
    channels = {b"P5": 1, b"P6": 3}[lines[0]]
    flat = np.frombuffer(data[-rows * columns * channels :], np.uint8)
    return flat.reshape((rows, columns) if channels == 1 else (rows, columns, 3))


# -- all files --------------------------------------------------------------------------------


def opinions(folders: Sequence[Path]) -> Iterator[Opinion]:
    """Yield one for each instance below `folders`."""
    warnings.simplefilter("ignore")
    with Sandbox() as sandbox:
        for folder in folders:
            for file in scan([folder], sandbox).files:
                yield _opinion(f"{folder.name}/{file.relative}", file.path, file.header, sandbox)


def _opinion(name: str, path: Path, header: Header, sandbox: Sandbox) -> Opinion:
    about: dict[str, Any] = {
        "name": name,
        "syntax": header.transfer_syntax,
        "photometric": header.photometric,
    }
    nobody = {"decoder": "", "values": 0.0, "program": "", "levels": 0}
    if not header.drawable:
        return Opinion(why=header.why_not, **about, **nobody)
    decoded = {}
    fd = os.open(path, os.O_RDONLY)
    try:
        for frame in sorted({0, header.frames - 1}):
            decoded[frame] = sandbox.decode(fd, frame)
    except ViewerError as error:
        return Opinion(why=str(getattr(error, "why", error)), **about, **nobody)
    finally:
        os.close(fd)
    decoder, values = _values(path, header, decoded)
    program, levels = _levels(path, header, decoded)
    return Opinion(decoder=decoder, values=values, program=program, levels=levels, **about)


def table(found: Sequence[Opinion]) -> str:
    """Return docs/pixels.md."""
    return HEAD + "\n".join(_rows(found)) + "\n"


def _rows(found: Sequence[Opinion]) -> Iterator[str]:
    groups: dict[tuple[str, ...], list[Opinion]] = {}
    for each in found:
        if not each.why:
            folder = each.name.rsplit("/", 1)[0]
            key = (folder, each.syntax, each.photometric, each.decoder, each.program)
            groups.setdefault(key, []).append(each)
    for (_, syntax, photometric, decoder, program), members in groups.items():
        name = f"`{members[0].name}`"
        name += f" and {len(members) - 1} more" if len(members) > 1 else ""
        values = max(each.values for each in members)
        levels = max(each.levels for each in members)
        cells = (
            name,
            NAMES.get(syntax, syntax),
            photometric,
            decoder or "none",
            f"{values:g}" if decoder else "",
            program or "none",
            str(levels) if program else "",
        )
        yield f"| {' | '.join(cells)} |"


HEAD = """# Pixels by two decoders

Made by `make table`; the corpus test compares. Each file's first and last frame is decoded by us
and by another decoder, and drawn by us and by DCMTK with the same window: the greatest difference
of a stored value, and of a level of 255. Files of one folder that fare alike share a row.

Without a second decoder: none of the others reads it. Without a second program: DCMTK 3.6.7 does
not know the compression, refuses the file, or does not read what the picture depends on
(functional groups, slopes that are not whole, colour profiles, values of 32 bits in the other
byte order).

| file | compression | colour | second decoder | values | second program | levels |
|---|---|---|---|--:|---|--:|
"""

if __name__ == "__main__":
    bundled = Path(pydicom.__file__).parent / "data" / "test_files"
    print(table(list(opinions([Path(sys.argv[1]) / "dicom", bundled]))), end="")
