"""Good and broken containers of tests/vectors/kit: each reader says what is to be said of each."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import struct
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import second_reader
import zstandard
from cryptography.exceptions import InvalidTag
from kit_cases import GROUPS
from owned import recovery
from shelf import Shelf
from write_kit import contents

from wallet.container import head
from wallet.container.envelope import Place, open_one
from wallet.container.reader import SealedStudy
from wallet.container.sealing import Epoch
from wallet.container.self_record import SelfRecord
from wallet.errors import BlockUnreachable, Damaged, NotForYou
from wallet.identity import words
from wallet.identity.hpke import ReceivingKey
from wallet.identity.person import Identity
from wallet.identity.secp256k1 import checksum
from wallet.ports import Block, Registry
from wallet.storage import car, unixfs
from wallet.storage.cid import cid_bytes, cid_from_bytes

FOLDER = Path(__file__).parents[2] / "vectors" / "kit"
KEYS = json.loads((FOLDER / "keys.json").read_text())
CASES = [
    pytest.param(case, id=f"{group}: {case['name']}")
    for group in GROUPS
    for case in json.loads((FOLDER / f"{group}.json").read_text())
]
OPENS, DAMAGED, NOT_FOR_YOU, MISSING = "opens", "damaged", "not for you", "missing"
PARTS = ("record", "files", "previews")
recover = recovery()


def unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))


POOL = {cid: unpacked(text) for cid, text in json.loads((FOLDER / "pool.json").read_text()).items()}

NAMED = {cid_bytes(cid): cid for cid in POOL}


def blocks_of(case: dict[str, Any]) -> dict[str, bytes]:
    """All blocks of all cases, but what this one has otherwise."""
    instead = {cid: unpacked(text) for cid, text in case["instead"].items()}
    return {cid: data for cid, data in (POOL | instead).items() if cid not in case["without"]}


def reached(case: dict[str, Any]) -> dict[str, bytes]:
    """The blocks of one case: what its head and its nodes name anywhere in their bytes."""
    blocks = blocks_of(case)
    found, waiting = {}, [case["head"]]
    while waiting:
        cid = waiting.pop()
        if cid in found or cid not in blocks:
            continue
        found[cid] = data = blocks[cid]
        if cid_bytes(cid)[1] != 0x55:
            waiting += [other for each, other in NAMED.items() if each in data]
    return found


def test_every_case_of_the_generator_is_in_the_kit() -> None:
    named = {f"{group}: {case.name}" for group, cases in GROUPS.items() for case in cases()}
    assert named == {each.id for each in CASES}
    assert not [
        name for name, count in Counter(str(each.id) for each in CASES).items() if count > 1
    ]
    assert len(CASES) > 200


# -- ours -------------------------------------------------------------------------------------


class Kept(Shelf):
    """The blocks of a case; wrong bytes under a CID are damage, as every store says."""


def attempt(action: Any) -> tuple[str, Any]:
    try:
        return OPENS, action()
    except Damaged:
        return DAMAGED, None
    except NotForYou:
        return NOT_FOR_YOU, None
    except BlockUnreachable:
        return MISSING, None


def ours(case: dict[str, Any]) -> SealedStudy:
    source = Kept(blocks_of(case))
    found = head.fetch(source, cid_bytes(case["head"])[4:])
    epoch = Epoch(found.container, found.epoch)
    if case["way"] == "words":
        self_key = Identity(words.seed(KEYS["words"], case["passphrase"])).self_key()
        sealed = unixfs.File(source, found.self_).read_all()
        record = SelfRecord.open(self_key, epoch, sealed)
        return SealedStudy(source, found, record.study_key, None, record.ranges)
    place = Place(
        Registry(KEYS["chain_id"], checksum(bytes.fromhex(KEYS["contract"]))),
        checksum(bytes.fromhex(KEYS["study"])),
    )
    receiving = ReceivingKey.from_seed(bytes.fromhex(KEYS["seed"]))
    grants = unixfs.File(source, found.grants).read_all()
    envelope = open_one(grants, receiving, place, epoch)
    keys = (envelope.study_key, envelope.series_keys)
    return SealedStudy(source, found, *keys, envelope.ranges)


def files_of(study: SealedStudy) -> str:
    files = {}
    for rows in study.series:
        for number, row in enumerate(rows.files):
            out = io.BytesIO()
            study.copy_file(rows.series_id, number, out)
            files[row.path] = out.getvalue()
    return contents(files)


def pictures_of(study: SealedStudy) -> list[str]:
    return [hashlib.sha256(study.preview(each.series_id)).hexdigest() for each in study.ranges]


@pytest.mark.parametrize("case", CASES)
def test_ours_says_what_is_to_be_said(case: dict[str, Any]) -> None:
    said, study = attempt(lambda: ours(case))
    if case["way"] == "words" and case["record"] == NOT_FOR_YOU:
        assert said == DAMAGED  # by the chain's word it would be this person's
    else:
        assert said == case["record"]
    if study is None:
        return
    assert attempt(lambda: files_of(study)) == (case["files"], case.get("contents"))
    assert attempt(lambda: pictures_of(study)) == (case["previews"], case.get("pictures"))


# -- the second reader ------------------------------------------------------------------------

REFUSALS = (
    second_reader.Refused, InvalidTag, zstandard.ZstdError, UnicodeDecodeError, struct.error,
    AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError,
)  # fmt: skip


def second(case: dict[str, Any]) -> list[dict[str, Any]]:
    blocks = blocks_of(case)
    container = second_reader.open_head(
        lambda cid: blocks[cid_from_bytes(cid)], cid_bytes(case["head"])[4:]
    )
    if case["way"] == "words":
        self_key = second_reader.hkdf(
            words.seed(KEYS["words"], case["passphrase"]), b"", b"rayfolio/1/self/0\0", 32
        )
        record = second_reader.open_self(container, self_key)
        return second_reader.open_study(container, record["study_key"], record["ranges"])
    place = (KEYS["chain_id"], bytes.fromhex(KEYS["contract"]), bytes.fromhex(KEYS["study"]))
    envelope = second_reader.open_envelope(container, bytes.fromhex(KEYS["seed"]), *place)
    return second_reader.open_with_envelope(container, envelope)


@pytest.mark.parametrize("case", CASES)
def test_the_second_reader_opens_the_good_and_no_other(case: dict[str, Any]) -> None:
    if {case[part] for part in PARTS} != {OPENS}:
        with pytest.raises(REFUSALS):
            second(case)
        return
    found = second(case)
    assert contents({p: d for each in found for p, d in each["files"].items()}) == case["contents"]
    digests = [hashlib.sha256(each["preview"]).hexdigest() for each in found]
    assert digests == case["pictures"]


# -- the recovery script ----------------------------------------------------------------------


@pytest.mark.parametrize("case", [each for each in CASES if each.values[0]["way"] == "words"])
def test_the_recovery_script_writes_what_is_whole_and_nothing_else(
    case: dict[str, Any], tmp_path: Path
) -> None:
    source, out = tmp_path / "study.car", tmp_path / "out"
    blocks = [Block(cid, data) for cid, data in reached(case).items()]
    source.write_bytes(b"".join(car.write(blocks, [case["head"]])))
    (tmp_path / "words").write_text(KEYS["words"])
    (tmp_path / "more").write_text(case["passphrase"])
    good = {p: d for each in second(GOOD) for p, d in each["files"].items()}
    code = recover.main(
        [str(source), str(out), "--words-file", str(tmp_path / "words"),
         "--passphrase-file", str(tmp_path / "more")]
    )  # fmt: skip
    expected = case["record"] if case["record"] != OPENS else case["files"]
    if case["beside"]:  # nobody loses scans for what a grant says
        assert code == 0
        assert contents(read_below(out)) == contents(good)
        return
    assert code == {OPENS: 0, DAMAGED: 5, MISSING: 5, NOT_FOR_YOU: 3}[expected]
    files = read_below(out)
    if case["record"] != OPENS:
        assert not files
    elif case["files"] == OPENS:
        assert contents(files) == case["contents"]
    else:
        assert files.items() < good.items()


def read_below(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


GOOD = next(each.values[0] for each in CASES if each.id == "good: by the words")
