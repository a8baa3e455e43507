"""A human has seen to a request that waits for one: it is done, or it is not and whoever asked is told so."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from engine.base import clock
from engine.base.database import transaction
from engine.running.again import NotFound, change_unheld
from engine.tables.timeline import Entry
from models.self_service import SelfService, State
from routine.self_service import is_left_to_staff
from tasks.self_service import stored


def settle(case: UUID, *, done: bool) -> None:
    """Settle a parked request by what a human has found, or has done.

    Args:
        done: what was asked for is done; else it is not, and a notice tells of that.

    Raises:
        NotFound: no parked request has this id.
        Busy: a run holds it.
    """
    now, reason = clock.now(), str(is_left_to_staff().reason)
    entry = Entry("settled_by_hand", "done" if done else "declined")
    with transaction() as connection:
        query = select(SelfService.id).where(SelfService.id == case, col(SelfService.parked).is_not(None))
        if connection.execute(query).first() is None:
            raise NotFound(str(case))
        change_unheld(
            connection,
            SelfService,
            case,
            entry,
            state=State.DONE if done else State.DECLINED,
            parked=None,
            due_at=None if done else now,
            answered_at=now,
            reason=None if done else reason,
        )
        stored.forget_requests(connection, [case])
