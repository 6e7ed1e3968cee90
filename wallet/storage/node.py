"""The home's own IPFS node: started when needed, and left running for those who read from it.

    ipfs/        the node's repository, ours alone
    node.json    network (as chosen), ports, and the process that was started last
    node.log     what the node said since its start
    node.lock    held while the node is started or stopped

Whether it runs is asked of the node itself, and of the lock that it holds on its repository: a
process id alone proves nothing. A node that was killed leaves nothing that hinders the next start.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from wallet.errors import HomeBusy, PartMissing, RequestInvalid, StoreUnreachable
from wallet.files import write_atomically
from wallet.storage.addresses import in_order, is_loopback_only
from wallet.storage.kubo import KuboStore
from wallet.storage.networks import NodeNetwork, Ports, configure, free_port, is_free
from wallet.storage.program import find_ipfs, version_of
from wallet.storage.rpc import Rpc

__all__ = ["Node", "NodeStatus", "find_ipfs"]

_PART = "Kubo"
_NAME = "IPFS node"

_START_S = 60.0
_LAUNCH_S = 10.0  # until the node holds its lock, on a busy machine
_TRIES = 3
_STOP_S = 15.0
_LOCK_S = 90.0
_ASK_S = 5.0
_POLL_S = 0.05

# Detached: a session of its own, no terminal, no pipe that nobody reads.
_LAUNCH = 'umask 077; cd "$0" && { "$@" </dev/null >node.log 2>&1 & echo $!; }'


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """How the node is."""

    running: bool
    api: str | None  # multiaddr
    addresses: tuple[str, ...]  # for links, those that others can dial first
    peers: int
    version: str | None


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is written down in node.json."""

    network: str
    api_port: int
    swarm_port: int
    pid: int


