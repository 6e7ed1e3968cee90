"""Where both programs begin, and what a frozen application starts to read files.

A frozen application is its own interpreter: it starts itself with `--decoder`, and that child must
hold no keys and no windows. So nothing is imported here before it is known who is to run.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

DECODER = "--decoder"


def serve_if_child(arguments: Sequence[str]) -> None:
    """Read files for who started this process, and end with it, if that is what it is for."""
    if arguments[:1] != [DECODER]:
        return
    from viewer.dicom.sandbox.child.main import main

    main(list(arguments[1:]))
    sys.exit(0)


def command_line() -> None:
    """Run `rayfolio`."""
    serve_if_child(sys.argv[1:])
    from app.cli.main import entry

    entry()


def windows() -> int:
    """Run `rayfolio-app`."""
    serve_if_child(sys.argv[1:])
    from app.ui.main import entry

    return entry()


if __name__ == "__main__":
    sys.exit(windows())
