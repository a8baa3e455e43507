"""Effects: what is done to the outer world happens once. Written *sending* before the call, closed after."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple, cast

import sqlalchemy
from sqlalchemy import Connection, Executable, Select, Table, Text, Update, bindparam, func, literal, text
from sqlalchemy.dialects.postgresql import Insert
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from engine.base import clock
from engine.base.database import among, among_given, given_rows, insert_all, load, packed, transaction
from engine.base.errors import NotSent
from engine.base.settings import SystemName, settings
from models.case import Effect, EffectState

EFFECT: Table = Effect.__table__  # type: ignore[attr-defined]
PLACE = ("id", "key", "process", "case_id", "step", "system", "state")
SAID = ("sending_at", "deadline_at", "token", "likeness", "request", "counted_for")
BEGUN = (*PLACE, *SAID, "tries")
OPEN = (EffectState.SENDING, EffectState.UNKNOWN)
IS_OPEN = col(Effect.state).in_([literal(state, Text, literal_execute=True) for state in OPEN])
"""The states are written into the statement, so that PostgreSQL sees that the index `effect_open` fits."""
ANEW = (*SAID, "case_id", "step", "system")
"""Of one that was not sent and is sent now."""
WENT = tuple(state for state in EffectState if state is not EffectState.NOT_SENT)
FORGOTTEN = timedelta(hours=1)


class Gone(NamedTuple):
    """An effect that went, or may have gone, without what was sent."""

    case_id: uuid.UUID
    key: str
    step: str
    state: str
    sending_at: datetime
    provider_id: str | None


@dataclass(frozen=True)
class Closing:
    """How an effect ended for now.

    Args:
        may_be_there: though it counts as not sent, nobody is sure of that.
    """

    id: uuid.UUID
    state: EffectState
    provider_id: str | None = None
    may_be_there: bool = False


def begin_effects(connection: Connection, wanted: Iterable[Mapping[str, Any]]) -> dict[str, uuid.UUID]:
    """Write *sending* for effects that nobody has begun, or that surely were not sent.

    Args:
        wanted: what `BEGUN` names, of each.

    Returns: key to id of those that are ours to send now; any other is done, under way or unknown.
    """
    rows = sorted(wanted, key=itemgetter("key"))
    return dict(insert_all(connection, EFFECT, rows, BEGUN, _unless_sent))


def _unless_sent(put: Insert) -> Executable:
    again: dict[str, object] = {name: put.excluded[name] for name in ANEW}
    again |= {"state": EffectState.SENDING, "settled_at": None, "tries": EFFECT.c.tries + 1}
    unless_sent = put.on_conflict_do_update(
        index_elements=[EFFECT.c.key], set_=again, where=EFFECT.c.state == EffectState.NOT_SENT
    )
    return unless_sent.returning(EFFECT.c.key, EFFECT.c.id)


def finish(connection: Connection, closings: Iterable[Closing]) -> None:
    """Write how calls ended. A receipt may have come first: what is done stays done."""
    now, in_order = clock.now(), sorted(closings, key=lambda c: c.id)
    rows = [{"id": c.id, "state": c.state, "provider_id": c.provider_id, "settled_at": now} for c in in_order]
    if not rows:
        return
    names = ["id", "state", "provider_id", "settled_at"]
    connection.execute(_finished(), packed(EFFECT, rows, names))
    if lost := [c.id for c in in_order if c.may_be_there]:
        connection.execute(EFFECT.update().where(among(EFFECT.c.id, lost)).values(may_be_there=True))


@cache
def _finished() -> Update:
    given = given_rows(EFFECT).c
    of_provider = func.coalesce(given.provider_id, EFFECT.c.provider_id)
    ended = {"state": given.state, "settled_at": given.settled_at, "provider_id": of_provider}
    return EFFECT.update().where(EFFECT.c.id == given.id, IS_OPEN).values(ended)


def still_open(connection: Connection, step: str, cases: Sequence[uuid.UUID]) -> dict[uuid.UUID, Effect]:
    """The effects of these cases at this step whose outcome is not known, by case."""
    query = select(Effect).where(among(col(Effect.case_id), cases), Effect.step == step, IS_OPEN)
    found = load(connection, query)
    return {effect.case_id: effect for effect in found}


def with_open(connection: Connection, cases: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these cases have an effect, at any step, whose outcome is not known."""
    return set(connection.execute(_with_open(), {"cases": list(cases)}).scalars()) if cases else set()


