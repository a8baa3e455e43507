"""What the report shows, and what nobody can work out from it (policy-uppfoljning-1)."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from follow_up_driver import HALMSTAD, MONDAY, VARBERG, WEEKS, closed_days, sums
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from engine.base.database import transaction
from gateway.staff.report_given import Asked, as_csv, as_json
from gateway.staff.report_pages import as_file
from routine.follow_up import BY_CODE, BY_STAFF, MEASURES, Cell, Group, cells_of, following_up
from routine.follow_up_period import period_of
from routine.masking import LEAST
from tasks.follow_up.report import days_summed, period_shown, sections, units_sections

pytestmark = pytest.mark.usefixtures("database")
LAST = WEEKS[-1] + timedelta(days=6)
UNITS = (HALMSTAD, VARBERG, "SE2321000115-E000000000003")
SOME = [
    cell
    for cell in cells_of(MEASURES)
    if cell.measure in ("notice_arrived", "notice_by_staff", "paper_by_staff", "answer_departs", "handed_over_by_hand",
                        "alert_not_acknowledged", "consent_declined")
]  # fmt: skip
"""Disjoint ones, a part of others, ones of the region."""
COUNTED = list({cell.measure: BY_CODE[cell.measure] for cell in SOME}.values())
Base = Mapping[tuple[Cell, str, date], int]


def places(cell: Cell) -> tuple[str, ...]:
    return ("",) if BY_CODE[cell.measure].of_region else UNITS


KEYS = [(cell, unit, week) for cell in SOME for unit in places(cell) for week in WEEKS]
NUMBERS = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 9, 30])


def no_more_than_the_whole(base: Base) -> Base:
    """What is handed over by hand is a part of what is handed over."""
    by_hand = Cell("handed_over_by_hand")
    parts = {
        (by_hand, "", week): min(
            base[by_hand, "", week], sum(base.get((Cell(code), "", week), 0) for code in BY_STAFF)
        )
        for week in WEEKS
    }
    return {**base, **parts}


figures = st.fixed_dictionaries(dict.fromkeys(KEYS, NUMBERS)).map(no_more_than_the_whole)


def put(base: Base) -> None:
    """The sums of days behind these figures of weeks, spread over the days of each."""
    with transaction() as connection:
        connection.execute(text("DELETE FROM day_sum"))
        connection.execute(text("DELETE FROM summed_day"))
    closed_days(WEEKS[0], LAST)
    spread = [
        (cell.measure, cell.reason, unit, week + timedelta(days=day), number)
        for (cell, unit, week), whole in base.items()
        for day, number in ((0, whole // 2), (6, whole - whole // 2))
        if number
    ]
    sums(*spread)


def everything_shown() -> str:
    """All that anybody can read, in every form, of every unit and of every stretch of time."""
    summed, read = days_summed(), []
    for first, last in itertools.combinations_with_replacement(WEEKS, 2):
        period = period_shown(first, last + timedelta(days=3), summed)
        for unit in (None, *UNITS):
            read += as_json(Asked(period, unit, summed), sections(period, unit, COUNTED))
        read += as_csv(units_sections(period, COUNTED))
    period = period_shown(None, None, summed)
    read += as_file(Asked(period, None, summed), sections(period, None, COUNTED), "sv")
    return "".join(read)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(figures, st.integers())
def test_a_report_is_the_same_whichever_of_1_to_4_a_hidden_number_is(base: Base, seed: int) -> None:
    """So nothing in it, no total, difference, other unit or other week, tells which."""
    put(base)
    before, chance = everything_shown(), random.Random(seed)
    put({key: chance.randint(1, LEAST - 1) if 0 < number < LEAST else number for key, number in base.items()})
    assert everything_shown() == before


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(figures)
def test_what_is_shown_holds_what_there_is_and_never_a_few(base: Base) -> None:
    put(base)
    summed = days_summed()
    period = period_shown(MONDAY, LAST, summed)
    for unit in (None, *UNITS):
        for section in sections(period, unit, COUNTED):
            for row in section.rows:
                for week, shown in row.weeks.items():
                    where = ("",) if row.of_region else UNITS if unit is None else (unit,)
                    real = sum(base.get((row.cell, each, week), 0) for each in where)
                    assert shown.at_least <= real <= shown.at_most
                    assert not (shown.is_exact and 0 < shown.at_least < LEAST)


def data(unit: str | None = None, first: date | None = MONDAY, last: date | None = LAST) -> Any:
    summed = days_summed()
    period = period_shown(first, last, summed)
    return json.loads("".join(as_json(Asked(period, unit, summed), sections(period, unit))))


def measure(told: Any, code: str, reason: str = "") -> Any:
    (found,) = [
        each
        for group in told["groups"]
        for each in group["measures"]
        if (each["measure"], each["reason"]) == (code, reason)
    ]
    return found


def test_the_region_is_the_sum_of_what_is_shown_of_its_units() -> None:
    put({(Cell("notice_arrived"), HALMSTAD, WEEKS[0]): 30, (Cell("notice_arrived"), VARBERG, WEEKS[0]): 3})
    assert measure(data(HALMSTAD), "notice_arrived")["weeks"]["2026-W06"] == 30
    assert measure(data(VARBERG), "notice_arrived")["weeks"]["2026-W06"] == "<5"
    assert measure(data(), "notice_arrived")["weeks"] == {
        "2026-W06": "31–34", "2026-W07": 0, "2026-W08": 0, "2026-W09": 0,
    }  # fmt: skip


def test_policy_skydd_2_what_is_left_by_hand_is_hidden_where_it_leaves_a_few_of_the_others() -> None:
    by_hand, by_staff = Cell("handed_over_by_hand"), Cell("notice_by_staff")
    for number, whole, shown in ((20, 30, 20), (27, 30, "≤30"), (30, 30, "≤30"), (3, 30, "<5")):
        put({(by_staff, "", WEEKS[0]): whole, (by_hand, "", WEEKS[0]): number})
        assert measure(data(), "handed_over_by_hand")["weeks"]["2026-W06"] == shown


@pytest.mark.parametrize("code", BY_STAFF)
def test_policy_skydd_2_what_is_handed_over_is_told_of_no_unit(code: str) -> None:
    """It is nearly the children and the protected themselves."""
    put({(Cell(code), "", WEEKS[0]): 30})
    found = measure(data(HALMSTAD), code)
    assert (found["of"], found["weeks"]["2026-W06"]) == ("region", 30)


def test_what_is_of_the_region_alone_is_so_in_a_unit_s_report_too() -> None:
    put({(Cell("alert_not_acknowledged"), "", WEEKS[0]): 7})
    found = measure(data(VARBERG), "alert_not_acknowledged")
    assert (found["of"], found["total"]) == ("region", 7)
    period = period_of(MONDAY, LAST, MONDAY, LAST)
    assert not any(row.of_region for _, section in units_sections(period) for row in section.rows)


def test_a_week_that_may_still_change_is_not_shown() -> None:
    put({(Cell("notice_arrived"), HALMSTAD, WEEKS[3]): 30})
    with transaction() as connection:
        connection.execute(text("UPDATE summed_day SET closed = false WHERE day = :day"), {"day": LAST})
    told = data()
    assert told["weeks"] == ["2026-W06", "2026-W07", "2026-W08"]
    assert measure(told, "notice_arrived")["total"] == 0


def test_a_clause_has_its_own_measures_alone() -> None:
    put({(Cell("answer_departs", "asked_to_call"), HALMSTAD, WEEKS[1]): 6})
    period = period_of(MONDAY, LAST, MONDAY, LAST)
    (section,) = sections(period, None, following_up("patient-2"))
    assert section.group is Group.ANSWERS
    assert {row.measure.code for row in section.rows} == {
        "answer_as_routine",
        "answer_departs",
        "answer_unclear",
    }


def test_the_same_figures_are_drawn_as_the_same_bytes() -> None:
    put({(Cell("notice_arrived"), HALMSTAD, week): 5 + at for at, week in enumerate(WEEKS)})
    assert everything_shown() == everything_shown()
