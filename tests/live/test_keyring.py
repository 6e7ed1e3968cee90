"""The vault on a real Secret Service: gnome-keyring on a message bus of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.live

PHRASE = "abandon " * 23 + "art"

CREATE = """
import sys
from pathlib import Path
from wallet.identity import vault

vault.create(Path(sys.argv[1]), sys.argv[2], "Zoë", None)
"""

UNLOCK = """
import sys
from pathlib import Path
import keyring
from wallet.identity import vault, words

opened = vault.unlock(Path(sys.argv[1]), None)
assert opened.identity.seed == words.seed(sys.argv[2])
backend = keyring.get_keyring()
held = keyring.get_password("rayfolio", opened.account)
assert len(bytes.fromhex(held)) == 32
assert held not in (Path(sys.argv[1]) / "wallet.json").read_text()
print(type(backend).__module__)
"""

LOSE = """
import sys
from pathlib import Path
import keyring
from wallet.errors import KeyringEmpty
from wallet.identity import vault

keyring.delete_password("rayfolio", vault.look(Path(sys.argv[1])).account)
try:
    vault.unlock(Path(sys.argv[1]), None)
except KeyringEmpty:
    print("told")
"""

REFUSE = """
import sys
from pathlib import Path
from wallet.errors import KeyringMissing
from wallet.identity import vault

try:
    vault.create(Path(sys.argv[1]), sys.argv[2], "Zoë", None)
except KeyringMissing:
    print("told")
"""

UNLOCKED = """
echo -n pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null
for program in "$@"; do "$PYTHON" -c "$program" "$HOME_FOLDER" "$PHRASE" || exit 1; done
"""

WITHOUT = """
for program in "$@"; do "$PYTHON" -c "$program" "$HOME_FOLDER" "$PHRASE" || exit 1; done
"""


def in_session(folder: Path, script: str, *programs: str) -> list[str]:
    """Run Python programs one after the other in a fresh desktop session; return their output."""
    (folder / "run").mkdir(mode=0o700)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "XDG_DATA_DIRS": str(folder),  # no service is started by the bus on its own
        "LANG": "C.UTF-8",
        "PYTHON": sys.executable,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "HOME_FOLDER": str(folder / "home"),
        "PHRASE": PHRASE,
    }
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", script, "sh", *programs],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_key_outlives_the_process_in_the_secret_service(tmp_path: Path) -> None:
    printed = in_session(tmp_path, UNLOCKED, CREATE, UNLOCK, UNLOCK, LOSE)

    assert printed == ["keyring.backends.SecretService"] * 2 + ["told"]


def test_without_a_secret_service_a_passphrase_is_asked_for(tmp_path: Path) -> None:
    assert in_session(tmp_path, WITHOUT, REFUSE) == ["told"]
    assert not (tmp_path / "home").exists()
