"""What `rayfolio view` takes, and what of it does not fit together."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.result import check_new
from wallet.errors import RequestInvalid

JPEG = (".jpg", ".jpeg")  # any other picture is a PNG
FILMS = (".gif", ".avi")
SIDE_MOST_PX = 16_384
SLAB_MOST_MM = 1000
OUTPUTS = ("render", "movie", "pdf", "text", "dicomdir", "list")
_LOOKS = ("preset", "invert", "rotate", "flip", "size")


def add_view(sub: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    sub.add_argument("path", type=Path, metavar="PATH")
    what = sub.add_argument_group("what to make")
    what.add_argument("--render", type=Path, metavar="FILE.png|.jpg", help="a picture")
    what.add_argument("--movie", type=Path, metavar="FILE.gif|.avi", help="a film")
    what.add_argument("--pdf", type=Path, metavar="FILE.pdf", help="pages for printing")
    what.add_argument("--text", metavar="FILE|-", help="what reports and documents say")
    what.add_argument("--dicomdir", type=Path, metavar="DIR", help="the originals as on a disc")
    what.add_argument("--list", action="store_true", help="what is here")
    which = sub.add_argument_group("of which images")
    which.add_argument("--series", metavar="UID|NUMBER", help="the first with a picture by default")
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
    cut = sub.add_argument_group("from another side, for --render")
    cut.add_argument("--mpr", choices=("axial", "coronal", "sagittal"))
    cut.add_argument("--position", type=float, metavar="MM", help="the middle if not given")
    cut.add_argument("--slab", type=float, metavar="MM", help="how thick")
    cut.add_argument("--mode", choices=("mip", "minip", "mean"), help="of a slab; mip if not given")
    page = sub.add_argument_group("what stands on pages")
    page.add_argument("--title")
    page.add_argument("--notes")
    page.add_argument("--report", action="store_true", help="with what reports say")
    page.add_argument("--without-names", action="store_true")
    page.add_argument("--paper", choices=("a4", "letter"))
    page.add_argument("--per-page", type=int, choices=(1, 2, 4, 6))


def check(given: argparse.Namespace) -> None:
    """Refuse what does not fit together, before anything is read or written."""
    if not given.path.exists():
        raise RequestInvalid("There is no such file or folder")
    _check_window(given)
    shows = given.render or given.movie or given.pdf
    if not shows and (given.index is not None or given.window is not None):
        raise RequestInvalid("--index, --window and --level go with --render")
    if not shows and any(getattr(given, name) for name in _LOOKS):
        raise RequestInvalid("How a picture looks goes with --render, --movie or --pdf")
    if given.series is not None and not (shows or given.text):
        raise RequestInvalid("--series goes with --render, --movie, --pdf or --text")
    _check_cut(given)
    if given.index and len(given.index) > 1 and not given.pdf:
        raise RequestInvalid("Only --pdf takes several --index")
    if given.size is not None and not 1 <= given.size <= SIDE_MOST_PX:
        raise RequestInvalid(f"--size takes 1 to {SIDE_MOST_PX} pixels")
    pages = (
        given.title, given.notes, given.report, given.without_names, given.paper, given.per_page
    )  # fmt: skip
    if not given.pdf and any(pages):
        raise RequestInvalid("What stands on pages goes with --pdf")
    if given.report and given.without_names:
        raise RequestInvalid("A report can name people anywhere: leave --report or --without-names")
    if given.render:
        check_new(given.render)
    _check_file(given.movie, "--movie", FILMS)
    _check_file(given.pdf, "--pdf", (".pdf",))
    if given.quality is not None and not (
        1 <= given.quality <= 100 and given.render and given.render.suffix.lower() in JPEG
    ):
        raise RequestInvalid("--quality takes 1 to 100, for --render FILE.jpg")
    if given.text and given.text != "-":
        check_new(Path(given.text))
    if given.dicomdir:
        _check_folder(given.dicomdir)


def _check_cut(given: argparse.Namespace) -> None:
    if given.mpr and not given.render:
        raise RequestInvalid("--mpr goes with --render")
    if not given.mpr and any(each is not None for each in (given.position, given.slab, given.mode)):
        raise RequestInvalid("--position, --slab and --mode go with --mpr")
    if given.mode and given.slab is None:
        raise RequestInvalid("--mode goes with --slab")
    if given.slab is not None and not 0 < given.slab <= SLAB_MOST_MM:
        raise RequestInvalid(f"--slab takes a thickness of up to {SLAB_MOST_MM} mm")
    if given.position is not None and not abs(given.position) < float("inf"):
        raise RequestInvalid("--position takes a number of mm")
    if given.mpr and given.index:
        raise RequestInvalid("--mpr takes --position in place of --index")


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
