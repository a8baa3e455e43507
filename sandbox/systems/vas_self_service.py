"""Residents' own bookings in VAS, as somebody who may ask for them asks: booked, moved, cancelled.

What VAS does not do it refuses with a code (409, or 404 `no_such_booking`). What it has done it tells of by webhook
afterwards, as of all that happens in it, with our key as `caused_by`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.systems.vas_bookings import (
    OWN,
    Booking,
    Bookings,
    day_in,
    declined,
    ends,
    is_open,
    is_same_unit,
)
from sandbox.systems.vas_timetables import SAVES, Json, Slot, Timetable, Timetables
from sandbox.wire.bodies import PATIENT, UNIT, Form, OrNull, checked_body, moment, text
from sandbox.wire.forgetful import Forgetful
from sandbox.wire.once import entry
from sandbox.wire.web import BadRequest, Reply, Request, json_reply
from sandbox.wire.webhooks import Event

PAGE = 1000
ASKED = frozenset({"unit", "from", "to", "booking", "time_type", "care_type", "performer", "cursor"})
"""What `GET /timeslots` may be asked by."""
SAYS: dict[str, Form] = {name: OrNull(text) for name in SAVES}
REBOOK: dict[str, Form] = {
    "patient": PATIENT,
    "unit": UNIT,
    "start": moment,
    "end": moment,
    "time_type": OrNull(text),
    "care_type": OrNull(text),
    "performer": OrNull(text),
    "resource": OrNull(text),
} | SAYS
BOOK: dict[str, Form] = REBOOK | {"invitation": OrNull(text)}
CANCEL: dict[str, Form] = {"patient": PATIENT, "unit": UNIT, "message": OrNull(text)}
FITS: dict[str, Callable[[str], Any]] = {
    "phone": re.compile(r"\+?[0-9][0-9 -]{4,19}").fullmatch,
    "email": re.compile(r"[^@\s]+@[^@\s]+").fullmatch,
    "message": lambda said: len(said) <= 500,
}
"""What VAS has room for; what does not fit is not saved, and the rest is done."""
NEWLY_BOOKED: Json = {
    "form": "on_site",
    "platform": None,
    "contact_type": None,
    "purpose": None,
    "cancellable": True,
    "rebookable": True,
}
Tell = Callable[[Event], None]


class SelfService(Forgetful):
    """What residents do to the bookings, in the times that the timetables have.

    Args:
        tell: sends a webhook once the answer may be given.
    """

    def __init__(self, bookings: Bookings, timetables: Timetables, tell: Tell) -> None:
        self._bookings, self._timetables, self._tell = bookings, timetables, tell
        self.clear()

    def clear(self) -> None:
        """Nobody has asked for anything."""
        self.done: list[Json] = []
        self._answered: dict[str, str] = {}

    def what_is_offered(self, query: dict[str, str]) -> Reply:
        """`GET /catalogue?unit=`."""
        if set(query) != {"unit"}:
            raise BadRequest(400, "unit, and nothing else")
        return json_reply(self._timetables.timetable(query["unit"]).offers())

    def free_times(self, request: Request) -> Reply:
        """`GET /timeslots`; with a `booking` only what it can be exchanged for."""
        query, performers = request.query, request.all_of("performer")
        if set(query) - ASKED or not query.get("unit"):
            raise BadRequest(400, f"unit, and else only {', '.join(sorted(ASKED))}")
        days = day_in(query, "from"), day_in(query, "to")
        if days[1] < days[0]:
            raise BadRequest(400, "to: before from")
        wanted = query | {"performer": None}
        with self._bookings.lock:
            booking = self._exchanged(query["booking"]) if "booking" in query else None
            fitting = [
                slot
                for slot in self._timetables.free(query["unit"], days, _this_moment())
                if slot.fits(wanted)
                and (booking is None or slot.fits_booking(booking))
                and (not performers or slot.performer in performers)
                and ("cursor" not in query or slot.is_after(query["cursor"]))
            ]
            timetable = self._timetables.timetable(query["unit"])
            shown = [timetable.slot_shown(slot) for slot in fitting[:PAGE]]
        more = fitting[PAGE - 1].cursor if len(fitting) > PAGE else None
        return json_reply({"timeslots": shown, "next": more})

    def book_time(self, body: Any, key: str) -> Reply:
        """`POST /bookings`: a free time, or one that an open call letter is answered by."""
        wanted = checked_body(body, BOOK)
        with self._bookings.lock:
            letter = self._letter(wanted) if wanted["invitation"] else None
            id = self._give(self._free_slot(wanted, letter), wanted, key, letter)
            if letter:
                self._answered[letter["id"]] = id
            return self._keep("book", id, wanted, key, 201)

    def move_booking(self, id: str, body: Any, key: str) -> Reply:
        """`POST /bookings/{id}/rebook`: to a free time, at the unit or another where it can be moved."""
        wanted = checked_body(body, REBOOK)
        with self._bookings.lock:
            booking = self._bookings.known(id)
            self._check_movable(booking, wanted)
            if is_open(booking):
                raise declined("not_allowed")
            self._check_changeable(booking, "rebookable")
            new = self._give(self._free_slot(wanted, booking), wanted, key, booking)
            return self._keep("rebook", new, wanted | {"before": id}, key)

    def end_booking(self, id: str, body: Any, key: str) -> Reply:
        """`POST /bookings/{id}/cancel`."""
        wanted = checked_body(body, CANCEL)
        with self._bookings.lock:
            booking = self._bookings.known(id)
            _check_patient(booking, wanted)
            if not is_same_unit(booking["unit"], wanted["unit"]):
                raise declined("another_unit")
            self._check_changeable(booking, "cancellable")
            self._end(booking, key)
            return self._keep("cancel", id, wanted, key)

    def _letter(self, wanted: Json) -> Booking:
        """The open call letter that is answered."""
        letter = self._bookings.known(wanted["invitation"])
        self._check_movable(letter, wanted)
        if letter["id"] in self._answered:
            raise declined("already_booked")
        if not is_open(letter):
            raise declined("not_allowed")
        return self._exchanged(letter["id"])

    def _exchanged(self, id: str) -> Booking:
        """One that another time can be had for: it stands, and is no call letter that was answered or has ended."""
        booking = self._bookings.known(id)
        if self._answered.get(id, id) != id:
            raise declined("already_booked")
        if booking["cancelled"]:
            raise declined("already_cancelled")
        until = ends(booking) if is_open(booking) else None
        if until and until <= _this_moment():
            raise declined("letter_expired")
        return booking

    def _check_movable(self, booking: Booking, wanted: Json) -> None:
        """It is the patient's, and can be moved to the unit that is wanted."""
        _check_patient(booking, wanted)
        units = (booking["unit"], *self._timetable_of(booking).facilities)
        if not any(is_same_unit(unit, wanted["unit"]) for unit in units):
            raise declined("another_unit")

    def _check_changeable(self, booking: Booking, flag: str) -> None:
        """It stands, has not begun, and the unit lets residents change it, so late too."""
        self._exchanged(booking["id"])
        start = datetime.fromisoformat(booking["start"]) if booking.get("start") else None
        if start and start <= _this_moment():
            raise declined("has_begun")
        if booking.get(flag) is False:
            raise declined("not_allowed")
        if start and start - _this_moment() < self._timetable_of(booking).last_change:
            raise declined("too_late")

    def _free_slot(self, wanted: Json, booking: Booking | None) -> Slot:
        """The time that is wanted; in exchange for a booking or a call letter one that was offered for it."""
        timetable = self._timetables.timetable(wanted["unit"]["hsa_id"])
        start, end = (datetime.fromisoformat(wanted[name]) for name in ("start", "end"))
        if end <= start:
            raise BadRequest(422, "end: not after the start")
        if wanted["performer"] not in (None, *timetable.offered["performers"]):
            raise declined("no_such_performer")
        offered = [
            slot
            for slot in timetable.times_at(start, end)
            if slot.start > _this_moment() and slot.fits(wanted)
        ]
        offered = [slot for slot in offered if booking is None or slot.fits_booking(booking)]
        if not offered:
            raise declined("time_not_offered")
        free = [slot for slot in offered if slot.held_by is None]
        if not free:
            raise declined("time_taken")
        return free[0]

    def _give(self, slot: Slot, wanted: Json, key: str, before: Booking | None) -> str:
        """The time is the patient's, by a booking of its own or by the one, or the call letter, in whose place it is.

        Gives the booking's id.
        """
        timetable = self._timetables.timetable(wanted["unit"]["hsa_id"])
        chosen = _of_kind(timetable, slot) | _said(before) | _chosen(timetable, slot, key)
        if before and is_same_unit(before["unit"], wanted["unit"]) and timetable.keeps_id:
            self._timetables.hold(slot, before["id"])
            self._changed("changed", _told(before) | chosen | {"version": before["version"] + 1})
            return str(before["id"])
        if before:
            self._end(before, key)
        new = {"version": 1, "patient": wanted["patient"], "unit": timetable.unit, "id": uuid.uuid4().hex}
        self._timetables.hold(slot, new["id"])
        self._changed("created", NEWLY_BOOKED | chosen | new)
        return str(new["id"])

    def _end(self, booking: Booking, key: str) -> None:
        """It is cancelled, as the patient wished."""
        how = {"version": booking["version"] + 1, "cancelled_by": "patient", "caused_by": key}
        self._changed("cancelled", _told(booking) | how)

    def _changed(self, what: str, booking: Booking) -> None:
        """VAS's own list has it, and a webhook tells of it."""
        event = Event(f"booking.{what}", {"booking": booking})
        self._bookings.follow_event(event.type, event.data)
        self._tell(event)

    def _keep(self, service: str, id: str, wanted: Json, key: str, status: int = 200) -> Reply:
        """Notes what was asked for and done, and what could not be saved of it."""
        saves = self._timetables.timetable(wanted["unit"]["hsa_id"]).saves
        given = {name: wanted[name] for name in SAVES if wanted.get(name) is not None}
        saved = {name: said for name, said in given.items() if name in saves and FITS[name](said)}
        not_saved = [name for name in given if name not in saved]
        kept = {name: value for name, value in wanted.items() if name not in SAVES}
        self.done.append(entry(kept | {"service": service, "booking": id} | saved, key))
        return json_reply({"id": id, "not_saved": not_saved}, status)

    def _timetable_of(self, booking: Booking) -> Timetable:
        return self._timetables.timetable(str(booking["unit"]["hsa_id"]))


