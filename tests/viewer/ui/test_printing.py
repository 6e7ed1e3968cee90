"""Pages read back by PDFium: their pictures bit for bit, their words, and no name without names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pypdfium2
import pypdfium2.raw as raw
import pytest
from PySide6.QtGui import QColor
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from viewer.dicom.header import Header
from viewer.errors import StillNamed
from viewer.ui import printing
from viewer.ui.leaflet import Leaflet, Paper, Shot, leaflet, which

ADA = Header(
    modality="CT", patient_name="Lovelace^Ada", patient_id="AL-1815", patient_birth_date="18151210",
    institution="St Mary", study_description="CT head of Ada Lovelace", study_date="18520101",
    body_part="HEAD", study_uid="1.2.840.99.1", series_uid="1.2.840.99.2", sop_uid="1.2.840.99.3",
    frame_of_reference="1.2.840.99.4",
)  # fmt: skip
TOLD = ("lovelace", "ada", "al-1815", "1815", "december", "mary", "1.2.840", "99.")


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def shots(count: int, header: Header = ADA) -> list[Shot]:
    return [Shot(noise(40, 30, seed=n), header, "Axial", which(n, 54)) for n in range(count)]


@contextmanager
def opened(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(data)
    try:
        yield document
    finally:
        document.close()


def words(data: bytes) -> list[str]:
    with opened(data) as document:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def pictures(data: bytes) -> list[np.ndarray]:
    with opened(data) as document:
        found = [
            each.get_bitmap().to_numpy().copy()
            for page in document
            for each in page.get_objects()
            if each.type == raw.FPDF_PAGEOBJ_IMAGE
        ]
    return [each[..., ::-1] if each.ndim == 3 and each.shape[2] == 3 else each for each in found]


def test_pictures_are_in_the_pdf_bit_for_bit(qtbot: QtBot) -> None:
    grey, colour = noise(37, 41), noise(37, 41, 3)
    made = leaflet([Shot(grey, ADA, "", "image 1 of 2"), Shot(colour, ADA, "", "image 2 of 2")])
    first, second = pictures(printing.pdf(made))

    assert np.array_equal(first if first.ndim == 2 else first[..., 0], grey)
    assert np.array_equal(second, colour)


def test_a_page_says_whose_it_is_what_it_is_and_that_it_is_not_for_diagnosis(qtbot: QtBot) -> None:
    made = leaflet(shots(1), title="My head", notes="Ask about the left side.")
    (text,) = words(printing.pdf(made))

    for said in ("My head", "Ada Lovelace", "AL-1815", "St Mary", "image 1 of 54", "1852", "Axial",
                 "Ask about the left side.", "Not for diagnosis"):  # fmt: skip
        assert said in text, said


def test_without_names_there_is_none_in_words_or_metadata(qtbot: QtBot) -> None:
    made = leaflet(
        shots(2), notes="Ask about the left side.", report="Ada is well", with_names=False
    )
    data = printing.pdf(made)

    with opened(data) as document:
        about = " ".join(map(str, document.get_metadata_dict().values()))
    for each in TOLD:
        assert each not in f"{words(data)} {about}".lower(), each
    for each in (b"Lovelace", b"AL-1815", b"St Mary", b"1.2.840"):
        assert each not in data
    (text,) = words(data)
    assert "image 2 of 54" in text
    assert "1852" in text  # when it was made
    assert "Names left out" in text
    assert "Not for diagnosis" in text


def test_with_names_the_same_page_has_them(qtbot: QtBot) -> None:
    """So the test above can fail."""
    (text,) = words(printing.pdf(leaflet(shots(1))))
    assert sum(each in text.lower() for each in TOLD) >= 5


@pytest.mark.parametrize("words", [{"title": "Ada's head"}, {"notes": "call St Mary"}])
def test_a_name_that_a_person_wrote_stops_a_page_without_names(words: dict[str, str]) -> None:
    with pytest.raises(StillNamed) as caught:
        leaflet(shots(1), with_names=False, **words)
    assert next(iter(words)) in str(caught.value)
    assert "Ada" not in str(caught.value)


@pytest.mark.parametrize(
    ("count", "per_page", "expected"), [(1, None, 1), (2, None, 1), (5, None, 1), (13, None, 3),
                                        (5, 1, 5), (5, 2, 3), (5, 4, 2)]
)  # fmt: skip
def test_so_many_pictures_take_so_many_pages(
    count: int, per_page: int | None, expected: int, qtbot: QtBot
) -> None:
    data = printing.pdf(leaflet(shots(count), per_page=per_page))
    found = words(data)

    assert len(found) == expected
    assert len(pictures(data)) == count
    text = " ".join(found)
    assert all(f"image {n + 1} of 54" in text for n in range(count))
    assert ("Page 1 of" in text) == (expected > 1)


@pytest.mark.parametrize("paper", Paper)
def test_paper_has_its_size(paper: Paper, qtbot: QtBot) -> None:
    with opened(printing.pdf(leaflet(shots(1), paper=paper))) as document:
        assert document[0].get_size() == pytest.approx(paper.value, abs=0.6)


def test_a_long_report_goes_on_over_pages_and_loses_no_line(qtbot: QtBot) -> None:
    lines = [f"Line {n}, of the report." for n in range(200)]
    found = words(printing.pdf(leaflet(shots(1), report="\n".join(lines))))

    assert len(found) > 3
    # PDFium takes a column of short lines for vertical writing, and breaks it at every letter
    text = "".join("".join(found).split())
    assert [each for each in lines if text.count("".join(each.split())) != 1] == []


def test_text_alone_makes_pages_too_and_markup_is_only_text(qtbot: QtBot) -> None:
    made = Leaflet((), title="Report", notes="<b>bold</b> & <img src='file:///etc/passwd'>")
    (text,) = words(printing.pdf(made))
    assert "<b>bold</b> & <img src='file:///etc/passwd'>" in text


def test_a_printer_gets_the_same_pages_as_a_pdf(qtbot: QtBot, tmp_path: Path) -> None:
    made = leaflet(shots(3), notes="Some words.", per_page=1)
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    printing.put_on(printer, made)

    printed = (tmp_path / "printed.pdf").read_bytes()
    assert words(printed) == words(printing.pdf(made))
    with opened(printed) as document:
        assert document[0].get_size() == pytest.approx(Paper.A4.value, abs=1)


def test_every_script_that_a_font_has_can_be_read_back(qtbot: QtBot) -> None:
    header = Header(patient_name="Ελένη Παπαδοπούλου", study_date="20240102")
    (text,) = words(printing.pdf(leaflet(shots(1, header))))
    assert "Ελένη" in text


def test_what_is_drawn_stays_within_the_margins(qtbot: QtBot) -> None:
    made = leaflet(shots(4), title="T" * 200, notes="N" * 400)
    with opened(printing.pdf(made)) as document:
        seen = document[0].render(scale=1).to_numpy()
    ink = np.argwhere(seen.min(axis=2) < 200)
    rows, columns = seen.shape[:2]
    margin = printing.MARGIN_PT - 2
    assert len(ink) > 1000
    assert ink.min() >= margin
    assert ink[:, 0].max() <= rows - margin + printing.SMALL_PT
    assert ink[:, 1].max() <= columns - margin


def test_the_preview_is_the_page_that_is_printed(qtbot: QtBot) -> None:
    made = leaflet(shots(2), notes="Some words.")
    image = printing.preview(made, 0, 1.0)
    with opened(printing.pdf(made)) as document:
        printed = document[0].render(scale=1).to_numpy()

    assert abs(image.width() - printed.shape[1]) <= 1
    assert abs(image.height() - printed.shape[0]) <= 1
    seen = np.array(
        [[QColor(image.pixel(x, y)).lightness() for x in range(0, 590, 5)]
         for y in range(0, 840, 5)]
    )  # fmt: skip
    both = np.abs(seen.astype(int) - printed[:840:5, :590:5].mean(axis=2)[: len(seen)])
    assert np.median(both) == 0
    assert (both > 60).mean() < 0.1  # smoothing differs inside pictures
