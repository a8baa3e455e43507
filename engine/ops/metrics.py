"""What is counted for ops: how many stand where, what is late, when each schedule last ran."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from typing import Any, Protocol, TypeVar

import sqlalchemy
from sqlalchemy import ColumnElement, Connection, Select, distinct, func, union_all
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col, not_, select

from engine.base import clock
from engine.base.database import table_of, transaction_in_time, why_unreadable
from engine.base.settings import settings
from engine.ops.log_delivery import Undelivered, undelivered
from engine.tables.inbox import IS_WAITING
from models.access_log import AccessLogEnd, BrokenAccess, RefusedAccess
from models.case import (
    BrokenTimeline,
    Case,
    Effect,
    EffectState,
    Event,
    Heard,
    HeldEvent,
    NotedIncident,
    RefusedEvent,
    ScheduleRun,
    SystemState,
)
from models.events import FLAGS
from models.risk_alert import RiskAlert

LOCKED, PATIENCE = "300ms", "5s"
"""For a lock, and for each of the statements: the database works for nobody who has left."""
LEFT_SECONDS = 5.0
"""After so long they have."""
T = TypeVar("T")
OPS, STAFF = "ops", "staff"
StaffReasons = Callable[[str], Collection[str]]
"""Of a process, the reasons for which a parked case is staff's to see to; all else is for ops."""
LULL = timedelta(minutes=2)
"""A system that is down is tried again soon after its time; one that nobody has tried for longer is forgotten."""


@dataclass(frozen=True)
class Schedule:
    """A schedule: seconds between its runs, and when it last ran; None: it never has."""

    interval: float
    last: datetime | None


@dataclass(frozen=True)
class FiguresNow:
    """How things stand, in counts and seconds. What stands in a table that cannot be read is left out, or None.

    Args:
        unreadable: by table, the kind of PostgreSQL's error.
        cases: by process and state, parked ones too; every state is there.
        parked: by process and reason, only those that there are.
        for_humans: by process and for whom (`OPS`, `STAFF`), parked cases; effects that wait for `vaxel resolve` are
            for ops.
        oldest_due: by process, seconds since the oldest case that is due became so; 0: none is due.
        waiting: events that no case has applied, by process.
        effects: by system and state, every one of them.
        refused: webhooks that were refused with a right signature, by source.
        held: webhooks that are held, by source and reason (policy-kalla-1).
        taken_in: webhooks that were taken in without their wrong parts, by source.
        unheard: wrong webhooks with a risk that nobody was alerted of and nobody has seen to.
        undelivered: seconds since the oldest flag of a risk that no alert has been delivered for; 0: there is none.
        unacknowledged: seconds since the oldest flag of a risk that no human has acknowledged; 0: there is none.
        down: by system, whether it is left alone.
        incidents: by system and reason, when it last came up.
        broken: timelines that were not as they were written when they were last checked, by process.
        accesses: entries of the access log; they never become fewer.
        accesses_broken: entries of it that were not as they were written when it was last checked.
        schedules: by process.
        undelivered_log: what the national log service does not have yet; None: it is not told of anything here.
    """

    cases: Mapping[tuple[str, str], int]
    parked: Mapping[tuple[str, str], int]
    for_humans: Mapping[tuple[str, str], int]
    oldest_due: Mapping[str, float]
    waiting: Mapping[str, int]
    effects: Mapping[tuple[str, str], int]
    refused: Mapping[str, int]
    held: Mapping[tuple[str, str], int]
    taken_in: Mapping[str, int]
    unheard: int | None
    undelivered: float | None
    unacknowledged: float | None
    down: Mapping[str, bool]
    incidents: Mapping[tuple[str, str], datetime]
    broken: Mapping[str, int]
    accesses: int | None
    accesses_broken: int | None
    schedules: Mapping[str, Schedule]
    undelivered_log: Undelivered | None
    unreadable: Mapping[str, str]


def figures_now(
    processes: Mapping[str, type[Case]], for_staff: StaffReasons, intervals: Mapping[str, float]
) -> FiguresNow:
    """How things stand now; every count is read off an index.

    Where one transaction cannot read it all, each table is asked by itself.

    Args:
        for_staff: what is parked for staff; the routine says.
        intervals: of each schedule, by process, in seconds.

    Raises:
        TimeoutError: some table cannot be read, and nobody waits any more for the others.
    """
    figures = partial(_figures, processes, for_staff, intervals)
    until = time.monotonic() + LEFT_SECONDS
    try:
        with transaction_in_time(LOCKED, PATIENCE) as connection:
            return figures(_Together(connection), {})
    except DBAPIError as error:
        why_unreadable(error)
    unreadable: dict[str, str] = {}
    return figures(_EachByItself(unreadable, until), unreadable)


