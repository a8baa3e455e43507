"""Requests as our tables have them: whether one is a repeat, how it stands, and what 1177 was told of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection, delete, func, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import among, load, table_of
from engine.tables import effects
from models.self_service import SelfService, ServiceTold, State
from models.times import later
from routine.self_service import Outcome, Service
from tasks.self_service.effect_keys import ASKED, case_of

HEARD_BY = timedelta(seconds=10)
"""After so long nobody waits at 1177 for an answer any more."""
KEPT = timedelta(days=90)
"""So long is kept what 1177 was told; a change that is older is told of by nobody."""
IN_TURN = timedelta(seconds=2)
"""How soon it is looked again whether what was asked for before is settled, or the booking is told of."""
AT_A_TIME = 20
TOLD = frozenset({Outcome.DONE, Outcome.PART_DONE})


@dataclass(frozen=True)
class Standing:
    """How a request stands.

    Args:
        left: nobody works on it, and nobody will in a moment.
        due: nobody works on it, and it can be taken up now.
        parked: it waits for a human.
        not_saved: what of it the journal system has no place for.
        led_to: the booking that it led to.
        said: what was said beside it (`said_beside.hashes_of`); None: it has not been read yet.
    """

    id: UUID
    key: str
    state: str
    left: bool
    due: bool
    parked: bool
    answered_at: datetime | None
    reason: str | None
    not_saved: tuple[str, ...]
    led_to: str | None
    said: str | None

    @property
    def outcome(self) -> Outcome:
        """What whoever asked for it is told now."""
        if self.state == State.DONE:
            return Outcome.PART_DONE if self.not_saved else Outcome.DONE
        if self.state == State.UNCLEAR or (self.state == State.REQUESTED and self.parked):
            return Outcome.UNCLEAR
        if self.state == State.REQUESTED:
            return Outcome.IN_HAND
        return Outcome.DECLINED


@dataclass(frozen=True)
class AskedFor:
    """A change that somebody asked for.

    Args:
        told: they heard, while they waited, that it was done.
        told_until: until then they may still hear it; None: that is settled.
        is_for_time: they asked for a time, perhaps in the place of what they had.
    """

    told: bool
    told_until: datetime | None
    is_for_time: bool


def alone_with(connection: Connection, base: str) -> None:
    """Until the transaction's end nobody else looks whether this is asked for already."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"vaxel:{base}", 0))))


def asked_before(connection: Connection, base: str) -> list[Standing]:
    """How often the same was asked for, the newest last: its key is `base:<number>`."""
    found: list[Standing] = []
    while len(found) % AT_A_TIME == 0:
        keys = [f"{base}:{number}" for number in range(len(found), len(found) + AT_A_TIME)]
        some = _standing(connection, keys)
        if not some:
            break
        found += [some[key] for key in keys if key in some]
    return found


def standing(connection: Connection, key: str) -> Standing:
    """How one stands."""
    return _standing(connection, [key])[key]


def settled(connection: Connection, key: str) -> Standing:
    """As `standing`, once whoever writes down what came of it just now has done so; nobody does until the
    transaction's end."""
    connection.execute(select(SelfService.id).where(SelfService.key == key).with_for_update())
    return standing(connection, key)


def _standing(connection: Connection, keys: Collection[str]) -> dict[str, Standing]:
    case, now = SelfService, clock.now()
    of = (case.id, case.key, case.state, case.owner, case.parked, case.tries, case.due_at)
    came_of_it = (case.answered_at, case.reason, case.not_saved, case.led_to, case.said)
    query = sqlalchemy.select(*of, *came_of_it)  # type: ignore[call-overload]
    rows = connection.execute(query.where(among(col(case.key), keys)))
    return {
        row.key: Standing(
            id=row.id,
            key=row.key,
            state=row.state,
            parked=row.parked is not None,
            left=row.owner is None and (row.due_at is None or row.due_at > _soon(row, now)),
            due=row.owner is None and row.due_at is not None and row.due_at <= now,
            answered_at=row.answered_at,
            reason=row.reason,
            not_saved=tuple(filter(None, (row.not_saved or "").split(","))),
            led_to=row.led_to,
            said=row.said,
        )
        for row in rows
    }


