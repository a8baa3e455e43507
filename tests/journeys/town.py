"""How a journey is told: residents and bookings in the sandbox, webhooks in, runs, and what became of it."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import text

from engine import ops
from engine.database import transaction
from flows.booking_publication import booking_publication
from flows.registry import PROCESSES
from sandbox.sample_numbers import ADULTS

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HALMSTAD = {"hsa_id": "SE2321000115-E000000000001", "name": "Vårdcentralen Halmstad"}
PAPER_UNIT = {"hsa_id": "SE2321000115-E000000000002", "name": "Medicinmottagningen Varberg"}
INBOX_UNIT = {"hsa_id": "SE2321000115-E000000000003", "name": "Barn- och ungdomsmottagningen Halmstad"}
SHADOW_UNIT = {"hsa_id": "SE2321000115-E000000000005", "name": "Ortopedmottagningen Kungsbacka"}
LAHOLM = {"hsa_id": "SE2321000115-E000000000006", "name": "Vårdcentralen Laholm"}
Json = dict[str, Any]


def in_days(days: int, hour: int = 9) -> datetime:
    """That hour in Sweden, so many days from now."""
    day = datetime.now(STOCKHOLM).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), STOCKHOLM)


class Town:
    """The sandbox's people and systems, and our side of it."""

    def __init__(self, sandbox: str) -> None:
        self.http = httpx.Client(base_url=sandbox, timeout=30, trust_env=False)
        self.http.delete("/state").raise_for_status()
        self.http.delete("/faults").raise_for_status()
        self.unit_connected(INBOX_UNIT, False)

    def close(self) -> None:
        self.http.close()

    def unit_connected(self, unit: Json, connected: bool) -> None:
        self._post("/units", {"hsa_id": unit["hsa_id"], "connected": connected})

    def resident(self, number: str = ADULTS[0], **fields: Any) -> Json:
        """Someone who is on 1177 without its notices, and wishes notices by SMS."""
        person = {
            "personnummer": number,
            "name": "Test Testsson",
            "phone": "+46701740605",
            "email": "test@example.org",
            "e_id": True,
            "active_on_1177": True,
            "notified_by_1177": False,
            "protected": False,
            "guardians": [],
            "preferences": {"notice_by": ["sms"]},
        } | fields
        self._post("/people", person)
        return person

    def booking(self, patient: str = ADULTS[0], **fields: Any) -> Json:
        """A booking in a week, by staff, without a call letter."""
        start = fields.pop("start", in_days(7))
        end = {"end": (start + timedelta(minutes=30)).isoformat()} if start else {}
        return {
            "id": f"B-{secrets.token_hex(5)}",
            "version": 1,
            "patient": {"id": patient, "type": "personnummer"},
            "unit": HALMSTAD,
            **({"start": start.isoformat()} if start else {}),
            **end,
            "form": "on_site",
            "purpose": "Kontroll",
            "call_letter": {"kind": "none"},
            "booked_by": "staff",
        } | fields

    def sends(self, what: str, booking: Json, **more: Any) -> Json:
        """VAS sends a booking event; gives what the gateway answered."""
        return self.tells(f"booking.{what}", {"booking": booking}, **more)

    def tells(self, type: str, data: Json, source: str = "vas", id: str | None = None) -> Json:
        event = {"type": type, "data": data, "id": id or f"msg-{secrets.token_hex(8)}"}
        answer: Json = self._post(f"/act/{source}", {"events": [event]})["sent"][0]
        return answer

    def sends_batch(self, events: Sequence[tuple[str, Json]]) -> list[Json]:
        """VAS sends many at once."""
        given = [{"type": f"booking.{what}", "data": {"booking": booking}} for what, booking in events]
        answer: list[Json] = self._post("/act/vas", {"events": given, "batch": True})["sent"]
        return answer

    def changes_silently(self, what: str, booking: Json) -> None:
        """VAS changes, and the webhook is lost."""
        event = {"type": f"booking.{what}", "data": {"booking": booking}}
        self._post("/act/vas", {"events": [event], "silent": True})

    def has_fault(self, system: str, kind: str, **fields: Any) -> None:
        self._post("/faults", {"system": system, "kind": kind, **fields})

    def is_well_again(self) -> None:
        self.http.delete("/faults").raise_for_status()

    def _post(self, path: str, body: Any) -> Any:
        answer = self.http.post(path, json=body)
        assert answer.is_success, (path, answer.status_code, answer.text)
        return answer.json()

    def holds(self, system: str, **query: str) -> Json:
        """What a system of the sandbox received and holds."""
        found: Json = self.http.get(f"/inspect/{system}", params=query).json()
        return found

    # --- our side

    async def runs(self) -> None:
        """One run of the flow, as Prefect would make it."""
        await booking_publication()

    async def comes_to_rest(self, seconds: float = 30.0) -> None:
        """Runs until nothing is due within some seconds."""
        end = datetime.now(UTC) + timedelta(seconds=seconds)
        while datetime.now(UTC) < end:
            await self.runs()
            if not _is_moving():
                return
            await asyncio.sleep(0.2)
        raise AssertionError(f"not at rest: {ops.counts(PROCESSES)}")

    def case(self, booking: Json, source: str = "vas") -> Any:
        """The case's row."""
        query = text("SELECT * FROM booking_publication WHERE key = :key")
        with transaction() as connection:
            return connection.execute(query, {"key": f"{source}:{booking['id']}"}).one()

    def story(self, booking: Json) -> ops.CaseStory:
        return ops.story(PROCESSES, self.case(booking).id)

    def told(self, booking: Json) -> list[tuple[str, str, str]]:
        """The timeline: what, why, by which clause."""
        return [(e["what"], e["reason"], e["clause"]) for e in self.story(booking).timeline]

    def why(self, booking: Json, what: str) -> str:
        """The reason of the last such entry."""
        return [reason for name, reason, _ in self.told(booking) if name == what][-1]

    def sms(self) -> list[Json]:
        messages: list[Json] = self.holds("sms")["messages"]
        return messages

    def mails(self) -> list[Json]:
        messages: list[Json] = self.holds("mail")["messages"]
        return messages

    def inbox(self) -> list[Json]:
        messages: list[Json] = self.holds("e1177")["inbox"]
        return messages

    def letters(self) -> list[Json]:
        letters: list[Json] = self.holds("vas")["letters"]
        return letters

    def staff_tasks(self) -> list[str]:
        return [task["reason"] for task in self.holds("vas")["staff_tasks"]]

    def engagements(self, booking: Json) -> list[str]:
        found = self.holds("engagement_index", booking=booking["id"])["engagements"]
        return [engagement["categorization"] for engagement in found]

    def on_1177(self, patient: str) -> list[str]:
        """The ids of the bookings that the resident sees on 1177, asked of our producer."""
        found = self.holds("e1177", patient=patient)
        assert not found["errors"], found["errors"]
        return [booking["bookingId"] for booking in found["bookings"]]

    def unknown_effects(self) -> list[uuid.UUID]:
        with transaction() as connection:
            return list(connection.execute(text("SELECT id FROM effect WHERE state = 'parked'")).scalars())


def _is_moving() -> bool:
    query = text(
        """
        SELECT EXISTS (SELECT FROM event WHERE applied_at IS NULL)
            OR EXISTS (SELECT FROM booking_publication WHERE due_at < now() + interval '1 minute')"""
    )
    with transaction() as connection:
        return bool(connection.execute(query).scalar_one())


