"""What a data set says of its pixels, made consistent, and whether we can draw that."""

from __future__ import annotations

from dataclasses import dataclass

from viewer.dicom.header import DEFLATED, MAX_FRAMES, NATIVE
from viewer.dicom.kinds import PICTURE, Content, kind_of
from viewer.dicom.sandbox.child.reading import File
from viewer.dicom.sandbox.child.values import code, raw, short, whole
from viewer.dicom.sandbox.protocol import RING_BYTES

UNDEFINED = 0xFFFFFFFF
FLOATS = {0x7FE00008: 32, 0x7FE00009: 64}
GREY = ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR")
COLOUR = (
    "RGB",
    "YBR_FULL",
    "YBR_FULL_422",
    "YBR_PARTIAL_422",
    "YBR_PARTIAL_420",
    "YBR_ICT",
    "YBR_RCT",
    "XYB",
)
TRANSFER = "1.2.840.10008.1.2."
JPEG = frozenset(TRANSFER + "4." + each for each in ("50", "51", "53", "55", "57", "70"))
JPEG_LS = frozenset({TRANSFER + "4.80", TRANSFER + "4.81"})
JPEG_2000 = frozenset({TRANSFER + "4.90", TRANSFER + "4.91"})
HTJ2K = frozenset({TRANSFER + "4.201", TRANSFER + "4.202", TRANSFER + "4.203"})
JPEG_XL = frozenset({TRANSFER + "4.110", TRANSFER + "4.111", TRANSFER + "4.112"})
RLE = TRANSFER + "5"
DEFLATED_FRAMES = TRANSFER + "8.1"
ENCAPSULATED = JPEG | JPEG_LS | JPEG_2000 | HTJ2K | JPEG_XL | {RLE, DEFLATED_FRAMES}
DRAWN = NATIVE | ENCAPSULATED | {DEFLATED}
LOSSY = frozenset(
    TRANSFER + "4." + each for each in ("50", "51", "53", "55", "81", "91", "111", "112", "203")
)


@dataclass(frozen=True, slots=True)
class Facts:
    """The Image Pixel module. Source: PS3.3 C.7.6.3."""

    rows: int
    columns: int
    frames: int
    samples: int
    allocated: int
    stored: int
    high: int
    signed: bool
    planar: int
    photometric: str
    syntax: str
    is_float: bool

    @property
    def frame_bits(self) -> int:
        """Length of a native frame."""
        halved = self.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422") and self.syntax in (
            NATIVE | {DEFLATED}
        )
        samples = 2 if halved else self.samples
        return self.rows * self.columns * samples * self.allocated

    @property
    def is_native(self) -> bool:
        return self.syntax in NATIVE or self.syntax == DEFLATED


def facts(file: File) -> Facts:
    """Read them, with what many files leave out filled in."""
    found = file.dataset
    tag = file.place.tag if file.place else 0
    samples = short(found, 0x00280002, 1) or 1
    allocated = FLOATS.get(tag) or short(found, 0x00280100)
    stored = short(found, 0x00280101, allocated) or allocated
    photometric = code(found, 0x00280004) or ("RGB" if samples == 3 else "MONOCHROME2")
    rows, columns = short(found, 0x00280010), short(found, 0x00280011)
    frames = whole(found, 0x00280008)
    if frames is None or frames < 1:
        bits = rows * columns * samples * allocated
        garbled = bool(raw(found, 0x00280008).strip(b"\0 0"))
        known = file.place is not None and file.place.length != UNDEFINED and bits > 0
        frames = file.place.length * 8 // bits if garbled and known and file.place else 1
    return Facts(
        rows=rows,
        columns=columns,
        frames=min(max(frames, 1), MAX_FRAMES),
        samples=samples,
        allocated=allocated,
        stored=min(stored, allocated),
        high=min(short(found, 0x00280102, stored - 1), max(allocated - 1, 0)),
        signed=short(found, 0x00280103) == 1,
        planar=short(found, 0x00280006),
        photometric=photometric,
        syntax=file.syntax,
        is_float=tag in FLOATS,
    )


def why_not(file: File, known: Facts) -> str:
    """Return why there is no picture, in plain words, or nothing."""
    if file.place is None:
        return _without_pixels(file)
    if known.rows == 0 or known.columns == 0:
        return "its size is not given"
    return _unknown_form(known) or _too_much(file, known)


def _without_pixels(file: File) -> str:
    kind = kind_of(code(file.dataset, 0x00080016))
    if file.broken and kind.content is Content.PICTURE:
        return file.broken
    return kind.why_not or PICTURE.why_not


def _unknown_form(known: Facts) -> str:
    if known.syntax not in DRAWN:
        is_video = known.syntax.startswith(TRANSFER + "4.10")
        return "it is a film" if is_video else "its compression is not known to us"
    if known.photometric not in (GREY if known.samples == 1 else COLOUR):
        return "its kind of colour is not known to us"
    if known.photometric == "XYB" and known.syntax not in JPEG_XL:
        return "its kind of colour is not known to us"
    if known.samples not in (1, 3):
        return "its kind of colour is not known to us"
    widths = (32, 64) if known.is_float else (1, 8, 16, 32)
    if known.allocated not in widths or not 0 < known.stored <= known.allocated:
        return f"it has {known.allocated} bits a value"
    if known.allocated == 1 and known.samples != 1:
        return "it has 1 bit a value in colour"
    return ""


def _too_much(file: File, known: Facts) -> str:
    place = file.place
    if known.rows * known.columns * known.samples * max(known.allocated // 8, 1) > RING_BYTES:
        return "it is larger than we can draw"
    if place is None or place.length == 0 or known.is_native == (place.length == UNDEFINED):
        return "its picture is missing or damaged"
    if known.is_native:
        whole_bytes = len(file.inflated) if file.inflated is not None else file.size
        have = min(place.length, whole_bytes - place.value)
        if have * 8 < known.frame_bits:
            return "its picture is cut short"
    return ""
