"""What is measured of reminders: the real steps against a sandbox in a process of its own."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func
from sqlmodel import col, select

from bench.emptied import empty
from bench.journey import mix
from bench.processes import WrongWork
from engine.base import clock
from engine.base.database import engine, insert_all, migrate, table_of, transaction
from engine.base.databases import create_databases
from engine.base.settings import settings
from engine.running import runs
from engine.running.work import Work
from engine.tables.inbox import Inbox
from flows.visit_reminder import visit_reminder
from models.case import Effect, EffectState, Event, TimelineEntry
from models.encryption import ring
from models.events import Arrival
from models.preferences import Preference
from models.visit_reminder import State, VisitReminder
from tasks.preferences.stored import write_preferences

DELAY_MS = 100
UNIT = "SE2321000115-E000000000001"
LEAD = timedelta(hours=72)
SOON = 5.0
"""Seconds ahead at which what is to be found in the large table is due."""
PATIENCE = 600.0
FLOOR = 2000
"""So many calls of the floor's are enough to tell its pace: each takes as long as the other."""
ROWS = 10_000
LOOK_SECONDS = 0.2
"""How often a run looks for what is due, when nobody wakes it."""
TABLES = [str(table_of(each).name) for each in (VisitReminder, Event, Effect, TimelineEntry)]
Json = dict[str, Any]
Say = Callable[[str], None]


def measured(home: Path, sizes: Mapping[str, int], say: Say) -> Json:
    """All of it.

    Raises:
        WrongWork: not everybody has been reminded once.
    """
    create_databases()
    migrate()
    engine()  # with the keyring
    with _running(home, "bench.reminders.receiver"), _sandbox(home) as town:
        people = mix.identities()
        say(f"{len(people)} residents consent …")
        for first in range(0, len(people), 1000):
            town.post("/people", json=mix.residents()[first : first + 1000]).raise_for_status()
        _consent(people)
        told: Json = {}
        told |= _planning(people, sizes["planned"], say)
        _delay(town)
        told |= _all_due(town, people, sizes["due"], say)
        told |= _among_many(people, sizes["table"], sizes["waiting"], say)
    engine().dispose()
    return told


# --- the town


