"""Everything as `vaxel up` starts it, in a folder of its own; emptied between two measurements."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import httpx
import sqlalchemy
from sqlalchemy import Connection, Engine, create_engine, func, inspect
from sqlalchemy.sql.selectable import TypedReturnsRows
from sqlmodel import col, extract, not_, select

from bench import machine
from bench.emptied import empty
from bench.journey import mix
from bench.journey.programs import Programs
from bench.processes import WrongWork
from bench.town import place
from engine.ops.by_hand import where_it_stands
from engine.tables.inbox import IS_WAITING
from models.booking_publication import BookingPublication
from models.case import Event, TimelineEntry

ROOT = Path(__file__).resolve().parent.parent.parent
SLICE = 1000
CALLS_AT_ONCE = 10_000
SECRETS = ("VAXEL_WEBHOOK_SECRETS", "VAXEL_RIVTA__PROXY_SECRET")
"""What a program of the bench is told of the house."""
SYSTEMS = ("engagement_index", "e1177", "person", "sms", "mail", "vas")
"""The outer systems that a booking leads to."""
Json = dict[str, Any]
T = TypeVar("T")
Case, due_at = BookingPublication, col(BookingPublication.due_at)
A_DAY = timedelta(days=1)
ANY_NUMBER = 1_000_000
AT_REST = select(
    ~select(Event.number).where(IS_WAITING).exists()
    & ~select(Case.id).where(due_at < func.now() + A_DAY).exists()
    & ~select(Case.id).where(col(Case.owner).is_not(None)).exists()
)
"""All that came is applied, and no case is due or held: each is settled, or waits for a human."""
OURS = Event.process == Case.PROCESS
OTHERS_TAKEN = select(~select(Event.number).where(not_(OURS), not_(Event.taken)).exists())
"""The other processes have taken in what the bookings tell them: a reminder of each is planned."""
NOT_TAKEN_IN = select(func.count(col(Event.number))).where(OURS, not_(Event.taken))
"""The events whose case is not there yet: a run takes in as many as it has room for."""
STORED = select(func.count(col(Event.number))).where(OURS)
CASES = select(func.count(col(Case.id)))
KEPT = frozenset({"alembic_version", "sealing"})
"""What the programs look at as they start; all other tables are of cases and residents."""


@dataclass
class House:
    """A version of Växel and its sandbox, up. Each call that the outer systems answer takes `delay_ms` more."""

    programs: Programs
    settings: dict[str, str]
    town: httpx.Client
    today: date
    delay_ms: int = 0

    @property
    def gateway_port(self) -> int:
        """Where webhooks go."""
        return int(self.settings["VAXEL_GATEWAY__PORT"])

    @property
    def sandbox_port(self) -> int:
        """Where the outer systems are; their mail server is on the next port."""
        return int(self.settings["VAXEL_SANDBOX__PORT"])

    def run_program(self, module: str, *options: object) -> Json:
        """A program of the bench's; gives what it prints.

        Raises:
            WrongWork: it failed.
        """
        return self.run_as(f"bench.journey.{module}", *options)

    def run_as(self, module: str, *options: object) -> Json:
        """The same, of any module.

        Raises:
            WrongWork: it failed.
        """
        command = [sys.executable, "-m", module, *map(str, options)]
        given = os.environ | {name: self.programs.setting(name) for name in SECRETS}
        told = subprocess.run(command, env=given, cwd=ROOT, capture_output=True, text=True, check=False)
        if told.returncode:
            raise WrongWork(f"{module} ended with {told.returncode}: {told.stderr[-3000:]}")
        said: Json = json.loads(told.stdout)
        return said

    def send_bookings(self, tag: str, count: int, rate: float = 0.0) -> Json:
        """Webhooks of so many bookings, by the sender.

        Raises:
            WrongWork: not all of them were taken.
        """
        options = ("--port", self.gateway_port, "--today", self.today, "--tag", tag)
        sent = self.run_program("sender", *options, "--count", count, "--rate", rate)
        if sent["statuses"] != {"202": count}:
            raise WrongWork(f"of {count} webhooks: {sent['statuses']}")
        return sent

    # --- what is remembered

    @cached_property
    def _database(self) -> Engine:
        _, rest = self.programs.setting("VAXEL_DATABASE_URL").split("://", 1)
        return create_engine(f"postgresql+psycopg://{rest}", connect_args={"options": "-c timezone=UTC"})

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """In its database."""
        with self._database.begin() as connection:
            yield connection

    def let_go(self) -> None:
        """Hold no connection to its database."""
        self._database.dispose()

    def described(self) -> Json:
        """The machine that it runs on."""
        with self.transaction() as connection:
            return machine.described(connection)

    def empty(self) -> None:
        """No case, no event."""
        with self.transaction() as connection:
            tables = set(inspect(connection).get_table_names()) - KEPT
        empty(self.transaction, tables)

    def empty_sandbox(self) -> None:
        """The sandbox knows the residents, and nothing else; it answers as late as it is to."""
        self.town.delete("/state").raise_for_status()
        if self.delay_ms:
            late = {"kind": "slow", "seconds": self.delay_ms / 1000}
            self.town.post("/faults", json=[late | {"system": one} for one in SYSTEMS]).raise_for_status()
        people = mix.residents()
        for first in range(0, len(people), SLICE):
            self.town.post("/people", json=people[first : first + SLICE]).raise_for_status()

    def put_in_vas(self, tag: str, count: int) -> None:
        """VAS has the bookings, as the night's comparison would find."""
        patients = mix.identities()
        for first in range(0, count, SLICE):
            events = [
                {"type": "booking.created", "data": {"booking": mix.booking(tag, at, patients, self.today)}}
                for at in range(first, min(first + SLICE, count))
            ]
            self.town.post("/act/vas", json={"events": events, "silent": True}).raise_for_status()

    def one(self, query: TypedReturnsRows[T]) -> T | None:
        """A single value from the database."""
        with self.transaction() as connection:
            return connection.execute(query).scalar()

    def settled(self) -> int:
        """How many cases rest until their visit, a week from now or later: by an index, so that a look is cheap."""
        return self.one(CASES.where(due_at > func.now() + A_DAY)) or 0

    def wait(self, is_so: Callable[[], bool], seconds: float, pause: float) -> None:
        """Until it is so.

        Raises:
            WrongWork: it is not, within so many seconds.
        """
        end = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > end:
                raise WrongWork(f"not done after {seconds:.0f} s: {self.standing()}")
            time.sleep(pause)

    def standing(self) -> Json:
        """How many cases stand where."""
        stands = where_it_stands(Case)
        query = sqlalchemy.select(stands, func.count()).group_by(stands).order_by(stands)
        with self.transaction() as connection:
            return {state: count for state, count in connection.execute(query)}

    def moments(self, what: str) -> list[float]:
        """When (Unix time) each case had such an entry on its timeline, the first ones first."""
        at = col(TimelineEntry.at)
        query = select(extract("epoch", at)).where(TimelineEntry.what == what).order_by(at)
        with self.transaction() as connection:
            return [float(at) for at in connection.execute(query).scalars()]

    def counts(self) -> Json:
        """How many of each thing the sandbox holds."""
        found: Json = self.town.get("/inspect/counts").json()
        found.pop("receipts_taken")
        return {what: count for what, count in found.items() if count}

    def calls(self) -> list[Json]:
        """Every call that the sandbox recorded.

        Raises:
            WrongWork: it has not kept all.
        """
        made = self.town.get("/inspect/calls", params={"count": ""}).json()
        if made["kept"] < made["all"]:
            raise WrongWork(f"the sandbox kept {made['kept']} of {made['all']} calls")
        calls: list[Json] = []
        while len(calls) < made["all"]:
            page = {"after": str(len(calls)), "limit": str(CALLS_AT_ONCE)}
            calls += self.town.get("/inspect/calls", params=page).json()["calls"]
        return calls

    def has_led_to(self, numbers: range) -> None:
        """The sandbox holds exactly what these bookings lead to.

        Raises:
            WrongWork: it does not.
        """
        wanted, held = dict(mix.led_to(numbers)), self.counts()
        if held != wanted:
            raise WrongWork(f"the sandbox holds {held}, and should hold {wanted}")


