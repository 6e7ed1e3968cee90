"""A frozen application starts itself to read files, before windows or keys are imported."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from viewer.dicom.sandbox import Sandbox

TOP = Path(__file__).parents[2]
PROGRAMS = ("app.start", "app.cli.main", "app.ui.main")
WINDOWS_AND_KEYS = ("PySide6", "cryptography", "coincurve", "keyring", "web3", "wallet", "chain")


@pytest.mark.parametrize("start", ("command_line", "windows"))
def test_a_child_holds_no_windows_and_no_keys(start: str) -> None:
    code = (
        "import sys; sys.argv = ['rayfolio', '--decoder', 'pipes']\n"
        f"import app.start\ntry:\n    app.start.{start}()\nfinally:\n"
        "    print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=TOP,
        input=b"",
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == b"ready"
    imported = {each.split(".")[0] for each in done.stderr.decode().split()}
    assert "pydicom" in imported
    assert imported.isdisjoint(WINDOWS_AND_KEYS)


@pytest.fixture(params=PROGRAMS)
def frozen(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Make this interpreter take itself for a frozen application that begins at a program."""
    program = tmp_path / "rayfolio"
    program.write_text(
        f'#!/bin/sh\ncd "{TOP}" && QT_QPA_PLATFORM=offscreen exec "{sys.executable}" '
        f'-m {request.param} "$@"\n'
    )
    program.chmod(0o700)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    yield


@pytest.mark.parametrize("piped", (False, True))
@pytest.mark.usefixtures("frozen")
def test_every_program_of_a_frozen_application_reads_files_in_children(piped: bool) -> None:
    path = get_testdata_file("CT_small.dcm", download=False)
    assert path
    fd = os.open(path, os.O_RDONLY)
    try:
        with Sandbox(workers=1, piped=piped) as sandbox:
            assert sandbox.decode(fd, 0).rows == 128
    finally:
        os.close(fd)
