"""All that leaves the viewer's window: pictures, films, pages, copies of the originals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from viewer.dicom import names
from viewer.dicom.file_set import FileSet
from viewer.dicom.header import Header
from viewer.dicom.kinds import Content, content_for
from viewer.render.finish import Look, finished
from viewer.render.jpeg import jpeg
from viewer.render.moving import FRAME_MS, new_file, save_film
from viewer.render.pipeline import Bytes8
from viewer.render.png import png
from viewer.ui import plain, printing, shots
from viewer.ui.errand import Errand, ErrandSheet, Progress
from viewer.ui.leaflet import Leaflet, Shot
from viewer.ui.page_sheet import Choice, PageSheet
from viewer.ui.saving_sheets import FilmSheet, PictureSheet
from viewer.ui.shots import Scene
from viewer.ui.study import OpenStudy

Copy = Callable[[Path, Progress], FileSet]
NO_PICTURE = "There is no picture here to save"
ONE_IMAGE = "One image makes no film"
NO_ORIGINALS = "The originals cannot be copied from here"
NOT_EMPTY = "Choose a folder that is empty or new: nothing is ever overwritten."


class Saver(QObject):
    """Asks what is wanted, and does it off the interface's thread."""

    said = Signal(str)  # what was done, or why not

    def __init__(
        self,
        scenes: Callable[[], Sequence[Scene]],
        window: QWidget,
        copy: Copy | None = None,
        reports: Callable[[], str] | None = None,
    ) -> None:
        """Begin.

        Args:
            scenes: the pictures in sight, the one that has the focus first.
            copy: writes all originals with a DICOMDIR into a folder; None if it cannot be done.
            reports: what the reports of the study say; empty if they say nothing.
        """
        super().__init__(window)
        self._scenes, self._window, self._copy, self._reports = scenes, window, copy, reports
        self._folder = Path.home()
        self._errand: Errand | None = None
        self.sheet: QWidget | None = None  # what a person is asked

    # -- what is offered ----------------------------------------------------------------------

    def fill(self, menu: QMenu) -> None:
        """Put all that can be done into a menu; what cannot be done now says why."""
        menu.clear()
        menu.setToolTipsVisible(True)
        for words, act, reason in (
            ("Save picture…", self.save_picture, self._no_picture),
            ("Save film…", self.save_film, self._no_film),
            ("Page for printing (PDF)…", self.make_page, self._no_picture),
            ("Print…", self.print_page, self._no_picture),
            ("Copy the originals…", self.copy_originals, "" if self._copy else NO_ORIGINALS),
        ):
            action = menu.addAction(words)
            action.setEnabled(not reason)
            action.setToolTip(f"{reason}." if reason else "")
            action.triggered.connect(lambda _=False, act=act: act())

    @property
    def _scene(self) -> Scene | None:
        return next(iter(self._scenes()), None)

    @property
    def _no_picture(self) -> str:
        return "" if self._scene else NO_PICTURE

    @property
    def _no_film(self) -> str:
        scene = self._scene
        if scene is None:
            return NO_PICTURE
        return "" if len(scene.film) > 1 else ONE_IMAGE

    # -- a picture ----------------------------------------------------------------------------

    def save_picture(self) -> None:
        """Ask how, then where, then save what is shown."""
        scene = self._scene
        drawable = scene.image.drawable if scene else None
        if scene is None or drawable is None:
            self.said.emit(f"{NO_PICTURE}.")
            return
        look = shots.look_of(scene.image)
        size = (drawable.rows, drawable.columns) if look.rotation % 180 else (
            drawable.columns, drawable.rows
        )  # fmt: skip
        sheet = PictureSheet(size, names.burned_in([scene.header]), self._window)

        def ask() -> None:
            seen = (
                shots.as_seen(scene.image, sheet.words.isChecked())
                if sheet.seen.isChecked()
                else None
            )
            ending, quality = (
                (".jpg", sheet.quality.value()) if sheet.jpeg.isChecked() else (".png", 0)
            )

            def save(path: Path) -> None:
                def work(progress: Progress) -> object:
                    progress("Saving the picture", 0, 1)
                    array = (
                        finished(drawable.pixels, look) if seen is None else shots.as_array(seen)
                    )
                    with new_file(path, replace=True) as file:
                        file.write(jpeg(array, quality) if quality else png(array))
                    return "The picture is saved."

                self._start(work)

            self._ask_name(_name(scene.header, scene.name), ending, save)

        sheet.chosen.connect(ask)
        self._open(sheet)

    # -- a film -------------------------------------------------------------------------------

    def save_film(self) -> None:
        """Ask which images and how, then where, then save them as a film."""
        scene = self._scene
        if scene is None or len(scene.film) < 2:
            self.said.emit(f"{ONE_IMAGE}.")
            return
        header, places = scene.header, scene.film
        fps = 1000 / (header.frame_time_ms or FRAME_MS)
        sheet = FilmSheet(
            len(places),
            fps,
            header.samples > 1 or "PALETTE" in header.photometric,
            names.burned_in(scene.series.headers),
            self._window,
        )
        look = replace(shots.look_of(scene.image), square=True)

        def ask() -> None:
            chosen = [places[each] for each in sheet.places]
            frame_ms = 1000 / sheet.fps.value()
            ending = ".gif" if sheet.gif.isChecked() else ".avi"

            def save(path: Path) -> None:
                def work(progress: Progress) -> object:
                    frames = _frames(scene, chosen, look)
                    save_film(path, frames, len(chosen), frame_ms, progress, replace=True)
                    return "The film is saved."

                self._start(work)

            self._ask_name(_name(header), ending, save)

        sheet.chosen.connect(ask)
        self._open(sheet)

    # -- a page -------------------------------------------------------------------------------

    def make_page(self) -> None:
        """Show a page for printing, to be saved as a PDF."""
        self._show_page(prints_first=False)

    def print_page(self) -> None:
        """Show a page for printing, to be printed."""
        self._show_page(prints_first=True)

    def _show_page(self, prints_first: bool) -> None:
        scenes = self._scenes()
        if not scenes:
            self.said.emit(f"{NO_PICTURE}.")
            return
        header = scenes[0].header
        reports = self._reports if _has_reports(scenes[0].study) else None
        sheet = PageSheet(_choices(scenes), prints_first, reports, self._window)
        sheet.save.connect(lambda made: self._save_pdf(made, header, sheet))
        sheet.print.connect(lambda made: self._print(made, sheet))
        self._open(sheet)

    def _save_pdf(self, made: Leaflet, header: Header, sheet: PageSheet) -> None:
        def save(path: Path) -> None:
            def work(progress: Progress) -> object:
                progress("Making the page", 0, 1)
                data = printing.pdf(made)
                with new_file(path, replace=True) as file:
                    file.write(data)
                return "The page is saved."

            sheet.accept()
            self._start(work)

        self._ask_name(_name(header), ".pdf", save)

    def _print(self, made: Leaflet, sheet: PageSheet) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(made.title)
        printer.setCreator("Rayfolio")
        dialog = QPrintDialog(printer, self._window)

        def start() -> None:
            def work(progress: Progress) -> object:
                progress("Printing", 0, 1)
                printing.put_on(printer, made)
                return "The page was sent to the printer."

            sheet.accept()
            self._start(work)

        dialog.accepted.connect(start)
        self._open(dialog)

    # -- the originals ------------------------------------------------------------------------

    def copy_originals(self) -> None:
        """Ask for a folder, and copy all originals into it."""
        copy = self._copy
        if copy is None:
            self.said.emit(f"{NO_ORIGINALS}.")
            return
        dialog = QFileDialog(self._window, "Copy the originals into a folder", str(self._folder))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)

        def start(chosen: str) -> None:
            folder = Path(chosen)
            if folder.is_dir() and any(folder.iterdir()):
                self._tell(NOT_EMPTY)
                return
            self._folder = folder.parent
            self._start(lambda progress: _told(copy(folder, progress)))

        dialog.fileSelected.connect(start)
        self._open(dialog)

    # -- asking and doing ---------------------------------------------------------------------

    def _ask_name(self, name: str, ending: str, then: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self._window, "Save as", str(self._folder))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ending.removeprefix("."))
        dialog.setNameFilter(f"{ending.removeprefix('.').upper()} (*{ending})")
        dialog.selectFile(f"{name}{ending}")

        def chosen(text: str) -> None:
            path = Path(text)
            path = path if path.suffix.lower() == ending else path.with_name(path.name + ending)
            self._folder = path.parent
            then(path)

        dialog.fileSelected.connect(chosen)
        self._open(dialog)

    def _open(self, sheet: QWidget) -> None:
        self.sheet = sheet
        sheet.open()  # type: ignore[attr-defined]

    def _start(self, work: Callable[[Progress], object]) -> None:
        errand = self._errand = Errand(work, self)
        ErrandSheet(errand, self._window)
        errand.done.connect(lambda words: self.said.emit(str(words)))
        errand.failed.connect(self._tell)
        errand.stopped.connect(lambda: self.said.emit("Stopped. Nothing was kept."))
        errand.start()

    def _tell(self, sentence: str) -> None:
        """Say what went wrong where it cannot be overlooked."""
        box = QMessageBox(self._window)
        box.setText(sentence)
        self._open(box)
        self.said.emit(sentence)

    def stop(self) -> None:
        """Let what still runs end; for when the window closes."""
        if self._errand is not None:
            self._errand.stop()


