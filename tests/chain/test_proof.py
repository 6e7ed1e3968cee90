"""Proofs: one that Anvil gave (three words of a registry with 24), and what must be refused."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chain import proof
from chain.calldata import slot_of
from chain.hashing import keccak

VECTOR = json.loads(Path(__file__).with_name("proof.json").read_text())
ROOT = bytes.fromhex(VECTOR["state_root"])
SLOTS = [slot_of(study) for study in VECTOR["studies"]]


def check(answer: Any, root: bytes = ROOT, slots: list[bytes] = SLOTS) -> list[bytes]:
    account = proof.account(root, VECTOR["contract"], answer)
    return proof.words(account.storage_root, slots, answer)


def test_a_long_a_short_and_an_absent_word_are_proven() -> None:
    assert [word.hex() for word in check(VECTOR["proof"])] == VECTOR["words"]
    assert VECTOR["words"][0] == "05".rjust(64, "0")
    assert VECTOR["words"][2] == 64 * "0"


def test_the_code_hash_is_proven_too() -> None:
    account = proof.account(ROOT, VECTOR["contract"], VECTOR["proof"])
    assert "0x" + account.code_hash.hex() == VECTOR["code_hash"]


def test_an_address_that_is_not_there_has_no_code() -> None:
    empty = keccak(b"\x80")
    account = proof.account(empty, VECTOR["contract"], {"accountProof": []})
    assert account.code_hash == keccak(b"")
    assert proof.words(account.storage_root, SLOTS[:1], {"storageProof": [{"proof": []}]}) == [
        bytes(32)
    ]


def inside(answer: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        answer = answer[step]
    return answer


def test_a_changed_byte_anywhere_is_found() -> None:
    tried = 0
    places = [("accountProof",), *(("storageProof", n, "proof") for n in range(len(SLOTS)))]
    for place in places:
        nodes = inside(VECTOR["proof"], place)
        for number, node in enumerate(nodes):
            for at in range(2, len(node), 31):
                answer = copy.deepcopy(VECTOR["proof"])
                digit = "0" if node[at] != "0" else "1"
                inside(answer, place)[number] = node[:at] + digit + node[at + 1 :]
                with pytest.raises(proof.ProofInvalid):
                    check(answer)
                tried += 1
    assert tried > 100


Change = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer["storageProof"].pop(),
        lambda answer: answer["storageProof"].reverse(),
        lambda answer: answer["storageProof"][1]["proof"].pop(),
        lambda answer: answer["storageProof"][2]["proof"].pop(),
        lambda answer: answer["storageProof"][0].update(proof=[]),
        lambda answer: answer["storageProof"][0].update(proof=None),
        lambda answer: answer["storageProof"][0].update(proof=["0xzz"]),
        lambda answer: answer["storageProof"][0].update(proof=[5]),
        lambda answer: answer["storageProof"].__setitem__(0, None),
        lambda answer: answer.pop("storageProof"),
        lambda answer: answer.update(storageProof={}),
        lambda answer: answer.pop("accountProof"),
        lambda answer: answer["accountProof"].pop(),
        lambda answer: answer["accountProof"].reverse(),
        lambda answer: answer.update(accountProof=[]),
    ],
)
def test_a_proof_with_pieces_missing_or_moved_is_refused(change: Change) -> None:
    answer = copy.deepcopy(VECTOR["proof"])
    change(answer)
    with pytest.raises(proof.ProofInvalid):
        check(answer)


def test_a_proof_of_other_slots_or_another_state_is_refused() -> None:
    with pytest.raises(proof.ProofInvalid):
        check(VECTOR["proof"], slots=[SLOTS[1], SLOTS[0], SLOTS[2]])
    with pytest.raises(proof.ProofInvalid):
        check(VECTOR["proof"], root=keccak(b"another state"))


@pytest.mark.parametrize(
    "node",
    [
        b"",
        b"\xc0",
        b"\xc1\x80",
        b"\xc2\x80\x80",
        b"\xc3\x80\x80\x80",
        b"\xc2\xc0\x80",
        b"\xc2\x40\x80",
        b"\xc3\x20",
        b"\xc2\x20\x05\x00",
        b"\xf8",
        b"\xff" + b"\xff" * 8,
        b"\xc2\x00\xc0",
    ],
)
def test_a_root_that_is_no_node_is_refused(node: bytes) -> None:
    answer = {"storageProof": [{"proof": ["0x" + node.hex()]}]}
    with pytest.raises(proof.ProofInvalid):
        proof.words(keccak(node), SLOTS[:1], answer)
