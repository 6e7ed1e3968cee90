"""What only the patient reads."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shelf import NOBODY, terms_for

from wallet.container import cbor
from wallet.container.envelope import Range
from wallet.container.sealing import Epoch, series_key
from wallet.container.self_record import GrantRecord, LibraryPointer, SelfRecord
from wallet.errors import Damaged
from wallet.identity.hpke import ReceivingKey
from wallet.ports import Word

EPOCH, SELF_KEY = Epoch(b"c" * 16, 1), b"\5" * 32
READER = ReceivingKey.from_seed(b"\1" * 32)
FIRST, SECOND, LATER = (Range(each * 16, 0, 10, 0, 10) for each in (b"a", b"b", b"l"))
GRANT = GrantRecord(
    grant_key=b"GRANTKEY" * 4,
    salt=b"z" * 32,
    terms=terms_for(READER),
    receiving=READER.public,
    series_ids=(FIRST.series_id, SECOND.series_id),
    card=None,
    name="Dr. Haruka Sato",
    secret=b"THESECRET".ljust(32),
    passcode="five-words-of-a-passcode",
    state="active",
    created_at=1_780_000_000,
)
RECORD = SelfRecord(
    index=4,
    study_key=b"STUDYKEY" * 4,
    sequence=9,
    previous=Word(b"p" * 32),
    ranges=(FIRST, SECOND, LATER),
    labels={"patient": "Doe^Jane", "series": [{"id": b"a" * 16}]},
    grants=(
        GRANT,
        replace(GRANT, state="revoked", card=b"card"),
        replace(GRANT, state="expired", secret=None, passcode=""),
    ),
    needs_rotation=True,
    notes="Ask about the knee.",
    library=LibraryPointer(NOBODY, b"l" * 32, 3),
)


def test_a_record_comes_back_whole():
    assert SelfRecord.open(SELF_KEY, EPOCH, RECORD.seal(SELF_KEY, EPOCH)) == RECORD
    bare = SelfRecord(0, bytes(32), 1, None, (), {})
    assert SelfRecord.open(SELF_KEY, EPOCH, bare.seal(SELF_KEY, EPOCH)) == bare


def test_a_record_opens_only_with_its_key_and_in_its_epoch():
    sealed = RECORD.seal(SELF_KEY, EPOCH)
    for key, epoch in [(b"\6" * 32, EPOCH), (SELF_KEY, Epoch(b"c" * 16, 2))]:
        with pytest.raises(Damaged):
            SelfRecord.open(key, epoch, sealed)


@pytest.mark.parametrize(
    "fields",
    [
        {"v": 0},
        {"extra": None},
        {"index": 1 << 31},
        {"study_key": None},
        {"sequence": "9"},
        {"ranges": [FIRST.to_list(), FIRST.to_list()]},
        {"labels": []},
        {"grants": [{}]},
        {"grants": [{**GRANT.to_map(), "state": "forgotten"}]},
        {"grants": [{**GRANT.to_map(), "receiving": b""}]},
        {"needs_rotation": 1},
        {"library": [bytes(36), bytes(32), 1]},
        {"notes": 7},
    ],
)
def test_refuses_a_record_with(fields):
    value = cbor.decode(RECORD.encode())
    with pytest.raises(Damaged):
        SelfRecord.decode(cbor.encode({**value, **fields}))


def test_a_record_that_would_not_open_is_not_sealed():
    with pytest.raises((ValueError, Damaged)):
        replace(RECORD, grants=(replace(GRANT, state="maybe"),)).seal(SELF_KEY, EPOCH)


def test_a_whole_grant_gives_the_study_key_and_not_where_later_series_lie():
    made = RECORD.envelope_for(GRANT, EPOCH, b"card", bytes(65))
    assert made.study_key == RECORD.study_key
    assert made.series_keys is None
    assert made.ranges == (FIRST, SECOND)
    assert (made.sequence, made.previous) == (9, RECORD.previous)


def test_a_grant_with_additions_reaches_them():
    terms = terms_for(READER, ("study", "additions"))
    assert RECORD.envelope_for(replace(GRANT, terms=terms), EPOCH).ranges == RECORD.ranges


def test_a_grant_of_series_gives_their_keys_alone():
    terms = terms_for(READER, (SECOND.series_id.hex(),))
    partly = replace(GRANT, terms=terms, series_ids=(SECOND.series_id,))
    made = RECORD.envelope_for(partly, EPOCH)
    assert made.study_key is None
    assert made.ranges == (SECOND,)
    key = series_key(RECORD.study_key, EPOCH.container, SECOND.series_id)
    assert made.series_keys == {SECOND.series_id: key}


def test_nothing_secret_is_in_a_repr():
    shown = repr(RECORD)
    for secret in ("STUDYKEY", "GRANTKEY", "THESECRET", "five-words", "Doe", "Sato", "knee", "lll"):
        assert secret not in shown
