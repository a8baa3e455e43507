"""The contact that a handing-over or an invitation is about is found; then the answer is waited for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from engine.base import clock
from engine.steps.stage import decides, from_tables
from engine.steps.verdicts import Park, Rest, Verdict, Wait
from models.participation import Participation, State
from models.times import later
from routine.proposal import is_contact_found
from tasks.contacts_by_id import Found, contacts_of, place_of

GRACE = timedelta(minutes=10)
"""How long an answer may be ahead of its proposal, and a proposal of its contact."""
LOOK_AGAIN = timedelta(seconds=2)


def contacts_named(connection: Connection, cases: Sequence[Participation]) -> Mapping[uuid.UUID, Found]:
    """By case, the contacts with the id that staff named."""
    return contacts_of(connection, cases)


@decides(from_tables(contacts_named))
def find_contact_of_proposal(case: Participation, contacts: Found) -> Verdict:
    """Find the one contact that a proposal is about; then the answer is waited for."""
    if case.what is None:
        return _later(case.created_at) or Park("proposal_unknown", "policy-okand-1")
    missing = wrong_with(case, contacts)
    if missing is not None:
        return missing
    return Rest(State.PROPOSED, changes=place_of(contacts[0]))


def wrong_with(case: Participation, contacts: Found) -> Wait | Park | None:
    """What stands in the way: no contact of that id so far, or several."""
    if len(contacts) > 1:
        decision = is_contact_found(len(contacts))
        return Park(decision.reason, decision.clause)
    if contacts:
        return None
    return _later(case.proposed_at or case.created_at) or Park("contact_unknown", "policy-okand-1")


def _later(since: datetime) -> Wait | None:
    """Look again, each time after as long as it has waited, for as long as it may be late."""
    now, until = clock.now(), later(since, GRACE)
    if now >= until:
        return None
    return Wait(min(until, later(now, max(LOOK_AGAIN, now - since))), for_answer=False)
