"""What nobody asked then, since the figures of then did not need it, filled in from the booking's other decisions.

Of one booking the call letter, paper and notice are decided within seconds, each asking what it needs. Under other
figures one may need what only another of them asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from routine.facts import Resident, Situation
from tasks.what_if import stored
from tasks.what_if.anew import NOT_ASKED_THEN, Anew, Unasked
from tasks.what_if.stored import NotReadable

NEAR = timedelta(hours=1)
"""So far from each other answers about a person are taken for the same."""


def complete(anew: Anew, connection: Connection) -> None:
    """Decide once more those that lacked an answer, with what was answered for others of their case."""
    unasked, anew.unasked = anew.unasked, []
    situations = [each for each in unasked if isinstance(each.asked, Situation)]
    others = stored.of_cases(connection, {each.row.case_id for each in situations})
    for each in unasked:
        told = _learnt(anew, each, others.get(each.row.case_id, []))
        if told is None or not anew.hold(each.row, each.said, told):
            anew.found.not_decidable[each.row.rule, NOT_ASKED_THEN] += 1
        else:
            anew.found.by_later_facts += 1


def _learnt(anew: Anew, unasked: Unasked, others: Sequence[stored.Row]) -> Any:
    """The facts, with what others of the case knew; None: there are none, or they knew no more."""
    if not isinstance(unasked.asked, Situation):
        return None
    resident = unasked.asked.resident
    for row in others:
        if row.number == unasked.row.number or abs(row.at - unasked.row.at) > NEAR:
            continue
        try:
            asked, _ = anew.facts_of(row)
        except NotReadable:
            continue
        if isinstance(asked, Situation):
            resident = _with(resident, asked.resident)
    return replace(unasked.asked, resident=resident) if resident != unasked.asked.resident else None


def _with(ours: Resident, theirs: Resident) -> Resident:
    known = {
        each.name: getattr(theirs, each.name) for each in fields(Resident) if getattr(ours, each.name) is None
    }
    return replace(ours, **{name: value for name, value in known.items() if value is not None})
