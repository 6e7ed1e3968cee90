"""`rayfolio view` on files that pydicom brings along and on made ones; read back by others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pypdfium2
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, UltrasoundImageStorage, generate_uid

from app.cli.main import main

Rows = list[int]
STEPS = np.arange(64 * 48, dtype=np.int16).reshape(64, 48)


def write(path: Path, array: np.ndarray, number: int = 1, **more: Any) -> Path:
    """An image whose values are HU, seen from 0 to 255 at 1:1."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID, made.SOPInstanceUID = CTImageStorage, generate_uid()
    made.StudyInstanceUID, made.SeriesInstanceUID = "1.2.3", "1.2.3.1"
    made.Modality, made.SeriesNumber, made.InstanceNumber = "CT", 4, number
    made.PatientName, made.PatientID, made.InstitutionName = "Doe^Jane", "JD-77", "St Mary"
    made.StudyDate, made.StudyDescription = "20240102", "CT head"
    frames = array.reshape((-1, *array.shape[-2:]))
    if len(frames) > 1:
        made.NumberOfFrames = len(frames)
    made.Rows, made.Columns = array.shape[-2:]
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit, made.PixelRepresentation = 15, 1
    made.WindowCenter, made.WindowWidth, made.VOILUTFunction = 127.5, 255, "LINEAR_EXACT"
    made.WindowCenterWidthExplanation = "WHOLE"
    for name, value in more.items():
        setattr(made, name, value)
    made.add_new(0x7FE00010, "OW", frames.astype("<i2").tobytes())
    made.save_as(path, enforce_file_format=True)
    return path


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """Five slices, each one grey: 10, 20, 30, 40, 50."""
    folder = tmp_path / "stack"
    folder.mkdir()
    for n in range(5):
        write(folder / f"{n}.dcm", np.full((6, 8), 10 * n + 10, np.int16), n + 1,
              ImagePositionPatient=[0, 0, n], ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
              PixelSpacing=[1, 1])  # fmt: skip
    return folder


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    return write(tmp_path / "steps.dcm", np.arange(6 * 4, dtype=np.int16).reshape(6, 4) * 10)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def call(*arguments: object) -> dict[str, Any]:
        code = main(["view", *map(str, arguments), "--json"])
        said = capsys.readouterr()
        assert code == 0, said.err
        found: dict[str, Any] = json.loads(said.out)
        return found

    return call


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def call(code: int, *arguments: object) -> str:
        assert main(["view", *map(str, arguments), "--json"]) == code
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.count("\n") >= 1
        return said.err

    return call


def seen(path: Path) -> Rows:
    with Image.open(path) as image:
        return np.asarray(image).tolist()


# -- pictures ---------------------------------------------------------------------------------


def test_a_picture_is_the_values_through_the_window(
    steps: Path, tmp_path: Path, run: Callable[..., dict[str, Any]]
) -> None:
    out = tmp_path / "a.png"
    assert run(steps, "--render", out) == {"render": str(out)}
    assert seen(out) == (np.arange(24).reshape(6, 4) * 10).tolist()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--invert",), lambda a: 255 - a),
        (("--rotate", "90"), lambda a: np.rot90(a, -1)),
        (("--rotate", "180"), lambda a: a[::-1, ::-1]),
        (("--rotate", "270"), np.rot90),
        (("--flip", "h"), lambda a: a[:, ::-1]),
        (("--flip", "v"), lambda a: a[::-1]),
        (("--rotate", "90", "--flip", "h"), lambda a: np.rot90(a, -1)[:, ::-1]),
        (("--rotate", "90", "--flip", "v"), lambda a: np.rot90(a, -1)[::-1]),
        (("--window", "51", "--level", "25.5"), lambda a: np.clip(a * 5 / 1, 0, 255)),
        (("--preset", "whole"), lambda a: a),
        (("--preset", "Whole range"), lambda a: np.rint(a * 255 / 230)),
    ],
)
def test_how_it_looks_is_how_it_was_asked_for(
    options: tuple[str, ...],
    expected: Callable[[np.ndarray], np.ndarray],
    steps: Path,
    tmp_path: Path,
    run: Callable[..., dict[str, Any]],
) -> None:
    run(steps, "--render", tmp_path / "a.png", *options)

    plain = np.arange(24).reshape(6, 4) * 10
    found = np.array(seen(tmp_path / "a.png"))
    assert found.shape == expected(plain).shape
    # LINEAR takes one off the width and a half off the centre
    assert np.abs(found - expected(plain)).max() <= (6 if "--window" in options else 0)


