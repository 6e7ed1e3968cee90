"""What leaves the viewer as pictures and films, read back by others: Pillow, and RIFF by hand."""

from __future__ import annotations

import gc
import io
import struct
import weakref
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from viewer.dicom.pixels import Pixels
from viewer.errors import FilmTooLong
from viewer.render import moving
from viewer.render.finish import Look, finished, resized
from viewer.render.jpeg import jpeg
from viewer.render.moving import film, fitted, save_film
from viewer.render.pipeline import Window, picture
from viewer.render.png import png


def unwatched(what: str, done: int, total: int) -> None:
    pass


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def smooth(rows: int, columns: int) -> np.ndarray:
    down, along = np.mgrid[0:rows, 0:columns]
    return ((down * 2 + along) % 256).astype(np.uint8)


def grey_pixels(array: np.ndarray, aspect: float = 1.0) -> Pixels:
    return Pixels(array, "MONOCHROME2", 8, False, windows=((128.0, 256.0, ""),), aspect=aspect)


# -- one picture ------------------------------------------------------------------------------


def test_a_png_read_by_another_program_is_the_picture_bit_for_bit() -> None:
    for array in (noise(17, 23), noise(17, 23, 3)):
        found = np.asarray(Image.open(io.BytesIO(png(array))))
        assert np.array_equal(found, array)


@pytest.mark.parametrize(("shape", "mode"), [((64, 48), "L"), ((64, 48, 3), "RGB")])
def test_a_jpeg_keeps_grey_grey_and_colour_near(shape: tuple[int, ...], mode: str) -> None:
    array = smooth(64, 48)
    array = array if mode == "L" else np.dstack([array, array[::-1], array[:, ::-1]])
    found = Image.open(io.BytesIO(jpeg(array, 95)))

    assert found.mode == mode
    assert np.abs(np.asarray(found).astype(int) - array).mean() < 3


def test_a_better_quality_is_nearer_and_larger() -> None:
    array = noise(64, 64)
    low, high = jpeg(array, 40), jpeg(array, 98)

    def error(data: bytes) -> float:
        return float(np.abs(np.asarray(Image.open(io.BytesIO(data))).astype(int) - array).mean())

    assert len(low) < len(high)
    assert error(low) > error(high)
    with pytest.raises(ValueError, match="quality"):
        jpeg(array, 0)


def test_a_picture_holds_no_chunk_and_no_segment_but_the_picture() -> None:
    array = noise(9, 9, 3)
    data, at, chunks = png(array), 8, []
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        chunks.append(data[at + 4 : at + 8])
        at += 12 + length
    assert chunks == [b"IHDR", b"IDAT", b"IEND"]
    assert at == len(data)

    data, at, segments = jpeg(array), 2, []
    while data[at + 1] != 0xDA:
        segments.append(data[at + 1])
        at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
    assert set(segments) == {0xE0, 0xDB, 0xC0, 0xC4}  # JFIF, tables, frame; no Exif, no comment
    assert data.endswith(b"\xff\xd9")


# -- how a frame is finished ------------------------------------------------------------------


def test_a_frame_finished_plainly_is_what_the_pipeline_gives() -> None:
    pixels = grey_pixels(noise(5, 8))

    assert np.array_equal(finished(pixels, Look()), picture(pixels))
    narrow = Window(100, 50)
    assert np.array_equal(finished(pixels, Look(narrow)), picture(pixels, narrow))
    assert np.array_equal(finished(pixels, Look(inverted=True)), 255 - picture(pixels))
    colour = Pixels(noise(5, 8, 3), "RGB", 8, False)
    assert np.array_equal(finished(colour, Look(inverted=True)), 255 - colour.array)


@pytest.mark.parametrize(
    ("rotation", "flipped", "expected"),
    [
        (0, False, [[1, 2, 3], [4, 5, 6]]),
        (90, False, [[4, 1], [5, 2], [6, 3]]),
        (180, False, [[6, 5, 4], [3, 2, 1]]),
        (270, False, [[3, 6], [2, 5], [1, 4]]),
        (0, True, [[3, 2, 1], [6, 5, 4]]),
        (90, True, [[1, 4], [2, 5], [3, 6]]),
        (180, True, [[4, 5, 6], [1, 2, 3]]),
        (270, True, [[6, 3], [5, 2], [4, 1]]),
    ],
)
def test_a_frame_is_turned_clockwise_and_then_flipped(
    rotation: int, flipped: bool, expected: list[list[int]]
) -> None:
    pixels = grey_pixels(np.array([[1, 2, 3], [4, 5, 6]], dtype=np.uint8))
    plain = finished(pixels, Look())
    found = finished(pixels, Look(rotation=rotation, flipped=flipped))

    assert found.flags.c_contiguous
    assert found.tolist() == [[int(plain.flat[n - 1]) for n in row] for row in expected]


