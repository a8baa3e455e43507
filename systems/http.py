"""One HTTP call with a total deadline, and what its failure means.

Source: RFC 9110 (§9.2.2 idempotent methods, §15 status codes), interfaces.md §10.

`requests` raises ConnectionError for a connection that was refused as well as for one that was lost when the
request had gone. The first is surely without effect, the second is not. So we judge by what has left us:

1. nothing: refused or no such name is SystemDown, a slow connect NotSent, a bad certificate Incident;
2. something, and then the connection was lost, late or cut short: UnknownOutcome('answer_lost');
3. an answer came: 429 and 503 are SystemDown('overloaded'), any other is the caller's to judge.
"""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from functools import lru_cache, partial
from typing import TypeVar

import requests
from pydantic import BaseModel, ValidationError
from urllib3.exceptions import HTTPError

from engine.base.errors import AnswerLost, Incident, NotSent, SystemDown, UnknownOutcome, VaxelError
from systems.connection import Progress, adapter, begin_call, prepared
from systems.deadline import Deadline

MAX_ANSWER = 8 * 1024 * 1024
CONNECT_TIMEOUT = 5.0
# A server that takes longer than this to close a kept connection has been at work on the request.
STALE_WITHIN = 1.0
_CHUNK = 64 * 1024

M = TypeVar("M", bound=BaseModel)
Make = Callable[[], requests.PreparedRequest]


@dataclass(frozen=True)
class Tls:
    """Our function certificate and whom we trust: paths of PEM files. None: no certificate, usual trust."""

    certificate: str | None = None
    key: str | None = None
    authority: str | None = None


@dataclass(frozen=True)
class Answer:
    """An answer with any status but 429 and 503. Headers compare without case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def call(
    method: str,
    url: str,
    *,
    deadline: Deadline,
    body: bytes | None = None,
    form: Mapping[str, str] | None = None,
    params: Mapping[str, str | Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
    login: tuple[str, str] | None = None,
    idempotent: bool = False,
    tls: Tls | None = None,
) -> Answer:
    """Make one call. Redirects are not followed, proxies of the environment not used.

    Args:
        url: never with a personal value in it, nor in `params` (ADR 0011).
        body: sent as it is; or `form`, sent as application/x-www-form-urlencoded.
        login: user and password for HTTP Basic.
        idempotent: twice is as good as once, so a kept-alive connection that proves to be closed before the
            first byte of an answer is replaced, once.

    Raises:
        SystemDown: 'unreachable' or 'overloaded'.
        NotSent: 'connect_timeout', or 'deadline' when it had passed before.
        UnknownOutcome: 'answer_lost', or 'malformed_answer' for one larger than MAX_ANSWER.
        Incident: 'tls_failed' or 'bad_address'.
    """
    make = partial(prepared, method, url, headers=headers, data=body or form, params=params, login=login)
    try:
        return _attempt(make, deadline, tls or Tls())
    except _Stale as stale:
        # That the second try came to nothing says nothing of the first.
        with suppress(NotSent):
            if idempotent:
                return _attempt(make, deadline, tls or Tls())
        raise UnknownOutcome(stale.reason, stale.detail) from None


@contextmanager
def reading(
    url: str, *, deadline: Deadline, headers: Mapping[str, str] | None = None, tls: Tls | None = None
) -> Iterator[Incoming]:
    """Read something as a stream, whatever its status; as `call` otherwise.

    Raises:
        SystemDown, Incident: as `call`.
        NotSent: 'connect_timeout', 'deadline', 'answer_lost' (also midway, or where it ends before it should), with
            the detail 'timeout' where it was too slow.
    """
    deadline.check()
    make, progress = partial(prepared, "GET", url, headers=headers), begin_call(deadline)
    with ExitStack() as opened:
        with harmless(), _errors_told(progress):
            response = opened.enter_context(_sent(make, deadline, tls or Tls()))
        yield Incoming(response, progress)


class Incoming:
    """An answer that is read piece by piece, as it comes: nothing in it is decoded.

    Attributes:
        is_bounded: it says where it ends, so that one cut short is told from a whole one.
    """

    def __init__(self, response: requests.Response, progress: Progress) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.is_bounded = response.raw.chunked or response.raw.length_remaining is not None
        self._raw = response.raw
        self._progress = progress

    def pieces(self, size: int) -> Iterator[bytes]:
        """All of it, at most so many bytes at a time. Raises as `reading`."""
        with harmless(), _errors_told(self._progress):
            while piece := self._raw.read(size, decode_content=False):
                yield piece


@contextmanager
def harmless() -> Iterator[None]:
    """For a read, or a repeat under the same key: a lost answer is as good as nothing sent."""
    try:
        yield
    except UnknownOutcome as error:
        raise AnswerLost(error.reason, error.detail) from None


@lru_cache(64)
def charset_of(content_type: str) -> str | None:
    """The charset that a Content-Type names, in lower case; None: it names none; "": what it says can't be read."""
    header = Message()
    header["Content-Type"] = content_type
    try:
        return header.get_content_charset()
    except (TypeError, ValueError):  # what the library does not foresee: parts that have no numbers, NUL
        return ""


