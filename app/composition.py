"""The one place that knows every concrete part and joins them into a wallet."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from wallet.errors import HomeTaken, PartMissing, RequestInvalid
from wallet.identity import card as cards
from wallet.identity import vault, words
from wallet.library.owner import Owner
from wallet.library.state import StateFile
from wallet.ports import BlobStore, Ledger, Registry
from wallet.storage.embedded import EmbeddedStore
from wallet.storage.kubo import KuboStore
from wallet.storage.node import Node, find_ipfs

if TYPE_CHECKING:
    from app.session import Session
    from chain.local import LocalChain
    from chain.networks import Network

_FINAL_AFTER_BLOCKS = 96  # three epochs; two make a block final (Ethereum consensus specs, Casper)


@dataclass(frozen=True, slots=True)
class Part:
    """A program that the wallet works with."""

    name: str
    state: str  # ready, missing, stopped
    version: str
    advice: str
    needed: bool = True


def _silent(_sentence: str) -> None:
    """A person who is not told."""


class Composition:
    """A home and the parts that serve it.

    Args:
        home: the wallet's folder; RAYFOLIO_HOME or the platform's data folder when None.
        say: is told in a sentence what a person should know on the way.
    """

    def __init__(self, home: Path | None = None, say: Callable[[str], None] = _silent) -> None:
        given = home or os.environ.get("RAYFOLIO_HOME")
        self.home = Path(given or platformdirs.user_data_path("rayfolio")).absolute()
        self._say = say
        self._ledger: Ledger | None = None
        self._store: BlobStore | None = None
        self._own_node: KuboStore | None = None

    # -- wallets ------------------------------------------------------------------------------

    def exists(self) -> bool:
        return (self.home / "wallet.json").exists()

    def check_free(self) -> None:
        """Raises: HomeTaken."""
        if self.exists():
            raise HomeTaken()

    def new_words(self) -> str:
        return words.generate()

    def create(
        self, phrase: str, name: str, passphrase: str | None, restored: bool = False
    ) -> Session:
        """Make a wallet from words, without a network. Raises: HomeTaken, WordsInvalid."""
        checked = words.check(phrase)
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        opened = vault.create(self.home, checked, name, passphrase)
        file = StateFile(self.home, opened.home_key)
        with file.changing() as state:
            state.restored = restored
        return self._session(opened, file)

    def unlock(self, passphrase: str | None) -> Session:
        """Open the home's wallet. Raises: HomeEmpty, PassphraseWrong, PassphraseMissing."""
        opened = vault.unlock(self.home, passphrase)
        return self._session(opened, StateFile(self.home, opened.home_key))

    def _session(self, opened: vault.Opened, file: StateFile) -> Session:
        from app.session import Session

        card = cards.make(opened.identity, opened.name)
        final_after = 0 if self.network_name() == "local" else _FINAL_AFTER_BLOCKS
        owner = Owner(opened.identity, card, file, self.ledger, self.store, self.sweep, final_after)
        return Session(owner, self)

    # -- parts --------------------------------------------------------------------------------

    def settings(self) -> dict[str, str]:
        """Return what the person chose; a missing file means the defaults."""
        try:
            return dict(json.loads((self.home / "settings.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}
        except ValueError:
            raise RequestInvalid("settings.json in the wallet's folder is damaged") from None

    def network_name(self) -> str:
        return self.settings().get("network", "local")

    def local_chain(self) -> LocalChain:
        from chain.local import LocalChain

        return LocalChain(Path(os.environ.get("RAYFOLIO_CHAIN_DIR") or self.home / "chain"))

    def ledger(self) -> Ledger:
        """Return the consent contract; the local network is started if it does not run."""
        if self._ledger is None:
            from chain.registry import ConsentClient

            self._ledger = ConsentClient(self._network())
        return self._ledger

    def _network(self) -> Network:
        return self.network(self.network_name(), "settings.json names the network")

    def network(self, name: str, why: str = "There is no network called") -> Network:
        """Return one network; the local one is started. Raises: RequestInvalid."""
        if name == "local":
            return self.local_chain().start()
        table = self.networks()
        if name not in table:
            raise RequestInvalid(f"{why} {name}, which is not known: see `rayfolio network list`")
        return table[name]

    def networks(self) -> dict[str, Network]:
        """Return the networks by name, the local one aside. Raises: RequestInvalid."""
        from chain.networks import load

        return load(self.own_networks)

    @property
    def own_networks(self) -> Path:
        return self.home / "networks.json"

    def registries(self) -> frozenset[Registry]:
        """Return the consent contracts of the person's own table, without a network."""
        local = self.local_chain().status()
        found = {Registry(local.chain_id, local.contract)}
        return frozenset(found | {each.registry for each in self.networks().values()})

    def node(self) -> Node:
        return Node(self.home)

    def store(self) -> BlobStore:
        """Return where blocks are kept: the person's node, the home's own, or a folder."""
        if self._store is None:
            self._store = self._find_store()
        return self._store

    def sweep(self) -> None:
        """Drop what is no longer pinned; never from a node that serves the person otherwise."""
        if isinstance(self._store, EmbeddedStore):
            self._store.collect_garbage(grace_s=0)
        elif self._own_node is not None:
            self._own_node.collect_garbage()

    def _find_store(self) -> BlobStore:
        settings = self.settings()
        if api := settings.get("ipfs_api"):
            return KuboStore(api)
        if settings.get("store") == "embedded" or find_ipfs() is None:
            self._say(
                "No IPFS program was found: scans are kept in the wallet's folder on this "
                "computer. Install Kubo (or Go, and run `make setup`) to share them."
            )
            return EmbeddedStore(self.home / "blocks")
        node = self.node()
        node.start(None)
        api = node.status().api
        if api is None:
            raise PartMissing("Kubo", "it did not start.")
        self._own_node = KuboStore(api)
        return self._own_node

    def doctor(self) -> tuple[Part, ...]:
        """Look at every part, starting none."""
        return (*self._doctor_chain(), *self._doctor_store(), _doctor_keyring(), _doctor_reader())

    def _doctor_chain(self) -> tuple[Part, ...]:
        if self.network_name() != "local":
            return ()
        from chain.local import find_anvil

        status = self.local_chain().status()
        try:
            find_anvil()
        except PartMissing as error:
            return (Part("local network", "missing", "", str(error)),)
        state = "ready" if status.running else "stopped"
        return (Part("local network", state, status.version, "It starts when needed."),)

    def _doctor_store(self) -> tuple[Part, ...]:
        status = self.node().status()
        if find_ipfs():
            state = "ready" if status.running else "stopped"
            version = status.version or ""
            return (Part("IPFS node", state, version, "It starts when needed.", False),)
        advice = "Scans stay in this wallet's folder. Install Kubo to share them."
        return (Part("IPFS node", "missing", "", advice, False),)


def _doctor_keyring() -> Part:
    state, advice = "ready", ""
    try:
        import keyring
        from keyring.backends.fail import Keyring as NoKeyring

        if isinstance(keyring.get_keyring(), NoKeyring):
            state, advice = "missing", "Protect the wallet with a passphrase instead."
    except (ImportError, RuntimeError):
        state, advice = "missing", "Protect the wallet with a passphrase instead."
    return Part("keyring", state, "", advice, False)


def _doctor_reader() -> Part:
    from importlib.metadata import version

    return Part("DICOM reader", "ready", version("pydicom"), "")


class Door:
    """Implements app.ui.door.Door."""

    def exists(self, home: Path) -> bool:
        return Composition(home).exists()

    def new_words(self) -> str:
        return words.generate()

    def create(self, home: Path, words: str, name: str, passphrase: str | None) -> Session:
        """Make a wallet; words that were used before bring their studies with them."""
        return Composition(home).create(words, name, passphrase, restored=True)

    def unlock(self, home: Path, passphrase: str | None) -> Session:
        return Composition(home).unlock(passphrase)

    def needs_passphrase(self, home: Path) -> bool:
        return vault.look(home).needs_passphrase