def test_a_size_is_the_longer_side_and_makes_pixels_square() -> None:
    wide = grey_pixels(noise(40, 60))
    assert finished(wide, Look(side_px=30)).shape == (20, 30)
    assert finished(wide, Look(side_px=120)).shape == (80, 120)
    high = grey_pixels(noise(40, 60), aspect=2.0)
    assert finished(high, Look()).shape == (40, 60)
    assert finished(high, Look(square=True)).shape == (80, 60)
    assert finished(high, Look(side_px=40)).shape == (40, 30)
    flat = grey_pixels(noise(40, 60), aspect=0.5)
    assert finished(flat, Look(square=True)).shape == (40, 120)


def test_another_size_has_no_value_outside_its_neighbours() -> None:
    step = np.zeros((20, 20), dtype=np.uint8)
    step[:, 10:] = 200
    for size in (7, 33, 100):
        found = resized(step, size, size)
        assert found.min() == 0
        assert found.max() == 200
        assert (np.diff(found.astype(int), axis=1) >= 0).all()


# -- films ------------------------------------------------------------------------------------


def test_grey_frames_come_back_from_a_gif_bit_for_bit(tmp_path: Path) -> None:
    frames = [noise(31, 45, seed=n) for n in range(7)] + [np.zeros((31, 45), np.uint8)] * 2
    save_film(tmp_path / "a.gif", frames, len(frames), 40.0, unwatched)

    with Image.open(tmp_path / "a.gif") as found:
        assert found.info["loop"] == 0
        assert found.n_frames == len(frames)
        for frame, expected in zip(ImageSequence.Iterator(found), frames, strict=True):
            assert frame.info["duration"] == 40
            assert np.array_equal(np.asarray(frame.convert("RGB"))[..., 1], expected)


def test_a_gif_keeps_the_rate_of_the_whole_although_it_counts_in_hundredths(tmp_path: Path) -> None:
    """30 frames a second are 3.33 hundredths each."""
    save_film(
        tmp_path / "a.gif", [noise(4, 4, seed=n) for n in range(60)], 60, 1000 / 30, unwatched
    )

    with Image.open(tmp_path / "a.gif") as found:
        waits = [frame.info["duration"] for frame in ImageSequence.Iterator(found)]
    assert set(waits) == {30, 40}
    assert sum(waits) == 2000


def test_a_gif_never_asks_for_less_than_browsers_grant(tmp_path: Path) -> None:
    save_film(tmp_path / "a.gif", [noise(4, 4, seed=n) for n in range(5)], 5, 5.0, unwatched)

    with Image.open(tmp_path / "a.gif") as found:
        assert {frame.info["duration"] for frame in ImageSequence.Iterator(found)} == {20}


