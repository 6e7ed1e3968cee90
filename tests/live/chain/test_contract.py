"""The contract on Anvil: what it takes, what it refuses, what it writes down."""

import time
from dataclasses import replace

import pytest
from web3 import Web3

from chain import calldata, typed_data
from chain.endpoint import Answered
from wallet.errors import LedgerRefused
from wallet.ports import (
    WORD_ERASED,
    WORD_NONE,
    Address,
    Erase,
    Grant,
    GrantItem,
    LogKind,
    Opened,
    Publish,
    Registry,
    Revoke,
    Rotate,
    SignedChange,
    Word,
)

pytestmark = pytest.mark.live

CONTRACT = Web3().eth.contract(abi=calldata.artifact()["abi"])
HOUR = 3600
DAY = 86_400
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def soon() -> int:
    return int(time.time()) + HOUR


def refused(desk, *changes: SignedChange) -> str:
    with pytest.raises(LedgerRefused) as caught:
        desk.client.prepare(changes, desk.payer)
    return caught.value.why


def items(key, count: int) -> tuple[GrantItem, ...]:
    return tuple(GrantItem(key(f"grant {n}").address, bytes([n + 1]) * 32) for n in range(count))


def test_a_study_s_whole_life_is_in_the_log(desk, study, word, key) -> None:
    a, b, c, d, e = (word() for _ in range(5))
    one, *more = items(key, 5)
    s = study.address
    desk.do(Publish(s, a), study)
    desk.do(Grant(s, a, b, (one,)), study)
    desk.do(Opened(s, one.grant_id), key("grant 0"))
    desk.do(Revoke(s, b, c, one.grant_id), study)
    desk.do(Rotate(s, c, d), study)
    desk.do(Grant(s, d, e, tuple(more)), study)
    assert desk.client.read([s]).words == {s: e}
    receipt = desk.do(Erase(s, e), study)
    assert desk.client.read([s]).words == {s: WORD_ERASED}
    log = desk.client.log(s)
    assert [(entry.kind, entry.grant_id, entry.commitment) for entry in log] == [
        (LogKind.PUBLISHED, None, None),
        (LogKind.GRANTED, one.grant_id, one.commitment),
        (LogKind.OPENED, one.grant_id, None),
        (LogKind.REVOKED, one.grant_id, None),
        (LogKind.ROTATED, None, None),
        *((LogKind.GRANTED, item.grant_id, item.commitment) for item in more),
        (LogKind.ERASED, None, None),
    ]
    assert (log[-1].block, log[-1].transaction) == (receipt.block, receipt.transaction)
    assert all(entry.study == s for entry in log)
    for entry in log:
        head = desk.endpoint.head(hex(entry.block))
        assert head is not None
        assert entry.at == head.at


def test_heads_answers_many_at_once_as_the_proofs_do(desk, study, word, key) -> None:
    desk.do(Publish(study.address, word()), study)
    studies = [study.address, *(key(f"nobody {n}").address for n in range(150))]
    words = desk.client.read(studies).words
    assert words[studies[1]] == WORD_NONE
    call = {
        "to": desk.client.registry.contract,
        "data": CONTRACT.encode_abi("heads", [studies]),
    }
    answer = desk.endpoint.data("eth_call", call, "latest")
    assert answer[64:] == b"".join(words[each] for each in studies)


def test_a_study_is_published_once(desk, study, word) -> None:
    first = desk.client.sign(Publish(study.address, word()), study)
    desk.send([first])
    assert refused(desk, first) == "AlreadyPublished"
    assert refused(desk, desk.client.sign(Publish(study.address, word()), study)) == (
        "AlreadyPublished"
    )


@pytest.mark.parametrize("head", [WORD_NONE, WORD_ERASED])
def test_a_reserved_word_is_no_head(desk, study, word, key, head: Word) -> None:
    s, a = study.address, word()
    assert refused(desk, desk.client.sign(Publish(s, head), study)) == "HeadInvalid"
    desk.do(Publish(s, a), study)
    for change in (
        Grant(s, a, head, items(key, 1)),
        Grant(s, a, head, items(key, 2)),
        Revoke(s, a, head, key("grant 0").address),
        Rotate(s, a, head),
    ):
        assert refused(desk, desk.client.sign(change, study)) == "HeadInvalid"


def test_a_head_is_never_its_own_successor(desk, study, word, key) -> None:
    s, a = study.address, word()
    desk.do(Publish(s, a), study)
    for change in (
        Grant(s, a, a, items(key, 1)),
        Grant(s, a, a, items(key, 3)),
        Revoke(s, a, a, key("grant 0").address),
        Rotate(s, a, a),
    ):
        assert refused(desk, desk.client.sign(change, study)) == "HeadInvalid"


def successors(s: Address, previous: Word, head: Word, key) -> list:
    return [
        Grant(s, previous, head, items(key, 1)),
        Grant(s, previous, head, items(key, 2)),
        Revoke(s, previous, head, key("grant 0").address),
        Rotate(s, previous, head),
        Erase(s, previous),
    ]