class _Ask(Protocol):
    def __call__(self, read: Callable[[Connection], T], otherwise: T, *of: type[SQLModel]) -> T:
        """What is read of these tables; `otherwise` where it cannot be."""


@dataclass(frozen=True)
class _Together(_Ask):
    connection: Connection

    def __call__(self, read: Callable[[Connection], T], otherwise: T, *of: type[SQLModel]) -> T:
        return read(self.connection)


@dataclass(frozen=True)
class _EachByItself(_Ask):
    unreadable: dict[str, str]
    until: float

    def __call__(self, read: Callable[[Connection], T], otherwise: T, *of: type[SQLModel]) -> T:
        """Of several tables the first is to blame, where none of them has been by itself."""
        if time.monotonic() > self.until:
            raise TimeoutError
        try:
            with transaction_in_time(LOCKED, PATIENCE) as connection:
                return read(connection)
        except DBAPIError as error:
            names, why = [table_of(each).name for each in of], why_unreadable(error)
            if not self.unreadable.keys() & set(names):
                self.unreadable[names[0]] = why
            return otherwise


def _figures(
    processes: Mapping[str, type[Case]],
    for_staff: StaffReasons,
    intervals: Mapping[str, float],
    ask: _Ask,
    unreadable: Mapping[str, str],
) -> FiguresNow:
    now = clock.now()
    none: Any = {}
    found = {name: ask(partial(_of_process, model, now), None, model) for name, model in processes.items()}
    cases = {name: of for name, of in found.items() if of is not None}
    parked = {(name, reason): number for name, of in cases.items() for reason, number in of.parked.items()}
    unknown = ask(_unknown, none, Effect)
    return FiguresNow(
        cases={(name, state): number for name, of in cases.items() for state, number in of.states.items()},
        parked=parked,
        for_humans=_for_humans(cases, unknown, parked, for_staff),
        oldest_due={name: of.late for name, of in cases.items()},
        waiting=ask(partial(_events_waiting, processes), none, Event),
        effects=ask(_effects, none, Effect),
        refused=ask(_refused_events, none, RefusedEvent),
        taken_in=ask(_taken_in_events, none, RefusedEvent),
        unheard=ask(unheard, None, RefusedEvent),
        unacknowledged=ask(partial(_unacknowledged, now), None, RiskAlert),
        undelivered=ask(partial(_undelivered, now), None, RiskAlert, Effect, Event),
        held=ask(_held, none, HeldEvent),
        down=ask(partial(_down, now), none, SystemState),
        incidents=ask(_incidents, none, NotedIncident),
        broken=ask(partial(_broken_timelines, processes), none, BrokenTimeline),
        accesses=ask(_accesses, None, AccessLogEnd),
        accesses_broken=ask(_accesses_broken, None, BrokenAccess),
        schedules=ask(partial(_schedules, intervals), none, ScheduleRun),
        undelivered_log=ask(undelivered, None, RefusedAccess) if settings().system("log").url else None,
        unreadable=unreadable,
    )


@dataclass(frozen=True)
class _OfProcess:
    """Of one process: how many cases by state and, of those that are parked, by reason; for how long one is due."""

    states: Mapping[str, int]
    parked: Mapping[str, int]
    late: float


Pairs = dict[tuple[str, str], int]


def _of_process(model: type[Case], now: datetime, connection: Connection) -> _OfProcess:
    states, parked = dict.fromkeys(map(str, model.TRANSITIONS), 0), Counter[str]()
    stands = (col(model.parked), col(model.state))
    for reason, state, number in connection.execute(select(*stands, func.count()).group_by(*stands)):
        states[state] = states.get(state, 0) + number
        if reason:
            parked[reason] += number
    return _OfProcess(states, parked, _late(connection, model, now))


def _unknown(connection: Connection) -> Mapping[str, int]:
    return _count_by(connection, Effect.process, col(Effect.state) == EffectState.PARKED)


def _for_humans(
    processes: Collection[str], unknown: Mapping[str, int], parked: Pairs, for_staff: StaffReasons
) -> Pairs:
    waiting: Pairs = dict.fromkeys(product(processes, (OPS, STAFF)), 0)
    waiting |= {(name, OPS): unknown.get(name, 0) for name in processes}
    for (name, reason), number in parked.items():
        waiting[name, STAFF if reason in for_staff(name) else OPS] += number
    return waiting


def _late(connection: Connection, model: type[Case], now: datetime) -> float:
    query = select(func.min(model.due_at)).where(col(model.due_at) <= now)
    oldest: datetime | None = connection.execute(query).scalar()
    return (now - oldest).total_seconds() if oldest else 0.0


def _events_waiting(processes: Collection[str], connection: Connection) -> Mapping[str, int]:
    return dict.fromkeys(processes, 0) | _count_by(connection, Event.process, IS_WAITING)


