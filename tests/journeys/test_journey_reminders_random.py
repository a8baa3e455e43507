"""Whatever happens to a visit and its patient, and in whatever order: a reminder is one that is owed just then.

No reminder without a booked time and a consent when it goes, none for a time that has changed, none too often, none
ahead of its time; and none left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from contact_town import ContactTown
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from test_journey_reminders import as_told, consents, times
from town import HALMSTAD, STOCKHOLM, Json, identity

from engine.base import clock
from flows.preferences import preferences
from flows.visit_reminder import visit_reminder
from sandbox.people.numbers import ADULTS, CHILDREN, WRITERS, birthday, born

LEADS = (72, 48)
POINTLESS = timedelta(minutes=30)
GUARDIAN = {"role": "guardian", "id": "198411142394"}
Step = tuple[Any, ...]
STEPS = st.one_of(
    st.tuples(st.just("books"), st.integers(1, 120)),
    st.tuples(st.just("moves"), st.integers(1, 120)),
    st.tuples(st.just("moves_back")),
    st.tuples(st.just("cancels")),
    st.tuples(st.just("consents"), st.booleans()),
    st.tuples(st.just("dies")),
    st.tuples(st.just("lives")),
    st.tuples(st.just("merges")),
    st.tuples(st.just("waits"), st.sampled_from([1, 5, 24, 30])),
)


@dataclass
class Person:
    """Who it is, as we know them here: by their numbers, the present one first."""

    numbers: list[str]
    is_child: bool
    word: tuple[bool, datetime] | None = None
    dead: bool = False

    def consents_now(self) -> bool:
        """A guardian's word holds until the 13th birthday begins."""
        if self.word is None or not self.word[0]:
            return False
        return not (self.is_child and _today() >= birthday(self.numbers[0], 13))


@dataclass
class Visited:
    """A visit as it stands: its booking, and how often it has been reminded of at its present time."""

    booking: Json
    was: datetime | None = None
    stands: bool = True
    reminded: int = 0
    at: list[str] = field(default_factory=list)

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(self.booking["start"])


def _today() -> date:
    return clock.now().astimezone(STOCKHOLM).date()


class History:
    """One history, and what has been seen of it."""

    def __init__(self, town: ContactTown, person: Person) -> None:
        self.town, self.person = town, person
        self.visit: Visited | None = None
        self.seen = 0

    def goes(self, steps: Sequence[Step]) -> None:
        for what, *how in steps:
            getattr(self, f"_{what}")(*how)
            asyncio.run(self.town.comes_to_rest(within=5))
            self._is_as_it_should_be()

    def _books(self, hours: int) -> None:
        if self.visit is None or not self.visit.stands:
            start = _whole(clock.now() + timedelta(hours=hours))
            self.visit = Visited(self.town.books(self.person.numbers[-1], start=start))

    def _moves(self, hours: int) -> None:
        if (visit := self.visit) and visit.stands:
            self._have(visit, _whole(clock.now() + timedelta(hours=hours)))

    def _moves_back(self) -> None:
        if (visit := self.visit) and visit.stands and visit.was and visit.was > clock.now():
            self._have(visit, visit.was)

    def _have(self, visit: Visited, start: datetime) -> None:
        if start != visit.start:
            visit.was, visit.reminded = visit.start, 0
            visit.booking = self.town.changes(visit.booking, start=start)

    def _cancels(self) -> None:
        if self.visit and self.visit.stands:
            self.town.cancels(self.visit.booking)
            self.visit.stands = False

    def _consents(self, given: bool) -> None:
        by: Json = {"unit": HALMSTAD, "set_by": GUARDIAN} if self.person.is_child else {}
        if self.person.is_child and given and _today() >= birthday(self.person.numbers[0], 13):
            return
        consents(self.town, self.person.numbers[-1], given, **by)
        self.person.word = (given, clock.now())

    def _dies(self) -> None:
        self._says("deceased", dead=True)

    def _lives(self) -> None:
        if self.person.dead:
            self._says("alive", dead=False)

    def _says(self, what: str, *, dead: bool) -> None:
        said = {"patient": identity(self.person.numbers[-1]), "at": clock.now().isoformat()}
        assert self.town.tells(f"patient.{what}", said)["status"] == 202
        self.person.dead = dead
        self.town.waits(seconds=1)

    def _merges(self) -> None:
        if len(self.person.numbers) > 1:
            now, before = self.person.numbers
            self.town.tells("patient.merged", {"from": identity(before), "to": identity(now)})
            self.person.numbers = [now]

    def _waits(self, hours: int) -> None:
        self.town.waits(hours=hours)

    def _is_as_it_should_be(self) -> None:
        person, visit, now = self.person, self.visit, clock.now()
        told = times(self.town, person.numbers[-1])
        new, self.seen = told[self.seen :], len(told)
        assert len(new) <= 1, "two at one moment"
        owed = visit is not None and visit.stands and person.consents_now() and not person.dead
        if new:
            assert visit is not None
            assert owed, "nobody consents, nothing is booked, or nobody lives"
            assert new == [as_told(visit.start)], "of a time that has changed"
            assert visit.start - now <= timedelta(hours=max(LEADS)), "ahead of its time"
            visit.reminded += 1
            assert visit.reminded <= len(LEADS), "more often than there are leads"
        if owed and visit is not None:
            soon = timedelta(hours=min(LEADS)) >= visit.start - now > POINTLESS
            assert not soon or visit.reminded, "left out"


def _whole(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


CONSENTED, BOOKED = ("consents", True), ("books", 100)


@example([CONSENTED, BOOKED, ("waits", 30), ("moves", 60), ("moves_back",), ("waits", 24)], False)
@example([BOOKED, ("waits", 30), ("waits", 30), CONSENTED, ("merges",), ("waits", 5)], False)
@example([CONSENTED, BOOKED, ("dies",), ("waits", 30), ("lives",), ("merges",), ("waits", 24)], False)
@example([CONSENTED, BOOKED, ("consents", False), ("waits", 30), CONSENTED, ("cancels",), BOOKED], True)
@given(st.lists(STEPS, min_size=4, max_size=10), st.booleans())
@pytest.mark.timeout(600)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_besok_5_and_paminnelse_1_a_reminder_is_one_that_is_owed_just_then(
    contact_town: ContactTown, steps: Sequence[Step], is_child: bool
) -> None:
    town = contact_town
    if town.flows.keys() != {"preferences", "visit_reminder"}:
        town.flows = {"preferences": preferences, "visit_reminder": visit_reminder}
        told = f"lead_hours = {list(LEADS)}\nguardians_consent_counts = true\n"
        town.region_learns(f"[reminders]\n{told}")
    History(town, _someone(town, is_child=is_child)).goes(steps)


def _someone(town: ContactTown, *, is_child: bool) -> Person:
    """Somebody whom nothing has happened to: with two numbers of their own, or a child who is soon 13."""
    phone = f"+46701{740000 + len(town.people)}"
    if is_child:
        children = [each for each in CHILDREN if birthday(each, 13) > _today() and each not in town.people]
        child = min(children, key=born)
        town.resident(child, guardians=[town.resident(WRITERS[-1])], phone=phone)
        return Person([child], is_child=True)
    numbers = [each for each in (*ADULTS, *WRITERS) if each not in town.people][:2]
    for each in numbers:
        town.resident(each, phone=phone)
    return Person(numbers, is_child=False)
