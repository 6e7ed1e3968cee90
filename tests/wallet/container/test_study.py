"""A study through sealing and back: whole, in pieces, grown, and tampered with."""

from __future__ import annotations

import io
import secrets
from dataclasses import replace

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelf import Shelf, dicom_like, file_in, head_of, make, series_in

from wallet.container import cbor
from wallet.container import writer as writing
from wallet.container.index import SeriesRows, unpack
from wallet.container.padding import padme
from wallet.container.reader import SealedStudy
from wallet.container.sealing import Codec, Epoch, new_series_id, series_key
from wallet.container.writer import FileIn, SeriesIn, append_series, pieces, seal_study
from wallet.errors import Cancelled, Damaged, RequestInvalid
from wallet.storage.unixfs import LEAF, File


def copied(study, series_id, number):
    out = io.BytesIO()
    study.copy_file(series_id, number, out)
    return out.getvalue()


def contents(series):
    found = []
    for file in series.files:
        with file.open() as source:
            found.append(source.read())
    return found


def assert_whole(study, given_in):
    assert [each.series_id for each in study.series] == [each.series_id for each in given_in]
    for rows, series in zip(study.series, given_in, strict=True):
        assert rows.attributes == series.attributes
        assert study.preview(rows.series_id) == series.preview
        assert [row.path for row in rows.files] == [file.path for file in series.files]
        for number, data in enumerate(contents(series)):
            assert copied(study, rows.series_id, number) == data


# -- what is given in is given back -----------------------------------------------------------


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(
            st.tuples(st.binary(max_size=600), st.booleans(), st.sets(st.integers(1, 599))),
            max_size=3,
        ),
        min_size=1,
        max_size=3,
    )
)
def test_any_bytes_come_back_as_they_were(layout):
    series = [
        SeriesIn(
            new_series_id(),
            {"n": n},
            [
                file_in(f"{n}/{i}", data, sorted(c for c in cuts if c < len(data)), compress)
                for i, (data, compress, cuts) in enumerate(files)
            ],
            bytes([n]),
        )
        for n, files in enumerate(layout)
    ]
    assert_whole(make(series).study(), series)


def test_every_range_of_a_file_can_be_read_alone():
    data = secrets.token_bytes(700)
    made = make(
        [SeriesIn(new_series_id(), {}, [file_in("a", data, (100, 101, 350), compress=False)], b"")]
    )
    study, series_id = made.study(), made.contents[0].series_id
    for offset in range(0, 720, 7):
        for length in (0, 1, 2, 99, 250, 800):
            assert study.read(series_id, 0, offset, length) == data[offset : offset + length]
    with pytest.raises(ValueError):
        study.read(series_id, 0, -1, 5)


def test_reading_a_frame_fetches_the_leaves_it_lies_in_and_no_more():
    data = secrets.token_bytes(10 * LEAF)
    file = file_in("a", data, range(LEAF, 10 * LEAF, LEAF), compress=False)
    made = make([SeriesIn(new_series_id(), {}, [file], b"")])
    study, series_id = made.study(), made.contents[0].series_id
    study.rows(series_id)
    made.shelf.taken.clear()
    assert study.read(series_id, 0, 5 * LEAF, 1000) == data[5 * LEAF : 5 * LEAF + 1000]
    assert len(made.shelf.taken) <= 3  # the part's node, and two leaves
    made.shelf.taken.clear()
    study.read(series_id, 0, 5 * LEAF + 1000, 1000)
    assert made.shelf.taken == []


def test_one_series_key_opens_its_series_and_no_other():
    made = make([series_in(1), series_in(2)])
    second = made.sealed.ranges[1]
    key = series_key(made.study_key, made.epoch.container, second.series_id)
    study = SealedStudy(made.shelf, made.head, None, {second.series_id: key}, (second,))
    assert_whole(study, made.contents[1:])
    first = made.sealed.ranges[0]
    forced = SealedStudy(made.shelf, made.head, None, {first.series_id: key}, (first,))
    with pytest.raises(Damaged):
        _ = forced.series
    with pytest.raises(Damaged):
        forced.preview(first.series_id)


