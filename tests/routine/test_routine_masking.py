"""No figure of a few: hidden first, and all else worked out from what is shown (policy-uppfoljning-1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine.masking import HIDDEN, LEAST, NONE, Figure, figure, part_of, together

numbers = st.integers(0, 40)


@given(numbers)
def test_a_number_of_a_few_is_hidden_and_every_other_is_exact(number: int) -> None:
    shown = figure(number)
    assert shown == (HIDDEN if 1 <= number < LEAST else Figure(number, number))
    assert shown.at_least <= number <= shown.at_most


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (figure(0), "0"), (figure(1), "<5"), (figure(4), "<5"), (figure(5), "5"), (figure(12) + figure(3), "13–16"),
        (figure(2) + figure(2), "≤8"), (NONE, "0"), (figure(700) + NONE, "700"),
    ],
)  # fmt: skip
def test_a_sum_says_what_it_can_be(shown: Figure, said: str) -> None:
    assert str(shown) == said


@given(st.lists(numbers))
def test_a_sum_holds_what_it_is_of(each: list[int]) -> None:
    shown = together(map(figure, each))
    assert shown.at_least <= sum(each) <= shown.at_most


@given(st.lists(numbers), st.data())
def test_a_sum_is_the_same_whatever_a_hidden_number_is(each: list[int], data: st.DataObject) -> None:
    others = [data.draw(st.integers(1, LEAST - 1)) if 0 < number < LEAST else number for number in each]
    assert together(map(figure, each)) == together(map(figure, others))


@given(numbers, st.lists(numbers, max_size=6))
def test_of_a_part_neither_it_nor_what_is_left_is_a_few(number: int, others: list[int]) -> None:
    whole = together([figure(number), *map(figure, others)])
    part = part_of(number, whole)
    assert part.at_least <= number <= part.at_most
    if part.is_exact and number:
        assert number >= LEAST
        assert whole.at_least - number >= LEAST


@given(st.integers(1, LEAST - 1), st.integers(1, LEAST - 1), st.lists(numbers, max_size=6))
def test_a_hidden_part_looks_the_same_whatever_it_is(one: int, other: int, whole: list[int]) -> None:
    shown = together(map(figure, whole))
    assert part_of(one, shown) == part_of(other, shown)


@given(st.integers(LEAST, 40), st.integers(0, 40))
def test_what_is_shown_of_a_part_tells_nothing_that_the_whole_does_not(number: int, whole: int) -> None:
    """At midnight the part may be more than the whole."""
    shown = part_of(number, figure(whole))
    assert shown.is_exact or shown == Figure(1, max(figure(whole).at_most, LEAST - 1))
