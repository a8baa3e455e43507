"""What is counted for ops: how many stand where, what is late, when each schedule last ran."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

from sqlalchemy import Connection, text

from engine import clock
from engine.database import table_of, transaction
from engine.settings import SYSTEMS
from models.case import Case, EffectState
from models.events import FLAGS

PATIENCE = 5
"""Seconds for each of the statements: the database works for nobody who has left."""
UNHEARD = "count(*) FROM refused_event WHERE risk = 'unheard' AND seen_at IS NULL"
LULL = timedelta(minutes=2)
"""A system that is down is tried again soon after its time; one that nobody has tried for longer is forgotten."""


@dataclass(frozen=True)
class Schedule:
    """A schedule: seconds between its runs, and when it last ran; None: it never has."""

    interval: float
    last: datetime | None


@dataclass(frozen=True)
class Standing:
    """How things stand, in counts and seconds.

    Args:
        cases: by process and state, parked ones too; every state is there.
        parked: by process and reason, only those that there are.
        for_humans: by process, parked cases and effects that wait for `vaxel resolve`.
        oldest_due: by process, seconds since the oldest case that is due became so; 0: none is due.
        waiting: events that no case has applied, by process.
        effects: by system and state, every one of them.
        refused: webhooks that were refused with a right signature, by source.
        held: webhooks that are held, by source and reason (policy-kalla-1).
        taken_in: webhooks that were taken in without their wrong parts, by source.
        unheard: wrong webhooks with a risk that nobody was alerted of and nobody has seen to.
        undelivered: seconds since the oldest flag of a risk that no alert has been delivered for; 0: there is none.
        down: by system, whether it is left alone.
        incidents: by system and reason, when it last came up.
        broken: timelines that were not as they were written when they were last checked, by process.
        accesses: entries of the access log; they never become fewer.
        accesses_broken: entries of it that were not as they were written when it was last checked.
        schedules: by process.
    """

    cases: Mapping[tuple[str, str], int]
    parked: Mapping[tuple[str, str], int]
    for_humans: Mapping[str, int]
    oldest_due: Mapping[str, float]
    waiting: Mapping[str, int]
    effects: Mapping[tuple[str, str], int]
    refused: Mapping[str, int]
    held: Mapping[tuple[str, str], int]
    taken_in: Mapping[str, int]
    unheard: int
    undelivered: float
    down: Mapping[str, bool]
    incidents: Mapping[tuple[str, str], datetime]
    broken: Mapping[str, int]
    accesses: int
    accesses_broken: int
    schedules: Mapping[str, Schedule]


def standing_now(processes: Mapping[str, type[Case]], intervals: Mapping[str, float]) -> Standing:
    """How things stand now; every count is read off an index.

    Args:
        intervals: of each schedule, by process, in seconds.
    """
    now = clock.now()
    with transaction() as connection:
        connection.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE}s'"))
        cases, parked = _cases(connection, processes)
        return Standing(
            cases=cases,
            parked=parked,
            for_humans=_for_humans(connection, processes, parked),
            oldest_due={name: _late(connection, model, now) for name, model in processes.items()},
            waiting=dict.fromkeys(processes, 0)
            | _count_by(connection, "event", "process", "applied_at IS NULL"),
            effects=_effects(connection),
            refused=_count_by(connection, "refused_event", "source", "NOT taken_in"),
            taken_in=_count_by(connection, "refused_event", "source", "taken_in"),
            unheard=_count_of(connection, UNHEARD),
            undelivered=_undelivered(connection, now),
            held=_held(connection),
            down=_down(connection, now),
            incidents=_incidents(connection),
            broken=dict.fromkeys(processes, 0) | _count_by(connection, "broken_timeline", "process"),
            accesses=_count_of(connection, "coalesce(max(entries), 0) FROM access_log_end"),
            accesses_broken=_count_of(connection, "count(*) FROM broken_access"),
            schedules=_schedules(connection, intervals),
        )


Pairs = dict[tuple[str, str], int]


def _cases(connection: Connection, processes: Mapping[str, type[Case]]) -> tuple[Pairs, Pairs]:
    """By state and, of those that are parked, by reason."""
    cases = {(name, str(state)): 0 for name, model in processes.items() for state in model.TRANSITIONS}
    parked: Pairs = {}
    for name, model in processes.items():
        query = text(f"SELECT parked, state, count(*) FROM {table_of(model).name} GROUP BY parked, state")
        for reason, state, number in connection.execute(query):
            cases[name, state] = cases.get((name, state), 0) + number
            if reason:
                parked[name, reason] = parked.get((name, reason), 0) + number
    return cases, parked


def _for_humans(connection: Connection, processes: Collection[str], parked: Pairs) -> dict[str, int]:
    unknown = _count_by(connection, "effect", "process", f"state = '{EffectState.PARKED}'")
    return {
        name: unknown.get(name, 0) + sum(number for (of, _), number in parked.items() if of == name)
        for name in processes
    }


def _late(connection: Connection, model: type[Case], now: datetime) -> float:
    query = text(f"SELECT min(due_at) FROM {table_of(model).name} WHERE due_at <= :now")
    oldest: datetime | None = connection.execute(query, {"now": now}).scalar()
    return (now - oldest).total_seconds() if oldest else 0.0


def _undelivered(connection: Connection, now: datetime) -> float:
    """Since when a risk has been flagged that no human has been reached for, be it that nobody has taken it in.

    Read from the tables alone: whoever should have alerted does not have to say that they have not.
    """
    query = text(
        """
        SELECT min(at) FROM (
            SELECT received_at AS at FROM event WHERE process = 'risk_alert' AND applied_at IS NULL
                AND type = ANY(:flags)
            UNION ALL SELECT updated_at FROM risk_alert WHERE parked IS NOT NULL AND flagged_at IS NULL
            UNION ALL SELECT flagged_at FROM risk_alert r WHERE flagged_at IS NOT NULL
                AND (acknowledged_at IS NULL OR acknowledged_at < flagged_at)
                AND NOT EXISTS (SELECT FROM effect e WHERE e.case_id = r.id AND e.state = 'done'
                    AND e.system <> 'sms' AND e.sending_at >= r.flagged_at)) AS waiting"""
    )
    since: datetime | None = connection.execute(query, {"flags": list(FLAGS)}).scalar()
    return max((now - since).total_seconds(), 0.0) if since else 0.0


def _effects(connection: Connection) -> Pairs:
    query = text("SELECT system, state, count(*) FROM effect GROUP BY state, system")
    nothing: Pairs = {(system, str(state)): 0 for system, state in product(SYSTEMS, EffectState)}
    return nothing | {(system, state): number for system, state, number in connection.execute(query)}


def _held(connection: Connection) -> Pairs:
    query = text("SELECT source, reason, count(*) FROM held_event GROUP BY source, reason")
    return {(source, reason): number for source, reason, number in connection.execute(query)}


def _down(connection: Connection, now: datetime) -> dict[str, bool]:
    query = text("SELECT system FROM system_state WHERE open_until > :since")
    down = set(connection.execute(query, {"since": now - LULL}).scalars())
    return {system: system in down for system in SYSTEMS}


def _incidents(connection: Connection) -> dict[tuple[str, str], datetime]:
    rows = connection.execute(text("SELECT system, reason, at FROM incident"))
    return {(system, reason): at for system, reason, at in rows}


def _schedules(connection: Connection, intervals: Mapping[str, float]) -> dict[str, Schedule]:
    rows = connection.execute(text("SELECT process, at FROM schedule_run"))
    last: dict[str, datetime] = {process: at for process, at in rows}
    return {process: Schedule(interval, last.get(process)) for process, interval in intervals.items()}


def _count_of(connection: Connection, what: str) -> int:
    return int(connection.execute(text(f"SELECT {what}")).scalar_one())


def _count_by(connection: Connection, table: str, by: str, those: str = "true") -> dict[str, int]:
    query = text(f"SELECT {by}, count(*) FROM {table} WHERE {those} GROUP BY {by}")
    return {key: number for key, number in connection.execute(query)}
