"""The vault's key in the operating system's keyring: service "rayfolio", user the account.

Importing this module imports `keyring`; only the vault does, and only where it is wanted.
"""

from __future__ import annotations

import secrets

import keyring
from keyring.errors import KeyringError

from wallet.errors import KeyringEmpty, KeyringMissing
from wallet.ports import Address

SERVICE = "rayfolio"
LEAST_PRIORITY = 1  # below, keyring itself calls a backend unsuitable: plain files, or none


def make(account: Address) -> bytes:
    """Return the account's 32-byte key, a new one if there is none yet; read back from the keyring.

    One that is there already is kept: another home of the same words may depend on it.

    Raises: KeyringMissing.
    """
    held = _get(account)
    if held is None:
        try:
            keyring.set_password(SERVICE, account, secrets.token_hex(32))
        except (KeyringError, OSError, RuntimeError):
            raise KeyringMissing() from None
        held = _get(account)
    if held is None:
        raise KeyringMissing()
    return held


def find(account: Address) -> bytes:
    """Return the account's 32-byte key. Raises: KeyringEmpty, KeyringMissing."""
    held = _get(account)
    if held is None:
        raise KeyringEmpty()
    return held


def _get(account: Address) -> bytes | None:
    try:
        if keyring.get_keyring().priority < LEAST_PRIORITY:
            raise KeyringMissing()
        held = keyring.get_password(SERVICE, account)
    except (KeyringError, OSError, RuntimeError):
        raise KeyringMissing() from None
    if held is None:
        return None
    try:
        key = bytes.fromhex(held)
    except ValueError:
        raise KeyringMissing() from None
    if len(key) != 32:
        raise KeyringMissing()
    return key