def test_colours_in_a_gif_are_near(tmp_path: Path) -> None:
    frame = np.dstack([smooth(40, 60), smooth(40, 60) // 2, np.zeros((40, 60), np.uint8)])
    save_film(tmp_path / "a.gif", [frame, smooth(40, 60)], 2, 100.0, unwatched)

    with Image.open(tmp_path / "a.gif") as found:
        first = np.asarray(found.convert("RGB")).astype(int)
        found.seek(1)
        second = np.asarray(found.convert("RGB"))
    assert np.abs(first - frame).mean() < 6
    assert np.array_equal(second[..., 0], smooth(40, 60))  # grey stays exact among colours


def test_a_small_mark_in_colour_keeps_it_among_greys_in_a_gif(tmp_path: Path) -> None:
    frame = np.repeat(noise(240, 320)[:, :, None] // 4, 3, axis=2)
    marks = {(20, 30): (90, 200, 150), (100, 200): (200, 30, 30), (200, 60): (40, 60, 220)}
    for (row, column), colour in marks.items():
        frame[row : row + 8, column : column + 8] = colour
    save_film(tmp_path / "a.gif", [frame], 1, 100.0, unwatched)

    with Image.open(tmp_path / "a.gif") as found:
        shown = np.asarray(found.convert("RGB")).astype(int)
    for (row, column), colour in marks.items():
        assert np.abs(shown[row + 4, column + 4] - colour).max() < 16
    assert np.abs(shown - frame).mean() < 4


def read_avi(data: bytes) -> tuple[dict[str, int], list[bytes]]:
    """What an AVI holds, and its frames as its index names them. Source: Microsoft's reference."""
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"AVI "
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    top = chunks(data, 12, len(data))
    header, movie, index = top[b"LIST"], top[b"LIST2"], top[b"idx1"]
    assert data[header[0] : header[0] + 4] == b"hdrl"
    assert data[movie[0] : movie[0] + 4] == b"movi"
    inner = chunks(data, header[0] + 4, sum(header))
    main = struct.unpack("<14I", data[inner[b"avih"][0] : sum(inner[b"avih"])])
    stream = chunks(data, inner[b"LIST"][0] + 4, sum(inner[b"LIST"]))
    head = data[stream[b"strh"][0] : sum(stream[b"strh"])]
    form = struct.unpack("<IiiHH4sIiiII", data[stream[b"strf"][0] : sum(stream[b"strf"])])
    assert head[:8] == b"vidsMJPG"
    scale, rate, _, length = struct.unpack("<4I", head[20:36])
    told = {
        "us": main[0], "frames": main[4], "columns": main[8], "rows": main[9],
        "scale": scale, "rate": rate, "length": length, "wide": form[1], "high": form[2],
    }  # fmt: skip
    frames = []
    for at in range(index[0], sum(index), 16):
        name, flags, offset, size = struct.unpack("<4sIII", data[at : at + 16])
        assert (name, flags) == (b"00dc", 0x10)
        start = movie[0] + offset
        assert data[start : start + 8] == struct.pack("<4sI", b"00dc", size)
        frames.append(data[start + 8 : start + 8 + size])
    return told, frames


def chunks(data: bytes, at: int, end: int) -> dict[bytes, tuple[int, int]]:
    found: dict[bytes, tuple[int, int]] = {}
    while at < end:
        name, length = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        found[name if name not in found else name + b"2"] = (at + 8, length)
        at += 8 + length + length % 2
    assert at == end
    return found


@pytest.mark.parametrize("size", [(48, 64), (33, 47)])
def test_frames_come_back_from_an_avi_at_the_rate_of_the_header(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    frames = [np.roll(smooth(*size), 5 * n, axis=1) for n in range(6)]
    save_film(tmp_path / "a.avi", frames, 6, 33.3333, unwatched)

    told, found = read_avi((tmp_path / "a.avi").read_bytes())
    rows, columns = size[0] + size[0] % 2, size[1] + size[1] % 2
    assert told["frames"] == told["length"] == len(found) == 6
    assert (told["rows"], told["columns"]) == (told["high"], told["wide"]) == (rows, columns)
    assert told["us"] == 33333
    assert told["rate"] / told["scale"] == pytest.approx(30, abs=0.001)
    for data, expected in zip(found, frames, strict=True):
        with Image.open(io.BytesIO(data)) as image:
            assert image.mode == "RGB"
            seen = np.asarray(image).astype(int)
        assert np.ptp(seen, axis=2).max() == 0  # grey has no tint
        assert np.abs(seen[: size[0], : size[1], 0] - expected).mean() < 2


def test_a_film_that_an_avi_cannot_hold_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "AVI_MOST_BYTES", 20_000)

    with pytest.raises(FilmTooLong):
        save_film(tmp_path / "a.avi", (noise(64, 64) for _ in range(99)), 99, 40.0, unwatched)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.gif", "a.avi"])
def test_a_film_that_is_stopped_leaves_nothing(tmp_path: Path, name: str) -> None:
    class Stopped(Exception):
        pass

    def stop(what: str, done: int, total: int) -> None:
        if done == 2:
            raise Stopped

    with pytest.raises(Stopped):
        save_film(tmp_path / name, (noise(8, 8) for _ in range(9)), 9, 40.0, stop)
    assert list(tmp_path.iterdir()) == []


def test_a_film_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_text("kept")

    with pytest.raises(FileExistsError):
        save_film(tmp_path / "a.gif", [noise(8, 8)], 1, 40.0, unwatched)
    assert (tmp_path / "a.gif").read_text() == "kept"


@pytest.mark.parametrize("kind", moving.KINDS)
def test_a_film_takes_one_frame_at_a_time(kind: str, tmp_path: Path) -> None:
    """Memory does not grow with the film: nothing that was given is kept."""
    given: list[weakref.ref[np.ndarray]] = []
    with (tmp_path / "a").open("w+b") as file:
        made = film(file, kind, 40.0)
        for n in range(20):
            frame = noise(64, 64, seed=n)
            given.append(weakref.ref(frame))
            made.add(frame)
            assert [each for each in vars(made).values() if isinstance(each, bytes)] == []
        del frame
        gc.collect()
        assert [each for each in given if each() is not None] == []
        made.end()


@pytest.mark.parametrize("kind", moving.KINDS)
def test_an_empty_film_is_our_own_mistake(kind: str) -> None:
    with pytest.raises(ValueError, match="at least one"):
        film(io.BytesIO(), kind).end()


def test_a_frame_of_another_size_stands_whole_in_the_middle() -> None:
    white = np.full((10, 30), 255, dtype=np.uint8)
    found = fitted(white, 60, 60)

    assert found.shape == (60, 60)
    assert (found[20:40] == 255).all()
    assert found[:20].max() == found[40:].max() == 0