def test_nothing_follows_what_was_not_published(desk, study, word, key) -> None:
    for previous in (WORD_NONE, WORD_ERASED, word()):
        for change in successors(study.address, previous, word(), key):
            assert refused(desk, desk.client.sign(change, study)) == "NotPublished"
    opened = Opened(study.address, key("grant 0").address)
    assert refused(desk, desk.client.sign(opened, key("grant 0"))) == "NotPublished"


def test_nothing_follows_the_tombstone(desk, study, word, key) -> None:
    s, a = study.address, word()
    desk.do(Publish(s, a), study)
    desk.do(Erase(s, a), study)
    for previous in (WORD_NONE, WORD_ERASED, a):
        for change in successors(s, previous, word(), key):
            assert refused(desk, desk.client.sign(change, study)) == "StudyErased"
    assert refused(desk, desk.client.sign(Publish(s, word()), study)) == "StudyErased"
    opened = Opened(s, key("grant 0").address)
    assert refused(desk, desk.client.sign(opened, key("grant 0"))) == "StudyErased"


def test_two_machines_of_one_patient_cannot_overwrite_each_other(desk, study, word, key) -> None:
    s, a = study.address, word()
    desk.do(Publish(s, a), study)
    late = [desk.client.sign(change, study) for change in successors(s, a, word(), key)]
    desk.do(Rotate(s, a, word()), study)
    assert [refused(desk, each) for each in late] == ["OutOfDate"] * 5


def test_a_message_is_used_once(desk, study, word, key) -> None:
    s, a, b, c = study.address, word(), word(), word()
    desk.do(Publish(s, a), study)
    granted = desk.client.sign(Grant(s, a, b, items(key, 1)), study)
    desk.send([granted])
    assert refused(desk, granted) == "OutOfDate"
    desk.do(Revoke(s, b, c, key("grant 0").address), study)
    assert refused(desk, granted) == "OutOfDate"


def test_a_passed_deadline_is_refused(desk, study, word) -> None:
    past = desk.sign(Publish(study.address, word()), study, int(time.time()) - 60)
    assert refused(desk, past) == "DeadlinePassed"


def test_a_deadline_more_than_a_day_ahead_is_refused(desk, study, word) -> None:
    far = desk.sign(Publish(study.address, word()), study, int(time.time()) + DAY + 600)
    assert refused(desk, far) == "DeadlineTooFar"
    farthest = desk.sign(Publish(study.address, word()), study, 2**64 - 1)
    assert refused(desk, farthest) == "DeadlineTooFar"
    desk.send([desk.client.sign(Publish(study.address, word()), study, DAY)])


def test_a_deadline_that_was_put_off_is_another_message(desk, study, word) -> None:
    signed = desk.client.sign(Publish(study.address, word()), study)
    assert refused(desk, replace(signed, deadline_at=signed.deadline_at + 1)) == "WrongSigner"


def test_somebody_else_s_signature_is_refused(desk, study, word, key) -> None:
    thief, s, a = key("thief"), study.address, word()
    assert refused(desk, desk.sign(Publish(s, a), thief, soon())) == "WrongSigner"
    desk.do(Publish(s, a), study)
    for change in successors(s, a, word(), key):
        assert refused(desk, desk.sign(change, thief, soon())) == "WrongSigner"


def test_the_study_key_cannot_report_for_the_grantee(desk, study, word, key) -> None:
    desk.do(Publish(study.address, word()), study)
    opened = Opened(study.address, key("grant 0").address)
    assert refused(desk, desk.sign(opened, study, soon())) == "WrongSigner"


def test_a_message_of_one_study_is_nothing_for_another(desk, study, word, key) -> None:
    other = key("another study " + study.address)
    signed = desk.client.sign(Publish(study.address, word()), study)
    stolen = Publish(other.address, signed.change.head)
    assert refused(desk, replace(signed, change=stolen)) == "WrongSigner"


@pytest.mark.parametrize("chain_id", [1, 560048])
def test_a_message_of_another_chain_is_refused(desk, study, word, chain_id: int) -> None:
    change = Publish(study.address, word())
    abroad = Registry(chain_id, desk.client.registry.contract)
    signature = study.sign(typed_data.digest(abroad, change, soon()))
    assert refused(desk, SignedChange(change, soon(), signature)) == "WrongSigner"


def test_a_message_for_another_contract_is_refused(desk, study, word, key) -> None:
    change, deadline_at = Publish(study.address, word()), soon()
    abroad = Registry(desk.client.registry.chain_id, key("contract").address)
    signature = study.sign(typed_data.digest(abroad, change, deadline_at))
    assert refused(desk, SignedChange(change, deadline_at, signature)) == "WrongSigner"


def test_a_revocation_is_not_taken_for_a_rotation(desk, study, word, key) -> None:
    s, a, b = study.address, word(), word()
    desk.do(Publish(s, a), study)
    signed = desk.client.sign(Revoke(s, a, b, key("grant 0").address), study)
    assert refused(desk, replace(signed, change=Rotate(s, a, b))) == "WrongSigner"


