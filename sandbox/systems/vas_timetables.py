"""What each unit offers residents to book in VAS, and which of its times are free."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sandbox.systems.vas_bookings import STOCKHOLM, Booking
from sandbox.wire.bodies import Form, Many, OrNull, boolean, checked_body, moment, one_of, text
from sandbox.wire.elements import HSA_ID
from sandbox.wire.forgetful import Forgetful
from sandbox.wire.web import BadRequest

Json = dict[str, Any]
SAVES = ("phone", "email", "message")
"""What a resident may give along with a request."""


def _hsa_id(value: Any) -> bool:
    return isinstance(value, str) and HSA_ID(value)


def _hours(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


CODED: Form = {"id": text, "name": text}
UNIT_NAMED: Form = {"hsa_id": _hsa_id, "name": text}
TIME_TYPE: Form = {
    "id": text,
    "name": text,
    "care_types?": Many(text),
    "form?": one_of("on_site", "video", "phone", "chat"),
    "platform?": OrNull(text),
    "contact_type?": OrNull(text),
    "purpose?": OrNull(text),
}
PERFORMER: Form = {
    "id": _hsa_id,
    "first_name": text,
    "last_name": text,
    "title?": OrNull(text),
    "time_types?": Many(text),
}
TIME: Form = {
    "start": moment,
    "end": moment,
    "time_type?": OrNull(text),
    "care_type?": OrNull(text),
    "performer?": OrNull(text),
    "resource?": OrNull(CODED),
}
TIMETABLE: dict[str, Form] = {
    "unit": UNIT_NAMED,
    "care_types?": Many(CODED),
    "time_types?": Many(TIME_TYPE),
    "performers?": Many(PERFORMER),
    "facilities?": Many(UNIT_NAMED),
    "times?": Many(TIME),
    "last_change_hours?": _hours,
    "saves?": Many(one_of(*SAVES)),
    "keeps_id?": boolean,
}
"""`POST /timetables`.

`facilities`: where its bookings can be moved, itself if nothing is said. `last_change_hours`: how long before a visit
it can be changed. `saves`: what this unit's VAS can keep. `keeps_id`: a booking that is moved at the unit keeps its
id, and an open call letter that is answered there becomes the booking.
"""
KINDS = {"time_type": "time_types", "care_type": "care_types", "performer": "performers"}
_numbers = itertools.count(1)


@dataclass(order=True, slots=True)
class Slot:
    """A time of a unit's, in the order in which they are shown; `held_by` is the booking that has it."""

    start: datetime
    number: int
    end: datetime = field(compare=False)
    given: Json = field(compare=False)
    held_by: str | None = field(default=None, compare=False)

    @property
    def cursor(self) -> str:
        """Its place among the times of its unit, as a page's end has it."""
        return f"{self.start.isoformat()}~{self.number}"

    def is_after(self, cursor: str) -> bool:
        """Does it come on a later page?

        Raises:
            BadRequest: 400.
        """
        start, _, number = cursor.rpartition("~")
        if not moment(start) or not number.isdecimal():
            raise BadRequest(400, "cursor: none of ours")
        return (self.start, self.number) > (datetime.fromisoformat(start), int(number))

    @property
    def performer(self) -> str | None:
        """Whom it is with."""
        return _id(self.given["performer"])

    def fits(self, wanted: Json) -> bool:
        """Is it as wanted? What is null, or left out, may be anything."""
        return all(wanted.get(name) in (None, _id(self.given[name])) for name in (*KINDS, "resource"))

    def fits_booking(self, booking: Booking) -> bool:
        """Can the booking be exchanged for it? Only for one of its own kind, where both have one."""
        kind, own = booking.get("time_type"), self.given["time_type"]
        return kind is None or own is None or kind in (own["id"], own["name"])


