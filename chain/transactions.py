"""Builds the payer's EIP-1559 transactions; the digest is signed elsewhere, no key comes here."""

from __future__ import annotations

from dataclasses import dataclass

from chain.hashing import keccak
from chain.imports import recursion_limited
from wallet.ports import Address, Signer, Transaction


@dataclass(frozen=True, slots=True)
class Call:
    """What is to be sent, without who pays."""

    chain_id: int
    to: Address
    data: bytes


@dataclass(frozen=True, slots=True)
class Fees:
    """The most that is paid for a unit of gas, and what of it goes to the block's builder."""

    most_wei: int
    tip_wei: int


def fees(base_wei: int, tip_wei: int) -> Fees:
    """Return fees that hold for six full blocks in a row (each raises the base by an eighth)."""
    return Fees(2 * base_wei + tip_wei, tip_wei)


def with_margin(estimate: int) -> int:
    """Return a gas limit a quarter above the estimate; what is not used is not paid."""
    return estimate * 5 // 4


def build(call: Call, nonce: int, gas: int, price: Fees, payer: Signer) -> Transaction:
    """Return the transaction, signed by `payer`. Source: EIP-1559, EIP-2718."""
    with recursion_limited():
        from eth_account.typed_transactions.typed_transaction import TypedTransaction

    fields = {
        "type": 2,
        "chainId": call.chain_id,
        "nonce": nonce,
        "maxPriorityFeePerGas": price.tip_wei,
        "maxFeePerGas": price.most_wei,
        "gas": gas,
        "to": call.to,
        "value": 0,
        "data": call.data,
        "accessList": (),
    }
    signature = payer.sign(bytes(TypedTransaction.from_dict(fields).hash()))
    signed = {
        **fields,
        "v": signature[64] - 27,
        "r": int.from_bytes(signature[:32], "big"),
        "s": int.from_bytes(signature[32:64], "big"),
    }
    raw = bytes(TypedTransaction.from_dict(signed).encode())
    return Transaction(
        hash="0x" + keccak(raw).hex(),
        raw=raw,
        nonce=nonce,
        payer=payer.address,
        worst_fee_wei=gas * price.most_wei,
    )
