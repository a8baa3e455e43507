"""What must never be done for a resident on 1177, whatever is known, and that what is offered is what is done.

Each promise is a question "is it broken?", asked of the rules, where the answer is never yes; and of the rules with one
gate taken out, where hypothesis has to find a yes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from drawn_cases import few_differ, mostly, there_is
from hypothesis import given, settings
from hypothesis import strategies as st
from routine_cases import ADULT, NOW, REGION, SHADOW_UNIT, UNIT
from self_service_cases import BOOK, BOOKING, CANCEL, FROM_LETTER, GUARDIAN, LETTER, REBOOK

from routine import self_service
from routine.children import Role, WhoActs
from routine.facts import CallLetterKind, Visit
from routine.region import UnitPolicy
from routine.self_service import Service, ToChange, Wanted, may_be_done_there, may_times_be_shown


def minutes(low: int, high: int) -> st.SearchStrategy[datetime]:
    return st.integers(low, high).map(lambda each: NOW + timedelta(minutes=each))


DAY = 24 * 60
MAYBE = st.sampled_from([None, True, False])
CHILD, THIRTEEN_TODAY, TWELVE_TODAY = date(2019, 5, 3), date(2013, 11, 24), date(2013, 11, 25)
BIRTHS = st.none() | st.sampled_from([CHILD, THIRTEEN_TODAY, TWELVE_TODAY])
UNITS = st.sampled_from(
    [None, SHADOW_UNIT, *(UNIT.model_copy(update={"last_change_hours": each}) for each in (0, 48))]
)
STARTS = minutes(2 * DAY, 30 * DAY) | minutes(-DAY, 3 * DAY) | st.just(NOW + timedelta(days=1))
TIMED = st.builds(
    lambda start, kind, cancelled: Visit(
        start=start, end=start + timedelta(minutes=30), call_letter=kind, cancelled=cancelled
    ),
    STARTS,
    st.sampled_from([None, CallLetterKind.TIMED, CallLetterKind.NONE]),
    st.sampled_from([False, False, True]),
)
OPEN = st.builds(
    Visit,
    valid_until=st.none() | minutes(-60, 60) | st.dates(date(2026, 11, 22), date(2026, 11, 26)),
    call_letter=st.just(CallLetterKind.OPEN),
    cancelled=st.sampled_from([False, False, True]),
)
VISITS = TIMED | OPEN
OTHERWISE: dict[str, st.SearchStrategy[Any]] = {
    "visit": VISITS,
    "cancellable": MAYBE,
    "rebookable": MAYBE,
    "unit": UNITS,
    "patient_is": st.just(False),
    "birth": BIRTHS,
    "reservnummer": st.just(True),
    "deceased": st.just(True),
    "elsewhere": st.just(True),
}
BOOKINGS = few_differ([BOOKING, LETTER], 2, OTHERWISE)
WHO = st.builds(
    WhoActs,
    role=st.sampled_from([Role.SELF, Role.SELF, Role.GUARDIAN, Role.OTHER, None]),
    birth=BIRTHS | st.just(ADULT),
    protected=MAYBE,
)
GUARDIANS = st.builds(WhoActs, role=st.just(Role.GUARDIAN), birth=BIRTHS, protected=MAYBE)
FAR = NOW + timedelta(days=9)
WISHED: dict[str, st.SearchStrategy[Any]] = {
    "who": WHO | GUARDIANS | st.sampled_from([GUARDIAN, WhoActs(role=Role.SELF, birth=THIRTEEN_TODAY)]),
    "by_agent": st.just(True),
    "start": minutes(-DAY, DAY) | st.none(),
    "end": st.sampled_from([FAR, FAR - timedelta(minutes=1), None]),
    "from_letter": st.booleans(),
    "reservnummer": st.just(True),
    "deceased": st.just(True),
}
USUAL = [
    replace(each, start=FAR, end=FAR + timedelta(minutes=30)) for each in (CANCEL, REBOOK, BOOK, FROM_LETTER)
]
WANTED = few_differ(USUAL, 2, WISHED) | st.one_of(
    [few_differ(USUAL, 1, {name: WISHED[name]}) for name in ("who", "start")]
)


@dataclass(frozen=True)
class Case:
    """Something that somebody asks for, of a booking or of none."""

    wanted: Wanted
    booking: ToChange | None
    unit: UnitPolicy | None

    @property
    def is_done(self) -> bool:
        may = self_service.may_be_asked_of_journal_system(self.wanted, self.booking, self.unit, NOW, REGION)
        return may.allowed

    @property
    def changed(self) -> ToChange | None:
        """What is cancelled or moved."""
        return self.booking if self.wanted.service is not Service.BOOK else None

    @property
    def used(self) -> ToChange | None:
        """What is changed, or answered."""
        return self.booking if self.wanted.from_letter else self.changed


def fitting(usual: ToChange, visits: st.SearchStrategy[Visit]) -> st.SearchStrategy[ToChange | None]:
    """What is asked for is mostly asked of what it is done with."""
    fits = few_differ([usual], 2, OTHERWISE) | few_differ([usual], 1, {"visit": visits})
    return fits | BOOKINGS | st.none()


FITTING = {True: fitting(LETTER, OPEN), False: fitting(BOOKING, TIMED)}
AT_UNIT = mostly(UNIT, UNITS, 3)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    wanted = draw(WANTED)
    return Case(wanted, draw(FITTING[wanted.from_letter]), draw(AT_UNIT))


CASES = cases()
never = settings(max_examples=80)


def is_13(birth: date) -> bool:
    """By the figures alone, not by the rules that are tried here."""
    return (birth.year + 13, birth.month, birth.day) <= (2026, 11, 24)


def another_is_changed(case: Case) -> bool:
    return case.is_done and case.used is not None and not case.used.patient_is


def a_booking_that_is_not_there_is_changed(case: Case) -> bool:
    return case.is_done and case.booking is None and case.wanted.service is not Service.BOOK


def a_visit_is_changed_after_it_has_begun(case: Case) -> bool:
    start = case.changed.visit.start if case.changed else None
    return case.is_done and start is not None and start <= NOW


def a_visit_is_changed_after_the_last_hour(case: Case) -> bool:
    of = case.changed
    if of is None or of.visit.start is None or of.unit is None:
        return False
    hours = 24 if of.unit.last_change_hours is None else of.unit.last_change_hours
    return case.is_done and of.visit.start - NOW < timedelta(hours=hours)


def a_cancelled_one_is_changed(case: Case) -> bool:
    return case.is_done and case.used is not None and case.used.visit.cancelled


def what_the_unit_has_not_allowed_is_done(case: Case) -> bool:
    of, service = case.changed, case.wanted.service
    allowed = of and {Service.CANCEL: of.cancellable, Service.REBOOK: of.rebookable}[service]
    return case.is_done and of is not None and allowed is not True


def a_time_is_taken_from_what_is_no_open_letter(case: Case) -> bool:
    from_letter = case.wanted.service is Service.BOOK and case.wanted.from_letter
    is_open = case.booking is not None and case.booking.visit.call_letter is CallLetterKind.OPEN
    return case.is_done and from_letter and not is_open


def a_letter_is_used_when_it_has_run_out(case: Case) -> bool:
    until = case.used.visit.valid_until if case.used else None
    if until is None:
        return False
    return case.is_done and (until <= NOW if isinstance(until, datetime) else until < date(2026, 11, 24))


def another_systems_is_changed(case: Case) -> bool:
    return case.is_done and case.used is not None and case.used.elsewhere


def anything_is_done_for_the_deceased(case: Case) -> bool:
    return case.is_done and (case.wanted.deceased or bool(case.used and case.used.deceased))


def anything_is_done_for_a_reservnummer(case: Case) -> bool:
    return case.is_done and (case.wanted.reservnummer or bool(case.used and case.used.reservnummer))


def a_stranger_is_heard(case: Case) -> bool:
    return (
        case.is_done and not case.wanted.by_agent and case.wanted.who.role not in (Role.SELF, Role.GUARDIAN)
    )


def a_guardian_of_one_of_13_is_heard(case: Case) -> bool:
    who = case.wanted.who
    is_old = who.birth is not None and is_13(who.birth)
    return case.is_done and not case.wanted.by_agent and who.role is Role.GUARDIAN and is_old


def a_guardian_is_heard_who_may_be_protected(case: Case) -> bool:
    who = case.wanted.who
    is_theirs = not case.wanted.by_agent and who.role is Role.GUARDIAN
    return case.is_done and is_theirs and who.protected is not False


def an_agent_changes_what_is_booked(case: Case) -> bool:
    return case.is_done and case.wanted.by_agent and case.wanted.service is not Service.BOOK


def one_under_13_is_heard(case: Case) -> bool:
    who = case.wanted.who
    is_young = who.birth is not None and not is_13(who.birth)
    return case.is_done and not case.wanted.by_agent and who.role is Role.SELF and is_young


def a_time_is_booked_that_is_not_to_come(case: Case) -> bool:
    start = case.wanted.start
    return case.is_done and case.wanted.service is not Service.CANCEL and (start is None or start <= NOW)


def a_time_is_booked_that_ends_before_it_begins(case: Case) -> bool:
    start, end = case.wanted.start, case.wanted.end
    is_wrong = start is not None and (end is None or end <= start)
    return case.is_done and case.wanted.service is not Service.CANCEL and is_wrong


def anything_is_done_where_we_do_not_publish(case: Case) -> bool:
    of = case.used.unit if case.used else case.unit
    return case.is_done and any(unit is None or unit.in_shadow for unit in (case.unit, of))


def gate(name: str) -> tuple[str, Callable[..., None]]:
    """One that stands open."""
    return name, lambda *_, **__: None


def booked_as(**differs: Any) -> tuple[str, Callable[..., Any]]:
    """The rule, blind to one thing of the booking."""
    true = may_be_done_there

    def blind(service: Service, booking: ToChange, *rest: Any) -> Any:
        return true(service, replace(booking, **differs), *rest)

    return "may_be_done_there", blind


WHO_ASKS = gate("_not_by_whoever_asks")
PATIENT = gate("_not_for_patient")
STATE = gate("_not_in_its_state")
PROMISES: list[tuple[Callable[[Case], bool], tuple[str, Callable[..., Any]]]] = [
    # the promise, the gate that keeps it
    (another_is_changed, gate("_not_of_this_booking")),
    (a_booking_that_is_not_there_is_changed, gate("_not_of_this_booking")),
    (a_visit_is_changed_after_it_has_begun, gate("_not_of_this_booking")),
    (a_visit_is_changed_after_the_last_hour, gate("_too_late")),
    (a_cancelled_one_is_changed, STATE),
    (what_the_unit_has_not_allowed_is_done, gate("_not_by_unit")),
    (a_time_is_taken_from_what_is_no_open_letter, STATE),
    (a_letter_is_used_when_it_has_run_out, STATE),
    (another_systems_is_changed, booked_as(elsewhere=False)),
    (anything_is_done_for_the_deceased, PATIENT),
    (anything_is_done_for_a_reservnummer, PATIENT),
    (a_stranger_is_heard, WHO_ASKS),
    (a_guardian_of_one_of_13_is_heard, WHO_ASKS),
    (a_guardian_is_heard_who_may_be_protected, WHO_ASKS),
    (one_under_13_is_heard, WHO_ASKS),
    (an_agent_changes_what_is_booked, gate("_not_by_agent")),
    (a_time_is_booked_that_is_not_to_come, gate("_not_at_this_time")),
    (a_time_is_booked_that_ends_before_it_begins, gate("_not_at_this_time")),
    (anything_is_done_where_we_do_not_publish, gate("_not_at_unit")),
]


@pytest.mark.parametrize("broken", [broken for broken, _ in PROMISES], ids=lambda broken: broken.__name__)
def test_never(broken: Callable[[Case], bool]) -> None:
    @never
    @given(CASES)
    def promise(case: Case) -> None:
        assert not broken(case)

    promise()


@pytest.mark.parametrize(
    ("broken", "opened"), PROMISES, ids=[f"{broken.__name__}: {opened[0]}" for broken, opened in PROMISES]
)
def test_a_promise_breaks_where_its_gate_stands_open(
    broken: Callable[[Case], bool],
    opened: tuple[str, Callable[..., Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(self_service, *opened)
    assert there_is(CASES, broken)


GOOD: list[tuple[str, Callable[[Case], bool]]] = [
    ("a visit is cancelled", lambda case: case.wanted.service is Service.CANCEL),
    ("a visit is moved", lambda case: case.wanted.service is Service.REBOOK),
    ("a time is booked", lambda case: case.wanted.service is Service.BOOK and not case.wanted.from_letter),
    ("one is from a letter", lambda case: case.wanted.service is Service.BOOK and case.wanted.from_letter),
    ("a guardian does it", lambda case: case.wanted.who.role is Role.GUARDIAN and not case.wanted.by_agent),
    ("one of 13 does it today", lambda case: case.wanted.who.role is Role.SELF and case.wanted.who.birth == THIRTEEN_TODAY),
    ("an agent does it", lambda case: case.wanted.by_agent),
]  # fmt: skip


@pytest.mark.parametrize(("what", "is_it"), GOOD, ids=[what for what, _ in GOOD])
def test_much_is_done_in_the_cases_tried_here(what: str, is_it: Callable[[Case], bool]) -> None:
    assert there_is(CASES, lambda case: case.is_done and is_it(case))


# what is offered is what is done


def asked_for(service: Service, booking: ToChange, who: WhoActs) -> Case:
    """The press of a button that is shown with the booking."""
    start = NOW + timedelta(days=9)
    wanted = Wanted(
        service=service,
        who=who,
        by_agent=False,
        start=start,
        end=start + timedelta(minutes=30),
        from_letter=service is Service.BOOK,
        reservnummer=booking.reservnummer,
        deceased=booking.deceased,
    )
    return Case(wanted, booking, booking.unit)


@settings(max_examples=300)
@given(st.sampled_from(Service), BOOKINGS.map(lambda of: replace(of, patient_is=True)))
def test_besok_3_and_besok_4_what_is_shown_is_accepted_and_nothing_else(
    service: Service, booking: ToChange
) -> None:
    """From whoever acts for the patient: from 13 they themselves, before that a guardian."""
    is_old = booking.birth is None or is_13(booking.birth)
    who = WhoActs(role=Role.SELF if is_old else Role.GUARDIAN, birth=booking.birth, protected=False)
    shown = may_be_done_there(service, booking, NOW, REGION)
    assert asked_for(service, booking, who).is_done is shown.allowed


@never
@given(CASES)
def test_besok_3_and_besok_4_nobody_is_given_what_is_not_shown(case: Case) -> None:
    if case.is_done and case.used is not None:
        assert may_be_done_there(case.wanted.service, case.used, NOW, REGION).allowed


@never
@given(WHO, BOOKINGS, UNITS, st.booleans(), st.booleans())
def test_besok_4_by_a_booking_no_times_are_shown_but_to_whoever_may_take_one(
    who: WhoActs, booking: ToChange, unit: UnitPolicy | None, by_agent: bool, by_booking: bool
) -> None:
    shown = may_times_be_shown(who, booking, unit, NOW, REGION, by_agent=by_agent, by_booking=by_booking)
    if not (shown.allowed and by_booking):
        return
    is_open = booking.visit.call_letter is CallLetterKind.OPEN
    case = asked_for(Service.BOOK if is_open else Service.REBOOK, booking, who)
    assert not by_agent
    assert case.is_done
