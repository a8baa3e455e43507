"""What the resident can do with a booking on 1177.se (besok-3, besok-4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from routine_cases import NOW, START, VISIT, visit

from routine.decision import Decision
from routine.facts import CallLetterKind, Visit
from routine.reasons import Reason
from routine.self_service import (
    Service,
    may_be_cancelled_there,
    may_be_rebooked_there,
    may_time_be_chosen_there,
)

EARLIER = START - timedelta(microseconds=1)
OPEN = visit(start=None, end=None, call_letter=CallLetterKind.OPEN, valid_until=date(2026, 11, 30))
Asked = Callable[..., Decision[bool]]

BESOK_3 = [
    ("the unit allows it", VISIT, True, NOW, True, Reason.ALLOWED_BY_UNIT),
    ("the unit does not", VISIT, False, NOW, False, Reason.NOT_ALLOWED_BY_UNIT),
    ("the unit has not said", VISIT, None, NOW, False, Reason.NOT_ALLOWED_BY_UNIT),
    ("just before it begins", VISIT, True, EARLIER, True, Reason.ALLOWED_BY_UNIT),
    ("as it begins", VISIT, True, START, False, Reason.PASSED),
    ("while it goes on", VISIT, True, START + timedelta(minutes=1), False, Reason.PASSED),
    ("cancelled", visit(cancelled=True), True, NOW, False, Reason.CANCELLED),
    ("cancelled and over", visit(cancelled=True), True, START, False, Reason.CANCELLED),
    ("cancelled, and not allowed", visit(cancelled=True), False, NOW, False, Reason.CANCELLED),
    ("over, and not allowed", VISIT, False, START, False, Reason.PASSED),
    ("without a time", visit(start=None, end=None), True, NOW, True, Reason.ALLOWED_BY_UNIT),
]


@pytest.mark.parametrize("asked", [may_be_cancelled_there, may_be_rebooked_there])
@pytest.mark.parametrize(
    ("case", "allowed", "now", "may", "reason"),
    [case[1:] for case in BESOK_3],
    ids=[case[0] for case in BESOK_3],
)
def test_besok_3_a_visit_to_come_is_cancelled_and_rebooked_on_1177(
    asked: Asked, case: Visit, allowed: bool | None, now: datetime, may: bool, reason: Reason
) -> None:
    assert asked(case, allowed, now, Service) == Decision(may, reason, "besok-3")


@pytest.mark.parametrize("asked", [may_be_cancelled_there, may_be_rebooked_there])
def test_besok_3_what_we_do_not_carry_out_is_offered_nowhere(asked: Asked) -> None:
    assert asked(VISIT, True, NOW) == Decision(False, Reason.NOT_CARRIED_OUT, "besok-3")
    assert may_time_be_chosen_there(OPEN, NOW) == Decision(False, Reason.NOT_CARRIED_OUT, "besok-4")


def test_besok_3_each_service_is_offered_by_itself() -> None:
    assert may_be_cancelled_there(VISIT, True, NOW, {Service.CANCEL}).allowed
    assert not may_be_cancelled_there(VISIT, True, NOW, {Service.REBOOK, Service.BOOK}).allowed
    assert may_be_rebooked_there(VISIT, True, NOW, {Service.REBOOK}).allowed
    assert not may_be_rebooked_there(VISIT, True, NOW, {Service.CANCEL, Service.BOOK}).allowed
    assert may_time_be_chosen_there(OPEN, NOW, {Service.BOOK}).allowed
    assert not may_time_be_chosen_there(OPEN, NOW, {Service.CANCEL, Service.REBOOK}).allowed


LAST_NIGHT = datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
BESOK_4 = [
    ("an open call letter", OPEN, NOW, True, Reason.ALLOWED_BY_UNIT),
    ("on its last day in Sweden", OPEN, LAST_NIGHT, True, Reason.ALLOWED_BY_UNIT),
    ("the day after", OPEN, MIDNIGHT, False, Reason.PASSED),
    ("one that holds for ever", visit(start=None, call_letter="open"), NOW, True, Reason.ALLOWED_BY_UNIT),
    (
        "just before the moment that it holds to",
        visit(start=None, call_letter=CallLetterKind.OPEN, valid_until=START),
        EARLIER,
        True,
        Reason.ALLOWED_BY_UNIT,
    ),
    (
        "at the moment that it holds to",
        visit(start=None, call_letter=CallLetterKind.OPEN, valid_until=START),
        START,
        False,
        Reason.PASSED,
    ),
    ("a timed call letter", visit(call_letter=CallLetterKind.TIMED), NOW, False, Reason.NOT_ALLOWED_BY_UNIT),
    ("no call letter that is known", VISIT, NOW, False, Reason.NOT_ALLOWED_BY_UNIT),
    (
        "a cancelled one",
        visit(start=None, call_letter=CallLetterKind.OPEN, cancelled=True),
        NOW,
        False,
        Reason.CANCELLED,
    ),
]


@pytest.mark.parametrize(
    ("case", "now", "may", "reason"), [case[1:] for case in BESOK_4], ids=[case[0] for case in BESOK_4]
)
def test_besok_4_a_time_is_chosen_from_an_open_call_letter_that_still_holds(
    case: Visit, now: datetime, may: bool, reason: Reason
) -> None:
    assert may_time_be_chosen_there(case, now, Service) == Decision(may, reason, "besok-4")
