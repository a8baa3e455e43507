"""Effects: what is done to the outer world happens once. Written *sending* before the call, closed after."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Connection, Table, text

from engine import clock
from engine.database import columns, given_rows, insert_all, load, packed, transaction
from engine.errors import NotSent
from engine.settings import SystemName, settings
from models.case import Effect, EffectState

EFFECT: Table = Effect.__table__  # type: ignore[attr-defined]
PLACE = ("id", "key", "process", "case_id", "step", "system", "state")
BEGUN = (*PLACE, "sending_at", "deadline_at", "token", "likeness", "request", "tries")
OPEN = "state IN ('sending', 'unknown')"
FORGOTTEN = timedelta(hours=1)


@dataclass(frozen=True)
class Closing:
    """How an effect ended for now."""

    id: uuid.UUID
    state: EffectState
    provider_id: str | None = None


def begin_effects(connection: Connection, wanted: Iterable[Mapping[str, Any]]) -> dict[str, uuid.UUID]:
    """Write *sending* for effects that nobody has begun, or that surely were not sent.

    Args:
        wanted: what `BEGUN` names, of each.

    Returns: key to id of those that are ours to send now; any other is done, under way or unknown.
    """
    rows = sorted(wanted, key=itemgetter("key"))
    then = """
        ON CONFLICT (key) DO UPDATE SET state = 'sending', sending_at = EXCLUDED.sending_at,
            deadline_at = EXCLUDED.deadline_at, token = EXCLUDED.token, likeness = EXCLUDED.likeness,
            request = EXCLUDED.request, case_id = EXCLUDED.case_id, step = EXCLUDED.step,
            system = EXCLUDED.system, settled_at = NULL, tries = effect.tries + 1
        WHERE effect.state = 'not_sent' RETURNING key, id"""
    return dict(insert_all(connection, EFFECT, rows, BEGUN, then))


def finish(connection: Connection, closings: Iterable[Closing]) -> None:
    """Write how calls ended. A receipt may have come first: what is done stays done."""
    now = clock.now()
    rows = [
        {"id": c.id, "state": c.state, "provider_id": c.provider_id, "settled_at": now}
        for c in sorted(closings, key=lambda c: c.id)
    ]
    if not rows:
        return
    names = ["id", "state", "provider_id", "settled_at"]
    update = text(
        f"""
        UPDATE effect SET state = given.state, settled_at = given.settled_at,
            provider_id = COALESCE(given.provider_id, effect.provider_id)
        FROM {given_rows(EFFECT)} WHERE effect.id = given.id AND effect.state IN ('sending', 'unknown')"""
    )
    connection.execute(update, packed(EFFECT, rows, names))


def still_open(connection: Connection, step: str, cases: Sequence[uuid.UUID]) -> dict[uuid.UUID, Effect]:
    """The effects of these cases at this step whose outcome is not known, by case."""
    query = f"SELECT {columns(Effect)} FROM effect WHERE case_id = ANY(:cases) AND step = :step AND {OPEN}"
    found = load(connection, Effect, query, {"cases": list(cases), "step": step})
    return {effect.case_id: effect for effect in found}


def with_open(connection: Connection, cases: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these cases have an effect, at any step, whose outcome is not known."""
    query = text(f"SELECT case_id FROM effect WHERE case_id = ANY(:cases) AND {OPEN}")
    return set(connection.execute(query, {"cases": list(cases)}).scalars())


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
    query = text("SELECT key, state FROM effect WHERE key = ANY(:keys)")
    return {key: EffectState(state) for key, state in connection.execute(query, {"keys": list(keys)})}


def with_keys(connection: Connection, keys: Sequence[str]) -> list[Effect]:
    """The effects with these keys, as far as there are any."""
    query = f"SELECT {columns(Effect)} FROM effect WHERE key = ANY(:keys)"
    return load(connection, Effect, query, {"keys": list(keys)})


def alone(connection: Connection, likeness: bytes) -> None:
    """Until the transaction ends, nobody else gives away messages of this likeness."""
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(encode(:likeness, 'hex'), 0))")
    connection.execute(lock, {"likeness": likeness})


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
