import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from chain import typed_data
from wallet.ports import (
    Address,
    Change,
    Erase,
    Grant,
    GrantItem,
    Opened,
    Publish,
    Registry,
    Revoke,
    Rotate,
    Word,
)

REGISTRY = Registry(31337, Address("0x4e59b44847b379578588920cA78FbF26c0B4956C"))
A = Address("0x1111111111111111111111111111111111111111")
B = Address("0x2222222222222222222222222222222222222222")
OLD, NEW = Word(bytes([3]) * 32), Word(bytes([4]) * 32)
ITEMS = tuple(GrantItem(B, bytes([n]) * 32) for n in range(16))
DEADLINE = 1_900_000_000

CHANGES: list[tuple[str, Change]] = [
    ("Publish", Publish(A, NEW)),
    ("Grant", Grant(A, OLD, NEW, ITEMS[:1])),
    ("GrantMany", Grant(A, OLD, NEW, ITEMS[:2])),
    ("GrantMany", Grant(A, OLD, NEW, ITEMS)),
    ("Revoke", Revoke(A, OLD, NEW, B)),
    ("Rotate", Rotate(A, OLD, NEW)),
    ("Erase", Erase(A, OLD)),
    ("Opened", Opened(A, B)),
]


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_a_digest_is_the_one_of_eth_account(name: str, change: Change, key) -> None:
    message = typed_data.to_json(REGISTRY, change, DEADLINE)
    assert message["primaryType"] == name
    encoded = encode_typed_data(full_message=message)
    signer = key("anyone")
    signature = signer.sign(typed_data.digest(REGISTRY, change, DEADLINE))
    assert Account.recover_message(encoded, signature=signature) == signer.address


def test_every_digest_is_another() -> None:
    other_chain = Registry(1, REGISTRY.contract)
    other_contract = Registry(REGISTRY.chain_id, A)
    digests = {
        typed_data.digest(registry, change, deadline)
        for registry in (REGISTRY, other_chain, other_contract)
        for _, change in CHANGES
        for deadline in (DEADLINE, DEADLINE + 1)
    }
    assert len(digests) == 3 * len(CHANGES) * 2


def test_the_types_are_those_of_the_contract_s_source() -> None:
    from pathlib import Path

    source = Path(typed_data.__file__).with_name("contracts") / "ConsentRegistry.sol"
    text = source.read_text()
    assert len(typed_data.TYPES) == 7
    for name, fields in typed_data.TYPES.items():
        assert f"{name}({','.join(f'{kind} {field}' for field, kind in fields)})" in text


@pytest.mark.parametrize("items", [(), ITEMS + ITEMS[:1]])
def test_a_grant_of_none_or_of_seventeen_is_our_mistake(items: tuple[GrantItem, ...]) -> None:
    with pytest.raises(ValueError, match="1 to 16"):
        typed_data.digest(REGISTRY, Grant(A, OLD, NEW, items), DEADLINE)


@pytest.mark.parametrize(
    "change",
    [
        Publish(A, Word(bytes(31))),
        Publish(Address("0x11"), NEW),
        Grant(A, OLD, NEW, (GrantItem(B, b"short"),)),
    ],
)
def test_what_is_not_of_the_right_length_is_our_mistake(change: Change) -> None:
    with pytest.raises(ValueError, match="bytes are needed"):
        typed_data.digest(REGISTRY, change, DEADLINE)
