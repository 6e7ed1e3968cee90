"""Looks for names and UIDs in everything that leaves the machine, however they are spelt."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pydicom
import requests

_IDENTIFYING = (
    "PatientName", "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID",
    "StudyDescription", "SeriesDescription", "InstitutionName", "AccessionNumber",
)  # fmt: skip
_SHORTEST = 6  # a shorter mark stands in random bytes by chance


@dataclass(frozen=True, slots=True)
class Search:
    """What a search went through, and where something was found."""

    hits: tuple[str, ...]
    needles: int
    blocks: int
    transactions: int
    events: int


@dataclass(frozen=True, slots=True)
class Planted:
    """Whether the search finds what was put there for it."""

    in_block: bool
    in_event: bool


def marks_of(scans: Path) -> list[str]:
    """Return what identifies a person or a study in the files below `scans`."""
    marks: set[str] = set()
    for path in sorted(p for p in scans.rglob("*") if p.is_file()):
        try:
            header = pydicom.dcmread(path, stop_before_pixels=True)
        except (pydicom.errors.InvalidDicomError, OSError):
            continue
        marks |= {str(header.get(name, "")) for name in _IDENTIFYING}
    found = sorted(mark for mark in marks if len(mark) >= _SHORTEST)
    if not found:
        raise ValueError("nothing to search for")
    return found


def needles_of(mark: str) -> Iterator[bytes]:
    """Return a mark as ASCII, UTF-16, hex and base64 (at each of its three alignments)."""
    plain = mark.encode()
    yield plain
    yield mark.encode("utf-16-le")
    yield mark.encode("utf-16-be")
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    for lead in range(3):
        encoded = base64.b64encode(bytes(lead) + plain)
        # the characters that the neighbours do not reach into
        start, end = (0, 2, 3)[lead], len(encoded) - (0, 3, 2)[(lead + len(plain)) % 3] - 1
        if end - start >= _SHORTEST:
            yield encoded[start:end]
            yield encoded[start:end].replace(b"+", b"-").replace(b"/", b"_")


def search(marks: Sequence[str], homes: Sequence[Path], chain: Path) -> Search:
    """Search all blocks of both repositories, and all calldata and event data of the chain."""
    needles = sorted({needle for mark in marks for needle in needles_of(mark)})
    hits: list[str] = []
    blocks = 0
    for home in homes:
        for data in _blocks(home):
            blocks += 1
            hits += [f"a block holds {n!r}" for n in needles if n in data]
    calldata, events = _chain_data(chain)
    for data in (*calldata, *events):
        hits += [f"the chain holds {n!r}" for n in needles if n in data]
    if not blocks or not calldata or not events:
        raise ValueError("there was nothing to search")
    return Search(tuple(hits), len(needles), blocks, len(calldata), len(events))


def plant_and_search(marks: Sequence[str], home: Path, chain: Path) -> Planted:
    """Put a mark into a plain block and a plain event, and search again."""
    mark = marks[0].encode()
    api = _node_api(home)
    answer = requests.post(f"{api}/api/v0/block/put", files={"data": mark}, timeout=10)
    answer.raise_for_status()
    rpc = _rpc(chain)
    sender = _call(rpc, "eth_accounts", [])[0]
    sent = {"from": sender, "data": "0x" + (_logging_code() + mark).hex()}
    _call(rpc, "eth_sendTransaction", [sent])
    found = search_again(mark, home, chain)
    return Planted(*found)


def search_again(mark: bytes, home: Path, chain: Path) -> tuple[bool, bool]:
    """Whether a block and an event hold the mark."""
    in_block = any(mark in data for data in _blocks(home))
    in_event = any(mark in data for data in _chain_data(chain)[1])
    return in_block, in_event


def _logging_code() -> bytes:
    """EVM: copy the code after this prologue to memory and emit it as one LOG0, then stop."""
    # PUSH1 len; CODESIZE; SUB; DUP1; PUSH1 len; PUSH1 0; CODECOPY; PUSH1 0; LOG0; STOP
    body = "60{0:02x}38038060{0:02x}5f395fa000"
    length = len(bytes.fromhex(body.format(0)))
    return bytes.fromhex(body.format(length))


def _blocks(home: Path) -> Iterator[bytes]:
    for path in sorted((home / "ipfs" / "blocks").rglob("*.data")):
        yield path.read_bytes()


def _node_api(home: Path) -> str:
    config = json.loads((home / "ipfs" / "config").read_text())
    _, _, host, _, port = config["Addresses"]["API"].split("/")[:5]
    return f"http://{host}:{port}"


def _rpc(chain: Path) -> str:
    from chain.local import LocalChain

    rpc = LocalChain(chain).status().rpc
    if rpc is None:
        raise ValueError("the local network does not run")
    return rpc


def _call(rpc: str, method: str, parameters: list[object]) -> list[str]:
    asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    answer = requests.post(rpc, json=asked, timeout=20).json()
    if "error" in answer:
        raise ValueError(f"{method}: {answer['error']}")
    result: list[str] = answer["result"]
    return result


def _chain_data(chain: Path) -> tuple[list[bytes], list[bytes]]:
    """Return all calldata and all event data of the chain."""
    rpc = _rpc(chain)
    newest = int(str(_call(rpc, "eth_blockNumber", [])), 16)
    calldata = []
    for number in range(newest + 1):
        block = dict(_call(rpc, "eth_getBlockByNumber", [hex(number), True]))  # type: ignore[arg-type]
        calldata += [bytes.fromhex(t["input"][2:]) for t in block["transactions"]]  # type: ignore[index]
    logs = _call(rpc, "eth_getLogs", [{"fromBlock": "0x0", "toBlock": "latest"}])
    events = [
        bytes.fromhex("".join(t[2:] for t in log["topics"]) + log["data"][2:])  # type: ignore[index]
        for log in logs
    ]
    return calldata, events
