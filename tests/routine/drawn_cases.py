"""What the promises of `test_routine_never…` are tried with: mostly the everyday, so that much goes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

T = TypeVar("T")
FEW, MANY = 100, 1500


def mostly(usual: T, else_: st.SearchStrategy[T], of: int = 10) -> st.SearchStrategy[T]:
    """The everyday value but once of so many times."""
    chances = st.integers(1, of)

    @st.composite
    def either(draw: st.DrawFn) -> T:
        return draw(else_) if draw(chances) == of else usual

    return either()


def few_differ(
    usual: Sequence[T],
    most: int,
    fields: Mapping[str, st.SearchStrategy[Any]],
    made: Callable[..., T] = replace,
) -> st.SearchStrategy[T]:
    """An everyday case in which up to so many things differ, so that each gate decides alone.

    Args:
        made: gives a case with what differs, by name.
    """
    everyday = st.sampled_from(usual)
    some = st.lists(st.sampled_from(sorted(fields)), max_size=most, unique=True)

    @st.composite
    def differ(draw: st.DrawFn) -> T:
        return made(draw(everyday), **{name: draw(fields[name]) for name in draw(some)})

    return differ()


def there_is(cases: st.SearchStrategy[T], holds: Callable[[T], bool]) -> bool:
    """Whether there is a case of a kind among those tried: without one, a promise is kept by doing nothing."""
    return any(holds(case) for number in (FEW, MANY) for case in drawn(cases, number))


@cache
def drawn(cases: st.SearchStrategy[T], number: int) -> list[T]:
    """So many of them, always the same, drawn once for all that is asked of them."""
    kept: list[T] = []

    @settings(
        max_examples=number,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def keep(case: T) -> None:
        kept.append(case)

    keep()
    return kept
