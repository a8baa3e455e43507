"""How contacts are dealt with, unit by unit: who waits too long, and how answers depart from the routine."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from engine.base.database import transaction
from models.inbound_contact import InboundContact, State
from tasks.inbound_contact import departures

SHOWN = (State.OPEN, State.UNANSWERED, State.ANSWERED)
LATE = "policy-svarstid-1"


def report() -> list[dict[str, Any]]:
    """A line for each unit and finding: `unit`, `what`, `clause`, `contacts`.

    Counts only, never by person: `unanswered` are those that wait longer than the unit allows just now
    (policy-svarstid-1), what begins with `answer:` how often answers departed from the routine (patient-1, 2).
    """
    unit, state = col(InboundContact.unit), col(InboundContact.state)
    query = select(unit, state, func.count()).where(unit != "", state.in_(SHOWN)).group_by(unit, state)
    with transaction() as connection:
        lines = [
            _unit_line(at, stands, LATE if stands == State.UNANSWERED else "", number)
            for at, stands, number in connection.execute(query)
        ]
        for at, clause, reason, answers in departures.totals(connection):
            lines.append(_unit_line(at, f"answer: {reason}", clause, answers))
    return sorted(lines, key=itemgetter("unit", "what"))


def _unit_line(unit: str, what: str, clause: str, contacts: int) -> dict[str, Any]:
    return {"unit": unit, "what": what, "clause": clause, "contacts": contacts}
