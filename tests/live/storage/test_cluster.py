"""Three peers with three nodes: two keep a study, one of them ends, nothing is lost."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wallet.storage.cluster import ClusterStore
from wallet.storage.kubo import KuboStore
from wallet.storage.unixfs import LEAF, File, build

sys.path.insert(0, str(Path(__file__).parents[3] / "packaging"))
from local_cluster import LocalCluster

pytestmark = [pytest.mark.live, pytest.mark.long]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    made = LocalCluster(tmp_path)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.mark.parametrize("ended", [0, 1, 2])
def test_whichever_peer_ends_nothing_is_lost(cluster: LocalCluster, ended: int) -> None:
    data = os.urandom(40 * LEAF + 5)
    root, blocks = build(data)
    left = KuboStore(cluster.kubo_apis[(ended + 1) % 3], get_timeout_s=10)
    store = ClusterStore(cluster.apis, left)
    store.add(blocks)
    store.pin(root)
    assert store.copies(root) == 2

    cluster.end(ended)
    assert store.has(root)
    assert File(store, root).read_all() == data
    store.unpin(root)
    assert not store.has(root)
