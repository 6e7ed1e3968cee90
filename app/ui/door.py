"""What the first window needs in order to find, make and unlock a wallet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from app.service import Wallet


class Door(Protocol):
    """The way into a wallet. `app.composition.Door` is the implementation."""

    def exists(self, home: Path) -> bool:
        """Whether there is a wallet in `home`."""
        ...

    def new_words(self) -> str:
        """Return 24 fresh recovery words, separated by blanks."""
        ...

    def create(self, home: Path, words: str, name: str, passphrase: str | None) -> Wallet:
        """Make a wallet from new or old words; without a passphrase the keyring holds its key.

        Raises: HomeTaken, WordsInvalid, KeyringMissing.
        """
        ...

    def unlock(self, home: Path, passphrase: str | None) -> Wallet:
        """Open the wallet in `home`.

        Raises: HomeEmpty, PassphraseWrong, PassphraseMissing, KeyringMissing.
        """
        ...

    def needs_passphrase(self, home: Path) -> bool:
        """Whether `unlock` will want a passphrase."""
        ...
