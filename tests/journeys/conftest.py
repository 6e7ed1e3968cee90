"""People with homes of their own, on one real chain and with a real node each."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from app.cli.main import main

PASSPHRASE = "only for tests"


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Person:
    """A home, driven by the command line: in this process, or as the installed program is."""

    home: Path
    chain: Path
    apart: bool = False

    def run(self, *arguments: object, wait_s: float = 240) -> Said:
        given = ["--home", str(self.home), "--json", *map(str, arguments)]
        environment = {
            **os.environ,
            "RAYFOLIO_LOOPBACK": "1",
            "RAYFOLIO_CHAIN_DIR": str(self.chain),
            "RAYFOLIO_PASSPHRASE": PASSPHRASE,
            "RAYFOLIO_TRACEBACK": "1",
        }
        return self._apart(given, environment, wait_s) if self.apart else _here(given, environment)

    def _apart(self, given: list[str], environment: dict[str, str], wait_s: float) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "app.cli.main", *given],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=wait_s,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def __call__(self, *arguments: object, wait_s: float = 240) -> dict[str, Any]:
        """Return the JSON of a command that succeeds."""
        done = self.run(*arguments, wait_s=wait_s)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def fails(self, code: int, *arguments: object) -> str:
        """Return what a command says that ends with `code`; its standard output is empty."""
        done = self.run(*arguments)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        return done.stderr


def _here(given: list[str], environment: dict[str, str]) -> Said:
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, environment),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = main(given)
        except SystemExit as refused:  # by argparse
            code = int(refused.code or 0)
    return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def chain_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chain")


@pytest.fixture(scope="module")
def new_person(
    tmp_path_factory: pytest.TempPathFactory, chain_folder: Path
) -> Iterator[Callable[[str], Person]]:
    made: list[Person] = []

    def make(name: str) -> Person:
        folder = tmp_path_factory.mktemp(name.replace(" ", "-"))
        person = Person(folder / "home", chain_folder)
        person("init", "--name", name, "--words-out", folder / "words")
        made.append(person)
        return person

    yield make
    for person in made:
        person.run("node", "stop")
    for person in made[:1]:
        person.run("chain", "stop")


def bundled(name: str) -> Path:
    """Return a DICOM file that the installed pydicom comes with."""
    spec = importlib.util.find_spec("pydicom")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data" / "test_files" / name


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two studies in a folder as a hospital gives it, with what is no image beside them."""
    folder = tmp_path_factory.mktemp("scans")
    (folder / "CT").mkdir()
    (folder / "MR").mkdir()
    shutil.copyfile(bundled("CT_small.dcm"), folder / "CT" / "one.dcm")
    shutil.copyfile(bundled("CT_small.dcm"), folder / "CT" / "again.dcm")
    shutil.copyfile(bundled("MR_small.dcm"), folder / "MR" / "IM1")
    (folder / "readme.txt").write_text("no image")
    return folder