def test_a_preamble_that_can_hide_a_program_is_flagged():
    files = [
        file_in("plain", dicom_like(1, 900)),
        file_in("hidden", dicom_like(2, 900, b"MZ\x90")),
        file_in("short", b"MZ"),
    ]
    made = make([SeriesIn(new_series_id(), {}, files, b"")])
    assert [row.preamble for row in made.study().series[0].files] == [False, True, False]


def test_is_compressed_only_where_that_saves_a_tenth():
    noise = secrets.token_bytes(5000)
    files = [
        file_in("zeros", bytes(5000)),
        file_in("noise", noise),
        file_in("not to be tried", bytes(5000), compress=False),
        file_in("barely", noise + bytes(400)),
    ]
    made = make([SeriesIn(new_series_id(), {}, files, b"")])
    codecs = [row.segments[0].codec for row in made.study().series[0].files]
    assert codecs == [Codec.ZSTD, Codec.RAW, Codec.RAW, Codec.RAW]


# -- what others see --------------------------------------------------------------------------


def test_sizes_follow_padme_and_the_padding_is_random():
    made = make([series_in(1)])
    for root in (*made.sealed.data, made.sealed.index, made.sealed.preview):
        size = File(made.shelf, root).size
        assert size == padme(size)
        assert File(made.shelf, root).read(size - 8, 8) != bytes(8)
    again = make(list(made.contents))
    assert not set(made.shelf.blocks) & set(again.shelf.blocks)


def test_nothing_readable_leaves():
    series = replace(series_in(1, size=3000), attributes={"uid": "1.2.826.0.1.3680043"})
    made = make([series])
    stored = b"".join(made.shelf.blocks.values())
    for told in (b"1.2.826", b"IM1", b"DICM", b"PNG", made.study_key, series.series_id):
        assert told not in stored


def test_no_salt_comes_twice_and_no_segment_number_within_a_run():
    made = make([series_in(n) for n in range(5)])
    study = made.study()
    salts = [run.salt for rows in study.series for run in rows.runs]
    numbers = [
        (rows.series_id, s.run, s.number)
        for rows in study.series for row in rows.files for s in row.segments
    ]  # fmt: skip
    for place in made.sealed.ranges:
        table, preview = study.sections(place.series_id)
        salts += [table[:32], preview[:32]]
    assert len(salts) == len(set(salts)) == 15
    assert len(numbers) == len(set(numbers)) > 15


def test_a_section_crosses_into_no_leaf_without_need():
    series = [
        replace(series_in(n, files=1), preview=secrets.token_bytes(100_000)) for n in range(4)
    ]
    made = make(series)
    for place in made.sealed.ranges:
        first = place.preview_offset // LEAF
        assert (place.preview_offset + place.preview_length - 1) // LEAF == first
    assert_whole(made.study(), series)


# -- parts ------------------------------------------------------------------------------------


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(writing, "MAX_PART", 1 << 20)


@pytest.mark.usefixtures("small_parts")
def test_a_segment_never_crosses_parts():
    series = series_in(1, files=8, size=300_000)
    files = [replace(file, compress=False) for file in series.files]
    made = make([replace(series, files=files)])
    assert len(made.sealed.data) == 3
    sizes = [File(made.shelf, root).size for root in made.sealed.data]
    for rows in made.study().series:
        for row in rows.files:
            for segment in row.segments:
                assert segment.offset + segment.sealed_length <= sizes[segment.part] <= 1 << 20
    assert_whole(made.study(), made.contents)


@pytest.mark.usefixtures("small_parts")
def test_more_than_64_parts_are_refused(monkeypatch):
    monkeypatch.setattr(writing, "MAX_PARTS", 2)
    with pytest.raises(RequestInvalid):
        make([replace(series_in(1, files=9, size=500_000))])