class Node:
    """The IPFS node of a home.

    Raises, in every method: PartMissing if no program is found or it does not start, HomeBusy.
    """

    def __init__(self, home: Path) -> None:
        self._home = home.absolute()
        self._repo = self._home / "ipfs"
        self._note = self._home / "node.json"

    def start(self, network: str | None = None) -> None:
        """Run the node, on `network` from now on if one is given; does nothing if it does.

        Args:
            network: loopback, lan or public; None for the one chosen before, at first public.

        Raises: RequestInvalid for another network.
        """
        program = find_ipfs()
        if program is None:
            raise PartMissing(_PART, "no ipfs program of version 0.38 or newer was found.")
        with self._locked():
            kept = self._kept() or _fresh()
            kept = replace(kept, network=_checked(network or kept.network).value)
            if not (self._repo / "config").exists():
                self._init(program)
            if self._config() == self._wanted(kept) and self._ask(kept):
                self._write(kept)
                return
            self._halt(kept)
            for left in reversed(range(_TRIES)):
                kept = self._begin(program, _with_free_ports(kept))
                try:
                    self._await_answer(kept)
                    return
                except PartMissing:
                    if not left:
                        raise  # else another program may have been quicker to take a port

    def _begin(self, program: Path, kept: _Kept) -> _Kept:
        """Start the daemon with these ports, and note it."""
        settings = json.dumps(self._wanted(kept), indent=2).encode()
        write_atomically(self._repo / "config", settings)
        kept = replace(kept, pid=self._launch(program))
        self._write(kept)
        return kept

    def stop(self) -> None:
        """End the node if it runs, gently first."""
        with self._locked():
            if kept := self._kept():
                self._halt(kept)

    def status(self) -> NodeStatus:
        """Say how the node is, without starting it."""
        kept = self._kept()
        if kept is not None and (said := self._ask(kept)):
            return self._running(kept, said)
        program = find_ipfs()
        return NodeStatus(False, None, (), 0, version_of(program) if program else None)

    def connect(self, address: str) -> None:
        """Dial another node. Raises: StoreUnreachable, RequestInvalid."""
        api = self.status().api
        if api is None:
            raise StoreUnreachable(_NAME)
        KuboStore(api).connect(address)

    # -- what is on the disk ------------------------------------------------------------------

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with FileLock(self._home / "node.lock", timeout=_LOCK_S):
                yield
        except Timeout:
            raise HomeBusy() from None

    def _kept(self) -> _Kept | None:
        try:
            return _Kept(**json.loads(self._note.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _write(self, kept: _Kept) -> None:
        write_atomically(self._note, json.dumps(asdict(kept)).encode())

    def _config(self) -> dict[str, Any]:
        try:
            config: dict[str, Any] = json.loads((self._repo / "config").read_bytes())
        except ValueError:
            raise PartMissing(_PART, "the settings of its repository are damaged.") from None
        return config

    def _wanted(self, kept: _Kept) -> dict[str, Any]:
        network = NodeNetwork.LOOPBACK if is_loopback_only() else _checked(kept.network)
        return configure(self._config(), network, Ports(kept.api_port, kept.swarm_port))

    def _init(self, program: Path) -> None:
        self._repo.mkdir(parents=True, exist_ok=True, mode=0o700)
        command = [str(program), "init", "--empty-repo", "--profile=test,unixfs-v1-2025"]
        made = subprocess.run(command, env=self._environment(), capture_output=True, check=False)
        if made.returncode:
            raise PartMissing(_PART, "it could not make its repository.")

    # -- the process --------------------------------------------------------------------------

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("IPFS_", "KUBO_", "LIBP2P_", "GOLOG_"))
        }
        return inherited | {
            "IPFS_PATH": str(self._repo),
            "IPFS_TELEMETRY": "off",
            "DO_NOT_TRACK": "1",
            "GOLOG_LOG_LEVEL": "error",
        }

    def _launch(self, program: Path) -> int:
        daemon = [str(program), "daemon", "--migrate=true"]
        launched = subprocess.run(
            ["/bin/sh", "-c", _LAUNCH, str(self._home), *daemon],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
            check=False,
        )
        if launched.returncode:
            raise PartMissing(_PART, "its process could not be started.")
        return int(launched.stdout)

    def _ask(self, kept: _Kept) -> dict[str, Any] | None:
        """Return what the node says of itself; None if it does not run, or another answers."""
        if not self._is_held():
            return None
        try:
            with Rpc(_api(kept.api_port), _NAME).calling(_ASK_S) as (client, bounded):
                said = dict(client.id(**bounded))
        except StoreUnreachable:
            return None
        return said if said["ID"] == self._config()["Identity"]["PeerID"] else None

    def _await_answer(self, kept: _Kept) -> None:
        begun = time.monotonic()
        while not self._ask(kept):
            waited = time.monotonic() - begun
            if waited > _START_S or (waited > _LAUNCH_S and not self._is_held()):
                self._signal(kept.pid, signal.SIGKILL)
                raise PartMissing(
                    _PART, "it ended while starting; node.log in the wallet says why."
                )
            time.sleep(_POLL_S)

    def _halt(self, kept: _Kept) -> None:
        """End the process that holds the repository, if there is one; return when it is gone."""
        if self._ask(kept):
            asking = Rpc(_api(kept.api_port), _NAME).calling(_ASK_S)
            with contextlib.suppress(StoreUnreachable), asking as (client, _):
                client.stop()
        elif self._is_held():
            self._signal(kept.pid, signal.SIGTERM)
        if not self._is_released(within_s=_STOP_S):
            self._signal(kept.pid, signal.SIGKILL)
            if not self._is_released(within_s=_STOP_S):
                raise PartMissing(_PART, "another program holds the node's repository.")

    def _is_released(self, within_s: float) -> bool:
        end = time.monotonic() + within_s
        while self._is_held():
            if time.monotonic() > end:
                return False
            time.sleep(_POLL_S)
        return True

    def _is_held(self) -> bool:
        """Whether a process has the node's repository open; the lock goes when the process does."""
        import fcntl

        try:
            with (self._repo / "repo.lock").open("rb+") as lock:
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

    def _signal(self, pid: int, number: signal.Signals) -> None:
        """Send a signal if `pid` is still a node, not a process that came by the number later."""
        shown = subprocess.run(
            ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        if re.search(r"ipfs\b.*\bdaemon\b", shown.stdout):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def _running(self, kept: _Kept, said: dict[str, Any]) -> NodeStatus:
        api = _api(kept.api_port)
        with Rpc(api, _NAME).calling(_ASK_S) as (client, bounded):
            peers = client.swarm.peers(**bounded)["Peers"] or ()
        addresses = in_order(said["Addresses"] or ())
        version = said["AgentVersion"].partition("/")[2].partition("/")[0]
        return NodeStatus(True, api, addresses, len(peers), version)


def _api(port: int) -> str:
    return f"/ip4/127.0.0.1/tcp/{port}"


def _checked(network: str) -> NodeNetwork:
    try:
        return NodeNetwork(network)
    except ValueError:
        raise RequestInvalid("The network of a node is loopback, lan or public") from None


def _fresh() -> _Kept:
    return _Kept(NodeNetwork.PUBLIC.value, free_port(), free_port(), 0)


def _with_free_ports(kept: _Kept) -> _Kept:
    """Return `kept` with those ports changed that another program has taken meanwhile."""
    api = kept.api_port if is_free(kept.api_port) else free_port()
    swarm = kept.swarm_port if is_free(kept.swarm_port) else free_port()
    return replace(kept, api_port=api, swarm_port=swarm)
