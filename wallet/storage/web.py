"""Talking HTTP with services that are not trusted: bounded in time and bytes, no detours.

No proxy of the environment is used, no redirection followed, no address with a password in it
taken. A token goes over TLS only, this machine excepted. The one place where the errors of
sockets, TLS and HTTP become ours.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from wallet.errors import RequestInvalid, StoreRefused, StoreUnreachable
from wallet.storage.addresses import is_loopback_only
from wallet.storage.token import Token

_IDLE_S = 20.0  # a kept connection older than this has probably been closed
_MOST_IDLE = 8
_CONNECT_S = 10.0
_PIECE_BYTES = 64 << 10

Body = bytes | Iterable[bytes]


class Answer:
    """What a service answers: its status, and a body that is read as it comes."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self._answer = answer
        self.status = answer.status
        self.read_bytes = 0

    def header(self, name: str) -> str:
        """Return a header's value, empty if there is none."""
        return self._answer.getheader(name) or ""

    def read(self, size: int = _PIECE_BYTES) -> bytes:
        """Return what has come, at most `size` bytes and at least one; empty at the end.

        Raises: http.client.IncompleteRead if the service stopped before it; `Web` translates it.
        """
        piece = self._answer.read1(size)
        self.read_bytes += len(piece)
        if not piece and self._answer.length:
            raise http.client.IncompleteRead(b"", self._answer.length)
        return piece

    def read_all(self, most: int) -> bytes:
        """Return the whole body. Raises: ValueError when it is longer than `most`."""
        whole = bytearray()
        while piece := self.read(min(_PIECE_BYTES, most + 1 - len(whole))):
            whole += piece
            if len(whole) > most:
                raise ValueError("the answer is longer than it may be")
        return bytes(whole)


