"""The local network: it stays, it comes back, and what it lost is noticed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chain.local import LocalChain, find_anvil
from chain.registry import ConsentClient
from wallet.errors import LedgerReset, LedgerUnreachable, PartMissing
from wallet.ports import Publish, Receipt, Word

pytestmark = pytest.mark.live


def pid_of(folder: Path) -> int:
    return int(json.loads((folder / "anvil.json").read_text())["pid"])


def publish(client: ConsentClient, study, payer) -> Receipt:
    client.fund(payer.address)
    signed = client.sign(Publish(study.address, Word(bytes([7]) * 32)), study)
    transaction = client.prepare([signed], payer)
    client.send(transaction)
    return client.wait(transaction.hash)


def state_has(folder: Path, receipt: Receipt) -> bool:
    try:
        return receipt.transaction in (folder / "state.json").read_text()
    except OSError:
        return False


def test_it_goes_on_where_it_stopped(folder, key) -> None:
    chain, study = LocalChain(folder), key("study")
    network = chain.start()
    client = ConsentClient(network)
    publish(client, study, key("payer"))
    seen = client.read([study.address]).checkpoint
    chain.stop()
    with pytest.raises(LedgerUnreachable):
        client.read([study.address])
    assert chain.start() == network
    reading = client.read([study.address], seen)
    assert reading.words[study.address] == bytes([7]) * 32
    assert len(client.log(study.address)) == 1


def test_starting_and_stopping_twice_is_as_once(folder) -> None:
    chain = LocalChain(folder)
    chain.stop()
    assert not chain.status().running
    first = chain.start()
    pid = pid_of(folder)
    assert LocalChain(folder).start() == first
    assert pid_of(folder) == pid
    status = chain.status()
    assert status.running
    assert status.rpc == first.endpoints[0]
    assert status.chain_id == 31337
    assert status.contract == first.contract
    assert "anvil" in status.version
    chain.stop()
    chain.stop()
    assert not chain.status().running


def test_several_at_once_start_one(folder) -> None:
    with ThreadPoolExecutor(3) as pool:
        networks = set(pool.map(lambda _: LocalChain(folder).start(), range(3)))
    assert len(networks) == 1


def test_it_outlives_who_started_it(folder) -> None:
    code = (
        "import sys, pathlib; from chain.local import LocalChain;"
        "LocalChain(pathlib.Path(sys.argv[1])).start()"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code, str(folder)], check=True, timeout=60)
    assert LocalChain(folder).status().running


def test_a_second_after_a_change_a_power_cut_loses_nothing(folder, key) -> None:
    chain, study = LocalChain(folder), key("study")
    client = ConsentClient(chain.start())
    receipt = publish(client, study, key("payer"))
    included_at = time.monotonic()
    while not state_has(folder, receipt):
        assert time.monotonic() - included_at < 5
        time.sleep(0.01)
    assert time.monotonic() - included_at < 2.5
    seen = client.read([study.address]).checkpoint
    os.kill(pid_of(folder), signal.SIGKILL)
    chain.start()
    assert client.read([study.address], seen).words[study.address] == bytes([7]) * 32


def test_what_a_power_cut_lost_is_noticed(folder, key) -> None:
    chain, study = LocalChain(folder), key("study")
    chain.start()
    chain.stop()
    before = (folder / "state.json").read_bytes()
    client = ConsentClient(chain.start())
    publish(client, study, key("payer"))
    seen = client.read([study.address]).checkpoint
    os.kill(pid_of(folder), signal.SIGKILL)
    (folder / "state.json").write_bytes(before)
    chain.start()
    with pytest.raises(LedgerReset, match="local"):
        client.read([study.address], seen)
    for name in ("another", "a third"):
        publish(client, key(name), key("payer"))
    with pytest.raises(LedgerReset):
        client.read([study.address], seen)


def test_a_torn_state_gives_way_to_the_last_whole_one(folder, key) -> None:
    chain, study = LocalChain(folder), key("study")
    client = ConsentClient(chain.start())
    publish(client, study, key("payer"))
    chain.stop()
    state = folder / "state.json"
    state.write_bytes(state.read_bytes()[:-500])
    chain.start()
    assert client.read([study.address]).words[study.address] == bytes([7]) * 32


def test_a_lost_state_folder_is_noticed(folder, key) -> None:
    chain, study = LocalChain(folder), key("study")
    client = ConsentClient(chain.start())
    publish(client, study, key("payer"))
    seen = client.read([study.address]).checkpoint
    chain.stop()
    for name in ("state.json", "state.kept.json"):
        (folder / name).unlink()
    client = ConsentClient(chain.start())
    with pytest.raises(LedgerReset):
        client.read([study.address], seen)


def test_a_stranger_with_our_old_process_number_is_left_alone(folder) -> None:
    chain = LocalChain(folder)
    chain.start()
    chain.stop()
    record = json.loads((folder / "anvil.json").read_text())
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with stranger:
        (folder / "anvil.json").write_text(json.dumps(record | {"pid": stranger.pid}))
        assert not chain.status().running
        chain.stop()
        assert stranger.poll() is None
        chain.start()
        assert pid_of(folder) != stranger.pid
        stranger.kill()


def test_a_taken_port_is_exchanged_for_a_free_one(folder) -> None:
    chain = LocalChain(folder)
    first = chain.start()
    chain.stop()
    port = int(first.endpoints[0].rpartition(":")[2])
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        second = chain.start()
        assert second.endpoints != first.endpoints
        assert chain.status().running


def test_anvil_of_the_path_comes_first(tmp_path, monkeypatch) -> None:
    mine = tmp_path / "anvil"
    mine.write_text("#!/bin/sh\n")
    mine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_anvil() == mine
    monkeypatch.setenv("PATH", "/nonexistent")
    assert find_anvil().name == "anvil"


def test_a_program_that_ends_at_once_is_reported(folder, tmp_path, monkeypatch) -> None:
    broken = tmp_path / "anvil"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(PartMissing, match="Anvil"):
        LocalChain(folder).start()


def test_the_folder_is_for_its_owner_only(folder) -> None:
    LocalChain(folder).start()
    assert folder.stat().st_mode & 0o077 == 0