def read_json(answer: Answer, model: type[M]) -> M:
    """The body as a pydantic model; UnknownOutcome('malformed_answer') where it isn't one."""
    try:
        return model.model_validate_json(answer.body)
    except ValidationError:
        raise UnknownOutcome("malformed_answer", f"http_{answer.status}") from None


class _Stale(UnknownOutcome):
    """The server had closed the kept-alive connection. Stays in this module."""


def _attempt(make: Make, deadline: Deadline, tls: Tls) -> Answer:
    deadline.check()
    progress = begin_call(deadline)
    with _errors_told(progress), _sent(make, deadline, tls) as response:
        return Answer(response.status_code, _read_answer(response), response.headers)


@contextmanager
def _errors_told(progress: Progress) -> Iterator[None]:
    try:
        yield
    except (requests.RequestException, HTTPError, http.client.HTTPException, OSError) as error:
        # Not chained: the library's error holds the request, and that its body and its address.
        raise _judged(error, progress) from None


@contextmanager
def _sent(make: Make, deadline: Deadline, tls: Tls) -> Iterator[requests.Response]:
    """The library's adapter without its session, whose merging costs a third of a call and gives us nothing."""
    with adapter().send(
        make(),
        stream=True,
        timeout=(min(CONNECT_TIMEOUT, deadline.left()), deadline.left()),
        cert=(tls.certificate, tls.key) if tls.certificate and tls.key else tls.certificate,
        verify=tls.authority or True,
    ) as response:
        if response.status_code in (429, 503):
            raise SystemDown("overloaded", f"http_{response.status_code}")
        yield response


def _read_answer(response: requests.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > MAX_ANSWER:
            raise UnknownOutcome("malformed_answer", "too_large")
    return bytes(body)


def _judged(error: Exception, progress: Progress) -> VaxelError:
    late = isinstance(error, requests.Timeout) or isinstance(progress.failure, TimeoutError)
    if _is_certificate(progress):
        return Incident("tls_failed")
    if progress.sent_at is not None:
        lost = _Stale if not late and _is_stale(progress) else UnknownOutcome
        return lost("answer_lost", "timeout" if late else "connection_lost")
    if isinstance(error, ValueError):
        return Incident("bad_address")
    return NotSent("connect_timeout") if late else SystemDown("unreachable")


def _is_stale(progress: Progress) -> bool:
    """A kept connection, closed at once and without a word: most likely before the request was there."""
    if progress.connected or progress.answered or progress.sent_at is None:
        return False
    return time.monotonic() - progress.sent_at < STALE_WITHIN


def _is_certificate(progress: Progress) -> bool:
    """Ours or theirs was refused; with TLS 1.3 ours after our first bytes, but before they are read."""
    failure = progress.failure
    if not isinstance(failure, ssl.SSLError) or isinstance(failure, ssl.SSLEOFError):
        return False
    return progress.sent_at is None or any(
        word in (failure.reason or "") for word in ("CERTIFICATE", "UNKNOWN_CA")
    )
