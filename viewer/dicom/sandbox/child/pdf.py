"""The pages of a PDF, drawn by PDFium: no scripts, no forms that act, nothing followed or opened.

The library is built without a script engine and is started before the child is hardened. Afterwards
it can read no fonts from the disk: a page is drawn with its own fonts, or with those built in.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2_raw as pdfium

from viewer.dicom.documents import MAX_PAGES, PAGE_SIDE_PT, PAGE_SIDE_PX, PAGE_TEXT
from viewer.dicom.sandbox.child.reports import clean
from viewer.errors import CannotShow

_A4_PT = (595.0, 842.0)
_LETTERS = 200_000  # looked at on one page
_OBJECTS = 20_000  # of a page, looked through for fonts
_TEXT_BYTES = 80_000  # of a page's text as JSON: the reply must not lie over the picture
_WHY = {4: "it is locked with a password", 3: "it is damaged"}
_FIELDS = "What was filled in on this page may be missing here. Export it to see all."
_FONTS = "Letters may be missing on this page: it does not bring its fonts. Export it to see all."
Bytes8 = npt.NDArray[np.uint8]


def start() -> None:
    """Start the library, with no folder to look for fonts in. Before hardening."""
    folders = (ctypes.POINTER(ctypes.c_char) * 1)()
    settings = pdfium.FPDF_LIBRARY_CONFIG(version=2, m_pUserFontPaths=folders)
    pdfium.FPDF_InitLibraryWithConfig(settings)
    with contextlib.suppress(CannotShow), opened(b"%PDF-"):
        pass
    b"a\0".decode("utf-16-le")  # imported when first used; of nothing it would not be


@contextlib.contextmanager
def opened(data: bytes) -> Iterator[Any]:
    """Open a PDF in memory.

    Raises: CannotShow.
    """
    held = ctypes.create_string_buffer(data, len(data))
    found = pdfium.FPDF_LoadMemDocument64(held, len(data), None)
    if not found:
        raise CannotShow(_WHY.get(pdfium.FPDF_GetLastError(), "it cannot be read"))
    try:
        yield found
    finally:
        pdfium.FPDF_CloseDocument(found)


def pages(data: bytes) -> dict[str, Any]:
    """Return the sizes of the pages, points.

    Raises: CannotShow.
    """
    with opened(data) as found:
        count = pdfium.FPDF_GetPageCount(found)
        if count < 1:
            raise CannotShow("it has no pages")
        sizes = [_size(found, number) for number in range(min(count, MAX_PAGES))]
    missing = f"Only the first {MAX_PAGES} pages are shown." if count > MAX_PAGES else ""
    return {"pages": sizes, "missing": missing}


def _size(found: Any, number: int) -> list[float]:
    size = pdfium.FS_SIZEF()
    known = pdfium.FPDF_GetPageSizeByIndexF(found, number, size)
    sides = (size.width, size.height)
    if not known or not all(math.isfinite(each) and each > 0 for each in sides):
        sides = _A4_PT
    return [min(max(float(each), 1.0), PAGE_SIDE_PT) for each in sides]


def page(data: bytes, number: int, scale: float) -> tuple[Bytes8, dict[str, Any]]:
    """Draw one page on white.

    Args:
        scale: px a point.

    Returns: rows x columns x 3, and the rest of the reply.

    Raises: CannotShow.
    """
    with opened(data) as found:
        if not 0 <= number < pdfium.FPDF_GetPageCount(found):
            raise CannotShow("it has no such page")
        width, height = (_pixels(each, scale) for each in _size(found, number))
        loaded = pdfium.FPDF_LoadPage(found, number)
        if not loaded:
            raise CannotShow("this page is damaged")
        try:
            text, missing = _read(loaded)
            has_fields = pdfium.FPDF_GetFormType(found) != 0
            # What was filled in becomes part of the page, as it was last drawn; nothing acts.
            flat = pdfium.FPDFPage_Flatten(loaded, pdfium.FLAT_NORMALDISPLAY)
            if flat == pdfium.FLATTEN_SUCCESS:
                pdfium.FPDF_ClosePage(loaded)
                loaded = pdfium.FPDF_LoadPage(found, number)
            array = _drawn(loaded, width, height)
        finally:
            pdfium.FPDF_ClosePage(loaded)
    if has_fields and flat != pdfium.FLATTEN_SUCCESS:
        missing = missing or _FIELDS
    return array, {"text": text, "missing": missing}


def _pixels(side_pt: float, scale: float) -> int:
    side = round(side_pt * scale)
    if not 0 <= side <= PAGE_SIDE_PX:
        raise CannotShow("its pages are too large")
    return max(1, side)


def _drawn(loaded: Any, width: int, height: int) -> Bytes8:
    row_bytes = -(-3 * width // 4) * 4
    array = np.full((height, row_bytes), 255, np.uint8)
    place = array.ctypes.data_as(ctypes.c_void_p)
    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_BGR, place, row_bytes)
    if not bitmap:
        raise CannotShow("its pages are too large")
    flags = (
        pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER | pdfium.FPDF_RENDER_LIMITEDIMAGECACHE
    )
    pdfium.FPDF_RenderPageBitmap(bitmap, loaded, 0, 0, width, height, 0, flags)
    pdfium.FPDFBitmap_Destroy(bitmap)
    return np.ascontiguousarray(array[:, : 3 * width].reshape(height, width, 3))


def _read(loaded: Any) -> tuple[str, str]:
    """Return what stands on a page, and what may not be seen of it."""
    read = pdfium.FPDFText_LoadPage(loaded)
    if not read:
        return "", ""
    try:
        count = min(max(pdfium.FPDFText_CountChars(read), 0), PAGE_TEXT)
        units = (ctypes.c_ushort * (count + 1))()
        pdfium.FPDFText_GetText(read, 0, count, units)
        said = clean(bytes(units)[: 2 * count].decode("utf-16-le", "replace"))
        missing = _FONTS if _lacks_fonts(loaded, read) else ""
    finally:
        pdfium.FPDFText_ClosePage(read)
    while len(json.dumps(said)) > _TEXT_BYTES:
        said = said[: len(said) // 2]
    return said, missing


def _lacks_fonts(loaded: Any, read: Any) -> bool:
    """Whether letters that no built-in font has are set in a font that the page does not bring."""
    count = min(pdfium.FPDFText_CountChars(read), _LETTERS)
    foreign = (pdfium.FPDFText_GetUnicode(read, each) > 0x17F for each in range(count))
    if not any(foreign):
        return False
    for each in range(min(pdfium.FPDFPage_CountObjects(loaded), _OBJECTS)):
        piece = pdfium.FPDFPage_GetObject(loaded, each)
        if pdfium.FPDFPageObj_GetType(piece) != pdfium.FPDF_PAGEOBJ_TEXT:
            continue
        font = pdfium.FPDFTextObj_GetFont(piece)
        if pdfium.FPDFFont_GetIsEmbedded(font) == 0 and _is_foreign(piece, read):
            return True
    return False


def _is_foreign(piece: Any, read: Any) -> bool:
    units = (ctypes.c_ushort * 256)()
    pdfium.FPDFTextObj_GetText(piece, read, units, 512)
    said = bytes(units).decode("utf-16-le", "replace").split("\0", 1)[0]
    return any(ord(each) > 0x17F and each.isalpha() for each in said)