def region(checkout: Path, home: Path) -> dict[str, str]:
    """The setting for a region as that version has it, but that one source may bring about any number of notices."""
    over = home / "region.toml"
    over.write_text(f"[notices]\nan_hour = {ANY_NUMBER}\n")
    return {"VAXEL_REGION_FILES": json.dumps([str(checkout / "routine" / "halland.toml"), str(over)])}


@contextmanager
def everything(say: Callable[[str], None], checkout: Path = ROOT) -> Iterator[House]:
    """Start it all in a temporary folder, on free ports; stop it all at the end, whatever happens.

    Args:
        checkout: the version of Växel, with its `.venv`.

    Raises:
        WrongWork: it did not come up.
    """
    with tempfile.TemporaryDirectory(prefix="vaxel-bench-") as home:
        settings = place(home) | region(checkout, Path(home))
        say(f"  starting Växel of {checkout} …")
        programs = Programs(checkout, Path(home), os.environ | settings)
        try:
            programs.come_up()
            settings["VAXEL_DATABASE_URL"] = programs.setting("VAXEL_DATABASE_URL")
            base = f"http://127.0.0.1:{settings['VAXEL_SANDBOX__PORT']}"
            with httpx.Client(base_url=base, timeout=300, trust_env=False) as town:
                house = House(programs, settings, town, datetime.now(UTC).date())
                try:
                    yield house
                finally:
                    house.let_go()
        finally:
            programs.stop()
