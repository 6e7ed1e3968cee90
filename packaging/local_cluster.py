"""Three IPFS Cluster peers, each with a Kubo node of its own, on loopback, for the tests."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from wallet.errors import StoreUnreachable
from wallet.storage.networks import free_port
from wallet.storage.node import Node
from wallet.storage.web import Web

PROGRAM = Path(__file__).resolve().parents[1] / ".tools" / "bin" / "ipfs-cluster-service"
SECRET = "17" * 32
_START_S = 60.0


class LocalCluster:
    """Peers that know each other and nobody else."""

    def __init__(self, folder: Path, peers: int = 3) -> None:
        self._folder = folder
        self.nodes = [Node(folder / f"kubo-{number}") for number in range(peers)]
        self.kubo_apis: list[str] = []
        self.apis: list[str] = []
        self.pinning_apis: list[str] = []
        self._peers: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Run all, and return when every peer sees every other."""
        for number, node in enumerate(self.nodes):
            node.start(None)
            api = node.status().api
            assert api is not None
            self.kubo_apis.append(api)
            for other in self.nodes[:number]:
                node.connect(other.status().addresses[0])
        first = None
        for number in range(len(self.nodes)):
            first = self._start_peer(number, first) or first
        end = time.monotonic() + _START_S
        while any(self._seen(api) < len(self.nodes) for api in self.apis):
            if time.monotonic() > end:
                raise StoreUnreachable("the cluster on this computer")
            time.sleep(0.2)

    def end(self, number: int) -> None:
        """Kill a peer and its node, as a power cut would."""
        self._peers[number].kill()
        self._peers[number].wait()
        self.nodes[number].stop()

    def stop(self) -> None:
        """End all."""
        for peer in self._peers:
            peer.kill()
            peer.wait()
        for node in self.nodes:
            node.stop()

    def _start_peer(self, number: int, first: str | None) -> str:
        home = self._folder / f"peer-{number}"
        home.mkdir(parents=True)
        env = {**os.environ, "IPFS_CLUSTER_PATH": str(home), "CLUSTER_SECRET": SECRET}
        init = [PROGRAM, "init", "--consensus", "crdt"]
        subprocess.run(init, env=env, check=True, capture_output=True)
        rest, pinning, swarm = free_port(), free_port(), free_port()
        config = json.loads((home / "service.json").read_text())
        _configure(config, self.kubo_apis[number], (rest, pinning, swarm), f"peer-{number}")
        (home / "service.json").write_text(json.dumps(config))
        command = [PROGRAM, "daemon", *(["--bootstrap", first] if first else [])]
        with (home / "log").open("wb") as log:
            self._peers.append(subprocess.Popen(command, env=env, stdout=log, stderr=log))
        self.apis.append(f"http://127.0.0.1:{rest}")
        self.pinning_apis.append(f"http://127.0.0.1:{pinning}")
        end = time.monotonic() + _START_S
        while not self._seen(self.apis[-1]):
            if time.monotonic() > end:
                raise StoreUnreachable("the cluster on this computer")
            time.sleep(0.1)
        identity = json.loads((home / "identity.json").read_text())
        return f"/ip4/127.0.0.1/tcp/{swarm}/p2p/{identity['id']}"

    @staticmethod
    def _seen(api: str) -> int:
        try:
            _, said = Web(api, "cluster").ask("GET", "/id", timeout_s=5, most=1 << 20)
            return len(said["cluster_peers"])
        except StoreUnreachable:
            return 0


def _configure(config: dict[str, Any], kubo: str, ports: tuple[int, int, int], name: str) -> None:
    rest, pinning, swarm = ports
    cluster = config["cluster"]
    cluster["peername"] = name
    cluster["listen_multiaddress"] = [f"/ip4/127.0.0.1/tcp/{swarm}"]
    cluster["mdns_interval"] = "0s"
    cluster["monitor_ping_interval"] = "1s"
    config["consensus"]["crdt"]["trusted_peers"] = ["*"]
    config["monitor"]["pubsubmon"]["check_interval"] = "1s"
    for informer in config["informer"].values():
        informer["metric_ttl"] = "3s"
    api = config["api"]
    api["restapi"]["http_listen_multiaddress"] = f"/ip4/127.0.0.1/tcp/{rest}"
    api["pinsvcapi"]["http_listen_multiaddress"] = f"/ip4/127.0.0.1/tcp/{pinning}"
    api.pop("ipfsproxy", None)
    config["ipfs_connector"]["ipfshttp"]["node_multiaddress"] = kubo
