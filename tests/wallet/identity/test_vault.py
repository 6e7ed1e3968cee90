"""The seed at rest."""

from __future__ import annotations

import hashlib
import json
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked

from wallet.errors import (
    Damaged,
    HomeEmpty,
    HomeTaken,
    KeyringEmpty,
    KeyringMissing,
    PassphraseMissing,
    PassphraseWrong,
    RequestInvalid,
    WalletError,
    WordsInvalid,
)
from wallet.identity import vault, words
from wallet.identity.person import Identity

NAME = "Zoë Beispiel"


class InMemory(KeyringBackend):
    """A keyring for as long as the test runs."""

    priority = 9  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password


class Unsuitable(InMemory):
    """What keyring itself would not recommend, such as a plain file."""

    priority = 0.5  # type: ignore[assignment]


class Forgetful(InMemory):
    """Takes a password and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class Locked(InMemory):
    """The person has refused to unlock it."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("refused")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "MEMORY_KIB", 8 * 1024)
    monkeypatch.setattr(vault, "ITERATIONS", 1)


@pytest.fixture
def use() -> Iterator[Callable[[KeyringBackend], Any]]:
    before = keyring.get_keyring()

    def use(backend: KeyringBackend) -> KeyringBackend:
        keyring.set_keyring(backend)
        return backend

    yield use
    keyring.set_keyring(before)


@pytest.fixture
def memory(use) -> InMemory:
    return use(InMemory())


@pytest.fixture
def home(tmp_path: Path, phrase: str) -> Path:
    """A home that a passphrase locks."""
    vault.create(tmp_path / "home", phrase, NAME, "open sesame")
    return tmp_path / "home"


def test_what_was_created_is_what_is_unlocked(tmp_path: Path, phrase: str) -> None:
    created = vault.create(tmp_path / "a" / "b", phrase, NAME, "open sesame")
    unlocked = vault.unlock(tmp_path / "a" / "b", "open sesame")

    assert unlocked == created
    assert unlocked.identity.seed == words.seed(phrase)
    assert unlocked.account == unlocked.identity.account.address
    assert unlocked.name == NAME
    assert len(unlocked.home_key) == 32


def test_each_home_has_a_key_of_its_own(tmp_path: Path, phrase: str) -> None:
    one, two = (vault.create(tmp_path / name, phrase, NAME, "x") for name in "ab")

    assert one.home_key != two.home_key
    assert one.identity == two.identity


def test_the_passphrase_of_the_words_makes_another_person(tmp_path: Path, phrase: str) -> None:
    opened = vault.create(tmp_path, phrase, NAME, "x", words_passphrase="somebody else")

    assert opened.identity == Identity(words.seed(phrase, "somebody else"))
    assert vault.unlock(tmp_path, "x") == opened


def test_nothing_about_the_person_is_in_clear_but_the_account(home: Path, phrase: str) -> None:
    opened = vault.unlock(home, "open sesame")
    data = (home / vault.FILE).read_bytes()

    assert opened.account.encode() in data
    for secret in (NAME.encode(), b"Beispiel", opened.identity.seed, opened.home_key):
        assert secret not in data
        assert secret.hex().encode() not in data
    assert b"abandon" not in data


def test_only_the_owner_may_read_the_file_and_the_folder(home: Path) -> None:
    assert stat.S_IMODE((home / vault.FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_the_vault_tells_its_account_before_it_is_unlocked(
    home: Path, tmp_path: Path, phrase: str, person: Identity, memory: InMemory
) -> None:
    vault.create(tmp_path / "other", phrase, NAME, None)

    assert vault.look(home) == vault.Vault(person.account.address, needs_passphrase=True)
    assert not vault.look(tmp_path / "other").needs_passphrase


@pytest.mark.parametrize("passphrase", ["open sesam", "Open sesame", " open sesame", "x" * 1000])
def test_a_wrong_passphrase_opens_nothing(home: Path, passphrase: str) -> None:
    with pytest.raises(PassphraseWrong):
        vault.unlock(home, passphrase)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=20))
def test_no_other_passphrase_opens_it(home: Path, passphrase: str) -> None:
    with pytest.raises((PassphraseWrong, RequestInvalid)):
        vault.unlock(home, passphrase)


def test_a_passphrase_is_understood_from_any_keyboard(tmp_path: Path, phrase: str) -> None:
    vault.create(tmp_path, phrase, NAME, "Zoe\u0308 １")

    assert vault.unlock(tmp_path, "Zoë 1").name == NAME


def test_a_passphrase_of_bytes_that_are_no_text_works_too(tmp_path: Path, phrase: str) -> None:
    vault.create(tmp_path, phrase, NAME, "caf\udce9")

    assert vault.unlock(tmp_path, "caf\udce9").name == NAME


@pytest.mark.parametrize("passphrase", [None, ""])
def test_a_missing_passphrase_is_asked_for(home: Path, passphrase: str | None) -> None:
    with pytest.raises(PassphraseMissing):
        vault.unlock(home, passphrase)


