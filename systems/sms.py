"""SMS by 46elks.

Source: 46elks' API (`/a1/sms`), interfaces.md §3.1. There is no idempotency key, and a lost answer costs the
patient a second message if we guess wrong: an UnknownOutcome is to be settled by the receipt, or by asking
with `sent_since`. Numbers and texts go in the body of the request, never in its address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from engine.errors import Incident, Refused, UnknownOutcome
from systems import http
from systems.deadline import Deadline

MAX_PAGES = 200
"""Of 100 messages: what a region sends within minutes at its busiest."""


@dataclass(frozen=True)
class Listing:
    """Provider's ids, newest first. `complete` is False where the list didn't reach back far enough."""

    ids: list[str]
    complete: bool


class Sms:
    """Client of 46elks.

    Args:
        url: of the API, without `/a1/sms`.
        user, password: of the API.
        deadline: seconds for a whole call, in `sent_since` for all its pages together.
    """

    def __init__(self, url: str, user: str, password: str, deadline: float = 10.0) -> None:
        self._url = f"{url.rstrip('/')}/a1/sms"
        self._login = (user, password)
        self._deadline = deadline

    def send(self, to: str, text: str, sender: str, receipt_url: str) -> str:
        """Send one message.

        Args:
            to: E.164.
            sender: at most 11 letters and digits, a letter first.
            receipt_url: where receipts are to be posted; it must not tell who the patient is.

        Returns:
            the provider's id.

        Raises:
            Refused: 'sms_refused'.
            UnknownOutcome: 'answer_lost' (5xx too: it can be asked about), 'malformed_answer'.
            Incident: 'not_authorised' or 'protocol_refused'; that and others as `http.call`.
        """
        form = {"from": sender, "to": to, "message": text, "whendelivered": receipt_url}
        answer = http.call("POST", self._url, deadline=Deadline(self._deadline), form=form, login=self._login)
        _accept(answer)
        return http.read_json(answer, _Accepted).id

    def sent_between(self, first: datetime, last: datetime, to: str, text: str) -> Listing:
        """The messages that the provider has from us of that time, to this number and with this text.

        Args:
            first, last: aware, with a margin for the provider's clock. It lists the newest first, from `last` on
                (`start` at 46elks), so that asking late is no dearer than asking at once.

        Raises:
            NotSent: also for a lost or unreadable answer, since a read changes nothing.
            Refused, Incident: as `send`.
        """
        deadline = Deadline(self._deadline)
        found: dict[str, None] = {}
        start = last.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
        for _ in range(MAX_PAGES):
            page = self._page(start, deadline)
            recent = [each for each in page.data if each.created is None or each.created >= first]
            found |= {each.id: None for each in recent if (each.to, each.message) == (to, text)}
            if len(recent) < len(page.data) or page.next is None:
                return Listing(list(found), complete=True)
            if page.next == start:
                break
            start = page.next
        return Listing(list(found), complete=False)

    def _page(self, start: str, deadline: Deadline) -> _Page:
        params = {"start": start}
        with http.harmless():
            answer = http.call(
                "GET", self._url, deadline=deadline, params=params, login=self._login, idempotent=True
            )
            _accept(answer)
            return http.read_json(answer, _Page)


def _accept(answer: http.Answer) -> None:
    """Nothing for a success, otherwise what the status means."""
    code = f"http_{answer.status}"
    if answer.status in (401, 403):
        raise Incident("not_authorised", code)
    if answer.status == 400:
        raise Refused("sms_refused", code)
    if answer.status >= 500:
        raise UnknownOutcome("answer_lost", code)
    if not 200 <= answer.status < 300:
        raise Incident("protocol_refused", code)


def utc(text: Any) -> datetime | None:
    """A time of 46elks, UTC without saying so. Their own examples have malformed ones, so: to the second."""
    try:
        return datetime.strptime(str(text)[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


class _Accepted(BaseModel):
    id: Annotated[str, Field(min_length=1)]


class _Message(BaseModel):
    id: str
    to: str | None = None
    message: str | None = None
    created: Annotated[datetime | None, BeforeValidator(utc)] = None


class _Page(BaseModel):
    data: list[_Message]
    next: str | None = None
