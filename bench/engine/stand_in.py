"""The outer system that all sides post to: HTTP/1.1 kept alive, in a process of its own, and it remembers.

    POST   /do/<case>/<step>   {"id": "m17"}; what was done is kept by its path
    GET    /done               {"<case>/<step>": [times, when first]}, `time.monotonic` of this machine
    DELETE /done               forget it all

Bare sockets and a parser of ten lines: it shall cost as little as can be of the cores that the sides use.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time

BLANK = b"\r\n\r\n"


class Done:
    """What has been done, by case and step: how many times, and when first."""

    def __init__(self) -> None:
        self.of: dict[str, tuple[int, float]] = {}

    def count(self, path: str) -> bytes:
        times, first = self.of.get(path, (0, time.monotonic()))
        self.of[path] = (times + 1, first)
        return b'{"id": "m%d"}' % len(self.of)


class Connection(asyncio.Protocol):
    """One connection: requests come one after another, each with a Content-Length or without a body."""

    def __init__(self, done: Done) -> None:
        self.done = done
        self._read = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while BLANK in self._read:
            head, rest = self._read.split(BLANK, 1)
            length = _length(head)
            if len(rest) < length:
                return
            self._read = rest[length:]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        method, path, _ = head.split(b" ", 2)
        body = self._do(method, path.decode())
        assert self._transport is not None
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body)
        )

    def _do(self, method: bytes, path: str) -> bytes:
        if method == b"POST":
            return self.done.count(path.removeprefix("/do/"))
        if method == b"DELETE":
            self.done.of.clear()
        return json.dumps(self.done.of).encode()


def _length(head: bytes) -> int:
    """Content-Length, 0 where there is none."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def serve(port: int) -> None:
    """Answer until the process is ended."""
    done = Done()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(done), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The outer system of the engine bench.")
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(serve(parser.parse_args().port))
