"""The one clock. UTC inside; Swedish time only at the edges (`models.times.STOCKHOLM`)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """This moment, aware, in UTC."""


class SystemClock:
    """The machine's own."""

    def now(self) -> datetime:
        return datetime.now(UTC)


_clock: Clock = SystemClock()


def use(clock: Clock) -> Clock:
    """Put another clock in place (a test's); gives back the one before."""
    global _clock
    before, _clock = _clock, clock
    return before


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _clock.now()