def test_an_empty_passphrase_makes_no_vault(tmp_path: Path, phrase: str) -> None:
    with pytest.raises(RequestInvalid):
        vault.create(tmp_path / "home", phrase, NAME, "")

    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("name", ["a" * 201, "\udc80", "\u202eeoZ"])
def test_a_name_that_no_card_takes_makes_no_vault(tmp_path: Path, phrase: str, name: str) -> None:
    with pytest.raises(RequestInvalid):
        vault.create(tmp_path / "home", phrase, name, "x")


def test_wrong_words_make_no_vault(tmp_path: Path) -> None:
    with pytest.raises(WordsInvalid):
        vault.create(tmp_path / "home", "abandon " * 24, NAME, "x")

    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("passphrase", ["open sesame", "another", None])
def test_a_home_is_never_overwritten(
    home: Path, phrase: str, passphrase: str | None, memory: InMemory
) -> None:
    before = (home / vault.FILE).read_bytes()

    with pytest.raises(HomeTaken):
        vault.create(home, phrase, "Somebody", passphrase)

    assert (home / vault.FILE).read_bytes() == before
    assert memory.held == {}


def test_a_file_in_the_place_of_the_home_is_left_alone(tmp_path: Path, phrase: str) -> None:
    (tmp_path / "home").write_text("mine")

    with pytest.raises(HomeTaken):
        vault.create(tmp_path / "home", phrase, NAME, "x")

    assert (tmp_path / "home").read_text() == "mine"


def test_a_dangling_link_in_the_place_of_the_vault_is_left_alone(
    tmp_path: Path, phrase: str
) -> None:
    path = tmp_path / vault.FILE
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(HomeTaken):
        vault.create(tmp_path, phrase, NAME, "x")

    assert path.is_symlink()
    assert not (tmp_path / "elsewhere").exists()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, phrase: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(RequestInvalid, match="cannot be written"):
        vault.create(tmp_path / "file" / "home", phrase, NAME, "x")


def test_a_vault_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / vault.FILE).mkdir()

    with pytest.raises(RequestInvalid, match="cannot be read"):
        vault.look(tmp_path)


@pytest.mark.parametrize("call", [vault.look, lambda home: vault.unlock(home, "x")])
def test_an_empty_home_is_told(tmp_path: Path, call: Callable[[Path], object]) -> None:
    (tmp_path / "file").touch()
    for empty in (tmp_path, tmp_path / "none", tmp_path / "file"):
        with pytest.raises(HomeEmpty):
            call(empty)


def test_any_flipped_bit_is_found_before_a_passphrase_is_tried(home: Path) -> None:
    path = home / vault.FILE
    data = path.read_bytes()
    assert len(data) > 500

    for position in range(len(data)):
        flipped = bytearray(data)
        flipped[position] ^= 1 << position % 8
        path.write_bytes(flipped)
        with pytest.raises(Damaged):
            vault.unlock(home, "open sesame")


def test_the_same_vault_written_in_another_way_is_damaged(home: Path) -> None:
    path = home / vault.FILE
    path.write_text(json.dumps(json.loads(path.read_bytes()), indent=1))

    with pytest.raises(Damaged):
        vault.look(home)


@pytest.mark.parametrize("length", [0, 1, 100, -1])
def test_a_file_that_broke_off_is_damaged(home: Path, length: int) -> None:
    path = home / vault.FILE
    path.write_bytes(path.read_bytes()[:length])

    with pytest.raises(Damaged):
        vault.look(home)


@pytest.mark.parametrize(
    "data", [b"null", b"[]", b"{}", b'{"sum":1}', b"\xff", b"[" * 9000, b" " * 99_999, b"1e999"]
)
def test_what_is_no_vault_is_damaged(home: Path, data: bytes) -> None:
    (home / vault.FILE).write_bytes(data)

    with pytest.raises(Damaged):
        vault.unlock(home, "open sesame")


def forged(told: dict[str, Any]) -> bytes:
    """Write a vault as somebody would who can compute the sum."""
    rest = {name: value for name, value in told.items() if name != "sum"}
    written = json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()
    told = rest | {"sum": hashlib.sha256(written).hexdigest()}
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("account", "0x" + "11" * 20),
        ("account", 7),
        ("account", "xx" + "11" * 20),
        ("salt", "00" * 32),
        ("salt", "00"),
        ("salt", "zz"),
        ("check", "00" * 32),
        ("check", ""),
        ("sealed", "00" * 64),
        ("sealed", ""),
        ("sealed", "zz"),
        ("rayfolio", 2),
        ("rayfolio", True),
        ("other", 1),
        ("lock", None),
        ("lock", {"kind": "keyring", "other": 1}),
        ("lock", {"kind": "none"}),
        ("lock", {"kind": "passphrase"}),
        ("lock.salt", "00" * 16),
        ("lock.salt", ""),
        ("lock.memory_kib", 1 << 40),
        ("lock.memory_kib", 8193),
        ("lock.memory_kib", 8192.0),
        ("lock.memory_kib", "8192"),
        ("lock.iterations", 1 << 30),
        ("lock.iterations", True),
        ("lock.iterations", 2),
        ("lock.lanes", 0),
        ("lock.lanes", 2),
    ],
)
def test_a_forged_vault_opens_nothing_and_asks_for_no_memory(
    home: Path, field: str, value: object
) -> None:
    path = home / vault.FILE
    told = json.loads(path.read_bytes())
    assert forged(told) == path.read_bytes()
    target = told["lock"] if field.startswith("lock.") else told
    target[field.removeprefix("lock.")] = value
    path.write_bytes(forged(told))

    with pytest.raises((Damaged, PassphraseWrong)):
        vault.unlock(home, "open sesame")


