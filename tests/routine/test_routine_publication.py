"""What is shown on 1177 (besok-1), and which bookings wait for a person."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from routine_cases import NOW, REGION, RESIDENT, START, UNIT, resident, visit

from routine.facts import CallLetterKind, Resident, Visit
from routine.publication import Category, can_be_handled, is_shown_on_1177
from routine.reasons import Reason
from routine.rules import is_visit_over, visit_over_at

HSA_ID = "SE2321000115-E000000000001"
KNOWN = REGION.model_copy(update={"units": {HSA_ID: UNIT}})
OPEN = visit(start=None, end=None, call_letter=CallLetterKind.OPEN)


def category(shown: Visit, person: Resident = RESIDENT, now: datetime = NOW) -> Category | None:
    return is_shown_on_1177(shown, person, now).answer


@pytest.mark.parametrize(
    ("call_letter", "shown_as"),
    [
        (CallLetterKind.TIMED, Category.INVITATION),
        (CallLetterKind.OPEN, Category.INVITATION),
        (CallLetterKind.NONE, Category.BOOKING),
        (None, Category.BOOKING),
    ],
)
def test_every_visit_is_shown_a_call_letter_as_an_invitation(
    call_letter: CallLetterKind | None, shown_as: Category
) -> None:
    decision = is_shown_on_1177(visit(call_letter=call_letter), RESIDENT, NOW)
    assert (decision.answer, decision.clause) == (shown_as, "besok-1")


@pytest.mark.parametrize(
    ("case", "person", "reason", "clause"),
    [
        (visit(cancelled=True), RESIDENT, Reason.CANCELLED, "besok-1"),
        (visit(end=NOW), RESIDENT, Reason.PASSED, "besok-1"),
        (visit(), resident(deceased=True), Reason.DECEASED, "policy-avliden-1"),
        (visit(), resident(reservnummer=True), Reason.RESERVNUMMER, "policy-reserv-1"),
    ],
)
def test_not_shown(case: Visit, person: Resident, reason: Reason, clause: str) -> None:
    decision = is_shown_on_1177(case, person, NOW)
    assert (decision.answer, decision.reason, decision.clause) == (None, reason, clause)


def test_a_protected_persons_visits_are_shown_and_nothing_of_the_person_needs_to_be_known() -> None:
    assert category(visit(), resident(protected=True)) is Category.BOOKING
    assert category(visit(), resident(protected=None, deceased=None, portal=None)) is Category.BOOKING


def test_a_visit_is_shown_until_its_end_or_its_start_where_the_end_is_not_known() -> None:
    during = START + timedelta(minutes=1)
    assert category(visit(), now=during) is Category.BOOKING
    assert category(visit(end=None), now=during) is None


def test_an_open_call_letter_is_shown_to_the_end_of_its_last_day_in_sweden() -> None:
    last = date(2026, 11, 24)
    until = visit(start=None, end=None, call_letter=CallLetterKind.OPEN, valid_until=last)
    assert category(until, now=datetime(2026, 11, 24, 22, 59, tzinfo=UTC)) is Category.INVITATION
    assert category(until, now=datetime(2026, 11, 24, 23, 0, tzinfo=UTC)) is None


def test_an_open_call_letter_is_shown_until_its_moment_or_without_a_limit() -> None:
    until = visit(start=None, end=None, call_letter=CallLetterKind.OPEN, valid_until=NOW)
    assert category(until, now=NOW - timedelta(seconds=1)) is Category.INVITATION
    assert category(until, now=NOW) is None
    assert category(OPEN, now=NOW + timedelta(days=999)) is Category.INVITATION


def test_a_unit_that_is_not_listed_waits_for_a_person() -> None:
    decision = can_be_handled("SE2321000115-E000000000009", KNOWN)
    assert (decision.allowed, decision.reason, decision.clause) == (
        False,
        Reason.UNIT_UNKNOWN,
        "policy-okand-1",
    )


def test_a_listed_unit_is_handled_whatever_its_case() -> None:
    assert can_be_handled(HSA_ID.lower(), KNOWN).allowed


@pytest.mark.parametrize(
    ("case", "moment"),
    [
        (visit(), START + timedelta(minutes=30)),
        (visit(end=None), START),
        (visit(start=None, end=None, valid_until=NOW), NOW),
        (
            visit(start=None, end=None, valid_until=date(2026, 11, 24)),
            datetime(2026, 11, 24, 23, 0, tzinfo=UTC),
        ),
        (
            visit(start=None, end=None, valid_until=date(2026, 10, 25)),
            datetime(2026, 10, 25, 23, 0, tzinfo=UTC),
        ),
    ],
)
def test_when_a_visit_is_over_can_be_told_beforehand(case: Visit, moment: datetime) -> None:
    assert visit_over_at(case) == moment
    assert is_visit_over(case, moment)
    assert not is_visit_over(case, moment - timedelta(seconds=1))


def test_an_open_call_letter_without_a_limit_is_never_over() -> None:
    assert visit_over_at(OPEN) is None
