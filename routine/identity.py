"""Who a person, or a unit, is now, after all merges that were told of it; and whether a person lives.

In whatever order merges and statements come, they end where a replay of all from the start would.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from models.times import STOCKHOLM
from routine.ages import swedish_day
from routine.decision import Decision
from routine.reasons import Reason

NEWEST_MERGE = "policy-identitet-1"
NEWEST_STATEMENT = "policy-avliden-2"


@dataclass(frozen=True, slots=True, order=True)
class Merged:
    """`from_` is now known as `to`; later ones sort after earlier ones.

    Args:
        occurred_at, received_at: over there, and with us.
        id: settles which of two at one moment is the later.
        from_, to: identities, as keys.
    """

    occurred_at: datetime
    received_at: datetime
    id: str
    from_: str
    to: str


def present(merges: Iterable[Merged]) -> Mapping[str, str]:
    """Each identity that has become another, and which it is now (policy-identitet-1).

    1. of two merges of one identity the newer holds
    2. B into A undoes A into B, also where there was a third between them
    3. an identity that became one which became a third is the third
    """
    becomes: dict[str, str] = {}
    for merge in sorted(merges):
        if merge.from_ == merge.to:
            continue
        becomes.pop(merge.from_, None)
        if _last(merge.to, becomes) == merge.from_:
            del becomes[merge.to]
        becomes[merge.from_] = merge.to
    return {identity: _last(identity, becomes) for identity in becomes}


def _last(identity: str, becomes: Mapping[str, str]) -> str:
    while identity in becomes:
        identity = becomes[identity]
    return identity


class Life(StrEnum):
    """What was said of a person: that they have died, or that a death was registered in error."""

    DECEASED = "deceased"
    ALIVE = "alive"


@dataclass(frozen=True, slots=True, order=True)
class Statement:
    """A statement on whether a person lives; later ones sort after earlier ones.

    Args:
        at: from when on it holds (`holds_from`).
        said_at, received_at: when it was said, and came to us.
    """

    at: datetime
    said_at: datetime
    received_at: datetime
    life: Life


def holds_from(at: date | datetime | None, said_at: datetime) -> datetime:
    """From when on a statement holds: the moment it names; of a bare date the moment of that day nearest to when it
    was said; else when it was said."""
    if at is None:
        return said_at
    if isinstance(at, datetime):
        return at
    day = swedish_day(said_at)
    if day == at:
        return said_at
    return datetime.combine(at, time.max if day > at else time.min, STOCKHOLM)


def newest(words: Iterable[Statement]) -> Statement | None:
    """The statement that holds, of all the numbers of a person (policy-avliden-2)."""
    return max(words, default=None)


def is_death_disputed(*, declared_alive: bool, deceased: bool | None) -> Decision[bool]:
    """Does the person register say dead of one whose death the journal system has taken back (policy-avliden-2)?"""
    if declared_alive and deceased is True:
        return Decision(True, Reason.DEATH_DISPUTED, "policy-avliden-2")
    return Decision(False, Reason.NOT_DISPUTED, "policy-avliden-2")
