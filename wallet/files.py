"""Files that are either as before or wholly new, whatever stops the machine in between."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EACCES, errno.ENOSYS})


def write_atomically(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write `data` to `path`, replacing what is there. When it returns, the disk has it.

    Raises: OSError, after which `path` is as before.
    """
    with _written_beside(path, data, mode) as new:
        new.replace(path)
    _settle(path.parent)


def create_atomically(path: Path, data: bytes | Iterable[bytes], mode: int = 0o600) -> None:
    """Like `write_atomically`, but never over what is there; takes a stream too.

    Raises: FileExistsError, OSError; what a stream raises, after which nothing is there.
    """
    with _written_beside(path, data, mode) as new:
        try:
            path.hardlink_to(new)
        except OSError as failure:
            if failure.errno not in _NO_LINKS:
                raise
            _move_if_free(new, path)
    _settle(path.parent)


@contextlib.contextmanager
def _written_beside(path: Path, data: bytes | Iterable[bytes], mode: int) -> Iterator[Path]:
    """Yield a finished file in the same folder; afterwards that name is gone."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as out:
            new.chmod(mode)
            out.writelines([data] if isinstance(data, bytes) else data)
            out.flush()
            os.fsync(out.fileno())
        yield new
    finally:
        new.unlink(missing_ok=True)


def _move_if_free(new: Path, path: Path) -> None:
    """For file systems without hard links: reserve the name, then move."""
    with path.open("xb"):
        pass
    new.replace(path)


def _settle(folder: Path) -> None:
    """Have the folder's own entry on the disk too."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
