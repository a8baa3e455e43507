"""VAS, the journal system, by our neutral contract: its bookings, the letters and tasks it is asked for.

Every POST carries an `Idempotency-Key`: the same key and body again gives the same answer and does nothing,
the same key with another body is 409.
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.web import BadRequest, Reply, Request, json_reply

PAGE = 1000
STOCKHOLM = ZoneInfo("Europe/Stockholm")
Booking = dict[str, Any]
Shelf = list[dict[str, Any]]
Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _text_or_null(value: Any) -> bool:
    return value is None or _text(value)


def _patient(value: Any) -> bool:
    return isinstance(value, dict) and {"id", "type"} <= set(value) and all(map(_text, value.values()))


def _unit(value: Any) -> bool:
    return isinstance(value, dict) and _text(value.get("hsa_id")) and set(value) <= {"hsa_id", "name"}


LETTER: dict[str, Check] = {
    "patient": _patient,
    "unit": _unit,
    "booking": _text,
    "text": _text,
    "kind": lambda value: value == "call_letter",
}
STAFF_TASK: dict[str, Check] = {
    "unit": _unit,
    "patient": _patient,
    "booking": _text_or_null,
    "reason": _text,
    "text": _text,
}


class Vas:
    """What VAS holds."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        """Forgets all."""
        with self.lock:
            self._bookings: dict[str, Booking] = {}
            self.letters: list[dict[str, Any]] = []
            self.staff_tasks: list[dict[str, Any]] = []
            self._answers: dict[str, tuple[str, Reply]] = {}

    def handle(self, request: Request) -> Reply:
        """One call of the contract."""
        match request.method, request.path:
            case "GET", "bookings":
                return self._list(request.query)
            case "POST", "letters":
                return self._once(request, self.letters, LETTER)
            case "POST", "staff-tasks":
                return self._once(request, self.staff_tasks, STAFF_TASK)
        raise BadRequest(404, "no such resource")

    def inspect(self, query: dict[str, str]) -> dict[str, Any]:
        """Bookings, letters and tasks; `patient` chooses."""
        with self.lock:
            held = {
                "bookings": list(self._bookings.values()),
                "letters": list(self.letters),
                "staff_tasks": list(self.staff_tasks),
            }
        if patient := query.get("patient"):
            return {name: [e for e in es if e["patient"]["id"] == patient] for name, es in held.items()}
        return held

    def apply(self, kind: str, data: dict[str, Any]) -> None:
        """Keeps VAS's own list in step with an event that it tells of."""
        with self.lock:
            if kind in ("booking.created", "booking.changed", "booking.cancelled"):
                self._snapshot(data.get("booking"), cancelled=kind == "booking.cancelled")
            elif kind == "booking.ended":
                self._bookings.pop(data.get("booking", {}).get("id"), None)
            elif kind in ("patient.merged", "unit.merged"):
                self._rekey(kind.partition(".")[0], data.get("from"), data.get("to"))
            elif kind == "patient.deceased":
                self._end(data.get("patient"))

    def _snapshot(self, booking: Any, cancelled: bool) -> None:
        if not isinstance(booking, dict) or "id" not in booking or "patient" not in booking:
            return
        held = self._bookings.get(booking["id"])
        if held is None or held["version"] <= booking.get("version", 0):
            self._bookings[booking["id"]] = booking | {"cancelled": cancelled}

    def _rekey(self, field: str, before: Any, after: Any) -> None:
        for booking in self._bookings.values():
            if booking[field] == before or (field == "unit" and _same_unit(booking[field], before)):
                booking[field] = after

    def _end(self, patient: Any) -> None:
        for booking in self._bookings.values():
            if booking["patient"] == patient:
                booking["cancelled"] = True

    def _list(self, query: dict[str, str]) -> Reply:
        first, last = _day(query, "from"), _day(query, "to")
        cursor = query.get("cursor", "")
        with self.lock:
            ids = sorted(one for one, b in self._bookings.items() if one > cursor and _within(b, first, last))
            page = [dict(self._bookings[one]) for one in ids[:PAGE]]
        return json_reply({"bookings": page, "next": ids[PAGE - 1] if len(ids) > PAGE else None})

    def _once(self, request: Request, shelf: Shelf, checks: dict[str, Check]) -> Reply:
        key = request.headers.get("idempotency-key", "")
        if not key.strip() or len(key) > 255:
            raise BadRequest(400, "Idempotency-Key is missing, or longer than 255 characters")
        seen = f"{request.path} {hashlib.sha256(request.body).hexdigest()}"
        with self.lock:
            if key not in self._answers:
                self._answers[key] = seen, _put(shelf, _checked(request.json(), checks), key)
            before, answer = self._answers[key]
        if before != seen:
            raise BadRequest(409, "this Idempotency-Key came with another call before")
        return answer


def _checked(body: Any, checks: dict[str, Check]) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise BadRequest(422, "not an object")
    wrong = [name for name, right in checks.items() if name not in body or not right(body[name])]
    wrong += [name for name in body if name not in checks]
    if wrong:
        raise BadRequest(422, "wrong fields", [{"path": n, "message": "wrong or missing"} for n in wrong])
    return body


def _put(shelf: Shelf, body: dict[str, Any], key: str) -> Reply:
    identity, now = uuid.uuid4().hex, datetime.now(UTC).isoformat()
    shelf.append({"id": identity, "at": now, "idempotency_key": key} | body)
    return json_reply({"id": identity}, 201)


def _same_unit(held: Any, before: Any) -> bool:
    return isinstance(before, dict) and str(held.get("hsa_id")).upper() == str(before.get("hsa_id")).upper()


def _day(query: dict[str, str], name: str) -> date:
    try:
        return date.fromisoformat(query[name])
    except (KeyError, ValueError):
        raise BadRequest(400, f"{name}: a date, YYYY-MM-DD") from None


def _within(booking: Booking, first: date, last: date) -> bool:
    """By the day it starts in Sweden, both days counted; an open call letter until it is no longer valid."""
    if booking.get("start"):
        return first <= datetime.fromisoformat(booking["start"]).astimezone(STOCKHOLM).date() <= last
    until = (booking.get("call_letter") or {}).get("valid_until")
    return until is None or date.fromisoformat(until[:10]) >= first
