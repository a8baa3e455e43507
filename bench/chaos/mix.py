"""Who lives in the town of a chaos run, and what is booked for them: the same for the same seed."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.people.numbers import ADULTS, LOAD

HALMSTAD = {"hsa_id": "SE2321000115-E000000000001", "name": "Vårdcentralen Halmstad"}
PAPER_UNIT = {"hsa_id": "SE2321000115-E000000000002", "name": "Medicinmottagningen Varberg"}
INBOX_UNIT = {"hsa_id": "SE2321000115-E000000000003", "name": "Barn- och ungdomsmottagningen Halmstad"}
UNITS = (HALMSTAD, INBOX_UNIT, HALMSTAD, PAPER_UNIT, HALMSTAD, INBOX_UNIT, HALMSTAD)
WISHES = ("sms", "sms", "mail", "sms", "sms", "sms", "1177", "sms", "sms", "none")
"""By what a resident is told of a visit; two neighbours have the wishes of one line of it."""
FIRST_VISIT, APART, MOVED_BY = timedelta(days=10), timedelta(minutes=40), timedelta(days=400)
LATEST_CHANGE = 6.0
Json = dict[str, Any]


@dataclass(frozen=True)
class Resident:
    """A patient of the run. `wish`: sms, mail, 1177 (which tells by itself) or none."""

    number: str = field(repr=False)
    wish: str
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)

    def shown(self) -> Json:
        """As the sandbox takes a resident."""
        wished = {"sms": ["sms"], "mail": ["email"]}.get(self.wish, [])
        return {
            "personnummer": self.number, "name": "Test Testsson", "phone": self.phone, "email": self.email,
            "notified_by_1177": ["SMS"] if self.wish == "1177" else [],
            "protected": False, "preferences": {"notice_by": wished},
        }  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """One webhook of a booking, `at` so many seconds after the run's beginning."""

    at: float
    id: str
    what: str
    booking: Json = field(repr=False)


@dataclass(frozen=True)
class Booked:
    """A booking of the run: its resident, and its webhooks in order."""

    id: str
    resident: Resident
    unit: str
    events: tuple[Planned, ...]

    @property
    def is_plain(self) -> bool:
        """It is made, and nothing befalls it."""
        return len(self.events) == 1


def residents() -> list[Resident]:
    """A hundred and fifty of them. In every tenth pair the two share a phone."""
    found: list[Resident] = []
    for at, number in enumerate(ADULTS + LOAD):
        pair = at // 2
        wish = WISHES[pair % len(WISHES)]
        owner = 2 * pair if pair % 10 == 0 else at
        phone = f"+46701740{605 + owner % 95}" if wish == "sms" else None
        email = f"person{at:03}@example.org" if wish == "mail" else None
        found.append(Resident(number, wish, phone, email))
    return found


def cancel(made: Json) -> Json:
    """The booking, taken away by staff."""
    return made | {"version": 2, "cancelled_by": "staff"}


def some_change(made: Json, dice: random.Random) -> tuple[str, Json] | None:
    """A tenth are moved, a tenth cancelled, the rest left as they are."""
    drawn = dice.random()
    if drawn < 0.1:
        times = {n: (datetime.fromisoformat(made[n]) + MOVED_BY).isoformat() for n in ("start", "end")}
        return "changed", made | times | {"version": 2}
    return ("cancelled", cancel(made)) if drawn < 0.2 else None


Befalls = Callable[[Json, random.Random], tuple[str, Json] | None]
"""What comes of a booking: the kind of webhook and what it tells; None: nothing."""


def bookings(
    name: str, pace: float, seed: int, befalls: Befalls = some_change, first: timedelta = FIRST_VISIT
) -> Iterator[Booked]:
    """Bookings without end, `pace` a second, and within seconds what befalls them; the visits are from `first` on.

    Neighbours have the same unit and the same times, so that those who share a phone get twins: two messages with
    one text that both have to come.
    """
    dice, people = random.Random(seed), residents()
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + first
    for number in itertools.count():
        slot, at = divmod(number, len(people))
        unit = UNITS[(slot + at // 2) % len(UNITS)]
        made = _booking(f"{name}-{number}", people[at], unit, begins + slot * APART)
        events = [Planned(number / pace, f"{made['id']}-1", "created", made)]
        if (change := befalls(made, dice)) is not None:
            then = number / pace + dice.uniform(0.1, LATEST_CHANGE)
            events.append(Planned(then, f"{made['id']}-2", *change))
        yield Booked(made["id"], people[at], unit["hsa_id"], tuple(events))


def _booking(id: str, resident: Resident, unit: Json, start: datetime) -> Json:
    end = start + timedelta(minutes=30)
    return {
        "id": id, "version": 1, "patient": {"id": resident.number, "type": "personnummer"}, "unit": unit,
        "start": start.isoformat(), "end": end.isoformat(), "form": "on_site", "purpose": "Kontroll",
        "call_letter": {"kind": "timed", "text": "Ta med legitimation."}, "booked_by": "staff",
    }  # fmt: skip
