"""`rayfolio view`: DICOM from disk without a wallet, as a window, pictures, films, pages, text."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from app.cli.result import Narrator, Result, check_new, tell
from viewer.dicom.kinds import kind_of
from viewer.errors import CannotDraw, StillNamed
from wallet.errors import RequestInvalid

if TYPE_CHECKING:
    from app.pictures import FolderPictures
    from viewer.dicom.file_set import FileSet
    from viewer.dicom.source import SeriesView
    from viewer.render.finish import Look

T = TypeVar("T")
JPEG = (".jpg", ".jpeg")  # any other picture is a PNG
FILMS = (".gif", ".avi")
SIDE_MOST_PX = 16_384
_OUTPUTS = ("render", "movie", "pdf", "dicomdir", "list")
_LOOKS = ("preset", "invert", "rotate", "flip", "size")


def add_view(sub: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    sub.add_argument("path", type=Path, metavar="PATH")
    what = sub.add_argument_group("what to make")
    what.add_argument("--render", type=Path, metavar="FILE.png|.jpg", help="a picture")
    what.add_argument("--movie", type=Path, metavar="FILE.gif|.avi", help="a film")
    what.add_argument("--pdf", type=Path, metavar="FILE.pdf", help="pages for printing")
    what.add_argument("--dicomdir", type=Path, metavar="DIR", help="the originals as on a disc")
    what.add_argument("--list", action="store_true", help="what is here")
    which = sub.add_argument_group("of which images")
    which.add_argument("--series", metavar="UID|NUMBER", help="the first by default")
    which.add_argument("--index", type=int, action="append", metavar="N", help="from 0")
    look = sub.add_argument_group("how they look")
    look.add_argument("--window", type=float, metavar="W")
    look.add_argument("--level", type=float, metavar="L")
    look.add_argument("--preset", metavar="NAME")
    look.add_argument("--invert", action="store_true")
    look.add_argument("--rotate", type=int, choices=(90, 180, 270), help="clockwise")
    look.add_argument("--flip", choices=("h", "v"), help="left for right, or top for bottom")
    look.add_argument("--size", type=int, metavar="PX", help="the longer side")
    look.add_argument("--quality", type=int, default=None, metavar="1-100", help="of a JPEG")
    page = sub.add_argument_group("what stands on pages")
    page.add_argument("--title")
    page.add_argument("--notes")
    page.add_argument("--without-names", action="store_true")
    page.add_argument("--paper", choices=("a4", "letter"))
    page.add_argument("--per-page", type=int, choices=(1, 2, 4, 6))


def view(given: argparse.Namespace) -> Result:
    """Look at DICOM from disk."""
    _check(given)
    if not any(getattr(given, name) for name in _OUTPUTS):
        from app.ui.folder import view_folder

        return Result({}, code=view_folder(given.path))
    from app.pictures import FolderPictures

    value: dict[str, Any] = {}
    lines: list[str] = []
    with FolderPictures(given.path) as pictures:
        for name in _OUTPUTS:
            if getattr(given, name):
                found, said = _MAKERS[name](given, pictures)
                value |= found
                lines += said
    return Result(value, lambda: iter(lines))


# -- what is asked for ------------------------------------------------------------------------


def _check(given: argparse.Namespace) -> None:
    """Refuse what does not fit together, before anything is read or written."""
    if not given.path.exists():
        raise RequestInvalid("There is no such file or folder")
    _check_window(given)
    shows = given.render or given.movie or given.pdf
    if not shows and (given.index is not None or given.window is not None):
        raise RequestInvalid("--index, --window and --level go with --render")
    if not shows and any(getattr(given, name) for name in _LOOKS):
        raise RequestInvalid("How a picture looks goes with --render, --movie or --pdf")
    if given.series is not None and not shows:
        raise RequestInvalid("--series goes with --render, --movie or --pdf")
    if given.index and len(given.index) > 1 and not given.pdf:
        raise RequestInvalid("Only --pdf takes several --index")
    if given.size is not None and not 1 <= given.size <= SIDE_MOST_PX:
        raise RequestInvalid(f"--size takes 1 to {SIDE_MOST_PX} pixels")
    pages = (given.title, given.notes, given.without_names, given.paper, given.per_page)
    if not given.pdf and any(pages):
        raise RequestInvalid("What stands on pages goes with --pdf")
    if given.render:
        check_new(given.render)
    _check_file(given.movie, "--movie", FILMS)
    _check_file(given.pdf, "--pdf", (".pdf",))
    if given.quality is not None and not (
        1 <= given.quality <= 100 and given.render and given.render.suffix.lower() in JPEG
    ):
        raise RequestInvalid("--quality takes 1 to 100, for --render FILE.jpg")
    if given.dicomdir:
        _check_folder(given.dicomdir)


def _check_window(given: argparse.Namespace) -> None:
    if (given.window is None) != (given.level is None):
        raise RequestInvalid("--window and --level go together")
    if given.window is not None and not 1 <= given.window < float("inf"):
        raise RequestInvalid("--window takes a width of at least 1")
    if given.level is not None and not abs(given.level) < float("inf"):
        raise RequestInvalid("--level takes a number")
    if given.preset and given.window is not None:
        raise RequestInvalid("--preset stands in place of --window and --level")


def _check_file(path: Path | None, option: str, endings: tuple[str, ...]) -> None:
    if path is None:
        return
    if path.suffix.lower() not in endings:
        raise RequestInvalid(f"{option} takes a name that ends in {' or '.join(endings)}")
    check_new(path)


def _check_folder(path: Path) -> None:
    if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        raise RequestInvalid("--dicomdir takes a folder that is empty or new")


def _look(given: argparse.Namespace) -> Look:
    from viewer.render.finish import Look
    from viewer.render.voi import Window

    rotation = given.rotate or 0
    if given.flip == "v":  # over is sideways and half a turn
        rotation = (rotation + 180) % 360
    return Look(
        window=None if given.window is None else Window(given.level, given.window),
        inverted=given.invert,
        rotation=rotation,
        flipped=given.flip is not None,
        side_px=given.size,
    )


def _series(given: argparse.Namespace, pictures: FolderPictures) -> SeriesView:
    from app.pictures import choose_series

    return choose_series(pictures.source.series(), given.series)


# -- what is made -----------------------------------------------------------------------------

Made = tuple[dict[str, Any], list[str]]


def _render(given: argparse.Namespace, pictures: FolderPictures) -> Made:
    from app.pictures import locate
    from viewer.render.jpeg import QUALITY, jpeg
    from viewer.render.moving import new_file
    from viewer.render.png import png

    series = _series(given, pictures)
    place = locate(series, given.index[0] if given.index else 0)
    (array,) = pictures.finished(series, [place], _look(given), given.preset or "")
    is_jpeg = given.render.suffix.lower() in JPEG
    data = jpeg(array, given.quality or QUALITY) if is_jpeg else png(array)
    with new_file(given.render) as file:
        file.write(data)
    return {"render": str(given.render)}, []


def _movie(given: argparse.Namespace, pictures: FolderPictures) -> Made:
    from app.pictures import locate
    from viewer.render.moving import FRAME_MS, film_places, save_film

    series = _series(given, pictures)
    instance, _ = locate(series, given.index[0] if given.index else 0)
    if not series.headers[instance].drawable:
        raise CannotDraw(series.headers[instance].why_not)
    places = film_places(series.headers, instance)
    if len(places) < 2:
        raise RequestInvalid("One image makes no film; use --render")
    frame_ms = series.headers[places[0][0]].frame_time_ms or FRAME_MS
    look = replace(_look(given), square=True)
    frames = pictures.finished(series, places, look, given.preset or "")
    save_film(given.movie, frames, len(places), frame_ms, Narrator())
    value = {"movie": str(given.movie), "frames": len(places), "frame_ms": frame_ms}
    return value, [f"{len(places)} images, {1000 / frame_ms:.3g} a second."]


def _pdf(given: argparse.Namespace, pictures: FolderPictures) -> Made:
    from app.pictures import locate
    from viewer.dicom import names
    from viewer.render.moving import new_file

    series = _series(given, pictures)
    indices = given.index or [0]
    places = [locate(series, index) for index in indices]
    headers = [series.headers[instance] for instance, _ in places]
    caution = names.burned_in(headers) if given.without_names else ""
    if caution:
        tell(caution)
    look = replace(_look(given), square=True)
    arrays = list(pictures.finished(series, places, look, given.preset or ""))
    try:
        data = _without_a_screen(lambda: _pages(given, series, indices, headers, arrays))
    except StillNamed as error:
        raise RequestInvalid(str(error).rstrip(".")) from None
    with new_file(given.pdf) as file:
        file.write(data)
    value = {"pdf": str(given.pdf), "images": len(places)}
    return value | ({"caution": caution} if given.without_names else {}), []


def _pages(
    given: argparse.Namespace, series: SeriesView, indices: list[int], headers: Any, arrays: Any
) -> bytes:
    from viewer.dicom.series import viewing_order
    from viewer.ui import printing
    from viewer.ui.leaflet import Paper, Shot, leaflet

    count = len(viewing_order(series.headers))
    shots = [
        Shot(array, header, series.title, index, count)
        for array, header, index in zip(arrays, headers, indices, strict=True)
    ]
    made = leaflet(
        shots,
        title=given.title or "",
        notes=given.notes or "",
        with_names=not given.without_names,
        paper=Paper.LETTER if given.paper == "letter" else Paper.A4,
        per_page=given.per_page,
    )
    return printing.pdf(made)


def _without_a_screen(make: Callable[[], T]) -> T:
    """Run what needs Qt's fonts but no window."""
    if sys.platform == "linux":
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QGuiApplication

    app = QGuiApplication.instance() or QGuiApplication(["rayfolio"])
    try:
        return make()
    finally:
        del app


