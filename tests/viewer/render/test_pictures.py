"""PNG files, thumbnails, pyramids and orientation letters."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from viewer.dicom.pixels import Pixels
from viewer.render.orientation import edges
from viewer.render.pipeline import Window, picture, png, thumbnail
from viewer.render.pyramid import half, prepare, two_thirds


def read_png(data: bytes) -> np.ndarray:
    """An independent reader: rows un-filtered by zlib and the rules of RFC 2083."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(name + body)
        chunks[name] = body
        at += 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    columns, rows, bits, kind = struct.unpack(">IIBB3x", chunks[b"IHDR"])
    assert bits == 8
    channels = {0: 1, 2: 3}[kind]
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(rows, -1)
    assert set(lines[:, 0]) == {2}
    out = np.cumsum(lines[:, 1:], axis=0, dtype=np.uint8)
    return out.reshape(rows, columns) if channels == 1 else out.reshape(rows, columns, 3)


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (5, 7, 3), (64, 33)])
def test_a_png_holds_every_pixel(shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    assert np.array_equal(read_png(png(array)), array)


@pytest.mark.parametrize("array", [np.zeros((2, 2)), np.zeros((2, 2, 4), np.uint8)])
def test_a_png_of_anything_else_is_refused(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="8 bits"):
        png(array)


def test_a_thumbnail_is_made_of_means() -> None:
    array = np.arange(16, dtype=np.uint8).reshape(4, 4)
    assert thumbnail(array, 2).tolist() == [[2, 4], [10, 12]]


@pytest.mark.parametrize(
    ("shape", "aspect", "expected"),
    [
        ((512, 512), 1.0, (256, 256)),
        ((1000, 300), 1.0, (256, 77)),
        ((300, 1000, 3), 1.0, (77, 256, 3)),
        ((100, 80), 1.0, (100, 80)),
        ((100, 200), 2.0, (200, 200)),
        ((512, 512), 0.5, (128, 256)),
        ((1, 4000), 1.0, (1, 256)),
    ],
)
def test_a_thumbnail_keeps_the_proportions(
    shape: tuple[int, ...], aspect: float, expected: tuple[int, ...]
) -> None:
    assert thumbnail(np.full(shape, 9, np.uint8), 256, aspect).shape == expected


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.int32, np.float32])
def test_halving_never_overflows(dtype: type) -> None:
    most = 1.0 if dtype is np.float32 else np.iinfo(dtype).max
    assert half(np.full((5, 7), most, dtype)).tolist() == [[most] * 3] * 2


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.int32, np.float32])
def test_two_thirds_never_overflow(dtype: type) -> None:
    most = 1.0 if dtype is np.float32 else np.iinfo(dtype).max
    assert np.allclose(two_thirds(np.full((7, 5), most, dtype)), np.full((4, 2), most))


