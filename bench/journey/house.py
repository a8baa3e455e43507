"""Everything as `vaxel up` starts it, in a folder of its own; emptied between two measurements."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from bench.journey import mix
from bench.processes import WrongWork, cpu_of_all, peak_mib
from bench.town import settle_in
from engine.settings import ROOT

SLICE = 1000
CALLS_AT_ONCE = 10_000
EMPTYINGS = 5
SHOWN = ("worker", "gateway", "sandbox", "postgresql", "prefect")
STILL = ("worker", "gateway", "prefect")
"""Stand still (SIGSTOP) while the floor runs: it shall have the machine for itself and the sandbox."""
Json = dict[str, Any]
TABLE = "booking_publication"
AT_REST = f"""
    SELECT NOT EXISTS (SELECT FROM event WHERE applied_at IS NULL)
       AND NOT EXISTS (SELECT FROM {TABLE} WHERE due_at < now() + interval '1 day')
       AND NOT EXISTS (SELECT FROM {TABLE} WHERE owner IS NOT NULL)"""
"""All that came is applied, and no case is due or held: each is settled, or waits for a human."""
TAKEN_IN = f"""
    SELECT NOT EXISTS (SELECT FROM event WHERE NOT taken) AND EXISTS (SELECT FROM {TABLE})"""
"""Every event's case is due."""
NOT_TAKEN_IN = "SELECT count(*) FROM event WHERE NOT taken"
"""The events whose case is not there yet: a run takes in a great backlog a few thousand at a time."""


@dataclass
class House:
    """Växel and the sandbox, up."""

    children: Any
    town: httpx.Client
    gateway_port: int
    sandbox_port: int
    postmaster: int
    home: Path
    today: date

    # --- the processes

    def pid(self, name: str) -> int:
        """Of a program of ours, or of PostgreSQL's first process."""
        return self.postmaster if name == "postgresql" else int(self.children.named(name)[0].process.pid)

    def cpu(self) -> dict[str, float]:
        """Seconds of the cores that each program has used, with all that it has started."""
        return {name: cpu_of_all(self.pid(name)) for name in SHOWN}

    def worker_peak_mib(self) -> float:
        """Of the worker's process since it was started."""
        return peak_mib(self.pid("worker"))

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Växel's own programs are stopped in their tracks meanwhile."""
        groups = [self.pid(name) for name in STILL]
        try:
            for group in groups:
                os.killpg(group, signal.SIGSTOP)
            yield
        finally:
            for group in groups:
                os.killpg(group, signal.SIGCONT)

    def run(self, module: str, *options: object) -> Json:
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
        told = subprocess.run(
            command, env=self.children.environment, cwd=ROOT, capture_output=True, text=True, check=False
        )
        if told.returncode:
            raise WrongWork(f"{module} ended with {told.returncode}: {told.stderr[-3000:]}")
        said: Json = json.loads(told.stdout)
        return said

    def send(self, tag: str, count: int, rate: float = 0.0) -> Json:
        """Webhooks of so many bookings, by the sender.

        Raises:
            WrongWork: not all of them were taken.
        """
        options = ("--port", self.gateway_port, "--today", self.today, "--tag", tag)
        sent = self.run("sender", *options, "--count", count, "--rate", rate)
        if sent["statuses"] != {"202": count}:
            raise WrongWork(f"of {count} webhooks: {sent['statuses']}")
        return sent

    # --- what is remembered

    def empty(self) -> None:
        """No case, no event; programs look at the tables meanwhile, so the locks may have to be tried for."""
        from sqlmodel import SQLModel

        from engine.database import OUTAGES, is_away, transaction
        from flows.registry import PROCESSES

        assert PROCESSES
        for left in reversed(range(EMPTYINGS)):
            try:
                with transaction() as connection:
                    connection.execute(
                        text("SET LOCAL session_replication_role = replica")
                    )  # the access log is kept else
                    connection.execute(text(f"TRUNCATE {', '.join(SQLModel.metadata.tables)}"))
                return
            except OUTAGES as error:  # a deadlock with a program is no outage
                if is_away(error) or not left:
                    raise

    def empty_sandbox(self) -> None:
        """The sandbox knows the residents, and nothing else."""
        self.town.delete("/state").raise_for_status()
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

    def one(self, query: str) -> Any:
        """A single value from the database."""
        from engine.database import transaction

        with transaction() as connection:
            return connection.execute(text(query)).scalar()

    def settled(self) -> int:
        """How many cases rest until their visit, a week from now or later: by an index, so that a look is cheap."""
        return int(self.one(f"SELECT count(*) FROM {TABLE} WHERE due_at > now() + interval '1 day'"))

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
        from engine import ops
        from flows.registry import PROCESSES

        return dict(ops.counts(PROCESSES)[TABLE])

    def moments(self, what: str) -> list[float]:
        """When (Unix time) each case had such an entry on its timeline, the first ones first."""
        from engine.database import transaction

        query = text("SELECT extract(epoch FROM at) FROM timeline WHERE what = :what ORDER BY at")
        with transaction() as connection:
            return [float(at) for at in connection.execute(query, {"what": what}).scalars()]

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


@contextmanager
def everything(say: Callable[[str], None], settings: Sequence[tuple[str, str]] = ()) -> Iterator[House]:
    """Start it all in a temporary folder, on free ports; stop it all at the end, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="vaxel-bench-") as home:
        settle_in(home)
        os.environ |= dict(settings)
        from cli.up import everything as up
        from engine import database
        from engine.settings import settings as ours

        with up.everything(lambda what: say(f"  starting {what} …")) as children:
            base = f"http://127.0.0.1:{ours().sandbox.port}"
            ports = (ours().gateway.port, ours().sandbox.port)
            postmaster = database.embedded(Path(home)).get_pid() or 0
            with httpx.Client(base_url=base, timeout=300, trust_env=False) as town:
                yield House(children, town, *ports, postmaster, Path(home), datetime.now(UTC).date())
