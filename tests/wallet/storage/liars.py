"""Gateways that serve some blocks, each in a way of its own: honestly, or as no gateway should."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from wallet.ports import Block, Cid
from wallet.storage import car
from wallet.storage.unixfs import LEAF, decode_node


class Gateway(http.server.ThreadingHTTPServer):
    """Answers for blocks on loopback; `way` says how."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, blocks: list[Block], way: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.blocks = {block.cid: block.data for block in blocks}
        self.way = way
        self.honest_for_raw = False
        self.asked: list[str] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://{self.place}"

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def car_of(self, root: Cid, wanted: str) -> bytes:
        first, last = (int(each) for each in wanted.split(":"))
        leaves = decode_node(self.blocks[root]).leaves[first // LEAF : last // LEAF + 1]
        chosen = [Block(cid, self.blocks[cid]) for cid in (root, *leaves)]
        if self.way == "lies":
            chosen[-1] = Block(chosen[-1].cid, b"x" * len(chosen[-1].data))
        if self.way == "other blocks":
            chosen[1] = chosen[2]
        return b"".join(car.write(chosen, [root]))


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        cid = Cid(parts.path.removeprefix("/ipfs/"))
        self.server.asked.append(self.path)
        if cid not in self.server.blocks:
            return self._send(404, b"")
        if query["format"] == ["car"]:
            return self._send(200, self.server.car_of(cid, query["entity-bytes"][0]))
        data = self.server.blocks[cid]
        if self.server.honest_for_raw:
            return self._write(data, "honest")
        match self.server.way:
            case "lies":
                data = bytes([data[0] ^ 1]) + data[1:]
            case "other blocks":
                data = next(each for each in self.server.blocks.values() if each != data)
        return self._send(200, data)

    def _send(self, status: int, data: bytes) -> None:
        way = self.server.way
        if way == "silent":
            self.server.over.wait(60)
            return
        if way == "goes away":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        if way == "redirects":
            self.send_response(302)
            self.send_header("Location", "http://192.0.2.1/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._write(data, way, status)

    def _write(self, data: bytes, way: str, status: int = 200) -> None:
        self.send_response(status)
        if way == "endless":
            self.end_headers()
            with contextlib.suppress(OSError):
                while not self.server.over.is_set():
                    self.wfile.write(bytes(1 << 16))
            return
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with contextlib.suppress(OSError):
            if way == "truncates":
                self.wfile.write(data[: len(data) // 2])
                self.close_connection = True
            elif way == "stops":
                self.wfile.write(data[: len(data) // 2])
                self.wfile.flush()
                self.server.over.wait(60)
            elif way == "trickles":
                for byte in data:
                    self.wfile.write(bytes((byte,)))
                    if self.server.over.wait(0.05):
                        return
            else:
                self.wfile.write(data)


@contextlib.contextmanager
def serving(blocks: list[Block], *ways: str) -> Iterator[list[Gateway]]:
    """Run gateways, one for each of `ways`."""
    gateways = [Gateway(blocks, way) for way in ways]
    for gateway in gateways:
        threading.Thread(target=gateway.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield gateways
    finally:
        for gateway in gateways:
            gateway.over.set()
            gateway.shutdown()
            gateway.server_close()
