"""Whatever of a booking changes, in whatever order: each person is left with what they must know now, on paper too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from routine_cases import NOT_ON_1177, NOW, REGION, START, UNIT, UNIT_ID, resident

from routine.call_letter import Post, paper
from routine.decision import StaffTask
from routine.facts import Event, Facts, Form, Visit
from routine.notice import SendSms, notice
from routine.occasion import LastKnown, Occasion, Snapshot, after, is_anothers, is_former_to_be_told
from routine.particulars import Particulars, is_held_otherwise

Change = tuple[str, Any]
FIELDS: dict[str, Sequence[Any]] = {
    "patient": (b"ada", b"bo", b"cy"),
    "unit": (UNIT_ID, "SE2321000115-E000000000002"),
    "form": (Form.ON_SITE, Form.VIDEO, Form.PHONE),
    "platform": ("platform24", "hope"),
    "start": (START, START + timedelta(hours=1), START + timedelta(days=2)),
    "words": ("Kontroll", "Återbesök"),
    "cancelled": (False, True),
    "walk": (True,),  # nothing changes, and what is owed goes out
}
CHANGES = st.sampled_from(list(FIELDS)).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(FIELDS[name]))
)
FIRST = {name: values[0] for name, values in FIELDS.items() if name != "walk"}
OFF_1177 = resident(portal=NOT_ON_1177)


@dataclass
class Person:
    """Knows of the visit what the last notice led to, and what the last letter says."""

    visit: Particulars | None = None
    letter: tuple[Particulars, str] | None = None


@dataclass
class Held:
    """A case: how it stands, what its patient was told, and the letters that went."""

    standing: LastKnown = field(default_factory=LastKnown)
    told: Particulars | None = None
    letters: set[object] = field(default_factory=set)
    corrected: bool = False
    astray: bool = False

    @property
    def letter(self) -> object:
        return self.standing.time_at, self.standing.what.start, self.standing.reworded_at

    def facts(self) -> Facts:
        now, told = self.standing, self.told
        event = Event(
            occasion=now.occasion or Occasion.CHANGED,
            at=NOW - timedelta(hours=1),
            moved=False if now.occasion is None else told.time != now.what.time if told else None,
            held_otherwise=told is not None and is_held_otherwise(told, now.what),
            replay=now.silent,
            corrected=self.corrected,
            letter_astray=self.astray,
            paper_stale=bool(self.letters) and self.letter not in self.letters,
        )
        visit = Visit(start=now.what.start, form=now.what.form, cancelled=now.cancelled)
        return Facts(event=event, visit=visit, resident=OFF_1177, unit=UNIT, unit_id=UNIT_ID, now=NOW)


class Town:
    """One booking as VAS has it, and everyone whom it has been made for."""

    def __init__(self) -> None:
        self.booking = dict(FIRST)
        self.people = {number: Person() for number in FIELDS["patient"]}
        self.cases = [Held()]
        self.at, self.tasks = NOW - timedelta(days=1), 0
        self.arrives(Occasion.BOOKED)

    def change(self, name: str, value: Any) -> None:
        if name == "walk":
            self.walk()
        elif self.booking[name] != value:
            self.booking[name] = value
            self.arrives(Occasion.CANCELLED if self.booking["cancelled"] else Occasion.CHANGED)

    def arrives(self, occasion: Occasion) -> None:
        self.at += timedelta(minutes=1)
        given, case = self.booking, self.cases[0]
        what = Particulars(**{name: given[name] for name in ("start", "unit", "form", "platform")})
        came = _came(occasion, self.at, given["patient"], what, given["words"])
        if is_anothers(case.standing, came):
            self._part(case)
        case.standing = after(case.standing, came)

    def _part(self, case: Held) -> None:
        reached = bool(case.letters) or case.told is not None
        was = case.standing
        if is_former_to_be_told(was, reached=reached).allowed:
            assert was.patient is not None
            came = _came(Occasion.CANCELLED, self.at, was.patient, was.what, was.words)
            astray = bool(case.letters)
            self.cases.append(Held(after(LastKnown(), came), corrected=True, astray=astray))
        case.told, case.letters = None, set()

    def walk(self) -> None:
        for case in reversed(self.cases):  # what is owed to a former patient is older
            assert case.standing.patient is not None
            person, now = self.people[case.standing.patient], case.standing
            on_paper = paper(case.facts(), REGION).answer
            if isinstance(on_paper, Post) and case.letter not in case.letters:
                person.letter = (now.what, now.words)
                case.letters.add(case.letter)
            self.tasks += isinstance(on_paper, StaffTask)
            if now.occasion is not None:
                if isinstance(notice(case.facts(), REGION).answer, SendSms):
                    person.visit = None if now.cancelled else now.what
                case.told, case.standing = now.what, replace(now, occasion=None)
        self.cases = self.cases[:1]


def _came(occasion: Occasion, at: datetime, patient: bytes, what: Particulars, words: str) -> Snapshot:
    return Snapshot(
        occasion=occasion, patient=patient, what=what, words=words, occurred_at=at, received_at=at
    )


@settings(max_examples=150)
@given(st.lists(CHANGES, max_size=12))
def test_policy_andring_1_and_2_everyone_knows_what_they_must_whatever_changed(changes: list[Change]) -> None:
    town = Town()
    for name, value in changes:
        town.change(name, value)
    town.walk()
    now, right = town.booking, town.people.pop(town.booking["patient"])
    what = Particulars(**{name: now[name] for name in ("start", "unit", "form", "platform")})
    assert right.visit == (None if now["cancelled"] else what)
    if not now["cancelled"]:
        assert right.letter == (what, now["words"])
    assert [person.visit for person in town.people.values()] == [None, None]


@settings(max_examples=60)
@given(st.lists(CHANGES, max_size=8))
def test_policy_andring_2_staff_have_a_task_for_each_letter_that_went_to_the_wrong_patient(
    changes: list[Change],
) -> None:
    town, wrong = Town(), 0
    for name, value in changes:
        has_letter, other = bool(town.cases[0].letters), value != town.booking.get(name)
        was_told_cancelled = town.cases[0].standing.cancelled and town.cases[0].standing.occasion is None
        wrong += name == "patient" and other and has_letter and not was_told_cancelled
        town.change(name, value)
    town.walk()
    assert town.tasks == wrong