def test_a_vault_of_this_release_opens_for_ever(tmp_path: Path, phrase: str) -> None:
    kept = Path(__file__).parents[2] / "old" / "vault-1" / vault.FILE

    (tmp_path / vault.FILE).write_bytes(kept.read_bytes())
    opened = vault.unlock(tmp_path, "open sesame")

    assert opened.identity.seed == words.seed(phrase)
    assert opened.name == NAME
    assert hashlib.sha256(opened.home_key).hexdigest() == (
        "7a5c2d50adaa284d81e56059c9f6b5383518e9ffa345bc547c77e4c1759b78a7"
    )


# -- the keyring --------------------------------------------------------------------------------


def test_without_a_passphrase_the_key_is_in_the_keyring(
    tmp_path: Path, phrase: str, memory: InMemory
) -> None:
    created = vault.create(tmp_path, phrase, NAME, None)

    assert list(memory.held) == [("rayfolio", created.account)]
    assert vault.unlock(tmp_path, None) == created
    for key in memory.held.values():
        assert key.encode() not in (tmp_path / vault.FILE).read_bytes()


def test_a_second_home_of_the_same_words_does_not_lock_the_first(
    tmp_path: Path, phrase: str, memory: InMemory
) -> None:
    one = vault.create(tmp_path / "one", phrase, NAME, None)
    two = vault.create(tmp_path / "two", phrase, "Z.", None)

    assert vault.unlock(tmp_path / "one", None) == one
    assert vault.unlock(tmp_path / "two", None) == two


def test_a_passphrase_does_not_open_what_the_keyring_locks(
    tmp_path: Path, phrase: str, memory: InMemory
) -> None:
    vault.create(tmp_path, phrase, NAME, None)

    with pytest.raises(PassphraseWrong):
        vault.unlock(tmp_path, "open sesame")


def test_a_keyring_that_lost_the_key_is_told(tmp_path: Path, phrase: str, memory: InMemory) -> None:
    vault.create(tmp_path, phrase, NAME, None)

    for held in ({}, dict.fromkeys(memory.held, "00" * 32)):
        memory.held = held
        with pytest.raises(KeyringEmpty):
            vault.unlock(tmp_path, None)


@pytest.mark.parametrize("backend", [NoKeyring, Unsuitable, Forgetful, Locked])
def test_without_a_usable_keyring_no_vault_is_made(
    tmp_path: Path, phrase: str, use, backend: Callable[[], KeyringBackend]
) -> None:
    use(backend())

    with pytest.raises(KeyringMissing):
        vault.create(tmp_path / "home", phrase, NAME, None)

    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("backend", [NoKeyring, Unsuitable, Locked])
def test_without_a_usable_keyring_nothing_is_unlocked(
    tmp_path: Path, phrase: str, use, backend: Callable[[], KeyringBackend]
) -> None:
    use(InMemory())
    vault.create(tmp_path, phrase, NAME, None)
    use(backend())

    with pytest.raises(KeyringMissing):
        vault.unlock(tmp_path, None)


@pytest.mark.parametrize("held", ["", "zz", "00", "00" * 33])
def test_a_foreign_entry_in_the_keyring_is_no_key(
    tmp_path: Path, phrase: str, memory: InMemory, person: Identity, held: str
) -> None:
    memory.held["rayfolio", person.account.address] = held

    with pytest.raises(KeyringMissing):
        vault.create(tmp_path / "home", phrase, NAME, None)


WITH_PASSPHRASE = """
import sys
from pathlib import Path
from wallet.identity import vault

vault.create(Path(sys.argv[1]), sys.argv[2], "Zoë", "open sesame")
vault.unlock(Path(sys.argv[1]), "open sesame")
assert not [name for name in sys.modules if name.split(".")[0] in {"keyring", "secretstorage"}]
"""


def test_with_a_passphrase_the_keyring_is_not_even_imported(tmp_path: Path, phrase: str) -> None:
    subprocess.run([sys.executable, "-c", WITH_PASSPHRASE, tmp_path / "h", phrase], check=True)


# -- what is never told -------------------------------------------------------------------------


def test_nothing_opened_prints_a_secret(home: Path) -> None:
    opened = vault.unlock(home, "open sesame")

    assert repr(opened) == f"Opened(identity=Identity(), account={opened.account!r})"


def test_no_error_repeats_what_was_typed(home: Path) -> None:
    with pytest.raises(WalletError) as refused:
        vault.unlock(home, "my secret guess")

    assert "guess" not in f"{refused.value!r} {refused.value}"
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
