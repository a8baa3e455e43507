"""VAS (or its successor): bookings to read, letters and staff tasks to hand over.

Source: our own neutral contract, contract.md, since VAS has no public API: JSON, with an `Idempotency-Key` on
every POST. The same key again gives the same answer and does nothing twice, so a lost, unreadable or failed
answer is always NotSent here: to try again with the same key is right whatever became of the first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import BaseModel, Field

from engine.errors import Incident, NotSent, Refused
from systems import http
from systems.deadline import Deadline

Json = Mapping[str, Any]
# Keys have other systems' ids in them, and a header has no room for all that an id may hold.
_KEY = "/:+,=@!~ "


class Vas:
    """Client of the journal contract.

    Args:
        token: sent as a bearer token, if there is one.
        deadline: seconds for a whole call, in `bookings` for each page.
    """

    def __init__(
        self, url: str, token: str | None = None, deadline: float = 20.0, tls: http.Tls | None = None
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._deadline = deadline
        self._tls = tls

    def bookings(self, first: date, last: date) -> Iterator[dict[str, Any]]:
        """Every booking from the first to the last day, as VAS tells it: not validated, `cancelled` added.

        Raises:
            NotSent, Refused, Incident: as `post_letter`, at any page.
        """
        params = {"from": first.isoformat(), "to": last.isoformat()}
        while True:
            page = self._page(params)
            yield from page.bookings
            if page.next is None:
                return
            if page.next == params.get("cursor"):
                raise NotSent("malformed_answer", "cursor")
            params["cursor"] = page.next

    def post_letter(self, key: str, *, patient: Json, unit: Json, booking: str, text: str) -> str:
        """Have a call letter printed and posted.

        Args:
            key: names the occasion, the same for every try.
            patient, unit: as in contract.md.

        Returns:
            the letter's id in VAS.

        Raises:
            Refused: 'vas_refused'.
            NotSent: 'technical_error', and for every loss.
            Incident: 'idempotency_conflict' (the key was used for another letter), 'not_authorised',
                'protocol_refused'.
        """
        letter = {"patient": patient, "unit": unit, "booking": booking, "text": text, "kind": "call_letter"}
        return self._post("/letters", key, letter)

    def post_staff_task(
        self, key: str, *, unit: Json, patient: Json, booking: str | None, reason: str, text: str
    ) -> str:
        """Put a task before the staff of a unit.

        Args:
            reason: a code, such as 'manual_handling'.
            key, unit, patient: as `post_letter`, which see for errors too.

        Returns:
            the task's id in VAS.
        """
        task = {"unit": unit, "patient": patient, "booking": booking, "reason": reason, "text": text}
        return self._post("/staff-tasks", key, task)

    def _page(self, params: Mapping[str, str]) -> _Page:
        with http.harmless():
            answer = self._call("GET", "/bookings", params=params)
            return http.read_json(answer, _Page)

    def _post(self, path: str, key: str, content: Json) -> str:
        body = json.dumps(content).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": quote(key, safe=_KEY)}
        with http.harmless():
            answer = self._call("POST", path, body=body, headers=headers)
            return http.read_json(answer, _Created).id

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> http.Answer:
        answer = http.call(
            method,
            self._url + path,
            deadline=Deadline(self._deadline),
            body=body,
            params=params,
            headers={**self._headers, **(headers or {})},
            idempotent=True,
            tls=self._tls,
        )
        _accept(answer)
        return answer


def _accept(answer: http.Answer) -> None:
    """Nothing for a success, otherwise what the status means."""
    code = f"http_{answer.status}"
    if answer.status in (401, 403):
        raise Incident("not_authorised", code)
    if answer.status == 409:
        raise Incident("idempotency_conflict", code)
    if answer.status >= 500:
        raise NotSent("technical_error", code)
    if answer.status >= 400:
        raise Refused("vas_refused", code)
    if not 200 <= answer.status < 300:
        raise Incident("protocol_refused", code)


class _Created(BaseModel):
    id: Annotated[str, Field(min_length=1)]


class _Page(BaseModel):
    bookings: list[dict[str, Any]]
    next: str | None = None
