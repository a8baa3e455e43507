"""What VAS has booked: its own list, as its webhooks tell of it, and who has come."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.wire.bodies import PATIENT, UNIT, Form, checked_body, moment
from sandbox.wire.forgetful import Forgetful
from sandbox.wire.once import entry
from sandbox.wire.web import BadRequest, Reply, json_reply

PAGE = 1000
STOCKHOLM = ZoneInfo("Europe/Stockholm")
Booking = dict[str, Any]
OWN = ("cancelled", "arrived")
"""What VAS's own list has of a booking beside what a webhook tells."""
ARRIVED: dict[str, Form] = {"patient": PATIENT, "unit": UNIT, "at": moment}


class Bookings(Forgetful):
    """The bookings, by id.

    Args:
        changed: hears of each that is new, changed or gone (None as the second).
    """

    def __init__(self, changed: Callable[[str, Booking | None], None]) -> None:
        self.lock = threading.RLock()
        self._changed = changed
        self.clear()

    def clear(self) -> None:
        """Nothing is booked."""
        with self.lock:
            self.held: dict[str, Booking] = {}
            self.arrivals: list[dict[str, Any]] = []
            self._ended_by_death: set[str] = set()

    def follow_event(self, kind: str, data: dict[str, Any]) -> None:
        """Keeps the list in step with an event that VAS tells of."""
        with self.lock:
            if kind in ("booking.created", "booking.changed", "booking.cancelled"):
                self._snapshot(data.get("booking"), cancelled=kind == "booking.cancelled")
            elif kind == "booking.ended":
                self._drop(data.get("booking", {}).get("id"))
            elif kind in ("patient.merged", "unit.merged"):
                self._rekey(kind.partition(".")[0], data.get("from"), data.get("to"))
            elif kind == "patient.deceased":
                self._died(data.get("patient"))
            elif kind == "patient.alive":
                self._lives(data.get("patient"))

    def _snapshot(self, booking: Any, cancelled: bool) -> None:
        if not isinstance(booking, dict) or "id" not in booking or "patient" not in booking:
            return
        held = self.held.get(booking["id"])
        if held is None or held["version"] <= booking.get("version", 0):
            arrived = {"arrived": held["arrived"]} if held and _is_arrived_for(held, booking) else {}
            self.held[booking["id"]] = booking | {"cancelled": cancelled} | arrived
            self._changed(booking["id"], self.held[booking["id"]])

    def _drop(self, id: Any) -> None:
        if self.held.pop(id, None):
            self._changed(id, None)

    def _rekey(self, field: str, before: Any, after: Any) -> None:
        for booking in self.held.values():
            if booking[field] == before or (field == "unit" and is_same_unit(booking[field], before)):
                booking[field] = after
                self._changed(booking["id"], booking)

    def _died(self, patient: Any) -> None:
        for booking in self.held.values():
            if booking["patient"] == patient and not booking["cancelled"]:
                booking["cancelled"] = True
                self._ended_by_death.add(booking["id"])
                self._changed(booking["id"], booking)

    def _lives(self, patient: Any) -> None:
        """What the death has ended is back; what was cancelled before stays so."""
        for booking in self.held.values():
            if booking["patient"] == patient and booking["id"] in self._ended_by_death:
                booking["cancelled"] = False
                self._ended_by_death.discard(booking["id"])
                self._changed(booking["id"], booking)

    def page(self, query: dict[str, str]) -> Reply:
        """`GET /bookings`: by the day they start in Sweden, cancelled ones too."""
        first, last = day_in(query, "from"), day_in(query, "to")
        cursor = query.get("cursor", "")
        with self.lock:
            ids = sorted(one for one, b in self.held.items() if one > cursor and _within(b, first, last))
            page = [dict(self.held[one]) for one in ids[:PAGE]]
        return json_reply({"bookings": page, "next": ids[PAGE - 1] if len(ids) > PAGE else None})

    def known(self, id: str) -> Booking:
        """The booking with this id.

        Raises:
            BadRequest: 404 `no_such_booking`.
        """
        booking = self.held.get(id)
        if booking is None:
            raise BadRequest(404, "there is no such booking", code="no_such_booking")
        return booking

    def arrive(self, id: str, body: Any, key: str) -> Reply:
        """The patient has come: to a booking of theirs that stands, at that unit, on its day in Sweden, once."""
        said = checked_body(body, ARRIVED)
        with self.lock:
            booking = self.known(id)
            if wrong := _why_not_arrived(booking, said):
                raise declined(wrong)
            arrival = entry(said | {"booking": id}, key)
            self.arrivals.append(arrival)
            booking["arrived"] = said["at"]
        return json_reply({"id": arrival["id"]}, 201)


def declined(code: str) -> BadRequest:
    """VAS's no to what a patient wants: 409 with its code."""
    return BadRequest(409, code.replace("_", " "), code=code)


def is_open(booking: Booking) -> bool:
    """Is it an open call letter?"""
    return (booking.get("call_letter") or {}).get("kind") == "open"


def ends(booking: Booking) -> datetime | None:
    """When an open call letter ends: with its last day in Sweden, or at that moment; None: it does not."""
    until = (booking.get("call_letter") or {}).get("valid_until")
    if until is None:
        return None
    if len(until) > len("2026-12-01"):
        return datetime.fromisoformat(until)
    return datetime.combine(date.fromisoformat(until) + timedelta(days=1), time(), STOCKHOLM).astimezone(UTC)


def is_same_unit(held: Any, other: Any) -> bool:
    """Are they one unit, however its HSA-id is written?"""
    return isinstance(other, dict) and str(held.get("hsa_id")).upper() == str(other.get("hsa_id")).upper()


def day_in(query: dict[str, str], name: str) -> date:
    """A day that has to be asked for.

    Raises:
        BadRequest: 400.
    """
    try:
        return date.fromisoformat(query[name])
    except (KeyError, ValueError):
        raise BadRequest(400, f"{name}: a date, YYYY-MM-DD") from None


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
        "another_unit": not is_same_unit(booking["unit"], said["unit"]),
        "another_day": day != at.astimezone(STOCKHOLM).date(),
        "already_arrived": "arrived" in booking,
        "desk_only": booking.get("check_in") is False,
    }
    return next((code for code, is_so in wrong.items() if is_so), None)


def _within(booking: Booking, first: date, last: date) -> bool:
    """By the day it starts in Sweden, both days counted; an open call letter until it is no longer valid."""
    if booking.get("start"):
        return first <= datetime.fromisoformat(booking["start"]).astimezone(STOCKHOLM).date() <= last
    until = (booking.get("call_letter") or {}).get("valid_until")
    return until is None or date.fromisoformat(until[:10]) >= first
