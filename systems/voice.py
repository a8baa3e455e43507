"""Calls by 46elks.

Source: 46elks' API (`/a1/calls`, its call history), interfaces.md §3.2. There is no idempotency key, so an
UnknownOutcome is to be settled by asking with `called_between`. Numbers go in the body of the request, never in
its address.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from engine.errors import Incident, Refused, UnknownOutcome
from systems import http
from systems.deadline import Deadline
from systems.sms import MAX_PAGES, Listing, utc

RING_SECONDS = 45


class Voice:
    """Client of 46elks' calls.

    Args:
        url: of the API, without `/a1/calls`.
        user, password: of the API.
        deadline: seconds for a whole call, in `called_between` for all its pages together.
    """

    def __init__(self, url: str, user: str, password: str, deadline: float = 10.0) -> None:
        self._url = f"{url.rstrip('/')}/a1/calls"
        self._login = (user, password)
        self._deadline = deadline

    def call(self, to: str, caller: str, announcement: str) -> str:
        """Ring someone up, and play them an announcement when they answer.

        Args:
            to, caller: E.164; the second is one of our own.
            announcement: the address of the sound.

        Returns:
            the provider's id.

        Raises:
            Refused: 'call_refused'.
            UnknownOutcome: 'answer_lost' (5xx too: it can be asked about), 'malformed_answer'.
            Incident: 'not_authorised' or 'protocol_refused'; that and others as `http.call`.
        """
        action = json.dumps({"play": announcement})
        form = {"from": caller, "to": to, "voice_start": action, "timeout": str(RING_SECONDS)}
        answer = http.call("POST", self._url, deadline=Deadline(self._deadline), form=form, login=self._login)
        _accept(answer)
        return http.read_json(answer, _Accepted).id

    def called_between(self, first: datetime, last: datetime, to: str) -> Listing:
        """The calls that the provider has made for us in that time to this number.

        Args:
            first, last: aware, with a margin for the provider's clock. It lists the newest first, from `last` on.

        Raises:
            NotSent: also for a lost or unreadable answer, since a read changes nothing.
            Refused, Incident: as `call`.
        """
        deadline = Deadline(self._deadline)
        found: dict[str, None] = {}
        start = last.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
        for _ in range(MAX_PAGES):
            page = self._page(start, deadline)
            recent = [each for each in page.data if each.created is None or each.created >= first]
            found |= {each.id: None for each in recent if (each.to, each.direction) == (to, "outgoing")}
            if len(recent) < len(page.data) or page.next is None:
                return Listing(list(found), complete=True)
            if page.next == start:
                break
            start = page.next
        return Listing(list(found), complete=False)

    def _page(self, start: str, deadline: Deadline) -> _Page:
        with http.harmless():
            answer = http.call(
                "GET",
                self._url,
                deadline=deadline,
                params={"start": start},
                login=self._login,
                idempotent=True,
            )
            _accept(answer)
            return http.read_json(answer, _Page)


def _accept(answer: http.Answer) -> None:
    """Nothing for a success, otherwise what the status means."""
    code = f"http_{answer.status}"
    if answer.status in (401, 403):
        raise Incident("not_authorised", code)
    if answer.status == 400:
        raise Refused("call_refused", code)
    if answer.status >= 500:
        raise UnknownOutcome("answer_lost", code)
    if not 200 <= answer.status < 300:
        raise Incident("protocol_refused", code)


class _Accepted(BaseModel):
    id: Annotated[str, Field(min_length=1)]


class _Call(BaseModel):
    id: str
    to: str | None = None
    direction: str | None = None
    created: Annotated[datetime | None, BeforeValidator(utc)] = None


class _Page(BaseModel):
    data: list[_Call]
    next: str | None = None
