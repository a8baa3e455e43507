"""What a booking's new snapshot tells: booked, changed, cancelled, and what is still owed (besok-2, avisering-1)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from routine.decision import Decision
from routine.particulars import Particulars, has_changed
from routine.reasons import Reason


class Occasion(StrEnum):
    """What a notice is about (besok-2, avisering-1)."""

    BOOKED = "booked"
    CHANGED = "changed"
    CANCELLED = "cancelled"


NOTHING = Particulars()


@dataclass(frozen=True, slots=True, kw_only=True)
class LastKnown:
    """A booking as it was last known, and what its resident is still to hear of it.

    Args:
        known: a snapshot of it has been applied before.
        patient: whose it is, as a keyed hash.
        what, cancelled: as last known.
        words: what its call letter says beside that: purpose and text.
        time_at: when what the resident acts on was set: what a call letter is for.
        reworded_at: when the letter's words were last changed after that; `None`: not since.
        booked_at: when it was booked, as far as we were told of it then.
        occasion: what is still to be told; `None`: nothing.
        occasion_at: when that came to us.
        echo: that was the echo of a change that was asked for through us.
        by_patient: that was a time which the patient chose.
        silent: what happened last is no news: a replay, or part of a load.
        letter_failed: the call letter of the present time did not reach 1177's inbox.
    """

    known: bool = False
    patient: bytes | None = None
    what: Particulars = NOTHING
    words: str = field(default="", repr=False)
    cancelled: bool = False
    time_at: datetime | None = None
    reworded_at: datetime | None = None
    booked_at: datetime | None = None
    occasion: Occasion | None = None
    occasion_at: datetime | None = None
    echo: bool = False
    by_patient: bool = False
    silent: bool = False
    letter_failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What came.

    Args:
        occasion: what the sender calls it.
        patient, what, words: as of `LastKnown`, now.
        occurred_at, received_at: over there, and with us.
        echo: `caused_by` is set.
        by_patient: the patient booked it as it now stands, and had not booked it as it stood.
        replay: said to be a replay.
        is_load: part of a bulk load (`routine.bulk`).
    """

    occasion: Occasion
    patient: bytes | None = None
    what: Particulars
    words: str = field(default="", repr=False)
    occurred_at: datetime
    received_at: datetime
    echo: bool = False
    by_patient: bool = False
    replay: bool = False
    is_load: bool = False


def is_anothers(was: LastKnown, came: Snapshot) -> bool:
    """Is the booking another person's than it was: had the clerk picked the wrong one (policy-andring-2)?"""
    return was.patient is not None and came.patient != was.patient


def after(was: LastKnown, came: Snapshot) -> LastKnown:
    """How the booking stands now.

    - A first snapshot is a booking if the sender says so, else a change of what we never saw.
    - For another person than before it is a first snapshot; the former one is told apart from this.
    - One that was cancelled aloud and comes back is booked anew; what was taken away without a word comes back
      without one. So is an open call letter from which a time has been booked.
    - A notice of a booking or a change that is still owed stays owed under what follows, except a cancelling;
      the echo of a booking that care then moves is no echo any more.
    - To be cancelled twice is no news, unless the first time was without a word and the second is not.
    """
    if is_anothers(was, came):
        return _for_the_right_person(was, came)
    came = replace(came, by_patient=came.by_patient and came.what.start != was.what.start)
    cancelled = came.occasion is Occasion.CANCELLED
    is_silent = came.replay or (came.is_load and not was.known)
    now = replace(was, known=True, patient=came.patient, what=came.what, words=came.words)
    if cancelled and was.cancelled and (is_silent or not was.silent):
        return now
    was_cancelled = was.cancelled and not was.silent
    moved = not was.known or was_cancelled or has_changed(was.what, came.what)
    now = replace(_dated(was, now, came, moved=moved), cancelled=cancelled)
    if moved or cancelled:
        owes_news = was.occasion is not None and not was.silent and not cancelled
        now = replace(now, silent=is_silent and not owes_news)
    is_new = not was.known and came.occasion is Occasion.BOOKED
    is_chosen = was.patient is not None and was.what.start is None and came.what.start is not None
    if is_new or is_chosen:
        now = replace(now, booked_at=came.received_at)
    return _owed(now, came, is_booked=is_new or is_chosen or was_cancelled, moved=moved)


def _for_the_right_person(was: LastKnown, came: Snapshot) -> LastKnown:
    """Booked for the first time, as far as they know; one that is cancelled already they never knew of."""
    cancelled = came.occasion is Occasion.CANCELLED
    first = came if cancelled else replace(came, occasion=Occasion.BOOKED)
    now = after(LastKnown(time_at=was.time_at), replace(first, echo=False, is_load=False))
    return replace(now, occasion=None, occasion_at=None) if cancelled else now


def _dated(was: LastKnown, now: LastKnown, came: Snapshot, *, moved: bool) -> LastKnown:
    """When that was set which a call letter is for, and its words."""
    if moved:
        at = _later(was.time_at, came.occurred_at)
        return replace(now, time_at=at, reworded_at=None, letter_failed=False)
    if came.words != was.words:
        return replace(now, reworded_at=_later(was.reworded_at, came.occurred_at), letter_failed=False)
    return now


def _later(before: datetime | None, at: datetime) -> datetime:
    """When the time was set, a second later at least than the time before it: the index counts in seconds."""
    return max(at, before + timedelta(seconds=1)) if before else at


def _owed(now: LastKnown, came: Snapshot, *, is_booked: bool, moved: bool) -> LastKnown:
    owed = None if now.occasion is Occasion.CANCELLED and not now.cancelled else now.occasion
    if now.cancelled:
        return _telling(Occasion.CANCELLED, now, came)
    if is_booked:
        return _telling(Occasion.BOOKED, now, came)
    if owed is Occasion.BOOKED:
        return replace(now, occasion_at=came.received_at, echo=now.echo and came.echo) if moved else now
    return _telling(Occasion.CHANGED, now, came) if moved or owed is None else now


def _telling(occasion: Occasion, now: LastKnown, came: Snapshot) -> LastKnown:
    now = replace(now, echo=came.echo, by_patient=came.by_patient)
    return replace(now, occasion=occasion, occasion_at=came.received_at)


def is_former_to_be_told(was: LastKnown, *, reached: bool) -> Decision[bool]:
    """A booking turns out to be another's: is the one whom it was made for told that it is cancelled?

    Args:
        was: as it stood for them.
        reached: something of it has reached them, or may have: a notice, a letter, staff, 1177.
    """
    if not reached:
        return Decision(False, Reason.NEVER_HEARD, "policy-andring-2")
    if was.cancelled and was.occasion is None:
        return Decision(False, Reason.CANCELLED, "policy-avisering-1")
    return Decision(True, Reason.PATIENT_CORRECTED, "policy-andring-2")


def is_told_as_series(occasion: Occasion | None, *, was_told: bool) -> bool:
    """Is one notice enough for all the visits of a series (policy-avisering-1)?

    For those that are booked together, and for those that are cancelled in a day; not for what is changed, nor for
    one that is booked anew.
    """
    return occasion is Occasion.CANCELLED or (occasion is Occasion.BOOKED and not was_told)
