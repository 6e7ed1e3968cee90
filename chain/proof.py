"""Checks `eth_getProof`: that an account and its storage words are what a state root commits to.

Source: Ethereum yellow paper, appendix D; EIP-1186.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chain.hashing import keccak
from wallet.ports import Address


class ProofInvalid(Exception):
    """The nodes given do not lead from the root to the value, or not to its absence."""


@dataclass(frozen=True, slots=True)
class Account:
    """What the state says of an address; of one that is not there, the empty hashes."""

    storage_root: bytes
    code_hash: bytes


_EMPTY_CODE = keccak(b"")
_EMPTY_ROOT = keccak(b"\x80")


def account(state_root: bytes, address: Address, proof: Mapping[str, Any]) -> Account:
    """Return the proven account. Raises: ProofInvalid."""
    path = keccak(bytes.fromhex(address[2:]))
    value = _walk(state_root, path, _nodes(proof, "accountProof"))
    if value is None:
        return Account(_EMPTY_ROOT, _EMPTY_CODE)
    fields = _decode(value)
    if len(fields) != 4 or len(fields[2]) != 32 or len(fields[3]) != 32:
        raise ProofInvalid
    return Account(fields[2], fields[3])


def words(storage_root: bytes, slots: Sequence[bytes], proof: Mapping[str, Any]) -> list[bytes]:
    """Return the proven 32-byte words of `slots`, asked in this order. Raises: ProofInvalid."""
    answers = proof.get("storageProof")
    if not isinstance(answers, list) or len(answers) != len(slots):
        raise ProofInvalid
    return [
        _word(_walk(storage_root, keccak(slot), _nodes(answer, "proof")))
        for slot, answer in zip(slots, answers, strict=True)
    ]


def _word(value: bytes | None) -> bytes:
    if value is None:
        return bytes(32)
    number = _decode(value)
    if not isinstance(number, bytes) or len(number) > 32:
        raise ProofInvalid
    return number.rjust(32, b"\0")


def _nodes(answer: Any, field: str) -> list[bytes]:
    try:
        return [bytes.fromhex(node.removeprefix("0x")) for node in answer[field]]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ProofInvalid from None


def _decode(data: bytes) -> Any:
    """Return bytes, or a list of what is nested. Source: yellow paper, appendix B."""
    item, rest = _item(data)
    if rest:
        raise ProofInvalid
    return item


def _item(data: bytes) -> tuple[Any, bytes]:
    if not data:
        raise ProofInvalid
    first = data[0]
    if first < 0x80:
        return data[:1], data[1:]
    is_list = first >= 0xC0
    length, start = first - (0xC0 if is_list else 0x80), 1
    if length > 55:
        start += length - 55
        length = int.from_bytes(data[1:start], "big")
    end = start + length
    if end > len(data):
        raise ProofInvalid
    payload, rest = data[start:end], data[end:]
    if not is_list:
        return payload, rest
    items = []
    while payload:
        item, payload = _item(payload)
        items.append(item)
    return items, rest


def _walk(root: bytes, key: bytes, nodes: Sequence[bytes]) -> bytes | None:
    """Follow the key's nibbles down; None if the trie shows that nothing is there."""
    rest = key.hex()
    if root == _EMPTY_ROOT:
        return None
    expected: Any = root
    for data in nodes:
        if keccak(data) != expected:
            raise ProofInvalid
        node: Any = _decode(data)
        while True:  # nodes shorter than 32 bytes stand inside their parent
            if not isinstance(node, list):
                raise ProofInvalid
            if len(node) == 17:
                if not rest:
                    return _leaf(node[16])
                child, rest = node[int(rest[0], 16)], rest[1:]
            elif len(node) == 2:
                part, is_leaf = _compact(node[0])
                if not rest.startswith(part):
                    return None
                rest = rest[len(part) :]
                if is_leaf:
                    return None if rest else _leaf(node[1])
                child = node[1]
            else:
                raise ProofInvalid
            if child == b"":
                return None
            if isinstance(child, bytes):
                break
            node = child
        if len(child) != 32:
            raise ProofInvalid
        expected = child
    raise ProofInvalid


def _leaf(value: Any) -> bytes | None:
    if not isinstance(value, bytes):
        raise ProofInvalid
    return value or None


def _compact(encoded: Any) -> tuple[str, bool]:
    """A node's part of the path, in nibbles, and whether it is a leaf's."""
    if not isinstance(encoded, bytes) or not encoded:
        raise ProofInvalid
    text = encoded.hex()
    flag = int(text[0], 16)
    if flag > 3:
        raise ProofInvalid
    return text[1:] if flag & 1 else text[2:], bool(flag & 2)
