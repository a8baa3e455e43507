"""A system's width follows its latency: one thread for what answers at once, the setting's most for what is far away."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.outer.width import CALLS, STUCK_SECONDS, Width

MOST = 4


class Watch:
    """Shows what it is set to."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def after(*seconds: float, most: int = MOST) -> tuple[Width, Watch]:
    """A width after calls that took so long, one after another."""
    watch = Watch()
    width = Width(most, watch)
    for each in seconds:
        with width.measured():
            watch.at += each
    return width, watch


@pytest.mark.parametrize(
    ("seconds", "wide"),
    [(0.0002, 1), (0.001, 1), (0.004, 2), (0.006, 3), (0.02, MOST), (0.1, MOST), (12, MOST)],
)
def test_the_width_follows_the_latency(seconds: float, wide: int) -> None:
    width, _ = after(*[seconds] * 10)
    assert width() == wide


def test_while_nothing_is_known_it_is_all_that_the_setting_allows() -> None:
    assert Width(MOST)() == MOST


def test_a_few_that_are_turned_away_at_the_door_say_nothing_of_the_latency() -> None:
    width, _ = after(*[0.1] * 29, *[0.0001] * 3)
    assert width() == MOST


def test_calls_that_were_not_made_say_nothing_however_many() -> None:
    width, _ = after(*[0.1] * 8, *[0.00005] * 100)
    assert (width(), width.latency()) == (MOST, pytest.approx(0.1))


def test_waiting_for_the_interpreter_is_no_latency() -> None:
    """Some calls of a quick system take long, as all threads want the interpreter."""
    width, _ = after(*[0.02] * 24, *[0.001] * 8)
    assert width() == 1


def test_a_system_that_becomes_slow_is_wide_within_its_last_calls() -> None:
    width, watch = after(*[0.001] * 100)
    assert width() == 1
    for _ in range(CALLS):
        with width.measured():
            watch.at += 0.1
    assert width() == MOST


def test_calls_that_hang_leave_their_places_to_others() -> None:
    width, watch = after(*[0.001] * CALLS)
    with ExitStack() as hanging:
        hanging.enter_context(width.measured())
        assert width() == 1
        watch.at += 2 * STUCK_SECONDS
        assert width() == 2
        hanging.enter_context(width.measured())
        watch.at += 2 * STUCK_SECONDS
        assert width() == 3
    assert width() == 1, "they are over"


def test_a_call_that_ends_in_an_error_is_over_too() -> None:
    width, watch = after(*[0.001] * CALLS)
    with pytest.raises(OSError), width.measured():  # noqa: PT011, PT012
        watch.at += 2 * STUCK_SECONDS
        raise OSError
    watch.at += 1
    assert width() == 1


@given(st.lists(st.floats(0, 20), max_size=80), st.integers(1, 16))
def test_never_none_and_never_more_than_the_setting(seconds: list[float], most: int) -> None:
    width, _ = after(*seconds, most=most)
    assert 1 <= width() <= most
