"""Envelopes: they open to one reader, at one place, and tell nothing to others."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace

import pytest
import second_reader
from hypothesis import given
from hypothesis import strategies as st
from shelf import PLACE, terms_for

from wallet.container import cbor
from wallet.container.envelope import (
    Envelope,
    Place,
    Range,
    Terms,
    commitment,
    open_each,
    open_one,
    seal_all,
)
from wallet.container.sealing import Epoch
from wallet.errors import Damaged, NotForYou
from wallet.identity import hpke
from wallet.identity.hpke import ReceivingKey
from wallet.ports import Address, Registry, Word

EPOCH = Epoch(bytes(range(16)), 2)
READER, OTHER = ReceivingKey.from_seed(b"\1" * 32), ReceivingKey.from_seed(b"\2" * 32)
WHOLE = Envelope(
    sequence=3,
    previous=Word(b"\x77" * 32),
    study_key=b"k" * 32,
    series_keys=None,
    ranges=(Range(b"s" * 16, 0, 900, 0, 120), Range(b"t" * 16, 900, 80, 120, 90)),
    terms=terms_for(READER),
    salt=b"z" * 32,
    grant_key=b"g" * 32,
    card=b"card",
    signature=bytes(65),
)
PARTLY = replace(
    WHOLE,
    study_key=None,
    series_keys={b"t" * 16: b"u" * 32, b"s" * 16: b"v" * 32},
    grant_key=b"h" * 32,
)


def other_places():
    registry, study = PLACE.registry, PLACE.study
    yield Place(Registry(1, registry.contract), study), EPOCH
    yield Place(Registry(registry.chain_id, Address("0x" + "11" * 20)), study), EPOCH
    yield Place(registry, Address("0x" + "11" * 20)), EPOCH
    yield PLACE, Epoch(bytes(16), 2)
    yield PLACE, Epoch(EPOCH.container, 3)


@pytest.mark.parametrize("envelope", [WHOLE, PARTLY, replace(WHOLE, previous=None, card=b"")])
def test_an_envelope_opens_to_its_reader(envelope):
    grants = seal_all([(READER.public, envelope)], PLACE, EPOCH)
    assert open_one(grants, READER, PLACE, EPOCH) == envelope


def test_an_envelope_opens_to_nobody_else():
    grants = seal_all([(READER.public, WHOLE)], PLACE, EPOCH)
    with pytest.raises(NotForYou):
        open_one(grants, OTHER, PLACE, EPOCH)


def test_an_envelope_opens_nothing_at_another_place_or_in_another_epoch():
    grants = seal_all([(READER.public, WHOLE)], PLACE, EPOCH)
    for place, epoch in other_places():
        with pytest.raises(NotForYou):
            open_one(grants, READER, place, epoch)


def test_the_second_reader_opens_it_from_the_primitives():
    grants = seal_all([(READER.public, PARTLY)], PLACE, EPOCH)
    info = b"rayfolio/1/envelope\0" + struct.pack(">Q", 560048) + b"\xc0" * 20 + b"\x57" * 20
    info += EPOCH.container + struct.pack(">I", 2)
    length = int.from_bytes(grants[:4], "big")
    opened = []
    for at in range(4, len(grants), length):
        try:
            opened.append(second_reader.hpke_open(b"\1" * 32, grants[at : at + length], info))
        except second_reader.InvalidTag:
            continue
    assert [second_reader.prefixed(each) for each in opened] == [PARTLY.encode()]


def test_of_two_envelopes_of_one_reader_the_one_of_the_grant_is_returned():
    both = [(READER.public, WHOLE), (READER.public, PARTLY)]
    grants = seal_all(both, PLACE, EPOCH)
    assert open_one(grants, READER, PLACE, EPOCH, WHOLE.grant_id) == WHOLE
    assert open_one(grants, READER, PLACE, EPOCH, PARTLY.grant_id) == PARTLY
    with pytest.raises(NotForYou):
        open_one(grants, READER, PLACE, EPOCH, Address("0x" + "00" * 20))
    assert len(list(open_each(grants, READER, PLACE, EPOCH))) == 2


@pytest.mark.parametrize(
    ("count", "total"), [(0, 4), (1, 4), (4, 4), (5, 8), (9, 16), (17, 32), (33, 64)]
)
def test_how_many_there_are_is_a_power_of_two_of_equal_lengths(count, total):
    grants = seal_all([(READER.public, WHOLE)] * count, PLACE, EPOCH)
    assert len(grants) == 4 + total * (4096 + hpke.OVERHEAD)


@pytest.mark.parametrize(("series", "bucket"), [(1, 4096), (60, 8192), (100, 16384)])
def test_all_have_the_length_of_the_longest(series, bucket):
    ids = [bytes([n]) * 16 for n in range(series)]
    long = replace(
        PARTLY,
        ranges=tuple(Range(each, 1 << 20, 1 << 20, 1 << 20, 1 << 20) for each in ids),
        series_keys=dict.fromkeys(ids, bytes(32)),
    )
    grants = seal_all([(READER.public, long), (OTHER.public, WHOLE)], PLACE, EPOCH)
    assert len(grants) == 4 + 4 * (bucket + hpke.OVERHEAD)
    assert open_one(grants, READER, PLACE, EPOCH) == long


def test_they_are_shuffled_and_sealed_anew_each_time():
    positions, seen = set(), set()
    for _ in range(40):
        grants = seal_all([(READER.public, WHOLE)], PLACE, EPOCH)
        length = int.from_bytes(grants[:4], "big")
        each = [grants[at : at + length] for at in range(4, len(grants), length)]
        seen |= set(each)
        positions |= {at for at, sealed in enumerate(each) if _opens(sealed)}
    assert positions == {0, 1, 2, 3}
    assert len(seen) == 160


def _opens(sealed):
    info = b"rayfolio/1/envelope\0" + struct.pack(">Q", 560048) + b"\xc0" * 20 + b"\x57" * 20
    try:
        READER.open(sealed, info + EPOCH.encode())
    except NotForYou:
        return False
    return True


def test_any_flipped_bit_leaves_nothing_to_open():
    grants = seal_all([(READER.public, WHOLE)] * 4, PLACE, EPOCH)
    length = (len(grants) - 4) // 4
    for at in [0, 1, 2, 3, *range(4, 4 + length, 97), 4 + length - 1]:
        broken = bytearray(grants)
        broken[at] ^= 1
        if at < 4:
            with pytest.raises(Damaged):
                open_one(bytes(broken), READER, PLACE, EPOCH)
        else:
            assert len(list(open_each(bytes(broken), READER, PLACE, EPOCH))) == 3


def test_cut_grants_are_damage():
    grants = seal_all([(READER.public, WHOLE)], PLACE, EPOCH)
    length = (len(grants) - 4) // 4
    for cut in (b"", grants[:3], grants[:4], grants[:-1], grants[: 4 + 3 * length], grants + b"\0"):
        with pytest.raises(Damaged):
            open_one(cut, READER, PLACE, EPOCH)


def test_an_envelope_that_was_written_for_another_reader_is_damage():
    grants = seal_all([(OTHER.public, WHOLE)], PLACE, EPOCH)
    with pytest.raises(Damaged):
        open_one(grants, OTHER, PLACE, EPOCH)


def test_rejects_too_many_or_too_long():
    with pytest.raises(ValueError):
        seal_all([(READER.public, WHOLE)] * 1025, PLACE, EPOCH)
    with pytest.raises((ValueError, Damaged)):
        seal_all([(READER.public, replace(WHOLE, card=bytes(300_000)))], PLACE, EPOCH)


@pytest.mark.parametrize(
    "fields",
    [
        {"v": 2},
        {"more": 1},
        {"sequence": -1},
        {"previous": b"short"},
        {"study_key": None},
        {"study_key": bytes(31)},
        {"series_keys": [[b"s" * 16, bytes(32)]]},
        {"ranges": []},
        {"ranges": [[b"s" * 16, 0, 1, 0, 1], [b"s" * 16, 1, 1, 1, 1]]},
        {"ranges": [[b"s" * 15, 0, 1, 0, 1]]},
        {"ranges": [[b"s" * 16, 0, 1, 0]]},
        {"ranges": [[b"s" * 16, 0, 1, 0, (1 << 28) + 1]]},
        {"ranges": [[b"s" * 16, 0, True, 0, 1]]},
        {"salt": bytes(33)},
        {"grant_key": ""},
        {"card": None},
        {"signature": bytes(66)},
        {"terms": {}},
        {"terms": {**WHOLE.terms.to_map(), "scope": []}},
        {"terms": {**WHOLE.terms.to_map(), "until": "never"}},
        {"terms": {**WHOLE.terms.to_map(), "grantee": bytes(20)}},
    ],
)
def test_refuses_an_envelope_with(fields):
    value = cbor.decode(WHOLE.encode())
    with pytest.raises(Damaged):
        Envelope.decode(cbor.encode({**value, **fields}))


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [[b"s" * 16, bytes(32)]],
        [[b"t" * 16, bytes(32)], [b"s" * 16, bytes(32)]],
        [[b"s" * 16, bytes(32)], [b"s" * 16, bytes(32)]],
        [[b"s" * 16, bytes(32)], [b"t" * 16, bytes(31)]],
    ],
)
def test_refuses_keys_of_other_series_than_those_in_the_ranges(keys):
    value = cbor.decode(PARTLY.encode())
    with pytest.raises(Damaged):
        Envelope.decode(cbor.encode({**value, "series_keys": keys}))


TERMS = st.builds(
    Terms,
    st.binary(min_size=32, max_size=32),
    st.lists(st.text(max_size=20), min_size=1, max_size=4).map(tuple),
    st.text(max_size=20),
    st.integers(0, 1 << 40),
    st.none() | st.integers(0, 1 << 40),
)


@given(TERMS)
def test_terms_decode_to_themselves(terms):
    assert Terms.from_map(cbor.decode(cbor.encode(terms.to_map()))) == terms


@given(TERMS, TERMS)
def test_a_commitment_is_to_one_salt_and_these_terms(one, other):
    salt = bytes(32)
    again = second_reader._cbor_again(one.to_map())
    assert commitment(salt, one) == hashlib.sha256(b"rayfolio/1/terms\0" + salt + again).digest()
    assert commitment(salt, one) != commitment(b"\1" * 32, one)
    assert (commitment(salt, one) == commitment(salt, other)) == (one == other)


def test_nothing_secret_is_in_a_repr():
    shown = repr(PARTLY) + repr(WHOLE) + repr(WHOLE.ranges)
    for secret in ("kkkk", "uuuu", "gggg", "zzzz", "ssss", "TREAT"):
        assert secret not in shown
