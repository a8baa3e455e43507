"""VAS (or its successor): bookings to read; letters, tasks, drafts, contacts and preferences to hand over.

Source: our own neutral contract, contract.md, since VAS has no public API. A lost answer is AnswerLost, always
(`systems.keyed`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import orjson
from pydantic import BaseModel

from engine.base.errors import Incident, NotSent, Refused, VaxelError
from systems import http
from systems.keyed import Json, Keyed, code_of, segment

MOST_PAGES = 10_000
NO_ARRIVAL = ("no_such_booking", "cancelled", "another_patient", "another_unit", "another_day", "desk_only")
"""Why VAS does not take it that a patient has come."""
EMPTY = b""
"""A page without bookings may come more than once."""


class Vas:
    """Client of the journal contract.

    Args:
        token: sent as a bearer token, if there is one.
        deadline: seconds for a whole call, in `bookings` for each page.

    Every call but `bookings` gives the id in VAS of what was handed over. `key` names the occasion, the same
    for every try; `patient`, `unit` and staff are as in contract.md.

    Raises:
        Refused: 'vas_refused'.
        AnswerLost: 'technical_error', and for every loss.
        Incident: 'idempotency_conflict' (the key was used for something else), 'not_authorised',
            'protocol_refused'.
    """

    def __init__(
        self, url: str, token: str | None = None, deadline: float = 20.0, tls: http.Tls | None = None
    ) -> None:
        self._vas = Keyed(url, token, deadline, tls, _vas_refusal)

    def bookings(self, first: date, last: date) -> Iterator[dict[str, Any]]:
        """Every booking from the first to the last day, as VAS tells it: not validated, `cancelled` added.

        Raises:
            as every call, at any page; NotSent('malformed_answer') for a list that does not come to an end.
        """
        params = {"from": first.isoformat(), "to": last.isoformat()}
        seen: set[object] = set()
        for _ in range(MOST_PAGES):
            page = self._vas.get("/bookings", params, _Page)
            yield from page.bookings
            if page.next is None:
                return
            if {page.next, page.digest} & seen:
                raise NotSent("malformed_answer", "repeated_page")
            seen |= {page.next, page.digest} - {EMPTY}
            params["cursor"] = page.next
        raise NotSent("malformed_answer", "too_many_pages")

    def post_letter(self, key: str, *, patient: Json, unit: Json, booking: str, text: str) -> str:
        """Have a call letter printed and posted."""
        letter = {"patient": patient, "unit": unit, "booking": booking, "text": text, "kind": "call_letter"}
        return self._vas.post("/letters", key, letter)

    def post_staff_task(
        self,
        key: str,
        *,
        unit: Json,
        patient: Json | None,
        booking: str | None,
        reason: str,
        text: str,
        contact: str | None = None,
        urgent: bool | None = None,
    ) -> str:
        """Put a task before the staff of a unit, about a booking or a contact.

        Args:
            patient: None: a stranger wrote.
            reason: a code, such as 'manual_handling'.
        """
        task = {"unit": unit, "patient": patient, "booking": booking, "reason": reason, "text": text}
        more = {"contact": contact, "urgent": urgent}
        return self._vas.post("/staff-tasks", key, task | {n: v for n, v in more.items() if v is not None})

    def post_journal_note(
        self, key: str, *, patient: Json, unit: Json, author: Json, text: str, contact: str, at: datetime
    ) -> str:
        """Put a draft in the journal, which its author signs there or not.

        Args:
            author: the member of staff, with HSA-id, name and title.
            contact: what it is about.
            at: when that happened, aware.
        """
        note = {"patient": patient, "unit": unit, "author": author, "text": text, "contact": contact}
        return self._vas.post("/journal-notes", key, note | {"at": at.isoformat()})

    def post_contact(
        self,
        key: str,
        *,
        patient: Json,
        unit: Json,
        contact: str,
        channel: str,
        form: str,
        visit: bool | None,
        codes: Sequence[Json],
        at: datetime,
    ) -> str:
        """Propose how a contact that is over is to be registered, for staff to confirm.

        Args:
            form: 'on_site', 'video', 'phone' or 'chat'.
            visit: None: not known, which is never one.
            codes: each `{code, system}`.
            at: when it was held, aware.
        """
        held = {"patient": patient, "unit": unit, "contact": contact, "channel": channel, "form": form}
        registered = {"visit": visit, "codes": list(codes), "at": at.isoformat()}
        return self._vas.post("/contacts", key, held | registered)

    def withdraw_journal_note(self, key: str, note: str) -> str:
        """Take a draft back, by its id in VAS.

        Raises:
            Refused: 'note_signed': it stands; and as every call.
        """
        return self._vas.post(f"/journal-notes/{segment(note)}/withdraw", key, {})

    def withdraw_staff_task(self, key: str, task: str) -> str:
        """Take a task back, by its id in VAS."""
        return self._vas.post(f"/staff-tasks/{segment(task)}/withdraw", key, {})

    def post_arrival(self, key: str, booking: str, *, patient: Json, unit: Json, at: datetime) -> str:
        """Say that the patient has come to a booked visit.

        Args:
            booking: its id in VAS.
            at: since when they are there, aware.

        Raises:
            Refused: 'arrival_known': it is noted already; 'arrival_refused' (with why): it is to be settled at the
                desk; and as every call.
        """
        arrived = {"patient": patient, "unit": unit, "at": at.isoformat()}
        return self._vas.post(f"/bookings/{segment(booking)}/arrived", key, arrived)

    def post_preferences(
        self, key: str, *, patient: Json, changes: Json, unit: Json | None, at: datetime, set_by: Json
    ) -> str:
        """Have a patient's preferences be so.

        Args:
            changes: of `digital_only`, `sms_reminders`, `notice_by`, `phone`, `email`; None withdraws.
            unit: None: for all care.
            at: when they were set, aware: an older one does not undo a newer.
            set_by: `{role, id}`, the role of 'self', 'guardian' and 'staff'.
        """
        said = {"patient": patient, **changes, "unit": unit, "at": at.isoformat(), "set_by": set_by}
        return self._vas.post("/preferences", key, said)


def _vas_refusal(answer: http.Answer) -> VaxelError:
    code = f"http_{answer.status}"
    said = code_of(answer)
    if answer.status == 409 and said == "note_signed":
        return Refused("note_signed", code)
    if answer.status == 409 and said == "already_arrived":
        return Refused("arrival_known", code)
    if answer.status in (404, 409) and said in NO_ARRIVAL:
        return Refused("arrival_refused", said)
    if answer.status == 409:
        return Incident("idempotency_conflict", code)
    return Refused("vas_refused", code)


class _Page(BaseModel):
    bookings: list[dict[str, Any]]
    next: str | None = None

    @property
    def digest(self) -> bytes:
        """The same for the same bookings, whatever cursor they came by."""
        return sha256(orjson.dumps(self.bookings)).digest() if self.bookings else EMPTY
