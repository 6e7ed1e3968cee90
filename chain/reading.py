"""Agrees on one block among a network's endpoints and reads words proven by that block.

The block is the highest that a majority of the configured endpoints reports alike: number, hash,
state root and time. The words come from any of them, because they are proven by the state root.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from chain import proof
from chain.calldata import slot_of
from chain.endpoint import Answered, Endpoint, Head
from chain.networks import Network
from wallet.errors import LedgerError, LedgerMistrusted, LedgerReset, LedgerUnreachable
from wallet.ports import Address, Checkpoint, Word

T = TypeVar("T")

_AT_ONCE = 128  # slots in one proof
_STEPS_BACK = 4  # blocks below the newest that are tried while endpoints disagree


def agree(network: Network, endpoints: Sequence[Endpoint]) -> tuple[Head, list[Endpoint]]:
    """Return the block to read by, and the endpoints that stand by it.

    Raises: LedgerUnreachable, LedgerMistrusted.
    """
    need = len(endpoints) // 2 + 1
    answers = _ask_all(endpoints, lambda each: (each.chain_id(), each.head()))
    if len(answers) < need:
        raise LedgerUnreachable(network.name)
    right = {
        each: head
        for each, (chain_id, head) in answers.items()
        if chain_id == network.chain_id and head is not None
    }
    if len(right) < need:
        raise LedgerMistrusted(network.name, "the endpoint is of another chain")
    newest = sorted((head.number for head in right.values()), reverse=True)[need - 1]
    for number in range(newest, max(newest - _STEPS_BACK, -1), -1):
        groups: dict[Head, list[Endpoint]] = defaultdict(list)
        for each, head in _heads_at(right, number).items():
            groups[head].append(each)
        for head, supporters in groups.items():
            if len(supporters) >= need:
                return head, supporters
    raise LedgerMistrusted(network.name, "its endpoints contradict each other")


def _heads_at(newest: dict[Endpoint, Head], number: int) -> dict[Endpoint, Head]:
    known = {each: head for each, head in newest.items() if head.number == number}
    above = [each for each, head in newest.items() if head.number > number]
    asked = _ask_all(above, lambda each: each.head(hex(number)))
    return known | {each: head for each, head in asked.items() if head is not None}


def _ask_all(endpoints: Sequence[Endpoint], question: Callable[[Endpoint], T]) -> dict[Endpoint, T]:
    """Ask side by side; an endpoint that does not answer is missing from what is returned."""
    if len(endpoints) == 1:
        return {endpoints[0]: question(endpoints[0])}

    def attempt(endpoint: Endpoint) -> list[T]:
        try:
            return [question(endpoint)]
        except (LedgerUnreachable, Answered):
            return []

    if not endpoints:
        return {}
    with ThreadPoolExecutor(len(endpoints)) as pool:
        answers = list(pool.map(attempt, endpoints))
    return {each: found[0] for each, found in zip(endpoints, answers, strict=True) if found}


def check_time(network: Network, head: Head) -> None:
    """Raises: LedgerMistrusted if the newest block is too old, or of the future."""
    if network.max_age_s is None:
        return
    age_s = time.time() - head.at
    if age_s > network.max_age_s:
        raise LedgerMistrusted(network.name, f"its newest block is {age_s / 60:.0f} minutes old")
    if age_s < -network.max_age_s:
        raise LedgerMistrusted(network.name, "its newest block is of the future")


def check_seen(network: Network, head: Head, by: Endpoint, seen: Checkpoint) -> None:
    """Compare with the newest block seen before.

    A public chain may be a little behind, or replace blocks that are not final; the person's own
    may do neither.

    Raises: LedgerReset, LedgerUnreachable if a public chain is only behind.
    """
    if network.max_age_s is not None and (head.number < seen.block or head.at < seen.at):
        raise LedgerUnreachable(network.name)
    then = head if head.number == seen.block else by.head(hex(seen.block))
    if then is not None and then.hash == seen.block_hash and head.number >= seen.block:
        return
    if network.max_age_s is not None:
        final = by.head(network.finality)
        if final is None or final.number < seen.block:
            return
    raise LedgerReset(network.name)


def proven_words(
    network: Network, head: Head, supporters: Sequence[Endpoint], studies: Sequence[Address]
) -> dict[Address, Word]:
    """Return the words of `studies` in the state of `head`. Raises: LedgerMistrusted."""
    problem: LedgerError = LedgerUnreachable(network.name)
    for endpoint in supporters:
        try:
            return _words(network, head, endpoint, list(dict.fromkeys(studies)))
        except (Answered, proof.ProofInvalid):
            problem = LedgerMistrusted(network.name, "an answer does not match its own block")
        except LedgerError as error:
            problem = error
    raise problem


def _words(
    network: Network, head: Head, endpoint: Endpoint, studies: list[Address]
) -> dict[Address, Word]:
    found: dict[Address, Word] = {}
    for start in range(0, max(len(studies), 1), _AT_ONCE):
        some = studies[start : start + _AT_ONCE]
        slots = [slot_of(study) for study in some]
        answer = endpoint.ask(
            "eth_getProof",
            network.contract,
            ["0x" + slot.hex() for slot in slots],
            {"blockHash": head.hash},
        )
        if not isinstance(answer, dict):
            raise proof.ProofInvalid
        account = proof.account(head.state_root, network.contract, answer)
        if "0x" + account.code_hash.hex() != network.code_hash:
            raise LedgerMistrusted(network.name, "the consent contract is not there")
        for study, word in zip(some, proof.words(account.storage_root, slots, answer), strict=True):
            found[study] = Word(word)
    return found
