"""Whose signature counts, in which form, for how long, on which chain, whoever pays."""

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import decode
from eth_account import Account
from web3 import Web3

from chain import calldata, transactions, typed_data
from chain import compile as compiler
from chain.endpoint import Answered, Endpoint
from chain.hashing import checksum
from chain.local import LocalChain
from wallet.errors import LedgerRefused
from wallet.ports import (
    WORD_ERASED,
    WORD_NONE,
    Erase,
    Grant,
    GrantItem,
    Opened,
    Publish,
    Registry,
    Revoke,
    Rotate,
    SignedChange,
    Signer,
    Word,
)

pytestmark = pytest.mark.live

HALF = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
TOP = 1 << 255
DAY = 86_400
STARTS_AT = 2_000_000_000
VECTORS = json.loads((Path(__file__).parents[2] / "vectors/eip712/consent-ethers.json").read_text())


def compact(signature: bytes) -> bytes:
    s = int.from_bytes(signature[32:64], "big") | (signature[64] - 27) << 255
    return signature[:32] + s.to_bytes(32, "big")


def refusal(endpoint: Endpoint, to: str, data: bytes) -> tuple[Any, ...]:
    """The custom error's name and values."""
    with pytest.raises(Answered) as caught:
        endpoint.ask("eth_call", {"to": to, "data": "0x" + data.hex()}, "latest")
    name = calldata.refusal(caught.value.data)
    types = [each["type"] for each in calldata._entries("error")[name]["inputs"]]
    return name, *decode(types, caught.value.data[4:])


def refused(desk, signed: SignedChange) -> tuple[Any, ...]:
    return refusal(desk.endpoint, desk.client.registry.contract, calldata.call_of([signed]))


def whole_life(s, word, key) -> list:
    one, *more = (GrantItem(key(f"life {n}").address, bytes([n]) * 32) for n in range(1, 4))
    a, b, c, d, e = (word() for _ in range(5))
    return [
        (Publish(s, a), None),
        (Grant(s, a, b, (one,)), None),
        (Grant(s, b, c, tuple(more)), None),
        (Opened(s, one.grant_id), key("life 1")),
        (Revoke(s, c, d, one.grant_id), None),
        (Rotate(s, d, e), None),
        (Erase(s, e), None),
    ]


@pytest.mark.parametrize("together", [False, True])
def test_a_whole_life_may_be_signed_compactly(desk, study, word, key, together: bool) -> None:
    signed = [
        desk.client.sign(change, by or study) for change, by in whole_life(study.address, word, key)
    ]
    signed = [replace(each, signature=compact(each.signature)) for each in signed]
    assert {len(each.signature) for each in signed} == {64}
    for changes in [signed] if together else [[each] for each in signed]:
        desk.send(changes)
    assert desk.client.read([study.address]).words == {study.address: WORD_ERASED}
    assert len(desk.client.log(study.address)) == 8


def test_a_compact_signature_with_the_other_recovery_bit_is_another_s(desk, study, word) -> None:
    signed = desk.client.sign(Publish(study.address, word()), study)
    short = compact(signed.signature)
    other = short[:32] + (int.from_bytes(short[32:], "big") ^ TOP).to_bytes(32, "big")
    name, expected, actual = refused(desk, replace(signed, signature=other))
    assert (name, expected) == ("WrongSigner", study.address.lower())
    assert actual not in (expected, "0x" + 40 * "0")


@pytest.mark.parametrize("bit", [0, TOP])
def test_the_highest_low_s_of_a_compact_signature_is_still_looked_at(
    desk, study, word, bit: int
) -> None:
    signed = desk.client.sign(Publish(study.address, word()), study)
    r = signed.signature[:32]
    low, high = ((n | bit).to_bytes(32, "big") for n in (HALF, HALF + 1))
    assert refused(desk, replace(signed, signature=r + low))[0] == "WrongSigner"
    assert refused(desk, replace(signed, signature=r + high)) == (
        "MalformedSignature",
        study.address.lower(),
        r,
        high,
        0,
    )


def test_the_recovery_bit_above_s_is_for_compact_signatures_alone(desk, study, word) -> None:
    signed = desk.client.sign(Publish(study.address, word()), study)
    r, s, v = signed.signature[:32], signed.signature[32:64], signed.signature[64]
    bent = (int.from_bytes(s, "big") | TOP).to_bytes(32, "big")
    answer = refused(desk, replace(signed, signature=r + bent + bytes([v])))
    assert answer == ("MalformedSignature", study.address.lower(), r, bent, v)


@pytest.mark.parametrize("length", [0, 32, 63, 66])
def test_a_signature_of_another_length_is_our_mistake(study, word, length: int) -> None:
    signed = SignedChange(Publish(study.address, word()), 1, bytes(length))
    with pytest.raises(ValueError, match="65 bytes"):
        calldata.call_of([signed])


