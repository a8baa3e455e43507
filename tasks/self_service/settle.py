"""A human has seen to a request that waits for one: it is done, or it is not and whoever asked is told so."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from engine.base import clock
from engine.base.database import transaction
from engine.running.again import NotFound, change_unheld
from engine.tables.timeline import Entry
from models.self_service import SelfService, State
from routine.self_service import Service, is_left_to_staff
from tasks.self_service import stored


def settle(case: UUID, *, done: bool) -> None:
    """Settle a parked request by what a human has found, or has done.

    Args:
        done: what was asked for is done; else it is not, and a notice tells of that.

    Raises:
        NotFound: no request that waits for a human to say so has this id.
        Busy: a run holds it.
    """
    now, reason = clock.now(), str(is_left_to_staff().reason)
    entry = Entry("settled_by_hand", "done" if done else "declined")
    with transaction() as connection:
        row = connection.execute(_waiting(case)).first()
        if row is None:
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
            led_to=row.booking_id if done and row.service != Service.BOOK else None,
        )
        stored.forget_requests(connection, [case])


def _waiting(case: UUID) -> Select[str | None, str | None]:
    """What has been told to be answered is not settled once more; held until it is written, so that no run is."""
    waits = (
        col(SelfService.parked).is_not(None),
        col(SelfService.state).in_((State.REQUESTED, State.UNCLEAR)),
    )
    return (
        select(SelfService.booking_id, SelfService.service)
        .where(SelfService.id == case, *waits)
        .with_for_update()
    )
