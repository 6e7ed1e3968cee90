"""Homes with IPFS nodes of their own, on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wallet.storage.kubo import KuboStore
from wallet.storage.node import Node


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAYFOLIO_LOOPBACK", "1")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder whose node, if it was started, is stopped."""
    yield tmp_path / "home"
    Node(tmp_path / "home").stop()


@pytest.fixture
def node(home: Path) -> Node:
    """A node that runs."""
    started = Node(home)
    started.start(None)
    return started


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Node]:
    """Another node that runs."""
    started = Node(tmp_path / "other")
    started.start(None)
    yield started
    started.stop()


@pytest.fixture
def store_of() -> Callable[[Node], KuboStore]:
    def store(node: Node) -> KuboStore:
        api = node.status().api
        assert api is not None
        return KuboStore(api, get_timeout_s=2)

    return store
