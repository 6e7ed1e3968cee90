"""A patient takes a sealed study out, and gets it back without Rayfolio, its chain or its node."""

from __future__ import annotations

import filecmp
import os
import re
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wallet.storage.node import find_ipfs

pytestmark = pytest.mark.live

Someone = Any  # a Person of conftest.py
TOP = Path(__file__).parents[2]


@dataclass(frozen=True)
class Kept:
    """A sealed study as a file, and what there was before."""

    patient: Someone
    said: dict[str, Any]
    car: Path
    words: Path


@pytest.fixture(scope="module")
def kept(
    new_person: Callable[[str], Someone], scans: Path, tmp_path_factory: pytest.TempPathFactory
) -> Kept:
    patient = new_person("Ada")
    taken = patient("import", scans)["studies"]
    ct = max(taken, key=lambda each: each["instances"])
    patient("share", ct["study"], "--by-link")
    car = tmp_path_factory.mktemp("kept") / "study.car"
    said = patient("export", ct["study"], "--car", car)
    return Kept(patient, said, car, patient.home.parent / "words")


def recovered(python: str, kept: Kept, out: Path) -> set[str]:
    """Return the files that the script wrote, run where nothing of ours is."""
    script = TOP / "packaging" / "recover.py"
    subprocess.run(
        [python, "-I", script, kept.car, out, "--words-file", kept.words],
        cwd=out.parent,
        env={"PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
    )
    return {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}


def test_the_script_gives_back_what_the_program_took_in(
    kept: Kept, scans: Path, tmp_path: Path
) -> None:
    assert recovered(sys.executable, kept, tmp_path / "out") == {"CT/one.dcm", "CT/again.dcm"}
    for name in ("CT/one.dcm", "CT/again.dcm"):
        assert filecmp.cmp(tmp_path / "out" / name, scans / name, shallow=False)


def test_another_node_that_imports_the_file_has_the_study_as_it_is(
    kept: Kept, tmp_path: Path
) -> None:
    program = find_ipfs()
    assert program is not None

    def ipfs(repository: Path, *arguments: str | Path) -> set[str]:
        done = subprocess.run(
            [program, *arguments],
            env={**os.environ, "IPFS_PATH": str(repository)},
            capture_output=True,
            text=True,
            check=True,
        )
        return set(done.stdout.split())

    ipfs(tmp_path / "ipfs", "init", "--profile=test")
    assert kept.said["head"] in ipfs(tmp_path / "ipfs", "dag", "import", kept.car)
    below = ("refs", "--recursive", "--unique", kept.said["head"])
    pins = ("pin", "ls", "--type=recursive", "--quiet")
    own = kept.patient.home / "ipfs"
    assert kept.said["head"] in ipfs(tmp_path / "ipfs", *pins) & ipfs(own, *pins)
    there = ipfs(tmp_path / "ipfs", *below)
    assert there == ipfs(own, *below)
    assert len(there) + 1 == kept.said["blocks"]


def test_what_is_asked_wrongly_is_refused(kept: Kept, tmp_path: Path) -> None:
    study = kept.said["study"]
    assert "exists already" in kept.patient.fails(2, "export", study, "--car", kept.car)
    kept.patient.fails(2, "export", study)
    kept.patient.fails(2, "export", study, tmp_path / "out", "--car", tmp_path / "x.car")
    kept.patient.fails(2, "export", "0x" + "00" * 20, "--car", tmp_path / "x.car")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_an_environment_of_the_two_packages_is_enough(
    kept: Kept, scans: Path, tmp_path: Path
) -> None:
    """Built by pip from the locked versions and hashes, with what `cryptography` itself needs."""
    lock = (TOP / "packaging" / "requirements.lock").read_text()
    names = ("cryptography", "zstandard", "cffi", "pycparser")
    wanted = [re.search(rf"^{name}==(?:.*\\\n)*.*\n", lock, re.MULTILINE) for name in names]
    assert all(wanted)
    (tmp_path / "two.lock").write_text("".join(each[0] for each in wanted if each))
    venv.create(tmp_path / "venv", with_pip=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    install = [*pip, "install", "--quiet", "--require-hashes", "-r", tmp_path / "two.lock"]
    subprocess.run(install, check=True, timeout=240)
    found = subprocess.run(
        [*pip, "list", "--format=freeze"], check=True, capture_output=True, text=True
    )
    installed = {line.split("==")[0].lower() for line in found.stdout.split()}
    assert installed - {"pip", "setuptools"} == {*names}
    assert recovered(python, kept, tmp_path / "out") == {"CT/one.dcm", "CT/again.dcm"}
    for name in ("CT/one.dcm", "CT/again.dcm"):
        assert filecmp.cmp(tmp_path / "out" / name, scans / name, shallow=False)
