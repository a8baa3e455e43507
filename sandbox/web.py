"""A call and its answer, whatever carries them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.region import Region


@dataclass(frozen=True, slots=True)
class Request:
    """A call. `path` is what follows the system's (or the first) part, without its leading slash."""

    method: str
    first: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def operation(self) -> str:
        """The SOAP operation, else method and path: what a fault and the list of calls name it by."""
        action = self.headers.get("soapaction", "").strip('"')
        return action.rsplit(":", 1)[-1] if action else f"{self.method} /{self.path}"

    def json(self) -> Any:
        """The body as JSON; a body that is none is a `BadRequest`."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise BadRequest(400, "the body is not JSON") from None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class BadRequest(Exception):
    """Answered as `application/problem+json`."""

    def __init__(self, status: int, detail: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors or []


def json_reply(value: Any, status: int = 200) -> Reply:
    """Any JSON value as an answer."""
    return Reply(status, json.dumps(value, ensure_ascii=False).encode())


def problem(error: BadRequest) -> Reply:
    """A refusal (RFC 9457)."""
    document = {"title": "refused", "status": error.status, "detail": error.detail, "errors": error.errors}
    return Reply(error.status, json.dumps(document).encode(), "application/problem+json")


def text_reply(status: int, text: str) -> Reply:
    """Plain text, as 46elks and faults answer."""
    return Reply(status, text.encode(), "text/plain; charset=utf-8")


Handler = Callable[["Region", Request], Reply]


def answered(handler: Handler, region: Region, request: Request) -> Reply:
    """What the handler answers, its refusals too."""
    try:
        return handler(region, request)
    except BadRequest as error:
        return problem(error)
