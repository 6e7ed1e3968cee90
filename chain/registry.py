"""The consent contract as the wallet sees it: fits `wallet.ports.Ledger`."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from chain import calldata, deploy, reading, transactions, typed_data
from chain.endpoint import Answered, Endpoint
from chain.hashing import keccak
from chain.networks import Network, is_loopback
from wallet.errors import (
    FeeShort,
    LedgerMistrusted,
    LedgerRefused,
    LedgerUnreachable,
)
from wallet.ports import (
    Address,
    Change,
    Checkpoint,
    LogEntry,
    Opened,
    Reading,
    Receipt,
    Registry,
    SignedChange,
    Signer,
    Transaction,
)

T = TypeVar("T")

_CLOCK_SLACK_S = 120  # a chain's last block is a little behind the clock
_LOG_SPAN = 10_000  # blocks in one question for the log of a public chain
_LOW_WEI = 10**17
_GIFT_WEI = 10**18
_OLD_TIP_WEI = 10**9  # for endpoints that suggest none


class ConsentClient:
    """Reads, signs for and writes to the consent contract of one network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._endpoints = [Endpoint(network, url) for url in network.endpoints]

    @property
    def registry(self) -> Registry:
        return self._network.registry

    def read(self, studies: Sequence[Address], seen: Checkpoint | None = None) -> Reading:
        head, supporters = reading.agree(self._network, self._endpoints)
        reading.check_time(self._network, head)
        if seen is not None:
            reading.check_seen(self._network, head, supporters[0], seen)
        words = reading.proven_words(self._network, head, supporters, studies)
        return Reading(words, Checkpoint(head.number, head.hash, head.at))

    def log(self, study: Address) -> tuple[LogEntry, ...]:
        return self._with_endpoint(lambda endpoint: self._log(endpoint, study))

    def _log(self, endpoint: Endpoint, study: Address) -> tuple[LogEntry, ...]:
        topic = calldata.study_topic(study)

        @functools.cache
        def time_of(block: str) -> int:
            head = endpoint.head(block)
            if head is None:
                raise LedgerUnreachable(self._network.name)
            return head.at

        logs = list(self._raw_logs(endpoint, topic))
        return endpoint.parse(_entries, logs, topic, time_of)

    def _raw_logs(self, endpoint: Endpoint, topic: str) -> Iterator[Any]:
        """The person's own endpoint is asked for the study; a stranger's for everybody's."""
        own = is_loopback(self._network.endpoints[self._endpoints.index(endpoint)])
        newest = endpoint.number("eth_blockNumber")
        span = newest + 1 if own else _LOG_SPAN
        for start in range(self._network.since_block, newest + 1, span):
            question = {
                "address": self._network.contract,
                "fromBlock": hex(start),
                "toBlock": hex(min(start + span - 1, newest)),
                "topics": [None, topic] if own else [],
            }
            yield from endpoint.ask("eth_getLogs", question)

    def sign(self, change: Change, signer: Signer, lifetime_s: int = 3600) -> SignedChange:
        if not 0 < lifetime_s <= typed_data.LONGEST_S:
            raise ValueError("a message lives at most 24 hours")
        expected = change.grant_id if isinstance(change, Opened) else change.study
        if signer.address != expected:
            raise ValueError("this key does not decide about this study or grant")
        deadline_at = int(time.time()) + min(lifetime_s, typed_data.LONGEST_S - _CLOCK_SLACK_S)
        digest = typed_data.digest(self.registry, change, deadline_at)
        return SignedChange(change, deadline_at, signer.sign(digest))

    def prepare(self, changes: Sequence[SignedChange], payer: Signer) -> Transaction:
        call = transactions.Call(
            self._network.chain_id, self._network.contract, calldata.call_of(changes)
        )
        return self._with_endpoint(lambda endpoint: self._prepare(endpoint, call, payer))

    def prepare_deployment(self, payer: Signer) -> Transaction | None:
        """Build the transaction that puts the contract on this network; None if it is there.

        Raises: FeeShort, LedgerRefused if the network lacks the deterministic deployer.
        """
        call = deploy.call(self._network.chain_id)

        def ask(endpoint: Endpoint) -> Transaction | None:
            if deploy.is_there(endpoint):
                return None
            if not endpoint.data("eth_getCode", deploy.DEPLOYER, "latest"):
                raise LedgerRefused("NoDeployer")
            return self._build(endpoint, call, payer)

        return self._with_endpoint(ask)

    def _prepare(self, endpoint: Endpoint, call: transactions.Call, payer: Signer) -> Transaction:
        self._check_code(endpoint)
        return self._build(endpoint, call, payer)

    def _build(self, endpoint: Endpoint, call: transactions.Call, payer: Signer) -> Transaction:
        request = {"from": payer.address, "to": call.to, "data": "0x" + call.data.hex()}
        try:
            estimate = endpoint.number("eth_estimateGas", request)
        except Answered as answer:
            if not answer.is_revert:
                raise
            raise LedgerRefused(calldata.refusal(answer.data)) from answer
        built = transactions.build(
            call,
            nonce=endpoint.number("eth_getTransactionCount", payer.address, "pending"),
            gas=transactions.with_margin(estimate),
            price=self._fees(endpoint),
            payer=payer,
        )
        if endpoint.number("eth_getBalance", payer.address, "pending") < built.worst_fee_wei:
            raise FeeShort(payer.address)
        return built

    def _fees(self, endpoint: Endpoint) -> transactions.Fees:
        block = endpoint.ask("eth_getBlockByNumber", "latest", False)
        try:
            tip_wei = endpoint.number("eth_maxPriorityFeePerGas")
        except Answered:
            tip_wei = _OLD_TIP_WEI
        base_wei = endpoint.parse(lambda: int(block["baseFeePerGas"], 16))
        return transactions.fees(base_wei, tip_wei)

    def _check_code(self, endpoint: Endpoint) -> None:
        code = endpoint.data("eth_getCode", self._network.contract, "latest")
        if "0x" + keccak(code).hex() != self._network.code_hash:
            raise LedgerMistrusted(self._network.name, "the consent contract is not there")

    def send(self, transaction: Transaction) -> None:
        self._with_endpoint(lambda endpoint: self._send(endpoint, transaction))

    def _send(self, endpoint: Endpoint, transaction: Transaction) -> None:
        try:
            endpoint.ask("eth_sendRawTransaction", "0x" + transaction.raw.hex())
        except Answered as answer:
            if endpoint.ask("eth_getTransactionByHash", transaction.hash) is not None:
                return
            message = answer.message.lower()
            if "insufficient funds" in message:
                raise FeeShort(transaction.payer) from answer
            taken = "nonce" in message or "underpriced" in message
            raise LedgerRefused("NonceTaken" if taken else "NotAccepted") from answer

    def wait(self, transaction: str, timeout_s: float = 60) -> Receipt:
        until = time.monotonic() + timeout_s
        pause_s = 0.01
        while True:
            try:
                receipt = self._with_endpoint(lambda endpoint: self._receipt(endpoint, transaction))
            except LedgerUnreachable:
                receipt = None
            if receipt is not None:
                return receipt
            if time.monotonic() + pause_s > until:
                raise LedgerUnreachable(self._network.name)
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, 2.0)

    def _receipt(self, endpoint: Endpoint, transaction: str) -> Receipt | None:
        found = endpoint.ask("eth_getTransactionReceipt", transaction)
        if found is None:
            return None
        has_succeeded, receipt = endpoint.parse(_receipt, transaction, found)
        if not has_succeeded:
            raise LedgerRefused(self._why(endpoint, transaction, receipt.block))
        return receipt

    def _why(self, endpoint: Endpoint, transaction: str, block: int) -> str:
        """Run the reverted transaction again on the state before its block."""
        sent = endpoint.ask("eth_getTransactionByHash", transaction)
        request = endpoint.parse(
            lambda: {"from": sent["from"], "to": sent["to"], "data": sent["input"]}
        )
        try:
            endpoint.ask("eth_call", request, hex(block - 1))
        except Answered as answer:
            return calldata.refusal(answer.data)
        return "Reverted"

    def fund(self, payer: Address) -> None:
        if not (self._network.is_local and all(map(is_loopback, self._network.endpoints))):
            return
        self._with_endpoint(lambda endpoint: self._fund(endpoint, payer))

    def _fund(self, endpoint: Endpoint, payer: Address) -> None:
        """By a transfer of a development account; a balance set by force would be in no block."""
        if endpoint.number("eth_getBalance", payer, "latest") >= _LOW_WEI:
            return
        gift = {"from": endpoint.ask("eth_accounts")[0], "to": payer, "value": hex(_GIFT_WEI)}
        self.wait(endpoint.ask("eth_sendTransaction", gift))

    def _with_endpoint(self, question: Callable[[Endpoint], T]) -> T:
        """Ask the first endpoint of the right chain that answers."""
        strangers = 0
        for endpoint in self._endpoints:
            try:
                if endpoint.chain_id() != self._network.chain_id:
                    strangers += 1
                    continue
                return question(endpoint)
            except (LedgerUnreachable, Answered):
                continue
        if strangers:
            raise LedgerMistrusted(self._network.name, "the endpoint is of another chain")
        raise LedgerUnreachable(self._network.name)


def _entries(
    logs: Sequence[Any], topic: str, time_of: Callable[[str], int]
) -> tuple[LogEntry, ...]:
    found = [
        calldata.log_entry(log, time_of(log["blockNumber"]))
        for log in logs
        if len(log["topics"]) > 1 and log["topics"][1] == topic
    ]
    return tuple(entry for entry in found if entry is not None)


def _receipt(transaction: str, found: Any) -> tuple[bool, Receipt]:
    gas = int(found["gasUsed"], 16)
    fee_wei = gas * int(found["effectiveGasPrice"], 16)
    receipt = Receipt(transaction, int(found["blockNumber"], 16), gas, fee_wei)
    return int(found["status"], 16) == 1, receipt
