"""The typed data that the account signs: cards and who an envelope is from. Source: EIP-712.

Only flat messages of atomic types. The consents that the contract checks are built in `chain`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wallet.identity.secp256k1 import address_bytes, keccak
from wallet.ports import Address, Registry

Value = int | bytes | str


@dataclass(frozen=True, slots=True)
class Struct:
    """A type: its name, and its fields in order as (type, name)."""

    name: str
    fields: tuple[tuple[str, str], ...]

    def digest(self, values: Mapping[str, Value]) -> bytes:
        """Return hashStruct: 32 bytes over the type and the values of all its fields."""
        listed = ",".join(f"{kind} {name}" for kind, name in self.fields)
        type_hash = keccak(f"{self.name}({listed})".encode())
        return keccak(type_hash + b"".join(_word(kind, values[name]) for kind, name in self.fields))


_NAME = (("string", "name"), ("string", "version"))
_PLACE = (("uint256", "chainId"), ("address", "verifyingContract"))


def domain(registry: Registry | None = None) -> bytes:
    """Return Rayfolio's separator at one registry; without one, for what holds on every chain."""
    values: dict[str, Value] = {"name": "Rayfolio", "version": "1"}
    if registry is None:
        return Struct("EIP712Domain", _NAME).digest(values)
    values |= {"chainId": registry.chain_id, "verifyingContract": registry.contract}
    return Struct("EIP712Domain", _NAME + _PLACE).digest(values)


def digest(separator: bytes, struct: bytes) -> bytes:
    """Return the 32 bytes that are signed."""
    return keccak(b"\x19\x01" + separator + struct)


def _word(kind: str, value: Value) -> bytes:
    match kind, value:
        case "string", str():
            return keccak(value.encode())
        case "bytes", bytes():
            return keccak(value)
        case "address", str():
            return address_bytes(Address(value)).rjust(32, b"\0")
        case _, int() if kind.startswith("uint") and 0 <= value < 1 << int(kind[4:]):
            return value.to_bytes(32)
        case _, bytes() if kind == f"bytes{len(value)}" and len(value) <= 32:
            return value.ljust(32, b"\0")
    raise ValueError(f"not a value of {kind}")
