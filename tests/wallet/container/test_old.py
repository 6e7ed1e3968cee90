"""Containers that were written by earlier programs, which open for ever."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from owned import recovery
from shelf import Shelf

from wallet.container import head
from wallet.container.envelope import Place, open_one
from wallet.container.reader import SealedStudy
from wallet.container.sealing import Epoch
from wallet.container.self_record import SelfRecord
from wallet.identity import words
from wallet.identity.person import Identity, link_receiving
from wallet.sharing import link
from wallet.storage import car, unixfs
from wallet.storage.cid import parse

FOLDERS = sorted((Path(__file__).parents[2] / "old").glob("container-*"))


class Old:
    """One of them: its blocks, its head, and what opens it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: dict[str, Any] = json.loads((folder / "opens.json").read_text())
        (self.root,), blocks = car.read((folder / "study.car").read_bytes())
        self.shelf = Shelf()
        self.shelf.add(blocks)
        self.head = head.fetch(self.shelf, parse(self.root).digest)
        self.epoch = Epoch(self.head.container, self.head.epoch)

    def file(self, cid: Any) -> bytes:
        return unixfs.File(self.shelf, cid).read_all()

    def check(self, study: SealedStudy) -> None:
        found = {}
        for rows in study.series:
            assert study.preview(rows.series_id).startswith(b"\x89PNG")
            for number, row in enumerate(rows.files):
                out = io.BytesIO()
                study.copy_file(rows.series_id, number, out)
                found[row.path] = hashlib.sha256(out.getvalue()).hexdigest()
        assert found == self.told["files"]
        assert found


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def old(request: pytest.FixtureRequest) -> Old:
    return Old(request.param)


def test_there_is_one_of_each_version_of_the_format() -> None:
    assert [folder.name for folder in FOLDERS] == ["container-1"]


def test_the_words_open_it(old: Old) -> None:
    self_key = Identity(words.seed(words.check(old.told["words"]))).self_key()
    record = SelfRecord.open(self_key, old.epoch, old.file(old.head.self_))
    assert [grant.state for grant in record.grants] == ["active"]
    old.check(SealedStudy(old.shelf, old.head, record.study_key, None, record.ranges))


def test_the_link_opens_it(old: Old) -> None:
    given = link.parse(old.told["link"])
    assert given.secret is not None
    receiving = link_receiving(given.secret, old.told["passcode"])
    place = Place(given.registry, given.study)
    envelope = open_one(old.file(old.head.grants), receiving, place, old.epoch, given.grant_id)
    keys = (envelope.study_key, envelope.series_keys)
    old.check(SealedStudy(old.shelf, old.head, *keys, envelope.ranges))


def test_the_recovery_script_opens_it(old: Old, tmp_path: Path) -> None:
    (tmp_path / "words").write_text(old.told["words"])
    given = [str(old.folder / "study.car"), str(tmp_path / "out")]
    assert recovery().main([*given, "--words-file", str(tmp_path / "words")]) == 0
    paths = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert {
        path.relative_to(tmp_path / "out").as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    } == old.told["files"]
