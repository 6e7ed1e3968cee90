"""The contract against a model of ten lines: whatever anyone tries, both take and refuse the same.

Owner, stranger, sponsor and grantee sign and send in any order, alone or in batches, anew or again.
Every call is one transaction, or one refusal by name. In the end the log is what was taken and
nothing more, and replayed it gives the state.
"""

import hashlib
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from web3 import Web3

from chain import calldata, typed_data
from chain.endpoint import Answered, Endpoint
from chain.hashing import checksum
from chain.local import LocalChain
from wallet.container.envelope import Terms, commitment
from wallet.ports import (
    WORD_ERASED,
    WORD_NONE,
    Address,
    Erase,
    Grant,
    GrantItem,
    LogEntry,
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

KINDS = ["publish", "grant", "many", "revoke", "rotate", "erase", "opened"]
PEOPLE = ["owner", "stranger", "sponsor", "grantee"]
FAULTS = {
    "past": "DeadlinePassed",
    "far": "DeadlineTooFar",
    "high s": "MalformedSignature",
    "odd v": "MalformedSignature",
    "other chain": "WrongSigner",
}
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
SECRETS = [b"Ada Lovelace", b"1.2.840.113619.2.55.3", b"bafyreiexample", b"TREAT"]
UNTIL = 1_987_654_321
HEADS = Web3().eth.contract(abi=calldata.artifact()["abi"])


def model(word: Word, kind: str, previous: Word, head: Word) -> Word | str:
    """Return the study's next word, or why there is none."""
    if kind == "publish":
        if word != WORD_NONE:
            return "StudyErased" if word == WORD_ERASED else "AlreadyPublished"
    elif word in (WORD_NONE, WORD_ERASED):
        return "StudyErased" if word == WORD_ERASED else "NotPublished"
    elif kind == "opened" or previous != word:
        return word if kind == "opened" else "OutOfDate"
    if kind == "erase":
        return WORD_ERASED
    return "HeadInvalid" if head in (WORD_NONE, WORD_ERASED, previous) else head


@dataclass(frozen=True)
class Message:
    """One message, and what is known of it without the chain."""

    signed: SignedChange
    kind: str
    study: Address
    previous: Word
    head: Word
    fault: str | None  # the refusal, whatever the state
    log: tuple[tuple[LogKind, Address | None, bytes | None], ...]


@dataclass(frozen=True)
class Place:
    endpoint: Endpoint
    registry: Registry
    senders: tuple[Address, ...]

    def settle(self, call: dict[str, str]) -> None:
        """Send, and wait until it has succeeded."""
        sent = self.endpoint.ask("eth_sendTransaction", call)
        while (receipt := self.endpoint.ask("eth_getTransactionReceipt", sent)) is None:
            pass
        assert int(receipt["status"], 16) == 1


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A chain of its own where everybody can send."""
    chain = LocalChain(tmp_path_factory.mktemp("model"))
    network = chain.start()
    endpoint = Endpoint(network, network.endpoints[0])
    endpoint.ask("anvil_autoImpersonateAccount", True)
    senders = tuple(checksum(hashlib.sha256(each.encode()).hexdigest()[:40]) for each in PEOPLE)
    for each in senders:
        endpoint.ask("anvil_setBalance", each, hex(10**24))
    yield Place(endpoint, network.registry, senders)
    chain.stop()


def terms(n: int) -> Terms:
    return Terms(hashlib.sha256(SECRETS[0]).digest(), ("study",), "TREAT", UNTIL - n, UNTIL)


steps = st.fixed_dictionaries(
    {
        "n": st.integers(0, 1),
        "kind": st.sampled_from(KINDS),
        "by": st.sampled_from(["right"] * 6 + PEOPLE),
        "previous": st.one_of(st.none(), st.none(), st.none(), st.integers(0, 5)),
        "head": st.one_of(st.integers(0, 5), st.integers(6, 40)),
        "fault": st.sampled_from([None] * 12 + list(FAULTS)),
        "is_compact": st.booleans(),
    }
)
sender = st.integers(0, len(PEOPLE) - 1)


def machine(place: Place, key: Any, tried: Counter[str]) -> type[RuleBasedStateMachine]:
    class Contract(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            run = os.urandom(8).hex()
            self.studies = [key(f"study {n} {run}") for n in range(2)]
            self.grants = [key(f"grant {n} {run}") for n in range(3)]
            self.people = {each: key(f"{each} {run}") for each in PEOPLE}
            salts = [hashlib.sha256(f"{n} {run}".encode()).digest() for n in range(3)]
            self.items = tuple(
                GrantItem(each.address, commitment(salt, terms(n)))
                for n, (each, salt) in enumerate(zip(self.grants, salts, strict=True))
            )
            self.salts = salts
            self.words = {each.address: WORD_NONE for each in self.studies}
            fresh = [Word(hashlib.sha256(f"{n} {run}".encode()).digest()) for n in range(39)]
            self.pool = [WORD_NONE, WORD_ERASED, *fresh]
            self.messages: list[Message] = []
            self.log: list[tuple[LogKind, Address, Address | None, bytes | None]] = []
            self.starts_at = place.endpoint.number("eth_blockNumber")

        def message(self, **step: Any) -> Message:
            study = self.studies[step["n"]]
            now = self.words[study.address] if step["previous"] is None else None
            previous = self.pool[step["previous"]] if now is None else now
            if step["kind"] == "publish":
                previous = WORD_NONE  # it names none
            change, log = self.change(step["kind"], study.address, previous, step["head"])
            right = self.grants[0] if step["kind"] == "opened" else study
            by = self.people.get(step["by"], right)
            by = {"owner": study, "grantee": self.grants[0]}.get(step["by"], by)
            signed, fault = self.signed(change, by, step["fault"], step["is_compact"])
            if fault is None and by is not right:
                fault = "WrongSigner"
            head = self.pool[step["head"]]
            return Message(signed, step["kind"], study.address, previous, head, fault, log)

        def change(self, kind: str, s: Address, old: Word, head: int) -> tuple[Any, Any]:
            new, (one, *more) = self.pool[head], self.items
            granted = [(LogKind.GRANTED, each.grant_id, each.commitment) for each in self.items]
            gone = (LogKind.REVOKED, one.grant_id, None)
            return {
                "publish": (Publish(s, new), ((LogKind.PUBLISHED, None, None),)),
                "grant": (Grant(s, old, new, (one,)), tuple(granted[:1])),
                "many": (Grant(s, old, new, tuple(more)), tuple(granted[1:])),
                "revoke": (Revoke(s, old, new, one.grant_id), (gone,)),
                "rotate": (Rotate(s, old, new), ((LogKind.ROTATED, None, None),)),
                "erase": (Erase(s, old), ((LogKind.ERASED, None, None),)),
                "opened": (Opened(s, one.grant_id), ((LogKind.OPENED, one.grant_id, None),)),
            }[kind]

        def signed(
            self, change: Any, by: Any, fault: str | None, is_compact: bool
        ) -> tuple[SignedChange, str | None]:
            lasts_s = {"past": -100, "far": 90_000}.get(fault or "", 3600)
            at = int(time.time()) + lasts_s
            other = Registry(1, place.registry.contract)
            where = other if fault == "other chain" else place.registry
            signature = by.sign(typed_data.digest(where, change, at))
            r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
            if fault == "high s":
                s, v = ORDER - s, 55 - v
            elif fault == "odd v":
                v += 2
            elif is_compact:
                s, v = s | (v - 27) << 255, 0
            tail = b"" if v == 0 else bytes([v])
            signature = r + s.to_bytes(32, "big") + tail
            return SignedChange(change, at, signature), FAULTS.get(fault or "")

        def expected(self, messages: list[Message]) -> dict[Address, Word] | str:
            words = dict(self.words)
            for each in messages:
                if each.fault:
                    return each.fault
                word = model(words[each.study], each.kind, each.previous, each.head)
                if isinstance(word, str):
                    return word
                words[each.study] = word
            return words

        def send(self, messages: list[Message], by: int) -> None:
            expected = self.expected(messages)
            data = calldata.call_of([each.signed for each in messages])
            call = {
                "from": place.senders[by],
                "to": place.registry.contract,
                "data": "0x" + data.hex(),
            }
            tried["calls"] += 1
            try:
                gas = place.endpoint.ask("eth_estimateGas", call)
                place.settle(call | {"gas": hex(2 * int(gas, 16))})
                answer = None
            except Answered as refused:
                answer = calldata.refusal(refused.data)
            if isinstance(expected, str):
                assert answer == expected
                tried[expected] += 1
                return
            assert answer is None
            tried["taken"] += 1
            self.words = expected
            self.log += [(k, m.study, g, c) for m in messages for k, g, c in m.log]

        @rule(step=steps, by=sender)
        def change_one(self, step: dict[str, Any], by: int) -> None:
            self.messages.append(self.message(**step))
            self.send(self.messages[-1:], by)

        @rule(several=st.lists(steps, min_size=2, max_size=3), by=sender)
        def change_several(self, several: list[dict[str, Any]], by: int) -> None:
            messages: list[Message] = []
            for step in several:
                words = self.expected(messages)
                before = self.words
                self.words = self.words if isinstance(words, str) else words
                messages.append(self.message(**step))
                self.words = before
            self.messages += messages
            self.send(messages, by)

        @rule(which=st.integers(0, 1000), by=sender)
        def again(self, which: int, by: int) -> None:
            if self.messages:
                self.send([self.messages[which % len(self.messages)]], by)

        def teardown(self) -> None:
            self.check_words()
            self.check_log()

        def check_words(self) -> None:
            data = HEADS.encode_abi("heads", [list(self.words)])
            call = {"to": place.registry.contract, "data": data}
            answer = place.endpoint.data("eth_call", call, "latest")
            assert answer[64:] == b"".join(self.words.values())

        def check_log(self) -> None:
            question = {"address": place.registry.contract, "fromBlock": hex(self.starts_at)}
            raw = place.endpoint.ask("eth_getLogs", question)
            raw = [each for each in raw if int(each["blockNumber"], 16) > self.starts_at]
            entries = [calldata.log_entry(each, 0) for each in raw]
            assert [(e.kind, e.study, e.grant_id, e.commitment) for e in entries if e] == self.log
            assert len(entries) == len(self.log)
            assert replayed(entries) == {
                study: "erased" if word == WORD_ERASED else "published"
                for study, word in self.words.items()
                if word != WORD_NONE
            }
            for each in raw:
                self.check_silence(each)

        def check_silence(self, log: dict[str, Any]) -> None:
            """Only addresses of one-off keys and salted hashes, and no word of the state."""
            said = bytes.fromhex("".join(log["topics"])[2:].replace("0x", "") + log["data"][2:])
            ours = {bytes(12) + bytes.fromhex(s[2:]) for s in self.words}
            ours |= {bytes(12) + bytes.fromhex(item.grant_id[2:]) for item in self.items}
            ours |= {item.commitment for item in self.items}
            words = {said[n : n + 32] for n in range(32, len(said), 32)}
            assert words <= ours
            for secret in [*SECRETS, UNTIL.to_bytes(8, "big"), *self.pool[2:]]:
                assert secret not in said
            for n, item in enumerate(self.items):
                agreed = terms(n)
                assert commitment(self.salts[n], agreed) == item.commitment
                later = replace(agreed, until=UNTIL + 1)
                assert commitment(self.salts[n], later) != item.commitment
                assert commitment(self.salts[n - 1], agreed) != item.commitment

    return Contract


def replayed(entries: list[LogEntry | None]) -> dict[Address, str]:
    """What somebody knows of the studies who has only the log; nothing may follow an erasure."""
    state: dict[Address, str] = {}
    for entry in entries:
        assert entry is not None
        assert state.get(entry.study) != "erased"
        assert (entry.kind is LogKind.PUBLISHED) == (entry.study not in state)
        state[entry.study] = "erased" if entry.kind is LogKind.ERASED else "published"
    return state


def run(place: Place, key: Any, examples: int, length: int) -> Counter[str]:
    tried: Counter[str] = Counter()
    run_state_machine_as_test(
        machine(place, key, tried),
        settings=settings(
            max_examples=examples,
            stateful_step_count=length,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return tried


def test_the_contract_does_as_its_model(place, key) -> None:
    tried = run(place, key, 20, 30)
    assert tried["calls"] > 200
    assert tried["taken"] > 3  # most of what is tried is refused, as it should be


@pytest.mark.long
@pytest.mark.once
@pytest.mark.timeout(1800)
def test_ten_thousand_calls_of_anyone_are_as_the_model_says(place, key) -> None:
    tried: Counter[str] = Counter()
    while tried["calls"] < 10_000:
        tried += run(place, key, 60, 60)
    assert tried["taken"] > 300
    assert set(tried) >= {*calldata.refusals(), "taken"} - {"ItemsInvalid"}
