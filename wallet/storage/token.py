"""The access token of a storage service: from the system keyring or a file of the person's own.

It is on no command line, in no settings, log, exception or repr.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from wallet.errors import TokenMissing

SERVICE = "rayfolio/store"
_FORM = re.compile(r"[A-Za-z0-9._~+/=-]{8,4096}")  # RFC 6750, b64token


class Token:
    """A bearer token that does not show itself."""

    __slots__ = ("_text",)

    def __init__(self, text: str, store: str) -> None:
        """Raises: TokenMissing if `text` is none."""
        if not _FORM.fullmatch(text):
            raise TokenMissing(store)
        self._text = text

    def reveal(self) -> str:
        """Return what goes into the header of a request, and nowhere else."""
        return self._text

    def __repr__(self) -> str:
        return "Token()"


def from_file(path: Path, store: str) -> Token:
    """Read the token from a file that nobody but its owner can read. Raises: TokenMissing."""
    try:
        with path.open("rb") as file:
            if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise TokenMissing(store)
            text = file.read(8192).decode("ascii")
    except (OSError, ValueError):
        raise TokenMissing(store) from None
    return Token(text.strip(), store)


def from_keyring(url: str, store: str) -> Token:
    """Read the token of the service at `url` from the system keyring. Raises: TokenMissing."""
    import keyring
    from keyring.errors import KeyringError

    try:
        text = keyring.get_password(SERVICE, url)
    except (KeyringError, OSError, RuntimeError):
        raise TokenMissing(store) from None
    return Token(text or "", store)


def keep(url: str, text: str, store: str) -> None:
    """Put a token into the system keyring. Raises: TokenMissing if it is none or there is none."""
    import keyring
    from keyring.errors import KeyringError

    Token(text, store)
    try:
        keyring.set_password(SERVICE, url, text)
    except (KeyringError, OSError, RuntimeError):
        raise TokenMissing(store) from None