def _dicomdir(given: argparse.Namespace, pictures: FolderPictures) -> Made:
    made = pictures.copy_originals(given.dicomdir, Narrator())
    return {"dicomdir": str(given.dicomdir)} | file_set_value(made), list(file_set_lines(made))


def file_set_value(made: FileSet) -> dict[str, Any]:
    """Return what was copied, for machines."""
    apart = [
        {"path": each.relative, "copied_to": each.copied_to, "reason": each.reason}
        for each in made.apart
    ]
    return {"instances": made.instances, "apart": apart}


def file_set_lines(made: FileSet) -> Iterator[str]:
    """Say what was copied."""
    yield f"{made.instances} images and documents, listed in DICOMDIR."
    for each in made.apart:
        yield f"not listed: {each.relative}, as {each.copied_to}: {each.reason}"


# -- what is here -----------------------------------------------------------------------------


def _list(_given: argparse.Namespace, pictures: FolderPictures) -> Made:
    series = [_series_value(each) for each in pictures.source.series()]
    skipped = [{"path": each.path.name, "reason": each.reason} for each in pictures.source.skipped]
    return {"series": series, "skipped": skipped}, list(_list_lines(series, skipped))


def _series_value(series: SeriesView) -> dict[str, Any]:
    from viewer.dicom.series import viewing_order

    order = viewing_order(series.headers)
    first_index: dict[int, int] = {}
    for index, (instance, _) in enumerate(order):
        first_index.setdefault(instance, index)
    first = series.headers[0]
    return {
        "uid": series.uid,
        "number": first.series_number,
        "modality": series.modality,
        "title": series.title,
        "instances": len(series.headers),
        "frames": len(order),
        "images": [
            {
                "index": first_index[instance],
                "number": header.instance_number,
                "kind": kind_of(header.sop_class).name,
                "rows": header.rows,
                "columns": header.columns,
                "frames": header.frames,
                "drawable": header.drawable,
                "why_not": header.why_not,
            }
            for instance, header in enumerate(series.headers)
        ],
    }


def _list_lines(series: list[dict[str, Any]], skipped: list[dict[str, str]]) -> Iterator[str]:
    for each in series:
        number = "-" if each["number"] is None else each["number"]
        yield (
            f"series {number}: {each['modality']} {each['title']}, {each['frames']} images  "
            f"{each['uid']}"
        )
        for why in dict.fromkeys(i["why_not"] for i in each["images"] if not i["drawable"]):
            count = sum(i["why_not"] == why for i in each["images"])
            kinds = {i["kind"] for i in each["images"] if i["why_not"] == why}
            yield f"  not drawn ({count}): {', '.join(sorted(kinds))}: {why}"
    yield from (f"skipped {each['path']}: {each['reason']}" for each in skipped)


_MAKERS: dict[str, Callable[[argparse.Namespace, FolderPictures], Made]] = {
    "render": _render,
    "movie": _movie,
    "pdf": _pdf,
    "dicomdir": _dicomdir,
    "list": _list,
}
