"""`python -m viewer.dicom.report FOLDER...`: each file, whether it is drawn, and why not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from viewer.dicom.sandbox import Sandbox
from viewer.dicom.scan import ScannedFile, scan
from viewer.errors import ViewerError


def verdict(file: ScannedFile, sandbox: Sandbox) -> str:
    """Return nothing if the first and the last frame decode, else the reason."""
    if not file.header.drawable:
        return file.header.why_not
    fd = os.open(file.path, os.O_RDONLY)
    try:
        for frame in sorted({0, file.header.frames - 1}):
            sandbox.decode(fd, frame)
    except ViewerError as error:
        return str(getattr(error, "why", error))
    finally:
        os.close(fd)
    return ""


def _shown(name: str) -> str:
    """Return a file's name as it may be printed: some have odd bytes, some would move a cursor."""
    known = name.encode(errors="replace").decode()
    return "".join(each if each.isprintable() else "?" for each in known)


def main(given: list[str]) -> int:
    """Print one line a file; return 2 if nothing was found."""
    with Sandbox() as sandbox:
        found = scan([Path(each) for each in given], sandbox)
        for file in found.files:
            why = verdict(file, sandbox)
            said = "not drawn" if why else "drawn"
            print(f"{_shown(file.relative)}\t{said}\t{why}".rstrip())
        for skipped in found.skipped:
            print(f"{_shown(skipped.path.name)}\tno instance\t{skipped.reason}")
        for note in found.notes:
            print(note)
    return 0 if found.files else 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