def test_a_compact_signature_of_nobody_opens_nothing(desk, word) -> None:
    nobody = checksum(40 * "0")
    for signature in (bytes(64), b"\xff" * 32 + bytes(31) + b"\1"):
        signed = SignedChange(Publish(nobody, word()), int(time.time()) + 60, signature)
        assert refused(desk, signed)[0] == "MalformedSignature"


def test_a_refusal_carries_what_was_wrong(desk, study, word, key) -> None:
    s, a, b, thief = study.address, word(), word(), key("thief")
    now = int(time.time())
    low = s.lower()
    wrong = refused(desk, desk.sign(Publish(s, a), thief, now + 60))
    assert wrong == ("WrongSigner", low, thief.address.lower())
    assert refused(desk, desk.client.sign(Publish(s, WORD_ERASED), study)) == (
        "HeadInvalid",
        low,
        WORD_ERASED,
    )
    assert refused(desk, desk.client.sign(Rotate(s, a, b), study)) == ("NotPublished", low)
    desk.do(Publish(s, a), study)
    assert refused(desk, desk.client.sign(Publish(s, b), study)) == ("AlreadyPublished", low, a)
    assert refused(desk, desk.client.sign(Rotate(s, b, a), study)) == ("OutOfDate", low, b, a)
    assert refused(desk, desk.client.sign(Rotate(s, a, a), study)) == ("HeadInvalid", low, a)
    name, deadline, now_at = refused(desk, desk.sign(Rotate(s, a, b), study, now - 60))
    assert (name, deadline, now_at >= now - 1) == ("DeadlinePassed", now - 60, True)
    name, deadline, now_at = refused(desk, desk.sign(Rotate(s, a, b), study, now + DAY + 60))
    assert (name, deadline, now_at >= now - 1) == ("DeadlineTooFar", now + DAY + 60, True)
    desk.do(Erase(s, a), study)
    assert refused(desk, desk.client.sign(Rotate(s, a, b), study)) == ("StudyErased", low)


@dataclass(frozen=True)
class Ground:
    endpoint: Endpoint
    registry: Registry
    payer: Signer

    def takes(self, signed: SignedChange, at: int | None = None) -> bool:
        """Whether a transaction in a block of that time succeeds."""
        ask = self.endpoint.ask
        if at is not None:
            ask("evm_setNextBlockTimestamp", at)
        data = calldata.call_of([signed])
        call = transactions.Call(self.endpoint.chain_id(), self.registry.contract, data)
        nonce = self.endpoint.number("eth_getTransactionCount", self.payer.address, "latest")
        sent = transactions.build(call, nonce, 200_000, transactions.fees(10**9, 0), self.payer)
        ask("eth_sendRawTransaction", "0x" + sent.raw.hex())
        while (receipt := ask("eth_getTransactionReceipt", sent.hash)) is None:
            pass
        return int(receipt["status"], 16) == 1

    def word(self, study: str) -> bytes:
        slot = "0x" + calldata.slot_of(study).hex()
        return self.endpoint.data("eth_getStorageAt", self.registry.contract, slot, "latest")


@pytest.fixture
def ground(folder, key) -> Ground:
    """A chain of its own, whose clock and id may be set."""
    network = LocalChain(folder).start()
    endpoint, payer = Endpoint(network, network.endpoints[0]), key("payer")
    endpoint.ask("anvil_setBalance", payer.address, hex(10**18))
    return Ground(endpoint, network.registry, payer)


@pytest.mark.parametrize(
    ("after_s", "taken"), [(-1, False), (0, True), (DAY, True), (DAY + 1, False)]
)
def test_a_deadline_counts_to_the_second(ground, study, word, after_s: int, taken: bool) -> None:
    registry = ground.registry
    change, deadline_at = Publish(study.address, word()), STARTS_AT + after_s
    signature = study.sign(typed_data.digest(registry, change, deadline_at))
    assert ground.takes(SignedChange(change, deadline_at, signature), STARTS_AT) is taken


def test_after_a_fork_a_message_counts_on_its_own_side_alone(ground, study, word) -> None:
    endpoint, registry = ground.endpoint, ground.registry
    new = Registry(registry.chain_id + 1, registry.contract)
    s, a, b = study.address, word(), word()

    def signed(where: Registry, change) -> SignedChange:
        at = int(time.time()) + 60
        return SignedChange(change, at, study.sign(typed_data.digest(where, change, at)))

    assert ground.takes(signed(registry, Publish(s, a)))
    old_side, new_side = (signed(where, Rotate(s, a, b)) for where in (registry, new))
    assert not ground.takes(new_side)
    endpoint.ask("anvil_setChainId", new.chain_id)
    assert not ground.takes(old_side)
    assert ground.word(s) == a
    assert ground.takes(new_side)
    assert ground.word(s) == b
    domain = endpoint.data("eth_call", asked_domain(registry), "latest")
    assert decode(["bytes1", "string", "string", "uint256"], domain)[3] == new.chain_id


