"""The contract against a model of a few lines: whatever is tried, both take and refuse the same."""

import time

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from wallet.errors import LedgerRefused
from wallet.ports import (
    WORD_ERASED,
    WORD_NONE,
    Erase,
    Grant,
    GrantItem,
    Opened,
    Publish,
    Revoke,
    Rotate,
    Word,
)

pytestmark = pytest.mark.live

_fresh = iter(range(10**9))


def test_the_contract_does_as_its_model(desk, key) -> None:
    grant_key = key("a grant")
    item = GrantItem(grant_key.address, bytes(32))

    class Contract(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            run = next(_fresh)
            self.keys = [key(f"model {time.time_ns()} {run} {n}") for n in range(2)]
            self.words = {each.address: WORD_NONE for each in self.keys}
            self.heads = [Word(bytes(30) + bytes([9, n])) for n in range(4)]
            self.pool = [WORD_NONE, WORD_ERASED, *self.heads]

        def expect(self, why: str | None, change, signer) -> None:
            signed = desk.sign(change, signer, int(time.time()) + 3600)
            if why is None:
                desk.send([signed])
                return
            with pytest.raises(LedgerRefused) as caught:
                desk.client.prepare([signed], desk.payer)
            assert caught.value.why == why

        def why_not(self, study, previous: Word, head: Word | None) -> str | None:
            stored = self.words[study]
            if stored == WORD_NONE:
                return "NotPublished"
            if stored == WORD_ERASED:
                return "StudyErased"
            if previous != stored:
                return "OutOfDate"
            if head is not None and head in (WORD_NONE, WORD_ERASED, previous):
                return "HeadInvalid"
            return None

        @rule(n=st.integers(0, 1), by=st.integers(0, 1), head=st.integers(0, 5))
        def publish(self, n: int, by: int, head: int) -> None:
            study, stored = self.keys[n].address, self.words[self.keys[n].address]
            if by != n:
                why = "WrongSigner"
            elif stored == WORD_ERASED:
                why = "StudyErased"
            elif stored != WORD_NONE:
                why = "AlreadyPublished"
            else:
                why = "HeadInvalid" if head < 2 else None
            self.expect(why, Publish(study, self.pool[head]), self.keys[by])
            if why is None:
                self.words[study] = self.pool[head]

        @rule(
            n=st.integers(0, 1),
            by=st.sampled_from([0, 0, 0, 1]),
            old=st.one_of(st.none(), st.none(), st.integers(0, 5)),
            new=st.integers(0, 5),
            kind=st.sampled_from(["grant", "many", "revoke", "rotate"]),
        )
        def follow(self, n: int, by: int, old: int | None, new: int, kind: str) -> None:
            signer, study = self.keys[(n + by) % 2], self.keys[n].address
            previous = self.words[study] if old is None else self.pool[old]
            head = self.pool[new]
            change = {
                "grant": Grant(study, previous, head, (item,)),
                "many": Grant(study, previous, head, (item, item)),
                "revoke": Revoke(study, previous, head, item.grant_id),
                "rotate": Rotate(study, previous, head),
            }[kind]
            why = "WrongSigner" if by else self.why_not(study, previous, head)
            self.expect(why, change, signer)
            if why is None:
                self.words[study] = head

        @rule(n=st.integers(0, 1), old=st.one_of(st.none(), st.integers(0, 5)))
        def erase(self, n: int, old: int | None) -> None:
            study = self.keys[n].address
            previous = self.words[study] if old is None else self.pool[old]
            why = self.why_not(study, previous, None)
            self.expect(why, Erase(study, previous), self.keys[n])
            if why is None:
                self.words[study] = WORD_ERASED

        @rule(n=st.integers(0, 1))
        def report(self, n: int) -> None:
            study = self.keys[n].address
            why = self.why_not(study, self.words[study], None)
            self.expect(why, Opened(study, item.grant_id), grant_key)

        @invariant()
        def words_agree(self) -> None:
            assert desk.client.read(list(self.words)).words == self.words

    run_state_machine_as_test(
        Contract,
        settings=settings(
            max_examples=15,
            stateful_step_count=15,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