def test_a_size_is_the_longer_side(
    steps: Path, tmp_path: Path, run: Callable[..., dict[str, Any]]
) -> None:
    run(steps, "--render", tmp_path / "a.jpg", "--size", 60, "--quality", 80)
    with Image.open(tmp_path / "a.jpg") as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "L", (40, 60))


def test_any_other_name_is_a_png_as_ever(
    steps: Path, tmp_path: Path, run: Callable[..., dict[str, Any]]
) -> None:
    run(steps, "--render", tmp_path / "picture")
    assert (tmp_path / "picture").read_bytes().startswith(b"\x89PNG")


def test_an_index_counts_through_the_series_that_is_wanted(
    stack: Path, tmp_path: Path, run: Callable[..., dict[str, Any]]
) -> None:
    write(stack / "film.dcm", np.stack([np.full((3, 3), v, np.int16) for v in (7, 8, 9)]),
          SeriesInstanceUID="1.2.3.2", SeriesNumber=9)  # fmt: skip
    for n, options in enumerate((("--index", 3), ("--series", 9, "--index", 2),
                                 ("--series", "1.2.3.2"))):  # fmt: skip
        run(stack, "--render", tmp_path / f"{n}.png", *options)

    assert [seen(tmp_path / f"{n}.png")[0][0] for n in range(3)] == [40, 9, 7]


