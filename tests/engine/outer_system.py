"""A tiny outer system on a real socket, which counts what was done to it, by key."""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from engine.base.errors import SystemDown, UnknownOutcome


class OuterSystem:
    """POST /do/<key>: the effect, in order of arrival; `by_key`: the same key again does nothing."""

    def __init__(self, *, by_key: bool = False) -> None:
        self.done: list[tuple[str, str]] = []
        self.by_key = by_key
        self._guard = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def port(self) -> int:
        return self._server.server_port

    def effects(self) -> Counter[str]:
        """How many effects each key has had."""
        return Counter(key for key, _ in self.done)

    def take(self, key: str) -> str:
        with self._guard:
            if self.by_key and key in self.effects():
                return next(id for known, id in self.done if known == key)
            self.done.append((key, f"m{len(self.done)}"))
            return self.done[-1][1]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self._say({"id": outer.take(self.path.removeprefix("/do/"))})

            def do_GET(self) -> None:
                self._say({"messages": outer.done})

            def _say(self, what: Any) -> None:
                body = json.dumps(what).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Not a word."""

        return Handler


@contextmanager
def running(**how: Any) -> Iterator[OuterSystem]:
    """The system, for as long as it is needed."""
    system = OuterSystem(**how)
    try:
        yield system
    finally:
        system.stop()


def ask_for(method: str, port: int, path: str) -> Any:
    """One real call; a refused connection is *not sent*, anything lost after it *unknown*."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.connect()
    except OSError:
        raise SystemDown("unreachable") from None
    try:
        connection.request(method, path)
        return json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException):
        raise UnknownOutcome("answer_lost") from None
    finally:
        connection.close()


def post(port: int, key: str) -> str:
    """Do it; gives the system's id of what was done."""
    return str(ask_for("POST", port, f"/do/{key}")["id"])


def messages(port: int) -> list[tuple[str, str]]:
    """What it has done: key and id, the oldest first."""
    return [(key, id) for key, id in ask_for("GET", port, "/")["messages"]]
