"""VAS, the journal system, by our neutral contract: its bookings, and what it is asked to keep.

Every POST carries an `Idempotency-Key` (`wire.once`).
"""

from __future__ import annotations

import threading
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.systems.system import System
from sandbox.systems.vas_preferences import Preferences
from sandbox.wire.bodies import (
    PATIENT,
    STAFF,
    UNIT,
    Form,
    Many,
    OrNull,
    boolean,
    checked_body,
    moment,
    one_of,
    text,
)
from sandbox.wire.once import Once, entry
from sandbox.wire.web import BadRequest, Reply, Request, json_reply

PAGE = 1000
WITHDRAWN = ("journal-notes", "staff-tasks")
"""What can be taken back."""
STOCKHOLM = ZoneInfo("Europe/Stockholm")
Booking = dict[str, Any]

LETTER: dict[str, Form] = {
    "patient": PATIENT,
    "unit": UNIT,
    "booking": text,
    "text": text,
    "kind": one_of("call_letter"),
}
STAFF_TASK: dict[str, Form] = {
    "unit": UNIT,
    "patient": OrNull(PATIENT),  # a stranger may have written
    "booking": OrNull(text),
    "contact?": OrNull(text),
    "reason": text,
    "text": text,
    "urgent?": boolean,
}
JOURNAL_NOTE: dict[str, Form] = {
    "patient": PATIENT,
    "unit": UNIT,
    "author": STAFF,
    "text": text,
    "contact": text,
    "at": moment,
}
CONTACT: dict[str, Form] = {
    "patient": PATIENT,
    "unit": UNIT,
    "contact": text,
    "channel": text,
    "form": one_of("on_site", "video", "phone", "chat"),
    "visit": OrNull(boolean),
    "codes": Many({"code": text, "system": text}),
    "at": moment,
}
ARRIVED: dict[str, Form] = {"patient": PATIENT, "unit": UNIT, "at": moment}
POSTS: dict[str, tuple[str, dict[str, Form], dict[str, Any]]] = {
    "letters": ("letters", LETTER, {}),
    "staff-tasks": ("staff_tasks", STAFF_TASK, {}),
    "journal-notes": ("journal", JOURNAL_NOTE, {"status": "draft", "signed": False}),
    "contacts": ("contacts", CONTACT, {"status": "proposed"}),
}
"""By path: the shelf it is put on, what it has to be, and how it stands until staff have seen to it."""


