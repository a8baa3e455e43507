"""Which reminder is owed next (besok-5), and which of them a source's ceiling is for (policy-kalla-1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routine_cases import REGION, START
from test_routine_reminder import LONG_AGO, MOMENT, NO_QUIET, at, with_reminders

from models.times import STOCKHOLM
from routine.quiet import quiet_until
from routine.reminder import (
    Plan,
    Planned,
    is_at_once,
    next_reminder,
    reminders_due_at,
    reminders_planned,
)

THREE = with_reminders(lead_hours=frozenset({168, 72, 25}))
WEEK, DAYS, LAST = (Planned(START - timedelta(hours=lead), lead) for lead in (168, 72, 25))
BETWEEN = START - timedelta(hours=30)
"""After the first two leads, before the last."""


def plan(**differs: Any) -> Plan:
    return Plan(**{"start": START, "known_since": LONG_AGO} | differs)


NEXT = [
    ("the first, long before", {}, LONG_AGO, WEEK),
    ("the first, as its moment comes", {}, WEEK.at, WEEK),
    ("the first, a moment too early", {}, WEEK.at - MOMENT, WEEK),
    ("the second, when the first has gone", {"gone": 1, "settled": WEEK.at}, WEEK.at, DAYS),
    ("the second, when the first was let be", {"settled": WEEK.at}, WEEK.at, DAYS),
    ("the last of those that are past: one is enough", {}, BETWEEN, DAYS),
    ("the one whose moment it is, though one before has not gone", {}, DAYS.at, DAYS),
    ("the last, when one has gone for two that were past", {"gone": 1, "settled": DAYS.at}, BETWEEN, LAST),
    ("one that was let be, when an event has come", {"gone": 0}, BETWEEN, DAYS),
    ("the one to come, not one that has gone, when an event has come", {"gone": 1}, WEEK.at, DAYS),
    ("the last one, however late", {"gone": 2, "settled": DAYS.at}, START - MOMENT, LAST),
    ("none, when all have gone", {"gone": 3, "settled": LAST.at}, LAST.at, None),
    ("none, when all have gone and an event has come", {"gone": 3}, LAST.at, None),
    ("none, when more have gone than there are leads", {"gone": 4}, LONG_AGO, None),
    ("none, when the last was let be", {"settled": LAST.at}, LAST.at, None),
    ("none, when the visit begins", {}, START, None),
    ("none, when the visit has begun", {}, START + MOMENT, None),
]


@pytest.mark.parametrize(("what", "known", "now", "owed"), NEXT, ids=[row[0] for row in NEXT])
def test_besok_5_owed_next_is(what: str, known: dict[str, Any], now: datetime, owed: Planned | None) -> None:
    assert next_reminder(plan(**known), now, THREE) == owed


LATE = START - timedelta(hours=24)


def test_besok_5_a_late_booking_has_one_at_once_and_no_more() -> None:
    at_once = Planned(LATE, None)
    assert reminders_planned(plan(known_since=LATE), THREE) == (at_once,)
    assert next_reminder(plan(known_since=LATE), LATE, THREE) == at_once
    assert next_reminder(plan(known_since=LATE), START - MOMENT, THREE) == at_once
    assert next_reminder(plan(known_since=LATE, gone=1, settled=LATE), LATE, THREE) is None


def test_policy_avisering_2_what_comes_with_a_load_has_none_at_once_and_those_to_come() -> None:
    assert next_reminder(plan(known_since=LATE, silent=True), LATE, THREE) is None
    early = plan(known_since=LATE - timedelta(hours=2), silent=True)
    assert next_reminder(early, LATE, THREE) == LAST


def test_besok_5_one_that_has_gone_by_the_old_leads_has_gone_by_the_new() -> None:
    two = with_reminders(lead_hours=frozenset({240, 96}))
    assert next_reminder(plan(gone=1, settled=DAYS.at), DAYS.at, two) is None
    assert next_reminder(plan(gone=1), WEEK.at, two) == Planned(START - timedelta(hours=96), 96)
    one = with_reminders(lead_hours=frozenset({96}))
    assert next_reminder(plan(gone=1), LONG_AGO, one) is None


# two leads in one minute (besok-5)


@pytest.mark.parametrize(
    ("start", "leads", "lead"),
    [
        ("2026-12-01 06:00", {72, 73, 74}, [74]),
        ("2026-12-01 20:59:30", {72, 70}, [72]),
        ("2026-12-01 20:58:00.000001", {72, 70}, [72]),
        ("2026-12-01 20:58", {72, 70}, [72, 70]),
    ],
)
def test_besok_5_two_leads_in_one_minute_are_one_reminder(
    start: str, leads: set[int], lead: list[int]
) -> None:
    """The quiet hours bring both forward to the minute before them."""
    region = with_reminders(lead_hours=frozenset(leads))
    planned = reminders_planned(plan(start=at(start)), region)
    assert [each.lead for each in planned] == lead


# the ceiling of a source (policy-kalla-1)

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("known_since", "at_once"),
    [
        (LONG_AGO, False),
        (WEEK.at - HOUR, False),
        (WEEK.at - HOUR + MOMENT, True),
        (WEEK.at, True),
        (LATE, True),
    ],
)
def test_policy_kalla_1_what_comes_within_an_hour_of_what_was_told_follows_at_once(
    known_since: datetime, at_once: bool
) -> None:
    of = plan(known_since=known_since)
    (first, *_) = reminders_planned(of, THREE)
    assert is_at_once(first, of) is at_once


def test_policy_kalla_1_one_that_the_night_holds_has_followed_at_once_by_the_morning_too() -> None:
    of = plan(start=at("2026-12-01 22:00"), known_since=at("2026-11-28 21:30"))
    morning = at("2026-11-29 08:00")
    owed = next_reminder(of, morning, REGION)
    assert owed is not None
    assert is_at_once(owed, of)


# the changes of the clocks, and nights (policy-tystnad-1, distans-3)

CHANGES = [
    datetime.fromisoformat(f"{day}T01:00:00+00:00")
    for day in ("2026-03-29", "2026-10-25", "2027-03-28", "2027-10-31")
]
AROUND = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-5 * 24 * 60, 5 * 24 * 60),
)
around = settings(max_examples=200)


@around
@given(AROUND)
def test_distans_3_over_a_change_of_clocks_a_lead_is_so_many_hours_as_time_goes(start: datetime) -> None:
    assert reminders_due_at(start, start - timedelta(days=30), NO_QUIET) == (start - timedelta(hours=72),)


@around
@given(AROUND)
def test_policy_tystnad_1_over_a_change_of_clocks_none_comes_at_night_or_later_than_its_lead(
    start: datetime,
) -> None:
    (due,) = reminders_due_at(start, start - timedelta(days=30), REGION)
    lead = start - timedelta(hours=72)
    if quiet_until(lead, REGION) is None:
        assert due == lead
    else:
        assert f"{due.astimezone(STOCKHOLM):%H:%M}" == "20:59"
        assert timedelta() < lead - due < timedelta(hours=13)


@around
@given(AROUND)
def test_policy_tystnad_1_a_night_ends_at_eight_by_the_clock_also_when_it_changes(moment: datetime) -> None:
    over = quiet_until(moment, REGION)
    local = moment.astimezone(STOCKHOLM)
    assert (over is None) == (8 <= local.hour < 21)
    if over is not None:
        morning = over.astimezone(STOCKHOLM)
        assert f"{morning:%H:%M}" == "08:00"
        assert timedelta() < over - moment <= timedelta(hours=12)
        assert (morning.date() - local.date()).days == (local.hour >= 21)
        assert quiet_until(over, REGION) is None