@pytest.mark.parametrize("shape", [(9, 12), (10, 14), (6, 3, 3), (2, 9)])
def test_two_thirds_are_means_of_what_each_pixel_covers(shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(4).integers(-3000, 3000, shape).astype(np.int16)
    rows, columns = shape[0] // 3, shape[1] // 3
    halves = array[: 3 * rows, : 3 * columns].repeat(2, axis=0).repeat(2, axis=1)
    blocks = halves.reshape(2 * rows, 3, 2 * columns, 3, *shape[2:]).astype(np.int64)
    assert np.array_equal(two_thirds(array), blocks.sum(axis=(1, 3)) // 9)


def test_what_is_looked_up_is_never_much_more_than_the_screen_shows() -> None:
    drawable = prepare(Pixels(np.zeros((4096, 3000), np.uint16), "MONOCHROME2", 12, False))
    for scale in np.geomspace(0.03, 1.0, 200):
        step = drawable.step_for(float(scale))
        array = drawable.at_step(step)
        assert step == 1 or scale * step <= 1 / 0.9
        assert abs(array.shape[0] * step - 4096) <= 2 * step
        assert scale * step > 0.74 or array.size < 1 << 20
    small = prepare(Pixels(np.zeros((512, 512), np.uint16), "MONOCHROME2", 12, False))
    assert small.between == ()


def test_the_level_drawn_is_never_much_coarser_than_the_screen() -> None:
    drawable = prepare(Pixels(np.zeros((4096, 3000), np.uint16), "MONOCHROME2", 12, False))
    assert [level.shape for level in drawable.levels][:3] == [
        (4096, 3000),
        (2048, 1500),
        (1024, 750),
    ]
    for scale in (0.05, 0.1, 0.2, 0.3, 0.5, 0.55, 0.7, 1.0, 4.0):
        level = drawable.level_for(scale)
        assert level == 0 or scale * 2**level <= 1 / 0.9
        assert level + 1 == len(drawable.levels) or scale * 2 ** (level + 1) > 1 / 0.9


def test_levels_of_a_small_picture_are_the_same_made_as_they_are_drawn() -> None:
    array = np.random.default_rng(3).integers(0, 4000, (512, 300)).astype(np.uint16)
    drawable = prepare(Pixels(array, "MONOCHROME2", 12, False))
    assert drawable.size_bytes == array.nbytes  # nothing more is kept
    assert drawable.depth == 3
    means = array.reshape(256, 2, 150, 2).astype(np.int64).sum(axis=(1, 3)) // 4
    assert np.array_equal(drawable.level(1), means)
    assert drawable.level(2).shape == (128, 75)
    assert drawable.level(0) is drawable.levels[0]


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.float32, np.uint8])
def test_what_is_drawn_is_what_is_rendered(dtype: type) -> None:
    array = np.random.default_rng(2).integers(0, 100, (40, 50)).astype(dtype)
    pixels = Pixels(array, "MONOCHROME1", 8, False, rescale_intercept=-50.0)
    drawable, window = prepare(pixels), Window(10, 60)
    part = drawable.levels[0][3:20, 5:31]
    drawn = drawable.draw(part, drawable.table(window, False), window, False)
    assert np.array_equal(drawn, picture(pixels, window)[3:20, 5:31])
    assert drawn.flags.c_contiguous


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        ((1, 0, 0, 0, 1, 0), "R L A P"),  # axial: the person's left at the right
        ((1, 0, 0, 0, 0, -1), "R L H F"),  # coronal
        ((0, 1, 0, 0, 0, -1), "A P H F"),  # sagittal
        ((0.8, 0.6, 0, 0, 0, -1), "RA LP H F"),
        ((0.999, 0.04, 0, -0.04, 0.999, 0), "R L A P"),
    ],
)
def test_letters_name_the_edges(orientation: tuple[float, ...], expected: str) -> None:
    found = edges(orientation)
    assert found is not None
    assert f"{found.left} {found.right} {found.top} {found.bottom}" == expected


def test_letters_have_words() -> None:
    found = edges((1, 0, 0, 0, 1, 0))
    assert found is not None
    assert found.in_words == "Left edge: right, right edge: left, top edge: front"


@pytest.mark.parametrize("orientation", [None, (), (0.0,) * 6, (float("nan"),) * 6, (1, 0, 0)])
def test_an_unusable_orientation_names_nothing(orientation: tuple[float, ...] | None) -> None:
    assert edges(orientation) is None


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_letters_follow_a_picture_that_is_turned_and_flipped(rotation: int, flipped: bool) -> None:
    right, down = np.array([0.8, 0.6, 0.0]), np.array([0.0, 0.0, -1.0])
    upright = edges([*right.tolist(), *down.tolist()])
    assert upright is not None
    for _ in range(rotation // 90):  # what was at the top is now at the right
        right, down = -down, right
    right = -right if flipped else right
    assert upright.seen(rotation, flipped) == edges([*right.tolist(), *down.tolist()])