def _this_moment() -> datetime:
    return datetime.now(UTC)


def _check_patient(booking: Booking, wanted: Json) -> None:
    if booking["patient"] != wanted["patient"]:
        raise declined("another_patient")


def _told(booking: Booking) -> Booking:
    """As a webhook tells it."""
    return {name: value for name, value in booking.items() if name not in (*OWN, "replay", "cancelled_by")}


def _said(booking: Booking | None) -> Booking:
    """What there is to say of it."""
    return {name: value for name, value in _told(booking or {}).items() if value is not None}


def _of_kind(timetable: Timetable, slot: Slot) -> Json:
    """What visits of the slot's kind are like."""
    kind = timetable.offered["time_types"].get((slot.given["time_type"] or {}).get("id", ""), {})
    return {name: kind[name] for name in NEWLY_BOOKED if name in kind}


def _chosen(timetable: Timetable, slot: Slot, key: str) -> Json:
    """What a patient who chooses a time makes of a booking: nobody calls them to it any more."""
    shown = timetable.slot_shown(slot)
    kind = {"time_type": shown["time_type"]["id"]} if shown["time_type"] else {}
    said = {"booked_by": "patient", "agreed_with_patient": True, "call_letter": {"kind": "none"}}
    return {"start": shown["start"], "end": shown["end"], "caused_by": key} | kind | said
