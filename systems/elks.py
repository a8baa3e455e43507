"""What SMS and calls at 46elks have in common: a form is posted, and the history is read from its newest end.

Source: 46elks' API, interfaces.md §3.1 and §3.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, Field

from engine.base.errors import Incident, Refused, UnknownOutcome
from systems import http
from systems.deadline import Deadline

MAX_PAGES = 200
"""Of 100 entries: what a region sends within minutes at its busiest."""


def _utc(text: Any) -> datetime | None:
    """A time of 46elks, UTC without saying so. Their own examples have malformed ones, so: to the second."""
    try:
        return datetime.strptime(str(text)[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


class Made(BaseModel):
    """A message or a call, as the history has it."""

    id: str
    to: str | None = None
    created: Annotated[datetime | None, BeforeValidator(_utc)] = None


M = TypeVar("M", bound=Made)


class _Page(BaseModel, Generic[M]):
    data: list[M]
    next: str | None = None


class _Accepted(BaseModel):
    id: Annotated[str, Field(min_length=1)]


@dataclass(frozen=True)
class Listing:
    """Provider's ids, newest first. `complete` is False where the list didn't reach back far enough."""

    ids: list[str]
    complete: bool


class Resource(Generic[M]):
    """`/a1/sms` or `/a1/calls`.

    Args:
        url: of the API, without `/a1/…`.
        name: `sms` or `calls`.
        made: the model of an entry of its history.
        refusal: the error of what it refuses, by the status.
        user, password: of the API.
        deadline: seconds for a whole call, in `made_between` for all its pages together.
    """

    def __init__(
        self,
        url: str,
        name: str,
        made: type[M],
        refusal: Callable[[str], Refused],
        user: str,
        password: str,
        deadline: float,
    ) -> None:
        self._url = f"{url.rstrip('/')}/a1/{name}"
        self._page_model = _Page[made]  # type: ignore[valid-type]
        self._refusal = refusal
        self._login = (user, password)
        self._deadline = deadline

    def make(self, form: Mapping[str, str]) -> str:
        """Post the form; the provider's id of what it made.

        Raises:
            Refused: as `refusal` has it.
            UnknownOutcome: 'answer_lost' (5xx too: it can be asked about), 'malformed_answer'.
            Incident: 'not_authorised' or 'protocol_refused'; that and others as `http.call`.
        """
        answer = http.call("POST", self._url, deadline=Deadline(self._deadline), form=form, login=self._login)
        self._accept(answer)
        return http.read_json(answer, _Accepted).id

    def made_between(self, first: datetime, last: datetime, is_meant: Callable[[M], bool]) -> Listing:
        """Those of that time that are meant.

        Args:
            first, last: aware, with a margin for the provider's clock. It lists the newest first, from `last` on
                (`start` at 46elks), so that asking late is no dearer than asking at once.

        Raises:
            NotSent: also for a lost or unreadable answer, since a read changes nothing.
            Refused, Incident: as `make`.
        """
        deadline = Deadline(self._deadline)
        found: dict[str, None] = {}
        start = last.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
        for _ in range(MAX_PAGES):
            page = self._page(start, deadline)
            recent = [each for each in page.data if each.created is None or each.created >= first]
            found |= {each.id: None for each in recent if is_meant(each)}
            if len(recent) < len(page.data) or page.next is None:
                return Listing(list(found), complete=True)
            if page.next == start:
                break
            start = page.next
        return Listing(list(found), complete=False)

    def _page(self, start: str, deadline: Deadline) -> _Page[M]:
        params = {"start": start}
        with http.harmless():
            answer = http.call(
                "GET", self._url, deadline=deadline, params=params, login=self._login, idempotent=True
            )
            self._accept(answer)
            return http.read_json(answer, self._page_model)

    def _accept(self, answer: http.Answer) -> None:
        """Nothing for a success, otherwise what the status means."""
        code = f"http_{answer.status}"
        if answer.status in (401, 403):
            raise Incident("not_authorised", code)
        if answer.status == 400:
            raise self._refusal(code)
        if answer.status >= 500:
            raise UnknownOutcome("answer_lost", code)
        if not 200 <= answer.status < 300:
            raise Incident("protocol_refused", code)