def test_a_report_that_comes_first_does_not_stand_in_the_way_of_the_pictures(
    stack: Path, run: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    report = pydicom.dcmread(get_testdata_file("test-SR.dcm", download=False))
    report.StudyInstanceUID, report.SeriesNumber = "1.2.3", 1
    report.PatientName, report.PatientID, report.StudyDate = "Doe^Jane", "JD-77", "20240102"
    report.save_as(stack / "report")
    out = tmp_path / "out.png"
    found = run(stack, "--list", "--render", out)
    assert [each["modality"] for each in found["series"]] == ["SR", "CT"]
    assert np.asarray(Image.open(out)).shape == (6, 8)


@pytest.mark.parametrize(
    "options",
    [
        ("--index", "5"), ("--index", "-1"), ("--series", "8"), ("--series", "1.2.3.9"),
        ("--window", "400"), ("--window", "0", "--level", "1"), ("--preset", "nonsense"),
        ("--preset", "Lungs", "--window", "9", "--level", "1"), ("--size", "0"),
        ("--quality", "90"), ("--title", "x"), ("--without-names",),
        ("--index", "1", "--index", "2"), ("--window", "nan", "--level", "1"),
        ("--window", "9", "--level", "inf"),
    ],
)  # fmt: skip
def test_a_picture_that_cannot_be_asked_for_is_2_and_leaves_nothing(
    options: tuple[str, ...], stack: Path, tmp_path: Path, refused: Callable[..., str]
) -> None:
    assert refused(2, stack, "--render", tmp_path / "a.png", *options)
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize(
    "options", [("--index", "1"), ("--invert",), ("--series", "4"), ("--title", "x")]
)
def test_a_look_without_a_picture_is_2(
    options: tuple[str, ...], stack: Path, refused: Callable[..., str]
) -> None:
    assert refused(2, stack, *options)


def test_a_missing_preset_names_those_that_there_are(
    stack: Path, tmp_path: Path, refused: Callable[..., str]
) -> None:
    said = refused(2, stack, "--render", tmp_path / "a.png", "--preset", "x")
    assert "Lungs" in said
    assert "WHOLE" in said


def test_nothing_is_overwritten(stack: Path, tmp_path: Path, refused: Callable[..., str]) -> None:
    for name in ("a.png", "a.gif", "a.pdf"):
        (tmp_path / name).write_text("kept")
    (tmp_path / "disc").mkdir()
    (tmp_path / "disc" / "kept").write_text("kept")

    for option, name in (("--render", "a.png"), ("--movie", "a.gif"), ("--pdf", "a.pdf"),
                         ("--dicomdir", "disc")):  # fmt: skip
        assert refused(2, stack, option, tmp_path / name)
    assert {p.read_text() for p in tmp_path.glob("a.*")} == {"kept"}


def test_no_picture_of_a_report_is_5_and_says_what_it_is(
    tmp_path: Path, refused: Callable[..., str]
) -> None:
    path = get_testdata_file("reportsi.dcm", download=False)
    assert "report" in refused(5, path, "--render", tmp_path / "a.png")


# -- films ------------------------------------------------------------------------------------


def test_a_stack_is_a_film_in_viewing_order(
    stack: Path, tmp_path: Path, run: Callable[..., dict[str, Any]]
) -> None:
    made = run(stack, "--movie", tmp_path / "a.gif")

    assert (made["frames"], made["frame_ms"]) == (5, 100.0)
    with Image.open(tmp_path / "a.gif") as found:
        greys = []
        for n in range(found.n_frames):
            found.seek(n)
            greys.append(found.convert("L").getpixel((0, 0)))
    assert greys == [10, 20, 30, 40, 50]


def test_a_cine_runs_at_the_rate_of_its_header_and_without_its_neighbours(
    stack: Path, tmp_path: Path, run: Callable[..., dict[str, Any]]
) -> None:
    write(stack / "film.dcm", np.stack([np.full((4, 4), v, np.int16) for v in (7, 8, 9)]),
          SeriesInstanceUID="1.2.3.2", SeriesNumber=9, FrameTime=40, NumberOfFrames=3)  # fmt: skip
    made = run(stack, "--series", 9, "--movie", tmp_path / "a.avi", "--size", 64)

    assert (made["frames"], made["frame_ms"]) == (3, 40.0)
    data = (tmp_path / "a.avi").read_bytes()
    assert data[:4] == b"RIFF"
    assert int.from_bytes(data[32:36], "little") == 40_000


def test_a_film_of_ultrasound_keeps_its_colours(
    tmp_path: Path, run: Callable[..., dict[str, Any]]
) -> None:
    path = get_testdata_file("examples_ybr_color.dcm", download=False)
    made = run(path, "--movie", tmp_path / "a.avi")

    assert made["frames"] == 30
    assert b"00dc" in (tmp_path / "a.avi").read_bytes()


@pytest.mark.parametrize("name", ["a.mp4", "a", "a.png"])
def test_a_film_of_another_kind_is_2(
    name: str, stack: Path, tmp_path: Path, refused: Callable[..., str]
) -> None:
    assert ".gif or .avi" in refused(2, stack, "--movie", tmp_path / name)


def test_one_image_makes_no_film(steps: Path, tmp_path: Path, refused: Callable[..., str]) -> None:
    assert "--render" in refused(2, steps, "--movie", tmp_path / "a.gif")


# -- pages ------------------------------------------------------------------------------------


def told(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        about = " ".join(document.get_metadata_dict().values())
        return about + " ".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_pages_hold_the_images_that_were_asked_for(
    stack: Path, tmp_path: Path, run: Callable[..., dict[str, Any]]
) -> None:
    made = run(stack, "--pdf", tmp_path / "a.pdf", "--index", 1, "--index", 3, "--title", "My head",
               "--notes", "Left side?", "--paper", "letter", "--per-page", 1)  # fmt: skip

    assert made["images"] == 2
    text = told(tmp_path / "a.pdf")
    for each in ("Jane Doe", "St Mary", "My head", "Left side?", "image 2 of 5", "image 4 of 5",
                 "Page 2 of 2"):  # fmt: skip
        assert each in text


def test_pages_without_names_have_none(
    stack: Path, tmp_path: Path, run: Callable[..., dict[str, Any]]
) -> None:
    made = run(stack, "--pdf", tmp_path / "a.pdf", "--without-names")

    assert made["caution"] == ""
    text = told(tmp_path / "a.pdf").lower()
    assert "names left out" in text
    for each in ("jane", "doe", "jd-77", "mary", "1.2.3"):
        assert each not in text


def test_names_in_the_picture_itself_are_spoken_of_before_names_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "us.dcm", np.zeros((4, 4), np.int16), Modality="US",
                 SOPClassUID=UltrasoundImageStorage)  # fmt: skip
    arguments = ["view", str(path), "--pdf", str(tmp_path / "a.pdf"), "--json"]
    assert main([*arguments, "--without-names"]) == 0
    said = capsys.readouterr()

    assert "written in the picture itself" in said.err
    assert "written in the picture itself" in json.loads(said.out)["caution"]


def test_a_name_in_the_notes_stops_pages_without_names(
    stack: Path, tmp_path: Path, refused: Callable[..., str]
) -> None:
    said = refused(2, stack, "--pdf", tmp_path / "a.pdf", "--without-names", "--notes", "for Jane")
    assert "notes" in said
    assert not (tmp_path / "a.pdf").exists()


# -- a disc, and what is here -----------------------------------------------------------------


def test_the_originals_as_on_a_disc(
    stack: Path, tmp_path: Path, run: Callable[..., dict[str, Any]]
) -> None:
    made = run(stack, "--dicomdir", tmp_path / "disc")

    assert (made["instances"], made["apart"]) == (5, [])
    entries = pydicom.dcmread(tmp_path / "disc" / "DICOMDIR").DirectoryRecordSequence
    kinds = [each.DirectoryRecordType for each in entries]
    assert kinds == ["PATIENT", "STUDY", "SERIES", *5 * ["IMAGE"]]


def test_what_is_here_and_why_some_of_it_is_not_drawn(
    stack: Path, run: Callable[..., dict[str, Any]]
) -> None:
    (stack / "readme.txt").write_text("hello")
    report = Path(str(get_testdata_file("reportsi.dcm", download=False)))
    (stack / "report.dcm").write_bytes(report.read_bytes())
    found = run(stack, "--list")

    assert [each["path"] for each in found["skipped"]] == ["readme.txt"]
    ct = next(each for each in found["series"] if each["uid"] == "1.2.3.1")
    assert (ct["number"], ct["modality"], ct["instances"], ct["frames"]) == (4, "CT", 5, 5)
    assert [each["index"] for each in ct["images"]] == [0, 1, 2, 3, 4]
    assert all(each["drawable"] for each in ct["images"])
    (other,) = next(each for each in found["series"] if each["uid"] != "1.2.3.1")["images"]
    assert not other["drawable"]
    assert "report" in other["why_not"]
    assert other["kind"] == "Report"


def test_the_list_is_readable_without_json(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["view", str(stack), "--list"]) == 0
    assert "series 4: CT" in capsys.readouterr().out


def test_several_things_at_once(
    stack: Path, tmp_path: Path, run: Callable[..., dict[str, Any]]
) -> None:
    made = run(stack, "--render", tmp_path / "a.png", "--movie", tmp_path / "a.gif", "--list")
    assert {"render", "movie", "series"} <= made.keys()


# -- from another side ------------------------------------------------------------------------


@pytest.fixture
def block(tmp_path: Path) -> Path:
    """A cube of 6 mm: its value is 100 x slice + 10 x row + column."""
    folder = tmp_path / "block"
    folder.mkdir()
    down, along = np.mgrid[0:6, 0:6]
    for z in range(6):
        values = (100 * z + 10 * down + along).astype(np.int16)
        write(folder / f"{z}.dcm", values, z + 1, FrameOfReferenceUID="1.2.9",
              WindowWidth=600, WindowCenter=300, ImagePositionPatient=[0, 0, z],
              ImageOrientationPatient=[1, 0, 0, 0, 1, 0], PixelSpacing=[1, 1])  # fmt: skip
    return folder


def grey(values: np.ndarray) -> list[list[int]]:
    found: list[list[int]] = np.floor(values / 600 * 255 + 0.5).astype(int).tolist()
    return found


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("axial", "--position", "4"), lambda v: v[4]),
        (("coronal", "--position", "2"), lambda v: v[::-1, 2, :]),
        (("sagittal", "--position", "5"), lambda v: v[::-1, :, 5]),
        (("coronal", "--position", "2", "--slab", "6"), lambda v: v[::-1, :, :].max(axis=1)),
        (("axial", "--position", "2", "--slab", "6", "--mode", "minip"), lambda v: v.min(axis=0)),
        (("axial", "--position", "2", "--slab", "6", "--mode", "mean"), lambda v: v.mean(axis=0)),
        (("coronal", "--position", "2", "--flip", "v"), lambda v: v[:, 2, :]),
    ],
)
def test_a_volume_is_seen_from_another_side(
    options: tuple[str, ...],
    expected: Callable[[np.ndarray], np.ndarray],
    block: Path,
    tmp_path: Path,
    run: Callable[..., dict[str, Any]],
) -> None:
    made = run(block, "--render", tmp_path / "a.png", "--mpr", *options)

    z, y, x = np.mgrid[0:6, 0:6, 0:6]
    found, wanted = np.array(seen(tmp_path / "a.png")), np.array(
        grey(np.rint(expected(100.0 * z + 10 * y + x)))
    )  # fmt: skip
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() <= 1
    assert made["mpr"] == options[0]
    assert made["position_mm"] == float(options[2])
    assert made["slab_mm"] == (6.0 if "--slab" in options else 0.0)


