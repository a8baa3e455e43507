"""policy-identitet-1, policy-avliden-2: who somebody is now, and whether they live, whatever order it was told in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine.identity import Life, Merged, Statement, holds_from, is_death_disputed, newest, present

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def merges(*told: str) -> list[Merged]:
    """Such as `A>B`, one an hour."""
    return [
        Merged(NOON + timedelta(hours=at), NOON, str(at), *each.split(">")) for at, each in enumerate(told)
    ]


@pytest.mark.parametrize(
    ("told", "now"),
    [
        ([], {}),
        (["A>B"], {"A": "B"}),
        (["A>B", "B>C"], {"A": "C", "B": "C"}),
        (["A>B", "B>A"], {"B": "A"}),
        (["A>B", "B>A", "A>B"], {"A": "B"}),
        (["A>B", "A>C"], {"A": "C"}),
        (["A>B", "B>C", "C>A"], {"B": "A", "C": "A"}),
        (["A>B", "B>C", "B>A"], {"B": "A"}),
        (["A>B", "C>A"], {"A": "B", "C": "B"}),
        (["A>A"], {}),
        (["A>B", "A>B"], {"A": "B"}),
    ],
)
def test_the_newer_of_two_merges_holds(told: list[str], now: dict[str, str]) -> None:
    assert present(merges(*told)) == now


TOLD = st.lists(st.tuples(st.sampled_from("ABCDE"), st.sampled_from("ABCDE"), st.integers(0, 3)), max_size=8)


@given(TOLD, st.randoms(use_true_random=False))
def test_whatever_order_merges_come_in_they_end_where_a_replay_would(
    told: list[tuple[str, str, int]], random: Random
) -> None:
    every = [Merged(NOON + timedelta(hours=h), NOON, str(n), a, b) for n, (a, b, h) in enumerate(told)]
    shuffled = random.sample(every, len(every))
    now = present(shuffled)
    assert now == present(every)
    assert not set(now) & set(now.values())  # who is present has become nobody else
    if every and (last := max(every)).from_ != last.to:
        assert now[last.from_] == now.get(last.to, last.to)


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        (None, NOON),
        (NOON - timedelta(days=3), NOON - timedelta(days=3)),
        (date(2026, 11, 28), NOON),
        (date(2026, 11, 27), datetime(2026, 11, 27, 22, 59, 59, 999999, UTC)),
        (date(2026, 11, 29), datetime(2026, 11, 28, 23, 0, tzinfo=UTC)),
    ],
)
def test_a_bare_date_is_the_moment_of_that_day_nearest_to_when_it_was_said(
    at: date | None, moment: datetime
) -> None:
    assert holds_from(at, NOON) == moment


def test_of_a_death_and_its_being_taken_back_the_newer_by_its_own_time_holds() -> None:
    died = Statement(NOON, NOON, NOON, Life.DECEASED)
    back = Statement(NOON + timedelta(hours=1), NOON - timedelta(days=1), NOON, Life.ALIVE)
    late = Statement(
        NOON - timedelta(days=2), NOON + timedelta(days=2), NOON + timedelta(days=2), Life.DECEASED
    )
    assert newest([]) is None
    assert newest([died, back, late]) == newest([late, back, died]) == back
    assert newest([died, late]) == died


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("register", [None, True, False])
def test_only_a_death_that_was_taken_back_and_that_the_register_still_says_is_disputed(
    ours: bool, register: bool | None
) -> None:
    decision = is_death_disputed(declared_alive=ours, deceased=register)
    assert decision.allowed is (ours and register is True)
    assert decision.clause == "policy-avliden-2"
