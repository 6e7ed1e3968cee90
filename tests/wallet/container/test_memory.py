"""Memory does not grow with the study."""

from __future__ import annotations

import io
import secrets
import tracemalloc

import pytest
from shelf import Shelf, head_of

from wallet.container.reader import SealedStudy
from wallet.container.sealing import Epoch, new_series_id
from wallet.container.writer import FileIn, SeriesIn, seal_study

MIB = 1 << 20


class Noise(io.RawIOBase):
    """A large file that is nowhere: one piece of noise, again and again."""

    PIECE = secrets.token_bytes(MIB)

    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        count = min(len(buffer), self._left, MIB)
        buffer[:count] = self.PIECE[:count]
        self._left -= count
        return count


class Counter(io.RawIOBase):
    """Takes bytes and forgets them."""

    taken = 0

    def write(self, data) -> int:
        self.taken += len(data)
        return len(data)


def peak_of(size: int, tmp_path) -> tuple[int, int]:
    """Most bytes held while sealing and while opening one file of `size`."""
    folder = tmp_path / str(size)
    folder.mkdir()

    class Disk(Shelf):
        def add(self, blocks):
            for block in blocks:
                (folder / block.cid).write_bytes(block.data)

        def get(self, cid):
            return (folder / cid).read_bytes()

    file = FileIn("big", size, {}, (), True, lambda: io.BufferedReader(Noise(size)))
    series, shelf = SeriesIn(new_series_id(), {}, [file], b""), Disk()
    epoch, study_key = Epoch(bytes(16), 1), bytes(32)
    tracemalloc.start()
    sealed = seal_study([series], study_key, epoch, shelf.add)
    sealing = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    study = SealedStudy(shelf, head_of(epoch, sealed), study_key, None, sealed.ranges)
    out = Counter()
    study.copy_file(series.series_id, 0, out)
    opening = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert out.taken == size
    return sealing, opening


@pytest.mark.long
def test_a_study_four_times_as_large_takes_no_more_memory(tmp_path):
    small, large = peak_of(80 * MIB, tmp_path), peak_of(320 * MIB, tmp_path)
    for few, many in zip(small, large, strict=True):
        assert many < few + 16 * MIB  # leaves that are kept, of a few parts at most
        assert many < 128 * MIB
