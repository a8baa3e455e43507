"""A tiny process of the tests' own: errands, each done once by an outer system that is a list or a real server."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Connection, MetaData, Text, text
from sqlmodel import Field, SQLModel, col, select

from engine.base import clock
from engine.base.database import insert_all, load, session, table_of, transaction
from engine.running import runs
from engine.running.pump import Pump
from engine.running.work import Work
from engine.steps.process import Process
from engine.steps.step import Step
from engine.steps.verdicts import Done, Go, Rest, Send, Verdict
from engine.tables.claims import Claim
from engine.tables.events import EventContext, Events, handled, no_facts, spread
from engine.tables.timeline import Entry, is_whole
from models.case import Case, Effect, Outcome, TimelineEntry
from models.sealed import Sealed
from models.stored_events import Nothing

M = TypeVar("M", bound=SQLModel)


class Errand(Case, table=True):
    """A case whose table is the tests' own, outside of the product's metadata."""

    metadata = MetaData()
    __tablename__ = "errand"
    PROCESS: ClassVar[str] = "errand"
    INITIAL: ClassVar[str] = "new"
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        "new": frozenset({"sent", "done"}),
        "sent": frozenset({"done"}),
        "done": frozenset(),
    }
    EVENT_TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        "new": frozenset(),
        "sent": frozenset({"new"}),
        "done": frozenset({"new"}),
    }
    note: str | None = Field(default=None, sa_type=Sealed)
    told: str | None = Field(default=None, sa_type=Text)


class Movable:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


DONE = Rest("done", (Entry("errand_done", "asked_for", "besok-1"),))


def put_cases(number: int, *, prefix: str = "case", **fields: Any) -> list[uuid.UUID]:
    """Store cases that are due now, the first the longest; gives their ids in that order."""
    now = clock.now()
    rows = [
        {
            "key": f"{prefix}-{n:05}",
            "state": "new",
            "due_at": now - timedelta(seconds=number - n),
            "note": f"note {n}",
        }
        | {"created_at": now, "updated_at": now}
        | fields
        for n in range(number)
    ]
    cases = [Errand(**row) for row in rows]
    with transaction() as connection:
        write(connection, cases)
    return [case.id for case in cases]


def write(connection: Connection, rows: Sequence[SQLModel]) -> None:
    """Store new rows of one table, sealed as their places are."""
    table = table_of(type(rows[0]))
    insert_all(connection, table, [row.model_dump() for row in rows], [c.name for c in table.columns])


def a_claim(limit: int = 1000) -> Claim[Errand]:
    """What a new run could claim."""
    claim = Claim(Errand)
    with transaction() as connection:
        cases = claim.claim_due(connection, limit)
    claim.keep(cases)
    return claim


def release(claim: Claim[Errand]) -> None:
    with transaction() as connection:
        claim.release(connection, list(claim.cases.values()))


def stored(id: uuid.UUID) -> Errand:
    """The case as it lies in the database."""
    (found,) = found_of(Errand, "id = :it", it=id)
    return found


def found_of(model: type[M], where: str, **given: Any) -> list[M]:
    """Rows as they lie in the database, opened."""
    with transaction() as connection:
        return load(connection, select(model).where(text(where)), given)


def all_stored() -> Sequence[Errand]:
    return found_of(Errand, "true ORDER BY key")


def by_key(key: str) -> Errand:
    (found,) = found_of(Errand, "key = :it", it=key)
    return found


def effect_of(key: str) -> Effect | None:
    return next(iter(found_of(Effect, "key = :it", it=key)), None)


def told(id: uuid.UUID) -> list[TimelineEntry]:
    """The case's timeline, in order."""
    with session() as db:
        entries = select(TimelineEntry).where(TimelineEntry.case_id == id).order_by(col(TimelineEntry.number))
        return list(db.exec(entries).all())


def whole(id: uuid.UUID) -> bool:
    """Whether the case's timeline is as it was written, from the first entry to the last."""
    case = stored(id)
    return is_whole(told(id), case.entries, case.last_hash)


def said(id: uuid.UUID) -> list[tuple[str, str]]:
    """The timeline as (what, reason)."""
    return [(entry.what, entry.reason) for entry in told(id)]


def occasion(case: Errand) -> str:
    return f"errand:{case.key}"


def always(verdict: Verdict) -> Callable[[Errand, Any], Verdict]:
    """A gate that says the same of every case."""
    return lambda case, facts: verdict


def sends(go: Go = DONE, **more: Any) -> Callable[[Errand, Any], Verdict]:
    """A gate that sends each case's own occasion; the payload is the key."""
    return lambda case, facts: Send(occasion(case), go, occasion(case), **more)


def done(payload: Any) -> Done:
    """An act that comes through."""
    return Done(DONE, "provider-1")


def fails(error: Exception) -> Callable[[Any], Done]:
    """An act that does not."""

    def act(payload: Any) -> Done:
        raise error

    return act


def a_step(
    gate: Callable[[Errand, Any], Verdict], act: Callable[[Any], Done] | None = done, **parts: Any
) -> Step[Errand]:
    how = {"name": "do_errand", "description": "", "system": "sms", "backoff": [4, 20]} | parts
    if "read_once" not in how and (read := how.get("read")):
        how["read"] = lambda connection, cases, seen, ours: read(connection, cases, seen)
    return Step(gate=gate, act=None if "act_many" in how else act, **how)


def pumped(step: Step[Errand], claim: Claim[Errand] | None = None) -> Pump[Errand]:
    """Take all that is claimed (or due) through one step, until nothing is left to do for it."""
    claim = claim or a_claim()
    cases = list(claim.cases.values())
    states = {case.state for case in cases}
    pump = Pump(claim, dict.fromkeys(states, step), runs.Run(uuid.uuid4(), "errand"))
    with pump.holding():
        pump.take_in(cases)
        while pump.inside:
            if not pump.turn():
                pump.wait_for_more()
    return pump


once = pumped


def asked(case: Errand, said: Nothing, context: EventContext[None]) -> Entry:
    """An event's snapshot goes into the case."""
    case.note, case.state, case.due_at = context.event.data, "new", clock.now()
    return Entry("event_applied", context.event.type)


def spread_to_nobody(said: Nothing, context: EventContext[None]) -> Outcome:
    """What concerns many cases concerns none."""
    return Outcome.SPREAD


def events(
    handler: Any = asked, spreader: Any = spread_to_nobody, stored: type[Nothing] = Nothing, **how: Any
) -> Events[Errand, Any]:
    """How errands are changed: by what is asked, and by what is told of many."""
    given: dict[str, Any] = {"load": no_facts, "forgets": False} | how
    return Events(
        Errand,
        [handled(type, stored, handler) for type in ("errand.asked", "told")],
        spread=[
            spread(type, Nothing, spreader) for type in ("errand.asked", "patient.merged", "patient.deceased")
        ],
        **given,
    )


def a_process(*steps: Step[Errand], by: Events[Errand, Any] | None = None) -> Process[Errand]:
    """A process that takes `new`, then `sent`, through its steps."""
    return Process(Errand, by or events(), dict(zip(("new", "sent"), steps, strict=False)))


def run(process: Process[Errand]) -> Any:
    """One run of the process, as a worker makes it."""
    this = runs.begin_run(uuid.uuid4(), process.name)
    work = Work(process, this)
    try:
        work.until_done()
    finally:
        runs.end(this)
    return work.counts


def sql(query: str, **given: Any) -> list[Any]:
    """A query of the test's own."""
    with transaction() as connection:
        result = connection.execute(text(query), given)
        return list(result) if result.returns_rows else []