def _refused_events(connection: Connection) -> Mapping[str, int]:
    return _count_by(connection, RefusedEvent.source, not_(RefusedEvent.taken_in))


def _taken_in_events(connection: Connection) -> Mapping[str, int]:
    return _count_by(connection, RefusedEvent.source, col(RefusedEvent.taken_in).is_(True))


def _broken_timelines(processes: Collection[str], connection: Connection) -> Mapping[str, int]:
    return dict.fromkeys(processes, 0) | _count_by(connection, BrokenTimeline.process)


def _accesses(connection: Connection) -> int:
    return connection.execute(select(func.max(AccessLogEnd.entries))).scalar() or 0


def _accesses_broken(connection: Connection) -> int:
    return connection.execute(select(func.count(col(BrokenAccess.number)))).scalar_one()


def _undelivered(now: datetime, connection: Connection) -> float:
    """Since when a risk has been flagged that no human has been reached for, be it that nobody has taken it in.

    Read from the tables alone: whoever should have alerted does not have to say that they have not.
    """
    untaken: Select[datetime] = sqlalchemy.select(col(Event.received_at).label("at")).where(
        col(Event.process) == RiskAlert.PROCESS, IS_WAITING, col(Event.type).in_(FLAGS)
    )
    flagged_at = col(RiskAlert.flagged_at)
    unread = select(RiskAlert.updated_at).where(col(RiskAlert.parked).is_not(None), flagged_at.is_(None))
    told = select(Effect.id).where(
        Effect.case_id == RiskAlert.id,
        Effect.state == EffectState.DONE,
        Effect.system != "sms",
        col(Effect.sending_at) >= flagged_at,
    )
    untold = select(flagged_at).where(STANDS, ~told.offset(0).exists())  # looked up for each, and not joined
    untold = untold.order_by(flagged_at).limit(1)
    waiting = union_all(untaken, unread, untold).subquery()
    since: datetime | None = connection.execute(sqlalchemy.select(func.min(waiting.c.at))).scalar()
    return max((now - since).total_seconds(), 0.0) if since else 0.0


STANDS = col(RiskAlert.flagged_at).is_not(None) & (
    col(RiskAlert.acknowledged_at).is_(None) | (col(RiskAlert.acknowledged_at) < col(RiskAlert.flagged_at))
)
"""Of an alert: no human has it."""


def _unacknowledged(now: datetime, connection: Connection) -> float:
    query = sqlalchemy.select(func.min(col(RiskAlert.flagged_at))).where(STANDS)
    since: datetime | None = connection.execute(query).scalar()
    return max((now - since).total_seconds(), 0.0) if since else 0.0


def _effects(connection: Connection) -> Pairs:
    query = select(Effect.system, Effect.state, func.count())
    query = query.group_by(col(Effect.state), col(Effect.system))
    nothing: Pairs = {(system, str(state)): 0 for system, state in product(settings().names, EffectState)}
    return nothing | {(system, state): number for system, state, number in connection.execute(query)}


def _held(connection: Connection) -> Pairs:
    query = select(HeldEvent.source, HeldEvent.reason, func.count(distinct(col(HeldEvent.webhook_id))))
    query = query.group_by(col(HeldEvent.source), col(HeldEvent.reason))
    return {(source, reason): number for source, reason, number in connection.execute(query)}


def _down(now: datetime, connection: Connection) -> dict[str, bool]:
    query = select(SystemState.system).where(SystemState.open_until > now - LULL)
    down = set(connection.execute(query).scalars())
    return {system: system in down for system in settings().names}


def _incidents(connection: Connection) -> dict[tuple[str, str], datetime]:
    rows = connection.execute(select(NotedIncident.system, NotedIncident.reason, NotedIncident.at))
    return {(system, reason): at for system, reason, at in rows}


def _schedules(intervals: Mapping[str, float], connection: Connection) -> dict[str, Schedule]:
    rows = connection.execute(select(ScheduleRun.process, ScheduleRun.at))
    last: dict[str, datetime] = {process: at for process, at in rows}
    return {process: Schedule(interval, last.get(process)) for process, interval in intervals.items()}


def unheard(connection: Connection) -> int:
    """How many risks of wrong events nobody was alerted of, and nobody has seen to."""
    query = select(func.count(col(RefusedEvent.id))).where(
        RefusedEvent.risk == Heard.UNHEARD, col(RefusedEvent.seen_at).is_(None)
    )
    return connection.execute(query).scalar_one()


def _count_by(connection: Connection, by: str, *those: ColumnElement[bool]) -> dict[str, int]:
    """How many rows there are, by one of their columns."""
    query = select(col(by), func.count()).where(*those).group_by(col(by))
    return dict(connection.execute(query).tuples().all())
