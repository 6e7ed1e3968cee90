"""Frames loaded behind the scenes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from viewer.dicom.pixels import Pixels
from viewer.errors import CannotDraw
from viewer.render.pyramid import prepare
from viewer.ui.frames import Frame, FrameCache, FrameLoader

Load = Callable[[Frame], Pixels]


def pixels(value: int = 0) -> Pixels:
    return Pixels(np.full((64, 64), value, np.uint8), "MONOCHROME2", 8, False)


def at(place: int) -> Frame:
    return Frame(0, place, 0)


@pytest.fixture
def loaders() -> Iterator[list[FrameLoader]]:
    made: list[FrameLoader] = []
    yield made
    for each in made:
        each.close()


def test_the_cache_lets_go_of_what_was_not_used_for_longest() -> None:
    cache = FrameCache(3 * 64 * 64)
    for place in range(3):
        cache.put(at(place), prepare(pixels()))
    assert cache.get(at(0)) is not None
    cache.put(at(3), prepare(pixels()))
    assert [at(place) in cache for place in range(4)] == [True, False, True, True]
    assert cache.size_bytes == 3 * 64 * 64


def test_the_cache_keeps_one_frame_however_large() -> None:
    cache = FrameCache(10)
    for place in range(2):
        cache.put(at(place), prepare(pixels()))
    assert at(1) in cache
    assert len(cache) == 1


def test_putting_a_frame_again_does_not_count_it_twice() -> None:
    cache = FrameCache()
    for _ in range(2):
        cache.put(at(0), prepare(pixels()))
    assert cache.size_bytes == 64 * 64


def test_frames_come_from_another_thread(qtbot: QtBot, loaders: list[FrameLoader]) -> None:
    threads: list[int] = []

    def load(frame: Frame) -> Pixels:
        threads.append(threading.get_ident())
        return pixels(frame.instance)

    loader = FrameLoader(load)
    loaders.append(loader)
    with qtbot.waitSignal(loader.loaded) as told:
        loader.want([at(7)])
    assert told.args is not None
    assert told.args[0] == at(7)
    assert told.args[1].pixels.array[0, 0] == 7
    assert threading.get_ident() not in threads


def test_what_is_no_longer_wanted_is_neither_decoded_nor_told(
    qtbot: QtBot, loaders: list[FrameLoader]
) -> None:
    gate, begun, decoded = threading.Event(), threading.Semaphore(0), []

    def load(frame: Frame) -> Pixels:
        begun.release()
        assert gate.wait(5)
        decoded.append(frame)
        return pixels()

    loader = FrameLoader(load)
    loaders.append(loader)
    told: list[Frame] = []
    loader.loaded.connect(lambda frame, _: told.append(frame))
    loader.want([at(place) for place in range(10)])
    assert begun.acquire(timeout=5)
    assert begun.acquire(timeout=5)  # two are under way, eight wait
    loader.want([at(99)])
    gate.set()
    qtbot.waitUntil(lambda: told == [at(99)])
    assert sorted(decoded) == [at(0), at(1), at(99)]


def test_what_was_under_way_is_kept_for_later(qtbot: QtBot, loaders: list[FrameLoader]) -> None:
    gate, begun = threading.Event(), threading.Event()

    def load(frame: Frame) -> Pixels:
        begun.set()
        assert gate.wait(5)
        return pixels()

    loader = FrameLoader(load)
    loaders.append(loader)
    loader.want([at(0)])
    assert begun.wait(5)
    with qtbot.assertNotEmitted(loader.loaded):
        loader.want([])
        gate.set()
        qtbot.waitUntil(lambda: at(0) in loader.cache)


def test_a_failure_is_told_once_and_tried_again_only_when_asked(
    qtbot: QtBot, loaders: list[FrameLoader]
) -> None:
    tries: list[Frame] = []

    def load(frame: Frame) -> Pixels:
        tries.append(frame)
        raise CannotDraw("its pixels are cut off")

    loader = FrameLoader(load)
    loaders.append(loader)
    with qtbot.waitSignal(loader.failed) as told:
        loader.want([at(1)])
    assert told.args is not None
    assert isinstance(told.args[1], CannotDraw)
    loader.want([at(1)])
    assert len(tries) == 1
    loader.forget_error(at(1))
    with qtbot.waitSignal(loader.failed):
        loader.want([at(1)])
    assert len(tries) == 2


def test_nothing_is_told_after_closing(qtbot: QtBot, loaders: list[FrameLoader]) -> None:
    gate, done = threading.Event(), threading.Event()

    def load(frame: Frame) -> Pixels:
        assert gate.wait(5)
        done.set()
        return pixels()

    loader = FrameLoader(load)
    loader.want([at(0)])
    with qtbot.assertNotEmitted(loader.loaded, wait=50):
        loader.close()
        gate.set()
        assert done.wait(5)
    assert len(loader.cache) == 0
