"""CAR streams: those of others read, ours read back, and anything else refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import libipld
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.errors import Damaged
from wallet.ports import Block
from wallet.storage import car
from wallet.storage.cid import cid_of, raw_cid

VECTORS = Path(__file__).parents[2] / "vectors" / "ipfs"

blocks_of_any_kind = st.lists(
    st.builds(
        lambda codec, data: Block(cid_of(codec, data), data),
        st.sampled_from(["raw", "dag-pb", "dag-cbor"]),
        st.binary(max_size=400),
    ),
    max_size=5,
)
root_lists = st.lists(st.binary(max_size=3).map(raw_cid), min_size=1, max_size=23)


@given(blocks_of_any_kind, root_lists)
def test_what_is_written_reads_back(blocks: list[Block], roots: list[str]) -> None:
    assert car.read(b"".join(car.write(blocks, roots))) == (tuple(roots), blocks)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4))
def test_another_implementation_reads_what_is_written(datas: list[bytes]) -> None:
    encoded = [libipld.encode_dag_cbor(data) for data in datas]  # it reads no other codec
    blocks = [Block(cid_of("dag-cbor", data), data) for data in encoded]
    header, found = libipld.decode_car(b"".join(car.write(blocks, [blocks[0].cid])))
    assert header["version"] == 1
    assert len(header["roots"]) == 1
    assert sorted(set(datas)) == sorted(set(found.values()))


def test_a_stream_of_another_implementation_is_read() -> None:
    data = (VECTORS / "hello.car").read_bytes()
    roots, blocks = car.read(data)
    assert [block.data for block in blocks] == [b"hello world"]
    assert b"".join(car.write(blocks, roots)) == data


@pytest.mark.parametrize(
    "name", ["badheaderlength.car.hex", "sample-rootless-v42.car.hex", "sample-unixfs-v2.car"]
)
def test_streams_that_are_no_version_one_are_damaged(name: str) -> None:
    data = (VECTORS / name).read_bytes()
    with pytest.raises(Damaged):
        car.read(bytes.fromhex(data.decode()) if name.endswith(".hex") else data)


@given(st.data())
def test_a_stream_with_one_byte_changed_is_damaged(data: st.DataObject) -> None:
    whole = bytearray((VECTORS / "hello.car").read_bytes())
    roots, blocks = car.read(bytes(whole))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    try:
        read = car.read(bytes(whole))
    except Damaged:
        return
    # The header is not authenticated: another root may stand there, never other blocks.
    assert read[0] != roots
    assert read[1] == blocks


@pytest.mark.parametrize("cut", range(1, 107))
def test_a_stream_that_is_cut_off_is_damaged_or_ends_between_blocks(cut: int) -> None:
    whole = (VECTORS / "hello.car").read_bytes()
    if cut == 59:  # the header alone
        assert car.read(whole[:cut])[1] == []
    else:
        with pytest.raises(Damaged):
            car.read(whole[:cut])


def test_a_stream_has_a_root() -> None:
    with pytest.raises(ValueError, match="roots"):
        list(car.write([], []))


def test_one_block_at_a_time_is_taken_from_the_source() -> None:
    taken: list[int] = []

    def blocks() -> Iterator[Block]:
        for number in range(3):
            taken.append(number)
            yield Block(raw_cid(b"x"), b"x")

    stream = car.write(blocks(), [raw_cid(b"x")])
    next(stream)
    assert taken == []
    next(stream)
    assert taken == [0]
