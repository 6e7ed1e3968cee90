"""What stands in the corners of a picture."""

from __future__ import annotations

from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.dicom.source import SeriesView
from viewer.render.remarks import remarks
from viewer.ui import plain
from viewer.ui.image_view import ImageView
from viewer.ui.measuring_words import scale_words, uptake_words
from viewer.ui.overlay import Corners

SAME_ZOOM = 1e-4
NOTICE = "Not for diagnosis"


def tell(
    series: SeriesView,
    header: Header,
    place: int,
    count: int,
    image: ImageView,
    playing: str = "",
) -> Corners:
    """Return the words for what is on the screen.

    Args:
        place: of the image that is shown, counted from 0.
        playing: the rate at which images follow each other; empty at rest.
    """
    top_left = (plain.plain(series.title), plain.plain(header.body_part).capitalize())
    return Corners(
        top_left=tuple(each for each in top_left if each),
        top_right=(
            f"Image {place + 1} of {count}",
            *_slice(header),
            *([playing] if playing else []),
        ),
        bottom_left=tuple(brightness(image)),
        bottom_right=tuple(_about_pixels(header, image)),
        notice=NOTICE,
    )


def tell_patient(
    series: SeriesView, header: Header, place: int, count: int, image: ImageView
) -> Corners:
    """Return the few words that a patient needs."""
    swapped = image.drawable is not None and image.view.inverted
    return Corners(
        top_left=(plain.plain(series.title),),
        top_right=(f"Image {place + 1} of {count}",) if header.drawable and count > 1 else (),
        bottom_left=("Black and white swapped",) if swapped else (),
        notice=NOTICE,
    )


def tell_waiting(series: SeriesView) -> Corners:
    """Return the words for while no image of a series is there yet."""
    return Corners(top_left=(plain.plain(series.title),), notice=NOTICE)


def _slice(header: Header) -> list[str]:
    thick = header.slice_thickness_mm
    return [f"Slice {thick:g} mm thick"] if thick and header.drawable and header.frames == 1 else []


def brightness(image: ImageView) -> list[str]:
    """Return the lines about window and zoom."""
    if image.drawable is None:
        return []
    zoom = image.view.zoom
    lines = [f"Zoom {zoom * image.devicePixelRatioF() * 100:.0f} %"]
    true = image.true_zoom
    if isinstance(true, float) and abs(zoom / true - 1) < SAME_ZOOM:
        lines.append("True size, if the screen’s own size is right")
    window = image.seen_window
    if window is not None:
        digits = 0 if window.width >= 10 else 2
        lines.insert(0, f"Width {window.width:.{digits}f}  Level {window.center:.{digits}f}")
    if image.view.inverted:
        lines.insert(0, "Black and white swapped")
    return lines


def _about_pixels(header: Header, image: ImageView) -> list[str]:
    if image.drawable is None:
        return []
    lines = list(remarks(image.drawable.pixels))
    lines += _scale(image.drawable.pixels)
    return [*lines, f"{header.columns} × {header.rows} pixels"]


def _scale(pixels: Pixels) -> list[str]:
    """Return what lengths on the picture mean, and why there is no uptake to measure."""
    said = (scale_words(pixels.calibration), uptake_words(pixels))
    return [each for each in said if each]
