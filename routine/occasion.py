"""What a booking's new snapshot tells: booked, changed, cancelled, and what is still owed (besok-2, avisering-1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Occasion(StrEnum):
    """What a notice is about (besok-2, avisering-1)."""

    BOOKED = "booked"
    CHANGED = "changed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A booking as it was last known, and what its resident is still to hear of it.

    Args:
        known: a snapshot of it has been applied before.
        start, cancelled: as last known.
        time_at: when the present time was set: what a call letter is for.
        booked_at: when it was booked, as far as we were told of it then.
        occasion: what is still to be told; `None`: nothing.
        occasion_at: when that came to us.
        echo: that was the echo of a change that was asked for through us.
        silent: what happened last is no news: a replay, or part of a load.
        letter_failed: the call letter of the present time did not reach 1177's inbox.
    """

    known: bool = False
    start: datetime | None = None
    cancelled: bool = False
    time_at: datetime | None = None
    booked_at: datetime | None = None
    occasion: Occasion | None = None
    occasion_at: datetime | None = None
    echo: bool = False
    silent: bool = False
    letter_failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What came.

    Args:
        occasion: what the sender calls it.
        start: the visit's time now; an open call letter has none.
        occurred_at, received_at: over there, and with us.
        echo: `caused_by` is set.
        replay: said to be a replay.
        is_load: part of a bulk load (`routine.bulk`).
    """

    occasion: Occasion
    start: datetime | None
    occurred_at: datetime
    received_at: datetime
    echo: bool = False
    replay: bool = False
    is_load: bool = False


def after(was: Standing, came: Snapshot) -> Standing:
    """How the booking stands now.

    - A first snapshot is a booking if the sender says so, else a change of what we never saw.
    - One that was cancelled aloud and comes back is booked anew; what was taken away without a word comes back
      without one.
    - A notice of a booking or a move that is still owed stays owed under what follows, except a cancelling;
      the echo of a booking that care then moves is no echo any more.
    - To be cancelled twice is no news, unless the first time was without a word and the second is not.
    """
    cancelled = came.occasion is Occasion.CANCELLED
    is_silent = came.replay or (came.is_load and not was.known)
    if cancelled and was.cancelled and (is_silent or not was.silent):
        return replace(was, known=True, start=came.start)
    was_cancelled = was.cancelled and not was.silent
    moved = not was.known or was_cancelled or came.start != was.start
    now = replace(was, known=True, start=came.start, cancelled=cancelled)
    if moved:
        now = replace(now, time_at=_later(was.time_at, came.occurred_at), letter_failed=False)
    if moved or cancelled:
        owes_news = was.occasion is not None and not was.silent and not cancelled
        now = replace(now, silent=is_silent and not owes_news)
    is_new = not was.known and came.occasion is Occasion.BOOKED
    if is_new:
        now = replace(now, booked_at=came.received_at)
    return _owed(now, came, is_booked=is_new or was_cancelled, moved=moved)


def _later(before: datetime | None, at: datetime) -> datetime:
    """When the time was set, a second later at least than the time before it: the index counts in seconds."""
    return max(at, before + timedelta(seconds=1)) if before else at


def _owed(now: Standing, came: Snapshot, *, is_booked: bool, moved: bool) -> Standing:
    owed = None if now.occasion is Occasion.CANCELLED and not now.cancelled else now.occasion
    if now.cancelled:
        return _telling(Occasion.CANCELLED, now, came)
    if is_booked:
        return _telling(Occasion.BOOKED, now, came)
    if owed is Occasion.BOOKED:
        return replace(now, occasion_at=came.received_at, echo=now.echo and came.echo) if moved else now
    return _telling(Occasion.CHANGED, now, came) if moved or owed is None else now


def _telling(occasion: Occasion, now: Standing, came: Snapshot) -> Standing:
    return replace(now, occasion=occasion, occasion_at=came.received_at, echo=came.echo)


def has_moved(start: datetime | None, told_start: datetime | None, *, was_told: bool) -> bool | None:
    """Is the start another than the one that was last dealt with (besok-2)? `None`: none was, so nobody knows."""
    return start != told_start if was_told else None


def is_told_as_series(occasion: Occasion | None, *, was_told: bool) -> bool:
    """Is one notice enough for all the visits of a series (policy-avisering-1)?

    For those that are booked together, and for those that are cancelled in a day; not for what is changed, nor for
    one that is booked anew.
    """
    return occasion is Occasion.CANCELLED or (occasion is Occasion.BOOKED and not was_told)
