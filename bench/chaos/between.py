"""Consent withdrawn, booking cancelled, person becoming protected: between planning and sending.

First all at once, while the outer systems are down and every message waits; then here and there, while messages go
out. What VAS tells is judged by the moment that its webhook had a 202; what PU tells, by the gate's look at PU, which
may be a call's deadline old. The consent is what PU has: no `preferences.changed` is sent.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from sqlmodel import col, select

from bench.chaos import mix
from bench.chaos.judge import Stop
from bench.chaos.mix import Booked, Planned, Resident
from bench.chaos.parts import Given, Told, concluded
from bench.chaos.programs import DEADLINE, Programs, Say, comes_to_rest
from bench.chaos.senders import Post
from engine.base.database import transaction
from engine.running.calls import GATE_SECONDS
from engine.tables.inbox import IS_WAITING
from models.booking_publication import BookingPublication, State
from models.case import Event

CHANGES = ("consent withdrawn", "became protected", "cancelled", None)
"""By turns, a resident at a time."""
PACE = 40.0
IN_THE_WAY = [
    {"system": "sms", "kind": "down"},
    {"system": "mail", "kind": "down"},
    {"system": "e1177", "kind": "error_500", "operation": "AddMessageToPatientPortalInbox"},
    {"system": "vas", "kind": "error_500", "operation": "POST /letters"},
]
BY_LETTER = ("call_letter:{}:", "letter:{}:")
KINDS = {
    "consent withdrawn": ("notice:{}:",),
    "became protected": ("notice:{}:", "letter:{}:"),
    "cancelled": ("notice:{}:booked:", "notice:{}:changed:", *BY_LETTER),
}
"""What must not be sent any more: the protected have the inbox only, of a cancelled visit only that is told."""
NOT_PLANNED = select(
    select(Event.number).where(IS_WAITING).exists()
    | select(BookingPublication.id)
    .where(col(BookingPublication.state).in_([State.RECEIVED, State.INDEXED]))
    .exists()
)
LOOK = timedelta(seconds=DEADLINE)
"""How old PU's answer may be when *sending* is written."""
IN_PU: Mapping[str, mix.Json] = {
    "consent withdrawn": {"preferences": {"notice_by": []}},
    "became protected": {"protected": True},
}
Moments = dict[str, datetime]


def play(name: str, programs: Programs, given: Given, say: Say) -> Told:
    """Both waves, and the judge's word."""
    began = time.monotonic()
    post = Post(programs.town, began + 60 * given.minutes)
    programs.begin_anew()
    stops = [_all_at_once(programs, post, given, say)]
    comes_to_rest(programs, post.until, say)
    stops.append(_here_and_there(programs, post, given))
    changed = [Stop(why, kinds, of[why]) for of in stops for why, kinds in KINDS.items()]
    did = {f"{why}": sum(len(of[why]) for of in stops) for why in KINDS}
    untouched = [booked for booked in post.booked if _change_of(booked.resident) is None]
    return concluded(name, programs, post, did, began, say, changed, untouched)


def _change_of(resident: Resident) -> str | None:
    return CHANGES[PLACES[resident.number] % len(CHANGES)]


PLACES = {resident.number: at for at, resident in enumerate(mix.residents())}


def _all_at_once(programs: Programs, post: Post, given: Given, say: Say) -> Mapping[str, Moments]:
    """Every message waits for a system that is down; then it all changes, and the systems are well again."""
    programs.faults(IN_THE_WAY)
    made = mix.bookings("planned", PACE, given.seed, lambda *_: None)
    post.send_bookings(made, given.bookings // 2, lambda: True)
    _all_planned(post.until)
    known = {one.number: _told_to_pu(programs, one) for one in mix.residents()}
    gone = [
        Planned(0, f"{one.id}-2", "cancelled", mix.cancel(one.events[0].booking))
        for one in post.booked
        if _change_of(one.resident) == "cancelled"
    ]
    post.send_all(iter(gone))
    say(f"    {len(post.booked)} planned; then all changes, and {len(gone)} of them are cancelled")
    time.sleep(GATE_SECONDS + DEADLINE)
    programs.town.delete("/faults").raise_for_status()
    return _moments(post, "planned", known)


def _all_planned(until: float) -> None:
    """Every booking is in the index, and waits with what is to be sent."""
    while time.monotonic() < until:
        with transaction() as connection:
            if not connection.execute(NOT_PLANNED).scalar_one():
                return
        time.sleep(0.5)


def _here_and_there(programs: Programs, post: Post, given: Given) -> Mapping[str, Moments]:
    """Bookings come in and messages go out, while now this changes and now that."""
    programs.town.post("/people", json=[one.shown() for one in mix.residents()]).raise_for_status()
    dice, known = random.Random(given.seed), dict[str, datetime]()
    people = [one for one in mix.residents() if _change_of(one) in IN_PU]
    dice.shuffle(people)
    every = max(1, given.bookings // 2 // len(people))

    def made() -> Iterator[Booked]:
        later = mix.bookings("going", PACE, given.seed, _maybe_cancelled, mix.FIRST_VISIT + mix.MOVED_BY)
        for number, booked in enumerate(later):
            if people and number % every == every - 1:
                resident = people.pop()
                known[resident.number] = _told_to_pu(programs, resident)
            yield booked

    post.send_bookings(made(), len(post.booked) + given.bookings // 2, lambda: True)
    return _moments(post, "going", known)


def _maybe_cancelled(made: mix.Json, dice: random.Random) -> tuple[str, mix.Json] | None:
    mine = CHANGES[PLACES[made["patient"]["id"]] % len(CHANGES)] == "cancelled"
    return ("cancelled", mix.cancel(made)) if mine else None


def _told_to_pu(programs: Programs, resident: Resident) -> datetime:
    """PU has the resident's change; gives from when the gate has to know."""
    if change := IN_PU.get(_change_of(resident) or ""):
        programs.town.post("/people", json={"personnummer": resident.number} | change).raise_for_status()
    return datetime.now(UTC) + LOOK


def _moments(post: Post, wave: str, known: Moments) -> Mapping[str, Moments]:
    """By change and booking, from when the gate has to know: a look after PU did, at once when VAS had its 202."""
    of_wave = [one for one in post.booked if one.id.startswith(wave)]
    in_pu = {
        why: {
            one.id: known[one.resident.number]
            for one in of_wave
            if _change_of(one.resident) == why and one.resident.number in known
        }
        for why in IN_PU
    }
    cancelled = {
        one.booking: one.at for one in post.taken if one.what == "cancelled" and one.booking.startswith(wave)
    }
    return {**in_pu, "cancelled": cancelled}
