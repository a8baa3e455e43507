"""How a journey of a handing-over or an invitation is told."""

from __future__ import annotations

import secrets
from typing import Any

from contact_town import ANNA, ContactTown
from sqlalchemy import text

from engine.base.database import transaction


def suggests(town: ContactTown, contact: str, what: str = "handover", **fields: Any) -> str:
    """Staff want to hand over, or to invite someone; gives the proposal's id."""
    id = f"P-{secrets.token_hex(5)}"
    proposal = {"id": id, "contact": contact, "to": {"role": "dietist", "name": "Berta Ritter"}, "by": ANNA}
    answer = town.staff_tell(f"{what}.proposed", {"proposal": proposal | fields})
    assert answer["status"] == 202
    return id


def kept(town: ContactTown, proposal: str) -> list[Any]:
    """The answers that are kept, in the order they were given."""
    query = text("SELECT * FROM consent WHERE case_id = :case ORDER BY answered_at")
    with transaction() as connection:
        return list(connection.execute(query, {"case": town.row("participation", proposal).id}))


def reasons(town: ContactTown) -> list[str]:
    """Why staff have tasks."""
    return [task["reason"] for task in town.tasks()]