def _soon(row: Any, now: datetime) -> datetime:
    """Until when what is due is waited for: what waits in turn is looked at each few seconds; what the journal system
    has failed to do, by its ladder."""
    return now if row.tries else later(now, IN_TURN)


def is_changed_since(connection: Connection, asked: Standing) -> bool:
    """Has somebody asked for another change of what it led to, which is done, or about to be?"""
    case = SelfService
    query = select(case.id).where(
        case.booking_id == asked.led_to,
        col(case.state).in_((State.REQUESTED, State.DONE)),
        func.coalesce(case.answered_at, case.requested_at, case.created_at) > asked.answered_at,
        case.id != asked.id,
    )
    return connection.execute(query.limit(1)).first() is not None


def behind_others(connection: Connection, cases: Collection[UUID]) -> set[UUID]:
    """Those of the cases before which somebody has asked for something of the same booking that is still in hand: the
    last word holds, so they go in their order. One that waits for a human holds up nobody."""
    own, other = SelfService, aliased(SelfService)
    query = (
        select(own.id)
        .join(other, col(other.booking_id) == col(own.booking_id))
        .where(
            among(col(own.id), cases),
            other.state == State.REQUESTED,
            col(other.parked).is_(None),
            tuple_(col(other.requested_at), col(other.id)) < tuple_(col(own.requested_at), col(own.id)),
        )
    )
    return set(connection.execute(query).scalars())


def forget_requests(connection: Connection, cases: Collection[UUID]) -> None:
    """Keep no longer what was asked for, of cases that are locked: it is answered."""
    if not cases:
        return
    table = table_of(SelfService)
    connection.execute(table.update().where(among(table.c.id, cases)).values(request=None))
    effects.forget_requests(connection, [f"{ASKED}{case}" for case in cases])


def made_here(connection: Connection, booking: str) -> SelfService | None:
    """The newest request that led to a booking with this id in the journal system; None: none did."""
    case = SelfService
    query = select(case).where(
        case.led_to == booking, case.state == State.DONE, case.service != Service.CANCEL
    )
    found = load(connection, query.order_by(col(case.answered_at).desc()).limit(1))
    return found[0] if found else None


# --- what 1177 was told


def note_told(connection: Connection, case: UUID, outcome: Outcome) -> None:
    """Keep what it is told now; what it was told first holds. What nobody will ask for any more goes."""
    now = clock.now()
    row = ServiceTold(case_id=case, told_as=outcome, at=now)
    connection.execute(insert(ServiceTold).values(row.model_dump()).on_conflict_do_nothing())
    connection.execute(delete(ServiceTold).where(col(ServiceTold.at) < later(now, -KEPT)))


def told_as(connection: Connection, cases: Collection[UUID]) -> dict[UUID, Outcome]:
    """By case, what it was told while it waited; one that is left out, nothing."""
    query = select(ServiceTold.case_id, ServiceTold.told_as).where(among(col(ServiceTold.case_id), cases))
    return {case: Outcome(told) for case, told in connection.execute(query)}


def changes_asked_for(connection: Connection, keys: Iterable[str]) -> dict[str, AskedFor]:
    """By the key that a change was caused by, what is known of whoever asked for it; of another key, nothing."""
    ids = {case: key for key in keys if (case := case_of(key))}
    if not ids:
        return {}
    told = told_as(connection, ids)
    query = select(SelfService.id, SelfService.service, SelfService.requested_at)
    rows = connection.execute(query.where(among(col(SelfService.id), ids)))
    return {ids[row.id]: _asked_for(row.service, row.requested_at, told.get(row.id)) for row in rows}


def _asked_for(service: str | None, requested_at: datetime | None, told: Outcome | None) -> AskedFor:
    is_for_time = service != Service.CANCEL
    if requested_at and told is None and later(requested_at, KEPT) < clock.now():
        return AskedFor(True, None, is_for_time)
    until = later(requested_at, HEARD_BY) if requested_at and told is None else None
    return AskedFor(told in TOLD, until, is_for_time)
