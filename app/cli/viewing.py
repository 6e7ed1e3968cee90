"""`rayfolio view`: DICOM from disk without a wallet, as a window, pictures, films, pages, text."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from app.cli.result import Narrator, Result, tell
from app.cli.view_options import JPEG, OUTPUTS, add_view, check
from viewer.dicom.kinds import kind_of
from viewer.errors import CannotDraw, CannotShow, StillNamed
from wallet.errors import RequestInvalid

if TYPE_CHECKING:
    from app.pictures import FolderPictures
    from app.texts import Text
    from viewer.dicom.file_set import FileSet
    from viewer.dicom.source import SeriesView
    from viewer.render.finish import Look
    from viewer.render.pipeline import Bytes8

T = TypeVar("T")

__all__ = ["add_view", "view"]


def view(given: argparse.Namespace) -> Result:
    """Look at DICOM from disk."""
    check(given)
    if not any(getattr(given, name) for name in OUTPUTS):
        from app.ui.folder import view_folder

        return Result({}, code=view_folder(given.path))
    from app.pictures import FolderPictures

    value: dict[str, Any] = {}
    lines: list[str] = []
    # every file counts, so that --index means what it always did; a volume has each slice once
    with FolderPictures(given.path, shows_twins=not given.mpr) as pictures:
        for name in OUTPUTS:
            if getattr(given, name):
                found, said = _MAKERS[name](given, pictures)
                value |= found
                lines += said
    return Result(value, lambda: iter(lines))


# -- what is asked for -----------------------------------------------------------------------


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
    told: dict[str, Any] = {}
    if given.mpr:
        array, told = _cut(given, pictures, series)
    else:
        place = locate(series, given.index[0] if given.index else 0)
        (array,) = pictures.finished(series, [place], _look(given), given.preset or "")
    is_jpeg = given.render.suffix.lower() in JPEG
    data = jpeg(array, given.quality or QUALITY) if is_jpeg else png(array)
    with new_file(given.render) as file:
        file.write(data)
    return {"render": str(given.render)} | told, []


def _cut(
    given: argparse.Namespace, pictures: FolderPictures, series: SeriesView
) -> tuple[Bytes8, dict[str, Any]]:
    from app.cuts import MODES, VIEWS, cut
    from app.pictures import preset
    from viewer.render.finish import finished
    from viewer.render.reslice import THIN, Slab

    slab = THIN if given.slab is None else Slab(given.slab, MODES[given.mode or "mip"])
    found = cut(pictures, series, VIEWS[given.mpr], given.position, slab, Narrator())
    look = replace(_look(given), square=True)
    if given.preset:
        look = look.seen_by(preset(found.pixels, given.preset))
    told = {"mpr": given.mpr, "position_mm": found.position_mm, "slab_mm": found.thick_mm}
    return finished(found.pixels, look), told


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
    from app.texts import all_texts

    report = all_texts(pictures.sandbox, pictures.source) if given.report else ""
    try:
        data = _without_a_screen(lambda: _pages(given, series, indices, headers, arrays, report))
    except StillNamed as error:
        raise RequestInvalid(str(error).rstrip(".")) from None
    with new_file(given.pdf) as file:
        file.write(data)
    value = {"pdf": str(given.pdf), "images": len(places)}
    return value | ({"caution": caution} if given.without_names else {}), []


def _pages(
    given: argparse.Namespace,
    series: SeriesView,
    indices: list[int],
    headers: Any,
    arrays: Any,
    report: str,
) -> bytes:
    from viewer.dicom.series import viewing_order
    from viewer.ui import printing
    from viewer.ui.leaflet import Paper, Shot, leaflet, which

    count = len(viewing_order(series.headers))
    shots = [
        Shot(array, header, series.title, which(index, count))
        for array, header, index in zip(arrays, headers, indices, strict=True)
    ]
    made = leaflet(
        shots,
        title=given.title or "",
        notes=given.notes or "",
        report=report,
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


def _text(given: argparse.Namespace, pictures: FolderPictures) -> Made:
    from viewer.render.moving import new_file

    every = pictures.source.series()
    found = _texts(pictures, every if given.series is None else [_series(given, pictures)])
    if not found:
        raise CannotShow("there is no report or document here")
    documents = [{"kind": each.kind, "text": each.text, "read": each.is_read} for each in found]
    text = "\n\n".join(f"== {each.kind} ==\n\n{each.text}" for each in found)
    if given.text == "-":
        return {"documents": documents}, [text]
    with new_file(Path(given.text)) as file:
        file.write(f"{text}\n".encode())
    return {"text": given.text, "documents": documents}, []


def _texts(pictures: FolderPictures, wanted: Sequence[SeriesView]) -> list[Text]:
    from app.texts import texts

    return list(texts(pictures.sandbox, pictures.source, wanted, Narrator()))


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
    notes = list(pictures.source.notes)
    value = {"series": series, "skipped": skipped, "notes": notes}
    return value, [*notes, *_list_lines(series, skipped)]


def _series_value(series: SeriesView) -> dict[str, Any]:
    from viewer.dicom.oddities import notes
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
        "notes": list(notes(series)),
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
        yield from (f"  note: {note}" for note in each["notes"])
        for why in dict.fromkeys(i["why_not"] for i in each["images"] if not i["drawable"]):
            count = sum(i["why_not"] == why for i in each["images"])
            kinds = {i["kind"] for i in each["images"] if i["why_not"] == why}
            yield f"  not drawn ({count}): {', '.join(sorted(kinds))}: {why}"
    yield from (f"skipped {each['path']}: {each['reason']}" for each in skipped)


_MAKERS: dict[str, Callable[[argparse.Namespace, FolderPictures], Made]] = {
    "render": _render,
    "movie": _movie,
    "pdf": _pdf,
    "text": _text,
    "dicomdir": _dicomdir,
    "list": _list,
}
