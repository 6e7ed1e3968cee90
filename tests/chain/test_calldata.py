import pytest
from web3 import Web3

from chain import calldata
from wallet.ports import Address, Erase, Grant, GrantItem, LogKind, Publish, SignedChange, Word

A = Address("0x1111111111111111111111111111111111111111")
B = Address("0x2222222222222222222222222222222222222222")
OLD, NEW = Word(bytes([3]) * 32), Word(bytes([4]) * 32)
SIGNATURE = bytes([5]) * 32 + bytes([6]) * 32 + b"\x1b"
ITEMS = (GrantItem(A, bytes(32)), GrantItem(B, bytes(32)))
DEADLINE = 1_900_000_000
CONTRACT = Web3().eth.contract(abi=calldata.artifact()["abi"])
TUPLE = (SIGNATURE[:32], SIGNATURE[32:64], 27)


def signed(change) -> SignedChange:
    return SignedChange(change, DEADLINE, SIGNATURE)


def test_one_change_calls_its_own_function() -> None:
    expected = CONTRACT.encode_abi("publish", [A, NEW, DEADLINE, TUPLE])
    assert "0x" + calldata.call_of([signed(Publish(A, NEW))]).hex() == expected


def test_a_grant_to_several_calls_grant_many() -> None:
    rows = [(item.grant_id, item.commitment) for item in ITEMS]
    expected = CONTRACT.encode_abi("grantMany", [A, OLD, NEW, rows, DEADLINE, TUPLE])
    assert "0x" + calldata.call_of([signed(Grant(A, OLD, NEW, ITEMS))]).hex() == expected


def test_several_changes_call_batch() -> None:
    changes = [
        signed(Publish(A, NEW)),
        signed(Grant(A, NEW, OLD, ITEMS[:1])),
        signed(Erase(A, OLD)),
    ]
    rows = [
        (0, A, bytes(32), NEW, [], DEADLINE, TUPLE),
        (1, A, NEW, OLD, [(A, bytes(32))], DEADLINE, TUPLE),
        (5, A, OLD, bytes(32), [], DEADLINE, TUPLE),
    ]
    expected = CONTRACT.encode_abi("batch", [rows])
    assert "0x" + calldata.call_of(changes).hex() == expected


def test_the_kinds_of_a_batch_stand_in_the_contract_s_order() -> None:
    from pathlib import Path

    source = (Path(calldata.__file__).parent / "contracts" / "ConsentRegistry.sol").read_text()
    members = source.split("enum Kind {")[1].split("}")[0].replace("\n", "").split(",")
    assert tuple(member.strip() for member in members) == calldata._KINDS


def test_nothing_is_not_sent() -> None:
    with pytest.raises(ValueError, match="nothing"):
        calldata.call_of([])


def test_a_refusal_has_the_name_of_the_custom_error() -> None:
    assert set(calldata.refusals()) == {
        "AlreadyPublished",
        "DeadlinePassed",
        "DeadlineTooFar",
        "HeadInvalid",
        "ItemsInvalid",
        "MalformedSignature",
        "NotPublished",
        "OutOfDate",
        "StudyErased",
        "WrongSigner",
    }
    selector = Web3.keccak(text="NotPublished(address)")[:4]
    assert calldata.refusal(bytes(selector) + bytes(32)) == "NotPublished"


@pytest.mark.parametrize("data", [b"", b"\x08\xc3y\xa0", bytes(100)])
def test_an_unknown_refusal_is_only_reverted(data: bytes) -> None:
    assert calldata.refusal(data) == "Reverted"


@pytest.mark.parametrize("kind", LogKind)
def test_every_kind_of_entry_is_read(kind: LogKind) -> None:
    events = {
        entry["name"]: entry for entry in calldata.artifact()["abi"] if entry["type"] == "event"
    }
    event = events[kind.value.capitalize()]
    types = ",".join(each["type"] for each in event["inputs"])
    log = {
        "topics": [
            Web3.keccak(text=f"{event['name']}({types})").to_0x_hex(),
            "0x" + A[2:].rjust(64, "0"),
            "0x" + B[2:].rjust(64, "0"),
        ],
        "data": "0x" + 32 * "07",
        "blockNumber": "0x10",
        "transactionHash": "0x" + 32 * "09",
    }
    entry = calldata.log_entry(log, 5)
    assert entry is not None
    about_grant = kind in (LogKind.GRANTED, LogKind.REVOKED, LogKind.OPENED)
    assert (entry.kind, entry.study, entry.block, entry.at) == (kind, A, 16, 5)
    assert entry.grant_id == (B if about_grant else None)
    assert entry.commitment == (bytes([7]) * 32 if kind is LogKind.GRANTED else None)


@pytest.mark.parametrize("topics", [[], ["0x" + 64 * "0", "0x" + 64 * "1"]])
def test_a_log_of_another_shape_is_passed_over(topics: list[str]) -> None:
    log = {"topics": topics, "data": "0x", "blockNumber": "0x1", "transactionHash": "0x"}
    assert calldata.log_entry(log, 0) is None


def test_the_source_shows_the_events_indexed_by_study_and_grant() -> None:
    events = [entry for entry in calldata.artifact()["abi"] if entry["type"] == "event"]
    assert len(events) == 6
    for event in events:
        names = [each["name"] for each in event["inputs"] if each["indexed"]]
        assert names in (["study"], ["study", "grantId"])
