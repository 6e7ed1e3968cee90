"""Typed data, against published digests and eth-account."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from wallet.identity.typed_data import Struct, Value, digest

VECTORS = Path(__file__).parents[2] / "vectors" / "eip712"
FLAT = re.compile(r"address|string|bytes\d*|uint\d+")
DOMAIN = {
    "name": "string",
    "version": "string",
    "chainId": "uint256",
    "verifyingContract": "address",
    "salt": "bytes32",
}


def flat() -> list[dict[str, Any]]:
    """The published messages of the kinds that we sign."""
    every = json.loads((VECTORS / "ethers-typed-data-even.json").read_text("utf-8"))
    return [
        entry
        for entry in every
        if all(FLAT.fullmatch(field["type"]) for field in entry["types"][entry["primaryType"]])
    ]


def value(kind: str, told: Any) -> Value:
    if kind.startswith("uint"):
        return int(told)
    return bytes.fromhex(told[2:]) if kind.startswith("bytes") else told


def hashed(name: str, fields: list[tuple[str, str]], told: dict[str, Any]) -> bytes:
    values = {field: value(kind, told[field]) for kind, field in fields}
    return Struct(name, tuple(fields)).digest(values)


def test_the_vectors_are_there() -> None:
    assert len(flat()) >= 5


@pytest.mark.parametrize("entry", flat(), ids=lambda entry: entry["name"])
def test_digests_are_those_that_ethers_publishes(entry: dict[str, Any]) -> None:
    name = entry["primaryType"]
    fields = [(field["type"], field["name"]) for field in entry["types"][name]]
    placed = [(kind, field) for field, kind in DOMAIN.items() if field in entry["domain"]]

    separator = hashed("EIP712Domain", placed, entry["domain"])
    signed = digest(separator, hashed(name, fields, entry["data"]))

    assert "0x" + signed.hex() == entry["digest"]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("uint8", 256),
        ("uint64", -1),
        ("uint64", "1"),
        ("bytes32", bytes(31)),
        ("bytes33", bytes(33)),
        ("string", b"x"),
        ("int8", 1),
    ],
)
def test_a_value_of_another_kind_is_refused(kind: str, told: Value) -> None:
    with pytest.raises(ValueError, match="not a value"):
        Struct("Told", ((kind, "field"),)).digest({"field": told})
