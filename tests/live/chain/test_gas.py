"""What each call costs, to the unit: on fixed keys, words, deadlines and block times."""

import hashlib

import pytest

from chain import calldata, transactions, typed_data
from chain.endpoint import Endpoint
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
SNAPSHOT = {
    "publish": 51_575,
    "grant": 36_829,
    "revoke": 36_102,
    "grant to ten": 66_807,
    "rotate": 35_121,
    "opened": 31_703,
    "batch of two": 47_754,
    "erase": 34_450,
}


@pytest.fixture
def measured(folder, key) -> dict[str, int]:
    network = LocalChain(folder).start()
    client, endpoint, payer = (
        ConsentClient(network),
        Endpoint(network, network.endpoints[0]),
        key("p"),
    )
    client.fund(payer.address)
    study, grant_keys = key("study"), [key(f"grant {n}") for n in range(10)]
    words = [Word(hashlib.sha256(bytes([n])).digest()) for n in range(8)]
    items = tuple(GrantItem(each.address, hashlib.sha256(b"c").digest()) for each in grant_keys)
    s = study.address

    def sign(change, at: int) -> SignedChange:
        signer = grant_keys[0] if isinstance(change, Opened) else study
        digest = typed_data.digest(client.registry, change, at + 3601)
        return SignedChange(change, at + 3601, signer.sign(digest))

    steps = {
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
    used = {}
    for number, (name, changes) in enumerate(steps.items()):
        at = STARTS_AT + 100 * number
        endpoint.ask("evm_setNextBlockTimestamp", at)
        data = calldata.call_of([sign(change, at) for change in changes])
        call = transactions.Call(network.chain_id, network.contract, data)
        price = transactions.fees(10**9, 0)
        transaction = transactions.build(call, number, 200_000, price, payer)
        client.send(transaction)
        used[name] = client.wait(transaction.hash).gas
    return used


def test_no_call_costs_more_than_its_ceiling_nor_other_than_last_time(measured) -> None:
    assert {name: measured[name] for name in CEILINGS if measured[name] > CEILINGS[name]} == {}
    assert measured == SNAPSHOT