def asked_domain(registry: Registry) -> dict[str, str]:
    return {"to": registry.contract, "data": "0x" + Web3.keccak(text="eip712Domain()")[:4].hex()}


def test_the_domain_that_is_told_is_the_one_that_counts(desk) -> None:
    registry = desk.client.registry
    answer = desk.endpoint.data("eth_call", asked_domain(registry), "latest")
    types = ["bytes1", "string", "string", "uint256", "address", "bytes32", "uint256[]"]
    assert decode(types, answer) == (
        b"\x0f",
        "Rayfolio",
        "1",
        registry.chain_id,
        registry.contract.lower(),
        bytes(32),
        (),
    )


def test_a_contract_s_wallet_can_pay(desk, study, word) -> None:
    source = Path(__file__).with_name("purse.sol").read_text()
    built = compiler.run(compiler.standard_json(source))["output"]["contracts"]
    purse = built[compiler.SOURCE.name]["Purse"]
    account = desk.endpoint.ask("eth_accounts")[0]
    code = "0x" + purse["evm"]["bytecode"]["object"]
    sent = desk.endpoint.ask("eth_sendTransaction", {"from": account, "data": code})
    desk.client.wait(sent)
    at = Web3.to_checksum_address(
        desk.endpoint.ask("eth_getTransactionReceipt", sent)["contractAddress"]
    )
    head = word()
    call = calldata.call_of([desk.client.sign(Publish(study.address, head), study)])
    data = (
        Web3()
        .eth.contract(abi=purse["abi"])
        .encode_abi("pay", [desk.client.registry.contract, call])
    )
    sent = desk.endpoint.ask("eth_sendTransaction", {"from": account, "to": at, "data": data})
    desk.client.wait(sent)
    assert desk.client.read([study.address]).words == {study.address: head}
    again = bytes.fromhex(data[2:])
    assert refusal(desk.endpoint, at, again) == ("AlreadyPublished", study.address.lower(), head)


def test_what_eth_account_signs_is_taken(desk, word, key) -> None:
    account = Account.create()
    s = checksum(account.address[2:])
    for change, by in whole_life(s, word, key):
        at = int(time.time()) + 60
        message = typed_data.to_json(desk.client.registry, change, at)
        if by is None:
            signature = bytes(account.sign_typed_data(full_message=message).signature)
        else:
            signature = by.sign(typed_data.digest(desk.client.registry, change, at))
        desk.send([SignedChange(change, at, signature)])
    assert desk.client.read([s]).words == {s: WORD_ERASED}


def change_of(name: str, message: dict[str, Any]):
    study = message["study"]
    previous, head = (
        Word(bytes.fromhex(message.get(each, "0x")[2:])) for each in ("previous", "head")
    )
    rows = message.get("items") or ([message] if "commitment" in message else [])
    items = tuple(GrantItem(row["grantId"], bytes.fromhex(row["commitment"][2:])) for row in rows)
    return {
        "Publish": lambda: Publish(study, head),
        "Grant": lambda: Grant(study, previous, head, items),
        "GrantMany": lambda: Grant(study, previous, head, items),
        "Opened": lambda: Opened(study, message["grantId"]),
        "Revoke": lambda: Revoke(study, previous, head, message["grantId"]),
        "Rotate": lambda: Rotate(study, previous, head),
        "Erase": lambda: Erase(study, previous),
    }[name]()


@pytest.mark.parametrize("form", ["signature", "compact"])
def test_what_ethers_signs_is_taken(ground, form: str) -> None:
    registry = ground.registry
    domain = VECTORS["domain"]
    assert Registry(domain["chainId"], domain["verifyingContract"]) == registry, "see ethers.mjs"
    assert len(VECTORS["rows"]) == len(typed_data.TYPES)
    for number, row in enumerate(VECTORS["rows"]):
        change, at = change_of(row["name"], row["message"]), row["message"]["deadline"]
        assert typed_data.digest(registry, change, at).hex() == row["digest"][2:]
        signed = SignedChange(change, at, bytes.fromhex(row[form][2:]))
        assert ground.takes(signed, at - 3600 + number), row["name"]
    assert ground.word(VECTORS["rows"][0]["message"]["study"]) == WORD_ERASED


def test_nobody_s_word_is_empty(desk) -> None:
    assert desk.client.read([checksum(40 * "0")]).words == {checksum(40 * "0"): WORD_NONE}


def test_a_sponsor_cannot_send_what_was_signed_for_another_word(desk, study, word) -> None:
    s, a, b = study.address, word(), word()
    desk.do(Publish(s, a), study)
    signed = desk.client.sign(Rotate(s, a, b), study)
    for change in (Rotate(s, a, word()), Rotate(s, b, a)):
        with pytest.raises(LedgerRefused, match="WrongSigner"):
            desk.client.prepare([replace(signed, change=change)], desk.payer)