def _has_reports(study: OpenStudy) -> bool:
    headers = (header for series in study.series for header in series.headers)
    return any(content_for(header) is Content.DOCUMENT for header in headers)


def _frames(scene: Scene, places: Sequence[tuple[int, int]], look: Look) -> Iterator[Bytes8]:
    for instance, frame in places:
        yield finished(scene.study.decode(scene.series, instance, frame), look)


def _choices(scenes: Sequence[Scene]) -> list[Choice]:
    """Return which pictures can go on a page, as they are now."""
    found = []
    count = len(scenes)
    for some, whole, seen in (
        (scenes[:1], "This picture", "This picture as on the screen"),
        (scenes, f"All {count} pictures", f"All {count} as on the screen"),
    ):
        if some is scenes and count < 2:
            continue
        for words, on_screen in ((whole, False), (seen, True)):
            taken = [each for one in some if (each := shots.taken(one, on_screen)) is not None]
            found.append(Choice(words, partial(_shots, taken)))
    return found


def _shots(taken: Sequence[shots.Taken]) -> list[Shot]:
    return [each.shot() for each in taken]


def _name(header: Header, which: str = "") -> str:
    """Return a name for a file that says nothing of the person: "CT 2024-01-02 image 12"."""
    date = header.study_date
    said = (
        "".join(each for each in plain.plain(header.modality) if each.isalnum()),
        f"{date[:4]}-{date[4:6]}-{date[6:8]}" if len(date) == 8 and date.isdigit() else "",
        which,
    )
    return " ".join(each for each in said if each) or "Picture"


def _told(made: FileSet) -> str:
    count = made.instances
    said = f"{count} file{'' if count == 1 else 's'} copied, with a DICOMDIR."
    apart = len(made.apart)
    if apart:
        said += f" {apart} more in the folder OTHER: a DICOMDIR cannot name them."
    return said