class Call:
    """A request under way, which another thread may cut off."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.is_cut = False

    def cut(self) -> None:
        """End the request; whoever waits for its answer gets StoreUnreachable at once."""
        with self._lock:
            self.is_cut = True
            self._shut()

    def _on(self, used: socket.socket) -> None:
        with self._lock:
            self._socket = used
            if self.is_cut:
                self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


class Web:
    """One service. Safe to share between threads; connections are kept and used again.

    Args:
        url: where it is, such as https://gateway.example or http://127.0.0.1:8080/api.
        name: what to call it before a person.
        token: what it asks for to let the person in.

    Raises: RequestInvalid if `url` is none that we use.
    """

    def __init__(self, url: str, name: str, token: Token | None = None) -> None:
        parts = _checked(url, token is not None)
        assert parts.hostname is not None
        self.name = name
        self.host = parts.hostname
        self.place = parts.netloc
        self._port = parts.port
        self._path = parts.path.rstrip("/")
        self._token = token
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._idle: deque[tuple[float, http.client.HTTPConnection]] = deque()
        weakref.finalize(self, _close, self._idle)

    @contextlib.contextmanager
    def calling(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]] = (),
        *,
        timeout_s: float,
        headers: dict[str, str] | None = None,
        body: Callable[[], Body] | None = None,
        call: Call | None = None,
    ) -> Iterator[Answer]:
        """Yield the answer to a request.

        Args:
            timeout_s: how long it may take, reading of the answer included.
            body: makes the request's body; called again if a kept connection turned out dead.
            call: lets another thread cut the request off.

        Raises: StoreUnreachable, also when time is up or the answer is cut short.
        """
        call = call or Call()
        watch = threading.Timer(timeout_s, call.cut)
        watch.daemon = True
        watch.start()
        try:
            target = self._path + path + ("?" + urlencode(query) if query else "")
            sent = self._headers(headers or {})
            connection, raw = self._asked(method, target, sent, body, call, timeout_s)
            clean = False
            try:
                yield Answer(raw)
                clean = raw.isclosed() and not raw.will_close and not call.is_cut
            finally:
                raw.close()
                if clean:
                    self._keep(connection)
                else:
                    connection.close()
        except (OSError, http.client.HTTPException) as failure:
            raise StoreUnreachable(self.name) from failure
        finally:
            watch.cancel()

    def ask(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]] = (),
        *,
        timeout_s: float,
        most: int,
        value: Any = None,
    ) -> tuple[int, Any]:
        """Send and get JSON; return the status and the value, None for an empty body.

        Args:
            most: how many bytes the answer may have.

        Raises: StoreUnreachable; StoreRefused if it is no JSON or the token is not accepted.
        """
        headers, body = {"Accept": "application/json"}, None
        if value is not None:
            encoded = json.dumps(value).encode()
            headers["Content-Type"] = "application/json"
            body = lambda: encoded  # noqa: E731
        with self.calling(
            method, path, query, timeout_s=timeout_s, headers=headers, body=body
        ) as answer:
            if answer.status in (401, 403):
                raise StoreRefused(self.name, "it does not accept the access token")
            try:
                data = answer.read_all(most)
                return answer.status, json.loads(data) if data.strip() else None
            except (ValueError, RecursionError):
                raise StoreRefused(self.name, "it does not answer as such a service does") from None

    # -- connections --------------------------------------------------------------------------

    def _asked(
        self,
        method: str,
        target: str,
        headers: dict[str, str],
        body: Callable[[], Body] | None,
        call: Call,
        timeout_s: float,
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        _check_reach(self.host)
        while kept := self._kept():
            try:
                return kept, _send(kept, method, target, headers, body, call)
            except (OSError, http.client.HTTPException):
                kept.close()  # closed by the other side meanwhile, or really gone: try anew
                if call.is_cut:
                    raise
        fresh = self._connection(timeout_s)
        try:
            fresh.connect()
            return fresh, _send(fresh, method, target, headers, body, call)
        except BaseException:
            fresh.close()
            raise

    def _connection(self, timeout_s: float) -> http.client.HTTPConnection:
        limit = min(timeout_s, _CONNECT_S)
        if self._tls is None:
            return http.client.HTTPConnection(self.host, self._port, timeout=limit)
        return http.client.HTTPSConnection(self.host, self._port, timeout=limit, context=self._tls)

    def _kept(self) -> http.client.HTTPConnection | None:
        while self._idle:
            try:
                since, connection = self._idle.pop()
            except IndexError:
                return None
            if time.monotonic() - since < _IDLE_S:
                return connection
            connection.close()
        return None

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        if len(self._idle) < _MOST_IDLE:
            self._idle.append((time.monotonic(), connection))
        else:
            connection.close()

    def _headers(self, given: dict[str, str]) -> dict[str, str]:
        headers = {"User-Agent": "rayfolio", "Accept-Encoding": "identity", **given}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return headers


def _close(idle: deque[tuple[float, http.client.HTTPConnection]]) -> None:
    for _, connection in idle:
        connection.close()


def _send(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    headers: dict[str, str],
    body: Callable[[], Body] | None,
    call: Call,
) -> http.client.HTTPResponse:
    assert connection.sock is not None
    call._on(connection.sock)
    connection.sock.settimeout(None)  # the call's own clock ends it
    made = body() if body else None
    connection.request(
        method,
        target,
        body=made,
        headers=headers,
        encode_chunked=made is not None and not isinstance(made, bytes),
    )
    return connection.getresponse()


def _checked(url: str, has_token: bool) -> Any:
    try:
        parts = urlsplit(url)
        usable = (
            parts.scheme in ("http", "https")
            and parts.hostname
            and parts.port != 0
            and parts.username is None
            and parts.password is None
            and not parts.query
            and not parts.fragment
            and url.isascii()
            and url.isprintable()
            and " " not in url
        )
    except ValueError:
        usable = False
    if not usable:
        raise RequestInvalid("This is not the web address of a storage service")
    assert parts.hostname is not None
    if has_token and parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise RequestInvalid("An access token is sent to https addresses only")
    _check_reach(parts.hostname)
    return parts


def _check_reach(host: str) -> None:
    if is_loopback_only() and not _is_loopback(host):
        raise RequestInvalid("Only addresses on this computer can be used now (RAYFOLIO_LOOPBACK)")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # a name leads wherever who answers for it likes
