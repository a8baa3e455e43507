"""How contacts are dealt with, unit by unit: who waits too long, and how answers depart from the routine."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from engine.database import transaction
from models.inbound_contact import State


def report() -> list[dict[str, Any]]:
    """A line for each unit and finding: `unit`, `what`, `clause`, `contacts`.

    Counts only, never by person: `unanswered` are those that wait longer than the unit allows just now
    (policy-svarstid-1), what begins with `answer:` how often answers departed from the routine (patient-1, 2).
    """
    query = text(
        """
        SELECT unit, state AS what, CASE state WHEN :late THEN 'policy-svarstid-1' ELSE '' END AS clause,
            count(*) AS contacts
        FROM inbound_contact WHERE unit <> '' AND state = ANY(:shown) GROUP BY unit, state
        UNION ALL
        SELECT unit, 'answer: ' || reason, clause, sum(answers) FROM departure GROUP BY unit, reason, clause
        ORDER BY 1, 2"""
    )
    given = {"late": State.UNANSWERED, "shown": [State.OPEN, State.UNANSWERED, State.ANSWERED]}
    with transaction() as connection:
        return [dict(row) for row in connection.execute(query, given).mappings()]