class Town(requests.Session):
    """The sandbox, by paths."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url, self.trust_env = url, False

    def request(self, method: str | bytes, url: str | bytes, *given: Any, **more: Any) -> requests.Response:
        return super().request(method, f"{self.url}{url!s}", *given, **more)


@contextmanager
def _running(home: Path, module: str) -> Iterator[None]:
    """A program in a process of its own, so that it does not share our interpreter."""
    with (home / f"{module}.log").open("wb") as log:
        program = subprocess.Popen([sys.executable, "-m", module], stdout=log, stderr=log)
        try:
            yield
        finally:
            program.terminate()
            program.wait(30)


@contextmanager
def _sandbox(home: Path) -> Iterator[Town]:
    town = Town(f"http://127.0.0.1:{os.environ['VAXEL_SANDBOX__PORT']}")
    with _running(home, "sandbox"):
        _until(lambda: _answers(town), 60)
        yield town


def _answers(town: Town) -> bool:
    try:
        return town.get("/inspect/sms").ok
    except requests.ConnectionError:
        return False


def _delay(town: Town) -> None:
    fault = {"system": "sms", "kind": "slow", "probability": 1.0, "seconds": DELAY_MS / 1000}
    town.post("/faults", json=fault).raise_for_status()


def _until(is_so: Callable[[], bool], seconds: float, look: float = 0.1) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise WrongWork(f"not within {seconds:g} s")
        time.sleep(look)


def _sent(town: Town) -> list[Json]:
    found: list[Json] = town.get("/inspect/sms").json()["messages"]
    return found


# --- our side


def _consent(people: Sequence[str]) -> None:
    """Each on 1177, long ago."""
    at = clock.now() - timedelta(days=30)
    rows = [
        Preference(
            patient_hash=ring().digest(each), unit="", name="sms_reminders", value=json.dumps(True), at=at,
            source="e1177", role="self", carried=True,
        )
        for each in people
    ]  # fmt: skip
    with transaction() as connection:
        write_preferences(connection, rows)


def _fill(numbers: range, people: Sequence[str], due: Callable[[int], datetime]) -> None:
    """So many visits that are planned, each known for a month."""
    table, now = table_of(VisitReminder), clock.now()
    names = [column.name for column in table.columns]
    who = [_patient(each) for each in people]
    for first in range(0, len(numbers), ROWS):
        rows = [_planned_visit(at, who[at % len(who)], due(at), now) for at in numbers[first : first + ROWS]]
        with transaction() as connection:
            insert_all(connection, table, rows, names)


def _patient(number: str) -> Json:
    told = json.dumps({"type": "personnummer", "id": number})
    return {"patient": told, "patient_hash": ring().digest(number)}


@cache
def _any_visit(now: datetime) -> Json:
    """What all have in common: to make a case of each takes longer than to store it."""
    known = now - timedelta(days=30)
    case = VisitReminder(
        key="", state=State.PLANNED, created_at=now, updated_at=now, unit=UNIT, known_since=known
    )
    return case.model_dump()


def _planned_visit(at: int, patient: Json, due: datetime, now: datetime) -> Json:
    its_own = {"id": uuid.uuid4(), "key": f"vas:{at}", "due_at": due, "start": due + LEAD}
    return _any_visit(now) | patient | its_own


def _work() -> Work[Any]:
    made = visit_reminder.process  # type: ignore[attr-defined]
    return Work(made, runs.begin_run(uuid.uuid4(), made.name))


def _take(work: Work[Any]) -> None:
    try:
        work.until_done()
    finally:
        runs.end(work._run)


def _gone() -> int:
    query = select(func.count(col(Effect.id))).where(Effect.state == EffectState.DONE)
    with transaction() as connection:
        return int(connection.execute(query).scalar_one())


# --- what is measured


def _planning(people: Sequence[str], count: int, say: Say) -> Json:
    """From stored webhooks to planned reminders: what this process uses of the cores, and PostgreSQL beside it."""
    inbox, today = Inbox(), clock.now().date() + timedelta(days=30)
    for first in range(0, count, 1000):
        inbox.store("vas", [_booked(at, people, today) for at in range(first, min(first + 1000, count))])
    began, used = time.monotonic(), time.process_time()
    _take(_work())
    ms = (time.process_time() - used) * 1000 / count
    say(
        f"planned: {count} visits, {ms:.2f} ms of CPU each, {count / (time.monotonic() - began):.0f} a second"
    )
    with transaction() as connection:
        planned = select(func.count(col(VisitReminder.id))).where(VisitReminder.state == State.PLANNED)
        if connection.execute(planned).scalar_one() != count:
            raise WrongWork("not every visit is planned")
    empty(transaction, TABLES)
    return {"planning_cpu_ms": ms}


def _booked(at: int, people: Sequence[str], today: date) -> Arrival:
    booking = mix.booking("p", at, list(people), today)
    told = {name: booking[name] for name in ("id", "patient", "unit", "start")}
    now, key = clock.now(), f"vas:{booking['id']}"
    return Arrival(key, "booking.created", "visit_reminder", key, 1, now, {"booking": told})


def _all_due(town: Town, people: Sequence[str], count: int, say: Say) -> Json:
    """All at one moment that has just come; the floor right after, with the same messages."""
    now = clock.now().replace(microsecond=0)
    _fill(range(count), people, lambda at: now - timedelta(minutes=at // len(people)))
    before = len(_sent(town))
    began = time.monotonic()
    _take(_work())
    seconds = time.monotonic() - began
    sent = _sent(town)[before:]
    if len(sent) != count:
        raise WrongWork(f"{len(sent)} of {count} have been reminded")
    ours = count / seconds
    floor = len(sent[:FLOOR]) / _floor(sent[:FLOOR])
    say(f"due: {ours:.1f} SMS a second; the floor {floor:.1f}")
    empty(transaction, TABLES)
    return {"due_of_floor": ours / floor, "sms_a_second": ours, "floor_sms_a_second": floor}


def _floor(sent: Sequence[Json]) -> float:
    """The same SMS calls with as many connections, each with a receipt: seconds."""
    given, left = settings().system("sms"), queue.SimpleQueue[Json]()
    hook = settings().hook_url("/46elks/receipt/floor")
    for each in sent:
        said = {"from": each["from"], "to": each["to"], "message": each["message"]}
        left.put(said | {"whendelivered": hook})

    def call() -> None:
        with requests.Session() as session:
            session.trust_env, session.auth = False, (given.user or "sandbox", given.password or "sandbox")
            with suppress(queue.Empty):
                while form := left.get_nowait():
                    session.post(f"{str(given.url).rstrip('/')}/a1/sms", data=form).raise_for_status()

    threads = [threading.Thread(target=call) for _ in range(given.threads)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - began


def _among_many(people: Sequence[str], table: int, waiting: int, say: Say) -> Json:
    """Nobody looks at what is not due: when the first is on its way, from its moment."""
    later, began = clock.now() + timedelta(days=200), time.monotonic()
    _fill(range(waiting, table), people, lambda at: later + timedelta(seconds=at))
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE visit_reminder")
    say(f"a table of {table} visits, within {time.monotonic() - began:.0f} s")
    due = clock.now() + timedelta(seconds=SOON + waiting / 1000)
    _fill(range(waiting), people, lambda at: due)
    over, work = threading.Event(), _work()
    taking = threading.Thread(target=lambda: work.until_told(over.is_set, LOOK_SECONDS))
    taking.start()
    try:
        _until(lambda: _gone() == waiting, PATIENCE)
    finally:
        over.set()
        taking.join()
        runs.end(work._run)
    with transaction() as connection:
        first = connection.execute(select(func.min(Effect.sending_at))).scalar_one()
    empty(transaction, TABLES)
    seconds = (first - due).total_seconds()
    say(f"the first is on its way after {seconds:.3f} s")
    if seconds < 0:
        raise WrongWork("one went ahead of its time")
    return {"first_seconds": seconds}
