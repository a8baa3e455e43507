"""Where an attachment is read from, and how: as a stream, within limits of time, speed and size.

Source: our neutral channel contract, `GET /attachments/{ref}` (contract.md); RFC 9110 §8.6 (Content-Length).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from engine.base.errors import Incident, NotSent, Refused, SystemDown, VaxelError
from systems import http
from systems.deadline import Deadline

PIECE = 256 * 1024
WINDOW = 10.0
"""Seconds. A source from which no whole piece comes in so long drips, and is left for now."""


@dataclass(frozen=True)
class AttachmentSource:
    """An attachment in its platform. It can be pickled; `repr` shows no header, for there is a token in them."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    tls: http.Tls = field(default_factory=http.Tls, repr=False)


@dataclass(frozen=True)
class Coming:
    """An attachment that is on its way: how many bytes it says that it has, if it does, and its pieces."""

    expected: int | None
    pieces: Iterator[bytes]


class Pace(Deadline):
    """A deadline for the whole that also asks for a piece in every window of ten seconds."""

    def __init__(self, seconds: float, window: float = WINDOW) -> None:
        super().__init__(seconds)
        self._window = window
        self._next = Deadline(window)

    def left(self) -> float:
        """As `Deadline.left`: of the whole or of the window, whichever ends first."""
        return min(super().left(), self._next.left())

    def went_on(self) -> None:
        """A piece has come."""
        self._next = Deadline(self._window)


@contextmanager
def reading(source: AttachmentSource, seconds: float, most_bytes: int) -> Iterator[Coming]:
    """The attachment's bytes, as the source has them.

    Raises, its pieces too:
        Refused: 'attachment_gone', 'file_too_big', 'channel_refused'.
        NotSent: 'too_slow', 'answer_lost', 'unreachable', 'overloaded', 'technical_error', 'malformed_answer': a
            source that is down is one file's trouble here, and none of the storage's.
        Incident: 'not_authorised', 'protocol_refused', 'tls_failed', 'bad_address'.
    """
    pace = Pace(seconds)
    with ExitStack() as opened:
        with _of_the_source():
            asked = http.reading(source.url, deadline=pace, headers=source.headers, tls=source.tls)
            came = opened.enter_context(asked)
            expected = _accepted(came, most_bytes)
        yield Coming(expected, _pieces(came, pace, most_bytes))


def _pieces(came: http.Incoming, pace: Pace, most_bytes: int) -> Iterator[bytes]:
    count = 0
    with _of_the_source():
        for piece in came.pieces(PIECE):
            pace.went_on()
            count += len(piece)
            if count > most_bytes:
                raise Refused("file_too_big")
            yield piece


@contextmanager
def _of_the_source() -> Iterator[None]:
    try:
        yield
    except SystemDown as down:
        raise NotSent(down.reason, down.detail) from None
    except NotSent as lost:
        if lost.reason in ("connect_timeout", "deadline") or lost.detail == "timeout":
            raise NotSent("too_slow") from None
        raise


def _accepted(came: http.Incoming, most_bytes: int) -> int | None:
    """How long a whole answer that is not too big says that it is. Raises what any other means."""
    if came.status != 200:
        raise _source_refusal(came.status)
    if (
        came.headers.get("Content-Encoding", "identity") != "identity"
    ):  # it was not asked for, and is not the original
        raise NotSent("malformed_answer", "content_encoding")
    if not came.is_bounded:
        raise NotSent("malformed_answer", "no_length")
    told = came.headers.get("Content-Length", "")
    expected = int(told) if told.isdecimal() else None
    if expected is not None and expected > most_bytes:
        raise Refused("file_too_big")
    return expected


def _source_refusal(status: int) -> VaxelError:
    code = f"http_{status}"
    if status in (404, 410):
        return Refused("attachment_gone", code)
    if status in (401, 403):
        return Incident("not_authorised", code)
    if status >= 500:
        return NotSent("technical_error", code)
    return Refused("channel_refused", code) if status >= 400 else Incident("protocol_refused", code)
