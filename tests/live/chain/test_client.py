"""The client against Anvil, and against endpoints that lie, fail or are something else."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from eth_account import Account

from chain.networks import Network
from chain.registry import ConsentClient
from wallet.errors import (
    FeeShort,
    LedgerMistrusted,
    LedgerRefused,
    LedgerReset,
    LedgerUnreachable,
)
from wallet.ports import Checkpoint, Opened, Publish, Revoke, Rotate, Word

pytestmark = pytest.mark.live

Bend = Callable[[str, list[Any], Any], Any]  # method, params, true result -> what is answered


@contextmanager
def between(url: str, bend: Bend) -> Iterator[str]:
    """An endpoint that passes questions on to Anvil and bends the answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = json.loads(body)
            request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request) as response:
                answer = json.load(response)
            answer["result"] = bend(asked["method"], asked["params"], answer.get("result"))
            data = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def answering(raw: bytes) -> Iterator[str]:
    """Something on a port that is no endpoint."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.wfile.write(raw)

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


DEAD = "http://127.0.0.1:9"


def with_endpoints(network: Network, *urls: str, **changed: Any) -> ConsentClient:
    return ConsentClient(replace(network, endpoints=urls, **changed))


def truth(method: str, params: list[Any], result: Any) -> Any:
    return result


def forged_words(method: str, params: list[Any], result: Any) -> Any:
    if method == "eth_getProof":
        for entry in result["storageProof"]:
            entry["value"] = "0x77"
            entry["proof"] = [node[:-2] + "77" for node in entry["proof"]]
    return result


def other_state(method: str, params: list[Any], result: Any) -> Any:
    if method == "eth_getBlockByNumber" and result:
        return result | {"stateRoot": "0x" + 64 * "7"}
    return result


def of_chain_one(method: str, params: list[Any], result: Any) -> Any:
    return "0x1" if method == "eth_chainId" else result


def from_the_past(method: str, params: list[Any], result: Any) -> Any:
    if method == "eth_getBlockByNumber" and result:
        return result | {"timestamp": hex(int(time.time()) - 7200)}
    return result


def from_the_future(method: str, params: list[Any], result: Any) -> Any:
    if method == "eth_getBlockByNumber" and result:
        return result | {"timestamp": hex(int(time.time()) + 7200)}
    return result


@pytest.fixture
def published(desk, study, word) -> Word:
    head = word()
    desk.do(Publish(study.address, head), study)
    return head


def test_what_was_seen_is_still_there(desk, study, published, word) -> None:
    seen = desk.client.read([study.address]).checkpoint
    later = desk.client.read([study.address], seen)
    assert later.checkpoint.block >= seen.block
    desk.do(Rotate(study.address, published, word()), study)
    assert desk.client.read([study.address], seen).checkpoint.block > seen.block


@pytest.mark.parametrize("further", [0, 1000])
def test_a_chain_without_the_block_seen_was_reset(desk, study, further: int) -> None:
    now = desk.client.read([]).checkpoint
    seen = Checkpoint(now.block + further, "0x" + 64 * "5", now.at)
    with pytest.raises(LedgerReset):
        desk.client.read([study.address], seen)


def test_a_public_chain_that_is_behind_is_asked_again_later(network, desk) -> None:
    now = desk.client.read([]).checkpoint
    public = with_endpoints(network, *network.endpoints, max_age_s=10**9)
    with pytest.raises(LedgerUnreachable):
        public.read([], replace(now, block=now.block + 3))
    with pytest.raises(LedgerUnreachable):
        public.read([], replace(now, at=now.at + 60))


def test_a_public_chain_may_replace_a_block_that_is_not_final(network, desk, study) -> None:
    now = desk.client.read([]).checkpoint
    other = replace(now, block_hash="0x" + 64 * "5")
    young = with_endpoints(network, *network.endpoints, max_age_s=10**9, finality="earliest")
    assert young.read([], other).checkpoint.block >= now.block
    final = with_endpoints(network, *network.endpoints, max_age_s=10**9, finality="latest")
    with pytest.raises(LedgerReset):
        final.read([], other)


def test_an_endpoint_that_forges_a_word_is_found_out(network, study, published) -> None:
    url = network.endpoints[0]
    with between(url, forged_words) as liar:
        with pytest.raises(LedgerMistrusted, match="its own block"):
            with_endpoints(network, liar).read([study.address])
        honest = with_endpoints(network, liar, url, url).read([study.address])
    assert honest.words == {study.address: published}


def test_an_endpoint_with_a_state_of_its_own_is_outvoted(network, study, published) -> None:
    url = network.endpoints[0]
    with between(url, other_state) as liar:
        with pytest.raises(LedgerMistrusted):
            with_endpoints(network, liar).read([study.address])
        honest = with_endpoints(network, liar, url, url).read([study.address])
        assert honest.words == {study.address: published}
        with pytest.raises(LedgerMistrusted, match="contradict"):
            with_endpoints(network, liar, url).read([study.address])


def test_an_endpoint_that_hides_the_newest_blocks_is_outvoted(network, desk, study, word) -> None:
    before = desk.client.read([]).checkpoint
    head = word()
    desk.do(Publish(study.address, head), study)

    def behind(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == "latest":
            return json.loads(old)
        return result

    old = json.dumps(desk.endpoint.ask("eth_getBlockByNumber", hex(before.block), False))
    url = network.endpoints[0]
    with between(url, behind) as late:
        reading = with_endpoints(network, late, url, url).read([study.address])
    assert reading.words == {study.address: head}


@pytest.mark.parametrize("bend", [from_the_past, from_the_future])
def test_a_block_of_another_time_decides_nothing(network, study, bend: Bend) -> None:
    with between(network.endpoints[0], bend) as liar:
        public = with_endpoints(network, liar, max_age_s=300)
        with pytest.raises(LedgerMistrusted, match="newest block"):
            public.read([study.address])


def test_an_endpoint_of_another_chain_is_not_used(network, desk, study, word) -> None:
    signed = desk.client.sign(Publish(study.address, word()), study)
    url = network.endpoints[0]
    with between(url, of_chain_one) as stranger:
        alone = with_endpoints(network, stranger)
        for question in (
            lambda: alone.read([study.address]),
            lambda: alone.log(study.address),
            lambda: alone.prepare([signed], desk.payer),
        ):
            with pytest.raises(LedgerMistrusted, match="another chain"):
                question()
        both = with_endpoints(network, stranger, url)
        assert both.prepare([signed], desk.payer).payer == desk.payer.address


@pytest.mark.parametrize(
    "changed",
    [{"code_hash": "0x" + 64 * "1"}, {"contract": "0x4e59b44847b379578588920cA78FbF26c0B4956C"}],
)
def test_other_code_at_the_contract_s_address_is_not_believed(
    network, desk, study, word, changed
) -> None:
    other = with_endpoints(network, *network.endpoints, **changed)
    with pytest.raises(LedgerMistrusted, match="contract"):
        other.read([study.address])
    signed = other.sign(Publish(study.address, word()), study)
    with pytest.raises(LedgerMistrusted, match="contract"):
        other.prepare([signed], desk.payer)


def test_nobody_answers(network, desk, study, word) -> None:
    signed = desk.client.sign(Publish(study.address, word()), study)
    dead = with_endpoints(network, DEAD)
    for question in (
        lambda: dead.read([study.address]),
        lambda: dead.log(study.address),
        lambda: dead.prepare([signed], desk.payer),
        lambda: dead.wait("0x" + 64 * "0", timeout_s=0.05),
        lambda: dead.fund(desk.payer.address),
    ):
        with pytest.raises(LedgerUnreachable, match="local"):
            question()


def test_a_minority_of_answers_decides_nothing(network, study) -> None:
    url = network.endpoints[0]
    with pytest.raises(LedgerUnreachable):
        with_endpoints(network, DEAD, DEAD, url).read([study.address])
    assert with_endpoints(network, DEAD, url, url).read([study.address]).words


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.0 200 OK\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\n\r\n[]",
        b"HTTP/1.0 200 OK\r\n\r\n{}",
        b'HTTP/1.0 200 OK\r\n\r\n{"result": "no number"}',
        b'HTTP/1.0 200 OK\r\n\r\n{"result": []}',
        b"HTTP/1.0 500 No\r\n\r\n",
        b"HTTP/1.0 302 Elsewhere\r\nLocation: http://127.0.0.1:9/\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n\xff\xfe",
    ],
)
def test_something_else_on_the_port_is_no_answer(network, study, raw: bytes) -> None:
    with answering(raw) as url, pytest.raises(LedgerUnreachable):
        with_endpoints(network, url).read([study.address])


def test_sending_twice_changes_nothing(desk, study, word) -> None:
    signed = desk.client.sign(Publish(study.address, word()), study)
    transaction = desk.client.prepare([signed], desk.payer)
    desk.client.send(transaction)
    desk.client.send(transaction)
    receipt = desk.client.wait(transaction.hash)
    desk.client.send(transaction)
    assert desk.client.wait(transaction.hash) == receipt
    assert receipt.fee_wei <= transaction.worst_fee_wei
    assert len(desk.client.log(study.address)) == 1


def test_the_payer_is_not_who_signed(desk, study, word) -> None:
    signed = desk.client.sign(Publish(study.address, word()), study)
    transaction = desk.client.prepare([signed], desk.payer)
    assert Account.recover_transaction(transaction.raw) == desk.payer.address != study.address


def test_of_two_transactions_with_one_nonce_one_is_refused(desk, study, published, word) -> None:
    s = study.address
    signed = [desk.client.sign(Rotate(s, published, word()), study) for _ in range(2)]
    first, second = (desk.client.prepare([each], desk.payer) for each in signed)
    assert first.nonce == second.nonce
    desk.client.send(first)
    with pytest.raises(LedgerRefused, match="NonceTaken"):
        desk.client.send(second)


def test_a_transaction_that_was_reverted_is_refused_by_name(
    desk, study, published, word, key
) -> None:
    s = study.address
    signed = [desk.client.sign(Rotate(s, published, word()), study) for _ in range(2)]
    other = key("another payer")
    desk.client.fund(other.address)
    first = desk.client.prepare([signed[0]], desk.payer)
    second = desk.client.prepare([signed[1]], other)
    desk.client.send(first)
    desk.client.send(second)
    desk.client.wait(first.hash)
    with pytest.raises(LedgerRefused, match="OutOfDate"):
        desk.client.wait(second.hash)


def test_who_has_nothing_cannot_pay(desk, study, word, key) -> None:
    signed = desk.client.sign(Publish(study.address, word()), study)
    poor = key("poor")
    with pytest.raises(FeeShort) as caught:
        desk.client.prepare([signed], poor)
    assert caught.value.payer == poor.address


def test_funding_gives_once_and_leaves_the_words_provable(desk, study, key, published) -> None:
    payer = key("new payer " + study.address)
    balances = []
    for _ in range(2):
        desk.client.fund(payer.address)
        balances.append(desk.endpoint.number("eth_getBalance", payer.address, "latest"))
    assert balances[0] == balances[1] > 0
    assert desk.client.read([study.address]).words == {study.address: published}


def test_a_transaction_that_never_comes_is_not_waited_for_longer_than_told(desk) -> None:
    began = time.monotonic()
    with pytest.raises(LedgerUnreachable):
        desk.client.wait("0x" + 64 * "3", timeout_s=0.1)
    assert time.monotonic() - began < 2


def test_only_the_right_key_is_asked_to_sign(desk, study, word, key) -> None:
    with pytest.raises(ValueError, match="does not decide"):
        desk.client.sign(Publish(study.address, word()), key("other"))
    with pytest.raises(ValueError, match="does not decide"):
        desk.client.sign(Opened(study.address, key("grant 0").address), study)
    for lifetime_s in (0, 86_401):
        with pytest.raises(ValueError, match="24 hours"):
            desk.client.sign(Publish(study.address, word()), study, lifetime_s)


def test_a_stranger_s_endpoint_is_not_told_which_study_is_looked_at(
    network, desk, study, published, word, monkeypatch
) -> None:
    desk.do(Revoke(study.address, published, word(), study.address), study)
    asked: list[str] = []

    def listen(method: str, params: list[Any], result: Any) -> Any:
        asked.append(json.dumps(params).lower())
        return result

    monkeypatch.setattr("chain.registry.is_loopback", lambda endpoint: False)
    with between(network.endpoints[0], listen) as url:
        log = with_endpoints(network, url).log(study.address)
    assert log == desk.client.log(study.address)
    assert len(log) == 2
    assert asked
    assert not any(study.address[2:].lower() in question for question in asked)


@pytest.mark.parametrize("answer", [[{}], [5], [{"topics": None}], "x", {"topics": []}])
def test_a_log_that_cannot_be_read_is_no_answer(network, study, answer: Any) -> None:
    def bend(method: str, params: list[Any], result: Any) -> Any:
        return answer if method == "eth_getLogs" else result

    with between(network.endpoints[0], bend) as url, pytest.raises(LedgerUnreachable):
        with_endpoints(network, url).log(study.address)


def test_a_receipt_that_cannot_be_read_is_no_receipt(network, desk, study, word) -> None:
    receipt = desk.do(Publish(study.address, word()), study)

    def bend(asked: str, params: list[Any], result: Any) -> Any:
        return {"status": "perhaps"} if asked == "eth_getTransactionReceipt" else result

    with between(network.endpoints[0], bend) as url, pytest.raises(LedgerUnreachable):
        with_endpoints(network, url).wait(receipt.transaction, timeout_s=0.05)
