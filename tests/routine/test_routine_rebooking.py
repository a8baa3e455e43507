"""Cancel and create as one rebooking, and loads that are no news (policy-avisering-1, policy-avisering-2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routine_cases import NOW, REGION

from routine.bulk import is_bulk_load
from routine.reasons import Reason
from routine.rebooking import Cancelled, Created, rebooked_as

CANCELLED = Cancelled(id="old", patient="p", unit="SE1-A", at=NOW)
CREATED = Created(id="new", patient="p", unit="SE1-A", at=NOW + timedelta(minutes=1))
WINDOW = timedelta(minutes=10)


def pair(*created: Created) -> str | None:
    return rebooked_as(CANCELLED, created, REGION).answer


def test_a_visit_booked_for_the_same_patient_within_the_window_is_the_rebooking() -> None:
    decision = rebooked_as(CANCELLED, [CREATED], REGION)
    assert (decision.answer, decision.reason, decision.clause) == ("new", Reason.PAIRED, "policy-avisering-1")


def test_nothing_booked_is_no_rebooking() -> None:
    assert rebooked_as(CANCELLED, [], REGION).reason is Reason.NOT_PAIRED


@pytest.mark.parametrize("apart", [WINDOW, -WINDOW])
def test_the_window_reaches_both_ways_and_its_ends_belong_to_it(apart: timedelta) -> None:
    beyond = apart + timedelta(seconds=1) * (1 if apart > timedelta() else -1)
    assert pair(replace(CREATED, at=NOW + apart)) == "new"
    assert pair(replace(CREATED, at=NOW + beyond)) is None


@pytest.mark.parametrize(
    "differs",
    [{"patient": "another"}, {"paired": True}, {"id": "old"}, {"is_news": False}],
    ids=["patient", "paired", "itself", "no news"],
)
def test_another_patients_visit_one_already_paired_the_same_booking_and_one_nobody_hears_of_are_none(
    differs: dict[str, Any],
) -> None:
    assert pair(replace(CREATED, **differs)) is None


def test_the_same_unit_comes_before_a_nearer_time() -> None:
    elsewhere = replace(CREATED, id="elsewhere", unit="SE1-B", at=NOW)
    assert pair(elsewhere, replace(CREATED, unit="se1-a")) == "new"
    assert pair(elsewhere) == "elsewhere"


def test_one_that_nobody_hears_of_does_not_stand_in_the_way_of_one_that_is_told() -> None:
    silent = replace(CREATED, id="silent", at=NOW, is_news=False)
    told = replace(CREATED, id="told", unit="SE1-B", at=NOW + WINDOW)
    assert pair(silent, told) == "told"


def test_a_cancelled_visit_whose_new_one_nobody_hears_of_is_told_of_itself() -> None:
    decision = rebooked_as(CANCELLED, [replace(CREATED, is_news=False)], REGION)
    assert (decision.answer, decision.reason) == (None, Reason.NOT_PAIRED)
    assert decision.clause == "policy-avisering-1"


def test_then_the_nearest_and_then_the_id() -> None:
    assert pair(replace(CREATED, id="b", at=NOW - timedelta(seconds=30)), CREATED) == "b"
    assert pair(replace(CREATED, id="z"), replace(CREATED, id="a")) == "a"


def test_no_patient_shows_in_a_repr() -> None:
    assert "patient" not in repr(CANCELLED) + repr(CREATED)


@given(st.permutations([replace(CREATED, id=str(n), at=NOW + timedelta(seconds=n % 3)) for n in range(6)]))
def test_the_order_in_which_events_came_makes_no_difference(created: list[Created]) -> None:
    assert pair(*created) == "0"


@pytest.mark.parametrize(("created", "load"), [(0, False), (199, False), (200, True), (1000, True)])
def test_two_hundred_at_once_are_a_load(created: int, load: bool) -> None:
    assert is_bulk_load(created, REGION).allowed is load


def test_a_load_cites_its_policy() -> None:
    assert is_bulk_load(200, REGION).reason is Reason.REPLAY
    assert is_bulk_load(1, REGION).reason is Reason.NOT_BULK
    assert is_bulk_load(200, REGION).clause == "policy-avisering-2"


@pytest.mark.parametrize("other", ["a", "q", "pp", ""])
def test_a_visit_of_another_patient_is_none_whoever_that_is(other: str) -> None:
    assert pair(replace(CREATED, patient=other)) is None
