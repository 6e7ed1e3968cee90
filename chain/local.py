"""The `local` network: Anvil on this machine, running on its own, its state kept in a folder.

anvil.json          port and process
state.json          written by Anvil every second and when it ends, not atomically
state.kept.json     the last whole state that was seen; used if state.json is torn
anvil.log, lock     what Anvil says; held while one of us starts or stops it
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from chain import deploy
from chain.endpoint import Answered, Endpoint
from chain.networks import LOCAL_CHAIN_ID, LOCAL_NAME, Network
from wallet.errors import HomeBusy, LedgerUnreachable, PartMissing
from wallet.ports import Address

_PATIENCE_S = 30.0
_PAUSE_S = 0.02
_TRIES = 3
_BINARIES = (
    "packaging/npm/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil",
    "packaging/npm/node_modules/.bin/anvil",
)
_ARGUMENTS = (
    *("--host", "127.0.0.1", "--no-cors", "--quiet", "--chain-id", str(LOCAL_CHAIN_ID)),
    *("--accounts", "1", "--balance", "1000000000", "--hardfork", "prague"),
    *("--state-interval", "1"),
)
_DETACHED = '"$@" >>"$0" 2>&1 </dev/null & echo $!'  # the child of a shell that ends at once


@dataclass(frozen=True, slots=True)
class ChainStatus:
    """How the local network is."""

    running: bool
    rpc: str
    chain_id: int
    contract: Address
    version: str


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int  # 0 if it was stopped
    port: int


class LocalChain:
    """Starts and stops the local network of one folder; it outlives the process that started it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._state = self._folder / "state.json"
        self._kept = self._folder / "state.kept.json"
        self._record = self._folder / "anvil.json"

    def start(self) -> Network:
        """Return the network, started and with the contract on it; running already, it stays.

        Raises: PartMissing if Anvil is not installed or does not start, HomeBusy.
        """
        with self._alone():
            process = self._recorded()
            if not self._is_alive(process):
                process = self._spawn(process.port)
            network = self._network(process.port)
            endpoint = Endpoint(network, network.endpoints[0])
            if not deploy.is_there(endpoint):
                _deploy(endpoint)
            self._keep_state()
            return network

    def stop(self) -> None:
        """End Anvil after it has written its state. Stopping what does not run changes nothing."""
        if not self._folder.is_dir():
            return
        with self._alone():
            process = self._recorded()
            if not self._is_alive(process):
                return
            os.kill(process.pid, signal.SIGTERM)
            if not _until(lambda: not self._is_alive(process)):
                os.kill(process.pid, signal.SIGKILL)
                _until(lambda: not self._is_alive(process))
            self._write(_Process(0, process.port))
            self._keep_state()

    def status(self) -> ChainStatus:
        """Return how it is, without starting anything."""
        process = self._recorded()
        network = self._network(process.port)
        version = self._version(network) if self._is_alive(process) else ""
        rpc = network.endpoints[0] if version else ""
        return ChainStatus(bool(version), rpc, network.chain_id, network.contract, version)

    def _version(self, network: Network) -> str:
        try:
            return str(Endpoint(network, network.endpoints[0]).ask("web3_clientVersion"))
        except (LedgerUnreachable, Answered):
            return ""

    def _network(self, port: int) -> Network:
        return Network(
            name=LOCAL_NAME,
            caip2=f"eip155:{LOCAL_CHAIN_ID}",
            chain_id=LOCAL_CHAIN_ID,
            endpoints=(f"http://127.0.0.1:{port}",),
            contract=deploy.registry_address(),
            code_hash=deploy.code_hash(),
            explorer="",
            finality="latest",
            max_age_s=None,
        )

    # -- the process ------------------------------------------------------------------------

    def _spawn(self, port: int) -> _Process:
        anvil = find_anvil()
        self._choose_state()
        for _ in range(_TRIES):
            port = port if _is_free(port) else _free_port()
            command = [str(anvil), *_ARGUMENTS, "--port", str(port), "--state", str(self._state)]
            shell = ["/bin/sh", "-c", _DETACHED, str(self._folder / "anvil.log"), *command]
            started = subprocess.run(
                shell, stdout=subprocess.PIPE, check=True, start_new_session=True
            )
            process = _Process(int(started.stdout), port)
            self._write(process)
            if self._comes_up(process):
                return process
        raise PartMissing("Anvil", f"it does not start; see {self._folder.name}/anvil.log.")

    def _comes_up(self, process: _Process) -> bool:
        """Wait until it answers; False if it has ended instead, say because the port was taken."""
        network = self._network(process.port)
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            if self._version(network):
                return self._is_alive(process)
            if not self._is_alive(process):
                return False
            time.sleep(_PAUSE_S)
        return False

    def _is_alive(self, process: _Process) -> bool:
        """Whether this process runs and is ours: numbers come round again after a restart."""
        if process.pid == 0:
            return False
        asked = subprocess.run(
            ["ps", "-ww", "-o", "args=", "-p", str(process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return str(self._state) in asked.stdout

    def _recorded(self) -> _Process:
        try:
            fields = json.loads(self._record.read_text())
            return _Process(int(fields["pid"]), int(fields["port"]))
        except (OSError, ValueError, KeyError, TypeError):
            return _Process(0, 0)

    def _write(self, process: _Process) -> None:
        _replace(self._record, json.dumps({"pid": process.pid, "port": process.port}).encode())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with FileLock(self._folder / "lock", timeout=2 * _PATIENCE_S):
                yield
        except Timeout as error:
            raise HomeBusy from error

    # -- the state --------------------------------------------------------------------------

    def _choose_state(self) -> None:
        """Fall back on the kept state if the newest is torn; the loss shows as LedgerReset."""
        if self._state.exists() and not _is_whole(self._state.read_bytes()):
            self._state.unlink()
        if not self._state.exists() and self._kept.exists():
            _replace(self._state, self._kept.read_bytes())

    def _keep_state(self) -> None:
        try:
            data = self._state.read_bytes()
        except OSError:
            return
        if _is_whole(data):
            _replace(self._kept, data)


def _is_whole(state: bytes) -> bool:
    try:
        json.loads(state)
    except ValueError:
        return False
    return True


def _replace(path: Path, data: bytes) -> None:
    """Write a small file so that it is there either whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.write_bytes(data)
    new.replace(path)


def _until(condition: Callable[[], bool]) -> bool:
    """Wait until `condition` holds; False if it does not come to hold."""
    until = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(_PAUSE_S)
    return True


def _is_free(port: int) -> bool:
    if port == 0:
        return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_anvil() -> Path:
    """Return the program: of PATH, or of the checkout. Raises: PartMissing."""
    on_path = shutil.which("anvil")
    if on_path is not None:
        return Path(on_path)
    checkout = Path(__file__).parent.parent
    for relative in _BINARIES:
        if (checkout / relative).exists():
            return checkout / relative
    raise PartMissing("Anvil", "run `npm ci` in packaging/npm, or install Foundry.")


def _deploy(endpoint: Endpoint) -> None:
    """Anvil's own development account pays; Anvil holds its key."""
    call = deploy.call(LOCAL_CHAIN_ID)
    payer = endpoint.ask("eth_accounts")[0]
    endpoint.ask(
        "eth_sendTransaction", {"from": payer, "to": call.to, "data": "0x" + call.data.hex()}
    )
    if not _until(lambda: deploy.is_there(endpoint)):
        raise PartMissing("The consent contract", "it could not be put on the local network.")
