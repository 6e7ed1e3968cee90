"""One IPFS node for the tests that want one, on loopback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wallet.storage.node import Node

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAYFOLIO_LOOPBACK", "1")


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home: Path = tmp_path_factory.mktemp("node")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAYFOLIO_LOOPBACK", "1")
        node = Node(home)
        node.start(None)
        address = node.status().api
        assert address is not None
        yield address
        node.stop()