def test_pieces_cut_at_the_cuts_and_above_16_mib():
    mib = 1 << 20
    assert list(pieces(10, ())) == [(0, 10)]
    assert list(pieces(0, ())) == []
    assert list(pieces(10, (3, 7))) == [(0, 3), (3, 7), (7, 10)]
    assert list(pieces(40 * mib, (1,))) == [
        (0, 1),
        (1, 16 * mib + 1),
        (16 * mib + 1, 32 * mib + 1),
        (32 * mib + 1, 40 * mib),
    ]
    for wrong in ((0,), (10,), (5, 5), (7, 3), (11,)):
        with pytest.raises(ValueError):
            list(pieces(10, wrong))


# -- growing ----------------------------------------------------------------------------------


def test_a_grown_study_has_what_it_had_and_what_came():
    made = make([series_in(1), series_in(2)])
    shelf_before = dict(made.shelf.blocks)
    later = [series_in(3)]
    sealed = append_series(made.study(), later, made.study_key, made.epoch, made.shelf.add)
    grown = SealedStudy(
        made.shelf, head_of(made.epoch, sealed), made.study_key, None, sealed.ranges
    )
    assert_whole(grown, [*made.contents, *later])
    assert sealed.data[:1] == made.sealed.data
    assert sealed.ranges[:2] == made.sealed.ranges
    assert shelf_before.items() <= made.shelf.blocks.items()


def test_the_old_study_key_and_ranges_open_nothing_that_was_added():
    made, later = make([series_in(1)]), series_in(3)
    sealed = append_series(made.study(), [later], made.study_key, made.epoch, made.shelf.add)
    head, place = head_of(made.epoch, sealed), sealed.ranges[1]
    guessed = replace(place, series_id=made.sealed.ranges[0].series_id)
    with pytest.raises(Damaged):
        _ = SealedStudy(made.shelf, head, made.study_key, None, (guessed,)).series


def test_a_study_grows_only_within_its_epoch_and_under_fresh_ids():
    made = make([series_in(1)])
    with pytest.raises(ValueError):
        append_series(made.study(), [series_in(2)], made.study_key, Epoch(bytes(16), 2), print)
    with pytest.raises(ValueError):
        append_series(made.study(), made.contents, made.study_key, made.epoch, made.shelf.add)


# -- tampering --------------------------------------------------------------------------------


class Forging(Shelf):
    """A source that returns what it likes; as if the head named these very blocks."""

    def get(self, cid):
        return self.blocks[cid]


def test_any_flipped_bit_of_any_block_is_damage():
    made = make([series_in(1, files=1, size=600)])
    for cid, data in made.shelf.blocks.items():
        covered = {cid == made.sealed.index: 0, cid == made.sealed.preview: 1}.get(True, 2)
        for at in range(0, len(data), 3):
            broken = bytearray(data)
            broken[at] ^= 1 << at % 8
            forged = Forging(dict(made.shelf.blocks) | {cid: bytes(broken)})
            assert _is_refused_or_padding(made, forged, covered, at)
            strict = Shelf(dict(forged.blocks))
            with pytest.raises(Damaged):
                assert_whole(replace(made, shelf=strict).study(), made.contents)


def _is_refused_or_padding(made, forged, covered, at):
    place, study = made.sealed.ranges[0], replace(made, shelf=forged).study()
    used = [
        place.index_offset + place.index_length,
        place.preview_offset + place.preview_length,
        max(s.offset + s.sealed_length for s in made.study().series[0].files[0].segments),
    ][covered]
    try:
        assert_whole(study, made.contents)
    except Damaged:
        return True
    return at >= used


