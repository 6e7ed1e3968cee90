"""What goes into the consent contract and what comes out of it: calls, refusals, log entries."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chain.hashing import checksum, keccak
from chain.typed_data import message_of
from wallet.ports import WORD_NONE, Address, LogEntry, LogKind, SignedChange

_KINDS = ("Publish", "Grant", "GrantMany", "Revoke", "Rotate", "Erase", "Opened")
_CHANGE = "(uint8,address,bytes32,bytes32,(address,bytes32)[],uint64,(bytes32,bytes32,uint8))"


@functools.cache
def artifact() -> Mapping[str, Any]:
    """Return the compiled contract: compiler, settings, abi, bytecode, deployed_code_hash."""
    path = Path(__file__).parent / "contracts" / "ConsentRegistry.json"
    return dict(json.loads(path.read_text()))


def call_of(changes: Sequence[SignedChange]) -> bytes:
    """Return the calldata: the change's own function for one, `batch` for several."""
    if not changes:
        raise ValueError("nothing to send")
    return _single(changes[0]) if len(changes) == 1 else _batch(changes)


def _single(signed: SignedChange) -> bytes:
    from eth_abi.abi import encode

    name, message = message_of(signed.change, signed.deadline_at)
    entry = _entries("function")[name[0].lower() + name[1:]]
    types = [_type(each) for each in entry["inputs"]]
    values = [_value(message[each["name"]]) for each in entry["inputs"][:-1]]
    return _selector(entry) + encode(types, [*values, _signature(signed.signature)])


def _batch(changes: Sequence[SignedChange]) -> bytes:
    from eth_abi.abi import encode

    rows = [_row(signed) for signed in changes]
    return _selector(_entries("function")["batch"]) + encode([_CHANGE + "[]"], [rows])


def _row(signed: SignedChange) -> tuple[Any, ...]:
    name, message = message_of(signed.change, signed.deadline_at)
    items = [_value(item) for item in message.get("items", [])]
    if "grantId" in message:
        items = [(message["grantId"], message.get("commitment", bytes(32)))]
    return (
        _KINDS.index(name),
        message["study"],
        message.get("previous", WORD_NONE),
        message.get("head", WORD_NONE),
        items,
        signed.deadline_at,
        _signature(signed.signature),
    )


def _value(value: Any) -> Any:
    """A struct as a tuple, because eth_abi takes no names."""
    if isinstance(value, dict):
        return tuple(value.values())
    return [_value(each) for each in value] if isinstance(value, list) else value


def _signature(signature: bytes) -> tuple[bytes, bytes, int]:
    """The contract's struct, of 65 bytes or of a compact 64. Source: ERC-2098."""
    if len(signature) not in (64, 65):
        raise ValueError("a signature is of 65 bytes, or of 64 if it is compact")
    return signature[:32], signature[32:64], signature[64] if len(signature) == 65 else 0


def refusal(data: bytes) -> str:
    """Return the name of the custom error in revert data, or "Reverted"."""
    return _refusals().get(data[:4], "Reverted")


def refusals() -> tuple[str, ...]:
    """Return the names of all custom errors."""
    return tuple(_refusals().values())


@functools.cache
def _refusals() -> dict[bytes, str]:
    return {_selector(entry): name for name, entry in _entries("error").items()}


def log_entry(log: Mapping[str, Any], at: int) -> LogEntry | None:
    """Return the entry in a raw log of the contract, or None if it is none of its events."""
    kind = _topics().get(str(log["topics"][0])) if log["topics"] else None
    if kind is None:
        return None
    about_grant = kind in (LogKind.GRANTED, LogKind.REVOKED, LogKind.OPENED)
    return LogEntry(
        kind=kind,
        study=_address(log["topics"][1]),
        grant_id=_address(log["topics"][2]) if about_grant else None,
        commitment=bytes.fromhex(log["data"][2:]) if kind is LogKind.GRANTED else None,
        block=int(log["blockNumber"], 16),
        at=at,
        transaction=log["transactionHash"],
    )


@functools.cache
def _topics() -> dict[str, LogKind]:
    return {
        "0x" + keccak(_text(entry).encode()).hex(): LogKind(name.lower())
        for name, entry in _entries("event").items()
    }


def study_topic(study: Address) -> str:
    """Return the study as it stands in a log's topics."""
    return "0x" + 24 * "0" + study[2:].lower()


def slot_of(study: Address) -> bytes:
    """Return the storage slot of the study's word: the mapping lies in slot 0."""
    return keccak(bytes(12) + bytes.fromhex(study[2:]) + bytes(32))


def _address(topic: str) -> Address:
    return checksum(topic[-40:])


@functools.cache
def _entries(kind: str) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in artifact()["abi"] if entry["type"] == kind}


def _type(entry: dict[str, Any]) -> str:
    """A parameter's canonical type: structs as tuples of their members."""
    if not entry["type"].startswith("tuple"):
        return str(entry["type"])
    inner = ",".join(_type(each) for each in entry["components"])
    return f"({inner}){entry['type'].removeprefix('tuple')}"


def _text(entry: dict[str, Any]) -> str:
    return f"{entry['name']}({','.join(_type(each) for each in entry['inputs'])})"


def _selector(entry: dict[str, Any]) -> bytes:
    return keccak(_text(entry).encode())[:4]
