"""Turns a change of consent into the EIP-712 digest that its key signs.

One table fixes the types; the digest, the JSON for other wallets and the contract agree on it.
"""

from __future__ import annotations

from typing import Any

from chain.hashing import keccak
from wallet.ports import (
    Change,
    Erase,
    Grant,
    GrantItem,
    Opened,
    Publish,
    Registry,
    Revoke,
    Rotate,
)

MOST_ITEMS = 16
LONGEST_S = 86_400

_Fields = tuple[tuple[str, str], ...]  # name, type

DOMAIN: _Fields = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)
ITEM: _Fields = (("grantId", "address"), ("commitment", "bytes32"))
TYPES: dict[str, _Fields] = {
    "Publish": (("study", "address"), ("head", "bytes32"), ("deadline", "uint64")),
    "Grant": (
        ("study", "address"),
        ("previous", "bytes32"),
        ("head", "bytes32"),
        ("grantId", "address"),
        ("commitment", "bytes32"),
        ("deadline", "uint64"),
    ),
    "GrantMany": (
        ("study", "address"),
        ("previous", "bytes32"),
        ("head", "bytes32"),
        ("items", "Item[]"),
        ("deadline", "uint64"),
    ),
    "Revoke": (
        ("study", "address"),
        ("previous", "bytes32"),
        ("head", "bytes32"),
        ("grantId", "address"),
        ("deadline", "uint64"),
    ),
    "Rotate": (
        ("study", "address"),
        ("previous", "bytes32"),
        ("head", "bytes32"),
        ("deadline", "uint64"),
    ),
    "Erase": (("study", "address"), ("previous", "bytes32"), ("deadline", "uint64")),
    "Opened": (("study", "address"), ("grantId", "address"), ("deadline", "uint64")),
}


def message_of(change: Change, deadline_at: int) -> tuple[str, dict[str, Any]]:
    """Return the change's primary type and its values in the order of that type."""
    match change:
        case Publish(study, head):
            name, message = "Publish", {"study": study, "head": bytes(head)}
        case Grant(study, previous, head, items):
            name, message = _grant(study, bytes(previous), bytes(head), items)
        case Revoke(study, previous, head, grant_id):
            name, message = (
                "Revoke",
                {
                    "study": study,
                    "previous": bytes(previous),
                    "head": bytes(head),
                    "grantId": grant_id,
                },
            )
        case Rotate(study, previous, head):
            name, message = (
                "Rotate",
                {"study": study, "previous": bytes(previous), "head": bytes(head)},
            )
        case Erase(study, previous):
            name, message = "Erase", {"study": study, "previous": bytes(previous)}
        case Opened(study, grant_id):
            name, message = "Opened", {"study": study, "grantId": grant_id}
    return name, {**message, "deadline": deadline_at}


def _grant(
    study: str, previous: bytes, head: bytes, items: tuple[GrantItem, ...]
) -> tuple[str, dict[str, Any]]:
    if not 1 <= len(items) <= MOST_ITEMS:
        raise ValueError(f"a grant is of 1 to {MOST_ITEMS} items, not {len(items)}")
    values = [{"grantId": item.grant_id, "commitment": item.commitment} for item in items]
    words = {"study": study, "previous": previous, "head": head}
    if len(values) == 1:
        return "Grant", {**words, **values[0]}
    return "GrantMany", {**words, "items": values}


def digest(registry: Registry, change: Change, deadline_at: int) -> bytes:
    """Return the 32 bytes that the study key (of Opened: the grant key) signs. Source: EIP-712."""
    name, message = message_of(change, deadline_at)
    return keccak(b"\x19\x01" + separator(registry) + _hash_struct(name, message))


def separator(registry: Registry) -> bytes:
    """Return the domain separator of one contract on one chain."""
    return keccak(
        keccak(_signature("EIP712Domain", DOMAIN))
        + keccak(b"Rayfolio")
        + keccak(b"1")
        + registry.chain_id.to_bytes(32, "big")
        + _word(registry.contract, "address")
    )


def to_json(registry: Registry, change: Change, deadline_at: int) -> dict[str, Any]:
    """Return the message as `eth_signTypedData_v4` takes it, for display and other wallets."""
    name, message = message_of(change, deadline_at)
    types = {"EIP712Domain": DOMAIN, name: TYPES[name]}
    if name == "GrantMany":
        types["Item"] = ITEM
    return {
        "types": {
            each: [{"name": field, "type": kind} for field, kind in fields]
            for each, fields in types.items()
        },
        "primaryType": name,
        "domain": {
            "name": "Rayfolio",
            "version": "1",
            "chainId": registry.chain_id,
            "verifyingContract": registry.contract,
        },
        "message": _hex_bytes(message),
    }


def _hash_struct(name: str, message: dict[str, Any]) -> bytes:
    fields = TYPES[name]
    type_text = _signature(name, fields)
    if name == "GrantMany":
        type_text += _signature("Item", ITEM)
    return keccak(keccak(type_text) + b"".join(_word(message[n], kind) for n, kind in fields))


def _hash_item(item: dict[str, Any]) -> bytes:
    words = b"".join(_word(item[name], kind) for name, kind in ITEM)
    return keccak(keccak(_signature("Item", ITEM)) + words)


def _word(value: Any, kind: str) -> bytes:
    match kind:
        case "address":
            return bytes(12) + _exactly(bytes.fromhex(value.removeprefix("0x")), 20)
        case "bytes32":
            return _exactly(value, 32)
        case "uint64":
            return bytes(24) + int(value).to_bytes(8, "big")
        case "Item[]":
            return keccak(b"".join(_hash_item(item) for item in value))
    raise ValueError(kind)


def _exactly(value: bytes, length: int) -> bytes:
    if len(value) != length:
        raise ValueError(f"{length} bytes are needed, not {len(value)}")
    return value


def _signature(name: str, fields: _Fields) -> bytes:
    return f"{name}({','.join(f'{kind} {field}' for field, kind in fields)})".encode()


def _hex_bytes(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, list):
        return [_hex_bytes(each) for each in value]
    if isinstance(value, dict):
        return {name: _hex_bytes(each) for name, each in value.items()}
    return value
