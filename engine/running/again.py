"""A case is taken up again by hand: it is due now, with all its tries, and its timeline says so."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection
from sqlmodel import select

from engine.base import clock
from engine.base.database import load, table_of, transaction
from engine.tables.timeline import Entry, append
from models.case import Case


class NotFound(Exception):
    """No case or effect has this id."""


class Closed(NotFound):
    """The case is closed, and waits for nothing."""


class Busy(Exception):
    """A run holds the case just now; try again in a moment."""


def due_now() -> dict[str, Any]:
    """What a case is that is taken up again."""
    return {"parked": None, "tries": 0, "waiting_since": None, "due_at": clock.now()}


def take_up_one(model: type[Case], id: uuid.UUID, reason: str) -> str:
    """Take a case of this process up again that is parked or waits; gives its key.

    One that stands where a human is to be told of it goes back to where it was stopped: it is not told of, and parked
    once more, when it can go on.

    Raises:
        NotFound: the process has no such case.
        Closed: it waits for nothing.
        Busy: a run holds it.
    """
    with transaction() as connection:
        asked = select(model.key, model.state).where(model.id == id).with_for_update()
        row = connection.execute(asked).first()  # a run may just be writing its last state
        if row is None:
            raise NotFound(str(id))
        if not model.TRANSITIONS.get(row.state):
            raise Closed(str(id))
        stopped_at = {told_at: state for state, told_at in model.WHEN_PARKED.items()}
        state = stopped_at.get(row.state, row.state)
        change_unheld(connection, model, id, Entry("taken_up_again", reason), state=state, **due_now())
        key: str = row.key
        return key


def change_unheld(
    connection: Connection,
    model: type[Case],
    id: uuid.UUID,
    entry: Entry,
    *,
    whole: bool = False,
    **changes: Any,
) -> None:
    """Change a case that no run holds, and say so on its timeline; `whole`: it goes through all its steps again.

    Raises:
        Busy: a run holds it.
    """
    table, now = table_of(model), clock.now()
    (case,) = load(connection, select(model).where(model.id == id).with_for_update())
    if case.owner and case.lease_until and case.lease_until > now:
        raise Busy(str(id))
    append(connection, now, [(case, entry)])
    changes |= {"state": case.walks_again_from()} if whole else {}
    values = {"entries": case.entries, "last_hash": case.last_hash, "updated_at": now} | changes
    values |= {"owner": None, "lease_until": None}
    connection.execute(table.update().where(table.c.id == id).values(**values))
