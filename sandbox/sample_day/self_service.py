"""Residents who do it themselves on 1177: they cancel, move and book, twice at once, too late, at the wrong age.

Their visits are booked with all others; they press when those have settled. Whatever comes of it, VAS, the index and
1177's own list have to agree, and nobody is told by a notice of what they have done themselves (besok-3, besok-4).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sandbox.people.numbers import SELF_SERVANTS, birthday
from sandbox.sample_day.scene import TIMED, Day, Press, Scene
from sandbox.sample_day.talk import child, guardian
from sandbox.sample_day.units import HALMSTAD, LAHOLM, Json, Unit

PRESSED = 2
"""The stage at which they press, before anything else of it happens."""
BOOKED = "besok-2: a visit is booked."
KNOWN = "besok-3, policy-avisering-2: they have done it themselves, and know."


class Evening:
    """The residents, and the times that they can choose."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.times: dict[Unit, list[Json]] = {HALMSTAD: [], LAHOLM: []}
        self._numbers, self._told = iter(SELF_SERVANTS), count(1)

    def resident(self, title: str, number: str | None = None, **fields: Any) -> Scene:
        """A story begins: a grown-up who wishes notices by e-mail, unless something else is said."""
        at = next(self._told)
        person = {
            "personnummer": number or next(self._numbers),
            "name": f"Test Själv{at:02}",
            "phone": None,  # of those kept for fiction there are not enough
            "email": f"sjalv{at:02}@example.com",
            "preferences": {"notice_by": ["email"]},
        }
        scene = Scene(self.day, title, person | fields)
        self.day.people.setdefault(1, []).append(scene.person)
        return scene

    def free_time(self, unit: Unit) -> Json:
        """One more that can be chosen there, which no other is, and at which staff book nobody."""
        made = self.times[unit]
        start = self.day.in_days(20 + len(made) // 16, 8, 10) + timedelta(minutes=30 * (len(made) % 16))
        time = {"start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat()}
        made.append(time | {"time_type": "BESOK"})
        return time

    def booked(self, who: Scene, unit: Unit, start: datetime | None = None, **fields: Any) -> str:
        """Staff have booked it; a call letter is an invitation until they have chosen."""
        is_open = fields.get("call_letter", {}).get("kind") == "open"
        visit = who.booked(unit, None if is_open else start or self.day.in_days(12, 9), **fields)
        category = "Invitation" if "call_letter" in fields else "Booking"
        who.expect(visit, category, BOOKED, notices=("mail",))
        return visit

    def press(self, title: str, results: str, *presses: tuple[str, Json]) -> None:
        """They press, at once, and read these results."""
        said = Press(title, presses, tuple(sorted(results.split())))
        self.day.presses.setdefault(PRESSED, []).append(said)

    def ends(self, who: Scene, stands: int | None, why: str) -> None:
        """So many visits of theirs stand afterwards, in VAS, in the index and on 1177; None: whoever was quicker."""
        outcome = {"title": who.title, "patient": who.person["personnummer"], "stands": stands, "why": why}
        self.day.self_service.append(outcome)


def tell_self_service(day: Day) -> None:
    """All of them, and the timetables from which they choose."""
    evening = Evening(day)
    for story, times in STORIES:
        for _ in range(times):
            story(evening)
    for unit, made in evening.times.items():
        kinds = [{"id": "BESOK", "name": "Besök"}]
        day.timetables.append({"unit": unit.json(), "time_types": kinds, "times": made})


def cancels(evening: Evening) -> None:
    who = evening.resident("Cancels on 1177")
    visit = evening.booked(who, HALMSTAD)
    evening.press(who.title, "OK", ("cancel", _of(who, HALMSTAD) | {"booking": visit}))
    who.expect(visit, None, KNOWN, after=PRESSED, notices=("mail",))
    evening.ends(who, 0, "besok-3: cancelled; 1177 shows it no longer.")


def moves(evening: Evening) -> None:
    who = evening.resident("Moves a visit on 1177")
    visit = evening.booked(who, LAHOLM)
    _moves(evening, who, LAHOLM, visit)


def moves_call_letter(evening: Evening) -> None:
    who = evening.resident("Moves the visit of a timed call letter on 1177")
    visit = evening.booked(who, HALMSTAD, call_letter=TIMED)
    _moves(evening, who, HALMSTAD, visit)


def _moves(evening: Evening, who: Scene, unit: Unit, visit: str) -> None:
    time = evening.free_time(unit)
    evening.press(who.title, "OK", ("rebook", _of(who, unit) | time | {"booking": visit}))
    who.expect(visit, "Booking", KNOWN, after=PRESSED, notices=("mail",), start=time["start"])
    evening.ends(who, 1, "besok-3: moved; a call letter is a booking like others from then on.")


def answers_letter(evening: Evening) -> None:
    who = evening.resident("Books from an open call letter on 1177")
    until = evening.day.in_days(60).date().isoformat()
    letter = {"kind": "open", "text": "Boka en tid.", "valid_until": until}
    visit = evening.booked(who, HALMSTAD, call_letter=letter)
    time = evening.free_time(HALMSTAD)
    evening.press(who.title, "OK", ("book", _of(who, HALMSTAD) | time | {"booking": visit}))
    who.expect(visit, "Booking", KNOWN, after=PRESSED, notices=("mail",), start=time["start"])
    evening.ends(who, 1, "besok-4: an open call letter is answered once, by choosing a time.")


def books(evening: Evening) -> None:
    who = evening.resident("Books on 1177")
    time = evening.free_time(LAHOLM)
    evening.press(who.title, "OK", ("book", _of(who, LAHOLM) | time | {"message": "Jag har ont i halsen."}))
    evening.ends(who, 1, "besok-4: booked by themselves, directly.")


def is_helped(evening: Evening) -> None:
    who = evening.resident("Is helped by 1177's staff to book")
    by = _of(who, LAHOLM) | {"agent": "SE165565594230-P000000000001"}
    evening.press(who.title, "OK", ("book", by | evening.free_time(LAHOLM)))
    evening.ends(who, 1, "besok-4: 1177's staff book for whoever asks them to.")


def presses_twice(evening: Evening) -> None:
    who = evening.resident("Presses twice at once")
    visit = evening.booked(who, HALMSTAD)
    press = ("cancel", _of(who, HALMSTAD) | {"booking": visit})
    evening.press(who.title, "OK OK", press, press)
    who.expect(visit, None, KNOWN, after=PRESSED, notices=("mail",))
    evening.ends(who, 0, "besok-3: one request, however often it is pressed.")


def both_want_it(evening: Evening) -> None:
    time, pair = (
        evening.free_time(LAHOLM),
        [evening.resident("Wants a time that another wants") for _ in "ab"],
    )
    presses = [("book", _of(who, LAHOLM) | time) for who in pair]
    evening.press(pair[0].title, "OK ERROR", *presses)
    for who in pair:
        evening.ends(who, None, "besok-4: one gets it, the other hears so at once.")


def too_late(evening: Evening) -> None:
    who = evening.resident("Would cancel hours before")
    start = (evening.day.now + timedelta(hours=5)).replace(second=0, microsecond=0)
    visit = evening.booked(who, HALMSTAD, start)
    _is_refused(evening, who, visit, "policy-sjalvservice-1: not so shortly before; the unit is rung.")


def guardian_cancels(evening: Evening) -> None:
    by = guardian(evening.day)
    who = evening.resident("A guardian cancels for a child of 9", child(evening.day, 9, 2), guardians=[by])
    visit = evening.booked(who, HALMSTAD)
    press = {"personnummer": by, "unit": HALMSTAD.hsa_id, "for": who.person["personnummer"], "booking": visit}
    evening.press(who.title, "OK", ("cancel", press))
    who.expect(visit, None, KNOWN, after=PRESSED, notices=("mail",))
    evening.ends(who, 0, "barn-1: a guardian handles the times of a child under 13.")


def child_of_11_alone(evening: Evening) -> None:
    number = child(evening.day, 11, 2)
    who = evening.resident("A child of 11 would cancel alone", number, guardians=[guardian(evening.day)])
    visit = evening.booked(who, HALMSTAD)
    _is_refused(evening, who, visit, "barn-1: under 13 it is for a guardian.")


def at_15_alone(evening: Evening) -> None:
    who = _at_15(evening, "Cancels alone at 15", 8)
    visit = evening.booked(who, HALMSTAD)
    evening.press(who.title, "OK", ("cancel", _of(who, HALMSTAD) | {"booking": visit}))
    who.expect(visit, None, KNOWN, after=PRESSED, notices=("mail",))
    evening.ends(who, 0, "barn-2: from 13 alone.")


def guardian_at_15(evening: Evening) -> None:
    by = guardian(evening.day)
    who = _at_15(evening, "A guardian would cancel for one of 15", 10, guardians=[by])
    visit = evening.booked(who, HALMSTAD)
    press = {"personnummer": by, "for": who.person["personnummer"]}
    _is_refused(evening, who, visit, "barn-2: from 13 no guardian does it for them.", **press)


def _at_15(evening: Evening, title: str, months: int, **fields: Any) -> Scene:
    """With a number of their own, given after the 13th birthday."""
    number = child(evening.day, 15, months)
    own = (birthday(number, 13) + timedelta(days=30)).isoformat()
    return evening.resident(title, number, contact_registered=own, **fields)


def _is_refused(evening: Evening, who: Scene, visit: str, why: str, **by: str) -> None:
    evening.press(who.title, "ERROR", ("cancel", _of(who, HALMSTAD) | {"booking": visit} | by))
    who.expect(visit, "Booking", why, after=PRESSED, notices=("mail",))
    evening.ends(who, 1, why)


def _of(who: Scene, unit: Unit) -> Json:
    return {"personnummer": who.person["personnummer"], "unit": unit.hsa_id}


STORIES: tuple[tuple[Callable[[Evening], None], int], ...] = (
    (cancels, 5), (moves, 5), (moves_call_letter, 2), (answers_letter, 4), (books, 4), (is_helped, 1),
    (presses_twice, 2), (both_want_it, 2), (too_late, 2), (guardian_cancels, 1), (child_of_11_alone, 1),
    (at_15_alone, 1), (guardian_at_15, 1),
)  # fmt: skip
"""Each with how many residents, or pairs, it is told of."""