@pytest.mark.parametrize(
    "options",
    [
        ("--mpr", "axial", "--position", "9"), ("--mpr", "axial", "--index", "1"),
        ("--mpr", "axial", "--mode", "mean"), ("--mpr", "axial", "--slab", "0"),
        ("--position", "2"), ("--mpr", "axial", "--position", "nan"),
    ],
)  # fmt: skip
def test_a_side_that_cannot_be_asked_for_is_2(
    options: tuple[str, ...], block: Path, tmp_path: Path, refused: Callable[..., str]
) -> None:
    assert refused(2, block, "--render", tmp_path / "a.png", *options)
    assert not (tmp_path / "a.png").exists()


def test_what_makes_no_volume_is_5_and_says_why(
    steps: Path, tmp_path: Path, refused: Callable[..., str]
) -> None:
    said = refused(5, steps, "--render", tmp_path / "a.png", "--mpr", "axial")
    assert "other sides" in said


# -- words ------------------------------------------------------------------------------------


def test_what_a_report_says_is_text(
    stack: Path, tmp_path: Path, run: Callable[..., dict[str, Any]]
) -> None:
    for name in ("reportsi.dcm", "test-SR.dcm"):
        report = Path(str(get_testdata_file(name, download=False)))
        (stack / name).write_bytes(report.read_bytes())
    made = run(stack, "--text", tmp_path / "a.txt")

    assert [(each["kind"], each["read"]) for each in made["documents"]] == 2 * [("Report", True)]
    text = (tmp_path / "a.txt").read_text()
    for each in made["documents"]:
        assert each["text"] in text
        assert len(each["text"]) > 40
    assert text.count("== Report ==") == 2


