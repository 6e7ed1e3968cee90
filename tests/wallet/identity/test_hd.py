"""Derivation paths, against the reference vectors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wallet.identity import hd

VECTORS = Path(__file__).parents[2] / "vectors" / "bip32" / "bitcoinjs-valid-0-2.json"
CHAINS = json.loads(VECTORS.read_text())["valid"]


def cases() -> list[tuple[str, str, str]]:
    """Seed, path and private key."""
    found = []
    for chain in CHAINS:
        seed = chain["master"]["seed"]
        found.append((seed, "m", chain["master"]["privKey"]))
        found += [(seed, child["path"], child["privKey"]) for child in chain["children"]]
    return found


def test_the_vectors_are_there() -> None:
    assert len(cases()) > 5


@pytest.mark.parametrize(("seed", "path", "key"), cases())
def test_the_key_at_a_path_is_that_of_the_reference(seed: str, path: str, key: str) -> None:
    assert hd.derive(bytes.fromhex(seed), path).hex() == key


@pytest.mark.parametrize(
    "path", ["", "44'", "m/", "m/-1", "m/1h", "m/2147483648", "m/1''", "m/1\n"]
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        hd.derive(bytes(64), path)