def test_a_malleated_signature_is_refused(desk, study, word) -> None:
    signed = desk.client.sign(Publish(study.address, word()), study)
    r, v = signed.signature[:32], signed.signature[64]
    s = int.from_bytes(signed.signature[32:64], "big")
    twin = r + (ORDER - s).to_bytes(32, "big") + bytes([55 - v])
    assert refused(desk, replace(signed, signature=twin)) == "MalformedSignature"


@pytest.mark.parametrize("v", [1, 2, 26, 29, 255])
def test_only_27_and_28_are_recovery_numbers(desk, study, word, v: int) -> None:
    signed = desk.client.sign(Publish(study.address, word()), study)
    other = signed.signature[:64] + bytes([v])
    assert refused(desk, replace(signed, signature=other)) == "MalformedSignature"


def test_a_signature_of_nobody_does_not_open_the_study_of_the_zero_address(desk, word) -> None:
    nobody = Address("0x" + 40 * "0")
    change = Publish(nobody, word())
    for signature in (bytes(64) + b"\x1b", b"\xff" * 32 + b"\x01" * 32 + b"\x1c"):
        signed = SignedChange(change, soon(), signature)
        assert refused(desk, signed) == "MalformedSignature"


def test_the_highest_low_s_is_still_looked_at(desk, study, word) -> None:
    half = (ORDER // 2).to_bytes(32, "big")
    above = (ORDER // 2 + 1).to_bytes(32, "big")
    signed = desk.client.sign(Publish(study.address, word()), study)
    r = signed.signature[:32]
    assert refused(desk, replace(signed, signature=r + half + b"\x1b")) == "WrongSigner"
    assert refused(desk, replace(signed, signature=r + above + b"\x1b")) == "MalformedSignature"


@pytest.mark.parametrize("count", [0, 17])
def test_grant_many_is_for_one_to_sixteen(desk, study, word, key, count: int) -> None:
    rows = [(item.grant_id, item.commitment) for item in items(key, count)]
    arguments = [study.address, word(), word(), rows, soon(), (bytes(32), bytes(32), 27)]
    call = {
        "to": desk.client.registry.contract,
        "data": CONTRACT.encode_abi("grantMany", arguments),
    }
    with pytest.raises(Answered) as caught:
        desk.endpoint.ask("eth_call", call, "latest")
    assert calldata.refusal(caught.value.data) == "ItemsInvalid"


def test_sixteen_are_granted_at_once(desk, study, word, key) -> None:
    a = word()
    desk.do(Publish(study.address, a), study)
    desk.do(Grant(study.address, a, word(), items(key, 16)), study)
    granted = [entry.grant_id for entry in desk.client.log(study.address)[1:]]
    assert granted == [item.grant_id for item in items(key, 16)]


def test_a_batch_applies_every_kind_in_order(desk, study, word, key) -> None:
    s, a, b, c, d, e = study.address, *(word() for _ in range(5))
    grants = items(key, 4)
    changes = [
        Publish(s, a),
        Grant(s, a, b, grants[:1]),
        Grant(s, b, c, grants[1:]),
        Revoke(s, c, d, grants[0].grant_id),
        Rotate(s, d, e),
        Erase(s, e),
    ]
    signed = [desk.client.sign(change, study) for change in changes]
    opened = desk.client.sign(Opened(s, grants[1].grant_id), key("grant 1"))
    desk.send([*signed[:5], opened, signed[5]])
    kinds = [entry.kind for entry in desk.client.log(s)]
    assert kinds == [
        LogKind.PUBLISHED,
        *[LogKind.GRANTED] * 4,
        LogKind.REVOKED,
        LogKind.ROTATED,
        LogKind.OPENED,
        LogKind.ERASED,
    ]
    assert desk.client.read([s]).words[s] == WORD_ERASED


def test_a_batch_is_applied_whole_or_not_at_all(desk, study, word, key) -> None:
    s, a, b = study.address, word(), word()
    good = desk.client.sign(Publish(s, a), study)
    bad = desk.sign(Rotate(s, a, b), key("thief"), soon())
    assert refused(desk, good, bad) == "WrongSigner"
    assert desk.client.read([s]).words[s] == WORD_NONE


def test_a_batch_takes_no_grant_of_two_under_the_name_of_one(desk, study, word, key) -> None:
    rows = [(item.grant_id, item.commitment) for item in items(key, 2)]
    for kind in (1, 3, 6):
        change = (kind, study.address, word(), word(), rows, soon(), (bytes(32), bytes(32), 27))
        data = CONTRACT.encode_abi("batch", [[change]])
        with pytest.raises(Answered) as caught:
            desk.endpoint.ask(
                "eth_call", {"to": desk.client.registry.contract, "data": data}, "latest"
            )
        assert calldata.refusal(caught.value.data) == "ItemsInvalid"


def test_the_contract_takes_no_ether_and_no_unknown_call(desk) -> None:
    to = desk.client.registry.contract
    account = desk.endpoint.ask("eth_accounts")[0]
    for call in ({"from": account, "to": to, "value": "0x1"}, {"to": to, "data": "0xdeadbeef"}):
        with pytest.raises(Answered):
            desk.endpoint.ask("eth_call", call, "latest")
