"""The committed container opens for ever, here and in a reader that knows only docs/format.md."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from pathlib import Path

import pytest
import second_reader
from shelf import Shelf, make, series_in

from wallet.container import head
from wallet.container.envelope import Envelope, Place, Range, commitment, open_one
from wallet.container.reader import SealedStudy
from wallet.container.sealing import Epoch, series_key
from wallet.container.self_record import SelfRecord
from wallet.identity import locator
from wallet.identity.hpke import ReceivingKey
from wallet.identity.secp256k1 import checksum
from wallet.ports import Cid, Registry, Word
from wallet.storage import unixfs
from wallet.storage.cid import cid_from_bytes

FOLDER = Path(__file__).parents[2] / "vectors" / "container"
VECTOR = json.loads((FOLDER / "vector.json").read_text())
BLOCKS = {
    Cid(cid): base64.b64decode(data)
    for cid, data in json.loads((FOLDER / "blocks.json").read_text()).items()
}
RANGES = [[bytes.fromhex(each[0]), *each[1:]] for each in VECTOR["ranges"]]


def get(cid):
    return BLOCKS[cid_from_bytes(cid)]


def known(name):
    return bytes.fromhex(VECTOR[name])


def assert_expected(number, preview, files):
    told = VECTOR["series"][number]
    assert preview.hex() == told["preview"]
    found = {path: [len(data), hashlib.sha256(data).hexdigest()] for path, data in files.items()}
    assert found == told["files"]
    assert found


@pytest.fixture
def container():
    digest = second_reader.unmask(known("locator_key"), known("study"), known("word"))
    assert digest == known("head_digest")
    return second_reader.open_head(get, digest)


# -- the second reader ------------------------------------------------------------------------


def test_the_second_reader_imports_nothing_of_ours():
    source = Path(second_reader.__file__).read_text()
    for package in ("wallet", "viewer", "chain", "app", "libipld", "shelf"):
        assert f"import {package}" not in source
        assert f"from {package}" not in source


def test_the_second_reader_opens_it_with_the_study_key(container):
    opened = second_reader.open_study(container, known("study_key"), RANGES)
    assert len(opened) == 2
    for number, each in enumerate(opened):
        assert_expected(number, each["preview"], each["files"])


@pytest.mark.parametrize("number", [0, 1])
def test_the_second_reader_opens_one_series_with_its_key(container, number):
    key = bytes.fromhex(VECTOR["series_keys"][number])
    opened = second_reader.open_series(container, key, RANGES[number])
    assert_expected(number, opened["preview"], opened["files"])
    with pytest.raises(second_reader.Refused):
        second_reader.open_series(container, key, RANGES[1 - number])


@pytest.mark.parametrize("reader", VECTOR["readers"])
def test_the_second_reader_opens_it_through_an_envelope(container, reader):
    envelope = second_reader.open_envelope(
        container,
        bytes.fromhex(reader["seed"]),
        VECTOR["chain_id"],
        known("contract"),
        known("study"),
    )
    assert second_reader._cbor_again(envelope).hex() == reader["envelope"]
    opened = second_reader.open_with_envelope(container, envelope)
    for number, each in zip(reader["opens"], opened, strict=True):
        assert_expected(number, each["preview"], each["files"])


def test_the_second_reader_opens_what_the_patient_alone_reads(container):
    sealed = container.linked("self")
    opened = second_reader.open_object(known("self_key"), 3, container.generation, sealed)
    assert opened == known("self_record")


def test_the_second_reader_opens_what_is_sealed_today():
    made = make([series_in(1), series_in(2, files=2, size=400_000)])
    block = made.head.encode()
    made.shelf.add([block])
    fresh = second_reader.open_head(
        lambda cid: made.shelf.get(cid_from_bytes(cid)), hashlib.sha256(block.data).digest()
    )
    ranges = [each.to_list() for each in made.sealed.ranges]
    opened = second_reader.open_study(fresh, made.study_key, ranges)
    for each, series in zip(opened, made.contents, strict=True):
        for file in series.files:
            assert each["files"][file.path] == file.open().read()


# -- ours -------------------------------------------------------------------------------------


@pytest.fixture
def found():
    study = checksum(known("study"))
    digest = locator.unmask(known("locator_key"), study, Word(known("word")))
    return head.fetch(Shelf(BLOCKS), digest)


def check(study, numbers):
    for number, rows in zip(numbers, study.series, strict=True):
        files = {}
        for at, row in enumerate(rows.files):
            out = io.BytesIO()
            study.copy_file(rows.series_id, at, out)
            files[row.path] = out.getvalue()
        assert_expected(number, study.preview(rows.series_id), files)


def test_ours_opens_it_with_the_study_key(found):
    ranges = tuple(Range.from_list(each) for each in RANGES)
    check(SealedStudy(Shelf(BLOCKS), found, known("study_key"), None, ranges), [0, 1])


@pytest.mark.parametrize("reader", VECTOR["readers"])
def test_ours_opens_it_through_an_envelope(found, reader):
    grants = unixfs.File(Shelf(BLOCKS), found.grants).read_all()
    place = Place(
        Registry(VECTOR["chain_id"], checksum(known("contract"))), checksum(known("study"))
    )
    receiving = ReceivingKey.from_seed(bytes.fromhex(reader["seed"]))
    envelope = open_one(grants, receiving, place, Epoch(found.container, found.epoch))
    assert envelope == Envelope.decode(bytes.fromhex(reader["envelope"]))
    assert commitment(envelope.salt, envelope.terms).hex() == reader["terms_commitment"]
    keys = (envelope.study_key, envelope.series_keys)
    check(SealedStudy(Shelf(BLOCKS), found, *keys, envelope.ranges), reader["opens"])


def test_ours_opens_the_record(found):
    sealed = unixfs.File(Shelf(BLOCKS), found.self_).read_all()
    record = SelfRecord.open(known("self_key"), Epoch(found.container, found.epoch), sealed)
    assert record.encode() == known("self_record")
    assert record.study_key == known("study_key")


def test_series_keys_are_derived_as_they_were():
    for each, key in zip(RANGES, VECTOR["series_keys"], strict=True):
        assert series_key(known("study_key"), known("container"), each[0]).hex() == key
