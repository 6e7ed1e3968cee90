"""Reading from trustless gateways: several asked, none believed.

A block is asked of the best gateway; when it has not come after a moment, of the next one too, and
the first that comes and is what its CID says wins. A gateway that lies, stops or stays silent is
left for another, named in `faults`, and asked last from then on. A range of a file comes as one CAR
stream and is taken up by the next gateway at the leaf where one breaks off.

Bounds: a block 2 MiB, one node deep, 1,024 leaves, three gateways at once, a time for each.

Source: https://specs.ipfs.tech/http-gateways/trustless-gateway/ (IPIP-402, IPIP-412, IPIP-523).
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wallet.errors import (
    BlockUnreachable,
    Damaged,
    RequestInvalid,
    StoreMistrusted,
    StoreUnreachable,
    WalletError,
)
from wallet.ports import Block, Cid
from wallet.storage.car import MAX_BLOCK_BYTES, Limits, Stream
from wallet.storage.cid import BYTES_LENGTH, parse, verify
from wallet.storage.unixfs import LEAF, Node, decode_node
from wallet.storage.web import Answer, Call, Web

_NAME = "gateways"
_MOST = 8
_AT_ONCE = 3
_HEDGE_S = 0.7  # what a block of 256 KiB takes over a slow line
_BLOCK_S = 20.0
_STREAM_LEAST_S = 30.0
_STREAM_BYTES_S = 100_000  # slower than this, another gateway is tried
_RAW = "application/vnd.ipld.raw"
_CAR = "application/vnd.ipld.car"
_ABSENT = frozenset({404, 410, 412, 504})


@dataclass(frozen=True, slots=True)
class Fault:
    """What a gateway did wrong."""

    gateway: str  # its host and port
    what: str


class _Bad(Exception):
    """An answer that cannot be used."""

    def __init__(self, what: str, is_absent: bool = False, is_lie: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.is_absent = is_absent
        self.is_lie = is_lie


_Results = queue.SimpleQueue[tuple[int, bytes | _Bad]]


class Gateways:
    """Fits `wallet.ports.BlockSource`. Safe to share between threads.

    Args:
        urls: the gateways, the preferred ones first; 1 to 8.
        block_timeout_s: how long one block may take of one gateway.
        hedge_s: how long the best one is waited for before the next is asked too.
    """

    def __init__(
        self,
        urls: Sequence[str],
        name: str = _NAME,
        block_timeout_s: float = _BLOCK_S,
        hedge_s: float = _HEDGE_S,
    ) -> None:
        if not 0 < len(urls) <= _MOST:
            raise RequestInvalid("There can be 1 to 8 gateways")
        self.name = name
        self._webs = [Web(url, name) for url in urls]
        self._block_timeout_s = block_timeout_s
        self._hedge_s = hedge_s
        self._lock = threading.Lock()
        self._demerits = [0] * len(urls)
        self._faults: dict[Fault, None] = {}

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What gateways did wrong so far, each thing once."""
        with self._lock:
            return tuple(self._faults)

    def get(self, cid: Cid) -> bytes:
        parse(cid)
        results: _Results = queue.SimpleQueue()
        waiting, running, bad = self._order(), dict[int, Call](), list[tuple[int, _Bad]]()

        def start() -> None:
            number = waiting.pop(0)
            running[number] = Call()
            given = (number, cid, running[number], results)
            threading.Thread(target=self._try, args=given, name="gateway", daemon=True).start()

        try:
            start()
            while running:
                may_add = waiting and len(running) < _AT_ONCE
                try:
                    number, got = results.get(timeout=self._hedge_s if may_add else None)
                except queue.Empty:
                    start()
                    continue
                del running[number]
                if isinstance(got, bytes):
                    for other in running:
                        self._blame(other, "did not answer while another did")
                    return got
                bad.append((number, got))
                self._blame(number, got.what, got.is_absent)
                if waiting:
                    start()
        finally:
            for call in running.values():
                call.cut()
        raise self._failure(cid, bad)

    def holds(self, cid: Cid) -> bool:
        """Whether a gateway has the block without asking others."""
        parse(cid)
        headers = {"Cache-Control": "only-if-cached", "Accept": _RAW}
        for number in self._order():
            try:
                with self._webs[number].calling(
                    "HEAD",
                    f"/ipfs/{cid}",
                    (("format", "raw"),),
                    timeout_s=self._block_timeout_s,
                    headers=headers,
                ) as answer:
                    if answer.status == 200:
                        return True
            except StoreUnreachable:
                self._blame(number, "does not answer")
        return False

    def leaves(self, root: Cid, start: int, stop: int) -> Iterator[Block]:
        """Yield the leaves that bytes `start` to `stop` of a file lie in, in order.

        Raises: BlockUnreachable, StoreUnreachable, StoreMistrusted; Damaged if `root` is no file.
        """
        if not 0 <= start < stop:
            raise ValueError("a range has a byte at least")
        data = self.get(root)
        if parse(root).codec == "raw":
            yield Block(root, data)
            return
        node = decode_node(data)
        at, end = start // LEAF, -(-min(stop, node.size) // LEAF)
        bad: list[tuple[int, _Bad]] = []
        for number in self._order():
            try:
                for block in self._stream(number, root, node, at, end):
                    yield block
                    at += 1
            except _Bad as failed:
                bad.append((number, failed))
                self._blame(number, failed.what, failed.is_absent)
            if at >= end:
                return
        raise self._failure(node.leaves[at], bad)

    # -- one gateway --------------------------------------------------------------------------

    def _try(
        self,
        number: int,
        cid: Cid,
        call: Call,
        results: queue.SimpleQueue[tuple[int, bytes | _Bad]],
    ) -> None:
        try:
            results.put((number, self._block(number, cid, call)))
        except _Bad as bad:
            results.put((number, bad))

    def _block(self, number: int, cid: Cid, call: Call) -> bytes:
        began, answer = time.monotonic(), None
        try:
            with self._webs[number].calling(
                "GET",
                f"/ipfs/{cid}",
                (("format", "raw"),),
                timeout_s=self._block_timeout_s,
                headers={"Accept": _RAW},
                call=call,
            ) as answer:
                _check_status(answer)
                data = answer.read_all(MAX_BLOCK_BYTES)
                verify(cid, data)
                return data
        except Damaged:
            raise _Bad("sent other bytes than were asked for", is_lie=True) from None
        except ValueError:
            raise _Bad("sent more than a block can have", is_lie=True) from None
        except StoreUnreachable:
            late = time.monotonic() - began >= self._block_timeout_s
            raise _Bad(_how_it_stopped(answer, late)) from None
        except WalletError as refused:
            raise _Bad(str(refused)) from None

    def _stream(self, number: int, root: Cid, node: Node, at: int, end: int) -> Iterator[Block]:
        """Yield leaves `at` to `end`, as far as they come and are those."""
        query = (
            ("format", "car"),
            ("dag-scope", "entity"),
            ("entity-bytes", f"{at * LEAF}:{min(end * LEAF, node.size) - 1}"),
            ("car-version", "1"),
            ("car-order", "dfs"),
            ("car-dups", "y"),
        )
        bytes_most = (end - at + 1) * (LEAF + BYTES_LENGTH) + MAX_BLOCK_BYTES
        timeout_s = _STREAM_LEAST_S + bytes_most / _STREAM_BYTES_S
        limits = Limits(MAX_BLOCK_BYTES, end - at + 2, bytes_most)
        call, answer = Call(), None
        try:
            with self._webs[number].calling(
                "GET",
                f"/ipfs/{root}",
                query,
                timeout_s=timeout_s,
                headers={"Accept": f"{_CAR}; version=1; order=dfs; dups=y"},
                call=call,
            ) as answer:
                _check_status(answer)
                pieces = _Pieces(answer, call, self._block_timeout_s)
                for block in Stream(pieces.read, limits):
                    if block.cid == root:
                        continue
                    if at >= end or block.cid != node.leaves[at]:
                        raise _Bad("sent blocks that were not asked for", is_lie=True)
                    yield block
                    at += 1
        except Damaged:
            raise _Bad("sent other bytes than were asked for", is_lie=True) from None
        except StoreUnreachable:
            raise _Bad(_how_it_stopped(answer, call.is_cut)) from None
        if at < end:
            raise _Bad("stopped in the middle")

    # -- all of them --------------------------------------------------------------------------

    def _order(self) -> list[int]:
        with self._lock:
            return sorted(range(len(self._webs)), key=lambda number: self._demerits[number])

    def _blame(self, number: int, what: str, is_absent: bool = False) -> None:
        if is_absent:  # not to have a block is no fault
            return
        with self._lock:
            self._demerits[number] += 1
            if len(self._faults) < 100:
                self._faults[Fault(self._webs[number].place, what)] = None

    def _failure(self, cid: Cid, bad: Sequence[tuple[int, _Bad]]) -> WalletError:
        lied = [(self._webs[number].place, each.what) for number, each in bad if each.is_lie]
        if lied:
            places = ", ".join(dict.fromkeys(place for place, _ in lied))
            return StoreMistrusted(f"{self.name}: {places}", f"it {lied[0][1]}")
        if any(each.is_absent for _, each in bad):
            return BlockUnreachable(cid)
        return StoreUnreachable(self.name)


class _Pieces:
    """Reads an answer piece by piece, and cuts it off when one does not come in time."""

    def __init__(self, answer: Answer, call: Call, timeout_s: float) -> None:
        self._answer = answer
        self._call = call
        self._timeout_s = timeout_s
        self._piece = memoryview(b"")

    def read(self, size: int) -> bytes:
        """Return some bytes, at most `size`; none at the end."""
        if not self._piece:
            watch = threading.Timer(self._timeout_s, self._call.cut)
            watch.daemon = True
            watch.start()
            try:
                self._piece = memoryview(self._answer.read())
            finally:
                watch.cancel()
        taken, self._piece = self._piece[:size], self._piece[size:]
        return bytes(taken)


def _check_status(answer: Answer) -> None:
    if answer.status in _ABSENT:
        raise _Bad("does not have the block", is_absent=True)
    if answer.status != 200:
        raise _Bad(f"answered with status {answer.status}")


def _how_it_stopped(answer: Answer | None, is_late: bool) -> str:
    if answer is not None:
        return "stopped in the middle"
    return "did not answer in time" if is_late else "does not answer"
