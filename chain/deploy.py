"""Puts the consent contract on a network, at the same address everywhere.

By the deterministic deployer that most chains have, with a fixed salt (CREATE2, EIP-1014): the
address follows from the code alone, so it does not matter who does it, nor how often.
"""

from __future__ import annotations

from chain import calldata, transactions
from chain.endpoint import Endpoint
from chain.hashing import checksum, keccak
from wallet.ports import Address

DEPLOYER = Address("0x4e59b44847b379578588920cA78FbF26c0B4956C")
SALT = b"rayfolio/1/consent".ljust(32, b"\0")


def registry_address() -> Address:
    """Return where the contract lies, or will lie, on every network."""
    deployer = bytes.fromhex(DEPLOYER[2:])
    return checksum(keccak(b"\xff" + deployer + SALT + keccak(_bytecode()))[12:].hex())


def code_hash() -> str:
    """Return the hash of the deployed code, the same on every network."""
    return str(calldata.artifact()["deployed_code_hash"])


def call(chain_id: int) -> transactions.Call:
    """Return the call that deploys."""
    return transactions.Call(chain_id, DEPLOYER, SALT + _bytecode())


def _bytecode() -> bytes:
    return bytes.fromhex(calldata.artifact()["bytecode"][2:])


def is_there(endpoint: Endpoint) -> bool:
    """Whether the contract is deployed where this endpoint looks."""
    code = endpoint.data("eth_getCode", registry_address(), "latest")
    return "0x" + keccak(code).hex() == code_hash()
