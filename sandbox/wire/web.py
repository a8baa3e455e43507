"""A call and its answer, whatever carries them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

_IDS = re.compile(
    r"^(attachments|conversations|a1/sms|a1/calls|journal-notes|staff-tasks|bookings)/.+?"
    r"(/messages|/alerts|/withdraw|/arrived|/rebook|/cancel)?$"
)


@dataclass(frozen=True, slots=True)
class Request:
    """A call. `path` is what follows the system's (or the first) part, without its leading slash.

    `query` has the last of what stands there again; `pairs` has all, in their order.
    """

    method: str
    first: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def operation(self) -> str:
        """What a fault and the list of calls name it by: the SOAP operation, else method and path.

        An id in the path is `{id}`.
        """
        action = self.headers.get("soapaction", "").strip('"')
        if action:
            return action.rsplit(":", 1)[-1]
        path = _IDS.sub(r"\1/{id}\2", self.path)
        return f"{self.method} /{path}"

    def all_of(self, name: str) -> list[str]:
        """What stands in the address under a name that may stand there again and again."""
        return [value for each, value in self.pairs if each == name]

    def json(self) -> Any:
        """The body as JSON; a body that is none is a `BadRequest`."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise BadRequest(400, "the body is not JSON") from None


PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Stream:
    """A body that is made while it goes out, and is never whole in memory.

    Args:
        length: as `Content-Length` says it, unless it goes `chunked`.
        chunks: makes the bytes.
        bytes_per_second: it drips; None: as fast as it is taken.
        whole: called when the last byte is handed over.
        goes: after so many bytes the connection is closed; None: all go.
    """

    length: int
    chunks: Callable[[], Iterable[memoryview]]
    whole: Callable[[], None]
    bytes_per_second: float | None = None
    goes: int | None = None
    chunked: bool = False

    def cut_short(self) -> Stream:
        """The same, that breaks off in the middle."""
        return replace(self, goes=self.length // 2)

    def pieces(self) -> Iterator[memoryview]:
        """What is handed over at a time: so little that it can drip."""
        size = max(1, int(self.bytes_per_second / 10)) if self.bytes_per_second else PIECE
        left = self.length if self.goes is None else self.goes
        if not self.length:
            yield memoryview(b"")
        for chunk in self.chunks():
            for at in range(0, min(len(chunk), left), size):
                yield chunk[at : min(at + size, left)]
            left -= min(len(chunk), left)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; its body is `stream` where there is one."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    stream: Stream | None = None

    @property
    def framing(self) -> str:
        """The header that says where the body ends."""
        if self.stream and self.stream.chunked:
            return "transfer-encoding: chunked"
        return f"content-length: {len(self.body) if self.stream is None else self.stream.length}"


class BadRequest(Exception):
    """Answered as `application/problem+json`; `code` where the caller is to tell it from another of that status."""

    def __init__(
        self, status: int, detail: str, errors: list[dict[str, str]] | None = None, code: str | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors or []
        self.code = code


def json_reply(value: Any, status: int = 200) -> Reply:
    """Any JSON value as an answer."""
    return Reply(status, json.dumps(value, ensure_ascii=False).encode())


def problem(error: BadRequest) -> Reply:
    """A refusal (RFC 9457)."""
    document = {"title": "refused", "status": error.status, "detail": error.detail, "errors": error.errors}
    coded = {"code": error.code} if error.code else {}
    return Reply(error.status, json.dumps(document | coded).encode(), "application/problem+json")


def html_reply(page: str) -> Reply:
    """A page of ours for a browser: no script, nothing from elsewhere."""
    headers = {"content-security-policy": "default-src 'none'; frame-ancestors 'none'"}
    return Reply(200, page.encode(), "text/html; charset=utf-8", headers)


def text_reply(status: int, text: str) -> Reply:
    """Plain text, as 46elks and faults answer."""
    return Reply(status, text.encode(), "text/plain; charset=utf-8")


Handler = Callable[[Request], Reply]


def answered(handler: Handler, request: Request) -> Reply:
    """What the handler answers, its refusals too."""
    try:
        return handler(request)
    except BadRequest as error:
        return problem(error)