def test_text_on_standard_output_is_the_text_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(get_testdata_file("reportsi.dcm", download=False))
    assert main(["view", path, "--text", "-"]) == 0
    assert capsys.readouterr().out.startswith("== Report ==")


def test_no_text_is_5(stack: Path, tmp_path: Path, refused: Callable[..., str]) -> None:
    assert "no report" in refused(5, stack, "--text", tmp_path / "a.txt")
    assert not (tmp_path / "a.txt").exists()


def test_a_page_can_hold_the_report(
    stack: Path, tmp_path: Path, run: Callable[..., dict[str, Any]], refused: Callable[..., str]
) -> None:
    report = Path(str(get_testdata_file("reportsi.dcm", download=False)))
    (stack / "report.dcm").write_bytes(report.read_bytes())
    said = run(stack, "--text", "-")["documents"][0]["text"].splitlines()
    run(stack, "--series", "4", "--pdf", tmp_path / "a.pdf", "--report")

    text = "".join(told(tmp_path / "a.pdf").split())
    assert "".join(said[0].split()) in text
    assert refused(2, stack, "--series", "4", "--pdf", tmp_path / "b.pdf", "--report",
                   "--without-names")  # fmt: skip


def test_what_is_odd_about_a_series_stands_in_the_list(
    stack: Path, run: Callable[..., dict[str, Any]]
) -> None:
    (stack / "2.dcm").unlink()
    found = run(stack, "--list")
    assert any("missing" in note for note in found["series"][0]["notes"])
    assert found["notes"] == []


def test_the_same_bytes_in_two_files_count_twice_but_not_in_a_volume(
    block: Path, tmp_path: Path, run: Callable[..., dict[str, Any]]
) -> None:
    (block / "again.dcm").write_bytes((block / "2.dcm").read_bytes())
    assert run(block, "--list")["series"][0]["frames"] == 7
    run(block, "--render", tmp_path / "a.png", "--index", 6)
    run(block, "--render", tmp_path / "b.png", "--mpr", "axial", "--position", 5)
    assert seen(tmp_path / "a.png") == seen(tmp_path / "b.png")
