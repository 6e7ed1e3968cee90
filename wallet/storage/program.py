"""The ipfs program: Kubo, installed on this machine or built for this checkout."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from pathlib import Path

_OLDEST = (0, 38)
_ASK_S = 60.0


def find_ipfs() -> Path | None:
    """Return the ipfs program of the PATH if it is new enough, or else the checkout's own."""
    here = Path(__file__).resolve().parents[2] / ".tools" / "bin" / "ipfs"
    for program in (shutil.which("ipfs"), here):
        if program and Path(program).is_file() and _is_new_enough(Path(program)):
            return Path(program)
    return None


def _is_new_enough(program: Path) -> bool:
    version = version_of(program)
    found = re.match(r"(\d+)\.(\d+)\.", version or "")
    return found is not None and (int(found[1]), int(found[2])) >= _OLDEST


def version_of(program: Path) -> str | None:
    """Return what a program calls its version; None if it does not run."""
    return _asked(program, program.stat().st_mtime_ns)


@functools.cache
def _asked(program: Path, _changed_ns: int) -> str | None:
    command = [str(program), "version", "--number"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=_ASK_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return said.stdout.strip()
