"""The home's own node: its life, its addresses, and that it talks to nobody."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from wallet.errors import PartMissing, RequestInvalid, StoreUnreachable
from wallet.storage import networks
from wallet.storage import node as node_module
from wallet.storage.kubo import KuboStore
from wallet.storage.networks import NodeNetwork, Ports, configure
from wallet.storage.node import Node, find_ipfs
from wallet.storage.unixfs import LEAF, build

pytestmark = pytest.mark.live

PEER = "/p2p/12D3KooWDcBXZCBT8ya69PmgkE9EaAUj6T2yMrUUTZsoTMvE5k3b"

START = """
import sys
from pathlib import Path
from wallet.storage.node import Node

Node(Path(sys.argv[1])).start(None)
"""


def daemons(home: Path) -> list[psutil.Process]:
    """The daemons of a home's repository, whatever its notes say."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if (
                "daemon" in process.cmdline()
                and process.environ().get("IPFS_PATH") == str(home / "ipfs")
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                found.append(process)
    return found


def are_gone(home: Path) -> bool:
    """Whether no daemon is left; one gives its repository back a moment before it ends."""
    _, alive = psutil.wait_procs(daemons(home), timeout=10)
    return not alive and not daemons(home)


def daemon(home: Path) -> psutil.Process:
    [process] = daemons(home)
    return process


@contextlib.contextmanager
def listening(port: int) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", port)):
        yield


def port_of(address: str) -> int:
    return int(address.split("/")[4])


def test_a_node_starts_says_how_it_is_and_stops(home: Path) -> None:
    node = Node(home)
    assert not node.status().running

    node.start(None)
    status = node.status()
    assert status.running
    assert status.api is not None
    assert status.api.startswith("/ip4/127.0.0.1/tcp/")
    assert status.peers == 0
    assert status.version
    assert status.version.count(".") == 2
    assert "/quic-v1/p2p/" in status.addresses[0]
    assert "/tcp/" in status.addresses[1]

    node.stop()
    stopped = node.status()
    assert (stopped.running, stopped.api, stopped.addresses) == (False, None, ())
    assert stopped.version == status.version
    assert are_gone(home)


def test_starting_and_stopping_twice_changes_nothing(home: Path) -> None:
    node = Node(home)
    node.stop()
    node.start(None)
    pid = daemon(home).pid
    node.start(None)
    assert daemon(home).pid == pid
    node.stop()
    node.stop()
    assert are_gone(home)


def test_a_restart_keeps_addresses_and_blocks(home: Path) -> None:
    node = Node(home)
    node.start(None)
    before = node.status()
    assert before.api is not None
    store = KuboStore(before.api)
    root, blocks = build(os.urandom(3 * LEAF))
    store.add(blocks)
    store.pin(root)

    node.stop()
    with pytest.raises(StoreUnreachable):
        store.get(root)
    node.start(None)
    assert node.status() == before
    assert store.has(root)
    assert [store.get(block.cid) for block in blocks] == [block.data for block in blocks]