def test_truncated_blocks_are_damage():
    made = make([series_in(1, files=1, size=600)])
    for cid, data in made.shelf.blocks.items():
        for length in (0, 1, 40, len(data) // 3):
            forged = Forging(dict(made.shelf.blocks) | {cid: data[:length]})
            with pytest.raises(Damaged):
                assert_whole(replace(made, shelf=forged).study(), made.contents)


def test_sections_swapped_between_series_are_damage():
    made = make([series_in(1), series_in(2)])
    one, two = made.sealed.ranges
    swapped = (replace(one, series_id=two.series_id), replace(two, series_id=one.series_id))
    study = SealedStudy(made.shelf, made.head, made.study_key, None, swapped)
    with pytest.raises(Damaged):
        _ = study.series
    for place in swapped:
        with pytest.raises(Damaged):
            study.preview(place.series_id)


def test_a_section_that_is_of_another_series_than_its_range_says_is_damage():
    made = make([series_in(1)])
    place = replace(made.sealed.ranges[0], series_id=bytes(16))
    real = made.sealed.ranges[0].series_id
    keys = {bytes(16): series_key(made.study_key, made.epoch.container, real)}
    with pytest.raises(Damaged):
        _ = SealedStudy(made.shelf, made.head, None, keys, (place,)).series


def test_a_study_of_another_epoch_or_container_is_damage():
    made = make([series_in(1)])
    for head in (replace(made.head, epoch=2), replace(made.head, container=bytes(16))):
        study = SealedStudy(made.shelf, head, made.study_key, None, made.sealed.ranges)
        with pytest.raises(Damaged):
            _ = study.series


def test_parts_swapped_in_the_head_are_damage(monkeypatch):
    monkeypatch.setattr(writing, "MAX_PART", 1 << 20)
    series = series_in(1, files=6, size=300_000)
    made = make([replace(series, files=[replace(f, compress=False) for f in series.files])])
    head = replace(made.head, data=made.head.data[::-1])
    study = SealedStudy(made.shelf, head, made.study_key, None, made.sealed.ranges)
    with pytest.raises(Damaged):
        copied(study, series.series_id, 0)
    fewer = replace(made.head, data=made.head.data[:1])
    with pytest.raises(Damaged):
        _ = SealedStudy(made.shelf, fewer, made.study_key, None, made.sealed.ranges).series


def test_ranges_outside_the_files_are_damage():
    made = make([series_in(1)])
    place = made.sealed.ranges[0]
    for wrong in (
        replace(place, index_offset=1 << 27),
        replace(place, index_length=1 << 27),
        replace(place, index_length=0, preview_length=0),
        replace(place, preview_length=1 << 27),
    ):
        study = SealedStudy(made.shelf, made.head, made.study_key, None, (wrong,))
        with pytest.raises(Damaged):
            assert_whole(study, made.contents)


# -- what an index may not say ----------------------------------------------------------------


def table(**fields):
    made = make([series_in(1, files=1)])
    value = cbor.decode(unpack(made.study().series[0].encode(), None, 1 << 20))
    return value | fields


def row(**fields):
    path, size, sha256, preamble, header, segments = table()["files"][0]
    whole = {
        "path": path, "size": size, "sha256": sha256, "preamble": preamble, "header": header,
        "segments": segments,
    }  # fmt: skip
    return {"files": [list((whole | fields).values())]}


def segment(**fields):
    names = ["run", "number", "part", "offset", "sealed", "codec", "plain", "at"]
    whole = dict(zip(names, [0, 0, 0, 0, 116, 0, 100, 0], strict=True)) | fields
    return row(size=100, segments=[list(whole.values())])


def packed(value):
    return zstandard.ZstdCompressor().compress(cbor.encode(value))


def test_the_table_that_the_refusals_start_from_is_accepted():
    for fields in ({}, row(), segment(), segment(codec=1, sealed=90)):
        SeriesRows.decode(packed(table(**fields)))


@pytest.mark.parametrize(
    "fields",
    [
        {"v": 2},
        {"more": 0},
        {"series_id": bytes(15)},
        {"attributes": None},
        {"runs": [[bytes(32)]]},
        {"runs": []},
        row(path="../etc/passwd"),
        row(path="/etc/passwd"),
        row(path="C:\\x"),
        row(path=""),
        row(sha256=bytes(20)),
        row(preamble=None),
        row(header=[]),
        row(size=7),
        row(segments=[]),
        row(size=-1),
        segment(run=1),
        segment(run=-1),
        segment(number=-1),
        segment(part=64),
        segment(offset=-1),
        segment(offset=(256 << 20) - 100),
        segment(sealed=115),
        segment(sealed=117),
        segment(codec=1),
        segment(codec=2),
        segment(codec=1, sealed=16),
        segment(plain=0, sealed=16),
        segment(plain=True),
        segment(at=1),
        segment(at=0.0),
    ],
)
def test_refuses_an_index_with(fields):
    with pytest.raises(Damaged):
        SeriesRows.decode(packed(table(**fields)))


def test_refuses_a_gap_or_an_overlap_between_segments():
    first, second = [0, 0, 0, 0, 66, 0, 50, 0], [0, 1, 0, 66, 66, 0, 50, 50]
    SeriesRows.decode(packed(table(**row(size=100, segments=[first, second]))))
    for at in (49, 51):
        for size in (100, 50 + at):
            with pytest.raises(Damaged):
                segments = [first, [*second[:7], at]]
                SeriesRows.decode(packed(table(**row(size=size, segments=segments))))


def test_refuses_what_inflates_beyond_what_it_says(monkeypatch):
    bomb = zstandard.ZstdCompressor().compress(bytes(10 << 20))
    with pytest.raises(ValueError):
        unpack(bomb, 100, 1 << 20)
    with pytest.raises(ValueError):
        unpack(bomb, None, 1 << 20)
    streaming = zstandard.ZstdCompressor(write_content_size=False).compress(b"x" * 100)
    for wrong in (streaming, bomb[:-1], bomb + b"\0", bomb + bomb, b"", b"no frame"):
        with pytest.raises(ValueError):
            unpack(wrong, None, 64 << 20)


# -- when something goes wrong ----------------------------------------------------------------


@pytest.mark.parametrize("said", [-1, 1])
def test_a_file_that_changed_while_it_was_read_is_refused(said):
    data = bytes(1000)
    file = FileIn("a", len(data) + said, {}, (), True, lambda: io.BytesIO(data))
    with pytest.raises(RequestInvalid):
        make([SeriesIn(new_series_id(), {}, [file], b"")])


def test_a_person_can_stop_it():
    def stop(what, done, total):
        assert total == 3 * 5000 + 3
        if done:
            raise Cancelled()

    epoch, shelf = Epoch(secrets.token_bytes(16), 1), Shelf()
    with pytest.raises(Cancelled):
        seal_study([series_in(1)], bytes(32), epoch, shelf.add, stop)


def test_a_sink_that_does_not_take_all_is_our_own_mistake():
    with pytest.raises(ValueError):
        seal_study([series_in(1)], bytes(32), Epoch(bytes(16), 1), lambda blocks: None)


def test_a_file_whose_digest_is_another_is_damage():
    made = make([series_in(1)])
    study = made.study()
    rows = study.series[0]
    wrong = replace(rows, files=(replace(rows.files[0], sha256=bytes(32)), *rows.files[1:]))
    study._rows[rows.series_id] = wrong
    with pytest.raises(Damaged):
        copied(study, rows.series_id, 0)


def test_what_is_counted_is_what_was_read_and_stored():
    made = make([series_in(1)])
    assert made.sealed.bytes_in == sum(file.size for file in made.contents[0].files)
    assert made.sealed.bytes_stored == sum(map(len, made.shelf.blocks.values()))


def test_nothing_secret_is_in_a_repr():
    made = make([series_in(1)])
    shown = repr(made.study()) + repr(made.sealed) + repr(made.contents) + repr(made.study().series)
    key = made.contents[0].series_id
    for secret in (repr(made.study_key)[2:-1], repr(key)[2:-1], "IM1", "1.2."):
        assert secret not in shown
