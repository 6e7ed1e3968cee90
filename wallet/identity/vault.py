"""The seed at rest, in `<home>/wallet.json`.

    rayfolio  1
    account   the wallet's account, in clear
    lock      {"kind": "keyring"}, or {"kind": "passphrase", "salt", "memory_kib", "iterations",
              "lanes"}: how the vault key (32) is had
    salt      32 bytes; HKDF-SHA256(vault key, salt, "rayfolio/1/vault\\0", 64) = key || check
    check     tells a wrong key from a damaged file
    sealed    AES-256-GCM under key, nonce 0, everything above as associated data, of a dag-cbor
              map of seed (64), home_key (32) and name
    sum       SHA-256 of everything above, which tells a failing disk from a wrong passphrase

JSON without spaces, keys sorted, bytes in hexadecimal; what is read must be written the same way.
Either the system's keyring has the vault key, or Argon2id makes it from a passphrase. With a
passphrase the keyring is not even imported.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import libipld
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wallet.errors import (
    Damaged,
    HomeEmpty,
    HomeTaken,
    KeyringEmpty,
    PassphraseMissing,
    PassphraseWrong,
    RequestInvalid,
)
from wallet.files import create_atomically
from wallet.identity import words as recovery
from wallet.identity.card import check_name
from wallet.identity.person import Identity
from wallet.identity.secp256k1 import checksum
from wallet.ports import Address

FILE = "wallet.json"
VERSION = 1
MEMORY_KIB = 64 * 1024
ITERATIONS = 3
LANES = 1

_VAULT = b"rayfolio/1/vault\0"
_NONCE = bytes(12)  # each key seals once
_MAX_BYTES = 16 * 1024
_FIELDS = {"rayfolio", "account", "lock", "salt", "check", "sealed", "sum"}
_BOUNDS = {"memory_kib": (8 * 1024, 1024 * 1024), "iterations": (1, 64), "lanes": (1, 64)}


@dataclass(frozen=True, slots=True)
class Opened:
    """A vault that was unlocked."""

    identity: Identity
    home_key: bytes = field(repr=False)  # 32 bytes; seals what this home keeps on disk
    name: str = field(repr=False)
    account: Address


@dataclass(frozen=True, slots=True)
class Vault:
    """What a locked vault tells."""

    account: Address
    needs_passphrase: bool


def create(
    home: Path, words: str, name: str, passphrase: str | None, words_passphrase: str = ""
) -> Opened:
    """Make the vault of a new home. Without a passphrase, its key goes into the keyring.

    Args:
        words_passphrase: what BIP-39 calls the passphrase; makes other keys of the same words.

    Raises: WordsInvalid, HomeTaken, KeyringMissing; RequestInvalid if the passphrase is empty or
        no card would take the name.
    """
    identity = Identity(recovery.seed(recovery.check(words), words_passphrase))
    name = check_name(name)
    account = identity.account.address
    opened = Opened(identity, secrets.token_bytes(32), name, account)
    path = home / FILE
    if path.exists() or (home.exists() and not home.is_dir()):
        raise HomeTaken()
    lock = _new_lock(passphrase)
    data = _seal(opened, lock, _vault_key(lock, account, passphrase, new=True))
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        create_atomically(path, data)
    except FileExistsError:
        raise HomeTaken() from None
    except OSError as failure:
        raise RequestInvalid(f"The wallet cannot be written here: {failure.strerror}") from None
    return opened


def look(home: Path) -> Vault:
    """Return what the vault tells without being unlocked. Raises: HomeEmpty, Damaged."""
    told = _read(home)
    return Vault(Address(told["account"]), told["lock"]["kind"] == "passphrase")


def unlock(home: Path, passphrase: str | None) -> Opened:
    """Open the vault.

    Raises: HomeEmpty, PassphraseMissing, PassphraseWrong, KeyringMissing, KeyringEmpty, Damaged.
    """
    told = _read(home)
    lock = told["lock"]
    if lock["kind"] == "passphrase" and not passphrase:
        raise PassphraseMissing()
    if lock["kind"] == "keyring" and passphrase:
        raise PassphraseWrong()
    vault_key = _vault_key(lock, Address(told["account"]), passphrase, new=False)
    key, check = _expand(vault_key, bytes.fromhex(told["salt"]))
    if not hmac.compare_digest(check, bytes.fromhex(told["check"])):
        raise PassphraseWrong() if passphrase else KeyringEmpty()
    return _open(told, key)


def _new_lock(passphrase: str | None) -> dict[str, Any]:
    if passphrase is None:
        return {"kind": "keyring"}
    if not passphrase:
        raise RequestInvalid("The passphrase is empty; choose one of several words")
    return {
        "kind": "passphrase",
        "salt": secrets.token_hex(16),
        "memory_kib": MEMORY_KIB,
        "iterations": ITERATIONS,
        "lanes": LANES,
    }


def _vault_key(
    lock: dict[str, Any], account: Address, passphrase: str | None, *, new: bool
) -> bytes:
    if lock["kind"] == "keyring" or passphrase is None:
        from wallet.identity import keyring_entry

        return keyring_entry.make(account) if new else keyring_entry.find(account)
    argon = Argon2id(
        salt=bytes.fromhex(lock["salt"]),
        length=32,
        iterations=lock["iterations"],
        lanes=lock["lanes"],
        memory_cost=lock["memory_kib"],
    )
    return argon.derive(unicodedata.normalize("NFKC", passphrase).encode(errors="surrogatepass"))


def _expand(vault_key: bytes, salt: bytes) -> tuple[bytes, bytes]:
    both = HKDF(SHA256(), 64, salt, _VAULT).derive(vault_key)
    return both[:32], both[32:]


def _seal(opened: Opened, lock: dict[str, Any], vault_key: bytes) -> bytes:
    salt = secrets.token_bytes(32)
    key, check = _expand(vault_key, salt)
    told = {
        "rayfolio": VERSION,
        "account": opened.account,
        "lock": lock,
        "salt": salt.hex(),
        "check": check.hex(),
    }
    inside = libipld.encode_dag_cbor(
        {"seed": opened.identity.seed, "home_key": opened.home_key, "name": opened.name}
    )
    told["sealed"] = AESGCM(key).encrypt(_NONCE, inside, _written(told)).hex()
    return _written(told | {"sum": hashlib.sha256(_written(told)).hexdigest()})


def _open(told: dict[str, Any], key: bytes) -> Opened:
    clear = {name: value for name, value in told.items() if name not in {"sealed", "sum"}}
    try:
        inside = AESGCM(key).decrypt(_NONCE, bytes.fromhex(told["sealed"]), _written(clear))
    except InvalidTag:
        raise Damaged(FILE) from None
    held = libipld.decode_dag_cbor(inside)
    return Opened(Identity(held["seed"]), held["home_key"], held["name"], Address(told["account"]))


def _read(home: Path) -> dict[str, Any]:
    try:
        with (home / FILE).open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise HomeEmpty() from None
    except OSError as failure:
        raise RequestInvalid(f"The wallet cannot be read: {failure.strerror}") from None
    try:
        told = json.loads(data)
        unsummed = {name: value for name, value in told.items() if name != "sum"}
        whole = told["sum"] == hashlib.sha256(_written(unsummed)).hexdigest()
        if not (whole and _written(told) == data and _is_vault(told)):
            raise Damaged(FILE)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Damaged(FILE) from None
    return unsummed


def _is_vault(told: dict[str, Any]) -> bool:
    lock = told["lock"]
    lengths = [len(bytes.fromhex(told[name])) for name in ("salt", "check")]
    if told.keys() != _FIELDS or told["rayfolio"] != VERSION or lengths != [32, 32]:
        return False
    bytes.fromhex(told["sealed"])
    if told["account"] != checksum(bytes.fromhex(told["account"][2:])):
        return False
    if lock["kind"] == "keyring":
        return bool(lock == {"kind": "keyring"})
    costs = all(
        type(lock[name]) is int and low <= lock[name] <= high
        for name, (low, high) in _BOUNDS.items()
    )
    return costs and lock["kind"] == "passphrase" and len(bytes.fromhex(lock["salt"])) == 16


def _written(told: dict[str, Any]) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