def test_a_node_lives_on_when_the_one_who_started_it_ends(home: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", START, str(home)]
    subprocess.run(command, check=True, timeout=60)

    process = daemon(home)
    assert os.getsid(process.pid) != os.getsid(0)
    assert Node(home).status().running


def test_a_node_that_was_killed_starts_again_with_its_addresses(node: Node, home: Path) -> None:
    before = node.status()
    process = daemon(home)
    process.send_signal(signal.SIGKILL)
    process.wait(10)

    assert not node.status().running
    node.start(None)
    assert node.status() == before


def test_a_stale_process_id_is_never_signalled(node: Node, home: Path) -> None:
    process = daemon(home)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    with subprocess.Popen(["sleep", "60"]) as innocent:
        note = home / "node.json"
        note.write_text(json.dumps(json.loads(note.read_text()) | {"pid": innocent.pid}))
        node.stop()
        node.start(None)
        node.stop()
        assert innocent.poll() is None
        innocent.kill()


@pytest.mark.long
def test_a_node_that_hangs_is_ended(node: Node, home: Path) -> None:
    daemon(home).send_signal(signal.SIGSTOP)
    node.stop()
    assert are_gone(home)


def test_two_who_start_at_once_get_one_node(home: Path) -> None:
    threads = [threading.Thread(target=Node(home).start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert daemon(home).is_running()


def test_when_another_program_took_the_api_port_the_addresses_stay(node: Node, home: Path) -> None:
    before = node.status()
    assert before.api is not None
    node.stop()
    with listening(port_of(before.api)):
        assert not node.status().running
        node.start(None)
        after = node.status()
    assert after.running
    assert after.api != before.api
    assert after.addresses == before.addresses


def test_a_port_that_is_taken_at_the_last_moment_is_changed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Node(home)
    node.start(None)
    port = port_of(str(node.status().api))
    node.stop()
    looked: list[int] = []

    def is_free(asked: int) -> bool:  # as it was when one looked, the first time
        looked.append(asked)
        return len(looked) <= 2 or networks.is_free(asked)

    monkeypatch.setattr(node_module, "is_free", is_free)
    with listening(port):
        node.start(None)
        assert port_of(str(node.status().api)) != port
    node.stop()


def test_another_node_on_our_port_is_not_taken_for_ours(
    node: Node, other: Node, home: Path
) -> None:
    node.stop()
    note, theirs = home / "node.json", other.status().api
    assert theirs is not None
    note.write_text(json.dumps(json.loads(note.read_text()) | {"api_port": port_of(theirs)}))

    assert not node.status().running
    node.start(None)
    assert node.status().api != theirs
    assert other.status().running


def test_loopback_overrides_what_was_chosen_and_keeps_the_choice(home: Path) -> None:
    node = Node(home)
    for network in ("public", "lan"):
        node.start(network)
        assert json.loads((home / "node.json").read_text())["network"] == network
        settings = json.loads((home / "ipfs" / "config").read_text())
        assert settings["Routing"]["Type"] == "none"
        assert settings["Discovery"]["MDNS"]["Enabled"] is False
        assert all("/127.0.0.1/" in address for address in settings["Addresses"]["Swarm"])
        assert all("/127.0.0.1/" in address for address in node.status().addresses)


def test_a_network_that_there_is_not_is_refused(home: Path) -> None:
    with pytest.raises(RequestInvalid):
        Node(home).start("moon")
    assert are_gone(home)


def test_the_daemon_talks_to_nobody_outside_this_machine(
    node: Node, other: Node, home: Path
) -> None:
    node.connect(other.status().addresses[0])
    ours, theirs = (KuboStore(each.status().api or "") for each in (node, other))
    _, blocks = build(os.urandom(20 * LEAF))
    theirs.add(blocks)
    process, seen = daemon(home), 0
    for block in blocks:
        ours.get(block.cid)
        for connection in process.net_connections(kind="inet"):
            for address in filter(None, (connection.laddr, connection.raddr)):
                assert ipaddress.ip_address(address.ip).is_loopback, connection
                seen += 1
    assert seen
    assert node.status().peers == 1


def test_the_daemon_itself_refuses_to_dial_beyond_loopback(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAYFOLIO_LOOPBACK")  # so that our own check lets it through
    api = node.status().api
    assert api is not None
    begun = time.monotonic()
    for host in ("/ip4/192.0.2.1", "/ip4/10.255.255.1", "/ip6/2001:db8::1"):
        with pytest.raises(StoreUnreachable):
            KuboStore(api).connect(f"{host}/tcp/4001{PEER}")
    assert time.monotonic() - begun < 3


def test_nobody_is_told_how_the_node_is_used(node: Node, home: Path) -> None:
    log = (home / "node.log").read_text()
    assert "Daemon is ready" in log
    assert "telemetry" not in log.lower()
    assert not (home / "ipfs" / "telemetry_uuid").exists()


@pytest.mark.parametrize("network", NodeNetwork)
def test_the_program_takes_the_settings_of_every_network(
    node: Node, home: Path, network: NodeNetwork
) -> None:
    node.stop()
    config = home / "ipfs" / "config"
    made = configure(json.loads(config.read_text()), network, Ports(15_001, 15_002))
    config.write_text(json.dumps(made))
    program = find_ipfs()
    assert program is not None
    # Without a network: the repository is opened and the settings are read, nothing is dialled.
    shown = subprocess.run(
        [program, "--offline", "bootstrap", "list"],
        env={**os.environ, "IPFS_PATH": str(home / "ipfs")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.split() == made["Bootstrap"]


def test_files_of_the_node_are_the_owners_alone(node: Node, home: Path) -> None:
    for path in (home, home / "ipfs", home / "ipfs" / "config", home / "node.json"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert (home / "node.log").stat().st_mode & 0o077 == 0


def test_a_node_that_does_not_run_cannot_dial(home: Path) -> None:
    with pytest.raises(StoreUnreachable):
        Node(home).connect(f"/ip4/127.0.0.1/tcp/4001{PEER}")


def test_a_repository_with_damaged_settings_is_said_to_be_damaged(node: Node, home: Path) -> None:
    node.stop()
    (home / "ipfs" / "config").write_text("{")
    with pytest.raises(PartMissing):
        node.start(None)
    (home / "ipfs" / "config").unlink()


def test_a_program_that_is_too_old_or_none_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    own = find_ipfs()
    for said in ("0.37.0", "what?", "0.0.0"):
        (folder / "ipfs").write_text(f"#!/bin/sh\necho '{said}'\n")
        (folder / "ipfs").chmod(0o755)
        assert find_ipfs() == own
    (folder / "ipfs").write_text("#!/bin/sh\necho 0.38.0\n")
    assert find_ipfs() == folder / "ipfs"