class Timetable:
    """One unit's."""

    def __init__(self, body: Json) -> None:
        self.unit: Json = body["unit"]
        self.facilities: list[Json] = body.get("facilities") or [self.unit]
        self.last_change = timedelta(hours=body.get("last_change_hours", 0))
        self.saves = tuple(body.get("saves", SAVES))
        self.keeps_id: bool = body.get("keeps_id", True)
        self.offered: dict[str, dict[str, Json]] = {
            kind: {one["id"]: one for one in body.get(kind, [])} for kind in KINDS.values()
        }
        self.slots = sorted(self._slot(one, at) for at, one in enumerate(body.get("times", [])))
        self._by_start: dict[datetime, list[Slot]] = {}
        for slot in self.slots:
            self._by_start.setdefault(slot.start, []).append(slot)

    def times_at(self, start: datetime, end: datetime | None) -> list[Slot]:
        """Its times from then to then, free or not; no end: any end will do."""
        return [slot for slot in self._by_start.get(start, ()) if end in (None, slot.end)]

    def offers(self) -> Json:
        """As `GET /catalogue` answers."""
        time_types = [
            {"id": one["id"], "name": one["name"], "care_types": one.get("care_types", [])}
            for one in self.offered["time_types"].values()
        ]
        performers = [
            _person(one) | {"time_types": one.get("time_types", [])}
            for one in self.offered["performers"].values()
        ]
        return {
            "care_types": list(self.offered["care_types"].values()),
            "time_types": time_types,
            "performers": performers,
            "facilities": self.facilities,
        }

    def slot_shown(self, slot: Slot) -> Json:
        """As `GET /timeslots` has it."""
        times = {
            name: at.astimezone(STOCKHOLM).isoformat()
            for name, at in (("start", slot.start), ("end", slot.end))
        }
        return times | {"unit": self.unit} | slot.given

    def _slot(self, given: Json, at: int) -> Slot:
        start, end = (datetime.fromisoformat(given[name]).astimezone(UTC) for name in ("start", "end"))
        if end <= start:
            raise BadRequest(422, f"times.{at}: ends before its start")
        parts = {name: self._part(name, given.get(name), at) for name in KINDS}
        return Slot(start, next(_numbers), end, parts | {"resource": given.get("resource")})

    def _part(self, name: str, id: str | None, at: int) -> Json | None:
        if id is None:
            return None
        known = self.offered[KINDS[name]].get(id)
        if known is None:
            raise BadRequest(422, f"times.{at}.{name}: none of the unit's {KINDS[name]}")
        return _person(known) if name == "performer" else {"id": known["id"], "name": known["name"]}


class Timetables(Forgetful):
    """All units', by HSA-id. Whoever asks has VAS's lock."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """No unit offers anything."""
        self._of: dict[str, Timetable] = {}
        self._held: dict[str, Slot] = {}

    def replace(self, given: Any, bookings: Iterable[Booking]) -> Json:
        """A unit's timetable from now on, whatever it was; the bookings that stand have their times in it.

        Raises:
            BadRequest: 422.
        """
        made = Timetable(checked_body(given, TIMETABLE))
        for slot in self.timetable(made.unit["hsa_id"]).slots:
            self.release(slot.held_by or "")
        self._of[made.unit["hsa_id"].upper()] = made
        for booking in bookings:
            self.follow(booking["id"], booking)
        free = sum(slot.held_by is None for slot in made.slots)
        return {"unit": made.unit, "times": len(made.slots), "free": free}

    def timetable(self, unit: str) -> Timetable:
        """The unit's; one of which nothing was said offers nothing."""
        empty: Json = {"unit": {"hsa_id": unit, "name": unit}}
        return self._of.get(unit.upper()) or Timetable(empty)

    def follow(self, id: str, booking: Booking | None) -> None:
        """A booking has changed: it holds a time of its unit's at its own time, if there is one, and no other."""
        start = _moment(booking.get("start")) if booking and not booking["cancelled"] else None
        if booking is None or start is None:
            self.release(id)
            return
        unit = (booking.get("unit") or {}).get("hsa_id")
        there = self.timetable(str(unit)).times_at(start, _moment(booking.get("end")))
        if self._held.get(id) in there:
            return
        self.release(id)
        free = [slot for slot in there if slot.held_by is None]
        if free:
            self.hold(max(free, key=lambda slot: slot.fits_booking(booking)), id)

    def hold(self, slot: Slot, booking: str) -> None:
        """The booking has this time, and no other any more."""
        self.release(booking)
        slot.held_by = booking
        self._held[booking] = slot

    def release(self, booking: str) -> None:
        """The booking's time is free again."""
        slot = self._held.pop(booking, None)
        if slot:
            slot.held_by = None

    def free(self, unit: str, days: tuple[date, date], now: datetime) -> Iterator[Slot]:
        """The unit's free times of these days in Sweden, both counted, from now on and by start."""
        for slot in self.timetable(unit).slots:
            day = slot.start.astimezone(STOCKHOLM).date()
            if slot.held_by is None and slot.start > now and days[0] <= day <= days[1]:
                yield slot


def _moment(said: Any) -> datetime | None:
    """What a webhook said, which may be nothing that anybody can read."""
    return datetime.fromisoformat(said) if moment(said) else None


def _id(part: Json | None) -> str | None:
    return part["id"] if part else None


def _person(performer: Json) -> Json:
    names = {name: performer[name] for name in ("id", "first_name", "last_name")}
    return names | {"title": performer.get("title")}
