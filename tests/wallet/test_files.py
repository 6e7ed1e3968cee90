"""Files that are either as before or wholly new."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from wallet.files import create_atomically, write_atomically

OLD, NEW = b"old" * 5000, b"new" * 7000

# A child dies before every call into C in turn; what it leaves behind must be whole.
DYING = """
import os, sys
from pathlib import Path
from wallet.files import create_atomically, write_atomically

folder, create = Path(sys.argv[1]), sys.argv[2] == "create"
path, old, new = folder / "file", b"old" * 5000, b"new" * 7000
for steps in range(10_000):
    path.unlink() if create and path.exists() else None
    if not create:
        path.write_bytes(old)
    child = os.fork()
    if child == 0:
        left = [steps]
        def count(frame, event, argument):
            if event == "c_call":
                left[0] -= 1
                if left[0] < 0:
                    os._exit(9)
        sys.setprofile(count)
        (create_atomically if create else write_atomically)(path, new)
        sys.setprofile(None)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    found = path.read_bytes() if path.exists() else None
    assert found in ((None, new) if create else (old, new)), (steps, found and len(found))
    if code == 0:
        assert found == new
        print(steps)
        break
"""


@pytest.mark.parametrize("how", ["create", "write"])
def test_dying_at_any_step_leaves_the_old_or_the_new(tmp_path: Path, how: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DYING, tmp_path, how], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10


def test_a_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"

    write_atomically(path, OLD)
    write_atomically(path, NEW)

    assert path.read_bytes() == NEW
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_nobody_else_may_read_it_unless_it_was_said(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    before = os.umask(0)
    try:
        write_atomically(path, NEW, mode)
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_creating_never_writes_over(tmp_path: Path) -> None:
    path = tmp_path / "file"
    create_atomically(path, OLD)

    with pytest.raises(FileExistsError):
        create_atomically(path, NEW)

    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_nlink == 1


@pytest.mark.parametrize("write", [create_atomically, write_atomically])
def test_a_full_disk_changes_nothing(tmp_path: Path, write) -> None:
    path = tmp_path / "file"
    if write is write_atomically:
        path.write_bytes(OLD)
    before = sorted(tmp_path.iterdir())

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            write(path, NEW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert sorted(tmp_path.iterdir()) == before
    assert not before or path.read_bytes() == OLD


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "none" / "file", NEW)
