"""HTTP/1.1 on asyncio: keep-alive, one call after the other on a connection, faults in between.

Its own few lines because the sandbox stands in for every system at once on the machine where we measure:
a call costs less than half of what a general server makes of it, and a connection can be cut unanswered.
"""

from __future__ import annotations

import asyncio
import http
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import parse_qsl, unquote

from sandbox.wire.calls import Calls
from sandbox.wire.faults import WELL, Faults, Played
from sandbox.wire.web import BadRequest, Handler, Reply, Request, Stream, answered, problem, text_reply

MOST_HEAD = 64 * 1024
MOST_BODY = 32 * 2**20
GARBAGE = b'<<<\x00 502 \xff<html><body>{"unfinished": '
PHRASES = {status.value: status.phrase for status in http.HTTPStatus}
NOT_DONE = {
    "down": text_reply(503, "no one answers here"),
    "error_500": text_reply(500, "Internal Server Error"),
    "not_authorised": text_reply(401, "Who are you?"),
}
"""The answers of a system that does nothing."""


@dataclass(frozen=True, slots=True)
class Site:
    """Who answers: a system by the path's first part, at once, never blocking; else control, in a thread."""

    systems: Mapping[str, Handler]
    control: Handler
    faults: Faults
    calls: Calls

    def carry_out(self, request: Request, played: Played = WELL) -> Reply | None:
        """A system's answer, or None where the fault loses it; the call is kept."""
        reply = NOT_DONE.get(played.kind or "")
        if reply is None and played.kind != "timeout_before":
            reply = answered(self.systems[request.first], request)
        if reply is not None and played.kind == "malformed":
            reply = _malformed(reply)
        if played.loses_answer:
            reply = None
        self.calls.add(request, reply.status if reply else None, played.kind)
        return reply


class Connection(asyncio.Protocol):
    """One connection from a client."""

    def __init__(self, site: Site, loop: asyncio.AbstractEventLoop) -> None:
        self._site = site
        self._loop = loop
        self._buffer = bytearray()
        self._gone = asyncio.Event()
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._busy: asyncio.Task[None] | None = None
        self._last = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._gone.set()
        self._may_write.set()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._serve()

    def _serve(self) -> None:
        """Answers what is there whole, until one call takes its time."""
        while self._busy is None and not self._transport.is_closing():
            try:
                request = self._take()
            except BadRequest as error:
                self._write_reply(problem(error))
                self._transport.close()
                return
            if request is None:
                return
            self._answer_request(request)

    def _answer_request(self, request: Request) -> None:
        if request.first not in self._site.systems:
            self._start(self._control(request))
            return
        played = self._site.faults.roll(request.first, request.operation)
        if played is WELL:
            self._give(self._site.carry_out(request))
        else:
            self._start(self._faulted(request, played))

    def _give(self, reply: Reply | None) -> None:
        """At once, or, where it is a stream, bit by bit."""
        if reply and reply.stream:
            self._start(self._pour(reply, reply.stream))
        else:
            self._write_reply(reply)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._busy = self._loop.create_task(work)
        self._busy.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._busy = None
        if task.exception():
            self._loop.call_exception_handler(
                {"message": "the sandbox failed", "exception": task.exception()}
            )
            self._write_reply(text_reply(500, "the sandbox itself failed"))
        self._serve()

    async def _control(self, request: Request) -> None:
        self._write_reply(await asyncio.to_thread(answered, self._site.control, request))

    async def _faulted(self, request: Request, played: Played) -> None:
        reply = self._site.carry_out(request, played)
        left = await self._left(played.seconds if reply is None else played.slow)
        if reply is None:
            self._transport.abort()
        elif not left and reply.stream:
            await self._pour(reply, reply.stream)
        elif not left:
            self._write_reply(reply)

    async def _pour(self, reply: Reply, stream: Stream) -> None:
        """No more of it is made than the caller takes. One that breaks off ends with the connection."""
        self._transport.write(_head(reply))
        begun, given = self._loop.time(), 0
        for piece in stream.pieces():
            given += len(piece)
            if given == stream.length:
                stream.whole()
            self._transport.write(_framed(piece) if stream.chunked else piece)
            due = begun + given / stream.bytes_per_second if stream.bytes_per_second else 0.0
            await self._may_write.wait()
            if await self._left(max(0.0, due - self._loop.time())):
                return
        if stream.chunked and given == stream.length:
            self._transport.write(b"0\r\n\r\n")
        if self._last or given < stream.length:
            self._transport.close()

    async def _left(self, seconds: float) -> bool:
        """Waits, if only for the others' turn; true when the caller hung up meanwhile."""
        if not seconds:
            await asyncio.sleep(0)
            return self._gone.is_set()
        try:
            await asyncio.wait_for(self._gone.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _write_reply(self, reply: Reply | None) -> None:
        if reply is None or self._transport.is_closing():
            return
        self._transport.write(_head(reply) + reply.body)
        if self._last:
            self._transport.close()

    def _take(self) -> Request | None:
        """The first call in the buffer, once it is there whole."""
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > MOST_HEAD:
                raise BadRequest(431, "the head is too long")
            return None
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
        }
        length = _length(headers)
        start = end + 4
        if len(self._buffer) < start + length:
            self._wanted(headers, start)
            return None
        self._last = headers.get("connection", "").lower() == "close"
        body = bytes(self._buffer[start : start + length])
        del self._buffer[: start + length]
        return _request(lines[0], headers, body)

    def _wanted(self, headers: dict[str, str], start: int) -> None:
        """A client that asks first is told to go on."""
        if headers.get("expect", "").lower() == "100-continue" and len(self._buffer) == start:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


def _head(reply: Reply) -> bytes:
    line = f"HTTP/1.1 {reply.status} {PHRASES.get(reply.status, '')}"
    fields = f"content-type: {reply.content_type}\r\n{reply.framing}"
    fields += "".join(f"\r\n{name}: {value}" for name, value in reply.headers.items())
    return f"{line}\r\n{fields}\r\n\r\n".encode()


def _framed(piece: memoryview) -> bytes:
    """A chunk (RFC 9112 §7.1); one of no bytes would end the body."""
    return b"".join((b"%x\r\n" % len(piece), piece, b"\r\n")) if piece else b""


def _malformed(reply: Reply) -> Reply:
    """Rubbish; a stream begins well and breaks off."""
    if reply.stream:
        return replace(reply, stream=reply.stream.cut_short())
    return Reply(200, GARBAGE, reply.content_type)


def _length(headers: dict[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise BadRequest(411, "Content-Length is wanted, not a transfer encoding")
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        raise BadRequest(400, "Content-Length is no number")
    if int(length) > MOST_BODY:
        raise BadRequest(413, "the body is too long")
    return int(length)


def _request(line: str, headers: dict[str, str], body: bytes) -> Request:
    method, _, rest = line.partition(" ")
    target, _, version = rest.rpartition(" ")
    if not version.startswith("HTTP/1."):
        raise BadRequest(400, "no HTTP/1 request")
    path, _, query = target.partition("?")
    first, _, path = unquote(path.rstrip("/")).lstrip("/").partition("/")
    pairs = tuple(parse_qsl(query, keep_blank_values=True)) if query else ()
    return Request(method, first, path, dict(pairs), headers, body, pairs)
