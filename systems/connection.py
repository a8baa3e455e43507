"""The connections under `systems.http`: kept alive, under a deadline, and knowing what has left them.

Source: urllib3's documented ways in (`pool_classes_by_scheme`, `ConnectionCls`), http.client's
`response_class`. Whether a request had any effect hangs on whether its first byte was sent, which neither
`requests` nor urllib3 tells.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from systems.deadline import Deadline, DeadlineReader

# Servers close idle connections, some after 5 s; a request sent at that moment has an unknown outcome.
MAX_IDLE = 2.0
_PIECE = 64 * 1024
HEADERS = {
    "User-Agent": requests.utils.default_user_agent(),
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "keep-alive",
}


@dataclass
class Progress:
    """How far this thread's call has come.

    Attributes:
        connected: a new connection was made for it, none was reused.
        sent_at: when (`time.monotonic`) its latest bytes left, None if none have.
        answered: the first byte of the answer is here.
        failure: the socket's own error, which the libraries wrap differently at each stage.
    """

    deadline: Deadline
    connected: bool = False
    sent_at: float | None = None
    answered: bool = False
    failure: OSError | None = None


class _Thread(threading.local):
    progress: Progress
    adapter: _Adapter | None = None


_thread = _Thread()


def begin_call(deadline: Deadline) -> Progress:
    """The account of the call that this thread now makes; it has one at a time."""
    _thread.progress = Progress(deadline)
    return _thread.progress


def prepared(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    data: bytes | Mapping[str, str] | None = None,
    params: Mapping[str, str | Sequence[str]] | None = None,
    login: tuple[str, str] | None = None,
) -> requests.PreparedRequest:
    """A request as it leaves us. There is nothing to merge into it: no session of ours has a setting or a cookie."""
    request = requests.PreparedRequest()
    request.prepare_method(method)
    request.prepare_url(url, params)
    request.prepare_headers(HEADERS | dict(headers or {}))
    request.prepare_body(data, None)
    request.prepare_auth(login, url)
    return request


def adapter() -> HTTPAdapter:
    """This thread's: a kept-alive connection is never shared between threads."""
    if _thread.adapter is None:
        _thread.adapter = _Adapter(pool_connections=16, pool_maxsize=2)
    return _thread.adapter


class _Accounting:
    """What both kinds of connection do beside their trade."""

    sock: socket.socket | None
    _used_at = 0.0
    _held: bytes | None = None
    """What is kept back of a request, so that its headers and its body leave together."""

    @property
    def is_connected(self) -> bool:
        """Still open, as far as one can see, and used so lately that the server will not be closing it."""
        return bool(super().is_connected) and time.monotonic() - self._used_at < MAX_IDLE  # type: ignore[misc]

    def connect(self) -> None:
        """As the library does it, noted."""
        try:
            super().connect()  # type: ignore[misc]
        except OSError as error:
            _thread.progress.failure = error
            raise
        _thread.progress.connected = True

    def request(self, *args: Any, **kwargs: Any) -> None:
        """As the library does it, in one piece where it is small: that is one wait for the other side less."""
        self._held = b""
        try:
            super().request(*args, **kwargs)  # type: ignore[misc]
            self._let_go()
        finally:
            self._held = None

    def send(self, data: Any) -> None:
        """As the library does it, noted, each piece within what is left of the deadline."""
        if self._held is not None and isinstance(data, bytes) and len(self._held) + len(data) <= _PIECE:
            self._held += data
            return
        self._let_go()
        self._send(data)

    def _let_go(self) -> None:
        if self._held:
            held, self._held = self._held, None
            self._send(held)

    def _send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        assert self.sock is not None
        try:
            self.sock.settimeout(_thread.progress.deadline.left())
            self._used_at = _thread.progress.sent_at = time.monotonic()
            super().send(data)  # type: ignore[misc]
        except OSError as error:
            _thread.progress.failure = (
                error if isinstance(error, TimeoutError) else self._last_word() or error
            )
            raise

    def _last_word(self) -> OSError | None:
        """What the other side said before it closed: over TLS perhaps that it refuses our certificate."""
        try:
            assert self.sock is not None
            self.sock.settimeout(0)
            self.sock.recv(1)
        except OSError as error:
            return error
        return None

    def response_class(self, sock: socket.socket, *args: Any, **kwargs: Any) -> http.client.HTTPResponse:
        """The library's own response, reading under our deadline."""
        response = http.client.HTTPResponse(sock, *args, **kwargs)
        response.fp.close()
        response.fp = io.BufferedReader(_Reader(sock, _thread.progress))
        return response


class _Reader(DeadlineReader):
    def __init__(self, sock: socket.socket, progress: Progress) -> None:
        super().__init__(sock, progress.deadline)
        self._progress = progress

    def readinto(self, buffer: Any) -> int | None:
        try:
            count = super().readinto(buffer)
        except OSError as error:
            self._progress.failure = error
            raise
        self._progress.answered |= bool(count)
        return count


class _Http(_Accounting, HTTPConnection):  # type: ignore[misc]
    pass


class _Https(_Accounting, HTTPSConnection):  # type: ignore[misc]
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """As the library has it, but for cookies: we keep none."""
        response = requests.Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers)
        response.raw = resp
        response.reason = resp.reason
        response.url = req.url or ""
        response.request = req
        response.connection = self
        return response