class Vas(System):
    """What VAS holds."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        """Forgets all."""
        with self.lock:
            self._bookings: dict[str, Booking] = {}
            self._ended_by_death: set[str] = set()
            self.shelves: dict[str, list[dict[str, Any]]] = {shelf: [] for shelf, _, _ in POSTS.values()}
            self.arrivals: list[dict[str, Any]] = []
            self._preferences = Preferences()
            self._once = Once()

    def respond(self, request: Request) -> Reply:
        """One call of the contract."""
        match request.method, request.path.split("/"):
            case "GET", ["bookings"]:
                return self._list(request.query)
            case "POST", [path] if path in POSTS:
                return self._once.answer(request, lambda key: self._keep_post(path, request.json(), key))
            case "POST", [path, id, "withdraw"] if path in WITHDRAWN:
                return self._once.answer(request, lambda _: self._withdraw(path, id, request.json()))
            case "POST", ["bookings", id, "arrived"]:
                return self._once.answer(request, lambda key: self._arrive(id, request.json(), key))
            case "POST", ["preferences"]:
                return self._once.answer(request, lambda _: self._prefer(request.json()))
        raise BadRequest(404, "no such resource")

    def inspect(self, query: dict[str, str]) -> dict[str, Any]:
        """Bookings, preferences, and what it was asked to keep; `patient` chooses."""
        with self.lock:
            shelves = {name: list(shelf) for name, shelf in self.shelves.items()}
            held = {"bookings": list(self._bookings.values()), "arrivals": list(self.arrivals)} | shelves
        held["preferences"] = self._preferences.all_held()
        if patient := query.get("patient"):
            return {
                name: [e for e in es if (e["patient"] or {}).get("id") == patient]
                for name, es in held.items()
            }
        return held

    def follow_event(self, kind: str, data: dict[str, Any]) -> None:
        """Keeps VAS's own list in step with an event that it tells of."""
        with self.lock:
            if kind in ("booking.created", "booking.changed", "booking.cancelled"):
                self._snapshot(data.get("booking"), cancelled=kind == "booking.cancelled")
            elif kind == "booking.ended":
                self._bookings.pop(data.get("booking", {}).get("id"), None)
            elif kind in ("patient.merged", "unit.merged"):
                self._rekey(kind.partition(".")[0], data.get("from"), data.get("to"))
            elif kind == "patient.deceased":
                self._died(data.get("patient"))
            elif kind == "patient.alive":
                self._lives(data.get("patient"))

    def _snapshot(self, booking: Any, cancelled: bool) -> None:
        if not isinstance(booking, dict) or "id" not in booking or "patient" not in booking:
            return
        held = self._bookings.get(booking["id"])
        if held is None or held["version"] <= booking.get("version", 0):
            arrived = {"arrived": held["arrived"]} if held and _is_arrived_for(held, booking) else {}
            self._bookings[booking["id"]] = booking | {"cancelled": cancelled} | arrived

    def _rekey(self, field: str, before: Any, after: Any) -> None:
        for booking in self._bookings.values():
            if booking[field] == before or (field == "unit" and _same_unit(booking[field], before)):
                booking[field] = after

    def _died(self, patient: Any) -> None:
        for booking in self._bookings.values():
            if booking["patient"] == patient and not booking["cancelled"]:
                booking["cancelled"] = True
                self._ended_by_death.add(booking["id"])

    def _lives(self, patient: Any) -> None:
        """What the death has ended is back; what was cancelled before stays so."""
        for booking in self._bookings.values():
            if booking["patient"] == patient and booking["id"] in self._ended_by_death:
                booking["cancelled"] = False
                self._ended_by_death.discard(booking["id"])

    def _list(self, query: dict[str, str]) -> Reply:
        first, last = _day(query, "from"), _day(query, "to")
        cursor = query.get("cursor", "")
        with self.lock:
            ids = sorted(one for one, b in self._bookings.items() if one > cursor and _within(b, first, last))
            page = [dict(self._bookings[one]) for one in ids[:PAGE]]
        return json_reply({"bookings": page, "next": ids[PAGE - 1] if len(ids) > PAGE else None})

    def sign(self, note: str) -> None:
        """The author signs a draft."""
        with self.lock:
            held = self._held("journal-notes", note)
            if held["status"] != "draft":
                raise BadRequest(409, "it is no draft")
            held |= {"status": "signed", "signed": True}

    def _withdraw(self, path: str, id: str, body: Any) -> Reply:
        """A draft that nobody has signed, or a task, is taken back; it stays to be seen, as withdrawn."""
        checked_body(body, {})
        with self.lock:
            held = self._held(path, id)
            if held.get("signed"):
                raise BadRequest(409, "the note is signed", code="note_signed")
            held["status"] = "withdrawn"
        return json_reply({"id": id})

    def _held(self, path: str, id: str) -> dict[str, Any]:
        found = [each for each in self.shelves[POSTS[path][0]] if each["id"] == id]
        if not found:
            raise BadRequest(404, "there is no such")
        return found[0]

    def _arrive(self, id: str, body: Any, key: str) -> Reply:
        """The patient has come: to a booking of theirs that stands, at that unit, on its day in Sweden, once."""
        said = checked_body(body, ARRIVED)
        with self.lock:
            booking = self._bookings.get(id)
            if booking is None:
                raise BadRequest(404, "there is no such booking", code="no_such_booking")
            if wrong := _why_not_arrived(booking, said):
                raise BadRequest(409, wrong.replace("_", " "), code=wrong)
            arrival = entry(said | {"booking": id}, key)
            self.arrivals.append(arrival)
            booking["arrived"] = said["at"]
        return json_reply({"id": arrival["id"]}, 201)

    def _prefer(self, body: Any) -> Reply:
        return json_reply({"id": self._preferences.change(body)})

    def _keep_post(self, path: str, body: Any, key: str) -> Reply:
        shelf, form, standing = POSTS[path]
        kept = entry(checked_body(body, form), key) | standing
        with self.lock:
            self.shelves[shelf].append(kept)
        return json_reply({"id": kept["id"]}, 201)


def _is_arrived_for(held: Booking, newer: Booking) -> bool:
    """Whoever has come to a visit has come to it at its time: one that is moved they are to come to anew."""
    return "arrived" in held and held.get("start") == newer.get("start")


def _why_not_arrived(booking: Booking, said: dict[str, Any]) -> str | None:
    """Why nobody can have come to it; None: they can."""
    start, at = booking.get("start"), datetime.fromisoformat(said["at"])
    day = datetime.fromisoformat(start).astimezone(STOCKHOLM).date() if start else None
    wrong = {
        "cancelled": booking["cancelled"],
        "another_patient": booking["patient"] != said["patient"],
        "another_unit": not _same_unit(booking["unit"], said["unit"]),
        "another_day": day != at.astimezone(STOCKHOLM).date(),
        "already_arrived": "arrived" in booking,
        "desk_only": booking.get("check_in") is False,
    }
    return next((code for code, is_so in wrong.items() if is_so), None)


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