@cache
def _with_open() -> SelectOfScalar[uuid.UUID]:
    return select(Effect.case_id).where(among_given(col(Effect.case_id), "cases"), IS_OPEN)


def park_forgotten(connection: Connection, process: str, table: str) -> None:
    """Show to ops the effects of unknown outcome whose case went another way: no step will ask about them."""
    query = text(
        f"""
        UPDATE effect SET state = 'parked', settled_at = :now FROM {table} AS c
        WHERE c.id = effect.case_id AND effect.process = :process AND effect.state IN ('sending', 'unknown')
            AND effect.deadline_at < :long_ago AND (c.due_at IS NULL OR c.due_at > :now)"""
    )
    now = clock.now()
    connection.execute(query, {"process": process, "now": now, "long_ago": now - FORGOTTEN})


def states_of(connection: Connection, keys: Sequence[str]) -> Mapping[str, EffectState]:
    """How far the effects with these keys have come."""
    found = connection.execute(_states(), {"keys": list(keys)})
    return {key: EffectState(state) for key, state in found}


@cache
def _states() -> Select[str, str]:
    return sqlalchemy.select(col(Effect.key), col(Effect.state)).where(among_given(col(Effect.key), "keys"))


def with_keys(connection: Connection, keys: Sequence[str]) -> list[Effect]:
    """The effects with these keys, as far as there are any."""
    return load(connection, select(Effect).where(among(col(Effect.key), keys)))


def forget_requests(connection: Connection, keys: Sequence[str]) -> None:
    """Keep no longer what was sent, of effects that nobody will ask about or send again."""
    connection.execute(EFFECT.update().where(among(EFFECT.c.key, keys)).values(request=None))


def cases_with(
    connection: Connection, keys: Collection[str], states: Collection[EffectState] = WENT
) -> dict[str, uuid.UUID]:
    """By key, whose those of these effects are that stand so: by default all that went, or may have gone."""
    query = select(Effect.key, Effect.case_id)
    query = query.where(among(col(Effect.key), keys), col(Effect.state).in_(states))
    return dict(connection.execute(query).tuples().all())


def gone_of(connection: Connection, cases: Collection[uuid.UUID]) -> list[Gone]:
    """All of these cases that went, or may have gone."""
    return [Gone(*row) for row in connection.execute(_gone(), {"cases": list(cases)})]


@cache
def _gone() -> Select[*tuple[Any, ...]]:
    query = sqlalchemy.select(*(EFFECT.c[name] for name in Gone._fields))
    return query.where(among_given(EFFECT.c.case_id, "cases"), EFFECT.c.state != EffectState.NOT_SENT)


def count_sent(connection: Connection, step: str, since: datetime) -> dict[str, int]:
    """How many a step has sent since then, by whose ceiling they count under; those that count under none are left
    out."""
    found = connection.execute(_count_since(), {"step": step, "since": since})
    return {whose: count for whose, count in found if whose}


@cache
def _count_since() -> Select[str | None, int]:
    of = col(Effect.counted_for)
    query = sqlalchemy.select(of, func.count()).where(of.is_not(None), col(Effect.step) == bindparam("step"))
    query = query.where(
        col(Effect.sending_at) > bindparam("since"), col(Effect.state) != EffectState.NOT_SENT
    )
    return query.group_by(of)


def alone(connection: Connection, likeness: bytes) -> None:
    """Until the transaction ends, nobody else gives away messages of this likeness."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(bytes(likeness).hex(), 0))))


def adopt(effect: Effect, candidates: Sequence[str]) -> str | None:
    """Give an unknown effect the first of the provider's messages that no other of its likeness owns.

    One at a time for each likeness, and not while a twin is in flight: twins with one phone number and
    one text don't take the same message.

    Raises:
        NotSent: a twin is in flight; ask again later.
    """
    settling = timedelta(seconds=settings().system(cast(SystemName, effect.system)).settling)
    twins = text(
        """
        SELECT provider_id, state = 'sending' AND deadline_at > :judged AS in_flight
        FROM effect WHERE likeness = :likeness AND id <> :id"""
    )
    given = {"likeness": effect.likeness, "id": effect.id, "judged": clock.now() - settling}
    with transaction() as connection:
        alone(connection, effect.likeness or b"")
        found = list(connection.execute(twins, given))
        if any(in_flight for _, in_flight in found):
            raise NotSent("twin_in_flight")
        taken = {provider_id for provider_id, _ in found}
        free = next((candidate for candidate in candidates if candidate not in taken), None)
        if free is not None:
            finish(connection, [Closing(effect.id, EffectState.DONE, free)])
        return free
