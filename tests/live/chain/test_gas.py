"""What each call costs, to the unit: on fixed keys, words, deadlines and block times.

gas.json is the snapshot; `naive` in it is a contract that keeps strings, for comparison.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from web3 import Web3

from chain import calldata, transactions, typed_data
from chain import compile as compiler
from chain.endpoint import Endpoint
from chain.hashing import checksum
from chain.local import LocalChain
from chain.registry import ConsentClient
from wallet.ports import (
    Erase,
    Grant,
    GrantItem,
    Opened,
    Publish,
    Revoke,
    Rotate,
    SignedChange,
    Word,
)

pytestmark = pytest.mark.live

STARTS_AT = 2_000_000_000
CEILINGS = {"publish": 52_000, "grant": 37_200, "revoke": 36_400, "grant to ten": 75_000}
SNAPSHOT = json.loads(Path(__file__).with_name("gas.json").read_text())
STUDY = "1.3.6.1.4.1.14519.5.2.1.7009.2403.334240657131972136850343327463"
CIDS = [f"bafyrei{letter * 52}" for letter in "abc"]


@pytest.fixture
def ground(folder, key):
    """A chain of its own, and who pays on it."""
    network = LocalChain(folder).start()
    client, payer = ConsentClient(network), key("p")
    client.fund(payer.address)
    return client, Endpoint(network, network.endpoints[0]), payer


def compact(signature: bytes) -> bytes:
    s = int.from_bytes(signature[32:64], "big") | (signature[64] - 27) << 255
    return signature[:32] + s.to_bytes(32, "big")


def pay(ground, number: int, to: str | None, data: bytes) -> dict[str, Any]:
    client, endpoint, payer = ground
    endpoint.ask("evm_setNextBlockTimestamp", STARTS_AT + 100 * number)
    if to is None:
        account = endpoint.ask("eth_accounts")[0]
        sent = endpoint.ask("eth_sendTransaction", {"from": account, "data": "0x" + data.hex()})
        client.wait(sent)
        return endpoint.ask("eth_getTransactionReceipt", sent)
    call = transactions.Call(client.registry.chain_id, to, data)
    nonce = endpoint.number("eth_getTransactionCount", payer.address, "latest")
    built = transactions.build(call, nonce, 1_000_000, transactions.fees(10**9, 0), payer)
    client.send(built)
    client.wait(built.hash)
    return endpoint.ask("eth_getTransactionReceipt", built.hash)


def new_words(endpoint: Endpoint, transaction: str) -> int:
    """How many storage words were zero before this transaction and are not after it."""
    tracer = {"tracer": "prestateTracer", "tracerConfig": {"diffMode": True}}
    change = endpoint.ask("debug_traceTransaction", transaction, tracer)
    before, after = (
        {
            (address, slot)
            for address, account in change[side].items()
            for slot, word in account.get("storage", {}).items()
            if int(word, 16)
        }
        for side in ("pre", "post")
    )
    return len(after - before)


def steps_of(s, items, words) -> dict[str, list]:
    return {
        "publish": [Publish(s, words[0])],
        "grant": [Grant(s, words[0], words[1], items[:1])],
        "revoke": [Revoke(s, words[1], words[2], items[0].grant_id)],
        "grant to ten": [Grant(s, words[2], words[3], items)],
        "rotate": [Rotate(s, words[3], words[4])],
        "opened": [Opened(s, items[0].grant_id)],
        "batch of two": [
            Revoke(s, words[4], words[5], items[0].grant_id),
            Rotate(s, words[5], words[6]),
        ],
        "erase": [Erase(s, words[6])],
    }


@pytest.mark.parametrize("kind", ["65 bytes", "compact"])
def test_no_call_costs_more_than_its_ceiling_nor_other_than_last_time(ground, key, kind) -> None:
    client, endpoint, _ = ground
    study, grant_keys = key("study"), [key(f"grant {n}") for n in range(10)]
    words = [Word(hashlib.sha256(bytes([n])).digest()) for n in range(8)]
    items = tuple(GrantItem(each.address, hashlib.sha256(b"c").digest()) for each in grant_keys)

    def sign(change, at: int) -> SignedChange:
        signer = grant_keys[0] if isinstance(change, Opened) else study
        signature = signer.sign(typed_data.digest(client.registry, change, at + 3601))
        return SignedChange(
            change, at + 3601, compact(signature) if kind == "compact" else signature
        )

    gas, fresh, sizes = {}, {}, {}
    for number, (name, changes) in enumerate(steps_of(study.address, items, words).items()):
        signed = [sign(change, STARTS_AT + 100 * number) for change in changes]
        data = calldata.call_of(signed)
        receipt = pay(ground, number, client.registry.contract, data)
        gas[name], sizes[name] = int(receipt["gasUsed"], 16), len(data)
        fresh[name] = new_words(endpoint, receipt["transactionHash"])
    assert {name: gas[name] for name in CEILINGS if gas[name] > CEILINGS[name]} == {}
    assert gas == SNAPSHOT[kind]
    assert sizes == SNAPSHOT["calldata bytes"]
    assert sizes["grant"] <= 400
    assert sizes["grant to ten"] <= 10 * 400
    assert {name for name, count in fresh.items() if count} == {"publish"}
    assert fresh["publish"] == 1


def test_keeping_strings_costs_several_times_as_much(ground) -> None:
    _, endpoint, _ = ground
    source = Path(__file__).with_name("naive.sol").read_text()
    request = compiler.standard_json(source)
    built = compiler.run(request)["output"]["contracts"][compiler.SOURCE.name]["Naive"]
    code = bytes.fromhex(built["evm"]["bytecode"]["object"])
    to = checksum(pay(ground, 0, None, code)["contractAddress"][2:])
    naive = Web3().eth.contract(abi=built["abi"])
    who = "Dr. Ada Lovelace, Radiology, St. Thomas"
    steps = {
        "publish": ("publish", [STUDY, CIDS[0]]),
        "grant": ("grant", [STUDY, CIDS[1], who, "TREAT", "2027-01-31T12:00:00Z"]),
        "revoke": ("revoke", [STUDY, CIDS[2], who]),
    }
    gas, fresh = {}, {}
    for number, (name, (function, values)) in enumerate(steps.items(), 1):
        data = bytes.fromhex(naive.encode_abi(function, values)[2:])
        receipt = pay(ground, number, to, data)
        gas[name] = int(receipt["gasUsed"], 16)
        fresh[name] = new_words(endpoint, receipt["transactionHash"])
    assert {"gas": gas, "new words": fresh} == SNAPSHOT["naive"]
    assert 2 * gas["publish"] > 3 * SNAPSHOT["65 bytes"]["publish"]
    assert gas["grant"] > 3 * SNAPSHOT["65 bytes"]["grant"]
