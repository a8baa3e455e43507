"""What several commands take, and how they look a thing up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Annotated, TypeVar

import typer

from cli.terminal import fail
from engine.ops import by_hand
from models.times import STOCKHOLM

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="For a program to read.")]
Most = Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)]


def found(get: Callable[[], T]) -> T:
    """What `get` finds; where there is nothing, or a run has it, the command ends with a sentence."""
    try:
        return get()
    except by_hand.NotFound:
        fail(
            "Nothing here has that id, or it waits for nobody. `vaxel cases --parked` lists what waits, `vaxel find` "
            "and `vaxel cases` give the ids of cases."
        )
    except by_hand.Busy:
        fail("A run holds the case just now. Try again in a moment.")


def moment_given(given: str | None, option: str, days: int = 0) -> datetime | None:
    """A date is its beginning in Swedish time, or so many days later."""
    if given is None:
        return None
    try:
        if len(given) == len("2026-11-28"):
            day = date.fromisoformat(given) + timedelta(days=days)
            return datetime.combine(day, time(), STOCKHOLM)
        moment = datetime.fromisoformat(given)
    except (ValueError, OverflowError):
        fail(f"{option} has to be a date, 2026-11-28, or a time with an offset, 2026-11-28T08:00:00+01:00.")
    if moment.tzinfo is None:
        fail(f"{option} has no offset: 2026-11-28T08:00:00+01:00.")
    return moment
